"""One tree of errors. A message has four parts: the value, the place, the rule, the way out.

    PrimumError
    ├── RecordError         a record that cannot exist                     (ValueError)
    ├── SettingError        a recipe or an option that cannot be followed  (ValueError)
    ├── InputError          a file, a row or a folder that is not what it should be (ValueError)
    ├── UnknownIdError      an id that nothing in the store carries        (LookupError)
    ├── StoreError          the store, the workspace or the disk below it  (OSError)
    ├── LedgerError         a ledger whose chain does not hold             (ValueError)
    ├── ModelError          a model that cannot be loaded or does not answer (RuntimeError)
    │   └── OutageError     an endpoint that answers nothing, whatever it is asked (RuntimeError)
    │       └── AccessError a wrong key or address, nothing left to pay with (RuntimeError)
    ├── BudgetError         what was set aside for a run is spent          (RuntimeError)
    ├── TrainingError       a training that cannot start or go on          (RuntimeError)
    │   └── DivergedError   one whose loss or weights are no numbers       (RuntimeError)
    └── MissingExtraError   an optional package that is not installed      (ImportError)

Where they are caught: the command line shows the one line and exits with 2 (`--debug` shows the traceback); nothing else
catches them but code that turns a failed call into an abstention with its reason.
"""

from __future__ import annotations

__all__ = [
    "AccessError",
    "BudgetError",
    "DivergedError",
    "InputError",
    "LedgerError",
    "MissingExtraError",
    "ModelError",
    "OutageError",
    "PrimumError",
    "RecordError",
    "SettingError",
    "StoreError",
    "TrainingError",
    "UnknownIdError",
]


class PrimumError(Exception):
    """What went wrong, in one line: `value rule: way_out (place)`.

    `value` names the thing (`criterion 'c3'`), `rule` what it broke (`has 0 points, so no verdict could change a score`),
    `way_out` what to do about it, `place` where it stands (`rubrics/icu.jsonl:14`).
    """

    def __init__(self, value: str, rule: str, way_out: str, place: str) -> None:
        super().__init__(value, rule, way_out, place)
        self.value, self.rule, self.way_out, self.place = value, rule, way_out, place

    def __str__(self) -> str:
        return " ".join(f"{self.value} {self.rule}: {self.way_out} ({self.place})".split())


class RecordError(PrimumError, ValueError):
    """A record that breaks its own rules; it was not made."""


class SettingError(PrimumError, ValueError):
    """A recipe, a setting or an option of a command that cannot be followed."""


class InputError(PrimumError, ValueError):
    """A file, a row or a folder that is not what it should be; nothing of it was stored."""


class UnknownIdError(PrimumError, LookupError):
    """An id that no record in the store carries."""


class StoreError(PrimumError, OSError):
    """The store, the workspace or the disk below it failed; what was committed before is intact."""

    def __str__(self) -> str:  # OSError formats its arguments its own way
        return PrimumError.__str__(self)

    def __reduce__(self) -> tuple[type[StoreError], tuple[str, str, str, str]]:  # and keeps two of them only
        return type(self), (self.value, self.rule, self.way_out, self.place)


class LedgerError(PrimumError, ValueError):
    """A ledger whose chain of hashes does not hold."""


class ModelError(PrimumError, RuntimeError):
    """A model that cannot be loaded, or an endpoint that does not give a usable answer."""


class OutageError(ModelError):
    """An endpoint that answers nothing, whatever it is asked: a run that goes on would only abstain."""


class AccessError(OutageError):
    """An endpoint that lets nobody in: a wrong key, a wrong address, nothing left to pay with. No other call would fare better."""


class BudgetError(PrimumError, RuntimeError):
    """What was set aside for a run is spent; what was paid for is kept."""


class TrainingError(PrimumError, RuntimeError):
    """A training that cannot start or cannot go on."""


class DivergedError(TrainingError):
    """A training whose loss or weights are no numbers: its checkpoints are worth nothing."""


class MissingExtraError(PrimumError, ImportError):
    """An optional package that is not installed; the message is the install line."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"package '{package}'", "is not installed", f"pip install 'primum[{extra}]'", f"extra '{extra}' of primum"
        )
        self.package, self.extra = package, extra

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str]]:
        return type(self), (self.package, self.extra)
