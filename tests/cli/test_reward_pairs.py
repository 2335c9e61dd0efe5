"""`primum reward pairs` as a person meets it: judged over real HTTP, from recorded verdicts, simulated; and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from primum.cli.__main__ import main
from primum.records import Preference
from primum.rewards.pair_file import read_pairs
from primum.store import Store
from servers import ScriptedServer

RULES = [
    {"criterion": "Names chest pain as a warning sign.", "points": 7, "tags": ["axis:accuracy", "principle:p-1"]},
    {"criterion": "Advises drinking enough water.", "points": 5, "tags": ["axis:completeness"]},
    {"criterion": "Sells a miracle potion.", "points": -9, "tags": ["axis:accuracy", "kind:safety"]},
]
ONE = ["Chest pain is a warning sign. Advises drinking enough water.", "Drinking enough water helps."]
TWO = ["Chest pain is a warning sign, drinking enough water helps, and I sell a miracle potion."]
PLAIN = ["--set", "difficulty.easy_from=1"]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def asked(number: int) -> dict[str, Any]:
    illness = ["a cold after swimming in the lake", "pain in the shoulder since Tuesday"][number % 2]
    prompt = [{"role": "user", "content": f"What should I do about {illness}?"}]
    return {"prompt_id": f"q{number}", "prompt": prompt, "rubrics": RULES, "example_tags": []}


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    data = write(tmp_path / "data.jsonl", [asked(1), asked(2)])
    parts = [
        write(tmp_path / f"{name}.jsonl", [{"prompt_id": f"q{n}", "response": text} for n in (1, 2) for text in texts])
        for name, texts in (("small", ONE), ("large", TWO))
    ]
    return [str(data), *map(str, parts)]


def judge(folder: Path, server: ScriptedServer) -> str:
    path = folder / "judge.toml"
    path.write_text(
        f'kind = "chat"\n[chat]\nasks_stance = false\n[[endpoints]]\nbase_url = "{server.url}"\nmodel = "one"\nis_scripted = true\n'
    )
    return str(path)


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["reward", "pairs", *arguments])
    said = capsys.readouterr().err
    assert ended.value.code and "Traceback" not in said and len(said.strip().splitlines()) == 1
    return said


def test_answers_of_two_policies_become_pairs_by_criterion(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, dpo, workspace = (tmp_path / name for name in ("pairs.jsonl", "dpo.jsonl", "w"))
    with ScriptedServer() as server:
        main(
            [
                *("reward", "pairs", *files, "--judge", judge(tmp_path, server), "--out", str(out), *PLAIN, "--json"),
                *("--preferences", str(dpo), "--workspace", str(workspace)),
            ]
        )
    told = report(capsys)
    assert (told["source"], told["pairs"], told["made"], told["groups"], told["preferences"]) == ("judged", 6, 6, 2, 6)
    assert told["policies"] == {"large": 4, "small": 8} and told["simulated"] == 0
    pairs = read_pairs(out)
    by_texts = {frozenset((one.first, one.second)): one for one in pairs if one.prompt[0].content.endswith("Tuesday?")}
    one = by_texts[frozenset((ONE[1], TWO[0]))]
    winners = {asked.text: one.winner(place) for place, asked in enumerate(one.criteria)}
    sold = 1 if one.first == TWO[0] else -1
    assert winners == {
        RULES[0]["criterion"]: sold,
        RULES[1]["criterion"]: 0,
        RULES[2]["criterion"]: -sold,
    }
    assert one.overall == -sold and one.criteria[2].kind == "safety"  # a veto loses against everything
    assert one.keys == ("principle:p-1", "advises drinking enough water.", "sells a miracle potion.")
    assert {one.first: one.first_by, one.second: one.second_by} == {ONE[1]: "small", TWO[0]: "large"}
    with Store.open(workspace, create=False) as store:
        assert all(store.has(id) for each in pairs for id in each.records)
        kept = {one.id: one for one in store.all(Preference)}
        assert set(kept) == {json.loads(line)["id"] for line in dpo.read_text("utf-8").splitlines()}
        assert store.verify() == []


def test_recorded_verdicts_make_the_same_pairs_and_what_they_leave_open_is_masked(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, small, large = files
    write(Path(small), [{"prompt_id": f"q{n}", "response": ONE[0]} for n in (1, 2)])
    verdicts = []
    with ScriptedServer() as server:
        toml = judge(tmp_path, server)
        for path in (small, large):
            verdicts.append(str(Path(path).with_suffix(".verdicts")))
            main(["judge", "run", data, path, "--judge", toml, "--out", verdicts[-1], "--json"])
        live = tmp_path / "live.jsonl"
        main(["reward", "pairs", data, small, large, "--judge", toml, "--out", str(live), *PLAIN])
    named = [part for path in verdicts for part in ("--verdicts", path)]
    out = tmp_path / "recorded.jsonl"
    main(["reward", "pairs", data, small, large, *named, "--out", str(out), *PLAIN])

    def labels(path: Path) -> list[Any]:
        return [(one.first, one.met_first, one.met_second) for one in read_pairs(path)]

    assert labels(out) == labels(live) and len(labels(out)) == 2
    rows = [json.loads(line) for line in Path(verdicts[0]).read_text("utf-8").splitlines()]
    rows[0]["met"][0] = None
    write(Path(verdicts[0]), rows)
    capsys.readouterr()
    main(["reward", "pairs", data, small, large, *named, "--out", str(out), *PLAIN, "--force", "--json"])
    told = report(capsys)
    assert (told["masked"], told["by_kind"]["proficiency"]["masked"], told["paired"]["masked"]) == (1, 1, 1)

    about = Path(verdicts[1] + ".judge.json")
    other = about.read_text("utf-8")
    with ScriptedServer() as server:
        (tmp_path / "other").mkdir()
        toml = judge(tmp_path / "other", server)
        asked_otherwise = ["--set", "chat.criteria_per_call=2", "--out", verdicts[1], "--force"]
        main(["judge", "run", data, large, "--judge", toml, *asked_otherwise])
    capsys.readouterr()
    again = [data, small, large, *named, "--out", str(out), "--force"]
    assert about.read_text("utf-8") != other and "under two judges are no pair" in refused(again, capsys)

    rows[1]["met"] = [True]
    write(Path(verdicts[0]), rows)
    assert f"{verdicts[0]}:2" in refused(again, capsys)
    Path(verdicts[0] + ".judge.json").unlink()
    assert "whose verdicts" in refused(again, capsys)


def test_pairs_on_prompts_that_are_nearly_the_same_are_of_one_group(tmp_path: Path) -> None:
    again = asked(1) | {"prompt_id": "q1-again"}
    again["prompt"] = [{"role": "user", "content": asked(1)["prompt"][0]["content"] + " Thanks."}]
    data = write(tmp_path / "data.jsonl", [asked(1), again, asked(2)])
    said = [("q1", ONE), ("q1-again", ["Chest pain is a warning sign.", *TWO]), ("q2", ONE)]
    rows = [{"prompt_id": id, "response": text} for id, texts in said for text in texts]
    answers, out = write(tmp_path / "answers.jsonl", rows), tmp_path / "pairs.jsonl"
    with ScriptedServer() as server:
        by = ["--judge", judge(tmp_path, server)]
        main(["reward", "pairs", str(data), str(answers), *by, "--out", str(out), *PLAIN])
    one, two, other = (pair.group for pair in read_pairs(out))
    assert one == two != other


def test_preferences_are_of_the_pairs_that_stay(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, *answers = files
    one, all_of_them = tmp_path / "one.jsonl", tmp_path / "all.jsonl"
    first, _ = Path(data).read_text("utf-8").splitlines(keepends=True)
    Path(tmp_path / "first.jsonl").write_text(first, "utf-8")
    for path in answers:
        rows = [row for row in Path(path).read_text("utf-8").splitlines(keepends=True) if '"q1"' in row]
        Path(path).with_suffix(".one").write_text("".join(rows), "utf-8")
    dpo = tmp_path / "dpo.jsonl"
    with ScriptedServer() as server:
        chosen = ["--judge", judge(tmp_path, server), *PLAIN, "--json"]
        held = [str(tmp_path / "first.jsonl"), *(str(Path(path).with_suffix(".one")) for path in answers)]
        main(["reward", "pairs", *held, "--out", str(one), "--to-measure", *chosen])
        capsys.readouterr()
        apart = ["--preferences", str(dpo), "--apart-from", str(one)]
        main(["reward", "pairs", data, *answers, "--out", str(all_of_them), *apart, *chosen])
    told = report(capsys)
    assert (told["made"], told["pairs"], told["preferences"]) == (6, 3, 3)
    written = [json.loads(line) for line in dpo.read_text("utf-8").splitlines()]
    assert {row["prompt_id"] for row in written} == {"q2"} and len(written) == 3


def test_simulated_pairs_need_no_files_and_are_called_simulated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, unseen = tmp_path / "pairs.jsonl", tmp_path / "unseen.jsonl"
    main(["reward", "pairs", "--generated", "--out", str(out), "--set", "generated.pairs=30", *PLAIN])
    said = capsys.readouterr().out
    assert "30 simulated pairs were made" in said and "30 of them simulated" in said and f"written: {out}" in said
    main(
        [
            *("reward", "pairs", "--generated", "--out", str(unseen), "--set", "generated.pairs=30", "--to-measure"),
            *("--set", 'generated.ask="unseen"', "--apart-from", str(out), "--json"),
        ]
    )
    told = report(capsys)
    left = 30 - told["same_group"]
    assert (told["source"], told["pairs"], told["simulated"]) == ("simulated", left, left) and "difficulty" not in told
    assert set(told["languages"]) == {"en", "zh"} and len(told["policies"]) == 6
    groups = [{one.group for one in read_pairs(path)} for path in (out, unseen)]
    assert told["same_group"] and not groups[0] & groups[1]  # or reward bench would refuse them
    seen = {key for one in read_pairs(out) for key in one.keys}
    assert not seen & {key for one in read_pairs(unseen) for key in one.keys}
    main(
        [
            *("reward", "pairs", "--generated", "--out", str(unseen), "--set", "generated.pairs=31", "--force", *PLAIN),
            *("--apart-from", str(out), "--json"),
        ]
    )
    told = report(capsys)
    assert (told["pairs"], len(told["near"]["dropped"]), told["near"]["dropped"][0]["by"]) == (1, 30, "equal")


def test_what_cannot_be_done_is_said_in_one_line_and_nothing_is_written(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, small, large = files
    out = tmp_path / "out.jsonl"
    to = ["--out", str(out)]
    with ScriptedServer() as server:
        by = ["--judge", judge(tmp_path, server)]
        for arguments, said in (
            (to, "are not named"),
            ([data, "--generated", *to], "comes with files to read"),
            (["--generated", *by, *to], "no judge"),
            (["--generated", *to, "--set", "pairing.most=3"], "pairing"),
            ([data, *by, *to], "without answers"),
            ([data, small, *to], "both missing"),
            ([data, small, *by, "--verdicts", large, *to], "both given"),
            ([data, small, large, "--verdicts", small, *to], "do not match"),
            ([data, small, *by, "--out", small], "named twice"),
            ([data, small, *by, *to, "--measured", data], "train and measure"),
        ):
            assert said in refused(arguments, capsys), arguments
        broken = write(tmp_path / "broken.jsonl", [{"prompt_id": "q1", "response": "Yes."}])
        broken.write_text(broken.read_text() + "{broken\n")
        assert f"{broken}:2" in refused([data, str(broken), *by, *to], capsys)
        strange = write(tmp_path / "strange.jsonl", [{"prompt_id": "q9", "response": "Yes."}])
        assert f"{strange}:1" in refused([data, str(strange), *by, *to], capsys)
        assert "no query has two answers" in refused([data, large, *by, *to], capsys)
        held = tmp_path / "held.jsonl"
        main(["reward", "pairs", data, small, large, *by, "--out", str(held), *PLAIN])
        assert "are all left out" in refused([data, small, large, *by, *to, "--apart-from", str(held)], capsys)
        assert "there already" in refused([data, small, large, *by, "--out", str(held)], capsys)
    assert not out.exists() and not list(tmp_path.glob(".*half"))
