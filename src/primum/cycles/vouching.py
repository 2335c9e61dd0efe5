"""Vouching: the certificate of a run's judge, measured while the guardian was trained or read from a file, and whether it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from primum.cycles import lessons
from primum.cycles.certifying import read_certificate
from primum.cycles.recipe import WorldRecipe
from primum.cycles.steps import Step, now
from primum.errors import InputError
from primum.judging.certificate import certify_stances, why_invalid
from primum.judging.guardian import Guardian
from primum.judging.guardian_report import GuardianReport
from primum.judging.probes import run_probes
from primum.ports import Case
from primum.records import Certificate, Judgement, JudgeRef, Norm, Scenario, plain
from primum.store import Store

__all__ = ["Vouched", "guardian_certificate", "judge_data", "vouched"]

_NONE = ("it has no certificate", "没有证书")
_VERDICTS_ONLY = (
    "its certificate is of verdicts on criteria, and this report rests on the stances of answers",
    "其证书针对逐条标准的判定，而本报告依据的是回答的立场",
)


class Vouched(NamedTuple):
    """A judge, its certificate where there is one, and why that does not vouch for it (en, zh), where it does not."""

    judge: JudgeRef
    certificate: Certificate | None
    why_not: tuple[str, str] | None


def guardian_certificate(
    guardian: Guardian,
    measured: GuardianReport,
    store: Store,
    recipe: WorldRecipe,
    norms: Mapping[str, Norm],
    unseen: Sequence[Scenario],
    learned: Container[str],
) -> Certificate:
    """The guardian's certificate against whoever labelled the left-out answers, with the probes on answers it did not learn from.

    `unseen` are situations it was not trained on: what they are answered, well and badly, follows from how the answers are made. The
    texts in `learned` are left out; simulated answers still share phrases with those it learned from. People are the reference where
    they labelled, else whoever labelled most; answers that others labelled are not counted.
    """
    judgements = {
        one.id: one for one in store.get_many([row.id for row in measured.rows]) if isinstance(one, Judgement)
    }
    labelled_by = Counter(judgements[row.id].judge for row in measured.rows)
    references = {one.id: one for one in store.get_many(sorted(labelled_by)) if isinstance(one, JudgeRef)}
    # A person before whatever else labelled, then whoever labelled most.
    reference_id = max(references, key=lambda id: (references[id].kind_of == "person", labelled_by[id], id))
    reference = references[reference_id]
    rows = [row for row in measured.rows if judgements[row.id].judge == reference_id]
    drawn = lessons.choose(unseen, recipe.probe_rows, recipe.seed)
    cases = [
        Case(scenario, lesson.response, ())
        for scenario in drawn
        for lesson in lessons.of_each_nature(scenario, norms, recipe.policy, recipe.seed)
        if lesson.response.text not in learned
    ]
    if not cases:
        raise InputError(
            "no open situation", "was held back for probing the guardian", "raise split.dev", f"recipe '{recipe.name}'"
        )
    probes = run_probes(guardian, cases, recipe.probes).outcomes
    return certify_stances(
        guardian.ref, rows, reference, now()[:10], recipe.certificate_days, measured.left_out, probes
    )


def vouched(store: Store, recipe: WorldRecipe, guardian: Step, judge: JudgeRef) -> Vouched:
    """Whether a certificate vouches today for the judge of a run: the guardian's own, or the one the recipe names for its chat model."""
    certificate: Certificate | None = None
    if judge.id == guardian.outputs["id"]:
        found = store.get(guardian.outputs["certificate"])
        assert isinstance(found, Certificate)
        certificate = found
    elif recipe.chat is not None and recipe.chat.certificate is not None:
        certificate = read_certificate(Path(recipe.chat.certificate).expanduser())
    if certificate is None:
        return Vouched(judge, None, _NONE)
    if certificate.subject != "stance":
        return Vouched(judge, certificate, _VERDICTS_ONLY)
    why = why_invalid(certificate, judge, now()[:10])
    return Vouched(judge, certificate, None if why is None else (why, f"证书无效：{why}"))


def judge_data(found: Vouched, store: Store) -> dict[str, Any]:
    """What the report shows of the judge."""
    certificate = None
    if found.certificate is not None:
        # A certificate that came in a file was measured elsewhere: its reference is known by its id only.
        kept = [one for one in store.all(JudgeRef) if one.id == found.certificate.reference]
        named = kept[0].name if kept and isinstance(kept[0], JudgeRef) else found.certificate.reference
        certificate = {**plain(found.certificate), "id": found.certificate.id, "reference": named}
    why = found.why_not or ("", "")
    return {
        "id": found.judge.id,
        "name": found.judge.name,
        "kind": found.judge.kind_of,
        "certified": found.why_not is None,
        "why_not": why[0],
        "why_not_zh": why[1],
        "certificate": certificate,
    }
