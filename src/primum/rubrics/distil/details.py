"""Removing what belongs to one case from a criterion: names, numbers, doses, ages, conditions, drugs, tests, procedures, parts, symptoms.

What is left says what an answer does, with a generic noun in the place of each detail. Words are found in lists of common names and by
the endings that medical names have; a name that has neither stays, and the rarity of its words then keeps it out of a principle's statement
(`statements`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from primum.records import Language
from primum.rubrics.distil import detail_words_en as en
from primum.rubrics.distil import detail_words_zh as zh

__all__ = ["GENERIC", "generalise", "has_details"]

GENERIC: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "condition": "该疾病",
        "drug": "所用药物",
        "test": "该检查",
        "procedure": "该手术",
        "part": "该部位",
        "symptom": "该症状",
        "dose": "所述剂量",
        "time": "一段时间",
        "age": "该年龄",
        "value": "所述数值",
        "person": "患者",
    },
    "en": {
        "condition": "the condition",
        "drug": "the drug",
        "test": "the test",
        "procedure": "the procedure",
        "part": "the body part",
        "symptom": "the symptom",
        "dose": "the stated dose",
        "time": "some time",
        "age": "that age",
        "value": "the stated value",
        "person": "the patient",
    },
}
"""What stands in the place of a detail, by its kind."""

_MOST_TURNS = 8  # two are the rule


def generalise(text: str, language: Language) -> str:
    """`text` without the details of its case: `建议糖尿病患者每天服用二甲双胍0.5g` → `建议该疾病患者每天服用所用药物所述剂量`.

    Doing it twice changes nothing: what one turn leaves side by side the next one finds, until a turn finds nothing.
    """
    turn = _generalise_zh if language == "zh" else _generalise_en
    before, said = text, turn(text)
    for _ in range(_MOST_TURNS):
        if said == before:
            break
        before, said = said, turn(said)
    return said


def has_details(text: str, language: Language) -> bool:
    """Whether something in `text` would be replaced by a generic noun."""
    return generalise(text, language) != _tidy(text, language)


# How many items of a list are enough belongs to the list of that case.
_COUNTED = re.compile(r"\s*\((?:at least|至少)[^()]{1,30}\)")


def _tidy(text: str, language: Language) -> str:
    folded = " ".join(_COUNTED.sub("", unicodedata.normalize("NFKC", text)).split())
    if language == "zh":
        folded = re.sub(r"(?<=[\u4e00-\u9fff，。；：、]) (?=[\u4e00-\u9fff])", "", folded)
        return folded.translate({ord(","): "，", ord(";"): "；", ord(":"): "：", ord("?"): "？", ord("!"): "！"})
    return folded


# English ------------------------------------------------------------------------------------------------------------------------------

_NUMBER = r"(?:\d+(?:[.,/]\d+)*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|twenty|thirty|forty|sixty|a few|several)"
_RANGE = rf"{_NUMBER}(?:\s?(?:-|–|to|or)\s?{_NUMBER})?"
_UNIT_TIME = r"(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)"
_UNIT_DOSE = r"(?:mg|mcg|µg|μg|g|grams?|milligrams?|ml|mL|millilit(?:er|re)s?|IU|units?|tablets?|capsules?|pills?|drops?|puffs?|teaspoons?)"
_PATTERNS_EN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(?:Mr|Mrs|Ms|Miss)\.? [A-Z][a-z]+(?: [A-Z][a-z]+)?"), "person"),
    (
        re.compile(
            rf"\b(?:an?|the|this|his|her|their) {_NUMBER}[- ](?:year|month|week|day)s?[- ]old(?: (?:man|woman|male|female|boy|girl|"
            r"child|infant|baby|patient|person|son|daughter|toddler|teenager))?\b"
        ),
        "person",
    ),
    (re.compile(rf"\b{_NUMBER}[- ](?:years?|months?|weeks?|days?)[- ](?:old|of age)\b"), "age"),
    (re.compile(rf"\b(?:aged?|age of) {_RANGE}(?: years)?\b"), "at age"),
    (
        re.compile(
            rf"\b{_RANGE}\s?{_UNIT_DOSE}(?:/(?:kg|day|d|dose))*(?: (?:per|a|each|every) (?:day|dose|kg|week))?"
            rf"(?: (?:once|twice|{_NUMBER} times)(?: (?:a|per|every|each))? ?(?:daily|day|week|night)?)?(?![a-z])"
        ),
        "dose",
    ),
    (
        re.compile(
            rf"\b{_RANGE} times (?:a|per|each|every) (?:day|week|month)\b|\b(?:once|twice) (?:a|per|each) (?:day|week)\b"
        ),
        "often",
    ),
    (re.compile(rf"\bevery {_RANGE}[- ]{_UNIT_TIME}\b"), "regular"),
    (re.compile(rf"\b{_RANGE}[- ]{_UNIT_TIME}\b"), "time"),
)
_VALUE_EN = re.compile(
    r"(?<![A-Za-z0-9.])\d+(?:[.,/:-]\d+)*\s?(?:%|percent|°\s?[CF]|degrees|mmHg|mg/dL|mmol/L|kg|lbs?|pounds|cm|mm|bpm|BMI)?(?![A-Za-z0-9])"
)
_EMERGENCY_NUMBER = re.compile(r"(?<!\d)(?:911|999|112)(?!\d)")
_WORD_EN: Mapping[str, str] = {
    **GENERIC["en"],
    "often": "as often as stated",
    "at age": "at that age",
    "regular": "at regular intervals",
}


def _listed(words: str) -> str:
    return "|".join(sorted((re.escape(word) for word in words.split("|") if word), key=lambda word: (-len(word), word)))


_SEVERITY = (
    r"(?:(?:acute|chronic|severe|mild|moderate|recurrent|persistent|sudden|mild-to-moderate|early|advanced|late-stage|stage \w+|"
    r"type [12]|new-onset|"
    r"uncontrolled|poorly controlled|untreated|congenital|bacterial|viral|fungal|left|right|upper|lower|bilateral|"
    r"crushing|worsening|new|oral|"
    r"topical|intravenous|inhaled|high-dose|low-dose) )*"
)
_DETERMINER = r"(?:(?:a|an|the|his|her|their|your|my|this|some|most|many|other|several|certain|rare) )?"
_NAME_WORD = r"[A-Za-z][A-Za-z0-9-]*(?:'s)?"


def _phrase(core: str) -> re.Pattern[str]:
    return re.compile(rf"\b{_DETERMINER}{_SEVERITY}(?:{core})(?![\w-])", re.IGNORECASE)


_LISTS_EN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (_phrase(_listed(words)), kind)
    for words, kind in (
        (en.SYMPTOMS, "symptom"),
        (en.PROCEDURES, "procedure"),
        (en.TESTS, "test"),
        (en.CONDITIONS, "condition"),
        (en.DRUGS, "drug"),
    )
)
_HEADS_EN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"({_DETERMINER})((?:{_NAME_WORD} ){{1,4}})\b({'|'.join(words.split())})(?![\w-])"), kind)
    for words, kind in ((en.PROCEDURE_HEADS, "procedure"), (en.TEST_HEADS, "test"), (en.CONDITION_HEADS, "condition"))
)
_SUFFIX_EN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (
        _phrase(
            rf"(?:[A-Za-z-]+ )?[A-Za-z-]{{{least},}}(?:{suffix})s?"
            if kind == "none"
            else rf"[A-Za-z-]{{{least},}}(?:{suffix})s?"
        ),
        kind,
    )
    for suffix, kind, least in (
        (en.PROCEDURE_SUFFIX, "procedure", 3),
        (en.TEST_SUFFIX, "test", 4),
        (en.CONDITION_SUFFIX, "condition", 3),
        (en.DRUG_SUFFIX, "drug", 3),
    )
)
_PARTS_EN = re.compile(
    rf"\b(?:the|his|her|their|your|a|an) (?:(?:left|right|upper|lower) )?(?:{_listed(en.PARTS)})(?![\w-])",
    re.IGNORECASE,
)
_GENERIC_EN = r"(?:the (?:condition|drug|test|procedure|body part|symptom|stated dose|stated value)|some time)"
_MENDS_EN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"({_GENERIC_EN})(?:(?:,| and| or|, and|, or|/| with| plus) \1)+"), r"\1"),
    (
        re.compile(
            r"\b(?:a|an|his|her|their|your|this|the|the stated) (the (?:condition|drug|test|procedure|body part|symptom|stated))\b"
        ),
        r"\1",
    ),
    (re.compile(rf"({_GENERIC_EN}) (?:the (?:condition|drug|test|procedure|body part|symptom))\b"), r"\1"),
    (re.compile(r"\bthe drug (?:at |of )?the stated dose\b"), "the drug at the stated dose"),
    (re.compile(r"\(\s*\)"), ""),
    (re.compile(r"\s+([,.;:])"), r"\1"),
    (re.compile(r" {2,}"), " "),
)


def _generalise_en(text: str) -> str:
    said = _tidy(text, "en")
    first, _, rest = said.partition(" ")
    if not rest:
        return said
    for pattern, kind in _PATTERNS_EN:
        rest = pattern.sub(_WORD_EN[kind], rest)
    rest = _EMERGENCY_NUMBER.sub("emergency services", rest)
    for pattern, kind in _LISTS_EN:
        rest = pattern.sub(GENERIC["en"][kind], rest)
    for pattern, kind in _HEADS_EN:
        rest = pattern.sub(_headed(kind), rest)
    for pattern, kind in _SUFFIX_EN:
        rest = pattern.sub(_suffixed(kind), rest)
    rest = _VALUE_EN.sub(GENERIC["en"]["value"], rest)
    rest = _PARTS_EN.sub(GENERIC["en"]["part"], rest)
    said = f"{first} {rest}"
    for _ in range(4):
        before = said
        for pattern, mend in _MENDS_EN:
            said = pattern.sub(mend, said)
        if said == before:
            break
    return said.strip()


def _headed(kind: str) -> Callable[[re.Match[str]], str]:
    """A head noun with the name words before it; without one it names no case ("the infection") and stays."""

    def replace(match: re.Match[str]) -> str:
        words = (match[1] + match[2]).split()
        kept = len(words)
        while kept > 0 and _may_name(words[kept - 1]):
            kept -= 1
        if kept == len(words) or words[max(kept - 1, 0) : kept + 1] == ["the", "body"]:
            return match[0]
        before = words[:kept]
        if before and before[-1].lower() in ("a", "an", "the", "his", "her", "their", "your", "my", "this"):
            before.pop()
        return " ".join([*before, GENERIC["en"][kind]])

    return replace


def _may_name(word: str) -> bool:
    plain = word.lower()
    return (
        plain not in en.BEFORE_NAME
        and not plain.endswith(("ing", "ly"))
        and not (plain.endswith("ed") and len(plain) > 4)
    )


def _suffixed(kind: str) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        last = match[0].split()[-1].lower()
        return match[0] if last in en.NOT_NAMES or last.rstrip("s") in en.NOT_NAMES else GENERIC["en"][kind]

    return replace


# Chinese ------------------------------------------------------------------------------------------------------------------------------

_HAN_NUMBER = r"(?:\d+(?:[.．/]\d+)*|[一二两三四五六七八九十百半几数]+)"
_HAN_RANGE = rf"{_HAN_NUMBER}(?:\s?[-~～至到—、]\s?{_HAN_NUMBER})?"
_HAN_DOSE = r"(?:mg|毫克|克|g|ml|毫升|单位|IU|片|粒|袋|支|滴|丸|μg|微克|喷|颗|瓶)(?![\u4e00-\u9fff]?[剂状])"
_PATTERNS_ZH: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"(?:[张王李赵刘陈杨黄周吴徐孙马朱胡郭何林罗高]|小[\u4e00-\u9fff])(?:某某|某|先生|女士|阿姨|大爷|大妈|老师)"
        ),
        "患者",
    ),
    (
        re.compile(rf"{_HAN_RANGE}\s?(?:周?岁|个月大)(?:半)?的?(?:男性|女性|男孩|女孩|孩子|儿童|宝宝|婴儿|患者|老人)?"),
        "该年龄患者",
    ),
    (
        re.compile(
            rf"(?:每[天日次晚周]|一[天日])?(?:{_HAN_NUMBER}次)?[，、]?(?:每次|一次)?{_HAN_RANGE}\s?{_HAN_DOSE}(?:/(?:kg|天|日|次))*"
            rf"(?:[，、]?(?:每[天日晚]|一[天日]){_HAN_NUMBER}次)?"
        ),
        "所述剂量",
    ),
    (
        re.compile(
            rf"(?:每[天日周月年]|一[天日周]){_HAN_RANGE}次|每(?:隔)?{_HAN_RANGE}(?:个)?(?:小时|天|周|星期|月|年)(?:{_HAN_NUMBER}次)?"
        ),
        "定期",
    ),
    (
        re.compile(
            rf"(?<![第周]){_HAN_RANGE}\s?(?:个)?(?:多)?(?:秒|分钟|小时|天|日|周|星期|疗程|月|年)(?![龄轻纪度])(?:左右|以上|以内)?"
        ),
        "一段时间",
    ),
    (
        re.compile(
            r"[<>≤≥]?\s?(?<!\d)(?!120(?!\d))\d+(?:[.．/:~～-]\d+)*\s?(?:%|℃|°C|度|mmHg|毫米汞柱|mmol/L|mg/dL|kg|公斤|斤|厘米|cm|mm|毫米|次/分)?"
        ),
        "所述数值",
    ),
)
_QUALITY_ZH = (
    r"(?:急性|慢性|重度|轻度|中度|严重|早期|晚期|复发性|持续性|突发性?|先天性|原发性|继发性|[12一二ⅠⅡ]型|双侧|左侧|右侧|剧烈|反复|长期|新发"
    r"|老年|小儿|支气管|过敏性|系统性|缺铁性|下肢|上肢|面部|全身|局部|单侧|病毒性|细菌性|真菌性)*"
)


def _found_zh(words: str) -> re.Pattern[str]:
    raw = sorted(words.split("|"), key=lambda word: (-len(word), word))
    return re.compile(f"{_QUALITY_ZH}(?:{'|'.join(raw)})")


_LISTS_ZH: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (_found_zh(words), GENERIC["zh"][kind])
    for words, kind in (
        (zh.PROCEDURES, "procedure"),
        (zh.TESTS, "test"),
        (zh.CONDITIONS, "condition"),
        (zh.SYMPTOMS, "symptom"),
        (zh.DRUGS, "drug"),
    )
)
_PARTS_ZH = re.compile(f"(?:左侧|右侧|双侧)?(?:{_listed(zh.PARTS)})")
_NOT_NAMES_ZH = re.compile("|".join(sorted(zh.NOT_NAMES.split("|"), key=lambda word: (-len(word), word))))
_BEFORE_ZH = re.compile("|".join(sorted(set(zh.BEFORE_NAME.split("|")), key=lambda word: (-len(word), word))))
_SUFFIX_ZH: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (
        re.compile(
            f"([\u4e00-\u9fffA-Za-z]{{1,8}}?)({'|'.join(sorted(words.split('|'), key=lambda w: (-len(w), w)))})"
        ),
        kind,
        GENERIC["zh"][kind],
    )
    for words, kind in (
        (zh.PROCEDURE_SUFFIX, "procedure"),
        (zh.TEST_SUFFIX, "test"),
        (zh.CONDITION_SUFFIX, "condition"),
        (zh.SYMPTOM_SUFFIX, "symptom"),
        (zh.DRUG_SUFFIX, "drug"),
    )
)
_GENERIC_ZH = "(?:该疾病|所用药物|该检查|该手术|该部位|该症状|所述剂量|一段时间|所述数值)"
_MENDS_ZH: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(f"({_GENERIC_ZH})(?:[、，和与及或/]|以及|或者|伴有?|合并)*\\1"), r"\1"),
    (re.compile("(?:该部位|该疾病)的?(该疾病|该症状|该检查|该手术)"), r"\1"),
    (re.compile("(?:该|这种|这个|此)(该疾病|该检查|该手术|该部位|该症状)"), r"\1"),
    (re.compile("该(检查|手术)(检查|手术|治疗)"), r"该\1"),
    (re.compile("患者患者"), "患者"),
    (re.compile("所用药物(?:片|胶囊|颗粒|注射液|软膏|乳膏|缓释片|肠溶片)"), "所用药物"),
    (re.compile("(该疾病)(?:疾病|病症|病(?![毒菌原因情史程例历理变人友房床区痛])|症(?!状))"), r"\1"),
    (re.compile("(该检查)(?:检查|检测|检验|查)"), r"\1"),
    (re.compile(r"[（(]\s*[)）]"), ""),
)
_SHIELD = re.compile("\ue000(\\d+)\ue001")
_SHIELDS = re.compile("[\ue000\ue001]")  # of private use: no text has them for a reason


def _generalise_zh(text: str) -> str:
    said = _SHIELDS.sub("", _tidy(text, "zh"))
    for pattern, generic in _PATTERNS_ZH:
        said = pattern.sub(generic, said)
    for pattern, generic in _LISTS_ZH:
        said = pattern.sub(generic, said)
    kept: list[str] = []

    def shield(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\ue000{len(kept) - 1}\ue001"

    # Generic nouns and look-alikes are out of reach of the endings.
    said = re.sub(_GENERIC_ZH, shield, said)
    said = _NOT_NAMES_ZH.sub(shield, said)
    for pattern, _, generic in _SUFFIX_ZH:
        said = pattern.sub(lambda match, generic=generic: _named_zh(match, generic), said)  # type: ignore[misc]
        said = re.sub(_GENERIC_ZH, shield, said)
    said = _PARTS_ZH.sub(GENERIC["zh"]["part"], said)
    said = _SHIELD.sub(lambda match: kept[int(match[1])], said)
    for _ in range(4):
        before = said
        for pattern, mend in _MENDS_ZH:
            said = pattern.sub(mend, said)
        if said == before:
            break
    return said.strip()


def _named_zh(match: re.Match[str], generic: str) -> str:
    """The words before an ending, back to the last one that cannot be part of a name; with nothing left it names no case and stays."""
    before = match[1]
    cut = 0
    for stop in _BEFORE_ZH.finditer(before):
        cut = stop.end()
    if cut == len(before):
        return match[0]
    return before[:cut] + generic
