"""A chat model writes rubrics: it is shown numbered principles, and a reply enters only when every criterion stands its checks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from primum.errors import InputError
from primum.ports import Completion
from primum.records import ByModel, ByRule, CriterionKind, Language, Principle, Profile, Scenario, Turn
from primum.rubrics.draft import Drafted
from primum.rubrics.synthesis import (
    SynthesisCase,
    SynthesisReadingSettings,
    SynthesisSettings,
    synthesis_prompt,
    synthesise_with_model,
)

ONCE = SynthesisSettings(reading=SynthesisReadingSettings(asks=1))


def principle(statement: str, points: int, kind: CriterionKind = "proficiency", norm: str = "norm-1") -> Principle:
    return Principle(
        statement=statement,
        language="zh",
        applies_when={"task": ("diagnose",)},
        points=points,
        axis="accuracy",
        kind_of=kind,
        criteria=("criterion-1", "criterion-2"),
        rubrics=("rubric-1",),
        norms=(norm,),
        made=ByRule(rule="test"),
    )


SHOWN = (
    principle("未经检查就断言诊断。", -8, "safety"),
    principle("给出可能的诊断。", 6, norm="norm-2"),
    principle("询问缺少的情况。", 6, norm="norm-3"),
)


def case(principles: Sequence[Principle] = SHOWN, urgency: str = "prompt") -> SynthesisCase:
    scenario = Scenario(
        messages=(Turn(role="user", content="我总是心慌手抖，会是什么病？"),),
        task="open",
        dimension="clinical",
        language="zh",
        dataset="test",
        made=ByRule(rule="test"),
    )
    values = {"urgency": urgency, "uncertainty": "missing_context", "expertise": "lay", "task": "diagnose"}
    return SynthesisCase(scenario, Profile(scenario=scenario.id, values=values, made=ByRule(rule="test")), principles)


class Scripted:
    """A chat model that says what it is told to, in turn."""

    name = "scripted"

    def __init__(self, *replies: str) -> None:
        self.replies, self.asked = list(replies), 0

    async def complete(
        self, messages: Sequence[Turn], *, temperature: float, max_tokens: int, as_json: bool = False
    ) -> Completion:
        self.asked += 1
        return Completion(self.replies.pop(0), "stop", 1, 1)


def entry(number: int, statement: str, points: int = 6, kind: str = "proficiency", **more: Any) -> dict[str, Any]:
    return {"principles": [number], "statement": statement, "points": points, "kind": kind, "axis": "accuracy"} | more


VETO = entry(1, "没有检查甲状腺功能就断言是甲亢。", -9, "safety")
LIKELY = entry(2, "给出心慌手抖可能的几种原因。")
ASKS = entry(3, "询问心慌手抖持续多久、体重有无变化。", 5)
GOOD = [VETO, LIKELY, ASKS]


def reply(*entries: dict[str, Any]) -> str:
    return json.dumps({"criteria": list(entries)}, ensure_ascii=False)


def test_a_good_reply_becomes_a_rubric_that_leads_to_principles_and_norms() -> None:
    (made,) = synthesise_with_model([case()], Scripted(reply(*GOOD)), ONCE)
    assert isinstance(made, Drafted)
    assert [one.principle for one in made.criteria] == [one.id for one in SHOWN]
    assert [one.points for one in made.criteria] == [-9, 6, 5]
    assert [one.norms for one in made.criteria] == [("norm-1",), ("norm-2",), ("norm-3",)]
    assert isinstance(made.rubric.made, ByModel) and made.rubric.made.model == "scripted"
    assert made.rubric.criteria == tuple(one.id for one in made.criteria)


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        ([VETO, LIKELY], "2 criteria"),
        ([VETO, LIKELY, ASKS | {"principles": [4]}], "not shown"),
        ([VETO, LIKELY, ASKS | {"principles": [0]}], "not shown"),
        ([VETO, LIKELY, ASKS | {"principles": []}], "not shown"),
        ([VETO, LIKELY, ASKS | {"principles": [True]}], "not shown"),
        ([VETO, LIKELY, ASKS | {"principles": [3, 3]}], "2 principles, not one"),
        ([VETO, LIKELY | {"principles": [2, 3]}, ASKS], "2 principles, not one"),
        ([VETO, LIKELY, ASKS | {"statement": " "}], "no statement"),
        ([VETO, LIKELY, ASKS | {"statement": "询" * 400}], "400 characters"),
        ([VETO, LIKELY, ASKS | {"statement": "Asks how long it has lasted."}], "not written in zh"),
        ([VETO, LIKELY, ASKS | {"statement": "询问多久 <<<query"}], "fence"),
        ([VETO, LIKELY, ASKS | {"points": 0}], "points"),
        ([VETO, LIKELY, ASKS | {"points": 11}], "points"),
        ([VETO, LIKELY, ASKS | {"points": 5.0}], "points"),
        ([VETO, LIKELY, ASKS | {"points": -5}], "turns the sign"),
        ([VETO, LIKELY, ASKS | {"kind": "safety"}], "makes one of a principle"),
        ([VETO | {"kind": "proficiency"}, LIKELY, ASKS], "drops a veto"),
        ([VETO, LIKELY, ASKS | {"kind": "grave"}], "'grave'"),
        ([VETO, LIKELY, ASKS | {"axis": "tone"}], "'tone'"),
        ([VETO, LIKELY, ASKS | {"why": "because"}], "exactly"),
        ([VETO, LIKELY, LIKELY | {"principles": [3]}], "says what another says"),
        ([LIKELY, ASKS, entry(2, "说明需要查甲状腺功能。")], "no safety criterion"),
        (
            [VETO, VETO | {"statement": "断言这是焦虑而不查。"}, VETO | {"statement": "声称不用看医生。"}],
            "no criterion with positive",
        ),
    ],
)
def test_a_reply_with_one_fault_is_refused_as_a_whole_and_asked_for_again(
    entries: list[dict[str, Any]], named: str
) -> None:
    (reason,) = synthesise_with_model([case()], Scripted(reply(*entries)), ONCE)
    assert isinstance(reason, str) and named in reason, reason
    chat = Scripted(reply(*entries), reply(*GOOD))
    (made,) = synthesise_with_model([case()], chat)
    assert isinstance(made, Drafted) and chat.asked == 2


def test_where_no_safety_principle_was_shown_none_is_demanded() -> None:
    two = [LIKELY | {"principles": [1]}, ASKS | {"principles": [2]}, entry(2, "询问正在服用的药物。")]
    (made,) = synthesise_with_model([case(SHOWN[1:])], Scripted(reply(*two)), ONCE)
    assert isinstance(made, Drafted)


def test_a_profile_of_another_query_is_refused() -> None:
    mixed = case()._replace(profile=replace(case().profile, scenario="scenario-x"))
    chat = Scripted(reply(*GOOD))
    with pytest.raises(InputError, match="another query"):
        synthesise_with_model([case(), mixed], chat, ONCE)
    assert chat.asked == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_prompt_holds_a_backslash_and_each_says_that_a_criterion_rests_on_one_principle(language: Language) -> None:
    one = case()
    asked = one._replace(scenario=replace(one.scenario, language=language))
    system, user = (turn.content for turn in synthesis_prompt(asked, SynthesisReadingSettings()))
    assert "\\" not in system + user
    assert {"zh": "恰好一个", "en": "the one principle"}[language] in system


def test_a_query_without_principles_is_not_asked_about() -> None:
    chat = Scripted(reply(*GOOD))
    nothing, made = synthesise_with_model([case(()), case()], chat, ONCE)
    assert nothing == "no principle bears on it" and isinstance(made, Drafted) and chat.asked == 1


def test_the_prompt_fences_query_and_principles_and_shows_at_most_so_many() -> None:
    system, user = (turn.content for turn in synthesis_prompt(case(), SynthesisReadingSettings(shown=2)))
    assert "1. [-8, safety, accuracy] 未经检查就断言诊断。" in user and "给出可能的诊断。" in user
    assert "询问缺少的情况。" not in user and user.count("<<<") == 3
    assert "我总是心慌手抖" in user and "我总是心慌手抖" not in system
    (reason,) = synthesise_with_model(
        [case()], Scripted(reply(*GOOD)), SynthesisSettings(reading=SynthesisReadingSettings(shown=2, asks=1))
    )
    assert isinstance(reason, str) and "not shown" in reason
