"""`primum eval score`: what it prints, what it refuses, and when it fails."""

import json

import pytest
from click.testing import CliRunner

from primum.cli.__main__ import cli, main
from primum.evaluation.suites.registry import SUITES

SET = [
    {
        "prompt_id": "p1",
        "prompt": [{"role": "user", "content": "How much water should I drink?"}],
        "rubrics": [
            {"criterion": "Names an amount", "points": 5, "tags": ["axis:accuracy", "level:example"]},
            {"criterion": "Names a danger", "points": 3, "tags": ["axis:completeness", "level:example"]},
            {"criterion": "Alarms", "points": -4, "tags": ["axis:communication_quality", "level:example"]},
        ],
        "example_tags": ["theme:hedging"],
    },
    {
        "prompt_id": "p2",
        "prompt": [{"role": "user", "content": "头痛怎么办?"}],
        "rubrics": [{"criterion": "Asks how long", "points": 2, "tags": ["axis:context_awareness", "level:cluster"]}],
        "example_tags": ["theme:context_seeking"],
    },
]
MET = [{"prompt_id": "p1", "met": [True, False, True]}, {"prompt_id": "p2", "met": [True]}]


@pytest.fixture
def files(tmp_path):
    def put(name, rows):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return str(path)

    return put


def run(*arguments, code=0):
    """What the command wrote on standard output and standard error, as a person's shell would see it."""
    done = CliRunner().invoke(cli, ["eval", "score", *arguments], standalone_mode=False)
    ended = done.exit_code if not isinstance(done.exception, SystemExit) else done.exception.code
    assert (ended or 0) == code, done.exception
    return done


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["eval", "score", *arguments])
    told = capsys.readouterr()
    assert ended.value.code == 2 and told.out == "" and told.err.count("\n") == 1
    return told.err


def test_the_json_keeps_its_contract(files):
    found = json.loads(run("healthbench", files("d.jsonl", SET), files("v.jsonl", MET), "--json").stdout)
    # p1 (5 − 4) / 8 = 0.125, p2 1: mean 0.5625
    assert set(found["score"]) == {"value", "low", "high", "n", "unit"} and found["score"]["value"] == 0.5625
    assert found["bounds"] == [0.5625, 0.5625] and found["abstained"] == 0
    assert found["tags"]["axis:accuracy"]["value"] == 1.0 and found["tags"]["theme:hedging"]["value"] == 0.125
    assert "axis:communication_quality" not in found["tags"]  # it has no positive points anywhere
    assert all(set(one) == {"value", "low", "high", "n", "unit"} for one in found["tags"].values())


def test_the_table_shows_the_bounds_and_the_abstentions(files):
    met = [MET[0] | {"met": [True, None, True]}, MET[1] | {"judge": "rule one"}]
    met[0]["judge"] = "rule one"
    done = run("healthbench", files("d.jsonl", SET), files("v.jsonl", met))
    assert "0.5625 … 0.7500" in done.stdout and "undecided" in done.stdout and "rule one" in done.stdout
    assert "1 of 4 verdicts (25.0%)" in done.stdout
    assert "1 of 4 verdicts, more than 5.0%" in done.stderr


def test_too_many_abstentions_fail_by_the_share_that_is_set(files):
    data, verdicts = files("d.jsonl", SET), files("v.jsonl", [MET[0] | {"met": [True, None, True]}, MET[1]])
    done = run("healthbench", data, verdicts, "--most-abstained", "0.2", "--json", code=1)
    assert (
        json.loads(done.stdout)["abstained"] == 1 and "more than 20.0%" in done.stderr and done.stderr.count("\n") == 1
    )
    assert run("healthbench", data, verdicts, "--most-abstained", "0.25", "--json").stderr == ""
    assert "more than 5.0%" in run("healthbench", data, verdicts, "--json").stderr


def test_the_other_suites_of_the_contract(files):
    data = files("c.jsonl", [{"id": "a", "harmful_level": 2}, {"id": "b", "harmful_level": 0}])
    said = files("cv.jsonl", [{"id": "a", "label": "Caution"}, {"id": "b", "label": None}])
    found = json.loads(run("cares", data, said, "--json").stdout)
    assert found["score"]["value"] == 0.5 and found["bounds"] == [0.25, 0.75] and found["abstained"] == 1
    assert found["tags"]["harm_level:0"] is None and found["tag_bounds"]["harm_level:0"] == [0.0, 1.0]
    said = files("mv.jsonl", [{"id": "a", "R1": 0, "R2": 0, "Q1": 1, "Q2": 1, "Q3": 0, "Q4": 1}])
    found = json.loads(run("medes", files("m.jsonl", [{"id": "a"}]), said, "--json").stdout)
    assert found["score"]["value"] == 0.75 and found["metrics"]["risk_rate"]["value"] == 0.0
    assert "Comprehensive, higher is better" in run("medes", files("m.jsonl", [{"id": "a"}]), said).stdout


def test_subsets_and_length(files, tmp_path):
    data, verdicts = files("d.jsonl", SET), files("v.jsonl", MET)
    ids = tmp_path / "hard.txt"
    ids.write_text("p1\n", encoding="utf-8")
    assert json.loads(run("healthbench", data, verdicts, "--ids", str(ids), "--json").stdout)["score"]["value"] == 0.125
    found = json.loads(run("healthbench", data, verdicts, "--consensus", "--json").stdout)
    assert found["score"]["value"] == 1.0 and found["n"] == 1
    answers = files("a.jsonl", [{"prompt_id": name, "response": "x" * 2500} for name in ("p1", "p2")])
    found = json.loads(
        run("healthbench", data, verdicts, "--answers", answers, "--length-adjust", "hard", "--json").stdout
    )
    assert found["score"]["value"] == pytest.approx(0.5625 - 0.0392)
    assert found["metrics"]["unadjusted"]["value"] == 0.5625


def test_labels_of_people_correct_the_score_whole_and_by_tag(files):
    # one criterion of 1 point each; people .5 on the four labelled, the judge 1 there and 1/2 on the other four
    rows = [
        {
            "prompt_id": f"q{n}",
            "prompt": SET[0]["prompt"],
            "rubrics": [{"criterion": "c", "points": 1, "tags": ["axis:a"]}],
        }
        for n in range(8)
    ]
    said = [{"prompt_id": f"q{n}", "met": [n < 6]} for n in range(8)]
    labels = [{"prompt_id": f"q{n}", "rater": "r", "met": [n % 2 == 0]} for n in range(4)]
    paths = files("d.jsonl", rows), files("v.jsonl", said), "--labels", files("l.jsonl", labels)
    found = json.loads(run("healthbench", *paths, "--json").stdout)
    whole = found["corrected"]["overall"]
    assert found["score"]["value"] == whole["naive"]["value"] == 0.75 and whole["n_labelled"] == 4
    assert whole["classical"]["value"] == 0.5 and whole["tuning"] == 0.0  # the judge did not vary where people labelled
    assert whole["ppi"]["value"] == 0.5 and set(whole["ppi"]) == {"value", "low", "high", "n", "unit"}
    assert "sum to at most 1" in whole["rogan_gladen"]["undefined"]
    assert found["corrected"]["axis:a"] == whole
    shown = run("healthbench", *paths).stdout
    assert "0.500 [" in shown and "undefined (overall, axis:a)" in shown and "by lot" in shown
    assert "corrected" not in json.loads(run("healthbench", *paths[:2], "--json").stdout)


def test_what_is_wrong_is_one_line(files, capsys):
    data, verdicts = files("d.jsonl", SET), files("v.jsonl", MET)
    assert "'p2' has no row" in refused(capsys, "healthbench", data, files("one.jsonl", MET[:1]), "--json")
    assert "one.jsonl:1" in refused(
        capsys, "healthbench", data, files("one.jsonl", [{"prompt_id": "p1", "met": [True]}])
    )
    assert "are not for cares" in refused(capsys, "cares", data, verdicts, "--consensus")
    assert "give --answers" in refused(capsys, "healthbench", data, verdicts, "--length-adjust", "regular")
    assert "are for healthbench" in refused(capsys, "cares", data, verdicts, "--labels", data)
    assert "chances go with labels" in refused(capsys, "healthbench", data, verdicts, "--sampling", data)
    strange = files("l.jsonl", [{"prompt_id": "p9", "rater": "r", "met": [True]}])
    assert "l.jsonl:1" in refused(capsys, "healthbench", data, verdicts, "--labels", strange)
    assert "is not one of" in refused(capsys, "nosuch", data, verdicts)
    assert "nan is not a share" in refused(capsys, "healthbench", data, verdicts, "--most-abstained", "nan")
    assert "2.0 is not in the range" in refused(capsys, "healthbench", data, verdicts, "--most-abstained", "2")
    assert "cannot be read" in refused(capsys, "healthbench", data + ".not", verdicts)


def test_the_command_names_the_suites_there_are():
    from primum.cli.eval_score import score

    assert list(score.params[0].type.choices) == list(SUITES)


ANSWERS = [
    {"prompt_id": "p1", "response": "Drink about two litres a day, more in the heat."},
    {"prompt_id": "p2", "response": "头痛多久了？请先说明。"},
]


def test_a_named_judge_reads_the_answers_first(files, tmp_path):
    judge = tmp_path / "judge.toml"
    judge.write_text('kind = "criteria_rule"\n', encoding="utf-8")
    data, answers, out = files("d.jsonl", SET), files("a.jsonl", ANSWERS), tmp_path / "v.jsonl"
    found = json.loads(run("healthbench", data, str(out), "--answers", answers, "--judge", str(judge), "--json").stdout)
    written = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["prompt_id"] for row in written] == ["p1", "p2"] and len(written[0]["met"]) == 3
    assert found["asked"] == 4 and found["abstained"] == sum(row["met"].count(None) for row in written)
    again = json.loads(run("healthbench", data, str(out), "--json").stdout)
    assert again["score"] == found["score"]


def test_the_judge_is_shown_by_its_name_and_kept_by_its_id(files, tmp_path):
    judge = tmp_path / "judge.toml"
    judge.write_text('kind = "criteria_rule"\n', encoding="utf-8")
    given = ["healthbench", files("d.jsonl", SET), str(tmp_path / "v.jsonl")]
    shown = run(*given, "--answers", files("a.jsonl", ANSWERS), "--judge", str(judge)).stdout
    found = json.loads(run(*given, "--json").stdout)
    assert found["judge"].startswith("judgeref-") and found["judge_name"] == "criterion rules"
    assert "judge: criterion rules" in shown and "judgeref-" not in shown
    (tmp_path / "v.jsonl.judge.json").unlink()  # nobody says what it is called
    assert f"judge: {found['judge']}" in run(*given).stdout


def test_a_way_out_is_one_that_the_command_has(files, tmp_path, capsys):
    judge, out = tmp_path / "judge.toml", tmp_path / "v.jsonl"
    judge.write_text('kind = "criteria_rule"\n', encoding="utf-8")
    answers, data = files("a.jsonl", ANSWERS), files("d.jsonl", SET)
    given = ["healthbench", data, str(out), "--answers", answers, "--judge", str(judge)]
    run(*given)
    before = out.read_text(encoding="utf-8")
    judge.write_text('kind = "criteria_reader"\n', encoding="utf-8")
    told = refused(capsys, *given)
    assert "another judge" in told and "name another file for VERDICTS, or remove this one" in told
    assert out.read_text(encoding="utf-8") == before
    (tmp_path / "v.jsonl.judge.json").write_text("{", encoding="utf-8")
    again = refused(capsys, *given)
    same = refused(capsys, "healthbench", data, answers, "--answers", answers, "--judge", str(judge))
    assert "VERDICTS" in same and "(eval score)" in same
    assert not any(option in said for said in (told, again, same) for option in ("--out", "--force"))
    out.unlink()
    (tmp_path / "v.jsonl.judge.json").unlink()
    run(*given)  # it was the way out


@pytest.mark.parametrize("more", [["medes", "--answers"], ["healthbench"]])
def test_a_judge_without_answers_or_of_another_suite_is_refused(files, tmp_path, capsys, more):
    judge = tmp_path / "judge.toml"
    judge.write_text('kind = "criteria_rule"\n', encoding="utf-8")
    suite, *option = more
    given = [*option, files("a.jsonl", ANSWERS)] if option else []
    told = refused(capsys, suite, files("d.jsonl", SET), str(tmp_path / "v.jsonl"), *given, "--judge", str(judge))
    assert "--judge" in told and not (tmp_path / "v.jsonl").exists()
