"""`primum judge next` and `primum judge power`: what they print and write, and what they refuse. The clinicians are simulated."""

import json
import random

import pytest
from click.testing import CliRunner

from primum.cli.__main__ import cli, main

SET = [
    {
        "prompt_id": f"p{number:02}",
        "prompt": [{"role": "user", "content": "头痛怎么办? What helps?"}],
        "rubrics": [
            {"criterion": f"Names a cause [{number}]", "points": 6, "tags": ["axis:accuracy"]},
            {"criterion": "Asks how long", "points": 4, "tags": ["axis:completeness"]},
            {"criterion": "Alarms", "points": -4, "tags": ["axis:accuracy"]},
        ],
        "example_tags": ["theme:hedging"],
    }
    for number in range(40)
]
CHANCE = random.Random(2)
TRUTH = {row["prompt_id"]: [CHANCE.random() < 0.5 for _ in row["rubrics"]] for row in SET}
SAID = [
    {
        "prompt_id": name,
        "met": [said if CHANCE.random() < 0.8 else True for said in met],
        "probabilities": [0.9, 0.6, None],
    }
    for name, met in TRUTH.items()
]
LABELS = [{"prompt_id": name, "rater": "simulated", "met": met} for name, met in list(TRUTH.items())[:16]]


@pytest.fixture
def files(tmp_path):
    def put(name, rows):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return str(path)

    return put


def run(*arguments):
    done = CliRunner().invoke(cli, list(arguments), standalone_mode=False)
    assert done.exception is None, done.exception
    return done.stdout


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    told = capsys.readouterr()
    assert ended.value.code == 2 and told.out == "" and told.err.count("\n") == 1
    return told.err


def test_next_names_what_to_label_and_says_why(files):
    data, said = files("d.jsonl", SET), files("v.jsonl", SAID)
    found = json.loads(run("judge", "next", data, said, "--budget", "5", "--json"))
    assert found["way"] == "ranked" and len(found["items"]) == 5 and found["worksheet"] is None
    assert {"prompt_id", "criterion", "text", "doubt", "influence", "chance"} <= set(found["items"][0])
    weights = [one["influence"] * one["doubt"] ** 0.5 for one in found["items"]]
    assert weights == sorted(weights, reverse=True)
    told = run("judge", "next", data, said, "--budget", "30")
    assert "30 criteria" in told and "and 10 more" in told and "no sample" in told and "Asks how long" in told


def test_next_power_and_score_together(files, tmp_path):
    data, said, out = files("d.jsonl", SET), files("v.jsonl", SAID), str(tmp_path / "next.jsonl")
    told = run("judge", "next", data, said, "--budget", "40", "--sampled", "--seed", "7", "--out", out)
    assert "next.chances.jsonl" in told
    rows = [json.loads(line) for line in (tmp_path / "next.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [set(row) for row in rows] == [{"prompt_id", "criterion", "text", "chance", "met", "rater"}] * 40
    for row in rows:
        row |= {"met": TRUTH[row["prompt_id"]][row["criterion"] - 1], "rater": "simulated clinician"}
    filled, chances = files("filled.jsonl", rows), str(tmp_path / "next.chances.jsonl")
    arguments = ("eval", "score", "healthbench", data, said, "--labels", filled, "--sampling", chances)
    found = json.loads(run(*arguments, "--json"))["corrected"]
    assert set(found) == {"overall", "axis:accuracy", "axis:completeness", "theme:hedging"}
    assert set(found["overall"]) == {"naive", "ppi", "classical", "rogan_gladen", "tuning", "n_labelled"}
    shown = run(*arguments)
    assert "Corrected by people's labels" in shown and "40 criteria have labels, by 1 rater;" in shown
    again = run("judge", "next", data, said, "--budget", "9", "--labels", filled, "--sampled", "--sampling", chances,
                "--out", str(tmp_path / "two.jsonl"), "--json")  # fmt: skip
    asked = {(one["prompt_id"], one["criterion"]) for one in json.loads(again)["items"]}
    assert asked and not asked & {(row["prompt_id"], row["criterion"]) for row in rows}


def test_power_from_labels_and_from_assumptions(files):
    paths = files("d.jsonl", SET), files("v.jsonl", SAID), files("l.jsonl", LABELS)
    found = json.loads(run("judge", "power", *paths, "--width", "0.2", "--json"))
    assert found["unit"] == "conversation" and found["n_labelled"] == 16 and 0 < found["correlation"] < 1
    assert found["ppi"] < found["classical"]
    told = run("judge", "power", *paths, "--width", "0.01")
    assert "undefined" in told and "labelling all 40 items leaves a half-width above 0.01" in told
    told = run("judge", "power", "--width", "0.02", "--deviation", "0.3", "--correlation", "0.8", "--judged", "5000")
    assert "867" in told and "353" in told and "--sensitivity" in told


def test_what_is_wrong_is_one_line_and_nothing_is_written(files, capsys, tmp_path):
    data, said, labels = files("d.jsonl", SET), files("v.jsonl", SAID), files("l.jsonl", LABELS)
    next_ = ("judge", "next", data, said, "--budget")
    assert "--out FILE" in refused(capsys, *next_, "5", "--sampled")
    assert "is not between 1 and 120" in refused(capsys, *next_, "500", "--sampled", "--out", str(tmp_path / "o.jsonl"))
    assert "is not between 1 and 72" in refused(capsys, *next_, "73", "--labels", labels)
    assert not list(tmp_path.glob("o*"))
    assert "is there already" in refused(capsys, *next_, "5", "--out", labels)
    assert "is one of the files to read" in refused(capsys, *next_, "5", "--force", "--out", data)
    assert "with --sampled and --labels" in refused(capsys, *next_, "5", "--sampling", labels)
    assert "cannot be read" in refused(capsys, *next_, "5", "--labels", data + ".not")
    chances = files("c.jsonl", [{"prompt_id": "p00", "chances": [0.5, 0, 1], "drawn": [1]}])
    out = str(tmp_path / "o.jsonl")
    assert "c.jsonl:1" in refused(
        capsys, *next_, "5", "--labels", labels, "--sampled", "--sampling", chances, "--out", out
    )
    whole = [{"prompt_id": row["prompt_id"], "chances": [0.5] * 3, "drawn": [4]} for row in SET]
    chances = files("c.jsonl", whole)
    assert "are not its criteria" in refused(
        capsys, "eval", "score", "healthbench", data, said, "--labels", labels, "--sampling", chances
    )
    sheet = files("w.jsonl", [{"prompt_id": "p00", "criterion": 4, "met": True}])
    assert "w.jsonl:1" in refused(capsys, *next_, "5", "--labels", sheet)
    power = ("judge", "power")
    assert "2 files given" in refused(capsys, *power, data, said, "--width", "0.1")
    assert "estimated from the files" in refused(capsys, *power, data, said, labels, "--width", "0.1", "--rate", "0.5")
    assert "is not between 0 and 1" in refused(capsys, *power, "--width", "nan", "--deviation", "0.3")
    assert "no deviation" in refused(capsys, *power, "--width", "0.1")
    assert "is no size" in refused(capsys, *power, "--width", "0.1", "--deviation", "nan")
    assert "is not a share" in refused(capsys, *power, "--width", "0.1", "--rate", "nan")


def test_no_estimate_rests_on_a_worksheet_that_stands_for_nothing_else(files, tmp_path, capsys):
    data, said, out = files("d.jsonl", SET), files("v.jsonl", SAID), tmp_path / "next.jsonl"
    score = ("eval", "score", "healthbench", data, said, "--labels")

    def filled(name):
        rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        return files(name, [row | {"met": TRUTH[row["prompt_id"]][row["criterion"] - 1], "rater": "a"} for row in rows])

    run("judge", "next", data, said, "--budget", "20", "--out", str(out))
    ranked = filled("ranked.jsonl")
    assert "most in doubt" in refused(capsys, *score, ranked)
    assert "most in doubt" in refused(capsys, "judge", "power", data, said, ranked, "--width", "0.1")
    run("judge", "next", data, said, "--budget", "20", "--sampled", "--out", str(out), "--force")
    assert "add --sampling" in refused(capsys, *score, filled("drawn.jsonl"))
