"""Drafting rubrics: by rule from reference answers, norms and what a situation needs, or by a chat model."""

from __future__ import annotations

from primum.rubrics.drafting.chat import ChatDraftingSettings, DraftingCase, draft_with_model, drafting_prompt
from primum.rubrics.drafting.needs import draft_from_profile
from primum.rubrics.drafting.norms import draft_from_norms, norm_queries
from primum.rubrics.drafting.reference import draft_from_reference
from primum.rubrics.drafting.rubric import draft_rubric
from primum.rubrics.drafting.settings import DraftingSettings

__all__ = [
    "ChatDraftingSettings",
    "DraftingCase",
    "DraftingSettings",
    "draft_from_norms",
    "draft_from_profile",
    "draft_from_reference",
    "draft_rubric",
    "draft_with_model",
    "drafting_prompt",
    "norm_queries",
]
