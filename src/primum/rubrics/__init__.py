"""Rubrics: what a good answer to a situation is, drafted by rule from the norms the situation rests on."""

from primum.rubrics.draft import Drafted, draft

__all__ = ["Drafted", "draft"]
