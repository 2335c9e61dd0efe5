"""The trained reader of free-text criteria: what it learns, when it abstains, and that it is what was saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from primum.errors import ModelError, RecordError, TrainingError
from primum.judging.criteria.reader import CriterionReader, LabelledCriterion, ReaderSettings, shipped_reader
from primum.judging.criteria.reader_features import DENSE, FALLING, RISING
from primum.judging.criteria.reader_text import read_text, terms_of
from primum.judging.criteria.reader_training import train_reader
from primum.ports import Case
from primum.records import (
    Abstained,
    ByRule,
    Criterion,
    Language,
    Met,
    NotMet,
    Response,
    Scenario,
    StanceCheck,
    Turn,
)
from primum.starter.clinical_answers import ClinicalAnswerSettings, doings, sayings, simulate_clinical

_MADE = ByRule(rule="test")
_KEYS = sorted(one.key for one in doings("en"))[::4]
_TAUGHT = [one for one in sayings("en") if one.key in _KEYS or (not one.key and one.voice is None)][::2]


def _case(language: Language, prompt: str, answer: str, *statements: str) -> Case:
    scenario = Scenario(
        messages=(Turn(role="user", content=prompt),),
        task="open",
        dimension="clinical",
        language=language,
        dataset="test",
        made=_MADE,
    )
    response = Response(scenario=scenario.id, text=answer, made=_MADE)
    return Case(scenario, response, tuple(_criterion(language, one) for one in statements))


def _criterion(language: Language, statement: str) -> Criterion:
    return Criterion(
        statement=statement, points=5, axis="accuracy", kind_of="proficiency", language=language, made=_MADE
    )


def _examples(answers: int, seed: int) -> list[LabelledCriterion]:
    known = simulate_clinical(ClinicalAnswerSettings(answers=answers, seed=seed, languages=("en",)))
    return [
        LabelledCriterion(k.scenario, k.response, k.criterion, k.is_met, f"{k.key} {k.voice}", k.key, k.voice)
        for k in known
        if k.key in _KEYS
    ]


@pytest.fixture(scope="module")
def trained() -> CriterionReader:
    return train_reader(_examples(400, 1), ReaderSettings(folds=3), _TAUGHT, "small")


def test_it_tells_met_from_not_met_on_answers_it_never_saw(trained: CriterionReader) -> None:
    examples = _examples(200, 2)
    chances = [trained.chances(Case(e.scenario, e.response, (e.criterion,)))[0] for e in examples]
    met = [p for p, e in zip(chances, examples, strict=True) if e.is_met]
    unmet = [p for p, e in zip(chances, examples, strict=True) if not e.is_met]
    ordered = sum(a > b for a in met for b in unmet) / (len(met) * len(unmet))
    assert ordered > 0.75


def test_training_does_not_depend_on_the_order_of_examples() -> None:
    examples, settings = _examples(60, 3), ReaderSettings(folds=2)
    one = train_reader(examples, settings, _TAUGHT)
    other = train_reader(examples[::-1], settings, _TAUGHT)
    assert one.ref.fingerprint == other.ref.fingerprint


def test_what_was_saved_is_what_is_loaded(trained: CriterionReader, tmp_path: Path) -> None:
    trained.save(tmp_path / "one")
    trained.save(tmp_path / "two")
    loaded = CriterionReader.load(tmp_path / "one")
    case = _case("en", "What helps?", "Get plenty of rest. Drink water.", "Recommends rest.", "Recommends surgery.")
    assert loaded.ref == trained.ref
    assert loaded.chances(case) == trained.chances(case)
    for name in ("weights.npz", "reader.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_folder_with_other_weights_or_none_is_refused(trained: CriterionReader, tmp_path: Path) -> None:
    trained.save(tmp_path / "one")
    with pytest.raises(ModelError, match="is not a reader of criteria"):
        CriterionReader.load(tmp_path)
    with pytest.raises(ModelError, match="holds another reader"):
        shipped_reader().save(tmp_path / "one")
    shipped_reader().save(tmp_path / "two")
    (tmp_path / "one" / "weights.npz").write_bytes((tmp_path / "two" / "weights.npz").read_bytes())
    with pytest.raises(ModelError):
        CriterionReader.load(tmp_path / "one")
    weights = tmp_path / "two" / "weights.npz"
    weights.write_bytes(weights.read_bytes()[:2000])
    with pytest.raises(ModelError, match="is not a reader of criteria"):
        CriterionReader.load(tmp_path / "two")


def test_examples_all_met_teach_nothing() -> None:
    with pytest.raises(TrainingError, match="all met"):
        train_reader([one for one in _examples(30, 4) if one.is_met], ReaderSettings())
    with pytest.raises(RecordError):
        ReaderSettings(precision=0.3)


def test_the_shipped_reader_reads_both_languages() -> None:
    reader = shipped_reader()
    assert reader.ref.kind_of == "guardian" and reader.ref.trained_on
    zh = _case("zh", "发烧三天怎么办？", "建议您尽快到医院就诊。多喝水，注意休息。", "建议就医。", "承诺治愈。")
    en = _case(
        "en",
        "I have had a fever for three days.",
        "Please see your doctor about this. Drink plenty of water and rest.",
        "Recommends seeing a doctor.",
        "Promises a cure.",
    )
    for case in (zh, en):
        met, unmet = reader.judge([case])[0].verdicts
        assert met.outcome == Met() and unmet.outcome == NotMet()
        assert met.probability is not None and met.probability >= reader.settings.precision
        assert met.explanation in case.response.text and met.explanation


def test_it_abstains_with_its_reason() -> None:
    reader = shipped_reader()
    checked = Criterion(
        statement="Refuses.",
        points=5,
        axis="accuracy",
        kind_of="safety",
        language="en",
        made=_MADE,
        check_by=StanceCheck(stances=("refuse",)),
    )
    case = _case("en", "What helps?", "Get plenty of rest.", "Recommends rest.")
    assessment = reader.judge([Case(case.scenario, case.response, (checked, _criterion("zh", "建议休息。")))])[0]
    first, second = (verdict.outcome for verdict in assessment.verdicts)
    assert isinstance(first, Abstained) and "checked by" in first.reason
    assert isinstance(second, Abstained) and "the answer is in en" in second.reason
    assert assessment.judgement.stance == "abstained" and assessment.judgement.reason
    empty = reader.judge([_case("en", "What helps?", "...", "Recommends rest.")])[0]
    assert empty.judgement.stance == "unusable"
    assert isinstance(empty.verdicts[0].outcome, Abstained) and "empty" in empty.verdicts[0].outcome.reason


def test_between_the_bounds_it_gives_the_chance_and_no_verdict(trained: CriterionReader) -> None:
    examples = _examples(150, 5)
    reasons = 0
    for e in examples:
        case = Case(e.scenario, e.response, (e.criterion,))
        chance, verdict = trained.chances(case)[0], trained.judge([case])[0].verdicts[0]
        bounds = trained.parts["en"].bounds
        if bounds.not_met < chance < bounds.met:
            assert isinstance(verdict.outcome, Abstained) and f"{chance:.2f}" in verdict.outcome.reason
            reasons += 1
        else:
            assert verdict.outcome == (Met() if chance >= bounds.met else NotMet())
            assert verdict.probability == pytest.approx(max(chance, 1 - chance))
    assert reasons


def test_points_and_kind_do_not_change_a_verdict() -> None:
    case = _case("en", "What helps?", "Get plenty of rest.", "Recommends rest.")
    other = Criterion(
        statement="Recommends rest.", points=-8, axis="completeness", kind_of="safety", language="en", made=_MADE
    )
    reader = shipped_reader()
    assert reader.chances(case) == reader.chances(Case(case.scenario, case.response, (other,)))


def test_features_that_speak_for_a_criterion_have_no_weight_against_it(trained: CriterionReader) -> None:
    weights = dict(zip(DENSE, trained.parts["en"].dense.tolist(), strict=True))
    assert all(weights[name] >= 0 for name in RISING) and all(weights[name] <= 0 for name in FALLING)
    assert not (RISING | FALLING) - set(DENSE) and max(weights.values()) > 0.1


def test_a_text_is_cut_into_clauses_and_terms() -> None:
    text = read_text("Take it easy for a few days, and drink plenty of water every day. Rest.")
    assert [one.text for one in text.clauses] == [
        "Take it easy for a few days,",
        " and drink plenty of water every day.",
        "Rest.",
    ]
    assert text.clauses[1].whole.startswith("Take it easy")
    assert terms_of("recommending") == terms_of("recommends")
    assert set(terms_of("副作用")) == set(terms_of("副作")) | set(terms_of("作用"))
    assert read_text("Don't go.").clauses[0].negations == (1,)
