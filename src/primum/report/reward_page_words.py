"""The words of a report of a reward model, in English and Chinese: what is measured, of what, where, and what the watch found."""

from __future__ import annotations

from typing import Final

from primum.report.words import Pair, humanise

__all__ = [
    "ABLATIONS",
    "GLOSSARY",
    "RULES",
    "called",
    "kind_words",
    "measure_name",
    "reason_words",
    "role_words",
    "rule_words",
    "slice_name",
    "thing_words",
]

_MEASURES: Final = {
    "pointwise": Pair("Right on single answers", "单个回答判对率"),
    "selective": Pair("The same, where it is sure", "同上（有把握时）"),
    "coverage": Pair("How often it is sure", "有把握的比例"),
    "pairwise": Pair("Right on pairs", "成对判对率"),
    "veto_precision": Pair("Vetoes: precision", "否决：精确率"),
    "veto_recall": Pair("Vetoes: recall", "否决：召回率"),
    "veto_f1": Pair("Vetoes: F1", "否决：F1"),
    "overall_clipped": Pair("Whole pairs, clipped reward", "整对（截断奖励）"),
    "overall_sum": Pair("Whole pairs, plain sum", "整对（直接求和）"),
    "overall_lexicographic": Pair("Whole pairs, in order of parts", "整对（按序比较）"),
    "overall_verdicts": Pair("Whole pairs, in order of verdicts", "整对（按判定比较）"),
    "calibration_error": Pair("Calibration error", "校准误差"),
    "brier": Pair("Brier score", "Brier 分数"),
}
_KINDS: Final = {
    "all": Pair("All criteria", "全部条目"),
    "safety": Pair("Safety (veto)", "安全（一票否决）"),
    "proficiency": Pair("Proficiency", "胜任"),
    "excellence": Pair("Excellence", "卓越"),
    "safety_head": Pair("Safety head", "安全头"),
    "proficiency_head": Pair("Proficiency head", "胜任头"),
}
_SLICES: Final = {
    "all": Pair("All", "全部"),
    "seen_criteria": Pair("Criteria seen in training", "训练中见过的条目"),
    "unseen_criteria": Pair("Criteria never seen", "从未见过的条目"),
    "unseen_policies": Pair("Policies never seen", "从未见过的策略模型"),
    "en": Pair("English", "英文"),
    "zh": Pair("Chinese", "中文"),
    "other_language": Pair("The other language", "另一种语言"),
}
_ROLES: Final = {
    "rewards": Pair("Rewards (reward model)", "给出奖励（奖励模型）"),
    "rubric": Pair("Rewards (rubrics)", "给出奖励（评分标准）"),
    "held": Pair("Held back: measures", "留出：只用于测量"),
    "labels": Pair("Labels the pairs", "标注成对回答"),
}
RULES: Final = {
    "level": Pair("Groups that teach nothing", "组内奖励相同"),
    "length": Pair("Length growth", "长度增长"),
    "unusable": Pair("Unusable answers", "不可用的回答"),
    "disagreement": Pair("Disagreement of rewards", "奖励之间的分歧"),
    "hacked": Pair("Reward hacked", "奖励被钻空子"),
}
ABLATIONS: Final = {
    "whole": Pair("The whole model", "完整模型"),
    "no criterion in the input": Pair("No criterion in the input", "输入中没有条目"),
    "no veto": Pair("No veto", "没有一票否决"),
    "one scalar": Pair("One scalar", "单一标量"),
    "no excellence margin": Pair("No excellence margin", "没有卓越项"),
}
_REASONS: Final = {
    "tie": Pair("Ties", "平局"),
    "abstained": Pair("Abstentions", "弃权"),
    "missing": Pair("Missing labels", "缺少标注"),
    "not known": Pair("Not known (abstained, unlabelled)", "未知（弃权或无标注）"),
}
_THINGS: Final = {
    "source": Pair("Source", "来源文件"),
    "norm": Pair("Norm", "规范"),
    "scenario": Pair("Situation", "情境"),
    "rubric": Pair("Rubric", "评分标准"),
    "criterion": Pair("Criterion", "条目"),
    "response": Pair("Answer", "回答"),
    "verdict": Pair("Verdict", "逐条评判"),
    "judgement": Pair("Judgement", "评判"),
    "pair": Pair("Pair", "成对回答"),
    "judge": Pair("Judge", "评审"),
    "policy": Pair("Policy", "策略模型"),
    "report": Pair("Report", "报告"),
}

GLOSSARY: Final = (
    (
        Pair("Reward model that reads the criterion", "读取条目的奖励模型"),
        Pair(
            "It reads prompt, answer and a criterion, and says how likely the answer meets it (explicit criteria injection, ProMedical, "
            "arXiv 2604.08326). All criteria of an answer share one sequence; none sees another. Safety has a head of its own.",
            "读取问题、回答与一条条目，给出回答满足该条目的可能性（显式注入条目，ProMedical，arXiv 2604.08326）。"
            "同一回答的全部条目共用一个序列，彼此不可见；安全类有单独的输出头。",
        ),
    ),
    (
        Pair("Veto", "一票否决"),
        Pair(
            "A safety criterion that is violated. Vetoes are compared first, whatever else an answer earns.",
            "被违反的安全类条目。无论回答其他得分如何，先比较否决项。",
        ),
    ),
    (
        Pair("Masked", "屏蔽"),
        Pair(
            "A criterion of a pair without a winner (a tie, an abstention, no label). It is left out, never guessed.",
            "成对回答中没有胜者的条目（平局、弃权或缺标注）。一律排除，从不猜测。",
        ),
    ),
    (
        Pair("By chance", "随机水平"),
        Pair(
            "What knowing nothing but how often would reach: the commoner label, a coin for pairs, flagging everything for vetoes.",
            "只知频率时可达到的水平：取更常见的标签；成对为抛硬币；否决为全部标记。",
        ),
    ),
    (
        Pair("Held-back judge", "留出评审"),
        Pair(
            "A judge that gave no reward. A policy learns a reward's faults too, so only this judge says what was gained.",
            "不给出任何奖励的评审。策略模型也会学到奖励的缺陷，因此只有它能说明真正的收益。",
        ),
    ),
    (
        Pair("GRPO", "GRPO"),
        Pair(
            "Of each prompt a group of answers is sampled, and each learns from how its reward stands in its group (arXiv 2402.03300). "
            "A group whose rewards are all alike teaches nothing.",
            "对每个问题采样一组回答，各回答按其奖励在组内的相对位置学习（arXiv 2402.03300）；奖励全部相同的组不提供信息。",
        ),
    ),
)


def measure_name(name: str) -> Pair:
    """A measure of the bench."""
    return _MEASURES.get(name) or called(name)


def kind_words(name: str) -> Pair:
    """A class of criteria, or a head."""
    return _KINDS.get(name) or called(name)


def slice_name(name: str) -> Pair:
    """What part of the pairs."""
    return _SLICES.get(name) or called(name)


def role_words(name: str) -> Pair:
    """What a judge does in the run."""
    return _ROLES.get(name) or called(name)


def rule_words(name: str) -> Pair:
    """A rule of the watch."""
    return RULES.get(name) or called(name)


def reason_words(name: str) -> Pair:
    """Why a criterion was masked."""
    return _REASONS.get(name) or called(name)


def thing_words(name: str) -> Pair:
    """A record on the way that can be traced."""
    return _THINGS.get(name) or called(name)


def called(name: str) -> Pair:
    """What is not known is shown as it is written."""
    return Pair(humanise(name), humanise(name))
