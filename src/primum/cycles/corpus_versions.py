"""Two versions of a corpus, as people ask for them: read, compared, and told as plain data."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from primum.corpus import Corpus, CorpusSettings, read_corpus
from primum.corpus.diff import KINDS, Change, changed_words, diff
from primum.corpus.reading import read_document
from primum.cycles.steps import now
from primum.errors import InputError, SettingError
from primum.ports import Progress, silent

__all__ = ["change_rows", "compare_versions", "kind_counts", "read_version", "today"]


def compare_versions(
    old: Path,
    new: Path,
    only: Collection[str] = (),
    progress: Progress = silent,
    settings: CorpusSettings | None = None,
) -> dict[str, Any]:
    """What changed from the corpus in `old` to that in `new`: `counts` by kind, and a row for each change that is not unchanged.

    `only` keeps the rows of these kinds. Raises `InputError` for a folder or file that cannot be read, `SettingError` for a kind that
    does not exist.
    """
    unheard = sorted(set(only) - set(KINDS))
    if unheard:
        raise SettingError(
            f"--only {','.join(unheard)}", "names no kind of change", f"use {','.join(KINDS)}", "corpus diff"
        )
    before, after = (read_version(path, settings or CorpusSettings(), progress) for path in (old, new))
    changes = diff(before.norms, after.norms)
    wanted = set(only) or set(KINDS) - {"unchanged"}
    return {
        "old": str(old),
        "new": str(new),
        "documents": {"old": len(before.sources), "new": len(after.sources)},
        "counts": kind_counts(changes),
        "changes": change_rows(changes, wanted, today()),
    }


def read_version(path: Path, settings: CorpusSettings, progress: Progress = silent) -> Corpus:
    """A folder of documents, or one document."""
    if path.is_file():
        return read_document(path, settings)
    if not path.exists():
        raise InputError(f"'{path}'", "does not exist", "name a folder of documents or one document", str(path))
    return read_corpus(path, settings, progress)


def kind_counts(changes: Sequence[Change]) -> dict[str, int]:
    """How many changes there are of each kind, those that do not occur too."""
    counted = Counter(one.kind for one in changes)
    return {kind: counted[kind] for kind in KINDS}


def change_rows(changes: Sequence[Change], kinds: Collection[str], at: datetime.date) -> list[dict[str, Any]]:
    """The changes of these kinds as plain data: keys and ids, similarity, parts, words, and whether the new text is in force `at` a day.

    `document` is the document a change is told under, by its keys in both versions; `None` where that version has no such document.
    """
    met = Counter(
        (one.old.source_key, one.new.source_key) for one in changes if one.old and one.new and one.kind != "moved"
    )
    after: dict[str, str] = {}
    before: dict[str, str] = {}
    for (old, new), _ in met.most_common():
        after.setdefault(old, new)
        before.setdefault(new, old)
    rows = []
    for one in changes:
        if one.kind not in kinds:
            continue
        here = one.new.source_key if one.new else after.get(one.old.source_key if one.old else "")
        there = before.get(here) if here else one.old.source_key if one.old else None
        rows.append(
            {
                "kind": one.kind,
                "old": one.old.key if one.old else None,
                "new": one.new.key if one.new else None,
                "old_id": one.old.id if one.old else None,
                "new_id": one.new.id if one.new else None,
                "similarity": round(one.similarity, 4),
                "how": one.how,
                "related": [norm.key for norm in one.related],
                "document": {"old": there, "new": here},
                "validity": one.new.validity(at) if one.new else None,
                "words": [{"kind": piece.kind, "text": piece.text} for piece in changed_words(one)]
                if one.kind in ("amended", "new", "repealed")
                else [],
            }
        )
    return rows


def today() -> datetime.date:
    """The day, UTC."""
    return datetime.date.fromisoformat(now()[:10])
