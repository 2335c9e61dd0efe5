"""A person as a judge: what one rater, under a pseudonym, said of answers. A simulated person is called simulated."""

from __future__ import annotations

from collections.abc import Iterable

from primum.errors import InputError
from primum.judging.recorded import RecordedJudge, RecordedRow
from primum.records import ByPerson, BySimulation, JudgeRef, content_hash

__all__ = ["person_judge"]


def person_judge(
    person: str, rows: Iterable[RecordedRow], role: str = "clinician", simulated: BySimulation | None = None
) -> RecordedJudge:
    """The judge that says what `person` said. With `simulated`, nobody said it: a generator did, and the judge's kind says so.

    Who decides is the person, not the file: the same person's labels on other answers are the same judge's. Raises `InputError` for a
    person without a pseudonym.
    """
    if not person.strip():
        raise InputError("a rater without a name", "cannot be told from others", "give a pseudonym", "person_judge")
    made: ByPerson | BySimulation = simulated or ByPerson(person=person, role=role)
    ref = JudgeRef(
        name=person,
        kind_of="simulated" if simulated else "person",
        fingerprint=content_hash(["judging.person", person, made]),
        made=made,
    )
    return RecordedJudge(ref, rows=rows)
