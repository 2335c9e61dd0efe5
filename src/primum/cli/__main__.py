"""`primum`: the commands, found by name and imported only when they are called, so that `--help` stays fast."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from primum.cli.lazy import Lazy

__all__ = ["COMMANDS", "cli", "main"]

# name → (module, attribute, the line that --help shows)
COMMANDS = {
    "bench": ("primum.cli.bench", "bench", "Build, check, show and share benchmarks made of norms."),
    "corpus": ("primum.cli.corpus", "corpus", "Read and search the norms, draw their rules, compare versions."),
    "cycle": ("primum.cli.cycle", "cycle", "Run cycles after deployment; show, ablate, roll back."),
    "data": ("primum.cli.data", "data", "List, fetch and add the open data sets."),
    "eval": ("primum.cli.evaluation", "evaluation", "Score verdicts, compare runs, and share results."),
    "guardian": ("primum.cli.guardian", "guardian", "Train a guardian, label answers with one, show how right it is."),
    "judge": ("primum.cli.judge", "judge", "Judge answers, compare judges, and certify them."),
    "ledger": ("primum.cli.ledger", "ledger", "Show and verify the log of what was done."),
    "principle": ("primum.cli.principle", "principle", "Distil criteria into principles; edit, merge, retire them."),
    "reward": ("primum.cli.reward", "reward", "Train, measure and serve a reward model that reads criteria."),
    "revise": ("primum.cli.revise", "revise", "Revise answers by their rubrics until nothing gets surely better."),
    "rubric": ("primum.cli.rubric", "rubric", "Draft, lint, refine, verify, merge and share rubrics."),
    "run": ("primum.cli.run", "run_recipe", "Run a recipe from norms to a decided, evidenced policy."),
    "signal": ("primum.cli.signal", "signal", "Take in logged conversations and flags, without identifiers."),
    "store": ("primum.cli.store", "store", "Export, import and check the records."),
    "trace": ("primum.cli.trace", "trace_record", "Walk from a record to what it rests on and what rests on it."),
}


@click.group(
    cls=Lazy, found=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="primum", prog_name="primum")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Align a medical language model with the norms that govern it, and show the evidence.

    Begin with:  primum run recipes/first-light.toml
    """
    ctx.obj = {"debug": debug}


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line. An error of ours is one line on stderr and exit code 2; `--debug` shows its traceback."""
    given = sys.argv[1:] if arguments is None else arguments
    broken = next((one for one in given if any("\ud800" <= sign <= "\udfff" for sign in one)), None)
    if broken is not None:
        _fail(
            f"argument {broken.encode('utf-8', 'replace').decode()!r} holds half a character: write it in UTF-8 (command line)",
            2,
        )
    try:
        return cli.main(args=given, prog_name="primum", standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped: run the same command again to go on", 130)
    except click.ClickException as error:
        command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "primum"
        told = " ".join(error.format_message().split())
        _fail(f"{told.rstrip('.')}: see {command} --help", 2)
    except Exception as error:
        from primum.errors import PrimumError

        if "--debug" in given:
            raise
        if isinstance(error, PrimumError):
            _fail(str(error), 2)
        if isinstance(error, OSError):
            _fail(
                f"{error.filename or 'the disk'} failed ({error.strerror}): free space or check the path, then run again",
                2,
            )
        told = " ".join(str(error).split())[:200]
        _fail(
            f"{type(error).__name__} ({told}) is a fault of ours: run it again with primum --debug and report what it prints",
            1,
        )


def _fail(line: str, code: int) -> NoReturn:
    from primum.cli.render import visible

    click.echo(f"primum: {visible(line)}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
