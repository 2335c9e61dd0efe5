"""Whether the items make one set: each has its own name, says something of its own, crosses no split, and none is forgotten."""

from __future__ import annotations

from collections import Counter

from primum.bench.items.naming import named
from primum.bench.leaks import leaks, near_pairs
from primum.bench.lint.found import Context, Outcome
from primum.bench.near import said

__all__ = ["check_balance", "check_duplicates", "check_ids", "check_splits"]


def check_ids(seen: Context) -> Outcome:
    """Every item is called by the hash of what it says; no name and no record stands twice; a rewrite names an item that is there."""
    found: list[tuple[str, str]] = []
    names = Counter(item.item for item in seen.items)
    for item in seen.items:
        if item.item != named(item):
            found.append((item.item, f"is called so, but what it says is called {named(item)}"))
        if item.counterpart and item.counterpart not in names:
            found.append((item.item, f"is a rewrite of '{item.counterpart}', which is not in the set"))
    found += [(name, f"stands {times} times in the set") for name, times in names.items() if times > 1]
    return found, f"every item is called by what it says, once: {len(names):,} names for {len(seen.items):,} items"


def check_duplicates(seen: Context) -> Outcome:
    """No two items say nearly the same."""
    threshold = seen.settings.threshold
    pairs = near_pairs([said(item) for item in seen.items], threshold)
    found = [
        (seen.items[max(i, j)].item, f"says nearly what {seen.items[min(i, j)].item} says, Jaccard {jaccard:.2f}")
        for i, j, jaccard in pairs
    ]
    return found, f"no two items say nearly the same (Jaccard of 5-grams ≥ {threshold:g}): {len(found):,} pairs do"


def check_splits(seen: Context) -> Outcome:
    """Nothing crosses a split: no near-duplicate and no article."""
    names = {item.id: item.item for item in seen.items}
    found = [
        (names[other], f"and {names[one]} stand in different splits: {why}")
        for one, other, why in leaks(seen.items, seen.settings.threshold)
    ]
    by = Counter(item.split or "none" for item in seen.items)
    if by["none"] and len(by) > 1:
        found += [(item.item, "has no split, others have") for item in seen.items if item.split is None]
    sizes = ", ".join(f"{by[name]:,} {name}" for name in ("train", "dev", "test", "none") if by[name])
    return found, f"no near-duplicate and no article crosses a split: {len(found):,} do; {sizes or 'no items'}"


def check_balance(seen: Context) -> Outcome:
    """Every dimension holds its part of an even share, as far as it has rules, and no task is missing."""
    rules = Counter(key for rule in seen.rules.values() for key in rule.dimensions)
    counted = Counter(item.dimension for item in seen.items)
    dimensions = [one.key for one in seen.taxonomy.dimensions]
    even = len(seen.items) / len(dimensions)
    found: list[tuple[str, str]] = []
    for key in dimensions:
        within_reach = min(even, seen.settings.items_per_rule * rules[key])
        if counted[key] < seen.settings.least_share * within_reach:
            found.append(
                ("", f"dimension '{key}' has {counted[key]} items; an even share is {even:.0f}, its rules {rules[key]}")
            )
    tasks = Counter(item.task for item in seen.items)
    told = ", ".join(f"{n:,} {task}" for task, n in sorted(tasks.items()))
    least, most = min(counted[key] for key in dimensions), max(counted[key] for key in dimensions)
    return found, f"items are spread over {len(dimensions)} dimensions, {least:,} to {most:,} each; {told}"
