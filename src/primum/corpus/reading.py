"""A folder of documents to sources and norms. Nothing is returned unless every file could be read."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from primum.corpus.articles import Article, articles_of, body_start
from primum.corpus.formats import MEDIA_TYPES, text_of
from primum.corpus.front_matter import FrontMatter, front_matter
from primum.corpus.identity import authority_of, dates_of, short_title, titles_of
from primum.corpus.provisions import divide
from primum.errors import InputError
from primum.language import detect
from primum.ports import Progress, silent
from primum.records import Authority, ByImport, CitationStep, Language, Norm, Settings, Source

__all__ = ["Corpus", "CorpusSettings", "read_corpus", "read_document"]

_LEFT_OUT = ("readme", "license", "licence", ".", "~$")


class CorpusSettings(Settings, frozen=True):
    """What holds for a file that does not say it itself.

    `jurisdiction` where the front matter names none. `language`: `None` has it detected from the text. `authority` for a title
    that names none; `None` makes such a file an error, because which document outranks which is not ours to guess.
    `licence` goes into the origin of every record.
    """

    jurisdiction: str = "CN"
    language: Language | None = None
    authority: Authority | None = None
    licence: str = ""


_DEFAULT = CorpusSettings()


class Corpus(NamedTuple):
    """The documents of a folder, in the order of their paths, and their norms, in the order of the documents."""

    sources: tuple[Source, ...]
    norms: tuple[Norm, ...]


def read_corpus(folder: Path, settings: CorpusSettings = _DEFAULT, progress: Progress = silent) -> Corpus:
    """The sources and norms of every supported file below `folder`; README*, LICENSE*, hidden and lock files are left out.

    Raises `InputError` for a folder without documents, a file that cannot be read as what its name says, holds no norm, or has
    the key or the text of another; `MissingExtraError` for DOCX or PDF without the extra `documents`.
    """
    paths = _files(folder)
    sources: list[Source] = []
    norms: list[Norm] = []
    places: dict[str, str] = {}
    for done, path in enumerate(paths):
        progress(done, len(paths))
        row = path.relative_to(folder).as_posix()
        if not _is_utf8(row):
            raise InputError(f"file name {row!r}", "is not UTF-8", "rename the file", ascii(str(folder)))
        source, found = _read(
            path, ByImport(dataset=folder.resolve().name, row=row, licence=settings.licence), settings
        )
        _check_distinct(source, row, places)
        sources.append(source)
        norms.extend(found)
    progress(len(paths), len(paths))
    return Corpus(tuple(sources), tuple(norms))


def read_document(path: Path, settings: CorpusSettings = _DEFAULT) -> Corpus:
    """The source and norms of one file. Raises what `read_corpus` raises for a file in a folder."""
    if path.suffix.lower() not in MEDIA_TYPES:
        endings = " ".join(MEDIA_TYPES)
        raise InputError(f"file {path.name!r}", "is of no kind that is read", f"give one of {endings}", str(path))
    source, norms = _read(path, ByImport(dataset=path.stem, row=path.name, licence=settings.licence), settings)
    return Corpus((source,), tuple(norms))


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        rule = "is a file" if folder.exists() else "does not exist"
        raise InputError(f"folder {folder.name!r}", rule, "name a folder of documents", str(folder))
    found = [
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in MEDIA_TYPES
        and path.is_file()
        and not any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        and not path.name.lower().startswith(_LEFT_OUT)
    ]
    if not found:
        endings = " ".join(MEDIA_TYPES)
        raise InputError(f"folder {folder.name!r}", "holds no document", f"put files in it ({endings})", str(folder))
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _check_distinct(source: Source, row: str, places: dict[str, str]) -> None:
    for what, name in (("key", f"key {source.key!r}"), ("text", "the text")):
        value = f"{what}:{getattr(source, what).strip()}"
        if value in places:
            way_out = "give one a `key` of its own or rename it" if what == "key" else "keep one of the two"
            raise InputError(name, f"is also that of {places[value]}", way_out, row)
        places[value] = row


def _read(path: Path, made: ByImport, settings: CorpusSettings) -> tuple[Source, list[Norm]]:
    place = made.row
    text = text_of(path, place)
    is_plain = path.suffix.lower() in (".md", ".txt")
    told = front_matter(text, place) if is_plain else FrontMatter()
    if not is_plain and body_start(text):
        raise InputError(
            "the text", "opens with `---`, as front matter does", "front matter is for .md and .txt", place
        )
    language = told.language or settings.language or detect(text[body_start(text) :])
    titles = titles_of(text)
    articles = articles_of(text, titles[0] if titles else "", language)
    if not articles:
        raise InputError("the file", "holds no norm", "give it articles or paragraphs, or remove it", place)
    title = told.title or " ".join(titles) or path.stem
    source = _source(path, made, settings, told, (text, title, titles or [title], language, articles))
    _check_period(source, place)
    short = told.title or (short_title(titles[0]) if titles else path.stem)
    return source, _norms(source, short_title(short), articles)


def _source(
    path: Path,
    made: ByImport,
    settings: CorpusSettings,
    told: FrontMatter,
    known: tuple[str, str, list[str], Language, list[Article]],
) -> Source:
    text, title, titles, language, articles = known
    enacted, effective = dates_of(text, articles) if language == "zh" else (None, None)
    authority = told.authority or authority_of(told.title or titles[0], text) or settings.authority
    if authority is None:
        way_out = "say `authority: law` (or regulation, rule, interpretation, code, guideline) in its front matter or the settings"
        raise InputError(f"title {title[:60]!r}", "does not tell the authority", way_out, made.row)
    return Source(
        key=told.key or path.stem,
        title=title,
        text=text,
        language=language,
        jurisdiction=told.jurisdiction or settings.jurisdiction,
        authority=authority,
        media_type=MEDIA_TYPES[path.suffix.lower()],
        made=made,
        enacted=told.enacted or enacted,
        effective_from=told.effective_from or effective,
        effective_to=told.effective_to,
    )


def _check_period(source: Source, place: str) -> None:
    begins, ends = source.effective_from, source.effective_to
    if begins and ends and datetime.date.fromisoformat(ends) < datetime.date.fromisoformat(begins):
        raise InputError(f"effective_to {ends}", f"is before effective_from {begins}", "mend the dates", place)


def _norms(source: Source, short: str, articles: Sequence[Article]) -> list[Norm]:
    norms = []
    for article in articles:
        provisions, modality = divide(article, source.text, source.language)
        norms.append(
            Norm(
                source=source.id,
                source_key=source.key,
                source_title=short,
                citation=(*article.path, CitationStep(level=article.level, label=article.label)),
                text=source.text[article.start : article.end],
                start=article.start,
                end=article.end,
                language=source.language,
                jurisdiction=source.jurisdiction,
                authority=source.authority,
                modality=modality,
                provisions=provisions,
                made=source.made,
                effective_from=source.effective_from,
                effective_to=source.effective_to,
            )
        )
    return norms
