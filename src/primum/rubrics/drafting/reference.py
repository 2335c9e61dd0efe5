"""Criteria from a reference answer: one for each part of it, said so that it can be checked."""

from __future__ import annotations

from primum.language import words
from primum.records import ByRule, Criterion, Scenario
from primum.rubrics.drafting.aspects import Part, asked, weigh
from primum.rubrics.drafting.chinese import chinese_parts
from primum.rubrics.drafting.english import english_parts
from primum.rubrics.drafting.settings import DraftingSettings

__all__ = ["draft_from_reference"]

_MADE = ByRule(rule="rubrics.drafting.reference")
_MOST_EXPLANATIONS = 2
_SAME = 0.8


def draft_from_reference(scenario: Scenario, settings: DraftingSettings | None = None) -> list[Criterion]:
    """One criterion for each part of `scenario.reference`, those that weigh most, in the reference's order; none without a reference.

    Each is atomic, positive and in the language of the scenario, with the reference's own terms in it; what answers the question weighs
    most. They say what the reference says: whether that is right is for people to judge.
    """
    settings = settings or DraftingSettings()
    if scenario.reference is None or not scenario.reference.strip():
        return []
    cut, longest = (
        (chinese_parts, 2 * settings.longest) if scenario.language == "zh" else (english_parts, settings.longest)
    )
    wanted = asked(scenario.prompt, scenario.language)
    parts = _distinct(cut(scenario.prompt, scenario.reference, longest))
    weights = [weigh(part, wanted) for part in parts]
    ranked = sorted(range(len(parts)), key=lambda at: (-weights[at].points, at))
    kept: list[int] = []
    for at in ranked:
        is_spare = parts[at].aspect == "explanation" and not parts[at].is_answer
        spares = sum(parts[other].aspect == "explanation" and not parts[other].is_answer for other in kept)
        if len(kept) < settings.most_reference and not (is_spare and spares >= _MOST_EXPLANATIONS):
            kept.append(at)
    return [
        Criterion(
            statement=parts[at].statement,
            points=weights[at].points,
            axis=weights[at].axis,
            kind_of=weights[at].kind_of,
            language=scenario.language,
            made=_MADE,
        )
        for at in sorted(kept)
    ]


def _distinct(parts: list[Part]) -> list[Part]:
    """The parts without those whose words an earlier part has almost all of."""
    kept: list[Part] = []
    seen: list[frozenset[str]] = []
    for part in parts:
        told = frozenset(words(part.statement))
        if any(len(told & before) >= _SAME * min(len(told), len(before)) for before in seen):
            continue
        kept.append(part)
        seen.append(told)
    return kept
