"""What trains must not measure: rubrics and judges of training stand apart from those of evaluation, or the code refuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from primum.errors import InputError
from primum.language import normalise
from primum.records import Criterion, JudgeRef, Principle, Rubric, Scenario

__all__ = ["Use", "ids_of", "names_of", "refuse_mixed"]


class Use(NamedTuple):
    """What one side uses: situations, their rubrics with the criteria these name, principles, judges.

    A panel is given with its members: by its own record their models and weights cannot be seen.
    """

    scenarios: Sequence[Scenario]
    rubrics: Sequence[Rubric]
    criteria: Sequence[Criterion]
    judges: Sequence[JudgeRef]
    principles: Sequence[Principle] = ()


def refuse_mixed(training: Use, evaluation: Use, place: str) -> None:
    """Raise `InputError`, which names what stands on both sides, unless the two are apart.

    - situations of training are of the split `train`, those of evaluation of another; none stands on both sides, by id, by name as an
      item, by cluster of near-duplicates or by its words;
    - no rubric, no judge and no member of a panel stands on both; two judges that are one model asked in two ways are one judge;
    - no rubric of evaluation comes from a principle that trains, nor a principle that trains from a rubric of evaluation;
      that holds too for principles that are known only as those which criteria were made from;
    - no judge of training learned from a situation or a rubric of evaluation, and none of evaluation from one of training.

    A criterion may stand on both sides when two rubrics came to the same words: then it is one of the field's, not one of the case's.

    What a judge learned from is known by ids alone. The row of a file has another id than the same question in the set that a judge
    learned from, so lessons cannot be found among situations that were read from files.
    """
    _splits(training.scenarios, ("train",), "training", place)
    _splits(evaluation.scenarios, ("dev", "test"), "evaluation", place)
    _apart("situation", _names(training.scenarios), _names(evaluation.scenarios), place)
    own = [one.id for one in evaluation.rubrics]
    _apart("rubric", [one.id for one in training.rubrics], own, place)
    _apart(
        "rubric's situation",
        [one.scenario for one in training.rubrics],
        [one.scenario for one in evaluation.rubrics],
        place,
    )
    _apart("judge", names_of(training.judges), names_of(evaluation.judges), place)
    _whole([*training.judges, *evaluation.judges], place)
    ids = [one.id for one in training.principles]
    ids += [one.principle for one in training.criteria if one.principle]
    _apart("principle", ids, [one.principle for one in evaluation.criteria if one.principle], place)
    _apart("principle", ids, [one.id for one in evaluation.principles], place)
    _apart("principle's rubric", [rubric for one in training.principles for rubric in one.rubrics], own, place)
    _apart("judge's lesson", _lessons(training), _taught(evaluation), place)
    _apart("judge's lesson", _taught(training), _lessons(evaluation), place)


def ids_of(scenario: Scenario) -> tuple[str, str]:
    """The id of a situation, and the one it had before it was put into a cluster and a split: whoever learned from it may know that."""
    return scenario.id, replace(scenario, split=None, cluster="").id


def _splits(scenarios: Sequence[Scenario], allowed: tuple[str, ...], side: str, place: str) -> None:
    wrong = [one for one in scenarios if one.split not in allowed]
    if wrong:
        raise InputError(
            f"{len(wrong)} of {len(scenarios)} situations for {side}, first {wrong[0].id}",
            f"are of the split '{wrong[0].split or 'none'}', not of {' or '.join(allowed)}",
            "split the situations, and take each side from its own",
            place,
        )


def _whole(judges: Sequence[JudgeRef], place: str) -> None:
    """Refuse a panel of which a member is missing: what stands behind that one could not be seen."""
    known = {one.id for one in judges}
    for one in judges:
        missing = [member for member in one.members if member not in known]
        if missing:
            raise InputError(
                f"panel '{one.name}'",
                f"is given without its member {missing[0]}, so whose model that is cannot be seen",
                "give the members of a panel beside it",
                place,
            )


def _names(scenarios: Iterable[Scenario]) -> list[str]:
    found: list[str] = []
    for one in scenarios:
        found += [one.id, f"with the words {normalise(one.prompt)}"]
        found += [f"item {one.item}"] if one.item else []
        found += [f"cluster {one.cluster}"] if one.cluster else []
    return found


def _lessons(use: Use) -> list[str]:
    """What the judges of a side learned from."""
    return [id.rpartition(":")[2] for judge in use.judges for id in judge.trained_on]


def _taught(use: Use) -> list[str]:
    """What a judge may not have learned from: the rubrics and situations of a side."""
    return [*(one.id for one in use.rubrics), *(id for one in use.scenarios for id in ids_of(one))]


def names_of(judges: Iterable[JudgeRef]) -> list[str]:
    """By what judges are told to be the same: id, members, and the chat model or the weights behind each."""
    found: list[str] = []
    for one in judges:
        found += [one.id, *one.members]
        # One model behind two prompts makes the same mistakes twice.
        found += [f"model {one.name}"] if one.kind_of == "chat_model" else [f"weights {one.fingerprint}"]
    return found


def _apart(what: str, training: Iterable[str], evaluation: Iterable[str], place: str) -> None:
    shared = sorted(set(training) & set(evaluation))
    if shared:
        raise InputError(
            f"{what} {shared[0][:80]}" + (f" and {len(shared) - 1} more" if len(shared) > 1 else ""),
            "would both train and measure",
            "keep what measures away from what trains",
            place,
        )
