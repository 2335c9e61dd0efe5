"""Preferences as JSONL, as TRL's trainers take them: `prompt`, `chosen`, `rejected`, as texts or as lists of messages.

A row of ours has these columns more, which the trainers pass over: `margin`, `rubric`, `criterion`, and the ids of its records. TRL
also takes rows without `prompt`, where both conversations begin alike; so does the import, for messages.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, TypeVar, cast

import msgspec
from msgspec.structs import replace

from primum.errors import InputError, RecordError
from primum.language import detect
from primum.records import ByImport, ByPerson, Preference, Record, Response, Scenario, Turn

__all__ = ["ImportedPreferences", "PreferenceRow", "claimed", "from_rows", "to_row"]

_R = TypeVar("_R", bound=Record)
_Said = str | list[dict[str, Any]]


class PreferenceRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pair of answers to a prompt, the better one first; keys that it does not know are passed over."""

    chosen: _Said
    rejected: _Said
    prompt: _Said | None = None
    margin: float | None = None
    rubric: str | None = None
    criterion: str | None = None
    preference: str | None = None
    scenario: str | None = None
    chosen_id: str | None = None
    rejected_id: str | None = None


class ImportedPreferences(NamedTuple):
    """The records of a file, each once, and what was left behind on the way, counted by what it was."""

    scenarios: list[Scenario]
    responses: list[Response]
    preferences: list[Preference]
    dropped: dict[str, int]


def to_row(
    preference: Preference, scenario: Scenario, chosen: Response, rejected: Response, *, is_plain: bool = False
) -> PreferenceRow:
    """The row of a preference, as messages, or with `is_plain` as texts. Raises `InputError` for texts of a longer conversation."""
    if is_plain and len(scenario.messages) > 1:
        raise InputError(
            f"scenario {scenario.id}",
            f"has {len(scenario.messages)} messages, which are no plain text",
            "export messages",
            preference.id,
        )
    said: list[_Said] = [
        one.text if is_plain else [{"role": "assistant", "content": one.text}] for one in (chosen, rejected)
    ]
    messages: _Said = [{"role": turn.role, "content": turn.content} for turn in scenario.messages]
    return PreferenceRow(
        prompt=scenario.prompt if is_plain else messages,
        chosen=said[0],
        rejected=said[1],
        margin=preference.margin,
        rubric=preference.rubric,
        criterion=preference.criterion,
        preference=preference.id,
        scenario=scenario.id,
        chosen_id=chosen.id,
        rejected_id=rejected.id,
    )


def claimed(rows: Iterable[tuple[str, PreferenceRow]]) -> list[str]:
    """The ids that rows say their parts had, and those they rest on: those to look up before `from_rows`."""
    found = (
        id
        for _, row in rows
        for id in (row.preference, row.scenario, row.chosen_id, row.rejected_id, row.rubric, row.criterion)
        if id is not None
    )
    return list(dict.fromkeys(found))


def from_rows(
    rows: Sequence[tuple[str, PreferenceRow]], dataset: str, by: ByPerson | None, known: Mapping[str, Record]
) -> ImportedPreferences:
    """The records of rows, each given with its place; a prompt or answer that comes twice is one record.

    `known` holds the records that are there already, by id: what says the same is that one, and links to what is not there are dropped
    and counted. Raises `InputError` with the place for a row that is no preference.
    """
    reader = _Reader(dataset, by, known)
    for place, row in rows:
        try:
            reader.read(place, row)
        except RecordError as error:
            raise InputError(error.value, error.rule, error.way_out, place) from error
    return ImportedPreferences(
        list(reader.scenarios.values()), list(reader.responses.values()), reader.preferences, reader.dropped
    )


class _Reader:
    def __init__(self, dataset: str, by: ByPerson | None, known: Mapping[str, Record]) -> None:
        self._dataset, self._by, self._known = dataset, by, known
        self._asked: dict[tuple[Turn, ...], Scenario] = {}
        self._answered: dict[tuple[str, str], Response] = {}
        self.scenarios: dict[str, Scenario] = {}
        self.responses: dict[str, Response] = {}
        self.preferences: list[Preference] = []
        self.dropped: dict[str, int] = {}

    def read(self, place: str, row: PreferenceRow) -> None:
        prompt, chosen, rejected = _conversation(row, place)
        if row.margin is not None and not 0 <= row.margin < math.inf:
            _refuse(f"margin {row.margin:g}", "is no number from 0 on", "turn the pair round, or leave it out", place)
        made = ByImport(dataset=self._dataset, row=place.rsplit("/", 1)[-1])
        scenario = self._scenario(prompt, row.scenario, made)
        better = self._response(scenario, chosen, row.chosen_id, made)
        worse = self._response(scenario, rejected, row.rejected_id, made)
        preference = Preference(
            scenario=scenario.id,
            chosen=better.id,
            rejected=worse.id,
            made=self._by or made,
            criterion=self._link(row.criterion, "criterion"),
            rubric=self._link(row.rubric, "rubric"),
            margin=row.margin,
        )
        before = self._held(Preference, row.preference)
        is_it = before is not None and replace(preference, made=before.made, because=before.because) == before
        self.preferences.append(before if before is not None and is_it else preference)

    def _scenario(self, turns: tuple[Turn, ...], id: str | None, made: ByImport) -> Scenario:
        before = self._held(Scenario, id)
        if before is None or before.messages != turns:
            before = self._asked.get(turns) or Scenario(
                messages=turns,
                task="open",
                dimension="imported",
                language=detect(" ".join(turn.content for turn in turns)),
                dataset=self._dataset,
                made=made,
            )
            self._asked[turns] = before
        self.scenarios[before.id] = before
        return before

    def _response(self, scenario: Scenario, text: str, id: str | None, made: ByImport) -> Response:
        key = scenario.id, text
        before = self._held(Response, id)
        if before is None or (before.scenario, before.text) != key:
            before = self._answered.get(key) or Response(scenario=scenario.id, text=text, made=made)
            self._answered[key] = before
        self.responses[before.id] = before
        return before

    def _held(self, kind: type[_R], id: str | None) -> _R | None:
        found = self._known.get(id or "")
        return found if isinstance(found, kind) else None

    def _link(self, id: str | None, what: str) -> str | None:
        if id is None or id in self._known:
            return id
        key = f"links to a {what} that is not in the workspace"
        self.dropped[key] = self.dropped.get(key, 0) + 1
        return None


def _conversation(row: PreferenceRow, place: str) -> tuple[tuple[Turn, ...], str, str]:
    """The prompt, and the last words of both answers."""
    chosen, rejected, prompt = row.chosen, row.rejected, row.prompt
    if prompt is None:
        if isinstance(chosen, str) or isinstance(rejected, str):
            _refuse("a row of texts", "has no prompt", "add the column prompt", place)
        same = 0
        while same < min(len(chosen), len(rejected)) - 1 and chosen[same] == rejected[same]:
            same += 1
        prompt, chosen, rejected = chosen[:same], chosen[same:], rejected[same:]
    turns = [Turn(role="user", content=prompt)] if isinstance(prompt, str) else [_turn(one, place) for one in prompt]
    ends = []
    for name, said in (("chosen", chosen), ("rejected", rejected)):
        if isinstance(said, str):
            ends.append(said)
            continue
        if len(said) != 1 or _turn(said[0], place).role != "assistant":
            _refuse(f"'{name}'", f"is not one message of the assistant but {len(said)}", "give the answer alone", place)
        ends.append(_turn(said[0], place).content)
    return tuple(turns), ends[0], ends[1]


def _turn(message: dict[str, Any], place: str) -> Turn:
    role, content = message.get("role"), message.get("content")
    if role not in ("system", "user", "assistant") or not isinstance(content, str):
        _refuse(f"message {str(message)[:60]!r}", "is not {role, content} of a known role", "mend the row", place)
    return Turn(role=cast(Any, role), content=content)


def _refuse(value: str, rule: str, way_out: str, place: str) -> NoReturn:
    raise InputError(value, rule, way_out, place)
