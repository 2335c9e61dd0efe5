"""`primum reward bench` and `primum reward ablate` as a person runs them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from primum.cli.__main__ import cli
from primum.errors import InputError, SettingError
from primum.rewards import PairSample
from primum.rewards.linear import LinearReward, LinearSettings
from primum.rewards.pair_file import write_pairs
from primum.rewards.pairing import of_generated
from primum.starter.clinical_pairs import GeneratedPairSettings, generated_pairs


def made(**chosen: Any) -> list[PairSample]:
    settings = {"least": 3, "most": 3, "languages": ("en",), "keys_per_kind": 3} | chosen
    return of_generated(generated_pairs(GeneratedPairSettings(**settings)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("reward")
    taught = made(pairs=40)
    known = {one.group for one in taught}
    write_pairs(place / "taught.jsonl", taught)
    write_pairs(place / "tested.jsonl", [one for one in made(pairs=20, seed=9) if one.group not in known])
    LinearReward.fit(taught, LinearSettings(epochs=2, answer_bits=8, criterion_bits=5)).save(place / "linear")
    return place


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["reward", *map(str, arguments)], catch_exceptions=False, standalone_mode=False)


def test_the_tables_of_a_bench(folder: Path) -> None:
    said = run(
        "bench",
        "--model",
        folder / "linear",
        folder / "tested.jsonl",
        "--against",
        "linear",
        "--train",
        folder / "taught.jsonl",
    ).output
    for told in (
        "How right linear n-grams is",
        "linear n-grams beside linear n-grams",
        "better answer: safety",
        "vetoes, F1",
        "criteria it was trained on",
        "a language it never saw: none of these is in a language it was not trained on.",
        "of them simulated",
        "It abstained from nothing",
    ):
        assert told in said
    # A criterion that it never saw is not there: that is said, and no number is made of it.
    assert "criteria it never saw: none of these is of a criterion it was not trained on." in said


def test_json_is_the_whole_and_a_file_is_kept(folder: Path) -> None:
    out = folder / "found.json"
    order = ("bench", "--model", folder / "linear", folder / "tested.jsonl", "--out", out)
    found = json.loads(run(*order, "--json").output)
    assert found == json.loads(out.read_text(encoding="utf-8")) and found["differences"] == []
    named = [one for one in found["tables"][0]["rows"] if one["estimate"]]
    assert named and all({"value", "low", "high", "n", "unit"} <= one["estimate"].keys() for one in named)
    with pytest.raises(SettingError, match="is there already"):
        run(*order)
    run(*order, "--force")
    with pytest.raises(SettingError, match="abstain_within"):
        run(*order, "--force", "--set", "abstain_within=2")


def test_nothing_that_is_read_is_written_over(folder: Path) -> None:
    order = ("bench", "--model", folder / "linear", folder / "tested.jsonl", "--force")
    beside = ("--against", "linear", "--train", folder / "taught.jsonl")
    (folder / "link.jsonl").symlink_to(folder / "tested.jsonl")
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    for out, told in (
        (folder / "tested.jsonl", "is one of the files to read"),
        (folder / "link.jsonl", "is one of the files to read"),
        (folder / "taught.jsonl", "is one of the files to read"),
        (folder / "linear" / "linear.json", "is or lies in"),
        (folder / "linear" / "new.json", "is or lies in"),
    ):
        with pytest.raises(SettingError, match=told):
            run(*order, *beside, "--out", out)
    copy = folder / "copy"
    shutil.copytree(folder / "linear", copy)
    with pytest.raises(SettingError, match="is or lies in"):
        run(*order, "--against", copy, "--out", copy / "linear.json")
    shutil.rmtree(copy)
    base = folder / "backbone"
    base.mkdir()
    for out, told in (
        (base, "is or lies in"),
        (base / "out", "is or lies in"),
        (folder, "holds .* which is read"),
    ):
        with pytest.raises(SettingError, match=told):
            run("ablate", folder / "taught.jsonl", "--base", base, "--out", out)
        if out != folder:
            with pytest.raises(SettingError, match=told):
                run("train", folder / "taught.jsonl", "--base", base, "--out", out)
    base.rmdir()
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    (folder / "link.jsonl").unlink()


def test_pairs_that_were_learned_from_are_refused(folder: Path) -> None:
    order = ("bench", "--model", folder / "linear", folder / "taught.jsonl")
    with pytest.raises(InputError, match="learned from"):
        run(*order)
    assert "how well it remembers" in run(*order, "--anyway").output


def test_an_ablation_ends_with_its_tables_and_a_page(folder: Path) -> None:
    from primum.models.tiny import TinySettings, build_tiny

    texts = [text for one in made(pairs=20) for text in (one.first, one.second)]
    shape = TinySettings(layers=1, width=16, heads=2, feed_forward=32, vocabulary=400, context_tokens=1024)
    build_tiny(texts, shape, folder / "base")
    chosen = ('variants=["one_scalar"]', "training.epochs=1", "training.threads=1", "training.batch_pairs=40")
    settings = [part for one in chosen for part in ("--set", one)]
    said = run("ablate", folder / "taught.jsonl", "--base", folder / "base", "--out", folder / "abl", *settings).output
    page = (folder / "abl" / "ablations.md").read_text(encoding="utf-8")
    for told in ("the full model", "one scalar (one head)", "plain sum of all criteria", "built from config"):
        assert told in said and told in page
    assert "no veto" not in page and not list((folder / "abl").glob(".*.half"))
    # The same order again trains nothing and says the same.
    assert (
        run("ablate", folder / "taught.jsonl", "--base", folder / "base", "--out", folder / "abl", *settings).output
        == said
    )
