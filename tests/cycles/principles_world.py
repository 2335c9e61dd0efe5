"""A small world for runs of principles: queries and answers of our own in the shape of the open sets, and a model that plays every part."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

from primum.language import detect, words
from servers import fenced, scripted_reply

__all__ = ["play", "write_sets"]

_ILL_ZH = [
    "高血压",
    "糖尿病",
    "胃溃疡",
    "支气管哮喘",
    "偏头痛",
    "类风湿关节炎",
    "甲状腺功能亢进",
    "慢性肾炎",
    "湿疹",
    "骨质疏松",
]
_ILL_EN = [
    "hypertension",
    "diabetes",
    "gastric ulcer",
    "asthma",
    "migraine",
    "psoriasis",
    "gout",
    "eczema",
    "osteoporosis",
    "anemia",
]
_DRUG_ZH = [
    "氨氯地平",
    "二甲双胍",
    "奥美拉唑",
    "沙丁胺醇",
    "布洛芬",
    "甲氨蝶呤",
    "甲巯咪唑",
    "氯沙坦",
    "氢化可的松",
    "阿仑膦酸",
]
_WHO_ZH = ["我母亲", "一名老年患者", "我的同事", "邻居家的孩子", "一位孕妇", "我自己"]
_ASKED_ZH = [
    ("{who}得了{ill}，应该怎么治疗？", "可以用{drug}治疗。平时注意休息，饮食清淡。症状加重时要及时到医院就诊。"),
    ("{who}怀疑有{ill}，要做哪些检查？", "建议做血液检查和影像学检查来确诊。检查前可先咨询医生。确诊后再决定治疗。"),
    ("{who}有{ill}，吃{drug}要注意什么？", "服用{drug}要遵医嘱，注意不良反应。不要自行停药或加量。定期复查。"),
    ("{who}患{ill}，平时怎样预防加重？", "保持规律作息，避免劳累。饮食清淡，适量运动。定期到医院复查。"),
]
_ASKED_EN = [
    ("What are the treatments for {ill} ?", "Treatment may include medicine and rest. See a doctor if symptoms get worse."),
    ("How to diagnose {ill} ?", "A doctor may order blood tests and imaging tests. Tell your doctor about your family history."),
    ("What are the symptoms of {ill} ?", "Symptoms may include pain. Some people have none. Check with your doctor about changes."),
    ("How to prevent {ill} ?", "A healthy diet and regular exercise help. Avoid smoking. Have regular checkups with your doctor."),
]  # fmt: skip


def write_sets(root: Path) -> Path:
    """The folders `huatuo` and `medquad` below `root`; the same every time."""
    zh = [
        {"question": asked.format(who=who, ill=ill, drug=drug), "answer": told.format(drug=drug)}
        for who, (ill, drug), (asked, told) in itertools.product(
            _WHO_ZH, zip(_ILL_ZH, _DRUG_ZH, strict=True), _ASKED_ZH
        )
    ]
    en = [
        {"id": f"{place}-{ill}", "collection": "own", "question": asked.format(ill=f"{kind} {ill}"), "answer": told}
        for place, (kind, ill, (asked, told)) in enumerate(
            itertools.product(["childhood", "chronic", "inherited"], _ILL_EN, _ASKED_EN)
        )
    ]
    for name, file, rows in (("huatuo", "questions.jsonl", zh), ("medquad", "qa.jsonl", en)):
        (root / name).mkdir(parents=True)
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (root / name / file).write_text(text, "utf-8")
    return root


def play(prompt: str) -> str:
    """What a scripted model says in a run of principles, whichever part it is asked to play."""
    material = fenced(prompt)
    language = detect(prompt)
    if "answer" in material:
        return scripted_reply(prompt)
    if "failed" in material:
        return json.dumps({"rewritten": _rewritten(material, language)}, ensure_ascii=False)
    if "criteria" in material:
        return json.dumps(_merged(material, language), ensure_ascii=False)
    if "principles" in material:
        return json.dumps({"criteria": _from_principles(material["principles"])}, ensure_ascii=False)
    if "query" in material:
        return json.dumps(
            {"urgency": "routine", "uncertainty": "settled", "expertise": "lay", "task": "treat"}, ensure_ascii=False
        )
    return json.dumps({"criteria": _rubric(material, language)}, ensure_ascii=False)


def _rubric(material: dict[str, str], language: str) -> list[dict[str, object]]:
    told = (
        ["建议及时到医院就诊。", "提醒不要自行停药。", "说明平时饮食清淡。", "未经检查就断言诊断。"]
        if language == "zh"
        else [
            "Recommends seeing a doctor.",
            "Warns against stopping medicine alone.",
            "Explains a healthy diet.",
            "States a definite diagnosis.",
        ]
    )
    kinds = ["proficiency", "proficiency", "excellence", "safety"]
    return [
        {
            "statement": said,
            "points": points,
            "kind": kind,
            "axis": "accuracy",
            "norms": [1] if "norm" in material and not place else [],
        }
        for place, (said, points, kind) in enumerate(zip(told, (7, 5, 3, -8), kinds, strict=True))
    ]


def _merged(material: dict[str, str], language: str) -> dict[str, object]:
    listed = [line.partition(". ")[2] for line in material["criteria"].splitlines() if line.strip()]
    if "principle" in material:
        return {"covered": list(range(1, len(listed) + 1))}
    return {"statement": listed[0] if listed else "建议就诊。" if language == "zh" else "Recommends care."}


def _from_principles(listed: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for line in listed.splitlines():
        number, points, kind, axis, statement = re.fullmatch(r"(\d+)\. \[([+-]\d+), (\w+), (\w+)\] (.+)", line).groups()
        if all(len(set(words(statement)) & set(words(str(one["statement"])))) < 4 for one in found):
            found.append(
                {"principles": [int(number)], "statement": statement, "points": int(points), "kind": kind, "axis": axis}
            )
    return found[:8]


def _rewritten(material: dict[str, str], language: str) -> str:
    """The answer with what it failed said at its end; every third time nothing better comes to the model's mind."""
    added = " ".join(line.partition(". ")[2] for line in material["failed"].splitlines()[:2])
    text = f"{material['original'].strip()} {added}".strip()
    return text[:150] if language == "zh" else text[:450]
