"""Tasks for Label Studio and its annotations, as its documentation describes them ("Label Studio JSON format of annotated tasks").

Written: a JSON array of `{"data", "predictions"}` to import, and the labelling configuration (XML) that goes with it. Read: its JSON
export, where each task has `annotations` with `completed_by` and `result`. What we write was checked with its own SDK (2.1), which
reads configurations and validates tasks; not against a running server.

A criterion's task asks for a decision, the statement (several entries split it), points, kind, a reason and a note. An entry under the
task without a number is a new criterion. Criteria cannot be merged here: use the sheet (`primum rubric edit`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn
from xml.sax.saxutils import quoteattr

from primum.errors import InputError
from primum.records import ByPerson
from primum.rubrics.exchange.reading import Placed, Row
from primum.rubrics.exchange.review import CriterionTask, PairTask, Picked, Reviewed, by_rubric, text_of
from primum.rubrics.life.reasons import KINDS, REASONS
from primum.rubrics.life.sheet import SheetRow

__all__ = ["criterion_config", "criterion_rows", "pair_config", "pair_rows", "picked", "reviewed"]

_MODEL: Final = "primum"
_TYPES: Final = {
    "decision": ("choices", "choices"),
    "statement": ("textarea", "text"),
    "points": ("number", "number"),
    "kind": ("choices", "choices"),
    "reason": ("choices", "choices"),
    "note": ("textarea", "text"),
    "better": ("pairwise", "selected"),
}


def criterion_rows(tasks: Iterable[CriterionTask]) -> list[Row]:
    """The tasks of criteria, each prefilled with what stands there now."""
    rows = []
    for task in tasks:
        data: Row = task._asdict() | {"shown": f"{task.number}. {task.statement}" if task.number else "＋"}
        filled = [
            _result("statement", [task.statement]),
            _result("points", task.points),
            _result("kind", [task.kind]),
        ]
        rows.append({"data": data, "predictions": [_prediction(filled)] if task.number else []})
    return rows


def pair_rows(tasks: Iterable[PairTask]) -> list[Row]:
    """The tasks of pairs; the prediction is the preference that is there."""
    rows = []
    for task in tasks:
        data = {name: value for name, value in task._asdict().items() if name != "better"}
        rows.append({"data": data, "predictions": [_prediction([_result("better", task.better, "left,right")])]})
    return rows


def criterion_config() -> str:
    """The labelling configuration of criteria, in English and Chinese."""
    reasons = "\n".join(
        f"    <Choice value={quoteattr(one)} hint={quoteattr(f'{named[0]}: {named[1]}')}/>"
        for one, named in REASONS.items()
    )
    kinds = "\n".join(f"    <Choice value={quoteattr(kind)}/>" for kind in KINDS)
    return f"""<View>
  <Header value="Conversation · 对话"/>
  <Text name="prompt" value="$prompt"/>
  <Header value="Criterion · 条目 (＋: write what is missing, one entry each · 请写出遗漏的条目)"/>
  <Text name="criterion" value="$shown"/>
  <Choices name="decision" toName="criterion" choice="single-radio" showInline="true">
    <Choice value="keep" hint="保留"/>
    <Choice value="remove" hint="删除"/>
  </Choices>
  <TextArea name="statement" toName="criterion" editable="true" rows="2" placeholder="statement · 内容"/>
  <Number name="points" toName="criterion" min="-10" max="10" step="1"/>
  <Choices name="kind" toName="criterion" choice="single-radio" showInline="true">
{kinds}
  </Choices>
  <Header value="Why was it changed? · 为何修改"/>
  <Choices name="reason" toName="criterion" choice="single-radio" showInline="true">
{reasons}
  </Choices>
  <TextArea name="note" toName="criterion" rows="1" maxSubmissions="1" placeholder="note · 备注"/>
</View>
"""


def pair_config() -> str:
    """The labelling configuration of pairs, in English and Chinese."""
    return """<View>
  <Header value="Which answer is better? · 哪个回答更好？"/>
  <Text name="prompt" value="$prompt"/>
  <Pairwise name="better" toName="left,right"/>
  <View style="display: flex; gap: 1em;">
    <View style="flex: 1;"><Text name="left" value="$left"/></View>
    <View style="flex: 1;"><Text name="right" value="$right"/></View>
  </View>
</View>
"""


def reviewed(rows: Sequence[Placed], role: str) -> list[Reviewed]:
    """What each annotator said of each rubric, under a pseudonym made of their number; cancelled annotations are passed over.

    Raises `InputError` with the place for an annotation that is not of our configuration.
    """
    said: list[tuple[str, ByPerson, SheetRow]] = []
    for place, row in rows:
        data = _data(row, ("rubric", "number"), place)
        rubric, number = text_of(data, "rubric", place), data["number"]
        for person, values in _annotations(row, role, place):
            texts = _texts(values.get("statement"))
            cells = {
                "id": str(number) if number else "",
                "points": str(values.get("points", data.get("points", ""))),
                "kind": _first(values.get("kind"), str(data.get("kind", ""))),
                "axis": str(data.get("axis", "")),
                "action": _first(values.get("decision")),
                "reason": _first(values.get("reason")),
                "note": " / ".join(_texts(values.get("note"))),
                "rubric": rubric,
                "place": place,
            }
            if number and not texts:
                texts = [str(data.get("statement", ""))]
            said += [(rubric, person, SheetRow(criterion=text, **cells)) for text in texts if text.strip() or number]
    return by_rubric(said)


def picked(rows: Sequence[Placed], role: str) -> list[Picked]:
    """Which answer of each pair each annotator holds better."""
    found = []
    for place, row in rows:
        data = _data(row, ("scenario", "left_id", "right_id"), place)
        for person, values in _annotations(row, role, place):
            side = values.get("better")
            if side is None:
                continue
            if side not in ("left", "right"):
                _refuse(f"choice {side!r}", "is neither left nor right", "mend the export", place)
            ids = (text_of(data, "left_id", place), text_of(data, "right_id", place))
            rubric = text_of(data, "rubric", place) if data.get("rubric") is not None else None
            chosen, rejected = ids if side == "left" else ids[::-1]
            found.append(Picked(text_of(data, "scenario", place), chosen, rejected, rubric, person, place))
    return found


def _result(name: str, value: Any, about: str = "criterion") -> Row:
    kind, key = _TYPES[name]
    return {"id": name, "from_name": name, "to_name": about, "type": kind, "value": {key: value}}


def _prediction(results: Sequence[Row]) -> Row:
    return {"model_version": _MODEL, "result": list(results)}


def _data(row: Row, needed: Sequence[str], place: str) -> Mapping[str, Any]:
    data = row.get("data")
    if not isinstance(data, dict) or any(name not in data for name in needed):
        _refuse(
            "a task", f"lacks data with {', '.join(needed)}", "give the JSON export of tasks that primum wrote", place
        )
    return data


def _annotations(row: Row, role: str, place: str) -> list[tuple[ByPerson, dict[str, Any]]]:
    """Of each annotator the last annotation, by name of the control."""
    listed = row.get("annotations", [])
    if not isinstance(listed, list):
        _refuse("'annotations'", "is no list", "give the JSON export, not JSON-MIN", place)
    found: dict[ByPerson, dict[str, Any]] = {}
    for one in listed:
        if not isinstance(one, dict) or not isinstance(one.get("result"), list):
            _refuse("an annotation", "has no result", "give the JSON export", place)
        if one.get("was_cancelled"):
            continue
        by = one.get("completed_by")
        number = by.get("id") if isinstance(by, dict) else by  # the name and address of a person stay outside
        if not isinstance(number, int | str) or isinstance(number, bool):
            _refuse("an annotation", "does not say who completed it", "export completed_by", place)
        person = ByPerson(person=f"annotator-{number}", role=role)
        values: dict[str, Any] = {}
        for result in one["result"]:
            name = result.get("from_name") if isinstance(result, dict) else None
            if not isinstance(name, str) or name not in _TYPES:
                _refuse(f"control {name!r}", "is none of our configuration", "use the one written beside", place)
            value = result.get("value", {})
            if not isinstance(value, dict):
                _refuse(f"value {str(value)[:40]!r}", f"of control {name!r} is no table", "give the JSON export", place)
            values[name] = value.get(_TYPES[name][1])
        found.pop(person, None)
        found[person] = values
    return list(found.items())


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _first(value: Any, default: str = "") -> str:
    return str(value[0]) if isinstance(value, list) and value else default


def _refuse(value: str, rule: str, way_out: str, place: str) -> NoReturn:
    raise InputError(value, rule, way_out, place)
