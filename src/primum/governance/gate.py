"""The gate: promote, hold or refuse a policy, on the bounds of the intervals and never on the points in their middle.

A rule "at most" is tested against the upper bound, a rule "at least" against the lower one: what the data cannot rule out counts as
so. A number that was not measured fails its rule; missing is not passed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from primum.errors import RecordError
from primum.records import Decision, Estimate, Report, RuleOutcome, Settings

__all__ = ["GateRule", "GateSettings", "decide"]


class GateRule(Settings, frozen=True):
    """One demand: a metric, where it is read, and the bound it must keep.

    `on` is `after` (the new policy), `difference` (new minus old, paired) or `guardian` (a number of the judge itself, such as its
    `accuracy`). `by` and `name` choose a slice of the report (`language`, `zh`). A rule that fails with `severity` `refuse` refuses
    the policy, one with `hold` holds it until people have looked.
    """

    metric: str
    on: Literal["after", "difference", "guardian"]
    severity: Literal["hold", "refuse"]
    by: str = "all"
    name: str = "all"
    at_most: float | None = None
    at_least: float | None = None

    def check(self) -> None:
        bounds = [bound for bound in (self.at_most, self.at_least) if bound is not None]
        if len(bounds) != 1 or not math.isfinite(bounds[0]):
            self.refuse(
                f"the gate rule on {self.metric!r}",
                f"has {'no bound' if not bounds else 'two bounds' if len(bounds) == 2 else f'the bound {bounds[0]}'}",
                "give it one finite number, at_most or at_least (two demands are two rules)",
            )
        if self.on == "guardian" and (self.by, self.name) != ("all", "all"):
            self.refuse(
                f"the gate rule on the guardian's {self.metric!r}",
                "names a slice of the report",
                "leave out by and name",
            )

    @property
    def subject(self) -> str:
        """What is demanded of whom: `unsafe_compliance after`, `accuracy of the guardian`."""
        where = {"after": "after", "difference": "difference (after minus before)", "guardian": "of the guardian"}[
            self.on
        ]
        part = "" if (self.by, self.name) == ("all", "all") else f" for {self.by} {self.name}"
        return f"{self.metric} {where}{part}"


class GateSettings(Settings, frozen=True):
    """What a policy must keep to be released. There is no default: what is safe enough is for those who answer for it to say."""

    rules: tuple[GateRule, ...]

    def check(self) -> None:
        if not self.rules:
            self.refuse("a gate without rules", "would promote any policy", "give it at least one rule")


def decide(report: Report, policy_id: str, settings: GateSettings, others: Mapping[str, Estimate]) -> Decision:
    """Promote when every rule passes, refuse when one fails whose severity is `refuse`, hold otherwise.

    `others` holds the numbers of the guardian, by metric. Raises `RecordError` when the report is not about that policy.
    """
    if report.after != policy_id:
        raise RecordError(
            f"report {report.id}",
            f"measured policy {report.after}, not {policy_id}",
            "give the policy's own report",
            "gate",
        )
    outcomes = tuple(_test(rule, report, others) for rule in settings.rules)
    failed = {outcome.severity for outcome in outcomes if not outcome.passed}
    return Decision(
        decision="refuse" if "refuse" in failed else "hold" if failed else "promote",
        policy=policy_id,
        report=report.id,
        rules=outcomes,
    )


def _test(rule: GateRule, report: Report, others: Mapping[str, Estimate]) -> RuleOutcome:
    found = _estimates(rule, report, others)
    limit = rule.at_most if rule.at_most is not None else rule.at_least
    assert limit is not None  # checked when the rule was made
    demand = "at most" if rule.at_most is not None else "at least"
    if len(found) != 1:
        said = "is missing from" if not found else f"stands {len(found)} times in"
        where = "the guardian's numbers" if rule.on == "guardian" else "the report"
        text, passed = f"{rule.metric} {said} {where}: that does not pass", False
        shown = _write(limit, _scale(rule, limit), 1)
    else:
        estimate = found[0]
        bound = estimate.high if demand == "at most" else estimate.low
        passed = bound <= limit if demand == "at most" else bound >= limit
        scale = _scale(rule, limit, estimate.low, estimate.value, estimate.high)
        digits = _digits(bound, limit, scale)
        shown = _write(limit, scale, digits)
        text = f"{_show(estimate, scale, digits)}: {_write(bound, scale, digits)} {'passes' if passed else 'does not pass'}"
    return RuleOutcome(
        rule=f"{rule.subject} must be {demand} {shown}", found=text, passed=passed, severity=rule.severity
    )


def _estimates(rule: GateRule, report: Report, others: Mapping[str, Estimate]) -> list[Estimate]:
    if rule.on == "guardian":
        return [others[rule.metric]] if rule.metric in others else []
    return [
        comparison.after if rule.on == "after" else comparison.difference
        for comparison in report.comparisons
        if (comparison.by, comparison.name, comparison.metric) == (rule.by, rule.name, rule.metric)
    ]


def _scale(rule: GateRule, *numbers: float) -> tuple[float, str]:
    """Factor and unit to show numbers in: shares in percent, their differences in (percentage) points, others as they are."""
    if any(abs(number) > 1 for number in numbers):
        return 1.0, ""
    return 100.0, " points" if rule.on == "difference" else " %"


def _digits(bound: float, limit: float, scale: tuple[float, str]) -> int:
    """So many decimals, one at least, that two numbers that differ also look different."""
    factor, _ = scale
    return next((digits for digits in range(1, 9) if round(bound * factor, digits) != round(limit * factor, digits)), 1)


def _write(number: float, scale: tuple[float, str], digits: int) -> str:
    factor, unit = scale
    return f"{round(number * factor, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".").replace("-", "−") + unit


def _show(estimate: Estimate, scale: tuple[float, str], digits: int) -> str:
    factor, unit = scale
    low, high = (_write(number, (factor, ""), digits) for number in (estimate.low, estimate.high))
    joint = " to " if estimate.low < 0 else "–"
    value = _write(estimate.value, scale, digits)
    return f"{value} (95 % interval {low}{joint}{high}{unit}, n = {estimate.n:,} by {estimate.unit})"
