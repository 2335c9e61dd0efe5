"""Rules that can be said apart from their article: nothing in them leans on another provision or on a word outside them.

`saying` gives the words that items are made of, or the reason why there are none. The language files hold what leans and what is vague.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from primum.bench.items import sayable_en, sayable_zh
from primum.bench.items.naming import drawn
from primum.bench.items.said import Said
from primum.records import Deontic, Ground, Language, Norm, Rule

__all__ = ["Saying", "grounds", "saying"]

Nature = Literal["act", "omission", "state"]


class Saying(NamedTuple):
    """A rule in words that stand alone.

    `who` is empty for anybody. `when` is a circumstance (`发生医疗事故的`), `manner` a lack that makes the act wrong (`未经患者同意`); at
    most one of the two is there. `nature`: an `act` that somebody does, an `omission` that is punished (`未按照规定报告`), or a `state`
    (`具有适合的场所`), of which nobody could ask to do it. `seed` names what the rule says: by the
    text of its article and its own words, of no id. `is_asked`: somebody could put it to an assistant in the first person.
    """

    rule: Rule
    norm: Norm
    modality: Deontic
    who: str
    when: str
    manner: str
    act: str
    nature: Nature
    is_asked: bool
    is_punished: bool
    seed: int

    @property
    def language(self) -> Language:
        return self.rule.language

    @property
    def is_the_states(self) -> bool:
        """Whether the rule binds an organ of the state."""
        return sayable_zh.is_state(self.who) if self.language == "zh" else sayable_en.is_state(self.who)

    @property
    def title(self) -> str:
        """The title as it is said in a sentence: without brackets; an English statute takes its article."""
        if self.language == "zh":
            return self.norm.source_title.strip("《》")
        title = re.sub(r"\s*[(（][^)）]*[)）]\s*$", "", self.norm.source_title).strip()
        return f"the {title}" if _TAKES_ARTICLE.search(title) and not title.lower().startswith("the ") else title


_TAKES_ARTICLE = re.compile(
    r"\b(?:Act|Code|Order|Principles|Rules?|Regulations?|Law|Statute|Charter|Standards?|Guidelines?|Bill|Convention|Declaration|Ordinance)$"
)


def saying(rule: Rule, norm: Norm) -> Saying | str:
    """The rule in words that stand alone, or why it cannot be said."""
    parts = {"act": rule.act, "subject": rule.subject, "condition": rule.condition, "consequence": rule.consequence}
    for name, span in parts.items():
        if span is not None and norm.text[span.start : span.end] != span.text:
            return f"{name} of the rule does not stand in its norm"
    lost = _lost(rule, norm)
    if lost:
        return lost
    read = sayable_zh.read if rule.language == "zh" else sayable_en.read
    said = read(
        rule.modality,
        rule.subject.text if rule.subject else "",
        rule.condition.text if rule.condition else "",
        rule.act.text,
        rule.consequence.text if rule.consequence else "",
    )
    if not isinstance(said, Said):
        return said
    return Saying(
        rule,
        norm,
        rule.modality,
        said.who,
        said.when,
        said.manner,
        said.act,
        said.nature,
        said.is_asked,
        rule.consequence is not None,
        drawn(norm.digest, rule.modality, said.who, said.when, said.manner, said.act),
    )


_MODALS = re.compile(
    r"不得|应当|必须|可以|禁止|严禁|有权|不准|方可|只准|允许|须|应|并|也|还|均|都|依法|同时|但是|但|可|予以|一律|凡|(?:任何|一切)[^，]{0,12}"
)
_LIST_WORDS = re.compile(r"(?:有|从事|实施|进行|履行|采取|遵守|符合|具备|存在)$|违反本[^，]{1,30}规定|的$")


def _lost(rule: Rule, norm: Norm) -> str:
    """What the rule leaves out of its sentence or of the sentence that opens its list, and cannot be understood without; zh only."""
    if rule.language != "zh":
        return ""
    spans = [span for span in (rule.subject, rule.condition) if span is not None]
    if any(span.start < rule.act.end and rule.act.start < span.end for span in spans):
        return "act holds its own subject or condition"
    cut = _cut(rule, norm)
    if cut:
        return cut
    text = list(norm.text)
    for span in spans:
        text[span.start : span.end] = "□" * (span.end - span.start)
    plain = "".join(text)
    start = max(plain.rfind(stop, 0, rule.act.start) for stop in "。；;\n") + 1
    before = plain[start : rule.act.start]
    if before.count("应当") + before.count("不得") + before.count("可以") + before.count("必须") > 1:
        before = before[before.rfind("，") + 1 :]
    rest = _MODALS.sub("", re.sub(r"^\s*(?:第[^条]{1,9}条|[（(][^）)]{1,4}[）)])\s*", "", before))
    rest = re.sub(r"[\s□，、：:（）()]|^的|违反本[^，]{1,30}规定", "", rest)
    if len(rest) > (1 if rule.subject is None and rule.condition is None else 3):
        return "words before the act are left out of the rule"
    item = re.match(
        r"\s*[（(][一二三四五六七八九十0-9]{1,4}[）)]", norm.text[norm.text.rfind("\n", 0, rule.act.start) + 1 :]
    )
    if not item:
        return ""
    opened = max(plain.rfind("：", 0, rule.act.start), plain.rfind(":", 0, rule.act.start))
    lead = plain[max(plain.rfind(stop, 0, opened) for stop in "。\n") + 1 : opened] if opened > 0 else ""
    lead = re.sub(r"^\s*第[^条]{1,9}条\s*", "", lead)
    listed = re.search(r"(?:下列|以下|如下)(?P<what>[^，：:]*)", lead)
    if listed and _NAMED_THINGS.search(listed["what"]):
        return "item names a thing, and the verb stands in the list's opening"
    if listed and re.match(r"条件|要求", listed["what"]) and not _DEED.match(rule.act.text):
        return "item is a clause of its own, no deed"
    lead = lead[: listed.start()] if listed else lead
    lead = re.split("[；;]", lead)[-1]
    parts = [_LIST_WORDS.sub("", _MODALS.sub("", part)).strip("□的 ") for part in lead.split("，")]
    if any(len(part) > 3 for part in parts):
        return "words of the list's opening are left out of the rule"
    return ""


# How a condition that somebody must meet opens, where it can stand after a modal.
_DEED = re.compile(
    r"(?:有|具有|具备|设|配|建立|通过|取得|经|符合|遵守|尊重|适应|保护|听取|制定|明确|能|在|由|与|按|依|向|对|将|以|为|不|未|并|进行|开展|完成|提供|持|参加|接受|使用|采取|做|保证|坚持|给予)"
)
_OPENS = re.compile(r"^(?:对|对于|在|因|经|如|发现|需要|涉及|就|凡)")
_WRONG_ALONE = re.compile(
    r"非法|违法|擅自|伪造|篡改|变造|虚假|假药|劣药|瞒报|隐瞒|谎报|缓报|欺骗|骗取|泄露|隐匿|买卖|倒卖|胁迫|强迫|未|不(?!满|足|同|良)|拒|无正当理由|歧视|侵占|挪用|截留|克扣|索取|收受|牟取|利诱|诱骗|超出|超过"
)


def _cut(rule: Rule, norm: Norm) -> str:
    """Whether the act is wrong only by a provision that it names, runs into the next rule, or its circumstance is half a noun; zh only."""
    text, act = norm.text, rule.act
    before = text[max(text.rfind(stop, 0, act.start) for stop in "。；;\n：:") + 1 : act.start]
    named = re.search(r"违反(?:本|前)[^，]{1,30}?规定[，,]?$", before) or re.match(
        r"违反(?:本|前)[^，]{1,30}?规定", act.text
    )
    if named and "第" in named.group() and not _WRONG_ALONE.search(act.text.removeprefix(named.group())):
        return "act is wrong only by a provision that it names"
    last = re.split(r"[，,；;]", act.text)[-1]
    if "，" in act.text and _OPENS.match(last) and re.match(r"[，,]?\s*(?:应当|必须|不得|可以|应)", text[act.end :]):
        return "act runs on into the next rule"
    clauses = [part for part in re.split(r"[，,]", before) if part.strip()]
    if len(clauses) > 1 and _MODALS.sub("", clauses[-1]).strip() == "" and _OPENS.match(clauses[-2].strip()):
        whole = range(act.start - len(before), act.start)
        if not any(
            span is not None and span.start in whole and clauses[-2].strip() in span.text
            for span in (rule.condition, rule.subject)
        ):
            return "words before the act are left out of the rule"
    if rule.subject is not None and rule.condition is not None and rule.subject.end == rule.condition.start:
        told = rule.condition.text
        if "、" in told and not told.endswith(("的", "时", "后", "前", "中")) and not sayable_zh.EVENT.match(told):
            return "condition is cut out of a noun"
    return ""


_NAMED_THINGS = re.compile(
    r"资料|文件|材料|内容|事项|疾病|检查|信息|项目|情况|范围|途径|方式|证明|人员|机构|制度|因素|原则|设备|产品|药品|物品"
)


def grounds(one: Saying) -> tuple[Ground, ...]:
    """The sentence in which the act stands, verbatim; and the sentence that opens its list, where the subject stands there."""
    mark = one.norm.citation[-1].label
    quotes = [_sentence(one.norm.text, one.rule.act.start, one.rule.act.end).removeprefix(mark).strip()]
    for span in (one.rule.subject, one.rule.condition):
        if span is not None:
            sentence = _sentence(one.norm.text, span.start, span.end).removeprefix(mark).strip()
            if not any(sentence in quote for quote in quotes):
                quotes.append(sentence)
    label = one.norm.reference + one.rule.label
    return tuple(
        Ground(norm=one.norm.id, citation=label, quote=quote, article=one.norm.digest, rule=one.rule.id)
        for quote in quotes
    )


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence or list item around `start` to `end`, as it stands."""
    stops = "。\n" if any("\u4e00" <= character <= "\u9fff" for character in text[start:end]) else "\n"
    low, high = start, end
    while low > 0 and text[low - 1] not in stops and not _ends_english(text, low):
        low -= 1
    while high < len(text) and text[high] not in stops and not (high > end and _ends_english(text, high)):
        high += 1
    if high < len(text) and text[high] == "。":
        high += 1
    return text[low:high].strip()


def _ends_english(text: str, at: int) -> bool:
    """Whether an English sentence ended just before `at`."""
    return at >= 2 and text[at - 1] == " " and text[at - 2] in ".;!?" and (at == len(text) or text[at].isupper())
