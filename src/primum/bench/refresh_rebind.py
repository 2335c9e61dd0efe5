"""Items whose articles say the same in another edition: their records, with the norms, citations and rules of that edition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from primum.records import Ground, Norm, Rule, Scenario, Span

if TYPE_CHECKING:
    from primum.bench.refresh import ArticleChange

__all__ = ["Rebinding"]

_SAME = ("unchanged", "renumbered", "moved")


class Rebinding:
    """Old norms to the new ones that say the same, and old rules to the new ones that ask the same."""

    def __init__(self, changes: Iterable[ArticleChange], old_rules: Mapping[str, Rule], rules: Sequence[Rule]) -> None:
        self._same: dict[str, tuple[Norm, Norm]] = {}
        self._gone: set[str] = set()
        for change in changes:
            if change.old is not None and change.new is not None and change.kind in _SAME:
                self._same[change.old.id] = change.old, change.new
            elif change.old is not None:
                self._gone.add(change.old.id)
        self._old_rules = old_rules
        self._rules: dict[tuple[str, ...], str] = {}
        for rule in rules:
            self._rules.setdefault(_asked(rule, rule.norm), rule.id)

    def rebound(self, item: Scenario) -> Scenario | None:
        """`item` as it stands in the new edition, itself where nothing about its norms is new; `None` when it is stale.

        Norms of other corpora are left as they are.
        """
        if self._gone.intersection(item.norms) or any(ground.norm in self._gone for ground in item.grounds):
            return None
        grounds = [self._ground(ground) for ground in item.grounds]
        if None in grounds:
            return None
        norms = tuple(self._same[norm][1].id if norm in self._same else norm for norm in item.norms)
        kept = tuple(ground for ground in grounds if ground is not None)
        return item if kept == item.grounds and norms == item.norms else replace(item, norms=norms, grounds=kept)

    def _ground(self, ground: Ground) -> Ground | None:
        """The ground in the new edition; `None` where its quote is not to be found there, white space apart."""
        if ground.norm not in self._same:
            return ground
        old, new = self._same[ground.norm]
        if old.id == new.id:
            return ground
        quote = _found(ground.quote, new.text)
        if quote is None:
            return None
        citation = new.reference + ground.citation.removeprefix(old.reference)
        if not ground.citation.startswith(old.reference):
            citation = new.reference
        rule = self._old_rules.get(ground.rule or "")
        renewed = self._rules.get(_asked(rule, new.id)) if rule is not None else None
        return Ground(norm=new.id, citation=citation, quote=quote, article=new.digest, rule=renewed)


def _found(quote: str, text: str) -> str | None:
    """The words of `quote` as `text` has them, whatever the white space between."""
    if quote in text:
        return quote
    pattern = r"\s*".join(re.escape(character) for character in "".join(quote.split()))
    match = re.search(pattern, text) if pattern else None
    return match[0] if match else None


def _asked(rule: Rule, norm: str) -> tuple[str, ...]:
    parts: tuple[Span | None, ...] = (rule.act, rule.subject, rule.condition, rule.consequence)
    return norm, rule.modality, rule.label, *("".join(part.text.split()) if part else "" for part in parts)
