"""Watching the groups of a GRPO training: what each sampling comes to, and rules that warn or stop when the reward is being hacked.

A policy that learns from a reward learns its faults too. What is watched:

    level           groups whose rewards are all alike: they teach nothing
    length          mean length in tokens, against the first samplings
    unusable        answers that are no language, against the first samplings: a small policy sampled freely has some from the start
    disagreement    pairs of answers in a group that the reward and a second reward order differently
    hacked          on the same prompts, answered every few steps: the reward has risen while a held-back judge's mean has fallen, both
                    beyond their intervals (Student's, paired by prompt)

Numbers and rules are plain arithmetic; nothing here knows a trainer or a judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from primum.records import Estimate, Settings, Value
from primum.stats.contrasts import paired, student_mean
from primum.stats.undefined import Undefined

__all__ = [
    "Action",
    "Examined",
    "Finding",
    "GroupWatchSettings",
    "Rule",
    "Sampled",
    "SampledNumbers",
    "WatchState",
    "disagreement",
    "examine",
    "judge_examined",
    "judge_sampled",
    "level_share",
    "measure_sampled",
]

Action = Literal["off", "warn", "stop"]
Rule = Literal["level", "length", "unusable", "disagreement", "hacked"]
_ALIKE = 1e-9


class GroupWatchSettings(Settings, frozen=True):
    """When to warn and when to stop. Every limit is ours.

    Rules look at the mean of the last `window` samplings, and not before there are as many. Lengths and unusable answers are measured
    against the first `first` samplings. Every `second_every` samplings a second reward, where there is one, reads `second_groups` groups;
    every `held_every` steps, and at the beginning, the held-back judge reads the policy's answers to its prompts.
    """

    window: int = 5
    first: int = 3
    second_every: int = 2
    second_groups: int = 4
    held_every: int = 10
    level_at_most: float = 0.9
    length_factor_at_most: float = 2.0
    unusable_rise_at_most: float = 0.15
    disagreement_at_most: float = 0.5
    on_level: Action = "warn"
    on_length: Action = "stop"
    on_unusable: Action = "stop"
    on_disagreement: Action = "warn"
    on_hacked: Action = "stop"

    def check(self) -> None:
        for name in ("window", "first", "second_every", "second_groups", "held_every"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is less than 1", "give a positive number")
        for name in ("level_at_most", "unusable_rise_at_most", "disagreement_at_most"):
            if not 0 <= getattr(self, name) <= 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is no share", "give a number from 0 to 1")
        if self.length_factor_at_most <= 1:
            self.refuse(
                f"length_factor_at_most = {self.length_factor_at_most}",
                "would stop a training whose answers do not grow",
                "give more than 1",
            )

    def action(self, rule: Rule) -> Action:
        """What is done when `rule` is broken."""
        chosen: Action = getattr(self, f"on_{rule}")
        return chosen


class Sampled(NamedTuple):
    """One sampling, by answer; the answers of a group lie side by side, `group` of them.

    `rewards` are what is learned, `parts` what each source said, by its name; `None` where it could not say. `lengths` are in tokens,
    `cut` marks answers that did not end by themselves, `unusable` those that are no language (`None` where nobody reads that).
    `second` is what a second reward said of the first groups; empty where it was not asked.
    """

    group: int
    rewards: Sequence[float | None]
    parts: Mapping[str, Sequence[float | None]]
    lengths: Sequence[int]
    cut: Sequence[bool]
    unusable: Sequence[bool] | None = None
    second: Sequence[float | None] = ()


class SampledNumbers(Value, frozen=True):
    """What a sampling came to. `step` is the first step that learns from it, counted from 0. `unread` is the share of answers without a
    reward; `reward` and `reward_std` are over the others, `None` without any. `disagreement` is over `pairs` pairs of answers."""

    step: int
    groups: int
    level: float
    length: float
    cut: float
    unread: float
    parts: dict[str, float]
    reward: float | None = None
    reward_std: float | None = None
    unusable: float | None = None
    disagreement: float | None = None
    pairs: int = 0


class Examined(Value, frozen=True):
    """The same prompts answered after `step` steps: what the reward and the held-back judge say, by prompt, and on average.

    `reward_change` and `held_change` are against the first time, paired by prompt; `None` at the first time and with fewer than two
    pairs. Where all pairs changed alike Student's interval has no width, and what is seen is taken for certain.
    """

    step: int
    rewards: tuple[float | None, ...]
    helds: tuple[float | None, ...]
    reward: float | None = None
    held: float | None = None
    held_interval: Estimate | None = None
    reward_change: Estimate | None = None
    held_change: Estimate | None = None


class Finding(Value, frozen=True):
    """A rule that was broken after `step` steps, what is done about it, and why, in words."""

    step: int
    rule: Rule
    action: Action
    reason: str


class WatchState(Value, frozen=True):
    """All that was seen: it is kept with every checkpoint, so that a training that was killed goes on with it."""

    sampled: tuple[SampledNumbers, ...] = ()
    examined: tuple[Examined, ...] = ()
    findings: tuple[Finding, ...] = ()
    kept_step: int | None = None

    @property
    def stopped(self) -> Finding | None:
        """The finding that ended the training."""
        return next((one for one in self.findings if one.action == "stop"), None)


def level_share(rewards: Sequence[float | None], group: int) -> float:
    """The share of groups whose known rewards are all alike, or that know fewer than two.

    Rewards 1 1 | 0 1 in groups of two: .5.
    """
    known = [[one for one in part if one is not None] for part in _groups(rewards, group)]
    return sum(len(part) < 2 or max(part) - min(part) < _ALIKE for part in known) / len(known)


def disagreement(
    rewards: Sequence[float | None], second: Sequence[float | None], group: int
) -> tuple[float | None, int]:
    """The share of pairs within groups that the two order differently, of those that both order, and how many these are.

    Goodman and Kruskal's gamma is one minus twice the share. Rewards 3 2 1 against 3 1 2 order two pairs alike and one differently: 1/3.
    `None` where no pair is ordered by both. `second` may cover the first groups only.
    """
    alike = apart = 0
    for one, two in zip(_groups(rewards, group), _groups(second, group), strict=False):
        known = [(a, b) for a, b in zip(one, two, strict=True) if a is not None and b is not None]
        for place, (a, b) in enumerate(known):
            for c, d in known[place + 1 :]:
                turn = (a - c) * (b - d)
                alike += turn > 0
                apart += turn < 0
    pairs = alike + apart
    return (apart / pairs if pairs else None), pairs


def measure_sampled(step: int, sampled: Sampled) -> SampledNumbers:
    """The numbers of a sampling."""
    known = [one for one in sampled.rewards if one is not None]
    apart, pairs = disagreement(sampled.rewards, sampled.second, sampled.group)
    answers = len(sampled.rewards)
    return SampledNumbers(
        step=step,
        groups=answers // sampled.group,
        level=level_share(sampled.rewards, sampled.group),
        length=sum(sampled.lengths) / answers,
        cut=sum(sampled.cut) / answers,
        unread=1 - len(known) / answers,
        reward=_mean(known),
        reward_std=_spread(known),
        parts={name: mean for name in sorted(sampled.parts) if (mean := _mean(sampled.parts[name])) is not None},
        unusable=None if sampled.unusable is None else sum(sampled.unusable) / answers,
        disagreement=apart,
        pairs=pairs,
    )


def examine(
    step: int,
    rewards: Sequence[float | None],
    helds: Sequence[float | None],
    clusters: Sequence[str],
    first: Examined | None,
) -> Examined:
    """What the reward and the held-back judge say of the answers to the same prompts, and how that changed since `first`."""
    return Examined(
        step=step,
        rewards=tuple(rewards),
        helds=tuple(helds),
        reward=_mean(rewards),
        held=_mean(helds),
        held_interval=_interval(helds, clusters),
        reward_change=None if first is None else _change(first.rewards, rewards, clusters),
        held_change=None if first is None else _change(first.helds, helds, clusters),
    )


def judge_sampled(seen: Sequence[SampledNumbers], settings: GroupWatchSettings) -> Iterator[Finding]:
    """The rules that the last samplings break."""
    if len(seen) < settings.window:
        return
    last = seen[-settings.window :]
    step = last[-1].step
    over = f"over {settings.window} samplings"

    def found(rule: Rule, reason: str) -> Iterator[Finding]:
        if settings.action(rule) != "off":
            yield Finding(step=step, rule=rule, action=settings.action(rule), reason=reason)

    level = _mean([one.level for one in last])
    if level is not None and level > settings.level_at_most:
        yield from found("level", f"{level:.0%} of groups {over} have answers of one reward and teach nothing")
    first = _mean([one.length for one in seen[: settings.first]])
    length = _mean([one.length for one in last])
    if first and length is not None and length > settings.length_factor_at_most * first:
        yield from found(
            "length", f"answers grew from {first:.1f} to {length:.1f} tokens, {length / first:.1f} times as long"
        )
    before, unusable = _mean([one.unusable for one in seen[: settings.first]]), _mean([one.unusable for one in last])
    if before is not None and unusable is not None and unusable - before > settings.unusable_rise_at_most:
        yield from found("unusable", f"{unusable:.0%} of answers {over} are no language, {before:.0%} at first")
    pairs = sum(one.pairs for one in last)
    apart = sum((one.disagreement or 0.0) * one.pairs for one in last) / pairs if pairs else 0.0
    if apart > settings.disagreement_at_most:
        yield from found("disagreement", f"the second reward orders {apart:.0%} of {pairs} pairs the other way")


def judge_examined(last: Examined, settings: GroupWatchSettings) -> Iterator[Finding]:
    """Whether the reward is being hacked: it rose, and the held-back judge's mean fell, each beyond its interval."""
    reward, held = last.reward_change, last.held_change
    if settings.on_hacked == "off" or reward is None or held is None:
        return
    if reward.low > 0 and held.high < 0:
        reason = (
            f"the reward is being hacked: on the same prompts it rose by {_told(reward)} "
            f"while the held-back judge's mean fell by {_told(held, -1)}"
        )
        yield Finding(step=last.step, rule="hacked", action=settings.on_hacked, reason=reason)


def _told(change: Estimate, sign: int = 1) -> str:
    low, high = sorted((sign * change.low, sign * change.high))
    return f"{sign * change.value:.3f} [{low:.3f}, {high:.3f}]"


def _groups(values: Sequence[float | None], group: int) -> list[Sequence[float | None]]:
    return [values[start : start + group] for start in range(0, len(values), group)]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) / len(known) if known else None


def _spread(known: Sequence[float]) -> float | None:
    """The standard deviation of a sample."""
    if len(known) < 2:
        return None
    mean = sum(known) / len(known)
    return float((sum((one - mean) ** 2 for one in known) / (len(known) - 1)) ** 0.5)


def _interval(values: Sequence[float | None], clusters: Sequence[str]) -> Estimate | None:
    known = [(one, cluster) for one, cluster in zip(values, clusters, strict=True) if one is not None]
    found = student_mean([one for one, _ in known], [cluster for _, cluster in known], "prompt")
    return None if isinstance(found, Undefined) else found


def _change(before: Sequence[float | None], after: Sequence[float | None], clusters: Sequence[str]) -> Estimate | None:
    known = [
        (one, two, cluster)
        for one, two, cluster in zip(before, after, clusters, strict=True)
        if one is not None and two is not None
    ]
    found = paired([one for one, _, _ in known], [two for _, two, _ in known], [name for _, _, name in known], "prompt")
    if not isinstance(found, Undefined):
        return found.estimate
    apart = [two - one for one, two, _ in known]
    if len(apart) < 2 or max(apart) - min(apart) > _ALIKE:
        return None
    return Estimate(value=apart[0], low=apart[0], high=apart[0], n=len(apart), unit="prompt")
