"""Rewriting answers by their feedback: composed from known wording, or by a chat model; and whether the new answer is better."""

from primum.revision.better import is_better
from primum.revision.chat import REWRITING_VERSION, rewrite_with_model, rewriting_prompt
from primum.revision.rewrite import rewrite
from primum.revision.settings import RewriteSettings

__all__ = [
    "REWRITING_VERSION",
    "RewriteSettings",
    "is_better",
    "rewrite",
    "rewrite_with_model",
    "rewriting_prompt",
]
