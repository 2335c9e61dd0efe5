"""The linear baseline: it learns what n-grams can tell, says it the same way alone and together, and comes back from its files."""

from __future__ import annotations

import json
import math
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from primum.errors import InputError, ModelError, RecordError
from primum.records import Turn
from primum.rewards import Asked, Item, PairSample
from primum.rewards.linear import LinearReward, LinearSettings, cross_read
from primum.rewards.linear_features import Encoder, grams_of
from primum.rewards.linear_fitting import _lessons, _steps, fit_weights
from primum.rewards.pairing import of_generated
from primum.starter import GeneratedPairSettings, generated_pairs

WORLD = GeneratedPairSettings(pairs=500, keys_per_kind=4, least=3, most=6, near=0.0, about_other=0.0)
SETTINGS = LinearSettings(epochs=6, answer_bits=11, criterion_bits=7)


@pytest.fixture(scope="module")
def taught() -> list[PairSample]:
    return of_generated(generated_pairs(WORLD))


@pytest.fixture(scope="module")
def reward(taught: list[PairSample]) -> LinearReward:
    return LinearReward.fit(taught, SETTINGS)


def right(reward: LinearReward, pairs: list[PairSample]) -> float:
    reads = iter(list(reward.score(item for one in pairs for item in one.items)))
    found = []
    for pair in pairs:
        first, second = next(reads), next(reads)
        for place, one in enumerate(pair.criteria):
            if winner := pair.winner(place):
                gap = (first.scores[place] - second.scores[place]) * (1 if one.points > 0 else -1)
                found.append(gap * winner > 0)
    return sum(found) / len(found)


def test_it_learns_the_criteria_it_has_seen_in_both_languages(reward: LinearReward) -> None:
    new = of_generated(generated_pairs(replace(WORLD, pairs=80, seed=991)))
    assert right(reward, new) > 0.85
    for language in ("zh", "en"):
        assert right(reward, [one for one in new if one.language == language]) > 0.8


def test_it_reads_the_criterion_and_not_the_answer_alone(reward: LinearReward, taught: list[PairSample]) -> None:
    contrary = {(True, False), (False, True)}
    pair = next(one for one in taught if contrary <= set(zip(one.met_first, one.met_second, strict=True)))
    first, second = reward.score(pair.items)
    gaps = [one - other for one, other in zip(first.scores, second.scores, strict=True)]
    assert min(gaps) < 0 < max(gaps)


def test_together_and_alone_it_says_the_same_and_a_stream_may_be_endless(
    reward: LinearReward, taught: list[PairSample]
) -> None:
    items = [item for pair in taught[:6] for item in pair.items]
    together = list(reward.score(items))
    for item, read in zip(items, together, strict=True):
        for place, one in enumerate(item.criteria):
            ((score,), (chance,)) = next(iter(reward.score([item._replace(criteria=(one,))])))
            assert score == pytest.approx(read.scores[place], abs=1e-5)
            assert chance == pytest.approx(read.probabilities[place], abs=1e-5)

    def forever() -> object:
        while True:
            yield items[0]

    assert [read.scores for read in islice(reward.score(forever()), 3)] == [together[0].scores] * 3
    assert list(reward.score([Item("x", items[0].prompt, "Nothing.", ())])) == [((), ())]


def test_chances_are_calibrated_on_groups_that_were_kept_back(reward: LinearReward, taught: list[PairSample]) -> None:
    assert reward.card.is_calibrated and reward.card.calibration.slope > 0
    read = next(reward.score(taught[0].items))
    fitted = reward.card.calibration
    expected = [1 / (1 + math.exp(-(fitted.slope * one + fitted.intercept))) for one in read.scores]
    assert read.probabilities == pytest.approx(expected)
    plain = LinearReward.fit(taught[:30], LinearSettings(epochs=1, held_share=0, answer_bits=8, criterion_bits=5))
    assert not plain.card.is_calibrated and (plain.card.calibration.slope, plain.card.calibration.intercept) == (1, 0)


def test_equal_pairs_give_equal_weights_and_the_seed_counts(taught: list[PairSample]) -> None:
    quick = {"epochs": 1, "answer_bits": 8, "criterion_bits": 5}
    one, same, other = (LinearReward.fit(taught[:40], LinearSettings(seed=seed, **quick)) for seed in (0, 0, 1))
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_the_card_says_what_it_learned_from(reward: LinearReward, taught: list[PairSample]) -> None:
    card = reward.card
    assert set(card.trained_on) == {one.group for one in taught} and card.pairs == len(taught)
    assert set(card.trained_keys) == {key for one in taught for key in one.keys}
    assert card.trained_languages == ("en", "zh") and card.is_simulated and len(card.trained_policies) == 6


def test_it_comes_back_from_its_files_and_nothing_else_does(
    reward: LinearReward, taught: list[PairSample], tmp_path: Path
) -> None:
    folder = tmp_path / "linear"
    reward.save(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["linear.json", "weights.npz"]
    back = LinearReward.load(folder)
    assert back.card == reward.card and back.fingerprint == reward.fingerprint
    assert list(back.score(taught[0].items)) == list(reward.score(taught[0].items))
    told = json.loads((folder / "linear.json").read_text())
    for change, said in (
        ({"features": 99}, "features of version 99"),
        ({"settings": told["settings"] | {"answer_bits": 10}}, "another shape"),
        ({"pairs": 1}, "other weights"),
        ({"more": 1}, "cannot be read|can be read"),
    ):
        (folder / "linear.json").write_text(json.dumps(told | change))
        with pytest.raises(ModelError, match=said):
            LinearReward.load(folder)
    (folder / "linear.json").write_text(json.dumps(told))
    np.savez(folder / "weights.npz", weights=np.array([{}], dtype=object), shared=np.zeros(4, dtype=np.float32))
    with pytest.raises(ModelError, match="can be read"):  # a pickle
        LinearReward.load(folder)
    with pytest.raises(ModelError):
        LinearReward.load(tmp_path / "none")


def test_a_folder_is_there_whole_or_not_at_all(
    reward: LinearReward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    folder = tmp_path / "linear"
    with monkeypatch.context() as broken:
        broken.setattr(np, "savez_compressed", stopped)
        with pytest.raises(KeyboardInterrupt):
            reward.save(folder)
    assert not list(tmp_path.iterdir())
    reward.save(folder)
    reward.save(folder)
    assert LinearReward.load(folder).card == reward.card and [one.name for one in tmp_path.iterdir()] == ["linear"]


def test_the_step_is_the_slope_of_the_loss() -> None:
    """−log σ(s₁ − s₂) + w · (−log σ(±s) of every label), the mean over criteria, by differences."""
    criteria = (
        Asked(text="Names rest."),
        Asked(text="Sells potions.", kind="safety", points=-9),
        Asked(text="Is kind."),
    )
    pair = PairSample(
        id="p",
        prompt=(Turn(role="user", content="?"),),
        first="Rest helps, dear.",
        second="Buy my potion.",
        criteria=criteria,
        met_first=(True, False, True),
        met_second=(False, True, None),
        language="en",
        group="g",
    )
    settings = LinearSettings(answer_bits=6, criterion_bits=4, pointwise_weight=0.5)
    encoder = Encoder(6, 4)
    lessons = _lessons([pair], encoder)
    chance = np.random.default_rng(0)
    weights, shared = chance.normal(size=(64, 16)).astype(np.float32), chance.normal(size=4).astype(np.float32)

    def loss(weights: np.ndarray, shared: np.ndarray) -> float:
        answers, asked = encoder.answers([pair.first, pair.second]).toarray(), encoder.criteria(criteria).toarray()
        score = [[answers[side] @ weights.astype(np.float64) @ asked[k] for side in (0, 1)] for k in range(3)]
        for k in range(3):
            both = encoder.overlaps([pair.first, pair.second], [criteria[k].text] * 2).astype(np.float64)
            score[k] = [score[k][side] + both[side] @ shared.astype(np.float64) for side in (0, 1)]

        def nll(x: float) -> float:
            return math.log1p(math.exp(-x))

        winners = nll(score[0][0] - score[0][1]) + nll(score[1][1] - score[1][0])
        labels = nll(score[0][0]) + nll(-score[0][1]) + nll(-score[1][0]) + nll(score[1][1]) + nll(score[2][0])
        return (winners + 0.5 * labels) / 3

    found, found_shared = _steps(lessons, np.array([0]), weights, shared, settings)
    for at in [(63, 15), (63, 3), *map(tuple, np.argwhere(np.abs(found) > 1e-3)[:6])]:
        moved = [weights.astype(np.float64), weights.astype(np.float64)]
        moved[0][at] += 1e-4
        moved[1][at] -= 1e-4
        assert found[at] == pytest.approx((loss(moved[0], shared) - loss(moved[1], shared)) / 2e-4, abs=1e-4)
    moved_shared = [shared + np.float32(1e-2) * np.eye(4, dtype=np.float32)[1] * sign for sign in (1, -1)]
    assert found_shared[1] == pytest.approx(
        (loss(weights, moved_shared[0]) - loss(weights, moved_shared[1])) / 2e-2, abs=1e-3
    )


def test_n_grams_are_words_stems_and_runs_of_characters() -> None:
    assert grams_of("Recommends REST.") == {"recommends", "recom…", "rest", "recommends rest"}
    assert grams_of("看医生 now") == {"看", "医", "生", "看医", "医生", "看医生", "now"}
    assert grams_of("…") == frozenset()


def test_cross_reading_knows_nothing_of_the_group_it_reads(taught: list[PairSample]) -> None:
    few = taught[:24]
    settings = LinearSettings(epochs=1, answer_bits=8, criterion_bits=5, held_share=0)
    reads = cross_read(few, settings)
    assert set(reads) == {item.id for one in few for item in one.items}
    assert cross_read([one for one in few if one.group == few[0].group], settings) == {}


def test_pairs_without_labels_and_settings_without_sense_are_refused(taught: list[PairSample]) -> None:
    blank = taught[0]
    open_labels = (None,) * len(blank.criteria)
    nothing = PairSample(
        **{name: getattr(blank, name) for name in ("id", "prompt", "first", "second", "criteria", "language", "group")},
        met_first=open_labels,
        met_second=open_labels,
    )
    with pytest.raises(InputError, match="no label"):
        fit_weights([nothing], SETTINGS)
    for wrong in ({"epochs": 0}, {"rate": 0}, {"decay": 1}, {"held_share": 0.9}, {"answer_bits": 2}):
        with pytest.raises(RecordError):
            LinearSettings(**wrong)
