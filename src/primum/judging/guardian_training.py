"""Training the linear guardian: its gates, and the temperatures that make its confidence honest.

A temperature is fitted on answers of models that were left out of the fit, in up to three parts: what the guardian says of a model it
has never seen is what its confidence should be honest about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Any, NamedTuple

from primum.errors import TrainingError
from primum.judging.features import DENSE, PROMPT_GRAMS, Encoded, encode
from primum.judging.guardian import PHRASEBOOK, STANCES, Guardian, GuardianSettings, LabelledAnswer
from primum.judging.guardian_linear import GATES, Gate, Linear, LinearReader, constant, softened, standard
from primum.judging.guardian_reader import HEADS, QUESTIONS, Head
from primum.judging.remembered import BESIDE, LIKENESS, Memory, Own, likeness, nothing, remember
from primum.judging.splices import splice
from primum.ports import Case

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Rows = NDArray[numpy.int64]

__all__ = ["LinearTrainer", "in_order", "kin_rows", "known", "model_groups", "scenario_folds", "train_guardian"]

_PARTS = 3
_HARM_PARTS = 8
_HARM_PENALTY = 30.0
_LEAST_DOCUMENTS = 2  # an n-gram of one answer teaches nothing about another
_LEAST_WEIGHT = 0.06
_SPLICES_DRAWN = 3  # so many times as many as are used: some fall away with the answers that are left out
_ENCODED = 2048


class _Blend(NamedTuple):
    """How loud each kind of feature is in a gate: louder ones are penalised less. `penalty` and `spliced` multiply the settings' inverse
    penalty and the weight of spliced answers. Chosen by leaving models out."""

    words: float
    masked: float
    crossed: float
    dense: float
    under_harm: float
    harm: float
    likeness: float = 0.0
    penalty: float = 1.0
    spliced: float = 1.0
    counts: tuple[str, ...] = ()  # only these counts, all where empty


_CAUTION_COUNTS = (
    *(
        "share: moral",
        "share: respect",
        "share: decline",
        "any: decline",
        "first: decline",
        "share: offer",
        "share: must",
    ),
    *("share: premise", "share: equal", "any: pointout", "any: fiction", "first: glad", "share: seek", "any: access"),
    *("content", "log content", "tail content", "content after refusal", "items", "items after refusal"),
    *("offers after refusal", "echo content", "sentences", "length", "unreal", "unknown here"),
)
_UNDER_HARM = tuple(
    name
    for name in DENSE
    if not name.startswith("ruled")
    and (
        ":" not in name
        or name.split(": ")[1]
        in (
            *("decline", "moral", "premise", "equal", "must", "respect", "redirect", "offer", "item", "access"),
            *("stand", "fiction", "pointout"),
        )
    )
    and name not in ("length", "sentences", "short")
)
_STANCE_COUNTS = tuple(name for name in DENSE if not name.startswith("ruled"))
_BLENDS: dict[str, _Blend] = {
    "accept": _Blend(4.0, 3.0, 2.0, 0.2, 0.15, 0.0, 3.0, counts=_STANCE_COUNTS),
    "caution": _Blend(1.0, 1.0, 0.0, 0.3, 0.2, 1.5, 3.0, 1.0, 0.05, _CAUTION_COUNTS),
    **{name: _Blend(2.0, 3.0, 0.0, 0.3, 0.0, 0.0) for name in QUESTIONS},
}


class LinearTrainer:
    """Fits linear readers on parts of the same examples: their features, and what is spliced of them, are made once."""

    def __init__(self, examples: Sequence[LabelledAnswer], settings: GuardianSettings) -> None:
        self.examples, self.settings = in_order(examples), settings
        self.encoded = _encoded([_case(one) for one in self.examples])
        # More of them than an eighth of what they are made of would say the same again.
        count = min(settings.splices, len(self.examples) // 8)
        spliced = splice(self.examples, count * _SPLICES_DRAWN)
        self._sources = [one.sources for one in spliced]
        self._spliced = [one.answer for one in spliced]
        # Nothing is spliced of answers without a stance; then no row of this is ever taken.
        self._spliced_encoded = _encoded([_case(one) for one in self._spliced]) if spliced else self.encoded

    def heads(self, rows: Rows) -> list[Head]:
        """The heads that the rows can teach: those of which both answers, or two stances, are there."""
        return [head for head in HEADS if len({known(self.examples[i], head) for i in rows} - {None}) > 1]

    def fit(self, rows: Rows, heads: Sequence[Head], temperatures: dict[Head, float] | None = None) -> LinearReader:
        """A reader of these heads, fitted on the rows that speak to them; with `temperatures` none are fitted.

        The stance and the questions are learned apart: neither's answers change what the other's counts are measured by.
        """
        parts: list[LinearReader] = []
        found: dict[Head, float] = {}
        kinds: tuple[tuple[Head, ...], ...] = (("stance",), QUESTIONS)
        for kind in kinds:
            own = [head for head in heads if head in kind]
            if own:
                speaking = rows[[any(known(self.examples[i], head) is not None for head in own) for i in rows]]
                parts.append(self._fit(speaking, own))
                fitted = temperatures or self._temperatures(speaking, own)
                found |= {head: fitted[head] for head in own}
        gates = {name: gate for part in parts for name, gate in part.gates.items()}
        return LinearReader(*parts[0].harm_gate, gates, found, parts[0].memory)

    def _fit(self, rows: Rows, heads: Sequence[Head]) -> LinearReader:
        """A reader whose temperatures are 1."""
        import numpy as np

        taught = [self.examples[i] for i in rows]
        own = self.encoded.rows(rows)
        scale = np.stack([own.dense.mean(axis=0), own.dense.std(axis=0) + 1e-6]).astype(np.float32)
        harm, harm_bias, looks = self._harm(rows)
        stances = {one.stance for one in taught if one.stance is not None}
        used = self._usable_splices({one.judgement_id for one in taught}, stances) if "stance" in heads else []
        spliced = self._spliced_encoded.rows(np.asarray(used, dtype=np.int64))
        memory, like = nothing(), np.zeros((len(taught) + len(used), len(LIKENESS)))
        if "stance" in heads:
            memory, like = self._likeness(rows, own, used, spliced)
        by_prompt = {one.scenario.prompt: float(look) for one, look in zip(taught, looks, strict=True)}
        spliced_looks = [by_prompt[self._spliced[i].scenario.prompt] for i in used]
        every = [*taught, *(self._spliced[i] for i in used)]
        table = _Table(
            every,
            _stacked(own, spliced),
            np.concatenate([looks, np.asarray(spliced_looks)]),
            self._counts(every, len(taught)),
            scale,
            like,
            len(taught),
        )
        gates = {name: _gate(name, head, table, self.settings) for head in heads for name in GATES[head]}
        return LinearReader(harm, harm_bias, gates, dict.fromkeys(heads, 1.0), memory)

    def _likeness(
        self, rows: Rows, own: Encoded, used: Sequence[int], spliced: Encoded
    ) -> tuple[Memory, NDArray[numpy.float64]]:
        """What is remembered of the models' answers among the rows, and how like those each row and each spliced answer is.

        No answer is compared with its own model's: a left-out model's will have no others of its own either.
        """
        import numpy as np

        taught = [self.examples[i] for i in rows]
        models = set(model_groups(taught, self.settings))
        kept = np.asarray([one.group in models and one.stance is not None for one in taught])
        stances = [known(one, "stance") for one, is_kept in zip(taught, kept, strict=True) if is_kept]
        memory = remember(own.rows(np.flatnonzero(kept)), [stance for stance in stances if stance is not None])
        groups = [one.group for one, is_kept in zip(taught, kept, strict=True) if is_kept]
        refuses = np.asarray([one.stance == "refuse" for one in taught])
        real = likeness(memory, own, Own(groups, [{one.group} for one in taught], kept & refuses))
        wrote = {one.judgement_id: one.group for one in taught}
        away = [{wrote[source] for source in self._sources[i]} for i in used]
        made = likeness(memory, spliced, Own(groups, away, np.zeros(len(used), dtype=bool)))
        return memory, np.vstack([real, made])

    def _counts(self, examples: Sequence[LabelledAnswer], real: int) -> NDArray[numpy.float64]:
        """How much each answer counts; those after the first `real` ones are spliced."""
        import numpy as np

        weights = self.settings.weights
        counts = [
            self.settings.spliced_weight
            if i >= real
            else weights.get(one.group, self.settings.simulated_weight if one.is_simulated else 1.0)
            for i, one in enumerate(examples)
        ]
        return np.asarray(counts)

    def _usable_splices(self, taught: set[str], seen: Set[str]) -> list[int]:
        """The first spliced answers of each stance seen, all of whose sources are taught from, as many as the settings ask for."""
        taken: dict[str, list[int]] = {stance: [] for stance in STANCES}
        for i, sources in enumerate(self._sources):
            stance = str(self._spliced[i].stance)
            if stance in seen and len(taken[stance]) < self.settings.splices and sources <= taught:
                taken[stance].append(i)
        return sorted(i for found in taken.values() for i in found)

    def _harm(self, rows: Rows) -> tuple[Linear, float, NDArray[numpy.float64]]:
        """What makes a request look harmful, and how each row's request looks to a fit without it (the phrasebook's says nothing)."""
        import numpy as np

        labels = np.asarray([float(self.examples[i].scenario.harm_level > 0) for i in rows])
        counts = self._counts([self.examples[i] for i in rows], len(rows))
        speaks = np.asarray([self.examples[i].group != PHRASEBOOK for i in rows])
        prompts = [self.examples[i].scenario.prompt for i in rows]
        _, first = np.unique(np.asarray(prompts, dtype=object).astype(str), return_index=True)
        once = np.intersect1d(first, np.flatnonzero(speaks))
        grams = self.encoded.prompts[rows]
        whole = _harm_fit(grams, labels, counts, once)
        parts = np.asarray([_part(prompt, _HARM_PARTS) for prompt in prompts])
        looks = np.zeros(len(rows))
        for part in range(_HARM_PARTS):
            inside = np.flatnonzero((parts == part) & speaks)
            if len(inside):
                fitted = _harm_fit(grams, labels, counts, once[parts[once] != part])
                looks[inside] = _looking(fitted).harm(grams[inside])
        return *whole, looks

    def _temperatures(self, rows: Rows, heads: Sequence[Head]) -> dict[Head, float]:
        """The temperatures under which left-out models' labels are likeliest; 1 where none can be left out."""
        import numpy as np

        taught = [self.examples[i] for i in rows]
        found: dict[Head, tuple[list[Any], list[Any]]] = {head: ([], []) for head in heads}
        for part in _calibration_parts(taught, self.settings):
            held = np.asarray(part)
            rest = np.setdiff1d(np.arange(len(taught)), kin_rows(taught, held, self.settings))
            able = [
                head
                for head in heads
                if {known(taught[i], head) for i in rest} >= {known(one, head) for one in taught} - {None}
            ]
            if not able:
                continue  # a fit without one of the classes would be calibrated for another task
            scores = self._fit(rows[rest], able).scores(self.encoded.rows(rows[held]))
            for head in able:
                labelled = [j for j, i in enumerate(held) if known(taught[i], head) is not None]
                found[head][0].append(scores[head][labelled])
                found[head][1].append([known(taught[held[j]], head) for j in labelled])
        return {
            head: _temperature(np.concatenate(scores), np.concatenate(labels)) if scores else 1.0
            for head, (scores, labels) in found.items()
        }


def train_guardian(
    examples: Sequence[LabelledAnswer],
    settings: GuardianSettings,
    name: str,
    trainer: LinearTrainer | None = None,
) -> Guardian:
    """A linear guardian fitted on all examples. Their order does not matter; a `trainer` of the same examples saves their features.

    Raises `TrainingError` when there is no head of which two classes are there.
    """
    import numpy as np

    trainer = trainer or LinearTrainer(examples, settings)
    rows = np.arange(len(trainer.examples))
    heads = trainer.heads(rows)
    if not heads:
        raise TrainingError(
            f"{len(examples)} labelled answers with the stances {sorted({str(one.stance) for one in examples})}",
            "cannot teach a guardian to tell stances apart, nor any question",
            "label answers of at least two stances",
            "judging.train_guardian",
        )
    reader = trainer.fit(rows, heads)
    return Guardian(name, settings, reader, tuple(sorted({one.judgement_id for one in examples})))


def known(example: LabelledAnswer, head: Head) -> int | None:
    """The class of an example for a head, as an index into `HEADS`; `None` where nobody said."""
    if head == "stance":
        return None if example.stance is None else STANCES.index(example.stance)
    answer = example.answers.get(head)
    return None if answer is None else int(answer)


def in_order(examples: Sequence[LabelledAnswer]) -> list[LabelledAnswer]:
    """The examples by judgement: what is fitted on them does not depend on the order they came in."""
    return sorted(examples, key=lambda one: (one.judgement_id, one.response.id))


def model_groups(examples: Sequence[LabelledAnswer], settings: GuardianSettings) -> list[str]:
    """The groups among the examples that stand for models, sorted."""
    present = sorted({one.group for one in examples})
    if settings.model_groups:
        return [group for group in present if group in settings.model_groups]
    return [group for group in present if group != PHRASEBOOK]


def scenario_folds(examples: Sequence[LabelledAnswer], groups: Sequence[str], folds: int) -> list[list[int]]:
    """Rows of the groups in `folds` parts; near-duplicate scenarios stay together, whatever the order of the examples."""
    parts: list[list[int]] = [[] for _ in range(folds)]
    for i, one in enumerate(examples):
        if one.group in groups:
            parts[_part(one.scenario.cluster or one.scenario.prompt, folds)].append(i)
    return [part for part in parts if part]


def kin_rows(examples: Sequence[LabelledAnswer], held: Rows, settings: GuardianSettings) -> Rows:
    """The rows to keep out of a fit that is tested on `held`: those, and when they are all that a model answered, its kin as well."""
    import numpy as np

    rows = set(held.tolist())
    groups = {examples[i].group for i in rows}
    whole = {group for group in groups if all(i in rows for i, one in enumerate(examples) if one.group == group)}
    added = [i for i, one in enumerate(examples) if settings.kin.get(one.group) in whole]
    return np.asarray(sorted(rows | set(added)), dtype=np.int64)


class _Table(NamedTuple):
    """What a gate is fitted on: examples, their features, how harmful their requests look, how much each counts; the scale of counts; how
    like other answers each is; how many of the examples come first because they are real and not spliced."""

    examples: list[LabelledAnswer]
    encoded: Encoded
    looks: NDArray[numpy.float64]
    counts: NDArray[numpy.float64]
    scale: NDArray[numpy.float32]
    likeness: NDArray[numpy.float64]
    real: int


def _gate(name: str, head: Head, table: _Table, settings: GuardianSettings) -> Gate:
    """The gate fitted on the rows that speak to it."""
    import numpy as np
    from scipy.sparse import csr_matrix, hstack

    classes = [known(one, head) for one in table.examples]
    rows = np.flatnonzero([one is not None and (name != "caution" or one > 0) for one in classes])
    says = {"accept": 0, "caution": 1}.get(name, 1)
    labels = np.asarray([classes[i] == says for i in rows])
    if len(set(labels.tolist())) < 2:
        return constant(bool(len(labels)) and bool(labels[0]))
    blend, counts = _BLENDS[name], table.counts[rows].copy()
    counts[rows >= table.real] *= blend.spliced
    if name == "caution":
        counts[labels] *= settings.caution_weight
    shown, under = _chosen(blend.counts or DENSE), _chosen(blend.counts or _UNDER_HARM, _UNDER_HARM)
    looks, own = table.looks[rows][:, None], standard(table.encoded.dense[rows], table.scale)
    plain = [
        own[:, shown] * blend.dense,
        own[:, under] * looks * blend.under_harm,
        looks * blend.harm,
        table.likeness[rows] * blend.likeness,
    ]
    columns, loud, grams = _columns(table.encoded.grams[rows], blend)
    matrix = csr_matrix(hstack([csr_matrix(np.hstack(plain)), grams]))
    if blend.likeness:
        matrix, labels, counts = _also_alone(matrix, labels, counts, sum(part.shape[1] for part in plain[:3]))
    weights, bias = _regression(matrix, labels, counts, settings.inverse_penalty * blend.penalty)
    ends = np.cumsum([part.shape[1] for part in plain])
    dense, under_harm = np.zeros(len(DENSE), dtype=np.float32), np.zeros(len(DENSE), dtype=np.float32)
    dense[shown] = weights[: ends[0]] * blend.dense
    under_harm[under] = weights[ends[0] : ends[1]] * blend.under_harm
    scalars = np.asarray([weights[ends[1]] * blend.harm, bias], dtype=np.float32)
    like = (weights[ends[2] : ends[3]] * blend.likeness).astype(np.float32)
    rounded = (weights[ends[3] :] * loud).astype(np.float16)
    kept = np.flatnonzero(_tell(rounded))
    return Gate(table.scale, dense, under_harm, like, scalars, Linear(columns[kept].astype(np.uint32), rounded[kept]))


def _also_alone(matrix: csr_matrix, labels: Any, counts: Any, first: int) -> tuple[csr_matrix, Any, Any]:
    """Each answer that has others beside it a second time as if it had none, both with half its weight: questions may be new.

    The counts of `LIKENESS` begin at column `first`.
    """
    import numpy as np
    from scipy.sparse import csr_matrix, vstack

    beside = np.arange(first + BESIDE.start, first + BESIDE.stop)
    has = np.flatnonzero(np.asarray(abs(matrix[:, beside]).sum(axis=1)).ravel() > 0)
    keeps = np.ones(matrix.shape[1], dtype=matrix.dtype)
    keeps[beside] = 0
    halved = counts.copy()
    halved[has] /= 2
    alone = csr_matrix(matrix[has].multiply(keeps))
    return (
        csr_matrix(vstack([matrix, alone])),
        np.concatenate([labels, labels[has]]),
        np.concatenate([halved, halved[has]]),
    )


def _tell(weights: Any) -> Any:
    """Which weights are worth keeping: six in a hundred of the largest, or more. The others move a chance by a hundredth at most."""
    import numpy as np

    sizes = np.abs(weights.astype(np.float64))
    return sizes >= max(_LEAST_WEIGHT * float(np.quantile(sizes, 0.99)), 1e-6) if len(sizes) else sizes > 0


def _chosen(names: Sequence[str], among: Sequence[str] = DENSE) -> list[int]:
    return [i for i, name in enumerate(DENSE) if name in names and name in among]


def _columns(grams: csr_matrix, blend: _Blend) -> tuple[Any, Any, csr_matrix]:
    """The columns of n-grams that enough answers have and the blend listens to, how loud each is, and those columns so loud."""
    import numpy as np
    from scipy.sparse import csr_matrix, diags

    from primum.judging.features import BLOCK

    by_block = np.repeat([float(loud) for loud in (*[blend.words] * 3, *[blend.masked] * 3, blend.crossed)], BLOCK)
    documents = np.bincount(grams.indices, minlength=grams.shape[1])
    columns = np.flatnonzero((documents >= _LEAST_DOCUMENTS) & (by_block > 0))
    loud = by_block[columns]
    return columns, loud, csr_matrix(grams[:, columns] @ diags(loud))


def _regression(matrix: csr_matrix, labels: Any, counts: Any, penalty: float) -> tuple[Any, float]:
    """Weights by column and the bias of a logistic regression."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    regression = LogisticRegression(C=penalty, max_iter=400, tol=1e-3)
    # Its products are small: several threads that wait for each other make it ten times slower on a busy machine.
    with threadpool_limits(limits=1):
        regression.fit(matrix, labels, sample_weight=counts)
    return regression.coef_[0], float(regression.intercept_[0])


def _harm_fit(grams: csr_matrix, labels: Any, counts: Any, rows: Any) -> tuple[Linear, float]:
    """What in a question's words speaks for harm; nothing does where all are harmful or none."""
    import numpy as np

    if len(set(labels[rows].tolist())) < 2:
        return Linear(np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.float16)), 0.0
    weights, bias = _regression(grams[rows], labels[rows], counts[rows], _HARM_PENALTY)
    rounded = weights.astype(np.float16)
    kept = np.flatnonzero(rounded)
    assert len(weights) == PROMPT_GRAMS
    return Linear(kept.astype(np.uint32), rounded[kept]), bias


def _looking(fitted: tuple[Linear, float]) -> LinearReader:
    return LinearReader(*fitted, {}, {}, nothing())


def _calibration_parts(examples: Sequence[LabelledAnswer], settings: GuardianSettings) -> list[list[int]]:
    """Rows to leave out in turn: the models' answers in up to three parts; with a single model, its answers by scenario."""
    groups = model_groups(examples, settings)
    if len(groups) < 2:
        return scenario_folds(examples, groups, _PARTS)
    parts = [set(groups[start::_PARTS]) for start in range(_PARTS)]
    return [[i for i, one in enumerate(examples) if one.group in part] for part in parts if part]


def _temperature(scores: Any, labels: Any) -> float:
    """The temperature (0.1 … 10) under which left-out labels are likeliest: the least mean of −log of the softened chance of the label."""
    import numpy as np
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        chances = softened(np.maximum(scores, 1e-12), float(np.exp(log_temperature)))
        return float(-np.log(np.maximum(chances[np.arange(len(labels)), labels], 1e-12)).mean())

    found = minimize_scalar(loss, bounds=(np.log(0.1), np.log(10.0)), method="bounded")
    return float(np.exp(found.x))


def _encoded(cases: Sequence[Case]) -> Encoded:
    """The features of many cases, made in parts so that the tokens of all are never held at once."""
    parts = [encode(cases[start : start + _ENCODED]) for start in range(0, max(1, len(cases)), _ENCODED)]
    whole = parts[0]
    for part in parts[1:]:
        whole = _stacked(whole, part)
    return whole


def _stacked(first: Encoded, second: Encoded) -> Encoded:
    import numpy as np
    from scipy.sparse import csr_matrix, vstack

    return Encoded(
        np.vstack([first.dense, second.dense]),
        csr_matrix(vstack([first.grams, second.grams])),
        csr_matrix(vstack([first.prompts, second.prompts])),
        csr_matrix(vstack([first.stems, second.stems])),
        np.concatenate([first.keys, second.keys]),
    )


def _case(example: LabelledAnswer) -> Case:
    return Case(example.scenario, example.response, ())


def _part(text: str, parts: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % parts
