"""The reader of free-text criteria: a small trained judge. It gives each criterion a calibrated chance of being met by the answer.

It learned from simulated answers of known truth and from reference answers (`reader_training`); it knows what the words of an answer are
and what answers usually do, and no medicine: whether a statement is *right* it cannot tell, only whether it stands there. Where its
chance is too near to even for the precision that was set, it abstains. It shares nothing with the hand-written `CriterionRules`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import msgspec

from primum.errors import MissingExtraError, ModelError
from primum.judging.criteria.reader_features import Asked, Pair, ask, hear, pair_up
from primum.judging.criteria.reader_parts import Bounds, Part, fingerprint, from_arrays, scores_of, to_arrays
from primum.judging.usable import unusable_reason
from primum.language import detect
from primum.ports import Assessment, Case, Progress, silent
from primum.records import (
    Abstained,
    ByRule,
    Criterion,
    Judgement,
    JudgeRef,
    Language,
    Met,
    NotMet,
    Outcome,
    Response,
    Scenario,
    Settings,
    Verdict,
)
from primum.stats.calibration import Calibrator

__all__ = ["CriterionReader", "LabelledCriterion", "ReaderSettings", "shipped_reader"]

_WEIGHTS, _DESCRIPTION = "weights.npz", "reader.json"
_NO_STANCE = "the reader of criteria reads no stance"
_CHECKED = "this criterion is checked by the stance, a key or a question, which the reader of criteria does not read"
_REMEMBERED = 4096  # criteria
_NOTHING = Abstained(reason=_CHECKED)


class LabelledCriterion(NamedTuple):
    """A criterion of which it is known whether the response meets it.

    `group` is what was drawn together (a question, a voice): it is left out together when chances are calibrated. Of a simulated one, `key`
    is the doing that the criterion asks for and `voice` who speaks. `source` is what the judge's `trained_on` will name: the scenario's
    id when empty.
    """

    scenario: Scenario
    response: Response
    criterion: Criterion
    is_met: bool
    group: str
    key: str = ""
    voice: int | None = None
    source: str = ""


class ReaderSettings(Settings, frozen=True):
    """How a reader is trained and when it abstains.

    `precision`: the share of verdicts that should be right at the least sure one, on groups left out; a verdict below is not given.
    `inverse_penalty`: C of the logistic regression. `simulated_weight`: how much a simulated example counts beside a real one.
    `folds`: in how many parts groups are left out in turn.
    """

    precision: float = 0.7
    inverse_penalty: float = 0.3
    simulated_weight: float = 1.0
    folds: int = 6

    def check(self) -> None:
        if not 0.5 <= self.precision < 1.0:
            self.refuse(f"precision = {self.precision}", "is not in 0.5 … 1", "give a share above a half")
        if not (self.inverse_penalty > 0 and self.simulated_weight > 0 and self.folds > 1):
            self.refuse(
                f"inverse_penalty {self.inverse_penalty}, simulated_weight {self.simulated_weight}, folds {self.folds}",
                "fit nothing",
                "give weights above 0 and 2 folds or more",
            )


class CriterionReader:
    """A trained reader; implements `primum.ports.Judge`. Made by `train_reader`, `CriterionReader.load` or `shipped_reader`."""

    def __init__(
        self, name: str, settings: ReaderSettings, parts: Mapping[Language, Part], trained_on: tuple[str, ...]
    ) -> None:
        self.name, self.settings = name, settings
        self.parts: dict[Language, Part] = dict(parts)
        self._asked: dict[tuple[Language, str], Asked] = {}
        self._ref = JudgeRef(
            name=name,
            kind_of="guardian",
            fingerprint=fingerprint(self.parts),
            made=ByRule(rule="judging.train_reader"),
            trained_on=trained_on,
        )

    @property
    def ref(self) -> JudgeRef:
        return self._ref

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        """The verdicts on free-text criteria; it abstains from the others, from unusable answers, and from every stance."""
        assessments: list[Assessment] = []
        for case in cases:
            assessments.append(self._assess(case))
            progress(len(assessments), len(cases))
        return assessments

    def chances(self, case: Case) -> list[float]:
        """The probability that each of the case's criteria is met, whatever checks it and however near to even."""
        return self._scored(case, case.criteria)[0]

    def save(self, folder: Path) -> None:
        """Write the arrays and `reader.json`. Raises `ModelError` when the folder holds another reader, which stays."""
        import numpy as np

        description = folder / _DESCRIPTION
        if description.exists():
            if CriterionReader.load(folder).ref == self.ref:
                return
            raise ModelError(
                f"folder {folder}", "holds another reader", "save to a new folder", "judging.CriterionReader.save"
            )
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {
            f"{language}/{name}": array
            for language, part in sorted(self.parts.items())
            for name, array in sorted(to_arrays(part).items())
        }
        np.savez_compressed(folder / _WEIGHTS, **arrays)  # type: ignore[arg-type]
        written = _Description(
            name=self.name,
            settings=self.settings,
            calibrators={language: part.calibrator for language, part in sorted(self.parts.items())},
            bounds={language: part.bounds for language, part in sorted(self.parts.items())},
            trained_on=self.ref.trained_on,
            fingerprint=self.ref.fingerprint,
        )
        # The description comes last: without it the folder is no reader, so a crash leaves nothing that could be loaded.
        unfinished = folder / f"{_DESCRIPTION}.unfinished"
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(written, order="deterministic"), indent=1))
        unfinished.replace(description)

    @classmethod
    def load(cls, folder: Path) -> CriterionReader:
        """The reader that `save` wrote. Raises `ModelError` for a folder that holds none, or not the one its description names."""
        import numpy as np

        try:
            written = msgspec.json.decode((folder / _DESCRIPTION).read_bytes(), type=_Description)
            # Read whole: numpy leaves a file open that it finds to be no archive.
            with np.load(io.BytesIO((folder / _WEIGHTS).read_bytes()), allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            parts: dict[Language, Part] = {
                language: from_arrays(
                    {name.split("/")[1]: array for name, array in arrays.items() if name.startswith(f"{language}/")},
                    calibrator,
                    written.bounds[language],
                )
                for language, calibrator in written.calibrators.items()
            }
        except MissingExtraError:
            raise
        except Exception as error:  # zip, JSON, key, record, shape and disk errors all mean that this is no reader
            raise ModelError(
                f"folder {folder}",
                f"is not a reader of criteria ({type(error).__name__}: {error})",
                "give a folder that a reader was saved to",
                "judging.CriterionReader.load",
            ) from error
        reader = cls(written.name, written.settings, parts, written.trained_on)
        if reader.ref.fingerprint != written.fingerprint:
            raise ModelError(
                f"reader {written.name!r}",
                "does not have the weights that its description names",
                "fetch or train it again",
                str(folder),
            )
        return reader

    def _assess(self, case: Case) -> Assessment:
        unusable = unusable_reason(case.response, case.scenario.language)
        spoken = detect(case.response.text)
        free = [one for one in case.criteria if one.check_by is None and one.language == spoken]
        chances, pairs = ([], []) if unusable is not None else self._scored(case, free)
        found = iter(zip(chances, pairs, strict=True))
        verdicts: list[Verdict] = []
        for criterion in case.criteria:
            outcome: Outcome
            probability: float | None = None
            explanation = ""
            if criterion.check_by is not None:
                outcome = _NOTHING
            elif unusable is not None:
                outcome = Abstained(reason=f"the answer is unusable: {unusable}")
            elif spoken != criterion.language:
                outcome = Abstained(reason=f"the answer is in {spoken} and the criterion in {criterion.language}")
            else:
                chance, pair = next(found)
                outcome, probability = self._outcome(chance, criterion.language)
                explanation = pair.best
            verdicts.append(
                Verdict(
                    response=case.response.id,
                    criterion=criterion.id,
                    judge=self.ref.id,
                    outcome=outcome,
                    probability=probability,
                    explanation=explanation,
                )
            )
        judgement = Judgement(
            response=case.response.id,
            judge=self.ref.id,
            stance="abstained" if unusable is None else "unusable",
            verdicts=tuple(verdict.id for verdict in verdicts),
            reason=_NO_STANCE if unusable is None else unusable,
        )
        return Assessment(judgement, tuple(verdicts))

    def _scored(self, case: Case, criteria: Sequence[Criterion]) -> tuple[list[float], list[Pair]]:
        """The chance of each criterion, and its features; each criterion is read in its own language."""
        chances, pairs = [0.5] * len(criteria), [_EMPTY] * len(criteria)
        for language in sorted({criterion.language for criterion in criteria}):
            part = self.parts.get(language)
            if part is None:
                continue
            heard = hear(case.response.text, case.scenario.prompt, part.lexicon, language)
            places = [i for i, criterion in enumerate(criteria) if criterion.language == language]
            found = [pair_up(self._read(criteria[i], part), heard) for i in places]
            for i, chance, pair in zip(places, scores_of(part, found), found, strict=True):
                chances[i], pairs[i] = chance, pair
        return chances, pairs

    def _read(self, criterion: Criterion, part: Part) -> Asked:
        key = (criterion.language, criterion.statement)
        if key not in self._asked:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            self._asked[key] = ask(criterion.statement, part.lexicon, criterion.language)
        return self._asked[key]

    def _outcome(self, chance: float, language: Language) -> tuple[Outcome, float | None]:
        part = self.parts.get(language)
        if part is None:
            return Abstained(reason=f"the reader learned no criteria in {language}"), None
        if chance >= part.bounds.met:
            return Met(), chance
        if chance <= part.bounds.not_met:
            return NotMet(), 1.0 - chance
        return (
            Abstained(
                reason=f"it is met with a chance of {chance:.2f}, between {part.bounds.not_met:.2f} and {part.bounds.met:.2f}"
            ),
            None,
        )


_EMPTY = Pair([], [], "")


@cache
def shipped_reader() -> CriterionReader:
    """The reader that comes with Primum; `NOTICE.md` beside it says what it learned from."""
    return CriterionReader.load(Path(str(resources.files("primum.starter").joinpath("criteria_reader"))))


class _Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    settings: ReaderSettings
    calibrators: dict[Language, Calibrator]
    bounds: dict[Language, Bounds]
    trained_on: tuple[str, ...]
    fingerprint: str
