"""MedES (arXiv 2601.07954): its six questions, and the judge that asks a chat model for them in two calls."""

from primum.judging.medes.chat import MedesChat, MedesSettings
from primum.judging.medes.questions import QUALITY, QUESTIONS, RISK, criteria, question_of, ruling, statement

__all__ = [
    "QUALITY",
    "QUESTIONS",
    "RISK",
    "MedesChat",
    "MedesSettings",
    "criteria",
    "question_of",
    "ruling",
    "statement",
]
