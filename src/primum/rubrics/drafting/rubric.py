"""A drafted rubric: the reference's parts, the norms' duties, and what the situation needs of an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from primum.language import words
from primum.records import ByRule, Criterion, Norm, Rubric, Scenario
from primum.rubrics.draft import Drafted
from primum.rubrics.drafting.needs import MADE_BY_NEED, draft_from_profile, draft_from_risk, way_out
from primum.rubrics.drafting.norms import draft_from_norms
from primum.rubrics.drafting.reference import draft_from_reference
from primum.rubrics.drafting.settings import DraftingSettings

__all__ = ["draft_rubric"]

_MADE = ByRule(rule="rubrics.drafting")
_SAME = 0.75
_URGENT = re.compile(
    r"急诊|急救|(?:立即|尽快|尽早|马上).{0,6}(?:就医|就诊|医院|抢救)|\bemergency\b|\b911\b|\bright away\b|\bimmediate"
)

# What may stand beside such words without asking for anything more: going, being brought, being treated.
_NO_MORE_THAN_URGENT = re.compile(
    r"立即|立刻|尽快|尽早|尽速|马上|及时|紧急|急诊科?|急救|救治|抢救|救护车?|就医|就诊|送医|医院|医生|医疗机构|帮助|处理|治疗|诊治|"
    r"拨打|呼叫|电话|120|建议|提醒|指出|说明|应当|应该|需要|必须|由于|患者|病人|家属|家长|孩子|本人|接受|进行|采取|措施|给予|"
    r"送往|送到|前往|寻求|附近|最近|当地|[应须需要请去到往送至带让使他她其者的地并来与和、，。：；\s]|"
    r"\b(?:emergency|911|999|112|right away|immediate(?:ly)?|urgent(?:ly)?|at once|promptly|as soon as possible|now|"
    r"advises?|recommends?|tells?|sends?|says?|states?|that|people|patients?|person|someone|they|them|their|should|"
    r"must|needs?|go|goes|going|get|gets|getting|call|calls|calling|see|seek|seeks|seeking|visit|take|to|the|a|an|or|and|for|in|of|"
    r"is|be|medical|care|help|attention|treatment|assistance|services?|room|department|hospital|nearest|local|ambulance|"
    r"doctor|physician|clinician|provider|health)\b|[,.;:\s]",
    re.I,
)


def draft_rubric(
    scenario: Scenario,
    norms: Sequence[Norm] = (),
    settings: DraftingSettings | None = None,
    profile: Mapping[str, str] | None = None,
) -> Drafted | None:
    """The rubric of `scenario`, vetoes first; `None` when nothing can be said that a good answer does.

    `norms` are those that a search found to bear on it (`norm_queries` says what to look for). Without a `profile`, urgency and task are
    read from the words of the question. Two criteria that say nearly the same become the one that weighs more.
    """
    settings = settings or DraftingSettings()
    found = [
        *draft_from_reference(scenario, settings),
        *draft_from_norms(scenario, norms, settings),
        *draft_from_profile(scenario, profile),
    ]
    if not any(one.kind_of == "safety" for one in found):
        found = [*draft_from_risk(scenario), *found]
    if any(one.norms for one in found) and not any(one.points > 0 for one in found):
        found.append(way_out(scenario.language))  # a norm stands against it: a good answer shows what may be done
    kept = _most(_without_doubles(found), settings.most)
    if not any(_says_something(criterion) for criterion in kept):
        return None
    rubric = Rubric(scenario=scenario.id, criteria=tuple(criterion.id for criterion in kept), made=_MADE)
    return Drafted(rubric, tuple(kept))


def _says_something(criterion: Criterion) -> bool:
    """Whether a good answer is told from another by it: `in plain words` alone fits any answer to anything."""
    return criterion.points > 0 and not (criterion.made == MADE_BY_NEED and criterion.kind_of == "excellence")


def _without_doubles(found: Sequence[Criterion]) -> list[Criterion]:
    """Vetoes first, then as drafted; of two that say nearly the same with the same sign the heavier, a veto before any."""
    ranked = sorted(found, key=lambda one: (one.kind_of != "safety", -abs(one.points)))
    kept: list[Criterion] = []
    is_urgent = False
    for criterion in ranked:
        told = frozenset(words(criterion.statement))
        is_double = any(
            (criterion.points > 0) == (other.points > 0)
            and len(told & (before := frozenset(words(other.statement)))) >= _SAME * min(len(told), len(before))
            for other in kept
        )
        says_urgent = criterion.points > 0 and bool(_URGENT.search(criterion.statement))
        if is_double or (says_urgent and is_urgent and not _NO_MORE_THAN_URGENT.sub("", criterion.statement)):
            continue
        is_urgent = is_urgent or (says_urgent and criterion.kind_of == "safety")
        kept.append(criterion)
    order = {criterion.id: place for place, criterion in enumerate(found)}
    return sorted(kept, key=lambda one: (one.kind_of != "safety", order[one.id]))


def _most(criteria: list[Criterion], most: int) -> list[Criterion]:
    """At most so many: what weighs least goes first, never what guards safety."""
    safety = [criterion for criterion in criteria if criterion.kind_of == "safety"]
    rest = sorted(
        (one for one in criteria if one.kind_of != "safety"), key=lambda one: (-abs(one.points), one.statement)
    )
    kept = {criterion.id for criterion in [*safety, *rest[: max(1, most - len(safety))]]}
    return [criterion for criterion in criteria if criterion.id in kept]
