"""A development part for sets that were published with a train and a test part only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from msgspec.structs import replace

from primum.records import Scenario

__all__ = ["hold_back_dev"]


def hold_back_dev(scenarios: Sequence[Scenario], share: float, seed: int) -> list[Scenario]:
    """The situations, with `share` of those given to train moved to dev in each set that has a train part and no dev part.

    Which ones is said by a hash of what is asked and `seed`; a set's own test part is never touched.
    """
    has_dev = {one.dataset for one in scenarios if one.split == "dev"}
    return [
        replace(one, split="dev")
        if one.split == "train" and one.dataset not in has_dev and _drawn(one, seed) < share
        else one
        for one in scenarios
    ]


def _drawn(scenario: Scenario, seed: int) -> float:
    """A number from 0 to 1 that depends on nothing but the seed and what is asked."""
    digest = hashlib.sha256(f"{seed}\n{scenario.prompt}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
