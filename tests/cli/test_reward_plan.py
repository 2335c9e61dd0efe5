"""`primum reward plan`: the recipe that is shipped fits, what does not fit is refused with what would, and every setting is checked."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from primum.cli.__main__ import cli, main

RECIPE = str(Path(__file__).parents[2] / "recipes" / "promedical-8b.toml")


def run(*arguments):
    done = CliRunner().invoke(cli, ["reward", "plan", RECIPE, *arguments], standalone_mode=False)
    assert done.exception is None, done.exception
    return done.stdout


def settings(*changes):
    return [part for one in changes for part in ("--set", one)]


def refused(capsys, *changes):
    with pytest.raises(SystemExit) as ended:
        main(["reward", "plan", RECIPE, *settings(*changes)])
    told = capsys.readouterr()
    assert ended.value.code == 2 and told.out == "" and told.err.count("\n") == 1
    return told.err


def test_the_recipe_that_is_shipped_fits_and_says_so():
    told = json.loads(run("--json"))
    model, grpo = told["phases"]
    assert told["parameters"]["policy"] == 8_190_735_360
    assert told["parameters"]["reward_model"] == 8_190_735_360 - 151936 * 4096 + 2 * 4097
    assert model["fits"] and grpo["fits"]
    assert model["memory_gib"] == pytest.approx(sum(one["gib"] for one in model["memory"]))
    assert model["steps"] == -(-2 * 47500 // 64) and grpo["steps"] == 1000
    assert told["seconds"][0] == pytest.approx(model["seconds"][0] + grpo["seconds"][0])
    assert told["packing"] == {"tokens": 1320, "apart": 8320, "times_fewer": pytest.approx(6.303, abs=1e-3)}
    assert Path(RECIPE).read_text(encoding="utf-8").startswith("# primum reward plan recipes/promedical-8b.toml")


def test_people_read_a_table_with_what_is_held_and_how_long_it_takes():
    told = run()
    for part in ("room for 74.6 of 79.6 GiB", "held on each GPU", "weights", "optimiser states", "sampling, a step"):
        assert part in told
    assert "fits into 74.6" in told and "Nothing was run" in told and "DOES NOT FIT" not in told


@pytest.mark.parametrize(
    "changes",
    [
        ("model.gradient_checkpointing=false",),
        ("model.accumulation_steps=1",),
        ("gpus.memory_gib=30",),
        ("grpo.batch_rows=128",),
        ("grpo.batch_rows=1024",),
        ("grpo.accumulation_steps=1", "grpo.gradient_checkpointing=false", "grpo.batch_rows=128"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused_with_what_makes_it_fit(capsys, changes):
    told = refused(capsys, *changes)
    assert re.search(r"needs [\d.]+ GiB on a GPU that has room for [\d.]+", told)
    advice = re.search(r": set (.*) \(([\d.]+) GiB\)", told)
    assert advice, told
    mended = json.loads(run(*settings(*changes, *advice[1].replace(" = ", "=").split(" and ")), "--anyway", "--json"))
    name = "GRPO" if "primum: GRPO" in told else "reward model"
    (phase,) = [one for one in mended["phases"] if one["name"] == name]
    assert phase["fits"] and f"{phase['memory_gib']:.1f}" == advice[2]


def test_where_nothing_helps_it_says_so_and_anyway_shows_the_table(capsys):
    assert "take GPUs with more memory" in refused(capsys, "gpus.memory_gib=9")
    assert "DOES NOT FIT" in run(*settings("gpus.memory_gib=9"), "--anyway")


def test_what_primum_does_not_run_by_itself_is_said():
    notes = json.loads(run(*settings("launch.sharding=fsdp", "launch.steering_gpus=2"), "--json"))["notes"]
    assert any("planned for another trainer" in one for one in notes)
    assert any("another engine steers" in one for one in notes)
    assert len(json.loads(run("--json"))["notes"]) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("model.lora_rnk=3", "did you mean 'lora_rank'"),
        ("backbone.head_dmi=3", "did you mean 'head_dim'"),
        (
            "model.max_tokens=1300",
            "no room for a prompt, an answer and a criterion of mean length (1000 and 40 tokens)",
        ),
        ("model.max_tokens=50000", "more than the backbone has positions (40960)"),
        ("model.batch_pairs=32", "without a pair"),
        ("gpus.number=4", "is not gpus.number = 4"),
        ("grpo.max_new_tokens=600", "are less than a mean prompt (300) and answer (700)"),
        ("grpo.max_tokens=50000", "more than the backbone has positions"),
        ("launch.steering_gpus=16", "is more than gpus.number = 8"),
        ("launch.steering_gpus=3", "cannot be shared by 3 GPUs"),
        ("load.steering_prompts=4", "fewer than GRPO samples from at once (8)"),
        ("reward.veto_weight=1", "is below 1 + beta"),
        ("grpo.group=7", "does not divide batch_rows"),
        ("launch.precision=int4", "launch.precision = 'int4' cannot stand here: give one of "),
        ("kind=loop", "kind = 'loop' cannot stand here: give 'reward model plan'"),
    ],
)
def test_every_setting_is_checked_when_the_recipe_is_read(capsys, change, told):
    assert told in refused(capsys, change)


def test_one_gpu_has_nothing_to_shard(capsys):
    assert "needs more than one GPU" in refused(capsys, "gpus.number=1", "model.processes=1", "launch.sharding=fsdp")
