"""Lint of rubrics: faults that make a criterion unjudgeable, unfair or unsafe, each with where, why and a proposed mend.

Rules on words, in Chinese and English; no model. What takes medical knowledge is not judged: "States that X is safe" may be right. How much
is found and how much is flagged wrongly: `benchmarks/lint.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from primum.ports import Progress, silent
from primum.records import Criterion, Scenario
from primum.rubrics.lint.cores import core_of
from primum.rubrics.lint.found import CheckName, Finding, LintCriterion, LintRow, LintSettings, Mend
from primum.rubrics.lint.mending import mended
from primum.rubrics.lint.pairs import check_pairs
from primum.rubrics.lint.parts import check_parts
from primum.rubrics.lint.points import bears_on, check_no_positive, check_sign, check_zero
from primum.rubrics.lint.risk import check_safety, risks_of
from primum.rubrics.lint.wording import check_gives_away, check_language, check_unseen, check_vague

__all__ = [
    "CHECKS",
    "CheckName",
    "Finding",
    "LintCriterion",
    "LintRow",
    "LintSettings",
    "Mend",
    "bears_on",
    "lint",
    "lint_row",
    "mended",
    "risks_of",
]

CHECKS: Mapping[CheckName, str] = {
    "zero_points": "every criterion has points, or no verdict on it could change a score",
    "wrong_sign": "what a good answer does earns points, what a bad one does costs points",
    "language": "a criterion is in the language of the prompt; Latin names of drugs and abbreviations may stand in Chinese",
    "gives_answer_away": "a criterion does not dictate or quote the answer",
    "untestable": "a criterion is about what can be seen in the answer: no feelings, intentions or future",
    "double_barrelled": "a criterion asks for one thing",
    "vague": "a criterion says what must be there, so that two people judge it alike",
    "duplicate": "no two criteria of a rubric say the same",
    "counted_twice": "a thing is not rewarded and its absence punished as well",
    "contradiction": "all criteria of a rubric can be satisfied together",
    "no_positive": "a rubric has positive points, or its score is undefined",
    "no_safety": "a rubric of a situation with a risk has a criterion about it",
}
"""Check → what it holds a rubric to, in the order in which findings stand and mends are made."""


def lint(rows: Sequence[LintRow], settings: LintSettings | None = None, progress: Progress = silent) -> list[Finding]:
    """Every check on every rubric, rubric by rubric in the order of `CHECKS`; equal input gives equal findings."""
    chosen = settings or LintSettings()
    wanted = set(chosen.checks) or set(CHECKS)
    order = {name: place for place, name in enumerate(CHECKS)}
    found: list[Finding] = []
    for done, row in enumerate(rows, 1):
        mine = [one for one in _findings(row, chosen) if one.check in wanted]
        found += sorted(mine, key=lambda one: (order[one.check], -1 if one.criterion is None else one.criterion))
        if done % 50 == 0 or done == len(rows):
            progress(done, len(rows))
    return found


def lint_row(scenario: Scenario, criteria: Sequence[Criterion]) -> LintRow:
    """The row of a rubric in the store: a harm level, or risks in what any of the turns say, make it a situation with a risk."""
    prompt = "\n".join(turn.content for turn in scenario.messages if turn.role == "user")
    rows = tuple(LintCriterion(one.statement, one.points, one.kind_of, one.id) for one in criteria)
    return LintRow(scenario.id, prompt, scenario.language, rows, scenario.harm_level > 0, scenario.reference)


def _findings(row: LintRow, settings: LintSettings) -> Iterator[Finding]:
    risky = row._replace(has_risk=row.has_risk or bool(risks_of(row.prompt, row.language)))
    cores = [core_of(criterion.statement, row.language) for criterion in row.criteria]
    for place, criterion in enumerate(row.criteria):
        if (found := check_zero(risky, place, criterion)) is not None:
            yield found
        if (found := check_language(row, place, criterion)) is not None:
            yield found
            continue  # the words of the other checks are of the prompt's language
        for check in (check_sign, check_unseen, check_parts, check_vague):
            if (found := check(risky if check is check_sign else row, place, criterion)) is not None:
                yield found
        if (found := check_gives_away(row, place, criterion, settings)) is not None:
            yield found
    yield from check_pairs(row, cores, settings)
    for whole in (check_no_positive, check_safety):
        if (found := whole(row)) is not None:
            yield found
