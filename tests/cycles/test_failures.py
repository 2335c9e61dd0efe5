"""What goes wrong around a run: a full disk, a model folder that is not one, a file in the way. One line, and an intact store."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from primum.cycles.records import verify_store
from primum.cycles.run import load_recipe, run_recipe
from primum.cycles.steps import Quiet
from primum.errors import SettingError

SMALL = Path(__file__).with_name("small.toml")


def primum(*arguments, limit_bytes=None):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.run(
        [sys.executable, "-m", "primum.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        preexec_fn=limit if limit_bytes else None,
    )


def one_line(done):
    lines = [line for line in done.stderr.splitlines() if line.startswith("primum:")]
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1 and "Traceback" not in done.stderr
    return lines[0]


def test_a_recipe_of_no_known_kind_is_told_which_there_are(tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('kind = "reward modell"\n', encoding="utf-8")
    with pytest.raises(SettingError, match="'guardian in the loop', 'principles', 'reward model', or none"):
        load_recipe(recipe)


# The store is the first file to meet the limit, then the weights of the model.
@pytest.mark.parametrize("limit_bytes", [60_000, 250_000])
def test_a_disk_that_takes_no_more_is_one_line_and_the_run_goes_on_when_it_does(tmp_path, limit_bytes):
    workspace = tmp_path / "workspace"
    told = one_line(primum("run", SMALL, "--workspace", workspace, limit_bytes=limit_bytes))
    assert "disk" in told or "full" in told or "space" in told
    if (workspace / "primum.db").stat().st_size:
        assert verify_store(workspace)["problems"] == []


def test_weights_that_find_no_room_are_one_line(finished, tmp_path):
    """The store has all it needs already; only the artifacts are gone, and their disk is full."""
    workspace, _ = finished
    copy = Path(shutil.copytree(workspace, tmp_path / "copy"))
    limit_bytes = (copy / "primum.db").stat().st_size + 1
    told = one_line(primum("run", SMALL, "--set", "policy.base.epochs=1", "--workspace", copy, limit_bytes=limit_bytes))
    assert "disk" in told or "full" in told
    assert verify_store(copy)["problems"] == []


def test_a_model_folder_is_a_policy_too(finished, tmp_path):
    workspace, report = finished
    base = next(one for one in report["policies"] if one["stage"] == "base")
    folder = Path(shutil.copytree(next((workspace / "artifacts").glob("base-*")), tmp_path / "my-model"))
    own = run_recipe(load_recipe(SMALL, [f'policy.folder="{folder}"']), tmp_path / "workspace", Quiet())
    first = own["policies"][0]
    assert first["architecture"] == base["architecture"] and first["parameters"] == base["parameters"]
    assert not first["is_from_scratch"] and [one["stage"] for one in own["policies"]] == ["base", "sft", "kto", "dpo"]
    assert not any("from scratch" in note for note in own["notes"])


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"nothing"), "is not safetensors"),
        (lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"), "pickle"),
    ],
)
def test_a_folder_that_is_no_model_is_refused_before_anything_is_kept(finished, tmp_path, spoil, told):
    workspace, _ = finished
    copy = Path(shutil.copytree(workspace, tmp_path / "copy"))
    folder = Path(shutil.copytree(next((workspace / "artifacts").glob("base-*")), tmp_path / "my-model"))
    spoil(folder)
    before = verify_store(copy)
    assert told in one_line(primum("run", SMALL, "--set", f"policy.folder={folder}", "--workspace", copy))
    assert verify_store(copy) == before
