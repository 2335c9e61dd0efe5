"""Stop a comparison as soon as it is decided, and look at it as often as you like: an error that holds at every moment at once.

A 95 % interval looked at after every answer is wrong far more often than 5 %. A confidence *sequence* is not: the probability that
the true mean is ever outside is at most `alpha`. This one bets against every possible mean (Waudby-Smith and Ramdas 2023, arXiv
2010.09686, theorem 3): two gamblers start with half a unit each; against the mean `m` one multiplies what it has by `1 + λ (x −
m)` for every `x` between 0 and 1, the other by `1 − λ (x − m)`. If `m` is true neither can expect to win, so one of them reaches
`1 / alpha` with probability at most `alpha` (Ville 1939), and every `m` against which one did is ruled out for good. λ is theirs,
from the variance seen so far, so the sequence is short where most pairs do not differ.

Observations must be exchangeable draws: shuffle the scenarios first; answers drawn together come in as one mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple, final

from primum.errors import InputError, SettingError
from primum.records import Settings

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = ["SequentialComparison", "SequentialDecision", "SequentialSettings", "compare_in_sequence"]

_STEPS = 1000  # candidates for the mean, over −1 … 1: the ends are exact to 0.002, outwards
Word = Literal["better", "worse", "no difference within margin", "go on"]


class SequentialSettings(Settings, frozen=True):
    """`alpha`: the probability that any decision is ever wrong. `margin`: differences below it do not matter (0: never concluded)."""

    alpha: float = 0.05
    margin: float = 0.02

    def check(self) -> None:
        if not 0 < self.alpha < 1 or not 0 <= self.margin < 1:
            raise SettingError(
                f"alpha {self.alpha}, margin {self.margin}",
                "cannot be followed",
                "give alpha between 0 and 1 and a margin of at least 0 and below 1",
                "stats.sequential",
            )


class SequentialDecision(NamedTuple):
    """The word, and what is known: the mean difference lies in `low … high` (at every `n` together), seen mean, number seen."""

    word: Word
    low: float
    high: float
    mean: float
    n: int


@final
class SequentialComparison:
    """Paired differences, after − before, each between −1 and 1, one at a time; `add` says whether to go on."""

    def __init__(self, settings: SequentialSettings | None = None) -> None:
        import numpy as np

        self.settings = settings or SequentialSettings()
        self._grid: NDArray[numpy.float64] = np.linspace(0.0, 1.0, _STEPS + 1)
        self._up: NDArray[numpy.float64] = np.zeros(_STEPS + 1)  # logarithm of what each gambler has
        self._down: NDArray[numpy.float64] = np.zeros(_STEPS + 1)
        self._alive: NDArray[numpy.bool_] = np.ones(_STEPS + 1, dtype=bool)
        # The gamblers start from a mean of one half and a variance of one quarter, as if seen once.
        self._n, self._sum, self._squares = 0, 0.5, 0.25

    def add(self, difference: float) -> SequentialDecision:
        """Take one more difference in.

        Raises `InputError` when it is not between −1 and 1.
        """
        import numpy as np

        if not -1 <= difference <= 1:
            raise InputError(f"difference {difference}", "is not between −1 and 1", "scale it", "stats.sequential")
        value = (difference + 1) / 2
        stake = self._stake()
        # No gambler may lose everything: half of what keeps it solvent against this mean is the most it bets.
        for_up = np.minimum(stake, 0.5 / np.maximum(self._grid, 1e-12))
        for_down = np.minimum(stake, 0.5 / np.maximum(1 - self._grid, 1e-12))
        self._up += np.log1p(for_up * (value - self._grid))
        self._down += np.log1p(-for_down * (value - self._grid))
        self._alive &= np.maximum(self._up, self._down) < math.log(2 / self.settings.alpha)
        self._n += 1
        self._sum += value
        self._squares += (value - self._sum / (self._n + 1)) ** 2
        return self.decision

    @property
    def decision(self) -> SequentialDecision:
        """What can be said now; before anything was seen, `go on` over −1 … 1."""
        import numpy as np

        mean = 2 * (self._sum - 0.5) / self._n - 1 if self._n else 0.0
        alive = np.flatnonzero(self._alive)
        if not len(
            alive
        ):  # possible with probability below alpha: no mean is left to believe in, so nothing is concluded
            return SequentialDecision("go on", -1.0, 1.0, mean, self._n)
        step = 2 / _STEPS
        low = max(-1.0, 2 * float(self._grid[alive[0]]) - 1 - step)
        high = min(1.0, 2 * float(self._grid[alive[-1]]) - 1 + step)
        return SequentialDecision(self._word(low, high), low, high, mean, self._n)

    def _word(self, low: float, high: float) -> Word:
        if -self.settings.margin < low and high < self.settings.margin:
            return "no difference within margin"
        if low > 0:
            return "better"
        return "worse" if high < 0 else "go on"

    def _stake(self) -> float:
        """λ of the predictable plug-in, from what was seen before: `√(2 ln(2/α) / (variance · t ln(1 + t)))`."""
        t = self._n + 1
        variance = self._squares / t
        return math.sqrt(2 * math.log(2 / self.settings.alpha) / (max(variance, 1e-6) * t * math.log(1 + t)))


def compare_in_sequence(differences: Iterable[float], settings: SequentialSettings | None = None) -> SequentialDecision:
    """Takes differences in until one decides, and no more; the last decision is `go on` when all of them do not."""
    comparison = SequentialComparison(settings)
    for difference in differences:
        if comparison.add(difference).word != "go on":
            break
    return comparison.decision
