"""Synthesis: rubrics for queries that nobody labelled, from the principles that match their profiles."""

from primum.rubrics.synthesis.chat import SynthesisCase, synthesis_prompt, synthesise_with_model
from primum.rubrics.synthesis.focus import focus_of, specialise
from primum.rubrics.synthesis.pool import Pool
from primum.rubrics.synthesis.rubric import Joined, has_risk, join, synthesise
from primum.rubrics.synthesis.settings import SynthesisReadingSettings, SynthesisSettings
from primum.rubrics.synthesis.topics import occasions_of, topics_of

__all__ = [
    "Joined",
    "Pool",
    "SynthesisCase",
    "SynthesisReadingSettings",
    "SynthesisSettings",
    "focus_of",
    "has_risk",
    "join",
    "occasions_of",
    "specialise",
    "synthesis_prompt",
    "synthesise",
    "synthesise_with_model",
    "topics_of",
]
