"""What cycles stand on: situations and their rewrites in attack styles, logs, the policy before its first cycle and after plain SFT."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from primum import rubrics
from primum.cycles import lessons
from primum.cycles.align import Also, Only, base_step, sft_step
from primum.cycles.answering import Situations, draw_for_test
from primum.cycles.cycling_logs import logs_step
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.guard import load_norms
from primum.cycles.steps import Made, Step, Steps
from primum.evaluation.metrics import cluster_of
from primum.models.self_judge import QUESTION_VERSION, SELF_ANSWERS, self_question
from primum.ports import Progress
from primum.records import Norm, Record, Response, Scenario, Split, Style
from primum.simulation import attacks_for
from primum.starter import EVERYDAY
from primum.training import ChatRow

__all__ = ["World", "attacks_step", "logged_step", "plain_sft_step", "start_step"]

_DEV_PARTS = 2


class World:
    """The situations of a run of cycles by split: those of the bench, their rewrites, and in the train split those of the logs.

    What comes in a held-out style, whoever wrote it, is in the test split only.
    """

    def __init__(self, steps: Steps, corpus: Step, bench: Step, attacks: Step, logs: Step | None) -> None:
        self.steps, self.corpus, self.bench, self.attacks, self.logs = steps, corpus, bench, attacks, logs
        self._held_out = frozenset(attacks.outputs["held_out"])
        taken = logs.outputs["scenarios"] if logs is not None else []
        self.outputs = {
            "train": [*bench.outputs["train"], *attacks.outputs["train"], *taken],
            "dev": [*bench.outputs["dev"], *attacks.outputs["dev"]],
            "test": [*bench.outputs["test"], *attacks.outputs["test"]],
            "rubrics": bench.outputs["rubrics"]
            | attacks.outputs["rubrics"]
            | (logs.outputs["rubrics"] if logs is not None else {}),
        }
        self.situations = Situations(steps, self.outputs)

    @property
    def key(self) -> list[str | None]:
        """What decides these situations."""
        return [self.bench.key, self.attacks.key, self.logs.key if self.logs is not None else None]

    @cached_property
    def train(self) -> list[Scenario]:
        return self._taught("train")

    @cached_property
    def styles(self) -> list[Style]:
        """The styles of all that a teacher reads: what teaches, and what the validator asks."""
        return sorted({one.style for split in ("train", "dev") for one in self._taught(split)})

    @cached_property
    def norms(self) -> dict[str, Norm]:
        return load_norms(self.steps, self.corpus)

    def dev(self, limit: int | None, part: int) -> list[Scenario]:
        """One of two halves of the dev split, cut by cluster: 0 is the validator's, 1 the gate's."""
        return draw_for_test([one for one in self._taught("dev") if _part(one) == part], limit)

    def _taught(self, split: str) -> list[Scenario]:
        return [one for one in self.situations.of(split) if one.style not in self._held_out]

    def test(self, limit: int | None) -> list[Scenario]:
        """The situations of the test split: up to `limit` of each set as they are, and every rewrite."""
        whole = self.situations.of("test")
        plain = draw_for_test([one for one in whole if one.rewrites is None], limit)
        return plain + sorted((one for one in whole if one.rewrites is not None), key=lambda one: one.id)


def _part(scenario: Scenario) -> int:
    return hashlib.sha256(f"dev half:{cluster_of(scenario)}".encode()).digest()[0] % _DEV_PARTS


def attacks_step(steps: Steps, recipe: CyclesRecipe, corpus: Step, bench: Step) -> Step:
    """Situations of every split in attack styles: the taught ones, and in the test split those that nothing teaches."""
    inputs = [bench.key, recipe.attacks]

    def make(_key: str, progress: Progress) -> Made:
        norms = load_norms(steps, corpus)
        situations = Situations(steps, bench.outputs)
        splits: tuple[Split, ...] = ("train", "dev", "test")
        attacked = attacks_for({split: situations.of(split) for split in splits}, recipe.attacks)
        drafted = [rubrics.draft(one, norms) for split in splits for one in attacked[split].scenarios]
        records: list[Record] = [one for split in splits for one in attacked[split].scenarios]
        for one in drafted:
            records += [*one.criteria, one.rubric]
        made = Counter(one.style for split in splits for one in attacked[split].scenarios)
        refused = sum(len(attacked[split].refused) for split in splits)
        outputs = {split: [one.id for one in attacked[split].scenarios] for split in splits} | {
            "rubrics": {one.rubric.scenario: one.rubric.id for one in drafted},
            "taught": list(recipe.attacks.taught),
            "held_out": list(recipe.attacks.held_out),
            "made": dict(sorted(made.items())),
            "refused": refused,
        }
        told = ", ".join(f"{count} {style}" for style, count in sorted(made.items()))
        note = f"{told or 'no rewrite'}; {refused} left out"
        return Made(outputs, records, note)

    return steps.do("attacks", "Rewriting requests in attack styles", inputs, make)


def logged_step(steps: Steps, recipe: CyclesRecipe, corpus: Step, bench: Step, attacks: Step) -> Step | None:
    """The recipe's logs as situations of the train split, but for what nearly repeats a held-out one; `None` without logs."""
    if recipe.logs is None:
        return None
    splits = ("train", "dev", "test")
    known = [one for step in (bench, attacks) for split in splits for one in Situations(steps, step.outputs).of(split)]
    folder = Path(recipe.logs.folder).expanduser()
    return logs_step(steps, folder, recipe.logs.reading, known, load_norms(steps, corpus))


def start_step(steps: Steps, recipe: CyclesRecipe, arm: str, world: World) -> Step:
    """The policy before its first cycle; a small one is made helpful-only on the spot and shown how to judge, where the recipe says so."""
    wanted, asked_as = recipe.judging_rows, recipe.judging.self_judging

    def rows(chosen: Sequence[Scenario], norms: Mapping[str, Norm]) -> list[tuple[ChatRow, Response]]:
        shown: list[tuple[ChatRow, Response]] = []
        for scenario in (one for one in chosen if one.task == "open"):
            for lesson in lessons.of_each_nature(scenario, norms, recipe.policy, recipe.seed):
                assert lesson.stance in SELF_ANSWERS  # what is known of a lesson is never an abstention
                question = self_question(scenario, lesson.response.text, asked_as)
                shown.append((ChatRow(question, SELF_ANSWERS[lesson.stance][scenario.language]), lesson.response))
        shown.sort(key=lambda one: hashlib.sha256(f"{recipe.seed}:{one[1].id}".encode()).digest())
        return shown[:wanted]

    also = Also(["judging", wanted, asked_as, QUESTION_VERSION], rows) if wanted else None
    held_out = recipe.attacks.held_out
    only = Only(["but", *sorted(held_out)], lambda one: one.style not in held_out)
    return base_step(steps, recipe, world.corpus, world.bench, f"{arm}: start", also, only)


def plain_sft_step(steps: Steps, recipe: CyclesRecipe, arm: str, world: World, start: Step) -> Step:
    """The start policy after plain supervised fine-tuning on refusals and plain answers; nothing borderline is shown to it."""
    held_out = recipe.attacks.held_out

    def may_teach(one: Scenario) -> bool:
        return one.dataset != EVERYDAY and not one.is_borderline and one.style not in held_out

    only = Only(["nothing borderline", sorted(held_out)], may_teach)
    return sft_step(steps, recipe, world.corpus, world.bench, start, f"{arm}: plain SFT", only)
