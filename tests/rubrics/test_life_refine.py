"""A person changes a rubric: each operation, what it carries over, what it refuses; who may verify."""

import pytest
from life_sample import K1, K2, base, criterion

from primum.errors import InputError, RecordError, UnknownIdError
from primum.records import ByPerson, BySimulation, Rubric, StanceCheck
from primum.rubrics.life import (
    Change,
    Wording,
    add,
    current,
    fates,
    heads,
    history,
    merge_into,
    operation,
    refine,
    remove,
    reword,
    split,
    verify,
)


def test_every_operation_makes_a_version_that_names_its_reasons():
    old = base()
    one, two, three, four, five = old.criteria
    changes = [
        reword(one, Wording("建议立即拨打120。", 10), "unsafe", K1),
        split(two, [Wording("说明可能是心肌梗死。", 6), Wording("解释为何不能等待。", 4)], K1),
        merge_into([three, four], Wording("平和地询问高血压和糖尿病。", 3), K1),
        remove(five, "not_relevant", "用不到"),
        add(Wording("提醒保持静息。", 4, "excellence", "completeness"), "zh", K1),
    ]
    new = refine(old.rubric, old.criteria, changes, K1)
    assert [operation(change) for change in changes] == ["reword", "split", "merge", "remove", "add"]
    assert [(made.statement, made.points) for made in new.criteria] == [
        ("建议立即拨打120。", 10),
        ("说明可能是心肌梗死。", 6),
        ("解释为何不能等待。", 4),
        ("平和地询问高血压和糖尿病。", 3),
        ("提醒保持静息。", 4),
    ]
    assert (new.rubric.state, new.rubric.previous, new.rubric.made) == ("refined", old.rubric.id, K1)
    assert [change.reason for change in new.rubric.changes] == [
        "unsafe",
        "double_barrelled",
        "duplicate",
        "not_relevant",
        "missing",
    ]
    assert new.rubric.changes[3].note == "用不到" and new.rubric.changes[3].after == ()
    assert new.criteria[0].kind_of == "safety", "the kind is carried over"
    assert (new.criteria[4].kind_of, new.criteria[4].axis) == ("excellence", "completeness")
    assert all(made.made == K1 for made in new.criteria)


def test_repoint_and_rekind_are_called_so():
    one = base().criteria[0]
    assert operation(reword(one, Wording(one.statement, 8), "weight", K1)) == "repoint"
    assert operation(reword(one, Wording(one.statement, 10, "proficiency"), "kind", K1)) == "rekind"
    with pytest.raises(RecordError, match="changes nothing"):
        refine(base().rubric, base().criteria, [Change("wording", (one,), (one,))], K1)


def test_a_wording_that_changes_nothing_is_refused():
    one = base().criteria[0]
    for wording in (Wording(one.statement, 10), Wording(one.statement, 10, one.kind_of, one.axis)):
        with pytest.raises(InputError, match="changes nothing") as refused:
            reword(one, wording, "wording", K1)
        assert one.id in refused.value.place
    assert operation(reword(one, Wording(one.statement, 10, axis="completeness"), "kind", K1)) == "rekind"


def test_norms_go_along_and_a_machine_check_only_where_the_meaning_stays():
    check = StanceCheck(stances=("refuse",))
    one = criterion("拒绝。", norms=("norm-1",), check_by=check, principle="principle-1")
    two = criterion("给出警示。", norms=("norm-2", "norm-1"), principle="principle-2")
    better = reword(one, Wording("予以拒绝。", 5), "wording", K1).after[0]
    other = reword(one, Wording("予以警示。", 5), "wrong", K1).after[0]
    weighed = reword(one, Wording("拒绝。", 9), "weight", K1).after[0]
    joined = merge_into([one, two], Wording("拒绝并警示。", 5), K1).after[0]
    assert (better.check_by, other.check_by, weighed.check_by, joined.check_by) == (check, None, check, None)
    assert joined.norms == ("norm-1", "norm-2") and joined.principle is None
    assert better.principle == "principle-1"


def test_no_change_is_consent_and_a_version_of_its_own():
    old = base()
    consent = refine(old.rubric, old.criteria, [], K2)
    assert consent.criteria == old.criteria and consent.rubric.id != old.rubric.id and not consent.rubric.changes


def test_what_refine_refuses():
    old = base()
    one = old.criteria[0]
    twice = [remove(one, "wrong"), reword(one, Wording("另一种说法。", 10), "wording", K1)]
    stranger = remove(criterion("陌生的条目。"), "wrong")
    nothing = [remove(each, "wrong") for each in old.criteria]
    for changes, said in ((twice, "changed twice"), ([stranger], "not in the rubric"), (nothing, "no criterion left")):
        with pytest.raises(InputError, match=said):
            refine(old.rubric, old.criteria, changes, K1)
    with pytest.raises(InputError, match="nobody"):
        refine(old.rubric, old.criteria, [], ByPerson(person=" ", role="clinician"))
    with pytest.raises(InputError, match="not made of the criteria"):
        refine(old.rubric, old.criteria[::-1], [], K1)


def test_only_a_person_in_a_role_verifies_and_not_twice():
    old = base()
    verified = verify(old.rubric, K1)
    assert (verified.state, verified.previous, verified.criteria) == ("verified", old.rubric.id, old.rubric.criteria)
    assert verify(verified, K2).previous == verified.id
    assert verify(old.rubric, BySimulation(generator="clinician S1", seed=0)).made.generator == "clinician S1"
    with pytest.raises(InputError, match="already"):
        verify(verified, K1)
    with pytest.raises(InputError, match="nobody"):
        verify(old.rubric, ByPerson(person="K1", role=""))


def test_a_disputed_rubric_is_neither_verified_nor_refined():
    old = base()
    from primum.records import Dispute, Reading

    readings = (Reading(rubric="rubric-1"), Reading(rubric="rubric-2"))
    fields = {name: getattr(old.rubric, name) for name in ("scenario", "criteria", "made")}
    disputed = Rubric(**fields, state="refined", disputes=(Dispute(criterion=old.criteria[0].id, readings=readings),))
    with pytest.raises(InputError, match="not agreed on"):
        verify(disputed, K1)
    with pytest.raises(InputError, match="disputes"):
        refine(disputed, old.criteria, [], K1)


def test_history_is_the_chain_and_the_current_version_the_furthest():
    old = base()
    first = refine(old.rubric, old.criteria, [remove(old.criteria[3], "not_relevant")], K1)
    second = refine(first.rubric, first.criteria, [remove(first.criteria[3], "wrong")], K2)
    beside = refine(old.rubric, old.criteria, [], K2)
    verified = verify(first.rubric, K1)
    rubrics = [old.rubric, first.rubric, verified, second.rubric, beside.rubric]
    assert history(second.rubric, rubrics) == [old.rubric, first.rubric, second.rubric]
    assert heads(rubrics) == [verified, second.rubric, beside.rubric]
    assert current(rubrics) == verified and current([old.rubric, first.rubric, beside.rubric]) == beside.rubric
    with pytest.raises(UnknownIdError, match="not among the rubrics"):
        history(second.rubric, [old.rubric])


def test_fates_follow_a_criterion_over_several_versions():
    old = base()
    two = old.criteria[1]
    first = refine(old.rubric, old.criteria, [split(two, [Wording("甲。", 3), Wording("乙。", 3)], K1)], K1)
    second = refine(
        first.rubric,
        first.criteria,
        [
            merge_into([first.criteria[2], first.criteria[3]], Wording("乙并询问。", 4), K2),
            add(Wording("新的一条。", 1), "zh", K2),
        ],
        K2,
    )
    found = fates(old.rubric, second.rubric, [old.rubric, first.rubric, second.rubric])
    assert found is not None
    joined = next(fate for fate in found if two.id in fate.before)
    assert joined.before == (two.id, old.criteria[2].id)
    assert joined.after == (second.criteria[1].id, second.criteria[2].id)
    assert [change.reason for change in joined.changes] == ["double_barrelled", "duplicate"]
    assert found[-1].before == () and found[-1].after == (second.criteria[-1].id,)
    assert sum(fate.before == fate.after for fate in found) == 3
    assert fates(second.rubric, old.rubric, [first.rubric]) is None
