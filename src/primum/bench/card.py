"""The data sheet of a benchmark: what is in it, where it comes from, what was checked, and what it cannot say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from primum.records import Benchmark, Source, Taxonomy

__all__ = ["LIMITS", "card"]

LIMITS: tuple[tuple[str, str], ...] = (
    (
        "The items were drafted by rules or by a model from the words of the norms; nobody has lived them. Vignettes, "
        "people and places are invented.",
        "题目由规则或模型依据规范文本草拟，并非真实事件；情境、人物和地点均为虚构。",
    ),
    (
        "An item is *drafted* until a person verifies it. The checks say that an item agrees with its article as written; "
        "they do not say that the "
        "article is the last word, or that a court or an ethics board would read it so.",
        "题目在有人核实之前均为“草拟”。检查只说明题目与条文字面一致，不代表该条文是最终依据，也不代表法院或伦理委员会会作同样解读。",
    ),
    (
        "It is no legal advice and no test of clinical skill. A model that passes it has shown that it knows these norms, "
        "not that it is safe to release.",
        "本基准不构成法律意见，也不测试临床能力。通过测试仅表明模型了解这些规范，不等于可以安全发布。",
    ),
    (
        "Open situations ask for what is forbidden, on purpose. They are for measuring and training refusal and good counsel only.",
        "开放式情境有意提出被禁止的请求，仅用于衡量和训练拒绝与妥善劝导的能力。",
    ),
)


def card(
    benchmark: Benchmark,
    sources: Sequence[Source],
    taxonomy: Taxonomy,
    counts: Mapping[str, Any],
    checks: Mapping[str, str],
    findings: Mapping[str, int],
    canary: str,
) -> str:
    """The data sheet as Markdown, every heading in English and Chinese. `findings` counts them by check."""
    parts = [
        f"# {_cell(benchmark.name)}, version {benchmark.version}",
        _what(benchmark, counts),
        _sources(sources, benchmark),
        _counts(counts, taxonomy),
        _checks(checks, findings),
        _review(counts["review"]),
        _limits(),
        _licence(sources),
        _repeat(benchmark, canary),
    ]
    return "\n\n".join(parts) + "\n"


def _what(benchmark: Benchmark, counts: Mapping[str, Any]) -> str:
    kinds = ", ".join(f"{n:,} {kind.replace('_', ' ')}" for kind, n in counts["by_kind"].items())
    languages = ", ".join(f"{n:,} {name}" for name, n in counts["by_language"].items())
    return (
        "## What it is · 这是什么\n\n"
        f"{counts['items']:,} questions for medical language models, drawn from the norms below ({kinds}; {languages}). Each "
        f"names the article it "
        "rests on, quotes it, and says why its key is right or what a good answer says. The items were drafted without a "
        "person; see *Review*.\n\n"
        f"面向医疗语言模型的 {counts['items']:,} 道题目，均由下列规范得出。每题注明所依据的条文并引用原文，"
        f"说明答案为何成立或好的回答应当说到什么。"
        "题目为自动草拟，未经人工撰写；审核情况见“审核”。\n\n"
        f"Record `{benchmark.id}`, edition of the norms `{benchmark.edition}`."
    )


def _sources(sources: Sequence[Source], benchmark: Benchmark) -> str:
    head = (
        "## Norms and their dates · 规范及其日期\n\n"
        "| norm · 规范 | kind · 类别 | jurisdiction · 法域 | enacted · 公布 | in force · 施行 | until · 失效 |\n"
        "|---|---|---|---|---|---|"
    )
    unsaid = "(not said)"
    rows = [
        f"| {_cell(one.title)} | {one.authority} | {_cell(one.jurisdiction)} | {one.enacted or unsaid} | {one.effective_from or unsaid} | "
        f"{one.effective_to or ''} |"
        for one in sources
    ]
    retired = f"\n\n{len(benchmark.retired):,} items of earlier versions are retired · 早期版本中 {len(benchmark.retired):,} 题已停用。"
    return "\n".join([head, *rows]) + (retired if benchmark.retired else "")


def _counts(counts: Mapping[str, Any], taxonomy: Taxonomy) -> str:
    kinds = list(counts["by_kind"])
    told = [
        "## Counts · 数量",
        "",
        f"Classes of the taxonomy *{_cell(taxonomy.en)}* ({_cell(taxonomy.source)}) · 分类体系“{_cell(taxonomy.zh)}”",
        "",
        "| dimension · 维度 | " + " | ".join(kind.replace("_", " ") for kind in kinds) + " | all · 合计 |",
        "|---|" + "---:|" * (len(kinds) + 1),
    ]
    for row in counts["by_dimension"]:
        cells = " | ".join(f"{row[kind]:,}" for kind in kinds)
        told.append(f"| {_cell(row['en'])} · {_cell(row['zh'])} | {cells} | {row['items']:,} |")
    for name, zh in (("split", "划分"), ("style", "提问方式"), ("difficulty", "难度"), ("scene", "场景")):
        shown = ", ".join(f"{_cell(taxonomy.named(key, 'en'))} {n:,}" for key, n in counts[f"by_{name}"].items())
        told += ["", f"{name.capitalize()} · {zh}: {shown}."]
    return "\n".join(told)


def _checks(checks: Mapping[str, str], findings: Mapping[str, int]) -> str:
    rows = [f"| {name} | {_cell(line)} | {findings.get(name, 0):,} |" for name, line in checks.items()]
    head = "## Checks · 检查\n\n| check · 检查 | what holds, and the figure · 内容与数值 | findings · 问题 |\n|---|---|---:|"
    return "\n".join([head, *rows])


def _review(review: Mapping[str, int]) -> str:
    return (
        "## Review · 审核\n\n"
        f"{review['drafted']:,} drafted, {review['verified']:,} verified by a person, {review['rejected']:,} rejected by a "
        f"person. Only a person raises an "
        f"item to verified.\n\n草拟 {review['drafted']:,} 题，经人工核实 {review['verified']:,} 题，经人工否决 "
        f"{review['rejected']:,} 题。只有人可以将题目标为“已核实”。"
    )


def _limits() -> str:
    return "## Limits · 局限\n\n" + "\n".join(f"- {en}\n  {zh}" for en, zh in LIMITS)


def _licence(sources: Sequence[Source]) -> str:
    named = sorted({licence for one in sources if (licence := getattr(one.made, "licence", ""))})
    texts = (
        f" The norms are given as: {_cell(', '.join(named))}." if named else " The files of the norms name no licence."
    )
    return (
        "## Licence · 许可\n\n"
        f"The quoted norms keep the terms of their sources.{texts} The wording of the items was generated by Apache-2.0 "
        f"software; who publishes the set "
        "says under which terms.\n\n所引规范适用其来源的条款。题目文字由 Apache-2.0 许可的软件生成；由发布者确定数据集的许可条款。"
    )


def _repeat(benchmark: Benchmark, canary: str) -> str:
    settings = f"\n\n```json\n{benchmark.settings}\n```" if benchmark.settings else ""
    follows = f" It follows `{benchmark.previous}` by `primum bench refresh`." if benchmark.previous else ""
    return (
        "## How to repeat it · 如何重现\n\n"
        f"`primum bench build --corpus FOLDER --name {shlex.quote(_shown(benchmark.name))}` with these settings of its items; the "
        f"same norms and settings give the same items, name by name.{follows}{settings}\n\n"
        "## Canary · 金丝雀标记\n\n"
        f"Keep this line out of every training set · 请勿让此行进入任何训练集：\n\n`{canary}`"
    )


def _cell(text: str) -> str:
    """A text of others' in a table or a line of Markdown: one line, and neither markup nor a column of its own."""
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", escape(" ".join(_shown(text).split()), quote=False))


def _shown(text: str) -> str:
    """`text` without what a reader would obey and not see."""
    return "".join(character if character.isprintable() else " " for character in text)
