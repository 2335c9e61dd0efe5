"""A benchmark as others see it: as a file, as a data sheet, as the content of its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from primum.bench.card import LIMITS, card
from primum.bench.export import Format, canary, lines
from primum.bench.lint import LintReport, lint
from primum.cycles.benchmark_held import Held, counts, held, review_counts
from primum.errors import InputError, SettingError, StoreError
from primum.records import Norm, Scenario
from primum.store import made_by

__all__ = ["Checked", "chosen_items", "export_lines", "page_content", "write_card", "write_new"]

Tasks = Literal["all", "open", "choice"]


def write_new(path: Path, text: Iterator[str] | str, is_forced: bool) -> None:
    """Write `text` (or its lines) to `path`, whole or not at all.

    Raises `SettingError` when the file is there and `is_forced` is not said, `StoreError` when the disk will not take it.
    """
    if path.is_dir() or (path.exists() and not is_forced):
        rule = "is a folder" if path.is_dir() else "is there already"
        raise SettingError(f"file '{path}'", rule, "name another file, or say --force to replace it", str(path.parent))
    half = path.with_name(f".{path.name}.half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with half.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.writelines([text] if isinstance(text, str) else (f"{line}\n" for line in text))
        half.replace(path)
    except OSError as error:
        told = error.strerror or "the disk failed"
        raise StoreError(f"file '{path}'", f"cannot be written ({told})", "name another", str(path.parent)) from error
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)


def chosen_items(found: Held, split: str | None, is_verified: bool, tasks: Tasks = "all") -> list[Scenario]:
    """The items of a split, verified ones only if so asked, of some tasks. Raises `InputError` when none is left."""
    kept = [
        item
        for item in found.items
        if (split is None or item.split == split)
        and (not is_verified or found.state(item) == "verified")
        and (tasks == "all" or (item.task == "open") == (tasks == "open"))
    ]
    if not kept:
        asked = [f"--split {split}"] * bool(split) + ["--verified-only"] * is_verified + [f"--task {tasks}"]
        raise InputError(
            f"benchmark '{found.benchmark.name}'", f"has no item for {' '.join(asked)}", "ask for more", "bench export"
        )
    return kept


def export_lines(
    workspace: Path, name: str, form: Format, split: str | None, is_verified: bool, tasks: Tasks
) -> tuple[int, Iterator[str]]:
    """How many items a file of this form gets, and its lines; MedES rows are the open questions unless `choice` is asked for."""
    found = held(workspace, name)
    items = chosen_items(found, split, is_verified, "open" if form == "medes" and tasks == "all" else tasks)
    rows = ((item, found.state(item)) for item in items)
    return len(items), lines(form, rows, found.benchmark, found.norms)


def write_card(workspace: Path, name: str = "") -> str:
    """The data sheet of a benchmark, its checks run again."""
    found = held(workspace, name)
    report = _linted(found)
    findings = Counter(finding.check for finding in report.findings)
    return card(
        found.benchmark,
        found.sources,
        found.taxonomy,
        counts(found),
        report.checks,
        findings,
        canary(found.benchmark),
    )


def _linted(found: Held) -> LintReport:
    return lint(found.items, found.norms, found.rules, found.taxonomy)


class Checked(NamedTuple):
    """What the checks of a benchmark said when it was built, and how many findings they had."""

    checks: dict[str, str]
    findings: int


def page_content(
    workspace: Path,
    name: str = "",
    split: str | None = None,
    is_verified: bool = False,
    tasks: Tasks = "all",
    checked: Checked | None = None,
) -> dict[str, Any]:
    """What the page of a benchmark shows (see `primum.report.bench_page`): items, articles once, names of classes, checks, review.

    The checks are run again unless what they said is given in `checked`.
    """
    found = held(workspace, name)
    items = chosen_items(found, split, is_verified, tasks)
    if checked is None:
        report = _linted(found)
        checked = Checked(report.checks, len(report.findings))
    articles = _Articles(found.norms)
    axes = {
        axis: {one.key: {"en": one.en, "zh": one.zh} for one in getattr(found.taxonomy, axis)}
        for axis in ("dimensions", "scenes", "styles", "harms")
    }
    axes["harms"] = {key.removeprefix("harm_"): pair for key, pair in axes["harms"].items()}
    shown = [_item(item, found, articles) for item in items]
    return {
        "name": found.benchmark.name,
        "version": found.benchmark.version,
        "id": found.benchmark.id,
        "canary": canary(found.benchmark),
        "made": {"en": [one for one, _ in LIMITS], "zh": [other for _, other in LIMITS]},
        "editions": [
            {"title": one.title, "from": one.effective_from, "to": one.effective_to, "jurisdiction": one.jurisdiction}
            for one in found.sources
        ],
        "taxonomy": axes,
        "order": {
            "dimension": list(axes["dimensions"]),
            "scene": list(axes["scenes"]),
            "style": list(axes["styles"]),
            "kind": ["situation", "dilemma", "single_choice", "multiple_choice"],
            "difficulty": ["easy", "medium", "hard"],
            "split": ["train", "dev", "test"],
            "state": ["drafted", "verified", "rejected"],
        },
        "checks": checked.checks,
        "findings": checked.findings,
        "review": review_counts(found._replace(items=items)),
        "articles": articles.shown,
        "items": shown,
    }


class _Articles:
    """The articles that the items rest on, each once; an item names one by its place in `shown`."""

    def __init__(self, norms: Sequence[Norm]) -> None:
        self._norms = {norm.id: norm for norm in norms}
        self._places: dict[str, int] = {}
        self.shown: list[dict[str, Any]] = []

    def place(self, id: str) -> int | None:
        norm = self._norms.get(id)
        if norm is None:
            return None
        if id not in self._places:
            self._places[id] = len(self.shown)
            path = [norm.source_title, *(f"{step.label} {step.title}".strip() for step in norm.citation)]
            dates = {"from": norm.effective_from, "to": norm.effective_to}
            self.shown.append({"path": path, "text": norm.text, **dates})
        return self._places[id]


def _item(item: Scenario, found: Held, articles: _Articles) -> dict[str, Any]:
    review = found.reviews.get(item.item)
    said = None
    if review is not None:
        said = {"person": review.made.person, "role": review.made.role, "at": review.at, "note": review.note}
    return {
        "item": item.item,
        "id": item.id,
        "made": made_by(item),
        "dimension": item.dimension,
        "scene": item.scene,
        "kind": item.dataset.removeprefix("norms/"),
        "style": item.style,
        "difficulty": item.difficulty or "",
        "split": item.split or "",
        "state": found.state(item),
        "language": item.language,
        "harm": item.harm_level,
        "borderline": item.is_borderline,
        "turns": [{"role": turn.role, "content": turn.content} for turn in item.messages],
        "options": [{"letter": one.letter, "text": one.text, "reason": one.reason} for one in item.options],
        "key": list(item.key),
        "points": list(item.points),
        "reference": item.reference or "",
        "counterpart": item.counterpart,
        "review": said,
        "grounds": [
            {"at": articles.place(one.norm), "citation": one.citation, "quote": one.quote} for one in item.grounds
        ],
    }
