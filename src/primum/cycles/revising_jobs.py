"""Which rubric each query is judged by, and which principles are attached to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from primum.cycles.revising_inputs import Query
from primum.cycles.revising_parts import Job
from primum.errors import InputError
from primum.records import ByRule, Criterion, Principle, Profile, Rubric
from primum.rubrics.draft import Drafted

__all__ = ["Jobs", "given_rubrics", "jobs_of"]

_ATTACHED = 8  # principles shown beside a rubric that was not made from them


class Jobs(NamedTuple):
    """The queries that have a rubric, and, by the query's id, why the others have none. `profiles` are what queries were sorted by."""

    jobs: list[Job]
    without: dict[str, str]
    profiles: list[Profile]


def jobs_of(
    queries: Sequence[Query], ruled: Mapping[str, tuple[Query, Drafted]], principles: Sequence[Principle], place: str
) -> Jobs:
    """A rubric for each query: the one that was given, else one synthesised from the principles that match the query.

    Raises `InputError` when no query has one.
    """
    known = [ruled[one.id][0] if one.id in ruled else one for one in queries]
    matcher = _Matcher(known, principles) if principles else None
    jobs: list[Job] = []
    without: dict[str, str] = {}
    for query in known:
        drafted = ruled[query.id][1] if query.id in ruled else matcher.rubric(query) if matcher else None
        if drafted is None:
            without[query.id] = "no principle bears on it" if principles else "it has no rubric"
        else:
            jobs.append(Job(query, drafted, matcher.attached(query, drafted) if matcher else ()))
    if not jobs:
        raise InputError(
            f"{len(queries)} queries",
            "have no rubric, given or synthesised",
            "give rubrics by the queries' ids, or principles (--rubrics, --principles, or a workspace that holds some)",
            place,
        )
    return Jobs(jobs, without, list(matcher.profiles.values()) if matcher else [])


def given_rubrics(
    rubrics: Mapping[str, Sequence[Criterion]], queries: Sequence[Query]
) -> dict[str, tuple[Query, Drafted]]:
    """Criteria by the query's id as rubrics. Raises `InputError` for an id that no query has."""
    by_id = {one.id: one for one in queries}
    found: dict[str, tuple[Query, Drafted]] = {}
    for id, criteria in rubrics.items():
        if id not in by_id:
            raise InputError(f"rubric of {id!r}", "is for no query", "name a query by its id", "primum.revise")
        named = tuple(one.id for one in criteria)
        rubric = Rubric(scenario=by_id[id].scenario.id, criteria=named, made=ByRule(rule="primum.revise"))
        found[id] = by_id[id], Drafted(rubric, tuple(criteria))
    return found


class _Matcher:
    """Sorts queries on the clinical dimensions and joins the principles that match."""

    def __init__(self, queries: Sequence[Query], principles: Sequence[Principle]) -> None:
        from primum.rubrics.profiles import shipped_classifier
        from primum.rubrics.synthesis import Pool

        self._pool = Pool(principles)
        self._by_id = {one.id: one for one in principles}
        found = shipped_classifier().classify([query.scenario for query in queries])
        self.profiles = {one.scenario: one for one in found}

    def rubric(self, query: Query) -> Drafted | None:
        from primum.rubrics.synthesis import synthesise

        return synthesise(query.scenario, self.profiles[query.scenario.id], self._pool)

    def attached(self, query: Query, drafted: Drafted) -> tuple[Principle, ...]:
        """The principles the rubric was made from; for one that was not, the worthiest that bear on the query."""
        from primum.rubrics.synthesis import join

        named = dict.fromkeys(one.principle for one in drafted.criteria if one.principle in self._by_id)
        if named:
            return tuple(self._by_id[id] for id in named if id is not None)
        joined = join(query.scenario, self.profiles[query.scenario.id], self._pool)
        return tuple(one.principle for one in joined[:_ATTACHED])
