"""`kind = "criteria_rule"` in judge.toml opens the rules for free-text criteria, alone and on a panel."""

from __future__ import annotations

from pathlib import Path

import pytest

from primum.cycles.judges import load_judge
from primum.errors import SettingError
from primum.judging.criteria import CriterionRules
from primum.judging.panel import PanelJudge


def test_the_kind_opens_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "judge.toml"
    path.write_text('kind = "criteria_rule"\n', encoding="utf-8")
    with load_judge(path) as opened:
        assert isinstance(opened.judge, CriterionRules)
        assert opened.variant() is None and opened.spent.calls == 0 and opened.notes == ()


def test_it_takes_no_key(tmp_path: Path) -> None:
    path = tmp_path / "judge.toml"
    path.write_text('kind = "criteria_rule"\npath = "somewhere"\n', encoding="utf-8")
    with pytest.raises(SettingError, match="'path' is not one of a judge of kind 'criteria_rule'"), load_judge(path):
        pass


def test_it_sits_on_a_panel(tmp_path: Path) -> None:
    path = tmp_path / "judge.toml"
    members = '[[members]]\nkind = "criteria_rule"\n[[members]]\nkind = "rule"\n'
    path.write_text(f'kind = "panel"\nquorum = 1\n{members}', encoding="utf-8")
    with load_judge(path) as opened:
        assert isinstance(opened.judge, PanelJudge)
        assert CriterionRules().ref.id in opened.judge.ref.members
