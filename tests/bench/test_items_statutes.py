"""Items from the open statutes: balanced over twenty dimensions, grounded, and with options that tell nothing by themselves."""

import os
from collections import Counter
from pathlib import Path

import pytest

from primum.bench.items import Built, ItemSettings, build
from primum.corpus import CorpusSettings, read_corpus
from primum.corpus.rules import extract
from primum.corpus.sorting import sort_rules
from primum.records import Norm
from primum.starter import medical_taxonomy

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[2] / ".." / "shared" / "data")) / "norms-cn"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"open data {DATA} are not there")


@pytest.fixture(scope="module")
def statutes() -> tuple[dict[str, Norm], Built]:
    norms = read_corpus(DATA, CorpusSettings()).norms
    taxonomy = medical_taxonomy()
    rules = sort_rules(extract(norms), norms, taxonomy)
    return {norm.id: norm for norm in norms}, build(norms, rules, taxonomy, ItemSettings(items=1000))


def test_every_dimension_gets_its_share(statutes):
    _, built = statutes
    assert Counter(item.dimension for item in built.items) == dict.fromkeys(
        (category.key for category in medical_taxonomy().dimensions), 50
    )
    assert not [reason for reason in built.refused if reason.startswith("shortfall")]


def test_every_quote_stands_in_its_article(statutes):
    norms, built = statutes
    for item in built.items:
        for ground in item.grounds:
            assert ground.quote in norms[ground.norm].text and ground.article == norms[ground.norm].digest


def test_neither_length_nor_letter_nor_a_word_tells_the_key(statutes):
    _, built = statutes
    single = [item for item in built.items if item.task == "single_choice"]
    assert len(single) == 300
    longest = sum(max(item.options, key=lambda o: len(o.text)).letter in item.key for item in single)
    shortest = sum(min(item.options, key=lambda o: len(o.text)).letter in item.key for item in single)
    assert 0.2 < longest / 300 < 0.3 and 0.2 < shortest / 300 < 0.3
    letters = Counter(item.key[0] for item in single)
    assert max(letters.values()) - min(letters.values()) <= 8
    for word in ("应当", "可以", "不得", "只有", "没有", "虽然"):
        holding = [option.letter in item.key for item in single for option in item.options if word in option.text]
        assert len(holding) > 40 and 0.17 < sum(holding) / len(holding) < 0.33, word
