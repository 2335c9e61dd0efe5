"""Real pairs as files: what `primum reward train` and `primum reward bench` read, in folds that share no question."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from primum.cycles.reward_real import real_pairs, set_of
from primum.cycles.reward_real_folds import FoldSettings, folds
from primum.errors import PrimumError, SettingError, StoreError
from primum.rewards.pair_file import write_pairs

__all__ = ["write_real_folds"]


def write_real_folds(
    data: Path,
    out: Path,
    settings: FoldSettings | None = None,
    medsafety_rows: int | None = None,
    with_simulated: bool = True,
) -> dict[str, Any]:
    """Write `out/fold-0/train.jsonl`, `out/fold-0/test.jsonl` and so on, whole or not at all, and tell what they hold.

    `with_simulated` false leaves out the pairs of which one answer is simulated: those of MedSafetyBench with an answer that goes along.

    Raises `InputError` for a set below `data` that is missing or broken, `SettingError` when `out` holds something, `StoreError` where the
    disk refuses.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SettingError(f"--out '{out}'", "holds something already", "name a new folder", "reward open-pairs")
    real = real_pairs(data, medsafety_rows)
    kept = [pair for pair in real.pairs if with_simulated or not pair.is_simulated]
    told = []
    half = out.with_name(f".{out.name}.half")
    try:
        shutil.rmtree(half, ignore_errors=True)
        for fold in folds(kept, settings or FoldSettings()):
            folder = half / f"fold-{fold.number}"
            folder.mkdir(parents=True)
            written = {
                part: write_pairs(folder / f"{part}.jsonl", pairs)
                for part, pairs in (("train", fold.train), ("test", fold.test))
            }
            told.append({"folder": str(out / folder.name), "unseen": fold.unseen, **written})
        if out.exists():
            out.rmdir()
        half.rename(out)
    except OSError as error:
        if isinstance(error, PrimumError):
            raise
        reason = error.strerror or "the disk failed"
        raise StoreError(f"folder '{out}'", f"cannot be written ({reason})", "name another", str(out.parent)) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    counts = Counter(map(set_of, kept))
    sets = {name: {**account, "pairs": counts[name]} for name, account in real.account.items()}
    return {"out": str(out), "sets": sets, "folds": told}
