"""The tree of errors: what each is a child of, that all can be pickled, and the line that a person reads."""

from __future__ import annotations

import copy
import pickle

import pytest

from primum import errors
from primum.errors import MissingExtraError, PrimumError, RecordError, StoreError

PARENTS = {
    "RecordError": ValueError,
    "SettingError": ValueError,
    "InputError": ValueError,
    "UnknownIdError": LookupError,
    "StoreError": OSError,
    "LedgerError": ValueError,
    "ModelError": RuntimeError,
    "OutageError": RuntimeError,
    "AccessError": RuntimeError,
    "BudgetError": RuntimeError,
    "TrainingError": RuntimeError,
    "DivergedError": RuntimeError,
    "MissingExtraError": ImportError,
}
FOUR = ("criterion 'c3'", "has 0 points, so no verdict could change a score", "give it a sign", "rubrics/icu.jsonl:14")
LINE = "criterion 'c3' has 0 points, so no verdict could change a score: give it a sign (rubrics/icu.jsonl:14)"


def _made(name: str) -> PrimumError:
    return MissingExtraError("torch", "train") if name == "MissingExtraError" else getattr(errors, name)(*FOUR)


def test_the_tree_is_the_one_drawn() -> None:
    assert set(errors.__all__) == {*PARENTS, "PrimumError"}
    assert errors.__doc__ is not None
    for name, parent in PARENTS.items():
        assert issubclass(getattr(errors, name), PrimumError)
        assert issubclass(getattr(errors, name), parent)
        drawn = next(line for line in errors.__doc__.splitlines() if f" {name} " in line)
        assert f"({parent.__name__})" in drawn


@pytest.mark.parametrize("name", [*PARENTS, "PrimumError"])
def test_every_error_survives_pickle_and_copy(name: str) -> None:
    error = _made(name)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert (twin.value, twin.rule, twin.way_out, twin.place) == (
            error.value,
            error.rule,
            error.way_out,
            error.place,
        )


@pytest.mark.parametrize("name", [name for name in PARENTS if name != "MissingExtraError"])
def test_the_message_has_its_four_parts_in_one_line(name: str) -> None:
    assert str(_made(name)) == LINE


def test_a_message_is_one_line_whatever_is_in_its_parts() -> None:
    assert str(RecordError("a\nb", "is\r\n  odd", "mend\tit", "x")) == "a b is odd: mend it (x)"


def test_a_store_error_is_not_shown_as_an_operating_system_error() -> None:
    assert "Errno" not in str(StoreError(*FOUR))


def test_a_missing_package_gives_the_line_that_installs_it() -> None:
    error = _made("MissingExtraError")
    assert str(error) == "package 'torch' is not installed: pip install 'primum[train]' (extra 'train' of primum)"
    twin = pickle.loads(pickle.dumps(error))
    assert (twin.package, twin.extra) == ("torch", "train")
