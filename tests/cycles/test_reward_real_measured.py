"""The figures on real pairs by hand: choices, calls, correlations, their differences, and what length alone gets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import pytest
from msgspec.structs import replace

from primum.cycles.reward_real import Graded
from primum.cycles.reward_real_folds import Fold
from primum.cycles.reward_real_length import LengthReward
from primum.cycles.reward_real_measured import Figure, Said, differences, figures, items_of, read_by, said
from primum.ports import Progress, silent
from primum.records import ByImport, Response, Scenario, Turn
from primum.rewards.asked import Asked, Item, Read
from primum.rewards.samples import PairSample


class ByText:
    """A scorer that knows a logit for some words, and counts how often it is asked."""

    name = "by text"

    def __init__(self, logits: dict[str, float]) -> None:
        self.logits = logits
        self.asked = 0

    def score(self, items: Iterable[Item], progress: Progress = silent) -> Iterator[Read]:
        for item in items:
            self.asked += 1
            logit = self.logits.get(item.completion, 0.0)
            width = len(item.criteria)
            yield Read((logit,) * width, (0.9 if logit > 0 else 0.1,) * width)


def pair(id: str, first: bool | None, second: bool | None, points: int = 1, **others: str) -> PairSample:
    veto = points < 0
    return PairSample(
        id=id,
        prompt=(Turn(role="user", content=others.pop("asks", "Why?")),),
        first="one",
        second="two",
        criteria=(Asked("It is so.", "safety" if veto else "proficiency", points),),
        met_first=(first,),
        met_second=(second,),
        language="en",
        group=others.pop("group", "g"),
        keys=("harmful_request_done" if veto else "grade_2_or_more",),
        first_by=others.get("first_by", "alpha"),
        second_by=others.get("second_by", "beta"),
    )


def told(fold: Fold, logits: dict[str, float], graded: Sequence[Graded] = ()) -> Said:
    return said([fold], graded, read_by(ByText(logits), items_of(fold, graded)))


def of(found: Sequence[Figure], metric: str, name: str) -> Figure:
    return next(one for one in found if (one.metric, one.of) == (metric, name))


def test_an_answer_is_read_once_under_the_same_criteria() -> None:
    test = [
        pair("liveqa-med/q1/a", True, False),
        pair("liveqa-med/q1/b", False, True),
        pair("xstest/s/c", True, None, -1),
    ]
    scorer = ByText({})
    reads = read_by(scorer, items_of(Fold(0, "gamma", [], test), []))
    assert scorer.asked == 4 and len(reads) == 6, "two texts, each under two lists of criteria"


def test_choices_by_hand() -> None:
    test = [
        pair("liveqa-med/q1/a", True, False),
        pair("liveqa-med/q1/b", False, True),
        pair("liveqa-med/q2/c", None, True),
        pair("xstest/s/d", True, False, -10),
        pair("xstest/s/e", True, False, -10, first_by="gamma"),
        pair("medsafetybench/test/simulated/f", False, True, -10),
    ]
    fold = Fold(0, "gamma", [], test)
    made = told(fold, {"one": 1.0, "two": -1.0})
    assert [(one.of[-1], one.right) for one in made.choices] == [
        ("liveqa-med, grade 2 or more", 1.0),
        ("liveqa-med, grade 2 or more", 0.0),
        ("xstest, veto, seen policy", 1.0),
        ("xstest, veto, unseen policy", 1.0),
        ("medsafetybench, simulated", 0.0),
    ], "who meets the veto loses, and a higher logit says that it is met"
    found = figures(made)
    assert of(found, "pairwise", "liveqa-med, all statements") == of(
        found, "pairwise", "liveqa-med, grade 2 or more"
    )._replace(of="liveqa-med, all statements")
    both = of(found, "pairwise", "liveqa-med, grade 2 or more")
    assert both.estimate is not None and both.estimate.value == 0.5 and (both.n, both.by_chance) == (2, 0.5)
    assert of(found, "pairwise", "xstest, veto").n == 2, "seen and unseen policies together"
    ties = told(fold, {})
    assert {one.right for one in ties.choices} == {0.5}
    apart = of(differences(made, ties), "pairwise", "medsafetybench, simulated").estimate
    assert apart is not None and apart.value == -0.5


def test_calls_by_hand() -> None:
    test = [
        pair("xstest/s/a", True, False, -10, group="g1", asks="1"),
        pair("xstest/s/b", True, None, -10, group="g2", asks="2"),
        pair("xstest/s/c", False, True, -10, group="g3", asks="3"),
        pair("xstest/s/d", True, False, -10, group="g1", asks="1"),
    ]
    fold = Fold(0, "gamma", [], test)
    made = told(fold, {"one": 1.0})
    assert [(one.judged.group, one.judged.says_met, one.judged.is_met) for one in made.calls] == [
        ("g1", True, True),
        ("g1", False, False),
        ("g2", True, True),
        ("g3", True, False),
        ("g3", False, True),
    ], "an answer that stands in two pairs is called once, one without a label never"
    found = figures(made)
    shown = {one.metric: one for one in found if one.of == "xstest, veto" and one.metric != "pairwise"}
    values = {metric: one.estimate.value for metric, one in shown.items() if one.estimate is not None}
    # 2 hits, 1 false alarm, 1 miss, 1 right acquittal.
    assert values == pytest.approx(
        {"pointwise": 3 / 5, "veto_precision": 2 / 3, "veto_recall": 2 / 3, "veto_f1": 2 / 3}
    )
    assert {metric: one.n for metric, one in shown.items()} == {
        "pointwise": 5,
        "veto_precision": 3,
        "veto_recall": 3,
        "veto_f1": 5,
    }
    chances = {metric: one.by_chance for metric, one in shown.items()}
    assert chances == {"pointwise": 0.6, "veto_precision": 0.6, "veto_recall": None, "veto_f1": pytest.approx(0.75)}
    silent_one = figures(told(fold, {"one": -1.0, "two": -1.0}))
    nothing = of(silent_one, "veto_precision", "xstest, veto")
    assert nothing.estimate is None and nothing.why == "no veto was said"
    missed = differences(told(fold, {"one": -1.0, "two": -1.0}), made)
    fewer = of(missed, "veto_recall", "xstest, veto").estimate
    assert fewer is not None and fewer.value == pytest.approx(-2 / 3)
    lower = of(missed, "veto_f1", "xstest, veto").estimate
    assert lower is not None and lower.value == pytest.approx(-2 / 3) and lower.low < -2 / 3 < lower.high
    assert not [one for one in missed if one.metric == "veto_precision"], "it is of other rows for each"


def graded(question: int, answers: Iterable[tuple[str, float]], group: str = "g") -> list[Graded]:
    made = ByImport(dataset="own", row="1")
    scenario = Scenario(
        messages=(Turn(role="user", content=f"Why {question}?"),),
        task="open",
        dimension="d",
        language="en",
        dataset="own",
        made=made,
    )
    asked = (Asked("It is so."),)
    return [
        Graded(scenario, Response(scenario=scenario.id, text=text, made=made), grade, group, asked)
        for text, grade in answers
    ]


def test_the_rank_correlation_by_hand() -> None:
    first = graded(1, [("a", 1), ("b", 2), ("c", 3)])
    second = graded(2, [("a", 1), ("b", 1), ("c", 4)], "h")
    skipped = graded(3, [("a", 1), ("b", 4)]) + graded(4, [("a", 2), ("b", 2), ("c", 2)])
    chances = {"a": 0.2, "b": 0.9, "c": 0.5}

    def ranked(some: Sequence[Graded], chances: dict[str, float]) -> Said:
        return said([], some, {one.response.id: Read((0.0,), (chances[one.response.text],)) for one in some})

    made = ranked(first + second + skipped, chances)
    # Ranks 0 2 1 against 0 1 2: .5. Ranks 0 2 1 against .5 .5 2: 0 once the means are taken away.
    assert [(one.group, one.correlation) for one in made.ranks] == [("g", pytest.approx(0.5)), ("h", pytest.approx(0))]
    found = of(figures(made), "rank", "liveqa-med").estimate
    assert found is not None and found.value == pytest.approx(0.25) and found.low < 0 < found.high
    flat = ranked(first + second, dict.fromkeys("abc", 0.5))
    assert [one.correlation for one in flat.ranks] == [0.0, 0.0]
    apart = of(differences(made, flat), "rank", "liveqa-med").estimate
    assert apart is not None and apart.value == pytest.approx(0.25)
    assert ranked(skipped, chances).ranks == []


def test_only_graded_answers_of_the_fold_are_read() -> None:
    here, elsewhere = graded(1, [("a", 1), ("", 4)], "g"), graded(2, [("b", 1)], "other")
    items = items_of(Fold(0, "gamma", [], [pair("liveqa-med/q1/a", True, False)]), here + elsewhere)
    assert [one.completion for one in items] == ["one", "two", "a"]


def test_the_length_of_an_answer_by_hand() -> None:
    def of_length(id: str, is_long_met: bool | None) -> PairSample:
        return replace(
            pair(id, is_long_met, None if is_long_met is None else not is_long_met), first="word " * 40, second="short"
        )

    scorer = LengthReward.fit([of_length("a", True), of_length("b", True), of_length("c", None)])
    ask = Item("x", (Turn(role="user", content="Why?"),), "word " * 40, (Asked("It is so."), Asked("Unknown.")))
    long, short = scorer.score([ask, ask._replace(completion="short")])
    assert long.scores[0] > 0 > short.scores[0] and long.probabilities[0] == pytest.approx(
        1 / (1 + math.exp(-long.scores[0]))
    )
    assert long.scores[1] == 0.0 and long.probabilities[1] == 0.5, "a criterion that it was not fitted to"
    other = LengthReward.fit([of_length("a", False)])
    (turned,) = other.score([ask])
    assert turned.scores[0] < 0, "where short answers are met, short ones score"
