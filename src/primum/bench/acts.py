"""What a provision forbids or demands, as an act that a person could ask about.

Only what can be cut out cleanly is kept: an act that leans on another provision (前款, "this section"), on a word outside the clause
(a leading 其, "it"), on an exception, or on a sanction is left out, because a request made of it would not say what is asked.
"""

from __future__ import annotations

import re

from primum.bench import acts_en, acts_zh
from primum.bench.act import Act
from primum.records import Norm, Provision

__all__ = ["acts", "plain_text"]


_ITEM_MARK = re.compile(r"^\s*(?:[（(][一二三四五六七八九十0-9a-z]{1,4}[）)]|[0-9a-z]{1,3}[.)])\s*")
_ARTICLE_MARK = re.compile(r"^\s*第[零〇一二三四五六七八九十百千0-9]+条(?:之[一二三四五六七八九十]+)?\s*")


def acts(norm: Norm) -> list[Act]:
    """The acts that `norm` forbids or demands, in order, each once."""
    found: dict[Act, None] = {}
    read = acts_zh.read if norm.language == "zh" else acts_en.read
    lead = ""
    for provision in norm.provisions:
        text = plain_text(norm, provision)
        is_item = bool(_ITEM_MARK.match(_slice(norm, provision)))
        if not is_item:
            lead = text if text.endswith((":", "：")) else ""
        for act in read(text, lead if is_item else "", provision):
            found[act] = None
    return list(found)


def plain_text(norm: Norm, provision: Provision) -> str:
    """The words of a provision without its article or item number and without line breaks."""
    text = _ITEM_MARK.sub("", _ARTICLE_MARK.sub("", _slice(norm, provision)))
    label = norm.citation[-1].label
    text = text.strip()
    if text.startswith(label):
        text = text[len(label) :].lstrip(" .:、\u3000")
    return " ".join(text.split())


def _slice(norm: Norm, provision: Provision) -> str:
    return norm.text[provision.start - norm.start : provision.end - norm.start]
