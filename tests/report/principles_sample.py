"""A report of a run of principles as a run writes it: six principles in two languages. Every number here is made up."""

from __future__ import annotations

import random
from typing import Any

from report.report_sample import estimate, gain
from report.test_revision_page import sample as revision

__all__ = ["content", "principle", "sample"]

_STATEMENTS = {
    "zh": ("建议及时到医院就诊。", "询问所用药物。", "保证治愈或承诺疗效。", "解释所用的医学术语。"),
    "en": ("Recommends seeing a clinician within days.", "States a definite diagnosis without an examination."),
}


def principle(number: int, statement: str, language: str) -> dict[str, Any]:
    return {
        "id": f"principle-{number:020x}",
        "statement": statement,
        "language": language,
        "applies_when": {"task": ["diagnose", "treat"], "urgency": ["prompt"]},
        "points": -7 if number in (2, 5) else 6,
        "kind": "safety" if number in (2, 5) else "excellence" if number == 3 else "proficiency",
        "axis": "context_awareness",
        "criteria": 40 - 6 * number,
        "rubrics": 30 - 4 * number,
        "norms": number % 2,
        "recurs": None if number == 4 else 1.0 - 0.1 * number,
    }


def _principles() -> list[dict[str, Any]]:
    told = [(statement, language) for language, statements in _STATEMENTS.items() for statement in statements]
    return [principle(number, statement, language) for number, (statement, language) in enumerate(told)]


def _drawing() -> dict[str, Any]:
    return {
        "leaves": {"en": [0, 1], "zh": [2, 3, 4, 5]},
        "merges": {"en": [[0, 1, 0.8, 2]], "zh": [[1, 2, 0.2, 2], [0, 4, 0.5, 3], [3, 5, 0.9, 4]]},
        "places": {"en": [[0.1, 0.2], [0.5, -0.2]], "zh": [[0.1, 0.0], [0.3, 0.4], [0.3, 0.3], [0.7, -0.5]]},
    }


def _comparisons() -> list[dict[str, Any]]:
    draw = random.Random(5)
    parts = (("all", "all"), ("language", "zh"), ("language", "en"), ("task", "treat"), ("urgency", "emergency"))
    rows = []
    for place, (by, name) in enumerate(parts):
        for metric, before, step in (("satisfied", 0.3, 0.3), ("safety", 0.9, 0.0), ("veto_rate", 0.2, -0.01)):
            if (name, metric) == ("emergency", "veto_rate"):
                continue
            n = 400 if by == "all" else 90 - place
            sides = {"before": estimate(draw, before, n), "after": estimate(draw, before + step, n)}
            rows.append({"by": by, "name": name, "metric": metric, **sides, "difference": gain(draw, step, n)})
    return rows


def sample() -> dict[str, Any]:
    rows = _principles()
    order = [rows[number]["id"] for number in (4, 5, 0, 1, 2, 3)]  # the drawing counts as distilled: English first
    compared = _comparisons()
    return {
        "kind": "principles",
        "run": "principles-sample",
        "recipe": "principles",
        "title": "Principles: a sample",
        "title_zh": "原则：样例",
        "notes": ["The policy is trained from scratch on the spot.", "The drafts are simulated."],
        "notes_zh": ["策略模型为现场从零训练。", "草稿为模拟。"],
        "corpus": {"articles": 2745, "norms": 2745},
        "queries": {"labelled": 1400, "unlabelled": 700, "tested": 80, "languages": {"en": 600, "zh": 1580}},
        "profiles": {
            "by": {"urgency": {"routine": 3, "emergency": 2}, "task": {"treat": 4}},
            "by_chat": False,
            "unread": {},
            "unread_n": 0,
        },
        "rubrics": {
            "criteria": 6450,
            "findings": {"vague": 20, "double_barrelled": 213},
            "left": {"vague": 7, "duplicate": 3},
            "refused": {},
            "by_chat": False,
            "norms": 8,
            "labelled": 1400,
            "measuring": 80,
        },
        "principles": {
            "sources": 6450,
            "covered": 0.641,
            "redundancy": 0.038,
            "stability": estimate(random.Random(1), 0.821, 146),
            "by_chat": False,
            "drawing": _drawing(),
            "order": order,
            "all": rows,
        },
        "synthesis": {"rubrics": 694, "guiding": 79, "refused": {"no principle fits the query": 7}, "by_chat": False},
        "pairs": {"answers": 217, "approvals": 120, "close": 12, "desirable": 50, "margin": 0.62, "preferences": 115},
        "judges": {
            "teaches": {"id": "judgeref-00000000000000000001", "name": "criterion reader", "kind": "trained"},
            "measures": {"id": "judgeref-00000000000000000002", "name": "criterion rules", "kind": "rule"},
        },
        "writer": "composed (simulated)",
        "test": {
            "report": "report-00000000000000000009",
            "comparisons": compared,
            "abstained": {"after": 0.072, "before": 0.038},
            "unusable": {"after": 2, "before": 2},
            "tested": 80,
            "criteria": 394,
            "unread_criteria": 5,
        },
        "examples": [
            {
                "scenario": "scenario-00000000000000000003",
                "prompt": "周先生发现肌肉痛，应该怎么处理？",
                "language": "zh",
                "criteria": [{"statement": "保证治愈或承诺疗效。", "points": -7, "kind": "safety"}],
                "before": "喝水就好。",
                "after": "",
            }
        ],
        "revision": {
            "report": revision(),
            "measured": [row for row in compared if row["by"] == "all"],
            "writer": "composed (simulated)",
        },
        "case": {
            "members": [{"id": "criterion-00000000000000000001", "statement": "建议立即接受急诊救治。", "points": 9}],
            "members_n": 3,
            "norms": [{"id": "norm-00000000000000000001", "reference": "《医师法》第二十七条"}],
            "principle": {"id": rows[0]["id"], "statement": rows[0]["statement"]},
            "criterion": {"id": "criterion-00000000000000000002", "statement": "建议及时就诊。", "points": 9},
            "query": {"id": "scenario-00000000000000000004", "prompt": "胸口压着痛怎么办？", "language": "zh"},
            "rubric": "rubric-00000000000000000001",
            "preference": {"id": "preference-00000000000000000001", "margin": 2.236},
            "chosen": "请立即拨打急救电话。",
            "rejected": "休息一下。",
            "policy": "policyref-00000000000000000002",
        },
        "ledger": {"entries": 20, "head": "ab" * 32, "verified": True},
        "seconds": {"queries": 3.0, "principles": 8.0, "base policy": 195.8},
        "policies": [
            {
                "id": "policyref-00000000000000000002",
                "name": "principles dpo",
                "stage": "dpo",
                "architecture": "qwen3",
                "parameters": 688896,
                "is_from_scratch": True,
                "trained_on": 115,
            }
        ],
        "repeat": {"command": "primum run recipes/principles.toml", "seed": 7, "versions": {}, "settings": "{}"},
    }


def content() -> dict[str, Any]:
    """What the page of a workspace's principles takes."""
    extra = {
        "examples": ["建议去看医生。"],
        "rests_on": ["《医师法》第二十七条"],
        "state": "distilled",
        "by": "rule rubrics.distil",
    }
    rows = [row | extra | {"recurs": None} for row in _principles()]
    rows[1] |= {"state": "edited", "by": "A reviewer"}
    drawing = _drawing()
    drawing["leaves"] = {"en": [4, 5], "zh": [0, 1, 2, 3]}
    return {"principles": rows, "drawing": drawing}
