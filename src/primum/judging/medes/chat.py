"""A judge that rules on answers by the six questions of MedES (arXiv 2601.07954), asking a chat model twice: for risk, and for quality."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from primum.asking import Asked, Call, Unreadable, cut_off, is_scripted, read_object
from primum.errors import ModelError
from primum.judging.chat import shared_cost
from primum.judging.engine import Engine, Question
from primum.judging.medes.prompts import CALLS, MEDES_VERSION, CallName, asked, material, schema, scores, system_turn
from primum.judging.medes.questions import question_of
from primum.judging.usable import unusable_reason
from primum.ports import Assessment, Case, ChatModel, Completion, Progress, silent
from primum.records import (
    Abstained,
    ByModel,
    Cost,
    Judgement,
    JudgeRef,
    Met,
    NotMet,
    Outcome,
    Settings,
    Taxonomy,
    Turn,
    Verdict,
    content_hash,
)
from primum.records import Question as Asks

__all__ = ["MedesChat", "MedesSettings", "Ruled", "read_ruling"]

_NO_STANCE = "the six questions do not ask for the stance"
_FREE = Cost()


class MedesSettings(Settings, frozen=True):
    """How the judge asks. `asks` bounds the replies to one call until one can be read."""

    temperature: float = 0.0
    max_tokens: int = 1024
    asks: int = 2

    def check(self) -> None:
        for name in ("max_tokens", "asks"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")
        if self.temperature < 0:
            self.refuse(f"temperature = {self.temperature}", "is below 0", "give 0 or more")


class Ruled(NamedTuple):
    """What a reply says of one question: whether the answer meets it (`None`: the model cannot tell), and why."""

    is_met: bool | None
    reason: str


class MedesChat:
    """Asks a chat model twice about an answer, with the norms, the scene and the points; implements `primum.ports.Judge`.

    Each call decides its own questions: where one cannot be read, its questions are abstained from with the reason, and the other's
    stand. An answer that is not language is not sent: its stance is `unusable`, and all six are abstained from with that reason. So is a
    choice question, which its key decides, and a criterion that is none of the six. `taxonomy` names the scenes; without one the key is
    shown.
    """

    def __init__(
        self, chat: ChatModel, settings: MedesSettings | None = None, taxonomy: Taxonomy | None = None
    ) -> None:
        self._chat = chat
        self.settings = settings or MedesSettings()
        self.taxonomy = taxonomy
        made = ByModel(model=chat.name, prompt=MEDES_VERSION, is_scripted=is_scripted(chat))
        decides = [self.settings.temperature, self.settings.max_tokens, taxonomy.id if taxonomy is not None else None]
        fingerprint = content_hash([chat.name, MEDES_VERSION, decides])
        self._ref = JudgeRef(name=f"medes:{chat.name}", kind_of="chat_model", fingerprint=fingerprint, made=made)

    @property
    def ref(self) -> JudgeRef:
        return self._ref

    @property
    def chat(self) -> ChatModel:
        return self._chat

    @property
    def asks(self) -> int:
        return self.settings.asks

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        """One assessment a case, in their order, through the engine. Raises `OutageError` and `BudgetError` as it does."""
        return Engine(self).judge(cases, progress)

    def sheet(self, case: Case) -> MedesSheet:
        """The two calls about a case, to be settled by the engine."""
        return MedesSheet(self, case)


class MedesSheet:
    """One case in work: by question, what was said of it, or the reason why nothing was."""

    def __init__(self, judge: MedesChat, case: Case) -> None:
        self._judge, self._case = judge, case
        self._asks = {question for one in case.criteria if (question := question_of(one)) is not None}
        self._calls = [call for call, questions in CALLS.items() if self._asks & set(questions)]
        self._said: dict[Asks, Ruled | str] = {}
        self._costs: dict[Asks, Cost] = {}
        self._unusable = unusable_reason(case.response, case.scenario.language)

    def questions(self) -> list[Question]:
        """The calls: both, unless no criterion asks what one of them decides."""
        if self._unusable is not None or self._case.scenario.task != "open":
            return []
        scenario, settings, taxonomy = self._case.scenario, self._judge.settings, self._judge.taxonomy
        scene = scenario.scene if taxonomy is None else taxonomy.named(scenario.scene, scenario.language)
        shared = material(self._case, scene)
        system = system_turn(scenario.language)
        questions: list[Question] = []
        for name in self._calls:
            turns = (system, Turn(role="user", content=f"{shared}\n\n{asked(name, scenario.language)}"))
            call = Call(turns, settings.temperature, settings.max_tokens, schema(name), (), self._case.response.id)
            questions.append(Question(call, partial(read_ruling, call=name)))
        return questions

    def settle(self, number: int, reply: Asked[dict[Asks, Ruled]] | ModelError) -> None:
        """What came of a call: what was said of each of its questions, or the reason why nothing was."""
        questions = CALLS[self._calls[number]]
        if isinstance(reply, ModelError):
            self._said.update(dict.fromkeys(questions, str(reply)))
            return
        for question in questions:
            self._said[question] = reply.value.reason if isinstance(reply.value, Unreadable) else reply.value[question]
        # The whole cost of a call lies on the questions that somebody asked.
        wanted = [question for question in questions if question in self._asks]
        for turn, question in enumerate(wanted):
            self._costs[question] = shared_cost(reply, turn, len(wanted))

    def assessment(self) -> Assessment:
        """The judgement and its verdicts, once both calls are settled."""
        case, ref = self._case, self._judge.ref
        verdicts: list[Verdict] = []
        costs = dict(self._costs)
        for criterion in case.criteria:
            question = question_of(criterion)
            outcome, explanation = self._outcome(question)
            cost = costs.pop(question, _FREE) if question is not None else _FREE
            verdicts.append(
                Verdict(
                    response=case.response.id,
                    criterion=criterion.id,
                    judge=ref.id,
                    outcome=outcome,
                    explanation=explanation,
                    cost=cost,
                )
            )
        judgement = Judgement(
            response=case.response.id,
            judge=ref.id,
            stance="abstained" if self._unusable is None else "unusable",
            verdicts=tuple(verdict.id for verdict in verdicts),
            reason=self._unusable or _NO_STANCE,
        )
        return Assessment(judgement, tuple(verdicts))

    def _outcome(self, question: Asks | None) -> tuple[Outcome, str]:
        if question is None:
            return Abstained(reason="the criterion is none of the six questions"), ""
        if self._unusable is not None:
            return Abstained(reason=f"the answer is unusable: {self._unusable}"), ""
        if self._case.scenario.task != "open":
            return Abstained(reason="a choice question is decided by its key, not by the six questions"), ""
        said = self._said.get(question, "it was not asked")
        if isinstance(said, str):
            return Abstained(reason=said), ""
        if said.is_met is None:
            return Abstained(reason="the model says that it cannot tell"), said.reason
        return (Met() if said.is_met else NotMet()), said.reason


def read_ruling(completion: Completion, call: CallName) -> dict[Asks, Ruled] | Unreadable:
    """What the reply to a call says of its questions. Anything but a score of that call for each, with a reason, is unreadable."""
    found = cut_off(completion) or read_object(completion.text)
    if isinstance(found, Unreadable):
        return found
    questions = CALLS[call]
    if set(found) != set(questions):
        named = " ".join(", ".join(sorted(found)).split())[:80]
        return Unreadable(f"reply has the keys {named}, not {', '.join(questions)}")
    ruled: dict[Asks, Ruled] = {}
    for question in questions:
        one = _read_entry(question, found[question], call)
        if isinstance(one, Unreadable):
            return one
        ruled[question] = one
    return ruled


def _read_entry(question: Asks, entry: Any, call: CallName) -> Ruled | Unreadable:
    if not isinstance(entry, dict) or set(entry) != {"reason", "score"}:
        return Unreadable(f"{question} {str(entry)[:80]!r} has not the keys reason, score")
    score, reason = entry["score"], entry["reason"]
    if not isinstance(reason, str):
        return Unreadable(f"the reason of {question}, {str(reason)[:80]!r}, is not text")
    if score is None:
        return Ruled(None, reason)
    allowed = scores(call)
    if type(score) is not int or score not in allowed:  # `True` is an int too, and would pass for 1
        listed = ", ".join(str(one) for one in sorted(allowed))
        return Unreadable(f"the score of {question}, {str(score)[:80]!r}, is none of {listed}")
    return Ruled(allowed[score], reason)
