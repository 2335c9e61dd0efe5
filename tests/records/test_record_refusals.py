"""Records that cannot exist, each refused in one line that says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from primum.errors import RecordError
from primum.records import (
    Abstained,
    Benchmark,
    ByPerson,
    ByRule,
    Category,
    Choice,
    CitationStep,
    Criterion,
    CriterionChange,
    Dispute,
    Draft,
    Edition,
    Estimate,
    Feedback,
    Judgement,
    Met,
    Norm,
    Preference,
    Principle,
    Provision,
    Review,
    Revision,
    Rubric,
    Scenario,
    Source,
    Span,
    Taxonomy,
    Turn,
    Verdict,
)

MADE = ByRule(rule="test")
Make = Callable[..., Any]
PRINCIPLE: dict[str, Any] = {
    "statement": "Warns.", "language": "en", "applies_when": {}, "points": 5, "axis": "accuracy", "kind_of": "proficiency",
    "criteria": ("c",), "made": MADE,
}  # fmt: skip
REVISION: dict[str, Any] = {
    "scenario": "s", "rubric": "r", "judge": "j", "drafts": (Draft(round=0, response="a", judgement="j"),), "chosen": "a",
    "ended": "no_gain", "made": MADE,
}  # fmt: skip


def source(**changes: Any) -> Source:
    return Source(**{
        "key": "code", "title": "Code", "text": "Tell the truth.", "language": "en", "jurisdiction": "XX", "authority": "code",
        "media_type": "text/plain", "made": MADE,
    } | changes)  # fmt: skip


def norm(**changes: Any) -> Norm:
    return Norm(**{
        "source": "source-1", "source_key": "code", "source_title": "Code", "text": "Tell the truth.", "start": 10, "end": 25,
        "citation": (CitationStep(level="article", label="§ 1"),), "language": "en", "jurisdiction": "XX", "authority": "code",
        "modality": "obligation", "provisions": (), "made": MADE,
    } | changes)  # fmt: skip


def scenario(**changes: Any) -> Scenario:
    return Scenario(**{
        "messages": (Turn(role="user", content="May I?"),), "task": "open", "dimension": "consent", "language": "en",
        "dataset": "test", "made": MADE,
    } | changes)  # fmt: skip


def choice(**changes: Any) -> Scenario:
    options = tuple(Choice(letter=letter, text=letter) for letter in "ABC")
    return scenario(**{"task": "single_choice", "options": options, "key": ("B",)} | changes)


def criterion(**changes: Any) -> Criterion:
    return Criterion(**{
        "statement": "Is true.", "points": 1, "axis": "accuracy", "kind_of": "safety", "language": "en", "made": MADE,
    } | changes)  # fmt: skip


def verdict(**changes: Any) -> Verdict:
    return Verdict(**{"response": "r", "criterion": "c", "judge": "j", "outcome": Met()} | changes)


def estimate(**changes: Any) -> Estimate:
    return Estimate(**{"value": 0.5, "low": 0.4, "high": 0.6, "n": 10, "unit": "scenario"} | changes)


def category(key: str) -> Category:
    return Category(key=key, zh="同意", en="Consent")


def taxonomy(**changes: Any) -> Taxonomy:
    return Taxonomy(**{
        "key": "own", "zh": "自己的", "en": "Our own", "source": "test", "made": MADE, "scenes": (), "dimensions": (category("consent"),),
    } | changes)  # fmt: skip


REFUSED: list[tuple[Make, dict[str, Any], str]] = [
    (source, {"key": " "}, "has no key"),
    (source, {"text": "\n"}, "no text"),
    (source, {"enacted": "2021-13-01"}, "is not a date"),
    (source, {"effective_to": "last year"}, "is not a date"),
    (source, {"language": "fr"}, "language = 'fr'"),
    (source, {"authority": "rumour"}, "authority"),
    (norm, {"citation": ()}, "has no citation"),
    (norm, {"end": 26}, "spans 10–26 but has 15 characters"),
    (norm, {"provisions": (Provision(label="(a)", start=9, end=12, modality="other"),)}, "outside its norm"),
    (norm, {"provisions": (Provision(label="(a)", start=12, end=12, modality="other"),)}, "outside its norm"),
    (scenario, {"messages": ()}, "does not end with something a user says"),
    (scenario, {"messages": (Turn(role="assistant", content="Hi"),)}, "does not end with something a user says"),
    (scenario, {"messages": (Turn(role="user", content="  "),)}, "does not end with something a user says"),
    (scenario, {"harm_level": 4}, "harm_level = '4'"),
    (scenario, {"key": ("A",)}, "has options or a key"),
    (choice, {"options": (Choice(letter="A", text="a"),)}, "too few or share a letter"),
    (choice, {"options": (Choice(letter="A", text="a"), Choice(letter="A", text="b"))}, "share a letter"),
    (choice, {"key": ()}, "not a sorted set"),
    (choice, {"key": ("D",)}, "not a sorted set"),
    (choice, {"task": "multiple_choice", "key": ("C", "A")}, "not a sorted set"),
    (choice, {"key": ("A", "B")}, "is not one letter"),
    (criterion, {"points": 0}, "not 0"),
    (criterion, {"points": 11}, "between −10 and 10"),
    (criterion, {"points": 2.5}, "points"),
    (criterion, {"statement": " "}, "says nothing"),
    (verdict, {"probability": 1.01}, "is not between 0 and 1"),
    (verdict, {"probability": float("nan")}, "is not a finite number"),
    (verdict, {"outcome": None}, "outcome"),
    (verdict, {"outcome": 0}, "outcome"),
    (estimate, {"n": 0}, "over at least one"),
    (estimate, {"value": float("nan")}, "not a finite number"),
    (estimate, {"high": float("inf")}, "not a finite number"),
    (estimate, {"value": 0.7}, "outside its interval"),
    (Abstained, {"reason": " "}, "has no reason"),
    (Rubric, {"scenario": "s", "criteria": (), "made": MADE}, "has no criteria"),
    (Rubric, {"scenario": "s", "criteria": ("c", "c"), "made": MADE}, "one of them twice"),
    (Judgement, {"response": "r", "judge": "j", "stance": "abstained"}, "has no reason"),
    (Judgement, {"response": "r", "judge": "j", "stance": "unusable", "reason": " "}, "has no reason"),
    (Judgement, {"response": "r", "judge": "j", "stance": "maybe"}, "stance"),
    (Preference, {"scenario": "s", "chosen": "r", "rejected": "r", "made": MADE}, "preferred to itself"),
    (Span, {"start": 3, "end": 5, "text": "act"}, "does not hold its words"),
    (Span, {"start": 3, "end": 3, "text": ""}, "does not hold its words"),
    (Category, {"key": "consent", "zh": "同意", "en": " "}, "lacks a name"),
    (taxonomy, {"dimensions": ()}, "has no dimensions"),
    (taxonomy, {"scenes": (category("ward"), category("ward"))}, "stand twice"),
    (Edition, {"corpus": "law", "sources": (), "made": MADE}, "holds no source"),
    (Benchmark, {"name": "b", "version": 1, "edition": "e", "taxonomy": "t", "items": (), "made": MADE}, "has no items"),
    (Review, {"item": "i", "scenario": "s", "state": "verified", "made": ByPerson(person=" ", role="clinician")}, "names no person"),
    (Review, {"item": "i", "scenario": "s", "state": "verified", "made": MADE}, "made = "),
    (Feedback, {"response": "r", "language": "en", "failed": ("Q1",), "open": ("Q1",), "advice": (), "made": MADE}, "failed and open"),
    (Rubric, {"scenario": "s", "criteria": ("c",), "made": MADE, "state": "verified"}, "names no person or no role"),
    (Rubric, {
        "scenario": "s", "criteria": ("c",), "made": ByPerson(person="a", role=" "), "state": "verified",
    }, "names no person or no role"),
    (Rubric, {
        "scenario": "s", "criteria": ("c",), "made": ByPerson(person="a", role="clinician"), "state": "verified",
        "disputes": (Dispute(criterion="c", readings=()),),
    }, "is not agreed on"),
    (CriterionChange, {"reason": "vague", "before": ("c",), "after": ("c",)}, "changes nothing"),
    (CriterionChange, {"reason": "because", "before": ("c",)}, "reason = "),
    (Principle, PRINCIPLE | {"criteria": ()}, "covers no criterion"),
    (Principle, PRINCIPLE | {"points": 0}, "weighs nothing or too much"),
    (Principle, PRINCIPLE | {"state": "edited"}, "names no version before it"),
    (Principle, PRINCIPLE | {"state": "retired", "previous": ("p",)}, "gives no reason"),
    (Revision, REVISION | {"drafts": (Draft(round=1, response="a", judgement="j"),)}, "does not begin with the first answer"),
    (Revision, REVISION | {"chosen": "b"}, "is none of the drafts"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "changes", "said"), REFUSED, ids=[f"{m.__name__}-{s[:24]}" for m, _, s in REFUSED])
def test_a_record_that_breaks_its_rules_is_not_made(make: Make, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(RecordError, match=said.replace("(", r"\(")) as caught:
        make(**changes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [source, norm, scenario, choice, criterion, verdict, estimate, taxonomy])
def test_without_the_change_it_is_made(make: Make) -> None:
    assert make() == make()


def test_whole_numbers_where_real_ones_are_asked_give_the_same_estimate() -> None:
    assert estimate(value=1, low=1, high=1) == estimate(value=1.0, low=1.0, high=1.0)
    assert isinstance(estimate(value=1, low=0, high=1).value, float)


def test_how_a_norm_is_cited() -> None:
    one = norm(source_key="医师法(2021-08-20)", source_title="医师法", citation=(
        CitationStep(level="chapter", label="第三章"), CitationStep(level="article", label="第二十五条"),
    ))  # fmt: skip
    assert one.key == "医师法(2021-08-20)#第二十五条"
    assert one.reference == "医师法 第二十五条"


def test_what_an_article_says_is_named_wherever_it_stands() -> None:
    step = CitationStep(level="article", label="第二条")
    one = norm(text="第二条 不得泄露 患者隐私。", start=0, end=14, citation=(step,))
    moved = norm(
        text="第三十条\u3000不得泄露\n患者隐私。",
        start=0,
        end=15,
        citation=(CitationStep(level="article", label="第三十条"),),
    )
    assert one.digest == moved.digest
    broken = norm(text="第二条 不得泄\u200b露患\n者隐私。", start=0, end=15, citation=(step,))
    assert broken.digest == one.digest
    amended = norm(text="第二条 可以泄露 患者隐私。", start=0, end=14, citation=(step,))
    assert amended.digest != one.digest


def test_a_class_of_a_taxonomy_is_called_by_its_name() -> None:
    own = taxonomy(scenes=(category("ward"),))
    assert (own.named("ward", "zh"), own.named("consent", "en"), own.named("other", "en")) == (
        "同意",
        "Consent",
        "other",
    )
