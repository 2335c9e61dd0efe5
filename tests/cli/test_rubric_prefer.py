"""`primum rubric prefer` as a person meets it, judged over real HTTP; and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from primum.cli.__main__ import main
from primum.cycles import preferring
from primum.cycles.preferring import PreferOrder, prefer_answers
from primum.cycles.workspace import Workspace
from primum.errors import InputError, StoreError
from primum.records import JudgeRef, Preference, Reward
from primum.rewards import PairSettings, RewardSettings
from primum.store import Store
from servers import ScriptedServer

RULES = [
    {"criterion": "Names chest pain as a warning sign.", "points": 7, "tags": ["axis:accuracy"]},
    {"criterion": "Advises drinking enough water.", "points": 5, "tags": ["axis:completeness"]},
    {"criterion": "Sells a miracle potion.", "points": -9, "tags": ["axis:accuracy", "kind:safety"]},
]
ANSWERS = [
    "Chest pain is a warning sign. Advises drinking enough water.",
    "Drinking enough water helps.",
    "Chest pain is a warning sign, drinking enough water helps, and I sell a miracle potion.",
    "Drinking   enough water helps.",
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def asked(number: int) -> dict[str, Any]:
    prompt = [{"role": "user", "content": f"I caught a cold on day {number}. What now?"}]
    return {"prompt_id": f"q{number}", "prompt": prompt, "rubrics": RULES, "example_tags": []}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    data = write(tmp_path / "data.jsonl", [asked(1), asked(2)])
    rows = [{"prompt_id": f"q{number}", "response": text} for number in (1, 2) for text in ANSWERS]
    return data, write(tmp_path / "answers.jsonl", rows)


def judge(folder: Path, server: ScriptedServer, name: str = "judge.toml", model: str = "one") -> Path:
    path = folder / name
    path.write_text(
        f'kind = "chat"\n[chat]\nasks_stance = false\n[[endpoints]]\nbase_url = "{server.url}"\nmodel = "{model}"\nis_scripted = true\n'
    )
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_answers_become_pairs_approvals_and_a_ranking(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, kto, ranking = (tmp_path / name for name in ("pairs.jsonl", "kto.jsonl", "ranking.jsonl"))
    with ScriptedServer() as server:
        asked_for = ["rubric", "prefer", *map(str, files), "--judge", str(judge(tmp_path, server)), "--out", str(out)]
        main(
            [
                *asked_for,
                "--approvals",
                str(kto),
                "--ranking",
                str(ranking),
                "--workspace",
                str(tmp_path / "w"),
                "--json",
            ]
        )
    told = json.loads(capsys.readouterr().out)
    assert (told["queries"], told["answers"], told["preferences"], told["abstained"]) == (2, 8, 6, 0)
    pairs = read(out)
    assert {(one["chosen"][0]["content"], one["rejected"][0]["content"]) for one in pairs} == {
        (ANSWERS[0], ANSWERS[1]),
        (ANSWERS[0], ANSWERS[2]),
        (ANSWERS[1], ANSWERS[2]),  # a veto loses against everything
    }
    assert {round(one["margin"], 3) for one in pairs} == {0.583, 1.5, 0.917}
    assert [one["place"] for one in read(ranking)[:4]] == [1, 2, 3, 4]
    assert {one["completion"][0]["content"]: one["label"] for one in read(kto)} == {ANSWERS[0]: True, ANSWERS[2]: False}
    with Store.open(tmp_path / "w", create=False) as store:
        kept = list(store.all(Preference))
        assert {one.id for one in kept} == {one["id"] for one in pairs}
        assert all(store.has(id) for one in kept for _, id in one.parents())
        assert len(list(store.all(Reward))) == 8
        assert store.verify() == []


def test_pairs_can_be_read_by_a_trainer(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "pairs.jsonl"
    with ScriptedServer() as server:
        main(["rubric", "prefer", *map(str, files), "--judge", str(judge(tmp_path, server)), "--out", str(out)])
    from datasets import load_dataset
    from trl.data_utils import is_conversational

    rows = load_dataset("json", data_files=str(out), split="train", cache_dir=str(tmp_path / "cache"))
    assert {"prompt", "chosen", "rejected", "margin"} <= set(rows.column_names)
    assert is_conversational(rows[0])


@pytest.mark.parametrize("shared", ["data", "judge"])
def test_what_will_measure_may_not_teach(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], shared: str
) -> None:
    out = tmp_path / "pairs.jsonl"
    with ScriptedServer() as server:
        path = judge(tmp_path, server)
        measured = files[0] if shared == "data" else write(tmp_path / "other.jsonl", [asked(7)])
        # The same model asked in another way is still the same judge.
        second = judge(tmp_path, server, "second.toml", "one" if shared == "judge" else "two")
        second.write_text(
            second.read_text().replace("asks_stance = false", "asks_stance = false\ncriteria_per_call = 2")
        )
        with pytest.raises(SystemExit) as ended:
            main(
                [
                    *["rubric", "prefer", *map(str, files), "--judge", str(path), "--out", str(out)],
                    *["--measured", str(measured), "--measured-judge", str(second)],
                ]
            )
        assert not server.calls
    assert ended.value.code == 2
    assert "would both train and measure" in capsys.readouterr().err
    assert not out.exists()


def test_apart_is_apart(files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, other = tmp_path / "pairs.jsonl", write(tmp_path / "other.jsonl", [asked(7)])
    with ScriptedServer() as server:
        paths = [str(judge(tmp_path, server)), str(judge(tmp_path, server, "second.toml", "two"))]
        main(
            [
                *["rubric", "prefer", *map(str, files), "--judge", paths[0], "--out", str(out)],
                *["--measured", str(other), "--measured-judge", paths[1]],
            ]
        )
    told = capsys.readouterr().out
    assert "6 preferences" in told
    assert "was not named" not in told


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"prompt_id": "q9", "response": "x"}], "is to no query of the set"),
        ([], "answers.jsonl"),
        ([{"prompt_id": "q1"}], "answers.jsonl:1"),
    ],
)
def test_answers_that_do_not_fit_are_one_line_and_nothing_is_written(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[dict[str, Any]], said: str
) -> None:
    write(files[1], rows)
    out = tmp_path / "pairs.jsonl"
    with ScriptedServer() as server, pytest.raises(SystemExit) as ended:
        main(["rubric", "prefer", *map(str, files), "--judge", str(judge(tmp_path, server)), "--out", str(out)])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not out.exists()


def test_a_file_that_is_there_is_not_written_over(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = write(tmp_path / "pairs.jsonl", [{"mine": 1}])
    with ScriptedServer() as server, pytest.raises(SystemExit):
        main(["rubric", "prefer", *map(str, files), "--judge", str(judge(tmp_path, server)), "--out", str(out)])
    assert "is there already" in capsys.readouterr().err
    assert read(out) == [{"mine": 1}]


def test_a_workspace_in_use_leaves_no_file_behind(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pairs.jsonl"
    with ScriptedServer() as server, Workspace(tmp_path / "w", is_writer=True), pytest.raises(SystemExit):
        given = ["--judge", str(judge(tmp_path, server)), "--out", str(out), "--workspace", str(tmp_path / "w")]
        main(["rubric", "prefer", *map(str, files), *given])
    assert "is in use" in capsys.readouterr().err
    assert not out.exists()


def test_a_kind_that_is_none_is_refused(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = asked(1)
    row["rubrics"] = [{**RULES[0], "tags": ["kind:lovely"]}]
    write(files[0], [row])
    write(files[1], [{"prompt_id": "q1", "response": "x"}])
    with ScriptedServer() as server, pytest.raises(SystemExit):
        out = str(tmp_path / "pairs.jsonl")
        main(["rubric", "prefer", *map(str, files), "--judge", str(judge(tmp_path, server)), "--out", out])
    assert "names no kind of criterion" in capsys.readouterr().err


PANEL = 'kind = "panel"\n[[members]]\nkind = "criteria_rule"\n[[members]]\nkind = "criteria_reader"\n'
RULE = 'kind = "criteria_rule"\n'


def named(folder: Path, text: str, name: str = "judge.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_the_members_of_a_panel_are_kept_beside_it(files: tuple[Path, Path], tmp_path: Path) -> None:
    order = PreferOrder(*files, named(tmp_path, PANEL), tmp_path / "pairs.jsonl", workspace=tmp_path / "w")
    assert prefer_answers(order)["judge"]["kind"] == "panel"
    with Store.open(tmp_path / "w", create=False) as store:
        assert store.verify() == []
        panel = next(one for one in store.all(JudgeRef) if one.kind_of == "panel")
        assert all(store.has(one) for one in panel.members)


def test_rewards_are_stored_as_the_pairs_were_made(files: tuple[Path, Path], tmp_path: Path) -> None:
    settings = PairSettings(reward=RewardSettings(alpha=0.3, beta=0.4, veto_weight=4.0))
    ranking, pairs = tmp_path / "ranking.jsonl", tmp_path / "pairs.jsonl"
    order = PreferOrder(*files, named(tmp_path, RULE), pairs, ranking=ranking, workspace=tmp_path / "w")
    prefer_answers(order._replace(settings=settings))
    told = sorted(one["reward"][0] for one in read(ranking) if not one["abstained"])
    with Store.open(tmp_path / "w", create=False) as store:
        assert sorted(one.value for one in store.all(Reward)) == pytest.approx(told)
    assert min(told) < -2  # a veto weighs 4 here


def test_a_workspace_that_cannot_be_is_told_before_a_judge_is_asked(files: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "w").write_text("a file", "utf-8")
    with ScriptedServer() as server:
        order = PreferOrder(*files, judge(tmp_path, server), tmp_path / "pairs.jsonl", workspace=tmp_path / "w")
        with pytest.raises(StoreError):
            prefer_answers(order)
        assert not server.calls
    assert not (tmp_path / "pairs.jsonl").exists()


def test_where_a_file_cannot_be_written_nothing_is_stored(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        raise StoreError(f"file '{path}'", "cannot be written (No space left)", "free space", str(path))

    monkeypatch.setattr(preferring, "write_whole", full)
    order = PreferOrder(*files, named(tmp_path, RULE), tmp_path / "pairs.jsonl", workspace=tmp_path / "w")
    with pytest.raises(StoreError, match="No space left"):
        prefer_answers(order)
    with Store.open(tmp_path / "w", create=False) as store:
        assert store.count() == {}


def test_a_principle_behind_both_files_is_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    def tagged(number: int, *ids: str) -> dict[str, Any]:
        tags = [f"principle:{id}" for id in ids]
        return {**asked(number), "rubrics": [{**RULES[0], "tags": [*RULES[0]["tags"], *tags]}, RULES[1]]}

    write(files[0], [tagged(1, "principle-a", "principle-b"), asked(2)])
    order = PreferOrder(*files, named(tmp_path, RULE), tmp_path / "pairs.jsonl")
    with pytest.raises(InputError, match="principle principle-b would both train and measure"):
        prefer_answers(order._replace(measured=write(tmp_path / "m.jsonl", [tagged(7, "principle-b")])))
    assert not order.out.exists()
    found = prefer_answers(order._replace(measured=write(tmp_path / "m.jsonl", [tagged(7, "principle-c")])))
    assert found["kept_apart"]


def test_the_model_on_a_panel_that_measures_may_not_teach(files: tuple[Path, Path], tmp_path: Path) -> None:
    with ScriptedServer() as server:
        alone = judge(tmp_path, server)
        told = alone.read_text("utf-8").replace('kind = "chat"', 'kind = "chat"\n')
        member = told.replace("[chat]", "[members.chat]\ncriteria_per_call = 2").replace(
            "[[endpoints]]", "[[members.endpoints]]"
        )
        panel = named(tmp_path, f'kind = "panel"\n[[members]]\n{RULE}[[members]]\n{member}', "panel.toml")
        order = PreferOrder(*files, alone, tmp_path / "pairs.jsonl", measured_judge=panel)
        with pytest.raises(InputError, match="judge model one"):
            prefer_answers(order)
        with pytest.raises(InputError, match="judge model one"):
            prefer_answers(order._replace(judge=panel, measured_judge=alone))
        assert not server.calls
