"""The judge of free-text criteria by rules written by hand, in Chinese and English. It was trained on nothing and asks no model.

A criterion is read for its verb (mentions, recommends, advises against, asks, refuses …), for whether it is met by something missing
(`Fails to …`, `未提及…`), for the concepts of clinical communication in it and for the terms that carry its content; what the query itself
names weighs little. Then the answer is searched sentence by sentence. It hears words, not arguments: a paraphrase that shares neither
concept nor term is not found. Where part of a criterion is there and part is not, it abstains and says what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Final

from primum.judging.criteria.rule_asked import read_criterion
from primum.judging.criteria.rule_heard import hear
from primum.judging.criteria.rule_terms import WORDS
from primum.judging.criteria.rule_weighing import LEAST_TOLD, Finding, weigh
from primum.judging.usable import unusable_reason
from primum.language import detect
from primum.ports import Assessment, Case, Progress, silent
from primum.records import (
    Abstained,
    ByRule,
    Criterion,
    Judgement,
    JudgeRef,
    Met,
    NotMet,
    Outcome,
    Scenario,
    Verdict,
    content_hash,
)

__all__ = ["CriterionRules"]

_VERSION: Final = "1"
_NO_STANCE: Final = "the rules read criteria, not a stance"


@cache
def _fingerprint() -> str:
    """The hash of the rules as they are written: a word, a limit or a line that changes makes another judge."""
    folder = resources.files("primum.judging.criteria")
    rules = sorted((file for file in folder.iterdir() if file.name.startswith("rule")), key=lambda file: file.name)
    return content_hash(
        [[file.name, sha256(file.read_bytes()).hexdigest()] for file in rules if file.name.endswith(".py")]
    )


class CriterionRules:
    """Decides criteria that are free text by hand-written rules; implements `primum.ports.Judge`.

    From an answer that is not language, one in another language than its criterion, and criteria with a `check_by` it abstains with the
    reason. The explanation of a verdict is the sentence that decided, or what was not found. Its stance is `unusable` or `abstained`.
    """

    def __init__(self) -> None:
        self._ref = JudgeRef(
            name="criterion rules",
            kind_of="rule",
            fingerprint=_fingerprint(),
            made=ByRule(rule="judging.criteria.rule", version=_VERSION),
        )

    @property
    def ref(self) -> JudgeRef:
        return self._ref

    def can_read(self, criterion: Criterion, scenario: Scenario) -> bool:
        """Whether the criterion names something the rules could look for, whatever the answer to `scenario` is."""
        if criterion.check_by is not None:
            return False
        asked = read_criterion(criterion.statement, criterion.language, scenario.prompt)
        return any(all(part.weight >= LEAST_TOLD for part in way) for way in asked.ways)

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        """One assessment a case, in order."""
        assessments: list[Assessment] = []
        for case in cases:
            assessments.append(self._assess(case))
            progress(len(assessments), len(cases))
        return assessments

    def _assess(self, case: Case) -> Assessment:
        unusable = unusable_reason(case.response, case.scenario.language)
        spoken = detect(case.response.text)
        verdicts = tuple(self._verdict(case, criterion, unusable, spoken) for criterion in case.criteria)
        judgement = Judgement(
            response=case.response.id,
            judge=self._ref.id,
            stance="abstained" if unusable is None else "unusable",
            verdicts=tuple(verdict.id for verdict in verdicts),
            reason=unusable or _NO_STANCE,
        )
        return Assessment(judgement, verdicts)

    def _verdict(self, case: Case, criterion: Criterion, unusable: str | None, spoken: str) -> Verdict:
        if criterion.check_by is not None:
            found = Finding(None, "the criterion is decided by a check of its own, not by its words")
        elif unusable is not None:
            found = Finding(None, f"the answer is unusable: {unusable}")
        elif spoken != criterion.language:
            found = Finding(None, f"the answer is in '{spoken}', the criterion in '{criterion.language}'")
        else:
            asked = read_criterion(criterion.statement, criterion.language, case.scenario.prompt)
            heard = hear(case.response.text, criterion.language)
            found = weigh(asked, heard, WORDS[criterion.language], criterion.language)
        outcome: Outcome = Abstained(reason=found.why) if found.is_met is None else Met() if found.is_met else NotMet()
        return Verdict(
            response=case.response.id,
            criterion=criterion.id,
            judge=self._ref.id,
            outcome=outcome,
            explanation="" if found.is_met is None else found.why,
        )
