"""The bench of reward models over files and folders, and the ablations: what is refused, what is trained once, what the table says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from primum.cycles import reward_bench
from primum.cycles.reward_ablating import (
    FOUND,
    VARIANTS,
    AblationOrder,
    AblationSettings,
    ablate,
    ablation_settings,
    split_pairs,
)
from primum.cycles.reward_bench import (
    BenchOrder,
    Subject,
    bench_reward,
    bench_settings,
    bench_subjects,
    facts_of,
    read_all,
    refuse_learned,
    subject_in,
)
from primum.errors import InputError, ModelError, RecordError, SettingError
from primum.ports import Progress, silent
from primum.report.reward_tables import ablation_lines, ablation_tables, bench_lines, bench_tables, markdown
from primum.rewards import Asked, PairSample
from primum.rewards.asked import Item, Read
from primum.rewards.bench import BenchFacts, Unread
from primum.rewards.linear import LinearReward, LinearSettings
from primum.rewards.model import RewardModelSettings
from primum.rewards.pair_file import write_pairs
from primum.rewards.pairing import of_generated
from primum.starter.clinical_pairs import GeneratedPairSettings, generated_pairs

LINEAR = LinearSettings(epochs=3, answer_bits=10, criterion_bits=6)


def made(**chosen: Any) -> list[PairSample]:
    settings = {"least": 3, "most": 4, "languages": ("en",), "keys_per_kind": 3} | chosen
    return of_generated(generated_pairs(GeneratedPairSettings(**settings)))


TAUGHT = made(pairs=50, voices=(0, 1, 2))
KNOWN = {one.group for one in TAUGHT}
TESTED = [
    one
    for one in [*made(pairs=20, seed=7, voices=(1, 4)), *made(pairs=12, seed=8, ask="unseen", languages=("en", "zh"))]
    if one.group not in KNOWN
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs to train on and to measure on, a linear reward of the first, and a backbone that is as small as can be."""
    from primum.models.tiny import TinySettings, build_tiny

    place = tmp_path_factory.mktemp("bench")
    write_pairs(place / "taught.jsonl", TAUGHT)
    write_pairs(place / "tested.jsonl", TESTED)
    LinearReward.fit(TAUGHT, LINEAR).save(place / "linear")
    texts = [text for one in TAUGHT for text in (one.first, one.second, *(each.text for each in one.criteria))]
    shape = TinySettings(layers=1, width=16, heads=2, feed_forward=32, vocabulary=400, context_tokens=1024)
    build_tiny(texts, shape, place / "base")
    return place


class Oracle:
    """Reads the labels of the tested pairs, and refuses an answer where it is told to."""

    name = "oracle"

    def __init__(self, refused: Iterable[str] = ()) -> None:
        self.refused = set(refused)
        self.asked: list[str] = []
        self.met = {
            item.id: met
            for pair in TESTED
            for item, met in zip(pair.items, (pair.met_first, pair.met_second), strict=True)
        }

    def refusal(self, item: Item) -> str | None:
        return "it is too long" if item.id in self.refused else None

    def score(self, items: Iterable[Item], progress: Progress = silent) -> Iterator[Read]:
        for item in items:
            self.asked.append(item.id)
            chances = tuple(0.9 if one else 0.1 for one in self.met[item.id])
            yield Read(tuple(chance - 0.5 for chance in chances), chances)


def test_what_a_scorer_refuses_is_not_asked_and_is_an_abstention() -> None:
    refused = [TESTED[0].items[0].id, TESTED[2].items[1].id]
    oracle = Oracle(refused)
    reads = read_all(oracle, TESTED)
    assert {id for id, read in reads.items() if isinstance(read, Unread)} == set(refused)
    assert not set(refused) & set(oracle.asked) and len(reads) == 2 * len(TESTED)
    subject = Subject(oracle, "oracle", BenchFacts(), frozenset())
    found = bench_subjects([subject], TESTED, BenchOrder(Path("m"), Path("tested.jsonl")))
    row = next(one for one in found["tables"][0]["rows"] if one["measure"] == "pointwise")
    labels = sum(one is not None for one in TESTED[0].met_first) + sum(one is not None for one in TESTED[2].met_second)
    assert row["estimate"]["value"] == 1.0 and row["unread"] == labels > 0


def test_a_folder_is_measured_alone_and_beside_others(folder: Path) -> None:
    moves: list[tuple[int, int]] = []
    order = BenchOrder(
        folder / "linear",
        folder / "tested.jsonl",
        (str(folder / "linear"), "linear"),
        folder / "taught.jsonl",
        folder / "found.json",
    )
    found = bench_reward(order, progress=lambda done, total: moves.append((done, total)))
    assert json.loads((folder / "found.json").read_text()) == found
    assert [one["kind"] for one in found["subjects"]] == ["linear baseline"] * 3 and found["notes"] == []
    assert found["pairs"]["simulated"] == len(TESTED) == found["tables"][0]["pairs"]
    # It is no other than itself, on rows that are there; criteria, policies and a language are new to it.
    rows = found["differences"][0]["rows"]
    assert {one["estimate"]["value"] for one in rows if one["estimate"]} == {0.0}
    new = {
        one["where"]: one["n"]
        for one in found["tables"][0]["rows"]
        if (one["measure"], one["kind"]) == ("pointwise", "all")
    }
    assert min(new["unseen_criteria"], new["seen_criteria"], new["unseen_policies"], new["other_language"]) > 0
    assert new["seen_criteria"] + new["unseen_criteria"] == new["all"]
    assert moves and all(done <= total for done, total in moves)
    tables = bench_tables(found)
    assert [len(one.rows) > 5 for one in tables] == [True] * 4
    assert all(len(row) == len(one.columns) for one in tables for row in one.rows)
    assert "simulated" in bench_lines(found)[0]


def test_all_that_stand_beside_each_other_are_told_on_the_slices_of_the_first() -> None:
    keys = sorted({key for pair in TESTED for key in pair.keys})
    first = Subject(Oracle(), "oracle", BenchFacts(frozenset(keys[:2])), frozenset())
    refused = Oracle([TESTED[0].items[0].id, TESTED[-1].items[1].id])
    other = Subject(refused, "oracle", BenchFacts(frozenset(keys[2:])), frozenset())  # sees what the first never saw
    found = bench_subjects([first, other], TESTED, BenchOrder(Path("m"), Path("tested.jsonl")))
    own, its = (rows_of(one) for one in found["tables"])
    mine, theirs = (rows_of(one) for one in found["beside"][0])
    apart = rows_of(found["differences"][0])
    assert own["pairwise", "all", "unseen_criteria"]["n"] > 0
    for name, row in apart.items():
        assert mine[name]["n"] == theirs[name]["n"] == row["n"], name
        if name[0] == "pairwise":
            assert own[name]["n"] == its[name]["n"] + its[name]["unread"], name
        if row["estimate"]:
            values = [one[name]["estimate"]["value"] for one in (mine, theirs)]
            assert row["estimate"]["value"] == pytest.approx(values[0] - values[1])
    assert (
        mine["pairwise", "all", "all"]["n"] < own["pairwise", "all", "all"]["n"]
    )  # what one cannot read is in neither


def rows_of(table: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(one["measure"], one["kind"], one["where"]): one for one in table["rows"]}


def test_pairs_that_it_learned_from_are_refused_or_told(folder: Path) -> None:
    order = BenchOrder(folder / "linear", folder / "taught.jsonl")
    with pytest.raises(InputError, match=rf"one of {len(TAUGHT)} of {len(TAUGHT)} pairs, was learned from"):
        bench_reward(order)
    (note,) = bench_reward(order._replace(is_anyway=True))["notes"]
    assert "how well it remembers" in note
    # A record that both share (a criterion of the field) gives nothing away; a group does.
    shared = replace(TESTED[0], records=("r1",))
    for groups, is_known in (({"r1"}, False), ({shared.group}, True)):
        subject = Subject(Oracle(), "oracle", BenchFacts(), frozenset(groups))
        assert bool(refuse_learned(subject, [shared], "x.jsonl", True)) == is_known


def test_orders_that_cannot_be_followed(folder: Path) -> None:
    order = BenchOrder(folder / "linear", folder / "tested.jsonl")
    for wrong, told in (
        (order._replace(against=("linear",)), "has nothing to be fitted to"),
        (order._replace(taught=folder / "taught.jsonl"), "goes with --against linear"),
        (order._replace(out=folder / "tested.jsonl"), "is one of the files to read"),
        (order._replace(out=folder / "taught.jsonl"), "is there already"),
    ):
        with pytest.raises(SettingError, match=told):
            bench_reward(wrong)
    with pytest.raises(InputError, match="is no folder"):
        subject_in(folder / "nothing")
    with pytest.raises(ModelError):
        subject_in(folder / "base")
    with pytest.raises(SettingError, match="--set"):
        bench_settings(["abstain_within=0.7"])
    assert (folder / "tested.jsonl").read_text().count("\n") == len(TESTED)


def test_facts_are_those_of_the_pairs() -> None:
    facts = facts_of([replace(TESTED[0], first_by="", keys=())])
    assert facts.trained_keys == frozenset() and "" not in facts.trained_policies
    assert facts_of(TAUGHT).trained_languages == {"en"}


def settings_of(**training: Any) -> AblationSettings:
    small = {"epochs": 1, "batch_pairs": 25, "held_share": 0.2, "threads": 1, "max_tokens": 1024} | training
    return AblationSettings(training=RewardModelSettings(**small), variants=("no_veto", "no_criterion"))


def test_ablations_are_trained_once_and_measured_alike(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = AblationOrder(folder / "taught.jsonl", folder / "base", folder / "ablations", folder / "tested.jsonl")
    found = ablate(order, settings_of())
    assert [one["name"] for one in found["variants"]] == ["full", "no_criterion", "no_veto"]  # in the order of VARIANTS
    assert json.loads((order.out / FOUND).read_text()) == found
    full, blind, bold = found["variants"]
    assert full["difference"] is None and found["base"]["is_from_scratch"]
    # Without the criterion in the input one text stands for all of a kind; without vetoes fewer criteria are learned from.
    card = json.loads((order.out / "no_criterion" / "reward.json").read_text())
    assert card["with_criteria"] is False and card["is_from_scratch"] and card["is_simulated"]
    assert bold["samples"] < full["samples"] == blind["samples"]
    for one in found["variants"]:
        rows = {(row["measure"], row["kind"], row["where"]): row for row in one["table"]["rows"]}
        assert rows["pairwise", "all", "unseen_criteria"]["n"] > 0
        assert [rows[name]["n"] for name in rows] == [row["n"] for row in full["table"]["rows"]] or one is not full

    import primum.rewards.model.training as training

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it was trained again")

    monkeypatch.setattr(training, "_train", never)
    assert ablate(order, settings_of()) == found
    told = ablation_tables(found)
    page = markdown("Ablations", ablation_lines(found), told)
    assert [row[0] for row in told[0].rows][:2] == ["the full model", "no criterion in the input"]
    assert page.count("\n| ") == sum(len(one.rows) + 2 for one in told) and "built from config" in page


def test_a_variant_is_killed_and_the_finished_ones_stay(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import primum.rewards.model.training as training

    order = AblationOrder(folder / "taught.jsonl", folder / "base", folder / "killed", folder / "tested.jsonl")
    whole = training._train
    trained: list[str] = []

    def once(order: Any, progress: Any) -> None:
        trained.append(order.running.out.name)
        if trained == ["full", "no_criterion"]:
            raise KeyboardInterrupt
        whole(order, progress)

    monkeypatch.setattr(training, "_train", once)
    with pytest.raises(KeyboardInterrupt):
        ablate(order, settings_of())
    assert (order.out / "full" / "reward.json").exists() and not (order.out / FOUND).exists()
    ablate(order, settings_of())
    assert trained == ["full", "no_criterion", "no_criterion", "no_veto"] and (order.out / FOUND).exists()


def test_shapes_are_measured_on_the_full_model_alone() -> None:
    from primum.cycles.reward_ablating import _shapes, _Trained
    from primum.rewards.bench import BenchSettings, Measured

    # S1 says the second answer, the veto the first: with vetoes that is right, without them it is not.
    sure = Asked(text="Names a dose beyond the label.", kind="safety", points=-5)
    pair = replace(
        TESTED[0],
        criteria=(Asked(text="Says to drink water."), sure),
        met_first=(False, False),
        met_second=(True, True),
        keys=(),
    )
    reads: dict[str, Read | Unread] = {
        item.id: Read(chances, chances) for item, chances in zip(pair.items, ((0.2, 0.1), (0.8, 0.9)), strict=True)
    }
    full = _Trained({}, reads, Measured([pair], reads, BenchFacts()))
    found = {one["name"]: one for one in _shapes(full, [pair], BenchFacts(), BenchSettings())}
    values = {name: one["row"]["estimate"]["value"] for name, one in found.items()}
    assert values == {
        "clipped": 1.0,
        "lexicographic": 1.0,
        "verdicts": 1.0,
        "sum": 1.0,  # (.2 − 5 × .1) / 6 against (.8 − 5 × .9) / 6: the weight of five points outweighs
        "no_veto": 0.0,
        "no_excellence": 1.0,
    }
    assert found["no_veto"]["difference"]["estimate"]["value"] == -1.0 and found["clipped"]["difference"] is None


def test_groups_are_split_whole_and_a_group_on_both_sides_is_refused(folder: Path) -> None:
    taught, tested = split_pairs(TAUGHT, 0.3, 0)
    assert not {one.group for one in taught} & {one.group for one in tested}
    assert sorted(one.id for one in [*taught, *tested]) == sorted(one.id for one in TAUGHT)
    assert len({one.group for one in tested}) == round(0.3 * len(KNOWN))
    assert split_pairs(TAUGHT, 0.3, 0) == (taught, tested) != split_pairs(TAUGHT, 0.3, 1)
    with pytest.raises(InputError, match="are of one group"):
        split_pairs([replace(one, group="g") for one in TAUGHT], 0.3, 0)
    order = AblationOrder(folder / "taught.jsonl", folder / "base", folder / "never", folder / "taught.jsonl")
    with pytest.raises(InputError, match="which is trained on too"):
        ablate(order, settings_of())
    assert not order.out.exists()


def test_settings_that_are_an_ablation_themselves_are_refused() -> None:
    with pytest.raises(RecordError, match=r"training\.safety"):
        settings_of(safety=False)
    with pytest.raises(SettingError, match="name one twice"):
        ablation_settings(['variants=["no_veto", "no_veto"]'])
    assert ablation_settings([]).variants == VARIANTS
    assert ablation_settings(["training.epochs=7"]).training.epochs == 7


def test_the_progress_of_parts_never_goes_back() -> None:
    moves: list[float] = []
    for place in range(3):
        part = reward_bench.part_of(lambda done, total: moves.append(done / total), place, 3)
        part(1, 2)
        part(5, 4)  # a total may have been too small
    assert moves == sorted(moves) and moves[-1] == 1.0
