"""Another country: the same calls, another folder. Its norms and its taxonomy are data, no line of code knows them."""

from collections import Counter
from pathlib import Path

import pytest

from primum.bench.items import ItemSettings
from primum.corpus import CorpusSettings, read_corpus
from primum.corpus.rules import extract
from primum.corpus.sorting import sort_rules
from primum.cycles.benchmark import BenchmarkSettings, build_benchmark
from primum.cycles.workspace import Workspace
from primum.records import Norm, Scenario
from primum.starter import medical_taxonomy, starter_norms, taxonomy_of

ORVALE = Path(__file__).parents[2] / "examples" / "orvale"
CORPORA = {"starter": starter_norms() / "en", "orvale": ORVALE / "2021"}


def sorted_rules(folder: Path):
    """What every corpus goes through, whoever wrote it."""
    norms = read_corpus(folder, CorpusSettings()).norms
    taxonomy = taxonomy_of(folder)
    return norms, sort_rules(extract(norms), norms, taxonomy), taxonomy


@pytest.mark.parametrize("name", CORPORA)
def test_rules_are_found_and_sorted_into_the_axes_of_the_corpus(name):
    norms, rules, taxonomy = sorted_rules(CORPORA[name])
    keys = {one.key for one in taxonomy.dimensions}
    by_id = {norm.id: norm for norm in norms}
    assert len(rules) > len(norms) / 2
    assert {key for rule in rules for key in rule.dimensions} <= keys
    assert sum(bool(rule.dimensions) for rule in rules) >= 0.9 * len(rules)
    assert {rule.modality for rule in rules} == {"prohibition", "obligation", "permission"}
    for rule in rules:
        assert by_id[rule.norm].text[rule.act.start : rule.act.end] == rule.act.text


@pytest.fixture(scope="module", params=CORPORA)
def built(request, tmp_path_factory):
    """A benchmark of 240 items of each corpus: the same call, another folder."""
    name = request.param
    settings = BenchmarkSettings(name=name, items=ItemSettings(items=240, seed=3))
    workspace = tmp_path_factory.mktemp(name)
    return name, workspace, build_benchmark(workspace, CORPORA[name], settings)


def test_a_balanced_set_is_drawn_by_the_same_call(built):
    name, _, told = built
    taxonomy = taxonomy_of(CORPORA[name])
    assert told["items"] == 240 and told["taxonomy"] == taxonomy.id
    filled = {row["dimension"]: row["items"] for row in told["by_dimension"] if row["items"]}
    # A dimension with a single rule gives what it can, and that it lacks items is told.
    even = [n for name, n in filled.items() if f"shortfall: dimension {name} lacks items" not in told["refused"]]
    assert max(even) - min(even) <= 1 and len(even) >= 7
    if name == "orvale":
        assert len(filled) == len(taxonomy.dimensions) and set(told["by_language"]) == {"en", "zh"}
    else:
        assert len(filled) >= 8, "37 articles cannot speak of all of medicine"


def test_every_item_quotes_a_norm_of_its_corpus(built):
    name, folder, _ = built
    with Workspace(folder, is_writer=False) as workspace:
        norms = {norm.id: norm for norm in workspace.store.all(Norm)}
        items = list(workspace.store.all(Scenario))
    titles = {norm.source_title for norm in norms.values()}
    assert titles == {norm.source_title for norm in read_corpus(CORPORA[name]).norms}
    assert len(items) == 240
    for item in items:
        assert item.grounds and all(ground.quote in norms[ground.norm].text for ground in item.grounds)


def test_the_checks_find_nothing_but_what_a_small_corpus_lacks(built):
    name, _, told = built
    lacking = {"balance"} if name == "starter" else set()
    assert [one for one in told["findings"] if one["check"] not in lacking] == []


def test_the_starter_takes_the_medical_taxonomy_and_orvale_its_own():
    assert taxonomy_of(CORPORA["starter"]) is medical_taxonomy()
    own = taxonomy_of(CORPORA["orvale"])
    assert own.key == "orvale" and len(own.dimensions) == 8
    assert not {one.key for one in own.dimensions} & {one.key for one in medical_taxonomy().dimensions}


def test_every_dimension_of_orvale_has_rules_and_the_statutes_go_where_they_belong():
    norms, rules, taxonomy = sorted_rules(CORPORA["orvale"])
    titles = {norm.id: norm.source_title for norm in norms}
    counts = Counter(key for rule in rules for key in rule.dimensions)
    assert min(counts[one.key] for one in taxonomy.dimensions) >= 20, counts
    homes = {
        "Advising Machines Order": "advising_machines",
        "Harbour Health Act": "harbour_watch",
        "Health Memory Act": "memory_and_silence",
        "Night Duty Act": "night_care",
        "夜班法": "night_care",
    }
    for title, key in homes.items():
        inside = [rule for rule in rules if titles[rule.norm] == title]
        assert sum(key in rule.dimensions for rule in inside) >= 0.8 * len(inside), title


def test_the_corpus_says_that_it_is_invented_and_its_size_is_what_its_readme_says():
    read = read_corpus(CORPORA["orvale"])
    assert {source.jurisdiction for source in read.sources} == {"Orvale (invented)"}
    for source in read.sources:
        assert "Invented for Primum" in source.text or "为 Primum 虚构" in source.text, source.key
    assert Counter(norm.language for norm in read.norms) == {"en": 140, "zh": 20}
    assert all(source.enacted and source.effective_from for source in read.sources)


def test_the_second_edition_changes_what_its_readme_says():
    old, new = (read_corpus(ORVALE / year) for year in ("2021", "2023"))
    before = {norm.digest: norm for norm in old.norms}
    after = {norm.digest: norm for norm in new.norms}
    gone = {before[digest].key for digest in before.keys() - after.keys()}
    come = {after[digest].key for digest in after.keys() - before.keys()}
    assert gone == {
        "orvale-night-duty#Article 3",
        "orvale-night-duty-zh#第三条",
        "orvale-blood-remedies#Article 10",
        "orvale-blood-remedies#Article 17",
        "orvale-health-memory#Article 15",
    }
    assert come == {
        "orvale-night-duty#Article 3",
        "orvale-night-duty#Article 6",
        "orvale-night-duty-zh#第三条",
        "orvale-night-duty-zh#第六条",
        "orvale-blood-remedies#Article 10",
        "orvale-blood-remedies#Article 17",
    }
    renumbered = [digest for digest in before.keys() & after.keys() if before[digest].key != after[digest].key]
    assert len(renumbered) == 15 + 15 + 6 + 7  # Night Duty 6–20 twice, Health Memory 11 and 6–10, and 16–22
    assert (ORVALE / "2021" / "taxonomy.toml").read_bytes() == (ORVALE / "2023" / "taxonomy.toml").read_bytes()
