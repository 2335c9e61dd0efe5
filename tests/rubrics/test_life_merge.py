"""Several people's refinements become one; what they do not agree on is shown, and a person settles it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from life_sample import K1, K2, K3, base
from msgspec.structs import replace

from primum.errors import InputError, UnknownIdError
from primum.records import ByRule
from primum.rubrics.life import (
    MergeSettings,
    Wording,
    add,
    fates,
    merge,
    merge_into,
    refine,
    remove,
    reword,
    settle,
    split,
    verify,
)

OLD = base()
ONE, TWO, THREE, FOUR, FIVE = OLD.criteria


def by(person, *changes):
    return refine(OLD.rubric, OLD.criteria, changes, person)


def statements(drafted):
    return [(one.statement, one.points) for one in drafted.criteria]


def test_what_one_changed_and_what_all_changed_alike_is_taken():
    first = by(K1, remove(FOUR, "not_relevant", "跑题"), reword(ONE, Wording("建议立即拨打120。", 10), "unsafe", K1))
    second = by(K2, reword(ONE, Wording(" 建议立即拨打120。", 10), "wording", K2))
    third = by(K3, split(TWO, [Wording("说明可能是心肌梗死。", 6), Wording("解释为何不能等待。", 4)], K3))
    merged = merge(OLD, [first, second, third])
    assert not merged.drafted.rubric.disputes and merged.taken == 3
    assert statements(merged.drafted) == [
        ("建议立即拨打120。", 10),
        ("说明可能是心肌梗死。", 6),
        ("解释为何不能等待。", 4),
        (THREE.statement, 3),
        (FIVE.statement, -8),
    ]
    rubric = merged.drafted.rubric
    assert rubric.merged_from == (first.rubric.id, second.rubric.id, third.rubric.id)
    assert (rubric.previous, rubric.made, rubric.state) == (
        OLD.rubric.id,
        ByRule(rule="rubrics.life.merge"),
        "refined",
    )
    assert [(change.reason, change.note) for change in rubric.changes] == [
        ("unsafe", ""),
        ("double_barrelled", ""),
        ("not_relevant", "跑题"),
    ]
    assert [vote.votes for vote in merged.votes] == [
        ("change", "change", "keep"),
        ("keep", "keep", "change"),
        ("keep", "keep", "keep"),
        ("remove", "keep", "keep"),
        ("keep", "keep", "keep"),
    ]
    assert [vote.is_agreed for vote in merged.votes] == [False, False, True, False, True]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            reword(ONE, Wording("建议立即拨打120。", 10), "wording", K1),
            reword(ONE, Wording("打120。", 10), "wording", K2),
        ),
        (reword(ONE, Wording(ONE.statement, 9), "weight", K1), reword(ONE, Wording(ONE.statement, 7), "weight", K2)),
        (reword(ONE, Wording("打120。", 10), "wording", K1), remove(ONE, "duplicate")),
        (
            split(ONE, [Wording("打120。", 5), Wording("去急诊。", 5)], K1),
            reword(ONE, Wording("打120。", 10), "vague", K2),
        ),
        (
            reword(ONE, Wording(ONE.statement, 10, "excellence"), "kind", K1),
            reword(ONE, Wording(ONE.statement, 10, "proficiency"), "kind", K2),
        ),
        (
            reword(ONE, Wording("没有建议就医。", -10), "wording", K1),
            reword(ONE, Wording("建议就医。", 10), "wording", K2),
        ),
        (
            reword(ONE, Wording("没有建议就医。", 10), "wrong", K1),
            reword(ONE, Wording(ONE.statement, -10), "weight", K2),
        ),
    ],
    ids=["words", "points", "removal and edit", "split and edit", "kinds", "sign and words", "words here, sign there"],
)
def test_where_they_differ_the_base_stays_and_every_reading_is_recorded(first, second):
    one, two, three = by(K1, first), by(K2, second), by(K3)
    merged = merge(OLD, [one, two, three]).drafted
    assert statements(merged) == statements(OLD), "nothing is averaged, nobody is overruled"
    (dispute,) = merged.rubric.disputes
    assert dispute.criterion == ONE.id
    assert [reading.rubric for reading in dispute.readings] == [one.rubric.id, two.rubric.id, three.rubric.id]
    assert [reading.criteria for reading in dispute.readings] == [
        tuple(new.id for new in first.after),
        tuple(new.id for new in second.after),
        (ONE.id,),
    ]


def test_different_fields_of_one_criterion_go_together():
    first = by(K1, reword(THREE, Wording("询问用药与既往史。", 3), "vague", K1))
    second = by(K2, reword(THREE, Wording(THREE.statement, 5), "weight", K2))
    third = by(K3, reword(THREE, Wording(THREE.statement, 3, "excellence"), "kind", K3))
    merged = merge(OLD, [first, second, third]).drafted
    made = merged.criteria[2]
    assert (made.statement, made.points, made.kind_of) == ("询问用药与既往史。", 5, "excellence")
    assert made.made == ByRule(rule="rubrics.life.merge") and not merged.rubric.disputes
    (change,) = merged.rubric.changes
    assert (change.reason, change.note) == ("vague", "also weight / also kind")


@pytest.mark.parametrize(
    "written", ["Recommends an MRI of the knee.", "Recommends  an mri of the knee.", "Ｒecommends an mri of the knee."]
)
def test_a_change_of_case_width_or_white_space_alone_is_a_change(written):
    old = base([("Recommends an mri of the knee.", 5, "proficiency"), ("Recommends rest.", 5, "proficiency")])
    one, other = old.criteria

    def made(person, what, wording):
        return refine(old.rubric, old.criteria, [reword(what, wording, "wording", person)], person)

    first = made(K1, one, Wording(written, 5))
    merged = merge(old, [first, made(K2, other, Wording("Recommends rest and ice.", 5))])
    assert [said for said, _ in statements(merged.drafted)] == [written, "Recommends rest and ice."]
    assert merged.votes[0].votes == ("change", "keep") and not merged.votes[0].is_agreed
    weighed = merge(old, [first, made(K2, one, Wording(one.statement, 8))]).drafted
    assert statements(weighed)[0] == (written, 8) and not weighed.rubric.disputes
    alike = merge(old, [first, made(K2, one, Wording(one.statement.upper(), 5))])
    assert statements(alike.drafted)[0] == (written, 5) and alike.votes[0].is_agreed
    removed = merge(old, [first, refine(old.rubric, old.criteria, [remove(one, "wrong")], K2)]).drafted
    assert len(removed.rubric.disputes) == 1


def test_additions_alike_are_one_those_in_other_words_a_dispute():
    same = by(K1, add(Wording("提醒保持静息。", 4), "zh", K1)), by(K2, add(Wording("提醒保持静息。", 4), "zh", K2))
    merged = merge(OLD, same)
    assert merged.additions == 1 and len(merged.drafted.criteria) == 6 and not merged.drafted.rubric.disputes
    other = by(K3, add(Wording("提醒患者保持静息。", 3), "zh", K3), add(Wording("列出可用药物。", 2), "zh", K3))
    merged = merge(OLD, [same[0], other])
    assert [one.statement for one in merged.drafted.criteria[5:]] == ["列出可用药物。"]
    (dispute,) = merged.drafted.rubric.disputes
    assert dispute.criterion is None
    assert [len(reading.criteria) for reading in dispute.readings] == [1, 1]
    apart = merge(OLD, [same[0], other], settings=MergeSettings(alike=0.99))
    assert len(apart.drafted.criteria) == 8 and not apart.drafted.rubric.disputes
    weighed = merge(OLD, [same[0], by(K2, add(Wording("提醒保持静息。", 6), "zh", K2))])
    assert len(weighed.drafted.rubric.disputes) == 1, "the same words with other points are a dispute too"


def test_english_additions_with_little_in_common_stay_apart():
    first = by(K1, add(Wording("Asks for the list of current medicines.", 4), "en", K1))
    second = by(K2, add(Wording("States the warning signs of the condition.", 4), "en", K2))
    assert merge(OLD, [first, second]).additions == 2


@pytest.mark.parametrize(
    ("one", "other", "is_dispute"),
    [
        ("Advises the patient to rest.", "Recommends that the patient rests.", True),
        ("Asks for current medicines.", "Asks about current medicines and allergies.", True),
        ("Asks for current medicines.", "Advises against driving.", False),
        ("提醒患者保持静息。", "建议保持静息。", True),
        ("提醒患者不要进食。", "提醒患者复诊。", False),
    ],
)
def test_what_seems_to_say_the_same_is_shown_to_a_person(one, other, is_dispute):
    language = "en" if one.isascii() else "zh"
    versions = by(K1, add(Wording(one, 4), language, K1)), by(K2, add(Wording(other, 4), language, K2))
    found = merge(OLD, versions)
    assert (len(found.drafted.rubric.disputes), found.additions) == ((1, 0) if is_dispute else (0, 2))


def test_one_persons_additions_never_dispute_each_other():
    wordings = [add(Wording(text, 3), "zh", K1) for text in ("提醒保持静息。", "提醒保持静息不动。")]
    assert merge(OLD, [by(K1, *wordings), by(K2)]).additions == 2


def test_criteria_that_one_merged_stand_or_fall_together():
    joined = by(K1, merge_into([THREE, FOUR], Wording("平和地询问病史。", 4), K1))
    edited = by(K2, reword(FOUR, Wording("语气平和，不吓人。", 2), "vague", K2))
    merged = merge(OLD, [joined, edited]).drafted
    (dispute,) = merged.rubric.disputes
    assert dispute.criterion == THREE.id and len(dispute.readings[1].criteria) == 2
    rubrics = [OLD.rubric, joined.rubric, edited.rubric]
    known = {one.id: one for drafted in (OLD, joined, edited) for one in drafted.criteria}
    settled = settle(merged.rubric, known, {0: joined.rubric.id}, K3, rubrics)
    assert statements(settled) == [*statements(OLD)[:2], ("平和地询问病史。", 4), (FIVE.statement, -8)]
    assert settled.rubric.changes[0].before == (THREE.id, FOUR.id)
    assert settled.rubric.changes[0].reason == "duplicate"
    alone = merge(OLD, [joined, by(K2)]).drafted
    assert statements(alone) == statements(settled) and not alone.rubric.disputes


def test_someone_who_refined_twice_has_one_say():
    first = by(K1, reword(ONE, Wording("建议就医。", 10), "wording", K1))
    again = refine(
        first.rubric,
        first.criteria,
        [reword(first.criteria[0], Wording("建议立即拨打120。", 10), "unsafe", K1)],
        K1,
    )
    merged = merge(OLD, [again, by(K2)], [first.rubric]).drafted
    assert merged.criteria[0].statement == "建议立即拨打120。"
    found = fates(OLD.rubric, merged.rubric, [])
    assert found is not None and found[0].changes[0].note == "also unsafe"
    with pytest.raises(InputError, match="one say"):
        merge(OLD, [first, again], [first.rubric])


def test_what_merge_refuses():
    one, two = by(K1), by(K2)
    with pytest.raises(InputError, match="two or more"):
        merge(OLD, [one])
    stranger = base([("别的。", 3, "proficiency")])
    with pytest.raises(InputError, match="no refinement"):
        merge(OLD, [one, refine(stranger.rubric, stranger.criteria, [], K2)])
    disputed = merge(OLD, [by(K1, remove(ONE, "wrong")), by(K2, reword(ONE, Wording("甲。", 1), "wrong", K2))]).drafted
    with pytest.raises(InputError, match="disputes itself"):
        merge(disputed, [one, two])


def test_a_person_settles_disputes_one_by_one():
    first = by(
        K1,
        reword(ONE, Wording("打120。", 10), "unsafe", K1),
        reword(THREE, Wording(THREE.statement, 9), "weight", K1),
        add(Wording("提醒保持静息。", 4), "zh", K1),
    )
    second = by(
        K2,
        remove(ONE, "duplicate"),
        reword(THREE, Wording(THREE.statement, 5), "weight", K2),
        add(Wording("提醒患者保持静息。", 3), "zh", K2),
    )
    merged = merge(OLD, [first, second]).drafted.rubric
    assert len(merged.disputes) == 3
    rubrics = [OLD.rubric, first.rubric, second.rubric, merged]
    known = {one.id: one for drafted in (OLD, first, second) for one in drafted.criteria}
    begun = settle(merged, known, {0: second.rubric.id}, K3, rubrics)
    assert ONE.id not in begun.rubric.criteria and len(begun.rubric.disputes) == 2
    assert (begun.rubric.made, begun.rubric.previous) == (K3, merged.id)
    with pytest.raises(InputError, match="not agreed on"):
        verify(begun.rubric, K3)
    rest = settle(begun.rubric, known, {0: None, 1: first.rubric.id}, K3, [*rubrics, begun.rubric])
    assert not rest.rubric.disputes and verify(rest.rubric, K3).state == "verified"
    assert statements(rest)[1] == (THREE.statement, 3), "None leaves it as it was"
    assert statements(rest)[-1] == ("提醒保持静息。", 4)
    assert [change.reason for change in rest.rubric.changes] == ["missing"]


def test_what_settle_refuses():
    first, second = by(K1, remove(ONE, "wrong")), by(K2, reword(ONE, Wording("甲。", 1), "wrong", K2))
    merged = merge(OLD, [first, second]).drafted.rubric
    rubrics = [OLD.rubric, first.rubric, second.rubric, merged]
    known = {one.id: one for drafted in (OLD, first, second) for one in drafted.criteria}
    for choices, said in (({1: None}, "no number 2"), ({0: "rubric-x"}, "no reading"), ({}, "no choice")):
        with pytest.raises(InputError, match=said):
            settle(merged, known, choices, K3, rubrics)
    for gone in (TWO.id, second.criteria[0].id):
        with pytest.raises(UnknownIdError, match=gone):
            settle(merged, {id: one for id, one in known.items() if id != gone}, {0: second.rubric.id}, K3, rubrics)
    with pytest.raises(InputError, match="merged from nothing"):
        settle(replace(merged, merged_from=()), known, {0: None}, K3, rubrics[:-1])


EDITS = st.sampled_from(["keep", "remove", "words", "other words", "points", "other points", "kind"])


def edit(one, what, person):
    wordings = {
        "words": Wording(f"{one.statement}甲", one.points),
        "other words": Wording(f"{one.statement}乙", one.points),
        "points": Wording(one.statement, 1),
        "other points": Wording(one.statement, 7),
        "kind": Wording(one.statement, one.points, "excellence"),
    }
    return remove(one, "wrong") if what == "remove" else reword(one, wordings[what], "wording", person)


@given(st.lists(st.lists(EDITS, min_size=4, max_size=4), min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_a_merge_does_not_depend_on_who_is_named_first(told, random):
    old = base([(f"第{number}条说明。", 5, "proficiency") for number in range(5)])
    people = [K1, K2, K3]
    versions = [
        refine(
            old.rubric,
            old.criteria,
            [edit(one, what, person) for one, what in zip(old.criteria, row, strict=False) if what != "keep"],
            person,
        )
        for row, person in zip(told, people, strict=False)
    ]
    found = merge(old, versions)
    shuffled = random.sample(versions, len(versions))
    other = merge(old, shuffled)
    assert statements(other.drafted) == statements(found.drafted)
    disputed = [one.criterion for one in found.drafted.rubric.disputes]
    assert [one.criterion for one in other.drafted.rubric.disputes] == disputed
    for number, one in enumerate(old.criteria):
        did = {row[number] for row in told if number < 4} - {"keep"}
        is_disputed = (
            {"words", "other words"} <= did or {"points", "other points"} <= did or ("remove" in did and len(did) > 1)
        )
        assert (one.id in disputed) == is_disputed
        if is_disputed or not did:
            assert one in found.drafted.criteria
        if did == {"remove"}:
            assert one.statement not in [made for made, _ in statements(found.drafted)]
