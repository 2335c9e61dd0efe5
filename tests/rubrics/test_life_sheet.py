"""A rubric as a sheet: written, edited as people edit, read back; what is wrong is refused with its row."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from life_sample import K1, base, criterion

from primum.errors import InputError
from primum.records import RefinementReason
from primum.rubrics.draft import Drafted
from primum.rubrics.life import (
    ACTIONS,
    REASONS,
    SheetRow,
    read_sheet,
    refine_by_rows,
    sheet_rows,
    write_csv,
    write_jsonl,
)
from primum.rubrics.life.sheet import COLUMNS

OLD = base()


def edited(changes, extra=(), leave_out=()):
    """The rows of the rubric with cells changed, by the criterion's number; `extra` rows come last."""
    rows = [row._replace(place=f"s.csv:{number}") for number, row in enumerate(sheet_rows(OLD), 2)]
    rows = [row._replace(**changes.get(row.id, {})) for row in rows if row.id not in leave_out]
    blank = SheetRow("", "", "5", "", "", "", "", "", OLD.rubric.id, "s.csv:9")
    return rows + [blank._replace(**cells) for cells in extra]


def refined(*arguments, **named):
    return refine_by_rows(OLD, edited(*arguments, **named), K1)


def told(drafted):
    return [(one.statement, one.points) for one in drafted.criteria]


@pytest.mark.parametrize("write", [write_csv, write_jsonl])
def test_what_is_written_is_read_back_and_changes_nothing(write, tmp_path):
    path = tmp_path / ("s.csv" if write is write_csv else "s.jsonl")
    path.write_text(write(sheet_rows(OLD)), encoding="utf-8", newline="")
    rows = read_sheet(path)
    assert [row._replace(place="") for row in rows] == sheet_rows(OLD)
    assert rows[0].place == f"{path}:{2 if write is write_csv else 1}"
    consent = refine_by_rows(OLD, rows, K1)
    assert consent.criteria == OLD.criteria and not consent.rubric.changes


@given(st.text(alphabet="建议,;\"'=+-@\t\n a1", min_size=1, max_size=12).filter(str.strip))
def test_any_statement_survives_a_spreadsheet(tmp_path_factory, text):
    one = base([(text, 3, "proficiency")])
    written = write_csv(sheet_rows(one))
    cells = next(iter(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline=""))))
    assert not cells["criterion"].startswith(("=", "+", "-", "@", "\t")), "a spreadsheet would compute it"
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text(written, encoding="utf-8", newline="")
    rows = read_sheet(path)
    assert rows[0].criterion == text
    assert refine_by_rows(one, rows, K1).criteria == one.criteria


def test_separators_of_other_spreadsheets_are_read(tmp_path):
    for separator, name in ((";", "a.csv"), ("\t", "b.csv")):
        path = tmp_path / name
        rows = [separator.join(COLUMNS), separator.join(["1", "甲。", "3", "", "", "", "", "", "rubric-1"])]
        path.write_text("\n".join(rows), encoding="utf-8")
        assert [row.criterion for row in read_sheet(path)] == ["甲。"]


def test_people_reword_repoint_remove_add_split_merge_and_move():
    new = refined(
        {
            "1": {"criterion": "建议立即拨打120。", "reason": "不安全", "note": "自行前往有风险"},
            "2": {"id": "2", "criterion": "说明可能是心肌梗死。", "reason": "double_barrelled"},
            "3": {"id": "3+4", "criterion": "平和地询问病史。", "points": "+4", "reason": "Duplicate"},
            "5": {"points": "−10", "reason": "分值", "action": "改分"},
        },
        [
            {"id": "2", "criterion": "解释为何不能等待。", "points": "4"},
            {"criterion": "提醒保持静息。", "points": "4.0", "kind": "优秀", "reason": "missing"},
        ],
        leave_out=("4",),
    )
    assert told(new) == [
        ("建议立即拨打120。", 10),
        ("说明可能是心肌梗死。", 6),
        ("解释为何不能等待。", 4),
        ("平和地询问病史。", 4),
        ("建议在家观察到第二天。", -10),
        ("提醒保持静息。", 4),
    ]
    assert [change.reason for change in new.rubric.changes] == [
        "unsafe",
        "double_barrelled",
        "duplicate",
        "weight",
        "missing",
    ]
    assert new.rubric.changes[0].note == "自行前往有风险" and new.criteria[-1].kind_of == "excellence"


def test_the_order_of_rows_is_the_order_of_the_next_version():
    rows = edited({})
    moved = refine_by_rows(OLD, [rows[4], *rows[:4]], K1)
    assert moved.rubric.criteria == (OLD.rubric.criteria[4], *OLD.rubric.criteria[:4])


def test_a_removed_row_says_so_and_its_other_cells_do_not_matter():
    new = refined({"4": {"action": "删除", "reason": "not relevant", "criterion": "", "points": ""}})
    assert OLD.criteria[3].id not in new.rubric.criteria and new.rubric.changes[0].reason == "not_relevant"


def test_ids_may_be_whole():
    rows = edited({"1": {"id": OLD.criteria[0].id, "points": "9", "reason": "weight"}})
    assert refine_by_rows(OLD, rows, K1).criteria[0].points == 9


REFUSED = [
    ({"5": {"points": "-10"}}, (), (), "no reason", 6),
    ({"5": {"points": "-10", "reason": "because"}}, (), (), "not on the list", 6),
    ({"1": {"action": "remove"}}, (), (), "no reason", 2),
    ({"1": {"action": "drop"}}, (), (), "not known", 2),
    ({"1": {"action": "reword"}}, (), (), "changes nothing", 2),
    ({"1": {"action": "keep", "points": "9", "reason": "weight"}}, (), (), "not what this row does", 2),
    ({"1": {"action": "split", "criterion": "甲。", "reason": "vague"}}, (), (), "not what this row does", 2),
    ({"1": {"points": "0", "reason": "weight"}}, (), (), "0 or beyond 10", 2),
    ({"1": {"points": "11", "reason": "weight"}}, (), (), "0 or beyond 10", 2),
    ({"1": {"points": "many", "reason": "weight"}}, (), (), "no whole number", 2),
    ({"1": {"points": "2.5", "reason": "weight"}}, (), (), "no whole number", 2),
    ({"1": {"kind": "vital", "reason": "kind"}}, (), (), "not known", 2),
    ({"1": {"criterion": " ", "reason": "wrong"}}, (), (), "says nothing", 2),
    ({"1": {"id": "9"}}, (), (), "no criterion of the rubric", 2),
    ({"1": {"criterion": "#NAME?", "reason": "wording"}}, (), (), "what a spreadsheet leaves", 2),
    ({"2": {"id": "1"}}, (), (), "gives no reason", 2),
    ({str(n): {"action": "remove", "reason": "wrong"} for n in range(1, 6)}, (), (), "leaves no rubric", 6),
    ({"1": {"id": "1+1"}}, (), (), "names a criterion twice", 2),
    ({}, (), ("3",), "has no row", 6),
    ({}, ({"criterion": "新的。"},), (), "no reason", 9),
    ({}, ({"id": "1+2", "criterion": "合。", "reason": "duplicate"},), (), "merged in another row", 2),
    ({"1": {"action": "merge"}}, (), (), "merged into no row", 2),
    ({}, ({"id": "1", "criterion": "第二。", "reason": "vague"}, {"id": "1", "reason": "wrong"}), (), "two for one", 2),
]


@pytest.mark.parametrize(("changes", "extra", "leave_out", "said", "row"), REFUSED)
def test_what_is_not_understood_is_refused_with_its_row(changes, extra, leave_out, said, row):
    extra = [{"criterion": OLD.criteria[0].statement} | cells for cells in extra]
    with pytest.raises(InputError, match=said) as refused:
        refined(changes, extra, leave_out)
    assert refused.value.place == f"s.csv:{row}"


def test_the_own_rows_of_merged_criteria_may_stay_with_the_action_merge():
    merged = {"id": "1+2", "criterion": "合并的一条。", "reason": "duplicate", "action": "merge"}
    rows = {"1": {"action": "merge"}, "2": {"action": "合并"}}
    assert told(refined(rows, [merged]))[-1] == ("合并的一条。", 5)


def test_a_sheet_that_is_broken_names_its_line(tmp_path):
    head = ",".join(COLUMNS)
    cases = [
        ("no.csv", None, "cannot be read", ""),
        ("a.csv", "id,criterion\n1,甲。\n", "is missing", ":1"),
        ("b.csv", f"{head},colour\n", "none of a sheet's", ":1"),
        ("twice.csv", f"{head},points\n", "is there twice", ":1"),
        ("c.csv", f"{head}\n1,甲,3,,,,,,rubric-1,more\n", "stands under", ":2"),
        ("d.csv", f'{head}\n1,"甲\n', "broken CSV", ":2"),
        ("e.csv", f"{head}\n,,,,,,,,\n", "has no rows", ""),
        ("f.jsonl", '{"id":"1","criterion":"x","points":3,"rubric":"r"}\n{"id":[]}\n', "no row of a sheet", ":2"),
        ("g.xlsx", "x", "neither", ""),
    ]
    for name, content, said, place in cases:
        path = tmp_path / name
        if content is not None:
            path.write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=said) as refused:
            read_sheet(path)
        assert refused.value.place == f"{path}{place}"
    path = tmp_path / "h.csv"
    path.write_bytes(f"{head}\n1,".encode() + "甲。".encode("gbk"))
    with pytest.raises(InputError, match="CSV UTF-8") as refused:
        read_sheet(path)
    assert refused.value.place == f"{path}:2"


def test_the_lists_are_whole_and_said_in_both_languages():
    from typing import get_args

    assert set(REASONS) == set(get_args(RefinementReason))
    for said in (*REASONS.values(), *ACTIONS.values()):
        assert len(said) == 3 and all(said)


def test_a_criterion_that_would_stand_twice_is_refused():
    one = criterion("甲。", 3, row="1")
    made = base([("甲。", 3, "proficiency")]).rubric
    drafted = Drafted(type(made)(scenario=made.scenario, criteria=(one.id,), made=made.made), (one,))
    rows = [row._replace(place="s.csv:2") for row in sheet_rows(drafted)]
    added = rows[0]._replace(id="", criterion="乙。", reason="missing", place="s.csv:3")
    with pytest.raises(InputError, match="twice"):
        refine_by_rows(drafted, [*rows, added, added], K1)
