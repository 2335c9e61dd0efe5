"""Choice questions out of articles: what an article says against what its neighbours say.

The right options are sentences (single choice) or items of a list (multiple choice) of the article itself, the wrong ones those of
other articles of the same source, and of other sources where that has too few. Options are whole sentences of comparable length, and
the key's rank by length is drawn, so that neither its letter nor its length gives it away.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from itertools import combinations
from typing import Final, NamedTuple

from primum.bench.acts import plain_text
from primum.language import sentences, words
from primum.records import ByRule, Choice, Language, Norm, Scenario, Turn

__all__ = ["draft_choices"]

LETTERS: Final = ("A", "B", "C", "D")
LENGTHS: Final[dict[Language, tuple[int, int]]] = {"zh": (12, 70), "en": (40, 220)}  # characters; ours
_LEANS: Final = re.compile(
    r"^(?:前款|其中|其他|法律|上述|该|此|违反|有前|但是|并|同时|第)|前款|前条|前项|本条|本款|本项|下列|以下|第[零一二三四五六七八九十百]+[条款]"
    r"|本(?:法|条例|办法|规定|解释|编)(?:自|所称|由)|施行|制定本|其他(?:情形|事项|条件|内容|措施|行为|材料)|^(?:情节|拒不|尚不|构成犯罪|逾期|没有违法|有效期|[0-9])|[：:]"
    r"|^(?:it|they|this|these|such|he|she|other)\b|\b(?:paragraph|subsection|section \d|article \d|foregoing|aforesaid)\b",
    re.I,
)


class _Statement(NamedTuple):
    norm: Norm
    text: str
    is_item: bool
    lead: str


def draft_choices(norms: Sequence[Norm], seed: int) -> list[Scenario]:
    """One question at most from each article, in the order of `norms`; articles that give no fair question give none."""
    statements = [statement for norm in norms for statement in _statements(norm)]
    by_source: dict[str, list[_Statement]] = {}
    by_norm: dict[str, list[_Statement]] = {}
    for statement in statements:
        by_source.setdefault(statement.norm.source, []).append(statement)
        by_norm.setdefault(statement.norm.id, []).append(statement)
    drawn: list[tuple[Norm, list[_Statement], list[_Statement], str]] = []
    for norm in norms:
        rng = random.Random(_seed(seed, norm.id))
        own = by_norm.get(norm.id, [])
        others = [s for s in by_source.get(norm.source, []) if s.norm.id != norm.id]
        drawn_one = _multiple(own, others, rng) or _single(own, others, rng)
        if drawn_one:
            drawn.append((norm, *drawn_one))
    return _lettered(drawn, seed)


def _seed(seed: int, text: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{text}".encode()).digest()[:8], "big")


def _statements(norm: Norm) -> list[_Statement]:
    low, high = LENGTHS[norm.language]
    found: list[_Statement] = []
    lead = ""
    for provision in norm.provisions:
        raw = norm.text[provision.start - norm.start : provision.end - norm.start]
        text = plain_text(norm, provision)
        is_item = bool(re.match(r"\s*[（(][一二三四五六七八九十0-9a-z]{1,4}[）)]", raw))
        if not is_item:
            lead = text if text.endswith((":", "：")) else ""
        for sentence in [text] if is_item else sentences(text):
            plain = sentence.strip().strip("；;。. ").removesuffix(" and").removesuffix(" or").strip("；;。.,， ")
            if is_item and norm.language == "zh":
                plain = plain.removesuffix("的")
            if (6 if is_item and norm.language == "zh" else low) <= len(plain) <= high and not _LEANS.search(plain):
                found.append(_Statement(norm, plain, is_item, lead))
    return found


def _single(
    own: list[_Statement], others: list[_Statement], rng: random.Random
) -> tuple[list[_Statement], list[_Statement], str] | None:
    rights = [s for s in own if not s.is_item]
    if not rights:
        return None
    right = rng.choice(rights)
    wrong = _near_in_length([right], [s for s in others if not s.is_item], 3, rng)
    return ([right], wrong, "") if len(wrong) == 3 else None


def _multiple(
    own: list[_Statement], others: list[_Statement], rng: random.Random
) -> tuple[list[_Statement], list[_Statement], str] | None:
    """Two or three items of one list of the article, and items of other lists."""
    leads = sorted({s.lead for s in own if s.is_item and s.lead})
    leads = [lead for lead in leads if len(lead) <= 2 * LENGTHS[own[0].norm.language][1] and not _BAD_LEAD.search(lead)]
    lists = [items for lead in leads if len(items := [s for s in own if s.is_item and s.lead == lead]) >= 2]
    if not lists:
        return None
    items = rng.choice(lists)
    rights = rng.sample(items, min(len(items), rng.choice((2, 3))))
    wrong = _near_in_length(rights, [s for s in others if s.is_item], 4 - len(rights), rng)
    return (rights, wrong, items[0].lead) if len(wrong) == 4 - len(rights) else None


_BAD_LEAD: Final = re.compile(r"前款|前条|违反本|罚款|处罚|处分|责令")


def _near_in_length(
    rights: list[_Statement], pool: list[_Statement], count: int, rng: random.Random
) -> list[_Statement]:
    """`count` statements of other articles: near in length, unlike the right ones and each other; some shorter, some longer."""
    aim = sum(len(s.text) for s in rights) / len(rights)
    shorter = [s for s in pool if 0.6 * aim <= len(s.text) < aim]
    longer = [s for s in pool if aim <= len(s.text) <= aim / 0.6]
    rng.shuffle(shorter)
    rng.shuffle(longer)
    wanted_shorter = rng.randint(0, count)
    order = _interleaved(shorter, longer, wanted_shorter, count)
    chosen: list[_Statement] = []
    for statement in order:
        if len(chosen) == count:
            break
        if all(not _alike(statement.text, other.text) for other in [*rights, *chosen]):
            chosen.append(statement)
    return chosen


def _interleaved(
    shorter: list[_Statement], longer: list[_Statement], wanted_shorter: int, count: int
) -> list[_Statement]:
    first = [*shorter[:wanted_shorter], *longer[: count - wanted_shorter]]
    return [*first, *shorter[wanted_shorter:], *longer[count - wanted_shorter :]]


def _alike(one: str, other: str) -> bool:
    a, b = set(words(one)), set(words(other))
    return len(a & b) * 2 > min(len(a), len(b))


def _lettered(drawn: list[tuple[Norm, list[_Statement], list[_Statement], str]], seed: int) -> list[Scenario]:
    """Give out letters so that each is right equally often: the possible keys are dealt round, in a seeded order."""
    decks: dict[int, list[tuple[str, ...]]] = {}
    made: list[Scenario] = []
    for norm, rights, wrongs, lead in drawn:
        deck = decks.setdefault(len(rights), [])
        if not deck:
            deck.extend(combinations(LETTERS, len(rights)))
            random.Random(_seed(seed, f"{norm.id}/{len(rights)}")).shuffle(deck)
        key = deck.pop()
        rights, wrongs = list(rights), list(wrongs)
        options = tuple(
            Choice(letter=letter, text=(rights if letter in key else wrongs).pop().text) for letter in LETTERS
        )
        made.append(_scenario(norm, options, key, lead))
    return made


def _scenario(norm: Norm, options: tuple[Choice, ...], key: tuple[str, ...], lead: str) -> Scenario:
    title, label = norm.source_title.strip("《》"), norm.citation[-1].label
    if norm.language == "zh":
        asked = (
            f"《{title}》{label}规定：“{lead}”下列哪些选项属于该条所列的内容？（多选）"
            if lead
            else f"根据《{title}》{label}，下列哪一项是该条的规定？（单选）"
        )
    else:
        asked = (
            f"{title}, {label}, reads: “{lead}” Which of the following does it list? (Several may be right.)"
            if lead
            else f"According to {title}, {label}, which of the following does it say? (One is right.)"
        )
    return Scenario(
        messages=(Turn(role="user", content=asked),),
        task="multiple_choice" if lead else "single_choice",
        dimension=norm.dimensions[0] if norm.dimensions else title,
        language=norm.language,
        dataset="norms",
        norms=(norm.id,),
        options=options,
        key=key,
        made=ByRule(rule="draft.multiple_choice" if lead else "draft.single_choice", version="1"),
    )
