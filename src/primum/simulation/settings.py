"""Which styles are taught, which are held out, and how many rewrites are made."""

from __future__ import annotations

from typing import get_args

from primum.records import Settings, Split, Style

__all__ = ["STYLES", "AttackSettings"]

STYLES: tuple[Style, ...] = tuple(style for style in get_args(Style) if style != "direct")
"""The styles a plain request is rewritten in."""


class AttackSettings(Settings, frozen=True):
    """What is rewritten. `taught` styles go to the train, dev and test split, `held_out` ones to the test split alone, so that what was
    never taught is measured too.

    `train`, `dev` and `test` count the rewrites for each style, half of them of harmless requests where there are enough: the dress is
    no cue of harm. Sets named in `as_published` are never rewritten. The numbers are ours.
    """

    taught: tuple[Style, ...] = ("indirect", "obfuscate")
    held_out: tuple[Style, ...] = ("role_play", "multi_turn")
    train: int = 300
    dev: int = 40
    test: int = 100
    as_published: tuple[str, ...] = ("xstest",)
    seed: int = 0

    def check(self) -> None:
        styles = (*self.taught, *self.held_out)
        if "direct" in styles:
            self.refuse("style 'direct'", "is how a request is asked before it is rewritten", "leave it out")
        if len(set(styles)) != len(styles):
            self.refuse(
                f"styles {list(styles)}", "name one twice", "a style is taught or held out, and named once in either"
            )
        for name in ("train", "dev", "test"):
            if getattr(self, name) < 0:
                self.refuse(f"{name} = {getattr(self, name)}", "is below 0", "give a number, 0 for none")

    def styles(self, split: Split) -> tuple[Style, ...]:
        """The styles that the rewrites of a split come in."""
        return (*self.taught, *self.held_out) if split == "test" else self.taught

    def wanted(self, split: Split) -> int:
        """How many rewrites for each style."""
        return {"train": self.train, "dev": self.dev, "test": self.test}[split]
