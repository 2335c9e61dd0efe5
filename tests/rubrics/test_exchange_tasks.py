"""Tasks for Label Studio and Argilla: what people are shown, and what they said comes back as rows of a sheet or as choices."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from life_sample import base

from primum.errors import InputError
from primum.records import ByPerson, ByRule, Preference, Response, Scenario, Turn
from primum.rubrics.exchange import (
    Placed,
    Shown,
    argilla,
    completed,
    criterion_tasks,
    label_studio,
    pair_task,
    read_objects,
)
from primum.rubrics.life import refine_by_rows

SCENARIO = Scenario(
    messages=(Turn(role="user", content="胸痛怎么办？"),),
    task="open",
    dimension="x",
    language="zh",
    dataset="ours",
    made=ByRule(rule="test"),
    reference="立即就医。",
)
OLD = base(scenario=SCENARIO.id)


def placed(rows):
    return [Placed(f"t.json:{number}", row) for number, row in enumerate(rows, 1)]


def studio_says(number, person, **values):
    """The export of Label Studio after a person annotated the task of a criterion (0: what is missing)."""
    rows = label_studio.criterion_rows(criterion_tasks(SCENARIO, OLD))
    row = next(one for one in rows if one["data"]["number"] == number)
    result = [label_studio._result(name, value) for name, value in values.items()]
    return row | {"annotations": [{"id": 1, "completed_by": person, "was_cancelled": False, "result": result}]}


def argilla_says(number, person, **values):
    rows = argilla.criterion_rows(criterion_tasks(SCENARIO, OLD))
    row = next(one for one in rows if one["metadata"]["number"] == number)
    return row | {"responses": {name: [{"value": value, "user_id": person}] for name, value in values.items()}}


def refined(review):
    return refine_by_rows(OLD, completed(OLD, review.rows), review.person)


def test_a_task_for_each_criterion_and_one_for_what_is_missing():
    rows = label_studio.criterion_rows(criterion_tasks(SCENARIO, OLD))
    assert [row["data"]["number"] for row in rows] == [1, 2, 3, 4, 5, 0]
    assert rows[0]["data"]["prompt"] == "胸痛怎么办？" and rows[0]["data"]["rubric"] == OLD.rubric.id
    assert not rows[-1]["predictions"]
    records = argilla.criterion_rows(criterion_tasks(SCENARIO, OLD))
    assert records[4]["suggestions"]["points"]["value"] == "-8" and records[0]["fields"]["reference"] == "立即就医。"


def test_the_configuration_names_what_the_tasks_hold():
    rows = label_studio.criterion_rows(criterion_tasks(SCENARIO, OLD))
    tree = ElementTree.fromstring(label_studio.criterion_config())
    named = {node.get("name"): node for node in tree.iter() if node.get("name")}
    for row in rows:
        for result in (result for prediction in row["predictions"] for result in prediction["result"]):
            assert named[result["from_name"]].get("toName") == result["to_name"]
            assert named[result["from_name"]].tag.lower() == result["type"]
    shown = [node.get("value") for node in tree.iter("Text")]
    assert all(value.removeprefix("$") in rows[0]["data"] for value in shown)
    settings = argilla.criterion_settings()
    assert set(argilla.criterion_rows(criterion_tasks(SCENARIO, OLD))[0]["fields"]) <= {
        field["name"] for field in settings["fields"]
    }
    pairs = ElementTree.fromstring(label_studio.pair_config())
    assert [node.get("toName") for node in pairs.iter("Pairwise")] == ["left,right"]


@pytest.mark.parametrize("tool", ["label-studio", "argilla"])
def test_what_people_said_comes_back_as_their_refinements(tool):
    if tool == "label-studio":
        rows = [
            studio_says(
                1, 7, statement=["建议立即拨打120。"], points=10, kind=["safety"], reason=["unsafe"], note=["快"]
            ),
            studio_says(2, 7, statement=["说明可能是心肌梗死。", "解释为何不能等待。"], reason=["double_barrelled"]),
            studio_says(4, 7, decision=["remove"], reason=["not_relevant"]),
            studio_says(0, 7, statement=["提醒保持静息。"], points=4, reason=["missing"]),
            studio_says(3, {"id": 8, "email": "not.kept@example.org"}, points=5, reason=["weight"]),
        ]
        reviews, names = label_studio.reviewed(placed(rows), "clinician"), ["annotator-7", "annotator-8"]
    else:
        rows = [
            argilla_says(
                1, "u-7", statement="建议立即拨打120。", points="10", kind="safety", reason="unsafe", note="快"
            ),
            argilla_says(2, "u-7", statement="说明可能是心肌梗死。\n\n解释为何不能等待。", reason="double_barrelled"),
            argilla_says(4, "u-7", decision="remove", reason="not_relevant"),
            argilla_says(0, "u-7", statement="提醒保持静息。", points="4", reason="missing"),
            argilla_says(3, "u-8", points="5", reason="weight"),
        ]
        reviews, names = argilla.reviewed(placed(rows), "clinician"), ["annotator-u-7", "annotator-u-8"]
    assert [review.person for review in reviews] == [ByPerson(person=name, role="clinician") for name in names]
    first, second = map(refined, reviews)
    assert [(one.statement, one.points) for one in first.criteria] == [
        ("建议立即拨打120。", 10),
        ("说明可能是心肌梗死。", 6),
        ("解释为何不能等待。", 6),
        ("询问是否有高血压和糖尿病。", 3),
        ("建议在家观察到第二天。", -8),
        ("提醒保持静息。", 4),
    ]
    assert [change.reason for change in first.rubric.changes] == [
        "unsafe",
        "double_barrelled",
        "not_relevant",
        "missing",
    ]
    assert [one.points for one in second.criteria] == [10, 6, 5, 2, -8]


def test_leaving_all_as_suggested_is_consent():
    rows = [studio_says(1, 7, statement=["建议立即拨打120或前往急诊。"], points=10, kind=["safety"], decision=["keep"])]
    assert refined(label_studio.reviewed(placed(rows), "clinician")[0]).criteria == OLD.criteria


STATEMENTS = st.lists(
    st.tuples(
        st.text(alphabet="建议 ask.\n", min_size=1, max_size=12).filter(str.strip),
        st.integers(-10, 10).filter(bool),
        st.sampled_from(["proficiency", "excellence", "safety"]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one[0].strip(),
)


@given(STATEMENTS, st.sets(st.integers(0, 3)))
def test_what_is_suggested_is_the_rubric_and_points_alone_change_nothing_else(told, weighed):
    """Whoever submits each task as it is suggested, but for the points of some, gives the same rubric but for these points."""
    old = base(told)
    tasks = criterion_tasks(SCENARIO, old)
    studio, records = label_studio.criterion_rows(tasks), argilla.criterion_rows(tasks)
    for number, (task, row, record) in enumerate(zip(tasks[:-1], studio, records, strict=False)):
        points = (9 if task.points == 10 else 10) if number in weighed else task.points
        result = [*row["predictions"][0]["result"], label_studio._result("points", points)]
        result += [label_studio._result("reason", ["weight"])]
        row["annotations"] = [{"completed_by": 1, "result": result}]
        said = {name: one["value"] for name, one in record["suggestions"].items()}
        said |= {"points": str(points), "reason": "weight"}
        record["responses"] = {name: [{"value": value, "user_id": "1"}] for name, value in said.items()}
    for reader, rows in ((label_studio, studio), (argilla, records)):
        (review,) = reader.reviewed(placed(json.loads(json.dumps(rows))), "clinician")
        new = refine_by_rows(old, completed(old, review.rows), review.person)
        for number, (was, now) in enumerate(zip(old.criteria, new.criteria, strict=True)):
            assert (now.statement, now.kind_of, now.axis) == (was.statement, was.kind_of, was.axis)
            assert (now.points != was.points) == (number in weighed)
        assert len(new.rubric.changes) == len({number for number in weighed if number < len(told)})


def test_a_change_without_a_reason_is_refused_where_it_stands():
    for reviews in (
        label_studio.reviewed(placed([studio_says(1, 7, points=9)]), "clinician"),
        argilla.reviewed(placed([argilla_says(1, "u", points="9")]), "clinician"),
    ):
        with pytest.raises(InputError, match="no reason") as refused:
            refined(reviews[0])
        assert refused.value.place == "t.json:1"


def test_the_last_annotation_of_a_person_counts_and_cancelled_ones_do_not():
    row = studio_says(1, 7, points=9, reason=["weight"])
    later = studio_says(1, 7, points=8, reason=["weight"])["annotations"][0]
    cancelled = later | {"was_cancelled": True, "completed_by": 9}
    row["annotations"] += [later, cancelled]
    (review,) = label_studio.reviewed(placed([row]), "clinician")
    assert refined(review).criteria[0].points == 8


def shown(good="立即就医。", bad="再等等。"):
    chosen = Response(scenario=SCENARIO.id, text=good, made=ByRule(rule="test"))
    rejected = Response(scenario=SCENARIO.id, text=bad, made=ByRule(rule="test"))
    made = Preference(scenario=SCENARIO.id, chosen=chosen.id, rejected=rejected.id, made=ByRule(rule="test"))
    return Shown(made, SCENARIO, chosen, rejected)


@given(st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=9), st.sampled_from(["left", "right"]))
def test_a_pair_comes_back_as_the_person_chose(good, bad, side):
    if good == bad:
        return
    one = shown(good, bad)
    task = pair_task(one)
    assert pair_task(Shown(one.preference, SCENARIO, one.rejected, one.chosen)).left_id == task.left_id, (
        "no side of its own"
    )
    studio = label_studio.pair_rows([task])[0]
    assert studio["predictions"][0]["result"][0]["value"]["selected"] == task.better
    result = [label_studio._result("better", side, "left,right")]
    studio |= {"annotations": [{"completed_by": 3, "result": result}]}
    record = argilla.pair_rows([task])[0] | {"responses": {"better": [{"value": side, "user_id": "3"}]}}
    wanted = (task.left_id, task.right_id) if side == "left" else (task.right_id, task.left_id)
    for reader, row in ((label_studio, studio), (argilla, record)):
        (picked,) = reader.picked(placed([json.loads(json.dumps(row))]), "clinician")
        assert (picked.chosen, picked.rejected, picked.person.person) == (*wanted, "annotator-3")


def test_answers_stand_left_as_often_as_right():
    sides = [pair_task(shown(f"好{number}", f"坏{number}")).better for number in range(200)]
    assert 70 <= sides.count("left") <= 130


@pytest.mark.parametrize(
    ("reader", "row", "said"),
    [
        (label_studio, {"data": {"text": "x"}}, "lacks data"),
        (label_studio, {"data": {"rubric": "r", "number": 1}, "annotations": {}}, "is no list"),
        (label_studio, {"data": {"rubric": "r", "number": 1}, "annotations": [{"completed_by": 1}]}, "no result"),
        (label_studio, {"data": {"rubric": "r", "number": 1}, "annotations": [{"result": []}]}, "who completed"),
        (
            label_studio,
            {
                "data": {"rubric": "r", "number": 1},
                "annotations": [{"completed_by": 1, "result": [{"from_name": "x"}]}],
            },
            "none of our configuration",
        ),
        (
            label_studio,
            {
                "data": {"rubric": "r", "number": 1},
                "annotations": [{"completed_by": 1, "result": [{"from_name": ["x"], "value": {}}]}],
            },
            "none of our configuration",
        ),
        (
            label_studio,
            {
                "data": {"rubric": "r", "number": 1},
                "annotations": [{"completed_by": 1, "result": [{"from_name": "points", "value": 5}]}],
            },
            "is no table",
        ),
        (label_studio, {"data": {"rubric": ["r"], "number": 1}, "annotations": []}, "is no text"),
        (argilla, {"metadata": {"rubric": 5, "number": 1}, "fields": {}}, "is no text"),
        (argilla, {"fields": {}}, "lacks metadata"),
        (argilla, {"metadata": {"rubric": "r", "number": 1}}, "no fields"),
        (argilla, {"metadata": {"rubric": "r", "number": 1}, "fields": {}, "responses": {"x": []}}, "none of our"),
        (
            argilla,
            {"metadata": {"rubric": "r", "number": 1}, "fields": {}, "responses": {"note": [{"value": 3}]}},
            "no text or no user_id",
        ),
    ],
)
def test_what_is_not_of_ours_is_refused_with_its_place(reader, row, said):
    with pytest.raises(InputError, match=said) as refused:
        reader.reviewed([Placed("t.json:4", row)], "clinician")
    assert refused.value.place == "t.json:4"


@pytest.mark.parametrize("tool", [label_studio, argilla])
@pytest.mark.parametrize("name", ["scenario", "left_id", "right_id", "rubric"])
@pytest.mark.parametrize("value", [5, ["x"], {}])
def test_a_pair_of_ids_that_are_no_texts_is_refused_with_its_place(tool, name, value):
    data = {"scenario": "s", "left_id": "a", "right_id": "b", "rubric": "r"} | {name: value}
    result = [{"from_name": "better", "value": {"selected": "left"}}]
    studio = {"data": data, "annotations": [{"completed_by": 1, "result": result}]}
    record = {"metadata": data, "responses": {"better": [{"value": "left", "user_id": "3"}]}}
    with pytest.raises(InputError, match=f"^{name} .*is no text") as refused:
        tool.picked([Placed("t.json:4", studio if tool is label_studio else record)], "clinician")
    assert refused.value.place == "t.json:4"


# --- reading JSON ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [None, 2])
def test_arrays_and_lines_are_read_with_their_places(tmp_path, indent):
    rows = [{"a": 1}, {"b": "]\n,"}, {"c": [1, 2]}]
    path = tmp_path / "t.json"
    path.write_text(json.dumps(rows, indent=indent), encoding="utf-8")
    found = read_objects(path)
    assert [one.row for one in found] == rows
    assert [one.place for one in found] == [f"{path}:{n}" for n in ((1, 1, 1) if indent is None else (2, 5, 8))]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert [one.place for one in read_objects(path)] == [f"{path}:{n}" for n in (1, 2, 3)]


def test_a_pair_of_halves_is_a_character(tmp_path):
    path = tmp_path / "t.json"
    path.write_text('{"a": "\\ud83e\\ude7a"}', encoding="utf-8")
    assert read_objects(path)[0].row == {"a": "🩺"}


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ('[{"a": 1},\n{"b": ]', "broken JSON", 2),
        ('[{"a": 1}\n\n{"b": 1}]', "between two rows", 3),
        ('[{"a": 1},\n 3]', "not a JSON object", 2),
        ('[{"a": 1},\n{"b": ' + "9" * 5_000 + "}]", "broken JSON", 2),
        ('[{"a": 1},\n{"b": ["\\ud800 says"]}]', "half of a pair", 2),
        ('{"a": 1}\n{"\\uDC00": 1}', "half of a pair", 2),
        ('[{"a": 1}]\nmore', "does not end", 1),
        ('[{"a": 1},', "does not end", 1),
        ("[]", "no rows", None),
        ("", "no rows", None),
    ],
)
def test_json_that_is_broken_names_its_line(tmp_path, text, said, line):
    path = tmp_path / "t.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as refused:
        read_objects(path)
    assert refused.value.place == (str(path) if line is None else f"{path}:{line}")
