"""Agreement between raters, judges or both: every coefficient takes `ratings[unit][rater]`, `None` where there is none.

| ratings are | two raters | more, or some missing |
|---|---|---|
| names (`met`, `refuse`) | `cohen_kappa` | `fleiss_kappa`, `krippendorff_alpha`, `gwet_ac` |
| ranks (1 … 5) | `cohen_kappa` with weights | `krippendorff_alpha` ordinal, `gwet_ac` with weights |
| numbers (points) | `intraclass_correlation` | `intraclass_correlation`, `krippendorff_alpha` interval |

Each returns an `Estimate`, or an `Undefined` that says why there is none. Where one category is nearly always right, read
`gwet_ac` beside κ.
"""

from primum.stats.agreement_alpha import krippendorff_alpha
from primum.stats.agreement_icc import Form, intraclass_correlation
from primum.stats.agreement_kappa import cohen_kappa, fleiss_kappa, gwet_ac, raw_agreement
from primum.stats.agreement_ratings import Rating, Weights

__all__ = [
    "Form",
    "Rating",
    "Weights",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac",
    "intraclass_correlation",
    "krippendorff_alpha",
    "raw_agreement",
]
