"""What a part of an answer is about, what the question asks for, and what a part therefore weighs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from primum.records import CriterionKind, Language

__all__ = ["Aspect", "Part", "Weight", "asked", "aspect_of", "weigh"]

Aspect = Literal[
    "urgency",
    "warning",
    "diagnosis",
    "medication",
    "examination",
    "treatment",
    "prevention",
    "prognosis",
    "symptom",
    "cause",
    "who",
    "depends",
    "explanation",
]


class Part(NamedTuple):
    """One thing that a good answer says, as a criterion says it, and what it is about; `is_answer` when it is what was asked for."""

    statement: str
    aspect: Aspect
    is_answer: bool = False


class Weight(NamedTuple):
    """What a part brings: its points, axis and kind."""

    points: int
    axis: str
    kind_of: CriterionKind


_BASE: Mapping[Aspect, int] = {
    "urgency": 7,
    "warning": 6,
    "diagnosis": 6,
    "medication": 5,
    "examination": 5,
    "treatment": 6,
    "prevention": 4,
    "prognosis": 4,
    "symptom": 4,
    "cause": 4,
    "who": 4,
    "depends": 3,
    "explanation": 3,
}
"""Points of a part that was not asked for; what was asked for weighs more. Ours."""

# In the order in which they are looked for: the first that is found counts.
_CUES: Mapping[Language, tuple[tuple[Aspect, str], ...]] = {
    "zh": (
        (
            "depends",
            r"(?:具体|根据|视|结合|取决于).{0,14}(?:而定|不同而|选择合适|决定|来确定|综合判断|个体化)|因人而异|"
            r"视.{1,8}而定",
        ),
        (
            "urgency",
            r"立即|紧急|急诊|急救|抢救|就医|就诊|尽快|尽早|及时.{0,4}(?:治疗|到|前往|去)|(?:前往|到|去).{0,12}(?:医院|"
            r"科|门诊|咨询室|中心)|复诊|转诊|科室|医生的?(?:指导|建议)",
        ),
        (
            "warning",
            r"禁忌|禁用|禁止|忌|慎用|不宜|不要|不能|切勿|勿|警惕|提防|不良反应|副作用|不可|避免(?!.{0,3}并发)|风险|"
            r"并发症|危险",
        ),
        ("diagnosis", r"可能(?:是|患|为|得|存在|发生|与)|考虑(?:为|是|患)|诊断为|提示|疑似|属于.{2,12}(?:病|症|炎|癌)"),
        (
            "examination",
            r"检查|化验|检测|测定|试验|活检|造影|CT|MRI|B超|超声|X线|心电图|脑电图|肌电图|镜|扫描|穿刺|培养|筛查|鉴别|"
            r"确诊|诊断(?!为)",
        ),
        (
            "medication",
            r"药|抗生素|激素|疫苗|口服|服用|注射|素(?=[、，。等和及]|$)|[^、]{2,8}[林定唑酮胺酸钠醇平松星肽]、",
        ),
        ("treatment", r"治疗|手术|疗法|切除|放疗|化疗|透析|移植|康复|护理|补液|输液|处理|缝合|引流|对症|措施"),
        ("prevention", r"预防|避免|防止|注意|保持|饮食|运动|锻炼|休息|作息|戒|多喝|多吃|少吃|加强营养|卫生|心态|情绪"),
        ("prognosis", r"预后|治愈|康复期|复发|生存|死亡率|恢复|好转|寿命|后遗|遗传|传染性|传染"),
        ("symptom", r"症状|体征|表现|疼痛|出现|发热"),
        ("cause", r"病因|原因|由于|引起|导致|诱发|所致|因素|传播|有关"),
        ("who", r"多发(?!性)|多见|好发|发病年龄|岁|人群|群体|发病率|高发|易感|概率|比例|男性|女性|儿童"),
    ),
    "en": (
        (
            "depends",
            r"\bdepend(?:s|ing)? (?:on|upon)\b|\bvar(?:y|ies) (?:depending|from|among|greatly|widely)\b|\bbased on "
            r"(?:the|each) (?:person|patient|individual)",
        ),
        (
            "urgency",
            r"\bemergenc|\b911\b|\bright away\b|\bimmediate(?:ly)? (?:medical|care|call|see|seek)|\bas soon as "
            r"possible\b|\bsee (?:a|their|his|the) (?:doctor|physician|health|dentist|specialist)|\bcall (?:a|their|"
            r"the)\b|\bconsult\b|\bseek\b|\bspecialist\b|\btalk (?:to|with)\b|\breferr",
        ),
        (
            "warning",
            r"\bshould not\b|\bmust not\b|\bavoid|\bpeople not to\b|\bside effects?\b|\bdangerous\b|"
            r"\blife-threatening\b|\bwarn|\bcontraindicat|\bnot recommended\b|\bharmful\b|\bcomplication|\bcan be "
            r"fatal\b|\bunsafe\b",
        ),
        (
            "examination",
            r"\bdiagnos|\btest(?:s|ed|ing)?\b|\bexam|\bx-ray|\bMRI\b|\bCT\b|\bbiops|\bultrasound|\bscreen|\bimaging\b|"
            r"\bscan|\bblood count\b",
        ),
        (
            "medication",
            r"\bmedic(?:ine|ation)s?\b|\bdrugs?\b|\bantibiotic|\bsteroid|\binsulin\b|\bvaccin|\binhibitors?\b|\bdose|"
            r"\bpills?\b|\bcorticosteroid|\bprescri|\bchemotherapy|\bsupplement",
        ),
        (
            "treatment",
            r"\btreat|\btherap|\bsurg|\btransplant|\bdialysis\b|\bcure[sd]?\b|\bmanage|\brehabilitat|\bremov(?:e|al|"
            r"ed)\b|\bcompression\b|\brelie[fv]",
        ),
        (
            "prevention",
            r"\bprevent|\breduc(?:e|ing) (?:the|their) risk|\bdiet\b|\bexercise|\bquit|\bsmok|\bhealthy\b|\bwash|"
            r"\bactive\b|\bprotect",
        ),
        (
            "prognosis",
            r"\bprognosis\b|\boutlook\b|\bsurviv|\blife expectancy\b|\brecover|\bfatal\b|\bdeath|\blife ?span\b|"
            r"\bprogress(?:es|ive|ion)\b|\bmost people\b|\binherit|\bpassed\b",
        ),
        (
            "cause",
            r"\bcaus|\bmutation|\bgenes?\b|\bdue to\b|\bresult(?:s|ing)? (?:from|in)\b|\brisk factors?\b|\bspread|"
            r"\btransmi|\btrigger|\bbecause\b|\bleads? to\b",
        ),
        (
            "symptom",
            r"\bsymptom|\bsigns?\b|\bcharacteri|\bpain|\bfeatures?\b|\bappear|\bdevelop|\bswelling|\bweakness|\bfever|"
            r"\baffected (?:people|individuals|children)",
        ),
        (
            "who",
            r"\baffects? (?:an )?(?:estimated|about|approximately|fewer|more|1)|\b1 in\b|\bin (?:men|women)\b|"
            r"\bprevalence\b|\bincidence\b|\bpercent\b|\bcommon(?:ly)? (?:in|among)|\bmore (?:likely|often)\b|\brare\b|"
            r"\bmillion\b|\bfamilies\b|\bcases\b",
        ),
    ),
}

_QUESTIONS: Mapping[Language, tuple[tuple[Aspect, str], ...]] = {
    "zh": (
        ("examination", r"检查|化验|检测|怎么确诊|如何确诊|如何诊断|诊断方法|诊断依据|试验"),
        ("medication", r"什么药|哪些药|药物|用药|吃药|疫苗|化疗方案"),
        ("prevention", r"预防|注意(?:什么|哪些|事项)|饮食"),
        (
            "diagnosis",
            r"(?:什么|哪种|哪些|啥).{0,4}(?:疾?病(?!因)|类型)|诊断(?:为|是)|患(?:了|上|有|的)?.{0,4}(?:什么|哪)|"
            r"得了什么|是不是|是否(?:可能|患|为|是)|是否有可能",
        ),
        ("cause", r"原因|病因|为什么|为何|引起的|传播|怎么会|因素"),
        ("urgency", r"哪个科|什么科|科室|挂什么"),
        ("warning", r"并发症|副作用|风险|禁忌"),
        ("symptom", r"症状|体征|表现|特征"),
        ("prognosis", r"预后|能治好|治愈|传染(?:性|吗)|遗传|复发|多久|影响"),
        ("who", r"多发(?!性)|人群|群体|发病率|性别|年龄|高发|概率|可能性"),
        (
            "treatment",
            r"治疗|怎么办|怎么治|如何处理|处理|手术|方案|措施|怎么处理|该怎么|护理|怎样治|如何治|怎么做|如何应对|解决",
        ),
    ),
    "en": (
        ("treatment", r"\btreat"),
        ("examination", r"\bdiagnos|\btests?\b|\bexam"),
        ("prevention", r"\bprevent|what to do for\b|\bavoid"),
        ("symptom", r"\bsymptoms?\b|\bsigns?\b"),
        ("cause", r"\bcauses?\b|\bgenetic changes\b|\bwhy\b"),
        ("prognosis", r"\boutlook\b|\bprognosis\b|\binherit"),
        ("warning", r"\bcomplications?\b|\bside effects?\b"),
        ("who", r"\bhow many\b|\bat risk\b|\bwho\b"),
        ("medication", r"\bmedic(?:ines|ations?)\b|\bdrugs?\b|\bdoses?\b|\bmedicine for\b"),
    ),
}

_ASKING = re.compile(r"哪|什么|吗|是否|多少|几|如何|怎")
_TOPIC = re.compile(r"^(?!建议|提|需|应|可)([^，、]{2,30}?)(?:主要)?(?:包括|有|为|是|可以|可|应|需|选择|采)")
_HEADS: tuple[tuple[str, Aspect], ...] = (
    ("检查", "examination"),
    ("诊断", "examination"),
    ("药物", "medication"),
    ("用药", "medication"),
    ("疗法", "treatment"),
    ("治疗", "treatment"),
    ("症状", "symptom"),
    ("体征", "symptom"),
    ("表现", "symptom"),
    ("病因", "cause"),
    ("原因", "cause"),
    ("因素", "cause"),
    ("途径", "cause"),
    ("并发症", "warning"),
    ("预防", "prevention"),
    ("群体", "who"),
    ("人群", "who"),
    ("发病率", "who"),
)

_FOUND = {language: tuple((aspect, re.compile(cue, re.I)) for aspect, cue in cues) for language, cues in _CUES.items()}
_ASKED = {
    language: tuple((aspect, re.compile(cue, re.I)) for aspect, cue in cues) for language, cues in _QUESTIONS.items()
}


def aspect_of(text: str, language: Language) -> Aspect:
    """What a part of an answer is about: in Chinese by the head of its topic where it has one, else by its words."""
    if language == "zh" and (topic := _TOPIC.match(text)):
        named = [(topic[1].rfind(word), aspect) for word, aspect in _HEADS if word in topic[1]]
        if named:
            return max(named)[1]
    return next((aspect for aspect, cue in _FOUND[language] if cue.search(text)), "explanation")


def asked(question: str, language: Language) -> frozenset[Aspect]:
    """What a question asks for; in Chinese by its last clause that asks, for what stands before is the case.

    Who asks for a treatment asks for medicines too.
    """
    told = [question]
    if language == "zh":
        sentences = [part for part in re.split(r"(?<=[。？?！])", question) if part.strip()]
        told = [sentences[-1].rsplit("请问", 1)[-1].rsplit("，", 1)[-1], sentences[-1], question] if sentences else told
    for part in told:
        found = frozenset(aspect for aspect, cue in _ASKED[language] if cue.search(part))
        if found:
            return found | {"medication"} if "treatment" in found else found
        if _ASKING.search(part):
            break  # what stands before it is the case, not the question
    return frozenset({"explanation"})


def weigh(part: Part, wanted: frozenset[Aspect]) -> Weight:
    """Points, axis and kind of a part, by whether it is what was asked for. Points are ours."""
    points = _BASE[part.aspect]
    if part.is_answer or (part.aspect in wanted and part.aspect != "explanation"):
        points = min(9, points + 3)
        axis = "accuracy"
    elif part.aspect in ("urgency", "depends"):
        axis = "context_awareness"
    else:
        axis = "completeness"
    return Weight(points, axis, "proficiency" if points >= 4 else "excellence")
