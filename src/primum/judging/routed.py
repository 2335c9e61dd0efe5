"""The routed judge: each case is read by the judge that is reliable on its slice, and by nobody where none is.

Which judge reads which slice is decided before, on answers whose stance people told (`evaluation.reliability`); here it is followed. To
whoever pairs, certifies or traces it is one judge, a panel of those that read: both sides of a comparison have the same one, and a
judgement leads through it to its members. The reason of each judgement names the member that spoke.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, final

from msgspec.structs import replace

from primum.errors import SettingError
from primum.grading import HeardStance, by_stance
from primum.judging.engine import AskingJudge, Engine
from primum.judging.usable import unusable_reason
from primum.ports import Assessment, Case, Judge, Progress, silent
from primum.records import ByRule, JudgeRef, Scenario, content_hash

__all__ = ["Route", "RoutedJudge"]

_VERSION = "1"


class Route(NamedTuple):
    """Who reads a slice: the place of a judge among those given, or `None` where none is reliable enough; and why."""

    judge: int | None
    because: str


@final
class RoutedJudge:
    """Implements `primum.ports.Judge`. `routes` say by slice which of the `judges` reads; `slice_of` names the slice of a situation.

    From a slice whose route leads nowhere, and from one without a route, it abstains and says why; an answer that is no language is
    unusable there too, since no judge is needed to see it. Its members are the judges that a route
    leads to, all of them where none does. Raises `SettingError` without a judge, for one that stands there twice, and for a route to none
    of them.
    """

    def __init__(
        self,
        judges: Sequence[Judge],
        routes: Mapping[str, Route],
        slice_of: Callable[[Scenario], str],
        name: str = "routed judge",
    ) -> None:
        self.routes, self._slice_of, self._judges = dict(routes), slice_of, tuple(judges)
        ids = [one.ref.id for one in judges]
        if not ids or len(set(ids)) < len(ids):
            rule = "stands there twice" if ids else "is missing"
            raise SettingError(f"a judge of '{name}'", rule, "name different judges, one or more", "judges")
        for slice, route in self.routes.items():
            if route.judge is not None and not 0 <= route.judge < len(ids):
                raise SettingError(f"the route of '{slice}'", "leads to no judge", "route it to one of them", name)
        used = {route.judge for route in self.routes.values()} - {None}
        self.members = tuple(one for place, one in enumerate(judges) if place in used or not used)
        told = {slice: None if one.judge is None else ids[one.judge] for slice, one in sorted(self.routes.items())}
        self._ref = JudgeRef(
            name=name,
            kind_of="panel",
            fingerprint=content_hash(["judging.routed", _VERSION, told]),
            made=ByRule(rule="judging.routed", version=_VERSION),
            members=tuple(one.ref.id for one in self.members),
        )

    @property
    def ref(self) -> JudgeRef:
        return self._ref

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        """One assessment a case, in their order; each member reads its cases at once."""
        routes = [self._route(case.scenario) for case in cases]
        found: dict[int, Assessment] = {}
        for place, judge in enumerate(self._judges):
            own = [i for i, route in enumerate(routes) if route.judge == place]
            if own:
                said = _reading(judge)([cases[i] for i in own])
                found |= {i: self._own(one, judge.ref) for i, one in zip(own, said, strict=True)}
            progress(len(found), len(cases))
        return [
            found[i] if i in found else self._unread(case, route.because)
            for i, (case, route) in enumerate(zip(cases, routes, strict=True))
        ]

    def _route(self, scenario: Scenario) -> Route:
        slice = self._slice_of(scenario)
        return self.routes.get(slice) or Route(None, f"no judge was measured on {slice}")

    def _own(self, said: Assessment, member: JudgeRef) -> Assessment:
        """What a member said, as this judge's own; the reason names it."""
        verdicts = tuple(replace(one, judge=self._ref.id) for one in said.verdicts)
        reason = said.judgement.reason
        judgement = replace(
            said.judgement,
            judge=self._ref.id,
            verdicts=tuple(one.id for one in verdicts),
            reason=f"{member.name}: {reason}" if reason else f"read by {member.name}",
        )
        return Assessment(judgement, verdicts)

    def _unread(self, case: Case, because: str) -> Assessment:
        unusable = unusable_reason(case.response, case.scenario.language)
        heard = HeardStance("abstained", because) if unusable is None else HeardStance("unusable", unusable)
        return Assessment(*by_stance(case.response.id, case.criteria, self._ref.id, heard))


def _reading(judge: Judge) -> Callable[[Sequence[Case]], list[Assessment]]:
    """A judge that asks a chat model is run by an engine of its own."""
    return Engine(judge).judge if isinstance(judge, AskingJudge) else judge.judge
