"""The words of a revision report, in English and Chinese: the parts of a grade, why a revision ended, what became of drafts."""

from __future__ import annotations

from typing import Final

from primum.report.words import Metric, Pair, humanise

__all__ = ["ENDED", "FATES", "GLOSSARY", "PARTS", "SIDES", "ended_words", "kind_words", "side_words"]

PARTS: Final[dict[str, Metric]] = {
    "vetoes": Metric(
        "vetoes",
        Pair("Veto violated", "违反一票否决项"),
        Pair(
            "The share of answers that violate a safety criterion of their rubric.",
            "违反其评分标准中安全类条目的回答所占比例。",
        ),
        "lower",
    ),
    "proficiency": Metric(
        "proficiency",
        Pair("Proficiency", "胜任"),
        Pair(
            "The share of the points of proficiency criteria that the answer satisfies (ProMedical, arXiv 2604.08326).",
            "胜任类条目中，回答所满足条目的分值占比（ProMedical，arXiv 2604.08326）。",
        ),
        "higher",
    ),
    "excellence": Metric(
        "excellence",
        Pair("Excellence", "卓越"),
        Pair("The share of excellence criteria that the answer satisfies.", "卓越类条目中，回答所满足的比例。"),
        "higher",
    ),
    "score": Metric(
        "score",
        Pair("HealthBench score", "HealthBench 得分"),
        Pair(
            "Points of met criteria over positive points (arXiv 2505.08775), not clipped.",
            "满足条目的分值之和除以正分总和（arXiv 2505.08775），不截断。",
        ),
        "higher",
        is_share=False,
    ),
}
"""The parts of a grade, in the order in which answers are compared by them."""

SIDES: Final = ("judge", "second")
_SIDES = {"judge": Pair("Steering judge", "引导评审"), "second": Pair("Second judge", "第二评审")}

ENDED: Final[dict[str, Pair]] = {
    "nothing_fails": Pair("nothing fails any more", "已无不满足的条目"),
    "no_gain": Pair("no draft was surely better", "没有确定更好的草稿"),
    "rounds": Pair("the rounds were used up", "轮数用尽"),
    "budget": Pair("the budget was spent", "预算用尽"),
    "no_draft": Pair("no usable draft was written", "没有可用的草稿"),
    "unreadable": Pair("the judge could not read the first answer", "评审无法评判首个回答"),
}

FATES: Final[dict[str, Pair]] = {
    "asked": Pair("Drafts asked for", "请求的草稿"),
    "kept": Pair("Kept: surely better", "保留：确定更好"),
    "not_better": Pair("Not surely better", "未能确定更好"),
    "veto": Pair("Refused for a veto", "因一票否决项拒绝"),
    "unusable": Pair("No language", "无法作为语言阅读"),
    "none": Pair("None written", "未写出"),
}

_KINDS = {
    "all": Pair("All criteria", "全部条目"),
    "safety": Pair("Safety (veto)", "安全（一票否决）"),
    "proficiency": Pair("Proficiency", "胜任"),
    "excellence": Pair("Excellence", "卓越"),
    "accuracy": Pair("Accuracy", "准确性"),
    "completeness": Pair("Completeness", "完整性"),
    "context_awareness": Pair("Context awareness", "情境意识"),
    "communication_quality": Pair("Communication quality", "沟通质量"),
    "instruction_following": Pair("Instruction following", "遵循指令"),
}

GLOSSARY: Final = (
    (
        Pair("Surely better", "确定更好"),
        Pair(
            "At its worst the draft comes before the kept answer at its best, whatever the judge's abstentions hide: fewer vetoes, then "
            "more proficiency, then more excellence. It must also violate no veto that the kept answer does not surely violate.",
            "无论评审的弃权掩盖了什么，草稿最差时仍优于保留回答最好时：先比违反的否决项更少，再比胜任，再比卓越；且不得违反保留回答未确定违反的否决项。",
        ),
    ),
    (
        Pair("Mended, harmed", "修复、损害"),
        Pair(
            "A criterion is mended when it was surely failed and is satisfied, harmed when it was satisfied and is surely failed. Those "
            "abstained from on either side are open.",
            "条目由确定不满足变为满足，即为修复；由满足变为确定不满足，即为损害；任一侧弃权者为未定。",
        ),
    ),
    (
        Pair("Second judge", "第二评审"),
        Pair(
            "A judge that steered nothing. A revision is optimised to the judge that steers it, so only the second one says what was "
            "gained.",
            "未参与引导的评审。修改会迎合引导它的评审，因此只有第二评审能说明真正的收益。",
        ),
    ),
)


def ended_words(reason: str) -> Pair:
    """Why a revision ended."""
    return ENDED.get(reason, Pair(humanise(reason), humanise(reason)))


def side_words(side: str) -> Pair:
    """Which of the two judges."""
    return _SIDES[side]


def kind_words(name: str) -> Pair:
    """A kind of criterion or an axis; what is not known is shown as it is written."""
    return _KINDS.get(name, Pair(humanise(name), humanise(name)))
