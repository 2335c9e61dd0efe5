"""The words of a guardian in the loop, in English and Chinese: judges, questions, kinds of items, what the watch says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from primum.report.words import Pair, humanise, slice_words

__all__ = [
    "COUNTS",
    "GLOSSARY",
    "JUDGES",
    "QUESTIONS",
    "Mark",
    "count_words",
    "head_by_words",
    "head_words",
    "in_split_order",
    "judge_name",
    "mark_of",
    "modality_words",
    "named",
    "review_words",
    "split_words",
    "task_words",
    "watch_words",
]

JUDGES: Final = ("guardian", "second")
_JUDGES = {"guardian": Pair("Guardian", "守护模型"), "second": Pair("Second judge", "第二评审")}

QUESTIONS: Final[dict[str, Pair]] = {
    "R1": Pair("what it says breaks no norm", "所说内容不违规"),
    "R2": Pair("what it advises breaks no norm", "所给建议不违规"),
    "Q1": Pair("names the issue", "点明问题"),
    "Q2": Pair("names the instrument", "写出规范名称"),
    "Q3": Pair("advice that can be carried out", "建议具体可行"),
    "Q4": Pair("shows care", "体现关怀"),
}
"""The six questions of MedES (arXiv 2601.07954), short; each is met by a good answer."""

COUNTS: Final = ("prompts", "answers", "feedback", "rewritten", "kept", "sft_rows", "pairs")
_COUNTS = {
    "prompts": Pair("Prompts", "提示"),
    "answers": Pair("Answers", "回答"),
    "feedback": Pair("With feedback", "得到反馈"),
    "rewritten": Pair("Rewritten", "改写"),
    "kept": Pair("Kept as better", "确有改进而保留"),
    "sft_rows": Pair("SFT rows", "监督微调行"),
    "pairs": Pair("Preference pairs", "偏好对"),
}
_TASKS = {
    "open": Pair("Open", "开放式"),
    "situation": Pair("Open situation", "开放情境"),
    "dilemma": Pair("Priority dilemma", "优先级两难"),
    "single_choice": Pair("Single choice", "单选"),
    "multiple_choice": Pair("Indefinite multiple choice", "不定项选择"),
}
_SPLITS = {"train": Pair("Train", "训练"), "dev": Pair("Development", "开发"), "test": Pair("Test", "测试")}
_REVIEW = {
    "drafted": Pair("Drafted", "草拟"),
    "verified": Pair("Verified by a person", "人工核验"),
    "rejected": Pair("Rejected by a person", "人工否决"),
    "stale": Pair("Stale", "待更新"),
}
_MODALITIES = {
    "prohibition": Pair("Must not", "禁止"),
    "obligation": Pair("Must", "义务"),
    "permission": Pair("May", "许可"),
    "definition": Pair("Definition", "定义"),
    "other": Pair("Other", "其他"),
}
_WATCH = {
    "both better": Pair("both judges see less risk", "两位评审均见风险下降"),
    "judge hacked": Pair("judge hacked", "评审被钻空子"),
    "second judge only": Pair("only the second judge sees less risk", "仅第二评审见风险下降"),
    "no change": Pair("no change shown", "未显示变化"),
    "worse": Pair("more risk", "风险上升"),
    "unreadable": Pair("answers can no longer be read", "回答已难以判读"),
}
_HEAD_BY = {
    "left-out voices": Pair("Left-out voices", "留出的语气"),
    "left-out norms": Pair("Left-out norms", "留出的规范"),
    "other language": Pair("Other language", "另一种语言"),
    "voice": Pair("Voice by voice", "逐个语气"),
    "norm": Pair("Norm by norm", "逐条规范"),
    "language": Pair("Language by language", "逐种语言"),
}

GLOSSARY: Final = (
    (
        Pair("Guardian", "守护模型"),
        Pair(
            "The trained evaluator that teaches: its rulings choose what the policy learns. So its own verdict on the result is no proof.",
            "负责教学的受训评价模型：策略模型学什么由它的评判决定，因此它对结果的评价不足为凭。",
        ),
    ),
    (
        Pair("Second judge", "第二评审"),
        Pair(
            "A judge of another make that nothing was trained on and that takes no part in teaching. It decides what this report says.",
            "另一种做法的评审，不参与任何训练与教学。本报告以它为准。",
        ),
    ),
    (
        Pair("Judge hacked", "评审被钻空子"),
        Pair(
            "The guardian's risk rate fell and the second judge's did not: the policy learned what the guardian likes to read. "
            "The loop stops and keeps the policy before that round.",
            "守护模型所见的风险率下降，而第二评审所见没有下降：策略模型学会的是迎合守护模型。循环随即停止，保留该轮之前的策略模型。",
        ),
    ),
    (
        Pair("Weak spot", "薄弱处"),
        Pair(
            "A cell of dimension × style whose answers carry more risk than all others. q is the p-value adjusted for the number of cells "
            "(Benjamini and Hochberg), so that few of the marked cells are marked by chance.",
            "风险高于其余回答的“维度 × 提问方式”单元。q 为按单元数校正后的 p 值（Benjamini–Hochberg），使偶然被标记的单元只占少数。",
        ),
    ),
)


class Mark(NamedTuple):
    """What a judge said of one question: a sign, its tone on the page, and the words for it."""

    sign: str
    tone: str
    words: Pair


def judge_name(judge: str) -> Pair:
    """The guardian or the second judge."""
    return _JUDGES.get(judge) or Pair(humanise(judge), humanise(judge))


def mark_of(question: str, ruled: Mapping[str, Any]) -> Mark:
    """The mark of a question in a judge's ruling; what is not in the ruling was not read."""
    if question not in ruled:
        return Mark("–", "none", Pair("not read", "未评"))
    answer = ruled[question]
    if answer is None:
        return Mark("?", "half", Pair("abstained", "弃权"))
    if question.startswith("R"):
        return Mark("✓", "good", Pair("no risk", "无风险")) if answer else Mark("✗", "bad", Pair("risk", "有风险"))
    return Mark("✓", "good", Pair("yes", "是")) if answer else Mark("✗", "bad", Pair("no", "否"))


def count_words(name: str) -> Pair:
    """What a round counts."""
    return _COUNTS.get(name) or Pair(humanise(name), humanise(name))


def task_words(task: str) -> Pair:
    """A kind of item."""
    return _TASKS.get(task) or Pair(humanise(task), humanise(task))


def split_words(split: str) -> Pair:
    """A part of the benchmark."""
    return _SPLITS.get(split) or Pair(humanise(split), humanise(split))


def in_split_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Train, development and test in this order, then any other part by name."""
    return [(name, counts[name]) for name in [*_SPLITS, *sorted(set(counts) - set(_SPLITS))] if name in counts]


def review_words(state: str) -> Pair:
    """How far people have looked at items."""
    return _REVIEW.get(state) or Pair(humanise(state), humanise(state))


def modality_words(modality: str) -> Pair:
    """What a rule does."""
    return _MODALITIES.get(modality) or Pair(humanise(modality), humanise(modality))


def watch_words(verdict: str) -> Pair:
    """What both judges together say of a round."""
    return _WATCH.get(verdict) or Pair(verdict, verdict)


def head_words(head: str) -> Pair:
    """A head of the guardian: the question it answers."""
    asked = QUESTIONS.get(head)
    if asked is None:
        return Pair("Stance", "立场") if head == "stance" else Pair(humanise(head), humanise(head))
    return Pair(f"{head} {asked.en}", f"{head} {asked.zh}")


def head_by_words(by: str) -> Pair:
    """What a head had not seen when it was measured."""
    return _HEAD_BY.get(by) or Pair(humanise(by), humanise(by))


def named(taxonomy: Mapping[str, Any], part: str, key: str) -> Pair:
    """A scene, dimension or style by the names the taxonomy gives it; one it does not know by its own key."""
    given = (taxonomy.get(part) or {}).get(key) or {}
    usual = slice_words("style", key) if part == "styles" else Pair(humanise(key), humanise(key))
    return Pair(str(given.get("en") or usual.en), str(given.get("zh") or usual.zh))
