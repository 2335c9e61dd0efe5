"""A rubric for a query that nobody labelled: the principles of its cell, those that bear on it, each told in the query's own terms.

The order: at most `most_safety` safety criteria first, then by worth × how much of the principle's words the query shares. Near-duplicates
and statements that count one thing twice are left out; so is what the query gives no occasion for (`topics`) and what names another
condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from primum.errors import InputError
from primum.records import ByRule, Criterion, Principle, Profile, Rubric, Scenario
from primum.rubrics.draft import Drafted
from primum.rubrics.synthesis.aspects import asked_for
from primum.rubrics.synthesis.focus import focus_of, specialise
from primum.rubrics.synthesis.pool import Known, Pool, plain_words
from primum.rubrics.synthesis.settings import SynthesisSettings
from primum.rubrics.synthesis.topics import occasions_of

__all__ = ["RELAXED", "RULE", "Joined", "check_profile", "has_risk", "join", "synthesise"]

_DEFAULT = SynthesisSettings()
RULE = "rubrics.synthesis"
RELAXED = "rubrics.synthesis.relaxed"
"""The rule that a criterion names which was joined after a dimension was let go."""

_MILD = {"urgency": "routine", "uncertainty": "settled"}
_RISKY_TASKS = ("diagnose", "treat", "medicate")
_SHARED = 3.0  # what full overlap with the query's words adds to a principle's worth, in its own worths
_WELL_SUPPORTED = 8  # rubrics from which a principle's words count as common, however few principles have them
_MOST_STRANGE = 0.5  # the share of a principle's words that no other principle and no query of ours has
_NAMED = 0.25  # what a generic noun that the query fills adds


class Joined(NamedTuple):
    """A principle that bears on a query, its worth there, and whether a dimension was let go to reach it."""

    principle: Principle
    worth: float
    is_relaxed: bool


class _Query(NamedTuple):
    scenario: Scenario
    topics: frozenset[str]
    asked: frozenset[str]
    words: frozenset[str]
    focus: dict[str, str]
    text: str
    values: Mapping[str, str]


def has_risk(values: Mapping[str, str]) -> bool:
    """Whether a profile calls for a safety criterion: an emergency, a drug, or somebody to be diagnosed or treated soon."""
    urgency, task = values.get("urgency"), values.get("task")
    return urgency == "emergency" or task == "medicate" or (urgency == "prompt" and task in _RISKY_TASKS)


def check_profile(scenario: Scenario, profile: Profile) -> None:
    """Raise `InputError` for a profile of another query."""
    if profile.scenario != scenario.id:
        raise InputError(
            f"profile {profile.id}",
            f"sorts {profile.scenario}, another query",
            "give the query's own profile",
            f"scenario {scenario.id}",
        )


def synthesise(
    scenario: Scenario, profile: Profile, pool: Pool, settings: SynthesisSettings = _DEFAULT
) -> Drafted | None:
    """The rubric of a query; `None` when no principle with positive points bears on it.

    Raises `InputError` for a profile of another query.
    """
    query = _query(scenario, profile)
    chosen = _chosen(_bearing(query, profile.values, pool, settings), pool, settings, has_risk(profile.values))
    criteria: dict[str, Criterion] = {}
    for one in chosen:
        statement = specialise(pool.known[one.principle.id].statement, query.focus, scenario.language)
        made = Criterion(
            statement=statement,
            points=one.principle.points,
            axis=one.principle.axis,
            kind_of=one.principle.kind_of,
            language=scenario.language,
            made=ByRule(rule=RELAXED if one.is_relaxed else RULE),
            norms=one.principle.norms,
            principle=one.principle.id,
        )
        criteria.setdefault(made.id, made)
    if not any(one.points > 0 for one in criteria.values()):
        return None
    rubric = Rubric(scenario=scenario.id, criteria=tuple(criteria), made=ByRule(rule=RULE))
    return Drafted(rubric, tuple(criteria.values()))


def join(scenario: Scenario, profile: Profile, pool: Pool, settings: SynthesisSettings = _DEFAULT) -> list[Joined]:
    """Every principle that bears on a query, the worthiest there first. Raises `InputError` for a profile of another query."""
    return _bearing(_query(scenario, profile), profile.values, pool, settings)


def _bearing(query: _Query, values: Mapping[str, str], pool: Pool, settings: SynthesisSettings) -> list[Joined]:
    """What bears on the query; where nothing with positive points speaks of what it asks for, any aspect of the matter."""
    found = _joined(query, values, pool, settings)
    if any(one.principle.points > 0 for one in found):
        return found
    return _joined(query._replace(asked=frozenset()), values, pool, settings)


def _query(scenario: Scenario, profile: Profile) -> _Query:
    """A query as synthesis sees it. Who asks what it may be has not named it: no condition is put into such a rubric."""
    check_profile(scenario, profile)
    text = "\n".join(turn.content for turn in scenario.messages if turn.role == "user")
    language = scenario.language
    focus = focus_of(scenario.prompt, language)
    if profile.values.get("task") == "diagnose":
        focus.pop("condition", None)
    return _Query(
        scenario,
        occasions_of(text, language),
        asked_for(scenario.prompt, language, profile.values.get("task", "")),
        plain_words(text, language),
        focus,
        text.lower(),
        profile.values,
    )


def _joined(query: _Query, values: Mapping[str, str], pool: Pool, settings: SynthesisSettings) -> list[Joined]:
    found: dict[str, Joined] = {}
    needs_safety = has_risk(values)
    for number, wanted in enumerate(_ever_wider(values, settings)):
        has_veto = any(one.principle.kind_of == "safety" for one in found.values())
        if len(found) >= settings.enough and _has_positive(found) and (has_veto or not needs_safety):
            break
        for known in pool.told(wanted, query.scenario.language):
            principle = known.principle
            if principle.id in found or not _may_widen(principle, values):
                continue
            worth = _worth(known, query, pool)
            if worth is not None:
                found[principle.id] = Joined(principle, worth / (1 + number), number > 0)
    return sorted(found.values(), key=lambda one: (-one.worth, one.principle.id))


def _ever_wider(values: Mapping[str, str], settings: SynthesisSettings) -> Iterator[dict[str, str]]:
    wanted = dict(values)
    yield dict(wanted)
    for name in settings.relax:
        wanted.pop(name, None)
        yield dict(wanted)


def _has_positive(found: Mapping[str, Joined]) -> bool:
    return any(one.principle.points > 0 for one in found.values())


def _may_widen(principle: Principle, values: Mapping[str, str]) -> bool:
    """Whether a principle may be joined although a dimension was let go.

    Advice for an emergency and advice for none never meet; what holds for routine questions holds for a prompt one, and what holds
    where all is settled holds elsewhere too, but not the other way round. How to speak to lay people or to professionals is never
    carried over.
    """
    for name, value in values.items():
        allowed = principle.applies_when.get(name)
        if allowed is None or value in allowed:
            continue
        if name == "expertise":
            if principle.axis == "communication_quality":
                return False
        elif value == "emergency" or _MILD.get(name) not in allowed:
            return False
    return True


def _worth(known: Known, query: _Query, pool: Pool) -> float | None:
    """What a principle is worth for a query; `None` when the query gives no occasion for it, or it names what the query does not."""
    if known.aspect and query.asked and known.aspect not in query.asked:
        return None
    if not known.topics <= query.topics:
        return None
    if any(name in query.values and query.values[name] not in allowed for name, allowed in known.fits):
        return None
    if any(name not in query.text for name in known.names):
        return None
    strange = 0.0
    if known.strange and len(known.principle.rubrics) < _WELL_SUPPORTED:
        strange = len(known.strange - query.words) / len(known.words)
        if strange > _MOST_STRANGE:
            return None
    shared = sum(pool.rarity[word] for word in known.words & query.words)
    is_filled = specialise(known.statement, query.focus, query.scenario.language) != known.statement
    gained = _SHARED * shared / known.rare if known.rare else 0.0
    return known.worth * (1 - strange) ** 2 * (1 + gained + (_NAMED if is_filled else 0.0))


def _chosen(joined: list[Joined], pool: Pool, settings: SynthesisSettings, needs_safety: bool) -> list[Joined]:
    """Safety first, then by worth, within the bounds of each kind; nothing twice."""
    safety = [one for one in joined if one.principle.kind_of == "safety"]
    others = [one for one in joined if one.principle.kind_of != "safety"]
    chosen: list[Joined] = []
    room = {"safety": settings.most_safety, "excellence": settings.most_excellence, "proficiency": settings.most}
    negative = settings.most_negative
    for one in [*safety, *others]:
        is_positive = one.principle.points > 0
        kind = one.principle.kind_of
        is_needed = needs_safety and kind == "safety" and not chosen
        if len(chosen) == settings.most or room[kind] < 1 or not (is_positive or negative > 0 or is_needed):
            continue
        if any(_says_same(one.principle, other.principle, pool, settings) for other in chosen):
            continue
        chosen.append(one)
        room[kind] -= 1
        negative -= not is_positive
    if chosen and not any(one.principle.points > 0 for one in chosen):
        positive = next((one for one in others if one.principle.points > 0), None)
        chosen = [*chosen[: settings.most - 1], positive] if positive is not None else chosen
    return chosen


def _says_same(one: Principle, other: Principle, pool: Pool, settings: SynthesisSettings) -> bool:
    if pool.known[one.id].sends and pool.known[other.id].sends:
        return True
    return pool.alike(one, other) >= settings.likeness
