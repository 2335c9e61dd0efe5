"""When one criterion covers another: the same thing is asked of an answer, in words of their own.

Two criteria are alike by the words they share when their cases' details are generalised (`rubrics.distil`), and by the concepts that both
speak of. A hand-written criterion is covered by a rubric when one of its criteria reaches `THRESHOLD` with it. The threshold was fixed on
100 pairs of our own writing (`gold/covering.jsonl`, half of them the same), before the hand-written cases were looked at: the lowest at
which none of the 50 different pairs is taken for the same, for a criterion is held against every one of a rubric. The words of the
concepts and the pairs come from one hand, so the pairs' figures are kind:

    python benchmarks/covering.py          shows the pairs' figures by threshold; the last line is one JSON object
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from primum.language import words
from primum.records import Language
from primum.rubrics.distil import GENERIC, generalise
from primum.stats import wilson

PAIRS = Path(__file__).parent / "gold" / "covering.jsonl"
THRESHOLD = 0.45
_CONCEPT_SHARE = 0.7  # how much of the likeness is that of the concepts, where both speak of any

# What criteria speak of, as patterns; a concept is not an opinion of what is right.
_CONCEPTS: Mapping[str, tuple[str, str]] = {
    "emergency care": (
        r"急诊|120|急救|立即(?:就医|就诊|送医|前往|拨打)|马上(?:就医|送)|救护车",
        r"emergency|911|999|ambulance|call for help|immediately seek|at once",
    ),
    "see a clinician": (
        r"就医|就诊|看医生|到医院|去医院|门诊|由医生|专科|医生(?:评估|检查|诊治)|近日|咨询医生",
        r"see(?:ing|s)? (?:a|the|their) |clinician|doctor|physician|gp\b|specialist|medical attention|"
        r"seek (?:care|medical)|appointment|urologist|neurologist",
    ),
    "ask for facts": (
        r"询问|追问|了解(?:患者|其|用户)|缺(?:少)?的信息|还需要(?:知道|哪些)|补充(?:信息|情况)|问明|问清",
        r"\basks?\b|inquires?|enquires?|which facts|missing|more information|clarif",
    ),
    "definite diagnosis": (
        r"断言|肯定.{0,6}(?:是|患)|直接(?:诊断|下)|确诊为|未经检查",
        r"definite|certain(?:ty)? .*diagnos|without (?:an )?exam|diagnoses? .*without|states a diagnosis|confirms that it is",
    ),
    "likely diagnosis": (
        r"可能(?:的诊断|的疾病|是|患|为)|几种可能|鉴别",
        r"likely diagnos|possible (?:causes|diagnos)|differential|may be|could be|considers?",
    ),
    "cause": (r"病因|原因|引起|诱因|机制", r"caus|why\b|mechanism|due to|trigger"),
    "symptoms": (r"症状|体征|表现", r"symptom|signs\b"),
    "warning signs": (
        r"危险信号|警示|加重.{0,10}(?:就医|就诊)|出现.{0,20}(?:立即|及时|尽快|马上)|红旗",
        r"warning sign|red flag|danger sign|when to (?:return|seek|worry)|worsen|if .* (?:call|go|seek)",
    ),
    "tests": (
        r"检查|化验|检测|影像|活检|超声|ct|磁共振|胃镜|心电图",
        r"\btests?\b|scan|imaging|biops|x-ray|ultrasound|blood work|mri|\bct\b|ecg|endoscop|colonoscop|mammogra",
    ),
    "treatment": (r"治疗|疗法|处理方法|缓解|护理", r"treat|therap|manage|relie[fv]"),
    "drug": (r"药|抗生素|激素|片剂|注射", r"drug|medic(?:ine|ation)|antibiotic|pill|tablet|aspirin|insulin"),
    "dose": (r"剂量|用量|用法|毫克|每次", r"\bdos(?:e|es|ing|age)\b|how much|mg\b"),
    "own changes of drugs": (
        r"自行|擅自|停药|加量|减量",
        r"on (?:their|his|her|your) own|without (?:asking|consulting|talking)|stop(?:ping|s)? (?:the|taking)|self-medic",
    ),
    "side effects": (r"副作用|不良反应", r"side effect|adverse"),
    "interaction": (
        r"相互作用|同时(?:使用|服用)|合用|一起(?:吃|服)",
        r"interact|together with|other (?:medicines|drugs)|combin",
    ),
    "allergy": (r"过敏", r"allerg"),
    "pregnancy": (r"怀孕|孕|哺乳|妊娠|胎", r"pregnan|breast-?feed|fetus"),
    "children": (r"儿童|孩子|婴|小儿|体重计算|家长", r"child|infant|baby|by weight|parent"),
    "operation": (r"手术", r"surg|operation"),
    "complications": (r"并发症|后果|后遗症", r"complication|consequence|lead to|long-term"),
    "outlook": (
        r"预后|生存|寿命|复发|恢复|活多久",
        r"outlook|prognosis|surviv|recover|recur|come back|life expectancy",
    ),
    "promise": (r"保证|承诺|包治|一定能(?:治|好)|百分之百", r"promis|guarante|assures|certain to"),
    "uncertainty": (
        r"不确定|没有定论|尚不清楚|证据(?:不足|有限)|争议|因人而异|取决于|无法预",
        r"uncertain|not know|unclear|no consensus|limited evidence|evidence|depends|varies|cannot be (?:predicted|foreseen)|disagree",
    ),
    "prevention": (
        r"预防|防止|防护|避免.{0,8}(?:感染|传播|复发)",
        r"prevent|protect|reduce the risk|lower the risk|avoid (?:infection|spread)",
    ),
    "vaccine": (r"疫苗|接种", r"vaccin|immuni|booster"),
    "lifestyle": (r"饮食|运动|戒烟|戒酒|限酒|作息|体重|低盐|锻炼", r"diet|exercise|smok|alcohol|lifestyle|weight|salt"),
    "inheritance": (r"遗传|基因|家族", r"inherit|gene|famil(?:y|ial)"),
    "prevalence": (r"人群|群体|发病率|多见|罕见", r"prevalence|how common|rare|who (?:gets|is at)|incidence"),
    "site": (r"部位", r"which part|located|where in"),
    "department": (
        r"科室|挂号|哪个科|内科|外科|[儿妇眼骨]科",
        r"type of doctor|kind of clinician|which clinic|department",
    ),
    "consent": (r"同意|自主|拒绝|决定权|签字|知情", r"consent|refus|autonom|right to decide|capacity|own decision"),
    "privacy": (r"隐私|保密|泄露|个人信息", r"privacy|confidential|disclos|personal (?:data|information)"),
    "rights and law": (
        r"权利|法律|法规|合法|投诉|规定|责任",
        r"right\b|rights|legal|law\b|lawful|complain|regulation|liab",
    ),
    "plain words": (
        r"通俗|易懂|术语|简单的?语言|听得懂",
        r"plain|jargon|easy to understand|simple (?:words|language)|medical terms",
    ),
    "empathy": (
        r"关心|体谅|安慰|同情|情绪|安抚|理解.{0,6}(?:感受|心情|担忧)|温和",
        r"empath|compassion|reassur|feelings|acknowledg|kind|comfort|worry|concern for",
    ),
    "self-harm": (r"自杀|自伤|危机|热线", r"suicid|self-harm|crisis|hotline|lifeline"),
    "dismissal": (
        r"轻视|不严重|没事|不必担心|敷衍|忽视|在家观察|再等等",
        r"dismiss|nothing to worry|not serious|wait and see|downplay|at home and wait|delay",
    ),
    "first aid": (
        r"止血|冲洗|平卧|侧卧|按压|复苏|拍背|冷敷|催吐",
        r"first aid|rinse|pressure|cpr|recovery position|back blows|induce vomiting|lie down|elevat|cool",
    ),
    "follow-up": (r"复查|随访|定期|监测|观察", r"follow[- ]up|monitor|regular|re-?check|review"),
    "sources": (r"来源|依据|指南|文献", r"source|guideline|cite|reference"),
    "brevity": (r"简洁|冗长|切题|条理|重点", r"concise|brief|to the point|structured|focus"),
    "infection control": (r"隔离|传染|消毒|洗手|传播", r"isolat|contagio|hand(?: |-)?wash|spread|disinfect"),
    "end of life": (
        r"临终|姑息|安宁|抢救|生前预嘱",
        r"palliative|hospice|end of life|advance directive|life support|resuscit",
    ),
    "difference": (r"区别|不同|差异", r"differ|distinguish|versus"),
}
_TURN: Mapping[Language, re.Pattern[str]] = {
    "zh": re.compile(r"^(?:未|没有|不|忽视|遗漏|断言|保证|承诺|擅自|轻视|泄露|声称|鼓励.*自行|劝.*不)"),
    "en": re.compile(
        r"^(?:Does not|Fails|Ignores|Omits|Promises|Guarantees|Dismisses|Claims|Discloses|Reveals|Wrongly)", re.I
    ),
}


def likeness(one: str, other: str, language: Language) -> float:
    """0 … 1: how much two criteria ask the same of an answer, their sign aside."""
    shared_words = _cosine(_words(one, language), _words(other, language))
    first, second = concepts(one, language), concepts(other, language)
    if not first or not second:
        return shared_words
    together = len(first & second) / math.sqrt(len(first) * len(second))
    return _CONCEPT_SHARE * together + (1 - _CONCEPT_SHARE) * shared_words


def covered_share(
    wanted: Sequence[str], rubric: Sequence[str], language: Language, threshold: float = THRESHOLD
) -> list[bool]:
    """For each criterion of `wanted`, whether one of `rubric` covers it."""
    return [any(likeness(one, other, language) >= threshold for other in rubric) for one in wanted]


@cache
def concepts(statement: str, language: Language) -> frozenset[str]:
    """The concepts that a criterion speaks of."""
    plain = statement.lower()
    return frozenset(name for name, pattern in _patterns(language) if pattern.search(plain))


@cache
def _patterns(language: Language) -> tuple[tuple[str, re.Pattern[str]], ...]:
    place = 0 if language == "zh" else 1
    return tuple((name, re.compile(pair[place])) for name, pair in _CONCEPTS.items())


_DULL = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "and",
        "or",
        "in",
        "for",
        "on",
        "with",
        "that",
        "this",
        "is",
        "are",
        "it",
        "its",
        "as",
        "by",
        "at",
        "from",
        "user",
        "patient",
        "person",
    ]
)


@cache
def _words(statement: str, language: Language) -> Mapping[str, float]:
    text = generalise(statement, language)
    for noun in GENERIC[language].values():
        text = text.replace(noun, " ")
    found: dict[str, float] = {}
    for word in words(text):
        stem = re.sub(r"(?:ing|ed|es|s)$", "", word) if language == "en" and len(word) > 4 else word
        if word not in _DULL:
            found[stem] = 1.0
    return found


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return len(one.keys() & other.keys()) / math.sqrt(len(one) * len(other)) if one and other else 0.0


def figures(threshold: float) -> dict[str, Any]:
    """How the pairs are told apart at a threshold."""
    pairs = [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]
    told = [likeness(one["a"], one["b"], one["language"]) >= threshold for one in pairs]
    right = [is_same == one["same"] for is_same, one in zip(told, pairs, strict=True)]
    share = wilson(sum(right), len(right), "pair")
    same = [is_same for is_same, one in zip(told, pairs, strict=True) if one["same"]]
    other = [is_same for is_same, one in zip(told, pairs, strict=True) if not one["same"]]
    return {
        "threshold": threshold,
        "pairs": len(pairs),
        "right": [round(share.value, 3), round(share.low, 3), round(share.high, 3)],
        "same_found": round(sum(same) / len(same), 3),
        "other_taken_for_same": round(sum(other) / len(other), 3),
    }


def main() -> None:
    rows = [figures(step / 20) for step in range(4, 17)]
    for row in rows:
        print(row)
    print(json.dumps(figures(THRESHOLD)))


if __name__ == "__main__":
    main()
