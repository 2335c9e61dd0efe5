"""Guarding: a guardian trained on the open sets and on what ships, measured on what it has not seen, and answers labelled with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from primum import bench, starter
from primum.bench.items import ItemSettings, build
from primum.config import read_settings
from primum.corpus import read_corpus
from primum.corpus.rules import extract
from primum.corpus.sorting import sort_rules
from primum.errors import InputError
from primum.judging.guardian import STANCES, Guardian, GuardianSettings, LabelledAnswer
from primum.judging.guardian_linear import LinearReader
from primum.judging.guardian_report import LeftOut, Trainer, figures, linear_trainer, measure
from primum.judging.guardian_training import LinearTrainer, train_guardian
from primum.judging.guardian_tuning import Running, TransformerSettings, train_transformer, transformer_trainer
from primum.judging.phrasebook import phrasebook
from primum.language import detect
from primum.ports import Case, Progress, silent
from primum.records import ByImport, Response, Scenario, Settings, Turn
from primum.starter.ruled_answers import RuledSettings, simulate_ruled

__all__ = [
    "Labelling",
    "TrainSettings",
    "answers_of",
    "label",
    "open_answers",
    "read_figures",
    "settings_of",
    "shipped_guardian",
    "train",
    "train_tuned",
    "write_labels",
]

_FIGURES = "figures.json"
_LABEL_BATCH = 256
_MODELS = ("gpt4", "llama2orig", "mistralinstruct")


class TrainSettings(Settings, frozen=True):
    """What `primum guardian train` trains on, beside the sets it finds, and how.

    `medquad`, `huatuo`: how many of their answers stand for plain help. `items`: how many open items are drafted from the norms that ship,
    for the six questions; 0 leaves these heads out. `answers` is how simulated answers to them are made. `transformer` says how a
    transformer is fine-tuned, where one is.
    """

    medquad: int = 400
    huatuo: int = 200
    items: int = 400
    seed: int = 0
    answers: RuledSettings = RuledSettings()
    guardian: GuardianSettings = GuardianSettings()
    transformer: TransformerSettings = TransformerSettings()


class Labelling(NamedTuple):
    """A row that was asked for, and what the guardian said: `passages` only when they were asked for."""

    id: str
    label: Literal["accept", "caution", "refuse", "abstained"]
    probability: float | None
    passages: tuple[str, ...] | None

    def plain(self) -> dict[str, Any]:
        """As a row of the labels' file."""
        row = {"id": self.id, "label": self.label, "probability": _rounded(self.probability)}
        return row if self.passages is None else {**row, "passages": list(self.passages)}


class AnswerRow(NamedTuple):
    """A row to label."""

    id: str
    prompt: str
    completion: str


def train(
    out: Path, data: Path | None, settings: TrainSettings, progress: Progress = silent
) -> tuple[Guardian, list[dict[str, Any]]]:
    """Train a guardian on the open sets below `data` and on what ships; write it and its figures to the folder `out`.

    Raises `InputError` when `data` holds no XSTest answers: without labels of people there is no stance to learn.
    """
    if (out / "guardian.json").exists():
        raise InputError(f"folder '{out}'", "holds a guardian", "name a new folder", "guardian train")
    answers = open_answers(data, settings)
    ruled = answers_of(settings) if settings.items else []
    voices = tuple(sorted({one.group for one in ruled}))
    chosen = replace(settings.guardian, model_groups=(*_MODELS, *voices))
    examples = [*answers, *ruled]
    progress(0, 9)
    trainer = LinearTrainer(examples, chosen)
    progress(1, 9)
    guardian = train_guardian(examples, chosen, "Primum guardian", trainer)
    progress(2, 9)
    guardian.save(out)
    assert isinstance(guardian.reader, LinearReader)
    # Every part has its own temperature where models are left out; elsewhere the guardian's own saves two fits of three.
    own = linear_trainer(examples, chosen, trainer)
    quick = linear_trainer(examples, chosen, trainer, guardian.reader.temperatures)
    plans: list[tuple[LeftOut, list[LabelledAnswer], Trainer]] = [
        ("group", answers, own),
        ("scenario", answers, quick),
        ("answer", answers, quick),
        ("dimension", answers, quick),
        ("group", ruled, quick),
        ("norm", ruled, quick),
        ("language", ruled, quick),
    ]
    told: list[dict[str, Any]] = []
    for done, (by, part, how) in enumerate(plans, 3):
        told += [figures(one) for one in measure(part, chosen, by, trainer=how)] if part else []
        progress(done, 2 + len(plans))
    _write_figures(out / _FIGURES, guardian, told)
    return guardian, told


def train_tuned(
    out: Path, data: Path | None, parent: Path, settings: TrainSettings, progress: Progress = silent
) -> tuple[Guardian, list[dict[str, Any]]]:
    """`train` with the transformer in the folder `parent` in the place of the linear reader.

    It is measured on left-out models and voices only: each is a fine-tuning of its own. Cut off and called again, the training of the
    guardian goes on where it stopped, and the measuring begins anew.
    """
    if (out / _FIGURES).exists():
        raise InputError(f"folder '{out}'", "holds a guardian", "name a new folder", "guardian train")
    answers = open_answers(data, settings)
    ruled = answers_of(settings) if settings.items else []
    voices = tuple(sorted({one.group for one in ruled}))
    chosen = replace(settings.guardian, model_groups=(*_MODELS, *voices))
    tuning, running = settings.transformer, Running(progress)
    guardian = train_transformer([*answers, *ruled], chosen, tuning, parent, "Primum guardian", out, running)
    trainer = transformer_trainer(chosen, tuning, parent, running)
    told = [
        figures(one) for part in (answers, ruled) if part for one in measure(part, chosen, "group", trainer=trainer)
    ]
    _write_figures(out / _FIGURES, guardian, told)
    return guardian, told


def open_answers(data: Path | None, settings: TrainSettings) -> list[LabelledAnswer]:
    """Labelled answers of the open sets below `data`, and the phrasebook; sets that are not there are left out, XSTest must be."""
    if data is None or not (data / "xstest").is_dir():
        raise InputError(
            f"folder '{data}'" if data else "no data folder",
            "holds no xstest/, whose labelled answers teach the stance",
            "give --data DIR or set PRIMUM_DATA",
            "guardian train",
        )
    answers = _xstest(bench.load_xstest(data / "xstest"))
    if (data / "medsafetybench").is_dir():
        answers += _safe_answers(bench.load_medsafetybench(data / "medsafetybench", seed=settings.seed))
    if (data / "medquad").is_dir():
        answers += _helping(bench.load_medquad(data / "medquad", limit=settings.medquad, seed=settings.seed), "medquad")
    if (data / "huatuo").is_dir():
        answers += _helping(bench.load_huatuo(data / "huatuo", limit=settings.huatuo, seed=settings.seed), "huatuo")
    return [*answers, *phrasebook(seed=settings.seed).examples]


def answers_of(settings: TrainSettings) -> list[LabelledAnswer]:
    """Simulated answers of known truth on the six questions, to items drafted from the norms that ship."""
    norms = read_corpus(starter.starter_norms()).norms
    taxonomy = starter.medical_taxonomy()
    drafted = build(
        norms,
        sort_rules(extract(norms), norms, taxonomy),
        taxonomy,
        ItemSettings(
            items=settings.items,
            seed=settings.seed,
            situation=0.8,
            dilemma=0.2,
            single_choice=0,
            multiple_choice=0,
        ),
    ).items
    scenarios = {one.id: one for one in drafted if one.task == "open"}
    return [
        LabelledAnswer(
            scenarios[one.response.scenario], one.response, None, one.voice, True, f"ruled:{one.response.id}", one.truth
        )
        for one in simulate_ruled(list(scenarios.values()), settings.answers)
    ]


def shipped_guardian() -> Guardian:
    """The linear guardian that comes with Primum."""
    return Guardian.load(_shipped())


def read_figures(folder: Path | None) -> dict[str, Any]:
    """What was measured when the guardian in `folder` (or the one that ships) was trained.

    Raises `InputError` for a folder without figures, and for figures of another guardian.
    """
    folder = folder or _shipped()
    guardian = Guardian.load(folder)
    try:
        read: dict[str, Any] = json.loads((folder / _FIGURES).read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(
            f"folder '{folder}'",
            f"holds no figures ({type(error).__name__})",
            "train it with primum guardian train",
            str(folder / _FIGURES),
        ) from error
    if read.get("fingerprint") != guardian.ref.fingerprint:
        raise InputError("the figures", "are of another guardian", "train it again", str(folder / _FIGURES))
    return read


def settings_of(overrides: Sequence[str]) -> TrainSettings:
    """The settings that the shipped guardian was trained with, and `key=value` on top (`guardian.confidence=0.6`)."""
    return read_settings(_shipped() / "train.toml", TrainSettings, overrides)


def label(guardian: Guardian, path: Path, is_explained: bool, progress: Progress = silent) -> Iterator[Labelling]:
    """What the guardian says of each row of the file, in order, read in parts.

    The whole file is checked before the first row is given. A label of `abstained` has no probability; what is no language, an empty
    completion for one, is abstained from. An id may come twice, as when files of two models are joined: each row has its own label.
    Raises `InputError` with file and line for a row that is not `{"id", "prompt", "completion"}`.
    """
    total = sum(1 for _ in _rows(path))
    done = 0
    batch: list[AnswerRow] = []
    for row in _rows(path):
        batch.append(row)
        if len(batch) == _LABEL_BATCH:
            yield from _labelled(guardian, batch, is_explained)
            done += len(batch)
            progress(done, total)
            batch = []
    yield from _labelled(guardian, batch, is_explained)
    progress(total, total)


def write_labels(out: Path, labelled: Iterator[Labelling], is_forced: bool) -> None:
    """Write the labels to the file, whole or not at all. Raises `InputError` for a file that is there already, unless forced."""
    if out.exists() and not is_forced:
        raise InputError(
            f"file '{out}'", "is there already", "name another --out, or overwrite it with --force", str(out)
        )
    unfinished = out.with_name(out.name + ".unfinished")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            for one in labelled:
                file.write(json.dumps(one.plain(), ensure_ascii=False) + "\n")
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def _labelled(guardian: Guardian, rows: Sequence[AnswerRow], is_explained: bool) -> Iterator[Labelling]:
    cases = [_case(row) for row in rows]
    for row, case, assessment in zip(rows, cases, guardian.judge(cases), strict=True):
        said = assessment.judgement
        # What is no language is no refusal either: the contract has no word for it but that the guardian cannot say.
        stance = said.stance if said.stance in STANCES else "abstained"
        passages = guardian.passages(case, "stance", 2) if is_explained else None
        yield Labelling(row.id, stance, None if stance == "abstained" else said.probability, passages)


def _rows(path: Path) -> Iterator[AnswerRow]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield _row(line, f"{path}:{number}")
    except OSError as error:
        raise InputError(
            f"file '{path}'", f"cannot be read ({error.strerror})", "name a file of answers", str(path)
        ) from error


def _row(line: bytes, place: str) -> AnswerRow:
    try:
        found = msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InputError("a row", f"is not a JSON object ({error})", "write one object a line", place) from error
    values = [found.get(name) for name in AnswerRow._fields]
    for name, value in zip(AnswerRow._fields, values, strict=True):
        if not isinstance(value, str) or (name != "completion" and not value.strip()):
            raise InputError(f"{name} {value!r}", "is not text", 'write {"id", "prompt", "completion"}', place)
    return AnswerRow(*values)  # type: ignore[arg-type]


def _case(row: AnswerRow) -> Case:
    made = ByImport(dataset="labelled", row=row.id, licence="")
    scenario = Scenario(
        messages=(Turn(role="user", content=row.prompt),),
        task="open",
        dimension="",
        language=detect(f"{row.prompt} {row.completion}"),
        dataset="labelled",
        made=made,
    )
    return Case(scenario, Response(scenario=scenario.id, text=row.completion, made=made), ())


def _xstest(imported: bench.Imported) -> list[LabelledAnswer]:
    scenarios = {one.id: one for one in imported.scenarios}
    responses = {one.id: one for one in imported.responses}
    final = {judge.id for judge in imported.judges if judge.name.endswith(":final_label")}
    found: list[LabelledAnswer] = []
    for one in imported.judgements:
        if one.judge in final and one.stance in ("accept", "caution", "refuse"):
            response = responses[one.response]
            scenario = scenarios[response.scenario]
            found.append(LabelledAnswer(scenario, response, one.stance, imported.groups[response.id], False, one.id))
    return found


def _safe_answers(imported: bench.Imported) -> list[LabelledAnswer]:
    """MedSafetyBench's safe responses refuse, by how they were made."""
    scenarios = {one.id: one for one in imported.scenarios}
    return [
        LabelledAnswer(
            scenarios[one.scenario],
            one,
            "refuse",
            f"medsafetybench-{imported.groups[one.id]}",
            False,
            f"medsafetybench:{one.id}",
        )
        for one in imported.responses
    ]


def _helping(imported: bench.Imported, group: str) -> list[LabelledAnswer]:
    """The answers of a set of harmless questions help."""
    found = []
    for scenario in imported.scenarios:
        text = starter.shorten(scenario.reference or "", 1500)
        response = Response(scenario=scenario.id, text=text, made=scenario.made)
        found.append(LabelledAnswer(scenario, response, "accept", group, False, f"{group}:{response.id}"))
    return found


def _write_figures(path: Path, guardian: Guardian, told: list[dict[str, Any]]) -> None:
    written = {"name": guardian.name, "fingerprint": guardian.ref.fingerprint, "figures": _rounded(told)}
    path.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, 6) if isinstance(value, float) else value


def _shipped() -> Path:
    return Path(str(resources.files("primum.starter").joinpath("guardian")))
