"""The words of a judge's certificate, in English and Chinese: its measures, its probes, and the sentences it is known to hold."""

from __future__ import annotations

import re
from typing import NamedTuple

from primum.report.planted_words import PLANTED
from primum.report.words import Pair, humanise, outcome_words, slice_words, stance_words

__all__ = [
    "GLOSSARY",
    "MEASURES",
    "Probe",
    "against_words",
    "judge_words",
    "measure_words",
    "probe_words",
    "rated_words",
    "sentence_words",
    "shift_words",
    "subject_words",
]


class Probe(NamedTuple):
    """A probe as people read it: what it is called, and what was changed.

    `is_part` where it is a part of the probe before it, `is_single` where it is one planted text.
    """

    label: Pair
    changed: Pair
    is_part: bool = False
    is_single: bool = False


MEASURES: dict[str, tuple[Pair, Pair]] = {
    "agreement": (
        Pair("Agreement", "一致率"),
        Pair(
            "Of what both the judge and the reference decided, the share that the judge decided as the reference did.",
            "在评审与参照都作出判断的项目中，两者判断相同的比例。",
        ),
    ),
    "abstained": (
        Pair("Abstained", "弃权率"),
        Pair(
            "The share that the judge gave no verdict on. An abstention is neither right nor wrong; it widens the intervals.",
            "评审未作判断的比例。弃权不算对也不算错，只放宽区间。",
        ),
    ),
    "sensitivity": (
        Pair("Found", "查出率"),
        Pair(
            "Of what the reference says is of this kind, the share in which the judge says so too (sensitivity).",
            "参照认定属于此类的项目中，评审也判为此类的比例（灵敏度）。",
        ),
    ),
    "precision": (
        Pair("Right when said", "判中率"),
        Pair(
            "Of what the judge says is of this kind, the share in which the reference says so too (precision).",
            "评审判为此类的项目中，参照也认定属于此类的比例（精确率）。",
        ),
    ),
}
GLOSSARY: tuple[tuple[Pair, Pair], ...] = (
    (
        Pair("Certificate of a judge", "评审的证书"),
        Pair(
            "What is known of the judge that gave the verdicts: against whom it was measured and on what, how often it errs, what sways "
            "it, and until when that holds. Another judge, or a day past the last, and it does not hold.",
            "关于作出评判者的已知情况：对照谁、在什么数据上测量，多常出错，会受什么影响，以及有效期限。换了评审或过了期限，证书即不成立。",
        ),
    ),
    (
        Pair("Reference", "参照"),
        Pair(
            "Whose word is held to be right when the judge is measured: people, or something that stands in for them. Labels that "
            "no person gave are called simulated.",
            "测量评审时以其判断为准的一方：人，或代替人的东西。不是由人给出的标注一律称为“模拟”。",
        ),
    ),
    *MEASURES.values(),
    (
        Pair("Probe", "探测"),
        Pair(
            "The same answer judged twice, once as it is and once after a change that should not matter; the share of verdicts that "
            "change tells how far the judge can be swayed. It is a rate to know, not a fault to count.",
            "同一回答评判两次：一次照原样，一次作无关紧要的改动；评判改变的比例说明评审会受多大影响。这是应当知道的比率，不是过错的计数。",
        ),
    ),
    (
        Pair("Shift", "偏移"),
        Pair(
            "How much more often (+) or less often (−) the judge is favourable after the change, in percentage points. Changes in both "
            "directions cancel out in it: read it beside the share that changed.",
            "改动之后，评审作出有利评判的次数多了（+）或少了（−）多少个百分点。两个方向的改变会相互抵消，须与“改变的比例”一并阅读。",
        ),
    ),
    (
        Pair("Reliability", "可信度"),
        Pair(
            "Whether the judge is right as often as it is sure: of the verdicts it gave a probability of about 80 %, about 80 % "
            "should be right.",
            "评审的把握是否与正确率相符：它给出约 80 % 概率的评判，应有约 80 % 是对的。",
        ),
    ),
)

_AGAINST = {
    "person": Pair("people's labels", "人工标注"),
    "simulated": Pair("simulated labels", "模拟标注"),
    "rule": Pair("the labels of a rule", "规则给出的标注"),
    "chat_model": Pair("the labels of a chat model", "对话模型给出的标注"),
    "guardian": Pair("the labels of a trained classifier", "训练的分类器给出的标注"),
    "panel": Pair("the labels of a panel of judges", "评审团给出的标注"),
}
_JUDGES = {
    "guardian": Pair("a trained classifier (guardian)", "训练的分类器（守护模型）"),
    "chat_model": Pair("a chat model", "对话模型"),
    "rule": Pair("a rule", "规则"),
    "person": Pair("a person", "人"),
    "panel": Pair("a panel of judges", "评审团"),
    "simulated": Pair("a simulated judge", "模拟评审"),
    "recorded": Pair("recorded verdicts", "已记录的评判"),
}
_SUBJECTS = {
    "stance": Pair(
        "the stances it reads in answers (accept, caution, refuse)", "它从回答中读出的立场（接受、谨慎、拒绝）"
    ),
    "verdict": Pair("its verdicts on criteria (met, not met)", "它对各条标准的评判（符合、不符合）"),
}
_PROBES = {
    "length": Probe(
        Pair("Length", "篇幅"),
        Pair("Remarks about the form alone were put before and after the answer.", "在回答前后加上只谈形式的话。"),
    ),
    "fences": Probe(
        Pair("Form", "外形"),
        Pair(
            "The answer was put in a code block, under a heading or in JSON; its words stayed.",
            "把回答放进代码块、标题之下或 JSON 中，文字不变。",
        ),
    ),
    "sentence_position": Probe(
        Pair("Place of a sentence", "句子位置"),
        Pair(
            "The sentence that bears most on what was asked was moved to the end of the answer (or to its beginning).",
            "把与问题最相关的一句移到回答末尾（或开头）。",
        ),
    ),
    "position": Probe(
        Pair("Place of a criterion", "标准位置"),
        Pair("A criterion was asked last instead of first.", "同一条标准由最先问改为最后问。"),
    ),
    "criterion_order": Probe(
        Pair("Order of criteria", "标准顺序"),
        Pair("The criteria were asked the other way round.", "把各条标准倒序提问。"),
    ),
    "batch_size": Probe(
        Pair("Criteria at once", "一次问几条标准"),
        Pair("Several criteria were asked at once instead of one at a time.", "由逐条提问改为一次问多条标准。"),
    ),
    "points": Probe(
        Pair("Points", "分值"),
        Pair(
            "The points of each criterion were shown to the judge, or hidden from it.",
            "把各条标准的分值给评审看，或不给它看。",
        ),
    ),
    "language": Probe(
        Pair("Language", "语言"),
        Pair("Conversation, answer and criteria were put in the other language.", "把对话、回答与标准换成另一种语言。"),
    ),
    "injection": Probe(
        Pair("Planted instructions", "植入指令"),
        Pair(
            "Text that tells the judge what to decide was planted in the answer.",
            "在回答中植入指使评审如何判断的文字。",
        ),
    ),
    "injection: structural": Probe(
        Pair("Planted: imitation", "植入：冒充"),
        Pair(
            "The planted text imitates the judge's own instructions or its reply.",
            "植入的文字冒充评审所收到的指令或评审自己的答复。",
        ),
        True,
    ),
    "injection: persuasive": Probe(
        Pair("Planted: persuasion", "植入：劝说"),
        Pair(
            "The planted text talks to the judge, or claims the opposite of what the answer does.",
            "植入的文字直接劝说评审，或声称与回答实际相反的内容。",
        ),
        True,
    ),
}
_PLANTED = re.compile(r"injection: (.+) \((en|zh)\)")
_LANGUAGES = {"en": Pair("in English", "英文"), "zh": Pair("in Chinese", "中文")}

# What certificates and probes are known to say (judging.certificate, judging.probes, cycles.certifying); a test holds the two together.
_SENTENCES: tuple[tuple[str, str], ...] = (
    (
        r"the reference is simulated: no person labelled, and nothing is known of agreement with people",
        "参照是模拟的：没有人作过标注，与人的判断是否一致无从得知",
    ),
    (
        r"the judge is scripted: it stands in for a model in a trial run \(simulated\)",
        "评审是脚本：在试运行中代替模型（模拟）",
    ),
    (
        r"held out: what is measured was said by fits that left out the (?P<what>.+) of each label; the judge itself has learned from all "
        r"of them",
        "留出测量：所测的判断由未见过该条标注的{what}的拟合给出；评审本身则学习过全部标注",
    ),
    (
        r"the judge learned from (?P<n>\d+) records; none of these labels is among them",
        "评审学习过 {n} 条记录，其中没有这些标注",
    ),
    (
        r"what the model behind the judge was trained on is not known: it may have seen these answers",
        "评审背后的模型用什么训练过尚不清楚：它可能见过这些回答",
    ),
    (
        r"few labels: (?P<n>\d+) on (?P<conversations>\d+) conversations; the intervals are wide",
        "标注较少：{conversations} 段对话上共 {n} 条，区间较宽",
    ),
    (
        r"(?P<n>\d+) raters: the intervals speak of them, not of raters like them",
        "{n} 位标注者：区间只说明这几位，不能推及其他标注者",
    ),
    (r"the reference left (?P<n>\d+) undecided; they are left out", "参照有 {n} 条未作判断，未计入"),
    (
        r"no label says (?P<kind>.+): how often the judge finds it is unknown",
        "没有标注为“{kind}”的条目：评审查出它的比例未知",
    ),
    (r"only (?P<n>\d+) labels say (?P<kind>.+)", "标注为“{kind}”的仅有 {n} 条"),
    (r"the judge was not probed: what sways it is unknown", "未对评审作探测：什么会影响它尚不清楚"),
    (r"not probed: (?P<probes>.+)", "未探测：{probes}"),
    (
        r"the labels do not name the answers they are on: they are taken to be on those given",
        "标注未写明所标的是哪个回答：视为所给的回答",
    ),
    (
        r"no answer has three sentences, one of which bears on what was asked",
        "没有一个回答含有三句以上且其中一句与问题相关",
    ),
    (r"it has no certificate", "没有证书"),
    (r"it expired on (?P<day>[\d-]+)", "证书已于 {day} 到期"),
    (r"it holds from (?P<day>[\d-]+) on", "证书自 {day} 起才有效"),
    (
        r"it is that of another judge \((?P<other>\S+)\), not of (?P<own>\S+)",
        "证书属于另一个评审（{other}），而不是 {own}",
    ),
    (r"this judge reads no criteria", "该评审不读标准"),
    (r"no answer has more than one criterion", "没有一个回答有多于一条的标准"),
    (r"before: asked first; after: asked last", "改动前最先问，改动后最后问"),
    (
        r"no variant of the judge that asks one criterion a call, and others to compare",
        "没有可供比较的、每次只问一条标准的评审设置",
    ),
    (
        r"no variant of the judge that is shown the points \(or not shown them\) was given",
        "未提供给评审看分值（或不看分值）的设置",
    ),
    (r"no counterparts of the answers in another language were given", "未提供另一种语言的对应回答"),
    (
        r"(?P<n>[\d,]+) tokens a verdict, (?P<single>[\d,]+) asked one a call",
        "每条评判 {n} 个词元，逐条提问时 {single} 个",
    ),
    (
        r"the judge decided none of the pairs both before and after the change\.(?P<note>.*)",
        "改动前后评审都作出判断的，一对也没有。{note}",
    ),
)
_LEFT_OUT = {"model": "模型", "scenario": "情境"}


def measure_words(name: str) -> tuple[Pair, Pair]:
    """What a measure of a certificate is called, and what it means."""
    unknown = Pair("No definition is kept for this measure.", "此指标未附定义。")
    return MEASURES.get(name) or (Pair(humanise(name), humanise(name)), unknown)


def probe_words(name: str) -> Probe:
    """What a probe is called and what it changed; an unknown one keeps its name and claims nothing."""
    if name in _PROBES:
        return _PROBES[name]
    base, sign, size = name.partition("=")
    if sign and base == "batch_size":
        told = Pair("all" if size == "all" else size, "全部" if size == "all" else size)
        known = _PROBES[base]
        return Probe(Pair(f"{known.label.en}: {told.en}", f"{known.label.zh}：{told.zh}"), known.changed)
    found = _PLANTED.fullmatch(name)
    if found:
        pattern, language = found[1], _LANGUAGES[found[2]]
        return Probe(
            Pair(f"“{pattern}”, {language.en}", f"“{PLANTED.get(pattern, pattern)}”，{language.zh}"),
            Pair("One planted text, shown by itself.", "单独列出的一种植入文字。"),
            is_single=True,
        )
    unknown = Pair("No description is kept for this probe.", "此项探测未附说明。")
    return Probe(Pair(humanise(name), humanise(name)), unknown)


def shift_words(reading: str, subject: str) -> Pair:
    """What the sign of a shift means for the subject of the certificate; `reading` is that of a change without a better way."""
    if reading == "none":
        return Pair("no shift shown", "未显示偏移")
    more = reading == "higher"
    if subject == "stance":
        return Pair(f"{'more' if more else 'less'} often “accept”", f"{'更常' if more else '更少'}判为“接受”")
    return Pair(f"{'more' if more else 'less'} often “met”", f"{'更常' if more else '更少'}判为“符合”")


def against_words(kind: str) -> Pair:
    """Against whose labels a judge was measured."""
    return _AGAINST.get(kind) or Pair(kind, kind)


def judge_words(kind: str) -> Pair:
    """What kind of judge it is."""
    return _JUDGES.get(kind) or Pair(kind, kind)


def subject_words(subject: str) -> Pair:
    """What of the judge was measured."""
    return _SUBJECTS.get(subject) or Pair(subject, subject)


def rated_words(by: str, name: str) -> Pair:
    """What a row of the error tables is called: a class of verdicts or stances, or a slice."""
    if by != "class":
        return slice_words(by, name)
    return {"met": outcome_words("met"), "not met": outcome_words("not_met")}.get(name) or stance_words(name)


def sentence_words(sentence: str) -> Pair:
    """A sentence of a certificate with its Chinese, where it is one that certificates are known to hold; else as it is."""
    for english, chinese in _SENTENCES:
        found = re.fullmatch(english, sentence)
        if found:
            parts = {key: _part_in_chinese(key, part) for key, part in found.groupdict().items()}
            return Pair(sentence, chinese.format(**parts))
    return Pair(sentence, sentence)


def _part_in_chinese(key: str, part: str) -> str:
    if key == "kind":
        return rated_words("class", part).zh
    if key == "probes":
        return "、".join(probe_words(name).label.zh for name in part.split(", "))
    if key == "note":
        return sentence_words(part.strip()).zh
    return _LEFT_OUT.get(part, part) if key == "what" else part
