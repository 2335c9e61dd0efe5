"""Benching: a reward model measured on pairs that it was not trained on, beside another one or the linear baseline."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from primum.config import read_settings
from primum.errors import InputError, PrimumError, SettingError, StoreError
from primum.ports import Progress, silent
from primum.records import plain
from primum.rewards.asked import CriteriaScorer, Item, Read
from primum.rewards.bench import BenchFacts, BenchSettings, Measured
from primum.rewards.pair_file import read_pairs
from primum.rewards.samples import PairSample

__all__ = [
    "BenchOrder",
    "Subject",
    "bench_reward",
    "bench_settings",
    "facts_of",
    "model_subject",
    "pairs_told",
    "read_all",
    "refuse_learned",
    "subject_told",
    "trained_linear",
    "write_found",
]

LINEAR = "linear"
_PLACE = "reward bench"


class BenchOrder(NamedTuple):
    """What to measure on which pairs. `against` is a folder, or `linear`: the linear baseline, fitted to the pairs in `taught`."""

    model: Path
    pairs: Path
    against: str | None = None
    taught: Path | None = None
    out: Path | None = None
    is_anyway: bool = False
    is_forced: bool = False


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
    """The table of a reward model on the pairs of a file, with its paired differences from another scorer where one is named.

    Raises `InputError` for pairs of a group that either was trained on, unless the order says that this is meant.
    """
    if order.against == LINEAR and order.taught is None:
        raise SettingError(
            "--against linear", "has nothing to be fitted to", "name the training pairs with --train", _PLACE
        )
    if order.taught is not None and order.against != LINEAR:
        raise SettingError("--train", "goes with --against linear", "leave it out", _PLACE)
    if order.out is not None and order.out.exists() and not order.is_forced:
        raise SettingError(f"file '{order.out}'", "is there already", "name another --out, or add --force", _PLACE)
    pairs = read_pairs(order.pairs)
    subjects = [model_subject(order.model)]
    if order.against is not None:
        subjects.append(_other(order))
    notes = [
        note for one in subjects for note in (*refuse_learned(one, pairs, str(order.pairs), order.is_anyway), *one.notes)
    ]
    total = 2 * len(pairs) * len(subjects)
    measured = [
        Measured(
            pairs,
            read_all(one.scorer, pairs, lambda done, _, at=at: progress(at * 2 * len(pairs) + done, total)),  # type: ignore[misc]
            one.facts,
            settings,
        )
        for at, one in enumerate(subjects)
    ]
    found: dict[str, Any] = {
        "model": subject_told(subjects[0]),
        "against": subject_told(subjects[1]) if len(subjects) > 1 else None,
        "pairs": pairs_told(pairs, order.pairs.name),
        "notes": list(dict.fromkeys(notes)),
        "settings": plain(measured[0].settings),
        "table": plain(measured[0].table()),
        "against_table": plain(measured[1].table()) if len(measured) > 1 else None,
        "difference": plain(measured[0].against(measured[1])) if len(measured) > 1 else None,
    }
    if order.out is not None:
        write_found(order.out, found)
    return found


def facts_of(pairs: Sequence[PairSample]) -> BenchFacts:
    """What a scorer knows that was trained on these pairs."""
    return BenchFacts(
        frozenset(key for one in pairs for key in one.keys if key),
        frozenset(by for one in pairs for by in (one.first_by, one.second_by) if by),
        frozenset(one.language for one in pairs),
    )


def trained_linear(pairs: Sequence[PairSample], progress: Progress = silent) -> Subject:
    """The linear baseline, fitted to these pairs."""
    from primum.rewards.linear import LinearReward

    return Subject(
        LinearReward.fit(pairs, progress=progress),
        "linear baseline",
        facts_of(pairs),
        frozenset(one.group for one in pairs),
        is_simulated=any(one.is_simulated for one in pairs),
    )


def model_subject(folder: Path) -> Subject:
    """The reward model in a folder. Raises `ModelError` where it holds none."""
    from primum.rewards.model import RewardModel

    model = RewardModel.load(folder)
    card = model.card
    return Subject(
        model,
        "reward model",
        BenchFacts(
            frozenset(card.trained_keys),
            frozenset(getattr(card, "trained_policies", ())),
            frozenset(getattr(card, "trained_languages", ())),
        ),
        frozenset(card.trained_on),
        card.is_from_scratch or _is_from_scratch(folder),
        card.is_simulated,
    )


def read_all(scorer: CriteriaScorer, pairs: Sequence[PairSample], progress: Progress = silent) -> dict[str, Read]:
    """What a scorer reads of both answers of each pair, by `Item.id`."""
    items: list[Item] = [item for pair in pairs for item in pair.items]
    return {item.id: read for item, read in zip(items, scorer.score(items, progress), strict=True)}


def refuse_learned(subject: Subject, pairs: Sequence[PairSample], place: str, is_anyway: bool) -> tuple[str, ...]:
    """Raise `InputError`, naming one, where a pair is of a group that the scorer learned from; a note where that is meant."""
    known = [one for one in pairs if subject.groups.intersection((one.group, one.id, *one.records))]
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


def _other(order: BenchOrder, progress: Progress = silent) -> Subject:
    """What the order names to measure against: the linear baseline, fitted now or kept in a folder, or another reward model."""
    if order.against == LINEAR:
        assert order.taught is not None
        return trained_linear(read_pairs(order.taught), progress)
    folder = Path(str(order.against))
    if not folder.is_dir():
        raise InputError(
            f"--against '{order.against}'", "is no folder", "name a folder, or 'linear' with --train", _PLACE
        )
    return model_subject(folder) if (folder / "reward.json").exists() else linear_subject(folder)


def _is_from_scratch(folder: Path) -> bool:
    """Whether the backbone was built from config by `models.tiny`: the chat template that it writes goes with it from folder to folder."""
    from primum.models.tiny import CHAT_TEMPLATE

    try:
        told = (folder / "chat_template.jinja").read_text(encoding="utf-8")
    except OSError:
        return False
    return told.strip() == CHAT_TEMPLATE.strip()
