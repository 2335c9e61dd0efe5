"""How far extracted rules agree with rules that a person read out of the same articles.

An article counts as one draw: every interval comes from resampling articles (`stats.bootstrap`, 1,000 draws).

- *By characters*: of the characters of an article, those that lie in an act (whatever its modality). Precision, recall and F1 are
  micro: over all characters of all labelled articles.
- *By rule*: an extracted and a labelled rule are one where their acts overlap by half (intersection over union ≥ 0.5), each rule used
  once, the best overlap first; of equal overlaps the one of the same modality, then the earlier. *Exact* asks for the same span.
- *Modality*: of the rules matched so, the share with the same modality.
- *Subject*, *condition*: by characters like the acts, and of the matched rules the share where both have none or the two overlap by half.

Gold files are JSONL, one article a line: `{"norm": key, "sha256": first 16 hex of the article's SHA-256, "rules": [{"modality": …,
"act": [start, end], "subject": [start, end] | null, "condition": …, "consequence": …}]}`; offsets count characters of the article.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from primum.errors import InputError
from primum.records import Deontic, Estimate, Norm, Rule, Span, Value
from primum.stats.resampling import bootstrap
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

__all__ = [
    "Agreement",
    "LabelledArticle",
    "LabelledRule",
    "RuleScores",
    "article_digest",
    "read_labelled",
    "score_rules",
]

_Ends = tuple[int, int]
_Aspect = Literal["act", "subject", "condition"]
_HALF = 0.5


class LabelledRule(Value, frozen=True):
    """A rule as a person read it; spans are start and end (exclusive) in the article's text."""

    modality: Deontic
    act: _Ends
    subject: _Ends | None = None
    condition: _Ends | None = None
    consequence: _Ends | None = None


class LabelledArticle(Value, frozen=True):
    """What a person found in one article; `sha256` is the beginning of the digest of the text that was read."""

    norm: str
    sha256: str
    rules: tuple[LabelledRule, ...]


class Agreement(NamedTuple):
    """Precision, recall and F1, each with its 95 % interval, or why there is none."""

    precision: Estimate | Undefined
    recall: Estimate | Undefined
    f1: Estimate | Undefined


class RuleScores(NamedTuple):
    """The agreement of extracted with labelled rules (see the module's text), and what was compared."""

    articles: int
    labelled: int
    extracted: int
    matched: int
    act_characters: Agreement
    act_rules: Agreement
    act_exact: Agreement
    modality: Estimate | Undefined
    subject_characters: Agreement
    subject_rules: Estimate | Undefined
    condition_characters: Agreement
    condition_rules: Estimate | Undefined


class _Counted(NamedTuple):
    """Right, found and wanted, one number an article."""

    right: list[int]
    found: list[int]
    wanted: list[int]


def article_digest(text: str) -> str:
    """The first 16 hex digits of the SHA-256 of an article's text: what a gold file names the text by."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_labelled(path: Path) -> list[LabelledArticle]:
    """The articles of a gold file. Raises `InputError` for a file or a line that cannot be read, and for an article that stands twice."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"file '{path.name}'", f"cannot be read ({error})", "name a gold file", str(path)) from None
    articles: list[LabelledArticle] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            article = msgspec.json.decode(line, type=LabelledArticle)
        except (msgspec.DecodeError, UnicodeEncodeError) as error:
            raise InputError("the line", f"is no labelled article ({error})", "mend the line", place) from None
        if article.norm in seen:
            raise InputError(f"norm '{article.norm}'", "is labelled twice", "keep one of the lines", place)
        seen.add(article.norm)
        articles.append(article)
    if not articles:
        raise InputError(f"file '{path.name}'", "labels no article", "name a gold file", str(path))
    return articles


def score_rules(
    norms: Iterable[Norm], rules: Iterable[Rule], labelled: Sequence[LabelledArticle], draws: int = 1000, seed: int = 0
) -> RuleScores:
    """The agreement of `rules` with the labelled articles; rules of other norms are left out.

    Raises `InputError` for a labelled article that is not among `norms`, whose text is another than the one read, or with a span
    outside it.
    """
    by_key = {norm.key: norm for norm in norms}
    extracted: dict[str, list[Rule]] = {}
    for rule in rules:
        extracted.setdefault(rule.norm, []).append(rule)
    for article in labelled:
        _check(article, by_key)
    pairs = [(extracted.get(by_key[article.norm].id, []), article.rules) for article in labelled]
    matches = [_matched(found, wanted) for found, wanted in pairs]
    clusters = [article.norm for article in labelled]

    def agreement(counted: _Counted) -> Agreement:
        return _agreement(counted, clusters, draws, seed)

    def share(right: list[int], of: list[int]) -> Estimate | Undefined:
        return _ratio(right, of, clusters, draws, seed)

    matched = [len(match) for match in matches]
    found = [len(one) for one, _ in pairs]
    wanted = [len(one) for _, one in pairs]
    exact = [sum(_ends(rule.act) == label.act for rule, label in match) for match in matches]
    same = [sum(rule.modality == label.modality for rule, label in match) for match in matches]
    return RuleScores(
        articles=len(labelled),
        labelled=sum(wanted),
        extracted=sum(found),
        matched=sum(matched),
        act_characters=agreement(_characters(pairs, "act")),
        act_rules=agreement(_Counted(matched, found, wanted)),
        act_exact=agreement(_Counted(exact, found, wanted)),
        modality=share(same, matched),
        subject_characters=agreement(_characters(pairs, "subject")),
        subject_rules=share(_agreeing(matches, "subject"), matched),
        condition_characters=agreement(_characters(pairs, "condition")),
        condition_rules=share(_agreeing(matches, "condition"), matched),
    )


def _check(article: LabelledArticle, by_key: Mapping[str, Norm]) -> None:
    norm = by_key.get(article.norm)
    if norm is None:
        raise InputError(f"norm '{article.norm}'", "is labelled but not in the corpus", "name its corpus", "gold file")
    if article_digest(norm.text) != article.sha256:
        raise InputError(
            f"norm '{article.norm}'",
            f"has another text (digest {article_digest(norm.text)}) than the one that was labelled ({article.sha256})",
            "score the corpus that was labelled or label the article again",
            "gold file",
        )
    for rule in article.rules:
        for ends in (rule.act, rule.subject, rule.condition, rule.consequence):
            if ends is not None and not 0 <= ends[0] < ends[1] <= len(norm.text):
                raise InputError(f"span {ends} of '{article.norm}'", "lies outside the article", "mend it", "gold file")


def _ends(span: Span) -> _Ends:
    return span.start, span.end


def _overlap(one: _Ends, other: _Ends) -> float:
    """Intersection over union."""
    shared = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return shared / (one[1] - one[0] + other[1] - other[0] - shared)


def _matched(found: Sequence[Rule], wanted: Sequence[LabelledRule]) -> list[tuple[Rule, LabelledRule]]:
    candidates = sorted(
        (-overlap, rule.modality != label.modality, i, j)
        for i, rule in enumerate(found)
        for j, label in enumerate(wanted)
        if (overlap := _overlap(_ends(rule.act), label.act)) >= _HALF
    )
    taken_found: set[int] = set()
    taken_wanted: set[int] = set()
    pairs: list[tuple[Rule, LabelledRule]] = []
    for _, _, i, j in candidates:
        if i not in taken_found and j not in taken_wanted:
            taken_found.add(i)
            taken_wanted.add(j)
            pairs.append((found[i], wanted[j]))
    return pairs


def _characters(pairs: Sequence[tuple[Sequence[Rule], Sequence[LabelledRule]]], aspect: _Aspect) -> _Counted:
    counted = _Counted([], [], [])
    for found, wanted in pairs:
        ours = {at for rule in found if (span := _of_rule(rule, aspect)) for at in range(*span)}
        theirs = {at for label in wanted if (span := _of_label(label, aspect)) for at in range(*span)}
        counted.right.append(len(ours & theirs))
        counted.found.append(len(ours))
        counted.wanted.append(len(theirs))
    return counted


def _of_rule(rule: Rule, aspect: _Aspect) -> _Ends | None:
    span = {"act": rule.act, "subject": rule.subject, "condition": rule.condition}[aspect]
    return None if span is None else _ends(span)


def _of_label(label: LabelledRule, aspect: _Aspect) -> _Ends | None:
    return {"act": label.act, "subject": label.subject, "condition": label.condition}[aspect]


def _agreeing(matches: Sequence[Sequence[tuple[Rule, LabelledRule]]], aspect: _Aspect) -> list[int]:
    return [sum(_agree(_of_rule(rule, aspect), _of_label(label, aspect)) for rule, label in match) for match in matches]


def _agree(ours: _Ends | None, theirs: _Ends | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return _overlap(ours, theirs) >= _HALF


def _agreement(counted: _Counted, clusters: Sequence[str], draws: int, seed: int) -> Agreement:
    both = [found + wanted for found, wanted in zip(counted.found, counted.wanted, strict=True)]
    twice = [2 * right for right in counted.right]
    return Agreement(
        precision=_ratio(counted.right, counted.found, clusters, draws, seed),
        recall=_ratio(counted.right, counted.wanted, clusters, draws, seed),
        f1=_ratio(twice, both, clusters, draws, seed),
    )


def _ratio(right: list[int], of: list[int], clusters: Sequence[str], draws: int, seed: int) -> Estimate | Undefined:
    """Σ right / Σ of, articles resampled; `n` counts the articles."""
    import numpy as np

    if not sum(of):
        return Undefined("there is nothing to count it over")
    above, below = np.asarray(right, dtype=float), np.asarray(of, dtype=float)

    def statistic(weights: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            value: Floats = (weights @ above) / (weights @ below)
        return value

    return bootstrap(statistic, clusters, scale=(0.0, 1.0), draws=draws, seed=seed, unit="article")
