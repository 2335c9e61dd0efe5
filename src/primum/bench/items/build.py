"""Rules into a balanced set of items: as many of each dimension, kind and rule as there can be, no two of them alike.

What is drafted from a rule depends on the rule, its article and the seed alone; what is chosen may depend on all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from primum.bench.items.sayable import Saying, saying
from primum.bench.items.selection import Selection
from primum.bench.items.settings import Built, ItemSettings
from primum.ports import Progress, silent
from primum.records import Norm, Rule, Taxonomy

__all__ = ["build", "sayings"]


def sayings(
    norms: Sequence[Norm], rules: Sequence[Rule], settings: ItemSettings, refused: Counter[str]
) -> list[Saying]:
    """The rules that can be said, each once, ordered by what they say; why others cannot is counted in `refused`."""
    by_id = {norm.id: norm for norm in norms}
    found: dict[int, Saying] = {}
    for rule in rules:
        norm = by_id.get(rule.norm)
        if norm is None:
            refused["rule: its norm is not among those given"] += 1
        elif rule.language not in settings.languages:
            refused["rule: its language is not asked for"] += 1
        elif not rule.dimensions:
            refused["rule: it falls under no dimension"] += 1
        else:
            said = saying(rule, norm)
            if isinstance(said, str):
                refused[f"rule: {said}"] += 1
            elif said.seed in found:
                refused["rule: it says what another says"] += 1
            else:
                found[said.seed] = said
    return [found[seed] for seed in sorted(found)]


def build(
    norms: Sequence[Norm],
    rules: Sequence[Rule],
    taxonomy: Taxonomy,
    settings: ItemSettings | None = None,
    progress: Progress = silent,
) -> Built:
    """Items out of sorted rules, balanced over the taxonomy's dimensions, then kinds, then rules; each passed its own checks."""
    settings = settings or ItemSettings()
    refused: Counter[str] = Counter()
    said = sayings(norms, rules, settings, refused)
    selection = Selection([category.key for category in taxonomy.dimensions], said, settings, refused)
    items = selection.filled(progress)
    return Built(items, dict(sorted(refused.items())))
