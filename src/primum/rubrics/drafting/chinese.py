"""The parts of a Chinese answer, each said as a criterion: verb first, no subject, one thing."""

from __future__ import annotations

import re

from primum.rubrics.drafting import chinese_words as words
from primum.rubrics.drafting.aspects import Aspect, Part, asked, aspect_of

__all__ = ["chinese_parts"]

_TOLD = 0.7
_YES = ("是的", "是", "对", "好的")
_MOST_NAMES = 8
_KEPT_NAMES = 6
_ANSWERS: tuple[tuple[Aspect, str], ...] = (
    ("diagnosis", "指出可能的诊断是{}。"),
    ("cause", "指出可能的原因是{}。"),
    ("examination", "建议的检查包括{}。"),
    ("medication", "提到的治疗药物包括{}。"),
    ("urgency", "建议到{}就诊。"),
    ("warning", "指出可能的并发症或风险是{}。"),
    ("symptom", "指出的症状或体征包括{}。"),
    ("prevention", "提到的预防办法包括{}。"),
    ("treatment", "提到的治疗包括{}。"),
    ("who", "指出所问的人群或比例是{}。"),
    ("prognosis", "指出{}。"),
    ("explanation", "给出的答案是{}。"),
)
"""How an answer that is only a name is said, by what was asked."""


def chinese_parts(question: str, answer: str, longest: int) -> list[Part]:
    """What a good answer says, by the parts of `answer` in their order; at most `longest` characters each.

    A part that says nothing that could be checked (`给予相应的治疗`) counts only where the answer says nothing else.
    """
    wanted = asked(question, "zh")
    found: list[Part] = []
    for sentence in words.ENDS.split(words.BRACKETS.sub("", words.COMMA.sub("，", answer))):
        opened = words.PREAMBLE.sub("", words.OPENERS.sub("", sentence.strip()))
        for clause in _clauses(words.DIFFER.sub("", words.FRAME.sub("", opened))):
            part = _part(_without_case(clause, question), question, wanted, is_first=not found)
            if part is not None and len(part.statement) <= longest:
                found.append(part)
    checkable = [
        part
        for part in found
        if not words.VAGUE.match(part.statement.rstrip("。")) and not words.VAGUE_END.search(part.statement)
    ]
    return checkable or found


def _clauses(sentence: str) -> list[str]:
    """The clauses that can stand alone: one that waits for the next is joined with it, one that leans on the last with that."""
    found: list[str] = []
    for segment in _segments(sentence):
        if found and found[-1] in _YES:  # what follows says it in full
            found[-1] = segment
            continue
        is_free = bool(words.BEGINS.match(segment) or words.OWN.match(segment)) and not words.LEANS.match(segment)
        if found and not words.BARE.match(found[-1]) and (_waits(found[-1]) or not is_free):
            found[-1] += f"，{segment}"
        else:
            found.append(segment)
    return found


def _without_case(clause: str, question: str) -> str:
    """The clause without a beginning that only repeats what the question told of the case; empty when all of it does."""
    rest = clause.split("，")
    while rest and _is_told(rest[0], question):
        rest = rest[1:]
    if rest and len(rest) < clause.count("，") + 1 and re.match("极?有可能|很?可能|应|需|建议|考虑|提示", rest[0]):
        return "，".join(rest)
    return (
        ""
        if not rest and re.match(r"^.{0,8}出现", clause) and not re.search("可能|是|应|需|提示|为", clause)
        else clause
    )


def _only_tells(told: str, question: str) -> bool:
    """Whether a clause about what the patient has says nothing that the question did not."""
    is_more = re.search("是|为|包括|可能|达", told)
    return not is_more and (told[2:].lstrip("了") in question or _is_told(told, question))


def _is_told(segment: str, question: str) -> bool:
    pairs = [segment[at : at + 2] for at in range(len(segment) - 1)]
    return len(pairs) >= 6 and sum(pair in question for pair in pairs) >= _TOLD * len(pairs)


def _waits(clause: str) -> bool:
    """Whether the clause cannot end here: a condition without what follows from it, or words too few to say anything."""
    if len(clause) < 4:
        return True
    conditions = list(words.CONDITION.finditer(clause))
    if conditions and not words.FOLLOWS.search(clause[conditions[-1].end() :]):
        return True
    return bool(words.WAITS.search(clause.rsplit("，", 1)[-1]))


def _segments(sentence: str) -> list[str]:
    """The stretches between commas; a comma in brackets or quotes parts nothing."""
    found, depth, start = [], 0, 0
    for at, character in enumerate(sentence):
        depth += (character in "（(「“") - (character in "）)」”")
        if character == "，" and depth <= 0:
            found.append(sentence[start:at])
            start = at + 1
    found.append(sentence[start:])
    return [part.strip() for part in found if part.strip()]


def _part(clause: str, question: str, wanted: frozenset[Aspect], is_first: bool) -> Part | None:
    """A clause as a criterion; `None` when it says nothing that could be checked."""
    told = _plain(clause)
    if words.BARE.match(told):
        return _yes_or_no(told, question) if is_first else None
    if len(told) < 2 or words.EMPTY.search(told):
        return None
    is_name = not words.PREDICATE.search(told.split("（")[0]) or (
        wanted != {"explanation"} and not words.MAIN.search(told.split("（")[0])
    )
    if is_first and is_name and len(told) <= 40:
        aspect, frame = next((aspect, frame) for aspect, frame in _ANSWERS if aspect in wanted)
        return Part(_listed(frame.format(told)), aspect, True)
    if len(told) < 5 or (len(told) < 7 and not words.PREDICATE.search(told)):
        return None
    if words.DEPENDS.search(told) and len(told) < 40 and not re.search("如果|若|、", told):
        return Part(f"说明{_what_depends(told)}要根据患者的具体情况来定。", "depends")
    if re.match("患有|患了|出现", told) and _only_tells(told, question):
        return None
    said = _said(told)
    if said.startswith("指出") and not words.MAIN.search(told):
        return None
    aspect = "diagnosis" if said.startswith("指出要考虑") else aspect_of(told, "zh")
    return Part(_listed(f"{said}。"), aspect, aspect == "explanation" and wanted == {"explanation"})


def _plain(clause: str) -> str:
    """Without the words that only join it to the last, without the patient as its subject and without what it is for."""
    told = re.sub("^治疗方[案法]：", "", clause.strip("，, 、:："))
    for _ in range(3):
        told = words.OPENERS.sub("", told)
    told = re.sub(r"^需?要?(?:特别)?注意的是，?", "", words.FRAME.sub("", told))
    told = words.PERSON.sub("", told) if len(told) > 6 else told
    told = re.sub(r"^这(?=可能|很可能|是)|^(?:该|其)(?=应|需|可能)", "", told)
    aimless = words.TO_DIAGNOSE.sub("", told)
    told = words.SOMEONE.sub("患者", words.PURPOSE.sub("", aimless if len(aimless) > 5 else told))
    told = re.sub(r"则(?=需|包括|主要|多|可|为|是|通常|应)", "", told, count=1)
    told = re.sub(r"可能存在(?:患上|患有)?(.+)的可能(?:性)?$", r"可能患有\1", told)
    return re.sub(
        r"^(建议)(?:[一-龥]?(?:女士|先生|小姐)|患者|小[一-龥]|您|你|她|他|家长带孩子)(?=[一-龥]{2})", r"\1", told
    )


def _said(told: str) -> str:
    """The clause behind the verb that fits it."""
    if told.startswith(("建议", "提醒")):
        return told
    if words.CONSIDER.match(told):
        return "指出要考虑" + words.CONSIDER.sub("", told)
    if re.search(r"(?:重要|必要|关键)的?$", told):
        return "指出" + told
    bare = re.sub(r"^(?:应该|应当|应|需要|需|要)", "", told)
    if words.NEGATIVE.match(told) or words.REMIND.match(told):
        return "提醒" + bare
    if words.MODAL.match(told):
        return "建议" + words.MODAL.sub("", told)
    if words.MAY.match(told):
        return "提到" + told
    if words.ACTS.match(told) and not re.search("可以|能够|可有效|是|需要|应该|治疗为", told):
        return "建议" + told
    return ("说明" if re.search("(?<!原)因为|由于|所以|是指", told) else "指出") + told


def _what_depends(told: str) -> str:
    return next((word for word in ("治疗方案", "手术方式", "检查", "用药", "治疗") if word in told), "具体做法")


def _listed(statement: str) -> str:
    """A list of three or more says how many of it are enough, so that one name left out does not decide; a long one is shortened."""
    if "、" not in statement or "至少" in statement:
        return statement
    body = _shortened(statement.rstrip("。"))
    longest = max(len(words.LIST.split(words.AIM.split(part)[0])) for part in body.split("，") if "、" in part)
    if longest < 3:
        return f"{body}。"
    return f"{body}（至少说到其中{'三' if longest >= 6 else '两'}项）。"


def _shortened(body: str) -> str:
    """The first six names of a list of more than eight, with what follows its 等."""
    names = body.split("、")
    if len(names) <= _MOST_NAMES or any("，" in name for name in names[1:-1]):
        return body
    tail = re.search(r"等[^，]*$", names[-1])
    return "、".join(names[:_KEPT_NAMES]) + (tail[0] if tail else "等")


def _yes_or_no(told: str, question: str) -> Part | None:
    """A bare yes or no, completed by what the question asks; without `是否` the word itself."""
    match = words.WHETHER.search(question)
    if match is None and told in ("不同", "相同", "不相同", "不一样"):
        return None  # the question took that for granted
    if match is None:
        return Part(f"对所问的问题明确回答“{told}”。", "explanation", True)
    modal, rest = match[1] or "", match[2].rstrip("呢吗啊 ")
    if told in ("不同", "相同", "不相同", "不一样"):
        what = question[: match.start()].rsplit("，", 1)[-1]
        return Part(f"明确指出{what}{told}。", "explanation", True)
    if told in ("是的", "是", "有可能", "可能", "是有可能的"):
        polarity = modal if told in ("是的", "是") else f"可能{'' if '可能' in modal else modal}"
        return Part(f"明确回答{polarity or '是'}{rest}。", "explanation", True)
    if told in ("否", "不是"):
        return Part(f"明确回答不{modal}{rest}。", "explanation", True)
    return Part(f"明确回答{told}{rest if modal and modal[-1] in told else ''}。", "explanation", True)
