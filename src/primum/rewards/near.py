"""Pairs that say nearly the same, told by their words and, where an embedding is given, by their meaning.

Two pairs say the same when their prompts do, their answers do one by one (whichever stands first), and the later one has no label that the
earlier one lacks. Answers that look alike and are labelled otherwise are a contrast ("take it" and "do not take it"), and both stay. Not
so beside a pair that will measure: whatever a pair like it is labelled, its texts would be seen.

Candidates come from MinHash LSH over character 5-grams; each is then compared exactly, so chance can only miss a pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from primum.errors import InputError
from primum.language import normalise
from primum.records import Settings
from primum.rewards.samples import PairSample

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = ["DroppedPair", "Embed", "NearReport", "NearSettings", "drop_near"]

Embed = Callable[[Sequence[str]], Any]
"""Texts to vectors of length 1, shape (text, dimension): `models.embedding.FolderEmbedder`, say."""
_GRAM = 5
_HASHES = 128


class NearSettings(Settings, frozen=True):
    """When two texts say nearly the same: at this Jaccard index of their character 5-grams, or at this cosine of their embeddings."""

    threshold: float = 0.8
    cosine: float = 0.95

    def check(self) -> None:
        if not 0.5 <= self.threshold <= 1 or not 0.5 <= self.cosine <= 1:
            self.refuse(
                f"threshold {self.threshold}, cosine {self.cosine}",
                "are not between 0.5 and 1",
                "0.8 and 0.95 are a good start",
            )


class DroppedPair(NamedTuple):
    """A pair that was left out, the pair that stays for it, and how the two are alike: `equal` texts, alike in `words` or in `meaning`."""

    id: str
    like: str
    by: Literal["equal", "words", "meaning"]


class NearReport(NamedTuple):
    """How many pairs there were and stayed, which went and why; `contrasts` stayed although they look like another one."""

    given: int
    kept: int
    dropped: tuple[DroppedPair, ...]
    contrasts: int


def drop_near(
    samples: Sequence[PairSample],
    settings: NearSettings | None = None,
    embed: Embed | None = None,
    apart_from: Sequence[PairSample] = (),
) -> tuple[list[PairSample], NearReport]:
    """The pairs without those that say nearly what an earlier one says, or one of `apart_from` (pairs that will measure), there by their
    texts alone.

    Raises `InputError` where the embedding does not give one vector of length 1 a text.
    """
    chosen = settings or NearSettings()
    both = [*apart_from, *samples]
    prompts = _Alike([_prompt(one) for one in both], chosen, embed)
    answers = _Alike([text for one in both for text in (one.first, one.second)], chosen, embed)
    kept: dict[tuple[int, frozenset[int]], list[tuple[PairSample, _Side]]] = {}
    stay: list[PairSample] = []
    dropped: list[DroppedPair] = []
    contrasts = 0
    measures = {id(one) for one in apart_from}
    for place, one in enumerate(both):
        prompt = prompts.like(_prompt(one))
        first, second = ((answers.like(text), normalise(text)) for text in (one.first, one.second))
        same = kept.setdefault((prompt, frozenset((first[0], second[0]))), [])
        side = _side(one) if first < second else _swapped(one)
        like = next((other for other, told in same if id(other) in measures or _adds_nothing(side, told)), None)
        if like is None or place < len(apart_from):
            contrasts += bool(same) and place >= len(apart_from)
            same.append((one, side))
            stay += [one] if place >= len(apart_from) else []
        else:
            dropped.append(DroppedPair(one.id, like.id, _how(one, like, prompts, answers)))
    return stay, NearReport(len(samples), len(stay), tuple(dropped), contrasts)


_Side = dict[str, tuple[bool | None, bool | None]]
"""By what is asked for: whether the answer that stands first, and the other one, meets it."""


def _side(pair: PairSample) -> _Side:
    return dict(zip(_asked(pair), zip(pair.met_first, pair.met_second, strict=True), strict=True))


def _swapped(pair: PairSample) -> _Side:
    return dict(zip(_asked(pair), zip(pair.met_second, pair.met_first, strict=True), strict=True))


def _asked(pair: PairSample) -> list[str]:
    keys = pair.keys or ("",) * len(pair.criteria)
    return [key or normalise(one.text) for key, one in zip(keys, pair.criteria, strict=True)]


def _adds_nothing(side: _Side, known: _Side) -> bool:
    return all(
        label is None or label == told
        for key, labels in side.items()
        for label, told in zip(labels, known.get(key, (None, None)), strict=True)
    )


def _prompt(pair: PairSample) -> str:
    return "\n".join(turn.content for turn in pair.prompt)


def _how(one: PairSample, other: PairSample, prompts: _Alike, answers: _Alike) -> Literal["equal", "words", "meaning"]:
    if _spelt(one) == _spelt(other):
        return "equal"
    parts = [(prompts, _prompt(two)) for two in (one, other)]
    parts += [(answers, text) for two in (one, other) for text in (two.first, two.second)]
    return "meaning" if any(alike.is_by_meaning(text) for alike, text in parts) else "words"


def _spelt(pair: PairSample) -> tuple[str, list[str]]:
    return normalise(_prompt(pair)), sorted((normalise(pair.first), normalise(pair.second)))


class _Alike:
    """Texts by the earliest one that each is like; that one is like itself, and texts like one of them are not compared to each other."""

    def __init__(self, texts: Iterable[str], settings: NearSettings, embed: Embed | None) -> None:
        self._place: dict[str, int] = {}
        self._meant: set[str] = set()
        distinct = list(dict.fromkeys(map(normalise, texts)))
        vectors = None if embed is None else _vectors(embed, distinct)
        by_words, by_meaning = _Words(settings.threshold), _Meanings(settings.cosine)
        for number, (text, signature) in enumerate(zip(distinct, _signatures(distinct), strict=True)):
            found = by_words.like(text, signature)
            if found is None and vectors is not None:
                found = by_meaning.like(vectors[number])
                self._meant.update([] if found is None else [text])
            if found is None:
                by_words.add(number, text, signature)
                if vectors is not None:
                    by_meaning.add(number, vectors[number])
            self._place[text] = number if found is None else found

    def like(self, text: str) -> int:
        """The number of the text that this one is like."""
        return self._place[normalise(text)]

    def is_by_meaning(self, text: str) -> bool:
        return normalise(text) in self._meant


class _Words:
    def __init__(self, threshold: float) -> None:
        from datasketch import MinHashLSH  # imports scipy: only who looks for near-duplicates waits for it

        self._threshold = threshold
        self._lsh = MinHashLSH(threshold=threshold, num_perm=_HASHES, weights=(0.1, 0.9))
        self._grams: dict[int, frozenset[str]] = {}

    def like(self, text: str, signature: Any) -> int | None:
        own = _grams(text)
        return next(
            (at for at in sorted(self._lsh.query(signature)) if _jaccard(own, self._grams[at]) >= self._threshold), None
        )

    def add(self, number: int, text: str, signature: Any) -> None:
        self._lsh.insert(number, signature)
        self._grams[number] = _grams(text)


class _Meanings:
    """Vectors of length 1 in the order they came, compared all at once; the memory for them grows by doubling."""

    def __init__(self, cosine: float) -> None:
        self._cosine = cosine
        self._numbers: list[int] = []
        self._rows: NDArray[numpy.float32] | None = None

    def like(self, vector: NDArray[numpy.float32]) -> int | None:
        if self._rows is None:
            return None
        found = self._rows[: len(self._numbers)] @ vector
        at = int((found >= self._cosine).argmax())
        return self._numbers[at] if found[at] >= self._cosine else None

    def add(self, number: int, vector: NDArray[numpy.float32]) -> None:
        import numpy as np

        if self._rows is None:
            self._rows = np.zeros((64, len(vector)), dtype=np.float32)
        elif len(self._numbers) == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[len(self._numbers)] = vector
        self._numbers.append(number)


def _signatures(texts: Sequence[str]) -> Iterable[Any]:
    from datasketch import MinHash

    encoded = ([gram.encode("utf-8", "surrogatepass") for gram in sorted(_grams(text))] for text in texts)
    found: Iterable[Any] = MinHash.generator(encoded, num_perm=_HASHES, seed=1)
    return found


def _vectors(embed: Embed, texts: Sequence[str]) -> NDArray[numpy.float32]:
    import numpy as np

    found: NDArray[numpy.float32] = np.asarray(embed(texts), dtype=np.float32)
    if found.ndim != 2 or len(found) != len(texts) or not np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3):
        raise InputError(
            f"an embedding of shape {found.shape} for {len(texts)} texts",
            "is not one vector of length 1 a text",
            "give another embedding",
            "near-duplicates",
        )
    return found


def _grams(text: str) -> frozenset[str]:
    """The character 5-grams of a normalised text; a shorter text is its own only gram."""
    return frozenset(text[at : at + _GRAM] for at in range(max(1, len(text) - _GRAM + 1)))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
