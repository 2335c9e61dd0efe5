"""The part of the reader for one language: what it learned, how it scores pairs, and its arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from primum.judging.criteria.reader_features import DENSE, FEATURE_VERSION, MASKED, Lexicon, Pair, dense_rows
from primum.judging.criteria.reader_text import GRAMS, TERMS
from primum.records import Language, Value, content_hash
from primum.stats.calibration import Calibrator

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float32]

__all__ = ["Bounds", "Part", "fingerprint", "from_arrays", "scores_of", "to_arrays"]

_REACH = 4.0  # standardised features are cut off there


class Bounds(Value, frozen=True):
    """From which probability on a criterion is met, and up to which it is not; between them the reader abstains."""

    not_met: float
    met: float


class Part(NamedTuple):
    """`scale` has the mean and deviation of each dense feature, shape (2, features); `bias` is the intercept."""

    lexicon: Lexicon
    scale: Floats
    dense: Floats
    masked: Floats
    bias: float
    calibrator: Calibrator
    bounds: Bounds


def scores_of(part: Part, pairs: Sequence[Pair]) -> list[float]:
    """The calibrated probability that each pair's criterion is met."""
    import numpy as np

    if not pairs:
        return []
    rows = np.clip((dense_rows(pairs) - part.scale[0]) / part.scale[1], -_REACH, _REACH)
    said = rows @ part.dense + part.bias
    said += np.asarray([float(part.masked[one.masked].sum()) / max(1, len(one.masked)) ** 0.5 for one in pairs])
    return list(part.calibrator.apply((0.5 * (1 + np.tanh(said / 2))).tolist()))


def to_arrays(part: Part) -> dict[str, NDArray[numpy.generic]]:
    """What was learned as arrays, in the precision in which it is kept."""
    import numpy as np

    return {
        "rare": part.lexicon.rare.astype(np.float16),
        "rare_pieces": part.lexicon.rare_pieces.astype(np.float16),
        "doings": part.lexicon.doings.astype(np.float16),
        "scale": part.scale.astype(np.float32),
        "dense": part.dense.astype(np.float32),
        "masked": part.masked.astype(np.float16),
        "bias": np.asarray([part.bias], dtype=np.float32),
    }


def from_arrays(arrays: Mapping[str, NDArray[numpy.generic]], calibrator: Calibrator, bounds: Bounds) -> Part:
    """The part that `to_arrays` wrote. Raises `ValueError` when the arrays do not fit this version of the features."""
    import numpy as np

    wanted = {
        "rare": (TERMS,),
        "rare_pieces": (TERMS,),
        "scale": (2, len(DENSE)),
        "dense": (len(DENSE),),
        "masked": (MASKED,),
    }
    for name, shape in wanted.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} has shape {arrays[name].shape} and not {shape}: train it again")
    if arrays["doings"].shape[0] != GRAMS:
        raise ValueError(f"doings has {arrays['doings'].shape[0]} rows and not {GRAMS}: train it again")
    full = {name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}
    lexicon = Lexicon(full["rare"], full["rare_pieces"], full["doings"])
    return Part(lexicon, full["scale"], full["dense"], full["masked"], float(full["bias"][0]), calibrator, bounds)


def fingerprint(parts: Mapping[Language, Part]) -> str:
    """A hash of all that decides the scores of the parts, by language."""
    digest = hashlib.sha256()
    told: list[object] = [FEATURE_VERSION]
    for language, part in sorted(parts.items()):
        for name, array in sorted(to_arrays(part).items()):
            digest.update(f"{language} {name} {array.dtype.str} {array.shape} ".encode())
            digest.update(array.tobytes())
        told += [language, part.calibrator, part.bounds]
    return content_hash([digest.hexdigest(), *told])
