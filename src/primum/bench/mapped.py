"""Any CSV or JSONL file as scenarios, by a mapping that a recipe states: which column says what, and what its labels mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

from primum.bench.imported import Imported, empty
from primum.bench.rows import Row, one_of, read_rows, refused, text_of
from primum.errors import InputError, RecordError
from primum.language import detect
from primum.records import (
    ByImport,
    Choice,
    Judgement,
    JudgeRef,
    Language,
    Response,
    Scenario,
    Settings,
    Split,
    Style,
    Turn,
    content_hash,
)

__all__ = ["MappedSet", "MappingSettings", "load_mapped"]

Harm = Literal[0, 1, 2, 3]


class MappingSettings(Settings, frozen=True):
    """Which column of a file says what. Names without `_column` are constants that hold for every row.

    `language` `None` means: read from the text. A `…_labels` table turns the words of a column into ours; without one, the column
    must hold our words. `option_columns` make a choice question, the first being A; `key_column` holds the right letters (`AC`).
    `answer_column` imports answers; `stance_column` what `labelled_by` said of them; `model_column` who wrote them.
    """

    dataset: str
    prompt: str
    licence: str = ""
    reference: str | None = None
    row_column: str | None = None
    language: Language | None = None
    dimension: str = ""
    dimension_column: str | None = None
    harm_level: Harm = 0
    harm_level_column: str | None = None
    harm_level_labels: dict[str, Harm] = {}  # noqa: RUF012  (msgspec copies it)
    style: Style = "direct"
    style_column: str | None = None
    style_labels: dict[str, Style] = {}  # noqa: RUF012
    split: Split | None = None
    split_column: str | None = None
    split_labels: dict[str, Split] = {}  # noqa: RUF012
    is_borderline: bool = False
    option_columns: tuple[str, ...] = ()
    key_column: str | None = None
    several_right: bool = False
    answer_column: str | None = None
    model_column: str | None = None
    stance_column: str | None = None
    stance_labels: dict[str, Literal["accept", "caution", "refuse"]] = {}  # noqa: RUF012
    labelled_by: Literal["person", "chat_model", "rule"] = "person"

    def check(self) -> None:
        if not self.dimension and self.dimension_column is None:
            self.refuse("a mapping", "names no dimension", "give dimension or dimension_column")
        if bool(self.option_columns) != (self.key_column is not None) or len(self.option_columns) == 1:
            self.refuse(
                "a mapping",
                "needs options and their key together",
                "give two option_columns and key_column, or neither",
            )
        if self.answer_column is None and (self.stance_column or self.model_column):
            self.refuse("a mapping", "labels answers it does not name", "give answer_column")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the mapping names, once."""
        named = (
            self.prompt,
            self.reference,
            self.row_column,
            self.dimension_column,
            self.harm_level_column,
            self.style_column,
            self.split_column,
            *self.option_columns,
            self.key_column,
            self.answer_column,
            self.model_column,
            self.stance_column,
        )
        return tuple(dict.fromkeys(name for name in named if name is not None))


class MappedSet(Settings, frozen=True):
    """A file below the data folder, and how to read it."""

    path: str
    mapping: MappingSettings


def load_mapped(path: Path, mapping: MappingSettings) -> Imported:
    """The scenarios, and the labelled answers if there are any, of the file at `path`.

    Raises `InputError` naming file and line for a broken file, a missing column, or a label outside its set; nothing is returned then.
    """
    imported = empty()
    scenarios: dict[str, Scenario] = {}
    names: set[str] = set()
    judge = _judge(mapping)
    for number, row in enumerate(read_rows(path, mapping.columns), 1):
        name = str(row.values[mapping.row_column]) if mapping.row_column else f"{path.name}:{number}"
        made = ByImport(dataset=mapping.dataset, row=name, licence=mapping.licence)
        try:
            scenario = _scenario(row, mapping, made)
        except RecordError as error:
            refused(error, row.place)
        if name in names and mapping.row_column:
            raise InputError(
                f"{mapping.row_column} = {name!r}", "stands there twice", "keep one of the rows", row.place
            )
        names.add(name)
        # Several answers to one prompt stand in rows of their own: the situation is the first row's.
        plain = "\x1f".join([scenario.prompt, *(option.text for option in scenario.options)])
        scenario = scenarios.setdefault(plain if mapping.answer_column else name, scenario)
        if mapping.answer_column:
            _answer(row, mapping, made, scenario, judge, imported)
    imported.scenarios.extend(scenarios.values())
    return imported


def _scenario(row: Row, mapping: MappingSettings, made: ByImport) -> Scenario:
    text = text_of(row, mapping.prompt)
    options = tuple(
        Choice(letter=chr(ord("A") + place), text=text_of(row, column))
        for place, column in enumerate(mapping.option_columns)
    )
    dimension = text_of(row, mapping.dimension_column) if mapping.dimension_column else mapping.dimension
    harm = _label(
        row, mapping.harm_level_column, mapping.harm_level_labels, {str(n): n for n in range(4)}, mapping.harm_level
    )
    styles = {name: name for name in ("direct", "indirect", "obfuscate", "role_play")}
    splits = {name: name for name in ("train", "dev", "test")}
    reference = text_of(row, mapping.reference, may_be_empty=True) if mapping.reference else ""
    return Scenario(
        messages=(Turn(role="user", content=text),),
        task=("multiple_choice" if mapping.several_right else "single_choice") if options else "open",
        dimension=dimension,
        language=mapping.language or detect(text),
        dataset=mapping.dataset,
        made=made,
        harm_level=cast(Harm, harm),
        style=cast(Style, _label(row, mapping.style_column, mapping.style_labels, styles, mapping.style)),
        is_borderline=mapping.is_borderline,
        reference=reference or None,
        options=options,
        key=tuple(sorted({c for c in text_of(row, mapping.key_column).upper() if c.isalpha()}))
        if mapping.key_column
        else (),
        split=cast(Split | None, _label(row, mapping.split_column, mapping.split_labels, splits, mapping.split)),
    )


def _label(
    row: Row, column: str | None, labels: Mapping[str, object], own: Mapping[str, object], constant: object
) -> object:
    return constant if column is None else one_of(row, column, labels or own)


def _judge(mapping: MappingSettings) -> JudgeRef | None:
    """The one who labelled the answers; its name ends like that of an adjudicated label, for it is the only one."""
    if mapping.stance_column is None:
        return None
    return JudgeRef(
        name=f"{mapping.dataset}:final_label",
        kind_of=mapping.labelled_by,
        fingerprint=content_hash([mapping.dataset, mapping.stance_column]),
        made=ByImport(dataset=mapping.dataset, row=mapping.stance_column, licence=mapping.licence),
    )


def _answer(
    row: Row, mapping: MappingSettings, made: ByImport, scenario: Scenario, judge: JudgeRef | None, imported: Imported
) -> None:
    assert mapping.answer_column is not None
    response = Response(scenario=scenario.id, text=text_of(row, mapping.answer_column, may_be_empty=True), made=made)
    imported.responses.append(response)
    imported.groups[response.id] = text_of(row, mapping.model_column) if mapping.model_column else mapping.dataset
    if judge is not None and mapping.stance_column is not None:
        stances = {name: name for name in ("accept", "caution", "refuse")}
        stance = cast(
            Literal["accept", "caution", "refuse"], one_of(row, mapping.stance_column, mapping.stance_labels or stances)
        )
        imported.judgements.append(Judgement(response=response.id, judge=judge.id, stance=stance))
        if judge not in imported.judges:
            imported.judges.append(judge)
