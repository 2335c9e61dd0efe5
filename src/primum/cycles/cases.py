"""Conversations, criteria and answers of a HealthBench-shaped set as the cases that a judge is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast, get_args

from primum.errors import InputError, RecordError
from primum.evaluation.suites.files import AnswerRow, HealthRow
from primum.language import detect
from primum.ports import Case
from primum.records import ByImport, Criterion, CriterionKind, Response, Scenario, Turn, content_hash

__all__ = ["case_of", "check_rows", "kind_of", "prompt_digest"]

_ROLES = ("system", "user", "assistant")


def check_rows(rows: Sequence[HealthRow], place: str) -> None:
    """Raise `InputError` for a row that no case can be made of, before any is judged."""
    for row in rows:
        for rule in row.rubrics:
            if rule.points != int(rule.points) or not -10 <= rule.points <= 10:
                raise InputError(
                    f"criterion {rule.criterion[:60]!r} of {row.prompt_id!r} with {rule.points:g} points",
                    "cannot be judged: points are whole numbers from −10 to 10",
                    "scale the points of the set",
                    place,
                )
        roles = [message.role for message in row.prompt]
        if not set(roles) <= set(_ROLES) or roles[-1:] != ["user"] or not row.prompt[-1].content.strip():
            raise InputError(
                f"prompt {row.prompt_id!r} with the roles {roles}",
                "does not end with something a user says",
                "mend the row; roles are system, user and assistant",
                place,
            )


def case_of(row: HealthRow, answer: AnswerRow, dataset: str) -> Case:
    """The case of one answer. Scenario and criteria are named as `bench.load_healthbench` names them: `prompt_id`, `prompt_id#1` …

    A criterion's axis is its `axis:` tag, empty where it has none; its kind the `kind:` tag, proficiency where it has none.

    Raises `InputError` for a row that `check_rows` would have refused.
    """
    made = ByImport(dataset=dataset, row=row.prompt_id)
    texts = [message.content for message in row.prompt]
    try:
        scenario = Scenario(
            messages=tuple(
                Turn(role=cast(Literal["system", "user", "assistant"], one.role), content=one.content)
                for one in row.prompt
            ),
            task="open",
            dimension=_tag(row.example_tags, "theme:") or dataset,
            language=detect(" ".join(texts)),
            dataset=dataset,
            made=made,
            split="test",
        )
        criteria = tuple(
            Criterion(
                statement=rule.criterion,
                points=int(rule.points),
                axis=_tag(rule.tags, "axis:"),
                kind_of=kind_of(rule.tags),
                language=detect(rule.criterion),
                made=ByImport(dataset=dataset, row=f"{row.prompt_id}#{number}"),
            )
            for number, rule in enumerate(row.rubrics, 1)
        )
    except RecordError as error:
        raise InputError(error.value, error.rule, error.way_out, f"prompt {row.prompt_id}") from error
    response = Response(
        scenario=scenario.id, text=answer.response, made=ByImport(dataset=answer.model or "answers", row=row.prompt_id)
    )
    return Case(scenario, response, criteria)


def prompt_digest(row: HealthRow) -> str:
    """The first 20 hex digits of the hash of a conversation with its criteria: it changes when what is judged does."""
    return content_hash([row.prompt_id, row.prompt, row.rubrics])[:20]


def kind_of(tags: Sequence[str]) -> CriterionKind:
    """The kind that a criterion's tag `kind:` names; proficiency without one. Raises `InputError` for a kind that there is not."""
    told = _tag(tags, "kind:") or "proficiency"
    if told not in get_args(CriterionKind):
        raise InputError(
            f"tag 'kind:{told}'",
            "names no kind of criterion",
            f"take one of {', '.join(get_args(CriterionKind))}",
            "tags",
        )
    return cast(CriterionKind, told)


def _tag(tags: Sequence[str], prefix: str) -> str:
    return next((tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)), "")
