"""The reward model that reads the criterion: one sequence for a completion and all its criteria, a logit for each.

Importing this loads no framework; what needs torch is loaded when it is named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from primum.rewards.model.layout import LAYOUT_VERSION, PROFICIENCY, SAFETY, Layout, Packed, one_at_a_time

if TYPE_CHECKING:
    from primum.rewards.model.collation import collate, collate_in_one_row
    from primum.rewards.model.network import CriteriaRewardConfig, CriteriaRewardModel
    from primum.rewards.model.backbone import load_backbone

__all__ = [
    "LAYOUT_VERSION",
    "PROFICIENCY",
    "SAFETY",
    "CriteriaRewardConfig",
    "CriteriaRewardModel",
    "Layout",
    "Packed",
    "collate",
    "collate_in_one_row",
    "load_backbone",
    "one_at_a_time",
]

_HOMES = {
    "CriteriaRewardConfig": "network",
    "CriteriaRewardModel": "network",
    "collate": "collation",
    "collate_in_one_row": "collation",
    "load_backbone": "backbone",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from primum.frameworks import refuse_missing

    refuse_missing()
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
