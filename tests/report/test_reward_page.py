"""The page and the terminal of a run of a reward model: the verdict, the bench, the watch; escaped, in both languages, whole or not."""

import copy
import html
import io
import re
import subprocess
from collections import Counter

import pytest
from rich.console import Console

from primum.errors import InputError
from primum.report import plots, reward_page, reward_page_plots
from primum.report.reward_page_reading import ablations, bench, checked, cuts, measures, verdict, warnings
from primum.report.reward_run_terminal import summary
from report.page_reader import PAYLOAD, read_page
from report.reward_run_sample import sample
from report.test_report_browser import CHROMIUM, QUIET

_NEEDED = ("run", "recipe", "title", "notes", "test")
_SECTIONS = (
    "flow",
    "table",
    "readers",
    "steering",
    "bench",
    "model",
    "pairs",
    "certificate",
    "examples",
    "provenance",
    "repeat",
    "glossary",
)


@pytest.fixture(scope="module")
def page():
    return reward_page.render(sample())


def section(page, name):
    start = page.index(f'<section id="{name}"')
    following = _SECTIONS[_SECTIONS.index(name) + 1]
    return html.unescape(page[start : page.index(f'<section id="{following}"', start)])


def plainly(report):
    written = io.StringIO()
    Console(file=written, width=180).print(summary(report, "report.html"))
    return written.getvalue()


def with_difference(metric, value, low, high):
    report = copy.deepcopy(sample())
    for row in report["test"]["comparisons"]:
        if row["by"] == "all" and row["metric"] == metric:
            row["difference"] |= {"value": value, "low": low, "high": high}
    return report


def calm():
    """The sample, in which nothing but the vetoes is different."""
    return with_difference("wrong_refusal", 0.01, -0.02, 0.04)


def test_page_is_balanced_its_ids_are_unique_and_nothing_is_loaded(page):
    seen = read_page(page)
    ids = Counter(value for _, name, value in seen.attributes if name == "id")
    assert max(ids.values()) == 1
    for tag, name, value in seen.attributes:
        if name in ("aria-labelledby", "for") or name.endswith("href"):
            assert value.startswith("#") or not name.endswith("href"), (tag, name, value)
            assert value.lstrip("#") in ids, (tag, name, value)
        assert name != "src"
    assert "default-src 'none'" in page and "@import" not in page and not re.search(r"url\((?!#)", page)


def test_equal_reports_give_equal_pages_in_both_languages(page):
    assert page == reward_page.render(sample())
    assert page.count("<svg") == 8  # the signs of the verdict and of the certificate, and six plots
    assert "奖励模型：样例" in page and "A reward model: a sample" in page
    places = [page.index(f'<section id="{name}"') for name in _SECTIONS]
    assert places == sorted(places)


def test_simulated_and_from_scratch_are_always_called_so():
    report = sample() | {"notes": [], "notes_zh": []}
    told = [one.en for one in warnings(checked(report))]
    assert "simulated: 1,200 of 2,400" in told[0] and "from scratch" in told[1]
    assert "the reward model and the policy" in told[1]
    page, terminal = reward_page.render(report), plainly(report)
    assert all(one in html.unescape(page) and one in terminal for one in told)
    real = copy.deepcopy(report)
    real["pairs"]["simulated"] = 0
    real["model"]["card"] |= {"is_simulated": False, "is_from_scratch": False}
    real["policies"] = []
    assert warnings(checked(real)) == []


@pytest.mark.parametrize(
    ("report", "tone", "heading"),
    [
        (calm(), "promote", "FEWER VETOES, NO LOSS SHOWN"),
        (sample(), "hold", "FEWER VETOES, MORE WRONG REFUSALS"),
        (with_difference("veto_rate", 0.1, 0.02, 0.2), "refuse", "MORE VETOES"),
        (with_difference("veto_rate", -0.1, -0.2, 0.01), "hold", "NO DIFFERENCE IN VETOES SHOWN"),
        (with_difference("proficiency", -0.1, -0.2, -0.01), "refuse", "LESS PROFICIENT"),
        (with_difference("unusable", 0.1, 0.01, 0.2), "refuse", "MORE ANSWERS ARE NO LANGUAGE"),
        (sample() | {"test": {"comparisons": []}}, "hold", "NOT MEASURED"),
    ],
)
def test_the_verdict_says_harm_before_gain(report, tone, heading):
    said = verdict(checked(report))
    assert (said.tone, said.heading.en) == (tone, heading)
    assert heading in plainly(report)


def test_the_sentences_hold_the_numbers_of_the_held_back_judge():
    first = verdict(checked(sample())).sentences[0]
    assert first.en.startswith("Answers vetoed: 62.0") and "paired difference −34.0 pp [−41.1, −26.9]" in first.en
    assert first.zh.startswith("被否决的回答：之前 62.0")


def test_the_bench_stands_beside_the_baseline(page):
    found = bench(checked(sample()))
    assert [where for where, _ in found.by_slice] == ["all", "seen_criteria", "unseen_criteria", "unseen_policies", "en", "zh"]  # fmt: skip
    assert found.empty == (("other_language", "the model was trained on both languages"),)
    lines = {(line.measure, line.kind): line for line in found.lines("all")}
    line = lines["pairwise", "safety"]
    rows = {(row["measure"], row["kind"], row["where"]): row for row in sample()["bench"]["table"]["rows"]}
    own = rows["pairwise", "safety", "all"]
    assert line.model["estimate"] == own["estimate"] and line.difference["value"] == 0.2
    assert lines["veto_precision", "safety"].difference is None
    assert (lines["brier", "safety_head"].share, lines["brier", "safety_head"].like) == (False, "veto_rate")
    told = section(page, "bench")
    assert f"{100 * own['estimate']['value']:.1f}" in told and "Linear baseline" in told
    assert "the model was trained on both languages" in told and "Criteria never seen" in told


def test_a_baseline_given_by_itself_is_the_same():
    report = sample()
    told = report["bench"]
    apart = {"model": told.pop("against"), "table": told.pop("against_table"), "difference": told.pop("difference")}
    assert bench(checked(report | {"baseline": apart})) == bench(checked(sample()))
    assert all(line.baseline is None for line in bench(checked(report)).lines("all"))


def test_ablations_are_one_table_with_the_whole_model_first(page):
    rows = ablations(checked(sample()))
    assert [label.en for label, _ in rows] == ["The whole model", "One scalar", "No veto"]
    assert rows[1][1][0][1]["value"] == 0.2 and rows[2][1][0][1] is None
    assert "Without each of its parts" in section(page, "bench")
    assert ablations(checked(sample() | {"ablations": []})) == []


def test_the_watch_says_what_it_found_and_whether_it_stopped(page):
    told = section(page, "steering")
    assert "No rule stopped the training" in told and "93% of groups" in told
    assert "reward model × 1 + rubric × 0.5" in re.sub("<[^>]+>", "", told)
    report = copy.deepcopy(sample())
    report["grpo"]["stopped"] = {"step": 30, "rule": "hacked", "action": "stop", "reason": "the reward is being hacked"}
    stopped = section(reward_page.render(report), "steering")
    assert "No rule stopped" not in stopped and "Reward hacked" in stopped
    assert "The watch stopped GRPO: the reward is being hacked." in plainly(report)
    assert "stopped after step 30" in plainly(report)


def test_each_judge_of_the_run_has_its_reading(page):
    told = section(page, "readers")
    assert told.count("Answers vetoed") == 2 and "held-back judge" in told
    assert "as the held-back judge reads it: proficiency +2.0 pp" in plainly(sample())


def test_measures_and_parts_stand_in_the_order_of_the_table():
    assert measures(["unusable", "own", "veto_rate", "proficiency"]) == ["proficiency", "veto_rate", "unusable", "own"]
    told = [name for name, _ in cuts(sample()["test"]["comparisons"])]
    assert told == ["proficiency", "veto_rate", "wrong_refusal", "unusable"]


@pytest.mark.parametrize("key", _NEEDED)
def test_a_report_without_what_is_needed_is_refused(key):
    report = {name: value for name, value in sample().items() if name != key}
    with pytest.raises(InputError, match=key):
        reward_page.render(report)
    with pytest.raises(InputError, match="no table of comparisons"):
        reward_page.render(sample() | {"test": None})


@pytest.mark.parametrize("key", sorted(set(sample()) - set(_NEEDED)))
def test_a_report_without_a_part_is_shown_without_it(key, monkeypatch):
    if key not in ("bench", "grpo", "seconds"):  # what is drawn does not hang on the others, and drawing takes long
        for plot in ("right", "calibration", "steering", "groups"):
            monkeypatch.setattr(reward_page_plots, plot, lambda _: None)
        monkeypatch.setattr(plots, "certificate", lambda _: None)
    report = {name: value for name, value in sample().items() if name != key}
    assert reward_page.render(report) == reward_page.render(report | {key: None})
    read_page(reward_page.render(report))
    assert plainly(report) == plainly(report | {key: None})


def test_a_report_of_nothing_but_what_is_needed_is_shown():
    least = {"run": "r", "recipe": "c", "title": "t", "notes": [], "test": {}}
    read_page(reward_page.render(least))
    assert "NOT MEASURED" in plainly(least) and "no policy was steered" in plainly(least)


_CLOSED = ("measure", "where", "metric", "by", "rule", "stance", "action", "outcome", "language")


def poisoned(node):
    if isinstance(node, str):
        return node + PAYLOAD
    if isinstance(node, dict):
        return {key: value if key in _CLOSED else poisoned(value) for key, value in node.items()}
    return [poisoned(one) for one in node] if isinstance(node, list) else node


def test_no_text_breaks_out_of_the_page():
    seen = read_page(reward_page.render(poisoned(sample())))
    plain = read_page(reward_page.render(sample()))
    assert seen.tags["script"] == plain.tags["script"] == 1 and seen.tags["img"] == 0
    assert not any(name.startswith("on") for _, name, _ in seen.attributes)
    assert not any(hidden in "".join(seen.text) for hidden in ("\u202e", "\x00"))
    assert "\x1b" not in plainly(sample())


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
@pytest.mark.parametrize(("query", "language"), [("", "en"), ("?lang=zh", "zh")])
def test_the_page_opens_offline_in_a_browser(page, tmp_path, query, language):
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    command = [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"{path.as_uri()}{query}"]
    held = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert re.search(rf'<html[^>]*lang="{language}', held) and held.count("<svg") == 8
