"""Records for Argilla (2.x) and its responses, in the JSON that its dataset writes with `records.to_json` and reads with
`records.from_json`; its settings (fields and questions) go beside, as `settings.to_json` writes them. What we write was read back with
its own SDK (2.8); no server was asked.

A criterion's record asks for a decision, the statement (an empty line between two splits it), points, kind, a reason and a note; the
record without a number takes what is missing. Criteria cannot be merged here: use the sheet (`primum rubric edit`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

from primum.errors import InputError
from primum.records import ByPerson
from primum.rubrics.exchange.reading import Placed, Row
from primum.rubrics.exchange.review import CriterionTask, PairTask, Picked, Reviewed, by_rubric, text_of
from primum.rubrics.life.reasons import KINDS, REASONS
from primum.rubrics.life.sheet import SheetRow

__all__ = ["criterion_rows", "criterion_settings", "pair_rows", "pair_settings", "picked", "reviewed"]

_AGENT: Final = "primum"
_POINTS: Final = [str(points) for points in range(10, -11, -1) if points]
_ASKED: Final = ("decision", "statement", "points", "kind", "reason", "note")


def criterion_rows(tasks: Iterable[CriterionTask]) -> list[Row]:
    """The records of criteria; what stands there now is suggested."""
    rows = []
    for task in tasks:
        fields = {"prompt": task.prompt, "criterion": task.statement if task.number else "＋"}
        if task.reference:
            fields["reference"] = task.reference
        metadata = {"rubric": task.rubric, "number": task.number, "points": task.points, "kind": task.kind}
        metadata |= {"axis": task.axis} if task.axis else {}
        suggested = {"statement": task.statement, "points": str(task.points), "kind": task.kind} if task.number else {}
        rows.append(_row(f"{task.rubric}#{task.number}", fields, metadata, suggested))
    return rows


def pair_rows(tasks: Iterable[PairTask]) -> list[Row]:
    """The records of pairs; the preference that is there is suggested."""
    rows = []
    for task in tasks:
        fields = {"prompt": task.prompt, "left": task.left, "right": task.right}
        metadata: Row = {"scenario": task.scenario, "left_id": task.left_id, "right_id": task.right_id}
        metadata |= {"rubric": task.rubric} if task.rubric else {}
        rows.append(_row(f"{task.left_id}#{task.right_id}", fields, metadata, {"better": task.better}))
    return rows


def criterion_settings() -> Row:
    """The fields and questions of criteria, in English and Chinese."""
    reasons: dict[str, str] = {one: f"{one} · {named[0]}" for one, named in REASONS.items()}
    return _settings(
        "Read the conversation and the criterion. Change what is wrong and say why. · 阅读对话与条目，修改不妥之处并说明原因。",
        [
            _field("prompt", "Conversation · 对话"),
            _field("criterion", "Criterion · 条目 (＋: what is missing · 遗漏的条目)"),
            _field("reference", "A good answer · 参考回答", is_required=False),
        ],
        [
            _labels("decision", "Keep or remove · 保留或删除", {"keep": "keep · 保留", "remove": "remove · 删除"}),
            _text("statement", "Statement · 内容", is_required=True),
            _labels("points", "Points · 分值", {one: one for one in _POINTS}),
            _labels("kind", "Kind · 类别", {one: one for one in KINDS}),
            _labels("reason", "Why was it changed? · 为何修改", reasons),
            _text("note", "Note · 备注"),
        ],
    )


def pair_settings() -> Row:
    """The fields and the question of pairs, in English and Chinese."""
    return _settings(
        "Which answer is better? · 哪个回答更好？",
        [_field("prompt", "Conversation · 对话"), _field("left", "Left · 左"), _field("right", "Right · 右")],
        [
            _labels("better", "Better · 更好", {"left": "left · 左", "right": "right · 右"}, is_required=True),
        ],
    )


def reviewed(rows: Sequence[Placed], role: str) -> list[Reviewed]:
    """What each user said of each rubric, under a pseudonym made of their id.

    Raises `InputError` with the place for a record that is not of our settings.
    """
    said: list[tuple[str, ByPerson, SheetRow]] = []
    for place, row in rows:
        data = _metadata(row, ("rubric", "number"), place)
        rubric, number, was = (
            text_of(data, "rubric", place),
            data["number"],
            str(_fields(row, place).get("criterion", "")),
        )
        for person, values in _responses(row, role, _ASKED, place):
            text = values.get("statement", was if number else "")
            is_changed = not number or text.strip() != was.strip()
            texts = [part for part in text.split("\n\n") if part.strip()] if is_changed else [text]
            cells = {
                "id": str(number) if number else "",
                "points": values.get("points", str(data.get("points", ""))),
                "kind": values.get("kind", str(data.get("kind", ""))),
                "axis": str(data.get("axis", "")),
                "action": values.get("decision", ""),
                "reason": values.get("reason", ""),
                "note": values.get("note", ""),
                "rubric": rubric,
                "place": place,
            }
            if number and not texts:
                texts = [""]
            said += [(rubric, person, SheetRow(criterion=one, **cells)) for one in texts]
    return by_rubric(said)


def picked(rows: Sequence[Placed], role: str) -> list[Picked]:
    """Which answer of each pair each user holds better."""
    found = []
    for place, row in rows:
        data = _metadata(row, ("scenario", "left_id", "right_id"), place)
        for person, values in _responses(row, role, ("better",), place):
            side = values.get("better")
            if side not in ("left", "right"):
                _refuse(f"choice {side!r}", "is neither left nor right", "mend the export", place)
            ids = (text_of(data, "left_id", place), text_of(data, "right_id", place))
            rubric = text_of(data, "rubric", place) if data.get("rubric") is not None else None
            chosen, rejected = ids if side == "left" else ids[::-1]
            found.append(Picked(text_of(data, "scenario", place), chosen, rejected, rubric, person, place))
    return found


def _row(id: str, fields: Mapping[str, str], metadata: Row, suggested: Mapping[str, str]) -> Row:
    suggestions = {name: {"value": value, "score": None, "agent": _AGENT} for name, value in suggested.items()}
    return {
        "id": id,
        "fields": dict(fields),
        "metadata": metadata,
        "suggestions": suggestions,
        "responses": {},
        "vectors": {},
        "_server_id": None,
    }


def _settings(guidelines: str, fields: Sequence[Row], questions: Sequence[Row]) -> Row:
    return {
        "guidelines": guidelines,
        "questions": list(questions),
        "fields": list(fields),
        "vectors": [],
        "metadata": [],
        "allow_extra_metadata": True,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
        "mapping": None,
    }


def _field(name: str, title: str, is_required: bool = True) -> Row:
    settings = {"type": "text", "use_markdown": False}
    return {"name": name, "title": title, "required": is_required, "settings": settings}


def _text(name: str, title: str, is_required: bool = False) -> Row:
    return _question(name, title, is_required, {"type": "text", "use_markdown": False})


def _labels(name: str, title: str, labels: Mapping[str, str], is_required: bool = False) -> Row:
    options = [{"value": value, "text": text, "description": None} for value, text in labels.items()]
    settings = {"type": "label_selection", "options": options, "visible_options": None}
    return _question(name, title, is_required, settings)


def _question(name: str, title: str, is_required: bool, settings: Row) -> Row:
    return {"name": name, "title": title, "description": None, "required": is_required, "settings": settings}


def _metadata(row: Row, needed: Sequence[str], place: str) -> Mapping[str, Any]:
    data = row.get("metadata")
    if not isinstance(data, dict) or any(name not in data for name in needed):
        _refuse("a record", f"lacks metadata with {', '.join(needed)}", "export the dataset that primum wrote", place)
    return data


def _fields(row: Row, place: str) -> Mapping[str, Any]:
    fields = row.get("fields")
    if not isinstance(fields, dict):
        _refuse("a record", "has no fields", "export the dataset with its fields", place)
    return fields


def _responses(row: Row, role: str, known: Sequence[str], place: str) -> list[tuple[ByPerson, dict[str, str]]]:
    """Of each user the answers by question, the last one where there are two."""
    asked = row.get("responses") or {}
    if not isinstance(asked, dict):
        _refuse("'responses'", "is no table by question", "write it with records.to_json", place)
    found: dict[ByPerson, dict[str, str]] = {}
    for name, answers in asked.items():
        if name not in known:
            _refuse(f"question {name!r}", "is none of our settings", "use those written beside", place)
        for one in answers if isinstance(answers, list) else [answers]:
            if not isinstance(one, dict) or not one.get("user_id") or not isinstance(one.get("value"), str):
                _refuse(f"a response to {name!r}", "has no text or no user_id", "export with responses", place)
            person = ByPerson(person=f"annotator-{one['user_id']}", role=role)
            found.setdefault(person, {})[name] = one["value"]
    return list(found.items())


def _refuse(value: str, rule: str, way_out: str, place: str) -> NoReturn:
    raise InputError(value, rule, way_out, place)
