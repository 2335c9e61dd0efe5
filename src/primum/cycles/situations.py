"""What people look up in the bench: how many situations there are, and one of them with all it rests on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from primum.cycles.workspace import Workspace
from primum.errors import UnknownIdError
from primum.records import Criterion, Norm, Rubric, Scenario, plain
from primum.store import made_by

__all__ = ["count_situations", "show_situation"]


def count_situations(workspace: Path) -> list[dict[str, Any]]:
    """One row for each set, language, task and split."""
    with Workspace(workspace, is_writer=False) as opened:
        counted = Counter((one.dataset, one.language, one.task, one.split or "") for one in opened.store.all(Scenario))
    return [
        {"dataset": key[0], "language": key[1], "task": key[2], "split": key[3], "n": n}
        for key, n in sorted(counted.items())
    ]


def show_situation(workspace: Path, name: str) -> dict[str, Any]:
    """A situation with the norms it rests on and the criteria of its rubrics. Raises `UnknownIdError`."""
    with Workspace(workspace, is_writer=False) as opened:
        store = opened.store
        scenario = store.get(store.resolve(name))
        if not isinstance(scenario, Scenario):
            raise UnknownIdError(
                f"'{name}'", f"is a {scenario.kind()}, not a situation", "name the id of a scenario", str(workspace)
            )
        norms = [norm for norm in store.get_many(scenario.norms) if isinstance(norm, Norm)]
        rubrics = [
            one
            for role, id in store.children(scenario.id)
            if role == "scenario" and isinstance(one := store.get(id), Rubric)
        ]
        criteria = [one for rubric in rubrics for one in store.get_many(rubric.criteria) if isinstance(one, Criterion)]
    shown: dict[str, Any] = plain(scenario)
    return shown | {
        "id": scenario.id,
        "made_by": made_by(scenario),
        "norms_shown": [{"id": norm.id, "reference": norm.reference, "text": norm.text} for norm in norms],
        "criteria": [{"id": one.id, "points": one.points, "statement": one.statement} for one in criteria],
    }
