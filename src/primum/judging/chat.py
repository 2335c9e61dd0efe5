"""A judge that asks a chat model: one call a case, for the stance and for each criterion."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

from primum.asking import Asked, Unreadable, ask, gather, is_scripted, run
from primum.errors import ModelError
from primum.judging.prompts import PROMPT_VERSION, judging_prompt
from primum.judging.usable import unusable_reason
from primum.ports import Assessment, Case, ChatModel, Progress, silent
from primum.records import (
    Abstained,
    ByModel,
    Cost,
    Criterion,
    Judgement,
    JudgeRef,
    KeyCheck,
    Met,
    NotMet,
    Outcome,
    Settings,
    Stance,
    StanceCheck,
    Verdict,
    content_hash,
)

__all__ = ["ChatJudge", "ChatJudgeSettings"]

_STANCES = ("accept", "caution", "refuse")
# So many calls that all fail in transport are an outage of the endpoint, not faults of single calls.
_OUTAGE = 8
_KEYED = "the criterion is checked by its key, not by a chat model"


class ChatJudgeSettings(Settings, frozen=True):
    """How the judge asks. `asks` bounds the replies to one case until one can be read; `concurrency` the cases in flight."""

    temperature: float = 0.0
    max_tokens: int = 1024
    asks: int = 2
    concurrency: int = 32

    def check(self) -> None:
        for name in ("max_tokens", "asks", "concurrency"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")


class _Ruling(NamedTuple):
    """What a reply said: the stance, and for each criterion asked whether it is met; `None` where the model cannot tell."""

    stance: Stance
    explanation: str
    met: tuple[bool | None, ...]


class ChatJudge:
    """Asks a chat model, and abstains with the reason wherever its reply does not say exactly what was asked.

    Not sent: an answer that is not language (`unusable`), and a choice question with nothing but its key to check. A criterion
    checked by the stance is decided by the stance the model read; one checked by a key is not this judge's matter.
    """

    def __init__(self, chat: ChatModel, settings: ChatJudgeSettings | None = None) -> None:
        self._chat = chat
        self._settings = settings or ChatJudgeSettings()
        decides = [chat.name, PROMPT_VERSION, self._settings.temperature, self._settings.max_tokens]
        made = ByModel(model=chat.name, prompt=PROMPT_VERSION, is_scripted=is_scripted(chat))
        self._ref = JudgeRef(name=chat.name, kind_of="chat_model", fingerprint=content_hash(decides), made=made)

    @property
    def ref(self) -> JudgeRef:
        return self._ref

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        """One assessment a case, in their order; a case whose call failed is abstained from.

        Raises `ModelError` when every call of at least eight failed: judged later, they would not be abstentions.
        """
        assessments: dict[int, Assessment] = {}
        sent: list[int] = []
        for number, case in enumerate(cases):
            unsent = self._unsent(case)
            if unsent is None:
                sent.append(number)
            else:
                assessments[number] = unsent
        already = len(assessments)
        if already:
            progress(already, len(cases))
        calls: list[Callable[[], Awaitable[Asked[_Ruling]]]] = [partial(self._ask, cases[number]) for number in sent]

        def further(done: int, _: int) -> None:
            progress(already + done, len(cases))

        replies = run(self._chat, lambda: gather(calls, self._settings.concurrency, further)) if calls else []
        failed = [reply for reply in replies if isinstance(reply, ModelError)]
        if len(failed) == len(replies) and len(failed) >= _OUTAGE:
            raise failed[0]  # the endpoint is down: no verdict on any answer, and nothing to keep
        for number, reply in zip(sent, replies, strict=True):
            assessments[number] = self._assess(cases[number], reply)
        return [assessments[number] for number in range(len(cases))]

    async def _ask(self, case: Case) -> Asked[_Ruling]:
        criteria = _asked_of(case)
        return await ask(
            self._chat,
            judging_prompt(case, criteria),
            partial(_ruling, count=len(criteria)),
            temperature=self._settings.temperature,
            max_tokens=self._settings.max_tokens,
            asks=self._settings.asks,
        )

    def _unsent(self, case: Case) -> Assessment | None:
        """The assessment of a case that is not put to the model, or `None`."""
        reason = unusable_reason(case.response, case.scenario.language)
        if reason is not None:
            return self._without_stance(case, "unusable", reason, f"the answer is unusable: {reason}")
        if case.scenario.task != "open" and all(map(_is_keyed, case.criteria)):
            reason = "a choice question is decided by its key, not by a chat model"
            return self._without_stance(case, "abstained", reason, reason)
        return None

    def _assess(self, case: Case, reply: Asked[_Ruling] | ModelError) -> Assessment:
        if isinstance(reply, ModelError):
            return self._without_stance(case, "abstained", str(reply), str(reply))
        costs = _shares(case, reply)
        ruling = reply.value
        if isinstance(ruling, Unreadable):
            return self._without_stance(case, "abstained", ruling.reason, ruling.reason, costs)
        met = iter(ruling.met)
        outcomes = [
            _outcome(criterion, ruling.stance, next(met) if criterion.check_by is None else None)
            for criterion in case.criteria
        ]
        return self._assessment(case, ruling.stance, ruling.explanation, outcomes, costs)

    def _without_stance(
        self, case: Case, stance: Stance, reason: str, why: str, costs: Sequence[Cost] | None = None
    ) -> Assessment:
        outcomes = [Abstained(reason=_KEYED if _is_keyed(criterion) else why) for criterion in case.criteria]
        return self._assessment(case, stance, reason, outcomes, costs or [Cost()] * len(case.criteria))

    def _assessment(
        self, case: Case, stance: Stance, reason: str, outcomes: Sequence[Outcome], costs: Sequence[Cost]
    ) -> Assessment:
        verdicts = tuple(
            Verdict(
                response=case.response.id,
                criterion=criterion.id,
                judge=self._ref.id,
                outcome=outcome,
                explanation="" if isinstance(outcome, Abstained) else reason,
                cost=cost,
            )
            for criterion, outcome, cost in zip(case.criteria, outcomes, costs, strict=True)
        )
        judgement = Judgement(
            response=case.response.id,
            judge=self._ref.id,
            stance=stance,
            verdicts=tuple(verdict.id for verdict in verdicts),
            reason=reason,
        )
        return Assessment(judgement, verdicts)


def _asked_of(case: Case) -> list[Criterion]:
    """The criteria that are put to the model: those without a machine check."""
    return [criterion for criterion in case.criteria if criterion.check_by is None]


def _is_keyed(criterion: Criterion) -> bool:
    return isinstance(criterion.check_by, KeyCheck)


def _outcome(criterion: Criterion, stance: Stance, met: bool | None) -> Outcome:
    if _is_keyed(criterion):
        return Abstained(reason=_KEYED)
    if isinstance(criterion.check_by, StanceCheck):
        return Met() if stance in criterion.check_by.stances else NotMet()
    if met is None:
        return Abstained(reason="the model says that it cannot tell")
    return Met() if met else NotMet()


def _shares(case: Case, reply: Asked[_Ruling]) -> list[Cost]:
    """The tokens of one call shared out over the criteria it decides, so that the sum over verdicts is what the server counted."""
    decided = [number for number, criterion in enumerate(case.criteria) if not _is_keyed(criterion)]
    costs = [Cost()] * len(case.criteria)
    for turn, number in enumerate(decided):
        prompt, prompt_rest = divmod(reply.prompt_tokens, len(decided))
        completion, completion_rest = divmod(reply.completion_tokens, len(decided))
        costs[number] = Cost(
            prompt_tokens=prompt + (turn < prompt_rest), completion_tokens=completion + (turn < completion_rest)
        )
    return costs


def _ruling(found: dict[str, Any], count: int) -> _Ruling | Unreadable:
    """What a reply's object says; anything but exactly what was asked for is unreadable."""
    if set(found) != {"explanation", "stance", "criteria"}:
        return Unreadable(f"reply has the keys {sorted(found)}, not criteria, explanation, stance")
    stance, explanation, criteria = found["stance"], found["explanation"], found["criteria"]
    if not isinstance(stance, str) or stance.strip().lower() not in _STANCES:
        return Unreadable(f"stance {str(stance)[:80]!r} is not one of {', '.join(_STANCES)}")
    if not isinstance(explanation, str):
        return Unreadable(f"explanation {str(explanation)[:80]!r} is not text")
    if not isinstance(criteria, list) or len(criteria) != count:
        size = len(criteria) if isinstance(criteria, list) else "no list"
        return Unreadable(f"reply decides {size} criteria where {count} were asked")
    met: list[bool | None] = []
    for number, entry in enumerate(criteria, 1):
        # `True == 1` in Python, so a number would pass for a verdict without the type's test.
        if not isinstance(entry, dict) or set(entry) != {"met"} or not isinstance(entry["met"], bool | None):
            return Unreadable(f"verdict {number} is {str(entry)[:80]!r}, not {{'met': true, false or null}}")
        met.append(entry["met"])
    return _Ruling(cast(Stance, stance.strip().lower()), explanation.strip(), tuple(met))
