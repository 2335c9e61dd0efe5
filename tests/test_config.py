"""Recipes: what is read, what is refused, and in which words."""

from typing import Literal

import pytest

from primum.config import read_settings
from primum.errors import SettingError
from primum.records import Settings


class Inner(Settings, frozen=True):
    rate: float = 0.1
    names: tuple[str, ...] = ()

    def check(self):
        if self.rate < 0:
            self.refuse(f"rate = {self.rate}", "is negative", "give 0 or more")


class Outer(Settings, frozen=True):
    title: str
    inner: Inner = Inner()
    many: tuple[Inner, ...] = ()


class Member(Settings, frozen=True):
    manner: Literal["kind", "strict"] = "kind"


class Kinded(Settings, frozen=True):
    kind: Literal["a plan", "a sketch"]
    seed: int = 0
    inner: Inner = Inner()
    members: tuple[Member, ...] | None = None


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "recipe.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_overrides_are_put_on_top_in_toml_or_bare_text(write):
    path = write('title = "a"\n[inner]\nrate = 0.5')
    read = read_settings(path, Outer, ["inner.rate=0.25", "title=Plain text", 'inner.names=["x"]'])
    assert read == Outer(title="Plain text", inner=Inner(rate=0.25, names=("x",)))


@pytest.mark.parametrize(
    ("text", "overrides", "told"),
    [
        ("title = ", [], "is not TOML"),
        ("[inner]\nrate = 1", [], "setting 'title' is missing"),
        ('title = "a"\nrade = 1', [], "setting 'rade' is unknown: did you mean 'rate'"),
        ('title = "a"\n[inner]\nrats = 1', [], "setting 'inner.rats' is unknown: did you mean 'rate'"),
        ('title = "a"\n[[many]]\nzzz = 1', [], "zzz"),
        ('title = "a"\n[inner]\nrate = "much"', [], "setting 'inner.rate' is refused"),
        ('title = "a"\n[inner]\nrate = -1', [], "rate = -1.0 is negative: give 0 or more"),
        ('title = "a"', ["inner"], "is not KEY=VALUE"),
        ('title = "a"', ["title.deep=1"], "is not a table"),
        ('title = "a"', ["inner.rate=nan"], "is not a finite number"),
    ],
)
def test_what_cannot_be_followed_is_one_line(write, text, overrides, told):
    with pytest.raises(SettingError) as caught:
        read_settings(write(text), Outer, overrides)
    assert told in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # A file of another kind is told by that, whatever else it holds.
        (
            'title = "a"\nzzz = 1',
            "setting 'kind' is missing: give one of 'a plan', 'a sketch', or name a file that has it",
        ),
        ('zzz = 1\nkind = "loop"', "kind = 'loop' cannot stand here: give one of 'a plan', 'a sketch'"),
        ("kind = 3", "kind = 3 cannot stand here"),
        ("kind = []", "kind = [] cannot stand here"),
        # The very name that is not known here is known there.
        ('kind = "a plan"\nrate = 1', "setting 'rate' is unknown: did you mean 'inner.rate'?"),
        ('kind = "a plan"\n[inner]\nseed = 1', "setting 'inner.seed' is unknown: did you mean 'seed'?"),
        (
            'kind = "a plan"\n[[members]]\nmanner = "rude"',
            "members[0].manner = 'rude' cannot stand here: give one of 'kind', 'strict'",
        ),
    ],
)
def test_what_there_is_is_named_and_never_the_very_same(write, text, told):
    with pytest.raises(SettingError) as caught:
        read_settings(write(text), Kinded)
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_recipe_and_one_that_is_no_text_are_refused(tmp_path):
    with pytest.raises(SettingError, match="does not exist"):
        read_settings(tmp_path / "none.toml", Outer)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingError, match="cannot be read"):
        read_settings(tmp_path / "binary.toml", Outer)


def test_a_mark_in_front_of_the_text_is_no_part_of_it_and_no_depth_is_a_fault(tmp_path):
    (tmp_path / "marked.toml").write_bytes(b'\xef\xbb\xbftitle = "a"\n')
    assert read_settings(tmp_path / "marked.toml", Outer).title == "a"
    (tmp_path / "deep.toml").write_text("title = " + "[" * 100_000)
    with pytest.raises(SettingError, match="is not TOML"):
        read_settings(tmp_path / "deep.toml", Outer)
