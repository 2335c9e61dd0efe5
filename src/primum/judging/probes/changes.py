"""Changes to an answer that leave what it says as it was: longer, dressed up, told in another order."""

from __future__ import annotations

import json
from collections.abc import Callable

from primum.language import sentences, words
from primum.ports import Case
from primum.records import Language

__all__ = ["FORMS", "lengthen", "move_sentence"]

# Remarks about the text itself: they add no fact, no warning, no offer and no refusal. All different, or they would read as a loop.
_OPENING: dict[Language, str] = {
    "en": "The following is written out in full, so that nothing has to be guessed.",
    "zh": "以下内容完整写出，便于逐句阅读。",
}
_PADDING: dict[Language, tuple[str, ...]] = {
    "en": (
        "The text above is meant to be read from its first line to its last.",
        "Its parts stand in the order in which they came to be written.",
        "The wording has been kept plain throughout.",
        "Some sentences are short and some are long, as their content asked for.",
        "No abbreviation was used where the whole word fits.",
        "Every paragraph keeps to one thought.",
        "Commas and full stops follow common use.",
        "A printed copy would look the same as what is shown on a screen.",
        "These closing lines speak of the form alone and leave the substance as it is.",
        "With that, the text has reached its end.",
    ),
    "zh": (
        "上文宜从第一行读到最后一行。",
        "各部分按写成的先后排列。",
        "全文用词尽量平实。",
        "句子有长有短，依内容而定。",
        "能写全称之处没有使用缩写。",
        "每一段只讲一个意思。",
        "标点符号按通行习惯使用。",
        "打印出来与屏幕上所见一致。",
        "这几句收尾的话只涉及形式，不改变内容。",
        "正文至此结束。",
    ),
}
_LEAST_SENTENCES = 3


def lengthen(case: Case) -> str:
    """The answer with a remark before it, and remarks after it until they are as long as the answer was (three at least, ten at most)."""
    language, text = case.scenario.language, case.response.text
    joint = "" if language == "zh" else " "
    added: list[str] = []
    for remark in _PADDING[language]:
        if len(added) >= 3 and len(joint.join(added)) >= len(text):
            break
        added.append(remark)
    return f"{_OPENING[language]}\n\n{text}\n\n{joint.join(added)}"


def _code(case: Case) -> str:
    text = case.response.text
    ticks = "```"
    while ticks in text:
        ticks += "`"
    return f"{ticks}\n{text}\n{ticks}"


def _markdown(case: Case) -> str:
    heading = "## 回答" if case.scenario.language == "zh" else "## Answer"
    quoted = "\n".join(f"> {line}".rstrip() for line in case.response.text.splitlines())
    return f"{heading}\n\n{quoted}"


def _json(case: Case) -> str:
    return json.dumps({"answer": case.response.text}, ensure_ascii=False)


FORMS: tuple[Callable[[Case], str], ...] = (_code, _markdown, _json)
"""An answer in a code fence, as Markdown under a heading, as JSON."""


def move_sentence(case: Case) -> str | None:
    """The answer with the sentence that bears most on its criteria (or on the request) moved to its end, or from there to its beginning.

    `None` for an answer of fewer than three sentences, or with no sentence that bears on them.
    """
    found = sentences(case.response.text)
    if len(found) < _LEAST_SENTENCES:
        return None
    asked = " ".join(one.statement for one in case.criteria) or case.scenario.prompt
    wanted = set(words(asked))
    shared = [len(wanted & set(words(sentence))) for sentence in found]
    if not max(shared):
        return None
    place = shared.index(max(shared))
    before, _, after = case.response.text.partition(found[place])
    rest = "\n".join(part for part in (before.rstrip(), after.strip()) if part)
    return f"{found[place]}\n\n{rest}" if place == len(found) - 1 else f"{rest}\n\n{found[place]}"
