"""Logged conversations are taken in: refusals of consent left out, identifiers removed, repeats folded, flags put to what they are about.

What is held afterwards holds no direct identifier that the rules find, and no id of a person or a conversation but under a keyed hash.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from primum.language import normalise
from primum.records import Consent, FlagReason, Turn
from primum.signals.identifiers import Redactor, pseudonym
from primum.signals.near import NearIndex
from primum.signals.reading_rows import Refused
from primum.signals.reading_shapes import Logged, LoggedFlag, LoggedGuardian
from primum.signals.settings import LogSettings

__all__ = ["Conversation", "Intake", "PersonFlag", "role_of"]

_ROLES = {
    "医生": "clinician",
    "医师": "clinician",
    "临床医生": "clinician",
    "doctor": "clinician",
    "护士": "nurse",
    "药师": "pharmacist",
    "患者": "patient",
    "病人": "patient",
    "家属": "relative",
    "伦理委员": "ethicist",
}


def role_of(told: str) -> str:
    """The role as settings name it: in lower case, Chinese ones and `doctor` by their English name (`医生` is a `clinician`)."""
    folded = " ".join(told.lower().split())
    return _ROLES.get(folded, folded)


class PersonFlag(NamedTuple):
    """A flag of a person, without identifiers; `person` is a pseudonym."""

    person: str
    role: str
    reason: FlagReason
    severity: Literal[1, 2, 3]
    note: str
    correction: str


class _Stored(NamedTuple):
    """A conversation that was stored before: its key, and its answer."""

    key: str
    answer: str | None


class Conversation:
    """A conversation that is kept: what was said, without identifiers. Flags and repeats are added while the log is read."""

    def __init__(self, key: str, logged: Logged, turns: tuple[Turn, ...], answer: str | None, consent: Consent) -> None:
        self.key = key
        self.turns = turns
        self.answer = answer
        self.consent: Consent = consent
        self.basis = logged.basis
        self.licence = logged.licence
        self.day = logged.day
        self.finish = logged.finish
        self.policy = logged.policy
        self.guardian: LoggedGuardian | None = logged.guardian
        self.is_simulated = logged.is_simulated
        self.flags: list[PersonFlag] = []
        self.removed: Counter[str] = Counter()
        self.repeats = 0

    @property
    def request(self) -> str:
        """What the user and the assistant said up to the answer, by which near-duplicates are told."""
        return _request(self.turns)

    @property
    def digest(self) -> str:
        """Names what was asked, whoever asked it."""
        return hashlib.sha256("\0".join(f"{one.role} {one.content}" for one in self.turns).encode()).hexdigest()[:16]


class Intake:
    """Takes conversations in, one at a time. `conversations` holds what is kept, `refused` what is not, `counts` how many of each sort.

    `flags` are those of files of their own. What was stored before is told with `know`: it is counted and not kept again; flags that are
    new to it stand in `late` under its key. Call `close` when the log is read.
    """

    def __init__(self, settings: LogSettings, key: bytes, flags: Iterable[LoggedFlag | Refused] = ()) -> None:
        self._settings, self._key = settings, key
        self._near = NearIndex(settings.threshold)
        self._near_places: list[Conversation | _Stored] = []
        self._said: dict[bytes, Conversation | _Stored] = {}
        self._stored: set[str] = set()
        self._later: dict[str, list[PersonFlag]] = {}
        self._named: dict[str, str] = {}
        self._waiting: dict[str, list[LoggedFlag]] = {}
        self._withdrawn: set[str] = set()
        self.conversations: list[Conversation] = []
        self.late: list[tuple[str, PersonFlag]] = []
        self.refused: list[Refused] = []
        self.counts: Counter[str] = Counter()
        for flag in flags:
            if isinstance(flag, Refused):
                self.refused.append(flag)
            else:
                self._waiting.setdefault(flag.conversation, []).append(flag)

    def know(self, key: str, turns: tuple[Turn, ...], answer: str | None) -> None:
        """A conversation that is stored already, under its key."""
        stored = _Stored(key, answer)
        self._stored.add(key)
        self._said[_fingerprint(turns, answer)] = stored
        self._near.add(_request(turns))
        self._near_places.append(stored)

    def flag(self, key: str, flag: PersonFlag) -> None:
        """A flag that somebody made elsewhere on the conversation with this key; it counts when the conversation comes."""
        self._later.setdefault(key, []).append(flag)

    def take(self, logged: Logged | Refused) -> None:
        """Take in a conversation, or note that it was refused."""
        if isinstance(logged, Refused):
            self.refused.append(logged)
            return
        self.counts["conversations"] += 1
        waiting = self._waiting.pop(logged.id, []) if logged.id else []
        key = pseudonym(logged.id, self._key, "conversation") if logged.id else ""
        if logged.consent == "refused" or key in self._withdrawn:
            self._withdrawn |= {key} - {""}
            self.counts["consent refused"] += 1
            self.counts["flags without consent"] += len(waiting) + len(logged.flags)
            return
        self.counts["system turns left out"] += logged.system_turns
        conversation = self._cleaned(logged, [*logged.flags, *waiting])
        if logged.id:
            digest = conversation.digest
            if self._named.setdefault(conversation.key, digest) != digest:
                self._refuse(logged.place, "the id of the conversation names another one already", len(waiting))
                return
        self._fold(conversation)

    def close(self) -> None:
        """Flags that name no conversation, neither of the log nor of what was stored before, are refused. Where one row of a conversation
        refuses consent, its other rows are left out as well, whichever came first."""
        for one in [one for one in self.conversations if one.key in self._withdrawn]:
            self.conversations.remove(one)
            self.counts["consent refused"] += 1
            self.counts["flags without consent"] += len(one.flags)
        for name, flags in self._waiting.items():
            key = pseudonym(name, self._key, "conversation")
            for flag in flags:
                if key in self._stored:
                    redactor = Redactor()
                    redactor.know([flag.by])
                    told = redactor.redact([flag.note, flag.correction, flag.role])
                    self.late.append((key, self._flag(flag, told[0].strip(), told[1].strip(), told[2])))
                else:
                    self.refused.append(Refused(flag.place, "the flag names a conversation that is not in the log"))
        self._waiting.clear()

    def _refuse(self, place: str, reason: str, flags: int) -> None:
        self.refused.append(Refused(place, reason))
        self.counts["flags of refused rows"] += flags

    def _cleaned(self, logged: Logged, flags: list[LoggedFlag]) -> Conversation:
        redactor = Redactor()
        redactor.know(flag.by for flag in flags)
        said = [turn.content for turn in logged.turns]
        texts = (
            said + [logged.answer or ""] + [text for flag in flags for text in (flag.note, flag.correction, flag.role)]
        )
        told = redactor.redact(texts)
        turns = tuple(
            Turn(role=turn.role, content=text.strip() or "…") for turn, text in zip(logged.turns, told, strict=False)
        )
        answer = None if logged.answer is None else told[len(said)].strip()
        key = pseudonym(logged.id, self._key, "conversation") if logged.id else ""
        assert logged.consent != "refused"
        conversation = Conversation(key, logged, turns, answer, logged.consent)
        if not key:
            conversation.key = f"text-{_fingerprint(turns, answer).hex()[:16]}"
        beside = redactor.redact([logged.policy, logged.basis, logged.licence])
        conversation.policy, conversation.basis, conversation.licence = beside
        if logged.guardian is not None:
            conversation.guardian = logged.guardian._replace(judge=redactor.redact([logged.guardian.judge])[0])
        rest = iter(told[len(said) + 1 :])
        for flag, (note, correction, role) in zip(flags, zip(rest, rest, rest, strict=True), strict=True):
            conversation.flags.append(self._flag(flag, note.strip(), correction.strip(), role))
        conversation.flags += [flag for flag in self._later.get(conversation.key, []) if flag not in conversation.flags]
        conversation.removed = redactor.removed
        return conversation

    def _flag(self, flag: LoggedFlag, note: str, correction: str, role: str) -> PersonFlag:
        person = pseudonym(flag.by, self._key) if flag.by else "person-unnamed"
        return PersonFlag(person, role_of(role), flag.reason, flag.severity, note, correction)

    def _fold(self, conversation: Conversation) -> None:
        """Keep it, or count it on the one that said the same.

        What has the same answer, exactly or nearly, or no flag of its own, is a repeat and gives its flags to the one kept. A flagged
        answer that is another one stays beside it.
        """
        fingerprint = _fingerprint(conversation.turns, conversation.answer)
        if fingerprint in self._said:
            self._repeat(self._said[fingerprint], conversation)
            return
        place = self._near.like(conversation.request)
        if place is not None:
            like = self._near_places[place]
            is_same_answer = _is_near(like.answer, conversation.answer, self._settings.threshold)
            if is_same_answer or not (conversation.flags or _is_hit(conversation.guardian)):
                self._said[fingerprint] = like
                self._repeat(like, conversation if is_same_answer else None)
                return
            self.counts["flagged beside a near-duplicate"] += 1
        self._said[fingerprint] = conversation
        self.conversations.append(conversation)
        if place is None:
            self._near.add(conversation.request)
            self._near_places.append(conversation)

    def _repeat(self, kept: Conversation | _Stored, conversation: Conversation | None) -> None:
        if isinstance(kept, _Stored):
            self.counts["stored before"] += 1
            self.late += [(kept.key, flag) for flag in (conversation.flags if conversation is not None else ())]
            return
        self.counts["repeats"] += 1
        kept.repeats += 1
        if conversation is not None:
            kept.flags += [flag for flag in conversation.flags if flag not in kept.flags]
            kept.guardian = kept.guardian or conversation.guardian


def _request(turns: Iterable[Turn]) -> str:
    return "\n".join(turn.content for turn in turns)


def _fingerprint(turns: tuple[Turn, ...], answer: str | None) -> bytes:
    said = [f"{turn.role} {normalise(turn.content)}" for turn in turns]
    told = "\0".join([*said, "no answer" if answer is None else f"answer {normalise(answer)}"])
    return hashlib.sha256(told.encode()).digest()[:16]


def _is_near(one: str | None, other: str | None, threshold: float) -> bool:
    if one is None or other is None:
        return one is other
    index = NearIndex(threshold)
    index.add(one)
    return index.like(other) is not None


def _is_hit(guardian: LoggedGuardian | None) -> bool:
    return guardian is not None and guardian.action != "pass" and guardian.stance != "abstained"
