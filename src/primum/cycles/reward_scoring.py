"""Scoring with a reward model: rows of answers under criteria into scores, chances, parts and rewards, as a stream or as a file."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from primum.config import read_settings
from primum.cycles.reward_rows import Checked, RowFile, plain_row
from primum.errors import InputError, PrimumError, SettingError, StoreError
from primum.judging.usable import unusable_reason
from primum.ports import Progress, silent
from primum.records import Settings, content_hash, plain
from primum.rewards.asked import CriteriaScorer, Item
from primum.rewards.combine import RewardSettings
from primum.rewards.model_reward import Earned, earn

__all__ = [
    "ScoreSettings",
    "Written",
    "card_of",
    "cut_note",
    "earn_all",
    "open_scorer",
    "refuse_taken",
    "score_rows",
    "settings_of",
    "write_scored",
]

_WINDOW = 256


class ScoreSettings(Settings, frozen=True):
    """What `primum reward score` and `serve` can be told: `shape` is `clipped`, the reward of the parts put together as `reward` says, or
    `sum`, the plain sum for ablation. A lexicographic reward orders a group, which only a trainer has."""

    shape: Literal["clipped", "sum"] = "clipped"
    reward: RewardSettings = RewardSettings()


class Written(NamedTuple):
    """How many rows a file has now, how many of them an earlier, unfinished call had scored, and how many hold a null."""

    rows: int
    resumed: int
    unread: int


def settings_of(overrides: Sequence[str]) -> ScoreSettings:
    """The defaults with `key=value` on top (`reward.alpha=0.2`). Raises `SettingError`."""
    try:
        return read_settings(Path(os.devnull), ScoreSettings, overrides)
    except SettingError as error:
        raise SettingError(error.value, error.rule, error.way_out, "--set") from error


def open_scorer(model: Path | None, baseline: Path | None) -> CriteriaScorer:
    """The reward model in the folder `model`, or the linear one in `baseline`. Raises `SettingError` unless one of them is named."""
    if model is not None and baseline is None:
        from primum.rewards.model import RewardModel

        return RewardModel.load(model)
    if baseline is not None and model is None:
        from primum.rewards.linear import LinearReward

        return LinearReward.load(baseline)
    raise SettingError(
        "--model and --baseline",
        "are both given" if model else "are both missing",
        "name one of them",
        "primum reward",
    )


def card_of(scorer: CriteriaScorer, settings: ScoreSettings) -> dict[str, Any]:
    """What is served: name, fingerprint, how parts are put together, and the model's card where it has one."""
    card = getattr(scorer, "card", None)
    return {
        "name": scorer.name,
        "fingerprint": _fingerprint(scorer),
        "shape": settings.shape,
        "reward": plain(settings.reward),
        "card": plain(card) if isinstance(card, msgspec.Struct) else card,
    }


def cut_note(scorer: CriteriaScorer) -> str:
    """What whoever reads the scores should know: that answers were cut. Empty where none was."""
    return (
        "some answers were too long for the model and were cut at their end"
        if getattr(scorer, "answers_cut", 0)
        else ""
    )


def earn_all(scorer: CriteriaScorer, items: Sequence[Item], settings: ScoreSettings | None = None) -> list[Earned]:
    """What each item earns, with the rule of what is no language that judges share."""
    chosen = settings or ScoreSettings()
    return earn(scorer, items, chosen.reward, unusable_reason, shape=chosen.shape)


def score_rows(
    scorer: CriteriaScorer,
    rows: RowFile,
    total: int,
    settings: ScoreSettings | None = None,
    progress: Progress = silent,
    start: int = 0,
) -> Iterator[dict[str, Any]]:
    """What each row from the one numbered `start` on earns, in order; of `total` rows, as many as are scored together are in memory.

    An id may come twice: each row has its own answer.
    """
    chosen = settings or ScoreSettings()
    done = start
    window: list[Item] = []
    for item in rows.items(start):
        window.append(item)
        if len(window) == _WINDOW or done + len(window) == total:
            moved = _moved(progress, done, total)
            found = earn(scorer, window, chosen.reward, unusable_reason, moved, chosen.shape)
            yield from (plain_row(one, earned) for one, earned in zip(window, found, strict=True))
            done += len(window)
            progress(done, total)
            window = []


def refuse_taken(out: Path, is_forced: bool, rows: Path | None = None) -> None:
    """Raise `InputError` for a file that is there, unless forced, and for that of the rows, forced or not; `StoreError` for one that has
    no folder."""
    if rows is not None and out.exists() and rows.exists() and out.samefile(rows):
        raise InputError(f"file '{out}'", "holds the rows to score", "name another --out", str(out))
    if out.exists() and not is_forced:
        raise InputError(
            f"file '{out}'", "is there already", "name another --out, or overwrite it with --force", str(out)
        )
    if not out.parent.is_dir():
        raise StoreError(f"folder '{out.parent}'", "does not exist", "make it, or name another --out", str(out))


def write_scored(
    scorer: CriteriaScorer,
    rows: RowFile,
    checked: Checked,
    out: Path,
    settings: ScoreSettings | None = None,
    is_forced: bool = False,
    progress: Progress = silent,
) -> Written:
    """Score the rows into the file `out`, which is there only when all of them are.

    What a call that was stopped has scored lies beside it (`OUT.unfinished`), and the same call goes on from there: the same rows, model
    and settings give the same file. Raises `InputError` for a file that is there, or the unfinished half of another call, unless forced.
    """
    chosen = settings or ScoreSettings()
    half, order = out.with_name(out.name + ".unfinished"), out.with_name(out.name + ".unfinished.order")
    mark = content_hash([checked.digest, scorer.name, _fingerprint(scorer), plain(chosen)])
    refuse_taken(out, is_forced)
    with _disk(half), _alone(order, out):
        refuse_taken(out, is_forced)  # another call may have ended meanwhile
        done, kept = _kept(half, order, mark, is_forced)
        order.write_text(mark, "utf-8")
        with half.open("r+b" if half.exists() else "wb") as file:
            file.truncate(kept)
            file.seek(kept)
            window: list[bytes] = []
            for row in score_rows(scorer, rows, checked.rows, chosen, progress, done):
                window.append(json.dumps(row, ensure_ascii=False).encode() + b"\n")
                if len(window) == _WINDOW:
                    file.write(b"".join(window))
                    file.flush()
                    window = []
            file.write(b"".join(window))
        with half.open("rb") as file:
            unread = sum(b'"abstained": ' in line and "abstained" in json.loads(line) for line in file)
        half.replace(out)
        order.unlink()
    return Written(checked.rows, done, unread)


@contextmanager
def _alone(order: Path, out: Path) -> Iterator[None]:
    """Only one call at a time writes to `out`; the lock goes with the process, however it ends."""
    with order.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                f"file '{out}'", "is being written by another call", "wait for it, or name another --out", str(order)
            ) from None
        try:
            yield
        finally:
            if order.exists() and not order.stat().st_size:  # nothing was begun
                order.unlink()


@contextmanager
def _disk(half: Path) -> Iterator[None]:
    """Raise `StoreError` in place of what a disk says. A window is written whole or cut off by the next call."""
    try:
        yield
    except OSError as error:
        if isinstance(error, PrimumError):
            raise
        raise StoreError(
            f"file '{half}'",
            f"cannot be written ({error.strerror})",
            "free space, then run again: what was scored is kept",
            str(half.parent),
        ) from error


def _kept(half: Path, order: Path, mark: str, is_forced: bool) -> tuple[int, int]:
    """How many rows of an unfinished file are good, and how many bytes: whole windows, so that what follows is batched as it was to be."""
    if not half.exists():
        return 0, 0
    if not order.exists() or order.read_text("utf-8") != mark:
        if is_forced:
            return 0, 0
        raise InputError(
            f"file '{half}'",
            "is what another call left unfinished (other rows, another model, or other settings)",
            "remove it, or start over with --force",
            str(half),
        )
    done = kept = lines = length = 0
    with half.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            lines, length = lines + 1, length + len(line)
            if lines % _WINDOW == 0:
                done, kept = lines, length
    return done, kept


def _fingerprint(scorer: CriteriaScorer) -> str:
    return str(getattr(scorer, "fingerprint", ""))


def _moved(progress: Progress, before: int, total: int) -> Progress:
    def moved(done: int, _: int, /) -> None:
        progress(before + done, total)

    return moved
