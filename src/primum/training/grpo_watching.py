"""What stands beside a GRPO training while it runs: it sums rewards, watches groups, keeps the best weights and ends what goes wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from primum.ports import Narrator, Progress
from primum.records import content_hash
from primum.training.group_watch import (
    Examined,
    Finding,
    GroupWatchSettings,
    Sampled,
    WatchState,
    examine,
    judge_examined,
    judge_sampled,
    measure_sampled,
)
from primum.training.grpo_settings import GrpoSettings
from primum.training.judging_beside import Answered, JudgingBeside, RewardSource, ask
from primum.training.rows import Messages

__all__ = ["STATISTICS", "GroupWatch", "GrpoRow", "Watching"]

STATISTICS: Final = "grpo.json"
_KEPT = "weights.safetensors"


class GrpoRow(NamedTuple):
    """A prompt to sample answers to. `id` is given to the rewards as column `scenario`; `cluster` names what is resampled together."""

    prompt: Messages
    id: str
    cluster: str = ""


class GroupWatch(NamedTuple):
    """What watches a training besides its own statistics, and when it warns or stops.

    `held` is the held-back judge, as a reward that is never learned from, over the policy's answers to `held_rows`, prompts that are not
    learned from either. It chooses among weights only where a rule stops the training; whoever reports its numbers afterwards says so.
    `second` is another reward of the sampled answers. `is_unusable` says of a row's id and an answer whether it is no language.
    """

    settings: GroupWatchSettings = GroupWatchSettings()
    held: RewardSource | None = None
    held_rows: Sequence[GrpoRow] = ()
    second: RewardSource | None = None
    is_unusable: Callable[[str, str], bool] | None = None

    @property
    def mark(self) -> str:
        """The hash of all that decides when it stops and which weights it keeps."""
        return content_hash(
            [
                self.settings,
                None if self.held is None else self.held.mark,
                [[list(row.prompt), row.id, row.cluster] for row in self.held_rows],
                None if self.second is None else self.second.mark,
                self.is_unusable is not None,
            ]
        )


class Watching:
    """One training under watch. `reward` is the one reward function that the trainer is given; `callback` goes to the trainer."""

    def __init__(
        self,
        settings: GrpoSettings,
        sources: Sequence[RewardSource],
        watch: GroupWatch | None,
        judging: JudgingBeside,
        progress: Progress,
    ) -> None:
        self._settings, self._sources, self._watch = settings, tuple(sources), watch or GroupWatch()
        self.judging, self._progress = judging, progress
        self.state = WatchState()
        self.trainer: Any = None
        self._kept_at_saves: deque[int | None] = deque(maxlen=2)

    def reward(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]],
        scenario: Sequence[str],
        trainer_state: Any,
        **_: Any,
    ) -> list[float | None]:
        """The weighted sum of the rewards of each answer; `None`, which teaches nothing, where any of them cannot say.

        TRL's own sum takes what is missing for 0.
        """
        answered = Answered(prompts, completions, scenario)
        parts = self.judging.collect(answered)
        columns = list(zip(*(parts[source.name] for source in self._sources), strict=True))
        rewards = [_weighed(column, self._sources) for column in columns]
        ends = set(self.trainer.eos_token_ids)
        sampled = Sampled(
            group=self._settings.group,
            rewards=rewards,
            parts=parts,
            lengths=[len(ids) for ids in completion_ids],
            cut=[not ids or ids[-1] not in ends for ids in completion_ids],
            unusable=self._unusable(answered),
            second=self._second(answered),
        )
        numbers = measure_sampled(int(trainer_state.global_step), sampled)
        self.state = replace(self.state, sampled=(*self.state.sampled, numbers))
        for finding in judge_sampled(self.state.sampled, self._watch.settings):
            self._note(finding)
        return rewards

    def finishing(self) -> Mapping[str, str]:
        """Where a rule stopped the training, take the kept weights back; the statistics, for the folder of the policy."""
        state = self.state
        if state.stopped is not None and state.kept_step is not None:
            self._take_back(state.kept_step)
        logged = [
            {
                name: entry[name]
                for name in ("step", "loss", "learning_rate", "grad_norm", "kl", "entropy")
                if entry.get(name) is not None
            }
            for entry in self.trainer.state.log_history
            if "loss" in entry
        ]
        return {STATISTICS: _text({"watch": msgspec.to_builtins(state), "logged": logged})}

    def callback(self) -> Any:
        """The callback that examines, keeps, stops, and stores the state with every checkpoint."""
        from transformers import TrainerCallback

        watching = self

        class Callback(TrainerCallback):  # type: ignore[misc]
            def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                watching._begin(Path(args.output_dir), int(state.global_step))

            def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                step = int(state.global_step)
                if step % watching._watch.settings.held_every == 0 and watching.state.stopped is None:
                    watching._examine(step)
                if watching.state.stopped is not None:
                    control.should_training_stop = True

            def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                watching._save(Path(args.output_dir), int(state.global_step))

        return Callback()

    def _begin(self, checkpoints: Path, step: int) -> None:
        if step:
            told = (checkpoints / f"checkpoint-{step}" / STATISTICS).read_bytes()
            self.state = msgspec.json.decode(told, type=WatchState)
            self._kept_at_saves.append(self.state.kept_step)
        else:
            self._examine(0)

    def _save(self, checkpoints: Path, step: int) -> None:
        place = checkpoints / f"checkpoint-{step}" / STATISTICS
        place.write_bytes(msgspec.json.encode(self.state))
        self._kept_at_saves.append(self.state.kept_step)
        needed = {f"kept-{one}" for one in (*self._kept_at_saves, self.state.kept_step)}
        for folder in sorted(checkpoints.glob("kept-*")):
            if folder.name not in needed:
                (folder / _KEPT).unlink(missing_ok=True)
                folder.rmdir()

    def _examine(self, step: int) -> None:
        """Have the held-back judge read the policy's answers; keep the weights where they are the best so far, or nothing tells."""
        held, rows = self._watch.held, self._watch.held_rows
        if held is None or not rows:
            self._keep(step)
            return
        answered = self.trainer.answer_held(rows)
        parts = [ask(source, answered) for source in self._sources]
        rewards = [_weighed(column, self._sources) for column in zip(*parts, strict=True)]
        first = self.state.examined[0] if self.state.examined else None
        clusters = [row.cluster or row.id for row in rows]
        found = examine(step, rewards, ask(held, answered), clusters, first)
        best = _best(self.state.examined, self.state.kept_step)
        self.state = replace(self.state, examined=(*self.state.examined, found))
        for finding in judge_examined(found, self._watch.settings):
            self._note(finding)
        if self.state.stopped is None and (best is None or (found.held is not None and found.held >= best)):
            self._keep(step)

    def _note(self, finding: Finding) -> None:
        """Keep a finding, and tell it when its rule was not broken the last time."""
        earlier = [one for one in self.state.findings if one.rule == finding.rule]
        self.state = replace(self.state, findings=(*self.state.findings, finding))
        if not earlier and isinstance(self._progress, Narrator):
            self._progress.tell(f"step {finding.step}: {finding.reason}")

    def _second(self, answered: Answered) -> list[float | None]:
        second, settings = self._watch.second, self._watch.settings
        if second is None or len(self.state.sampled) % settings.second_every:
            return []
        part = slice(0, settings.second_groups * self._settings.group)
        return ask(second, Answered(answered.prompts[part], answered.completions[part], answered.ids[part]))

    def _unusable(self, answered: Answered) -> list[bool] | None:
        is_unusable = self._watch.is_unusable
        if is_unusable is None:
            return None
        return [is_unusable(id, one[-1]["content"]) for id, one in zip(answered.ids, answered.completions, strict=True)]

    def _learned(self) -> dict[str, Any]:
        model = self.trainer.accelerator.unwrap_model(self.trainer.model)
        return {name: weights for name, weights in model.named_parameters() if weights.requires_grad}

    def _kept(self, step: int) -> Path:
        return Path(self.trainer.args.output_dir) / f"kept-{step}" / _KEPT

    def _keep(self, step: int) -> None:
        from safetensors.torch import save_file

        place = self._kept(step)
        place.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: weights.detach().clone().contiguous() for name, weights in self._learned().items()}, place)
        self.state = replace(self.state, kept_step=step)

    def _take_back(self, step: int) -> None:
        import torch
        from safetensors.torch import load_file

        kept = load_file(self._kept(step))
        with torch.no_grad():
            for name, weights in self._learned().items():
                weights.copy_(kept[name])


def _weighed(column: Sequence[float | None], sources: Sequence[RewardSource]) -> float | None:
    total = 0.0
    for one, source in zip(column, sources, strict=True):
        if one is None:
            return None
        total += source.weight * one
    return total


def _best(examined: Sequence[Examined], kept: int | None) -> float | None:
    """The held-back judge's mean of the weights that are kept."""
    return next((one.held for one in examined if one.step == kept), None)


def _text(told: object) -> str:
    return msgspec.json.format(msgspec.json.encode(told, order="deterministic"), indent=1).decode() + "\n"
