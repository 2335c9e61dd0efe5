"""HealthBench and preference rows: what goes out comes back the same, what is broken is refused with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from primum.errors import InputError
from primum.records import (
    ByImport,
    ByPerson,
    ByRule,
    Criterion,
    KeyCheck,
    Preference,
    QuestionCheck,
    Response,
    Rubric,
    Scenario,
    StanceCheck,
    Turn,
)
from primum.rubrics.exchange import healthbench, preferences
from primum.rubrics.exchange.healthbench import HealthBenchRow, Item, Message
from primum.rubrics.exchange.preferences import PreferenceRow

TEXT = st.text(alphabet="建议立即 ask:about{}\"'\n,", min_size=1, max_size=30).filter(str.strip)
NAME = st.text(alphabet="abc_", min_size=1, max_size=8)
PERSON = ByPerson(person="K1", role="clinician")


@st.composite
def criteria(draw):
    checks = st.sampled_from(
        [None, StanceCheck(stances=("refuse",)), KeyCheck(letters=("A", "C")), QuestionCheck(question="Q2")]
    )
    return Criterion(
        statement=draw(TEXT),
        points=draw(st.integers(-10, 10).filter(bool)),
        axis=draw(NAME),
        kind_of=draw(st.sampled_from(["proficiency", "excellence", "safety"])),
        language=draw(st.sampled_from(["zh", "en"])),
        made=ByRule(rule="test", version=str(draw(st.integers(0, 99)))),
        norms=tuple(draw(st.lists(st.sampled_from(["norm-1", "norm-2"]), unique=True))),
        check_by=draw(checks),
        principle=draw(st.sampled_from([None, "principle-1"])),
    )


@st.composite
def scenarios(draw):
    roles = st.sampled_from(["system", "user", "assistant"])
    before = draw(st.lists(st.tuples(roles, TEXT), max_size=3))
    return Scenario(
        messages=(*(Turn(role=role, content=text) for role, text in before), Turn(role="user", content=draw(TEXT))),
        task="open",
        dimension=draw(NAME),
        language=draw(st.sampled_from(["zh", "en"])),
        dataset=draw(NAME),
        made=ByImport(dataset="set", row=draw(NAME)),
        harm_level=draw(st.integers(0, 3)),
        reference=draw(st.none() | TEXT),
        split=draw(st.sampled_from([None, "train", "dev", "test"])),
    )


def rubric_of(scenario, made):
    return Rubric(scenario=scenario.id, criteria=tuple(one.id for one in made), made=PERSON)


LINKS = dict.fromkeys(("norm-1", "norm-2", "principle-1"), PERSON)


@given(scenarios(), st.lists(criteria(), min_size=1, max_size=4, unique_by=lambda one: one.id))
def test_a_rubric_that_leaves_comes_back_the_same(scenario, made):
    import msgspec

    row = healthbench.to_row(scenario, rubric_of(scenario, made), made)
    row = msgspec.json.decode(msgspec.json.encode(row), type=HealthBenchRow)
    there = {one.id: one for one in (scenario, rubric_of(scenario, made), *made)} | LINKS
    assert set(healthbench.claimed([("f:1", row)])) <= set(there)
    home = healthbench.from_rows([("f:1", row)], "set", None, there)
    assert (home.scenarios, home.criteria, home.rubrics) == ([scenario], made, [rubric_of(scenario, made)])
    away = healthbench.from_rows([("f:1", row)], "set", None, LINKS)
    assert [replace(one, made=PERSON) for one in away.criteria] == [replace(one, made=PERSON) for one in made]
    (met,) = away.scenarios
    assert replace(met, made=scenario.made) == scenario
    assert not away.dropped and away.rubrics[0].state == "drafted"


def row(**changes):
    item = Item("建议就医。", 5, ["axis:accuracy", "level:example"])
    plain = HealthBenchRow("p1", [Message("user", "怎么办？")], [item], ["theme:hedging"])
    return replace(plain, **changes)


def test_a_published_row_is_read_as_the_bench_reads_it(tmp_path):
    import msgspec

    from primum.bench import load_healthbench

    path = tmp_path / "healthbench.jsonl"
    path.write_bytes(msgspec.json.encode(row()))
    theirs, ours = load_healthbench(path), healthbench.from_rows([("f:1", row())], "healthbench", None, {})
    assert [(one.statement, one.points, one.axis, one.kind_of) for one in ours.criteria] == [
        (one.statement, one.points, one.axis, one.kind_of) for one in theirs.criteria
    ]
    assert ours.criteria[0].made.row == theirs.criteria[0].made.row == "p1#1"
    assert ours.scenarios[0].messages == theirs.scenarios[0].messages
    assert ours.scenarios[0].dimension == theirs.scenarios[0].dimension == "hedging"


def test_who_wrote_it_is_the_person_named_and_states_are_not_taken_over():
    found = healthbench.from_rows([("f:1", row(example_tags=["state:verified"]))], "set", PERSON, {})
    assert (found.rubrics[0].made, found.rubrics[0].state) == (PERSON, "drafted")


def test_links_to_what_is_not_there_are_dropped_and_counted():
    tags = ["axis:accuracy", "norm:norm-1", "norm:norm-2", "principle:principle-1"]
    found = healthbench.from_rows([("f:1", row(rubrics=[Item("甲。", 5, tags)]))], "set", None, {"norm-1": PERSON})
    assert found.criteria[0].norms == ("norm-1",) and found.criteria[0].principle is None
    assert found.dropped == {
        "links to a norm that is not in the workspace": 1,
        "links to a principle that is not in the workspace": 1,
    }


def test_an_id_that_stands_for_something_else_is_not_believed():
    other = healthbench.from_rows([("f:1", row())], "set", None, {}).criteria[0]
    changed = row(rubrics=[Item("建议休息。", 5, ["axis:accuracy", f"id:{other.id}"])])
    found = healthbench.from_rows([("f:1", changed)], "set", None, {other.id: other})
    assert found.criteria[0].statement == "建议休息。"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prompt_id": " "}, "empty prompt_id"),
        ({"prompt": [Message("doctor", "好。")]}, "not allowed"),
        ({"prompt": []}, "does not end"),
        ({"rubrics": []}, "no criteria"),
        ({"rubrics": [Item("甲。", 0)]}, "not 0"),
        ({"rubrics": [Item("甲。", 11)]}, "from −10 to 10"),
        ({"rubrics": [Item("甲。", 2.5)]}, "no whole points"),
        ({"rubrics": [Item("甲。", 1e300)]}, "with 1e\\+300 points"),
        ({"rubrics": [Item(" ", 2)]}, "says nothing"),
        ({"rubrics": [Item("甲。", 2, ["kind:vital"])]}, "no known kind"),
        ({"rubrics": [Item("甲。", 2, ["check:{}"])]}, "is none"),
        ({"example_tags": ["harm:7"]}, "not allowed"),
        ({"example_tags": ["split:held"]}, "not allowed"),
    ],
)
def test_a_row_that_cannot_be_a_rubric_is_refused_with_its_place(changes, said):
    with pytest.raises(InputError, match=said) as refused:
        healthbench.from_rows([("f:1", row(prompt_id="p0")), ("f:2", row(**changes))], "set", None, {})
    assert refused.value.place == "f:2"


def test_a_prompt_id_stands_once():
    with pytest.raises(InputError, match="was there before") as refused:
        healthbench.from_rows([("f:1", row()), ("f:7", row())], "set", None, {})
    assert refused.value.place == "f:7"


# --- preferences -------------------------------------------------------------------------------------------------------------


@given(scenarios(), TEXT, TEXT, st.none() | st.floats(0, 9), st.booleans())
def test_a_preference_that_leaves_comes_back_the_same(scenario, good, bad, margin, is_plain):
    import msgspec

    chosen = Response(scenario=scenario.id, text=good, made=PERSON)
    rejected = Response(scenario=scenario.id, text=bad, made=ByRule(rule="test"))
    preference = Preference(
        scenario=scenario.id, chosen=chosen.id, rejected=rejected.id, made=PERSON, margin=margin, because=("j",)
    )
    if is_plain and len(scenario.messages) > 1:
        with pytest.raises(InputError, match="no plain text"):
            preferences.to_row(preference, scenario, chosen, rejected, is_plain=True)
        return
    out = preferences.to_row(preference, scenario, chosen, rejected, is_plain=is_plain)
    out = msgspec.json.decode(msgspec.json.encode(out), type=PreferenceRow)
    there = {one.id: one for one in (scenario, chosen, rejected, preference)}
    home = preferences.from_rows([("f:1", out)], "set", None, there)
    assert (home.scenarios, home.responses) == ([scenario], [chosen, rejected])
    assert home.preferences == [preference]
    if good == bad:
        return  # the same words by two people: elsewhere they are one answer, and no preference
    away = preferences.from_rows([("f:1", out)], "set", None, {})
    assert away.scenarios[0].messages == scenario.messages
    assert [one.text for one in away.responses] == [good, bad]
    assert away.preferences[0].margin == margin


def turn(role, content):
    return {"role": role, "content": content}


def test_texts_messages_and_prompts_inside_the_answers_are_all_read():
    rows = [
        PreferenceRow(prompt="怎么办？", chosen="就医。", rejected="等等。"),
        PreferenceRow(
            prompt=[turn("user", "怎么办？")],
            chosen=[turn("assistant", "就医。")],
            rejected=[turn("assistant", "不管。")],
        ),
        PreferenceRow(
            chosen=[turn("user", "怎么办？"), turn("assistant", "就医。")],
            rejected=[turn("user", "怎么办？"), turn("assistant", "睡觉。")],
        ),
    ]
    found = preferences.from_rows([(f"f:{n}", one) for n, one in enumerate(rows, 1)], "set", PERSON, {})
    assert len(found.scenarios) == 1 and found.scenarios[0].language == "zh"
    assert [one.text for one in found.responses] == ["就医。", "等等。", "不管。", "睡觉。"], "one answer is one record"
    assert {one.made for one in found.preferences} == {PERSON} and len(found.preferences) == 3


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (PreferenceRow(chosen="甲", rejected="乙"), "has no prompt"),
        (PreferenceRow(prompt="问", chosen="甲", rejected="甲"), "preferred to itself"),
        (PreferenceRow(prompt="问", chosen="甲", rejected="乙", margin=-3.0), "margin -3 is no number from 0"),
        (PreferenceRow(prompt="问", chosen="甲", rejected="乙", margin=float("nan")), "margin nan"),
        (PreferenceRow(prompt=" ", chosen="甲", rejected="乙"), "does not end"),
        (PreferenceRow(prompt="问", chosen=[turn("user", "甲")], rejected="乙"), "not one message of the assistant"),
        (PreferenceRow(prompt=[{"role": "user"}], chosen="甲", rejected="乙"), "of a known role"),
        (PreferenceRow(chosen=[turn("assistant", "甲")], rejected=[turn("assistant", "乙")]), "does not end"),
    ],
)
def test_a_row_that_is_no_preference_is_refused_with_its_place(row, said):
    good = PreferenceRow(prompt="问", chosen="甲", rejected="乙")
    with pytest.raises(InputError, match=said) as refused:
        preferences.from_rows([("f:1", good), ("f:2", row)], "set", None, {})
    assert refused.value.place == "f:2"


def test_trl_takes_both_forms():
    pytest.importorskip("trl", reason="TRL is not installed")
    from trl.data_utils import is_conversational

    found = preferences.from_rows([("f:1", PreferenceRow(prompt="问", chosen="甲", rejected="乙"))], "set", None, {})
    one = (found.preferences[0], found.scenarios[0], *found.responses)
    rows = [preferences.to_row(*one), preferences.to_row(*one, is_plain=True)]
    forms = [is_conversational({name: getattr(row, name) for name in ("prompt", "chosen", "rejected")}) for row in rows]
    assert forms == [True, False]


def test_ids_that_stand_for_other_words_are_not_believed():
    first = preferences.from_rows([("f:1", PreferenceRow(prompt="问", chosen="甲", rejected="乙"))], "set", None, {})
    there = {one.id: one for one in (*first.scenarios, *first.responses, *first.preferences)}
    out = preferences.to_row(first.preferences[0], first.scenarios[0], *first.responses, is_plain=True)
    again = preferences.from_rows([("g:1", replace(out, prompt="再问", chosen="丙"))], "set", None, there)
    assert again.scenarios[0].prompt == "再问" and [one.text for one in again.responses] == ["丙", "乙"]
    assert again.preferences[0].id not in there
    moved = preferences.from_rows([("g:1", replace(out, chosen="乙", rejected="甲"))], "set", None, there)
    assert [one.text for one in moved.responses] == ["乙", "甲"], "what the columns say holds"
    assert moved.preferences[0].id not in there
