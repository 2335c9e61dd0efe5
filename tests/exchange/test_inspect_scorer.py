"""A judge of ours in a real evaluation of Inspect, with its mock model."""

import math

import pytest
from graded_sample import WordJudge, about, criterion, graded

from primum.errors import ModelError
from primum.exchange import primum_scorer, write_log

pytest.importorskip("inspect_ai", reason="Inspect is not installed: pip install 'primum[inspect]'")

from inspect_ai import Task, score
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import read_eval_log
from inspect_ai.model import ModelOutput, ModelUsage, get_model

# Inspect's own: it calls tenacity in a way that its newest release asks to be changed, and drops streams that it did not close.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The 'initial' parameter is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*MemoryObjectReceiveStream:pytest.PytestUnraisableExceptionWarning"),
]

RUBRICS = [
    {"criterion": "sleep", "points": 4, "tags": ["axis:completeness"]},
    {"criterion": "water", "points": 6},
    {"criterion": "whisky", "points": -5},
]


@pytest.fixture(autouse=True)
def _quiet_folder(monkeypatch, tmp_path):
    """Inspect keeps its traces and its log folder where these say."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.chdir(tmp_path)


def evaluated(judge, answers, folder, rubrics=RUBRICS, criteria=None):
    metadata = {"rubrics": rubrics} if rubrics is not None else {}
    samples = [Sample(input=f"Question {n}?", metadata=metadata, id=n) for n in range(len(answers))]
    said = [ModelOutput.from_content("mockllm/model", one) for one in answers]
    for one in said:
        one.usage = ModelUsage(
            input_tokens=1, output_tokens=1, total_tokens=2
        )  # or the mock fetches a tokeniser to count
    model = get_model("mockllm/model", custom_outputs=said)
    task = Task(dataset=MemoryDataset(samples), scorer=primum_scorer(judge, criteria), name="advice")
    # One sample after the other, so that the mock's answers fall to the samples in order.
    (log,) = inspect_eval(task, model=model, display="none", log_dir=str(folder / "logs"), max_samples=1)
    assert log.status == "success", log.error
    return read_eval_log(log.location)


def test_a_judge_scores_an_evaluation_and_an_abstention_is_unscored_between_its_bounds(tmp_path):
    log = evaluated(WordJudge(), ["sleep", "sleep water", "water and unsure"], tmp_path)
    scores = {one.id: one.scores["primum_scorer"] for one in log.samples}
    assert scores[0].value == 0.4 and scores[1].value == 1.0
    assert math.isnan(scores[2].value) and scores[2].reason == "grader_failed"
    assert scores[2].explanation.startswith(
        "1 of 3 criteria could not be judged: the value lies between 0.100 and 0.600"
    )
    assert "[-5] whisky: abstained (the reply says neither)" in scores[2].explanation
    assert scores[2].metadata["bounds"] == [pytest.approx(0.1), pytest.approx(0.6)]
    (result,) = log.results.scores
    assert result.metrics["mean"].value == pytest.approx(0.7), "over the two that were scored"
    assert (result.scored_samples, result.unscored_samples) == (2, 1)
    assert log.eval.scorers[0].options["judge_id"] == WordJudge().ref.id


def test_a_bad_point_met_makes_the_score_negative(tmp_path):
    log = evaluated(WordJudge(), ["whisky"], tmp_path)
    assert log.samples[0].scores["primum_scorer"].value == -0.5


def test_samples_that_come_together_are_judged_together(tmp_path):
    import anyio

    from primum.exchange.inspect_scorer import _Waiting

    judge = WordJudge()
    cases = [graded(f"Question {n}", "answer", "met").case for n in range(20)]

    async def ask_all():
        waiting, told = _Waiting(judge), {}

        async def ask(number):
            told[number] = await waiting.ask(cases[number])

        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(ask, number)
        return [told[number].judgement.response for number in range(20)]

    assert anyio.run(ask_all) == [case.response.id for case in cases]
    assert sum(judge.batches) == 20 and len(judge.batches) <= 2


def test_a_judge_that_fails_leaves_the_samples_unscored_with_its_words(tmp_path):
    down = WordJudge(fails=ModelError("endpoint x", "is down", "start it", "model y"))
    score_ = evaluated(down, ["sleep"], tmp_path).samples[0].scores["primum_scorer"]
    assert math.isnan(score_.value) and "endpoint x is down" in score_.explanation


@pytest.mark.parametrize(
    ("rubrics", "told"),
    [
        (None, "has no 'rubrics'"),
        ([{"criterion": "sleep"}], "are not criteria"),
        ([{"criterion": "sleep", "points": 0}], "0 points"),
        ([{"criterion": "whisky", "points": -1}], "no criterion with positive points"),
    ],
)
def test_a_sample_without_usable_criteria_is_unscored_and_says_why(tmp_path, rubrics, told):
    score_ = evaluated(WordJudge(), ["sleep"], tmp_path, rubrics).samples[0].scores["primum_scorer"]
    assert math.isnan(score_.value) and score_.reason == "scoring_failed" and told in score_.explanation


def test_criteria_may_be_given_for_all_samples(tmp_path):
    log = evaluated(WordJudge(), ["rest"], tmp_path, None, [criterion("rest", 3), criterion("drink", 1)])
    assert log.samples[0].scores["primum_scorer"].value == 0.75


def test_a_log_of_ours_is_scored_again_by_inspect(tmp_path):
    write_log(tmp_path / "ours.eval", [graded("May I?", "Statement 0", "not met", points=(5,))], about())
    again = score(read_eval_log(tmp_path / "ours.eval"), primum_scorer(WordJudge()), action="append", display="none")
    assert again.samples[0].scores["primum_scorer"].value == 1.0
    assert again.samples[0].scores["criterion 1"].value == "I", "what was said before stays"
