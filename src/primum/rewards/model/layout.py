"""How a completion and its criteria become one sequence of tokens: `[prompt · answer | criterion 1 | … | criterion K]`.

The prompt, the answer and the opening of one more user turn are the trunk, which is read once. Each criterion stands in that turn as if it
were the only one: its positions go on where the trunk ends, and the mask (`masks`) hides the others from it. It comes after the answer,
so that the trunk is the same under every criterion. Its last token, where the template lets the assistant begin, is where it is read.

What a prompt, an answer or a criterion holds is text: none of it can become a token that opens or closes a turn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, final

from primum.errors import InputError, ModelError
from primum.records import CriterionKind
from primum.rewards.asked import Asked, Item

__all__ = ["LAYOUT_VERSION", "PROFICIENCY", "SAFETY", "Layout", "Packed", "head_of", "one_at_a_time", "room_of_trunk"]

LAYOUT_VERSION: Final = 1
SAFETY: Final = 0
PROFICIENCY: Final = 1

# A fourth of the tokens is kept for a criterion, or where an answer is cut would depend on what is asked about it.
_ROOM_FOR_CRITERIA: Final = 4
_REMEMBERED: Final = 8192
_NO_CRITERION: Final = "The answer is good."
_DATE: Final = "1 January 2025"  # some templates write the day, and scores must not change with it
_MARK: Final = "PRIMUM7MARK{}Q"
_MARKED: Final = re.compile(r"PRIMUM7MARK(\d+)Q")


class Packed(NamedTuple):
    """One completion under K criteria in N tokens.

    `ids`, `positions`, `segments` have length N: segment 0 is the trunk, k + 1 criterion k; the positions of each criterion begin at the
    length of the trunk. `ends` and `heads` have length K: the index of the criterion's last token, and the head that reads it there
    (`SAFETY` or `PROFICIENCY`).
    """

    ids: list[int]
    positions: list[int]
    segments: list[int]
    ends: list[int]
    heads: list[int]

    @property
    def trunk(self) -> int:
        """How many tokens the trunk has."""
        return self.segments.index(1) if self.ends else len(self.ids)


def head_of(kind: CriterionKind) -> int:
    """Safety has a head of its own; excellence is read with proficiency."""
    return SAFETY if kind == "safety" else PROFICIENCY


def room_of_trunk(max_tokens: int) -> int:
    """The most tokens of prompt and answer, of the `max_tokens` that one criterion sees."""
    return max_tokens - max_tokens // _ROOM_FOR_CRITERIA


def one_at_a_time(packed: Packed) -> list[Packed]:
    """The same completion under each criterion alone: what a packed sequence must give the same scores as."""
    trunk, alone = packed.trunk, []
    for first, last, head in zip([trunk, *[end + 1 for end in packed.ends]], packed.ends, packed.heads, strict=False):
        places = [*range(trunk), *range(first, last + 1)]
        alone.append(
            Packed(
                [packed.ids[i] for i in places],
                [packed.positions[i] for i in places],
                [min(packed.segments[i], 1) for i in places],
                [len(places) - 1],
                [head],
            )
        )
    return alone


@final
class Layout:
    """Lays items out in the tokens of one tokenizer.

    `max_tokens` is the most tokens that one criterion sees: the trunk and itself. An answer that is longer is cut at its end by whole
    tokens, to three quarters of that, whatever the criteria; `cut` counts these. `with_criteria=False` puts one constant text in the
    place of every criterion: what a reward model is worth that does not read them.
    """

    def __init__(self, tokenizer: Any, max_tokens: int, with_criteria: bool = True) -> None:
        self.tokenizer, self.max_tokens, self.with_criteria = tokenizer, max_tokens, with_criteria
        self.cut = 0
        self._control = _control_tokens(tokenizer)
        self._turns: dict[tuple[str, ...], list[list[int]]] = {}
        self._text = lru_cache(maxsize=_REMEMBERED)(self.text_ids)

    @property
    def pad(self) -> int:
        """The token that rows are padded with; it is masked, so any will do where the tokenizer names none."""
        tokens = self.tokenizer
        return int(tokens.pad_token_id if tokens.pad_token_id is not None else tokens.eos_token_id or 0)

    def pack(self, item: Item) -> Packed:
        """The tokens of `item`. Raises `InputError` when its prompt or one of its criteria leaves no room, or for a role that the chat
        template does not take."""
        trunk, lost, tail = self._trunk(item)
        packed = Packed([*trunk], [*range(len(trunk))], [0] * len(trunk), [], [])
        for place, one in enumerate(item.criteria, start=1):
            ids = self._criterion_ids(one, tail)
            if len(trunk) + len(ids) > self.max_tokens:
                raise self._too_long(*self._misfit(one, item, len(ids), len(trunk)))
            packed.ids.extend(ids)
            packed.positions.extend(range(len(trunk), len(trunk) + len(ids)))
            packed.segments.extend([place] * len(ids))
            packed.ends.append(len(packed.ids) - 1)
            packed.heads.append(head_of(one.kind))
        self.cut += lost > 0
        return packed

    def refusal(self, item: Item) -> str | None:
        """Why `pack` raises for `item`, or `None`. An answer that is too long is no reason: it is cut."""
        cut = self.cut
        try:
            self.pack(item)
        except InputError as error:
            return f"{error.value} {error.rule}"
        finally:
            self.cut = cut
        return None

    def misfits(self, item: Item) -> tuple[str | None, ...]:
        """For each criterion why it cannot be read after the whole answer, or `None`: for whoever must not judge what was not read."""
        try:
            trunk, lost, tail = self._trunk(item)
        except InputError as error:
            return (f"{error.value} {error.rule}",) * len(item.criteria)
        if lost:
            return (
                f"the answer is {lost} tokens longer than what fits into {self.max_tokens} with its prompt and a criterion",
            ) * len(item.criteria)
        found: list[str | None] = []
        for one in item.criteria:
            count = len(self._criterion_ids(one, tail))
            refused = self._too_long(*self._misfit(one, item, count, len(trunk)))
            found.append(f"{refused.value} {refused.rule}" if len(trunk) + count > self.max_tokens else None)
        return tuple(found)

    def text_ids(self, text: str) -> list[int]:
        """The tokens of a text that someone wrote: none of them is one of those that only a template may write."""
        ids = self._encode(text)
        found = sorted(self._control.keys() & set(ids))
        if not found:
            return ids
        for id in found:  # the tokenizer calls it no special token, and yet it opens a turn
            name = self._control[id]
            text = text.replace(name, f"{name[:1]} {name[1:]}")
        return [id for id in self._encode(text) if id not in self._control]

    def _encode(self, text: str) -> list[int]:
        clean = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate is no text
        ids: list[int] = self.tokenizer(clean, add_special_tokens=False, split_special_tokens=True, verbose=False)[
            "input_ids"
        ]
        return ids

    def _trunk(self, item: Item) -> tuple[list[int], int, list[int]]:
        """The tokens before the criteria, how many of the answer had no room, and what the template writes after a criterion."""
        pieces = self._pieces((*(turn.role for turn in item.prompt), "assistant"), item)
        before = [*pieces[0]]
        for turn, piece in zip(item.prompt, pieces[1:], strict=False):
            before += [*self._text(turn.content), *piece]
        *_, opening, tail = pieces
        answer = self.text_ids(item.completion)
        room = room_of_trunk(self.max_tokens) - len(before) - len(opening)
        if room < 0:
            raise self._too_long(
                f"the prompt of item {item.id!r} with {len(before) + len(opening)} tokens", "shorten it"
            )
        return [*before, *answer[:room], *opening], max(0, len(answer) - room), tail

    def _criterion_ids(self, one: Asked, tail: list[int]) -> list[int]:
        return [*self._text(one.text if self.with_criteria else _NO_CRITERION), *tail]

    def _misfit(self, one: Asked, item: Item, count: int, trunk: int) -> tuple[str, str]:
        value = f"criterion {one.text[:40]!r} of item {item.id!r} with {count} tokens after {trunk}"
        return value, "shorten it, or raise max_tokens"

    def _too_long(self, value: str, way_out: str) -> InputError:
        return InputError(value, f"does not fit into {self.max_tokens} tokens", way_out, "reward model")

    def _pieces(self, roles: tuple[str, ...], item: Item) -> list[list[int]]:
        """What the template writes before, between and after the texts of such a conversation, the criterion's being the last."""
        if roles not in self._turns:
            rendered = self._render([*roles, "user"], item)
            found = [int(number) for number in _MARKED.findall(rendered)]
            if found != list(range(len(roles) + 1)):
                raise ModelError(
                    "the chat template",
                    f"leaves out, repeats or moves a turn of {', '.join(roles)}",
                    "use a model whose template keeps the turns in order",
                    f"item {item.id!r}",
                )
            written = _MARKED.split(rendered)[::2]
            self._turns[roles] = [
                [*self.tokenizer(piece, add_special_tokens=False)["input_ids"]] if piece else [] for piece in written
            ]
            if not all(self._turns[roles][1:]):
                raise ModelError(
                    "the chat template",
                    "writes nothing between two turns",
                    "use a model whose template closes each turn",
                    f"item {item.id!r}",
                )
        return self._turns[roles]

    def _render(self, roles: Sequence[str], item: Item) -> str:
        messages = [{"role": role, "content": _MARK.format(place)} for place, role in enumerate(roles)]
        if self.tokenizer.chat_template is None:
            return self._plain(messages)
        try:
            rendered = self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True, date_string=_DATE
            )
        except Exception as error:  # a template raises whatever it likes
            raise InputError(
                f"item {item.id!r} with the turns {', '.join(roles[:-1])}",
                f"is not a conversation that the model's chat template takes ({str(error).splitlines()[0][:120]})",
                "drop or merge turns",
                "reward model",
            ) from error
        return str(rendered)

    def _plain(self, messages: Sequence[dict[str, str]]) -> str:
        """For tokenizers without a chat template, those of encoders: each turn is closed by the token that ends a text."""
        tokenizer = self.tokenizer
        end = tokenizer.sep_token or tokenizer.eos_token
        if end is None:
            raise ModelError(
                "the tokenizer",
                "has no chat template and no token that ends a text",
                "use a model tuned for chat, or add chat_template.jinja",
                "reward model",
            )
        start = tokenizer.cls_token or tokenizer.bos_token or ""
        return start + "".join(f"{message['role']}: {message['content']}{end}" for message in messages)


def _control_tokens(tokenizer: Any) -> dict[int, str]:
    """The tokens that only a template may write, by id. Runs of spaces and words that someone added are text."""
    template = str(tokenizer.chat_template or "")
    named = set(tokenizer.all_special_tokens)
    return {
        id: token.content
        for id, token in sorted(tokenizer.added_tokens_decoder.items())
        if token.content.strip()
        and (token.special or token.content in named or token.content in template or token.content[0] in "<[")
    }
