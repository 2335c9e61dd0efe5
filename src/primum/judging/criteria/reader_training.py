"""Training the reader of criteria: what texts do, which terms are rare, and one logistic regression for each language.

What a criterion asks for and an answer does is always scored by weights that did not learn it from this example: for two in three simulated
ones from a fit without its voice and one way of asking, for the third from a fit without its doing at all. So the regression learns
how far to trust a doing that it knows in other words, and what to go by when it knows none. Chances are calibrated on groups left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from primum.errors import TrainingError
from primum.judging.criteria.reader import CriterionReader, LabelledCriterion, ReaderSettings
from primum.judging.criteria.reader_doings import learn_doings
from primum.judging.criteria.reader_features import (
    DENSE,
    FALLING,
    MASKED,
    RISING,
    Lexicon,
    Pair,
    ask,
    dense_rows,
    hear,
    pair_up,
)
from primum.judging.criteria.reader_parts import Bounds, Part, from_arrays, to_arrays
from primum.judging.criteria.reader_text import TERMS, read_text, terms_of
from primum.records import Language, Response
from primum.starter.clinical_answers import Saying
from primum.stats.calibration import Calibrator, fit_isotonic, fit_platt

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[numpy.float32]
    Rows = NDArray[numpy.int64]

__all__ = ["LeftOut", "train_reader", "train_with_left_out"]

_FORMS = 4
_STEPS = 300
_REACH = 4.0
_FLOOR = 0.15
_ENOUGH = 500  # rows for an isotonic line


class LeftOut(NamedTuple):
    """What a fit without the example's group says of it; `kind` is `voice`, `doing` or `real`, by what was left out."""

    example: LabelledCriterion
    chance: float
    kind: str


def train_reader(
    examples: Sequence[LabelledCriterion],
    settings: ReaderSettings,
    taught: Sequence[Saying] = (),
    name: str = "criterion-reader",
) -> CriterionReader:
    """A reader fitted on all examples, whatever their order; `taught` are the wordings from which it learns what texts do.

    Raises `TrainingError` when the examples of a language are all met or all not.
    """
    return train_with_left_out(examples, settings, taught, name)[0]


def train_with_left_out(
    examples: Sequence[LabelledCriterion], settings: ReaderSettings, taught: Sequence[Saying], name: str
) -> tuple[CriterionReader, list[LeftOut]]:
    """The reader, and what fits without each example's group say of it: what it can be measured by."""
    ordered = sorted(examples, key=lambda one: (one.criterion.language, one.response.id, one.criterion.id, one.is_met))
    parts: dict[Language, Part] = {}
    told: list[LeftOut] = []
    for language in sorted({one.criterion.language for one in ordered}):
        own = [one for one in ordered if one.criterion.language == language]
        if len({one.is_met for one in own}) < 2:
            raise TrainingError(
                f"{len(own)} labelled criteria in {language}, all {'met' if own[0].is_met else 'not met'}",
                "teach a reader nothing",
                "add criteria of the other kind",
                "judging.train_reader",
            )
        part, found = _fit_part(own, settings, [one for one in taught if one.language == language])
        parts[language] = part
        told += found
    if not parts:
        raise TrainingError("no labelled criteria", "teach a reader nothing", "add some", "judging.train_reader")
    sources = tuple(sorted({one.source or one.scenario.id for one in ordered}))
    return CriterionReader(name, settings, parts, sources), told


def _fit_part(
    examples: Sequence[LabelledCriterion], settings: ReaderSettings, taught: Sequence[Saying]
) -> tuple[Part, list[LeftOut]]:
    import numpy as np

    language = examples[0].criterion.language
    keys = sorted({one.key for one in taught if one.key})
    rare = _rarity(examples)
    kinds = [_kind(one) for one in examples]
    folds = [_fold(one, kind, keys, settings) for one, kind in zip(examples, kinds, strict=True)]
    pairs: list[Pair | None] = [None] * len(examples)
    whole = Lexicon(*rare, learn_doings(taught, keys, language))
    for kind, fold in sorted({(k, f if k != "real" else -1) for k, f in zip(kinds, folds, strict=True)}):
        rows = [i for i in range(len(examples)) if kinds[i] == kind and (kind == "real" or folds[i] == fold)]
        lexicon = whole
        if kind != "real":
            kept = [one for one in taught if not _is_left_out(one, kind, fold, keys, settings)]
            lexicon = Lexicon(*rare, learn_doings(kept, keys, language))
        for i, pair in zip(rows, _pairs([examples[i] for i in rows], lexicon, language), strict=True):
            pairs[i] = pair
    made = [pair for pair in pairs if pair is not None]
    truth = np.asarray([one.is_met for one in examples], dtype=np.int64)
    weights = _weights(examples, kinds, settings)
    left = _left_out(made, truth, weights, _parts_of(examples, kinds, folds, settings), settings)
    calibrator = _calibrator(left.tolist(), (truth > 0).tolist())
    chances = np.asarray(calibrator.apply(left.tolist()))
    # Chances are calibrated: a verdict at chance p is right with p, and both bounds are where that reaches the precision.
    bounds = Bounds(not_met=1.0 - settings.precision, met=settings.precision)
    fitted = _fit(made, truth, weights, np.arange(len(made)), settings)
    part = Part(whole, *fitted, calibrator, bounds)
    # What is kept is what is used: a reader that was saved and loaded says the same to the last digit.
    part = from_arrays(to_arrays(part), calibrator, bounds)
    return part, [LeftOut(one, float(p), kind) for one, p, kind in zip(examples, chances, kinds, strict=True)]


def _parts_of(
    examples: Sequence[LabelledCriterion], kinds: Sequence[str], folds: Sequence[int], settings: ReaderSettings
) -> Rows:
    """In which part each example is left out: a whole voice or doing of the simulated, a whole group of the real."""
    import numpy as np

    names = [
        one.group if kind == "real" else f"{kind} {fold}"
        for one, kind, fold in zip(examples, kinds, folds, strict=True)
    ]
    return np.asarray([crc32(name.encode()) % settings.folds for name in names], dtype=np.int64)


def _left_out(pairs: Sequence[Pair], truth: Rows, weights: Floats, parts: Rows, settings: ReaderSettings) -> Floats:
    """What a fit on the other parts says of each pair; what is known of the others where they are all met or all not."""
    import numpy as np

    left = np.zeros(len(pairs), dtype=np.float32)
    for part in range(settings.folds):
        held, rest = np.flatnonzero(parts == part), np.flatnonzero(parts != part)
        if len(held) and len(set(truth[rest].tolist())) > 1:
            left[held] = _scores(_fit(pairs, truth, weights, rest, settings), pairs, held)
        elif len(held):
            left[held] = float(truth[rest].mean()) if len(rest) else 0.5
    return left


def _kind(example: LabelledCriterion) -> str:
    """What is hidden from the weights that score a simulated example: its voice, or (one in three, by its text) its doing."""
    if not example.key or example.voice is None:
        return "real"
    return "voice" if crc32(example.response.text.encode()) % 3 else "doing"


def _fold(example: LabelledCriterion, kind: str, keys: Sequence[str], settings: ReaderSettings) -> int:
    if kind == "voice":
        return example.voice or 0
    return keys.index(example.key) % settings.folds if example.key in keys else 0


def _is_left_out(one: Saying, kind: str, fold: int, keys: Sequence[str], settings: ReaderSettings) -> bool:
    if kind == "voice":
        return one.voice == fold or (one.form is not None and one.form == fold % _FORMS)
    return bool(one.key) and keys.index(one.key) % settings.folds == fold


def _pairs(examples: Sequence[LabelledCriterion], lexicon: Lexicon, language: Language) -> list[Pair]:
    heard: tuple[str, object] = ("", None)
    found: list[Pair] = []
    for one in examples:
        if heard[0] != one.response.id:  # examples come in the order of their responses
            heard = (one.response.id, hear(one.response.text, one.scenario.prompt, lexicon, language))
        found.append(pair_up(ask(one.criterion.statement, lexicon, language), heard[1]))  # type: ignore[arg-type]
    return found


def _rarity(examples: Sequence[LabelledCriterion]) -> tuple[Floats, Floats]:
    """How much each term and each piece weighs: rare among criteria and among answers; one never seen weighs most."""
    import numpy as np

    asked = sorted({one.criterion.statement for one in examples})
    answers: dict[str, Response] = {one.response.text: one.response for one in examples}
    found: list[Floats] = []
    for is_term in (True, False):
        rarities: list[Floats] = []
        for texts in (asked, sorted(answers)):
            counts = np.zeros(TERMS, dtype=np.float32)
            for text in texts:
                said = terms_of(text) if is_term else read_text(text).pieces
                counts[sorted(said)] += 1
            rarity = np.log((len(texts) + 1) / (counts + 1))
            rarities.append(np.asarray(_FLOOR + (1 - _FLOOR) * rarity / np.log(len(texts) + 1), dtype=np.float32))
        found.append(np.asarray((rarities[0] * rarities[1]).astype(np.float16), dtype=np.float32))
    return found[0], found[1]


def _weights(examples: Sequence[LabelledCriterion], kinds: Sequence[str], settings: ReaderSettings) -> Floats:
    """Met and not met count the same within the simulated and within the real ones."""
    import numpy as np

    cells = [(kind == "real", one.is_met) for one, kind in zip(examples, kinds, strict=True)]
    counts = {cell: cells.count(cell) for cell in sorted(set(cells))}
    sides = {is_real: sum(n for cell, n in counts.items() if cell[0] == is_real) for is_real, _ in counts}
    return np.asarray(
        [sides[c[0]] / (2 * counts[c]) * (1.0 if c[0] else settings.simulated_weight) for c in cells], dtype=np.float32
    )


_Fitted = tuple["Floats", "Floats", "Floats", float]


def _fit(pairs: Sequence[Pair], truth: Rows, weights: Floats, rows: Rows, settings: ReaderSettings) -> _Fitted:
    """Scale, dense weights, masked weights and bias of a logistic regression on some rows.

    Features that can only speak for a criterion get no weight against it (`RISING`), which scikit-learn's cannot promise.
    """
    import numpy as np
    from scipy.optimize import minimize

    own = [pairs[i] for i in rows]
    dense = dense_rows(own)
    scale = np.stack([dense.mean(axis=0), dense.std(axis=0) + 1e-4]).astype(np.float32)
    standard = np.clip((dense - scale[0]) / scale[1], -_REACH, _REACH).astype(np.float64)
    masked, count = _masked_rows(own), dense.shape[1]
    sign, weight = np.where(truth[rows] > 0, 1.0, -1.0), weights[rows].astype(np.float64)

    def loss(point: NDArray[numpy.float64]) -> tuple[float, NDArray[numpy.float64]]:
        """Weighted cross-entropy and half the square of the weights over C, with its gradient; the bias, last, is free."""
        margin = sign * (standard @ point[:count] + masked @ point[count:-1] + point[-1])
        pull = -weight * sign * 0.5 * (1 - np.tanh(margin / 2))
        free = np.concatenate([point[:-1], [0.0]]) / settings.inverse_penalty
        slope = np.concatenate([standard.T @ pull, masked.T @ pull, [pull.sum()]])
        return float(weight @ np.logaddexp(0.0, -margin) + free @ point / 2), slope + free

    bounds = [(0.0 if name in RISING else None, 0.0 if name in FALLING else None) for name in DENSE]
    found = minimize(
        loss,
        np.zeros(count + MASKED + 1),
        jac=True,
        method="L-BFGS-B",
        bounds=[*bounds, *[(None, None)] * (MASKED + 1)],
        options={"maxiter": _STEPS},
    ).x
    return scale, found[:count].astype(np.float32), found[count:-1].astype(np.float32), float(found[-1])


def _masked_rows(pairs: Sequence[Pair]) -> csr_matrix:
    import numpy as np
    from scipy.sparse import csr_matrix

    starts = np.cumsum([0, *(len(one.masked) for one in pairs)])
    columns = np.asarray([column for one in pairs for column in one.masked], dtype=np.int64)
    values = np.asarray([1 / len(one.masked) ** 0.5 for one in pairs for _ in one.masked])
    found: csr_matrix = csr_matrix((values, columns, starts), shape=(len(pairs), MASKED))
    return found


def _scores(fitted: _Fitted, pairs: Sequence[Pair], rows: Rows) -> Floats:
    import numpy as np

    scale, dense, masked, bias = fitted
    own = [pairs[i] for i in rows]
    standard = np.clip((dense_rows(own) - scale[0]) / scale[1], -_REACH, _REACH)
    said = standard @ dense + _masked_rows(own) @ masked + bias
    return np.asarray(0.5 * (1 + np.tanh(said / 2)), dtype=np.float32)


def _calibrator(scores: Sequence[float], right: Sequence[bool]) -> Calibrator:
    return fit_isotonic(scores, right) if len(scores) >= _ENOUGH else fit_platt(scores, right)
