"""`primum eval compare` as a person meets it: what it prints, what it refuses, and that its numbers are those of the suites."""

import json

import pytest

from primum.cli import eval_compare
from primum.cli.__main__ import main
from primum.cycles.contrasting import compare_files, compare_workspaces
from primum.cycles.scoring import score_files
from primum.evaluation import contrast_suites
from primum.evaluation.suites.files import answer_digest
from primum.records import (
    ByRule,
    Choice,
    Estimate,
    Judgement,
    JudgeRef,
    Met,
    NotMet,
    PolicyRef,
    Report,
    Response,
    Scenario,
    Turn,
    Verdict,
)
from primum.records.evidence import Comparison
from primum.store import Store

RULE = ByRule(rule="test")
AXES = ("accuracy", "completeness", "hedging")


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def verdicts(judge, model, met, names):
    return [
        {"prompt_id": name, "met": said, "judge": judge, "answer": answer_digest(f"{model} {name}")}
        for name, said in zip(names, met, strict=True)
    ]


@pytest.fixture
def files(tmp_path):
    """Four prompts with criteria of 5, 3 and −4 points. Model 1 meets what model 0 does not; judge 1 also sees the fault in p3."""
    names = ["p0", "p1", "p2", "p3"]
    data = [
        {
            "prompt_id": name,
            "prompt": [{"role": "user", "content": "…"}],
            "rubrics": [
                {"criterion": f"point {place}", "points": points, "tags": [f"axis:{AXES[place]}"]}
                for place, points in enumerate((5, 3, -4))
            ],
            "example_tags": ["theme:rounds" if name == "p0" else "theme:consent"],
        }
        for name in names
    ]
    old = [[True, False, False], [False, True, False], [False, False, False], [True, True, False]]
    new = [[True, True, False], [True, True, False], [False, True, None], [True, True, False]]
    harsh = [[True, True, False], [True, True, False], [False, True, None], [True, True, True]]
    write(tmp_path / "data.jsonl", data)
    write(tmp_path / "before.jsonl", verdicts("j0", "m0", old, names))
    write(tmp_path / "after.jsonl", verdicts("j1", "m1", harsh, names))
    write(tmp_path / "crossed.jsonl", verdicts("j0", "m1", new, names))
    write(tmp_path / "late.jsonl", verdicts("j1", "m1", harsh[:2], names[:2]))
    return tmp_path


def compare(folder, *arguments):
    main(["eval", "compare", *(str(folder / one) if one.endswith(".jsonl") else one for one in arguments)])


def refused(capsys, folder, *arguments):
    with pytest.raises(SystemExit) as ended:
        compare(folder, *arguments)
    told = capsys.readouterr()
    assert ended.value.code == 2 and not told.out and told.err.count("\n") == 1
    return told.err


def test_json_holds_the_hand_worked_numbers(files, capsys):
    compare(files, "data.jsonl", "before.jsonl", "after.jsonl", "--new-by-old", "crossed.jsonl", "--json")
    found = json.loads(capsys.readouterr().out)
    # Scores by eighths: before 5 3 0 8, crossed 8 8 3? 8, after 8 8 3? 4; p2 is undecided. On the other three: 16 → 20 → 24 of 24.
    whole = next(row for row in found["slices"] if row["by"] == "all")
    assert (whole["before"], whole["after"]) == (pytest.approx(16 / 24), pytest.approx(20 / 24))
    assert (
        whole["difference"]["value"] == pytest.approx(4 / 24) and whole["difference"]["n"] == 3 and whole["pairs"] == 4
    )
    assert whole["bounds"] == pytest.approx([(4 - 1) / 32, (4 + 3) / 32])
    parts = next(one for one in found["split"]["parts"] if one["by"] == "all")
    assert parts["order"] == "old judge first"
    assert [parts[name]["difference"]["value"] for name in ("total", "model", "judge")] == pytest.approx(
        [4 / 24, 8 / 24, -4 / 24]
    )
    flips = {one["step"]: one for one in found["flips"]}
    assert (flips["before to after"]["points_won"], flips["before to after"]["faults_new"]) == (3, 1)
    assert (
        flips["the judge, on the new answers"]["flipped"] == flips["the judge, on the new answers"]["faults_new"] == 1
    )
    assert found["tests"] == len([row for row in found["slices"] if row["p"] is not None])
    assert found["runs"]["before"]["judge"] == "j0" and found["suite"] == "healthbench"


def test_a_person_reads_a_table_and_a_paragraph(files, capsys):
    compare(
        files,
        "data.jsonl",
        "before.jsonl",
        "after.jsonl",
        "--new-by-old",
        "crossed.jsonl",
        "--by",
        "axis",
        "--stop-early",
    )
    told = capsys.readouterr().out
    assert "axis:accuracy" in told and "theme:rounds" not in told and "adjusted p" in told
    assert "the model did +0.3333" in told and "the judge −0.1667" in told
    assert "in one order: the model by the old judge, then the judge on the new answers" in told
    assert "looked at after each scenario: not decided by all 3" in told
    assert "Note: Score: a judge abstained in 1 of 4 pairs" in told and "faults gone" in told


def test_two_judges_without_a_crossing_are_shown_and_not_split(files, capsys):
    compare(files, "data.jsonl", "before.jsonl", "after.jsonl")
    told = capsys.readouterr().out
    assert "Score rose by 0.1667" in told
    refusal = next(line for line in told.splitlines() if "cannot be split" in line)
    assert "the judges differ (j0 and j1)" in refusal and "--new-by-old" in refusal and "--old-by-new" in refusal


def test_one_judge_needs_no_crossing(files, capsys):
    compare(files, "data.jsonl", "before.jsonl", "crossed.jsonl", "--new-by-old", "crossed.jsonl")
    told = capsys.readouterr().out
    assert "all of it is the model's" in told and "The crossing was not needed" in told


def test_prompts_in_one_file_only_are_named(files, capsys):
    compare(files, "data.jsonl", "before.jsonl", "late.jsonl", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["paired"], found["only_before"], found["only_after"]) == (2, ["p2", "p3"], [])
    assert "2 scenarios only in the run before, and in no number here: p2, p3" in found["notes"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("data.jsonl", "before.jsonl"), "name three files"),
        (("data.jsonl", "before.jsonl", "gone.jsonl"), "gone.jsonl"),
        (("data.jsonl", "before.jsonl", "data.jsonl"), "data.jsonl:1"),
        (("data.jsonl", "before.jsonl", "after.jsonl", "--by", "colour"), "choose of axis, theme"),
        (("data.jsonl", "before.jsonl", "after.jsonl", "--new-by-old", "before.jsonl"), "with another answer"),
        (("data.jsonl", "before.jsonl", "after.jsonl", "--new-by-old", "after.jsonl"), "and not by 'j0'"),
        (("data.jsonl", "before.jsonl", "after.jsonl", "--old-by-new", "late.jsonl"), "'p2' and 1 more is not in it"),
        (("data.jsonl", "before.jsonl", "after.jsonl", "--against", "nowhere"), "--workspace and --against"),
        (("--workspace", "nowhere", "--against", "nowhere"), "is not a workspace"),
    ],
)
def test_what_does_not_fit_is_one_line(files, capsys, arguments, told):
    assert told in refused(capsys, files, *arguments)


STANCES = ("Accept", "Caution", "Refuse", "Refuse", "Refuse", "Accept", "Caution", None)
SIX = ("R1", "R2", "Q1", "Q2", "Q3", "Q4")
RULINGS = ((0, 0, 1, 1, 0, 1), (-1, 0, 1, 1, 1, 1), (0, 0, 0, 1, 0, 0))
LABELS = ("1_full_compliance", "3_partial_refusal", "full_refusal", "2_full_refusal", "full_compliance")
SUITES = {  # the set, what was said, and (metric here, where the suite's own number stands)
    "cares": (
        [{"id": n, "harmful_level": n % 4, "method": "direct", "base_prompt": f"b{n // 2}"} for n in range(8)],
        [{"label": label} for label in STANCES],
        [
            ("safety score", "score", None),
            ("unsafe compliance", "metrics", "unsafe_compliance"),
            ("over-refusal", "metrics", "over_refusal"),
        ],
    ),
    "medes": (
        [{"id": n, "scene": "routine care"} for n in range(3)],
        [dict(zip(SIX, row, strict=True)) for row in RULINGS],
        [("comprehensive", "score", None), ("risk rate", "metrics", "risk_rate")],
    ),
    "medsafety": (
        [{"id": n, "principle": 1 + n % 2} for n in range(4)],
        [{"harmfulness": value} for value in (1, 5, 2, 2)],
        [("harmfulness", "score", None)],
    ),
    "xstest": (
        [{"id": n, "type": "homonyms" if n < 3 else "contrast_homonyms"} for n in range(5)],
        [{"label": label} for label in LABELS],
        [("over-refusal", "score", None), ("unsafe compliance", "metrics", "unsafe_compliance")],
    ),
    "choice": (
        [{"id": n, "key": "AC" if n else "B", "scene": "consent"} for n in range(3)],
        [{"answer": answer} for answer in ("b", "CA", "A")],
        [("accuracy", "score", None)],
    ),
}


@pytest.mark.parametrize("suite", SUITES)
def test_the_values_are_those_of_the_suite(tmp_path, suite):
    data, said, metrics = SUITES[suite]
    write(tmp_path / "data.jsonl", data)
    write(tmp_path / "said.jsonl", [{"id": row["id"], **one} for row, one in zip(data, said, strict=True)])
    paths = tmp_path / "data.jsonl", tmp_path / "said.jsonl"
    scored = score_files(suite, *paths)
    found = compare_files(suite, *paths, tmp_path / "said.jsonl")
    rows = {row["metric"]: row for row in found["slices"] if row["by"] == "all"}
    assert set(rows) == {name for name, _, _ in metrics}
    for name, place, key in metrics:
        known = scored[place] if key is None else scored[place][key]
        assert rows[name]["before"] == pytest.approx(known["value"]) and rows[name]["difference"]["n"] == known["n"]
        assert rows[name]["difference"]["value"] == 0 and rows[name]["reading"] == "cannot tell"


def test_the_slices_of_healthbench_are_its_tags(files):
    scored = score_files("healthbench", files / "data.jsonl", files / "before.jsonl")
    found = compare_files("healthbench", files / "data.jsonl", files / "before.jsonl", files / "after.jsonl")
    loaded = contrast_suites.load("healthbench", files / "data.jsonl", files / "before.jsonl")
    assert {f"{one.by}:{one.name}" for one in loaded.run.values if one.by != "all"} == set(scored["tags"])
    rows = {f"{row['by']}:{row['name']}": row for row in found["slices"]}
    assert rows["theme:rounds"]["before"] == pytest.approx(scored["tags"]["theme:rounds"]["value"])
    assert rows["axis:completeness"]["before"] == pytest.approx(scored["tags"]["axis:completeness"]["value"])


def test_a_tag_of_an_example_and_of_a_fault_alone_has_the_value_of_the_example(tmp_path):
    row = {
        "prompt_id": "p",
        "prompt": [{"role": "user", "content": "…"}],
        "rubrics": [{"criterion": "a", "points": 4}, {"criterion": "b", "points": -2, "tags": ["theme:x"]}],
        "example_tags": ["theme:x"],
    }
    data = write(tmp_path / "data.jsonl", [row])
    said = write(tmp_path / "said.jsonl", [{"prompt_id": "p", "met": [True, True]}])
    found = contrast_suites.load("healthbench", data, said).run.values
    assert {one.name: span["p"].low for one, span in found.items()} == {"all": 0.5, "x": 0.5}
    assert score_files("healthbench", data, said)["tags"]["theme:x"]["value"] == 0.5


def test_the_command_names_every_suite():
    assert set(eval_compare._SUITES) == set(contrast_suites.SUITES)


# Two finished runs


def finished(folder, stances, text, letters="AB", fingerprint="f" * 64):
    """A workspace with a report: four open scenarios, of which one is harmless, and two choice questions answered A."""
    judge = JudgeRef(name="guardian", kind_of="guardian", fingerprint=fingerprint, made=RULE)
    rule = JudgeRef(name="choice", kind_of="rule", fingerprint="c" * 64, made=RULE)
    policies = [
        PolicyRef(
            name=name, path=name, weights=text, stage="sft", architecture="tiny", parameters=1, made=RULE, settings=name
        )
        for name in ("old", "new")
    ]
    records, judgements = [judge, rule, *policies], []
    for number, stance in enumerate(stances):
        scenario = Scenario(
            messages=(Turn(role="user", content=f"question {number}"),),
            task="open",
            dimension="consent",
            language="en",
            dataset="sample",
            made=RULE,
            harm_level=3 if number else 0,
        )
        records.append(scenario)
        for policy, own in zip(policies, ("refuse", stance), strict=True):
            answer = Response(scenario=scenario.id, text=f"{text} {number}", made=RULE, policy=policy.id)
            reason = "not read" if own == "abstained" else ""
            judged = Judgement(response=answer.id, judge=judge.id, stance=own, reason=reason)
            records += [answer, judged]
            judgements.append(judged.id)
    for number, letter in enumerate(letters):
        scenario = Scenario(
            messages=(Turn(role="user", content=f"choice {number}"),),
            task="single_choice",
            dimension="privacy",
            language="zh",
            dataset="sample",
            made=RULE,
            options=(Choice(letter="A", text="one"), Choice(letter="B", text="two")),
            key=("A",),
        )
        answer = Response(scenario=scenario.id, text=letter, made=RULE, policy=policies[1].id)
        said = Verdict(response=answer.id, criterion="c", judge=rule.id, outcome=Met() if letter == "A" else NotMet())
        judged = Judgement(response=answer.id, judge=rule.id, stance="accept", verdicts=(said.id,))
        records += [scenario, answer, said, judged]
        judgements.append(judged.id)
    one = Estimate(value=0.0, low=0.0, high=0.0, n=1, unit="cluster")
    comparison = Comparison(by="all", name="all", metric="unusable", before=one, after=one, difference=one)
    report = Report(
        run=text, recipe="sample", before=policies[0].id, after=policies[1].id, judge=judge.id,
        comparisons=(comparison,), judgements=tuple(judgements),
    )  # fmt: skip
    folder.mkdir(exist_ok=True)
    with Store.open(folder) as store, store.writing() as writer:
        writer.put([*records, report])
    return report.id


def test_two_workspaces_are_compared_by_the_policies_they_ended_with(tmp_path, capsys):
    finished(tmp_path / "one", ["refuse", "accept", "accept", "refuse"], "one", "AB")
    finished(tmp_path / "two", ["accept", "refuse", "refuse", "refuse"], "two", "AA")
    main(["eval", "compare", "--workspace", str(tmp_path / "one"), "--against", str(tmp_path / "two"), "--json"])
    found = json.loads(capsys.readouterr().out)
    rows = {row["metric"]: row for row in found["slices"] if row["by"] == "all"}
    # CARES: level 0 accepted 1; level 3 refused 1. Before 0 0 0 1, after 1 1 1 1.
    assert (rows["safety_score"]["before"], rows["safety_score"]["after"]) == (0.25, 1.0)
    assert (rows["unsafe_compliance"]["before"], rows["unsafe_compliance"]["after"]) == (pytest.approx(2 / 3), 0.0)
    assert (rows["choice_accuracy"]["before"], rows["choice_accuracy"]["after"]) == (0.5, 1.0)
    assert found["paired"] == 6 and found["runs"]["before"]["policy_name"] == "new"
    assert any("all of it is the model's" in line for line in found["split"]["told"])


def test_runs_under_two_judges_split_only_what_one_judge_judged(tmp_path):
    finished(tmp_path / "one", ["refuse", "accept", "abstained", "refuse"], "one")
    finished(tmp_path / "two", ["accept", "refuse", "refuse", "refuse"], "two", "BA", fingerprint="e" * 64)
    found = compare_workspaces(tmp_path / "one", tmp_path / "two", ["language"])
    assert {one["metric"] for one in found["split"]["parts"]} == {"choice_accuracy"}
    assert "cannot be split between model and judge: the judges differ" in found["split"]["told"][-1]
    assert found["split"]["told"][-1].endswith("Let one judge judge both runs, and compare again.")


def test_two_reports_of_one_workspace_are_named_by_their_ids(tmp_path, capsys):
    first = finished(tmp_path / "one", ["refuse", "accept", "accept", "refuse"], "one")
    last = finished(tmp_path / "one", ["accept", "accept", "accept", "refuse"], "two")
    folder = tmp_path / "one"
    found = compare_workspaces(folder, folder, reports=(first[:20], None))
    assert (found["runs"]["before"]["report"], found["runs"]["after"]["report"]) == (first, last)
    given = ["--workspace", str(folder), "--against", str(folder), "--report"]
    for wrong, told in (
        ("report-00000000", "is not in the store"),
        (found["runs"]["before"]["policy"], "not a report"),
    ):
        with pytest.raises(SystemExit):
            main(["eval", "compare", *given, wrong])
        assert told in capsys.readouterr().err
