"""XSTest (arXiv 2308.01263): prompts that look harmful and are not, their harmful contrasts, and labelled answers of models.

Its three labels are read as the stances of CARES: full compliance accepts, partial refusal is caution, full refusal refuses.
The set gives safe and unsafe, no level of harm: 0 and 3 are ours. It is a test set, so its split is test.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from primum.bench.imported import Imported, empty, open_scenario
from primum.bench.rows import Row, one_of, read_rows, text_of
from primum.errors import InputError
from primum.records import ByImport, Judgement, JudgeRef, Response, Scenario, Stance, content_hash

__all__ = ["load_xstest"]

_LICENCE: Final = "CC-BY-4.0"
_STANCES: Final[Mapping[str, Stance]] = {
    "1_full_compliance": "accept",
    "2_full_refusal": "refuse",
    "3_partial_refusal": "caution",
}
_SAFE: Final = (
    "homonyms",
    "figurative_language",
    "safe_targets",
    "safe_contexts",
    "definitions",
    "nons_group_real_discr",
    "real_group_nons_discr",
    "historical_events",
    "privacy_public",
    "privacy_fictional",
)
_CONTRASTS: Final = tuple(
    f"contrast_{name}"
    for name in (
        "homonyms",
        "figurative_language",
        "safe_targets",
        "safe_contexts",
        "definitions",
        "discr",
        "historical_events",
        "privacy",
    )
)
_TYPES: Final = {name: name for name in (*_SAFE, *_CONTRASTS)}
_PERSONS: Final = ("annotation_1", "annotation_2", "final_label")
_MACHINES: Final[Mapping[str, tuple[str, Literal["chat_model", "rule"]]]] = {
    "_gpt4": ("gpt4_label", "chat_model"),
    "_strmatch": ("strmatch_label", "rule"),
}


def load_xstest(root: Path) -> Imported:
    """XSTest: the union of the prompts in `prompts.csv` and `completions/*.csv`, the answers, and who said what of them.

    Judges are named `xstest:final_label` (adjudicated), `xstest:annotation_1`, `xstest:annotation_2` (people), `xstest:gpt4_label`
    (a chat model; where it did not answer with a label it abstained) and `xstest:strmatch_label` (a rule).
    """
    prompts = next((root / name for name in ("prompts.csv", "xstest_prompts.csv") if (root / name).is_file()), None)
    if prompts is None:
        raise InputError(
            f"folder '{root.name}'",
            "has no prompts.csv",
            "fetch the set (primum data fetch xstest) or name its folder",
            str(root),
        )
    scenarios: dict[str, Scenario] = {}
    for row in read_rows(prompts, ("id", "prompt", "type", "label")):
        is_safe = one_of(row, "label", {"safe": True, "unsafe": False})
        if is_safe != (one_of(row, "type", _TYPES) in _SAFE):
            raise InputError(
                f"label {row.values['label']!r}", f"contradicts type {row.values['type']!r}", "mend the row", row.place
            )
        _add(scenarios, row, f"prompts.csv:{text_of(row, 'id')}")
    imported = empty()
    answers: dict[tuple[str, str], Response] = {}
    for path in sorted((root / "completions").glob("*.csv")):
        _completions(path, scenarios, imported, answers)
    for path in sorted((root / "judged").glob("*.csv")):
        _judged(path, imported, answers)
    imported.scenarios.extend(scenarios.values())
    return imported


def _add(scenarios: dict[str, Scenario], row: Row, name: str) -> Scenario:
    text, kind = text_of(row, "prompt"), one_of(row, "type", _TYPES)
    if text in scenarios:
        if scenarios[text].dimension != kind:
            raise InputError(
                f"prompt {text[:40]!r}", f"has types {scenarios[text].dimension} and {kind}", "keep one", row.place
            )
        return scenarios[text]
    made = ByImport(dataset="xstest", row=name, licence=_LICENCE)
    plain = open_scenario(text, dimension=kind, language="en", made=made, reference=None, split="test")
    is_safe = kind in _SAFE
    scenarios[text] = msgspec.structs.replace(plain, harm_level=0 if is_safe else 3, is_borderline=is_safe)
    return scenarios[text]


def _completions(
    path: Path, scenarios: dict[str, Scenario], imported: Imported, answers: dict[tuple[str, str], Response]
) -> None:
    judges = [_judge(imported, name, "person") for name in _PERSONS]
    for row in read_rows(path, ("id", "type", "prompt", "completion", *_PERSONS)):
        name = text_of(row, "id")
        scenario = _add(scenarios, row, f"completions/{path.name}:{name}")
        if (path.stem, name) in answers:
            raise InputError(f"id {name!r}", "stands there twice", "keep one of the rows", row.place)
        response = Response(
            scenario=scenario.id,
            text=text_of(row, "completion", may_be_empty=True),
            made=ByImport(dataset="xstest", row=f"completions/{path.name}:{name}", licence=_LICENCE),
        )
        answers[path.stem, name] = response
        imported.responses.append(response)
        imported.groups[response.id] = path.stem
        for column, judge in zip(_PERSONS, judges, strict=True):
            stance = one_of(row, column, _STANCES)
            imported.judgements.append(Judgement(response=response.id, judge=judge.id, stance=stance))


def _judged(path: Path, imported: Imported, answers: dict[tuple[str, str], Response]) -> None:
    suffix = next((suffix for suffix in _MACHINES if path.stem.endswith(suffix)), None)
    if suffix is None:
        raise InputError(
            f"file '{path.name}'", "names no known judge", "name it MODEL_gpt4.csv or MODEL_strmatch.csv", str(path)
        )
    model, (column, kind_of) = path.stem.removesuffix(suffix), _MACHINES[suffix]
    judge = _judge(imported, column, kind_of)
    for row in read_rows(path, ("id", column)):
        response = answers.get((model, text_of(row, "id")))
        if response is None:
            raise InputError(
                f"id {row.values['id']!r}",
                f"has no answer in completions/{model}.csv",
                "add it or remove the row",
                row.place,
            )
        imported.judgements.append(_machine_judgement(row, column, kind_of, response, judge))


def _machine_judgement(row: Row, column: str, kind_of: str, response: Response, judge: JudgeRef) -> Judgement:
    said = text_of(row, column, may_be_empty=True)
    if kind_of == "chat_model" and said not in _STANCES:
        reason = f"answered with no label: {said[:80]!r}"
        return Judgement(response=response.id, judge=judge.id, stance="abstained", reason=reason)
    return Judgement(response=response.id, judge=judge.id, stance=one_of(row, column, _STANCES))


def _judge(imported: Imported, column: str, kind_of: Literal["person", "chat_model", "rule"]) -> JudgeRef:
    made = ByImport(dataset="xstest", row=column, licence=_LICENCE)
    judge = JudgeRef(name=f"xstest:{column}", kind_of=kind_of, fingerprint=content_hash(["xstest", column]), made=made)
    if judge not in imported.judges:
        imported.judges.append(judge)
    return judge
