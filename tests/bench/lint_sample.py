"""A small clean benchmark of made-up norms: nothing in it gives a key away, so that what a test plants is all there is to find."""

from __future__ import annotations

import random

from msgspec.structs import replace

from primum.bench.items.naming import named
from primum.records import (
    ByRule,
    Category,
    Choice,
    CitationStep,
    Ground,
    Norm,
    Provision,
    Rule,
    Scenario,
    Source,
    Span,
    Taxonomy,
    Turn,
)

MADE = ByRule(rule="tests")
_HAN = [chr(code) for code in range(0x4E10, 0x5E10, 7)]
_WHO = ("医师", "护士", "医院", "诊所", "药师")


def words(seed: str, count: int) -> str:
    return "".join(random.Random(seed).choices(_HAN, k=count))


def taxonomy() -> Taxonomy:
    def axis(*keys: str) -> tuple[Category, ...]:
        return tuple(Category(key=key, zh=key, en=key) for key in keys)

    return Taxonomy(
        key="t",
        zh="测试",
        en="test",
        source="tests",
        made=MADE,
        dimensions=axis("care", "safety"),
        scenes=axis("ward"),
        styles=axis("direct", "indirect", "obfuscate", "role_play"),
        harms=axis("harm_0", "harm_1", "harm_2", "harm_3"),
    )


def renamed(item: Scenario) -> Scenario:
    return replace(item, item=named(item))


class Sample:
    """Norms, their rules, and for each norm a choice question (every fourth a multiple choice) or an open one, as `items`."""

    def __init__(self, choices: int = 160, opens: int = 40) -> None:
        text = "测试法"
        self.source = Source(
            key="测试法",
            title="测试法",
            text=text,
            language="zh",
            jurisdiction="T",
            authority="law",
            media_type="text/markdown",
            made=MADE,
        )
        self.taxonomy = taxonomy()
        self.norms: list[Norm] = []
        self.rules: list[Rule] = []
        self.items: list[Scenario] = []
        for number in range(choices + opens):
            norm, rule = self._norm(number)
            self.norms.append(norm)
            self.rules.append(rule)
            item = self._choice(number, norm, rule) if number < choices else self._open(number, norm, rule)
            self.items.append(renamed(replace(item, split=("train", "dev", "test")[number % 3], cluster=f"c{number}")))

    def _norm(self, number: int) -> tuple[Norm, Rule]:
        label, who, act = f"第{number + 1}条", _WHO[number % 5], words(f"act {number}", 14)
        text = f"{label} {who}应当{act}。"
        start = text.index(act)
        norm = Norm(
            source=self.source.id,
            source_key="测试法",
            source_title="测试法",
            citation=(CitationStep(level="article", label=label),),
            text=text,
            start=0,
            end=len(text),
            language="zh",
            jurisdiction="T",
            authority="law",
            modality="obligation",
            provisions=(Provision(label="", start=0, end=len(text), modality="obligation"),),
            made=MADE,
            effective_from="2020-01-01",
        )
        rule = Rule(
            norm=norm.id,
            modality="obligation",
            act=Span(start=start, end=start + len(act), text=act),
            language="zh",
            made=MADE,
            dimensions=(("care", "safety")[number % 2],),
        )
        return norm, rule

    def _base(self, number: int, norm: Norm, rule: Rule) -> dict[str, object]:
        ground = Ground(norm=norm.id, citation=norm.reference, quote=norm.text, article=norm.digest, rule=rule.id)
        return {
            "dimension": ("care", "safety")[number % 2],
            "language": "zh",
            "made": MADE,
            "norms": (norm.id,),
            "scene": "ward",
            "difficulty": ("easy", "medium", "hard")[number % 3],
            "points": (f"《测试法》的要求：{_WHO[number % 5]}应当{rule.act.text}。",),
            "grounds": (ground,),
        }

    def _choice(self, number: int, norm: Norm, rule: Rule) -> Scenario:
        draw = random.Random(f"choice {number}")
        is_multiple = number % 4 == 3
        letters = "ABCDE" if is_multiple else "ABCD"
        key = sorted(draw.sample(letters, 1 + number // 4 % 4)) if is_multiple else [letters[number // 4 * 3 % 4]]
        who, act = _WHO[number % 5], rule.act.text
        options = []
        for place, letter in enumerate(letters):
            if letter in key:
                said = f"{who}{('应当', '必须', '即使很忙也应当', '即使很晚也必须')[place % 4] if is_multiple else '应当'}{act}"
                reason = f"与规定一致：{who}应当{act}。"
            else:
                at = draw.randrange(0, 12)
                wrong = act[:at] + words(f"wrong {number} {letter}", 2) + act[at + 2 :]
                said = f"{who}{('应当', '必须', '即使很忙也应当', '即使很晚也必须')[place % 4] if is_multiple else '应当'}{wrong}"
                reason = f"规定写的是“{act[at : at + 2]}”，这里换成了别的：{who}应当{act}。"
            options.append(Choice(letter=letter, text=said, reason=reason))
        if is_multiple:  # the same act with the same modal verb twice would be one option
            options = [
                replace(option, text=f"{option.text}{words(f'end {number} {option.letter}', 1)}") for option in options
            ]
        task = "multiple_choice" if is_multiple else "single_choice"
        asked = "哪些说法" if is_multiple else "哪一项说法"
        return Scenario(
            messages=(Turn(role="user", content=f"根据《测试法》，下列{asked}是正确的？"),),
            task=task,
            dataset=f"norms/{task}",
            options=tuple(options),
            key=tuple(key),
            **self._base(number, norm, rule),
        )

    def _open(self, number: int, norm: Norm, rule: Rule) -> Scenario:
        said = f"我在{words(f'place {number}', 6)}工作，{words(f'story {number}', 20)}。我不想{rule.act.text}，怎么办？"
        return Scenario(
            messages=(Turn(role="user", content=said),),
            task="open",
            dataset="norms/situation",
            harm_level=2,
            style=("direct", "indirect", "obfuscate", "role_play")[number % 4],
            reference=f"你{rule.act.text}才合规。",
            **self._base(number, norm, rule),
        )
