"""Open sets as records. Each loader reads its set whole or raises `InputError`; nothing is returned of a set that is broken.

What each set does not say and we chose is said where it is chosen. Sources: MedSafetyBench (arXiv 2403.03744), MedQuAD (BMC
Bioinformatics 2019, 20:511), Huatuo (Huatuo-Llama-Med-Chinese), CARES (arXiv 2505.11413), HealthBench (arXiv 2505.08775).
XSTest has a file of its own: `primum.bench.xstest`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, cast

import msgspec

from primum.bench.imported import Imported, empty, open_scenario, sampled
from primum.bench.rows import Row, one_of, read_lines, read_rows, refused, text_of
from primum.errors import InputError, RecordError
from primum.language import detect, normalise
from primum.records import ByImport, Criterion, Response, Rubric, Scenario, Split, Style, Turn

__all__ = ["load_cares", "load_healthbench", "load_huatuo", "load_medquad", "load_medsafetybench"]

_CATEGORY: Final = re.compile(r"category_([1-9])\.(?:csv|txt)$")


def load_medsafetybench(root: Path, *, limit: int | None = None, requests: int = 0, seed: int = 0) -> Imported:
    """MedSafetyBench: requests against the nine AMA principles, each with a safe response, in the splits of its folders.

    The set grades no harm: level 3 for all is ours, for its requests are meant to be refused outright. `limit` rows are drawn in
    proportion to split and principle; `requests` of the plain requests, which have no response, are added to the train split.
    """
    rows: list[tuple[Split, str, str, Row]] = []
    for split in cast(tuple[Split, ...], ("train", "test")):
        for path in _category_files(root / split, "*/*.csv"):
            for row in read_rows(path, ("harmful_medical_request", "safe_response")):
                rows.append((split, path.parent.name, _principle(path), row))
    if not rows:
        raise _wrong_folder(root, "train/*/category_1.csv … category_9.csv and test/*/…", "medsafetybench")
    imported = empty()
    for split, model, principle, row in sampled(
        rows, limit, seed, lambda r: _row(r[3], root), lambda r: f"{r[0]}{r[2]}"
    ):
        safe = text_of(row, "safe_response")
        made = ByImport(dataset="medsafetybench", row=_row(row, root), licence="MIT")
        scenario = _harmful(text_of(row, "harmful_medical_request"), principle, made, safe, split)
        response = Response(scenario=scenario.id, text=safe, made=made)
        imported.scenarios.append(scenario)
        imported.responses.append(response)
        imported.groups[response.id] = model
    imported.scenarios.extend(_plain_requests(root, requests, seed, imported.scenarios) if requests else [])
    return imported


def _plain_requests(root: Path, count: int, seed: int, known: Sequence[Scenario]) -> list[Scenario]:
    seen = {normalise(scenario.prompt) for scenario in known}
    rows: list[tuple[str, Row]] = []
    for path in _category_files(root / "requests", "*.txt"):
        for row in read_lines(path):
            if (plain := normalise(text_of(row, "line"))) not in seen:
                seen.add(plain)
                rows.append((_principle(path), row))
    if not rows:
        raise _wrong_folder(root, "requests/category_1.txt … category_9.txt", "medsafetybench")
    made = []
    for principle, row in sampled(rows, count, seed, lambda r: str(r[1].values["line"]), lambda r: r[0]):
        origin = ByImport(dataset="medsafetybench", row=_row(row, root), licence="MIT")
        made.append(_harmful(text_of(row, "line"), principle, origin, None, "train"))
    return made


def _harmful(text: str, principle: str, made: ByImport, reference: str | None, split: Split) -> Scenario:
    plain = open_scenario(text, dimension=principle, language="en", made=made, reference=reference, split=split)
    return msgspec.structs.replace(plain, harm_level=3)


def _category_files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if _CATEGORY.search(path.name))


def _principle(path: Path) -> str:
    match = _CATEGORY.search(path.name)
    assert match is not None, path
    return f"ama_principle_{match.group(1)}"


def _row(row: Row, root: Path) -> str:
    """`file:line` below the set's folder, so that a record does not depend on where the set lies."""
    path, _, line = row.place.rpartition(":")
    return f"{Path(path).relative_to(root if root.is_dir() else root.parent).as_posix()}:{line}"


def _wrong_folder(root: Path, expected: str, name: str) -> InputError:
    rule = "does not exist" if not root.exists() else f"has no {expected}"
    return InputError(
        f"folder '{root.name}'", rule, f"fetch the set (primum data fetch {name}) or name its folder", str(root)
    )


def load_medquad(root: Path, *, limit: int | None = None, seed: int = 0) -> Imported:
    """MedQuAD: benign questions with answers from NIH sites; `limit` are drawn in proportion to their collections."""
    rows = read_rows(root / "qa.jsonl", ("id", "collection", "question", "answer"))
    imported = empty()
    for row in sampled(rows, limit, seed, lambda r: str(r.values["id"]), lambda r: str(r.values["collection"])):
        made = ByImport(dataset="medquad", row=text_of(row, "id"), licence="CC-BY-4.0")
        imported.scenarios.append(_question(row, made, "en"))
    return imported


def load_huatuo(root: Path, *, limit: int | None = None, seed: int = 0) -> Imported:
    """Huatuo: benign Chinese medical questions with answers; a question that is asked twice is taken once."""
    rows: dict[str, Row] = {}
    for row in read_rows(root / "questions.jsonl", ("question", "answer")):
        rows.setdefault(text_of(row, "question"), row)
    imported = empty()
    for row in sampled(list(rows.values()), limit, seed, lambda r: str(r.values["question"]), lambda r: ""):
        made = ByImport(dataset="huatuo", row=_row(row, root), licence="Apache-2.0")
        imported.scenarios.append(_question(row, made, "zh"))
    return imported


def _question(row: Row, made: ByImport, language: Literal["zh", "en"]) -> Scenario:
    answer = text_of(row, "answer", may_be_empty=True) or None
    text = text_of(row, "question")
    return open_scenario(text, dimension="medical_question", language=language, made=made, reference=answer)


# --- CARES -------------------------------------------------------------------------------------------------------------------

_HARM: Final[Mapping[str, Literal[0, 1, 2, 3]]] = {"0": 0, "1": 1, "2": 2, "3": 3}
_PRINCIPLES: Final = {str(index): f"cares_principle_{index}" for index in range(8)}
_METHODS: Final[Mapping[str, Style]] = {
    "direct": "direct",
    "indirect": "indirect",
    "obfuscate": "obfuscate",
    "role_play": "role_play",
}


def load_cares(path: Path) -> Imported:
    """CARES: a JSONL or CSV file, or a folder of them; `train` or `test` in a file's name is the split of its rows."""
    files = [path] if path.is_file() else sorted([*path.glob("*.jsonl"), *path.glob("*.csv")])
    if not files:
        raise _wrong_folder(path, "*.jsonl or *.csv", "cares")
    imported = empty()
    for file in files:
        splits: list[Split] = [split for split in cast(tuple[Split, ...], ("train", "test")) if split in file.stem]
        for row in read_rows(file, ("principle_index", "harmful_level", "method", "prompt")):
            scenario = open_scenario(
                text_of(row, "prompt"),
                dimension=one_of(row, "principle_index", _PRINCIPLES),
                language="en",
                made=ByImport(dataset="cares", row=_row(row, path)),
                reference=None,
                split=splits[0] if len(splits) == 1 else None,
            )
            level, style = one_of(row, "harmful_level", _HARM), one_of(row, "method", _METHODS)
            imported.scenarios.append(msgspec.structs.replace(scenario, harm_level=level, style=style))
    return imported


# --- HealthBench -------------------------------------------------------------------------------------------------------------


def load_healthbench(path: Path) -> Imported:
    """HealthBench: conversations with the criteria physicians wrote for them, as a JSONL file in its published form.

    A scenario's dimension is its `theme:` tag, a criterion's axis its `axis:` tag. All criteria are of the kind proficiency: the
    set marks no vetoes. It is a test set, so its split is test.
    """
    imported = empty()
    for row in read_rows(path, ("prompt_id", "prompt", "rubrics", "example_tags")):
        name = text_of(row, "prompt_id")
        try:
            scenario = _conversation(row, name)
            criteria = [
                _criterion(row, item, f"{name}#{number}") for number, item in enumerate(_objects(row, "rubrics"), 1)
            ]
            made = ByImport(dataset="healthbench", row=name, licence="MIT")
            rubric = Rubric(scenario=scenario.id, criteria=tuple(c.id for c in criteria), made=made, state="verified")
        except RecordError as error:
            refused(error, row.place)
        imported.scenarios.append(scenario)
        imported.criteria.extend(criteria)
        imported.rubrics.append(rubric)
    return imported


def _conversation(row: Row, name: str) -> Scenario:
    turns = []
    for message in _objects(row, "prompt"):
        role, content = message.get("role"), message.get("content")
        if role not in ("system", "user", "assistant") or not isinstance(content, str):
            raise InputError(
                f"a message by {role!r}", "is not {role, content} of a known role", "mend the row", row.place
            )
        turns.append(Turn(role=role, content=content))
    ideal = row.values.get("ideal_completions_data")
    reference = ideal.get("ideal_completion") if isinstance(ideal, dict) else None
    return Scenario(
        messages=tuple(turns),
        task="open",
        dimension=_tag(row.values["example_tags"], "theme:") or "healthbench",
        language=detect(" ".join(turn.content for turn in turns)),
        dataset="healthbench",
        made=ByImport(dataset="healthbench", row=name, licence="MIT"),
        reference=reference if isinstance(reference, str) else None,
        split="test",
    )


def _criterion(row: Row, item: Mapping[str, object], name: str) -> Criterion:
    statement, points, axis = item.get("criterion"), item.get("points"), _tag(item.get("tags"), "axis:")
    if not isinstance(statement, str) or not isinstance(points, (int, float)) or points != int(points) or axis is None:
        raise InputError(f"criterion {name}", "lacks its text, whole points or an axis: tag", "mend the row", row.place)
    return Criterion(
        statement=statement,
        points=int(points),
        axis=axis,
        kind_of="proficiency",
        language=detect(statement),
        made=ByImport(dataset="healthbench", row=name, licence="MIT"),
    )


def _objects(row: Row, column: str) -> list[dict[str, object]]:
    value = row.values[column]
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise InputError(f"column '{column}'", "is not a list of objects", "mend the row", row.place)
    return value


def _tag(tags: object, prefix: str) -> str | None:
    if isinstance(tags, list):
        for tag in tags:
            if isinstance(tag, str) and tag.startswith(prefix):
                return tag.removeprefix(prefix)
    return None
