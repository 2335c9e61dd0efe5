"""What pairs by criterion hold, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from primum.rewards.samples import PairSample

__all__ = ["tally"]

_KINDS = ("safety", "proficiency", "excellence")
_LABELS = ("samples", "ties", "masked")
_OVERALL = {1: "decided", -1: "decided", 0: "equal", None: "open"}


def tally(pairs: Sequence[PairSample]) -> dict[str, Any]:
    """Counts: `pairs`, their `groups` and families of criteria (`keys`), languages, policies, how many are `simulated`.

    Of all criteria of all pairs `samples` have a winner, `ties` have none, `masked` miss a label; the same `by_kind`. `overall` says of how
    many pairs the lexicographic preference is decided, equal, or left open by a missing label.
    """
    places = [(one, place) for one in pairs for place in range(len(one.criteria))]
    told: Counter[tuple[str, str]] = Counter((one.criteria[place].kind, _label(one, place)) for one, place in places)
    by_kind = {kind: {label: told[kind, label] for label in _LABELS} for kind in _KINDS}
    overall = Counter(_OVERALL[one.overall] for one in pairs)
    by = Counter(name or "unnamed" for one in pairs for name in (one.first_by, one.second_by))
    return {
        "pairs": len(pairs),
        **{label: sum(one[label] for one in by_kind.values()) for label in _LABELS},
        "by_kind": by_kind,
        "overall": {name: overall[name] for name in ("decided", "equal", "open")},
        "groups": len({one.group for one in pairs}),
        "keys": len({key for one in pairs for key in one.keys}),
        "languages": dict(sorted(Counter(one.language for one in pairs).items())),
        "policies": dict(sorted(by.items())),
        "simulated": sum(one.is_simulated for one in pairs),
    }


def _label(pair: PairSample, place: int) -> str:
    winner = pair.winner(place)
    return "masked" if winner is None else "samples" if winner else "ties"
