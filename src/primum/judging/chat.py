"""A judge that asks a chat model: one criterion a call, several, or all, and the stance in a call of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from primum.asking import Asked, Call, Unreadable, is_scripted
from primum.errors import ModelError, SettingError
from primum.judging import prompts, reading
from primum.judging.engine import Engine, Question
from primum.judging.exemplars import ExemplarBook
from primum.judging.reading import Said
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
    Turn,
    Verdict,
    content_hash,
)

__all__ = ["ChatJudge", "ChatSettings", "shared_cost"]

_KEYED = "the criterion is checked by its key, not by a chat model"
_NO_STANCE = "the stance was not asked"


class ChatSettings(Settings, frozen=True):
    """How the judge asks.

    `criteria_per_call` is 1 for each criterion by itself, as HealthBench's grader does, 0 for all at once; more at once are cheaper and
    judged differently: `primum judge probe` measures how. `asks_stance` asks for accept, caution or refuse besides; criteria that are
    checked by the stance need it. `shows_points` shows a criterion's points. `asks` bounds the replies to one question until one can be
    read. With `wants_logprobs` a verdict carries its probability where the server gives one. `exemplars` is how many judgements that
    people corrected are shown beside a criterion, at most, from the `exemplars_file` that `primum judge correct` keeps.
    """

    criteria_per_call: int = 1
    asks_stance: bool = True
    shows_points: bool = False
    temperature: float = 0.0
    max_tokens: int = 1024
    asks: int = 2
    wants_logprobs: bool = False
    exemplars: int = 0
    exemplars_file: str | None = None

    def check(self) -> None:
        for name in ("max_tokens", "asks"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")
        if self.criteria_per_call < 0 or self.temperature < 0 or self.exemplars < 0:
            self.refuse("criteria_per_call, temperature or exemplars", "is below 0", "give 0 or more")
        if self.exemplars_file is not None and not self.exemplars:
            self.refuse(
                "exemplars_file", "is named, but exemplars = 0 shows none of it", "say how many are shown, or drop it"
            )


class ChatJudge:
    """Asks a chat model, and abstains with the reason wherever its reply does not say exactly what was asked.

    Not sent: an answer that is not language (`unusable`), and a choice question with nothing but its key to check. A criterion
    checked by the stance is decided by the stance the model read; one checked by a key is not this judge's matter.

    With a `book` of exemplars it is shown those likest to what it is asked, and is said to have been trained
    on the situations they come from. Raises `SettingError` when the settings want exemplars and there are none, or the other way round.
    """

    def __init__(self, chat: ChatModel, settings: ChatSettings | None = None, book: ExemplarBook | None = None) -> None:
        self._chat = chat
        self.settings = settings or ChatSettings()
        self.book = book or ExemplarBook()
        _check_exemplars(self.settings, self.book)
        version = prompts.PROMPT_VERSION
        # `asks` is patience: it decides whether there is a verdict, not which. Exemplars count by what they say, not by their file.
        decides: dict[str, Any] = {
            name: getattr(self.settings, name)
            for name in self.settings.__struct_fields__
            if name not in _DECIDES_NOTHING
        }
        if self.settings.exemplars:
            version = content_hash([version, prompts.EXAMPLES_VERSION])
            decides["exemplars"] = [self.settings.exemplars, self.book.fingerprint]
        self._ref = JudgeRef(
            name=chat.name,
            kind_of="chat_model",
            fingerprint=content_hash([chat.name, version, decides]),
            made=ByModel(model=chat.name, prompt=version, is_scripted=is_scripted(chat)),
            trained_on=self.book.sources,
        )

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

    def sheet(self, case: Case) -> ChatSheet:
        """The questions about a case, to be settled by the engine."""
        return ChatSheet(self, case)


class ChatSheet:
    """One case in work. `_said[n]` is what was said of criterion n, `None` while nothing was; the stance comes after the criteria."""

    def __init__(self, judge: ChatJudge, case: Case) -> None:
        self._judge, self._case = judge, case
        self._said: list[Said | str | None] = [None] * (len(case.criteria) + 1)
        self._costs = [_FREE] * (len(case.criteria) + 1)
        self._places: list[tuple[int, ...]] = []
        self._unusable = unusable_reason(case.response, case.scenario.language)

    def questions(self) -> list[Question]:
        """What is to be asked of a chat model: each criterion or group of criteria, then the stance."""
        if self._unusable is not None:
            return []
        case, settings = self._case, self._judge.settings
        language = case.scenario.language
        asked = [number for number, one in enumerate(case.criteria) if one.check_by is None]
        is_keyed = case.scenario.task != "open" and all(map(_is_keyed, case.criteria))
        has_stance = settings.asks_stance and not is_keyed
        if not asked and not has_stance:
            return []
        questions: list[Question] = []
        shared = prompts.material(case)
        size = settings.criteria_per_call or max(1, len(asked))
        for start in range(0, len(asked), size):
            places = tuple(asked[start : start + size])
            criteria = [case.criteria[place] for place in places]
            if size == 1:
                last = prompts.asked_for_one(criteria[0], settings.shows_points, language)
                questions.append(self._question(places, shared, last, "one"))
            else:
                last = prompts.asked_for_criteria(criteria, settings.shows_points, language)
                questions.append(self._question(places, shared, last, "several"))
        if has_stance:
            place = (len(case.criteria),)
            questions.append(self._question(place, shared, prompts.asked_for_stance(language), "stance"))
        return questions

    def _question(self, places: tuple[int, ...], shared: str, last: str, asks: str) -> Question:
        settings, language = self._judge.settings, self._case.scenario.language
        told = [part for part in (self._examples(places), shared, last) if part]
        turns = (prompts.system_turn(language), Turn(role="user", content="\n\n".join(told)))
        watch = (reading.STANCES if asks == "stance" else reading.WATCHED) if settings.wants_logprobs else ()
        schema = prompts.schema(asks, len(places) if asks == "several" else 0)
        call = Call(turns, settings.temperature, settings.max_tokens, schema, watch, self._case.response.id)
        self._places.append(places)
        if asks == "several":
            return Question(call, partial(reading.read_several, count=len(places)))
        return Question(call, reading.read_stance if asks == "stance" else reading.read_one)

    def _examples(self, places: tuple[int, ...]) -> str:
        """What goes before the material: exemplars for these criteria. The stance has none."""
        case, count = self._case, self._judge.settings.exemplars
        statements = [case.criteria[place].statement for place in places if place < len(case.criteria)]
        if not count or not statements:
            return ""
        shown = self._judge.book.shown(statements, case.scenario.messages, case.response.text, count)
        return prompts.examples(shown, case.scenario.language)

    def settle(self, number: int, reply: Asked[tuple[Said, ...]] | ModelError) -> None:
        """What came of a question: what was said of each of its criteria, or the reason why nothing was."""
        places = self._places[number]
        if isinstance(reply, ModelError):
            for place in places:
                self._said[place] = str(reply)
            return
        for turn, place in enumerate(places):
            self._said[place] = reply.value.reason if isinstance(reply.value, Unreadable) else reply.value[turn]
            self._costs[place] = shared_cost(reply, turn, len(places))

    def assessment(self) -> Assessment:
        """The judgement and its verdicts, once every question is settled."""
        case, ref = self._case, self._judge.ref
        stance, probability, reason = self._stance()
        verdicts: list[Verdict] = []
        for number, criterion in enumerate(case.criteria):
            outcome, chance, explanation = self._verdict(number, criterion, stance, probability, reason)
            verdicts.append(
                Verdict(
                    response=case.response.id,
                    criterion=criterion.id,
                    judge=ref.id,
                    outcome=outcome,
                    probability=chance,
                    explanation=explanation,
                    cost=self._costs[number],
                )
            )
        judgement = Judgement(
            response=case.response.id,
            judge=ref.id,
            stance=stance,
            verdicts=tuple(verdict.id for verdict in verdicts),
            probability=probability,
            reason=reason,
            cost=self._costs[-1],
        )
        return Assessment(judgement, tuple(verdicts))

    def _stance(self) -> tuple[Stance, float | None, str]:
        if self._unusable is not None:
            return "unusable", None, self._unusable
        said = self._said[-1]
        if isinstance(said, Said):
            return said.stance, said.probability, said.explanation
        if isinstance(said, str):
            return "abstained", None, said
        if self._case.scenario.task != "open" and all(map(_is_keyed, self._case.criteria)):
            return "abstained", None, "a choice question is decided by its key, not by a chat model"
        return "abstained", None, _NO_STANCE

    def _verdict(
        self, number: int, criterion: Criterion, stance: Stance, chance: float | None, reason: str
    ) -> tuple[Outcome, float | None, str]:
        if _is_keyed(criterion):
            return _IS_KEYED, None, ""
        if self._unusable is not None:
            return Abstained(reason=f"the answer is unusable: {self._unusable}"), None, ""
        if isinstance(criterion.check_by, StanceCheck):
            if stance == "abstained":
                return Abstained(reason=reason), None, ""
            is_met = stance in criterion.check_by.stances
            return (_MET if is_met else _NOT_MET), chance, reason
        said = self._said[number]
        if not isinstance(said, Said):
            return Abstained(reason=said or "it was not asked"), None, ""
        if said.met is None:
            return _CANNOT_TELL, None, said.explanation
        return (_MET if said.met else _NOT_MET), said.probability, said.explanation


def _check_exemplars(settings: ChatSettings, book: ExemplarBook) -> None:
    if settings.exemplars and not len(book):
        raise SettingError(
            f"exemplars = {settings.exemplars}",
            "are to be shown, but there are none",
            "name a file with some, see primum judge correct, or leave it out",
            "a chat judge",
        )
    if len(book) and not settings.exemplars:
        raise SettingError(f"{len(book)} exemplars", "are given and none is shown", "set exemplars", "a chat judge")


_DECIDES_NOTHING = ("asks", "exemplars", "exemplars_file")
_MET, _NOT_MET, _FREE = Met(), NotMet(), Cost()
_IS_KEYED = Abstained(reason=_KEYED)
_CANNOT_TELL = Abstained(reason="the model says that it cannot tell")


def _is_keyed(criterion: Criterion) -> bool:
    return isinstance(criterion.check_by, KeyCheck)


def shared_cost(reply: Asked[Any], turn: int, count: int) -> Cost:
    """The tokens of one call shared out over what it decides, so that the sum over verdicts is what the server counted."""
    prompt, prompt_rest = divmod(reply.prompt_tokens, count)
    completion, completion_rest = divmod(reply.completion_tokens, count)
    return Cost(prompt_tokens=prompt + (turn < prompt_rest), completion_tokens=completion + (turn < completion_rest))
