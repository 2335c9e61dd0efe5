"""`primum bench refresh` on a small benchmark of the packaged norms: what it keeps, drafts anew, retires, prints and leaves alone."""

import json
import shutil

import msgspec
import pytest

from primum import bench
from primum.bench.items import ItemSettings, build
from primum.cli.bench_refresh import refresh
from primum.corpus import read_corpus
from primum.corpus.rules import extract
from primum.corpus.sorting import sort_rules
from primum.cycles.editions import add_corpus
from primum.cycles.refreshing import RefreshSettings, newest_benchmark
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import InputError, RecordError, SettingError, StoreError
from primum.records import Benchmark, ByPerson, ByRule, Edition, Norm, Review, Rule, Scenario
from primum.starter import medical_taxonomy, starter_norms

AMENDED = "starter-zh-practice#第七条"
REPEALED = "starter-zh-life#第一条"


def make(workspace, folder, name="starter"):
    """A benchmark as `primum bench build` makes it, without its checks."""
    corpus, taxonomy, settings = read_corpus(folder), medical_taxonomy(), ItemSettings(items=80)
    rules = sort_rules(extract(corpus.norms), corpus.norms, taxonomy)
    items = bench.split(build(corpus.norms, rules, taxonomy, settings).items).scenarios
    with Workspace(workspace, is_writer=True) as opened:
        _, made = add_corpus(opened, corpus, "norms", now())
        benchmark = Benchmark(
            name=name, version=1, edition=made.edition.id, taxonomy=taxonomy.id, items=tuple(item.id for item in items),
            made=ByRule("test"), settings=msgspec.json.encode(settings).decode(),
        )  # fmt: skip
        with opened.store.writing() as writer:
            writer.put([taxonomy, *rules, *items, benchmark])


def edit(folder):
    """An article reworded, one struck out so that those behind it are renumbered, and nothing in the other five documents."""
    practice, life = folder / "practice.md", folder / "life.md"
    practice.write_text(
        practice.read_text("utf-8").replace("禁止用来惩罚精神障碍患者", "禁止用来惩罚或者威胁精神障碍患者"), "utf-8"
    )
    lines = life.read_text("utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("第一条"))
    told = "\n".join(lines[:first] + lines[first + 2 :])
    for number, numeral in enumerate("一二三四五六七八九", start=0):
        if number:
            told = told.replace(f"\n第{numeral}条 ", f"\n第{'一二三四五六七八九'[number - 1]}条 ")
    life.write_text(told + "\n", "utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    place = tmp_path_factory.mktemp("refresh")
    shutil.copytree(starter_norms() / "zh", place / "norms")
    make(place / "workspace", place / "norms")
    shutil.copytree(place / "norms", place / "newer")
    edit(place / "newer")
    return place


@pytest.fixture
def place(built, tmp_path):
    shutil.copytree(built, tmp_path / "at")
    return tmp_path / "at"


def call(capsys, place, *arguments, corpus="newer"):
    given = ["--corpus", str(place / corpus), "--workspace", str(place / "workspace"), *arguments]
    refresh.main(given, standalone_mode=False)
    return capsys.readouterr().out


def items_of(place, benchmark=""):
    with Workspace(place / "workspace", is_writer=False) as opened:
        found = opened.store.get_many(newest_benchmark(opened.store, benchmark).items)
        norms = {norm.id: norm for norm in opened.store.all(Norm)}
    return [one for one in found if isinstance(one, Scenario)], norms


def test_only_items_on_changed_articles_are_drafted_anew_and_every_other_name_stands(place, capsys):
    before, old_norms = items_of(place)
    found = json.loads(call(capsys, place, "--json"))
    after, norms = items_of(place)
    changed = {item.item for item in before if old_norms[item.norms[0]].key in (AMENDED, REPEALED)}
    assert changed and set(found["stale"]) == changed
    assert {item.item for item in before} - changed <= {item.item for item in after}
    assert found["kept"] == len(before) - len(changed) and found["items"] == len(after)
    assert {one["old"] for one in found["redrafted"]} | {one["item"] for one in found["retired"]} == changed
    by_name = {item.item: item for item in after}
    splits = {item.item: item.split for item in before}
    assert found["redrafted"]
    for one in found["redrafted"]:
        new = by_name[one["new"]]
        assert one["norm"] == norms[new.norms[0]].key == AMENDED
        assert new.split == splits[one["old"]] and one["new"] not in splits
    assert all("was repealed" in one["reason"] or "was amended" in one["reason"] for one in found["retired"])
    assert bench.leaks(after) == []


def test_items_on_renumbered_articles_are_bound_to_the_new_records_and_untouched_documents_keep_theirs(place, capsys):
    before, old_norms = items_of(place)
    found = json.loads(call(capsys, place, "--json"))
    after, norms = items_of(place)
    old = {item.item: item for item in before}
    assert {change["kind"] for change in found["changes"]} == {"renumbered", "amended", "repealed"}
    with Workspace(place / "workspace", is_writer=False) as opened:
        rules = {rule.id: rule for rule in opened.store.all(Rule)}
    renumbered = 0
    for item in after:
        if item.item not in old:
            continue
        source = old_norms[old[item.item].norms[0]].source_key
        is_touched = source in ("starter-zh-practice", "starter-zh-life")
        assert (item.item in found["rebound"]) == is_touched == (item.id != old[item.item].id)
        assert item.messages == old[item.item].messages and item.split == old[item.item].split
        for ground in item.grounds:
            norm = norms[ground.norm]
            assert (
                ground.quote in norm.text
                and ground.article == norm.digest
                and norm.citation[-1].label in ground.citation
            )
            assert ground.rule is None or rules[ground.rule].norm == norm.id
            renumbered += ground.citation != old[item.item].grounds[0].citation
    assert renumbered
    assert all(ground.rule for item in after for ground in item.grounds)


def test_the_next_version_stands_beside_the_first_with_its_edition_and_its_entry(place, capsys):
    found = json.loads(call(capsys, place, "--json"))
    with Workspace(place / "workspace", is_writer=False) as opened:
        first, second = opened.store.all(Benchmark)
        _, edition = opened.store.all(Edition)
        entry = opened.store.ledger()[-1]
        assert opened.store.verify() == []
    assert (second.version, second.previous, second.edition) == (2, first.id, edition.id)
    assert edition.previous == first.edition and edition.corpus == "norms"
    assert set(second.retired) == set(found["stale"]) and found["benchmark"]["id"] == second.id
    assert entry.event == "bench refresh" and set(entry.subjects) == {first.id, second.id, edition.id}
    assert f"{found['kept']} kept" in entry.detail


def test_a_second_refresh_changes_nothing_and_says_so(place, capsys):
    call(capsys, place)
    with Workspace(place / "workspace", is_writer=False) as opened:
        held = opened.store.count()
    assert "already rests on these norms" in call(capsys, place)
    again = json.loads(call(capsys, place, "--json"))
    assert not again["is_new"] and again["redrafted"] == again["changes"] == []
    with Workspace(place / "workspace", is_writer=False) as opened:
        assert opened.store.count() == held


def test_a_dry_run_says_the_same_and_writes_nothing(place, capsys):
    before = (place / "workspace" / "primum.db").read_bytes()
    dry = json.loads(call(capsys, place, "--dry-run", "--json"))
    assert "nothing was written" in call(capsys, place, "--dry-run")
    assert (place / "workspace" / "primum.db").read_bytes() == before
    wet = json.loads(call(capsys, place, "--json"))
    assert dry | {"is_dry_run": False} == wet and wet["redrafted"]


def test_reviews_of_kept_items_stand_and_those_of_stale_ones_lapse(place, capsys):
    before, norms = items_of(place)
    stale = next(item for item in before if norms[item.norms[0]].key == AMENDED)
    kept = next(item for item in before if norms[item.norms[0]].key not in (AMENDED, REPEALED))
    reviews = [
        Review(item=one.item, scenario=one.id, state="verified", made=ByPerson("r1", "clinician"))
        for one in (stale, kept)
    ]
    with Workspace(place / "workspace", is_writer=True) as opened, opened.store.writing() as writer:
        writer.put(reviews)
    assert json.loads(call(capsys, place, "--json"))["reviews"] == {"standing": 1, "lapsed": 1}


def test_what_it_prints_names_the_words_the_items_and_the_reasons(place, capsys):
    told = call(capsys, place)
    for part in ("{+或者威胁+}", "Redrafted", "Retired", "was repealed", "is now version 2", "kept ("):
        assert part in told
    assert AMENDED in told


def test_words_put_back_are_a_third_version_with_the_old_names(place, capsys):
    before, _ = items_of(place)
    call(capsys, place)
    found = json.loads(call(capsys, place, "--json", corpus="norms"))
    after, _ = items_of(place)
    assert found["benchmark"]["version"] == 3
    kept_twice = {item.item for item in before} & {item.item for item in after}
    assert len(kept_twice) >= found["kept"] - 1
    with Workspace(place / "workspace", is_writer=False) as opened:
        newest = newest_benchmark(opened.store)
    assert not set(newest.retired) & {item.item for item in after}


def test_norms_that_are_no_longer_in_force_are_told(place, capsys):
    path = place / "newer" / "practice.md"
    path.write_text(path.read_text("utf-8").replace("language: zh", "language: zh\neffective_to: 2020-01-01"), "utf-8")
    found = json.loads(call(capsys, place, "--json"))
    assert found["validity"] and {one["validity"] for one in found["validity"]} == {"past its validity"}
    assert all(one["norm"].startswith("starter-zh-practice#") for one in found["validity"])


def test_a_corpus_that_was_added_before_the_refresh_is_taken_as_it_stands(place, capsys):
    with Workspace(place / "workspace", is_writer=True) as opened:
        add_corpus(opened, read_corpus(place / "newer"), "norms", now(), "norms")
    found = json.loads(call(capsys, place, "--json"))
    assert found["is_new"] and found["redrafted"]
    with Workspace(place / "workspace", is_writer=False) as opened:
        assert len(list(opened.store.all(Edition))) == 2


def test_it_refuses_in_one_line_what_it_cannot_refresh(place, tmp_path, capsys):
    with pytest.raises(InputError, match="does not exist"):
        call(capsys, place, corpus="nowhere")
    (place / "other").mkdir()
    (place / "other" / "rules.md").write_text("# 某规定\n\n第一条 食堂应当每天公布菜单。\n", "utf-8")
    with pytest.raises(InputError, match="has no article of 'norms', on which 'starter' rests"):
        call(capsys, place, corpus="other")
    with pytest.raises(StoreError, match="is not in the workspace"):
        call(capsys, place, "--name", "another")
    make(place / "workspace", place / "norms", "second")
    with pytest.raises(SettingError, match="there are several: say which: second, starter"):
        call(capsys, place)
    assert json.loads(call(capsys, place, "--json", "--name", "second"))["benchmark"]["name"] == "second"
    shutil.rmtree(place / "workspace")
    with pytest.raises(StoreError, match="is not a workspace"):
        call(capsys, place)
    assert not (place / "workspace").exists()
    with pytest.raises(RecordError, match=r"between 0\.5 and 1"):
        RefreshSettings(threshold=0.1)
