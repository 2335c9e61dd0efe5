"""The first half of a run of a reward model: answers of several policies, judged per criterion, become pairs by criterion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from primum import starter
from primum.cycles import lessons
from primum.cycles.align import policy_of
from primum.cycles.answering import Answerer, Situations, assess
from primum.cycles.gather import Labelled
from primum.cycles.guard import load_norms
from primum.cycles.rewarding_recipe import RewardRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.grading import grade
from primum.judging.engine import Engine
from primum.ports import Case, Progress
from primum.records import (
    Abstained,
    BySimulation,
    Criterion,
    Judgement,
    Language,
    Met,
    NotMet,
    Outcome,
    Record,
    Response,
    Scenario,
    Stance,
    StanceCheck,
    Verdict,
)
from primum.rewards import Asked, Graded, PairSample
from primum.rewards.difficulty import filter_difficulty
from primum.rewards.linear_features import LINEAR_FEATURES
from primum.rewards.near import drop_near
from primum.rewards.pair_file import read_pairs, write_pairs
from primum.rewards.pairing import JudgedAnswer, JudgedQuery, pair_up

__all__ = [
    "STANCES",
    "TEST",
    "TRAIN",
    "UNTHINNED",
    "Candidates",
    "Known",
    "family",
    "pairs_file",
    "pairs_of",
    "pairs_step",
    "stance_pairs_of",
]

TRAIN, TEST, UNTHINNED = "train", "test", "unthinned"
_STANCE_PAIRS = "stances"

# What a stance is, as a reward model reads it: taught beside the rubrics, so that it can say how an answer stands to any request.
STANCES: dict[Literal["accept", "caution", "refuse"], dict[Language, str]] = {
    "accept": {"en": "Does what was asked.", "zh": "照请求做了。"},
    "caution": {"en": "Warns and holds part of it back.", "zh": "给出警示并有所保留。"},
    "refuse": {"en": "Refuses what was asked.", "zh": "拒绝了请求。"},
}

# What a simulated answer to a harmful or a harmless request is by nature, from the stance that is known of it.
_NATURES: dict[tuple[bool, Stance], starter.Nature] = {
    (True, "accept"): "unsafe_in_form",
    (True, "caution"): "cautious",
    (True, "refuse"): "refusing",
    (False, "accept"): "helpful",
    (False, "caution"): "cautious",
    (False, "refuse"): "over_refusing",
}


class Known(NamedTuple):
    """An answer whose stance somebody told, with the verdicts that follow on the criteria of its situation, in their order."""

    case: Case
    judgement: Judgement
    verdicts: tuple[Verdict, ...]
    by: str


def pairs_step(
    steps: Steps, recipe: RewardRecipe, corpus: Step, bench: Step, policies: Sequence[Step], engine: Engine
) -> Step:
    """Pairs to train on, of the train split, and pairs to measure on, of the test split; files of the workspace.

    Of each situation there are the answers whose stance is known: whoever labelled them says which criteria they meet. To train on there
    are also those that the policies of the run sample, which the guardian reads; what a judge that teaches says is no measure.
    """
    inputs: list[object] = [bench.key, [one.key for one in policies], engine.ref.id, recipe.rows, recipe.pairing]
    inputs += [recipe.near, LINEAR_FEATURES, STANCES]
    inputs += [recipe.difficulty, recipe.answering, recipe.seed]

    def make(key: str, progress: Progress) -> Made:
        folder = steps.workspace.artifact("pairs", key)
        folder.mkdir(exist_ok=True)
        candidates = Candidates(steps, recipe, corpus, bench)
        told: dict[str, Any] = {}
        records: dict[str, Record] = {}
        for split in (TEST, TRAIN):  # what teaches keeps clear of what measures
            sampled = [] if split == TEST else _sampled(steps, recipe, policies, engine, candidates, progress)
            told[split], made = _pairs(recipe, candidates, sampled, split, folder)
            records |= {one.id: one for one in made}
        outputs = {"folder": steps.workspace.relative(folder), **told}
        return Made(outputs, list(records.values()), _note(told))

    return steps.do("pairs", "Answering, judging per criterion, and pairing", inputs, make)


def pairs_file(steps: Steps, made: Step, split: str) -> Path:
    """Where the pairs of a split stand."""
    return _file(steps.workspace.folder / made.outputs["folder"], split)


def pairs_of(steps: Steps, made: Step, split: str) -> list[PairSample]:
    """The pairs of a split, as the step wrote them."""
    return read_pairs(pairs_file(steps, made, split))


def stance_pairs_of(steps: Steps, made: Step) -> list[PairSample]:
    """Answers of the pairs to train on, under the statements of `STANCES`."""
    path = pairs_file(steps, made, _STANCE_PAIRS)
    return read_pairs(path) if path.exists() else []


def family(criterion: Criterion) -> str:
    """What a criterion asks for, however it is worded: the same for the rubrics' veto under every norm."""
    check = criterion.check_by
    asked = "-".join(check.stances) if isinstance(check, StanceCheck) else criterion.statement
    return f"{criterion.kind_of}:{'met' if criterion.points > 0 else 'not met'}:{asked}"


def _file(folder: Path, split: str) -> Path:
    return folder / f"{split}.jsonl"


def _pairs(
    recipe: RewardRecipe, candidates: Candidates, sampled: Sequence[Known], split: str, folder: Path
) -> tuple[dict[str, Any], list[Record]]:
    """Make the pairs of one split and write them: what became of the candidates, and the records that the pairs rest on."""
    known = candidates.known(split)
    answers = [*known, *sampled]
    paired = pair_up(_queries(candidates, answers, split), recipe.pairing)
    told: dict[str, Any] = {"paired": paired.counts._asdict()}
    measured = [] if split == TEST else read_pairs(_file(folder, TEST))
    samples, near = drop_near(paired.samples, recipe.near, apart_from=measured)
    told["near_duplicates"], told["contrasts"] = len(near.dropped), near.contrasts
    if split == TRAIN:  # what measures is not chosen by how easy it is, and what it is compared with learns from all
        write_pairs(_file(folder, UNTHINNED), samples)
        samples, difficulty = filter_difficulty(samples, recipe.difficulty)
        told["difficulty"] = difficulty._asdict()
        stances = _stance_pairs(samples, answers, recipe.rows.stance_every)
        told["stance_pairs"] = len(stances)
        if stances:
            write_pairs(_file(folder, _STANCE_PAIRS), stances)
    write_pairs(_file(folder, split), samples)
    criteria = [one for case in {id(one.case): one.case for one in answers}.values() for one in case.criteria]
    verdicts = [verdict for one in known for verdict in one.verdicts]
    return told | _counted(samples), [*criteria, *verdicts, *paired.preferences]


def _queries(candidates: Candidates, answers: Sequence[Known], split: str) -> list[JudgedQuery]:
    by: dict[str, list[JudgedAnswer]] = {}
    for one in answers:
        graded = Graded(
            one.case.response,
            one.judgement,
            one.verdicts,
            grade(one.case.criteria, one.verdicts, one.judgement.stance),
        )
        by.setdefault(one.case.scenario.id, []).append(JudgedAnswer(graded, one.by))
    return [
        JudgedQuery(
            scenario,
            candidates.criteria(scenario, split),
            by[scenario.id],
            candidates.keys,
            candidates.rubric_of(scenario),
        )
        for scenario in candidates.asked(split)
        if scenario.id in by
    ]


def _stance_pairs(samples: Sequence[PairSample], answers: Sequence[Known], every: int) -> list[PairSample]:
    """Every so many of the pairs once more, under the statements of the stances, where both stances are known."""
    told: dict[tuple[object, str], Stance] = {}
    for one in answers:  # those whose stance is known come first
        told.setdefault((one.case.scenario.messages, one.case.response.text), one.judgement.stance)
    found: list[PairSample] = []
    for sample in samples[::every] if every else ():
        stances = [told.get((sample.prompt, text)) for text in (sample.first, sample.second)]
        if all(stance in STANCES for stance in stances):
            asked = tuple(Asked(text=said[sample.language]) for said in STANCES.values())
            first, second = (tuple(stance == name for name in STANCES) for stance in stances)
            keys = tuple(f"stance:{name}" for name in STANCES)
            changed = replace(
                sample, id=f"{sample.id}/stance", criteria=asked, met_first=first, met_second=second, keys=keys
            )
            found.append(changed)
    return found


class Candidates:
    """The situations of a run that pairs are made of, their criteria, and the answers to them whose stance is known."""

    def __init__(self, steps: Steps, recipe: RewardRecipe, corpus: Step, bench: Step) -> None:
        self._steps, self._recipe, self._bench = steps, recipe, bench
        self._norms = load_norms(steps, corpus)
        situations = Situations(steps, bench.outputs)
        rows = recipe.rows
        self._asked: dict[str, list[Scenario]] = {}
        self._rubrics: dict[str, tuple[Criterion, ...]] = {}
        for split, wanted in ((TRAIN, rows.situations), (TEST, rows.tested)):
            drawn = lessons.choose(situations.of(split), wanted, recipe.seed + 5)
            self._asked[split] = [one for one in drawn if one.task == "open"]
            self._rubrics |= situations.criteria(self._asked[split])
        self.keys: dict[str, str] = {one.id: family(one) for found in self._rubrics.values() for one in found}
        self._further: dict[str, list[starter.FurtherCriterion]] = {}
        if rows.further is not None and recipe.situations is not None:
            generated = (one for asked in self._asked.values() for one in asked if isinstance(one.made, BySimulation))
            for one in generated:
                self._further[one.id] = starter.further_criteria(one, self._norms, rows.further)
                self.keys |= {each.criterion.id: each.key for each in self._further[one.id]}

    def asked(self, split: str) -> list[Scenario]:
        """The situations of a split."""
        return self._asked[split]

    def rubric_of(self, scenario: Scenario) -> str:
        """The id of its rubric."""
        found: str = self._bench.outputs["rubrics"][scenario.id]
        return found

    def rubric(self, scenario: Scenario) -> tuple[Criterion, ...]:
        """The criteria of its rubric."""
        return self._rubrics[scenario.id]

    def further(self, scenario: Scenario, split: str) -> list[starter.FurtherCriterion]:
        """The further criteria that hold of a generated situation; training does not see those that are held back."""
        held = self._recipe.rows.unseen_criteria if split == TRAIN else ()
        return [one for one in self._further.get(scenario.id, ()) if one.key not in held]

    def criteria(self, scenario: Scenario, split: str) -> tuple[Criterion, ...]:
        """Its rubric's criteria, then the further ones."""
        return (*self.rubric(scenario), *(one.criterion for one in self.further(scenario, split)))

    def known(self, split: str) -> list[Known]:
        """The answers whose stance is known, each with a verdict on every criterion by whoever told the stance.

        Those in voices that the recipe holds back are left out of the train split.
        """
        unseen = self._recipe.rows.unseen_voices if split == TRAIN else ()
        found: list[Known] = []
        for label, scenario, response, judgement in self._labelled(self._asked[split]):
            by = label.group.removesuffix(" (simulated)")
            if by in unseen or judgement.stance not in STANCES:
                continue
            nature = _NATURES[scenario.harm_level > 0, judgement.stance]
            outcomes = [_by_stance(one, judgement.stance) for one in self.rubric(scenario)]
            outcomes += [
                _by_nature(one.is_met(nature) if label.is_simulated else None) for one in self.further(scenario, split)
            ]
            case = Case(scenario, response, self.criteria(scenario, split))
            verdicts = tuple(
                Verdict(response=response.id, criterion=one.id, judge=judgement.judge, outcome=outcome)
                for one, outcome in zip(case.criteria, outcomes, strict=True)
            )
            found.append(Known(case, judgement, verdicts, by))
        return found

    def _labelled(self, asked: Sequence[Scenario]) -> Iterator[tuple[Labelled, Scenario, Response, Judgement]]:
        by_id = {one.id: one for one in asked}
        rows = [one for one in (Labelled(*row) for row in self._bench.outputs["labelled"]) if one.scenario in by_id]
        rows.sort(key=lambda one: (one.scenario, one.response))
        wanted = sorted({id for one in rows for id in (one.response, one.judgement)})
        found = dict(zip(wanted, self._steps.workspace.store.get_many(wanted), strict=True))
        for row in rows:
            response, judgement = found[row.response], found[row.judgement]
            assert isinstance(response, Response) and isinstance(judgement, Judgement)
            yield row, by_id[row.scenario], response, judgement


def _sampled(
    steps: Steps,
    recipe: RewardRecipe,
    policies: Sequence[Step],
    engine: Engine,
    candidates: Candidates,
    progress: Progress,
) -> list[Known]:
    """What the policies of the run sample, as the guardian reads it; of the further criteria it says nothing."""
    rows, asked = recipe.rows, candidates.asked(TRAIN)
    choice = replace(recipe.answering, temperature=rows.temperature)
    found: list[Known] = []
    for seed in range(rows.samples):
        answerer = Answerer(steps, choice, recipe.policy.threads, seed=seed)
        for policy in policies:
            ref = policy_of(steps, policy)
            for part, answers in answerer.parts(ref, asked):
                cases = [Case(one, said, candidates.rubric(one)) for one, said in zip(part, answers, strict=True)]
                found += [
                    Known(case, told.judgement, told.verdicts, ref.stage)
                    for case, told in zip(cases, assess(steps, engine, cases), strict=True)
                ]
                progress(len(found), len(asked) * rows.samples * len(policies))
    return found


def _by_stance(criterion: Criterion, stance: Stance) -> Outcome:
    check = criterion.check_by
    if not isinstance(check, StanceCheck):
        return Abstained(
            reason="whoever labelled the answer told its stance, and this criterion does not follow from it"
        )
    return Met() if stance in check.stances else NotMet()


def _by_nature(is_met: bool | None) -> Outcome:
    if is_met is None:
        return Abstained(reason="not surely known of such an answer")
    return Met() if is_met else NotMet()


def _counted(samples: Sequence[PairSample]) -> dict[str, Any]:
    """How many pairs there are and what they hold, by whom and in which language."""
    places = [(one, place) for one in samples for place in range(len(one.criteria))]
    winners = [(one.criteria[place].kind, one.winner(place)) for one, place in places]
    kinds = ("safety", "proficiency", "excellence")
    return {
        "pairs": len(samples),
        "groups": len({one.group for one in samples}),
        "simulated": sum(one.is_simulated for one in samples),
        "by_kind": {kind: sum(of == kind and bool(winner) for of, winner in winners) for kind in kinds},
        "samples": sum(bool(winner) for _, winner in winners),
        "ties": sum(winner == 0 for _, winner in winners),
        "masked": sum(winner is None for _, winner in winners),
        "by_language": {name: sum(one.language == name for one in samples) for name in ("en", "zh")},
        "by_policy": {
            name: sum(name in (one.first_by, one.second_by) for one in samples)
            for name in sorted({by for one in samples for by in (one.first_by, one.second_by) if by})
        },
        "keys": sorted({key for one in samples for key in one.keys}),
    }


def _note(told: Mapping[str, Any]) -> str:
    parts = []
    for split in (TRAIN, TEST):
        one = told[split]
        parts.append(
            f"{one['pairs']:,} pairs of the {split} split with {one['samples']:,} winners under a criterion, "
            f"{one['ties']:,} ties and {one['masked']:,} unknown"
        )
    return "; ".join(parts)
