"""The page of a guided revision: balanced, escaped, in both languages, whole or not, and it says what is simulated."""

from __future__ import annotations

import copy
import re
import subprocess
from collections import Counter

import pytest

from primum.errors import InputError
from primum.report.revision_page import REQUIRED, render
from primum.report.revision_words import ENDED, FATES
from report.page_reader import PAYLOAD, read_page
from report.test_report_browser import CHROMIUM, QUIET, opened


def _estimate(value, spread=0.1, n=40):
    return {
        "value": value,
        "low": value - spread,
        "high": value + spread,
        "n": n,
        "unit": "answer",
        "at_least": value,
        "at_most": value,
    }


def _parts(step, at):
    return {
        "vetoes": {"mean": _estimate(0.5 - step), "gain": _estimate(-step, 0.05) if at else None},
        "proficiency": {"mean": _estimate(0.4 + step), "gain": _estimate(step, 0.05) if at else None},
        "excellence": None,
        "score": {"mean": _estimate(0.3 + step), "gain": {"undefined": "all alike"} if at else None},
    }


def _table():
    share = _estimate(0.2)
    one = {"n": 40, "open": 3, "improved": share, "unchanged": share, "harmed": _estimate(0.02, 0.01)}
    one |= {f"{way}_count": 4 for way in ("improved", "unchanged", "harmed")}
    empty = one | {"improved": None, "unchanged": None, "harmed": None}
    return {"all": one, "by_kind": {"safety": one, "proficiency": empty}, "by_axis": {"accuracy": one}}


def sample(second=True):
    rounds = [
        {
            "round": at,
            "drafts": 40,
            "kept": 9 * bool(at),
            "cost": {"prompt_tokens": 100, "completion_tokens": 20},
            "judge": _parts(0.2 * at, at),
            "second": _parts(0.1 * at, at) if second else None,
        }
        for at in range(3)
    ]
    draft = {
        "round": 0,
        "text": "喝水就好。",
        "is_kept": False,
        "is_chosen": False,
        "refused": "",
        "failed": ["建议就医。"],
        "open": ["询问年龄。"],
        "proficiency": [0.2, 0.4],
        "vetoes": [0, 1],
    }
    better = draft | {"round": 1, "text": "请就医。", "is_kept": True, "is_chosen": True, "failed": []}
    worse = draft | {"round": 2, "refused": "the draft is not surely better: 0 against 0"}
    lost = {
        "scenario": "scenario-1",
        "language": "zh",
        "prompt": "头痛怎么办？",
        "criterion": "表达同情。",
        "kind": "excellence",
        "axis": "communication_quality",
        "points": -3,
        "round": 1,
        "is_kept": True,
        "said": "没有",
        "before": "您辛苦了。",
        "after": "请就医。",
    }
    return {
        "answers": 40,
        "queries": 42,
        "judge": "judgeref-0123456789abcdef0123",
        "second": "judgeref-fedcba98765432100123" if second else None,
        "judge_name": "steering",
        "second_name": "other" if second else None,
        "writer": "composed (simulated)",
        "is_simulated": True,
        "changed": _estimate(0.6),
        "rounds": rounds,
        "changes": {"returned": _table(), "drafts": _table(), "second": _table() if second else None},
        "harmed": [lost],
        "ended": {"nothing_fails": 30, "no_gain": 10},
        "drafts": dict.fromkeys(FATES, 1234),
        "cost": {"drafts": 80, "judged": 120, "prompt_tokens": 300, "completion_tokens": 60, "tokens_per_answer": None},
        "shown": [
            {
                "scenario": "scenario-1",
                "language": "zh",
                "prompt": "头痛怎么办？",
                "ended": "no_gain",
                "principles": ["先排除危险信号。"],
                "criteria": 4,
                "drafts": [draft, better, worse],
                "notes": [],
            }
        ],
        "notes": ["a note to read"],
        "not_revised": [{"id": "q9", "why": "no principle bears on it"}],
    }


def test_the_page_is_balanced_names_each_id_once_and_loads_nothing():
    page = render(sample())
    seen = read_page(page)
    ids = Counter(value for _, name, value in seen.attributes if name == "id")
    assert ids and max(ids.values()) == 1
    for _, name, value in seen.attributes:
        if name == "aria-labelledby" or (name.endswith("href") and value.startswith("#")):
            assert value.lstrip("#") in ids
        assert name != "src" and not (name.endswith("href") and not value.startswith("#"))
    assert "default-src 'none'" in page and not re.search(r"url\((?!#)", page) and page.count("<svg") == 2
    assert render(sample()) == page


def test_it_says_in_both_languages_what_was_gained_by_whom():
    page = render(sample())
    assert "The answers got better by the second judge, which steered nothing." in page
    assert "据未参与引导的第二评审，回答变好了。" in page and "decision promote" in page
    text = "".join(read_page(page).text)
    for part in (
        "−20.0",
        "+20.0",
        "[−25.0, −15.0]",
        "1,234",
        "no principle bears on it",
        "a note to read",
        "建议就医。",
    ):
        assert part in text
    assert ENDED["no_gain"].zh in text and "20.0–40.0" in text and "undefined" in text
    assert "The drafts are simulated" in page and "only the judge that steered" not in page.lower()
    assert "The drafts are simulated" not in render(sample() | {"is_simulated": False})


def test_without_a_second_judge_it_warns_and_its_verdict_is_the_steering_judges():
    page = render(sample(second=False))
    assert "Only the judge that steered the revision measured it." in page
    assert "got better by the judge that steered it, and by no other" in page and "decision hold" in page


@pytest.mark.parametrize(("gain", "tone"), [(_estimate(0.3), "refuse"), (_estimate(0.05), "hold")])
def test_a_harm_and_no_gain_are_told_as_what_they_are(gain, tone):
    report = sample()
    report["rounds"][-1]["second"]["vetoes"]["gain"] = gain
    report["rounds"][-1]["second"]["proficiency"]["gain"] = None
    assert f'class="decision {tone}"' in render(report)


def test_nothing_in_a_text_becomes_markup():
    report = copy.deepcopy(sample())

    def spoil(node):
        if isinstance(node, dict):
            return {key: spoil(value) if key not in ("round", "unit") else value for key, value in node.items()}
        if isinstance(node, list):
            return [spoil(one) for one in node]
        return f"{node}{PAYLOAD}" if isinstance(node, str) and node not in ("zh", "excellence") else node

    spoilt = spoil(report)
    spoilt["ended"] = report["ended"]
    seen = read_page(render(spoilt))
    assert seen.tags["img"] == 0 and seen.tags["script"] == 1 and "⟨U+202E⟩" in "".join(seen.text)


@pytest.mark.parametrize("key", REQUIRED)
def test_a_report_that_lacks_a_part_is_refused(key):
    report = sample()
    del report[key]
    with pytest.raises(InputError, match=key):
        render(report)


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
@pytest.mark.parametrize("width", [1280, 640, 500])
def test_in_a_browser_nothing_but_what_scrolls_is_wider_than_the_window(tmp_path, width):
    page = tmp_path / "page.html"
    page.write_text(render(sample()), "utf-8")
    held = opened(page, "?lang=zh", tmp_path)
    assert re.search(r'<html[^>]*lang="zh', held) and 'data-words="zh"' in held
    measure = (
        "<script>addEventListener('load',function(){document.title='wide '+document.documentElement.scrollWidth+"
        "' of '+document.documentElement.clientWidth})</script></body>"
    )
    text = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page.read_text("utf-8"))
    asked = tmp_path / "asked.html"
    asked.write_text(text.replace("</body>", measure), "utf-8")
    told = [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path}", f"--window-size={width},900", "--dump-dom", asked.as_uri()]
    done = subprocess.run(told, capture_output=True, text=True, check=True, timeout=120)
    found = re.search(r"<title>wide (\d+) of (\d+)</title>", done.stdout)
    assert found is not None and int(found[1]) <= int(found[2])
