"""On open data: what the rules take out of plain medical texts, what the harm reader reads, what styles plain questions get.

The figures stand in docs/signals.md.
"""

import csv
import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from primum.records import ByRule, Scenario, Turn
from primum.signals import LogSettings
from primum.signals.harm import HarmReader
from primum.signals.identifiers import remove_identifiers
from primum.signals.styles import style_of

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the open data are not there (PRIMUM_DATA)")


def lines(name):
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def columns(pattern, column):
    for path in sorted(DATA.glob(pattern)):
        with path.open(encoding="utf-8", newline="") as file:
            yield from (row[column] for row in csv.DictReader(file))


def situation(text, harm, language):
    return Scenario(
        messages=(Turn(role="user", content=text),),
        task="open",
        dimension="d",
        language=language,
        dataset="open",
        made=ByRule(rule="test"),
        harm_level=harm,
        split="train",
    )


@pytest.fixture(scope="module")
def questions():
    found = {
        name: [row["question"] for row in lines(file)]
        for name, file in (("medquad", "medquad/qa.jsonl"), ("huatuo", "huatuo/questions.jsonl"))
    }
    for one in found.values():
        random.Random(1).shuffle(one)
    return found


def test_the_reader_is_right_on_what_it_reads_and_abstains_from_what_it_does_not_know(questions):
    harmful = list(columns("medsafetybench/train/gpt4/*.csv", "harmful_medical_request"))
    for path in sorted(DATA.glob("medsafetybench/requests/*.txt")):
        harmful += [line.strip() for line in path.read_text(encoding="utf-8").splitlines()[:100] if line.strip()]
    known = [situation(text, 2, "en") for text in harmful]
    known += [situation(text, 0, "en") for text in questions["medquad"][:800]]
    known += [situation(text, 0, "zh") for text in questions["huatuo"][:1200]]
    reader = HarmReader.learn(known, LogSettings(licence="x"))
    assert set(reader.learned) == {"en"}  # no harmful Chinese request is known: none is read

    def figures(texts, is_harmful):
        read = [one.is_harmful for one in reader.read(texts) if one.is_harmful is not None]
        return len(texts), len(read), sum(one == is_harmful for one in read)

    asked, read, right = figures(list(columns("medsafetybench/test/gpt4/*.csv", "harmful_medical_request")), True)
    assert (asked, right) == (450, read) and read >= 400
    asked, read, right = figures(questions["medquad"][1000:1500], False)
    assert (asked, right) == (500, read) and read >= 450
    assert figures(questions["huatuo"][2000:2500], False)[1] == 0
    with (DATA / "xstest/prompts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    unsafe = figures([row["prompt"] for row in rows if row["label"] == "unsafe"], True)
    safe = figures([row["prompt"] for row in rows if row["label"] == "safe"], False)
    assert unsafe[1] <= 5 and safe[1] <= 10  # what it does not know, it does not read


def test_plain_medical_texts_keep_their_doses_values_dates_and_codes():
    taken = Counter()
    rows = [row["question"] + "\n" + row["answer"] for row in lines("huatuo/questions.jsonl")[::8]]
    for text in rows:
        taken.update(dict(remove_identifiers(text).removed))
    assert set(taken) == {"name"}  # the surnames of invented patients: 王女士
    taken.clear()
    for row in lines("medquad/qa.jsonl")[::8]:
        taken.update(dict(remove_identifiers(row["question"] + "\n" + row["answer"]).removed))
    assert sum(taken.values()) <= 12 and set(taken) <= {"phone", "email", "address", "name"}


def test_plain_questions_are_plain(questions):
    asked = questions["medquad"][:500] + questions["huatuo"][:500]
    told = Counter(style_of((Turn(role="user", content=text),)) for text in asked)
    assert told["direct"] >= 990
