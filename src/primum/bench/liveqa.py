"""LiveQA-Med (TREC 2017, with MedQuAD, BMC Bioinformatics 2019, 20:511): questions of real consumers, with retrieved answers that people
graded 1 Incorrect, 2 Related, 3 Incomplete, 4 Excellent.

A grade is kept as verdicts on three statements of ours that build on each other: it is one more than the number that is met. Where an
answer stands there twice it was graded twice, and both grades are kept; the set does not say who graded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from primum.bench.imported import Imported, empty, open_scenario
from primum.bench.rows import Row, one_of, read_rows, text_of
from primum.errors import InputError
from primum.records import (
    ByImport,
    ByRule,
    Criterion,
    JudgeRef,
    Met,
    NotMet,
    Response,
    Rubric,
    Scenario,
    Verdict,
    content_hash,
)

__all__ = ["LIVEQA_GRADES", "LIVEQA_STATEMENTS", "load_liveqa"]

_LICENCE: Final = "CC-BY-4.0"
_COLUMNS: Final = ("question_id", "subject", "message", "summary", "answer_id", "answer", "grade", "grade_name")
_GRADES: Final = {"1": 1, "2": 2, "3": 3, "4": 4}
LIVEQA_GRADES: Final[Mapping[int, str]] = {1: "Incorrect", 2: "Related", 3: "Incomplete", 4: "Excellent"}
LIVEQA_STATEMENTS: Final[Sequence[tuple[int, str, str]]] = (
    (2, "accuracy", "Is on the topic of the question."),
    (3, "accuracy", "Answers at least a part of the question correctly."),
    (4, "completeness", "Answers the question completely and correctly."),
)
"""From which grade on a statement is met, its axis and its words. The words are ours, the set has grades only."""


def load_liveqa(root: Path, asked: Literal["message", "summary"] = "message") -> Imported:
    """The questions of `judged.jsonl`, their answers, and the grades as verdicts of people.

    `asked` says in which words a question is put: `message`, as it was sent (its subject first, where it has one), or `summary`, one
    sentence by those who made the set. The answers of a question share its cluster; no split is given. `groups` names the collection an
    answer was found in. The first grade of an answer is by the judge `liveqa-med:grade`, the next by `liveqa-med:grade_2`, and so on:
    every row becomes three verdicts. An answer may be empty, its grade counts all the same.

    Raises `InputError` with file and line for a row that is not understood, and for a question that is put in two ways.
    """
    imported = empty()
    criteria = [_criterion(axis, statement) for _, axis, statement in LIVEQA_STATEMENTS]
    scenarios: dict[str, Scenario] = {}
    answers: dict[tuple[str, str], tuple[Response, int]] = {}
    judges: list[JudgeRef] = []
    verdicts: list[Verdict] = []
    for row in read_rows(root / "judged.jsonl", _COLUMNS):
        made = ByImport(dataset="liveqa-med", row=f"judged.jsonl:{row.place.rpartition(':')[2]}", licence=_LICENCE)
        scenario = _scenario(scenarios, row, made, asked)
        text = text_of(row, "answer", may_be_empty=True)
        response, times = answers.get((scenario.id, text), (None, 0))
        if response is None:
            response = Response(scenario=scenario.id, text=text, made=made)
            imported.responses.append(response)
            imported.groups[response.id] = text_of(row, "answer_id").partition("_")[0].lower()
        answers[scenario.id, text] = response, times + 1
        if times == len(judges):
            judges.append(_judge(times + 1))
        verdicts += _verdicts(_grade(row), response, criteria, judges[times])
    imported.scenarios.extend(scenarios.values())
    imported.judges.extend(judges)
    imported.criteria.extend(criteria)
    names = tuple(one.id for one in criteria)
    rule = ByRule(rule="bench.liveqa")
    imported.rubrics.extend(Rubric(scenario=one.id, criteria=names, made=rule) for one in scenarios.values())
    return imported._replace(verdicts=verdicts)


def _scenario(
    scenarios: dict[str, Scenario], row: Row, made: ByImport, asked: Literal["message", "summary"]
) -> Scenario:
    number = row.values["question_id"]
    if not isinstance(number, int) or isinstance(number, bool):
        raise InputError(f"question_id = {str(number)[:40]!r}", "is not a whole number", "mend the row", row.place)
    subject = text_of(row, "subject", may_be_empty=True)
    message, summary = text_of(row, "message"), text_of(row, "summary")
    sent = f"{subject}\n\n{message}" if subject else message
    put = sent if asked == "message" else summary
    name = str(number)
    if name not in scenarios:
        plain = open_scenario(put, dimension="medical_question", language="en", made=made, reference=None)
        scenarios[name] = msgspec.structs.replace(plain, cluster=f"liveqa-med-{name}")
    elif scenarios[name].prompt != put:
        raise InputError(f"question {name}", "is put in two ways", "keep one of them", row.place)
    return scenarios[name]


def _grade(row: Row) -> int:
    grade = one_of(row, "grade", _GRADES)
    if row.values["grade_name"] != LIVEQA_GRADES[grade]:
        raise InputError(
            f"grade_name {str(row.values['grade_name'])[:40]!r}",
            f"contradicts grade {grade}, which is {LIVEQA_GRADES[grade]}",
            "mend the row",
            row.place,
        )
    return grade


def _verdicts(grade: int, response: Response, criteria: Sequence[Criterion], judge: JudgeRef) -> list[Verdict]:
    return [
        Verdict(
            response=response.id,
            criterion=criterion.id,
            judge=judge.id,
            outcome=Met() if grade >= least else NotMet(),
            explanation=f"{grade} {LIVEQA_GRADES[grade]}",
        )
        for criterion, (least, _, _) in zip(criteria, LIVEQA_STATEMENTS, strict=True)
    ]


def _criterion(axis: str, statement: str) -> Criterion:
    return Criterion(
        statement=statement,
        points=1,
        axis=axis,
        kind_of="proficiency",
        language="en",
        made=ByRule(rule="bench.liveqa"),
    )


def _judge(number: int) -> JudgeRef:
    column = "grade" if number == 1 else f"grade_{number}"
    made = ByImport(dataset="liveqa-med", row=column, licence=_LICENCE)
    return JudgeRef(
        name=f"liveqa-med:{column}", kind_of="person", fingerprint=content_hash(["liveqa-med", column]), made=made
    )
