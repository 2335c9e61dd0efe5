"""How logs are read, and what of them may teach."""

from __future__ import annotations

from primum.records import Consent, Settings

__all__ = ["Columns", "LogSettings"]


class Columns(Settings, frozen=True):
    """The columns of a CSV log, by what they hold. Only `prompt` must be there."""

    prompt: str = "prompt"
    answer: str = "answer"
    id: str = "id"
    at: str = "at"
    consent: str = "consent"
    basis: str = "basis"
    licence: str = "licence"
    system: str = "system"
    person: str = "person"
    flag_reason: str = "flag_reason"
    flag_severity: str = "flag_severity"
    flag_by: str = "flag_by"
    flag_role: str = "flag_role"
    flag_note: str = "flag_note"
    flag_correction: str = "flag_correction"


class LogSettings(Settings, frozen=True):
    """How logs are read. A row's own licence, consent and basis go before `licence`, `consent` and `basis`, which hold for the others.

    `trusted_roles` are those whose flags decide by themselves how harmful a request is, whether an answer was right, and what should have
    been said: others' flags are kept, and a judge decides. (Else whoever marks refusals of poisoners as wrong would teach poisoning.)
    What teaches has one of the `consents`: without a word on consent a conversation is kept and counted, and teaches nothing.
    `least_confidence` is how sure the harm reader must be, `least_likeness` how alike (cosine) what it knows: what it does not read teaches
    nothing. `read_level` is the harm level (CARES)
    of what it reads as harmful, as it tells harmful from harmless only. `threshold` is the Jaccard index of character 5-grams from
    which two requests are near-duplicates. A row longer than `row_bytes` is refused unread. `is_simulated` says that all of it is made up.
    The defaults of the numbers are ours.
    """

    licence: str
    consent: Consent = "unknown"
    basis: str = ""
    columns: Columns = Columns()
    trusted_roles: tuple[str, ...] = ("clinician", "physician", "nurse", "pharmacist", "ethicist", "governance officer")
    consents: tuple[Consent, ...] = ("given", "not required")
    least_confidence: float = 0.9
    least_likeness: float = 0.2
    read_level: int = 2
    threshold: float = 0.8
    row_bytes: int = 1_000_000
    seed: int = 7
    is_simulated: bool = False

    def check(self) -> None:
        if not self.licence.strip():
            self.refuse("licence = ''", "says nothing", "say under which terms the log may be used")
        if self.consent == "not required" and not self.basis.strip():
            self.refuse("consent = 'not required'", "has no basis", "name the rule under which none is required")
        if not 0.5 <= self.least_confidence < 1:
            self.refuse(
                f"least_confidence = {self.least_confidence}", "is not between 0.5 and 1", "0.9 is a good start"
            )
        if not 0 <= self.least_likeness <= 1:
            self.refuse(f"least_likeness = {self.least_likeness}", "is not between 0 and 1", "0.2 is a good start")
        if not 0.5 <= self.threshold <= 1:
            self.refuse(f"threshold = {self.threshold}", "is not between 0.5 and 1", "0.8 is a good start")
        if self.read_level not in (1, 2, 3):
            self.refuse(f"read_level = {self.read_level}", "is no harm level above 0", "give 1, 2 or 3")
        if self.row_bytes < 1000:
            self.refuse(f"row_bytes = {self.row_bytes}", "is less than 1000", "give more")
