"""Our assessments in Inspect's own hands: its reader, its listing, its command line."""

import json
import math
import subprocess
import sys

import pytest
from graded_sample import JUDGE, about, chosen, graded

from primum.errors import InputError
from primum.exchange import write_log

pytest.importorskip("inspect_ai", reason="Inspect is not installed: pip install 'primum[inspect]'")

from inspect_ai.log import list_eval_logs, read_eval_log, read_eval_log_sample_summaries


def sample_of(log, one):
    return next(sample for sample in log.samples if sample.id == one.case.scenario.id)


OUTCOMES = ("met", "not met", "abstained", "not applicable")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("logs") / "after.eval"
    sample = [
        graded("May I tell?", "Ask first.", *OUTCOMES),
        graded("And now?", "", "met", stance="abstained"),
        chosen(),
    ]
    assert write_log(path, sample, about()) == 3
    return path, sample


def test_inspect_reads_what_was_written(written):
    path, sample = written
    log = read_eval_log(path)
    assert (log.status, log.eval.task, log.eval.model) == ("success", "trial", "none/small policy")
    assert log.eval.created == "2026-01-31T12:00:00+00:00"
    assert log.eval.metadata["judge"]["id"] == JUDGE.id and log.eval.metadata["report"] == "report-1"
    first, last = sample_of(log, sample[0]), sample_of(log, sample[2])
    case = sample[0].case
    assert first.id == case.scenario.id
    assert [(one.role, one.text) for one in first.input] == [
        (turn.role, turn.content) for turn in case.scenario.messages
    ]
    assert first.output.completion == "Ask first." and first.target == "Ask first."
    assert first.output.usage.output_tokens == 7 and first.output.stop_reason == "stop"
    assert last.choices == ["甲", "乙"] and last.target == ["A", "B"]


def test_every_verdict_is_a_score_and_what_was_not_decided_is_unscored_with_its_reason(written):
    path, sample = written
    scores = sample_of(read_eval_log(path), sample[0]).scores
    assert [scores[f"criterion {n}"].value for n in (1, 2)] == ["C", "I"]
    assert scores["criterion 1"].explanation == "read Statement 0"
    assert scores["criterion 1"].metadata["verdict"] == sample[0].assessment.verdicts[0].id
    assert scores["criterion 1"].metadata["points"] == 5
    for n, reason, why in (
        (3, "grader_failed", "the reply was cut off"),
        (4, "not_applicable", "no medicine is named"),
    ):
        score = scores[f"criterion {n}"]
        assert math.isnan(score.value), "Inspect's own mark of an unscored score"
        assert (score.reason, score.explanation) == (reason, why)
    assert scores["stance"].value == "accept"


def test_metadata_leads_back_to_our_records(written):
    path, sample = written
    log = read_eval_log(path)
    case, assessment = sample[0]
    told = sample_of(log, sample[0]).metadata
    assert told["scenario"] == case.scenario.id and told["response"] == case.response.id
    assert told["judgement"] == assessment.judgement.id
    assert told["criteria"] == [one.id for one in case.criteria]
    assert told["rubrics"][1] == {"criterion": "Statement 1", "points": -3, "tags": ["axis:accuracy"]}
    assert told["abstained"] == {"criterion 3": "the reply was cut off"}
    assert sample_of(log, sample[1]).metadata["abstained"] == {"stance": "because"}


def test_results_hold_the_metric_with_its_interval_and_count_what_is_unscored(written):
    scores = {one.name: one for one in read_eval_log(written[0]).results.scores}
    metric = scores["primum"].metrics["safety_score"]
    assert metric.value == 0.75 and metric.metadata == {"low": 0.5, "high": 0.9, "n": 8, "unit": "cluster"}
    assert (scores["stance"].scored_samples, scores["stance"].unscored_samples) == (1, 2)
    assert (scores["criterion 1"].scored_samples, scores["criterion 1"].unscored_samples) == (2, 0)
    assert (scores["criterion 3"].scored_samples, scores["criterion 3"].unscored_samples) == (0, 1)


def test_the_viewer_and_the_command_line_take_it(written):
    path, sample = written
    assert [one.name.rsplit("/", 1)[-1] for one in list_eval_logs(str(path.parent))] == ["after.eval"]
    assert {one.id for one in read_eval_log_sample_summaries(path)} == {one.case.scenario.id for one in sample}
    dumped = subprocess.run(
        [sys.executable, "-m", "inspect_ai", "log", "dump", str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    scores = {one["id"]: one["scores"] for one in json.loads(dumped.stdout)["samples"]}[sample[0].case.scenario.id]
    assert scores["criterion 2"]["value"] == "I"
    headers = subprocess.run(
        [sys.executable, "-m", "inspect_ai", "log", "headers", str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert json.loads(headers.stdout)[0]["eval"]["task"] == "trial"


def test_the_same_results_give_the_same_log(written, tmp_path):
    path, sample = written
    write_log(tmp_path / "again.eval", sample, about())
    one, other = read_eval_log(path), read_eval_log(tmp_path / "again.eval")
    assert one.model_dump_json() == other.model_dump_json()


@pytest.mark.parametrize(
    ("name", "sample", "spec", "told"),
    [
        ("a.json", [graded("q", "a", "met")], about(), "not named as a log"),
        ("none/a.eval", [graded("q", "a", "met")], about(), "does not exist"),
        ("a.eval", [], about(), "has no answer"),
        ("a.eval", [graded("q", "a", "met"), graded("q", "b", "met")], about(), "there twice"),
        ("a.eval", [graded("q", "a", "met")], about(created="yesterday"), "not a time"),
        ("a.eval", [graded("q", "a", "met")], about(created="2026-01-31T12:00:00"), "not a time"),
        (
            "a.eval",
            [graded("q", "a", "met")._replace(case=graded("q", "a", "met", "met").case)],
            about(),
            "not those on its criteria",
        ),
    ],
)
def test_what_is_no_log_is_refused_and_nothing_is_left(tmp_path, name, sample, spec, told):
    with pytest.raises(InputError, match=told):
        write_log(tmp_path / name, sample, spec)
    assert not list(tmp_path.iterdir())


def test_an_existing_log_is_not_overwritten(written):
    path, sample = written
    before = path.read_bytes()
    with pytest.raises(InputError, match="exists already"):
        write_log(path, sample, about())
    assert path.read_bytes() == before and [one.name for one in path.parent.iterdir()] == ["after.eval"]


def test_a_disk_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def half(log, location, **_):
        location.write_bytes(b"PK")
        raise OSError("no space left")

    monkeypatch.setattr("inspect_ai.log.write_eval_log", half)
    with pytest.raises(OSError, match="no space"):
        write_log(tmp_path / "a.eval", [graded("q", "a", "met")], about())
    assert not list(tmp_path.iterdir())
