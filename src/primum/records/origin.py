"""Who made a record. Everything that exists was made by a rule, a model, a person, an import or a simulation, and says so."""

from __future__ import annotations

from primum.records.base import Value

__all__ = ["ByImport", "ByModel", "ByPerson", "ByRule", "BySimulation", "Origin"]


class ByRule(Value, frozen=True, tag_field="by", tag="rule"):
    """Made by a rule of ours; `version` changes when the rule would give something else."""

    rule: str
    version: str = "1"


class ByModel(Value, frozen=True, tag_field="by", tag="model"):
    """Made by a model call: the model's name as its server knows it, and the hash of the prompt template."""

    model: str
    prompt: str = ""
    is_scripted: bool = False


class ByPerson(Value, frozen=True, tag_field="by", tag="person"):
    """Made by a person, under a pseudonym, in a role (`clinician`, `annotator`, `governance officer`)."""

    person: str
    role: str


class ByImport(Value, frozen=True, tag_field="by", tag="import"):
    """Taken over from a set: its name, the row (`file:line` or the row's own id), its licence."""

    dataset: str
    row: str
    licence: str = ""


class BySimulation(Value, frozen=True, tag_field="by", tag="simulation"):
    """Made by a generator whose truth is known beforehand. Always shown as *simulated*."""

    generator: str
    seed: int


Origin = ByRule | ByModel | ByPerson | ByImport | BySimulation
