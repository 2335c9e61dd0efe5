"""The page of a run of a reward model: what the steered policy gained, what the reward was watched for, how right the model is, on what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from primum.report import certificate_words, plots, reward_page_plots, reward_page_words, words
from primum.report.certificate import error_tables, probes, standing
from primum.report.numbers import estimates
from primum.report.page import dress, environment
from primum.report.reward_page_reading import (
    ablations,
    bench,
    checked,
    cuts,
    measures,
    readers,
    stages,
    table_of,
    verdict,
    warnings,
)

__all__ = ["render"]

_SPLITS = (
    ("by_kind", "By class", "按类别"),
    ("by_difficulty", "By difficulty", "按难度"),
    ("by_language", "By language", "按语言"),
    ("by_policy", "By policy that answered", "按作答的策略模型"),
    ("by_split", "By use", "按用途"),
)


def render(report: Mapping[str, Any]) -> str:
    """The report of a run of a reward model as one HTML page, zh and en both in it; equal reports give equal pages.

    Raises `InputError` when `report` lacks one of `reward_page_reading.REQUIRED`. What else is missing is shown as missing.
    """
    whole = checked(report)
    table, benched, read = table_of(whole["test"]["comparisons"]), bench(whole), readers(whole)
    certificate = whole["judge"].get("certificate") or {}
    columns = measures({*table["before"], *table["after"], *table["difference"]})
    return (
        environment()
        .get_template("reward_run.html")
        .render(
            r=whole,
            said=verdict(whole),
            warnings=warnings(whole),
            stages=stages(whole),
            table=table,
            columns=columns,
            cuts=cuts(whole["test"]["comparisons"]),
            readers=read,
            read_columns=measures(name for _, rows in read for name in rows),
            bench=benched,
            ablations=ablations(whole),
            standing=standing(whole["judge"]),
            error_tables=error_tables(certificate.get("errors") or []),
            probes=probes(certificate),
            judge_glossary=certificate_words.GLOSSARY if certificate else (),
            splits=_SPLITS,
            plots={
                "right": reward_page_plots.right(benched),
                "calibration": reward_page_plots.calibration(whole["bench"].get("table") or {}),
                "steering": reward_page_plots.steering(whole["grpo"]),
                "groups": reward_page_plots.groups(whole["grpo"]),
                "certificate": plots.certificate(certificate),
                "seconds": plots.seconds(whole["seconds"]),
            },
            glossary=[words.metric(name) for name in columns],
            units=sorted({str(part["unit"]) for part in estimates(whole)}),
            words=reward_page_words,
            **dress("principles.css", "reward_run.css"),
        )
    )
