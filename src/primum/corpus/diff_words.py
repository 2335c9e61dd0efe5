"""What two wordings of an article have in common: the key by which equal ones meet, and the words left out and put in."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from primum.records import Norm

__all__ = ["Edit", "body", "edits", "pairs_of", "runs_of", "similarity", "text_key"]

_CLAUSE = re.compile(r"[^，。；：、,.;:!?！？]+|[，。；：、,.;:!?！？]+\s*")
_TOKEN = re.compile(r"[^\W_\u2e80-\u9fff]+|\s+|.", re.DOTALL)
_MOST_PAIRS = 2_000_000  # of equal pieces in two wordings: with more, to align them piece by piece takes minutes
_ISLAND = 2  # characters: a shorter piece that two changes leave between them is not worth a reader's stop


class Edit(NamedTuple):
    """A piece of a wording: `kept` in both, `deleted` from the old one or `inserted` in the new one."""

    kind: Literal["kept", "deleted", "inserted"]
    text: str


def body(norm: Norm) -> str:
    """What an article says, without its own number, white space folded."""
    return " ".join(norm.text.strip().removeprefix(norm.citation[-1].label).split())


def text_key(norm: Norm) -> str:
    """Equal for two articles that differ in their number and in white space alone: no amendment."""
    return norm.wording


def pairs_of(key: str) -> frozenset[str]:
    """The pairs of neighbouring characters in a text; a text of one character is its own only pair."""
    return frozenset(key[at : at + 2] for at in range(max(1, len(key) - 1)))


def runs_of(key: str) -> frozenset[str]:
    """The runs of six characters in a text: what two texts share of them was written once and copied."""
    return frozenset(key[at : at + 6] for at in range(max(1, len(key) - 5)))


def edits(old: str, new: str) -> list[Edit]:
    """`old` turned into `new`: kept and deleted pieces together are `old`, kept and inserted ones `new`.

    Compared clause by clause, and inside a changed clause by Latin words and Chinese characters.
    """
    found: list[Edit] = []
    for kind, before, after in _blocks(_CLAUSE.findall(old), _CLAUSE.findall(new)):
        if kind == "equal":
            found.append(Edit("kept", before))
            continue
        for inner, left, right in _blocks(_TOKEN.findall(before), _TOKEN.findall(after)):
            found += [Edit("kept", left)] if inner == "equal" else [Edit("deleted", left), Edit("inserted", right)]
    return _readable([one for one in found if one.text])


def similarity(changed: list[Edit]) -> float:
    """The share of the characters of both wordings that stand in both, 2·kept / (old + new); 1 only where nothing changed."""
    kept = sum(len(one.text) for one in changed if one.kind == "kept")
    other = sum(len(one.text) for one in changed if one.kind != "kept")
    return 1.0 if not other else 2 * kept / (2 * kept + other)


def _blocks(old: list[str], new: list[str]) -> list[tuple[str, str, str]]:
    counts = Counter(new)
    if sum(counts[piece] for piece in old) > _MOST_PAIRS:
        return _ends_apart(old, new)
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(code, "".join(old[a:b]), "".join(new[c:d])) for code, a, b, c, d in codes]


def _ends_apart(old: list[str], new: list[str]) -> list[tuple[str, str, str]]:
    """What both begin and end with is kept, all between replaced: in time that grows with the length alone."""
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    tail = next((at for at in range(most - head) if old[-1 - at] != new[-1 - at]), most - head)
    before, after = ("".join(one[head : len(one) - tail]) for one in (old, new))
    blocks = [
        ("equal", "".join(old[:head]), ""),
        ("replace", before, after),
        ("equal", "".join(old[len(old) - tail :]), ""),
    ]
    return [one for one in blocks if one[1] or one[2]]


def _readable(pieces: list[Edit]) -> list[Edit]:
    """The same edits with neighbours joined and islands between two changes taken into them."""
    told: list[Edit] = []
    deleted = inserted = ""
    for place, one in enumerate(pieces):
        is_island = one.kind == "kept" and len(one.text) < _ISLAND and 0 < place < len(pieces) - 1
        if one.kind == "kept" and not (is_island and (deleted or inserted) and pieces[place + 1].kind != "kept"):
            told += _closed(deleted, inserted)
            deleted = inserted = ""
            told.append(Edit("kept", told.pop().text + one.text if told and told[-1].kind == "kept" else one.text))
            continue
        deleted += one.text if one.kind != "inserted" else ""
        inserted += one.text if one.kind != "deleted" else ""
    return told + _closed(deleted, inserted)


def _closed(deleted: str, inserted: str) -> list[Edit]:
    return [one for one in (Edit("deleted", deleted), Edit("inserted", inserted)) if one.text]
