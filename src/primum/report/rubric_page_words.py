"""The names of axes, kinds and states in both languages, for pages that show rubrics."""

from __future__ import annotations

from collections.abc import Mapping

from primum.report.words import Pair

__all__ = ["AXES", "KINDS", "STATES"]

AXES: Mapping[str, Pair] = {
    "accuracy": Pair("accuracy", "准确"),
    "completeness": Pair("completeness", "完整"),
    "context_awareness": Pair("context awareness", "情境意识"),
    "communication_quality": Pair("communication", "沟通"),
    "instruction_following": Pair("instruction following", "遵循指令"),
}
KINDS: Mapping[str, Pair] = {
    "proficiency": Pair("proficiency", "基本要求"),
    "excellence": Pair("excellence", "优秀"),
    "safety": Pair("safety veto", "安全否决"),
}
STATES: Mapping[str, Pair] = {
    "distilled": Pair("distilled", "提炼而得"),
    "edited": Pair("edited by a person", "经人修改"),
    "merged": Pair("merged by a person", "经人合并"),
    "retired": Pair("retired", "已停用"),
}
