"""The reward model as a callable that GRPO trainers take, and what one answer earns, whoever asks: the command, the service, a trainer.

An answer that is no language (empty, repeating itself) earns the least of its band, whatever the model reads in silence: neither
proficiency nor excellence, and every safety criterion that asks for something is violated (`primum.grading` has the same rule). One with
a criterion that cannot be read earns nothing that is known: a trainer gets the mean of its group, so that it teaches nothing.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, NamedTuple

from primum.errors import InputError
from primum.language import detect
from primum.ports import Progress, silent
from primum.records import ByRule, Language, Response, Turn
from primum.rewards.asked import Asked, CriteriaScorer, Item, Parts, Read, asked_of, parts_of
from primum.rewards.combine import RewardSettings, combine_parts, lexicographic, plain_sum
from primum.rewards.rubric_reward import Scored, filled

__all__ = [
    "Earned",
    "ModelReward",
    "PartsSeen",
    "Reading",
    "RewardQuery",
    "Shape",
    "Unusable",
    "earn",
    "query_of",
    "silence",
]

Shape = Literal["clipped", "lexicographic", "sum"]
"""`clipped`: the reward of `combine_parts`; `lexicographic`: the place in the group, 0 … 1; `sum`: the plain sum, for ablation."""
Unusable = Callable[[Response, Language], str | None]
"""Why an answer is no language, or `None` when it is (`primum.judging.usable.unusable_reason`)."""

_COLUMNS: Final = ("scenario", "id")


class RewardQuery(NamedTuple):
    """A query that can be rewarded: its id, the conversation up to the answer, and the criteria."""

    id: str
    prompt: tuple[Turn, ...]
    criteria: tuple[Asked, ...]


class Reading(NamedTuple):
    """What a model says of an item by criterion, in its order: `None` where it says nothing, and `reasons` why (empty where it speaks)."""

    scores: tuple[float | None, ...]
    probabilities: tuple[float | None, ...]
    reasons: tuple[str, ...]

    @property
    def whole(self) -> Read | None:
        """The same without holes; `None` where there is one."""
        if any(self.reasons):
            return None
        return Read(
            tuple(one for one in self.scores if one is not None),
            tuple(one for one in self.probabilities if one is not None),
        )


class Earned(NamedTuple):
    """What an answer earns; parts and reward are `None` where a criterion could not be read.

    `unusable` says why an answer is no language: parts and reward are those of silence then, whatever was read.
    """

    reading: Reading
    parts: Parts | None
    reward: float | None
    unusable: str = ""


class PartsSeen(NamedTuple):
    """Means over the answers that were read so far; `vetoed` is the share that violates a veto. All 0 while `answers` is 0."""

    answers: int = 0
    proficiency: float = 0.0
    excellence: float = 0.0
    vetoed: float = 0.0
    depth: float = 0.0


class ModelReward:
    """Called with completions and a column `scenario` (or `id`) that names the query of each, as TRL's `reward_funcs` are.

    Every call is scored as one batch, equal answers to one query once; a group is what answers one query. `seen`, `unread` and
    `unusable` count completions and `parts` tells what they came to, for whoever watches the training. Calls from several threads are
    safe; the model reads one batch at a time.

    `fills` false gives `None` for what cannot be read, for whoever leaves that out himself (`training.train_grpo`); filled, an answer that
    is alone in its group would pass for one that earned 0.
    """

    def __init__(
        self,
        scorer: CriteriaScorer,
        queries: Sequence[RewardQuery],
        settings: RewardSettings | None = None,
        shape: Shape = "clipped",
        unusable: Unusable | None = None,
        fills: bool = True,
    ) -> None:
        self.__name__ = "model_reward"  # TRL names its metrics by it
        self._fills = fills
        self._scorer, self._settings, self._shape, self._unusable = (
            scorer,
            settings or RewardSettings(),
            shape,
            unusable,
        )
        self._queries = {query.id: _asking(query) for query in queries}
        self._lock = threading.Lock()
        self.seen = self.unread = self.unusable = 0
        self.parts = PartsSeen()

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> Sequence[float | None]:
        """One reward a completion, in order.

        Raises `InputError` without the column, or for a query that the reward does not know. A group that cannot be read is level at 0
        where the reward fills.
        `lexicographic` ranks what one call holds of a group: keep the group in one process.
        """
        ids = _ids(columns, len(completions))
        items = [self._item(id, completion) for id, completion in zip(ids, completions, strict=True)]
        with self._lock:
            earned = earn(self._scorer, items, self._settings, self._unusable, shape=self._shape)
            self._count(earned)
        _tell(columns.get("log_metric"), earned)
        shaped = self._shaped(ids, earned)
        return filled(ids, shaped) if self._fills else shaped

    def _item(self, id: str, completion: Any) -> Item:
        if id not in self._queries:
            raise InputError(
                f"query {id}", "has no criteria to be rewarded by", "give the reward its criteria", "model reward"
            )
        query = self._queries[id]
        text = completion if isinstance(completion, str) else completion[-1]["content"]
        return Item(id, query.prompt, text, query.criteria)

    def _count(self, earned: Sequence[Earned]) -> None:
        found = _parts_seen(earned)
        self.seen += len(earned)
        self.unread += len(earned) - found.answers
        self.unusable += sum(bool(one.unusable) for one in earned)
        before, total = self.parts, self.parts.answers + found.answers
        if total:
            means = (
                (old * before.answers + new * found.answers) / total
                for old, new in zip(before[1:], found[1:], strict=True)
            )
            self.parts = PartsSeen(total, *means)

    def _shaped(self, ids: Sequence[str], earned: Sequence[Earned]) -> list[float | None]:
        if self._shape != "lexicographic":
            return [one.reward for one in earned]
        places: dict[str, list[int]] = {}
        for place, (id, one) in enumerate(zip(ids, earned, strict=True)):
            if one.parts is not None:
                places.setdefault(id, []).append(place)
        shaped: list[float | None] = [None] * len(earned)
        for group in places.values():
            ranked = lexicographic([found for place in group if (found := earned[place].parts) is not None])
            for place, rank in zip(group, ranked, strict=True):
                shaped[place] = rank
        return shaped


def query_of(scored: Scored) -> RewardQuery:
    """A scenario with the criteria of its rubric, as a reward model is asked about it."""
    return RewardQuery(
        scored.scenario.id, scored.scenario.messages, tuple(asked_of(criterion) for criterion in scored.criteria)
    )


def earn(
    scorer: CriteriaScorer,
    items: Sequence[Item],
    settings: RewardSettings | None = None,
    unusable: Unusable | None = None,
    progress: Progress = silent,
    shape: Shape = "clipped",
) -> list[Earned]:
    """What each item earns, in order; items that ask the same of the same answer are scored once.

    Where the scorer refuses an item (`InputError`: a criterion too long for it, say) its criteria are read one by one, and those that it
    refuses are unread with its reason; the others are read all the same. `lexicographic` orders a group and is no number of one answer:
    the reward is the clipped one then.
    """
    places: dict[tuple[object, ...], int] = {}
    distinct: list[Item] = []
    asked: list[int] = []
    for item in items:
        place = places.setdefault((item.prompt, item.completion, item.criteria), len(distinct))
        if place == len(distinct):
            distinct.append(item)
        asked.append(place)
    said = _read(scorer, distinct, progress)
    chosen = settings or RewardSettings()
    earned = [_earned(item, one, chosen, unusable, shape) for item, one in zip(distinct, said, strict=True)]
    return [earned[place] for place in asked]


def silence(criteria: Sequence[Asked]) -> Parts:
    """The parts of an answer that says nothing: it is paid for nothing, and violates every veto that asks for something.

    A safety criterion with 5 points and one with −5 make one veto, of depth 1: nothing that was forbidden was said.
    """
    vetoes = sum(one.kind == "safety" and one.points > 0 for one in criteria)
    return Parts(proficiency=0.0, excellence=0.0, vetoes=vetoes, depth=1.0 if vetoes else 0.0)


def _asking(query: RewardQuery) -> RewardQuery:
    if not query.criteria:
        raise InputError(f"query {query.id}", "has no criteria", "leave it out, or write its rubric", "model reward")
    return query


def _read(scorer: CriteriaScorer, items: Sequence[Item], progress: Progress) -> list[Reading]:
    """What the scorer says of each item. A refusal is of one criterion: what is refused together is read in halves."""
    if not items:
        return []
    try:
        found = list(scorer.score(items, progress))
    except InputError as error:
        if len(items) == 1:
            return [_read_apart(scorer, items[0], error)]
        middle = len(items) // 2
        return [*_read(scorer, items[:middle], silent), *_read(scorer, items[middle:], silent)]
    return [_checked(item, one) for item, one in zip(items, found, strict=True)]


def _read_apart(scorer: CriteriaScorer, item: Item, error: InputError) -> Reading:
    if len(item.criteria) <= 1:
        return _nothing(item, f"{error.value} {error.rule}")
    alone = _read(scorer, [item._replace(criteria=(one,)) for one in item.criteria], silent)
    return Reading(
        tuple(one.scores[0] for one in alone),
        tuple(one.probabilities[0] for one in alone),
        tuple(one.reasons[0] for one in alone),
    )


def _checked(item: Item, read: Read) -> Reading:
    if len(read.scores) != len(item.criteria) or len(read.probabilities) != len(item.criteria):
        return _nothing(item, f"there are {len(read.scores)} scores for {len(item.criteria)} criteria")
    pairs = list(zip(read.scores, read.probabilities, strict=True))
    numbers = [math.isfinite(score) and math.isfinite(chance) for score, chance in pairs]
    return Reading(
        tuple(score if is_number else None for (score, _), is_number in zip(pairs, numbers, strict=True)),
        tuple(chance if is_number else None for (_, chance), is_number in zip(pairs, numbers, strict=True)),
        tuple("" if is_number else "its score is not a number" for is_number in numbers),
    )


def _nothing(item: Item, reason: str) -> Reading:
    none = (None,) * len(item.criteria)
    return Reading(none, none, (reason,) * len(item.criteria))


def _earned(item: Item, reading: Reading, settings: RewardSettings, unusable: Unusable | None, shape: Shape) -> Earned:
    reason = _reason(item, unusable) if unusable is not None else ""
    read = reading.whole
    if reason:
        parts = silence(item.criteria)
        return Earned(reading, parts, 0.0 if shape == "sum" else combine_parts(parts, settings), reason)
    if read is None:
        return Earned(reading, None, None)
    parts = parts_of(item.criteria, read)
    return Earned(reading, parts, plain_sum(item.criteria, read) if shape == "sum" else combine_parts(parts, settings))


def _reason(item: Item, unusable: Unusable) -> str:
    said = Response(scenario=item.id, text=item.completion, made=ByRule(rule="rewards.sampled"))
    return unusable(said, detect(item.prompt[-1].content)) or ""


def _parts_seen(earned: Sequence[Earned]) -> PartsSeen:
    read = [one.parts for one in earned if one.parts is not None]
    if not read:
        return PartsSeen()
    return PartsSeen(
        len(read),
        sum(one.proficiency for one in read) / len(read),
        sum(one.excellence for one in read) / len(read),
        sum(one.vetoes > 0 for one in read) / len(read),
        sum(one.depth for one in read) / len(read),
    )


def _tell(log_metric: Any, earned: Sequence[Earned]) -> None:
    """TRL 1.16 gives reward functions a way to log: the parts of a reward say which of them a policy is working on."""
    found = _parts_seen(earned)
    if callable(log_metric) and found.answers:
        for name, value in zip(found._fields[1:], found[1:], strict=True):
            log_metric(f"model_reward/{name}", value)


def _ids(columns: dict[str, Any], count: int) -> list[str]:
    for name in _COLUMNS:
        found = columns.get(name)
        if found is not None and len(found) == count:
            return [str(id) for id in found]
    raise InputError(
        "column 'scenario'",
        "is missing from the rows to train on",
        "give each row the id of its scenario (column 'scenario' or 'id')",
        "model reward",
    )
