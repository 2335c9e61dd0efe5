"""What people do with the norms alone: add a folder, list, show, search, count."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from primum.corpus import Corpus, CorpusSettings, NormIndex, account, read_corpus
from primum.cycles.editions import add_corpus, chosen
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import UnknownIdError
from primum.ports import Progress, silent
from primum.records import Norm, plain

__all__ = ["add_folder", "corpus_stats", "list_sources", "search_norms", "show_norm"]


def add_folder(
    workspace: Path,
    folder: Path,
    jurisdiction: str | None,
    progress: Progress = silent,
    name: str | None = None,
) -> dict[str, Any]:
    """Read a folder of documents and keep it as an edition of the corpus `name` (the folder's name if none is given).

    What was read, how many records are new, and the edition: `previous` is empty for the first.
    """
    corpus = read_corpus(
        folder, CorpusSettings() if jurisdiction is None else CorpusSettings(jurisdiction=jurisdiction), progress
    )
    counted = account(corpus)
    note = f"{counted.sources} sources, {counted.norms} norms from {folder.name}"
    with Workspace(workspace, is_writer=True) as opened:
        new, made = add_corpus(opened, corpus, note, now(), name)
    edition = made.edition
    told = {"corpus": edition.corpus, "edition": edition.id, "previous": edition.previous or ""}
    return {**asdict(counted), "new_records": new, **told, "is_new_edition": made.is_new}


def list_sources(workspace: Path, edition: str | None = None) -> list[dict[str, Any]]:
    """One row a source of the newest edition (or of `edition`), without its text."""
    corpus = _corpus(workspace, edition)
    norms = Counter(norm.source for norm in corpus.norms)
    return [
        {
            "id": source.id,
            "key": source.key,
            "title": source.title,
            "language": source.language,
            "authority": source.authority,
            "jurisdiction": source.jurisdiction,
            "enacted": source.enacted or "",
            "in_force_from": source.effective_from or "",
            "norms": norms[source.id],
        }
        for source in corpus.sources
    ]


def show_norm(workspace: Path, name: str, edition: str | None = None) -> dict[str, Any]:
    """A norm by its key, in the newest edition or in `edition`, or by its id in any; with its validity today.

    Raises `UnknownIdError` when nothing carries it.
    """
    with Workspace(workspace, is_writer=False) as opened:
        norms = chosen(opened.store, edition).norms
        norm = next((norm for norm in norms if name in (norm.key, norm.id, norm.reference)), None)
        if norm is None and edition is None and opened.store.has(name):
            older = opened.store.get(name)
            norm = older if isinstance(older, Norm) else None
    if norm is None:
        raise UnknownIdError(
            f"norm '{name}'", "is not in the workspace", "find its key with: primum corpus search", str(workspace)
        )
    shown: dict[str, Any] = plain(norm)
    path = [norm.source_title, *(f"{step.label} {step.title}".strip() for step in norm.citation)]
    today = datetime.date.fromisoformat(now()[:10])
    return shown | {"id": norm.id, "key": norm.key, "citation": path, "validity": norm.validity(today)}


def search_norms(workspace: Path, query: str, limit: int, edition: str | None = None) -> list[dict[str, Any]]:
    """The norms of the newest edition (or of `edition`) that answer a query best, best first."""
    found = NormIndex(_corpus(workspace, edition).norms).search(query, limit)
    return [
        {
            "id": norm.id,
            "key": norm.key,
            "reference": norm.reference,
            "modality": norm.modality,
            "score": round(float(score), 4),
            "text": norm.text,
        }
        for norm, score in found
    ]


def corpus_stats(workspace: Path, edition: str | None = None) -> dict[str, Any]:
    """What the norms of the newest edition come to, and the check that every character of every article belongs to exactly one."""
    corpus = _corpus(workspace, edition)
    return {
        **asdict(account(corpus)),
        "modality": dict(Counter(norm.modality for norm in corpus.norms)),
        "language": dict(Counter(norm.language for norm in corpus.norms)),
        "authority": dict(Counter(norm.authority for norm in corpus.norms)),
    }


def _corpus(workspace: Path, edition: str | None) -> Corpus:
    with Workspace(workspace, is_writer=False) as opened:
        return chosen(opened.store, edition)
