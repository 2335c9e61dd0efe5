"""Whether a provision forbids, obliges, permits, defines or does none of it; by words, in zh and en.

The order, for a provision:

1. It opens as a definition (`本法所称…是指`, `In this Act, "x" means`): definition, whatever else it says.
2. It lays down a sanction (`违反本法规定…的，由…责令改正`, `commits an offence`): prohibition. What is punished is forbidden, and
   the office that punishes is not whom the norm addresses.
3. The strongest word found: prohibition > obligation > permission > definition. No word: other. `不予注册` (an office is to
   withhold something) forbids only where nothing in the provision obliges.

An item (项) completes the sentence of its lead paragraph: it has the lead's modality, its own prohibition apart, unless the lead
has none.
A norm is a definition if its first provision opens as one, else it has the strongest modality among its provisions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from primum.records import Language, Modality

__all__ = ["modality_of", "modality_of_item", "strongest"]

_ORDER: tuple[Modality, ...] = ("prohibition", "obligation", "permission", "definition", "other")

_ZH_LABEL = re.compile(r"^[\s#*]*第[一二三四五六七八九十百千零〇\d]+条(?:之[一二三四五六七八九十\d]+)?\**\s*")
_ZH_TITLES = re.compile(r"《[^》]*》")
_ZH_DEFINES = re.compile(
    r"^(?:本(?:法|编|条例|办法|规定|解释|细则|条|章)|前.?款|上述|第.{1,3}[款项])?(?:中)?所称|^本\S{1,4}(?:中)?下列(?:用语|术语)|"
    r"^[^，。；：]{1,24}，?(?:，?是|系)指|^[^，。；：]{1,24}，指|^[^，。；：]{1,14}的(?:含义|定义)[是为：]|^[^，。；：]{1,12}是.{4,60}的简称"
)
_ZH_SANCTION = re.compile(
    # “的，应当责令…” and “的，有权申请…” speak to the office or the person, not of a sanction on the act
    r"的(?:，|之一的，)(?:(?!应当|有权|申请)[^。]){0,60}?(?:责令|给予.{0,16}(?:警告|处分|处罚)|处.{0,20}罚款|没收|吊销|予以?撤销|撤销其|"
    r"追究刑事责任|承担(?:赔偿|民事|侵权|法律|相应|补充|连带|刑事)|予以处罚|给予处罚|记过|处.{0,8}有期徒刑|通报批评|暂停.{0,12}执业)"
    r"|构成犯罪的?，依法追究|违反.{0,40}的，(?:依照|依法|按照|由)"
)
_ZH_FORBIDS = re.compile(
    r"不得(?!已)|禁止(?!令|性)|严禁|不准(?![予确时])|不应(?!期)当?|不许|不可以|不能(?:作为|用于|从事|兼任|上岗)|(?:不受|免受).{0,8}(?:侵犯|侵害|歧视)"
)
_ZH_WITHHOLDS = re.compile(r"不予[^，。；的]{1,8}(?=[，。；：]|$)")
_ZH_FREES = re.compile(r"无须|无需|毋须|不必|不需要?|可不|不承担(?:赔偿|侵权|民事)?责任|不(?:应当)?认定为")
_ZH_OBLIGES = re.compile(
    r"应当|必须|(?<![必无毋急胡])须(?![知发])|"
    r"(?<![相适反响供感对效供顺呼回报不])应(?=[予派经由该认定在按将依以向于设具立及包遵符负使自为把同先有提建加做作采通严尽承主保告取])(?!用|有尽有)|"
    r"有义务|负有[^，。；]{0,12}(?:义务|职责|责任)|有[^，。；]{1,12}的义务|(?:承担|履行)(?:下列|以下|如下)[^，。；]{0,6}(?:义务|职责)|(?<!直接)(?<!主要)负责(?!人|的|[^，。；]{1,14}的(?:部门|机关|机构|主管))|方可(?!以)|"
    r"^(?!.*有权).*(?<!不)承担[^，。；]{0,8}(?:赔偿|侵权|民事|连带|补充|相应)的?责任(?=[，。；]|$)|予以(?:受理|准许|保密)"
)
_ZH_PERMITS = re.compile(
    r"(?<!不)可以|有权|允许|准许|准予|享有|(?:有|享受).{0,12}的?权利|可(?=自行|认定|由|按|凭|根据|在|向|参照|委托|请求|酌|采|从|申请|适当|依)|自愿"
)
_ZH_MEANS = re.compile(r"是指|所称|含义|(?:^|[，。；])[^，。；]{1,20}包括|分为")

_EN_LABEL = re.compile(
    r"^[\s#*]*(?:(?i:article|section|sec\.|principle|rule|clause|standard|regulation)\s+\S+|§+\s*\S+|\d[\d.]*[.)]?)\s*"
)
_EN_DEFINES = re.compile(
    r"^(?:(?:In|For the purposes? of) this [^,]{1,40},\s*)?(?:an?\s+|the\s+|the terms?\s+)?[\"“'‘]?[^,.;:]{1,60}?[\"”'’]?\s+"
    r"(?:means|mean|refers to|is defined as|has the meaning)\b|^(?:In|For the purposes? of) this .{1,60}:\s*$",
    re.IGNORECASE,
)
_EN_SANCTION = re.compile(
    r"commits an offen[cs]e|guilty of|is liable (?:to|on)|shall be (?:fined|punished|liable)|is punishable|"
    r"constitutes? (?:professional )?misconduct",
    re.IGNORECASE,
)
_EN_FREES = re.compile(
    r"\b(?:is|are|shall|must|should)\s+not\s+(?:be\s+)?(?:required|obliged|obligated)|\bneeds? not\b|\b(?:does|do) not (?:have|need) to\b",
    re.IGNORECASE,
)
_EN_FORBIDS = re.compile(
    r"\b(?:must|shall|should|may|will|ought to)\s+(?:not|never)\b|\bnever\b|\b(?:refrain|abstain) from\b|\bprohibited from\b|"
    r"\b(?:is|are|be)\s+(?:strictly\s+)?(?:prohibited|forbidden|unethical)\b|\b(?:not|never)\s+(?:be\s+)?(?:permitted|allowed)\b|"
    # “where the patient cannot decide” tells of a fact; “a physician cannot” forbids
    r"\b(?:physician|doctor|nurse|clinician|practitioner|hospital)s?\s+can\s?not\b|^\W*(?:do not|don['’]t)\b|"
    r"\bno\s+(?:person|one|physician|doctor|nurse|patient|practitioner)s?\s+(?:shall|may|must|should|is|can|will)\b",
    re.IGNORECASE,
)
_EN_OBLIGES = re.compile(
    r"\b(?:must|shall|should|ought to)\b|\b(?:is|are|be)\s+(?:required|obliged|obligated|expected|responsible|bound)\b|"
    r"\b(?:have|has)\s+(?:a|an|the)\s+(?:\w+\s+)?(?:duty|obligation|responsibility)\b|\bwill be my\b|"
    r"\bI\s+(?:will|pledge|promise|swear|undertake)\b",
    re.IGNORECASE,
)
_EN_PERMITS = re.compile(
    r"\bmay\b|\b[Ii]s (?:free|entitled|permitted|allowed) to\b|\b[Aa]re (?:free|entitled|permitted|allowed) to\b|"
    r"\b(?:have|has) (?:the|a) right\b|\bcan\b"
)
_EN_MEANS = re.compile(r"\b(?:means|refers? to|is defined as)\b", re.IGNORECASE)


def strongest(modalities: Sequence[Modality]) -> Modality:
    """The first of prohibition, obligation, permission, definition, other that is among them; `other` of none."""
    return min(modalities, key=_ORDER.index, default="other")


def modality_of(text: str, language: Language) -> tuple[Modality, bool]:
    """The modality of a paragraph, with whether its opening settles it (a definition or a sanction), so that items follow it."""
    if language == "zh":
        plain = _ZH_TITLES.sub("《》", _ZH_LABEL.sub("", text).strip())
        patterns = (_ZH_DEFINES, _ZH_SANCTION, _ZH_FREES, _ZH_FORBIDS, _ZH_OBLIGES, _ZH_PERMITS, _ZH_MEANS)
    else:
        plain = " ".join(_EN_LABEL.sub("", text).split())
        patterns = (_EN_DEFINES, _EN_SANCTION, _EN_FREES, _EN_FORBIDS, _EN_OBLIGES, _EN_PERMITS, _EN_MEANS)
    defines, sanctions, frees, forbids, obliges, permits, means = patterns
    if defines.search(plain):
        return "definition", True
    if sanctions.search(plain):
        return "prohibition", True
    bound, released = frees.subn(" ", plain)  # “shall not be required to” neither forbids nor obliges
    if forbids.search(bound):
        return "prohibition", False
    if obliges.search(bound):
        return "obligation", False
    if language == "zh" and _ZH_WITHHOLDS.search(bound):
        return "prohibition", False
    if released or permits.search(bound):
        return "permission", False
    return ("definition" if means.search(bound) else "other"), False


def modality_of_item(text: str, lead: Modality, is_settled: bool, language: Language) -> Modality:
    """The modality of an item whose lead paragraph has the modality `lead` (see the module's text)."""
    if is_settled or lead == "prohibition":
        return lead
    own, _ = modality_of(text, language)
    return own if lead == "other" or own == "prohibition" else lead
