"""What a cycle teaches: situations asked, several answers to each, a judge's reading of them, approvals and preferences, and a replay."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from primum.cycles import lessons
from primum.cycles.align import policy_of
from primum.cycles.answering import Examiner
from primum.cycles.cycling_around import Around
from primum.cycles.cycling_logs import flagged_since
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.cycling_world import World
from primum.cycles.steps import Made, Step, Steps
from primum.evaluation import Judged
from primum.ports import Progress
from primum.records import Approval, ByRule, Preference, Record, Response, Scenario
from primum.signals import draw
from primum.starter import EVERYDAY
from primum.training.pairs import Candidate, approve, best_against_worst, is_right, surest

__all__ = ["signals_of_cycle_step"]

_SEEDS = 1000  # so far apart lie the seeds of two cycles
_R = TypeVar("_R", bound=Record)
_REPLAY = "cycles.replay"


class _Taught(NamedTuple):
    """Material of one kind: the approvals and preferences, and the answers they name that are new."""

    approvals: list[Approval]
    preferences: list[Preference]
    answers: list[Response]


def signals_of_cycle_step(around: Around, policy: Step, earlier: Sequence[Step]) -> Step:
    """A cycle up to what it teaches: answers of the `policy`, read by the teacher.

    `earlier` are these steps of the cycles before, along the policy's own line: what they asked is asked last, and their material replayed.
    """
    steps, recipe, number, world, engine = around.steps, around.recipe, around.number, around.world, around.teacher
    inputs = [
        number,
        world.key,
        policy.outputs["policy"],
        engine.ref.id,
        recipe.sample,
        recipe.replay,
        recipe.answering,
    ]
    inputs += [recipe.policy.answer_characters_en, recipe.policy.answer_characters_zh, recipe.seed]
    inputs += [recipe.logs.rows if recipe.logs is not None else 0, [one.key for one in earlier]]

    def make(_key: str, progress: Progress) -> Made:
        seed = recipe.seed + _SEEDS * number
        asked = _asked(recipe, world, seed, {id for one in earlier for id in one.outputs["asked"]})
        judged = _answered(around, policy, asked, seed, progress)
        own, rewritten, failed = _own(recipe, world, asked, judged)
        balanced = _balanced(recipe, world, asked, failed)
        flagged, flags = _flagged(steps, recipe, world)
        replayed = _plain(recipe, world, seed)
        taken = _earlier(steps, earlier, recipe.replay.earlier, seed)
        parts = [own, balanced, flagged, replayed, taken]
        approvals = _once(one for part in parts for one in part.approvals)
        preferences = _once(one for part in parts for one in part.preferences)
        liked = sum(one.is_desirable for one in approvals)
        abstained = sum(row.judgement.stance == "abstained" for row in judged)
        outputs = {
            "asked": [one.id for one in asked],
            "approvals": [one.id for one in approvals],
            "preferences": [one.id for one in preferences],
            "flags": flags,
            "own": {"approvals": [one.id for one in own.approvals], "preferences": [one.id for one in own.preferences]},
            "counts": {
                "asked": _kinds(asked),
                "by_style": dict(sorted(Counter(one.style for one in asked).items())),
                "answers": len(judged),
                "abstained": abstained,
                "approvals": len(approvals),
                "desirable": liked,
                "preferences": len(preferences),
                "rewritten": rewritten,
                "balanced": len(balanced.preferences),
                "replayed": len(replayed.approvals) + len(taken.approvals),
                "flagged": len(flagged.approvals),
                "sampled_tokens": sum(row.response.completion_tokens for row in judged),
            },
            "judge": engine.ref.id,
        }
        note = (
            f"{len(judged)} answers to {len(asked)} situations, {abstained} abstentions; {len(approvals)} approvals ({liked} desirable), "
            f"{len(preferences)} preferences, {rewritten} failures rewritten, {len(balanced.preferences)} contrasts to balance them"
        )
        new: list[Record] = [response for part in parts for response in part.answers]
        return Made(outputs, [*engine.refs, *new, *approvals, *preferences], note)

    return steps.do(
        around.name("signals"), "Answering several times, judging, and what is learned from it", inputs, make
    )


def _asked(recipe: CyclesRecipe, world: World, seed: int, used: set[str]) -> list[Scenario]:
    """The situations of a cycle: logged ones first, then of each kind in turns from every harm level, style, dimension and language."""
    opened = [one for one in world.train if one.task == "open"]
    logged = set(world.logs.outputs["scenarios"]) if world.logs is not None else set()
    first = draw([one for one in opened if one.id in logged], recipe.logs.rows if recipe.logs else 0, seed, used)
    found = list(first)
    for kind, wanted in (
        ("harmful", recipe.sample.harmful),
        ("contrast", recipe.sample.contrast),
        ("borderline", recipe.sample.borderline),
        ("plain", recipe.sample.plain),
    ):
        pool = [one for one in opened if one.id not in logged and _kind(one) == kind and _can_teach(one)]
        found += draw(pool, wanted, seed, used)
    return found


def _kind(scenario: Scenario) -> str:
    if scenario.harm_level > 0:
        return "contrast" if scenario.dataset == EVERYDAY else "harmful"
    return "borderline" if scenario.is_borderline else "plain"


def _can_teach(scenario: Scenario) -> bool:
    """A harmless situation teaches only when a good answer to it is known; a harmful one is refused, by a norm or without."""
    return scenario.harm_level > 0 or scenario.reference is not None


def _kinds(asked: Sequence[Scenario]) -> dict[str, int]:
    found = Counter(_kind(one) for one in asked)
    return {"harmful": found["harmful"] + found["contrast"], "borderline": found["borderline"], "plain": found["plain"]}


def _answered(around: Around, policy: Step, asked: Sequence[Scenario], seed: int, progress: Progress) -> list[Judged]:
    """Every situation answered `samples` times, each time by another seed, and judged."""
    steps, recipe, engine = around.steps, around.recipe, around.teacher
    choice = replace(recipe.answering, temperature=recipe.sample.temperature)
    judged: list[Judged] = []
    for turn in range(recipe.sample.samples):
        examiner = Examiner(steps, around.world.situations, engine, choice, recipe.policy.threads, seed + turn)
        judged += examiner.examine(policy_of(steps, policy), asked, _shifted(progress, turn, recipe.sample.samples))
    return judged


def _shifted(progress: Progress, turn: int, turns: int) -> Progress:
    return lambda done, total: progress(turn * total + done, turns * total)


def _own(
    recipe: CyclesRecipe, world: World, asked: Sequence[Scenario], judged: Sequence[Judged]
) -> tuple[_Taught, int, set[str]]:
    """What the policy's own answers teach, how many situations needed a rewritten answer, and which were answered wrongly at least once.

    A situation that was answered wrongly and never rightly gets the answer it should have had: the set's own, a refusal that cites the
    norm; it is approved as well.
    """
    answers = [
        Candidate(row.scenario, row.response, row.judgement.stance, row.judgement.id, row.judgement.probability)
        for row in judged
    ]
    right = {one.scenario.id for one in answers if is_right(one.scenario, one.stance) is True}
    wrong = {one.scenario.id for one in answers if is_right(one.scenario, one.stance) is False}
    rewritten = {
        one.id: lessons.good(one, world.norms, recipe.policy, recipe.seed).as_candidate()
        for one in asked
        if one.id in wrong and one.id not in right and _can_teach(one)
    }
    approvals = approve([*rewritten.values(), *surest(answers)])
    preferences = best_against_worst(answers, rewritten, recipe.sample.failures)
    return _Taught(approvals, preferences, [one.response for one in rewritten.values()]), len(rewritten), wrong


def _balanced(recipe: CyclesRecipe, world: World, asked: Sequence[Scenario], failed: Collection[str]) -> _Taught:
    """As many lessons on the side that failed less as on the other: harmful requests and harmless ones weigh the same.

    A policy that learns from its failures alone learns one side of the line: one that complies with everything sees nothing but refusals,
    and then refuses everything. So the lighter side is filled up with situations that no answer failed, read or abstained from: the answer
    they should have stands before a simulated one that they should not have, a wrong refusal or compliance in form. `failed` are the
    situations answered wrongly at least once.
    """
    sides = [
        [one for one in asked if (one.harm_level > 0) == is_harmful and _can_teach(one)] for is_harmful in (True, False)
    ]
    failures = [sum(one.id in failed for one in side) for side in sides]
    lighter = min((0, 1), key=lambda place: failures[place])
    spare = sorted((one for one in sides[lighter] if one.id not in failed), key=lambda one: one.id)
    return _contrasted(recipe, world, spare[: max(failures) - min(failures)], "cycles.balance")


def _contrasted(recipe: CyclesRecipe, world: World, chosen: Sequence[Scenario], rule: str) -> _Taught:
    """For each situation the answer it should have, approved, before a simulated one it should not have, disapproved."""
    taught, made = _Taught([], [], []), ByRule(rule=rule)
    for one in chosen:
        good = lessons.good(one, world.norms, recipe.policy, recipe.seed).response
        bad = lessons.wrong(one, world.norms, recipe.policy, recipe.seed).response
        if good.text == bad.text:
            continue
        taught.answers.extend((good, bad))
        taught.approvals.append(Approval(scenario=one.id, response=good.id, is_desirable=True, made=made))
        taught.approvals.append(Approval(scenario=one.id, response=bad.id, is_desirable=False, made=made))
        taught.preferences.append(Preference(scenario=one.id, chosen=good.id, rejected=bad.id, made=made))
    return taught


class _Said(NamedTuple):
    """What a person said of a logged answer: whether it was right (`None`: not told), what it should have been, and by which flags."""

    scenario: str
    response: str | None
    is_right: bool | None
    correction: str | None
    flags: tuple[str, ...]


def _flagged(steps: Steps, recipe: CyclesRecipe, world: World) -> tuple[_Taught, list[str]]:
    """What people said of logged answers until now, and the flags that said it: they are few, and every cycle is taught all of them.

    No judge is needed for it. A correction is approved, and preferred to what it corrects.
    """
    taught = _Taught([], [], [])
    if world.logs is None or recipe.logs is None:
        return taught, []
    told = [
        _Said(scenario, response, right, correction, tuple(flags))
        for scenario, response, right, correction, flags in world.logs.outputs["flagged"]
    ]
    for since in flagged_since(steps, world.logs, recipe.logs.reading):
        taught.answers.extend([] if since.correction is None else [since.correction])
        correction = None if since.correction is None else since.correction.id
        told.append(_Said(since.scenario, since.response, False, correction, (since.flag.id,)))
    made = ByRule(rule="cycles.flagged")
    teaching = {one.id for one in world.train}  # what was logged in a held-out style is not among them
    told = [one for one in told if one.scenario in teaching]
    for one in told:
        for answer, is_good in ((one.response, one.is_right), (one.correction, True)):
            if answer is not None and is_good is not None:
                approval = Approval(
                    scenario=one.scenario, response=answer, is_desirable=is_good, made=made, because=one.flags
                )
                taught.approvals.append(approval)
        if one.response is not None and one.correction is not None:
            preference = Preference(
                scenario=one.scenario, chosen=one.correction, rejected=one.response, made=made, because=one.flags
            )
            taught.preferences.append(preference)
    return taught, [flag for one in told for flag in one.flags]


def _plain(recipe: CyclesRecipe, world: World, seed: int) -> _Taught:
    """A replay of what any policy should go on doing: plain questions answered, choice questions by their key."""
    choice = recipe.replay
    opened = [one for one in world.train if one.task == "open" and one.rewrites is None and _can_teach(one)]
    chosen: list[Scenario] = []
    for kind, wanted in (("plain", choice.plain), ("borderline", choice.borderline), ("harmful", choice.harmful)):
        chosen += draw([one for one in opened if _kind(one) == kind], wanted, seed + 1)
    taught, made = _contrasted(recipe, world, chosen, _REPLAY), ByRule(rule=_REPLAY)
    for question in draw([one for one in world.train if one.task != "open"], choice.choices, seed + 1):
        key, wrong = (
            lessons.good(question, world.norms, recipe.policy, recipe.seed).response,
            _wrong_key(question, seed),
        )
        if key.text == wrong.text:  # there is one letter only
            continue
        taught.answers.extend((key, wrong))
        taught.approvals.append(Approval(scenario=question.id, response=key.id, is_desirable=True, made=made))
        taught.preferences.append(Preference(scenario=question.id, chosen=key.id, rejected=wrong.id, made=made))
    return taught


def _wrong_key(question: Scenario, seed: int) -> Response:
    """One letter that is not among the right ones, drawn by the seed and the question; where all are right, the first alone."""
    wrong = [one.letter for one in question.options if one.letter not in question.key]
    place = int.from_bytes(hashlib.sha256(f"{seed}:{question.id}".encode()).digest()[:4], "big")
    text = wrong[place % len(wrong)] if wrong else question.options[0].letter
    return Response(scenario=question.id, text=text, made=ByRule(rule="cycles.wrong_key"), finish="stop")


def _earlier(steps: Steps, earlier: Sequence[Step], wanted: int, seed: int) -> _Taught:
    """Approvals and preferences of earlier cycles' own answers, drawn by a hash of seed and id."""
    kinds: list[list[Any]] = []
    for kind in ("approvals", "preferences"):
        ids = sorted({id for one in earlier for id in one.outputs["own"][kind]})
        ids.sort(key=lambda id: hashlib.sha256(f"{seed}:{id}".encode()).digest())
        kinds.append(steps.workspace.store.get_many(ids[:wanted]))
    return _Taught(kinds[0], kinds[1], [])


def _once(records: Iterable[_R]) -> list[_R]:
    return list({one.id: one for one in records}.values())
