"""How a case is laid out for a transformer, in tokens: `[first] norms [end] request [end] answer [end]`.

`[first]` and `[end]` are special tokens of the model's own tokenizer, and what people or models wrote is encoded as plain text: nothing
in it can forge an end. The answer stands last, so that the last token of a decoder has read everything.

What does not fit is cut in the middle, marked by `…`: the norms to a quarter of the room, the request next but never below a quarter, and
the answer only when it is longer than what is left. The beginning and the end of every part are always read. `Cut` counts what was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from primum.errors import ModelError
from primum.ports import Case
from primum.records import Scenario

__all__ = ["LAYOUT_VERSION", "LEAST_TOKENS", "Cut", "Laid", "lay_out", "marks"]

LAYOUT_VERSION = "1"
LEAST_TOKENS = 32
_SHARE = 4  # a quarter of the room is the most for norms, and the least for a request
_GAP = "…"


class Cut(NamedTuple):
    """How many tokens of each part were not read."""

    norms: int
    request: int
    answer: int


class Laid(NamedTuple):
    """A case in tokens. `segments` is 1 where the answer stands, 0 before it."""

    ids: list[int]
    segments: list[int]
    cut: Cut


class Marks(NamedTuple):
    """The special tokens of a tokenizer that hold the parts apart."""

    first: list[int]
    end: int


def marks(tokenizer: Any, place: str) -> Marks:
    """The tokens that open a text and end a part. Raises `ModelError` for a tokenizer that has none to end with."""
    end = tokenizer.sep_token_id if tokenizer.sep_token_id is not None else tokenizer.eos_token_id
    if end is None:
        raise ModelError(
            "the tokenizer", "has no token that ends a text", "set eos_token in tokenizer_config.json", place
        )
    first = tokenizer.cls_token_id if tokenizer.cls_token_id is not None else tokenizer.bos_token_id
    return Marks([] if first is None else [first], end)


def lay_out(cases: Sequence[Case], tokenizer: Any, marked: Marks, max_tokens: int) -> list[Laid]:
    """Each case in at most `max_tokens` tokens."""
    if not cases:
        return []
    gap = _encode(tokenizer, [_GAP])[0]
    norms = _encode(tokenizer, [_norms(case.scenario) for case in cases])
    requests = _encode(tokenizer, [_request(case.scenario) for case in cases])
    answers = _encode(tokenizer, [case.response.text for case in cases])
    return [_fit(parts, gap, marked, max_tokens) for parts in zip(norms, requests, answers, strict=True)]


def _fit(parts: tuple[list[int], list[int], list[int]], gap: list[int], marked: Marks, max_tokens: int) -> Laid:
    norms, request, answer = parts
    room = max_tokens - len(marked.first) - 2 - bool(norms)
    for_norms = min(len(norms), room // _SHARE)
    for_answer = min(len(answer), room - for_norms - min(len(request), room // _SHARE))
    for_request = min(len(request), room - for_norms - for_answer)
    kept = [
        _middle_out(part, size, gap)
        for part, size in ((norms, for_norms), (request, for_request), (answer, for_answer))
    ]
    before = [*marked.first, *(kept[0][0] and [*kept[0][0], marked.end]), *kept[1][0], marked.end]
    told = [*kept[2][0], marked.end]
    return Laid(before + told, [0] * len(before) + [1] * len(told), Cut(*(left_out for _, left_out in kept)))


def _middle_out(part: list[int], size: int, gap: list[int]) -> tuple[list[int], int]:
    """The part in `size` tokens, the gap in its middle where it is longer, and how many of its tokens were left out."""
    if len(part) <= size:
        return part, 0
    keep = max(0, size - len(gap))
    head = (keep + 1) // 2
    kept = [*part[:head], *gap[: size - keep], *part[len(part) - (keep - head) :]]
    return kept, len(part) - keep


def _norms(scenario: Scenario) -> str:
    return "\n".join(dict.fromkeys(ground.quote for ground in scenario.grounds))


def _request(scenario: Scenario) -> str:
    """What was said up to the answer, the options of a choice last."""
    earlier = [f"{turn.role}: {turn.content}" for turn in scenario.messages[:-1]]
    options = [f"{option.letter}. {option.text}" for option in scenario.options]
    return "\n".join([*earlier, scenario.prompt, *options])


def _encode(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    """The tokens of texts, in which the spelling of a special token is text like any other."""
    encoded = tokenizer(
        texts, add_special_tokens=False, split_special_tokens=True, return_attention_mask=False, verbose=False
    )
    ids: list[list[int]] = encoded["input_ids"]
    return ids
