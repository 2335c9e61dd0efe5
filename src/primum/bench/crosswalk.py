"""Imported situations onto norms: a recipe names, for a dimension of a set, the articles its situations fall under.

Such a norm says which article a whole category falls under. Unlike the norm a situation was drafted from, it does not make two
situations alike, so `primum.bench.split` does not keep them together for it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

import msgspec

from primum.errors import SettingError
from primum.records import ByImport, Norm, Scenario

__all__ = ["with_norms"]


def with_norms(
    scenarios: Sequence[Scenario], crosswalk: Mapping[str, Sequence[str]], norms: Sequence[Norm]
) -> list[Scenario]:
    """`scenarios` in their order, the imported ones with the norms that `crosswalk` names for their dimension.

    Keys are those of `Norm.key`: `医师法(2021-08-20)#第二十三条`. Raises `SettingError` for a key that no norm has, with the nearest ones.
    """
    ids: dict[str, list[str]] = {}
    for norm in norms:
        ids.setdefault(norm.key, []).append(norm.id)
    named = {dimension: _ids(dimension, keys, ids) for dimension, keys in crosswalk.items()}
    return [
        msgspec.structs.replace(scenario, norms=tuple(dict.fromkeys([*scenario.norms, *named[scenario.dimension]])))
        if isinstance(scenario.made, ByImport) and scenario.dimension in named
        else scenario
        for scenario in scenarios
    ]


def _ids(dimension: str, keys: Sequence[str], known: Mapping[str, list[str]]) -> list[str]:
    found: list[str] = []
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=3, cutoff=0.6)
            way_out = f"did you mean {', '.join(near)}?" if near else "name an article as SOURCE#ARTICLE"
            raise SettingError(
                f"norm {key!r}", "is not in the corpus", way_out, f"crosswalk of dimension '{dimension}'"
            )
        found.extend(known[key])
    return found
