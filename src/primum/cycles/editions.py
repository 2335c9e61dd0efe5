"""Editions: a workspace holds a corpus as it stood at several times, and what people look up is the newest.

A corpus is known by its name, the folder it was first read from. Reading a folder of that name again, with other texts, makes its
next edition; the sources of the one before stay, and so does what was drafted from them. A folder of the same name with none of its
documents is another corpus, and called `name-2`. A document with the key of one in another corpus is refused. Sources that stand in no
edition (of a workspace older than editions) count as current.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from primum.corpus import Corpus
from primum.cycles.workspace import Workspace
from primum.errors import InputError, UnknownIdError
from primum.records import ByRule, Edition, Norm, Source
from primum.store import Store

__all__ = [
    "NextEdition",
    "add_corpus",
    "chosen",
    "edition_rows",
    "newest",
    "next_edition",
    "settled",
    "sources_and_norms",
]

_MADE = ByRule("cycles.editions")


class NextEdition(NamedTuple):
    """What a corpus becomes when it is kept: `corpus` with documents that were there already under their old ids, and its edition."""

    corpus: Corpus
    edition: Edition
    is_new: bool


def newest(store: Store, name: str) -> Edition | None:
    """The newest edition of the corpus `name`."""
    found = [edition for edition in store.all(Edition) if edition.corpus == name]
    return found[-1] if found else None


def next_edition(workspace: Workspace, corpus: Corpus, name: str | None = None, is_settled: bool = True) -> NextEdition:
    """What `corpus` is as an edition of the corpus `name` (the folder's name if none is given); nothing is written.

    Raises `InputError` when one of its documents has the key of another document in another corpus of the workspace.
    """
    name = name or _name_for(workspace.store, corpus)
    previous = newest(workspace.store, name)
    if is_settled and previous is not None:
        corpus = settled(corpus, sources_and_norms(workspace.store, previous))
    _refuse_known_keys(workspace, corpus.sources, name)
    ids = tuple(source.id for source in corpus.sources)
    if previous is not None and sorted(previous.sources) == sorted(ids):
        return NextEdition(corpus, previous, False)
    edition = Edition(corpus=name, sources=ids, made=_MADE, previous=previous.id if previous else None)
    return NextEdition(corpus, edition, True)


def add_corpus(
    workspace: Workspace, corpus: Corpus, note: str, at: str, name: str | None = None
) -> tuple[int, NextEdition]:
    """Keep the sources and norms as an edition of the corpus `name`, with an entry in the ledger when any record is new.

    How many records were new, and the edition. Raises `InputError` when another corpus of the workspace holds another source with the
    key of one of these.
    """
    made = next_edition(workspace, corpus, name)
    with workspace.store.writing() as writer:
        new = writer.put([*made.corpus.sources, *made.corpus.norms, made.edition])
        if new:
            subjects = [made.edition.id, *(source.id for source in made.corpus.sources)]
            writer.append(event="corpus add", detail=note, subjects=subjects, at=at)
    return new, made


def settled(corpus: Corpus, before: Corpus) -> Corpus:
    """`corpus` with the documents that `before` holds too, word for word and date for date, under the ids they have there.

    Only where they were read from may differ: a folder has another name when it is a copy, and its documents are the same.
    """
    known = {_content(source): source for source in before.sources}
    there: dict[str, list[Norm]] = {}
    for norm in before.norms:
        there.setdefault(norm.source, []).append(norm)
    here: dict[str, list[Norm]] = {}
    for norm in corpus.norms:
        here.setdefault(norm.source, []).append(norm)
    sources: list[Source] = []
    norms: list[Norm] = []
    for source in corpus.sources:
        same = known.get(_content(source))
        found = here.get(source.id, [])
        if same is not None:
            moved = [replace(norm, source=same.id, made=same.made) for norm in found]
            if [norm.id for norm in moved] == [norm.id for norm in there.get(same.id, [])]:
                source, found = same, moved
        sources.append(source)
        norms.extend(found)
    return Corpus(tuple(sources), tuple(norms))


def sources_and_norms(store: Store, edition: Edition) -> Corpus:
    """The documents of an edition and their norms, in the order of the edition."""
    sources = [source for source in store.get_many(edition.sources) if isinstance(source, Source)]
    return _with_norms(store, sources)


def chosen(store: Store, name: str | None) -> Corpus:
    """The edition called `name` (its number in `edition_rows`, or its id or enough of it); without a name, what is current."""
    if name is not None:
        return sources_and_norms(store, _named(store, name))
    editions = list(store.all(Edition))
    last = {edition.corpus: edition for edition in editions}
    in_some = {source for edition in editions for source in edition.sources}
    current = {source for edition in last.values() for source in edition.sources}
    kept = [source for source in store.all(Source) if source.id in current or source.id not in in_some]
    return _with_norms(store, kept)


def edition_rows(workspace: Path) -> list[dict[str, Any]]:
    """One row an edition, the oldest first; `number` is what `--edition` takes."""
    with Workspace(workspace, is_writer=False) as opened:
        editions = list(opened.store.all(Edition))
    last = {edition.corpus: edition.id for edition in editions}
    return [
        {
            "number": number,
            "corpus": edition.corpus,
            "id": edition.id,
            "sources": len(edition.sources),
            "previous": edition.previous or "",
            "is_newest": last[edition.corpus] == edition.id,
        }
        for number, edition in enumerate(editions, start=1)
    ]


def _named(store: Store, name: str) -> Edition:
    if name.isdecimal():
        editions = list(store.all(Edition))
        if 1 <= int(name) <= len(editions):
            return editions[int(name) - 1]
        found = None
    else:
        found = store.get(name)
    if not isinstance(found, Edition):
        raise UnknownIdError(
            f"edition '{name}'", "is not in the workspace", "see primum corpus editions for what is", store.place
        )
    return found


def _with_norms(store: Store, sources: Sequence[Source]) -> Corpus:
    places = {source.id: place for place, source in enumerate(sources)}
    norms = [norm for norm in store.all(Norm) if norm.source in places]
    return Corpus(tuple(sources), tuple(sorted(norms, key=lambda norm: (places[norm.source], norm.start))))


def _content(source: Source) -> Source:
    return replace(source, made=_MADE)


def _name_for(store: Store, corpus: Corpus) -> str:
    """The corpus that the folder read continues: that of its name, if it holds one of its documents by key or title."""
    made = corpus.sources[0].made
    name: str = getattr(made, "dataset", corpus.sources[0].key)
    called = {told for source in corpus.sources for told in (source.key, source.title)}
    for number in itertools.count(1):
        candidate = name if number == 1 else f"{name}-{number}"
        held = newest(store, candidate)
        if held is None:
            break
        known = (source for source in store.get_many(held.sources) if isinstance(source, Source))
        if any(called & {source.key, source.title} for source in known):
            break
    return candidate


def _refuse_known_keys(workspace: Workspace, sources: Sequence[Source], name: str) -> None:
    owners: dict[str, tuple[str, Source]] = {}
    last = {edition.corpus: edition for edition in workspace.store.all(Edition)}
    owner_of = {id: edition.corpus for edition in last.values() for id in edition.sources}
    for source in chosen(workspace.store, None).sources:
        owners[source.key] = owner_of.get(source.id, ""), source
    for source in sources:
        owner, known = owners.get(source.key, (name, source))
        if owner != name and known.id != source.id:
            way_out = f"add it as its next edition with primum corpus add --corpus '{owner}', " if owner else ""
            raise InputError(
                f"source '{source.key}'",
                "is already in the workspace with another text, origin or jurisdiction"
                + (f", in the corpus '{owner}'" if owner else ""),
                f"{way_out}give it a key of its own, or use another workspace",
                str(workspace.folder),
            )
