"""Agreement on published worked examples; each says where its numbers are from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.agreement import (
    Form,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    intraclass_correlation,
    krippendorff_alpha,
    raw_agreement,
)
from primum.stats.agreement_ratings import jackknife_variance
from primum.stats.undefined import Undefined

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C; also Gwet, Handbook (4th ed., 2014), page 120.
KRIPPENDORFF: list[list[int | None]] = [
    [1, 1, None, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [None, 5, 5, 5],
    [None, None, 1, 1],
    [None, 3, None, None],
]
# Fleiss, "Measuring nominal scale agreement among many raters" (1971): 30 patients, 6 psychiatrists each, 5 diagnoses, as counts.
DIAGNOSES = """
0 0 0 6 0|0 3 0 0 3|0 1 4 0 1|0 0 0 0 6|0 3 0 3 0|2 0 4 0 0|0 0 4 0 2|2 0 3 1 0|2 0 0 4 0|0 0 0 0 6
1 0 0 5 0|1 1 0 4 0|0 3 3 0 0|1 0 0 5 0|0 2 0 3 1|0 0 5 0 1|3 0 0 1 2|5 1 0 0 0|0 2 0 4 0|1 0 2 0 3
0 0 0 0 6|0 1 0 5 0|0 2 0 1 3|2 0 0 4 0|1 0 0 4 1|0 5 0 1 0|4 0 0 0 2|0 2 0 4 0|1 0 5 0 0|0 0 0 0 6
"""
# Shrout and Fleiss (1979), table 2: six targets, four judges.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
# Gwet's data of two abstractors (irrCAC 1.0, `cont3x3abstractors`), with the coefficients and standard errors its overview prints.
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]


def rows_of(table: Sequence[Sequence[int]]) -> list[list[str]]:
    """Pairs of ratings `a`, `b`, `c` … from a square table of counts."""
    size = len(table)
    return [["abcdef"[i], "abcdef"[j]] for i in range(size) for j in range(size) for _ in range(table[i][j])]


def from_counts(text: str) -> list[list[int]]:
    lines = [[int(count) for count in line.split()] for line in text.strip().replace("\n", "|").split("|")]
    return [[category for category, count in enumerate(line) for _ in range(count)] for line in lines]


def known(found: Estimate | Undefined) -> Estimate:
    assert isinstance(found, Estimate)
    assert found.low <= found.value <= found.high
    return found


def why(found: Estimate | Undefined) -> str:
    assert isinstance(found, Undefined)
    return found.reason


@pytest.mark.parametrize(("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_krippendorff_2011(metric: Any, published: float) -> None:
    found = known(krippendorff_alpha(KRIPPENDORFF, metric))
    assert found.value == pytest.approx(published, abs=5e-4)
    assert found.n == 11  # the unit with one rating makes no pair


def test_alpha_by_hand() -> None:
    # Two raters, units aa, ab, bb: 6 values, 3 of each; D_o = 2/6, D_e = 2·3·3/(6·5) = 0.6
    assert known(krippendorff_alpha([["a", "a"], ["a", "b"], ["b", "b"]])).value == pytest.approx(1 - (1 / 3) / 0.6)


def test_ac1_and_fleiss_with_missing_ratings_are_those_of_gwet() -> None:
    """irrCAC 1.0 on `cac.raw4raters`: AC1 0.77544, Fleiss' κ 0.76117, Krippendorff's α 0.74342, percent agreement 0.81818."""
    assert known(gwet_ac(KRIPPENDORFF)).value == pytest.approx(0.77544, abs=5e-6)
    assert known(fleiss_kappa(KRIPPENDORFF)).value == pytest.approx(0.76117, abs=5e-6)
    assert known(krippendorff_alpha(KRIPPENDORFF)).value == pytest.approx(0.74342, abs=5e-6)
    assert known(raw_agreement(KRIPPENDORFF)).value == pytest.approx(0.81818, abs=5e-6)


def test_two_abstractors_are_those_of_gwet() -> None:
    """irrCAC 1.0 on `cont3x3abstractors`: κ 0.7964094, AC1 0.8493305, α 0.7972585, percent agreement 0.89."""
    pairs = rows_of(ABSTRACTORS)
    assert known(cohen_kappa(pairs)).value == pytest.approx(0.7964094, abs=5e-8)
    assert known(gwet_ac(pairs)).value == pytest.approx(0.8493305, abs=5e-8)
    assert known(krippendorff_alpha(pairs)).value == pytest.approx(0.7972585, abs=5e-8)
    assert known(raw_agreement(pairs)).value == pytest.approx(0.89)


@pytest.mark.parametrize(
    ("coefficient", "published"), [(cohen_kappa, 0.05891072), (gwet_ac, 0.04321747), (raw_agreement, 0.03128898)]
)
def test_standard_errors_are_those_of_gwet(
    coefficient: Callable[..., Any], published: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same overview; its errors divide by n where ours, for few clusters, divide by n − 1."""
    seen: list[float] = []

    def watched(*arguments: Any) -> float:
        seen.append(jackknife_variance(*arguments))
        return seen[-1]

    monkeypatch.setattr("primum.stats.agreement_ratings.jackknife_variance", watched)
    known(coefficient(rows_of(ABSTRACTORS)))
    assert (seen[0] * 99 / 100) ** 0.5 == pytest.approx(published, abs=5e-8)


def test_cohen_kappa_by_hand() -> None:
    # po = .44 + .20 + .06 = .70; rows .5, .3, .2; columns .6, .3, .1; pe = .30 + .09 + .02 = .41; κ = .29/.59 (the table of Cohen 1968)
    table = [[44, 5, 1], [7, 20, 3], [9, 5, 6]]
    assert known(cohen_kappa(rows_of(table))).value == pytest.approx(0.29 / 0.59)


def test_weighted_kappa_is_that_of_sas() -> None:
    """The example of the SAS manual for 3 × 3 ratings: simple κ 0.4842, weighted (linear) 0.4701."""
    pairs = rows_of([[0, 4, 1], [0, 8, 0], [0, 1, 5]])
    assert known(cohen_kappa(pairs)).value == pytest.approx(0.4842, abs=5e-5)
    assert known(cohen_kappa(pairs, "linear", categories=["a", "b", "c"])).value == pytest.approx(0.4701, abs=5e-5)


@pytest.mark.parametrize(
    ("weights", "published"), [("identity", -0.006289308), ("linear", 0.1459075), ("quadratic", 0.2520325)]
)
def test_weighted_kappa_is_that_of_irr(weights: Any, published: float) -> None:
    """R package irr 0.84, `kappa2(anxiety[,2:3])`; it puts the categories that occur (5 does not) next to each other, as words are."""
    second = ["3", "6", "4", "6", "2", "4", "2", "4", "3", "3", "2", "3", "3", "3", "2", "2", "1", "3", "3", "4"]
    third = ["2", "1", "4", "4", "3", "2", "1", "6", "1", "1", "1", "2", "3", "3", "1", "1", "3", "3", "2", "2"]
    pairs = list(zip(second, third, strict=True))
    found = known(cohen_kappa(pairs, weights, categories=sorted({*second, *third})))
    assert found.value == pytest.approx(published, abs=5e-7)


def test_fleiss_kappa_is_that_of_fleiss_1971() -> None:
    """.430 in the paper; 0.4302445 by R package irr, `kappam.fleiss(diagnoses)`."""
    diagnoses = from_counts(DIAGNOSES)
    assert (len(diagnoses), {len(row) for row in diagnoses}) == (30, {6})
    assert known(fleiss_kappa(diagnoses)).value == pytest.approx(0.4302445, abs=5e-8)


@pytest.mark.parametrize(
    ("form", "published", "ends"),
    [
        ("1,1", 0.17, (-0.133, 0.723)),
        ("2,1", 0.29, (0.019, 0.761)),
        ("3,1", 0.71, (0.342, 0.946)),
        ("1,k", 0.44, (-0.884, 0.912)),
        ("2,k", 0.62, (0.071, 0.927)),
        ("3,k", 0.91, (0.676, 0.986)),
    ],
)
def test_intraclass_correlations_are_those_of_shrout_and_fleiss(
    form: Form, published: float, ends: tuple[float, float]
) -> None:
    """Values from table 4 of the paper (1979); intervals as R package psych, `ICC`, prints them for the same data."""
    found = known(intraclass_correlation(SHROUT_FLEISS, form))
    assert found.value == pytest.approx(published, abs=5e-3)
    assert (found.low, found.high) == (pytest.approx(ends[0], abs=6e-4), pytest.approx(ends[1], abs=6e-4))


def test_unit_with_a_missing_rating_is_not_in_the_intraclass_correlation() -> None:
    holes: list[list[float | None]] = [list(map(float, row)) for row in SHROUT_FLEISS]
    found = known(intraclass_correlation([*holes, [3.0, None, 9.0, 1.0]], "2,1"))
    assert found == known(intraclass_correlation(holes, "2,1"))


def test_clusters_of_units_widen_the_interval() -> None:
    rng = np.random.default_rng(4)
    right = np.repeat(rng.random(12) < 0.6, 10)  # whole conversations are agreed on, or not
    first = rng.integers(0, 2, 120)
    pairs = np.column_stack([first, np.where(right, first, rng.integers(0, 2, 120))]).tolist()
    names = [str(position // 10) for position in range(120)]
    for coefficient in (raw_agreement, cohen_kappa, fleiss_kappa, gwet_ac, krippendorff_alpha, intraclass_correlation):
        alone, together = known(coefficient(pairs)), known(coefficient(pairs, clusters=names))
        assert alone.value == together.value
        assert together.high - together.low > 1.2 * (alone.high - alone.low)


def test_clusters_of_units_do_not_hide_that_the_raters_are_few() -> None:
    names = ["a", "b", "c", "d", "e", "e"]  # nearly alone, so that what the raters leave open is most of it
    alone, together = (known(intraclass_correlation(SHROUT_FLEISS, "2,1", clusters)) for clusters in (None, names))
    assert together.low <= alone.low and together.high >= alone.high


@pytest.mark.parametrize("coefficient", [raw_agreement, cohen_kappa, fleiss_kappa, gwet_ac, krippendorff_alpha])
def test_forty_agreements_are_not_certainty(coefficient: Callable[..., Estimate | Undefined]) -> None:
    found = known(coefficient([[0, 0], [1, 1]] * 20))
    assert (found.value, found.high) == (1.0, 1.0)
    # 0 disagreements of 40 may be 0.089 (Wilson's, on Student's t), over an expected disagreement of 1 or about a half
    assert 0.80 < found.low < 0.92
    fewer = known(coefficient([[0, 0], [1, 1]] * 20, clusters=["a", "b", "c", "d"] * 10))
    assert fewer.low < found.low - 0.3


def test_points_that_always_agree_are_not_certainty_either() -> None:
    for form in ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k"):
        found = known(intraclass_correlation([[1, 1], [2, 2], [5, 5], [7, 7]] * 5, form))
        assert (found.value, found.high) == (pytest.approx(1.0), pytest.approx(1.0))
        assert found.low < 0.9
    offset = [[1, 2], [2, 3], [5, 6], [7, 8]] * 5
    aside = known(intraclass_correlation(offset, "3,1"))
    assert aside.value == pytest.approx(1.0)
    assert aside.low == pytest.approx(known(intraclass_correlation([[1, 1], [2, 2], [5, 5], [7, 7]] * 5, "3,1")).low)
    assert known(intraclass_correlation(offset, "2,1")).value < 0.97


def test_kappa_collapses_where_ac1_does_not() -> None:
    # 94 of 100 criteria met for both, 3 + 3 split, none unmet for both: they agree on 94 %, and κ is below zero
    pairs = [["met", "met"]] * 94 + [["met", "unmet"]] * 3 + [["unmet", "met"]] * 3
    assert known(cohen_kappa(pairs)).value < 0
    assert known(gwet_ac(pairs)).value > 0.93


def test_what_is_undefined_says_why() -> None:
    same = [["met", "met"]] * 5
    assert (
        "0/0" in why(cohen_kappa(same)) and "0/0" in why(fleiss_kappa(same)) and "0/0" in why(krippendorff_alpha(same))
    )
    assert "give categories" in why(gwet_ac(same))
    assert known(gwet_ac(same, categories=["met", "unmet"])).value == 1.0
    assert "one rater" in why(raw_agreement([["met"], ["unmet"]]))
    assert "no ratings" in why(raw_agreement([]))
    assert "no pair" in why(fleiss_kappa([["met", None], [None, "met"]]))
    assert "needs two" in why(intraclass_correlation([[1, 2], [1, None]]))
    assert "same" in why(intraclass_correlation([[3, 3], [3, 3]]))
    assert "means are all the same" in why(intraclass_correlation([[1, 2], [2, 1]], "1,k"))
    assert "means are all the same" in why(intraclass_correlation([[1, 2], [2, 1], [1, 2]], "1,1", ["a", "a", "b"]))


def test_what_is_misused_is_refused() -> None:
    with pytest.raises(InputError, match="has not 2"):
        raw_agreement([["a", "b"], ["a"]])
    with pytest.raises(InputError, match="are not two"):
        cohen_kappa([[1, 2, 3], [1, 2, 3]])
    with pytest.raises(InputError, match="no order of their own"):
        cohen_kappa([["low", "high"], ["high", "low"]], "linear")
    with pytest.raises(InputError, match="not one of the categories"):
        gwet_ac([["a", "b"], ["c", "b"]], categories=["a", "b"])
    with pytest.raises(InputError, match="repeat one"):
        gwet_ac([["a", "b"]], categories=["a", "b", "a"])
    with pytest.raises(InputError, match="mix numbers with words"):
        raw_agreement([[1, "b"]])
    with pytest.raises(InputError, match="not a finite number"):
        raw_agreement([[1.0, float("nan")]])
    with pytest.raises(InputError, match="do not match"):
        raw_agreement([[1, 1]], clusters=["a", "b"])
    with pytest.raises(InputError, match="is a word"):
        krippendorff_alpha([["a", "b"], ["b", "a"]], "interval", categories=["a", "b"])
    with pytest.raises(InputError, match="is a word"):
        intraclass_correlation([["a", "b"], ["b", "a"]])  # type: ignore[list-item]
    with pytest.raises(InputError, match="more than 50"):
        krippendorff_alpha([[i, i + 1] for i in range(60)], "ordinal")


def test_one_paired_value_among_others_is_undefined_without_an_overflow() -> None:
    found = krippendorff_alpha([[1, 1], [1, 1], [2, None]], "interval")
    assert isinstance(found, Undefined) and "0/0" in found.reason
