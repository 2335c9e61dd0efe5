"""Criteria from norms: what the norms that bear on a question ask of whoever answers it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from primum.language import words
from primum.records import ByRule, Criterion, Norm, Scenario
from primum.rubrics.drafting.duties import DUTIES
from primum.rubrics.drafting.settings import DraftingSettings

__all__ = ["draft_from_norms", "norm_queries"]

_MADE = ByRule(rule="rubrics.drafting.norms")
_CITED = 2
_FORBIDDEN = {
    "zh": re.compile(r"(?:不得|禁止|严禁)([^，。；：、（）\n]{4,30})(?=[，。；]|$)"),
    # One way only to part a run of letters into words: a long word must not be tried in every division.
    "en": re.compile(r"\b(?:must|may|shall) not ((?:[\w'-]+ ){2,13}[\w'-]+)(?= ?(?:[,.;(]|$))"),
}
# What laws of health say everywhere: that two texts share it says nothing.
_EVERYWHERE = re.compile(
    r"医疗(?:卫生)?机构|医务人员|医疗卫生人员|执业医师|国家(?:有关)?规定|卫生健康|主管部门|患者|病人|治疗|检查|"
    r"药品|疾病|进行|情况|可能|出现|医院|医师|医生"
)
_COMMON_WORDS = frozenset(
    words(
        "the and for with from that this have has are was were not may must should shall any who what when how can their his her its "
        "other people person patient patients doctor physician health medical care treatment disease"
    )
)


def norm_queries(scenario: Scenario) -> tuple[str, ...]:
    """What to search a corpus for so that the norms which bear on `scenario` are found: its question, and each duty that it touches."""
    touched = [duty.search[scenario.language] for duty in DUTIES if duty.touched_by.search(scenario.prompt)]
    return (scenario.prompt, *touched)


def draft_from_norms(
    scenario: Scenario, norms: Sequence[Norm], settings: DraftingSettings | None = None
) -> list[Criterion]:
    """What the norms that bear on `scenario` ask of an answer to it, in our words, with the norms each criterion rests on.

    `norms` are those that a search found; one that carries no duty which the question touches, and forbids nothing that the question
    speaks of, gives nothing. A prohibition is a veto; `most_norms` never cuts what guards safety.
    """
    settings = settings or DraftingSettings()
    found: list[Criterion] = []
    used: set[str] = set()
    for duty in DUTIES:
        if not duty.touched_by.search(scenario.prompt):
            continue
        carriers = [norm.id for norm in norms if duty.carried_by.search(norm.text)][:_CITED]
        if carriers:
            used.update(carriers)
            found.append(
                Criterion(
                    statement=duty.statement[scenario.language],
                    points=duty.points,
                    axis=duty.axis,
                    kind_of=duty.kind_of,
                    language=scenario.language,
                    made=_MADE,
                    norms=tuple(carriers),
                )
            )
    for norm in norms:
        if norm.id not in used and norm.language == scenario.language and (act := _forbidden(scenario, norm)):
            found.append(_veto(scenario, norm, act))
    found.sort(key=lambda criterion: -abs(criterion.points))
    room = max(0, settings.most_norms - sum(one.kind_of == "safety" for one in found))
    rest = [one.id for one in found if one.kind_of != "safety"][:room]
    return [one for one in found if one.kind_of == "safety" or one.id in rest]


def _veto(scenario: Scenario, norm: Norm, act: str) -> Criterion:
    statement = (
        f"支持{norm.reference}所禁止的做法：{act}。"
        if scenario.language == "zh"
        else f"Supports what {norm.reference} forbids: to {act}."
    )
    return Criterion(
        statement=statement,
        points=-9,
        axis="accuracy",
        kind_of="safety",
        language=scenario.language,
        made=_MADE,
        norms=(norm.id,),
    )


def _forbidden(scenario: Scenario, norm: Norm) -> str | None:
    """What the norm forbids, where the question speaks of it."""
    for match in _FORBIDDEN[norm.language].finditer(norm.text):
        act = match[1].strip()
        if norm.language == "zh" and _shares_run(_EVERYWHERE.sub(" ", act), _EVERYWHERE.sub(" ", scenario.prompt)):
            return act
        if norm.language == "en" and len(_telling(act) & _telling(scenario.prompt)) >= 3:
            return act
    return None


def _shares_run(first: str, second: str, length: int = 4) -> bool:
    """Whether the two have a run of `length` characters in common."""
    runs = (first[at : at + length] for at in range(len(first) - length + 1))
    return any(run in second for run in runs if " " not in run)


def _telling(text: str) -> set[str]:
    return {word for word in words(text) if len(word) > 2} - _COMMON_WORDS
