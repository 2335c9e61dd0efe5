"""Benching: whatever reads criteria, measured on pairs that it was not trained on, alone or beside others."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from primum.config import read_settings
from primum.cycles.judges import is_same
from primum.errors import InputError, PrimumError, SettingError, StoreError
from primum.ports import Progress, silent
from primum.records import plain
from primum.rewards.asked import CriteriaScorer, Item, Read
from primum.rewards.bench import BenchFacts, BenchSettings, Measured, Unread
from primum.rewards.pair_file import read_pairs
from primum.rewards.samples import PairSample

if TYPE_CHECKING:
    from primum.rewards.linear import LinearReward
    from primum.rewards.model.scoring import RewardModel

__all__ = [
    "BenchOrder",
    "Subject",
    "bench_reward",
    "bench_settings",
    "bench_subjects",
    "facts_of",
    "fitted_linear",
    "is_from_scratch",
    "pairs_told",
    "part_of",
    "read_all",
    "refuse_inputs",
    "refuse_learned",
    "subject_in",
    "subject_told",
    "write_found",
]

LINEAR = "linear"
_PLACE = "reward bench"


class BenchOrder(NamedTuple):
    """What to measure on which pairs. `against` are folders, or `linear`: the linear baseline, fitted to the pairs in `taught`."""

    model: Path
    pairs: Path
    against: tuple[str, ...] = ()
    taught: Path | None = None
    out: Path | None = None
    is_anyway: bool = False
    is_forced: bool = False


@runtime_checkable
class _Refusing(Protocol):
    """A scorer that says beforehand what it cannot read."""

    def refusal(self, item: Item) -> str | None: ...


class Subject(NamedTuple):
    """A scorer, what it was trained on as far as that is known, and what a reader must know of it. `groups` name what it learned from."""

    scorer: CriteriaScorer
    kind: str
    facts: BenchFacts
    groups: frozenset[str]
    is_from_scratch: bool = False
    is_simulated: bool = False
    notes: tuple[str, ...] = ()


def bench_settings(overrides: Sequence[str]) -> BenchSettings:
    """The settings of the bench with `key=value` on top. Raises `SettingError`."""
    try:
        return read_settings(Path(os.devnull), BenchSettings, overrides)
    except SettingError as error:
        raise SettingError(error.value, error.rule, error.way_out, "--set") from error


def bench_reward(
    order: BenchOrder, settings: BenchSettings | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """The table of a scorer on the pairs of a file, and of every other that is named, with paired differences of the first from each.

    Raises `InputError` for pairs of a group that one of them was trained on, unless the order says that this is meant.
    """
    _refuse_muddle(order)
    pairs = read_pairs(order.pairs)
    subjects = [subject_in(order.model), *(_other(name, order.taught) for name in order.against)]
    found = bench_subjects(subjects, pairs, order, settings, progress)
    if order.out is not None:
        write_found(order.out, found)
    return found


def bench_subjects(
    subjects: Sequence[Subject],
    pairs: Sequence[PairSample],
    order: BenchOrder,
    settings: BenchSettings | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """The same of scorers that are at hand: `subjects`, `tables` and from the second on `differences`, the first minus that one.

    All are told on the slices of the first: what is called unseen is what that one never saw. `beside` has for each other one the tables
    of both on the rows that both have read, between which the difference is.
    """
    notes = [
        note
        for one in subjects
        for note in (*refuse_learned(one, pairs, str(order.pairs), order.is_anyway), *one.notes)
    ]
    measured = []
    for place, one in enumerate(subjects):
        reads = read_all(one.scorer, pairs, part_of(progress, place, len(subjects)))
        measured.append(Measured(pairs, reads, subjects[0].facts, settings))
    first, *others = measured
    return {
        "subjects": [subject_told(one) for one in subjects],
        "pairs": pairs_told(pairs, order.pairs.name),
        "notes": list(dict.fromkeys(notes)),
        "settings": plain(first.settings),
        "tables": [plain(one.table()) for one in measured],
        "beside": [[plain(each.table()) for each in first.beside(one)] for one in others],
        "differences": [plain(first.against(one)) for one in others],
    }


def part_of(progress: Progress, place: int, parts: int) -> Progress:
    """The progress of one of so many parts that take about as long as each other."""

    def moved(done: int, total: int, /) -> None:
        progress(round(1000 * (place + min(done / max(total, 1), 1.0))), 1000 * parts)

    return moved


def facts_of(pairs: Sequence[PairSample]) -> BenchFacts:
    """What a scorer knows that was trained on these pairs."""
    return BenchFacts(
        frozenset(key for one in pairs for key in one.keys if key),
        frozenset(by for one in pairs for by in (one.first_by, one.second_by) if by),
        frozenset(one.language for one in pairs),
    )


def fitted_linear(pairs: Sequence[PairSample], progress: Progress = silent) -> Subject:
    """The linear baseline, fitted to these pairs."""
    from primum.rewards.linear import LinearReward

    return _subject(LinearReward.fit(pairs, progress=progress), "linear baseline")


def subject_in(folder: Path) -> Subject:
    """The reward model or the linear baseline in a folder. Raises `InputError` for no folder, `ModelError` where it holds neither."""
    if not folder.is_dir():
        raise InputError(f"'{folder}'", "is no folder", "name the folder of a reward model", _PLACE)
    if (folder / "linear.json").exists():
        from primum.rewards.linear import LinearReward

        return _subject(LinearReward.load(folder), "linear baseline")
    from primum.rewards.model import RewardModel

    model = RewardModel.load(folder)
    told = _subject(model, "reward model")
    return told._replace(
        groups=frozenset(model.card.trained_groups),
        is_from_scratch=model.card.is_from_scratch or is_from_scratch(folder),
    )


def _subject(scorer: RewardModel | LinearReward, kind: str) -> Subject:
    """As its card tells it."""
    card = scorer.card
    return Subject(
        scorer,
        kind,
        BenchFacts(frozenset(card.trained_keys), frozenset(card.trained_policies), frozenset(card.trained_languages)),
        frozenset(card.trained_on),
        is_simulated=card.is_simulated,
    )


def read_all(
    scorer: CriteriaScorer, pairs: Sequence[PairSample], progress: Progress = silent
) -> dict[str, Read | Unread]:
    """What a scorer reads of both answers of each pair, by `Item.id`; what it says that it cannot read is `Unread`."""
    found: dict[str, Read | Unread] = {}
    readable: list[Item] = []
    for item in (item for pair in pairs for item in pair.items):
        why = scorer.refusal(item) if isinstance(scorer, _Refusing) else None
        if why is None:
            readable.append(item)
        else:
            found[item.id] = Unread(why)
    reads = scorer.score(readable, progress)
    return found | {item.id: read for item, read in zip(readable, reads, strict=True)}


def refuse_learned(subject: Subject, pairs: Sequence[PairSample], place: str, is_anyway: bool) -> tuple[str, ...]:
    """Raise `InputError`, naming one, where a pair is of a group that the scorer learned from; a note where that is meant."""
    # Not by the records: two rubrics may share a criterion, which is one of the field's and not one of the case's.
    known = [one for one in pairs if subject.groups.intersection((one.group, one.id))]
    if not known:
        return ()
    told = f"{len(known):,} of {len(pairs):,} pairs"
    if not is_anyway:
        raise InputError(
            f"pair '{known[0].id}' of group '{known[0].group}', one of {told},",
            f"was learned from by the {subject.kind} '{subject.scorer.name}'",
            "measure on other groups, or add --anyway to see how well it remembers",
            place,
        )
    return (
        f"The {subject.kind} '{subject.scorer.name}' learned from the groups of {told}: "
        "this table says how well it remembers, not how right it is on what is new.",
    )


def subject_told(subject: Subject) -> dict[str, Any]:
    """A scorer as the report names it."""
    return {
        "name": subject.scorer.name,
        "kind": subject.kind,
        "fingerprint": str(getattr(subject.scorer, "fingerprint", "")),
        "is_from_scratch": subject.is_from_scratch,
        "is_simulated": subject.is_simulated,
        "trained_groups": len(subject.groups),
        "trained_keys": len(subject.facts.trained_keys),
        "trained_policies": sorted(subject.facts.trained_policies),
        "trained_languages": sorted(subject.facts.trained_languages),
    }


def pairs_told(pairs: Sequence[PairSample], name: str) -> dict[str, Any]:
    """What is measured on, as the report names it."""
    return {
        "name": name,
        "pairs": len(pairs),
        "groups": len({one.group for one in pairs}),
        "criteria": sum(len(one.criteria) for one in pairs),
        "languages": dict(sorted(Counter(one.language for one in pairs).items())),
        "simulated": sum(one.is_simulated for one in pairs),
    }


def write_found(out: Path, found: dict[str, Any]) -> None:
    """Write the findings whole or not at all, over what is there. Raises `StoreError` where the disk refuses."""
    half = out.with_name(f".{out.name}.half")
    try:
        half.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        half.replace(out)
    except OSError as error:
        if isinstance(error, PrimumError):
            raise
        raise StoreError(
            f"file '{out}'", f"cannot be written ({error.strerror})", "free space or name another", str(out)
        ) from error
    finally:
        half.unlink(missing_ok=True)


def refuse_inputs(out: Path, files: Sequence[Path], folders: Sequence[Path], place: str) -> None:
    """Raise `SettingError` where `out` is one of the files to read, or lies in one of the folders or is one: whatever is forced."""
    if any(is_same(out, one) for one in files):
        raise SettingError(f"--out '{out}'", "is one of the files to read", "name another", place)
    inside = next((one for one in folders if out.resolve().is_relative_to(one.resolve()) or is_same(out, one)), None)
    if inside is not None:
        raise SettingError(
            f"--out '{out}'", f"is or lies in '{inside}', which is read", "name a place outside it", place
        )


def _refuse_muddle(order: BenchOrder) -> None:
    others = [Path(name) for name in order.against if name != LINEAR]
    if order.out is not None:
        files = [order.pairs, *([order.taught] if order.taught else [])]
        refuse_inputs(order.out, files, [order.model, *others], _PLACE)
    if LINEAR in order.against and order.taught is None:
        raise SettingError(
            "--against linear", "has nothing to be fitted to", "name the training pairs with --train", _PLACE
        )
    if order.taught is not None and LINEAR not in order.against:
        raise SettingError("--train", "goes with --against linear", "leave it out", _PLACE)
    if order.out is not None and order.out.exists() and not order.is_forced:
        raise SettingError(f"file '{order.out}'", "is there already", "name another --out, or add --force", _PLACE)


def _other(name: str, taught: Path | None) -> Subject:
    """What is measured against: the linear baseline, fitted now, or what is in a folder."""
    if name != LINEAR:
        return subject_in(Path(name))
    assert taught is not None
    return fitted_linear(read_pairs(taught))


def is_from_scratch(folder: Path) -> bool:
    """Whether the backbone was built from config by `models.tiny`: the chat template that it writes goes with it from folder to folder."""
    from primum.models.tiny import CHAT_TEMPLATE

    try:
        told = (folder / "chat_template.jinja").read_text(encoding="utf-8")
    except OSError:
        return False
    return told.strip() == CHAT_TEMPLATE.strip()
