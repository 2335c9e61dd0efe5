import json

import pytest
from click.testing import CliRunner

from primum.cli.corpus_rules import rules
from primum.errors import PrimumError, UnknownIdError
from servers import ScriptedServer

TEXT = (
    "---\nkey: ward\nauthority: rule\nlanguage: zh\n---\n\n# 病区管理规定\n\n"
    "第一条 护士应当核对药品；发现差错的，可以停止用药。\n\n第二条 任何人不得饮酒。\n"
)


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "norms"
    folder.mkdir()
    (folder / "ward.md").write_text(TEXT, encoding="utf-8")
    return str(folder)


def _run(*arguments: str):
    return CliRunner().invoke(rules, arguments, catch_exceptions=False)


def test_json_holds_every_rule_with_its_citation_and_the_counts(corpus):
    found = json.loads(_run("--corpus", corpus, "--json").stdout)
    assert (found["norms"], found["norms_with_rules"], found["refused"]) == (2, 2, [])
    assert found["modality"] == {"prohibition": 1, "obligation": 1, "permission": 1}
    assert found["rules"][1] == {
        "norm": "ward#第一条",
        "citation": "病区管理规定 第一条",
        "language": "zh",
        "modality": "permission",
        "subject": "护士",
        "act": "停止用药",
        "condition": "发现差错的",
        "consequence": "",
        "span": found["rules"][1]["span"],
    }


def test_the_table_says_who_may_or_must_not_do_what(corpus):
    shown = _run("--corpus", corpus).output
    for word in ("护士", "应当", "核对药品", "发现差错的", "任何人", "不得", "饮酒", "病区管理规定 第二条"):
        assert word in shown
    assert "3 rules in 2 of 2 norms: 1 prohibitions, 1 obligations, 1 permissions" in shown
    assert "1 are shown" in _run("--corpus", corpus, "--limit", "1").output


def test_one_norm_alone(corpus):
    found = json.loads(_run("--corpus", corpus, "--norm", "ward#第二条", "--json").stdout)
    assert [row["act"] for row in found["rules"]] == ["饮酒"]
    with pytest.raises(UnknownIdError, match="ward#第九条"):
        _run("--corpus", corpus, "--norm", "ward#第九条")


def test_a_workspace_without_a_folder(corpus, tmp_path):
    from primum.cycles.norms import add_folder

    add_folder(tmp_path / "space", tmp_path / "norms", None)
    found = json.loads(_run("--workspace", str(tmp_path / "space"), "--json").stdout)
    assert len(found["rules"]) == 3


def test_a_chat_model_reads_and_what_it_invents_is_told(corpus, tmp_path):
    good = {
        "modality": "prohibition",
        "word": "不得",
        "act": "饮酒",
        "subject": "任何人",
        "condition": None,
        "consequence": None,
    }
    replies = json.dumps({"rules": [good, good | {"act": "吸烟"}]}, ensure_ascii=False)
    described = tmp_path / "chat.toml"
    with ScriptedServer(reply=lambda _: replies) as server:
        described.write_text(
            f'calls = "calls.db"\n[[endpoints]]\nbase_url = "{server.url}"\nmodel = "scripted"\nis_scripted = true\n'
        )
        asked = ("--corpus", corpus, "--norm", "ward#第二条", "--chat", str(described))
        found = json.loads(_run(*asked, "--json").stdout)
        again = _run(*asked).output
        assert sum(server.calls.values()) == 1, "an answered call is not asked again"
    assert [row["act"] for row in found["rules"]] == ["饮酒"]
    assert found["refused"][0]["norm"] == "ward#第二条" and "吸烟" in found["refused"][0]["reason"]
    assert "refused: ward#第二条: rule 2 has an act that does not stand in the norm" in again
    described.write_text("[reading]\nasks = 1\n")
    with pytest.raises(PrimumError, match="endpoints"):
        _run("--corpus", corpus, "--chat", str(described))
