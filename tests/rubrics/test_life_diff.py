"""The difference of two versions: what became of each criterion, and of each character and word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from life_sample import K1, K2, STATEMENTS, base

from primum.rubrics.life import Wording, add, diff, merge_into, pieces, refine, remove, reword, split

TEXTS = st.text(alphabet="建议立即就医。，120 mg doctor's see the\n", max_size=40)


def spelled(found):
    return "".join(
        {"same": "{}", "deleted": "[-{}-]", "inserted": "{{+{}+}}"}[one.kind].format(one.text) for one in found
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("建议立即就医。", "建议尽快就医。", "建议[-立即-]{+尽快+}就医。"),
        ("Tells the patient to wait.", "Tells the family to wait.", "Tells the [-patient-]{+family+} to wait."),
        ("Asks about age and weight.", "Asks for sex and weight.", "Asks [-about age-]{+for sex+} and weight."),
        ("每日500mg。", "每日250mg。", "每日[-500mg-]{+250mg+}。"),
        ("同", "同", "同"),
        ("", "新", "{+新+}"),
    ],
)
def test_words_are_whole_in_english_and_characters_in_chinese(old, new, told):
    assert spelled(pieces(old, new)) == told


@given(TEXTS, TEXTS)
def test_pieces_spell_both_texts_and_stand_where_they_say(old, new):
    found = pieces(old, new)
    assert "".join(one.text for one in found if one.kind != "inserted") == old
    assert "".join(one.text for one in found if one.kind != "deleted") == new
    for one in found:
        text = new if one.kind == "inserted" else old
        assert text[one.start : one.start + len(one.text)] == one.text
    assert all(one.text for one in found)
    if old == new:
        assert all(one.kind == "same" for one in found)


def test_each_change_is_told_by_its_kind():
    old = base()
    one, two, three, four, five = old.criteria
    changes = [
        reword(one, Wording("建议立即拨打120。", 8), "unsafe", K1, "先打电话"),
        split(two, [Wording("说明可能是心肌梗死。", 6), Wording("解释为何不能等待。", 4)], K1),
        remove(three, "not_relevant"),
        reword(four, Wording(four.statement, 2, "proficiency"), "kind", K1),
        reword(five, Wording(five.statement, -10), "weight", K1),
        add(Wording("提醒保持静息。", 4), "zh", K1),
    ]
    new = refine(old.rubric, old.criteria, changes, K1)
    found = diff(old, new)
    assert [(row.kind, row.at) for row in found] == [
        ("reworded", 1),
        ("split", 2),
        ("rekinded", 4),
        ("repointed", 5),
        ("added", 6),
        ("removed", None),
    ]
    assert found[0].changes == (("points", "+10", "+8"),)
    assert (found[0].reasons, found[0].notes) == (("unsafe",), ("先打电话",))
    assert spelled(found[0].pieces) == "建议立即拨打120[-或前往急诊-]。"
    assert found[2].changes == (("kind", "excellence", "proficiency"),)


def test_what_stands_elsewhere_moved_and_the_rest_stood_still():
    old = base()
    ids = [one.id for one in old.criteria]
    new = refine(old.rubric, old.criteria, [], K1, [ids[3], *ids[:3], ids[4]])
    assert [row.kind for row in diff(old, new)] == ["moved", "same", "same", "same", "same"]
    joined = refine(old.rubric, old.criteria, [merge_into(old.criteria[:2], Wording("合并。", 5), K1)], K1)
    assert [row.kind for row in diff(old, joined)] == ["merged", "same", "same", "same"]


def test_siblings_are_compared_by_the_version_both_came_from():
    old = base()
    one = refine(
        old.rubric, old.criteria, [reword(old.criteria[0], Wording("建议立即拨打120。", 10), "wording", K1)], K1
    )
    other = refine(
        old.rubric,
        old.criteria,
        [
            reword(old.criteria[0], Wording("建议马上拨打120或前往急诊。", 10), "wording", K2),
            reword(old.criteria[3], Wording("先问家人在不在身边。", 1), "wrong", K2),
        ],
        K2,
    )
    versions = [old.rubric, one.rubric, other.rubric]
    found = diff(one, other, versions)
    assert [row.kind for row in found] == ["reworded", "same", "same", "reworded", "same"]
    assert found[3].reasons == ("wrong",), (
        "by the version both came from, not by the words, which have nothing in common"
    )
    alone = [row.kind for row in diff(one, other)]
    assert alone == ["added", "same", "same", "added", "same", "removed", "removed"], (
        "by their words, which are too few"
    )


def test_rubrics_without_a_common_version_are_paired_by_their_words():
    old = base()
    better = [(statement.replace("立即", "马上"), points, kind) for statement, points, kind in STATEMENTS]
    better[3] = ("先问家人在不在身边。", 2, "excellence")
    found = diff(old, base(better))
    assert [row.kind for row in found] == ["reworded", "same", "same", "added", "same", "removed"]
    assert found[0].pieces[1].text == "立即"
