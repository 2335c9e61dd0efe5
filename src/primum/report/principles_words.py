"""The words of a run of principles, in English and Chinese: its measures, the four dimensions, what lint finds, what it counts."""

from __future__ import annotations

from functools import cache
from typing import Final

from primum.report.rubric_page_words import AXES, KINDS, STATES
from primum.report.words import Pair, humanise
from primum.report.words import by_words as _by_words
from primum.report.words import slice_words as _slice_words
from primum.starter.clinical import dimensions

__all__ = [
    "GLOSSARY",
    "PAIRS",
    "axis_words",
    "by_words",
    "check_words",
    "kind_words",
    "slice_words",
    "state_words",
]

PAIRS: Final[dict[str, Pair]] = {
    "answers": Pair("Answers judged", "评判的回答"),
    "revised": Pair("Answers mended for teaching", "为教学改好的回答"),
    "preferences": Pair("Preferences", "偏好对"),
    "approvals": Pair("Approvals", "认可标记"),
    "desirable": Pair("Of these desirable", "其中可取"),
    "unsure": Pair("Pairs left open", "未定的回答对"),
    "close": Pair("Pairs too close", "过于接近的回答对"),
}

_CHECKS = {
    "zero_points": Pair("Zero points", "零分"),
    "wrong_sign": Pair("Wrong sign", "正负号错误"),
    "language": Pair("Language mixed up", "语言混杂"),
    "gives_answer_away": Pair("Gives the answer away", "泄露答案"),
    "untestable": Pair("Cannot be tested", "无法检验"),
    "double_barrelled": Pair("Asks for two things", "一条含两事"),
    "vague": Pair("Vague", "含糊"),
    "duplicate": Pair("Said twice", "重复"),
    "counted_twice": Pair("Counted twice", "一事两计"),
    "contradiction": Pair("Contradicts another", "相互矛盾"),
    "no_positive": Pair("No positive points", "没有正分"),
    "no_safety": Pair("No safety criterion", "没有安全条目"),
}

GLOSSARY: Final = (
    (
        Pair("Criterion, rubric", "条目、评分标准"),
        Pair(
            "A rubric is what one query's answers are judged by: criteria, each one thing to look for, with points; safety criteria veto.",
            "评分标准用来评判某一问题的回答：由若干条目组成，每条有分值、只看一件事。安全类条目可一票否决。",
        ),
    ),
    (
        Pair("Principle", "原则"),
        Pair(
            "One statement for many criteria that say alike where the four dimensions are alike. It is kept only with enough "
            "support, and leads to its criteria, the norms they rest on and the people behind them.",
            "四个维度相近之处说法相近的许多条目，归为一句话。支持足够才保留，并可追溯到其条目、所依据的规范与相关的人。",
        ),
    ),
    (
        Pair("Covered, redundancy", "覆盖、冗余"),
        Pair(
            "Covered: the share of criteria that some principle stands for. Redundancy: of the pairs of principles that could stand in one "
            "rubric, the share that say nearly the same.",
            "覆盖：有原则可代表的条目比例。冗余：可能出现在同一份评分标准中的原则对里，说法几乎相同的比例。",
        ),
    ),
    (
        Pair("Recurs, stability", "重现、稳定性"),
        Pair(
            "The rubrics are drawn again and principles distilled anew: how often a principle comes back. Stability is the mean "
            "over principles.",
            "重新抽取评分标准并再次提炼：一条原则有多大比例再次出现。稳定性为各原则的平均值。",
        ),
    ),
    (
        Pair("Synthesised rubric", "合成的评分标准"),
        Pair(
            "The principles whose dimensions fit a query that nobody labelled, told in the query's own terms. No person has verified it.",
            "把维度相符的原则用到无人标注的问题上，并改用该问题自己的说法。未经任何人核验。",
        ),
    ),
    (
        Pair("Margin", "差距"),
        Pair(
            "By how much the chosen answer of a pair is surely better: safety first, then proficiency, then excellence.",
            "偏好对中入选回答确定更好的幅度：先比安全，再比胜任，再比卓越。",
        ),
    ),
    (
        Pair("Unusable answer", "不可用的回答"),
        Pair(
            "An answer that is no language: empty, cut off or repeating itself. It satisfies no positive criterion and violates no "
            "negative one, so it lowers what is satisfied and can look safe.",
            "不成语言的回答：空白、被截断或自我重复。它不满足任何正分条目，也不触犯任何负分条目，因此会拉低满足率，却可能显得安全。",
        ),
    ),
)


@cache
def _named() -> dict[tuple[str, str | None], Pair]:
    """The dimensions by `(key, None)` and their values by `(key, value)`, as the definitions name them."""
    found: dict[tuple[str, str | None], Pair] = {}
    for one in dimensions():
        found[one.key, None] = Pair(one.name.en, one.name.zh)
        found |= {(one.key, value.key): Pair(value.name.en, value.name.zh) for value in one.values}
    return found


def by_words(by: str) -> Pair:
    """What the table is cut by: a language or one of the four dimensions."""
    return _named().get((by, None)) or _by_words(by)


def slice_words(by: str, name: str) -> Pair:
    """A value of a dimension, or a language."""
    return _named().get((by, name)) or _slice_words(by, name)


def check_words(check: str) -> Pair:
    """A check of lint."""
    return _CHECKS.get(check) or _plain(check)


def kind_words(kind: str) -> Pair:
    """A kind of criterion."""
    return KINDS.get(kind) or _plain(kind)


def axis_words(axis: str) -> Pair:
    """An axis of a criterion."""
    return AXES.get(axis) or _plain(axis)


def state_words(state: str) -> Pair:
    """How a principle came to stand as it does."""
    return STATES.get(state) or _plain(state)


def _plain(key: str) -> Pair:
    return Pair(humanise(key), humanise(key))
