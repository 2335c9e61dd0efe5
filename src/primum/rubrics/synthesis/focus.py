"""What a query names: its condition, drug, test, procedure, body part, symptom; and its words put in the place of generic nouns.

    治疗方案有哪些，他确诊了急性胆管炎？     condition: 急性胆管炎
    What are the treatments for Gout ?       condition: Gout

A kind is filled only where the query names exactly one of it; a name that is said to be diagnosed, suspected or taken goes before one that
is only mentioned. Where nothing or several stand, the generic noun stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from primum.records import Language
from primum.rubrics.distil import detail_words_en as english
from primum.rubrics.distil import detail_words_zh as chinese
from primum.rubrics.distil.details import GENERIC

__all__ = ["KINDS", "focus_of", "specialise"]

KINDS = ("condition", "drug", "test", "procedure", "part", "symptom")

# Chinese ------------------------------------------------------------------------------------------------------------------------------

_BREAKS = re.compile(
    r"[，。；：、！？,.;:!?（）()\"“”\s《》]|\d+(?:\.\d+)?(?:周?岁|个月|天|周|年|mm|cm|mmol/L|μmol/L)|是否|会不会|是不是|会遗传|有哪些|有什么|有何|哪些|哪种|哪个|什么|怎么|怎样|如何|应该|应当|应|需要|需|可以|可能|能否|能不能|"
    r"请问|想知道|想了解|了解|一名|一位|一个|某|男性|女性|患者|病人|孩子|女士|先生|男孩|女孩|男童|女童|婴儿|医生|被?诊断(?:为|出(?!血))?|确诊为|确诊|患(?!者|儿|病|处|侧|肢|有|上)|怀疑为|怀疑|疑似|疑诊|考虑|初步|罹患|患有|患上|得了|查出|检查出|"
    r"发现|出现|发生|伴有|伴随|伴|合并|并发|导致|引起|所致|造成|由于|因为|因|属于|治疗|预防|进行|最近|突然|经常|感到|感觉|检查|症状|表现|并且|同时|以及|或者|还是|之后|以后|后|的|了|是|和|与|及|或|在|有|对|被|为|将|把|"
    r"从|到|让|给|我|你|他|她|这|那|该|其|吗|呢|吧"
)
_SURE_ZH = re.compile(
    r"(?:诊断为|诊断出|发现为|发现是|判断为|确定为|证实为|诊断|确诊为|确诊|罹患|患有|患上|得了|查出|怀疑是|怀疑为|怀疑|疑似|疑诊为|考虑为|考虑|感染了|患|查出来是)(?:有|了|是|为)?$"
)
_KNOWN_ZH = {
    kind: re.compile("|".join(sorted(words.split("|"), key=lambda word: (-len(word), word))))
    for kind, words in (
        ("drug", chinese.DRUGS),
        ("part", chinese.PARTS),
        ("symptom", chinese.SYMPTOMS),
        ("test", chinese.TESTS),
    )
}
_CONDITIONS_ZH = frozenset(chinese.CONDITIONS.split("|")) | {
    "伤寒",
    "霍乱",
    "疟疾",
    "痢疾",
    "斑秃",
    "性早熟",
    "佝偻病",
    "面瘫",
}
_LISTED_ZH = re.compile(f"(?:{'|'.join(sorted(_CONDITIONS_ZH, key=lambda word: (-len(word), word)))})$")
_COMPARES_ZH = re.compile(r"(?:和|与|及|、).*(?:区别|不同|差异|异同|相同|是否都|共同|分别)")
_SYMPTOMS_ZH = frozenset(chinese.SYMPTOMS.split("|")) - {"昏迷", "晕厥", "抽搐"}
_PROCEDURE_END = re.compile(rf"(?:{chinese.PROCEDURE_SUFFIX})$")
_CONDITION_END = re.compile(
    rf"(?:{chinese.CONDITION_SUFFIX}|感冒|卒中|中风|梗|血栓形成|血栓|结核|瘫|狼疮|脓肿|血肿|休克|昏厥|失常|停搏|扭转|套叠|结节|异常|综合征[ⅠⅡ]?型?|病[ⅠⅡⅢ]型|畸胎|积水|麻痹|缺陷|斜视|裂|不良|缺损|疟|瘘|早熟|过敏|食道|脑瘫)$"
)
_NOT_CONDITION = re.compile(
    r"(?:疾病|病|生病|患病|发病|看病|治病|传染病|慢性病|遗传病|急症|重症|炎症|并发症|后遗症|禁忌症|适应症|不适|大出血|感染|过敏|手术|症|肿瘤|损伤|异常|障碍|什么病|老毛病|毛病|出血|急病|重病|癌|炎|瘤|疹|疼痛|辅助病|.*(?:结节|异常|不适|何种疾病|哪种疾病)|多种疾病|黄疸|皮疹|红疹|红斑|脾大|肝大)$"
)
_TRIM_ZH = re.compile(
    r"^(?:多个|得|已经|已|曾|又|还|也|都|就|刚|可|会|不|无|未|仅|并|且|而|等|早|住院|体检|长期|反复|自己|家人|手|之一|之|如|像|犯|害|来|去|做|看|听说|说|叫|正|一直|近期|早年|既往|当|于|种|类|型|名|两|个)+"
)


def _focus_zh(text: str) -> dict[str, str]:
    found: dict[str, dict[str, bool]] = {kind: {} for kind in KINDS}
    start = 0
    for stop in [*_BREAKS.finditer(text), None]:
        end = stop.start() if stop is not None else len(text)
        piece = _TRIM_ZH.sub("", text[start:end])
        if piece:
            _sort_zh(piece, _SURE_ZH.search(text[:start]) is not None, found)
        start = stop.end() if stop is not None else end
    named = [*found["condition"], *found["procedure"]]
    for kind, pattern in _KNOWN_ZH.items():
        for match in pattern.finditer(text):
            # The organ in the name of a disease is not what the query is about.
            if not any(match[0] in name for name in named):
                found[kind].setdefault(match[0], False)
    if "、" in text or "等症状" in text:
        found["symptom"].clear()  # one of several, the others perhaps unknown
    if _COMPARES_ZH.search(text):
        found["condition"].clear()
    return _decided(found)


def _sort_zh(piece: str, is_sure: bool, found: dict[str, dict[str, bool]]) -> None:
    """Put a stretch between two breaks under the kind that its end gives it."""
    if piece in _SYMPTOMS_ZH:
        found["symptom"][piece] = found["symptom"].get(piece, False) or is_sure
    elif (
        (3 <= len(piece) <= 18 or piece in _CONDITIONS_ZH)
        and not _NOT_CONDITION.fullmatch(piece)
        and (_CONDITION_END.search(piece) or _LISTED_ZH.search(piece))
    ):
        found["condition"][piece] = found["condition"].get(piece, False) or is_sure
    elif 3 <= len(piece) <= 14 and _PROCEDURE_END.search(piece) and piece not in ("手术", "做手术"):
        found["procedure"][piece] = is_sure


# English ------------------------------------------------------------------------------------------------------------------------------

_FORMS_EN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^what (?:are|is) the (?:treatments?|symptoms?|outlook|prognosis|complications?|causes?|stages|genetic changes|signs)"
        r"(?: (?:for|of|related to))+ (.+?)\s*\?*$",
        r"^what is \(are\) (.+?)\s*\?*$",
        r"^what causes (.+?)\s*\?*$",
        r"^is (.+?) inherited\s*\?*$",
        r"^how (?:to|do you|can i) (?:diagnose|prevent|treat) (.+?)\s*\?*$",
        r"^how many people (?:are affected by|have) (.+?)\s*\?*$",
        r"^who is at risk for (.+?)[\s?]*$",
        r"^what research \(or clinical trials\) is being done for (.+?)\s*\?*$",
        r"^do you have information about (.+?)\s*\?*$",
        r"^what to do for (.+?)\s*\?*$",
        r"^how is (.+?) (?:diagnosed|treated|prevented|managed)\s*\?*$",
        r"^is (.+?) (?:contagious|hereditary|curable)\s*\?*$",
    )
)
_SURE_EN = re.compile(
    r"(?:diagnosed with|diagnosis of|suffers? from|suffering from|suspected|has been told (?:he|she) has|confirmed|told me i have|"
    r"told i (?:have|had)|i have|has|have|with|known)\s+(?:an?\s+|the\s+|early\s+|mild\s+)*$",
    re.IGNORECASE,
)
_LEFT_EN = (
    r"(?:(?:acute|chronic|severe|type [12]|congenital|bacterial|viral|gestational|early|metastatic|advanced|stage \w+|infective|primary|"
    r"rheumatoid|allergic|bipolar|multiple|pulmonary|renal|hepatic|cardiac|ischaemic|ischemic|minimal|idiopathic|tuberculous|hypertrophic|"
    r"atrial|deep|urinary tract) )*"
)


def _known_en(words: str) -> str:
    return "|".join(
        sorted(
            (re.escape(word) for word in words.replace("\n", "|").split("|") if word),
            key=lambda word: (-len(word), word),
        )
    )


@cache
def _patterns_en() -> tuple[tuple[str, re.Pattern[str]], ...]:
    heads = "|".join(english.CONDITION_HEADS.split())
    word = r"[A-Za-z][A-Za-z0-9'-]*"
    return (
        ("symptom", re.compile(rf"\b(?:{_known_en(english.SYMPTOMS)})(?![\w-])", re.I)),
        (
            "drug",
            re.compile(rf"\b(?:{_known_en(english.DRUGS)}|[a-z-]{{3,}}(?:{english.DRUG_SUFFIX})s?)(?![\w-])", re.I),
        ),
        (
            "procedure",
            re.compile(
                rf"\b(?:{_known_en(english.PROCEDURES)}|[a-z-]{{3,}}(?:{english.PROCEDURE_SUFFIX}))(?![\w-])", re.I
            ),
        ),
        ("test", re.compile(rf"\b(?:{_known_en(english.TESTS)}|[a-z-]{{4,}}(?:{english.TEST_SUFFIX}))(?![\w-])", re.I)),
        (
            "condition",
            re.compile(
                rf"\b(?:{_LEFT_EN}(?:{_known_en(english.CONDITIONS)})|{_LEFT_EN}[a-z-]{{3,}}(?:{english.CONDITION_SUFFIX}))(?![\w-])",
                re.I,
            ),
        ),
        ("condition", re.compile(rf"\b(?:{word} ){{1,3}}(?:{heads})(?![\w-])", re.I)),
        (
            "part",
            re.compile(
                rf"\b(?:my|his|her|the|their) ((?:left |right |lower |upper )?(?:{_known_en(english.PARTS)}))(?![\w-])",
                re.I,
            ),
        ),
    )


def _focus_en(text: str) -> dict[str, str]:
    plain = " ".join(text.split())
    for form in _FORMS_EN:
        if (match := form.match(plain)) and len(match[1].split()) <= 9:
            name = match[1].strip(" ?")
            return {_kind_en(name): name}
    found: dict[str, dict[str, bool]] = {kind: {} for kind in KINDS}
    taken: list[tuple[int, int]] = []
    for kind, pattern in _patterns_en():
        for match in pattern.finditer(plain):
            name = _trimmed_en(match[1] if pattern.groups and match[1] else match[0])
            if kind == "condition" and name:
                name = _widened_en(plain[: match.end() - len(name)]) + name
            start = match.end() - len(name)
            is_free = all(match.end() <= left or start >= right for left, right in taken)
            if not name or name.lower() in english.NOT_NAMES or name.lower().endswith("diagnosis") or not is_free:
                continue
            taken.append((start, match.end()))
            is_sure = _SURE_EN.search(plain[:start]) is not None
            found[kind][name] = found[kind].get(name, False) or is_sure
    return _decided(found)


def _trimmed_en(name: str) -> str:
    """A name without the words at its left that can be no part of it; empty when only its head is left."""
    words = name.split()
    for place in range(len(words) - 2, -1, -1):
        plain = words[place].lower()
        if (
            plain in english.BEFORE_NAME
            or plain in ("i", "diagnosed", "suffering")
            or (plain.endswith("ed") and len(plain) > 4)
        ):
            words = words[place + 1 :]
            break
    if len(words) == 1 and words[0].lower() in english.CONDITION_HEADS.split():
        return ""
    return " ".join(words)


_ADJECTIVES_EN = re.compile(r"(?:\b(?:[a-z-]+(?:al|ic|ar|ary|ous|oid|ive|id|ine)|[A-Z][a-z]+(?:'s)?) ){1,3}$")


def _widened_en(before: str) -> str:
    """The adjectives and proper names that end `before`, but its first word, which has its capital from the sentence."""
    match = _ADJECTIVES_EN.search(before)
    if match is None:
        return ""
    words = match[0].split()
    while words and (
        words[0].lower() in english.BEFORE_NAME or match.start() == 0 or words[0] in ("Patient", "Management")
    ):
        words = words[1:]
        if match.start() == 0:
            break
    return "".join(f"{word} " for word in words)


def _kind_en(name: str) -> str:
    for kind, pattern in _patterns_en():
        if kind in ("drug", "test", "procedure", "symptom") and pattern.fullmatch(name):
            return kind
    return "condition"


# Both ---------------------------------------------------------------------------------------------------------------------------------


def focus_of(text: str, language: Language) -> dict[str, str]:
    """The one name of each kind that a query has exactly one of."""
    return _focus_zh(text) if language == "zh" else _focus_en(text)


def _decided(found: Mapping[str, Mapping[str, bool]]) -> dict[str, str]:
    """For each kind: the only sure name, else the only name; a name that stands inside another counts with that one."""
    focus: dict[str, str] = {}
    for kind, names in found.items():
        sure = _longest([name for name, is_sure in names.items() if is_sure])
        every = _longest(list(names))
        if len(sure) == 1:
            focus[kind] = sure[0]
        elif not sure and len(every) == 1:
            focus[kind] = every[0]
    return focus


def _longest(names: Sequence[str]) -> list[str]:
    return [name for name in names if not any(name != other and name.lower() in other.lower() for other in names)]


def specialise(statement: str, focus: Mapping[str, str], language: Language) -> str:
    """`statement` with the names of a query in the place of its generic nouns: `说明该疾病的病因。` → `说明痛风的病因。`"""
    for kind, name in focus.items():
        generic = GENERIC[language][kind]
        if language == "zh":
            statement = statement.replace(generic, name)
        else:
            statement = re.sub(rf"\b{generic}(?!['\w-])", lambda _, name=name: name, statement)  # type: ignore[misc]
    return statement
