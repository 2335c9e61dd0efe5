"""Answers ruled on by the six questions of MedES: items and answers in, rulings out that `primum eval score` reads, and the paper's table.

A set is as `primum bench export --format medes` writes it; its choice questions are decided by their letters, in a file of their own.
A run that was stopped is run again: replies of a chat model are remembered, so nothing is paid for twice, and the files appear whole or
not at all.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from primum.cycles.judges import OpenedJudge, is_same, load_judge
from primum.cycles.judging import Tally
from primum.errors import InputError, RecordError, SettingError, StoreError
from primum.evaluation.medes_table import KeyedItem, MedesAnswers, MedesLine, RuledItem, medes_table
from primum.evaluation.suites.choice import ChoiceRuling, letters
from primum.evaluation.suites.files import VerdictRow
from primum.evaluation.suites.lines import Placed, check_unique, first_and_count, read_structs
from primum.evaluation.suites.medes import MedesRuling, ruling_of
from primum.judging.engine import Engine
from primum.judging.medes import MedesChat, MedesSettings, criteria, ruling
from primum.judging.rules import ChoiceJudge, named_letters
from primum.language import detect
from primum.ports import Assessment, Case, Judge
from primum.records import (
    Abstained,
    ByImport,
    Choice,
    Ground,
    Language,
    NotApplicable,
    Response,
    Scenario,
    Task,
    Taxonomy,
    Turn,
    answer_digest,
)
from primum.starter.packaged import medical_taxonomy
from primum.taxonomy import read_taxonomy

__all__ = ["MedesOrder", "MedesRuled", "choice_file", "judge_medes", "medes_judge", "read_items"]

_PLACE = "judge medes"
_OPTION = re.compile(r"^([A-Z])[.、．]\s*(.*?)(?=\n[A-Z][.、．]|\Z)", re.MULTILINE | re.DOTALL)


class _NormRow(msgspec.Struct, frozen=True):
    citation: str
    quote: str


class _OptionRow(msgspec.Struct, frozen=True):
    letter: str
    text: str


class _ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a set; other columns are let through. `prompt` may be called `question`; `scene` is a key of the taxonomy, or a name.

    `options` are objects with `letter` and `text`, or lines `A. …`.
    """

    id: str | int
    prompt: str | None = None
    question: str | None = None
    norms: list[_NormRow] = []
    points: list[str] = []
    scene: str | None = None
    language: Language | None = None
    task: Task = "open"
    options: list[_OptionRow] | str = []
    key: str | list[str] | None = None
    cluster: str | None = None


class _AnswerRow(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: `response`, or `completion` as the guardian's files call it."""

    id: str | int
    response: str | None = None
    completion: str | None = None


class MedesOrder(NamedTuple):
    """What is to be ruled on, by whom, and where the rulings go. `taxonomy` names the scenes; none is the medical one."""

    items: Path
    answers: Path
    judge: Path
    out: Path
    overrides: tuple[str, ...] = ()
    taxonomy: Path | None = None
    is_partial: bool = False


class MedesRuled(NamedTuple):
    """What came of it: how the judging went, the table, the answers to choice questions that named no letter, the files,
    and what the scenes are called."""

    tally: Tally
    table: list[MedesLine]
    unnamed: int
    files: tuple[Path, ...]
    taxonomy: Taxonomy


def choice_file(out: Path) -> Path:
    """Where the letters go that answers to choice questions name: `rulings.choice.jsonl`."""
    return out.with_name(f"{out.stem}.choice{out.suffix}")


def judge_medes(order: MedesOrder, told: Callable[[Tally], None]) -> MedesRuled:
    """Rule on every answer; the files are written when all is done. Bad input is found before anything is asked.

    What ends the run (an outage, a spent budget, a full disk) is raised; the same call goes on with the replies that were paid for.
    """
    if any(is_same(order.out, one) for one in (order.items, order.answers, order.judge)):
        raise SettingError(f"--out '{order.out}'", "is one of the files to read", "name another", _PLACE)
    scenarios = read_items(order.items)
    cases = _cases(scenarios, order)
    taxonomy = medical_taxonomy() if order.taxonomy is None else read_taxonomy(order.taxonomy)
    with load_judge(order.judge, order.overrides, order.out.parent) as opened:
        opened.check_out(order.out, _PLACE)
        judge = medes_judge(opened, taxonomy)
        tally = Tally(judge.ref, len(cases), opened)
        tally.begin()
        told(tally)
        ruled: list[RuledItem] = []
        keyed: list[KeyedItem] = []
        rows: list[MedesRuling] = []
        named: list[ChoiceRuling] = []
        waiting: deque[Case] = deque()
        engine = Engine(judge, ChoiceJudge(), opened.settings.engine)
        with closing(engine.stream(_handed(cases, waiting))) as stream:
            for assessment in stream:
                case = waiting.popleft()
                item = case.scenario
                if item.task == "open":
                    rows.append(_ruling(item.item, assessment))
                    ruled.append(RuledItem(item.item, item.scene, item.cluster, rows[-1]))
                    tally.add(_counted(item.item, assessment))
                else:
                    named.append(_named(case, assessment))
                    said = named[-1].answer
                    is_right = None if said is None else tuple(said) == item.key
                    keyed.append(KeyedItem(item.item, item.scene, item.cluster, is_right))
                    tally.done += 1
                told(tally)
        files = _written(order.out, rows, named)
    unnamed = sum(one.is_right is None for one in keyed)
    return MedesRuled(tally, medes_table(MedesAnswers(ruled, keyed)), unnamed, files, taxonomy)


def medes_judge(opened: OpenedJudge, taxonomy: Taxonomy | None) -> Judge:
    """The judge that rules by the six questions: a chat model asked twice, or a guardian by its heads.

    Raises `SettingError` for a judge that cannot.
    """
    kind = opened.settings.kind
    if kind == "chat":
        asked = opened.settings.chat
        settings = (
            MedesSettings()
            if asked is None
            else MedesSettings(temperature=asked.temperature, max_tokens=asked.max_tokens, asks=asked.asks)
        )
        return MedesChat(opened.chats[0], settings, taxonomy)
    if kind == "guardian":
        return opened.judge
    raise SettingError(
        f"a judge of kind '{kind}'", "does not answer the six questions", "name a chat model or a guardian", _PLACE
    )


def read_items(path: Path) -> dict[str, Scenario]:
    """The items of a set by id, in its order. Raises `InputError` for a row that is no item."""
    placed = read_structs(path, _ItemRow, "an item")
    names = [str(one.row.id) for one in placed]
    check_unique(placed, names, "id")
    return {name: _scenario(one, name, path) for name, one in zip(names, placed, strict=True)}


def _scenario(placed: Placed[_ItemRow], name: str, path: Path) -> Scenario:
    row = placed.row
    if (row.prompt is None) == (row.question is None):
        raise InputError(f"item {name!r}", "has no prompt, or two", "give it a prompt", placed.place)
    asked = row.prompt or row.question or ""
    key = () if row.key is None or not row.key else tuple(sorted(letters(row.key, "key", placed.place)))
    try:
        return Scenario(
            messages=(Turn(role="user", content=asked),),
            task=row.task,
            dimension=row.scene or path.stem,
            language=row.language or detect(asked),
            dataset=path.stem,
            made=ByImport(dataset=path.stem, row=name),
            options=_options(row.options),
            key=key,
            cluster=row.cluster or f"row {name}",
            split="test",
            item=name,
            scene=row.scene or "",
            points=tuple(row.points),
            grounds=tuple(
                Ground(norm=one.citation, citation=one.citation, quote=one.quote, article=answer_digest(one.quote))
                for one in row.norms
            ),
        )
    except RecordError as error:
        raise InputError(error.value, error.rule, error.way_out, placed.place) from error


def _options(given: list[_OptionRow] | str) -> tuple[Choice, ...]:
    if isinstance(given, str):
        # A line without a letter goes on with the option before it.
        found = _OPTION.findall(given)
        return tuple(Choice(letter=letter, text=" ".join(text.split())) for letter, text in found)
    return tuple(Choice(letter=one.letter, text=one.text) for one in given)


def _cases(scenarios: dict[str, Scenario], order: MedesOrder) -> list[Case]:
    """The case of every answer, in the order of the set."""
    placed = read_structs(order.answers, _AnswerRow, "an answer")
    names = [str(one.row.id) for one in placed]
    check_unique(placed, names, "id")
    texts: dict[str, str] = {}
    for name, (place, row) in zip(names, placed, strict=True):
        given = [text for text in (row.response, row.completion) if text is not None]
        if name not in scenarios or len(given) != 1:
            raise InputError(
                f"answer {name!r}",
                "is to no item of the set" if name not in scenarios else "has no text, or two",
                "give the answers that go with the set, each as response or completion",
                place,
            )
        texts[name] = given[0]
    missing = [name for name in scenarios if name not in texts]
    if missing and not order.is_partial:
        raise InputError(
            f"item {first_and_count(missing)}", "has no answer", "add it, or use --partial", str(order.answers)
        )
    return [_case(scenarios[name], texts[name], order.answers.stem) for name in scenarios if name in texts]


def _case(scenario: Scenario, text: str, dataset: str) -> Case:
    response = Response(scenario=scenario.id, text=text, made=ByImport(dataset=dataset, row=scenario.item))
    return Case(scenario, response, criteria(scenario.language) if scenario.task == "open" else ())


def _handed(cases: Sequence[Case], waiting: deque[Case]) -> Iterator[Case]:
    for case in cases:
        waiting.append(case)
        yield case


def _ruling(name: str, assessment: Assessment) -> MedesRuling:
    found = ruling_of(name, ruling(assessment), assessment.judgement.judge)
    reasons = dict.fromkeys(reason for reason in _reasons(assessment) if reason)
    return msgspec.structs.replace(found, reason="; ".join(reasons))


def _reasons(assessment: Assessment) -> list[str | None]:
    """Why a question has no answer: the judge abstained, or what it was given is no answer to rule on."""
    without = (Abstained, NotApplicable)
    return [one.outcome.reason if isinstance(one.outcome, without) else None for one in assessment.verdicts]


def _counted(name: str, assessment: Assessment) -> VerdictRow:
    return VerdictRow(prompt_id=name, met=list(ruling(assessment).values()), reasons=_reasons(assessment))


def _named(case: Case, assessment: Assessment) -> ChoiceRuling:
    """The letters that an answer names; `None` with the reason where it names none."""
    stance, judge = assessment.judgement.stance, assessment.judgement.judge
    found = () if stance == "unusable" else named_letters(case.response.text, case.scenario.options)
    reason = "" if found else (assessment.judgement.reason or "the answer names no option")
    return ChoiceRuling(id=case.scenario.item, judge=judge, reason=reason, answer="".join(found) or None)


def _written(out: Path, rows: Sequence[MedesRuling], named: Sequence[ChoiceRuling]) -> tuple[Path, ...]:
    """The files, each whole: what is written beside takes its place at the end."""
    files: list[Path] = []
    encode = msgspec.json.encode
    for path, lines in ((out, [encode(row) for row in rows]), (choice_file(out), [encode(row) for row in named])):
        if not lines:
            continue
        unfinished = path.with_name(path.name + ".unfinished")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(b"".join(line + b"\n" for line in lines))
            unfinished.replace(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise StoreError(
                f"file '{path.name}'", f"cannot be written ({error.strerror})", "name another --out", str(path)
            ) from error
        files.append(path)
    return tuple(files)
