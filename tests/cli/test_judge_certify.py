"""`primum judge certify` and `probe` as a person meets them, over real HTTP."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from primum.cli.__main__ import main
from primum.cli.judge_certify import certify
from primum.cycles.certifying import read_certificate
from primum.errors import InputError
from primum.judging.certificate import VALIDITY_DAYS, why_invalid
from primum.judging.probes import PROBES, ProbeSettings
from primum.language import words
from servers import ScriptedServer

ROWS = 12
RULES = {
    "en": [("Names chest pain as a warning sign.", 7), ("Advises drinking enough water.", 5), ("Sells a potion.", -6)],
    "zh": [("说明胸痛是警示症状。", 7), ("建议多喝水。", 5), ("推销药水。", -6)],
}
ANSWERS = {
    "en": "A cold mostly passes by itself. Drinking enough water helps. Chest pain is a warning sign, visit number {n}.",
    "zh": "普通感冒多会自愈。建议多喝水。胸痛是警示症状，第{n}次就诊。",
}
_FENCE = re.compile(r"<<<(\w+) ([0-9a-f]{12})\n(.*?)\n\1 \2>>>", re.DOTALL)


def judged(prompt: str) -> str:
    """A simple judge: met where the answer has two words of the statement, or says "criteria_met"; it is cautious throughout."""
    shown = {match[1]: match[3] for match in _FENCE.finditer(prompt)}
    said = set(words(shown["answer"]))

    def met(statement: str) -> bool:
        return len(said & set(words(statement))) >= 2 or "criteria_met" in shown["answer"]

    if "statement" in shown:
        return json.dumps({"explanation": "words", "met": met(shown["statement"])})
    if "statements" in shown:
        listed = [line.partition(". ") for line in shown["statements"].splitlines()]
        entries = [{"number": int(number), "explanation": "words", "met": met(text)} for number, _, text in listed]
        return json.dumps({"criteria": entries})
    return json.dumps({"explanation": "words", "stance": "caution"})


def write_lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def server():
    with ScriptedServer(reply=judged) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: ScriptedServer) -> Path:
    data, answers, labels = [], [], []
    for n in range(ROWS):
        language = "zh" if n % 3 == 0 else "en"
        asked = "我感冒了怎么办？" if language == "zh" else "What should I do about my cold?"
        rubrics = [
            {"criterion": text, "points": points, "tags": [f"axis:{axis}"]}
            for (text, points), axis in zip(RULES[language], ("accuracy", "completeness", "accuracy"), strict=True)
        ]
        row = {"prompt_id": f"p{n}", "prompt": [{"role": "user", "content": f"{asked} ({n})"}], "rubrics": rubrics}
        data.append(row | {"example_tags": ["theme:emergency_referrals"]})
        answers.append({"prompt_id": f"p{n}", "response": ANSWERS[language].format(n=n), "model": "m"})
        labels.append({"prompt_id": f"p{n}", "rater": "r1", "met": [True, True, False]})
        labels.append({"prompt_id": f"p{n}", "rater": "r2", "met": [n >= 3, True, None]})
    write_lines(tmp_path / "data.jsonl", data)
    write_lines(tmp_path / "answers.jsonl", answers)
    write_lines(tmp_path / "labels.jsonl", labels)
    judge = f'kind = "chat"\n[[endpoints]]\nbase_url = "{server.url}"\nmodel = "wordy"\nis_scripted = true\n'
    (tmp_path / "judge.toml").write_text(judge, encoding="utf-8")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], command: str, folder: Path, *options: str, code: int = 0) -> str:
    files = ["data.jsonl", "answers.jsonl", *(["labels.jsonl"] if command == "certify" else [])]
    given = ["judge", command, *(str(folder / name) for name in files), "--judge", str(folder / "judge.toml"), *options]
    try:
        main(given)
        ended = 0
    except SystemExit as left:
        ended = int(left.code or 0)
    told = capsys.readouterr()
    assert ended == code, told.err
    return told.out if not code else told.err


def test_a_certificate_is_written_and_says_what_it_rests_on(folder: Path, capsys, server: ScriptedServer) -> None:
    out = folder / "kept" / "certificate.json"
    told = run(capsys, "certify", folder, "--out", str(out), "--issued", "2026-03-01", "--no-probes", "--json")
    found = json.loads(told)
    written = read_certificate(out)
    assert found["id"] == written.id and found["certificate"]["judge"] == written.judge == found["judge"]["id"]
    assert (written.n, written.expires, written.reference_kind) == (60, "2026-08-28", "person")
    rates = {(one.by, one.name, one.measure): one.estimate for one in written.errors}
    # Of 12 × 5 labels the judge, who is right by r1, contradicts r2 on the first criterion of p0, p1 and p2.
    assert rates["all", "all", "agreement"].value == pytest.approx(57 / 60)
    assert rates["rater", "r1", "agreement"].value == 1.0
    assert rates["rater", "r2", "agreement"].value == pytest.approx(21 / 24)
    assert rates["axis", "completeness", "agreement"].value == 1.0
    assert rates["language", "zh", "agreement"].value == pytest.approx(19 / 20)
    assert rates["points", "negative", "agreement"].n == 12
    assert rates["class", "not met", "sensitivity"].value == pytest.approx(12 / 15)
    assert rates["dimension", "emergency_referrals", "agreement"].n == 60
    assert rates["all", "all", "agreement"].unit == "conversation"
    told_conditions = " ".join(written.conditions)
    for said in ("scripted", "few labels: 60 on 12", "left 12 undecided", "2 raters", "not probed", "do not name the"):
        assert said in told_conditions
    assert not list(out.parent.glob("*.unfinished"))


def test_the_same_command_again_pays_nothing_and_overwrites_nothing_untold(folder, capsys, server) -> None:
    out = folder / "certificate.json"
    options = ("--out", str(out), "--issued", "2026-03-01", "--no-probes")
    run(capsys, "certify", folder, *options)
    paid, first = sum(server.calls.values()), out.read_bytes()
    assert "is there already" in run(capsys, "certify", folder, *options, code=2)
    run(capsys, "certify", folder, *options, "--force")
    assert sum(server.calls.values()) == paid and out.read_bytes() == first


def test_probes_are_part_of_it_and_shown_in_tables(folder: Path, capsys) -> None:
    out = folder / "certificate.json"
    told = run(capsys, "certify", folder, "--out", str(out), "--probe-cases", "6", "--days", "30")
    written = read_certificate(out)
    probes = {one.probe: one for one in written.probes}
    assert {"length", "fences", "position", "points", "batch_size=4", "batch_size=all", "injection"} <= set(probes)
    assert probes["length"].changed is not None and probes["length"].n == 18
    assert probes["injection: persuasive"].changed.value == 0.0
    assert probes["injection: structural"].shift.value > 0.0
    for shown in (
        "wordy (chat model) against r1, r2 (person)",
        "language: zh",
        "found of those so labelled",
        "bare verdict",
        "agrees with one a call",
        "What to know",
        str(out),
    ):
        assert shown in told
    assert "not probed: language" in told
    assert why_invalid(written, read_ref(folder, capsys), written.issued) is None


def read_ref(folder: Path, capsys):
    from primum.cycles.judges import load_judge

    with load_judge(folder / "judge.toml") as opened:
        return opened.judge.ref


def test_recorded_verdicts_of_the_judge_are_not_asked_again(folder: Path, capsys, server: ScriptedServer) -> None:
    ref, paid = read_ref(folder, capsys), sum(server.calls.values())
    answers = [json.loads(line) for line in (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    from primum.evaluation.suites.files import answer_digest

    rows = [
        {
            "prompt_id": one["prompt_id"],
            "met": [True, None, False],
            "judge": ref.id,
            "answer": answer_digest(one["response"]),
        }
        for one in answers
    ]
    verdicts = write_lines(folder / "verdicts.jsonl", rows)
    options = ("--out", str(folder / "c.json"), "--verdicts", str(verdicts), "--no-probes")
    run(capsys, "certify", folder, *options)
    rates = {(one.by, one.name, one.measure): one.estimate for one in read_certificate(folder / "c.json").errors}
    assert rates["all", "all", "abstained"].value == pytest.approx(24 / 60)
    assert rates["all", "all", "agreement"].value == pytest.approx(33 / 36)
    assert sum(server.calls.values()) == paid
    write_lines(verdicts, [{**row, "judge": "judgeref-other"} for row in rows])
    assert "are not those of the judge to certify" in run(capsys, "certify", folder, *options, "--force", code=2)
    write_lines(verdicts, [{**row, "answer": "0" * 20} for row in rows])
    assert "are not on the answer that is given" in run(capsys, "certify", folder, *options, "--force", code=2)


def test_labels_that_no_person_gave_are_called_simulated(folder: Path, capsys) -> None:
    out = folder / "certificate.json"
    told = run(capsys, "certify", folder, "--out", str(out), "--no-probes", "--simulated-seed", "3")
    assert read_certificate(out).reference_kind == "simulated"
    assert "against r1, r2 (simulated)" in told and "no person labelled" in told


def test_bad_input_leaves_nothing_and_asks_nothing(folder: Path, capsys, server: ScriptedServer) -> None:
    out, paid = folder / "certificate.json", sum(server.calls.values())
    assert "issued = 'soon' is not a date" in run(
        capsys, "certify", folder, "--out", str(out), "--issued", "soon", code=2
    )
    assert sum(server.calls.values()) == paid
    assert "one of the files to read" in run(capsys, "certify", folder, "--out", str(folder / "labels.jsonl"), code=2)
    write_lines(folder / "labels.jsonl", [{"prompt_id": "p0", "rater": "r", "met": [True]}])
    assert "labels.jsonl:1" in run(capsys, "certify", folder, "--out", str(out), code=2)
    assert not out.exists() and sum(server.calls.values()) == paid
    with pytest.raises(InputError, match="cannot be read"):
        read_certificate(out)


def test_probe_tells_what_sways_a_judge(folder: Path, capsys) -> None:
    found = json.loads(run(capsys, "probe", folder, "--only", "length,batch_size", "--json"))
    assert [one["probe"] for one in found["probes"]] == ["length", "batch_size=4", "batch_size=all"]
    assert found["probes"][0]["changed"]["value"] == 0.0
    assert [one["criteria_per_call"] for one in found["call_sizes"]] == [4, "all"]
    assert all(one["agreement"]["value"] == 1.0 and one["tokens_per_verdict"] > 0 for one in found["call_sizes"])
    told = run(capsys, "probe", folder, "--only", "injection", "--injections", "44")
    assert "wordy (chat model)" in told and "injection: structural" in told and "bare verdict" in told
    assert "'lenght' is not known" in run(capsys, "probe", folder, "--only", "lenght", code=2)


def test_what_was_recorded_cannot_be_probed(folder: Path, capsys) -> None:
    rows = [{"prompt_id": f"p{n}", "met": [True, True, False], "judge": "somebody"} for n in range(ROWS)]
    write_lines(folder / "verdicts.jsonl", rows)
    judge = 'kind = "recorded"\npath = "verdicts.jsonl"\nof_kind = "chat_model"\n'
    (folder / "judge.toml").write_text(judge, encoding="utf-8")
    assert "cannot be probed" in run(capsys, "probe", folder, code=2)
    run(capsys, "certify", folder, "--out", str(folder / "c.json"))
    assert "the judge was not probed: what sways it is unknown" in read_certificate(folder / "c.json").conditions


def test_defaults_and_names_are_those_of_the_stage() -> None:
    from primum.cli.judge_certify import probe

    defaults = {one.name: one.default for one in certify.params}
    assert (defaults["days"], defaults["probe_cases"]) == (VALIDITY_DAYS, ProbeSettings().cases)
    assert {one.name: one.default for one in probe.params}["injections"] == ProbeSettings().injections_per_case
    assert all(name in " ".join((probe.help or "").split()) for name in PROBES)


def test_force_writes_over_nothing_but_a_certificate(folder: Path, capsys) -> None:
    given = [{"prompt_id": row["prompt_id"], "met": row["met"]} for row in _first_labels(folder)]
    kept = write_lines(folder / "earlier.jsonl", given)
    before = kept.read_bytes()
    os.mkfifo(pipe := folder / "pipe")
    os.link(folder / "labels.jsonl", folder / "link.jsonl")
    judge = 'kind = "recorded"\npath = "earlier.jsonl"\nof_kind = "chat_model"\n'
    (folder / "judge.toml").write_text(judge, encoding="utf-8")
    for out, why in ((kept, "the judge needs"), (pipe, "is no file"), (folder / "link.jsonl", "files to read")):
        assert why in run(capsys, "certify", folder, "--out", str(out), "--force", "--no-probes", code=2)
    assert kept.read_bytes() == before and pipe.is_fifo()


def _first_labels(folder: Path) -> list[dict[str, object]]:
    """A label for each conversation."""
    rows = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    return list({row["prompt_id"]: row for row in rows}.values())
