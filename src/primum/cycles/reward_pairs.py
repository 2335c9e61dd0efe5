"""Pairs by criterion as a file: from the answers of several policies, judged under rubrics, or simulated."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from primum.bench.split import split
from primum.config import read_settings
from primum.cycles.judges import load_judge
from primum.cycles.preferring import (
    Query,
    check_outs,
    graded_of,
    keep_apart,
    named_principles,
    read_queries,
    write_whole,
)
from primum.cycles.revising_judges import refs_of
from primum.cycles.steps import now
from primum.cycles.verdict_file import read_recorded
from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError
from primum.evaluation.suites.files import read_verdict_rows
from primum.judging.engine import Engine
from primum.judging.recorded import RecordedJudge, RecordedRow
from primum.ports import Assessment, Case, Progress, silent
from primum.records import ByImport, JudgeRef, Record, Settings
from primum.rewards.difficulty import DifficultySettings, filter_difficulty
from primum.rewards.near import Embed, NearSettings, drop_near
from primum.rewards.pair_file import read_pairs, write_pairs
from primum.rewards.pair_tally import tally
from primum.rewards.pairing import JudgedAnswer, JudgedQuery, Paired, PairingSettings, of_generated, pair_up
from primum.rewards.samples import PairSample
from primum.starter import GeneratedPairSettings, generated_pairs
from primum.store import Writer

__all__ = ["PairsOrder", "PairsSettings", "make_pairs", "pairs_settings"]

_PLACE = "primum reward pairs"


class PairsSettings(Settings, frozen=True):
    """How pairs are made: which answers are paired, what is nearly the same, what is too easy; and what simulated ones are like."""

    pairing: PairingSettings = PairingSettings()
    near: NearSettings = NearSettings()
    difficulty: DifficultySettings = DifficultySettings()
    generated: GeneratedPairSettings = GeneratedPairSettings()


class PairsOrder(NamedTuple):
    """What pairs are made of, and where they go.

    `data` holds the queries with their rubrics; each file of `answers` what one policy answered. The judge that `judge` describes reads it,
    or somebody did before: then `verdicts` are as many files, in the same order. Without `data` the pairs are simulated.

    `preferences` is a file for TRL's DPO, of the pairs that stay. Pairs like those of `apart_from`, or of their groups, are left
    out. Pairs `to_measure` are not filtered by difficulty. `embedder` is a folder with a sentence encoder. `measured` and `measured_judge`
    are a set and a judge that will measure: nothing of them may teach.
    """

    out: Path
    data: Path | None = None
    answers: tuple[Path, ...] = ()
    judge: Path | None = None
    verdicts: tuple[Path, ...] = ()
    preferences: Path | None = None
    workspace: Path | None = None
    embedder: Path | None = None
    apart_from: Path | None = None
    measured: Path | None = None
    measured_judge: Path | None = None
    to_measure: bool = False
    is_forced: bool = False


def pairs_settings(overrides: Sequence[str]) -> PairsSettings:
    """The defaults with `key=value` on top (`pairing.per_query=3`). Raises `SettingError`."""
    try:
        return read_settings(Path(os.devnull), PairsSettings, overrides)
    except SettingError as error:
        raise SettingError(error.value, error.rule, error.way_out, "--set") from error


def make_pairs(order: PairsOrder, settings: PairsSettings | None = None, progress: Progress = silent) -> dict[str, Any]:
    """Make the pairs and write them: counts of what was made, left open and left out, and why. Nothing is written when an input is refused.

    Raises `InputError` for files that do not fit or hold no pair, and for what would both train and measure; `SettingError` for options.
    """
    chosen = settings or PairsSettings()
    _check(order)
    apart = [] if order.apart_from is None else read_pairs(order.apart_from)
    embed = _embedder(order)
    if order.data is None:
        found = _Made(of_generated(generated_pairs(chosen.generated)), {"source": "simulated"})
        return _written(order, found, _filtered(order, chosen, found.pairs, apart, embed, progress))
    queries = read_queries(order.data, order.answers)
    with ExitStack() as stack:
        judge = stack.enter_context(_judged(order, queries))
        keep_apart(queries, judge.refs, order.measured, order.measured_judge, _PLACE)
        workspace = None
        if order.workspace is not None:  # it may be in use: before a judge is asked
            workspace = stack.enter_context(Workspace(order.workspace, is_writer=True))
        cases = [case for query in queries for case in query.cases]
        said = dict(zip([case.response.id for case in cases], judge.ask(cases, progress), strict=True))
        paired = pair_up(_judged_queries(queries, said, judge.refs), chosen.pairing)
        if not paired.samples:
            raise InputError(
                f"{paired.counts.answers} answers to {paired.counts.queries} queries",
                f"give no pair: {_why_none(paired)}",
                "give several answers of different quality to a query, and a judge that decides",
                str(order.answers[0]),
            )
        told = _told(judge, paired, order)
        found = _Made(_in_groups(paired.samples, queries), told, _dpo_rows(paired, cases))
        filtered = _filtered(order, chosen, found.pairs, apart, embed, progress)
        if workspace is None:
            return _written(order, found, filtered)
        with workspace.store.writing() as writer:
            _store(writer, judge.refs, queries, said, paired)
            return _written(order, found, filtered)  # where a file cannot be written, nothing is stored either


class _Made(NamedTuple):
    """Pairs before any is left out, what is told of how they were got, and the rows for DPO by the ids of their two answers."""

    pairs: list[PairSample]
    told: dict[str, Any]
    dpo: Mapping[frozenset[str], dict[str, Any]] = {}


class _Filtered(NamedTuple):
    pairs: list[PairSample]
    told: dict[str, Any]


class _Judging(NamedTuple):
    """Who judges, and how it is asked; the notes are complete when it was."""

    refs: Sequence[JudgeRef]
    ask: Callable[[Sequence[Case], Progress], list[Assessment]]
    notes: Callable[[], Sequence[str]]


def _check(order: PairsOrder) -> None:
    if order.data is None and (order.judge or order.verdicts or order.preferences or order.workspace or order.measured):
        raise SettingError(
            "simulated pairs",
            "have no judge, no verdicts and no records",
            "name DATA and ANSWERS, or leave these options out",
            _PLACE,
        )
    if order.data is not None:
        if not order.answers:
            raise SettingError(f"'{order.data}'", "comes without answers", "name files of answers after it", _PLACE)
        if (order.judge is None) == (not order.verdicts):
            raise SettingError(
                "--judge and --verdicts",
                "are both given" if order.judge else "are both missing",
                "name one: who judges, or the files of what was judged",
                _PLACE,
            )
        if order.verdicts and len(order.verdicts) != len(order.answers):
            raise SettingError(
                f"{len(order.verdicts)} files of verdicts for {len(order.answers)} of answers",
                "do not match",
                "name --verdicts once for each file of answers, in their order",
                _PLACE,
            )
    read = [order.data, *order.answers, order.judge, *order.verdicts, order.apart_from]
    read += [order.measured, order.measured_judge]
    check_outs(_outs(order), [one for one in read if one is not None], order.is_forced, _PLACE)


def _outs(order: PairsOrder) -> list[Path]:
    return [path for path in (order.out, order.preferences) if path is not None]


def _embedder(order: PairsOrder) -> Embed | None:
    if order.embedder is None:
        return None
    from primum.models.embedding import FolderEmbedder

    return FolderEmbedder(order.embedder)


@contextmanager
def _judged(order: PairsOrder, queries: Sequence[Query]) -> Iterator[_Judging]:
    if order.judge is None:
        judge = _recorded(order, queries)
        yield _Judging([judge.ref], judge.judge, tuple)
        return
    with load_judge(order.judge, beside=order.out.parent) as opened:
        for path in _outs(order):
            opened.check_out(path, _PLACE)
        engine = Engine(opened.judge, settings=opened.settings.engine)
        yield _Judging(refs_of(opened.judge), engine.judge, lambda: opened.notes)


def _recorded(order: PairsOrder, queries: Sequence[Query]) -> RecordedJudge:
    """The judge that says again what all the files hold. Raises `InputError` where they are of two judges, or of nobody known."""
    rows = [query.row for query in queries]
    recorded: dict[tuple[str, str], RecordedRow] = {}
    refs: list[JudgeRef] = []
    for path in order.verdicts:
        _, ref = read_recorded(path)
        if ref is None:
            raise InputError(
                f"file '{path.name}'",
                "has no file beside it that says whose verdicts it holds",
                "judge with primum judge run, or name a judge of kind 'recorded' with --judge",
                str(path),
            )
        refs.append(ref)
        if ref != refs[0]:
            raise InputError(
                f"judge '{ref.name}'",
                f"is not '{refs[0].name}', who judged {order.verdicts[0].name}: answers under two judges are no pair",
                "give the verdicts of one judge",
                str(path),
            )
        for one in read_verdict_rows(path, rows, partial=True):
            row = RecordedRow(one.prompt_id, one.met, one.reasons, one.probabilities, one.answer)
            if recorded.setdefault((one.prompt_id, one.answer), row) != row:
                raise InputError(
                    f"prompt {one.prompt_id!r}",
                    "has other verdicts on the same answer in another file",
                    "keep one of them",
                    str(path),
                )
    return RecordedJudge(refs[0], rows=recorded.values())


def _judged_queries(
    queries: Sequence[Query], said: dict[str, Assessment], refs: Sequence[JudgeRef]
) -> list[JudgedQuery]:
    found = []
    for query in queries:
        criteria = query.cases[0].criteria
        keys = {}
        for rule, criterion in zip(query.row.rubrics, criteria, strict=True):
            if named := named_principles(rule.tags):
                keys[criterion.id] = f"principle:{named[0]}"
        answers = [JudgedAnswer(graded_of(case, said[case.response.id]), _by(case)) for case in query.cases]
        scenario, is_simulated = query.cases[0].scenario, any(one.kind_of == "simulated" for one in refs)
        found.append(JudgedQuery(scenario, criteria, answers, keys, query.rubric.id, is_simulated))
    return found


def _by(case: Case) -> str:
    made = case.response.made
    return made.dataset if isinstance(made, ByImport) else ""


def _in_groups(pairs: Sequence[PairSample], queries: Sequence[Query]) -> list[PairSample]:
    """The pairs, those on prompts that are nearly the same in one group, so that no split parts them."""
    scenarios = {query.cases[0].scenario.id: query.cases[0].scenario for query in queries}
    placed = split(list(scenarios.values())).scenarios
    clusters = dict(zip(scenarios, [one.cluster for one in placed], strict=True))
    return [replace(pair, group=clusters[pair.group]) for pair in pairs]


def _filtered(
    order: PairsOrder,
    settings: PairsSettings,
    pairs: Sequence[PairSample],
    apart: Sequence[PairSample],
    embed: Embed | None,
    progress: Progress,
) -> _Filtered:
    unlike, near = drop_near(pairs, settings.near, embed, apart)
    told: dict[str, Any] = {"near": {**near._asdict(), "dropped": [one._asdict() for one in near.dropped]}}
    away = {one.group for one in apart}  # reward bench refuses pairs of a group that was learned from
    left = [one for one in unlike if one.group not in away]
    told["same_group"] = len(unlike) - len(left)
    if not order.to_measure:  # what measures is not chosen by how easy it is
        left, difficulty = filter_difficulty(left, settings.difficulty, progress=progress)
        told["difficulty"] = difficulty._asdict()
    return _Filtered(left, told)


def _written(order: PairsOrder, made: _Made, filtered: _Filtered) -> dict[str, Any]:
    if not filtered.pairs:
        raise InputError(
            f"{len(made.pairs)} pairs",
            "are all left out",
            "filter less (--set), or give other answers",
            str(order.answers[0] if order.answers else order.out),
        )
    write_pairs(order.out, filtered.pairs)
    answers = frozenset().union(*made.dpo)
    stay = {answers.intersection(one.records) for one in filtered.pairs}
    dpo = [row for both, row in made.dpo.items() if both in stay]
    if order.preferences is not None:
        write_whole(order.preferences, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in dpo))
    return {
        **made.told,
        "preferences": len(dpo),
        "made": len(made.pairs),
        **filtered.told,
        **tally(filtered.pairs),
        "files": [str(path) for path in _outs(order)],
    }


def _told(judge: _Judging, paired: Paired, order: PairsOrder) -> dict[str, Any]:
    first = judge.refs[0]
    return {
        "source": "judged",
        "judge": {"id": first.id, "name": first.name, "kind": first.kind_of},
        "paired": paired.counts._asdict(),
        "kept_apart": order.measured is not None or order.measured_judge is not None,
        "notes": list(judge.notes()),
    }


def _why_none(paired: Paired) -> str:
    found = paired.counts
    parts = [
        (found.unusable, "unusable answers"),
        (found.same_text, "answers that repeat another"),
        (found.alike, "pairs that no criterion tells apart"),
    ]
    return ", ".join(f"{number} {what}" for number, what in parts if number) or "no query has two answers"


def _dpo_rows(paired: Paired, cases: Sequence[Case]) -> dict[frozenset[str], dict[str, Any]]:
    """Preferences as TRL's DPO takes them, in the form of `primum rubric prefer`, by the ids of their two answers."""
    by_id = {case.response.id: case for case in cases}
    rows = {}
    for one in paired.preferences:
        chosen, rejected = by_id[one.chosen], by_id[one.rejected]
        made = chosen.scenario.made
        rows[frozenset((one.chosen, one.rejected))] = {
            "prompt": [{"role": turn.role, "content": turn.content} for turn in chosen.scenario.messages],
            "chosen": [{"role": "assistant", "content": chosen.response.text}],
            "rejected": [{"role": "assistant", "content": rejected.response.text}],
            "margin": one.margin,
            "prompt_id": made.row if isinstance(made, ByImport) else chosen.scenario.id,
            "rubric": one.rubric,
            "id": one.id,
        }
    return rows


def _store(
    writer: Writer,
    refs: Sequence[JudgeRef],
    queries: Sequence[Query],
    said: dict[str, Assessment],
    paired: Paired,
) -> None:
    """Everything that the pairs rest on as records, so that what learns from a pair leads to its rubric and its verdicts."""
    records: list[Record] = [*refs]
    for query in queries:
        records += [query.cases[0].scenario, *query.cases[0].criteria, query.rubric]
        for case in query.cases:
            told = said[case.response.id]
            records += [case.response, *told.verdicts, told.judgement]
    records += paired.preferences
    writer.put(records)
    ids = [one.id for one in paired.preferences]
    note = f"{len(paired.samples)} pairs by criterion over {len(queries)} queries, {len(ids)} preferences"
    writer.append("answers paired", note, ids, now())
