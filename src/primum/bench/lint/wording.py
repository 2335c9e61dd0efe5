"""Whether an item is complete, sorted, in its language, and free of what would go stale: article numbers and dates."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from primum.bench.lint.found import Context, Outcome, asked
from primum.language import detect, normalise

__all__ = ["check_classes", "check_language", "check_numbers", "check_parts"]

_NUMBERED: Final = re.compile(
    r"第\s*[零〇一二三四五六七八九十百千0-9]+\s*[条款项章编]|§\s*\d|\b(?:articles?|sections?|art\.|sec\.|clauses?|paragraphs?)\s*\(?\d",
    re.I,
)
_DATED: Final = re.compile(
    r"(?:19|20)\d\d\s*(?:年|[-/.]\s*\d{1,2})|[一二][零〇九]\S{2}年|\b(?:january|february|march|april|may|june|july|august|september|october|"
    r"november|december)\s+(?:\d{1,2},?\s+)?(?:19|20)\d\d\b|\((?:19|20)\d\d\)",
    re.I,
)


def check_parts(seen: Context) -> Outcome:
    """Points are there, an open item has a good answer to compare with, a choice question distinct options, every item a difficulty."""
    found: list[tuple[str, str]] = []
    for item in seen.items:
        if not item.points or not all(point.strip() for point in item.points):
            found.append((item.item, "has no points, or an empty one"))
        if item.task == "open" and not (item.reference or "").strip():
            found.append((item.item, "has no good answer to compare with"))
        if item.difficulty is None:
            found.append((item.item, "has no difficulty"))
        texts = [normalise(option.text) for option in item.options]
        if len(set(texts)) < len(texts) or not all(texts):
            found.append((item.item, "has two options that say the same, or an empty one"))
        if item.task == "multiple_choice" and len(item.key) == len(item.options):
            found.append((item.item, "has no wrong option"))
        if item.task != "open" and item.harm_level:
            found.append((item.item, "is a choice question with a harm level"))
    by = Counter(item.difficulty or "none" for item in seen.items)
    shown = ", ".join(f"{by[name]:,} {name}" for name in ("easy", "medium", "hard") if by[name])
    return found, f"points, options, good answers and difficulty are there: {shown or 'no items'}"


def check_classes(seen: Context) -> Outcome:
    """Dimension, scene, style and harm level are classes of the taxonomy."""
    axes = {
        axis: {one.key for one in getattr(seen.taxonomy, axis)} for axis in ("dimensions", "scenes", "styles", "harms")
    }
    found: list[tuple[str, str]] = []
    for item in seen.items:
        if item.dimension not in axes["dimensions"]:
            found.append((item.item, f"dimension '{item.dimension}' is not in the taxonomy"))
        if item.scene and item.scene not in axes["scenes"]:
            found.append((item.item, f"scene '{item.scene}' is not in the taxonomy"))
        if axes["styles"] and item.style not in axes["styles"]:
            found.append((item.item, f"style '{item.style}' is not in the taxonomy"))
        if axes["harms"] and not {f"harm_{item.harm_level}", str(item.harm_level)} & axes["harms"]:
            found.append((item.item, f"harm level {item.harm_level} is not in the taxonomy"))
    used = {
        axis: len({getattr(item, axis[:-1]) for item in seen.items} - {""})
        for axis in ("dimensions", "scenes", "styles")
    }
    return found, "every class is one of the taxonomy: " + ", ".join(f"{n} {axis}" for axis, n in used.items())


def check_numbers(seen: Context) -> Outcome:
    """No number of an article and no date stands in what is asked or in its points: an amendment elsewhere must not make it wrong."""
    found: list[tuple[str, str]] = []
    for item in seen.items:
        text = "\n".join([asked(item), *item.points])
        labels = {seen.norms[id].citation[-1].label for id in seen.articles(item)}
        told = _NUMBERED.search(text) or _DATED.search(text)
        if told:
            found.append((item.item, f"says '{told[0].strip()}'"))
        elif any(len(label) > 2 and label in text for label in labels):
            found.append((item.item, "says the number of its article"))
    return found, f"no number of an article and no date is said: {len(found)} items say one"


def check_language(seen: Context) -> Outcome:
    """What is asked, each option and the points are in the item's language."""
    found: list[tuple[str, str]] = []
    for item in seen.items:
        parts = {
            "what is asked": item.prompt,
            "the points": "\n".join(item.points),
            "the good answer": item.reference or "",
        }
        parts |= {f"option {option.letter}": option.text for option in item.options}
        wrong = [name for name, text in parts.items() if text.strip() and detect(text) != item.language]
        if wrong:
            found.append((item.item, f"{', '.join(wrong)}: not in {item.language}"))
    by = Counter(item.language for item in seen.items)
    return found, "every text is in its item's language: " + ", ".join(
        f"{n:,} {name}" for name, n in sorted(by.items())
    )
