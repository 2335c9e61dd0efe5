"""Why a person may change a rubric, and what a row of a sheet may do, in the words that people write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from primum.language import normalise
from primum.records import CriterionKind, RefinementReason

__all__ = ["ACTIONS", "KINDS", "REASONS", "action_of", "kind_of", "reason_of"]

REASONS: Final[Mapping[RefinementReason, tuple[str, str, str]]] = {
    "wrong": ("错误", "It is medically wrong.", "医学上不正确。"),
    "unsafe": ("不安全", "An answer that follows it could do harm.", "照此回答可能造成伤害。"),
    "missing": ("缺失", "Something a good answer needs is not asked for.", "遗漏了好回答必须具备的内容。"),
    "not_relevant": ("无关", "It does not bear on this question.", "与本问题无关。"),
    "vague": ("含糊", "Two people would read it differently.", "不同的人会有不同理解。"),
    "untestable": ("无法检验", "An answer alone does not show whether it is met.", "仅凭回答无法判断是否满足。"),
    "double_barrelled": ("一条多义", "It asks for two things at once.", "一条里问了两件事。"),
    "duplicate": ("重复", "Another criterion says it.", "另一条已经说了。"),
    "gives_answer_away": ("泄露答案", "It tells the answer instead of asking for it.", "把答案写了出来。"),
    "weight": ("分值", "It counts too much or too little.", "分值过高或过低。"),
    "kind": ("类别", "It is of another kind or axis.", "类别或维度不对。"),
    "norm": ("规范", "A norm says otherwise.", "与现行规范不符。"),
    "language": ("语言", "It is in the wrong language, or wrong in it.", "语言不对或语言有误。"),
    "wording": ("措辞", "The same, said better.", "意思不变，措辞更好。"),
}
"""Reason → its Chinese name, what it means in English and in Chinese. The closed list of `RefinementReason`."""

ACTIONS: Final[Mapping[str, tuple[str, str, str]]] = {
    "keep": ("保留", "Leave it as it is.", "保持不变。"),
    "remove": ("删除", "Take it out.", "删去这一条。"),
    "add": ("新增", "A new criterion: leave id empty.", "新的一条：编号留空。"),
    "reword": ("改写", "Say it differently.", "换一种说法。"),
    "repoint": ("改分", "Change its points.", "修改分值。"),
    "rekind": ("改类", "Change its kind or axis.", "修改类别或维度。"),
    "split": ("拆分", "One row for each part, all with its id.", "每一部分占一行，编号相同。"),
    "merge": ("合并", "One row with the ids of all: 2+5.", "写成一行，编号并列：2+5。"),
}
"""Action → its Chinese name and what it does. An empty action is read from what was changed."""

KINDS: Final[tuple[CriterionKind, ...]] = get_args(CriterionKind)
_KINDS_ZH: Final[Mapping[str, CriterionKind]] = {"熟练": "proficiency", "优秀": "excellence", "安全": "safety"}
_REASONS = {one: one for one in REASONS} | {named[0]: one for one, named in REASONS.items()}
_ACTIONS = {one: one for one in ACTIONS} | {named[0]: one for one, named in ACTIONS.items()}
_KINDS: Final[Mapping[str, CriterionKind]] = {one: one for one in KINDS} | dict(_KINDS_ZH)


def reason_of(cell: str) -> RefinementReason | None:
    """The reason that a cell names, in English or Chinese; `None` when it is not on the list."""
    return _REASONS.get(_plain(cell))


def action_of(cell: str) -> str | None:
    """The action that a cell names; `None` when there is no such action."""
    return _ACTIONS.get(_plain(cell))


def kind_of(cell: str) -> CriterionKind | None:
    """The kind that a cell names; `None` when there is no such kind."""
    return _KINDS.get(_plain(cell))


def _plain(cell: str) -> str:
    return normalise(cell).replace("-", "_").replace(" ", "_")
