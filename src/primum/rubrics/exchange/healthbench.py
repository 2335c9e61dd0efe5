"""Rubrics as rows of HealthBench (arXiv 2505.08775): `prompt_id`, `prompt`, `rubrics [{criterion, points, tags}]`, `example_tags`.

The published set has tags `axis:`, `level:` and, on the row, `theme:`. Ours add what a row has no column for, so that export and import
give the same criteria; other readers pass them over.

| on a criterion | | on the row | |
|---|---|---|---|
| `kind:safety` | the kind; proficiency where there is none | `language:zh`, `harm:2`, `split:dev` | of the scenario |
| `language:zh` | where the words alone would say another | `set:huatuo` | the set it came from |
| `norm:…`, `principle:…` | what it rests on | `scenario:…`, `rubric:…` | the ids in the workspace it left |
| `check:{…}` | its machine check, as JSON | `state:verified`, `by:clinician K2` | told to readers; an import does not take it over |
| `id:…` | its id in the workspace it left | | |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar, cast, get_args

import msgspec
from msgspec.structs import replace

from primum.errors import InputError, RecordError
from primum.language import detect
from primum.records import (
    ByImport,
    ByPerson,
    Criterion,
    CriterionKind,
    Language,
    MachineCheck,
    Record,
    Rubric,
    Scenario,
    Split,
    Turn,
)

__all__ = ["HealthBenchRow", "Imported", "Item", "Message", "claimed", "from_rows", "to_row"]

_KINDS: Final = get_args(CriterionKind)
_LEVEL: Final = "level:example"
_R = TypeVar("_R", bound=Record)


class Message(msgspec.Struct, frozen=True):
    """A turn of the conversation."""

    role: str
    content: str


class Item(msgspec.Struct, frozen=True):
    """A criterion with its signed points."""

    criterion: str
    points: float
    tags: list[str] = []


class HealthBenchRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conversation and its criteria; of `ideal_completions_data` the ideal completion alone is read. Other keys are passed over."""

    prompt_id: str
    prompt: list[Message]
    rubrics: list[Item]
    example_tags: list[str] = []
    ideal_completions_data: dict[str, Any] | None = None


class Imported(NamedTuple):
    """The records of a file, and what was left behind on the way, counted by what it was."""

    scenarios: list[Scenario]
    criteria: list[Criterion]
    rubrics: list[Rubric]
    dropped: dict[str, int]


def to_row(scenario: Scenario, rubric: Rubric, criteria: Sequence[Criterion]) -> HealthBenchRow:
    """The row of a rubric. `prompt_id` is the row the scenario was imported from, else the scenario's id."""
    tags = [f"theme:{scenario.dimension}", f"language:{scenario.language}"]
    tags += [f"harm:{scenario.harm_level}"] if scenario.harm_level else []
    tags += [f"split:{scenario.split}"] if scenario.split else []
    tags += [f"set:{scenario.dataset}", f"scenario:{scenario.id}", f"rubric:{rubric.id}", f"state:{rubric.state}"]
    if isinstance(rubric.made, ByPerson):
        tags.append(f"by:{rubric.made.role} {rubric.made.person}")
    return HealthBenchRow(
        prompt_id=scenario.made.row if isinstance(scenario.made, ByImport) else scenario.id,
        prompt=[Message(turn.role, turn.content) for turn in scenario.messages],
        rubrics=[Item(one.statement, one.points, _tags(one)) for one in criteria],
        example_tags=tags,
        ideal_completions_data={"ideal_completion": scenario.reference} if scenario.reference else None,
    )


def _tags(one: Criterion) -> list[str]:
    tags = [f"axis:{one.axis}", _LEVEL, f"kind:{one.kind_of}"]
    tags += [f"language:{one.language}"] if one.language != detect(one.statement) else []
    tags += [f"norm:{norm}" for norm in dict.fromkeys(one.norms)]
    tags += [f"principle:{one.principle}"] if one.principle is not None else []
    tags += [f"check:{msgspec.json.encode(one.check_by).decode()}"] if one.check_by is not None else []
    return [*tags, f"id:{one.id}"]


def claimed(rows: Iterable[tuple[str, HealthBenchRow]]) -> list[str]:
    """The ids that rows say their parts had, and those they rest on: those to look up before `from_rows`."""
    found: dict[str, None] = {}
    for _, row in rows:
        names = [_one(row.example_tags, "scenario:"), _one(row.example_tags, "rubric:")]
        for item in row.rubrics:
            names += [_one(item.tags, "id:"), _one(item.tags, "principle:"), *_all(item.tags, "norm:")]
        found |= dict.fromkeys(name for name in names if name)
    return list(found)


def from_rows(
    rows: Sequence[tuple[str, HealthBenchRow]], dataset: str, by: ByPerson | None, known: Mapping[str, Record]
) -> Imported:
    """The records of rows, each given with its place. Rubrics come in as drafted, by the import or by the person who wrote them.

    `known` holds the records that are there already, by id: a scenario or criterion that says the same is that one, and links to what
    is not there are dropped and counted. Raises `InputError` with the place for a row that is no rubric, or a prompt id that came before.
    """
    reader = _Reader(dataset, by, known)
    for place, row in rows:
        reader.read(place, row)
    return reader.found


class _Reader:
    def __init__(self, dataset: str, by: ByPerson | None, known: Mapping[str, Record]) -> None:
        self._dataset, self._by, self._known = dataset, by, known
        self._seen: dict[str, str] = {}
        self.found = Imported([], [], [], {})

    def read(self, place: str, row: HealthBenchRow) -> None:
        if not row.prompt_id.strip():
            raise InputError("a row", "has an empty prompt_id", "give every row its own", place)
        if row.prompt_id in self._seen:
            earlier = self._seen[row.prompt_id]
            raise InputError(f"prompt_id {row.prompt_id!r}", f"was there before ({earlier})", "keep one row", place)
        self._seen[row.prompt_id] = place
        try:
            scenario = self._scenario(row)
            criteria = [self._criterion(row, number, place) for number in range(len(row.rubrics))]
            made = self._by or self._made(row.prompt_id)
            rubric = Rubric(scenario=scenario.id, criteria=tuple(one.id for one in criteria), made=made)
        except RecordError as error:
            raise InputError(f"prompt {row.prompt_id!r}: {error.value}", error.rule, error.way_out, place) from error
        before = self._held(Rubric, _one(row.example_tags, "rubric:"))
        if before is not None and (before.scenario, before.criteria) == (rubric.scenario, rubric.criteria):
            rubric = before
        self.found.scenarios.append(scenario)
        self.found.criteria.extend(criteria)
        self.found.rubrics.append(rubric)

    def _scenario(self, row: HealthBenchRow) -> Scenario:
        turns = tuple(Turn(role=cast(Any, one.role), content=one.content) for one in row.prompt)
        before = self._held(Scenario, _one(row.example_tags, "scenario:"))
        if before is not None and before.messages == turns:
            return before
        tags = row.example_tags
        language = _one(tags, "language:") or detect(" ".join(turn.content for turn in turns))
        harm = _one(tags, "harm:") or "0"
        split = _one(tags, "split:")
        ideal = (row.ideal_completions_data or {}).get("ideal_completion")
        return Scenario(
            messages=turns,
            task="open",
            dimension=_one(tags, "theme:") or self._dataset,
            language=cast(Language, language),
            dataset=_one(tags, "set:") or self._dataset,
            made=self._made(row.prompt_id),
            harm_level=cast(Any, int(harm) if harm.isdecimal() else harm),
            reference=ideal if isinstance(ideal, str) and ideal else None,
            split=cast(Split | None, split or None),
        )

    def _criterion(self, row: HealthBenchRow, number: int, place: str) -> Criterion:
        item = row.rubrics[number]
        name = f"criterion {number + 1} of prompt {row.prompt_id!r}"
        if not -10 <= item.points <= 10 or item.points != int(item.points):
            rule = "has no whole points from −10 to 10"
            raise InputError(f"{name} with {item.points:g} points", rule, "give −10 … 10, not 0", place)
        kind = _one(item.tags, "kind:") or "proficiency"
        if kind not in _KINDS:
            raise InputError(f"{name} of kind {kind!r}", "is of no known kind", f"take {', '.join(_KINDS)}", place)
        made = Criterion(
            statement=item.criterion,
            points=int(item.points),
            axis=_one(item.tags, "axis:") or "unspecified",
            kind_of=cast(CriterionKind, kind),
            language=cast(Language, _one(item.tags, "language:") or detect(item.criterion)),
            made=self._made(f"{row.prompt_id}#{number + 1}"),
            norms=tuple(norm for norm in _all(item.tags, "norm:") if self._is_there(norm, "norm")),
            check_by=_check(item.tags, name, place),
            principle=next((one for one in _all(item.tags, "principle:") if self._is_there(one, "principle")), None),
        )
        before = self._held(Criterion, _one(item.tags, "id:"))
        return before if before is not None and replace(made, made=before.made) == before else made

    def _made(self, row: str) -> ByImport:
        return ByImport(dataset=self._dataset, row=row)

    def _held(self, kind: type[_R], id: str) -> _R | None:
        found = self._known.get(id)
        return found if isinstance(found, kind) else None

    def _is_there(self, id: str, what: str) -> bool:
        if id in self._known:
            return True
        key = f"links to a {what} that is not in the workspace"
        self.found.dropped[key] = self.found.dropped.get(key, 0) + 1
        return False


def _check(tags: Sequence[str], name: str, place: str) -> MachineCheck | None:
    told = _one(tags, "check:")
    if not told:
        return None
    try:
        found: MachineCheck = msgspec.json.decode(told, type=cast(Any, MachineCheck))
        return found
    except msgspec.DecodeError as error:
        raise InputError(f"the check of {name}", f"is none ({error})", "mend or remove its tag", place) from error


def _one(tags: Iterable[str], prefix: str) -> str:
    return next((tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)), "")


def _all(tags: Iterable[str], prefix: str) -> list[str]:
    return [tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)]
