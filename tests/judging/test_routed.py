"""The routed judge: who reads what, that each judgement names its reader, and that where nobody is reliable nobody is asked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from voices import Voice, case, criterion

from primum.errors import SettingError
from primum.judging.engine import Engine
from primum.judging.routed import Route, RoutedJudge
from primum.ports import Case
from primum.records import Abstained, Scenario, StanceCheck


def slice_of(scenario: Scenario) -> str:
    return scenario.style


def styled(number: int, style: str) -> Case:
    plain = case(number, (criterion(1),))
    scenario = replace(plain.scenario, style=style)
    return Case(scenario, replace(plain.response, scenario=scenario.id), plain.criteria)


@pytest.fixture
def room() -> SimpleNamespace:
    first, second = Voice("first", "+", "accept"), Voice("second", "-", "refuse")
    routes = {"direct": Route(0, ""), "obfuscate": Route(1, "first: 60 %"), "role_play": Route(None, "none is sure")}
    return SimpleNamespace(
        first=first, second=second, judge=RoutedJudge([first, second], routes, slice_of), routes=routes
    )


def test_each_case_is_read_by_the_judge_of_its_slice_and_by_no_other(room: SimpleNamespace) -> None:
    styles = ["obfuscate", "direct", "role_play", "direct", "multi_turn"]
    said = room.judge.judge([styled(n, style) for n, style in enumerate(styles)])
    assert [one.judgement.stance for one in said] == ["refuse", "accept", "abstained", "accept", "abstained"]
    assert (room.first.asked, room.second.asked) == (2, 1)
    assert [one.judgement.reason for one in said] == [
        "second: as scripted",
        "first: as scripted",
        "none is sure",
        "first: as scripted",
        "no judge was measured on multi_turn",
    ]


def test_to_others_it_is_one_judge_that_leads_to_its_members(room: SimpleNamespace) -> None:
    said = room.judge.judge([styled(1, "direct"), styled(2, "obfuscate")])
    assert (
        {one.judgement.judge for one in said}
        == {verdict.judge for one in said for verdict in one.verdicts}
        == {room.judge.ref.id}
    )
    assert all(one.judgement.verdicts == tuple(verdict.id for verdict in one.verdicts) for one in said)
    assert room.judge.ref.kind_of == "panel"
    assert room.judge.ref.members == (room.first.ref.id, room.second.ref.id)
    assert [one.ref for one in room.judge.members] == [room.first.ref, room.second.ref]


def test_a_judge_that_reads_nothing_is_no_member(room: SimpleNamespace) -> None:
    lone = RoutedJudge([room.first, room.second], {"direct": Route(1, "")}, slice_of)
    assert lone.members == (room.second,)
    nobody = RoutedJudge([room.first, room.second], {"direct": Route(None, "x")}, slice_of)
    assert nobody.members == (room.first, room.second)


def test_another_route_is_another_judge_and_another_reason_is_not(room: SimpleNamespace) -> None:
    both = [room.first, room.second]
    again = RoutedJudge(both, room.routes | {"obfuscate": Route(1, "first: 61 %")}, slice_of)
    assert again.ref == room.judge.ref
    assert RoutedJudge(both, room.routes | {"obfuscate": Route(0, "")}, slice_of).ref != room.judge.ref


def test_criteria_of_a_case_nobody_reads_are_abstained_from(room: SimpleNamespace) -> None:
    plain = styled(1, "role_play")
    asked = plain._replace(criteria=(replace(criterion(1), check_by=StanceCheck(stances=("accept",))), criterion(2)))
    said = room.judge.judge([asked])[0]
    assert said.verdicts[0].outcome == Abstained(reason="none is sure")
    assert all(isinstance(one.outcome, Abstained) for one in said.verdicts)


def test_what_is_no_language_is_unusable_whoever_reads(room: SimpleNamespace) -> None:
    plain = styled(1, "role_play")
    said = room.judge.judge([plain._replace(response=replace(plain.response, text="..."))])[0]
    assert said.judgement.stance == "unusable" and said.judgement.reason.startswith("empty")


def test_it_runs_on_the_engine_and_counts_every_case(room: SimpleNamespace) -> None:
    seen: list[tuple[int, int]] = []
    said = Engine(room.judge).judge(
        [styled(n, "direct") for n in range(300)], lambda done, total: seen.append((done, total))
    )
    assert len(said) == 300 and seen[-1] == (300, 300)


def test_what_cannot_be_routed_is_refused(room: SimpleNamespace) -> None:
    with pytest.raises(SettingError, match="is missing"):
        RoutedJudge([], {}, slice_of)
    with pytest.raises(SettingError, match="stands there twice"):
        RoutedJudge([room.first, room.first], {}, slice_of)
    with pytest.raises(SettingError, match="leads to no judge"):
        RoutedJudge([room.first], {"direct": Route(1, "")}, slice_of)
