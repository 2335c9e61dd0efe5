"""Results to MLflow and Weights & Biases: thin exporters that write to a folder and, unless a server is named, reach no network.

Metrics are named `metric.side` with `.low`, `.high` and `.n` beside it, on slices `metric.by.name.side`: `safety_score.after.low`,
`wrong_refusal.language.zh.difference`. Both tools' telemetry and error reports are switched off.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import logging
import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from primum.errors import InputError, MissingExtraError
from primum.records import Comparison, Estimate

__all__ = ["Results", "log_to_mlflow", "log_to_wandb", "numbers_of"]

_SIDES = ("before", "after", "difference")
_ODD = re.compile(r"[^\w.\- ]")
_AT_ONCE = 100  # what MLflow takes of parameters in one request; of metrics it takes more
_LONGEST_PARAMETER = 500


class Results(NamedTuple):
    """What is logged as one run. `at_ms` is when the results were made, in milliseconds since 1970, UTC."""

    name: str
    at_ms: int
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    files: Sequence[Path]


def numbers_of(comparisons: Sequence[Comparison]) -> dict[str, float]:
    """Every estimate with its bounds and n as numbers by name. Two slices whose names differ in odd characters alone stay apart."""
    numbers: dict[str, float] = {}
    for one in comparisons:
        slice_name = "" if one.by == "all" else f".{_plain(one.by)}.{_plain(one.name)}"
        for side in _SIDES:
            estimate: Estimate = getattr(one, side)
            name = f"{one.metric}{slice_name}.{side}"
            told = {
                name: estimate.value,
                f"{name}.low": estimate.low,
                f"{name}.high": estimate.high,
                f"{name}.n": estimate.n,
            }
            numbers |= {key: float(value) for key, value in told.items()}
    return numbers


def _plain(name: str) -> str:
    """`name` as both tools take it: other characters than letters, digits and `_ - .` become `_`, and a short hash tells it apart."""
    plain = _ODD.sub("_", name).strip()
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def log_to_mlflow(results: Results, where: Path | str, experiment: str = "primum") -> str:
    """Log a run to a folder (`mlflow.db` and artifacts in it) or, given an `http(s)` address, to that server; the run's id.

    Look at a folder with `mlflow ui --backend-store-uri sqlite:///FOLDER/mlflow.db`. A run that was begun and could not be finished is
    deleted. Raises `MissingExtraError` without MLflow and `InputError` when MLflow refuses.
    """
    variables = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_LOGGING_LEVEL": "WARNING"}
    with _quiet(variables, ("mlflow", "alembic")):
        try:
            from mlflow.exceptions import MlflowException
            from mlflow.tracking import MlflowClient

            if isinstance(where, Path):
                import alembic  # noqa: F401  MLflow's tables are made by it
        except ImportError as error:
            raise MissingExtraError("mlflow-skinny", "mlflow") from error
        try:
            return _mlflow_run(MlflowClient, results, where, experiment)
        except MlflowException as error:
            told = " ".join(str(error).split())[:200]
            raise InputError("MLflow", f"did not take the results ({told})", "check the address", str(where)) from error


def _mlflow_run(client_of: Any, results: Results, where: Path | str, experiment: str) -> str:
    from mlflow.entities import Metric, Param, RunTag

    artifacts = None
    if isinstance(where, Path):
        where.mkdir(parents=True, exist_ok=True)
        folder = where.resolve()
        client = client_of(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}")
        artifacts = (folder / "artifacts").as_uri()
    else:
        client = client_of(tracking_uri=where)
    known = client.get_experiment_by_name(experiment)
    home = (
        known.experiment_id if known is not None else client.create_experiment(experiment, artifact_location=artifacts)
    )
    run: str = client.create_run(home, start_time=results.at_ms, run_name=results.name).info.run_id
    try:
        metrics = [Metric(name, value, results.at_ms, 0) for name, value in results.metrics.items()]
        parameters = [Param(name, value[:_LONGEST_PARAMETER]) for name, value in results.parameters.items()]
        tags = [RunTag(name, value) for name, value in results.tags.items()]
        for part in _parts(metrics):
            client.log_batch(run, metrics=part)
        for part in _parts(parameters):
            client.log_batch(run, params=part)
        for part in _parts(tags):
            client.log_batch(run, tags=part)
        for file in results.files:
            client.log_artifact(run, str(file))
        client.set_terminated(run, end_time=results.at_ms)
    except BaseException:
        client.delete_run(run)
        raise
    return run


def log_to_wandb(results: Results, folder: Path, project: str = "primum") -> Path:
    """Log a run to `folder/wandb`, offline; the run's folder. `wandb sync` sends it where and when somebody says so.

    Raises `MissingExtraError` without W&B.
    """
    variables = {
        "WANDB_ERROR_REPORTING": "false",
        "WANDB_MODE": "offline",
        "WANDB_SILENT": "true",
        "DO_NOT_TRACK": "true",
    }
    with _quiet(variables, ("wandb",)):
        try:
            import wandb
        except ImportError as error:
            raise MissingExtraError("wandb", "wandb") from error
        folder.mkdir(parents=True, exist_ok=True)
        settings = wandb.Settings(
            mode="offline",
            silent=True,
            console="off",
            disable_git=True,
            disable_code=True,
            disable_job_creation=True,
            x_disable_meta=True,
            x_disable_stats=True,
            x_disable_machine_info=True,
            x_save_requirements=False,
        )
        is_alone = wandb.run is None
        run = wandb.init(
            project=project,
            dir=str(folder),
            name=results.name,
            config=dict(results.parameters),
            tags=[f"{name}:{value}"[:64] for name, value in results.tags.items()],
            settings=settings,
            reinit="create_new",
        )
        failed = True
        try:
            run.summary.update(dict(results.metrics))
            run.log(dict(results.metrics))
            if results.files:
                artifact = wandb.Artifact(f"report-{run.id}", type="report")
                for file in results.files:
                    artifact.add_file(str(file), name=file.name)
                run.log_artifact(artifact)
            failed = False
        finally:
            run.finish(exit_code=int(failed))
            if is_alone:
                wandb.teardown()  # waits until the file is whole; `finish` returns before it
        return Path(run.dir).parent


def _parts(listed: Sequence[Any]) -> Iterator[list[Any]]:
    rest = iter(listed)
    while part := list(itertools.islice(rest, _AT_ONCE)):
        yield part


@contextlib.contextmanager
def _quiet(variables: Mapping[str, str], loggers: Sequence[str]) -> Iterator[None]:
    """While it lasts the variables are set, the loggers say warnings only, and deprecations inside the libraries are theirs."""
    before = {name: os.environ.get(name) for name in variables}
    levels = {name: logging.getLogger(name).level for name in loggers}
    os.environ.update(variables)
    for name in loggers:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
