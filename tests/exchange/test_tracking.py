"""Results in MLflow's and W&B's own hands, in a folder and without a network."""

import os
import warnings

import pytest

from primum.errors import InputError
from primum.exchange import Results, log_to_mlflow, log_to_wandb, numbers_of
from primum.records import Comparison, Estimate


def comparison(by="all", name="all", metric="safety_score", value=0.5):
    before, after = (
        Estimate(value=one, low=one - 0.1, high=one + 0.1, n=7, unit="cluster") for one in (value, value + 0.2)
    )
    difference = Estimate(value=0.2, low=-0.05, high=0.4, n=7, unit="cluster")
    return Comparison(by=by, name=name, metric=metric, before=before, after=after, difference=difference)


def results(folder, numbers=None):
    file = folder / "report.json"
    file.write_text("{}", encoding="utf-8")
    given = numbers_of([comparison(), comparison("dimension", "器官移植")]) if numbers is None else numbers
    return Results("small 12345678", 1_770_000_000_000, {"judge": "word judge"}, given, {"decision": "hold"}, [file])


def test_every_estimate_goes_with_its_bounds_and_n():
    numbers = numbers_of([comparison(), comparison("language", "zh")])
    assert len(numbers) == 2 * 3 * 4
    assert numbers["safety_score.after"] == 0.7 and numbers["safety_score.after.low"] == pytest.approx(0.6)
    assert numbers["safety_score.language.zh.difference.high"] == 0.4
    assert numbers["safety_score.before.n"] == 7.0


def test_slices_whose_names_differ_in_odd_characters_stay_apart():
    numbers = numbers_of(
        [comparison("source", "a/b"), comparison("source", "a?b", value=0.3), comparison("source", "a_b")]
    )
    assert len(numbers) == 3 * 3 * 4
    assert numbers["safety_score.source.a_b.before"] == 0.5
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-") for name in numbers)


def test_mlflow_keeps_the_run_in_the_folder(tmp_path, monkeypatch):
    pytest.importorskip("mlflow", reason="MLflow is not installed: pip install 'primum[mlflow]'")
    pytest.importorskip("alembic", reason="MLflow's tables need alembic: pip install 'primum[mlflow]'")
    from mlflow.tracking import MlflowClient

    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    before = dict(os.environ)
    run = log_to_mlflow(results(tmp_path), tmp_path / "tracked")
    again = log_to_mlflow(results(tmp_path), tmp_path / "tracked")
    assert dict(os.environ) == before and run != again
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'tracked' / 'mlflow.db'}")
        kept = client.get_run(run)
    assert kept.info.status == "FINISHED" and kept.info.start_time == 1_770_000_000_000
    assert kept.data.metrics == numbers_of([comparison(), comparison("dimension", "器官移植")])
    assert kept.data.params == {"judge": "word judge"} and kept.data.tags["decision"] == "hold"
    assert list((tmp_path / "tracked" / "artifacts" / run).rglob("report.json"))


def test_a_run_that_mlflow_refuses_is_an_error_of_ours_and_is_not_left_half_done(tmp_path):
    pytest.importorskip("mlflow", reason="MLflow is not installed: pip install 'primum[mlflow]'")
    pytest.importorskip("alembic", reason="MLflow's tables need alembic: pip install 'primum[mlflow]'")
    from mlflow.entities import ViewType
    from mlflow.tracking import MlflowClient

    with pytest.raises(InputError, match="did not take the results"):
        log_to_mlflow(results(tmp_path, {"bad?name": 1.0}), tmp_path / "tracked")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'tracked' / 'mlflow.db'}")
        home = client.get_experiment_by_name("primum").experiment_id
        assert not client.search_runs([home], run_view_type=ViewType.ACTIVE_ONLY)


def test_wandb_keeps_the_run_in_the_folder_offline(tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason="W&B is not installed: pip install 'primum[wandb]'")
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "data"))
    run = log_to_wandb(results(tmp_path), tmp_path / "tracked")
    assert run.parent == tmp_path / "tracked" / "wandb" and run.name.startswith("offline-run-")
    (kept,) = run.glob("*.wandb")
    told = kept.read_bytes()
    for part in (
        b"safety_score.after.low",
        "safety_score.dimension.器官移植.before".encode(),
        b"word judge",
        b"decision:hold",
    ):
        assert part in told
    assert not (run / "files" / "requirements.txt").exists() and not (run / "files" / "wandb-metadata.json").exists()
