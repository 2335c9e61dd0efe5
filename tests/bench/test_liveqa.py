"""LiveQA-Med: grades by people as verdicts, on small files written here and on the open data where it is present."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from primum import bench
from primum.bench.liveqa import LIVEQA_STATEMENTS
from primum.errors import InputError
from primum.records import ByImport, Met

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
NAMES = {1: "Incorrect", 2: "Related", 3: "Incomplete", 4: "Excellent"}


def row(question: int, answer: str, grade: int, **others: Any) -> dict[str, Any]:
    return {
        "question_id": question,
        "subject": "",
        "message": f"what helps against {question} please",
        "summary": f"What helps against {question}?",
        "answer_id": f"NHLBI_{answer[:3]}",
        "answer": answer,
        "grade": grade,
        "grade_name": NAMES[grade],
        **others,
    }


def folder(root: Path, *rows: object) -> Path:
    text = "".join(one if isinstance(one, str) else json.dumps(one) + "\n" for one in rows)
    (root / "judged.jsonl").write_text(text, encoding="utf-8")
    return root


def grades(got: bench.Imported) -> dict[str, list[int]]:
    """The grades that the verdicts came from, by response, in the order of the judges."""
    met = Counter((one.response, one.judge) for one in got.verdicts if isinstance(one.outcome, Met))
    return {one.id: [1 + met[one.id, judge.id] for judge in got.judges] for one in got.responses}


def test_a_grade_is_one_more_than_the_statements_that_are_met(tmp_path: Path) -> None:
    rows = [row(7, f"answer {grade}", grade) for grade in (1, 2, 3, 4)]
    got = bench.load_liveqa(folder(tmp_path, *rows, row(8, "another", 2, subject="Help")))
    assert [(one.prompt, one.cluster, one.split) for one in got.scenarios] == [
        ("what helps against 7 please", "liveqa-med-7", None),
        ("Help\n\nwhat helps against 8 please", "liveqa-med-8", None),
    ]
    assert [found[0] for found in grades(got).values()] == [1, 2, 3, 4, 2]
    assert [(one.statement, one.kind_of, one.points) for one in got.criteria] == [
        (words, "proficiency", 1) for _, _, words in LIVEQA_STATEMENTS
    ]
    assert [(one.name, one.kind_of) for one in got.judges] == [("liveqa-med:grade", "person")]
    assert {one.explanation for one in got.verdicts} == {f"{grade} {name}" for grade, name in NAMES.items()}
    assert got.rubrics[0].scenario == got.scenarios[0].id and got.rubrics[0].criteria == tuple(
        one.id for one in got.criteria
    )
    assert got.responses[4].made == ByImport(dataset="liveqa-med", row="judged.jsonl:5", licence="CC-BY-4.0")
    assert set(got.groups.values()) == {"nhlbi"}


def test_an_answer_that_stands_there_twice_has_two_grades(tmp_path: Path) -> None:
    rows = [row(7, "one", 3), row(7, "two", 1), row(7, "one ", 4), row(8, "one", 2)]
    got = bench.load_liveqa(folder(tmp_path, *rows))
    assert [one.text for one in got.responses] == ["one", "two", "one"]
    assert [one.name for one in got.judges] == ["liveqa-med:grade", "liveqa-med:grade_2"]
    by_judge = Counter(one.judge for one in got.verdicts)
    assert [by_judge[one.id] for one in got.judges] == [9, 3]
    assert grades(got)[got.responses[0].id] == [3, 4]
    assert len({one.id for one in got.verdicts}) == 12


def test_a_question_may_be_put_as_its_summary_and_an_answer_may_be_empty(tmp_path: Path) -> None:
    got = bench.load_liveqa(folder(tmp_path, row(7, "", 1, subject="Help")), asked="summary")
    assert got.scenarios[0].prompt == "What helps against 7?"
    assert got.responses[0].text == "" and len(got.verdicts) == 3


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (row(7, "a", 1) | {"grade": 5}, r"grade = '5' is not one of 1, 2, 3, 4.*judged\.jsonl:2"),
        (row(7, "a", 1) | {"grade": True}, r"grade = 'True' is not one of.*:2"),
        (row(7, "a", 2, grade_name="Excellent"), r"'Excellent' contradicts grade 2, which is Related.*:2"),
        (row(7, "a", 1, message=" "), r"column 'message' is empty.*:2"),
        (row(7, "a", 1) | {"answer": None}, r"answer = 'None' is not text.*:2"),
        (row(7, "a", 1, question_id="7"), r"question_id = '7' is not a whole number.*:2"),
        (row(7, "a", 1, message="other"), r"question 7 is put in two ways.*:2"),
        ('{"question_id": 1\n', r"is broken JSON.*:2"),
    ],
)
def test_a_row_that_is_not_understood_is_named(tmp_path: Path, bad: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        bench.load_liveqa(folder(tmp_path, row(7, "good", 4), bad))


def test_a_column_that_is_missing_and_a_folder_that_is_not_there(tmp_path: Path) -> None:
    short = row(7, "a", 1)
    del short["summary"]
    with pytest.raises(InputError, match=r"column 'summary' is missing.*:1"):
        bench.load_liveqa(folder(tmp_path, short))
    with pytest.raises(InputError, match="cannot be read"):
        bench.load_liveqa(tmp_path / "none")


def test_the_open_set_is_read_to_its_last_row() -> None:
    root = DATA / "liveqa-med"
    if not root.is_dir():
        pytest.skip(f"open data is not at {root}")
    rows = [json.loads(line) for line in (root / "judged.jsonl").read_text("utf-8").splitlines()]
    got = bench.load_liveqa(root)
    assert len(got.scenarios) == len({one["question_id"] for one in rows}) == 54
    assert len(got.verdicts) == 3 * len(rows) == 3 * 391
    by_judge = Counter(one.judge for one in got.verdicts)
    assert [by_judge[one.id] // 3 for one in got.judges] == [348, 42, 1]
    met = Counter((one.response, one.judge) for one in got.verdicts if isinstance(one.outcome, Met))
    told = {(one.response, one.judge) for one in got.verdicts}
    assert Counter(1 + met[one] for one in told) == Counter(one["grade"] for one in rows)
    assert len({one.cluster for one in got.scenarios}) == 54
    assert {one.language for one in got.scenarios} == {"en"}
