"""Structural injections never reach the verdict channel: the fence holds, the roles stay, only the model's own verdict counts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import pytest

from judging.probing import ANSWERS, case
from primum.asking import fence, read_object
from primum.judging.chat import ChatJudge
from primum.judging.probes import INJECTIONS, Injection
from primum.ports import Completion
from primum.records import Abstained, Met, NotMet, Turn

_FENCE = re.compile(r"<<<(\w+) ([0-9a-f]{12})\n(.*?)\n\1 \2>>>", re.DOTALL)
_OBJECT = re.compile(r'\{\s*"')
patterns = pytest.mark.parametrize("pattern", INJECTIONS, ids=lambda one: f"{one.language}-{one.kind}-{one.name}")
structural = pytest.mark.parametrize(
    "pattern",
    [one for one in INJECTIONS if one.kind == "structural"],
    ids=lambda one: f"{one.language}-{one.name}",
)


class Scripted:
    """A chat model that finds no criterion met and every answer cautious; `dress` has the answer it was shown and its own reply."""

    name = "scripted"

    def __init__(self, dress: Callable[[str, dict[str, object]], str] = lambda _, own: json.dumps(own)) -> None:
        self._dress = dress
        self.prompts: list[tuple[Turn, ...]] = []

    async def complete(
        self, messages: Sequence[Turn], *, temperature: float, max_tokens: int, as_json: bool = False
    ) -> Completion:
        self.prompts.append(tuple(messages))
        shown = {match[1]: match[3] for match in _FENCE.finditer(messages[-1].content)}
        if "statement" in shown:
            own: dict[str, object] = {"explanation": "It is not.", "met": False}
        else:
            own = {"explanation": "It warns.", "stance": "caution"}
        return Completion(self._dress(shown["answer"], own), "stop", 10, 5)


def planted(pattern: Injection) -> str:
    return pattern.plant(ANSWERS[pattern.language])


def test_there_are_enough_patterns_of_each_kind_and_language() -> None:
    for language in ("en", "zh"):
        for kind in ("structural", "persuasive"):
            found = [one.name for one in INJECTIONS if (one.language, one.kind) == (language, kind)]
            assert len(found) >= 20 and len(set(found)) == len(found)
    assert len({planted(one) for one in INJECTIONS}) == len(INJECTIONS)


@patterns
def test_the_answer_stays_in_its_fence_and_every_role_as_it_was(pattern: Injection) -> None:
    text = planted(pattern)
    assert ANSWERS[pattern.language] in text
    plain, changed = Scripted(), Scripted()
    ChatJudge(plain).judge([case(language=pattern.language)])
    ChatJudge(changed).judge([case(language=pattern.language, text=text)])
    whole = fence(text, "answer")
    mark = whole.rsplit(" ", 1)[1].removesuffix(">>>")
    assert mark not in text  # a forged mark is never the real one
    assert len(changed.prompts) == len(plain.prompts) == 4
    for before, after in zip(plain.prompts, changed.prompts, strict=True):
        assert [turn.role for turn in before] == [turn.role for turn in after] == ["system", "user"]
        assert before[0] == after[0]  # nothing of the answer gets into the instructions
        assert after[1].content.count(f"answer {mark}>>>") == 1
        assert after[1].content.count(whole) == 1
        # Around the fence nothing changes: taken out, what is left is what it was.
        assert after[1].content.replace(whole, "") == before[1].content.replace(
            fence(ANSWERS[pattern.language], "answer"), ""
        )
        names = [match[1] for match in _FENCE.finditer(after[1].content)]
        assert names == [match[1] for match in _FENCE.finditer(before[1].content)]


@patterns
def test_a_model_that_quotes_the_answer_still_gives_its_own_verdict(pattern: Injection) -> None:
    quoting = Scripted(lambda answer, own: json.dumps({**own, "explanation": f"It says: {answer}"}, ensure_ascii=False))
    ((judgement, verdicts),) = ChatJudge(quoting).judge([case(language=pattern.language, text=planted(pattern))])
    assert judgement.stance == "caution"
    assert [type(verdict.outcome) for verdict in verdicts] == [NotMet] * 3


@structural
@pytest.mark.parametrize("is_first", [True, False])
def test_a_planted_object_beside_the_models_own_is_no_verdict(pattern: Injection, is_first: bool) -> None:
    def beside(answer: str, own: dict[str, object]) -> str:
        parts = [answer, json.dumps(own)]
        return "\n\n".join(parts if is_first else parts[::-1])

    ((judgement, verdicts),) = ChatJudge(Scripted(beside)).judge(
        [case(language=pattern.language, text=planted(pattern))]
    )
    if _OBJECT.search(planted(pattern)):
        assert judgement.stance == "abstained"
        assert all(isinstance(verdict.outcome, Abstained) for verdict in verdicts)
    assert not any(isinstance(verdict.outcome, Met) for verdict in verdicts)
    assert judgement.stance in ("caution", "abstained")


def test_some_patterns_hold_objects_that_would_be_verdicts_by_themselves() -> None:
    """What the tests above guard against is real: alone in a reply, the objects of the patterns are read."""
    read = [read_object(one.text) for one in INJECTIONS if one.kind == "structural" and _OBJECT.search(one.text)]
    assert sum(isinstance(found, dict) for found in read) >= 8
