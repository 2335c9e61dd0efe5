"""What a reader of a run of cycles must know before its numbers, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from primum.records import PolicyRef

if TYPE_CHECKING:
    from primum.cycles.cycling_recipe import CyclesRecipe

__all__ = ["cycles_notes"]

Note = tuple[str, str]


def cycles_notes(recipe: CyclesRecipe, starts: Sequence[PolicyRef]) -> list[Note]:
    """The notes, (en, zh), that are true of this recipe and of the policies its arms started from."""
    notes = [note for is_so, note in _NOTES if is_so(recipe)]
    built = [one for one in starts if one.is_from_scratch]
    if built:
        sizes = sorted({f"{one.architecture} ({one.parameters:,})" for one in built})
        notes.insert(
            0,
            (
                f"Policies built from config and trained from scratch on the spot, with their parameters: {', '.join(sizes)}. Their "
                "numbers show that the chain works; they say nothing of a real medical model.",
                f"以下策略模型为现场按配置搭建、从零训练（括号内为参数量）：{'、'.join(sizes)}。"
                "其数字只说明流程可用，不代表任何真实的医疗模型。",
            ),
        )
    if recipe.attacks.held_out:
        held, held_zh = ", ".join(recipe.attacks.held_out), "、".join(recipe.attacks.held_out)
        notes.append(
            (
                "Held out of all that policies built on the spot learn and that cycles decide on: the test split, and the attack styles "
                f"{held}. What is drafted or imported in these styles may be among what the guardians learned from. The validator and "
                "the gate read different halves of the development split.",
                f"现场搭建的模型所学、各轮循环所依据的内容均不含测试集和攻击方式 {held_zh}。"
                "守护模型的学习材料中仍可能有以这些方式起草或导入的情境。"
                "验证环节与放行关口分别读取开发集的不同一半。",
            )
        )
    return notes


def _rule_stands_in(recipe: CyclesRecipe) -> bool:
    judging = recipe.judging
    return judging.external is None and "external" in (judging.teacher, *judging.order)


_NOTES: tuple[tuple[Callable[[CyclesRecipe], bool], Note], ...] = (
    (
        lambda recipe: True,
        (
            "Every measure is the second judge's. It learned from the half of the people-labelled prompts and of the situations that "
            "the teaching guardian did not learn from, and taught nothing; it also decides at the gate, on situations of the development "
            "split. Both are made alike, so an error that comes with the make is in both.",
            "所有指标均由第二评审给出。它学习的是教学守护模型未使用的另一半人工标注提问与情境，且未参与教学；放行关口也由它在开发集情境上判定。"
            "两者构造相同，因此由构造带来的误差两者都有。",
        ),
    ),
    (
        lambda recipe: True,
        (
            "Requests in attack styles are simulated: rules rewrite requests of the sets and keep their intent. Refusals taught where a "
            "set has no safe answer, compliance and wrong refusals shown as what not to say, and part of what the guardians learned "
            "from are simulated as well.",
            "各攻击方式的请求均为模拟：由规则改写数据集中的请求并保留其意图。"
            "数据集没有安全回答时所教的拒绝、作为反例的顺从与误拒，以及守护模型学习的部分回答，也是模拟的。",
        ),
    ),
    (
        _rule_stands_in,
        (
            "No external judge is named: where one would read, a hand-written rule of refusal marks stands in for it.",
            "未指定外部评审：凡应由其判读之处，均由手写的拒答标记规则代替。",
        ),
    ),
    (
        lambda recipe: recipe.situations is not None,
        (
            "The situations of the set 'starter-situations' and their answers are simulated; their voices are not real models.",
            "“starter-situations”中的情境与回答均为模拟；其中的“声音”不是真实模型。",
        ),
    ),
    (
        lambda recipe: recipe.everyday is not None,
        (
            "Everyday requests with a harmless and a harmful meaning are simulated; they were used for training and development, not for "
            "testing.",
            "一词两义的日常请求均为模拟，只用于训练与开发，不用于测试。",
        ),
    ),
    (
        lambda recipe: recipe.data.xstest is not None,
        (
            "The guardians learned from people's labels on other models' answers to the XSTest prompts that the policies are tested on; "
            "they read how an answer takes up its prompt, and judge the answer.",
            "守护模型学习过人工标注的、其他模型对同一批 XSTest 提问的回答；它们读的是回答如何回应提问，所判断的是回答。",
        ),
    ),
    (
        lambda recipe: bool(recipe.data.crosswalk),
        (
            "Which article a category of an imported set falls under is said by the recipe, not by the set.",
            "外来数据集的某一类别对应哪一条文，由方案指定，并非数据集自带。",
        ),
    ),
    (
        lambda recipe: recipe.logs is not None,
        (
            "Logged conversations taught and were not tested on: the direct identifiers that rules find were removed before anything was "
            "stored (rules miss some), and what comes close to a situation that measures was left out.",
            "日志中的对话只用于教学，不用于测试：存储之前已去除规则所能识别的直接标识信息（规则会有遗漏），与测评情境相近的对话已剔除。",
        ),
    ),
    (
        lambda recipe: True,
        (
            "Each interval holds its number 95 times in 100 and is not widened for how many numbers are shown. A gain is the better of two "
            "branches, so it flatters a little; the test split, which chose nothing, does not.",
            "每个区间各自的置信水平为 95%，未因所列数字之多而放宽。增益取两个分支中较好者，略偏乐观；"
            "测试集未参与任何选择，不受此影响。",
        ),
    ),
)
