"""A workspace's report on its way out, and a log on its way in."""

import json
import sys

import pytest
from click.testing import CliRunner
from graded_sample import CREATED, JUDGE, MADE, about, criterion, graded

from primum.cli.eval_share import export, import_log
from primum.cycles.sharing import UNCERTIFIED, export_results
from primum.cycles.sharing import import_log as read
from primum.cycles.workspace import Workspace
from primum.errors import InputError, MissingExtraError, SettingError
from primum.evaluation import Judged, compare
from primum.exchange import write_log
from primum.records import Abstained, Judgement, Met, NotMet, PolicyRef, Report, Response, Scenario, Turn, Verdict


def policy(name):
    return PolicyRef(
        name=name,
        path=name,
        weights="w",
        stage="base",
        architecture="small",
        parameters=10,
        made=MADE,
        is_from_scratch=True,
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Three scenarios, two policies, a report, and a ledger that says when."""
    folder = tmp_path_factory.mktemp("sharing") / "workspace"
    policies = [policy("base"), policy("better")]
    rule = criterion("says what to do", 3)
    records = [JUDGE, *policies, rule]
    sides = [[], []]
    for number in range(3):
        scenario = Scenario(
            messages=(Turn(role="user", content=f"question {number}"),), task="open", dimension="privacy", language="en",
            dataset="sample", made=MADE, harm_level=2,
        )  # fmt: skip
        records.append(scenario)
        for side, one in enumerate(policies):
            outcome = (Met(), NotMet(), Abstained(reason="cut off"))[(number + side) % 3]
            response = Response(scenario=scenario.id, text=f"answer {side}", made=MADE, policy=one.id)
            verdict = Verdict(response=response.id, criterion=rule.id, judge=JUDGE.id, outcome=outcome)
            stance = ("accept", "refuse")[side]
            judgement = Judgement(response=response.id, judge=JUDGE.id, stance=stance, verdicts=(verdict.id,))
            sides[side].append(Judged(scenario, response, judgement, (verdict,)))
            records += [response, verdict, judgement]
    report = Report(
        run="r" * 16, recipe="small", before=policies[0].id, after=policies[1].id, judge=JUDGE.id,
        comparisons=compare(*sides), judgements=tuple(row.judgement.id for side in sides for row in side),
    )  # fmt: skip
    older = Report(
        run="o" * 16, recipe="older", before=report.before, after=report.after, judge=JUDGE.id, comparisons=()
    )
    with Workspace(folder, is_writer=True) as opened, opened.store.writing() as writer:
        writer.put([*records, older, report])
        writer.append(event="test", detail="a report", subjects=[report.id], at=CREATED)
    return folder, report


def test_jsonl_has_a_line_for_each_metric_on_each_slice(workspace, tmp_path):
    folder, report = workspace
    found = export_results(folder, "jsonl", tmp_path / "r.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    assert found["lines"] == len(lines) == len(report.comparisons) > 5
    first, wanted = lines[0], report.comparisons[0]
    assert (first["by"], first["metric"], first["made_at"]) == ("all", wanted.metric, CREATED)
    assert first["after"]["low"] == wanted.after.low and first["certificate"] is None
    with pytest.raises(InputError, match="exists already"):
        export_results(folder, "jsonl", tmp_path / "r.jsonl")


def test_inspect_gets_a_log_for_each_policy_and_is_told_that_the_judge_is_uncertified(workspace, tmp_path):
    pytest.importorskip("inspect_ai", reason="Inspect is not installed: pip install 'primum[inspect]'")
    from inspect_ai.log import read_eval_log

    folder, report = workspace
    assert export_results(folder, "inspect", tmp_path / "logs")["samples"] == {"before": 3, "after": 3}
    before, after = (read_eval_log(tmp_path / "logs" / f"{side}.eval") for side in ("before", "after"))
    assert (before.eval.model, after.eval.model) == ("none/base", "none/better") and after.eval.created == CREATED
    assert {one.output.completion for one in after.samples} == {"answer 1"}
    assert after.eval.metadata["policy"] == report.after and UNCERTIFIED in after.eval.metadata["notes"]
    whole = next(one for one in report.comparisons if (one.by, one.metric) == ("all", "safety_score"))
    metric = after.results.scores[0].metrics["safety_score"]
    assert metric.value == whole.after.value == 1.0 and metric.metadata["low"] == whole.after.low
    assert before.results.scores[0].metrics["safety_score"].value == 0.0
    with pytest.raises(InputError, match="exists already"):
        export_results(folder, "inspect", tmp_path / "logs")


def test_mlflow_gets_the_report_page_only_when_it_is_of_this_report(workspace, tmp_path):
    pytest.importorskip("mlflow", reason="MLflow is not installed: pip install 'primum[mlflow]'")
    pytest.importorskip("alembic", reason="MLflow's tables need alembic: pip install 'primum[mlflow]'")
    folder, report = workspace
    numbers = folder / "report.json"
    kept = {}
    for name in ("another", report.id):
        numbers.write_text(json.dumps({"ids": {"report": name}}), encoding="utf-8")
        found = export_results(folder, "mlflow", tmp_path / "tracked")
        kept[name] = list((tmp_path / "tracked").rglob(f"{found['run']}/**/report.json"))
    numbers.unlink()
    assert not kept["another"] and kept[report.id]
    assert found["metrics"] == 12 * len(report.comparisons)


@pytest.mark.parametrize(
    ("to", "out", "server", "told"),
    [
        ("jsonl", None, None, "no place"),
        ("mlflow", "x", "http://127.0.0.1:1", "no place, or two"),
        ("jsonl", None, "http://127.0.0.1:1", "means nothing to jsonl"),
        ("mlflow", None, "127.0.0.1", "not an http"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused(workspace, tmp_path, to, out, server, told):
    with pytest.raises(SettingError, match=told):
        export_results(workspace[0], to, out and tmp_path / out, server)


def test_a_workspace_without_a_report_says_so(tmp_path):
    with Workspace(tmp_path / "empty", is_writer=True):
        pass
    with pytest.raises(InputError, match="holds no report"):
        export_results(tmp_path / "empty", "jsonl", tmp_path / "r.jsonl")


@pytest.mark.parametrize(
    ("to", "package", "extra"),
    [("inspect", "inspect_ai", "inspect"), ("mlflow", "mlflow", "mlflow"), ("wandb", "wandb", "wandb")],
)
def test_without_the_package_the_install_line_is_told_and_nothing_is_left(
    workspace, tmp_path, monkeypatch, to, package, extra
):
    for name in [one for one in sys.modules if one.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'primum\[{extra}\]'"):
        export_results(workspace[0], to, tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def log(tmp_path):
    pytest.importorskip("inspect_ai", reason="Inspect is not installed: pip install 'primum[inspect]'")
    write_log(
        tmp_path / "a.eval", [graded("May I?", "Ask first.", "met", "not met"), graded("And?", "No.", "met")], about()
    )
    return tmp_path / "a.eval"


def test_a_log_becomes_data_and_answers_that_their_reader_takes(log, tmp_path):
    from primum.evaluation.suites.files import read_answer_rows, read_health_rows

    done = CliRunner().invoke(
        import_log, [str(log), "--data", str(tmp_path / "D"), "--answers", str(tmp_path / "A")], catch_exceptions=False
    )
    assert done.exit_code == 0 and "2 answers with 3 criteria" in done.stdout and "primum judge run" in done.stdout
    rows = read_health_rows(tmp_path / "D")
    assert sorted(row.response for row in read_answer_rows(tmp_path / "A", rows)) == ["Ask first.", "No."]
    assert sorted(len(row.rubrics) for row in rows) == [1, 2]


def test_criteria_of_ones_own_take_the_place_of_the_logs(log, tmp_path):
    (tmp_path / "c.jsonl").write_text('{"criterion": "Is kind", "points": 2}\n\n', encoding="utf-8")
    assert read(log, tmp_path / "D", tmp_path / "A", tmp_path / "c.jsonl")["criteria"] == 2
    (tmp_path / "bad.jsonl").write_text('{"criterion": "Is kind", "points": 2}\nnothing\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"bad.jsonl:2"):
        read(log, tmp_path / "D2", tmp_path / "A2", tmp_path / "bad.jsonl")


def test_a_set_that_its_reader_refuses_leaves_no_file(log, tmp_path):
    (tmp_path / "c.jsonl").write_text('{"criterion": "Is rude", "points": -2}\n', encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match="no criterion with positive points"):
        read(log, tmp_path / "D", tmp_path / "A", tmp_path / "c.jsonl")
    with pytest.raises(InputError, match="cannot hold both"):
        read(log, tmp_path / "D", tmp_path / "D")
    with pytest.raises(InputError, match="does not exist"):
        read(log, tmp_path / "none" / "D", tmp_path / "A")
    assert sorted(tmp_path.iterdir()) == before
    (tmp_path / "A").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="exists already"):
        read(log, tmp_path / "D", tmp_path / "A")
    assert (tmp_path / "A").read_text(encoding="utf-8") == "mine" and not (tmp_path / "D").exists()


def test_the_command_tells_what_it_wrote(workspace, tmp_path):
    arguments = ["--to", "jsonl", "--out", str(tmp_path / "r.jsonl"), "--workspace", str(workspace[0])]
    done = CliRunner().invoke(export, arguments, catch_exceptions=False)
    assert done.exit_code == 0 and "lines written to" in done.stdout
    told = CliRunner().invoke(export, [*arguments[:3], str(tmp_path / "s.jsonl"), *arguments[4:], "--json"])
    assert json.loads(told.stdout)["report"] == workspace[1].id
