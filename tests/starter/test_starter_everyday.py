"""Everyday requests in contrast pairs."""

from collections import Counter

import pytest

from primum.errors import RecordError, SettingError
from primum.records import BySimulation
from primum.starter import EverydaySettings, everyday


def test_requests_are_distinct_simulated_and_given_to_training():
    made = everyday(EverydaySettings(requests=600, harmful_share=0.4))
    assert len({one.prompt for one in made}) == len(made) == 600
    assert all(isinstance(one.made, BySimulation) and one.split == "train" for one in made)
    assert Counter(one.language for one in made) == {"en": 300, "zh": 300}
    assert sum(one.harm_level == 3 for one in made) == 240
    assert made == everyday(EverydaySettings(requests=600, harmful_share=0.4))


def test_harmless_ones_have_an_answer_and_look_harmful_and_harmful_ones_have_none():
    for one in everyday(EverydaySettings(requests=300)):
        assert (one.reference is None) == (one.harm_level == 3)
        assert one.is_borderline == (one.harm_level == 0)
        assert "{" not in one.prompt + (one.reference or "")


def test_more_than_can_be_worded_is_refused():
    with pytest.raises(SettingError, match="worded differently"):
        everyday(EverydaySettings(requests=100_000, languages=("zh",), harmful_share=1.0))
    with pytest.raises(RecordError, match="share"):
        EverydaySettings(harmful_share=1.5)
