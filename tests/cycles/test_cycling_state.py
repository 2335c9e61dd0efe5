"""Where policies stand in their cycles: lineage, what is in force, rollbacks whose order the ledger decides, and what is refused."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cycles.cycling_records import Recorded, cycles_of, goes_on, lineage_of, start_of
from primum.cycles.cycling_state import (
    Going,
    cycles_so_far,
    history_of,
    released,
    roll_back,
    rollbacks_of,
)
from primum.cycles.cycling_status import status
from primum.cycles.records import verify_ledger, verify_store
from primum.cycles.workspace import Workspace
from primum.errors import RecordError, SettingError, StoreError
from primum.records import Rollback
from primum.store import Store

WHY = Going("It refused too much on the ward.", "officer-1", "governance officer")


@pytest.fixture
def three(tmp_path):
    """Three cycles of one policy, each released."""
    made = Recorded(tmp_path / "w")
    for number in (1, 2, 3):
        made.cycle(number)
    return made


def asked(made, question, *further):
    """What a function of the state says of that policy."""
    with Store.open(made.workspace, create=False) as store:
        return question(store, made.run, made.arm, *further)


def numbers(cycles):
    return [one.number for one in cycles]


def test_without_a_cycle_there_is_no_state(tmp_path):
    made = Recorded(tmp_path / "w")
    assert asked(made, cycles_of) == [] and asked(made, lineage_of) == [] and asked(made, released) is None
    assert asked(made, start_of, 1, "policy-x") == "policy-x"
    assert status(made.workspace).arms == () and cycles_so_far(made.workspace, [(made.run, made.arm)]) == 0
    assert cycles_so_far(tmp_path / "nowhere", [(made.run, made.arm)]) == 0 and not (tmp_path / "nowhere").exists()


def test_after_a_rollback_the_next_cycle_starts_elsewhere_and_gets_a_new_number(three):
    roll_back(three.workspace, 1, WHY)
    assert asked(three, start_of, 4, three.after[3]) == three.after[1]
    assert asked(three, start_of, 3, three.after[2]) == three.after[2]  # those before it start where they did
    assert numbers(asked(three, lineage_of)) == [1] and asked(three, released) == (three.after[1], 1)
    three.cycle(4, start=1)
    assert numbers(asked(three, lineage_of)) == [1, 4] and numbers(asked(three, cycles_of)) == [1, 2, 3, 4]
    assert numbers(asked(three, lineage_of, 4)) == [1] and numbers(asked(three, lineage_of, 3)) == [1, 2]
    assert asked(three, released) == (three.after[4], 4)
    assert asked(three, start_of, 5, three.after[4]) == three.after[4]
    (arm,) = status(three.workspace).arms
    assert [one.number for one in arm.cycles if one.is_taken_back] == [2, 3] and arm.stands == 4
    assert cycles_so_far(three.workspace, [(three.run, three.arm)]) == 4


def test_a_cycle_taken_back_can_be_gone_back_to(three):
    roll_back(three.workspace, 1, WHY)
    three.cycle(4, start=1)
    roll_back(three.workspace, 3, WHY)
    assert numbers(asked(three, lineage_of)) == [1, 2, 3] and asked(three, released) == (three.after[3], 3)


def test_the_same_rollback_again_holds_again(three):
    first = roll_back(three.workspace, 1, WHY)
    roll_back(three.workspace, 2, WHY)
    assert asked(three, start_of, 4, three.after[3]) == three.after[2]
    again = roll_back(three.workspace, 1, WHY)
    assert first.id == again.id  # one record: nothing in it tells the two apart
    assert asked(three, start_of, 4, three.after[3]) == three.after[1]
    (arm,) = status(three.workspace).arms
    assert [(one.after, one.to, one.is_void) for one in arm.rollbacks] == [(3, to, False) for to in (1, 2, 1)]
    assert verify_store(three.workspace)["problems"] == [] and verify_ledger(three.workspace, None)["verified"]


def test_a_rollback_is_in_the_ledger_with_who_and_why(three):
    made = roll_back(three.workspace, 0, WHY)
    with Store.open(three.workspace, create=False) as store:
        last = store.ledger()[-1]
        assert last.event == "cycle rollback" and WHY.reason in last.detail and "from cycle 3 back to 0" in last.detail
        assert last.subjects == (made.id, made.cycle, three.after[0])
        assert store.get(made.id) == made and made.made.person == "officer-1"
    assert asked(three, released) == (three.after[0], 0) and asked(three, lineage_of) == []


def test_what_is_in_force_is_the_last_that_the_gate_released_along_what_stands(tmp_path):
    made = Recorded(tmp_path / "w")
    made.cycle(1)
    made.cycle(2, decision="hold")
    held = made.after[2]
    made.cycle(3, decision="refuse")
    made.cycle(4, chosen="keep")
    assert made.after[4] == made.after[3] == held != made.after[1]  # a held one goes on, a refused one does not
    assert asked(made, released) == (made.after[1], 1)
    (arm,) = status(made.workspace).arms
    assert arm.in_force.id == made.after[1] and arm.next_from.id == held and arm.next_from.cycle == 4
    assert [one.decision for one in arm.cycles] == ["promote", "hold", "refuse", None]
    assert [len(one.failed) for one in arm.cycles] == [0, 1, 1, 0]
    roll_back(made.workspace, 0, WHY)
    assert asked(made, released) == (made.after[0], 0)


def test_cycles_end_by_a_stop_rule_until_somebody_takes_the_policy_back(tmp_path):
    made = Recorded(tmp_path / "w")
    made.cycle(1)
    last = made.cycle(2, stopping="wrong refusals")
    with Store.open(made.workspace, create=False) as store:
        assert not goes_on(store, last)
    (arm,) = status(made.workspace).arms
    assert arm.is_stopped and "wrong refusals" in arm.next and "wrong refusals" in arm.next_zh
    roll_back(made.workspace, 1, WHY)
    with Store.open(made.workspace, create=False) as store:
        assert goes_on(store, last)
    (arm,) = status(made.workspace).arms
    assert not arm.is_stopped and arm.next == "cycle 3 would start from what cycle 1 ended with"


def test_a_cycle_made_anew_leaves_none_standing_that_rested_on_the_old_one(three):
    roll_back(three.workspace, 1, WHY)
    made = three.cycle(2, code=" of newer code")
    assert asked(three, cycles_of)[-1] == made and numbers(asked(three, cycles_of)) == [1, 2]
    (arm,) = status(three.workspace).arms
    assert arm.replaced == 2 and [one.is_void for one in arm.rollbacks] == [True]
    assert asked(three, rollbacks_of) == {}  # it was about a cycle 3 that stands no more
    newer = three.cycle(3, code=" of newer code")
    assert asked(three, start_of, 4, newer.after) == newer.after


def test_a_start_that_is_not_what_the_cycle_before_ended_with_is_left_alone(three):
    roll_back(three.workspace, 1, WHY)
    assert asked(three, start_of, 4, three.after[2]) == three.after[2]


def refused(made, message, *arguments, **named):
    before = verify_ledger(made.workspace, None)["entries"]
    with pytest.raises((SettingError, StoreError), match=message):
        roll_back(made.workspace, *arguments, **named)
    assert verify_ledger(made.workspace, None)["entries"] == before


def test_what_goes_nowhere_is_refused(three):
    refused(three, "is the last there was: this would not go back", 3, WHY)
    refused(three, "cycle 7 was not run, cycle 3 is the last", 7, WHY)
    refused(three, "cycle -1 does not exist", -1, WHY)
    refused(three, "arm 'llama' has no cycle here: name one of qwen3", 1, WHY, arm="llama")
    refused(three, r"run 'other' has no cycle here: name one of small-cycles \(a1b2c3\)", 1, WHY, run="other")
    with pytest.raises(RecordError, match="has no reason"):
        roll_back(three.workspace, 1, Going("  "))
    roll_back(three.workspace, 1, WHY)
    refused(three, "is where the policy was taken back to already", 1, WHY)


def test_where_nothing_was_run_there_is_nothing_to_take_back(tmp_path):
    refused(Recorded(tmp_path / "w"), "finds no cycle to take back", 0, WHY)
    with pytest.raises(StoreError, match="is not a workspace"):
        roll_back(tmp_path / "nowhere", 0, WHY)
    assert not (tmp_path / "nowhere").exists()


def test_of_several_policies_and_runs_one_must_be_named(three):
    other = Recorded(three.workspace, arm="llama")
    other.cycle(1)
    refused(three, "must name its policy, there are several: --arm with one of qwen3, llama", 0, WHY)
    later = Recorded(three.workspace, run="d4e5f6", recipe="other-cycles")
    later.cycle(1)
    refused(three, r"must name its run, there are several: --run with one of a1b2c3 \(small", 1, WHY, arm="qwen3")
    assert [(one.run, one.arm) for one in status(three.workspace).arms] == [
        ("a1b2c3", "qwen3"),
        ("a1b2c3", "llama"),
        ("d4e5f6", "qwen3"),
    ]
    assert roll_back(three.workspace, 0, WHY, run="d4e5").run == "d4e5f6"
    assert roll_back(three.workspace, 2, WHY, arm="qwen3", run="small-cycles").to == 2
    assert asked(other, rollbacks_of) == {} and asked(later, lineage_of) == []
    assert numbers(asked(three, lineage_of)) == [1, 2]


def test_weights_that_are_gone_or_changed_are_not_gone_back_to(three):
    shutil.rmtree(three.folder(1))
    refused(three, "qwen3 cycle 1.*has its weights no more.*nothing was changed", 1, WHY)
    (three.folder(2) / "model.safetensors").write_bytes(b"others")
    refused(three, "has other weights now than when it was recorded", 2, WHY)
    (arm,) = status(three.workspace).arms
    assert arm.in_force.is_there
    assert roll_back(three.workspace, 0, WHY).to == 0


def test_what_would_be_in_force_must_be_there_too(tmp_path):
    made = Recorded(tmp_path / "w")
    made.cycle(1)
    made.cycle(2, decision="hold")
    made.cycle(3)
    shutil.rmtree(made.folder(1))
    refused(made, "qwen3 cycle 1", 2, WHY)  # 2 is there, but 1 is what would be served


def test_nobody_takes_back_while_a_run_is_at_work(three):
    with Workspace(three.workspace, is_writer=True):
        refused(three, "is in use by another run", 1, WHY)
        assert status(three.workspace).arms[0].stands == 3  # looking is allowed


class Told:
    """The same by the plainest means: for each number the policy, what is in force and the path that led there."""

    def __init__(self, start):
        self.states = {0: (start, 0, [])}
        self.last = self.stands = 0

    def cycle(self, after, is_released):
        _, force, path = self.states[self.stands]
        self.last += 1
        self.states[self.last] = (after, self.last if is_released else force, [*path, self.last])
        self.stands = self.last


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["promote", "hold", "refuse", "keep", "back"]), st.integers(0, 5)), max_size=9)
)
def test_any_course_of_cycles_and_rollbacks_stands_where_it_should(tmp_path_factory, course):
    made = Recorded(tmp_path_factory.mktemp("course") / "w")
    told = Told(made.after[0])
    for what, to in course:
        if what == "back":
            if to < told.last and to != told.stands:
                roll_back(made.workspace, to, WHY)
                told.stands = to
            continue
        cycle = made.cycle(
            told.last + 1,
            start=told.stands,
            chosen="keep" if what == "keep" else "kto",
            decision="hold" if what == "keep" else what,
        )
        assert asked(made, start_of, cycle.number, made.after[cycle.number - 1]) == cycle.before
        told.cycle(cycle.after, what == "promote")
    policy, force, path = told.states[told.stands]
    history = asked(made, history_of)
    assert numbers(history.lineage(history.stands)) == path
    if told.last:
        assert history.policy(history.stands) == policy and asked(made, released).cycle == force
        assert status(made.workspace).arms[0].in_force.cycle == force
    with Store.open(made.workspace, create=False) as store:
        assert all(one.to < one.after for one in store.all(Rollback))
