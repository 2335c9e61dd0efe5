import json

import pytest

from primum.corpus import read_corpus
from primum.corpus.rules.scoring import LabelledArticle, article_digest, read_labelled, score_rules
from primum.errors import InputError
from primum.records import ByRule, Estimate, Norm, Rule, Span
from primum.stats.undefined import Undefined


@pytest.fixture
def norms(tmp_path) -> tuple[Norm, ...]:
    articles = "\n\n".join(f"第{number}条 护士应当核对药品，不得涂改记录。" for number in "一二三四")
    (tmp_path / "rules.md").write_text(
        f"---\nkey: ward\nauthority: rule\n---\n\n# 管理规定\n\n{articles}\n", encoding="utf-8"
    )
    return read_corpus(tmp_path).norms


def _rule(norm: Norm, modality: str, act: str, subject: str | None = None) -> Rule:
    def span(words: str) -> Span:
        start = norm.text.index(words)
        return Span(start=start, end=start + len(words), text=words)

    return Rule(
        norm=norm.id,
        modality=modality,
        act=span(act),
        subject=span(subject) if subject else None,
        language="zh",
        made=ByRule(rule="test"),
    )


def _labelled(norm: Norm, *rules: tuple[str, str, str | None]) -> LabelledArticle:
    made = [_rule(norm, *rule) for rule in rules]
    return LabelledArticle(
        norm=norm.key,
        sha256=article_digest(norm.text),
        rules=[
            {
                "modality": rule.modality,
                "act": (rule.act.start, rule.act.end),
                "subject": (rule.subject.start, rule.subject.end) if rule.subject else None,
            }
            for rule in made
        ],
    )


def test_the_figures_are_those_worked_by_hand(norms):
    labelled = [
        _labelled(norms[0], ("obligation", "核对药品", "护士"), ("prohibition", "涂改记录", "护士")),
        _labelled(norms[1], ("obligation", "核对药品", "护士")),
        _labelled(norms[2], ("obligation", "核对药品", None)),
        _labelled(norms[3]),
    ]
    rules = [
        _rule(norms[0], "obligation", "核对药品", "护士"),
        _rule(norms[0], "obligation", "涂改记录"),  # the wrong modality, no subject
        _rule(norms[1], "obligation", "对药品"),  # 3 of 4 characters
        _rule(norms[2], "obligation", "品"),  # 1 of 4: not the same rule
        _rule(norms[3], "prohibition", "涂改记录", "护士"),  # nothing is labelled there
    ]
    scores = score_rules(norms, rules, labelled, draws=200)

    def values(agreement):
        return tuple(round(part.value, 6) for part in agreement)

    assert (scores.articles, scores.labelled, scores.extracted, scores.matched) == (4, 4, 5, 3)
    # characters: 4 + 4 + 3 + 1 + 0 right of 16 found and 16 wanted
    assert values(scores.act_characters) == (0.75, 0.75, 0.75)
    assert values(scores.act_rules) == (0.6, 0.75, round(6 / 9, 6))
    assert values(scores.act_exact) == (0.4, 0.5, round(4 / 9, 6))
    assert scores.modality.value == pytest.approx(2 / 3)
    assert values(scores.subject_characters) == (0.5, 0.5, 0.5)  # 2 right of 4 found and 4 wanted
    assert scores.subject_rules.value == pytest.approx(1 / 3)
    assert scores.condition_rules.value == 1.0 and isinstance(scores.condition_characters.f1, Undefined)
    assert isinstance(scores.modality, Estimate) and scores.modality.low < 2 / 3 < scores.modality.high
    assert scores.modality.n == 4 and scores.modality.unit == "article"


def test_a_labelled_rule_is_matched_once_and_by_its_modality_first(norms):
    labelled = [_labelled(norms[0], ("obligation", "核对药品", None), ("prohibition", "核对药品", None))]
    rules = [_rule(norms[0], "prohibition", "核对药品"), _rule(norms[0], "obligation", "核对药品")]
    assert score_rules(norms, rules, labelled, draws=50).modality.value == 1.0
    assert score_rules(norms, rules + rules, labelled, draws=50).matched == 2


def test_an_article_with_another_text_is_named(norms):
    other = LabelledArticle(norm=norms[1].key, sha256="0" * 16, rules=())
    with pytest.raises(InputError, match=r"ward#第二条.*another text"):
        score_rules(norms, [], [other])
    with pytest.raises(InputError, match="not in the corpus"):
        score_rules(norms[:1], [], [other])
    outside = LabelledArticle(
        norm=norms[0].key, sha256=article_digest(norms[0].text), rules=[{"modality": "obligation", "act": (5, 500)}]
    )
    with pytest.raises(InputError, match="lies outside the article"):
        score_rules(norms, [], [outside])


def test_a_gold_file_is_read_strictly(tmp_path):
    good = {"norm": "ward#1", "sha256": "ab", "rules": [{"modality": "permission", "act": [1, 3], "subject": None}]}
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(good) + "\n\n", encoding="utf-8")
    assert read_labelled(path)[0].rules[0].act == (1, 3)
    for broken, said in (
        (json.dumps(good) + "\n" + json.dumps(good), "twice"),
        (json.dumps(good | {"note": "x"}), "no labelled article"),
        (json.dumps(good | {"rules": [{"modality": "duty", "act": [1, 3]}]}), "no labelled article"),
        ("{", "no labelled article"),
        ("", "labels no article"),
    ):
        path.write_text(broken, encoding="utf-8")
        with pytest.raises(InputError, match=said):
            read_labelled(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_labelled(tmp_path / "none.jsonl")
