"""From criteria to principles: details out, alike ones together within a cell, one statement each, cells of one meaning joined.

A cell is a language, a kind of criterion, a sign of its points and a value on each clinical dimension. Within a cell criteria are grouped;
then groups of different cells (of one language, kind and sign) that mean the same become one principle, which applies when its cells do.
`applies_when` lists values by dimension, so a principle seen with (emergency, treat) and (routine, explain) also applies to (emergency,
explain): conditions that hang together are not kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from primum.errors import InputError
from primum.ports import Progress, silent
from primum.records import ByRule, Criterion, CriterionKind, Language, Origin, Principle
from primum.rubrics.distil.atoms import atoms
from primum.rubrics.distil.details import generalise
from primum.rubrics.distil.features import features, vectors
from primum.rubrics.distil.grouping import group, means
from primum.rubrics.distil.parting import Bounds, parted
from primum.rubrics.distil.settings import DIMENSIONS, DistilSettings
from primum.rubrics.distil.statements import fault, medoid, polished
from primum.starter.clinical import dimensions

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[numpy.float32]]

__all__ = ["DISTIL_VERSION", "Distilled", "Source", "Wording", "distil", "rewritten"]

DISTIL_VERSION = "1"


class Source(NamedTuple):
    """One criterion where it stands: in which rubric (id), and the profile of that rubric's scenario (dimension → value)."""

    criterion: Criterion
    values: Mapping[str, str]
    rubric: str


class Wording(NamedTuple):
    """One generalised wording of a principle and how often its criteria say it so."""

    text: str
    times: int


class Distilled(NamedTuple):
    """What distillation gave.

    `members[p]` are the numbers of the sources of principle `p`, `wordings[p]` its different generalised wordings, the most frequent first;
    `labels[s]` is the principle of source `s`, −1 where it found none; a source of several atoms may be a member of several principles
    and is labelled with that of its first. `groups[s]` is the group of source `s` before support was asked for. `covered` is the share of
    sources that are a member of some principle. `centres[p]` is the mean vector of principle `p`, sparse or dense, by language
    (`centres[language]` has a row for each of `of_language(language)`).
    """

    principles: list[Principle]
    members: list[list[int]]
    wordings: list[list[Wording]]
    labels: list[int]
    groups: list[int]
    covered: float
    centres: Mapping[Language, Any]

    def of_language(self, language: Language) -> list[int]:
        """The numbers of the principles in a language."""
        return [number for number, principle in enumerate(self.principles) if principle.language == language]


class _Family(NamedTuple):
    """What may become one principle: a language, a kind and a sign."""

    language: Language
    kind_of: CriterionKind
    is_positive: bool


class _Unit(NamedTuple):
    """One atom of a source, by the number of its generalised text; the first atom decides on the label of the source."""

    source: int
    text: int
    is_first: bool


def distil(
    sources: Sequence[Source],
    settings: DistilSettings | None = None,
    embed: Embed | None = None,
    progress: Progress = silent,
) -> Distilled:
    """The principles of `sources`, those with the most criteria first.

    `embed` gives a vector [text, dimension] for each of its texts, and replaces the n-grams. Raises `InputError` when a source lacks a
    dimension or when `embed` gives something else than a row of finite numbers a text.
    """
    settings = settings or DistilSettings()
    _check(sources)
    found: list[tuple[list[_Unit], _Family]] = []
    spaces: dict[Language, tuple[list[str], Any]] = {}
    units = _units(sources)
    steps = len(units) * 2
    done = 0
    for language, (texts, placed) in sorted(units.items()):
        rows = vectors(texts, language) if embed is None else _embedded(texts, embed)
        rows = _with_axes(rows, placed, sources, settings.axis_weight)
        spaces[language] = (texts, rows)
        for family, own in sorted(_by_family(sources, placed).items()):
            found += [(members, family) for members in _grouped(sources, own, rows, settings, embed is not None)]
        done += 2
        progress(done, steps)
    return _assembled(sources, found, spaces, settings)


def _check(sources: Sequence[Source]) -> None:
    for number, source in enumerate(sources):
        missing = [name for name in DIMENSIONS if name not in source.values]
        if missing:
            raise InputError(
                f"source {number} ({source.criterion.statement[:40]!r})",
                f"has no value for {', '.join(missing)}",
                "classify its scenario on the four dimensions first",
                f"rubric {source.rubric}",
            )


@lru_cache(maxsize=400_000)
def _generalised(statement: str, language: Language) -> tuple[str, ...]:
    """The generalised atoms of a statement; kept, because a resample asks for the same ones again."""
    return tuple(polished(generalise(atom, language), language) for atom in atoms(statement, language))


def _units(sources: Sequence[Source]) -> dict[Language, tuple[list[str], list[_Unit]]]:
    """By language: the different generalised texts, sorted, and where each atom of each source stands among them."""
    said: dict[Language, list[tuple[int, str, bool]]] = defaultdict(list)
    for number, (criterion, _, _) in enumerate(sources):
        for place, text in enumerate(_generalised(criterion.statement, criterion.language)):
            said[criterion.language].append((number, text, place == 0))
    units: dict[Language, tuple[list[str], list[_Unit]]] = {}
    for language, atoms_of in said.items():
        texts = sorted({text for _, text, _ in atoms_of})
        places = {text: place for place, text in enumerate(texts)}
        units[language] = (texts, [_Unit(number, places[text], is_first) for number, text, is_first in atoms_of])
    return units


def _embedded(texts: Sequence[str], embed: Embed) -> NDArray[numpy.float32]:
    import numpy as np

    rows = np.asarray(embed(texts), dtype=np.float32)
    if rows.ndim != 2 or rows.shape[0] != len(texts) or not np.isfinite(rows).all():
        raise InputError(
            f"embeddings of shape {rows.shape}",
            f"are not one row of finite numbers for each of {len(texts)} texts",
            "give an embedding that returns [text, dimension]",
            "rubrics.distil",
        )
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _with_axes(rows: Any, units: Sequence[_Unit], sources: Sequence[Source], weight: float) -> Any:
    """Unit rows with the axes that each text was put on beside its words, at `weight` of the cosine."""
    import numpy as np
    from scipy.sparse import csr_matrix, hstack
    from sklearn.preprocessing import normalize

    axes = sorted({sources[unit.source].criterion.axis for unit in units})
    counts = np.zeros((rows.shape[0], len(axes)), dtype=np.float32)
    for unit in units:
        counts[unit.text, axes.index(sources[unit.source].criterion.axis)] += 1
    beside = normalize(counts) * np.float32(weight**0.5)
    words = rows * np.float32((1 - weight) ** 0.5)
    return np.hstack([words, beside]) if isinstance(rows, np.ndarray) else hstack([words, csr_matrix(beside)]).tocsr()


def _by_family(sources: Sequence[Source], units: Sequence[_Unit]) -> dict[_Family, list[_Unit]]:
    families: dict[_Family, list[_Unit]] = defaultdict(list)
    for unit in units:
        criterion = sources[unit.source].criterion
        families[_Family(criterion.language, criterion.kind_of, criterion.points > 0)].append(unit)
    return families


def _grouped(
    sources: Sequence[Source], units: Sequence[_Unit], rows: Any, settings: DistilSettings, is_embedded: bool
) -> list[list[_Unit]]:
    """The units of one family in groups of one meaning: first within each cell, then over cells."""
    import numpy as np

    within = settings.embedded_likeness if is_embedded else settings.likeness
    across = settings.embedded_widening if is_embedded else settings.widening
    cells: dict[tuple[str, ...], list[_Unit]] = defaultdict(list)
    for unit in units:
        cells[tuple(sources[unit.source].values[name] for name in DIMENSIONS)].append(unit)
    narrow: list[list[_Unit]] = []
    centres: list[Any] = []
    for _, own in sorted(cells.items()):
        texts = sorted({unit.text for unit in own})
        labels = group(rows[texts], within, settings.most_at_once, settings.seed)
        count = int(labels.max()) + 1
        centres.append(means(rows[texts], labels, count))
        label_of = dict(zip(texts, labels.tolist(), strict=True))
        start = len(narrow)
        narrow += [[] for _ in range(count)]
        for unit in own:
            narrow[start + label_of[unit.text]].append(unit)
    wide = group(_stacked(centres), across, settings.most_at_once, settings.seed)
    groups: list[list[_Unit]] = [[] for _ in range(int(wide.max()) + 1)]
    for label, members in zip(np.asarray(wide).tolist(), narrow, strict=True):
        groups[label] += members
    return [part for own in groups for part in _parts(sources, own, rows, across, settings)]


def _parts(
    sources: Sequence[Source], units: Sequence[_Unit], rows: Any, likeness: float, settings: DistilSettings
) -> list[list[_Unit]]:
    """A group as it is, or in parts when its members meet in rubrics."""
    texts = sorted({unit.text for unit in units})
    place = {text: number for number, text in enumerate(texts)}
    rubrics_of: list[set[str]] = [set() for _ in texts]
    for unit in units:
        rubrics_of[place[unit.text]].add(sources[unit.source].rubric)
    held = [frozenset(rubrics) for rubrics in rubrics_of]
    bounds = Bounds(settings.most_together, settings.most_at_once, settings.seed)
    part_of = {
        texts[one]: number for number, part in enumerate(parted(rows[texts], held, likeness, bounds)) for one in part
    }
    parts: dict[int, list[_Unit]] = defaultdict(list)
    for unit in units:
        parts[part_of[unit.text]].append(unit)
    return [parts[number] for number in sorted(parts)]


def _stacked(blocks: Sequence[Any]) -> Any:
    import numpy as np
    from scipy.sparse import vstack

    return np.vstack(blocks) if isinstance(blocks[0], np.ndarray) else vstack(blocks).tocsr()


def _assembled(
    sources: Sequence[Source],
    found: Sequence[tuple[list[_Unit], _Family]],
    spaces: Mapping[Language, tuple[list[str], Any]],
    settings: DistilSettings,
) -> Distilled:
    groups = [-1] * len(sources)
    common = {language: _common(sources, language, settings) for language in spaces}
    kept: list[tuple[Principle, list[int], list[Wording], Any, int]] = []
    for number, (units, family) in enumerate(found):
        for unit in units:
            if unit.is_first:
                groups[unit.source] = number
        texts, rows = spaces[family.language]
        units = _fitting(units, rows, settings.least_fit)
        members = sorted({unit.source for unit in units})
        own = [sources[one] for one in members]
        if not _has_support(own, settings):
            continue
        counts = Counter(unit.text for unit in units)
        order = sorted(counts)
        fit = [
            place
            for place, one in enumerate(order)
            if fault(texts[one], family.language) is None
            and (_is_grounded(own) or common[family.language].issuperset(_words(texts[one], family.language)))
        ]
        if not fit:
            continue
        best = medoid([texts[one] for one in order], [counts[one] for one in order], rows[order], fit)
        wordings = sorted(
            (Wording(texts[one], counts[one]) for one in order), key=lambda word: (-word.times, word.text)
        )
        centre = means(rows[order], _zeros(len(order)), 1)
        principle = _principle(own, texts[order[best]], settings)
        kept.append((principle, members, wordings, centre, number))
    kept.sort(key=lambda one: (-len(one[1]), one[0].language, one[0].statement, one[0].id))
    place = {number: position for position, (_, _, _, _, number) in enumerate(kept)}
    members_of = [members for _, members, _, _, _ in kept]
    labels = _labels(groups, members_of, place)
    centres = {
        language: _stacked([centre for principle, _, _, centre, _ in kept if principle.language == language])
        for language in spaces
        if any(principle.language == language for principle, *_ in kept)
    }
    return Distilled(
        principles=[principle for principle, *_ in kept],
        members=members_of,
        wordings=[wordings for _, _, wordings, _, _ in kept],
        labels=labels,
        groups=groups,
        covered=sum(label >= 0 for label in labels) / len(labels) if labels else 0.0,
        centres=centres,
    )


def _zeros(count: int) -> Any:
    import numpy as np

    return np.zeros(count, dtype=np.int64)


def _fitting(units: Sequence[_Unit], rows: Any, least: float) -> list[_Unit]:
    """The units whose text is `least` alike, on the mean, to the others of the group; asked twice, as who leaves changes the mean."""
    import numpy as np

    staying = list(units)
    for _ in range(2):
        counts = Counter(unit.text for unit in staying)
        order = sorted(counts)
        if len(staying) < 2:
            return staying
        weights = np.array([counts[one] for one in order], dtype=np.float64)
        own = rows[order]
        centre = own.T @ weights
        lengths = (
            np.asarray(own.multiply(own).sum(axis=1)).ravel() if hasattr(own, "multiply") else (own * own).sum(axis=1)
        )
        likeness = (np.asarray(own @ centre).ravel() - lengths) / (weights.sum() - 1)
        fits = {one for one, alike in zip(order, likeness.tolist(), strict=True) if alike >= least}
        staying = [unit for unit in staying if unit.text in fits]
    return staying


@lru_cache(maxsize=400_000)
def _words(text: str, language: Language) -> frozenset[str]:
    return frozenset(features(text, language))


def _common(sources: Sequence[Source], language: Language, settings: DistilSettings) -> frozenset[str]:
    """The features that enough rubrics use: a statement with another one speaks of a single case, though no pattern found its detail."""
    used: dict[str, set[str]] = defaultdict(set)
    rubrics: set[str] = set()
    for criterion, _, rubric in sources:
        if criterion.language == language:
            rubrics.add(rubric)
            for text in _generalised(criterion.statement, language):
                for word in _words(text, language):
                    used[word].add(rubric)
    least = max(settings.least_rubrics, settings.least_word_share * len(rubrics))
    return frozenset(word for word, having in used.items() if len(having) >= least)


def _has_support(members: Sequence[Source], settings: DistilSettings) -> bool:
    """Whether enough criteria from enough rubrics stand behind a principle."""
    rubrics = len({one.rubric for one in members})
    if _is_grounded(members):
        return min(len(members), rubrics) >= min(settings.least_grounded, settings.least_criteria)
    return len(members) >= settings.least_criteria and rubrics >= settings.least_rubrics


def _is_grounded(members: Sequence[Source]) -> bool:
    """Whether most of the criteria rest on a norm."""
    return 2 * sum(bool(one.criterion.norms) for one in members) > len(members)


def _labels(groups: Sequence[int], members: Sequence[Sequence[int]], place: Mapping[int, int]) -> list[int]:
    """The principle of each source: that of its first atom's group (`place`) where it stayed in it, or else the first that has it."""
    labels = [-1] * len(groups)
    for number in reversed(range(len(members))):
        for source in members[number]:
            labels[source] = number
    stayed = [frozenset(own) for own in members]
    for source, own in enumerate(groups):
        if own in place and source in stayed[place[own]]:
            labels[source] = place[own]
    return labels


def _principle(own: Sequence[Source], statement: str, settings: DistilSettings) -> Principle:
    axes = Counter(source.criterion.axis for source in own)
    return Principle(
        statement=statement,
        language=own[0].criterion.language,
        applies_when=_applies(own, settings),
        points=_middle([source.criterion.points for source in own]),
        axis=min(axes, key=lambda axis: (-axes[axis], axis)),
        kind_of=own[0].criterion.kind_of,
        criteria=tuple(sorted({source.criterion.id for source in own})),
        made=ByRule(rule="rubrics.distil", version=DISTIL_VERSION),
        norms=tuple(sorted({norm for source in own for norm in source.criterion.norms})),
        rubrics=tuple(sorted({source.rubric for source in own})),
    )


def _middle(points: Sequence[int]) -> int:
    """The median, a half rounded away from 0; all points have one sign, so it is not 0."""
    ordered = sorted(abs(one) for one in points)
    half = len(ordered) // 2
    middle = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half] + 1) // 2
    return middle if points[0] > 0 else -middle


def _applies(own: Sequence[Source], settings: DistilSettings) -> dict[str, tuple[str, ...]]:
    """By dimension the values it was seen with often enough, and always the commonest.

    A dimension all of whose values that exist (`primum.starter.clinical`) are among them does not matter and is left out; a value that no
    source has was not seen, however few values the sources have.
    """
    applies: dict[str, tuple[str, ...]] = {}
    for dimension in dimensions():
        counts = Counter(source.values[dimension.key] for source in own)
        least = min(settings.least_value_share * len(own), max(counts.values()))
        seen = tuple(sorted(value for value, count in counts.items() if count >= least))
        if not set(dimension.keys).issubset(seen):
            applies[dimension.key] = seen
    return applies


def rewritten(
    sources: Sequence[Source],
    distilled: Distilled,
    changes: Mapping[int, tuple[str, frozenset[str]]],
    made: Origin,
    settings: DistilSettings,
) -> tuple[Distilled, int, int, list[int]]:
    """`distilled` with other statements: `changes[p]` is the new statement of principle `p` and the wordings that leave it.

    Returns it with the number of principles changed, of criteria that left, and the principles left as they were because too few criteria
    would have remained.
    """
    principles, members, wordings = list(distilled.principles), list(distilled.members), list(distilled.wordings)
    gone, thin = 0, list[int]()
    for number, (statement, out) in sorted(changes.items()):
        own = frozenset(one.text for one in wordings[number])
        stay = [one for one in members[number] if _says(sources[one], own - out)]
        if not _has_support([sources[one] for one in stay], settings):
            thin.append(number)
            continue
        gone += len(members[number]) - len(stay)
        principles[number] = replace(_principle([sources[one] for one in stay], statement, settings), made=made)
        members[number] = stay
        wordings[number] = [one for one in wordings[number] if one.text not in out]
    # Who left the principle of its label gets that of the first principle that still has it.
    stayed, first = [frozenset(own) for own in members], _labels([-1] * len(sources), members, {})
    labels = [
        label if label >= 0 and source in stayed[label] else first[source]
        for source, label in enumerate(distilled.labels)
    ]
    covered = sum(label >= 0 for label in labels) / len(labels) if labels else 0.0
    anew = distilled._replace(principles=principles, members=members, wordings=wordings, labels=labels, covered=covered)
    return anew, len(changes) - len(thin), gone, thin


def _says(source: Source, texts: frozenset[str]) -> bool:
    """Whether an atom of the source, generalised, is one of `texts`."""
    return not texts.isdisjoint(_generalised(source.criterion.statement, source.criterion.language))
