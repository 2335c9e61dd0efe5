"""What a statement of fact is about: its causes, its symptoms, its tests … so that it can be asked of another condition without its fact.

A principle that was distilled from what answers say holds facts of other cases: `States that there is no cure for the condition.` Told of
the next condition it may be false. What carries over is the aspect: a good answer says whether it can be cured. So a statement of fact is
retold as its aspect, and one without an aspect is not told at all. Advice, questions, warnings and manners carry over as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from primum.records import Language

__all__ = ["ASPECTS", "Aspect", "asked_for", "aspect_of", "is_fact"]


class Aspect(NamedTuple):
    """How statements about it are found, what is asked of an answer, and how queries ask for it; Chinese and English each."""

    said_zh: str
    said_en: str
    told_zh: str
    told_en: str
    asked_zh: str
    asked_en: str


ASPECTS: Mapping[str, Aspect] = {
    "difference": Aspect(
        "区别|不同|两者|差异|相同",
        r"\bdiffer",
        "说明两者的区别（至少一处）。",
        "Names at least one difference between the two.",
        "区别|不同|差异|异同|相同|分别",
        r"\bdiffer|versus|\bvs\b|distinguish|told apart",
    ),
    "inheritance": Aspect(
        "遗传方式|遗传|显性|隐性|染色体",
        r"inherit|autosomal|x-linked|copies of the gene|mutated gene|dominant|recessive",
        "说明该疾病是否遗传。",
        "Explains how the condition is inherited.",
        "遗传|传给",
        r"inherit|hereditary|pass it on|runs in",
    ),
    "side effects": Aspect(
        "不良反应|副作用|毒性",
        r"side effects?|adverse",
        "说明所用药物的不良反应（至少一项）。",
        "Names a side effect of the drug.",
        "不良反应|副作用",
        r"side effects?|adverse",
    ),
    "dose": Aspect(
        "剂量|用量|所述剂量",
        r"\bdos(?:e|age|ing)\b",
        "说明所用药物的用法用量由什么决定。",
        "Says what the dose of the drug depends on.",
        "剂量|多少毫升|吃多少|几片|用量|怎么推",
        r"\bdos(?:e|age|ing)\b|how much|how many (?:puffs|tablets)|mg/kg",
    ),
    "department": Aspect(
        "科室|属于.{0,6}科|[内外妇儿骨眼]科|挂号|科就诊|门诊",
        r"specialist|type of doctor|which doctor",
        "说明应就诊的科室。",
        "Says which kind of clinician treats the condition.",
        "科室|挂什么科|看哪个科|哪个科|去哪里就诊|门诊",
        r"(?:type|kind) of doctor|which (?:doctor|clinic)|specialist",
    ),
    "complications": Aspect(
        "并发症|后遗症|后果",
        r"complication|serious problems|lead to|risk of (?:the|developing)",
        "列出该疾病的并发症（至少一项）。",
        "Names a complication of the condition.",
        "并发症|后遗症|影响|后果",
        r"complication|lead to|long-term effects|threaten",
    ),
    "outlook": Aspect(
        "预后|存活|生存|寿命|复发|恢复",
        r"outlook|prognosis|surviv|life expectancy|recover|come back|recur",
        "说明该疾病的预后取决于什么。",
        "Says what the outlook of the condition depends on.",
        "预后|活多久|复发|恢复|多久能|生存|寿命|反弹|最后",
        r"outlook|prognosis|surviv|life expectancy|recover|come back|how long|chances|wake up|happen to",
    ),
    "cure": Aspect(
        "治愈|根治|治好",
        r"\bcur(?:e|es|ed|able)\b",
        "说明该疾病能否治愈。",
        "Says whether the condition can be cured.",
        "治愈|根治|治好|逆转",
        r"\bcur(?:e|ed|able)\b|reversed|go away",
    ),
    "prevention": Aspect(
        "预防|避免.{0,8}发生",
        r"\bprevent",
        "说明该疾病的预防措施（至少一项）。",
        "Names a measure that prevents the condition.",
        "预防|避免|怎样才能不|防止|注意什么|忌",
        r"\bprevent|avoid|protect|lower (?:my|the) risk|keep (?:it|from)",
    ),
    "tests": Aspect(
        "检查|检测|化验|确诊|影像|该检查|活检|诊断方法|明确诊断",
        r"\btests?\b|diagnos|\bscans?\b|biops|imaging|the test",
        "说明需要做的检查（至少一项）。",
        "Names a test that confirms the condition.",
        "检查|检测|化验|确诊|影像|诊断依据|如何诊断|怎么诊断|诊断标准|鉴别|查什么|进一步",
        r"\btests?\b|diagnos(?:e|ed|tic)|scan|biops|imaging|confirm|work-up|investigat|ordered",
    ),
    "surgery": Aspect(
        "手术|切除|移植|该手术",
        r"surg|the procedure|transplant|remov(?:e|al)",
        "说明是否需要手术。",
        "Says whether an operation is needed.",
        "手术|开刀|切除|移植|引流|截肢",
        r"surg|operation|transplant|drain|amputat",
    ),
    "medicines": Aspect(
        "药物|用药|所用药物|口服|注射|抗生素|抗病毒|激素",
        r"the drug|medicine|medication|drugs?\b|antibiotic",
        "说明可用的药物（至少一种）。",
        "Names a drug that is used for the condition.",
        "药|吃什么|抗生素",
        r"drug|medicine|medication|antibiotic|pill|prescri|anticoagul|statin|regimen",
    ),
    "treatment": Aspect(
        "治疗|处理|疗法|缓解|纠正|护理|保守",
        r"treat|therap|manage|relie[fv]|symptomatic",
        "说明该疾病的治疗方法（至少一项）。",
        "Names a treatment of the condition.",
        "治疗|怎么治|如何治|处理|怎么办|疗法|诊治|该如何|措施|缓解",
        r"treat|therap|manage|what (?:should|do|can) (?:i|we)|relie[fv]|help with|next step|what helps",
    ),
    "daily life": Aspect(
        "饮食|休息|营养|锻炼|运动|作息|劳累|卫生|戒烟|戒酒|保暖|清洁|心情",
        r"\bdiet|\beat|rest\b|exercis|lifestyle|smok|alcohol|hygiene|sleep|activity|sun\b|foods?\b|avoid",
        "说明日常生活中应注意什么（至少一项）。",
        "Names something that people with the condition should do or avoid.",
        "注意|饮食|平时|忌|日常|生活|锻炼|护理",
        r"\bdiet|\beat|lifestyle|live with|cope|exercise|avoid",
    ),
    "onset": Aspect(
        "岁.{0,4}(?:发病|多见)|发病年龄",
        r"childhood|infancy|begin|at birth|first (?:few|days)|become(?:s)? evident|born with|age of onset",
        "说明该疾病通常在什么年龄发病。",
        "Says at what age the condition usually begins.",
        "什么年龄|几岁",
        r"what age|when does",
    ),
    "prevalence": Aspect(
        "群体|人群|发病率|罕见|常见于|多见于|多发|好发|发生在|女孩|男孩|男性|女性|黑人",
        r"prevalence|rare\b|affects?\b|incidence|cases have been|reported|people are known|individuals have been|"
        r"common in|more common|worldwide",
        "说明该疾病多见于哪些人。",
        "Says how common the condition is.",
        "群体|人群|发病率|多见|哪些人|谁",
        r"how many people|how common|prevalence|who is at risk|who gets|incidence",
    ),
    "site": Aspect(
        "部位|位于|该部位",
        r"located|location|spread(?:s)? to",
        "说明该疾病的发病部位。",
        "Says which part of the body the condition affects.",
        "部位|哪里|位置",
        r"where in|which part|located",
    ),
    "diagnosis": Aspect(
        "可能(?:是|患|的诊断|为|存在|出现|有)|诊断(?:为|是)|考虑|怀疑|疑似|可能性|患有",
        r"likely diagnosis|most likely|may have|could be|suspect|possib",
        "给出可能的诊断。",
        "Names a likely diagnosis.",
        "什么病|什么疾病|哪种病|哪种疾病|何种疾病|诊断是|可能是|可能患|可能的诊断|是不是|怎么回事|会是|怀疑|考虑",
        r"what (?:could|might|is causing|is wrong|disease|condition)|diagnosis|differential|could (?:it|this) be|wrong with|do i have|"
        r"suspect",
    ),
    "causes": Aspect(
        "病因|原因|引起|所致|导致|由于|因素|机制|有关|感染|传播|相关",
        r"caus|mutation|result(?:s)? from|gene\b|genes\b|due to|risk factors?|triggered|certain gene|play a role",
        "说明该疾病的病因。",
        "Explains what causes the condition.",
        "病因|原因|引起|为什么|机制|因素|怎么得|怎么传|是否与|联系|有关|传染",
        r"caus|why|genetic changes|mechanism|pathophysiolog|risk factors?|who is at risk|contagious",
    ),
    "symptoms": Aspect(
        "症状|体征|表现|该症状|特征",
        r"symptom|signs?\b|characteri[sz]ed|features?|experience|pain|weakness",
        "列出该疾病的主要症状（至少两项）。",
        "Names at least two main signs or symptoms of the condition.",
        "症状|体征|表现|特征|反应",
        r"\bsymptom|signs?\b|feel like|look like",
    ),
}
"""In this order: a statement is about the first that it speaks of."""

_FACT = {
    "zh": re.compile(r"指出|说明|提到|提及|给出|介绍|列出|描述|解释|明确"),
    "en": re.compile(
        r"(?:States|Explains|Notes|Mentions|Describes|Names|Says|Points out|Identifies|Lists|Specifies)\b"
    ),
}
# What somebody owes or is entitled to, what is not known, and how to speak are no facts of one case.
_NO_FACT = {
    "zh": re.compile(
        r"权|同意|隐私|保密|法律|法规|拒绝|不得|不应|由医生|何时|危险信号|就医|急诊|自行|擅自|不确定|没有定论|尚无|取决于|因人而异|根据|所缺|依据|术语|"
        r"通俗|无法预|不能保证|来源|过敏|孕"
    ),
    "en": re.compile(
        r"\bright to\b|rights\b|consent|privacy|confidential|refus|\blaw\b|legal|emergency|when to|what medicine|medical terms|cannot|"
        r"uncertain|"
        r"depends|not known|limits|whether|which facts|on (?:their|his|her) own|source|promise|before (?:taking|stopping)|warning signs",
        re.I,
    ),
}
_ADVICE = {
    "zh": re.compile(r"建议|推荐|提醒|提示|要求|强调|告知|警告"),
    "en": re.compile(r"(?:Recommends|Advises|Suggests|Tells|Reminds|Encourages|Urges|Stresses)\b"),
}
# Advice that holds for anybody: to be seen, to ask before taking or stopping something, to come back, what to ask for in pregnancy.
_FOR_ANYBODY = {
    "zh": re.compile(
        r"就医|就诊|急诊|急救|120|救治|医生|医师|遵医嘱|自行|擅自|复查|随访|观察病情|相互作用|过敏|孕|哺乳|自杀|轻生|危机|"
        r"同意|隐私|拒绝|权|检查(?:确诊|后)|报警|平复"
    ),
    "en": re.compile(
        r"clinician|doctor|emergency|ambulance|\bcall\b|physician|health care provider|on (?:their|your|his|her) own|follow-up|"
        r"allerg|"
        r"pregnan|interact|crisis|suicid|consent|privacy|refus|pharmacist|medical (?:care|help|attention)",
        re.I,
    ),
}
_SOME_PLACE = {
    "zh": re.compile(r"[内外妇产儿骨眼鼻喉肤科瘤神经]科|科(?:室|就诊|治疗)|该(?:疾病|检查|手术|部位|症状)|所用药物"),
    "en": re.compile(r"the (?:condition|drug|test|procedure|body part|symptom)|vitamin|supplement", re.I),
}
_MOST_ADVICE = {"zh": 30, "en": 110}  # characters: longer advice is that of a case


def is_fact(statement: str, language: Language) -> bool:
    """Whether a statement asks an answer to state something of its case, or to advise what fits that case alone."""
    if any(statement in (one.told_zh, one.told_en) for one in ASPECTS.values()):
        return True
    if _FACT[language].match(statement):
        return not _NO_FACT[language].search(statement)
    if not _ADVICE[language].match(statement):
        return False
    is_general = _FOR_ANYBODY[language].search(statement) and len(statement) <= _MOST_ADVICE[language]
    return not is_general or _SOME_PLACE[language].search(statement) is not None


def aspect_of(statement: str, language: Language) -> str | None:
    """What a statement of fact is about."""
    place = 0 if language == "zh" else 1
    told = next((name for name, one in ASPECTS.items() if statement in (one.told_zh, one.told_en)), None)
    plain = statement.lower()
    return told or next((name for name, pattern in _patterns(place) if pattern.search(plain)), None)


_BY_TASK: Mapping[str, frozenset[str]] = {
    "diagnose": frozenset({"diagnosis"}),
    "examine": frozenset({"tests"}),
    "treat": frozenset({"treatment", "medicines", "surgery", "daily life"}),
    "medicate": frozenset({"medicines", "side effects", "dose"}),
    "prevent": frozenset({"prevention", "daily life"}),
    "foresee": frozenset({"outlook", "complications", "cure"}),
    "decide": frozenset({"outlook"}),
}


def asked_for(query: str, language: Language, task: str) -> frozenset[str]:
    """The aspects that a query asks for; where it asks for none, those of its task. None at all: every aspect may be told (`explain`)."""
    place = 4 if language == "zh" else 5
    # What is asked stands in the question, not in the story before it.
    plain = query.lower()
    if language == "zh":
        plain = re.split(r"[，。；！]", plain.rstrip("。？！?! "))[-1] if "？" in query or "?" in query else plain
    is_story = language == "zh" and "？" not in query and "?" not in query
    found = frozenset() if is_story else frozenset(name for name, pattern in _patterns(place) if pattern.search(plain))
    return found or _BY_TASK.get(task, frozenset())


@cache
def _patterns(place: int) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(str(aspect[place]))) for name, aspect in ASPECTS.items())
