"""Primum aligns medical language models with the norms that govern them, and shows the evidence.

The public names are resolved when they are first used: importing `primum` imports nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from primum.corpus import read_corpus
    from primum.cycles.loop_recipe import LoopRecipe
    from primum.cycles.principles_recipe import PrinciplesRecipe
    from primum.cycles.recipe import Recipe
    from primum.cycles.revising import revise
    from primum.cycles.run import load_recipe, run
    from primum.errors import PrimumError
    from primum.store import Store, trace

__version__ = "0.1.0"

_HOMES = {
    "PrimumError": "primum.errors",
    "LoopRecipe": "primum.cycles.loop_recipe",
    "PrinciplesRecipe": "primum.cycles.principles_recipe",
    "Recipe": "primum.cycles.recipe",
    "Store": "primum.store",
    "load_recipe": "primum.cycles.run",
    "read_corpus": "primum.corpus",
    "revise": "primum.cycles.revising",
    "run": "primum.cycles.run",
    "trace": "primum.store",
}

__all__ = [
    "LoopRecipe",
    "PrimumError",
    "PrinciplesRecipe",
    "Recipe",
    "Store",
    "__version__",
    "load_recipe",
    "read_corpus",
    "revise",
    "run",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'primum' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
