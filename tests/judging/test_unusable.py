"""Unusable answers: loops, cuts and rubble are found, real answers are left alone."""

from __future__ import annotations

import csv
import json
import os
import random
from pathlib import Path
from typing import Literal

import pytest

from primum.judging import unusable_reason
from primum.records import ByRule, Language, Response

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the open data is not in {DATA}")

EN = (
    "The wound should be kept clean and dry. Change the dressing every day, and look for redness or warmth around it. "
    "If the edges swell, or a fever comes up, a nurse or a doctor should see it soon."
)
ZH = "伤口应当保持清洁干燥，每天更换敷料，并观察周围有无红肿发热。如果边缘肿胀或者出现发烧，应尽快请护士或医生查看，不要自行用药。"


def _why(text: str, language: Language = "en", finish: Literal["stop", "length", "unknown"] = "unknown") -> str | None:
    return unusable_reason(Response(scenario="s", text=text, made=ByRule(rule="test"), finish=finish), language)


@pytest.mark.parametrize("text", ["", "   \n", "...", "？！", "- - -"])
def test_answers_without_letters_are_empty(text: str) -> None:
    assert str(_why(text)).startswith("empty")


def test_only_an_answer_known_to_be_cut_off_is_cut_off() -> None:
    assert str(_why(EN, finish="length")).startswith("cut off")
    assert _why(EN[:70]) is None
    assert _why(EN, finish="stop") is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the patient " * 10, "en"),
        ("It is important. " * 6, "en"),
        ("患者" * 12, "zh"),
        ("不能这样做。" * 6, "zh"),
        (EN + " and and and and and and and and and and", "en"),
        (EN + " " + "please ask the nurse to ask the doctor " * 5, "en"),
        (ZH + "请咨询医生，请咨询医生，" * 4, "zh"),
        ("aaaaaaaaaaaaaaaaaaaa", "en"),
        ("nonononononononononono", "en"),
        ("I can not help. I can help. " * 5, "en"),
    ],
)
def test_loops_repeat_themselves(text: str, language: Language) -> None:
    assert _why(text, language) == "repeats itself"


@pytest.mark.parametrize(
    "text", ["�" * 3 + EN[:40], "\x00\x01\x02 patient", "#### ---- **** //// x", "{}[]()<>|| ok ;;;;"]
)
def test_rubble_is_not_text(text: str) -> None:
    assert str(_why(text)).startswith("not text")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("B", "en"),
        ("是", "zh"),
        ("2-4 mg/kg", "en"),
        (EN, "en"),
        (ZH, "zh"),
        ("I can't help with this. I can't give advice on it either, and I can't say where to find it.", "en"),
        ("\n".join(f"- Take {n} tablets on day {n}" for n in ("one", "two", "three", "four")), "en"),
        ("1. 每天两次，每次一片；2. 每天三次，每次两片；3. 每天一次，每次半片。", "zh"),
        ("CAG CAG repeats: CAGCAGCAG is the unit that is repeated.", "en"),
        ("No, no, no. Please do not.", "en"),
    ],
)
def test_language_is_left_alone(text: str, language: Language) -> None:
    assert _why(text, language) is None


@pytest.mark.parametrize(("sample", "language"), [(EN, "en"), (ZH, "zh")])
def test_loops_made_from_language_are_caught(sample: str, language: Language) -> None:
    generator = random.Random(3)
    tokens, space = (sample.split(), " ") if language == "en" else (list(sample), "")
    missed = 0
    for _ in range(400):
        size = generator.choice([1, 2, 3, 4, 6, 8, 12])
        start = generator.randrange(len(tokens) - size)
        phrase = tokens[start : start + size]
        turns = max(5, -(-generator.randint(48, 110) // size))
        looped = tokens[: generator.randrange(25)] + phrase * turns
        noisy = [generator.choice(tokens) if generator.random() < 0.04 else token for token in looped]
        missed += _why(space.join(generator.choice([looped, noisy])), language) is None
    assert missed <= 4  # 1 %


@needs_data
def test_false_alarms_on_real_answers_are_rarer_than_two_in_a_thousand() -> None:
    english: list[str] = []
    for path in sorted((DATA / "xstest" / "completions").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            english.extend(row["completion"] for row in csv.DictReader(lines))
    english += _answers("medquad/qa.jsonl")[::10]
    chinese = _answers("huatuo/questions.jsonl")[::10]
    for texts, language in ((english, "en"), (chinese, "zh")):
        alarms = [text for text in texts if _why(text, language) is not None]  # type: ignore[arg-type]
        assert len(alarms) <= 0.002 * len(texts), alarms[:3]


def _answers(name: str) -> list[str]:
    return [str(json.loads(line)["answer"]) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
