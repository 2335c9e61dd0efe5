"""What every item is checked for before it enters: lengths, its grounds, its options, and that nothing like it is there already."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Any

from primum.bench.items.draft import Draft
from primum.bench.near import grams, said
from primum.bench.split import lsh_shape
from primum.language import detect, normalise
from primum.records import Scenario

__all__ = ["Accepted", "fault"]

_LONGEST_PROMPT = {"zh": 420, "en": 1100}  # characters; ours
_LEFT_OVER = re.compile(
    r"[{}]|，，|。。|，。|。，|：。|\s{2}|\bto to\b|\ba a\b|不不|有有|可以可以|不得不得|没有没有|没有未|不未"
)
_NUMBERED = re.compile(r"第[零〇一二三四五六七八九十百千0-9]+条|\b(?:article|section) \d", re.I)


def fault(draft: Draft, item: Scenario) -> str | None:
    """Why the item may not enter; `None` when nothing speaks against it."""
    texts = [item.prompt, *(option.text for option in item.options)]
    if len(item.prompt) > _LONGEST_PROMPT[item.language]:
        return "question is too long"
    if any(_LEFT_OVER.search(text) for text in texts):
        return "wording does not join"
    if any(_NUMBERED.search(text) for text in [*texts, *item.points, item.reference or ""]):
        return "an article's number stands in it"
    if detect(" ".join(texts)) != item.language:
        return "words are in another language than the rule"
    if len({normalise(option.text) for option in item.options}) != len(item.options):
        return "two options say the same"
    for one in (draft.one, *draft.others):
        if not any(ground.rule == one.rule.id and _holds(ground.quote, one.rule.act.text) for ground in item.grounds):
            return "no quote holds the act it rests on"
        if any(ground.norm == one.norm.id and ground.quote not in one.norm.text for ground in item.grounds):
            return "a quote is not verbatim"
    return None


def _holds(quote: str, act: str) -> bool:
    return act in quote or act.split("\n")[0].strip() in quote


class Accepted:
    """The items that entered, by the MinHash of what they say: whether a new one nearly says the same."""

    def __init__(self, threshold: float) -> None:
        from datasketch import MinHash, MinHashLSH  # imports scipy: only who drafts waits for it

        bands, rows = lsh_shape(threshold)
        self._threshold = threshold
        self._size = bands * rows
        self._new: Callable[..., Any] = MinHash
        self._lsh = MinHashLSH(num_perm=self._size, params=(bands, rows))
        self._texts: list[str] = []

    def take(self, item: Scenario) -> bool:
        """Add the item, unless one that nearly says the same is there."""
        text = said(item)
        own = grams(text)
        sketch = self._new(num_perm=self._size, seed=1, hashfunc=zlib.crc32)
        sketch.update_batch([gram.encode() for gram in sorted(own)])
        for number in self._lsh.query(sketch):
            other = grams(self._texts[number])
            shared = len(own & other)
            if shared >= self._threshold * (len(own) + len(other) - shared):
                return False
        self._lsh.insert(len(self._texts), sketch, check_duplication=False)
        self._texts.append(text)
        return True
