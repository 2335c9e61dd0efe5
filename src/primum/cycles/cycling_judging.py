"""Judges of cycles: two guardians that learn from different halves, how far each candidate can be relied on, and who teaches on which
slice.

The *teacher* labels a policy's answers and is read by the validator: a guardian trained in the run, the policy itself, or an external
judge. The *second* judge never teaches: it watches and measures. Where the teacher is not surely reliable on a slice (harm level and
style), the next judge of the order reads in its place, and where none is, nobody does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from primum.cycles.answering import policy_folder
from primum.cycles.cycling_reliability import Asked, asked_of, measured
from primum.cycles.guard import SECOND, TEACHING, guardian_step
from primum.cycles.judges import load_judge
from primum.cycles.recipe import WorldRecipe, at_least
from primum.cycles.steps import Made, Step, Steps
from primum.evaluation.reliability import Reliability, unreliable
from primum.judging import ChoiceJudge, Guardian, unusable_reason
from primum.judging.engine import Engine
from primum.judging.routed import Route, RoutedJudge
from primum.judging.stance_rule import StanceRule
from primum.models.self_judge import SelfJudge, SelfSettings
from primum.ports import Judge, Progress
from primum.records import JudgeRef, PolicyRef, Record, Scenario, Settings, Style, content_hash, plain

if TYPE_CHECKING:
    from primum.cycles.cycling_recipe import CyclesRecipe

__all__ = [
    "Guardians",
    "JudgingChoice",
    "Teacher",
    "guardians_steps",
    "judge_facts",
    "open_teacher",
    "reliability_step",
    "second_engine",
    "slice_name",
]

Teacher = Literal["guardian", "self", "external"]


class JudgingChoice(Settings, frozen=True):
    """Who teaches. `teacher`: the `guardian` that the run trains, the policy `self`, or an `external` judge, which the file `external`
    describes (docs/judging.md; without one the rule written by hand stands in). In `order` the others read where the teacher is not
    surely reliable.

    A judge is reliable on a slice (harm level and style) when the low end of the interval of its agreement with what is true reaches
    `least_reliability`, over `least_rows` answers or more. It is measured on `labelled` answers that people labelled, in each style, and on
    answers of known stance to `constructed` situations a slice. With `is_routed` off the teacher reads everything, reliable or not: that
    is for comparing judges. The numbers are ours.
    """

    teacher: Teacher = "guardian"
    external: str | None = None
    order: tuple[Teacher, ...] = ("guardian", "external")
    is_routed: bool = True
    least_reliability: float = 0.75
    least_rows: int = 20
    labelled: int = 240
    constructed: int = 30
    self_judging: SelfSettings = SelfSettings()

    def check(self) -> None:
        at_least(self, 1, "least_rows", "labelled", "constructed")
        if not 0.5 <= self.least_reliability < 1:
            self.refuse(
                f"least_reliability = {self.least_reliability}",
                "is not in 0.5 … 1, and 0.5 is what a coin reaches",
                "0.75 is a good start",
            )
        if self.external is not None and "external" not in self.readers:
            self.refuse(
                f"external = {self.external!r}",
                "names a judge that nobody asks",
                "put 'external' into order, or drop it",
            )

    @property
    def readers(self) -> tuple[Teacher, ...]:
        """Who may read, in order: the teacher first; nobody else where it is not routed."""
        return tuple(dict.fromkeys((self.teacher, *(self.order if self.is_routed else ()))))


class Guardians(NamedTuple):
    """The two guardians of a run, and what they were trained on: the norms and the situations."""

    corpus: Step
    bench: Step
    teaching: Step
    second: Step


def guardians_steps(steps: Steps, recipe: WorldRecipe, corpus: Step, bench: Step) -> Guardians:
    """Train and measure both guardians, each on its half of the labelled answers and of the situations of the train split."""
    teaching = guardian_step(steps, recipe, corpus, bench, TEACHING)
    return Guardians(corpus, bench, teaching, guardian_step(steps, recipe, corpus, bench, SECOND))


def second_engine(steps: Steps, guardians: Guardians) -> Engine:
    """The engine of the judge that never teaches."""
    return Engine(_guardian(steps, guardians.second), ChoiceJudge())


def judge_facts(step: Step) -> dict[str, Any]:
    """What a report shows of a guardian: its name, kind and id, and how often it is right on models that it has not seen."""
    outputs = step.outputs
    accuracy = outputs["measured"]["accuracy"]
    return {"name": outputs["name"], "kind": "guardian", "accuracy": accuracy, "id": outputs["id"]}


def slice_name(scenario: Scenario) -> str:
    """What a situation is routed by: `harm 2, obfuscate`."""
    return slice_of(scenario.harm_level, scenario.style)


def slice_of(harm_level: int, style: str) -> str:
    """The name of a slice."""
    return f"harm {harm_level}, {style}"


def reliability_step(
    steps: Steps,
    recipe: CyclesRecipe,
    guardians: Guardians,
    policy: PolicyRef,
    styles: Sequence[Style],
    name: str = "reliability",
) -> Step:
    """How far each judge that may read can be relied on, by harm level and style, and who reads what.

    Judges are measured on what none of them learned from: answers that people labelled, of the half that teaches the second guardian
    alone; the same with their request put in another style, the label carried over; and answers of known stance (simulated) to situations
    of the dev split, or of the train split's same half where a slice has too few. A judge that stays the same is measured once in a
    workspace.
    """
    choice = recipe.judging
    told = sorted(set(styles))
    # What is measured on does not depend on who is measured.
    measured_on = [guardians.bench.key, guardians.corpus.key, told, choice.labelled, choice.constructed, recipe.seed]
    measured_on += [recipe.policy.answer_characters_en, recipe.policy.answer_characters_zh]
    with _candidates(steps, recipe, guardians, policy) as judges:
        ids = {name: judge.ref.id for name, judge in judges.items()}
        inputs = [measured_on, ids, choice.readers, choice.is_routed, choice.least_reliability, choice.least_rows]

        def make(_key: str, progress: Progress) -> Made:
            asked: list[Asked] = []
            found: dict[Teacher, list[Reliability]] = {}
            for place, (teacher, judge) in enumerate(judges.items()):
                key = content_hash(["reliability", judge.ref.id, measured_on])

                def measure(judge: Judge = judge) -> Made:
                    if not asked:
                        asked.extend(asked_of(steps, recipe, guardians.corpus, guardians.bench, told))
                    return Made({"rows": plain([*measured(judge, asked)])}, [], "")

                found[teacher] = [_restored(row) for row in steps.part("reliability", key, measure)["rows"]]
                progress(place + 1, len(judges))
            routes = _routes(choice, judges, found)
            routed = _routed(choice, judges, routes)
            outputs = {
                "judge": _facts(routed.ref),
                "judges": [{"teacher": teacher} | _facts(judge.ref) for teacher, judge in judges.items()],
                "rows": [_row(judges[teacher].ref, one, choice) for teacher, rows in found.items() for one in rows],
                "routes": routes,
            }
            records: list[Record] = [*(judge.ref for judge in judges.values()), routed.ref]
            return Made(outputs, records, _note(routes), [routed.ref.id])

        return steps.do(name, "Measuring how far each judge can be relied on", inputs, make)


@contextmanager
def open_teacher(
    steps: Steps, recipe: CyclesRecipe, guardians: Guardians, reliability: Step, policy: PolicyRef
) -> Iterator[Engine]:
    """The engine of whoever teaches this policy, open while the `with` lasts: routed as `reliability` found, or the teacher alone."""
    with _candidates(steps, recipe, guardians, policy) as judges:
        judge = _routed(recipe.judging, judges, reliability.outputs["routes"])
        assert judge.ref.id == reliability.outputs["judge"]["id"], (
            "the judge that was measured is not the one that reads"
        )
        yield Engine(judge, ChoiceJudge())


@contextmanager
def _candidates(
    steps: Steps, recipe: CyclesRecipe, guardians: Guardians, policy: PolicyRef
) -> Iterator[dict[Teacher, Judge]]:
    """The judges that may read, in their order. Models and replies are only loaded when something is judged."""
    choice = recipe.judging
    with ExitStack() as stack:
        judges: dict[Teacher, Judge] = {}
        for teacher in choice.readers:
            match teacher:
                case "guardian":
                    judges[teacher] = _guardian(steps, guardians.teaching)
                case "self":
                    folder, threads = policy_folder(steps.workspace, policy), recipe.policy.threads
                    judges[teacher] = SelfJudge(folder, policy, unusable_reason, choice.self_judging, threads)
                case "external" if choice.external is None:
                    judges[teacher] = StanceRule()
                case "external":
                    file = Path(choice.external or "").expanduser()
                    judges[teacher] = stack.enter_context(load_judge(file, beside=steps.workspace.folder)).judge
        yield judges


def _guardian(steps: Steps, step: Step) -> Guardian:
    return Guardian.load(steps.workspace.folder / step.outputs["folder"])


def _restored(row: Sequence[Any]) -> Reliability:
    """What a part of a step keeps of `Reliability`."""
    return msgspec.convert(row, Reliability)


def _routes(
    choice: JudgingChoice, judges: Mapping[Teacher, Judge], found: Mapping[Teacher, Sequence[Reliability]]
) -> list[dict[str, Any]]:
    """Who reads each slice that anybody was measured on, and why."""
    slices = sorted({(one.harm_level, one.style) for rows in found.values() for one in rows})
    return [_route(choice, judges, found, harm_level, style) for harm_level, style in slices]


def _route(
    choice: JudgingChoice,
    judges: Mapping[Teacher, Judge],
    found: Mapping[Teacher, Sequence[Reliability]],
    harm_level: int,
    style: Style,
) -> dict[str, Any]:
    limits = choice.least_reliability, choice.least_rows
    because, because_zh = "nobody else is asked", "不询问其他评审"
    read_by: Teacher | None = choice.teacher
    if choice.is_routed:
        read_by, against, against_zh = None, [], []
        for teacher in choice.readers:
            why = unreliable(found[teacher], harm_level, style, *limits)
            if why is None:
                read_by = teacher
                break
            against.append(f"{judges[teacher].ref.name}: {why[0]}")
            against_zh.append(f"{judges[teacher].ref.name}：{why[1]}")
        because = "; ".join(against) or "the teacher is reliable here"
        because_zh = "；".join(against_zh) or "教学评审在此可靠"
    return {
        "slice": slice_of(harm_level, style),
        "harm_level": harm_level,
        "style": style,
        "judge": None if read_by is None else judges[read_by].ref.name,
        "teacher": read_by,
        "is_teacher": read_by == choice.teacher,
        "because": because,
        "because_zh": because_zh,
    }


def _routed(choice: JudgingChoice, judges: Mapping[Teacher, Judge], routes: Sequence[Mapping[str, Any]]) -> Judge:
    """The judge that follows the routes; the teacher itself where it is not routed."""
    if not choice.is_routed:
        return judges[choice.teacher]
    places = {teacher: place for place, teacher in enumerate(judges)}
    led = {
        one["slice"]: Route(
            None if one["teacher"] is None else places[one["teacher"]],
            f"no judge is surely reliable on {one['slice']}: {one['because']}"
            if one["teacher"] is None
            else one["because"],
        )
        for one in routes
    }
    return RoutedJudge(list(judges.values()), led, slice_name, f"{judges[choice.teacher].ref.name}, routed")


def _facts(ref: JudgeRef) -> dict[str, str]:
    return {"name": ref.name, "kind": ref.kind_of, "id": ref.id}


def _row(ref: JudgeRef, one: Reliability, choice: JudgingChoice) -> dict[str, Any]:
    """A line of the table of reliability, as reports hold it."""
    why = one.why_not(choice.least_reliability, choice.least_rows)
    told: dict[str, Any] = plain(one._asdict())
    why_not, why_not_zh = why or ("", "")
    return (
        {"judge": ref.name, "judge_kind": ref.kind_of}
        | told
        | {
            "is_reliable": why is None,
            "why": why_not,
            "why_zh": why_not_zh,
        }
    )


def _note(routes: Sequence[Mapping[str, Any]]) -> str:
    others = Counter(one["judge"] or "nobody" for one in routes if not one["is_teacher"])
    told = ", ".join(f"{name} reads {count}" for name, count in sorted(others.items()))
    return f"the teacher reads {sum(one['is_teacher'] for one in routes)} of {len(routes)} slices" + (
        f"; {told}" if told else ""
    )
