"""The clinical dimensions and our labelled queries: whole, in both languages, nothing twice."""

from __future__ import annotations

from collections import Counter

import pytest

from primum.errors import InputError
from primum.starter.clinical import Dimension, check_values, dimensions, labelled_queries


def test_the_four_dimensions_have_the_values_everyone_counts_on() -> None:
    assert {one.key: one.keys for one in dimensions()} == {
        "urgency": ("emergency", "prompt", "routine"),
        "uncertainty": ("settled", "missing_context", "open"),
        "expertise": ("lay", "professional"),
        "task": ("explain", "diagnose", "examine", "treat", "medicate", "prevent", "foresee", "decide"),
    }
    assert dimensions() is dimensions()


def test_every_value_is_defined_with_examples_and_cues_in_both_languages() -> None:
    for dimension in dimensions():
        for value in dimension.values:
            for language in ("zh", "en"):
                assert len(value.definition.of(language)) > 15, (value.key, language)
                assert value.examples.of(language) and len(value.cues.of(language)) >= 8, (value.key, language)


def test_examples_are_not_among_the_queries_that_the_classifier_learned_from() -> None:
    examples = {
        text for one in dimensions() for value in one.values for text in (*value.examples.zh, *value.examples.en)
    }
    assert not examples & {query.text for query in labelled_queries()}


def test_there_are_over_400_queries_about_half_in_each_language_with_every_value_well_covered() -> None:
    queries = labelled_queries()
    languages = Counter(query.language for query in queries)
    assert len(queries) >= 400 and min(languages.values()) >= 0.4 * len(queries)
    for dimension in dimensions():
        for language in ("zh", "en"):
            counted = Counter(query.values[dimension.key] for query in queries if query.language == language)
            assert set(counted) == set(dimension.keys) and min(counted.values()) >= 20, (dimension.key, counted)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"urgency": "routine"}, "exactly"),
        ({"urgency": "urgent", "uncertainty": "open", "expertise": "lay", "task": "treat"}, "'urgent'"),
        ({"urgency": "routine", "uncertainty": "open", "expertise": "lay", "task": "treat", "age": "old"}, "age"),
    ],
)
def test_a_profile_with_other_dimensions_or_values_is_refused(values: dict[str, str], named: str) -> None:
    with pytest.raises(InputError, match=named):
        check_values(values, "here")


def test_a_dimension_with_a_value_twice_cannot_be_made() -> None:
    urgency = dimensions()[0]
    with pytest.raises(ValueError, match="its own key"):
        Dimension(key="x", name=urgency.name, definition=urgency.definition, value=(urgency.value[0], urgency.value[0]))
