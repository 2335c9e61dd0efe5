"""Taking in: consent, repeats, flags; what is kept, what is counted, and that no identifier is among it."""

import pytest

from primum.errors import RecordError
from primum.records import ByPerson, BySimulation, Turn
from primum.signals import LogSettings
from primum.signals.identifiers import pseudonym
from primum.signals.intake import Intake
from primum.signals.judged import flag_records, told_by_flags
from primum.signals.near import NearIndex
from primum.signals.reading_rows import Refused
from primum.signals.reading_shapes import Logged, LoggedFlag, LoggedGuardian, LoggedTurn

SETTINGS = LogSettings(licence="CC0-1.0")
KEY = b"a secret of some length"
LONG = "I have had a cough for three weeks and it is worse at night, what should I do about it now?"


def logged(text=LONG, answer="See a doctor this week.", id="", **changes):
    values = dict(  # noqa: C408
        place="a.jsonl:1",
        id=id,
        turns=(LoggedTurn("user", text),),
        answer=answer,
        finish="stop",
        policy="",
        day="",
        consent="given",
        basis="",
        licence="CC0-1.0",
        guardian=None,
        flags=(),
        is_simulated=False,
        system_turns=0,
    )
    return Logged(**values | changes)


def flag(reason="unsafe", severity=2, role="clinician", conversation="", by="Dr Emily Carter", note="", correction=""):
    return LoggedFlag("f.jsonl:1", conversation, by, role, reason, severity, note, correction)


def taken(*rows, flags=(), settings=SETTINGS):
    intake = Intake(settings, KEY, flags)
    for row in rows:
        intake.take(row)
    intake.close()
    return intake


def test_who_refused_consent_is_not_kept():
    intake = taken(logged(consent="refused", flags=(flag(),)), logged("Another question?"))
    assert [one.request for one in intake.conversations] == ["Another question?"]
    assert intake.counts["consent refused"] == 1 and intake.counts["flags without consent"] == 1


@pytest.mark.parametrize("place", [0, 1, 2])
def test_who_refuses_in_one_row_of_a_conversation_refuses_in_all(place):
    rows = [
        logged(id="a", flags=(flag(),)),
        logged("Another question, at some length?", id="a"),
        logged("Mine?", id="b"),
    ]
    rows.insert(place, logged("Please forget what I said.", id="A", consent="refused"))
    intake = taken(*rows)
    assert [one.request for one in intake.conversations] == ["Mine?"]
    assert intake.counts["consent refused"] + len(intake.refused) == 3 and intake.counts["flags without consent"] == 1


def test_what_stands_beside_a_conversation_holds_no_identifier_either():
    guardian = LoggedGuardian("rules of Dr Planter, 415-555-0132", True, "accept", 0.9, "block", None, None)
    signed = "form signed by Mr Planter, phone 415-555-0132"
    told = flag(by="Quentin Marlow", note="Quentin Marlow saw this; so did Marlow's team.")
    late = flag(by="孙浩然", note="孙浩然已看。", conversation="gone")
    (one,) = taken(logged(guardian=guardian, basis=signed, licence=f"CC0-1.0, {signed}", flags=(told,))).conversations
    assert one.guardian.judge == "rules of Dr [NAME], [PHONE]"
    assert one.basis == "form signed by Mr [NAME], phone [PHONE]" and one.licence == f"CC0-1.0, {one.basis}"
    assert one.flags[0].note == "[NAME] saw this; so did [NAME]'s team."
    intake = Intake(SETTINGS, KEY, [late])
    intake.know(pseudonym("gone", KEY, "conversation"), (Turn(role="user", content="Any?"),), None)
    intake.close()
    assert intake.late[0][1].note == "[姓名]已看。"


@pytest.mark.parametrize("by", ["SMITH, John", "John Smith", "Dr. J. Smith", "Smith"])
def test_who_flags_is_found_however_the_name_is_written(by):
    (one,) = taken(logged(flags=(flag(by=by, note="Smith saw it; call Dr Smith."),))).conversations
    assert one.flags[0].note == "[NAME] saw it; call Dr [NAME]."


@pytest.mark.parametrize("by", ["system", "nurse", "Dr", "u-1234", "", "the doctor on call", "护士"])
def test_who_flags_under_no_name_takes_no_word_away(by):
    (one,) = taken(
        logged(flags=(flag(by=by, note="The nurse and the doctor of the system on call, Dr u-1234; 护士来了"),))
    ).conversations
    assert one.flags[0].note == "The nurse and the doctor of the system on call, Dr u-1234; 护士来了"


def test_identifiers_are_gone_from_every_text_and_ids_are_hashed():
    told = flag(note="Ask Sarah Whitcombe, 415-555-0132", correction="Dear Sarah, rest.", by="Dr Emily Carter")
    (one,) = taken(
        logged("My name is Sarah Whitcombe, I cough.", "Rest, Sarah.", id="sarah-1", flags=(told,), policy="clinic")
    ).conversations
    assert one.turns == (Turn(role="user", content="My name is [NAME], I cough."),) and one.answer == "Rest, [NAME]."
    (kept,) = one.flags
    assert (kept.note, kept.correction) == ("Ask [NAME], [PHONE]", "Dear [NAME], rest.")
    assert kept.person.startswith("person-") and one.key.startswith("conversation-") and "sarah" not in one.key
    assert one.removed == {"name": 4, "phone": 1}


@pytest.mark.parametrize("again", [LONG, LONG.upper() + "  ", LONG.replace("three", "four")])
def test_what_says_the_same_is_counted_on_the_one_that_is_kept(again):
    intake = taken(logged(), logged(again, flags=(flag(),)))
    (one,) = intake.conversations
    assert one.repeats == 1 and intake.counts["repeats"] == 1
    assert [told.reason for told in one.flags] == ["unsafe"]


def test_a_flagged_answer_that_is_another_one_stays_beside_it():
    intake = taken(logged(), logged(answer="Nothing."), logged(answer="Take opium.", flags=(flag(),)))
    assert [(one.answer, one.repeats, len(one.flags)) for one in intake.conversations] == [
        ("See a doctor this week.", 1, 0),
        ("Take opium.", 0, 1),
    ]


def test_flags_of_a_file_find_their_conversation_or_are_refused():
    intake = taken(logged(id="x"), flags=[flag(conversation="x"), flag(conversation="y"), Refused("f:2", "bad")])
    assert len(intake.conversations[0].flags) == 1
    assert [one.reason for one in intake.refused] == ["bad", "the flag names a conversation that is not in the log"]


def test_one_id_names_one_conversation():
    intake = taken(logged(id="x"), logged("A wholly different question on feet?", id="x"), logged(id="x"))
    assert len(intake.conversations) == 1 and intake.counts["repeats"] == 1
    assert [one.reason for one in intake.refused] == ["the id of the conversation names another one already"]


def test_what_was_stored_before_is_not_kept_again_and_new_flags_reach_it():
    intake = Intake(SETTINGS, KEY, [flag(conversation="x")])
    (before,) = taken(logged(id="x")).conversations
    intake.know(before.key, before.turns, before.answer)
    intake.take(logged(LONG.replace("three", "four"), flags=(flag("unkind"),)))
    intake.close()
    assert intake.conversations == [] and intake.counts["stored before"] == 1
    assert [(key, told.reason) for key, told in intake.late] == [(before.key, "unkind"), (before.key, "unsafe")]


@pytest.mark.parametrize(
    ("flags", "guardian", "told"),
    [
        ([flag("unsafe", 3), flag("unsafe", 1)], None, (3, "person")),
        ([flag("wrong_refusal")], None, (0, "person")),
        ([flag("wrong_refusal", role="patient")], None, (None, "")),
        ([flag("unsafe"), flag("wrong_refusal")], None, (None, "disagree")),
        ([flag("unkind")], None, (None, "")),
        ([], LoggedGuardian("g", False, "accept", 0.95, "block", None, None), (3, "guardian")),
        ([], LoggedGuardian("g", False, "accept", 0.85, "block", None, None), (None, "")),
        ([], LoggedGuardian("g", False, "accept", 0.95, "pass", None, None), (None, "")),
        ([], LoggedGuardian("g", False, "refuse", 0.95, "warn", None, None), (0, "guardian")),
        ([flag("wrong_refusal")], LoggedGuardian("g", False, "accept", 0.95, "block", None, None), (0, "person")),
    ],
)
def test_a_trusted_persons_word_goes_before_a_guardians(flags, guardian, told):
    (one,) = taken(logged(flags=tuple(flags), guardian=guardian)).conversations
    assert told_by_flags(one, SETTINGS.trusted_roles, 0.9) == told


def test_flags_become_records_and_only_trusted_words_teach():
    from primum.records import ByImport, Response

    answer = Response(scenario="scenario-1", text="a", made=ByImport(dataset="logs", row="1"))
    guardian = LoggedGuardian("g", False, "accept", 0.95, "block", None, None)
    flags = (flag("unsafe", correction="No."), flag("unkind", role="患者", by="p", correction="Yes!"))
    (one,) = taken(logged(flags=flags, guardian=guardian)).conversations
    told = flag_records(one, "signal-1", "scenario-1", answer, SETTINGS.trusted_roles)
    assert told.right is False and told.correction.text == "No." and told.untrusted == 1
    assert [told.flags[0].because] == [record.id for record in told.records if record.kind() == "judgement"]
    assert isinstance(told.flags[1].made, ByPerson) and told.flags[2].made.role == "patient"
    assert told.correction.made == told.flags[1].made
    (one,) = taken(logged(flags=(flag("wrong_refusal", role="patient"),))).conversations
    assert flag_records(one, "s", "c", answer, SETTINGS.trusted_roles).right is None
    (one,) = taken(logged(flags=(flag(),), is_simulated=True)).conversations
    assert flag_records(one, "s", "c", answer, SETTINGS.trusted_roles).flags[0].made == BySimulation(
        generator="simulated clinician", seed=0
    )


def test_near_duplicates_are_told_by_their_words():
    index = NearIndex(0.8)
    assert index.like(LONG) is None and index.add(LONG) == 0
    assert index.like(f" {LONG.upper()}") == 0 and index.like(LONG.replace("three", "four")) == 0
    assert index.like(LONG[: len(LONG) // 2]) is None and index.like("") is None
    assert index.add("") == 1 and index.like("") == 1
    for number in range(100):
        index.add(f"question number {number} about {number * 7919} things")
    assert len(index) == 102 and index.like(LONG) == 0


@pytest.mark.parametrize(
    "wrong",
    [{"licence": " "}, {"consent": "not required"}, {"least_confidence": 0.2}, {"threshold": 2}, {"read_level": 0}],
)
def test_settings_that_cannot_be_followed_are_refused(wrong):
    with pytest.raises(RecordError):
        LogSettings(**{"licence": "x"} | wrong)
