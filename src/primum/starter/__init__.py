"""What Primum brings along: restated norms, situations whose truth is known, and simulated answers of a known nature.

Everything made here is simulated and says so. It lets the main job run without any file from elsewhere, and lets a judge be
measured against a truth. It is no substitute for the norms themselves, nor for clinicians.
"""

from primum.starter.answers import simulate_answer
from primum.starter.clinical_pairs import GeneratedPairSettings, generated_pairs
from primum.starter.cutting import request_phrase, shorten
from primum.starter.everyday import EVERYDAY, EverydaySettings, everyday
from primum.starter.further import FurtherCriterion, FurtherSettings, further_criteria, further_keys
from primum.starter.packaged import medical_taxonomy, starter_norms, taxonomy_of
from primum.starter.situations import (
    GeneratorSettings,
    SimulatedAnswer,
    SimulatedSituation,
    generate,
    simulated_judge,
)
from primum.starter.wording import NATURES, VOICES, Nature

__all__ = [
    "EVERYDAY",
    "NATURES",
    "VOICES",
    "EverydaySettings",
    "FurtherCriterion",
    "FurtherSettings",
    "GeneratedPairSettings",
    "GeneratorSettings",
    "Nature",
    "SimulatedAnswer",
    "SimulatedSituation",
    "everyday",
    "further_criteria",
    "further_keys",
    "generate",
    "generated_pairs",
    "medical_taxonomy",
    "request_phrase",
    "shorten",
    "simulate_answer",
    "simulated_judge",
    "starter_norms",
    "taxonomy_of",
]
