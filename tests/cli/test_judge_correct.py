"""`primum judge correct`: corrections become exemplars, and the judge that is shown them says what people said. Raters are simulated."""

import json
import re

import pytest
from click.testing import CliRunner

from primum.cli.__main__ import cli, main
from primum.cycles.exemplar_file import append_exemplars, read_exemplars
from primum.errors import InputError, StoreError
from servers import ScriptedServer, fenced, scripted_reply

CRITERIA = ["Warns that the dose must not be doubled", "提醒随餐服用"]
ANSWERS = {f"p{n}": f"Answer number {n}: carry on as before, and eat something with it." for n in range(4)}


def rows(**more):
    return [
        {
            "prompt_id": name,
            "prompt": [{"role": "user", "content": f"Question of {name}: I missed a pill, what now?"}],
            "rubrics": [{"criterion": text, "points": 5, "tags": []} for text in CRITERIA],
            "example_tags": [],
        }
        | more
        for name in ANSWERS
    ]


def copies(prompt):
    """A scripted judge that finds nothing met, but for a statement that an exemplar is about: there it says what is right."""
    stated = re.findall(r"<<<example_statement \w+\n(.*?)\nexample_statement", prompt, re.DOTALL)
    right = re.findall(r"(?:Right is: |正确判断：)(\{.*\})", prompt)
    if "statement" not in fenced(prompt):
        return scripted_reply(prompt)
    shown = {text: json.loads(said)["met"] for text, said in zip(stated, right, strict=True)}
    return json.dumps({"explanation": "scripted", "met": shown.get(fenced(prompt)["statement"], False)})


@pytest.fixture
def put(tmp_path):
    def write(name, lines):
        path = tmp_path / name
        path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def files(put):
    return {
        "data": put("data.jsonl", rows(split="train")),
        "answers": put("answers.jsonl", [{"prompt_id": name, "response": text} for name, text in ANSWERS.items()]),
        "verdicts": put("v.jsonl", [{"prompt_id": name, "met": [False, None], "judge": "j"} for name in ANSWERS]),
        "labels": put("l.jsonl", [{"prompt_id": "p0", "rater": "simulated-a", "met": [True, False]}]),
    }


def command(files, tmp_path, *more):
    return ["judge", "correct", files["verdicts"], files["labels"], "--data", files["data"], "--answers",
            files["answers"], "--exemplars", str(tmp_path / "exemplars.jsonl"), *more]  # fmt: skip


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


def test_a_corrected_judge_is_right_about_the_other_answers(files, put, tmp_path):
    with ScriptedServer(reply=copies) as server:
        judge = tmp_path / "judge.toml"
        told = f'kind = "chat"\n[[endpoints]]\nbase_url = "{server.url}"\nmodel = "m"\nis_scripted = true\n[chat]\nasks_stance = false\n'
        judge.write_text(told, encoding="utf-8")
        arguments = ["judge", "run", files["data"], files["answers"], "--judge", str(judge), "--json", "--out"]
        first = json.loads(run(*arguments, files["verdicts"], "--force"))
        assert first["met"] == 0
        learned = json.loads(run(*command(files, tmp_path, "--role", "clinician", "--json")))
        assert [one["criterion"] for one in learned["learned"]] == CRITERIA[:1] and learned["agreed"] == 1
        judge.write_text(told + 'exemplars = 2\nexemplars_file = "exemplars.jsonl"\n', encoding="utf-8")
        second = json.loads(run(*arguments, str(tmp_path / "v2.jsonl")))
    said = [json.loads(line)["met"] for line in (tmp_path / "v2.jsonl").read_text("utf-8").splitlines()]
    # On the very answer that was corrected nothing is shown: a judge that knows the key to a case has not judged it.
    assert said == [[False, False], [True, False], [True, False], [True, False]]
    assert first["judge"]["id"] != second["judge"]["id"] and len(second["judge"]["trained_on"]) == 1
    assert any("people corrected" in note for note in second["notes"])
    kept = read_exemplars(tmp_path / "exemplars.jsonl")[0]
    assert (kept.role, kept.people, kept.said, kept.judge) == (
        "clinician",
        ("simulated-a",),
        False,
        first["judge"]["id"],
    )


def test_corrections_are_kept_once_and_replaced_with_history(files, put, tmp_path):
    told = run(*command(files, tmp_path))
    assert "2 new exemplars" in told and "2 hold" in told and "abstained" in told
    assert "0 new exemplars" in run(*command(files, tmp_path))
    put("l.jsonl", [{"prompt_id": "p0", "rater": "simulated-b", "met": [False, None]}])
    reasons = put("why.jsonl", [{"prompt_id": "p0", "criterion": 1, "why": "It only says to carry on."}])
    told = json.loads(run(*command(files, tmp_path, "--reasons", reasons, "--json")))
    # The judge was right and the person before was not: what it was taught is taken back.
    assert told["superseding"] == 1 and told["holding"] == 2 and told["agreed"] == 1
    lines = read_exemplars(tmp_path / "exemplars.jsonl")
    assert [one.met for one in lines] == [True, False, False] and lines[2].supersedes == lines[0].id
    assert lines[2].why == "It only says to carry on."


def test_what_people_are_divided_on_and_what_has_no_verdict_teaches_nothing(files, put, tmp_path):
    put("l.jsonl", [{"prompt_id": "p0", "rater": rater, "met": [met, None]} for rater, met in (("a", True), ("b", False))]
        + [{"prompt_id": "p1", "rater": "a", "met": [True, None]}])  # fmt: skip
    put("v.jsonl", [{"prompt_id": "p0", "met": [False, None], "judge": "j"}])
    told = run(*command(files, tmp_path, "--partial"))
    assert "Nothing was corrected." in told and "divided on 1" in told and "1 labelled answers have no verdicts" in told
    assert not (tmp_path / "exemplars.jsonl").exists()


def test_a_worksheet_is_taken_and_a_set_without_splits_is_noted(files, put, tmp_path):
    put("data.jsonl", rows())
    put("l.jsonl", [{"prompt_id": "p3", "criterion": 2, "text": CRITERIA[1], "met": True, "rater": "simulated-a"}])
    told = run(*command(files, tmp_path))
    assert "1 new exemplars" in told and "says its split" in told


@pytest.mark.parametrize(
    "more", [{"split": "test"}, {"split": "dev"}, {"example_tags": ["split:test"]}, {"split": "held-out"}]
)
def test_rows_that_will_measure_are_refused_and_nothing_is_written(files, put, tmp_path, capsys, more):
    put("data.jsonl", rows(**more))
    said = refused(capsys, *command(files, tmp_path))
    assert "would be learned from" in said and "data.jsonl:1" in said and not (tmp_path / "exemplars.jsonl").exists()
    # Rows that nobody labelled may measure: nothing is learned from them.
    put("data.jsonl", [*rows(split="train")[:1], *rows(**more)[1:]])
    assert "2 new exemplars" in run(*command(files, tmp_path))


def test_what_is_wrong_is_one_line(files, put, tmp_path, capsys):
    wrong = put(
        "v.jsonl", [{"prompt_id": name, "met": [False, None], "judge": "j", "answer": "0" * 20} for name in ANSWERS]
    )
    assert "is not the one that the verdicts are on" in refused(capsys, *command(files, tmp_path))
    put("v.jsonl", [{"prompt_id": name, "met": [False, None], "judge": "j"} for name in ANSWERS])
    reasons = put("why.jsonl", [{"prompt_id": "p0", "criterion": 3, "why": "?"}])
    assert "why.jsonl:1" in refused(capsys, *command(files, tmp_path, "--reasons", reasons))
    files["answers"] = put("answers.jsonl", [{"prompt_id": "p1", "response": "x"}])
    assert "has no answer" in refused(capsys, *command(files, tmp_path))
    arguments = command(files, tmp_path)
    arguments[arguments.index("--exemplars") + 1] = wrong
    assert "is one of the files to read" in refused(capsys, *arguments)
    (tmp_path / "exemplars.jsonl").write_text("{}\n", encoding="utf-8")
    files["answers"] = put("answers.jsonl", [{"prompt_id": name, "response": text} for name, text in ANSWERS.items()])
    assert "exemplars.jsonl:1" in refused(capsys, *command(files, tmp_path))
    assert (tmp_path / "exemplars.jsonl").read_text("utf-8") == "{}\n"


def test_a_file_of_exemplars_is_held_by_one_and_goes_on_after_a_last_line_without_its_end(files, tmp_path):
    run(*command(files, tmp_path))
    path = tmp_path / "exemplars.jsonl"
    with pytest.raises(StoreError, match="in use"):
        append_exemplars(path, lambda known: append_exemplars(path, lambda known: []))
    lines = path.read_text("utf-8").rstrip("\n")
    path.write_text(lines.splitlines()[0], encoding="utf-8")
    assert "1 new exemplars" in run(*command(files, tmp_path))
    assert path.read_text("utf-8") == lines + "\n"
    path.write_text(lines.splitlines()[0] + "\n" + lines.splitlines()[0], encoding="utf-8")
    with pytest.raises(InputError, match="replaces nothing, but exemplar-"):
        read_exemplars(path)
