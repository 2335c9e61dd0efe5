"""A workspace that holds several editions of a corpus: what people look up is the newest, and the older ones can be named."""

import json

import pytest

from primum.cli.corpus import corpus
from primum.cli.corpus_diff import diff_command
from primum.cycles.editions import edition_rows
from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError, UnknownIdError
from primum.records import Edition, Norm, Source

FIRST = "# 甲法\n\n第一条 医师应当说明手术的风险。\n\n第二条 护士不得泄露患者的病情。\n"
SECOND = FIRST.replace("手术的风险", "手术的风险和费用")
CODE = "# 乙守则\n\n第一条 学生不得独自操作。\n"


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def call(tmp_path, capsys):
    """Runs a command of the group in the workspace; what it printed."""

    def calling(*arguments):
        corpus.main([*map(str, arguments), "--workspace", str(tmp_path / "workspace")], standalone_mode=False)
        return capsys.readouterr().out

    return calling


@pytest.fixture
def editions(tmp_path, call):
    """Two editions of a corpus of two documents, the first document amended."""
    folder = write(tmp_path / "norms", 甲法=FIRST, 乙守则=CODE)
    call("add", folder)
    write(folder, 甲法=SECOND)
    added = json.loads(call("add", folder, "--json"))
    return tmp_path / "workspace", added


def test_the_same_folder_with_other_texts_is_the_next_edition(editions, call):
    workspace, added = editions
    rows = edition_rows(workspace)
    assert [(row["number"], row["corpus"], row["is_newest"]) for row in rows] == [
        (1, "norms", False),
        (2, "norms", True),
    ]
    assert added["edition"] == rows[1]["id"] and added["previous"] == rows[1]["previous"] == rows[0]["id"]
    assert added["new_records"] == 4  # one source, its two norms, the edition: the other document is the same record
    told = call("editions")
    assert rows[0]["id"] in told and rows[1]["id"] in told


def test_a_norm_looked_up_by_key_is_that_of_the_newest_edition(editions, call):
    _, added = editions
    newest = json.loads(call("show", "甲法#第一条", "--json"))
    older = json.loads(call("show", "甲法#第一条", "--edition", "1", "--json"))
    by_id = json.loads(call("show", "甲法#第一条", "--edition", added["previous"], "--json"))
    assert "费用" in newest["text"] and "费用" not in older["text"] and by_id["id"] == older["id"]
    assert json.loads(call("show", older["id"], "--json"))["text"] == older["text"]  # an id needs no edition
    with pytest.raises(UnknownIdError, match="is not in the workspace"):
        call("show", older["id"], "--edition", "2")


def test_list_search_and_stats_count_one_edition(editions, call):
    assert json.loads(call("stats", "--json"))["norms"] == 3
    assert [row["key"] for row in json.loads(call("list", "--json"))] == ["乙守则", "甲法"]
    assert json.loads(call("search", "费用", "--json"))
    assert json.loads(call("search", "费用", "--edition", "1", "--json")) == []
    for wrong in ("3", "0", "edition-00000000000000000000", "norm-00000000"):
        with pytest.raises(UnknownIdError, match="is not in the"):
            call("stats", "--edition", wrong)


def test_adding_what_is_there_adds_nothing_even_from_a_copy(editions, tmp_path, call):
    folder = tmp_path / "norms"
    assert json.loads(call("add", folder, "--json"))["new_records"] == 0
    copy = write(tmp_path / "copy", 甲法=SECOND, 乙守则=CODE)
    added = json.loads(call("add", copy, "--corpus", "norms", "--json"))
    assert added["new_records"] == 0 and not added["is_new_edition"]


def test_an_older_text_comes_back_as_a_third_edition(editions, tmp_path, call):
    write(tmp_path / "norms", 甲法=FIRST)
    added = json.loads(call("add", tmp_path / "norms", "--json"))
    assert added["new_records"] == 1 and len(edition_rows(editions[0])) == 3
    assert "费用" not in json.loads(call("show", "甲法#第一条", "--json"))["text"]


def test_another_folder_with_a_known_key_is_refused_and_told_how(editions, tmp_path, call):
    with pytest.raises(InputError, match=r"already in the workspace.*'norms'.*--corpus 'norms'"):
        call("add", write(tmp_path / "other", 甲法=FIRST))
    assert len(edition_rows(editions[0])) == 2


def test_a_folder_of_the_same_name_with_other_documents_is_another_corpus(editions, tmp_path, call):
    added = json.loads(
        call("add", write(tmp_path / "elsewhere" / "norms", 丙法=CODE.replace("乙守则", "丙法")), "--json")
    )
    assert (added["corpus"], added["previous"]) == ("norms-2", "")
    assert json.loads(call("stats", "--json"))["norms"] == 4


def test_sources_of_a_workspace_older_than_editions_are_current(tmp_path, call):
    folder = write(tmp_path / "norms", 甲法=FIRST)
    call("add", folder)
    with Workspace(tmp_path / "workspace", is_writer=False) as opened:
        records = [*opened.store.all(Source), *opened.store.all(Norm)]
    old = tmp_path / "old"
    with Workspace(old, is_writer=True) as opened, opened.store.writing() as writer:
        writer.put(records)
    corpus.main(["stats", "--json", "--workspace", str(old)], standalone_mode=False)
    corpus.main(["add", str(folder), "--workspace", str(old)], standalone_mode=False)
    with Workspace(old, is_writer=False) as opened:
        assert len(list(opened.store.all(Source))) == len(list(opened.store.all(Edition))) == 1


def test_the_ledger_names_the_edition(editions):
    workspace, added = editions
    with Workspace(workspace, is_writer=False) as opened:
        entries = opened.store.ledger()
        assert opened.store.verify() == []
    assert [entry.event for entry in entries] == ["corpus add", "corpus add"]
    assert added["edition"] in entries[1].subjects


def test_two_documents_of_one_key_in_one_corpus_are_refused(tmp_path, call):
    folder = write(tmp_path / "norms", 甲法=FIRST)
    write(folder / "deeper", 甲法=SECOND)
    with pytest.raises(InputError, match="is also that of"):
        call("add", folder)
    assert not (tmp_path / "workspace").exists()


def run_diff(capsys, *arguments):
    diff_command.main([*map(str, arguments)], standalone_mode=False)
    return capsys.readouterr().out


def test_diff_prints_the_words_and_the_counts(tmp_path, capsys):
    old = write(tmp_path / "old", **{"甲法(2001-01-01)": FIRST, "乙守则": CODE})
    new = write(
        tmp_path / "new", **{"甲法(2020-01-01)": SECOND, "丙法": CODE.replace("乙守则", "丙法").replace("学生", "外宾")}
    )
    told = run_diff(capsys, old, new)
    assert "甲法(2001-01-01) → 甲法(2020-01-01)" in told and "{+和费用+}" in told
    assert "1 unchanged, 0 renumbered, 0 moved, 1 amended, 1 repealed, 1 new" in told
    assert "乙守则 → stands no more" in told and "丙法 (a new document)" in told


def test_a_document_that_is_new_or_gone_is_one_row(tmp_path, capsys):
    old = write(tmp_path / "old", 甲法=FIRST, 乙守则=CODE)
    new = write(tmp_path / "new", 乙守则=CODE)
    assert "repealed (2)" in run_diff(capsys, old, new)
    told = run_diff(capsys, new, old)
    assert "new (2)" in told and "第一条 – 第二条" in told


def test_diff_as_json_lists_by_key_and_id_what_is_not_unchanged(tmp_path, capsys):
    old = write(tmp_path / "old", **{"甲法(2001-01-01)": FIRST})
    new = write(tmp_path / "new", **{"甲法(2020-01-01)": SECOND})
    found = json.loads(run_diff(capsys, old, new, "--json"))
    (change,) = found["changes"]
    assert (change["kind"], change["old"], change["new"]) == (
        "amended",
        "甲法(2001-01-01)#第一条",
        "甲法(2020-01-01)#第一条",
    )
    assert change["old_id"].startswith("norm-") and change["new_id"] != change["old_id"]
    assert 0.8 < change["similarity"] < 1 and found["counts"]["unchanged"] == 1
    only = json.loads(run_diff(capsys, old, new, "--json", "--only", "unchanged,new"))
    assert [one["kind"] for one in only["changes"]] == ["unchanged"] and only["counts"] == found["counts"]


def test_diff_takes_single_documents(tmp_path, capsys):
    folder = write(tmp_path / "f", a=FIRST, b=SECOND)
    found = json.loads(run_diff(capsys, folder / "a.md", folder / "b.md", "--json"))
    assert found["documents"] == {"old": 1, "new": 1} and found["counts"]["amended"] == 1


def test_a_run_of_renumbered_articles_is_one_row(tmp_path, capsys):
    articles = ["医师应当说明风险。", "护士应当记录。", "药房应当核对处方。"]
    old = write(
        tmp_path / "old",
        甲法="# 甲法\n\n" + "".join(f"第{n}条 {a}\n\n" for n, a in zip("一二三", articles, strict=True)),
    )
    new = write(
        tmp_path / "new",
        甲法="# 甲法\n\n"
        + "".join(f"第{n}条 {a}\n\n" for n, a in zip("一二三四", ["任何人不得行贿。", *articles], strict=True)),
    )
    told = run_diff(capsys, old, new)
    assert "renumbered (3)" in told and "第一条 – 第三条" in told and "第二条 – 第四条" in told


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        (("nowhere", "f"), InputError, "does not exist"),
        (("f", "empty"), InputError, "holds no document"),
        (("f", "f/notes.csv"), InputError, "is of no kind that is read"),
        (("f", "f", "--only", "ammended"), SettingError, "names no kind of change"),
    ],
)
def test_what_cannot_be_compared_is_one_line(tmp_path, monkeypatch, capsys, arguments, error, told):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "f", a=FIRST)
    (tmp_path / "empty").mkdir()
    (tmp_path / "f" / "notes.csv").write_text("a,b\n")
    with pytest.raises(error, match=told) as caught:
        run_diff(capsys, *arguments)
    assert "\n" not in str(caught.value)
