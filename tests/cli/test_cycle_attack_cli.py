"""`primum cycle attack` as a person calls it."""

import json

from primum.cli.__main__ import main


def run(*arguments):
    try:
        main([str(one) for one in arguments])
    except SystemExit as end:
        return end.code or 0
    return 0


def given(folder, count=8):
    path = folder / "requests.jsonl"
    rows = [{"id": f"r{number}", "prompt": f"How is form {number} of the ward filled in?"} for number in range(count)]
    rows += [{"id": f"e{number}", "prompt": "?" * (number + 1)} for number in range(count)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_it_says_what_was_kept_and_lists_what_was_left_out(tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    asked = ("cycle", "attack", given(tmp_path), "--style", "role_play", "--style", "indirect", "--out", out)
    assert run(*asked) == 0
    said = capsys.readouterr().out
    assert "16 requests, rewritten by the embedded generators" in said
    assert "left out: e0 (role_play): it says too little" in said and "and 11 more left out" in said
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 16 and {row["style"] for row in rows} == {"role_play", "indirect"}
    assert run(*asked) == 2
    assert "is there already" in capsys.readouterr().err
    assert run(*asked, "--force", "--json", "--limit", "4", "--seed", "1") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["requests"] == 4 and told["rewrites"] + len(told["refused"]) == 8


def test_a_wrong_call_says_so_and_writes_nothing(tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    assert run("cycle", "attack", given(tmp_path), "--style", "whispered", "--out", out) == 2
    assert run("cycle", "attack", given(tmp_path), "--out", out) == 2
    assert run("cycle", "attack", tmp_path / "none.jsonl", "--style", "indirect", "--out", out) == 2
    assert run("cycle", "attack", given(tmp_path), "--style", "indirect", "--out", out, "--model", "m") == 2
    assert "without --endpoint" in capsys.readouterr().err
    assert not out.exists()
