"""From any record up to what it rests on, down to what rests on it.

*Up* goes from an answer to its scenario, the norm, the law; *down* from the law to the checkpoint that learned from it. The walk
is breadth first, so that a record that is met twice is opened where it is nearest, and what a limit leaves out is farthest.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from primum.records import Norm, Scenario
from primum.store.database import Store
from primum.store.summary import made_by, summary

__all__ = ["Trace", "TraceGroup", "TraceNode", "render_lines", "trace"]

Direction = Literal["up", "down", "both"]

_NEVER_HIDDEN = frozenset({"scenario", "norm", "source"})  # the way up to the law is shown whole, and first
_COUNTED_BY_DATASET = "trained on"


@dataclass(frozen=True)
class TraceGroup:
    """The neighbours of one role and kind where some are not shown, or where it matters which data they are from.

    `datasets` counts all `total` of them by the set or generator of their scenario; it is filled for what was `trained on`.
    """

    role: str
    kind: str
    total: int
    hidden: int
    datasets: dict[str, int] = field(default_factory=dict)


@dataclass
class TraceNode:
    """A record on the way. `role` is how it is tied to the node above (empty for the first).

    `is_repeated`: opened at another place of this trace. `is_cut`: there is more behind it than depth or size allowed.
    """

    id: str
    kind: str
    role: str
    summary: str
    made: str
    children: list[TraceNode] = field(default_factory=list)
    more: list[TraceGroup] = field(default_factory=list)
    is_repeated: bool = False
    is_cut: bool = False


@dataclass(frozen=True)
class Trace:
    """What a record rests on (`up`) and what rests on it (`down`); the side that was not asked for is `None`."""

    id: str
    up: TraceNode | None
    down: TraceNode | None

    def to_dict(self) -> dict[str, Any]:
        """Nested tables, lists and texts, for JSON."""
        return asdict(self)


def trace(
    store: Store, id: str, direction: Direction = "up", depth: int | None = None, limit: int = 5, nodes: int = 500
) -> Trace:
    """Walk from `id` (or the start of it), `depth` steps far (`None`: to the end), showing `limit` neighbours of a role and kind.

    `nodes` bounds each side; the norms, scenarios and sources that something rests on are shown however many they are.
    Raises `UnknownIdError` when no record is called `id`.
    """
    start = store.resolve(id)
    sides: dict[str, TraceNode | None] = {"up": None, "down": None}
    for side in sides:
        if direction in (side, "both"):
            sides[side] = _Walk(store, side == "up", depth, limit, nodes).run(start)
    return Trace(start, **sides)


def render_lines(found: Trace) -> list[str]:
    """The trace as a tree in text, a line a record; both sides under their own heading."""
    lines: list[str] = []
    for heading, node in (("rests on", found.up), ("is rested on by", found.down)):
        if node is None:
            continue
        if found.up is not None and found.down is not None:
            lines.append(f"{heading}:")
        lines.append(_label(node, ""))
        lines.extend(_branches(node, "", "{role}: " if node is found.up else "as '{role}' in "))
    return lines


class _Walk:
    def __init__(self, store: Store, is_up: bool, depth: int | None, limit: int, nodes: int) -> None:
        self._store, self._is_up, self._depth, self._limit, self._nodes = store, is_up, depth, limit, nodes
        self._opened: set[str] = set()

    def run(self, start: str) -> TraceNode:
        root = self._nodes_of("", [start])[0]
        queue, count = deque([(root, 0)]), 1
        while queue:
            node, distance = queue.popleft()
            if node.id in self._opened:
                node.is_repeated = True
                continue
            neighbours = self._store.parents(node.id) if self._is_up else self._store.children(node.id)
            if not neighbours:
                continue
            if distance == self._depth or count >= self._nodes:
                node.is_cut = True
                continue
            self._opened.add(node.id)
            self._open(node, neighbours)
            count += len(node.children)
            queue.extend((child, distance + 1) for child in node.children)
        return root

    def _open(self, node: TraceNode, neighbours: Sequence[tuple[str, str]]) -> None:
        groups: dict[tuple[str, str], list[str]] = {}
        for role, id in neighbours:
            groups.setdefault((role, _kind(id)), []).append(id)
        for (role, kind), ids in sorted(
            groups.items(), key=lambda group: self._is_up and group[0][0] not in _NEVER_HIDDEN
        ):
            is_whole = self._is_up and role in _NEVER_HIDDEN
            shown = ids if is_whole else ids[: self._limit]
            node.children.extend(self._nodes_of(role, shown))
            by_dataset = _datasets(self._store, ids) if self._is_up and role == _COUNTED_BY_DATASET else {}
            if by_dataset or len(shown) < len(ids):
                node.more.append(TraceGroup(role, kind, len(ids), len(ids) - len(shown), by_dataset))

    def _nodes_of(self, role: str, ids: Sequence[str]) -> list[TraceNode]:
        bodies = self._store.bodies(ids)
        made = []
        for id in ids:
            if id in bodies:
                record = self._store.read(id, bodies[id])
                made.append(TraceNode(id, record.kind(), role, summary(record), made_by(record)))
            else:
                made.append(TraceNode(id, _kind(id), role, "not in the store", ""))
        return made


def _kind(id: str) -> str:
    return id.partition("-")[0]


def _datasets(store: Store, ids: Sequence[str]) -> dict[str, int]:
    """How many of the records come from each set of scenarios or source of norms, most first; `unknown` for those that lead to none."""
    counts: Counter[str] = Counter()
    waiting = Counter(ids)  # how many of `ids` lead to the record
    while waiting:
        bodies = store.bodies(waiting)
        ahead: Counter[str] = Counter()
        for id, count in waiting.items():
            record = store.read(id, bodies[id]) if id in bodies else None
            # An approval leads to its scenario, a judgement to its response and from there on.
            towards = getattr(record, "scenario", None) or getattr(record, "response", None)
            if isinstance(record, Scenario):
                counts[record.dataset] += count
            elif isinstance(record, Norm):
                counts[record.source_title] += count
            elif towards is not None:
                ahead[towards] += count
            else:
                counts["unknown"] += count
        waiting = ahead
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _branches(node: TraceNode, indent: str, tie: str) -> Iterator[str]:
    """The lines below a node; the groups it shows in part end with their count. `tie` is how a role is written."""
    rows: list[TraceNode | TraceGroup] = []
    groups = {(group.role, group.kind): group for group in node.more}
    for position, child in enumerate(node.children):
        rows.append(child)
        following = node.children[position + 1] if position + 1 < len(node.children) else None
        key = child.role, child.kind
        if key in groups and (following is None or (following.role, following.kind) != key):
            rows.append(groups.pop(key))
    rows.extend(groups.values())
    for position, row in enumerate(rows):
        is_last = position == len(rows) - 1
        fork = "└── " if is_last else "├── "
        if isinstance(row, TraceGroup):
            yield indent + fork + _group_label(row)
        else:
            yield indent + fork + _label(row, tie)
            yield from _branches(row, indent + ("    " if is_last else "│   "), tie)


def _label(node: TraceNode, tie: str) -> str:
    line = f"{tie.format(role=node.role)}{node.id} {node.summary}"
    if node.is_repeated:
        return f"{line} (opened elsewhere in this tree)"
    return line + (f" [{node.made}]" if node.made else "") + (" …" if node.is_cut else "")


def _group_label(group: TraceGroup) -> str:
    datasets = ", ".join(f"{name} {count:,}" for name, count in group.datasets.items())
    if group.hidden:
        line = f"… and {group.hidden:,} more '{group.role}' {group.kind}"
        return f"{line}; all {group.total:,} by dataset: {datasets}" if datasets else line
    return f"all {group.total:,} '{group.role}' {group.kind} by dataset: {datasets}"
