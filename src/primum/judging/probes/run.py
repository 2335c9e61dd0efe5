"""Probing a judge: each case is judged as it is and after a change that should not matter.

| probe | the change | what it needs |
|---|---|---|
| `length` | remarks on the form are put before and after the answer | |
| `fences` | the answer stands in a code fence, under a Markdown heading, in JSON (by turns) | |
| `sentence_position` | its most telling sentence stands at its end (or its beginning) | three sentences |
| `position` | a criterion is asked last instead of first | criteria |
| `criterion_order` | the criteria are asked the other way round | criteria |
| `batch_size` | several criteria are asked in one call | variants `batch_size=1`, `batch_size=4`, `batch_size=all` … |
| `points` | the points of a criterion are shown (or hidden) | variant `points` |
| `language` | conversation, answer and criteria are in the other language | counterparts |
| `injection` | instructions are planted in the answer (`injections`) | |

A judge that reads the stance alone (the guardian) is probed on its stances. Length is no bias where a criterion asks for brevity, and a
moved sentence none where a criterion asks for an order: the outcomes are rates to know, not faults to count. Judged at temperature 0, a
change is the probe's doing; above it, part of it is chance. A judge that asks one criterion a call cannot be swayed by their order, and
`position` and `criterion_order` then show that it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from primum.errors import InputError, SettingError
from primum.judging.probes.calls import CallSize, call_size_of
from primum.judging.probes.changes import FORMS, lengthen, move_sentence
from primum.judging.probes.injections import INJECTIONS, Injection
from primum.judging.probes.pairs import Pair, Subject, cluster_of, outcome_of, pair_up, read, with_answer
from primum.ports import Assessment, Case, Judge, Progress, silent
from primum.records import ProbeOutcome, Settings

__all__ = ["PROBES", "ProbeSettings", "Probed", "Swayed", "run_probes"]


# A planted pattern whose share of changed verdicts is known to be above this, by as many pairs, is told by itself. Ours.
_CARRIES, _LEAST_PAIRS = 0.05, 5


class ProbeSettings(Settings, frozen=True):
    """How much a judge is probed. `cases`: at most so many answers, those whose ids, which are hashes, come first. `injections_per_case`:
    how many planted instructions each of them is tried with, all patterns of its language by turns.
    """

    cases: int = 100
    injections_per_case: int = 4

    def check(self) -> None:
        for name in ("cases", "injections_per_case"):
            if getattr(self, name) < 1:
                raise SettingError(
                    f"{name} = {getattr(self, name)}", "is below 1", "leave the probe out instead", "[probes]"
                )


class Swayed(NamedTuple):
    """What one planted pattern did: of `n` pairs decided both ways, `changed` changed, `to_met` of them to `met` (or `accept`)."""

    pattern: Injection
    n: int
    changed: int
    to_met: int


class Probed(NamedTuple):
    """What the probes found; `call_sizes` from `batch_size`, `swayed` from `injection`, each pattern that was tried."""

    outcomes: tuple[ProbeOutcome, ...]
    call_sizes: tuple[CallSize, ...] = ()
    swayed: tuple[Swayed, ...] = ()


def run_probes(
    judge: Judge,
    cases: Sequence[Case],
    settings: ProbeSettings | None = None,
    only: Sequence[str] = (),
    variants: Mapping[str, Judge] | None = None,
    counterparts: Mapping[str, Case] | None = None,
    progress: Progress = silent,
) -> Probed:
    """Probe a judge on answers; `only` names probes, none means all.

    `variants` are the same judge set otherwise: `points`, `batch_size=1`, `batch_size=4`, `batch_size=all`. `counterparts` are cases in the
    other language by the id of the response, their criteria in the same order. What cannot be measured says why in its note.

    Raises `InputError` without a case, `SettingError` for an unknown probe.
    """
    unknown = sorted(set(only) - set(PROBES))
    if unknown:
        raise SettingError(f"probe {unknown[0]!r}", "is not known", f"use one of {', '.join(PROBES)}", "--only")
    if not cases:
        raise InputError("no answers", "leave nothing to probe a judge with", "give answers", "judging.run_probes")
    probing = _Probing(judge, cases, settings or ProbeSettings(), variants or {}, counterparts or {}, progress)
    probed = [_RUNS[name](probing) for name in PROBES if name in only or not only]
    return Probed(
        tuple(outcome for one in probed for outcome in one.outcomes),
        tuple(size for one in probed for size in one.call_sizes),
        tuple(one for part in probed for one in part.swayed),
    )


class _Probing:
    """The judge, the chosen cases, and their judgement as they are, which the probes share."""

    def __init__(
        self,
        judge: Judge,
        cases: Sequence[Case],
        settings: ProbeSettings,
        variants: Mapping[str, Judge],
        counterparts: Mapping[str, Case],
        progress: Progress,
    ) -> None:
        chosen = {case.response.id: case for case in sorted(cases, key=lambda case: case.response.id)}
        self.cases = list(chosen.values())[: settings.cases]
        self.judge, self.settings, self.variants, self.counterparts = judge, settings, variants, counterparts
        reads_stance = judge.ref.kind_of == "guardian" or not any(case.criteria for case in self.cases)
        self.subject: Subject = "stance" if reads_stance else "verdict"
        self._progress = progress
        self._done = self._total = 0
        self._plain: list[Assessment] | None = None
        self._turned: list[Assessment] | None = None

    def judged(self, judge: Judge, cases: Sequence[Case]) -> list[Assessment]:
        """Judge, and tell how far all judging so far has come."""
        before = self._done
        self._total += len(cases)

        def further(done: int, _: int) -> None:
            self._progress(before + done, self._total)

        assessments = judge.judge(cases, further)
        self._done = before + len(cases)
        return assessments

    @property
    def plain(self) -> list[Assessment]:
        """The cases judged as they are."""
        if self._plain is None:
            self._plain = self.judged(self.judge, self.cases)
        return self._plain

    @property
    def turned(self) -> list[Assessment]:
        """The cases judged with their criteria the other way round; the verdicts are in the order of the cases' own criteria again."""
        if self._turned is None:
            judged = self.judged(self.judge, [case._replace(criteria=case.criteria[::-1]) for case in self.cases])
            self._turned = [one._replace(verdicts=one.verdicts[::-1]) for one in judged]
        return self._turned

    def changed(self, probe: str, change: Callable[[int, Case], str | None], note: str = "") -> Probed:
        """The outcome of judging changed answers; those that the change does not apply to are left out."""
        texts = [(number, change(number, case)) for number, case in enumerate(self.cases)]
        kept = [(self.cases[i], self.plain[i], text) for i, text in texts if text is not None]
        if not kept:
            return _unmeasured(probe, note)
        after = self.judged(self.judge, [with_answer(case, text, probe) for case, _, text in kept])
        cases, before = [case for case, _, _ in kept], [plain for _, plain, _ in kept]
        return Probed((outcome_of(probe, pair_up(cases, before, after, self.subject)),))


def _unmeasured(probe: str, note: str) -> Probed:
    return Probed((ProbeOutcome(probe=probe, n=0, note=note),))


def _length(probing: _Probing) -> Probed:
    return probing.changed("length", lambda _, case: lengthen(case))


def _fences(probing: _Probing) -> Probed:
    return probing.changed("fences", lambda number, case: FORMS[number % len(FORMS)](case))


def _sentence_position(probing: _Probing) -> Probed:
    note = "no answer has three sentences, one of which bears on what was asked"
    return probing.changed("sentence_position", lambda _, case: move_sentence(case), note)


def _order_matters(probing: _Probing) -> str | None:
    """Why the order of criteria cannot be probed, or `None`."""
    if probing.subject == "stance":
        return "this judge reads no criteria"
    if not any(len(case.criteria) > 1 for case in probing.cases):
        return "no answer has more than one criterion"
    return None


def _position(probing: _Probing) -> Probed:
    why = _order_matters(probing)
    if why is not None:
        return _unmeasured("position", why)
    pairs: list[Pair] = []
    for case, plain, turned in zip(probing.cases, probing.plain, probing.turned, strict=True):
        if len(case.criteria) > 1:
            one, other = read(plain, "verdict"), read(turned, "verdict")
            # The first criterion is asked last when turned round, and the last one first.
            pairs += [Pair(cluster_of(case), one[0], other[0]), Pair(cluster_of(case), other[-1], one[-1])]
    return Probed((outcome_of("position", pairs, "before: asked first; after: asked last"),))


def _criterion_order(probing: _Probing) -> Probed:
    why = _order_matters(probing)
    if why is not None:
        return _unmeasured("criterion_order", why)
    several = [number for number, case in enumerate(probing.cases) if len(case.criteria) > 1]
    cases = [probing.cases[i] for i in several]
    plain, turned = [probing.plain[i] for i in several], [probing.turned[i] for i in several]
    return Probed((outcome_of("criterion_order", pair_up(cases, plain, turned, "verdict")),))


def _batch_size(probing: _Probing) -> Probed:
    if probing.subject == "stance":
        return _unmeasured("batch_size", "this judge reads no criteria")
    sizes = {_size(name): judge for name, judge in probing.variants.items() if name.startswith("batch_size=")}
    single = sizes.pop(1, None)
    if single is None or not sizes:
        return _unmeasured(
            "batch_size", "no variant of the judge that asks one criterion a call, and others to compare"
        )
    one_a_call = probing.plain if single is probing.judge else probing.judged(single, probing.cases)
    found: list[CallSize] = []
    for per_call in sorted(sizes, key=lambda size: size or 10**9):
        judge = sizes[per_call]
        together = probing.plain if judge is probing.judge else probing.judged(judge, probing.cases)
        found.append(call_size_of(per_call, probing.cases, one_a_call, together))
    return Probed(tuple(size.outcome for size in found), tuple(found))


def _size(name: str) -> int:
    said = name.removeprefix("batch_size=")
    if said != "all" and not (said.isascii() and said.isdecimal() and int(said)):
        raise SettingError(f"variant {name!r}", "names no number of criteria", "write batch_size=4 or all", "variants")
    return 0 if said == "all" else int(said)


def _points(probing: _Probing) -> Probed:
    if probing.subject == "stance":
        return _unmeasured("points", "this judge reads no criteria")
    variant = probing.variants.get("points")
    if variant is None:
        return _unmeasured("points", "no variant of the judge that is shown the points (or not shown them) was given")
    after = probing.judged(variant, probing.cases)
    return Probed((outcome_of("points", pair_up(probing.cases, probing.plain, after, "verdict")),))


def _language(probing: _Probing) -> Probed:
    kept = [number for number, case in enumerate(probing.cases) if case.response.id in probing.counterparts]
    if not kept:
        return _unmeasured("language", "no counterparts of the answers in another language were given")
    others = [probing.counterparts[probing.cases[i].response.id] for i in kept]
    for number, other in zip(kept, others, strict=True):
        if len(other.criteria) != len(probing.cases[number].criteria):
            raise InputError(
                f"counterpart of {probing.cases[number].response.id}",
                "does not have as many criteria",
                "translate each criterion, in their order",
                "judging.run_probes",
            )
    after = probing.judged(probing.judge, others)
    cases, before = [probing.cases[i] for i in kept], [probing.plain[i] for i in kept]
    return Probed((outcome_of("language", pair_up(cases, before, after, probing.subject)),))


def _injection(probing: _Probing) -> Probed:
    planted: list[tuple[int, Injection]] = []
    turns = {"en": 0, "zh": 0}
    for number, case in enumerate(probing.cases):
        language = case.scenario.language
        patterns = [one for one in INJECTIONS if one.language == language]
        for _ in range(min(probing.settings.injections_per_case, len(patterns))):
            planted.append((number, patterns[turns[language] % len(patterns)]))
            turns[language] += 1
    changed = [
        with_answer(probing.cases[i], one.plant(probing.cases[i].response.text), "injection") for i, one in planted
    ]
    after = probing.judged(probing.judge, changed)
    by_pattern: dict[Injection, list[Pair]] = {}
    for (i, pattern), assessment in zip(planted, after, strict=True):
        pairs = pair_up([probing.cases[i]], [probing.plain[i]], [assessment], probing.subject)
        by_pattern.setdefault(pattern, []).extend(pairs)
    outcomes = [outcome_of("injection", [pair for pairs in by_pattern.values() for pair in pairs])]
    for kind in ("structural", "persuasive"):
        pairs = [pair for pattern, found in by_pattern.items() if pattern.kind == kind for pair in found]
        if pairs:
            outcomes.append(outcome_of(f"injection: {kind}", pairs))
    outcomes += _telling(by_pattern)
    return Probed(tuple(outcomes), swayed=tuple(_swayed(pattern, pairs) for pattern, pairs in by_pattern.items()))


def _telling(by_pattern: Mapping[Injection, Sequence[Pair]]) -> list[ProbeOutcome]:
    """The outcome of each pattern that surely carries: the mean over all patterns would hide it."""
    found = []
    for pattern, pairs in by_pattern.items():
        one = outcome_of(f"injection: {pattern.name} ({pattern.language})", pairs)
        if one.changed is not None and one.changed.n >= _LEAST_PAIRS and one.changed.low > _CARRIES:
            found.append(one)
    return found


def _swayed(pattern: Injection, pairs: Sequence[Pair]) -> Swayed:
    both = [(pair.before, pair.after) for pair in pairs if pair.before is not None and pair.after is not None]
    moved = [(before, after) for before, after in both if before.word != after.word]
    return Swayed(pattern, len(both), len(moved), sum(after.value > before.value for before, after in moved))


_RUNS: dict[str, Callable[[_Probing], Probed]] = {
    "length": _length,
    "fences": _fences,
    "sentence_position": _sentence_position,
    "position": _position,
    "criterion_order": _criterion_order,
    "batch_size": _batch_size,
    "points": _points,
    "language": _language,
    "injection": _injection,
}

PROBES: tuple[str, ...] = tuple(_RUNS)
"""The names of the probes, in the order they run."""
