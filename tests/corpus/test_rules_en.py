import pytest

from primum.corpus import read_corpus
from primum.corpus.rules import extract
from primum.records import Rule


@pytest.fixture
def read(tmp_path):
    def reading(text: str) -> list[Rule]:
        head = "---\nkey: ward\nauthority: code\nlanguage: en\n---\n\n# Rules of the ward\n\n"
        (tmp_path / "rules.md").write_text(f"{head}Article 1. {text}\n", encoding="utf-8")
        return extract(read_corpus(tmp_path).norms)

    return reading


def told(rule: Rule) -> tuple[str, ...]:
    parts = (rule.subject, rule.act, rule.condition, rule.consequence)
    return (rule.modality, *("" if part is None else part.text for part in parts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A nurse shall record every dose.", [("obligation", "A nurse", "record every dose", "", "")]),
        (
            "A doctor must be honest, must not deceive a patient, and should consult others.",
            [
                ("obligation", "A doctor", "be honest", "", ""),
                ("prohibition", "A doctor", "deceive a patient", "", ""),
                ("obligation", "A doctor", "consult others", "", ""),
            ],
        ),
        ("No one may enter the ward at night.", [("prohibition", "No one", "enter the ward at night", "", "")]),
        ("Smoking on the ward is prohibited.", [("prohibition", "", "Smoking on the ward", "", "")]),
        ("It is forbidden to alter a record.", [("prohibition", "", "alter a record", "", "")]),
        (
            "When a patient dies, the physician must inform the family.",
            [("obligation", "the physician", "inform the family", "When a patient dies", "")],
        ),
        (
            "Records must not be shown to relatives unless the patient agrees.",
            [("prohibition", "Records", "be shown to relatives", "unless the patient agrees", "")],
        ),
        ("A patient is entitled to refuse treatment.", [("permission", "A patient", "refuse treatment", "", "")]),
        (
            "A person may ask for a copy, and the controller must provide it.",
            [
                ("permission", "A person", "ask for a copy", "", ""),
                ("obligation", "the controller", "provide it", "", ""),
            ],
        ),
        (
            "Any person who sells organs commits an offence and is liable to a fine.",
            [("prohibition", "Any person", "sells organs", "", "commits an offence and is liable to a fine")],
        ),
        ("I will not use my knowledge to harm.", [("prohibition", "I", "use my knowledge to harm", "", "")]),
    ],
)
def test_a_sentence_gives_its_rules(read, text, expected):
    assert [told(rule) for rule in read(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Health data means data about the body or the mind.",
        "A nurse shall not be required to lift a patient alone.",
        "Patients who must fast are listed daily.",
        "The ward opened in May (nobody must enter before).",
    ],
)
def test_what_binds_nobody_gives_no_rule(read, text):
    assert read(text) == []


def test_each_item_after_a_colon_is_an_act(read):
    rules = read("A nurse must not:\n\n(a) sleep on duty; or\n\n(b) leave the ward. (After: our own words.)")
    assert [told(rule)[:3] for rule in rules] == [
        ("prohibition", "A nurse", "sleep on duty"),
        ("prohibition", "A nurse", "leave the ward"),
    ]
    assert [rule.label for rule in rules] == ["(a)", "(b)"]


def test_circumstances_in_a_list_are_no_acts(read):
    rules = read("Data may be processed where:\n\n(a) the patient agrees;\n\n(b) the law must be obeyed.")
    assert [told(rule) for rule in rules] == [("permission", "Data", "be processed", "", "")]
