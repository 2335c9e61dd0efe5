"""Kept conversations become situations and signals: language, style, dimension and harm level told, and whether they may teach."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

from primum.language import detect
from primum.ports import Progress, silent
from primum.records import (
    ByImport,
    ByModel,
    BySimulation,
    Flag,
    Language,
    Origin,
    Record,
    Response,
    Scenario,
    Signal,
    Split,
)
from primum.signals.harm import HarmReader, Read, asked
from primum.signals.intake import Conversation
from primum.signals.judged import Told, flag_records, told_by_flags
from primum.signals.near import NearIndex
from primum.signals.settings import LogSettings
from primum.signals.styles import style_of

__all__ = ["DATASET", "UNREAD", "Heard", "Measured", "Sort", "conversation_key", "counted", "sort_signals"]

DATASET = "logs"
UNREAD = "logs (harm unread)"
"""The dataset of situations whose harm level nobody told: theirs stands at 0 for want of another, and they teach nothing."""
_PART = 512
# Marks of chat templates: a model would read what follows as another turn.
_MARKS = re.compile(r"<\|[A-Za-z_0-9]{1,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>|</?s>")

Sort = Callable[[str, Language], str]
"""Which dimension a request belongs to, by its text and language."""


class Heard(NamedTuple):
    """A signal with its situation, its answer and its flags. `teaches` is empty where the situation may teach, else why it may not.

    `right` is `False` where a trusted person said that the answer was not, `correction` what such a person would have answered;
    `records` are all there is to store but the signal, the flags, the situation and the answer.
    """

    scenario: Scenario
    response: Response | None
    signal: Signal
    flags: list[Flag]
    records: list[Record]
    right: bool | None
    correction: Response | None
    harm_by: Literal["person", "guardian", "reader", "disagree", "unread"]
    teaches: str
    untrusted: int


class Measured:
    """Situations that measure, which nothing from a log may teach: what nearly says one of them, whole or in one turn, is found."""

    def __init__(self, scenarios: Iterable[Scenario], threshold: float) -> None:
        self._near = NearIndex(threshold)
        for text in dict.fromkeys(asked(one) for one in sorted(scenarios, key=lambda one: one.id)):
            self._near.add(text)

    def is_near(self, conversation: Conversation) -> bool:
        """Whether the conversation, or one thing a user said in it, is nearly a situation that measures."""
        if not len(self._near):
            return False
        said = [turn.content for turn in conversation.turns if turn.role == "user"]
        return any(self._near.like(text) is not None for text in dict.fromkeys([*said, "\n".join(said)]))


class _Sorting(NamedTuple):
    settings: LogSettings
    dimension: Sort
    measured: Measured
    split: Split | None


def sort_signals(
    conversations: Sequence[Conversation],
    settings: LogSettings,
    dimension: Sort,
    reader: HarmReader,
    measured: Measured,
    split: Split | None = None,
    progress: Progress = silent,
) -> list[Heard]:
    """Every conversation as a signal, in order. The harm level comes from flags that tell it, else from `reader`, which may abstain."""
    sorting = _Sorting(settings, dimension, measured, split)
    heard: list[Heard] = []
    for start in range(0, len(conversations), _PART):
        part = conversations[start : start + _PART]
        told = [told_by_flags(one, settings.trusted_roles, settings.least_confidence) for one in part]
        texts = ["\n".join(turn.content for turn in one.turns if turn.role == "user") for one in part]
        reads = reader.read(texts)
        heard += [_heard(one, flags, read, sorting) for one, flags, read in zip(part, told, reads, strict=True)]
        progress(len(heard), len(conversations))
    return heard


def conversation_key(signal: Signal) -> str:
    """The conversation of a signal: the keyed hash of its id in the log, or of what was said."""
    made = signal.made
    if isinstance(made, ByImport):
        return made.row
    return made.generator.removeprefix(f"{DATASET}:") if isinstance(made, BySimulation) else ""


def _heard(conversation: Conversation, told: Told, read: Read, sorting: _Sorting) -> Heard:
    settings = sorting.settings
    harm_level, harm_by = _harm(told, read, settings)
    last = conversation.turns[-1].content
    language = detect(last)
    correction = next(
        (one.correction for one in conversation.flags if one.correction and one.role in settings.trusted_roles), None
    )
    scenario = Scenario(
        messages=conversation.turns,
        task="open",
        dimension=sorting.dimension(last, language),
        language=language,
        dataset=UNREAD if harm_level is None else DATASET,
        made=_made(conversation, f"request-{conversation.digest}"),
        harm_level=harm_level or 0,
        style=style_of(conversation.turns),
        is_borderline=harm_level == 0 and harm_by == "person",
        reference=correction if harm_level is not None else None,
        cluster=f"log-{conversation.digest}",
        split=sorting.split,
    )
    response = _response(conversation, scenario)
    signal = Signal(
        scenario=scenario.id,
        made=_made(conversation, conversation.key),
        consent=conversation.consent,
        licence=conversation.licence,
        response=None if response is None else response.id,
        basis=conversation.basis,
        removed=tuple(sorted(conversation.removed.items())),
        repeats=conversation.repeats,
        day=conversation.day,
    )
    flagged = flag_records(conversation, signal.id, scenario.id, response, settings.trusted_roles)
    teaches = _why_not(conversation, harm_level is None, harm_by, sorting)
    return Heard(
        scenario, response, signal, flagged.flags, flagged.records, flagged.right, flagged.correction, harm_by, teaches,
        flagged.untrusted,
    )  # fmt: skip


def _harm(
    told: Told, read: Read, settings: LogSettings
) -> tuple[Literal[0, 1, 2, 3] | None, Literal["person", "guardian", "reader", "disagree", "unread"]]:
    if told.harm_level is not None and told.by in ("person", "guardian"):
        return told.harm_level, "person" if told.by == "person" else "guardian"
    if told.by == "disagree":
        return None, "disagree"
    if read.is_harmful is None:
        return None, "unread"
    return (settings.read_level if read.is_harmful else 0), "reader"  # type: ignore[return-value]


def _why_not(conversation: Conversation, is_unread: bool, harm_by: str, sorting: _Sorting) -> str:
    if conversation.consent not in sorting.settings.consents:
        return f"consent {conversation.consent}"
    if is_unread:
        return "flags disagree" if harm_by == "disagree" else "harm unread"
    said = [*(turn.content for turn in conversation.turns), conversation.answer or ""]
    if any(_MARKS.search(text) for text in [*said, *(flag.correction for flag in conversation.flags)]):
        return "chat marks"
    return "measured" if sorting.measured.is_near(conversation) else ""


def _made(conversation: Conversation, row: str) -> Origin:
    if conversation.is_simulated:
        return BySimulation(generator=f"{DATASET}:{row}", seed=0)
    return ByImport(dataset=DATASET, row=row, licence=conversation.licence)


def _response(conversation: Conversation, scenario: Scenario) -> Response | None:
    if conversation.answer is None:
        return None
    made = _made(conversation, f"request-{conversation.digest}")
    if conversation.policy and not conversation.is_simulated:
        made = ByModel(model=conversation.policy)
    return Response(scenario=scenario.id, text=conversation.answer, made=made, finish=conversation.finish)


def counted(heard: Sequence[Heard]) -> dict[str, dict[str, int]]:
    """How many signals there are by what told their harm, and how many teach nothing, by why."""
    by = Counter(one.harm_by for one in heard)
    why = Counter(one.teaches for one in heard if one.teaches)
    return {"harm_by": dict(sorted(by.items())), "not_taught": dict(sorted(why.items()))}
