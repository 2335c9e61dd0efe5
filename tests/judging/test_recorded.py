"""Recorded verdicts, and people's: said again as they were, and nothing else said."""

import pytest
from voices import Voice, case, criterion

from primum.errors import InputError
from primum.judging.person import person_judge
from primum.judging.recorded import RecordedJudge, RecordedRow
from primum.records import Abstained, ByPerson, BySimulation, Met, NotMet, Verdict, answer_digest

CRITERIA = tuple(criterion(number) for number in (1, 2, 3))


def outcomes(assessment):
    return [verdict.outcome for verdict in assessment.verdicts]


def test_what_was_recorded_is_said_again_to_the_id():
    voice, cases = Voice("one", "+-?", stance="refuse"), [case(0, CRITERIA), case(1, CRITERIA)]
    before = voice.judge(cases)
    seen = []
    judge = RecordedJudge(voice.ref, before)
    assert judge.judge(cases, lambda done, total: seen.append((done, total))) == before
    assert judge.ref == voice.ref and seen == [(1, 2), (2, 2)]


def test_what_was_not_recorded_is_abstained_from_with_the_reason():
    voice = Voice("one", "+-?", stance="caution")
    judge = RecordedJudge(voice.ref, voice.judge([case(0, CRITERIA)]))
    extra = criterion(9)
    (known, unknown) = judge.judge([case(0, (CRITERIA[1], extra)), case(1, CRITERIA)])
    assert outcomes(known) == [NotMet(), Abstained(reason="nothing was recorded of this criterion")]
    assert known.judgement.stance == "caution"
    assert known.judgement.verdicts == tuple(verdict.id for verdict in known.verdicts)
    assert outcomes(unknown) == [Abstained(reason="nothing was recorded of this answer")] * 3
    assert unknown.judgement.stance == "abstained" and "nothing was recorded" in unknown.judgement.reason


def test_assessments_of_another_judge_and_contradictions_are_refused():
    one, other = Voice("one", "+-?"), Voice("other", "+-?")
    with pytest.raises(InputError, match="is not one of judge 'one'"):
        RecordedJudge(one.ref, other.judge([case(0, CRITERIA)]))
    changed = Voice("one", "+-?")
    changed.said = "---"
    with pytest.raises(InputError, match="judged twice, and not alike"):
        RecordedJudge(one.ref, [*one.judge([case(0, CRITERIA)]), *changed.judge([case(0, CRITERIA)])])
    with pytest.raises(InputError, match="judged twice"):
        RecordedJudge(one.ref, rows=[RecordedRow("p0", [True]), RecordedRow("p0", [False])])


def rows_judge(*rows):
    return RecordedJudge(Voice("file", "").ref, rows=rows)


def test_rows_are_found_by_the_import_and_the_number_of_the_criterion():
    judge = rows_judge(RecordedRow("p0", [True, False, None], [None, None, "torn page"], [0.9, 0.2, None]))
    (said,) = judge.judge([case(0, CRITERIA[::-1])])
    assert outcomes(said) == [Abstained(reason="torn page"), NotMet(), Met()]
    assert [verdict.probability for verdict in said.verdicts] == [
        None,
        0.8,
        0.9,
    ]  # of "met" in the row, of the outcome here
    assert said.judgement.stance == "abstained"
    (fewer,) = judge.judge([case(0, (criterion(4),))])
    assert isinstance(outcomes(fewer)[0], Abstained)
    (without,) = rows_judge(RecordedRow("p0", [None])).judge([case(0, CRITERIA[:1])])
    assert "without a reason" in outcomes(without)[0].reason


def test_a_row_on_another_answer_is_not_taken_for_this_one():
    judge = rows_judge(RecordedRow("p0", [True, True, True], answer=answer_digest("Rest and drink.")))
    same, other = judge.judge([case(0, CRITERIA), case(0, CRITERIA, text="Rest and drink. Call me.")])
    assert outcomes(same) == [Met()] * 3
    assert all("nothing was recorded of this answer" in one.reason for one in outcomes(other))


def test_a_person_says_what_the_labels_say():
    judge = person_judge("rater-7", [RecordedRow("p0", [True, None, False])], role="nurse")
    assert judge.ref.kind_of == "person" and judge.ref.made == ByPerson(person="rater-7", role="nurse")
    (said,) = judge.judge([case(0, CRITERIA)])
    assert outcomes(said)[0] == Met() and outcomes(said)[2] == NotMet() and isinstance(outcomes(said)[1], Abstained)
    assert all(isinstance(verdict, Verdict) and verdict.judge == judge.ref.id for verdict in said.verdicts)
    assert person_judge("rater-7", [], role="nurse").ref == judge.ref
    assert person_judge("rater-8", [], role="nurse").ref.id != judge.ref.id
    with pytest.raises(InputError, match="pseudonym"):
        person_judge(" ", [])


def test_a_simulated_person_is_called_simulated():
    made = BySimulation(generator="coin", seed=3)
    ref = person_judge("rater-7", [], simulated=made).ref
    assert ref.kind_of == "simulated" and ref.made == made
    assert ref.id != person_judge("rater-7", []).ref.id
