"""Which requests say nearly the same: MinHash over character 5-grams finds candidates, the Jaccard index of the two sets decides.

Signatures are kept instead of grams: a hundred thousand requests take a few hundred megabytes and no more.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from primum.language import normalise

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = ["NearIndex"]

_GRAM = 5
_BANDS = 12
_ROWS = 4
_PRIME = (1 << 61) - 1
_MOST_CHARACTERS = 4000  # of a text: beyond that its opening tells it
_SLACK = 0.25  # by how much a signature may tell less than the index; its standard deviation is 0.06 at an index of 0.8


class NearIndex:
    """Texts in the order they came, found again by nearly the same words.

    Two texts are alike from a Jaccard index of `threshold` on. Chance can only miss a pair: with 12 bands of 4 hashes two pairs in a
    thousand at an index of 0.8, (1 − 0.8⁴)¹² = 0.0018, and three in ten million at 0.9.
    """

    def __init__(self, threshold: float) -> None:
        import numpy as np

        generator = np.random.default_rng(5)
        self._threshold = threshold
        self._scale = generator.integers(1, 2**31, _BANDS * _ROWS, dtype=np.uint64)
        self._shift = generator.integers(0, 2**31, _BANDS * _ROWS, dtype=np.uint64)
        self._bands: list[dict[int, int | list[int]]] = [{} for _ in range(_BANDS)]
        self._signatures = np.zeros((64, _BANDS * _ROWS), dtype=np.uint32)
        self._texts: list[str] = []

    def __len__(self) -> int:
        return len(self._texts)

    def like(self, text: str) -> int | None:
        """The place of the earliest text that this one is like; `None` when there is none."""
        plain = normalise(text)
        signature = self._signature(plain)
        places: set[int] = set()
        for band, key in enumerate(_keys(signature)):
            found = self._bands[band].get(key, ())
            places.update((found,) if isinstance(found, int) else found)
        if not places:
            return None
        own = _grams(plain)
        likely = sorted(places)
        agreement = (self._signatures[likely] == signature).mean(axis=1)
        for place, agreed in zip(likely, agreement.tolist(), strict=True):
            if agreed < self._threshold - _SLACK:
                continue
            other = _grams(self._texts[place])
            shared = len(own & other)
            if shared >= self._threshold * (len(own) + len(other) - shared):
                return place
        return None

    def add(self, text: str) -> int:
        """Keep a text; its place."""
        import numpy as np

        plain, place = normalise(text), len(self._texts)
        signature = self._signature(plain)
        if place == len(self._signatures):
            self._signatures = np.concatenate([self._signatures, np.zeros_like(self._signatures)])
        self._signatures[place] = signature
        for band, key in enumerate(_keys(signature)):
            there = self._bands[band].get(key)
            if there is None:
                self._bands[band][key] = place
            elif isinstance(there, int):
                self._bands[band][key] = [there, place]
            else:
                there.append(place)
        self._texts.append(plain[:_MOST_CHARACTERS])
        return place

    def _signature(self, plain: str) -> NDArray[numpy.uint32]:
        import numpy as np

        hashed = np.fromiter((zlib.crc32(gram.encode("utf-8")) for gram in _grams(plain)), dtype=np.uint64)
        mixed = (hashed[:, None] * self._scale[None, :] + self._shift[None, :]) % np.uint64(_PRIME)
        found: NDArray[numpy.uint32] = mixed.min(axis=0).astype(np.uint32)
        return found


def _keys(signature: NDArray[numpy.uint32]) -> list[int]:
    width = _ROWS * 4
    whole = signature.tobytes()
    return [zlib.crc32(whole[band * width : (band + 1) * width]) for band in range(_BANDS)]


def _grams(plain: str) -> frozenset[str]:
    """The character 5-grams of a normalised text; a shorter text is its own only gram."""
    return frozenset(plain[at : at + _GRAM] for at in range(max(1, min(len(plain), _MOST_CHARACTERS) - _GRAM + 1)))
