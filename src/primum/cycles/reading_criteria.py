"""Reading criteria: the reader that ships, trained on simulated answers and on reference answers of the open sets, and measured.

Of a reference answer it is known that it meets a criterion drafted from one part of it, also in fewer words, as long as the rarest thing
that the criterion names stays. It does not meet it without that part, nor with another thing in the place of that one, nor when the part
is denied; and the answer to a similar but different question is taken not to. No text of a set is kept: what ships are weights of hashed
n-grams and the ids of the questions.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import msgspec

from primum.bench.importers import load_huatuo, load_medquad
from primum.judging.criteria.reader import CriterionReader, LabelledCriterion, ReaderSettings
from primum.judging.criteria.reader_training import LeftOut, train_with_left_out
from primum.language import words
from primum.records import ByRule, Criterion, Estimate, Language, Response, Scenario, Settings, content_hash
from primum.rubrics.drafting import draft_from_reference
from primum.starter.clinical_answers import ClinicalAnswerSettings, doings, sayings, simulate_clinical
from primum.starter.wording import random_for
from primum.stats import Undefined, bootstrap, expected_calibration_error

__all__ = ["ReadingSettings", "measured", "real_examples", "simulated_examples", "train_shipped_reader"]

_MADE = ByRule(rule="cycles.reading_criteria")
_CLAUSE = re.compile(r"[^。！？；，,\n]+[。！？；，,\n]*")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*\s*")
_LONGEST = 1500  # characters of a reference
_SAID = 0.55  # a part of a reference that says this share of a criterion's words is where it came from
_STILL_SAID = 0.8  # without that part, what says this share of them may still meet it
_FIGURES = "figures.json"
_OF_A_LIST = ("至少", "at least")
_DROPPED = 0.45  # of the other words of a part, when it is put in fewer words
_THING = re.compile(r"[^\W\d_\u3400-\u4dbf\u4e00-\u9fff]{4,}|[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
_PARTICLES = re.compile(r"[的了和与或在是有可会应进行以及等为对于中后前时不也能将被由其这该并需要做者，。]+")
_DENIED: dict[Language, tuple[tuple[str, str], ...]] = {
    "zh": (
        ("可以", "不可以"),
        ("应该", "不应该"),
        ("可能", "不可能"),
        ("需要", "不需要"),
        ("建议", "不建议"),
        ("可", "不可"),
        ("应", "不应"),
        ("是", "不是"),
        ("会", "不会"),
    ),
    "en": (
        (" can ", " cannot "),
        (" should ", " should not "),
        (" may ", " may not "),
        (" is ", " is not "),
        (" are ", " are not "),
        (" causes ", " does not cause "),
    ),
}
_LIKE = 8  # similar questions to draw another answer from


class ReadingSettings(Settings, frozen=True):
    """What the reader learns from: how many questions of each open set, how many criteria of each, and the simulated answers."""

    questions: int = 700
    criteria: int = 4
    simulated: ClinicalAnswerSettings = ClinicalAnswerSettings(answers=1800)
    reader: ReaderSettings = ReaderSettings()
    seed: int = 11


def train_shipped_reader(data_root: Path, out: Path, settings: ReadingSettings | None = None) -> CriterionReader:
    """Train the reader on the open sets in `data_root` and save it to the new folder `out`; equal sets give equal bytes.

    Raises `InputError` for a set that is missing, `ModelError` when `out` holds another reader.
    """
    settings = settings or ReadingSettings()
    examples = [*simulated_examples(settings.simulated), *real_examples(data_root, settings)]
    taught = [one for language in settings.simulated.languages for one in sayings(language)]
    reader, told = train_with_left_out(examples, settings.reader, taught, "criterion-reader")
    reader.save(out)
    figures = {"name": reader.name, "fingerprint": reader.ref.fingerprint, "figures": measured(reader, told)}
    (out / _FIGURES).write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return reader


def measured(reader: CriterionReader, told: Sequence[LeftOut]) -> list[dict[str, Any]]:
    """For each language and what was left out: how often verdicts are right, with 95 % intervals by cluster (a doing, or a question)."""
    import numpy as np

    rows: list[dict[str, Any]] = []
    for language, part in sorted(reader.parts.items()):
        for kind in ("voice", "doing", "real"):
            own = [one for one in told if one.kind == kind and one.example.criterion.language == language]
            if len({one.example.is_met for one in own}) < 2:
                continue
            chances = np.asarray([one.chance for one in own])
            truth = np.asarray([one.example.is_met for one in own])
            clusters = [one.example.key or one.example.group for one in own]
            decided = (chances >= part.bounds.met) | (chances <= part.bounds.not_met)
            found = {
                "right, of the decided": _mean(((chances > 0.5) == truth)[decided], _where(clusters, decided)),
                "right, of all": _mean((chances > 0.5) == truth, clusters),
                "abstained": _mean(~decided, clusters),
                "area under the curve": bootstrap(_area(chances, truth), clusters, scale=(0.0, 1.0), draws=400),
                "calibration error": expected_calibration_error(chances.tolist(), truth.tolist(), clusters),
            }
            told_of = {name: msgspec.to_builtins(estimate) for name, estimate in found.items()}
            rows.append(
                {"language": language, "left out": kind, "pairs": len(own), "clusters": len(set(clusters)), **told_of}
            )
    return cast("list[dict[str, Any]]", _rounded(rows))


def _mean(said: Any, clusters: Sequence[str]) -> Estimate | Undefined:
    """The mean of ones and zeros, resampled by cluster."""
    import numpy as np

    values = np.asarray(said, dtype=float)
    if not len(values):
        return Undefined("nothing was decided")
    return bootstrap(lambda weights: weights @ values / weights.sum(axis=1), clusters, scale=(0.0, 1.0), draws=400)


def _where(clusters: Sequence[str], kept: Any) -> list[str]:
    return [one for one, is_kept in zip(clusters, kept, strict=True) if is_kept]


def _area(chances: Any, truth: Any) -> Any:
    """The chance that what is met is given a higher chance than what is not, as a statistic of weighted rows."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    def area(weights: Any) -> Any:
        return np.asarray(
            [
                roc_auc_score(truth, chances, sample_weight=row)
                if {*truth[row > 0].tolist()} == {True, False}
                else np.nan
                for row in weights
            ]
        )

    return area


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


def simulated_examples(settings: ClinicalAnswerSettings) -> list[LabelledCriterion]:
    """The simulated answers as examples; their source is one name for all, with the hash of what they are made of."""
    made = content_hash([settings, *(doings(language) for language in settings.languages)])[:20]
    return [
        LabelledCriterion(
            one.scenario,
            one.response,
            one.criterion,
            one.is_met,
            f"{one.key} {one.voice}",
            one.key,
            one.voice,
            f"simulated:clinical-answers-{made}",
        )
        for one in simulate_clinical(settings)
    ]


def real_examples(data_root: Path, settings: ReadingSettings) -> list[LabelledCriterion]:
    """Criteria of reference answers, met and not met, from Huatuo (zh) and MedQuAD (en)."""
    found: list[LabelledCriterion] = []
    for load, folder in ((load_huatuo, "huatuo"), (load_medquad, "medquad")):
        scenarios = load(data_root / folder, limit=settings.questions, seed=settings.seed).scenarios
        able = [one for one in scenarios if one.reference and one.task == "open"]
        # The rows stand in no store: their ids carry the set's name.
        found += [one._replace(source=f"{folder}:{one.scenario.id}") for one in _of_references(able, settings)]
    return found


class _Chance(NamedTuple):
    draw: random.Random
    counts: Mapping[str, int]  # by thing, how many references name it


class _Drafted(NamedTuple):
    scenario: Scenario
    reference: str
    criteria: list[Criterion]


def _of_references(scenarios: Sequence[Scenario], settings: ReadingSettings) -> list[LabelledCriterion]:
    drafted = [
        _Drafted(one, (one.reference or "")[:_LONGEST], draft_from_reference(one)[: settings.criteria])
        for one in scenarios
    ]
    others = _similar([one.prompt for one in scenarios])
    counts = Counter(thing for one in drafted for thing in sorted(set(_things(one.reference))))
    found: list[LabelledCriterion] = []
    for place, one in enumerate(drafted):
        chance = random_for("reading-criteria", one.scenario.id, settings.seed)
        for criterion in one.criteria:
            other = drafted[chance.choice(others[place])].reference if others[place] else ""
            found += _of_criterion(one, criterion, other, _Chance(chance, counts))
    return found


def _of_criterion(drafted: _Drafted, criterion: Criterion, other: str, chance: _Chance) -> list[LabelledCriterion]:
    """Once met and once not, each in a way drawn by chance; nothing where the truth would be in doubt."""
    language = drafted.scenario.language
    parts = (_CLAUSE if language == "zh" else _SENTENCE).findall(drafted.reference)
    asked = set(words(criterion.statement))
    shares = [_share(asked, part) for part in parts]
    if len(parts) < 2 or max(shares) < 0.3:
        return []
    least = min(_SAID, max(shares))
    own = [part for part, share in zip(parts, shares, strict=True) if share >= least]
    rest = [part for part, share in zip(parts, shares, strict=True) if share < least]
    shorter = chance.draw.sample(rest, chance.draw.randrange(len(rest) + 1)) if rest else []
    around = [part for part in parts if part in own or part in shorter]
    is_list = any(
        word in criterion.statement for word in _OF_A_LIST
    )  # one thing of it missing or wrong decides nothing
    rarest = "" if is_list else _rarest(criterion, drafted, chance.counts)
    met = ["".join(parts), "".join(around), "".join(own)]
    met += (
        []
        if is_list
        else ["".join(_in_fewer_words(part, rarest, chance.draw) if part in own else part for part in around)] * 4
    )
    without = "".join(rest)
    not_met: list[str] = []
    if without.strip() and _share(asked, without) < _STILL_SAID:
        not_met.append(without)
    if other and _share(asked, other) < _STILL_SAID:
        not_met.append(other)
    swapped = _swapped("".join(around), rarest, other, chance.draw)
    not_met += [swapped] * 2 if swapped else []
    denied = [_denied(part, language) if part in own else part for part in around]
    not_met += ["".join(denied)] if denied != around and all(_denied(part, language) != part for part in own) else []
    found = [_example(drafted, criterion, chance.draw.choice(met), True)]
    if not_met:
        found.append(_example(drafted, criterion, chance.draw.choice(not_met), False))
    return found


def _things(text: str) -> list[str]:
    """Longer words, and runs of Han characters between particles."""
    return [
        piece.lower() for thing in _THING.findall(text) for piece in _PARTICLES.split(thing) if 2 <= len(piece) <= 20
    ]


def _rarest(criterion: Criterion, drafted: _Drafted, counts: Mapping[str, int]) -> str:
    """What the criterion names that the fewest references do and the question does not; empty where the reference does not name it."""
    named = [
        thing
        for thing in _things(criterion.statement)
        if thing in drafted.reference.lower() and thing not in drafted.scenario.prompt.lower()
    ]
    return min(named, key=lambda thing: (counts.get(thing, 0), -len(thing), thing), default="")


def _in_fewer_words(part: str, rarest: str, draw: random.Random) -> str:
    """The part without some of its words, the rarest kept: what another wording has in common with it."""
    for thing in sorted(set(_THING.findall(part)), key=lambda one: (-len(one), one)):
        for piece in [one for one in _PARTICLES.split(thing) if len(one) > 1]:
            if rarest not in piece.lower() and piece.lower() not in rarest and draw.random() < _DROPPED:
                part = part.replace(piece, "")
    return part


def _swapped(text: str, rarest: str, other: str, draw: random.Random) -> str:
    """The text with the rarest thing turned into something that another reference names; empty where there is none."""
    able = sorted({thing for thing in _things(other) if thing not in text.lower() and thing not in rarest})
    if not rarest or not able:
        return ""
    return (
        re.sub(re.escape(rarest), lambda _: chosen, text, flags=re.IGNORECASE) if (chosen := draw.choice(able)) else ""
    )


def _denied(part: str, language: Language) -> str:
    """The part with its first verb denied; as it was where none of those known is in it, or where it is denied already."""
    if any(word in f" {part.lower()} " for word in ("不", "无", "没", " not ", " no ")):
        return part
    for said, turned in _DENIED[language]:
        if said in part:
            return part.replace(said, turned, 1)
    return part


def _example(drafted: _Drafted, criterion: Criterion, text: str, is_met: bool) -> LabelledCriterion:
    response = Response(scenario=drafted.scenario.id, text=text.strip(), made=_MADE)
    return LabelledCriterion(drafted.scenario, response, criterion, is_met, drafted.scenario.id)


def _share(asked: set[str], text: str) -> float:
    return len(asked & set(words(text))) / max(1, len(asked))


def _similar(prompts: Sequence[str]) -> list[list[int]]:
    """For each prompt the places of those most like it, itself left out."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neighbors import NearestNeighbors

    if len(prompts) < 2:
        return [[] for _ in prompts]
    table = TfidfVectorizer(analyzer=words).fit_transform(prompts)
    near = NearestNeighbors(n_neighbors=min(_LIKE + 1, len(prompts)), metric="cosine").fit(table)
    _, places = near.kneighbors(table)
    return [[int(at) for at in row if at != i] for i, row in enumerate(places)]
