"""What is printed cannot steer the terminal it is printed on."""

import pytest

from primum.cli import render
from primum.cli.__main__ import main

EVIL = "tag\x1b[31mred\x1b]0;title\x07\x9b2J\u202e"


def test_a_table_writes_out_what_a_terminal_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    render.table("t", ("name", "n"), [[EVIL, 1]])
    shown = capsys.readouterr().out
    assert "tag\\x1b[31mred\\x1b]0;title\\x07\\x9b2J\\u202e" in shown
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)


def test_lines_write_out_what_a_terminal_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    render.lines([EVIL, "两行\n\tand a tab"])
    assert capsys.readouterr().out == "tag\\x1b[31mred\\x1b]0;title\\x07\\x9b2J\\u202e\n两行\n\tand a tab\n"


def test_an_error_writes_out_what_a_terminal_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["judge", "run", "\x1b[31m", "a", "--judge", "j", "--out", "o"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "\\x1b[31m" in told
    assert "\x1b" not in told
