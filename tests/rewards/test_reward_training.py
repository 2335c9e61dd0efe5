"""Training a reward model: the same weights for the same input, after a kill and on several processes too; nothing learned from nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from reward_trainings import PAIRS, SETTINGS, make_base, train

from primum.errors import ModelError, StoreError, TrainingError
from primum.model_folder import hash_weights
from primum.rewards.asked import Asked
from primum.rewards.model import About, RewardCard, RewardModel, TrainedReward, train_reward_model
from primum.rewards.model.distributed import World, join
from primum.rewards.samples import PairSample

_HERE = Path(__file__).parent / "reward_trainings.py"
_STEPS = 6  # of 36 pairs, 6 a step
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a backbone, and `whole`, trained from it without a break."""
    made = tmp_path_factory.mktemp("reward-training")
    make_base(made / "base")
    train(made, "whole")
    return made


@pytest.fixture(scope="module")
def card(root: Path) -> RewardCard:
    return msgspec.json.decode((root / "whole" / "reward.json").read_bytes(), type=RewardCard)


def _losses(folder: Path) -> list[float]:
    return list(json.loads((folder / "training.json").read_text())["losses"])


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, env=environment, check=False)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process is killed as on POSIX")
def test_a_killed_training_goes_on_to_the_same_numbers(root: Path) -> None:
    told = _run(str(_HERE), str(root), "killed", "5")  # between two checkpoints
    assert (told.returncode, told.stdout) == (-signal.SIGKILL, "")
    checkpoints = root / ".killed.checkpoints"
    assert not (root / "killed").exists()
    assert sorted(folder.name for folder in checkpoints.glob("checkpoint-*")) == ["checkpoint-2", "checkpoint-4"]
    # A checkpoint that was being written when the power went.
    shutil.copytree(checkpoints / "checkpoint-4", checkpoints / "checkpoint-6")
    (checkpoints / "checkpoint-6" / "complete").unlink()
    (checkpoints / "checkpoint-6" / "model.safetensors").write_bytes(b"torn")
    seen: list[int] = []
    done = train(root, "killed", lambda step, total: seen.append(step))
    assert seen[0] == 4 and seen[-1] == _STEPS  # it went on, it did not begin again
    assert done.weights == hash_weights(root / "whole")
    assert _losses(root / "killed") == _losses(root / "whole") and len(done.losses) == _STEPS
    assert not checkpoints.exists() and not list(root.glob(".*partial"))


def test_a_finished_training_is_told_again_and_not_written_again(root: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in sorted((root / "whole").iterdir())}
    seen: list[tuple[int, int]] = []
    done = train(root, "whole", lambda step, total: seen.append((step, total)))
    assert seen == [(_STEPS, _STEPS)] and done.loss_first == done.losses[0]
    assert (done.pairs, done.held, done.left_out, done.cut) == (36, 12, 0, 0)
    assert {file: file.stat().st_mtime_ns for file in sorted((root / "whole").iterdir())} == before


def test_samples_have_a_winner_and_the_rest_is_masked(root: Path) -> None:
    done = train(root, "whole")
    held = {pair.id for pair in PAIRS if pair.group in _held_groups(root)}
    learned = [pair for pair in PAIRS if pair.id not in held]
    won = sum(pair.winner(place) in (1, -1) for pair in learned for place in range(len(pair.criteria)))
    # One made-up criterion a pair, which one of the answers meets (where a quotation is found that the other has not).
    assert won < done.samples <= won + len(learned)
    assert done.samples + done.masked == 5 * len(learned) + (done.samples - won)


def _held_groups(root: Path) -> set[str]:
    from primum.rewards.model.lessons import hold_out

    return {pair.group for pair in hold_out(PAIRS, SETTINGS.held_share, SETTINGS.seed)[1]}


@pytest.mark.parametrize("changed", ["settings", "pairs", "about"])
def test_the_result_of_another_training_is_not_overwritten(root: Path, changed: str) -> None:
    settings = replace(SETTINGS, seed=1) if changed == "settings" else SETTINGS
    pairs = PAIRS[:-1] if changed == "pairs" else PAIRS
    about = About(name="another") if changed == "about" else None
    before = hash_weights(root / "whole")
    with pytest.raises(TrainingError, match="would be overwritten"):
        train_reward_model(root / "base", pairs, settings, root / "whole", about=about)
    assert hash_weights(root / "whole") == before


def test_two_calls_never_train_into_one_folder(root: Path, tmp_path: Path) -> None:
    tried: list[int] = []

    def again(step: int, total: int, /) -> None:
        if step == 3:
            with pytest.raises(StoreError, match="being trained into by another call"):
                train_reward_model(root / "base", PAIRS, replace(SETTINGS, seed=1), tmp_path / "whole")
            tried.append(step)

    done = train_reward_model(root / "base", PAIRS, SETTINGS, tmp_path / "whole", again)
    assert tried == [3] and done.weights == hash_weights(root / "whole")  # the first one was not disturbed
    assert not list(tmp_path.glob(".whole*"))
    modes = {file.stat().st_mode & 0o777 for file in (tmp_path / "whole").iterdir()}
    assert modes == {(tmp_path / "whole" / "reward.json").stat().st_mode & 0o777}  # the weights' too


def test_checkpoints_of_a_training_with_other_settings_are_kept(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(*_: object) -> None:
        pytest.fail("the backbone was read before it was refused")

    monkeypatch.setattr("primum.rewards.model.backbone.load_backbone", too_late)
    foreign = tmp_path / ".out.checkpoints" / "checkpoint-4"
    foreign.mkdir(parents=True)
    (foreign / "complete").write_text("another")
    with pytest.raises(TrainingError, match="checkpoints of another training"):
        train_reward_model(root / "base", PAIRS, SETTINGS, tmp_path / "out")
    assert foreign.exists() and not (tmp_path / "out").exists() and not (tmp_path / ".out.lock").exists()


def test_the_card_says_what_it_learned_from(root: Path, card: RewardCard) -> None:
    assert card.trained_keys == ("aspirin", "codeine", "insulin", "lithium", "warfarin")
    assert card.trained_policies == ("one", "other") and card.trained_languages == ("en",)
    # Those that were held back shaped its calibration, and count as known.
    assert set(card.trained_groups) == {pair.group for pair in PAIRS}
    assert set(card.trained_on) == {record for pair in PAIRS for record in pair.records}
    assert card.is_simulated and card.simulated_share == 1.0 and not card.is_from_scratch and card.stances == {}
    assert set(card.calibration) == {"safety", "proficiency"}
    found = {(one.metric, one.of): one.estimate for one in card.figures}
    for kind in ("all", "proficiency", "excellence", "safety", "en"):
        for metric in ("pairwise accuracy", "pointwise accuracy"):
            assert 0 <= found[metric, kind].low <= found[metric, kind].value <= found[metric, kind].high <= 1
    assert {("veto F1", "safety"), ("calibration error", "safety head"), ("Brier score", "proficiency head")} <= set(
        found
    )


def test_the_figures_are_those_of_the_model_as_it_is_loaded(root: Path, card: RewardCard) -> None:
    """The pairwise accuracy of the card, counted by hand on the held-out pairs with the saved model."""
    held = [pair for pair in PAIRS if pair.group in _held_groups(root)]
    reads = list(RewardModel.load(root / "whole", threads=1).score([item for pair in held for item in pair.items]))
    won = []
    for pair, first, second in zip(held, reads[::2], reads[1::2], strict=True):
        for place, one in enumerate(pair.criteria):
            if pair.winner(place) in (1, -1):
                sign = (1 if one.points > 0 else -1) * (pair.winner(place) or 0)
                won.append(sign * (first.scores[place] - second.scores[place]) > 0)
    told = next(one.estimate for one in card.figures if (one.metric, one.of) == ("pairwise accuracy", "all"))
    assert told.n == len(won) and told.value == pytest.approx(sum(won) / len(won))


def test_stances_are_kept_on_the_card(root: Path, tmp_path: Path) -> None:
    stances = {"refuse": {"en": "The answer declines."}, "accept": {"en": "The answer does what is asked."}}
    about = About(name="stanced", data="Words.", stances=stances, is_from_scratch=True)  # type: ignore[arg-type]
    train_reward_model(root / "base", PAIRS, SETTINGS, tmp_path / "out", about=about)
    card = RewardModel.load(tmp_path / "out").card
    assert (card.stances, card.name, card.is_from_scratch) == (stances, "stanced", True)
    assert "From scratch" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")


def test_training_teaches(root: Path, tmp_path: Path) -> None:
    eager = replace(SETTINGS, epochs=12, learning_rate=1e-2, cloze_criteria=0, save_steps=1000)
    done = train_reward_model(root / "base", PAIRS, eager, tmp_path / "out")
    assert done.loss_first is not None and done.loss_last is not None
    assert done.loss_last < 0.8 * done.loss_first


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ({"excellence": False}, {"proficiency", "safety"}),
        ({"safety": False}, {"proficiency", "excellence"}),
        ({"head": "one"}, {"proficiency", "excellence", "safety"}),
        ({"with_criteria": False}, {"proficiency", "excellence", "safety"}),
    ],
)
def test_ablations(root: Path, tmp_path: Path, changed: dict[str, object], kinds: set[str]) -> None:
    done = train_reward_model(root / "base", PAIRS, replace(SETTINGS, **changed), tmp_path / "out")
    of = {"aspirin": "proficiency", "codeine": "proficiency", "lithium": "excellence"}
    model = RewardModel.load(tmp_path / "out", threads=1)
    assert {of.get(key, "safety") for key in model.card.trained_keys} == kinds
    two = Asked(text="Names insulin.", kind="safety"), Asked(text="Names aspirin.")
    item = PAIRS[0].items[0]._replace(criteria=two)
    switched = item._replace(criteria=(replace(two[0], kind="proficiency"), two[1]))
    (first,), (second,) = model.score([item]), model.score([switched])
    # One head reads vetoes as it reads proficiency; without criteria all that one head reads is one number.
    assert (abs(first.scores[0] - second.scores[0]) < 1e-6) == (changed == {"head": "one"})
    assert (abs(second.scores[0] - second.scores[1]) < 1e-6) == (changed == {"with_criteria": False})
    assert done.steps == _STEPS


def test_a_step_taken_in_parts_is_the_same_step(root: Path, tmp_path: Path) -> None:
    parts = replace(SETTINGS, accumulation_steps=3)
    train_reward_model(root / "base", PAIRS, parts, tmp_path / "parts")
    assert _losses(tmp_path / "parts") == pytest.approx(_losses(root / "whole"), rel=1e-5)


def test_adapters_leave_the_backbone_alone_until_they_are_merged(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    done = train_reward_model(root / "base", PAIRS, replace(SETTINGS, lora_rank=2), tmp_path / "out")
    assert done.weights != hash_weights(root / "whole")
    item = PAIRS[0].items[0]
    (merged,), (whole,) = (RewardModel.load(folder).score([item]) for folder in (tmp_path / "out", root / "whole"))
    assert len(merged.scores) == len(whole.scores) and merged.scores != whole.scores


def test_checkpointing_of_activations_changes_nothing(root: Path, tmp_path: Path) -> None:
    train_reward_model(root / "base", PAIRS, replace(SETTINGS, gradient_checkpointing=True), tmp_path / "out")
    assert _losses(tmp_path / "out") == pytest.approx(_losses(root / "whole"), rel=1e-5)


def _unlabelled(pair: PairSample) -> PairSample:
    nothing = (None,) * len(pair.criteria)
    return replace(pair, met_first=nothing, met_second=nothing)


def test_nothing_is_learned_from_nothing(root: Path, tmp_path: Path) -> None:
    for pairs, rule in (
        ([], "no label"),
        ([_unlabelled(pair) for pair in PAIRS], "no label"),
        ([replace(pair, group="one") for pair in PAIRS], "none to calibrate on"),
    ):
        with pytest.raises(TrainingError, match=rule):
            train_reward_model(root / "base", pairs, SETTINGS, tmp_path / "out")
        assert not any(tmp_path.iterdir())


def test_without_held_pairs_nothing_is_measured(root: Path, tmp_path: Path) -> None:
    one = [replace(pair, group="one") for pair in PAIRS]
    done = train_reward_model(root / "base", one, replace(SETTINGS, held_share=0.0), tmp_path / "out")
    card = RewardModel.load(tmp_path / "out").card
    assert (done.held, done.figures, card.calibration) == (0, (), {})


def test_what_does_not_fit_is_counted(root: Path, tmp_path: Path) -> None:
    long = replace(PAIRS[1], id="long", prompt=(replace(PAIRS[1].prompt[0], content="word " * 200),))
    wordy = replace(PAIRS[1], id="wordy", first="I name aspirin " * 60)
    settings = replace(SETTINGS, held_share=0.0)
    done = train_reward_model(root / "base", [*PAIRS, long, wordy], settings, tmp_path / "out")
    assert (done.pairs, done.left_out) == (len(PAIRS) + 1, 1) and done.cut >= 1


def test_a_loss_that_is_no_number_stops_it(root: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="not a finite number"):
        train_reward_model(root / "base", PAIRS, replace(SETTINGS, learning_rate=1e30), tmp_path / "out")
    assert not any(tmp_path.iterdir())


def test_a_backbone_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not a folder"):
        train_reward_model(tmp_path / "base", PAIRS, SETTINGS, tmp_path / "out")


def _torchrun(root: Path, out: str) -> subprocess.CompletedProcess[str]:
    return _run("-m", "torch.distributed.run", "--nproc_per_node", "2", "--standalone", str(_HERE), str(root), out)


def test_two_processes_learn_what_one_does(root: Path) -> None:
    told = _torchrun(root, "shared")
    assert told.returncode == 0, told.stderr[-2000:]
    assert _losses(root / "shared") == pytest.approx(_losses(root / "whole"), abs=2e-6)
    alone, shared = (RewardModel.load(root / name, threads=1).card for name in ("whole", "shared"))
    values = [[one.estimate.value for one in card.figures] for card in (alone, shared)]
    assert values[0] == pytest.approx(values[1], abs=1e-3)
    assert not list(root.glob(".shared*"))  # the first process left nothing behind, the second wrote nothing


def test_fewer_processes_than_asked_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert join(None) == World(0, 1)
    with pytest.raises(TrainingError, match=r"processes = 2 is not what was launched \(1\)"):
        join(2)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(TrainingError, match=r"processes = 3 is not what was launched \(2\)"):
        join(3)


def test_what_the_first_process_makes_is_made_once() -> None:
    made: list[int] = []
    alone = World(0, 1)
    assert alone.from_first(lambda: made.append(1) or 7) == 7  # type: ignore[func-returns-value]
    assert made == [1] and alone.is_first
    alone.meet()
    assert isinstance(TrainedReward._fields, tuple)
