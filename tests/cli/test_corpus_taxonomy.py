"""`primum corpus taxonomy`: the axes as a table and as JSON, of the shipped taxonomy, of a file, of a corpus."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from primum.cli.corpus_taxonomy import taxonomy
from primum.errors import InputError, SettingError
from primum.starter import medical_taxonomy, starter_norms

ORVALE = Path(__file__).parents[2] / "examples" / "orvale" / "2021"


def told(*options):
    done = CliRunner().invoke(taxonomy, [str(one) for one in options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_without_options_the_medical_axes_are_shown():
    shown = told()
    for words in (
        "Scenes (14)",
        "Dimensions (20)",
        "Principles (8)",
        "Styles (4)",
        "Harms (4)",
        "transfusion",
        "输血与血液安全",
    ):
        assert words in shown


def test_json_is_the_taxonomy_with_its_id():
    content = json.loads(told("--json"))
    assert content["id"] == medical_taxonomy().id
    assert [one["key"] for one in content["dimensions"]] == [one.key for one in medical_taxonomy().dimensions]


def test_a_corpus_shows_its_own_axes_or_the_medical_ones():
    own = json.loads(told("--corpus", ORVALE, "--json"))
    assert own["key"] == "orvale" and own == json.loads(told("--taxonomy", ORVALE / "taxonomy.toml", "--json"))
    assert json.loads(told("--corpus", starter_norms(), "--json"))["key"] == "medical"


def test_what_cannot_be_shown_says_why():
    with pytest.raises(SettingError, match="give one of the two"):
        told("--corpus", ORVALE, "--taxonomy", ORVALE / "taxonomy.toml")
    with pytest.raises(InputError, match="does not exist"):
        told("--taxonomy", "nowhere.toml")
