"""`primum eval export` and `primum eval import`: results for other tools, and their logs to grade again."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from primum.cli import options, render

__all__ = ["export", "import_log"]


@click.command("export")
@click.option(
    "--to",
    type=click.Choice(["inspect", "mlflow", "wandb", "jsonl"]),
    required=True,
    help="Inspect's logs, a run of MLflow or of Weights & Biases (offline), or lines of JSON.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="A folder (inspect, mlflow, wandb) or a file (jsonl). Nothing in it is overwritten.",
)
@click.option("--server", metavar="URL", help="For mlflow: the address of a tracking server, in place of a folder.")
@options.workspace
@options.as_json
def export(to: str, out: Path | None, server: str | None, workspace: Path, as_json: bool) -> None:
    """Write the latest report of a workspace for Inspect, MLflow or Weights & Biases, or as JSONL.

    Every number goes with its interval. Unless a server is named, nothing leaves this machine.
    """
    from primum.cycles.sharing import Target, export_results

    found = export_results(workspace, cast(Target, to), out, server)
    if as_json:
        render.to_json(found)
    else:
        render.lines(_exported(to, found))


def _exported(to: str, found: dict[str, Any]) -> list[str]:
    if to == "inspect":
        told = [f"{found['samples'][side]:,} judged answers in {file}" for side, file in found["files"].items()]
        folder = Path(found["files"]["after"]).parent
        return [*told, f"Look at them:  inspect view --log-dir {folder}"]
    if to == "jsonl":
        return [f"{found['lines']:,} lines written to {found['file']}"]
    told = [f"{found['metrics']:,} numbers of {found['report']} in run {found['run']}"]
    if to == "wandb":
        return [*told, f"Send it when you want to:  wandb sync {found['place']}"]
    if found["place"].startswith("http"):
        return [*told, f"At {found['place']}"]
    return [
        *told,
        f"Look at it:  mlflow ui --backend-store-uri sqlite:///{Path(found['place']).resolve() / 'mlflow.db'}",
    ]


@click.command("import")
@click.argument("log", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Where the conversations and criteria go.")
@click.option("--answers", type=click.Path(path_type=Path), required=True, help="Where the answers go.")
@click.option(
    "--criteria",
    type=click.Path(path_type=Path),
    help='Criteria for every sample, in place of the log\'s: JSONL with {"criterion", "points"}.',
)
@click.option("--flatten-tools", is_flag=True, help="Tell calls of tools in words; without it they are refused.")
@click.option("--partial", is_flag=True, help="Leave out samples without an answer, and name them.")
@options.as_json
def import_log(
    log: Path, data: Path, answers: Path, criteria: Path | None, flatten_tools: bool, partial: bool, as_json: bool
) -> None:
    """Read LOG (Inspect's .eval) into the two files that `primum judge run` grades.

    The criteria are the `rubrics` in each sample's metadata, or those of --criteria.
    """
    from primum.cycles.sharing import import_log as read

    found = read(log, data, answers, criteria, flattens_tools=flatten_tools, partial=partial)
    if as_json:
        render.to_json(found)
        return
    told = [f"{found['samples']:,} answers with {found['criteria']:,} criteria in {data} and {answers}"]
    told += [f"left out {name}: {why}" for name, why in found["left_out"].items()]
    render.lines([*told, f"Judge them:  primum judge run {data} {answers} --judge judge.toml --out verdicts.jsonl"])
