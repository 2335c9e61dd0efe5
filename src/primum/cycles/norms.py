"""What people do with the norms alone: add a folder, list, show, search, count."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from primum.corpus import Corpus, CorpusSettings, NormIndex, account, read_corpus
from primum.cycles.build import add_corpus
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import UnknownIdError
from primum.ports import Progress, silent
from primum.records import Norm, Source, plain

__all__ = ["add_folder", "corpus_stats", "list_sources", "search_norms", "show_norm"]


def add_folder(workspace: Path, folder: Path, jurisdiction: str | None, progress: Progress = silent) -> dict[str, int]:
    """Read a folder of documents and keep its sources and norms; what was read and how many records are new."""
    corpus = read_corpus(
        folder, CorpusSettings() if jurisdiction is None else CorpusSettings(jurisdiction=jurisdiction), progress
    )
    counted = account(corpus)
    note = f"{counted.sources} sources, {counted.norms} norms from {folder.name}"
    with Workspace(workspace, is_writer=True) as opened:
        new = add_corpus(opened, corpus, note, now())
    return {**asdict(counted), "new_records": new}


def list_sources(workspace: Path) -> list[dict[str, Any]]:
    """One row a source, without its text."""
    corpus = _corpus(workspace)
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


def show_norm(workspace: Path, name: str) -> dict[str, Any]:
    """A norm by its key or id. Raises `UnknownIdError` when nothing carries it."""
    corpus = _corpus(workspace)
    for norm in corpus.norms:
        if name in (norm.key, norm.id, norm.reference):
            shown: dict[str, Any] = plain(norm)
            path = [norm.source_title, *(f"{step.label} {step.title}".strip() for step in norm.citation)]
            return shown | {"id": norm.id, "key": norm.key, "citation": path}
    raise UnknownIdError(
        f"norm '{name}'", "is not in the workspace", "find its key with: primum corpus search", str(workspace)
    )


def search_norms(workspace: Path, query: str, limit: int) -> list[dict[str, Any]]:
    """The norms that answer a query best, best first."""
    found = NormIndex(_corpus(workspace).norms).search(query, limit)
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


def corpus_stats(workspace: Path) -> dict[str, Any]:
    """What the workspace's norms come to, and the check that every character of every article belongs to exactly one."""
    corpus = _corpus(workspace)
    return {
        **asdict(account(corpus)),
        "modality": dict(Counter(norm.modality for norm in corpus.norms)),
        "language": dict(Counter(norm.language for norm in corpus.norms)),
        "authority": dict(Counter(norm.authority for norm in corpus.norms)),
    }


def _corpus(workspace: Path) -> Corpus:
    with Workspace(workspace, is_writer=False) as opened:
        return Corpus(tuple(opened.store.all(Source)), tuple(opened.store.all(Norm)))
