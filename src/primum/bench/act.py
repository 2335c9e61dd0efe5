"""An act taken out of a provision."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Act"]


class Act(NamedTuple):
    """An act taken out of a provision: `who` is its subject as the provision names it, empty for anybody.

    `deed` reads on from "想" or "to": `泄露患者隐私`, `disclose a patient's record`; `when` is the condition of a duty (`发现患者死亡`).
    """

    modality: Literal["prohibition", "obligation"]
    who: str
    deed: str
    when: str = ""
