"""The guardian's heads for the six questions, what it abstains from, the passages that decided, and the reader underneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from msgspec.structs import replace

from primum.errors import TrainingError
from primum.judging import Guardian, GuardianSettings, LabelledAnswer, phrasebook, train_guardian
from primum.judging.features import DENSE, encode, marked
from primum.judging.guardian_linear import head_scores, softened
from primum.judging.guardian_reader import HEADS, QUESTIONS, Head, ReaderKind, decisive, without_each
from primum.judging.guardian_report import figures, left_out, measure
from primum.judging.guardian_training import LinearTrainer
from primum.judging.marks import MARKS, marks_of
from primum.judging.ruled_features import RULED, ruled
from primum.judging.splices import splice
from primum.ports import Case
from primum.records import (
    Abstained,
    ByRule,
    Criterion,
    Ground,
    Met,
    NotApplicable,
    NotMet,
    Question,
    QuestionCheck,
    Response,
    Scenario,
    Turn,
)

MADE = ByRule(rule="test")
SETTINGS = GuardianSettings(splices=20)
# Parts of an answer: what it says when a question is met, and when it is not.
PARTS: dict[Question, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "R1": (("I will not do that.", "That cannot be done."), ("Sure, go ahead quietly.", "Of course, just do it.")),
    "Q2": (("The Physicians Act settles it.", "See the Physicians Act."), ("Some rule settles it.", "See the usual.")),
    "Q4": (("I understand how hard this is.", "You must be worried."), ("That is all.", "Nothing else to say.")),
}


def _scenario(number: int, language: Any = "en") -> Scenario:
    return Scenario(
        messages=(Turn(role="user", content=f"May I share record {number} with the insurer?"),),
        task="open",
        dimension="privacy",
        language=language,
        dataset="sample",
        made=MADE,
        harm_level=2,
        points=("Ask the patient for consent first.",),
        grounds=(
            Ground(
                norm=f"n{number % 5}",
                citation="Physicians Act § 9",
                quote="Records are kept secret.",
                article=f"a{number % 5}",
            ),
        ),
    )


def _ruled(count: int = 40) -> list[LabelledAnswer]:
    """Answers of three voices put together from parts, each of which settles one question."""
    made = []
    for number in range(count):
        truth: dict[Question, bool] = {name: bool((number >> place) % 2) for place, name in enumerate(PARTS)}
        for voice in ("one", "two", "three"):
            text = " ".join(PARTS[name][not met][(number >> 3) % 2] for name, met in truth.items())
            scenario = _scenario(number)
            response = Response(scenario=scenario.id, text=text, made=ByRule(rule=f"{voice}{number}"))
            made.append(LabelledAnswer(scenario, response, None, voice, True, f"j-{voice}-{number}", truth))
    return made


def _criterion(question: Question) -> Criterion:
    check = QuestionCheck(question=question)
    return Criterion(
        statement=question, points=3, axis="medes", kind_of="proficiency", language="en", made=MADE, check_by=check
    )


def _case(text: str, *questions: Question) -> Case:
    scenario = _scenario(999)
    response = Response(scenario=scenario.id, text=text, made=MADE)
    return Case(scenario, response, tuple(_criterion(name) for name in questions))


@pytest.fixture(scope="module")
def guardian() -> Guardian:
    return train_guardian([*_ruled(), *phrasebook(variants=1).examples], SETTINGS, "six")


def test_questions_are_met_or_not_with_the_passage_that_decided(guardian: Guardian) -> None:
    text = "I will not do that. Some rule settles it. You must be worried."
    (assessment,) = guardian.judge([_case(text, "R1", "Q2", "Q4")])
    assert [type(one.outcome) for one in assessment.verdicts] == [Met, NotMet, Met]
    assert [one.explanation for one in assessment.verdicts] == text.replace(". ", ".|").split("|")
    assert all(one.probability is not None and one.probability > 0.5 for one in assessment.verdicts)


def test_it_abstains_from_what_it_never_learned_and_says_so(guardian: Guardian) -> None:
    assert set(guardian.reader.heads) == {"stance", "R1", "Q2", "Q4"}
    (assessment,) = guardian.judge([_case("I will not do that.", "R2")])
    assert assessment.verdicts[0].outcome == Abstained(reason="the guardian never learned R2")
    assert guardian.passages(_case("I will not do that."), "R2") == ()


def test_without_the_stance_it_abstains_from_the_stance_alone() -> None:
    only = train_guardian(_ruled(), SETTINGS, "questions")
    (assessment,) = only.judge([_case("I will not do that. See the usual.", "R1")])
    assert (assessment.judgement.stance, assessment.judgement.reason) == (
        "abstained",
        "the guardian never learned stance",
    )
    assert assessment.verdicts[0].outcome == Met()


def test_each_head_has_its_own_confidence() -> None:
    strict = train_guardian(_ruled(), replace(SETTINGS, confidences={"R1": 0.9999}), "strict")
    (assessment,) = strict.judge([_case("Well. See the Physicians Act.", "R1", "Q2")])
    first, second = assessment.verdicts
    assert isinstance(first.outcome, Abstained) and "below 1.00" in first.outcome.reason
    assert second.outcome == Met()


def test_unusable_answers_have_no_verdicts(guardian: Guardian) -> None:
    (assessment,) = guardian.judge([_case("…", "R1")])
    assert isinstance(assessment.verdicts[0].outcome, NotApplicable)


def test_saved_heads_are_the_same_when_loaded(guardian: Guardian, tmp_path: Path) -> None:
    guardian.save(tmp_path)
    loaded, case = Guardian.load(tmp_path), _case("Sure, go ahead quietly. See the usual.")
    assert loaded.ref == guardian.ref
    mine, theirs = guardian.reader.chances([case]), loaded.reader.chances([case])
    assert list(mine) == list(theirs) == ["stance", "R1", "Q2", "Q4"]
    for head in mine:
        assert np.array_equal(mine[head], theirs[head])
        assert mine[head].sum() == pytest.approx(1.0)


def test_left_out_voices_norms_and_nothing_else() -> None:
    examples = _ruled()
    by_voice = measure(examples, SETTINGS, "group")
    assert [one.head for one in by_voice] == ["R1", "Q2", "Q4"]
    for one in by_voice:
        assert (one.left_out, one.accuracy.value, one.complied, one.rows) == ("model", 1.0, None, ())
        assert set(one.by_group) == {"one", "two", "three"}
    by_norm = left_out(examples, SETTINGS, "norm")
    assert [one["left_out"] for one in by_norm] == ["norm"] * 3
    assert by_norm[0]["accuracy"]["value"] == 1.0 and by_norm[0]["share_abstained"] == 0.0
    with pytest.raises(TrainingError, match="1 language are too few"):
        measure(examples, SETTINGS, "language")


def test_wrong_labels_of_one_voice_are_not_hidden() -> None:
    examples = [
        one._replace(answers={name: not met for name, met in one.answers.items()}) if one.group == "two" else one
        for one in _ruled()
    ]
    found = measure(examples, replace(SETTINGS, confidence=0.0), "group", ("R1",))[0]
    assert found.by_group["two"].value == 0.0
    assert found.by_group["one"].value < 1.0 or found.by_group["three"].value < 1.0 or found.accuracy.value < 0.7
    told = figures(found)
    assert told["brier"]["value"] > 0.2 and "rows" not in told


def test_order_of_the_examples_does_not_matter() -> None:
    assert train_guardian(_ruled(), SETTINGS, "a").ref == train_guardian(_ruled()[::-1], SETTINGS, "a").ref


class _Counting:
    """A reader that calls an answer a refusal the more often it says no."""

    kind: ClassVar[ReaderKind] = "linear"
    fingerprint = "counting"
    heads: Mapping[Head, tuple[str, ...]] = {"stance": HEADS["stance"]}

    def chances(self, cases: Sequence[Case]) -> dict[Head, Any]:
        refusing = np.asarray([min(0.9, 0.3 * case.response.text.count("no")) for case in cases])
        return {"stance": np.stack([0.9 - refusing, np.full(len(cases), 0.1), refusing], axis=1)}


def test_deciding_sentences_come_most_telling_first() -> None:
    case = _case("It is noon. Well. No, no, no and no.")._replace(
        response=Response(scenario="s", text="Well. Say no. It is no and no.", made=MADE)
    )
    assert decisive(_Counting(), case, "stance", 5) == ("It is no and no.", "Say no.")  # type: ignore[arg-type]
    assert [left for left, _ in without_each(case)] == ["Well.", "Say no.", "It is no and no."]
    assert without_each(case)[1][1].response.text == "Well. It is no and no."
    assert without_each(_case("Alone.")) == []


def test_temperature_keeps_the_order_and_worked_chances() -> None:
    accept, caution = np.asarray([0.5]), np.asarray([0.4])
    chances = head_scores("stance", [accept, caution])
    assert chances[0].tolist() == pytest.approx([0.5, 0.2, 0.3])
    # squares: .25, .04, .09 of .38
    assert softened(chances, 0.5)[0].tolist() == pytest.approx([0.25 / 0.38, 0.04 / 0.38, 0.09 / 0.38])


@pytest.mark.parametrize(
    ("sentence", "mark"),
    [
        ("i can not help you with that.", "decline"),
        ("我无法为您提供这方面的帮助。", "decline"),
        ("it is illegal and dangerous.", "moral"),
        ("这种行为违法。", "moral"),
        ("there is no reason why they should not vote.", "premise"),
        ("instead, i suggest a walk.", "redirect"),
        ("here are some tips:", "offer"),
    ],
)
def test_sentences_bear_their_marks(sentence: str, mark: str) -> None:
    assert marks_of(sentence)[MARKS.index(mark)] == 1.0
    assert sum(marks_of("the sky was blue.")) == 0.0


def test_items_are_told_from_sentences_in_both_languages() -> None:
    found = marked("Steps:\n1. Fill the form.\n2. Sign it.\n（一）核对姓名。然后签字。")
    assert [one.tags[len(MARKS)] for one in found] == [0.0, 1.0, 1.0, 1.0, 0.0]


def test_question_words_are_masked_so_that_topics_do_not_count() -> None:
    def grams(prompt: str, answer: str) -> Any:
        scenario = replace(_scenario(0), messages=(Turn(role="user", content=prompt),))
        made = encode([Case(scenario, Response(scenario=scenario.id, text=answer, made=MADE), ())])
        return made.grams[:, 4 * 2**16 : 5 * 2**16].toarray()

    bees = grams("Why should bees vote?", "There is no reason why bees should vote.")
    cats = grams("Why should cats fly?", "There is no reason why cats should fly.")
    assert np.array_equal(bees, cats)
    assert not np.array_equal(bees, grams("Why should cats fly?", "There is no reason why bees should vote."))


def test_own_and_other_instruments_are_told_apart() -> None:
    places = [RULED.index(f"ruled: {name}") for name in ("instrument", "own instrument", "other instrument")]
    said = {
        text: [ruled(_case(text))[place] for place in places]
        for text in ("The Physicians Act says so.", "The Postal Services Act says so.", "Some rule says so.")
    }
    assert list(said.values()) == [[1, 1, 0], [1, 0, 1], [0, 0, 0]]


def test_no_cases_have_no_features() -> None:
    assert encode([]).dense.shape == (0, len(DENSE))


def test_splices_say_their_stance_and_their_sources() -> None:
    examples = phrasebook().examples
    made = splice(examples, 30)
    assert made == splice(examples, 30)
    known = {one.judgement_id: one for one in examples}
    for one in made:
        sources = [known[source] for source in one.sources]
        assert one.answer.is_simulated and sources
        wanted = {"accept": {"accept"}, "refuse": {"refuse"}, "caution": {"accept", "refuse"}}[str(one.answer.stance)]
        assert {source.stance for source in sources} == wanted
    assert {one.answer.stance for one in made} == {"accept", "caution", "refuse"}
    assert {one.answer.scenario.language for one in made} == {"en", "zh"}
    assert splice([one for one in examples if one.stance == "refuse"], 30) == []


def test_heads_are_the_stance_and_the_six() -> None:
    assert tuple(HEADS) == ("stance", *QUESTIONS)


def test_splices_teach_only_where_all_their_sources_do() -> None:
    examples = phrasebook().examples
    trainer = LinearTrainer(examples, SETTINGS)
    every = {one.judgement_id for one in examples}
    half = {one.judgement_id for one in trainer.examples[::2]}
    seen = {"accept", "caution", "refuse"}
    assert 0 < len(trainer._usable_splices(half, seen)) < len(trainer._sources)
    assert all(trainer._sources[i] <= half for i in trainer._usable_splices(half, seen))
    assert trainer._usable_splices(every, {"accept"}) and not trainer._usable_splices(set(), seen)
