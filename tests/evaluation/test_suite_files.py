"""What is read, and what is refused with file and line."""

import pytest
from suite_files import conversation, write

from primum.errors import InputError
from primum.evaluation.suites.files import (
    answer_digest,
    read_answer_rows,
    read_health_rows,
    read_label_rows,
    read_verdict_rows,
)
from primum.evaluation.suites.lines import read_ids

SET = [conversation("p1", (5, "axis:accuracy"), (-3,)), conversation("p2", (2,))]
GOOD = [{"prompt_id": "p2", "met": [None]}, {"prompt_id": "p1", "met": [True, False]}]


@pytest.fixture
def rows(tmp_path):
    return read_health_rows(write(tmp_path / "set.jsonl", SET))


def test_rows_come_in_the_order_of_the_set_whatever_the_order_of_the_file(tmp_path, rows):
    assert [row.prompt_id for row in rows] == ["p1", "p2"] and rows[0].rubrics[1].points == -3
    verdicts = read_verdict_rows(write(tmp_path / "v.jsonl", [GOOD[0], "", GOOD[1]]), rows)
    assert [(one.prompt_id, one.met) for one in verdicts] == [("p1", [True, False]), ("p2", [None])]
    answers = [{"prompt_id": name, "response": name.upper(), "tokens": 3} for name in ("p2", "p1")]
    assert [one.response for one in read_answer_rows(write(tmp_path / "a.jsonl", answers), rows)] == ["P1", "P2"]
    labels = [
        {"prompt_id": "p2", "rater": "r1", "met": [True]},
        {"prompt_id": "p1", "rater": "r2", "met": [True, None]},
        {"prompt_id": "p1", "rater": "r1", "met": [None, None]},
    ]
    found = read_label_rows(write(tmp_path / "l.jsonl", labels), rows)
    assert [(one.prompt_id, one.rater) for one in found] == [("p1", "r2"), ("p1", "r1"), ("p2", "r1")]


def test_a_subset_asks_for_its_rows_only_and_partial_for_those_that_are_there(tmp_path, rows):
    path = write(tmp_path / "v.jsonl", GOOD[:1])
    assert [one.prompt_id for one in read_verdict_rows(path, rows, wanted=["p2"])] == ["p2"]
    assert [one.prompt_id for one in read_verdict_rows(path, rows, partial=True)] == ["p2"]
    with pytest.raises(InputError, match=r"'p1' has no row.*--partial"):
        read_verdict_rows(path, rows)
    with pytest.raises(InputError, match="no row for any prompt"):
        read_verdict_rows(path, rows, partial=True, wanted=["p1"])


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['{"prompt_id": "p1", "met": [true, fal'], r"broken JSON.*v\.jsonl:1"),
        ([GOOD[0], {"prompt_id": "p1", "met": [True]}], r"1 verdicts on 'p1'.*2 criteria.*v\.jsonl:2"),
        ([GOOD[0], {"prompt_id": "p1", "met": [True, "false"]}], r"Expected `bool \| null`, got `str`.*v\.jsonl:2"),
        ([GOOD[0], {"prompt_id": "p1", "met": [True, 0]}], r"got `int`.*v\.jsonl:2"),
        ([GOOD[0], {"prompt_id": "p1", "met": [True, False], "score": 1}], r"unknown field `score`.*v\.jsonl:2"),
        ([GOOD[0], '{"prompt_id": "p1", "met": [true, false], "met": [true, true]}'], r"key 'met'.*twice.*v\.jsonl:2"),
        ([GOOD[0], GOOD[1], GOOD[1]], r"'p1' was there before.*v\.jsonl:3"),
        ([*GOOD, {"prompt_id": "p9", "met": [True]}], r"'p9' is not in the set.*v\.jsonl:3"),
        ([GOOD[0], GOOD[1] | {"reasons": ["x"]}], r"1 reasons for 2 verdicts.*v\.jsonl:2"),
        ([GOOD[0], GOOD[1] | {"probabilities": [1.5, None]}], r"1\.5 is not between 0 and 1.*v\.jsonl:2"),
        ([GOOD[0], '{"prompt_id": "p1", "met": [true, false], "probabilities": [NaN, null]}'], r"broken JSON.*jsonl:2"),
        ([GOOD[0] | {"judge": "a"}, GOOD[1] | {"judge": "b"}], r"judge 'b' is not 'a'.*v\.jsonl:2"),
        ([GOOD[0], [1, 2]], r"not as it should be.*v\.jsonl:2"),
        ([GOOD[0], {"prompt_id": " ", "met": [True]}], r"is empty.*v\.jsonl:2"),
        (["[" * 5000], r"v\.jsonl:1"),
        ([], "has no rows"),
        (["", "  "], "has no rows"),
    ],
)
def test_broken_verdicts_are_one_line_that_names_file_and_line(tmp_path, rows, lines, told):
    with pytest.raises(InputError, match=told) as found:
        read_verdict_rows(write(tmp_path / "v.jsonl", lines), rows)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (conversation("p3", (0,), (1,)), "0.0 points cannot change a score"),
        (conversation("p3", (-1,)), "no criterion with positive points"),
        (conversation("p3"), "no criterion with positive points"),
        (conversation("p3", (1e308,), (1e308,)), "out of all proportion"),
        (conversation("p3", (1e-308,), (-3,)), "out of all proportion"),
        (conversation("p3", (1, "axis:a", "axis:a")), "tag 'axis:a' of criterion 1"),
        (conversation("p3", (1,), tags=["theme:x", "theme:x"]), "tag 'theme:x' of prompt 'p3'"),
        (conversation("p3", ("5",)), "Expected `float`, got `str`"),
        ('{"prompt_id": "p3", "prompt": [], "rubrics": [{"criterion": "x", "points": NaN}]}', "broken JSON"),
        ('{"prompt_id": "p3", "prompt": [], "rubrics": [{"criterion": "x", "points": 1e999}]}', "set.jsonl:2"),
        (conversation("p3", (1,)) | {"rubrics": [{"criterion": " ", "points": 1}]}, "has no text"),
        (conversation("p3", (1,)) | {"prompt": "hello"}, "Expected `array`"),
        (conversation("p1", (1,)), "'p1' was there before"),
    ],
)
def test_a_broken_set_is_refused(tmp_path, row, told):
    with pytest.raises(InputError, match=told) as found:
        read_health_rows(write(tmp_path / "set.jsonl", [SET[0], row]))
    assert "set.jsonl:2" in str(found.value)


def test_files_that_cannot_be_read_at_all(tmp_path, rows):
    (tmp_path / "latin.jsonl").write_bytes(b'{"prompt_id": "p1",\n "x": "\xe9"}\n')
    with pytest.raises(InputError, match=r"0xe9 is not UTF-8.*latin\.jsonl:2"):
        read_verdict_rows(tmp_path / "latin.jsonl", rows)
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_verdict_rows(path, rows)


def test_a_byte_order_mark_and_a_line_separator_in_a_text_are_let_through(tmp_path, rows):
    path = tmp_path / "a.jsonl"
    path.write_text(
        '\ufeff{"prompt_id": "p1", "response": "one\u2028two"}\r\n{"prompt_id": "p2", "response": ""}', encoding="utf-8"
    )
    assert [one.response for one in read_answer_rows(path, rows)] == ["one\u2028two", ""]


def test_labels_name_their_rater_once_for_each_answer(tmp_path, rows):
    label = {"prompt_id": "p2", "rater": "r1", "met": [True]}
    for lines, told in (
        ([label, label], r"was there before.*l\.jsonl:2"),
        ([label | {"rater": ""}], "has no name"),
        ([label | {"prompt_id": "p7"}], "'p7' is not in the set"),
        ([label | {"met": [True, True]}], "2 verdicts on 'p2'"),
    ):
        with pytest.raises(InputError, match=told):
            read_label_rows(write(tmp_path / "l.jsonl", lines), rows)


def test_ids_of_a_subset_in_any_of_three_forms(tmp_path):
    path = write(tmp_path / "ids.txt", ["p1", '"p2"', {"prompt_id": "p3", "prompt": []}, {"id": "p4"}, ""])
    assert read_ids(path) == ["p1", "p2", "p3", "p4"]
    for lines, told in (
        (["p1", "p1"], "was there before"),
        ([""], "has no ids"),
        (['{"a": 1}'], "has no id"),
        (['"p'], "JSON"),
    ):
        with pytest.raises(InputError, match=told):
            read_ids(write(path, lines))


def test_the_digest_of_an_answer():
    # printf hello | sha256sum
    assert answer_digest("hello") == "2cf24dba5fb0a30e26e8"
