"""On open data: nearly every request is rewritten, its intent kept, and a rewrite adds no more than a small model can take in."""

import os
from pathlib import Path
from statistics import mean

import pytest

from primum.bench.importers import load_huatuo, load_medquad, load_medsafetybench
from primum.simulation import STYLES, keeps_intent, rewrite

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(not (DATA / "medquad").is_dir(), reason="the open data is not there (PRIMUM_DATA)")

_LOAD = {
    "medsafetybench": lambda: load_medsafetybench(DATA / "medsafetybench", limit=100),
    "medquad": lambda: load_medquad(DATA / "medquad", limit=100),
    "huatuo": lambda: load_huatuo(DATA / "huatuo", limit=100),
}
_ADDED = {"en": {"single": 110, "several": 200}, "zh": {"single": 40, "several": 75}}


@pytest.mark.parametrize("dataset", _LOAD)
def test_requests_of_open_sets_are_kept_and_stay_short(dataset):
    scenarios = _LOAD[dataset]().scenarios
    for style in STYLES:
        made = [rewrite(one, style, 0) for one in scenarios]
        kept = [keeps_intent(one, two) is None for one, two in zip(scenarios, made, strict=True)]
        assert mean(kept) >= 0.97, style
        added = [
            sum(len(turn.content) for turn in two.messages) - len(one.prompt)
            for one, two in zip(scenarios, made, strict=True)
        ]
        most = _ADDED[scenarios[0].language]["several" if style == "multi_turn" else "single"]
        assert 0 < mean(added) <= most, style
