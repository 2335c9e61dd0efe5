"""GRPO: it learns what is rewarded and nothing else, survives a kill with the same numbers, and ends when the reward is being hacked."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from grpo_trainings import ROWS, SETTINGS, WATCH, long, short, source, train
from msgspec.structs import replace
from trainings import CHATS, TEXTS, make_untrained

from primum.errors import InputError, RecordError, TrainingError
from primum.model_folder import base_of, hash_weights
from primum.models.local import load_model_folder
from primum.training import BaseSettings, GroupWatch, GroupWatchSettings, GrpoRow, GrpoSettings, GrpoTrained, train_base
from primum.training.grpo import _check_pieces

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed as on POSIX")
FEW = ROWS[:4]  # two steps


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the base that all of these trainings begin from."""
    made = tmp_path_factory.mktemp("grpo")
    make_untrained(made / "untrained")
    # It says "Take 3 tablets." or the like and then ends, mostly.
    settings = BaseSettings(epochs=16, text_epochs=1, batch_rows=8, threads=1, learning_rate=2e-2)
    train_base(made / "untrained", TEXTS[:4], CHATS, settings, made / "base")
    return made


@pytest.fixture(scope="module")
def whole(root: Path) -> GrpoTrained:
    """The training of `grpo_trainings`, finished without a break."""
    return train(root / "base", root / "whole")


def test_what_is_rewarded_is_learned(whole: GrpoTrained) -> None:
    lengths = [one.length for one in whole.watch.sampled]
    assert len(lengths) == whole.trained.steps == 8 and whole.trained.rows == len(ROWS)
    assert sum(lengths[-4:]) / 4 < 0.8 * sum(lengths[:2]) / 2
    first, last = whole.watch.examined[0], whole.watch.examined[-1]
    assert [one.step for one in whole.watch.examined] == [0, 3, 6]
    assert last.held is not None and first.held is not None and last.held > first.held
    assert last.rewards == last.helds  # the held-back judge is the same reward here, on the same answers


def test_everything_is_recorded(whole: GrpoTrained) -> None:
    assert [one.step for one in whole.logged] == list(range(1, 9))
    assert all(one.kl is not None and one.entropy is not None and one.learning_rate is not None for one in whole.logged)
    assert [one.step for one in whole.watch.sampled] == list(range(8))
    # The second reward wants the opposite, on every other sampling; so it orders every pair the other way.
    asked = [one for one in whole.watch.sampled if one.pairs]
    assert asked and {one.step % 2 for one in asked} == {0}
    assert {one.disagreement for one in asked} == {1.0}
    assert {found.rule for found in whole.watch.findings} >= {"disagreement"}
    assert whole.watch.stopped is None


def test_a_killed_training_goes_on_to_the_same_numbers(root: Path, whole: GrpoTrained) -> None:
    import torch

    here = Path(__file__).parent / "grpo_trainings.py"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    told = subprocess.run([sys.executable, str(here), str(root), "5"], capture_output=True, text=True, env=environment)
    assert (told.returncode, told.stdout, told.stderr) == (-9, "", "")
    checkpoints = root / ".killed.checkpoints"
    assert not (root / "killed").exists()
    assert sorted(folder.name for folder in checkpoints.glob("checkpoint-*")) == ["checkpoint-2", "checkpoint-4"]
    seen: list[int] = []
    torch.manual_seed(1)  # the caller's random state does not matter
    done = train(root / "base", root / "killed", lambda step, total: seen.append(step))
    assert seen[0] == 4 and seen[-1] == 8  # it went on, it did not begin again
    assert done.trained.weights == whole.trained.weights != hash_weights(root / "base")
    assert done.watch == whole.watch
    assert done.logged == whole.logged
    assert not checkpoints.exists()


def test_a_finished_training_returns_at_once_with_all_its_numbers(root: Path, whole: GrpoTrained) -> None:
    assert train(root / "base", root / "whole", rewards=[source(_never)]) == whole
    assert load_model_folder(root / "whole").architecture == "qwen3"
    assert not list(root.glob(".whole*"))


def _never(**_: Any) -> list[float]:
    raise AssertionError("a finished training asks nobody")


def test_another_reward_or_watch_is_another_training(root: Path, whole: GrpoTrained) -> None:
    for changed in (
        {"rewards": [source(short)._replace(mark="another")]},
        {"rewards": [source(short, weight=2.0)]},
        {"watch": WATCH._replace(held=source(long, "held")._replace(mark="another"))},
        {"watch": None},
        {"rows": [*ROWS[:-1], ROWS[-1]._replace(id="another")]},
    ):
        with pytest.raises(TrainingError, match="would be overwritten"):
            train(root / "base", root / "whole", **changed)


def test_what_nobody_can_read_teaches_nothing(root: Path, tmp_path: Path) -> None:
    held_to_nothing = replace(SETTINGS, beta=0.0)
    done = train(
        root / "base",
        tmp_path / "out",
        rewards=[source(lambda completions, **_: [None] * len(completions))],
        settings=held_to_nothing,
        rows=FEW,
        watch=None,
    )
    assert done.trained.weights == hash_weights(root / "base")
    assert [(one.unread, one.reward) for one in done.watch.sampled] == [(1.0, None)] * 2


def test_one_source_that_cannot_say_takes_the_answer_out_of_the_sum(root: Path, tmp_path: Path) -> None:
    def half(completions: Sequence[Any], **_: Any) -> list[float | None]:
        return [None if place % 2 else 100.0 for place in range(len(completions))]

    done = train(
        root / "base", tmp_path / "out", rewards=[source(), source(half, "half", weight=0.5)], rows=FEW, watch=None
    )
    for one in done.watch.sampled:
        assert one.unread == 0.5 and one.parts["half"] == 100.0
        assert one.reward is not None and 40.0 < one.reward < 50.0  # 50 for the half that is read, less its length


def test_rewards_are_summed_by_their_weights(root: Path, tmp_path: Path) -> None:
    # The short reward and its opposite at equal weights are level: nothing is learned.
    rewards = [source(short), source(long, "long")]
    done = train(
        root / "base", tmp_path / "out", rewards=rewards, settings=replace(SETTINGS, beta=0.0), rows=FEW, watch=None
    )
    assert done.trained.weights == hash_weights(root / "base")
    assert {one.level for one in done.watch.sampled} == {1.0}


def test_where_and_when_answers_are_judged_changes_nothing_that_is_learned(root: Path, tmp_path: Path) -> None:
    few: dict[str, Any] = {"rows": FEW, "watch": None}

    def slow(completions: Sequence[Any], **_: Any) -> list[float]:
        time.sleep(0.02)
        return short(completions)

    # One chunk of all groups takes the same random numbers as no chunks, so the answers are the same.
    beside = train(
        root / "base", tmp_path / "beside", rewards=[source(slow)], settings=replace(SETTINGS, judging_groups=8), **few
    )
    after = train(root / "base", tmp_path / "after", settings=replace(SETTINGS, judging_threads=0), **few)
    assert beside.trained.weights == after.trained.weights and beside.watch == after.watch


def test_a_hacked_reward_ends_the_training_with_the_weights_that_were_best(root: Path, tmp_path: Path) -> None:
    unseen = [GrpoRow([{"role": "user", "content": f"day {i + 30}?"}], f"held {i}") for i in range(16)]
    watch = GroupWatch(
        GroupWatchSettings(held_every=2, on_length="off", on_unusable="off"), source(long, "held"), unseen
    )
    told: list[str] = []

    class Told:
        def __call__(self, done: int, total: int, /) -> None:
            return

        def tell(self, line: str) -> None:
            told.append(line)

    eager = replace(SETTINGS, learning_rate=2e-2, epochs=3)
    done = train(root / "base", tmp_path / "out", Told(), settings=eager, watch=watch)
    stopped = done.watch.stopped
    assert stopped is not None and stopped.rule == "hacked" and stopped.step == done.trained.steps < 24
    assert "the held-back judge's mean fell by" in stopped.reason
    assert told == [f"step {stopped.step}: {stopped.reason}"]
    helds = {one.step: one.held for one in done.watch.examined if one.held is not None}
    assert done.watch.kept_step is not None and helds[done.watch.kept_step] == max(helds.values())
    assert done.watch.kept_step < stopped.step
    if done.watch.kept_step == 0:
        assert done.trained.weights == hash_weights(root / "base")


def test_growing_answers_end_the_training(root: Path, tmp_path: Path) -> None:
    watch = GroupWatch(GroupWatchSettings(window=2, first=2, length_factor_at_most=1.2, held_every=100))
    hasty = replace(SETTINGS, learning_rate=2e-2)
    done = train(root / "base", tmp_path / "out", rewards=[source(long)], settings=hasty, watch=watch)
    stopped = done.watch.stopped
    assert stopped is not None and stopped.rule == "length" and done.trained.steps < 8
    assert done.watch.kept_step == 0 and done.trained.weights == hash_weights(root / "base")


def test_several_steps_learn_from_one_sampling(root: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, steps_per_sampling=2, passes=2, save_steps=4)
    done = train(root / "base", tmp_path / "out", settings=settings, rows=ROWS[:8], watch=None)
    # 8 prompts of 4 answers are two samplings of 16, each learned from in 2 steps of 8, twice.
    assert done.trained.steps == 8 and [one.step for one in done.watch.sampled] == [0, 4]
    assert all(one.groups == 4 for one in done.watch.sampled)


def test_adapters_are_merged(root: Path, tmp_path: Path) -> None:
    done = train(root / "base", tmp_path / "out", settings=replace(SETTINGS, lora_rank=2), rows=FEW, watch=WATCH)
    assert done.trained.weights != hash_weights(root / "base")
    assert load_model_folder(done.trained.folder).parameters == load_model_folder(root / "base").parameters


def test_adapters_kept_apart_are_the_same_model(root: Path, tmp_path: Path) -> None:
    import torch

    settings = replace(SETTINGS, lora_rank=2)
    train(root / "base", tmp_path / "merged", settings=settings, rows=FEW, watch=WATCH)
    kept = train(
        root / "base", tmp_path / "kept", settings=replace(settings, keeps_adapter=True), rows=FEW, watch=WATCH
    )
    assert base_of(kept.trained.folder) == root / "base"
    with torch.inference_mode():
        one, two = (
            load_model_folder(tmp_path / name).model(torch.arange(40)[None]).logits for name in ("kept", "merged")
        )
    assert float((one - two).abs().max()) < 1e-6


def test_prompts_without_room_for_an_answer_are_left_out_and_counted(root: Path, tmp_path: Path) -> None:
    far = GrpoRow([{"role": "user", "content": "tablets " * 80}], "too long")
    done = train(root / "base", tmp_path / "out", rows=[*FEW, far], watch=None)
    assert (done.trained.rows, done.trained.left_out) == (4, 1)


def test_what_cannot_be_learned_from_is_an_error(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(TrainingError, match="no rows"):
        train(root / "base", out, rows=[])
    with pytest.raises(TrainingError, match="has 1 prompts of at most 54 tokens, and samples from 2"):
        train(root / "base", out, rows=ROWS[:1])
    with pytest.raises(TrainingError, match="two of one name"):
        train(root / "base", out, rewards=[source(), source(long)])
    with pytest.raises(TrainingError, match="are none"):
        train(root / "base", out, rewards=[])
    with pytest.raises(TrainingError, match="all weigh 0"):
        train(root / "base", out, rewards=[source(weight=0.0)])
    assert not list(tmp_path.iterdir())


def test_a_reward_that_fails_leaves_no_half_result(root: Path, tmp_path: Path) -> None:
    def broken(**_: Any) -> list[float]:
        raise ZeroDivisionError("no criteria")

    with pytest.raises(TrainingError, match=r"reward 'short' failed \(ZeroDivisionError: no criteria\)"):
        train(root / "base", tmp_path / "out", rewards=[source(broken)], watch=None)

    def unknown(**_: Any) -> list[float]:
        raise InputError("query q", "has no criteria", "give it some", "reward")

    with pytest.raises(InputError, match="query q"):
        train(root / "base", tmp_path / "out", rewards=[source(unknown)], watch=None)
    assert not (tmp_path / "out").exists()


def test_a_reward_that_fails_late_loses_no_checkpoint(root: Path, tmp_path: Path) -> None:
    calls = []

    def late(completions: Any, **_: Any) -> list[float]:
        calls.append(len(completions))
        if len(calls) == 5:
            raise ZeroDivisionError("no criteria")
        return [float(place % 3) for place in range(len(completions))]

    with pytest.raises(TrainingError, match="mend it"):
        train(root / "base", tmp_path / "out", rewards=[source(late)], watch=None)
    assert list(tmp_path.glob(".out.checkpoints/checkpoint-*"))


def test_nothing_is_printed(root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    train(root / "base", tmp_path / "out", rows=FEW)
    assert capfd.readouterr() == ("", "")


def test_another_trainer_than_the_known_one_is_refused() -> None:
    import trl

    _check_pieces(trl.GRPOTrainer, trl.__version__)

    class Other:
        def _generate_and_score_completions(self, batch: Any) -> None: ...

    with pytest.raises(TrainingError, match=r"trl 9\.9 has no GRPOTrainer\._generate_and_score_completions\(inputs\)"):
        _check_pieces(Other, "9.9")


@pytest.mark.parametrize(
    "wrong",
    [
        {"group": 1},
        {"batch_rows": 12, "group": 8},
        {"save_steps": 3, "steps_per_sampling": 2},
        {"max_new_tokens": 512},
        {"temperature": 0.0},
        {"beta": -0.1},
        {"epsilon": 1.0},
        {"judging_threads": -1},
        {"passes": 0},
        {"repetition_penalty": 0.5},
        {"top_p": 0.0},
    ],
)
def test_settings_that_cannot_be_followed_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(RecordError):
        GrpoSettings(**wrong)


def test_statistics_lie_beside_the_weights(root: Path, whole: GrpoTrained) -> None:
    kept = msgspec.json.decode((whole.trained.folder / "grpo.json").read_bytes())
    assert len(kept["watch"]["sampled"]) == len(kept["logged"]) == 8
