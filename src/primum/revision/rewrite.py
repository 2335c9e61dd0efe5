"""The embedded way of rewriting: a simulated good answer to the same situation, every question of MedES answered well."""

from __future__ import annotations

from typing import Final

from primum.errors import InputError
from primum.records import BySimulation, Feedback, Question, Response, Scenario
from primum.revision.settings import RewriteSettings
from primum.starter.ruled_answers import compose_ruled

__all__ = ["rewrite"]

_EVERY_QUESTION: Final[dict[Question, bool]] = dict.fromkeys(("R1", "R2", "Q1", "Q2", "Q3", "Q4"), True)
_STEP = 7919  # a prime: the tries of one seed and those of its neighbours are different draws


def rewrite(
    scenario: Scenario,
    response: Response,
    feedback: Feedback,
    settings: RewriteSettings | None = None,
    seed: int = 0,
) -> Response:
    """A simulated answer that meets every question, within the settings' length where a try gives one (else the shortest found).

    Nobody wrote it, and no model did: its origin says simulated. Raises `InputError` for feedback on another answer.
    """
    settings = settings or RewriteSettings()
    if feedback.response != response.id or response.scenario != scenario.id:
        raise InputError(
            f"feedback {feedback.id}",
            f"is not about answer {response.id} to scenario {scenario.id}",
            "give the answer it is about",
            "revision.rewrite",
        )
    most = settings.most_characters(scenario.language)
    found: list[str] = []
    for turn in range(settings.tries):
        text = compose_ruled(scenario, _EVERY_QUESTION, seed + _STEP * turn)
        if text != response.text:
            found.append(text)
            if len(text) <= most:
                break
    return Response(
        scenario=scenario.id,
        text=min(found, key=len) if found else compose_ruled(scenario, _EVERY_QUESTION, seed),
        made=BySimulation(generator="revision.rewrite", seed=seed),
        finish="stop",
        feedback=feedback.id,
    )
