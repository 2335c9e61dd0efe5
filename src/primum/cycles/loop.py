"""A guardian in the loop: from norms to a benchmark, a guardian that teaches, rounds watched by a second judge, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import to_builtins
from msgspec.structs import replace

from primum.config import read_settings
from primum.cycles.align import policy_of
from primum.cycles.answering import Answerer
from primum.cycles.benchmark import benchmark_steps
from primum.cycles.evidence import repeat
from primum.cycles.inputs import corpus_folder
from primum.cycles.judges import JudgeSettings, load_judge
from primum.cycles.loop_build import LoopBench, draw, guardian_of_loop_step, helpful_only_step
from primum.cycles.loop_evidence import LoopFinished, loop_data, table_step
from primum.cycles.loop_examine import Examined, JudgeName, LoopExaminer
from primum.cycles.loop_recipe import LoopRecipe
from primum.cycles.loop_teach import teach_step, train_step
from primum.cycles.steps import Listener, Made, Step, Steps
from primum.cycles.workspace import Workspace
from primum.evaluation.medes_table import medes_table
from primum.evaluation.watch import watch
from primum.judging import Guardian
from primum.judging.medes.rule_judge import RuleJudge
from primum.model_folder import describe_folder
from primum.ports import Judge, Progress
from primum.records import content_hash, plain

__all__ = ["Round", "run_loop"]


class Round(NamedTuple):
    """A round that was gone through: what it taught, the policy it trained, and what both judges said of that."""

    teaching: Step
    training: Step | None
    watched: Step | None

    @property
    def is_kept(self) -> bool:
        """Whether its policy is the one the next round starts from."""
        return self.watched is not None and bool(self.watched.outputs["watch"]["is_kept"])


def run_loop(recipe: LoopRecipe, workspace: Path, listener: Listener, command: str = "") -> dict[str, Any]:
    """Run a guardian in the loop in a workspace, or go on where it was stopped; what `report.json` holds."""
    folder = corpus_folder(recipe.corpus, recipe.data, recipe.name)
    if recipe.policy.folder is not None:
        describe_folder(Path(recipe.policy.folder).expanduser())
    if recipe.second_judge is not None:
        read_settings(Path(recipe.second_judge).expanduser(), JudgeSettings)
    with Workspace(workspace, is_writer=True) as opened, _second_judge(opened, recipe) as second:
        steps = Steps(opened, listener)
        wanted = replace(recipe.benchmark, reading=recipe.corpus.reading)
        taxonomy = Path(recipe.taxonomy).expanduser() if recipe.taxonomy is not None else None
        bench = LoopBench(steps, benchmark_steps(steps, folder, wanted, taxonomy))
        trained = guardian_of_loop_step(steps, recipe, bench)
        guardian = Guardian.load(opened.folder / trained.outputs["folder"])
        answerer = Answerer(steps, recipe.answering, recipe.policy.threads)
        examiner = LoopExaminer(steps, guardian, second, answerer, bench.norms)
        base = helpful_only_step(steps, recipe, bench)
        start = _watched_step(steps, recipe, bench, 0, base, None, examiner)
        rounds, after = _rounds(steps, recipe, bench, guardian, examiner, base, start)
        table = table_step(steps, recipe, bench, base, after, examiner, examiner.judges)
        finished = LoopFinished(bench, trained, examiner.judges, base, start, rounds, table)
        name = content_hash(to_builtins(recipe))[:16]
        return loop_data(steps, recipe, finished) | {"run": name, "repeat": repeat(recipe, command)}


@contextmanager
def _second_judge(workspace: Workspace, recipe: LoopRecipe) -> Iterator[Judge]:
    """The judge that the recipe names to watch the guardian, or the rules."""
    if recipe.second_judge is None:
        yield RuleJudge()
        return
    with load_judge(Path(recipe.second_judge).expanduser(), beside=workspace.folder) as opened:
        yield opened.judge


def _rounds(
    steps: Steps,
    recipe: LoopRecipe,
    bench: LoopBench,
    guardian: Guardian,
    examiner: LoopExaminer,
    base: Step,
    start: Step,
) -> tuple[list[Round], Step]:
    """The rounds until the last, one with nothing to teach, or one that hacked the guardian; and the step whose policy is kept.

    A round after which risk rose or answers could not be read is not kept: the next starts from the policy before it.
    """
    rounds: list[Round] = []
    policy, watched = base, start
    for number in range(1, recipe.rounds.rounds + 1):
        used = [item for one in rounds for item in one.teaching.outputs["used"]]
        taught = teach_step(steps, recipe, number, bench, policy, guardian, examiner, used)
        if not taught.outputs["learn"]:
            rounds.append(Round(taught, None, None))
            break
        learned = [one.teaching for one in rounds if one.is_kept]
        trained = train_step(steps, recipe, number, bench, policy, [*learned, taught])
        now = _watched_step(steps, recipe, bench, number, trained, (policy, watched), examiner)
        rounds.append(Round(taught, trained, now))
        if now.outputs["watch"]["is_hacked"]:
            break
        if rounds[-1].is_kept:
            policy, watched = trained, now
    return rounds, policy


def _watched_step(
    steps: Steps,
    recipe: LoopRecipe,
    bench: LoopBench,
    number: int,
    policy: Step,
    before: tuple[Step, Step] | None,
    examiner: LoopExaminer,
) -> Step:
    """Both judges on the policy's answers to the same situations of the dev split; from round 1 on, compared with the policy before."""
    inputs = [number, policy.key, before[0].key if before else None, bench.key, recipe.rounds, recipe.watch]
    inputs += [recipe.answering, recipe.seed, [one.id for one in examiner.judges]]

    def make(_key: str, progress: Progress) -> Made:
        scenarios = draw([one for one in bench.of("dev") if one.task == "open"], recipe.rounds.watched, recipe.seed)
        now = examiner.examine(policy_of(steps, policy), scenarios, progress)
        outputs: dict[str, Any] = {"guardian": _curve(now, "guardian"), "second": _curve(now, "second")}
        note = ", ".join(f"{name}: risk {_risk(outputs[name])}" for name in ("guardian", "second"))
        if before is not None:
            old = examiner.examine(policy_of(steps, before[0]), scenarios, progress)
            found = watch(_sides(old), _sides(now), recipe.watch)
            outputs["watch"] = plain(found._asdict()) | {"is_kept": found.is_kept}
            note += f"; {found.verdict}"
        return Made(outputs, [], note)

    return steps.do(f"round {number}: watch", "Both judges reading the same answers", inputs, make)


def _sides(examined: Examined) -> tuple[Any, Any]:
    return examined.guardian, examined.second


def _curve(examined: Examined, judge: JudgeName) -> dict[str, Any]:
    """The measures of one judge that the curves show."""
    numbers = medes_table(examined.answers(judge))[0].numbers
    return {name: plain(number.estimate) for name, number in numbers.items() if number.estimate is not None}


def _risk(found: dict[str, Any]) -> str:
    return f"{found['risk_rate']['value']:.1%}" if "risk_rate" in found else "not measured"
