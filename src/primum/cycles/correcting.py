"""People's corrections of a judge's verdicts, kept as exemplars that it is shown from then on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from primum.cycles.cases import case_of, check_rows
from primum.cycles.exemplar_file import append_exemplars
from primum.cycles.judges import is_same
from primum.errors import InputError, SettingError
from primum.evaluation.suites.files import (
    AnswerRow,
    HealthRow,
    LabelRow,
    VerdictRow,
    answer_digest,
    read_answer_rows,
    read_health_rows,
    read_verdict_rows,
)
from primum.evaluation.suites.labelled import read_labels
from primum.evaluation.suites.lines import Placed, check_unique, read_structs
from primum.judging.exemplars import Exemplar, current, newly_learned
from primum.rewards.disjoint import ids_of

__all__ = ["Corrected", "CorrectionOrder", "correct_verdicts"]

_SPLIT_TAG = "split:"


class CorrectionOrder(NamedTuple):
    """Verdicts, the labels of people on them, the set and the answers they are on, and the file of exemplars that grows.

    `role` is that of the people who labelled. `reasons` holds why, JSONL: `prompt_id`, `criterion` (its number from 1), `why`.
    """

    verdicts: Path
    labels: Path
    data: Path
    answers: Path
    exemplars: Path
    role: str = ""
    reasons: Path | None = None
    is_partial: bool = False


class Corrected(NamedTuple):
    """What came of it. `decided` criteria have a label; people were `divided` on some of them, and the judge was right on `agreed`.

    `learned` are the new lines, of which `superseding` replace an earlier one; `holding` exemplars hold now.
    """

    decided: int
    divided: int
    agreed: int
    learned: tuple[Exemplar, ...]
    holding: int
    notes: tuple[str, ...]

    @property
    def superseding(self) -> int:
        return sum(bool(one.supersedes) for one in self.learned)


class _Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prompt_id: str
    criterion: int
    why: str


class _Told(msgspec.Struct, frozen=True):
    """What a row of a set may say of its use, in a key or a tag."""

    prompt_id: str
    split: str | None = None
    example_tags: list[str] = []


class _Opinion(NamedTuple):
    """What people said of one criterion: `met` by `people`; `None` where they are divided."""

    met: bool | None
    people: tuple[str, ...]


def correct_verdicts(order: CorrectionOrder) -> Corrected:
    """Append to `order.exemplars` what people corrected and was not there: each once, all or nothing.

    A correction is a label that differs from the verdict, an abstention included; a criterion on which people are divided teaches nothing.
    A label that differs from an exemplar replaces it, whatever the judge says now.

    Raises `InputError` for files that do not fit, and for labels on rows that the set says will measure (a `split`, or a tag `split:…`,
    that is not `train`): a judge must not learn from them. Raises `SettingError` for files that would be written over.
    """
    read = [one for one in (order.verdicts, order.labels, order.data, order.answers, order.reasons) if one is not None]
    if any(is_same(order.exemplars, one) for one in read):
        raise SettingError(
            f"--exemplars '{order.exemplars}'", "is one of the files to read", "name another", "judge correct"
        )
    rows = read_health_rows(order.data)
    check_rows(rows, str(order.data))
    verdicts = {one.prompt_id: one for one in read_verdict_rows(order.verdicts, rows, partial=order.is_partial)}
    answers = {one.prompt_id: one for one in read_answer_rows(order.answers, rows, partial=True)}
    opinions = _opinions(read_labels(order.labels, rows))
    whys = _whys(order.reasons, rows) if order.reasons is not None else {}
    labelled = sorted({name for name, _ in opinions})
    is_told = _refuse_measuring(order.data, labelled)
    notes = [] if is_told else [f"no row of {order.data.name} says its split: keep the set away from what measures"]
    found = [
        _exemplar(order, row, verdicts[row.prompt_id], _answer(row, answers, verdicts, order), number, opinion, whys)
        for row in rows
        if row.prompt_id in verdicts
        for number in range(1, len(row.rubrics) + 1)
        if (opinion := opinions.get((row.prompt_id, number))) is not None and opinion.met is not None
    ]
    left_out = sum(name not in verdicts for name in labelled)
    notes += [f"{left_out} labelled answers have no verdicts and are left out"] if left_out else []
    return _append(order, found, [one for name, one in opinions.items() if name[0] in verdicts], notes)


def _append(
    order: CorrectionOrder, found: Sequence[Exemplar], opinions: Sequence[_Opinion], notes: Sequence[str]
) -> Corrected:
    learned: list[Exemplar] = []
    holding = 0

    def learn(known: Sequence[Exemplar]) -> list[Exemplar]:
        nonlocal holding
        cases = {one.case: one for one in current(known)}
        # Where the judge was right there is nothing to learn, unless what it was taught is now said to be wrong.
        wrong = [one for one in found if one.met != one.said or one.case in cases]
        learned.extend(newly_learned(known, wrong))
        holding = len(cases.keys() | {one.case for one in learned})
        return learned

    append_exemplars(order.exemplars, learn)
    return Corrected(
        decided=len(opinions),
        divided=sum(one.met is None for one in opinions),
        agreed=sum(one.met == one.said for one in found),
        learned=tuple(learned),
        holding=holding,
        notes=tuple(notes),
    )


def _exemplar(
    order: CorrectionOrder,
    row: HealthRow,
    verdict: VerdictRow,
    answer: AnswerRow,
    number: int,
    opinion: _Opinion,
    whys: dict[tuple[str, int], str],
) -> Exemplar:
    case = case_of(row, answer, order.data.stem)
    assert opinion.met is not None
    return Exemplar(
        prompt=case.scenario.messages,
        answer=answer.response,
        criterion=row.rubrics[number - 1].criterion,
        met=opinion.met,
        said=verdict.met[number - 1],
        people=opinion.people,
        # As it is called before it is put into a split: whatever measures on it goes by that name too.
        source=f"{order.data.stem}:{ids_of(case.scenario)[1]}",
        judge=verdict.judge,
        role=order.role.strip(),
        why=whys.get((row.prompt_id, number), ""),
    )


def _answer(
    row: HealthRow, answers: dict[str, AnswerRow], verdicts: dict[str, VerdictRow], order: CorrectionOrder
) -> AnswerRow:
    answer, verdict = answers.get(row.prompt_id), verdicts[row.prompt_id]
    if answer is None:
        raise InputError(
            f"prompt {row.prompt_id!r}", "is labelled and has no answer", "give the answers judged", str(order.answers)
        )
    if verdict.answer and verdict.answer != answer_digest(answer.response):
        raise InputError(
            f"the answer to {row.prompt_id!r}",
            "is not the one that the verdicts are on",
            "give the answers that were judged",
            str(order.answers),
        )
    return answer


def _opinions(labels: Sequence[LabelRow]) -> dict[tuple[str, int], _Opinion]:
    said: dict[tuple[str, int], list[tuple[bool, str]]] = {}
    for label in labels:
        for number, met in enumerate(label.met, 1):
            if met is not None:
                said.setdefault((label.prompt_id, number), []).append((met, label.rater.strip()))
    return {
        key: _Opinion(
            found[0][0] if len({met for met, _ in found}) == 1 else None, tuple(sorted({person for _, person in found}))
        )
        for key, found in said.items()
    }


def _refuse_measuring(data: Path, labelled: Sequence[str]) -> bool:
    """Whether every labelled row tells that it is one to learn from; `InputError` for one that tells that it is not."""
    placed = {one.row.prompt_id: one for one in read_structs(data, _Told, "a row of the set")}
    splits = {name: _split(placed[name]) for name in labelled}
    for name, split in splits.items():
        if split not in (None, "train"):
            raise InputError(
                f"prompt {name!r} of the split {split!r}",
                "would be learned from by a judge that it is to measure",
                "correct verdicts on a set that trains, and take the label out",
                placed[name].place,
            )
    return None not in splits.values()


def _split(one: Placed[_Told]) -> str | None:
    tags = [tag.removeprefix(_SPLIT_TAG) for tag in one.row.example_tags if tag.startswith(_SPLIT_TAG)]
    told = {split.strip().lower() for split in (one.row.split, *tags) if split is not None}
    return next((split for split in sorted(told) if split != "train"), "train" if told else None)


def _whys(path: Path, rows: Sequence[HealthRow]) -> dict[tuple[str, int], str]:
    placed = read_structs(path, _Why, "a row of reasons")
    check_unique(placed, [f"{one.row.prompt_id} #{one.row.criterion}" for one in placed], "the reason")
    known = {row.prompt_id: len(row.rubrics) for row in rows}
    for place, row in placed:
        if not 1 <= row.criterion <= known.get(row.prompt_id, 0):
            raise InputError(
                f"criterion {row.criterion} of {row.prompt_id!r}",
                "is not in the set",
                "mend its number or its prompt",
                place,
            )
    return {(one.row.prompt_id, one.row.criterion): one.row.why.strip() for one in placed}
