"""The profile classifier that comes with Primum, and how it is made from the labelled queries of ours."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from primum.records import ByRule, Estimate, Scenario, Turn
from primum.rubrics.profiles.classifier import ProfileClassifier
from primum.rubrics.profiles.settings import ProfileSettings
from primum.rubrics.profiles.training import Example, Measured, cross_validate, train_classifier
from primum.starter.clinical import labelled_queries

__all__ = ["figures", "our_examples", "shipped_classifier", "shipped_folder", "train_shipped"]

_DEFAULT = ProfileSettings()


def shipped_folder() -> Path:
    """Where the shipped classifier lies: `weights.npz`, `profiles.json`, `figures.json`."""
    return Path(str(resources.files("primum.starter").joinpath("clinical", "profiles")))


@cache
def shipped_classifier() -> ProfileClassifier:
    """The classifier trained on the labelled queries of our own writing."""
    return ProfileClassifier.load(shipped_folder())


def our_examples() -> list[Example]:
    """The labelled queries that ship, as scenarios with their values."""
    return [
        (
            Scenario(
                messages=(Turn(role="user", content=query.text),),
                task="open",
                dimension="clinical",
                language=query.language,
                dataset="starter-clinical",
                made=ByRule(rule="starter.clinical"),
            ),
            query.values,
        )
        for query in labelled_queries()
    ]


def train_shipped(folder: Path, settings: ProfileSettings = _DEFAULT) -> Measured:
    """Train on our queries and write the classifier and its figures into `folder`; run again, it writes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    examples = our_examples()
    measured = cross_validate(examples, settings)
    train_classifier(examples, settings).save(folder)
    told = {"queries": len(examples), "settings": settings, "cross_validated": figures(measured)}
    text = json.dumps(_plain(told), ensure_ascii=False, indent=1)
    (folder / "figures.json").write_text(text + "\n", "utf-8")
    return measured


def figures(measured: Measured) -> dict[str, Any]:
    """What was measured as plain data: shares with their intervals, rounded to four digits."""
    return {
        "near_duplicate_groups": measured.groups,
        "accuracy": {name: _shown(one) for name, one in measured.accuracy.items()},
        "by_language": {
            language: {name: _shown(one) for name, one in found.items()}
            for language, found in measured.by_language.items()
        },
        "temperatures": measured.temperatures,
    }


def _shown(one: Estimate) -> dict[str, float | int]:
    return {"value": round(one.value, 4), "low": round(one.low, 4), "high": round(one.high, 4), "n": one.n}


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    from primum.records import plain

    found: dict[str, Any] = plain(told)
    return found
