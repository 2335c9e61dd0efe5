"""Inspect's logs, to be graded again: the conversation, the criteria and the answer of each sample, as HealthBench writes them.

| theirs | ours |
|---|---|
| the sample's id (`prompt_id` in its metadata where that is set), with its epoch where there are several | `prompt_id` |
| the messages up to the last that the user says | `prompt` |
| what the model says after it | `response` |
| `rubrics` in the sample's metadata, or the criteria given for all | `rubrics` |
| what the model thought (reasoning), the scores given before | – |

Tools are told apart: a sample in which something was called, or returned, is refused, or with `flattens_tools` told in words where it
happened. What is not text (pictures, sound, files) is always refused: a judge here reads text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from primum.errors import InputError, MissingExtraError
from primum.exchange.inspect_log import NO_PROVIDER

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog, EvalSample
    from inspect_ai.model import ChatMessage

__all__ = ["Regraded", "read_log"]

Row = dict[str, Any]


class Regraded(NamedTuple):
    """What a log gives for grading: rows of a set and of answers, in the log's order; which samples have no answer, and why."""

    rows: list[Row]
    answers: list[Row]
    left_out: dict[str, str]


class _Rule(msgspec.Struct):
    criterion: str
    points: int | float
    tags: list[str] = []


class _Unfit(Exception):
    """Why a sample cannot be graded as text, and what to do."""

    def __init__(self, rule: str, way_out: str) -> None:
        super().__init__(rule, way_out)
        self.rule, self.way_out = rule, way_out


def read_log(
    path: Path, criteria: Sequence[Row] | None = None, *, flattens_tools: bool = False, partial: bool = False
) -> Regraded:
    """The conversations and answers of a log (`.eval`, or Inspect's `.json`).

    `criteria` (`{"criterion", "points", "tags"}`) are put in place of those in the samples. With `partial` a sample without an answer (it
    failed, it was invalidated, the log broke off) is left out and named; without it, it is an error. Raises `InputError` for a file that
    is no log, for a sample without criteria and for one that is not text, and `MissingExtraError` without Inspect.
    """
    log = _open(path)
    samples = log.samples or []
    if not samples:
        raise InputError(f"log '{path.name}'", "holds no samples", "run it with its samples logged", str(path))
    if log.status != "success" and not partial:
        raise InputError(
            f"log '{path.name}'",
            f"is of a run with status {log.status}",
            "take what is there with --partial",
            str(path),
        )
    has_epochs = max(sample.epoch for sample in samples) > 1
    found = Regraded([], [], {})
    for sample in samples:
        name, place = _name(sample, has_epochs), f"{path}: sample {sample.id}"
        missing = _missing(sample)
        if missing is not None:
            if not partial:
                raise InputError(f"sample {name}", f"has no answer ({missing})", "leave it out with --partial", place)
            found.left_out[name] = missing
            continue
        rules = _rules(sample, criteria, place)
        try:
            prompt, response = _texts(sample, flattens_tools)
        except _Unfit as why:
            raise InputError(f"sample {name}", why.rule, why.way_out, place) from None
        tags = sample.metadata.get("example_tags", [])
        found.rows.append(
            {
                "prompt_id": name,
                "prompt": prompt,
                "rubrics": rules,
                "example_tags": tags if isinstance(tags, list) else [],
            }
        )
        found.answers.append(
            {"prompt_id": name, "response": response, "model": log.eval.model.removeprefix(NO_PROVIDER)}
        )
    _check(path, found)
    return found


def _open(path: Path) -> EvalLog:
    try:
        from inspect_ai.log import read_eval_log
    except ImportError as error:
        raise MissingExtraError("inspect-ai", "inspect") from error
    if not path.is_file():
        raise InputError(f"file '{path}'", "does not exist", "name a log that Inspect wrote", str(path))
    try:
        return read_eval_log(path, resolve_attachments=True)
    except Exception as error:
        told = " ".join(str(error).split())[:120]
        raise InputError(
            f"file '{path.name}'", f"is no log that Inspect can read ({told})", "name a .eval file", str(path)
        ) from error


def _check(path: Path, found: Regraded) -> None:
    names = [row["prompt_id"] for row in found.rows]
    twice = next((name for number, name in enumerate(names) if name in set(names[:number])), None)
    if twice is not None:
        raise InputError(f"prompt_id {twice!r}", "is there twice", "give each sample its own id", str(path))
    if not names:
        raise InputError(f"log '{path.name}'", "holds no sample with an answer", "run it again", str(path))


def _name(sample: EvalSample, has_epochs: bool) -> str:
    given = sample.metadata.get("prompt_id")
    name = given if isinstance(given, str) and given.strip() else str(sample.id)
    return f"{name}-epoch-{sample.epoch}" if has_epochs else name


def _missing(sample: EvalSample) -> str | None:
    """Why the sample has no answer, or `None`."""
    if sample.error is not None:
        return " ".join(f"it failed: {sample.error.message}".split())[:160]
    if sample.invalidation is not None:
        return f"it was invalidated: {sample.invalidation.reason or 'no reason given'}"
    if not sample.output.choices:
        return "the model gave no output"
    if sample.output.error:
        return f"the model failed: {sample.output.error}"
    return None


def _rules(sample: EvalSample, criteria: Sequence[Row] | None, place: str) -> list[Row]:
    given = sample.metadata.get("rubrics") if criteria is None else list(criteria)
    if not given:
        raise InputError(
            f"sample {sample.id}",
            "has no criteria: its metadata has no 'rubrics'",
            "name criteria for all samples with --criteria",
            place,
        )
    try:
        rules = msgspec.convert(given, list[_Rule])
    except msgspec.ValidationError as error:
        raise InputError(
            f"the criteria of sample {sample.id}",
            f"are not criteria ({error})",
            'write them as [{"criterion": "…", "points": 5}]',
            place,
        ) from error
    return [msgspec.to_builtins(rule) for rule in rules]


def _texts(sample: EvalSample, flattens_tools: bool) -> tuple[list[dict[str, str]], str]:
    """The prompt (ends with a user's turn) and the answer: what the model says after the user's last turn."""
    messages = sample.messages or ([] if isinstance(sample.input, str) else list(sample.input))
    if not messages:
        return [{"role": "user", "content": str(sample.input)}], sample.output.completion
    last = max((number for number, one in enumerate(messages) if one.role == "user"), default=None)
    if last is None:
        raise _Unfit("has no message of a user", "a grader needs the question that was answered")
    before, after = messages[: last + 1], messages[last + 1 :]
    if not flattens_tools:
        if len([one for one in after if one.role == "assistant"]) > 1 or any(map(_uses_tools, messages)):
            raise _Unfit(
                "holds calls of tools, or more than one message after the user's last",
                "tell them in words with --flatten-tools, or leave the sample out of the log",
            )
        return _turns(before), sample.output.completion
    said = [_told(one) for one in after]
    final = sample.output.completion
    if not said or said[-1] != final:  # a solver may have put the answer into the output alone
        said.append(final)
    return _turns(before), "\n\n".join(part for part in said if part)


def _uses_tools(message: ChatMessage) -> bool:
    if message.role == "tool" or (message.role == "assistant" and bool(message.tool_calls)):
        return True
    return not isinstance(message.content, str) and any(part.type == "tool_use" for part in message.content)


def _turns(messages: Sequence[ChatMessage]) -> list[dict[str, str]]:
    """Messages as plain turns; what a tool returned belongs to the assistant that called it."""
    turns: list[dict[str, str]] = []
    for message in messages:
        role = "assistant" if message.role == "tool" else message.role
        text = _told(message)
        if turns and turns[-1]["role"] == role == "assistant":
            turns[-1]["content"] = "\n\n".join(filter(None, (turns[-1]["content"], text)))
        else:
            turns.append({"role": role, "content": text})
    return turns


def _told(message: ChatMessage) -> str:
    """What a message says, and in brackets what it calls or returns."""
    parts: list[str] = []
    content = [message.content] if isinstance(message.content, str) else message.content
    for part in content:
        if isinstance(part, str):
            parts.append(part)
        elif part.type == "text":
            parts.append(part.text)
        elif part.type == "tool_use":
            parts.append(f"[calls {part.name}: {part.arguments}]\n[{part.name} returned: {part.error or part.result}]")
        elif part.type != "reasoning":
            raise _Unfit(
                f"holds a part of type {part.type}", "a judge here reads text: leave the sample out of the log"
            )
    text = "\n".join(part for part in parts if part)
    if message.role == "tool":
        returned = message.error.message if message.error is not None else text
        return f"[{message.function or 'tool'} returned: {returned}]"
    if message.role == "assistant":
        calls = [
            f"[calls {call.function}: {json.dumps(call.arguments, ensure_ascii=False, sort_keys=True)}]"
            for call in message.tool_calls or ()
        ]
        return "\n".join(filter(None, [text, *calls]))
    return text
