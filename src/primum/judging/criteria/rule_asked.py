"""A criterion as the rules read it: what is to be found in the answer, and whether finding it meets the criterion."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from primum.judging.criteria.rule_heard import leaning
from primum.judging.criteria.rule_terms import WORDS, pairs, same_wording, stem, terms, tokens
from primum.judging.criteria.rule_words import Act, CriterionWords
from primum.language import normalise
from primum.records import Language

__all__ = ["Asked", "Part", "Unit", "read_criterion"]

_KNOWN = 0.25  # what a term weighs that the query itself names
_WEAK = 0.4
_NUMBER = 1.2
_FULL = 1.0
_EXAMPLES = 1.6
_CUT = "\u241f"
_FIRST_MARK = 0xE000  # private-use characters stand for the concepts of a clause
_EXAMPLE = 0xF000  # and for its lists of examples
_LIST = re.compile(r"[,，、;；/]|\b(?:and|or)\b|或者?|和|以及|及")
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_DIGIT = re.compile(r"\d")
_OR_EN = re.compile(r"\s*(?:,\s*)?(?:\bor\b|/)\s*|\s*,\s*")
_OR_ZH = re.compile(r"(?:或者|或是|或|/|、|等)+")


class Unit(NamedTuple):
    """One thing to find: a concept by its name, or a term (a stem in English, a stretch of characters in Chinese).

    `any_of` are the units of which one is enough in its place, `all_of` those that are one thing together. `sign` is which way the
    criterion means it, 0 where that does not matter; `denied` whether it denies it.
    """

    concept: str = ""
    term: str = ""
    pairs: frozenset[str] = frozenset()
    weight: float = 1.0
    sign: int = 1
    denied: bool = False
    any_of: tuple[Unit, ...] = ()
    all_of: tuple[Unit, ...] = ()

    @property
    def shown(self) -> str:
        listed = " / ".join(one.shown for one in self.any_of) or " ".join(one.shown for one in self.all_of)
        return self.concept or self.term or listed


class Part(NamedTuple):
    """One act of a criterion with the units to find; met where they are found, or where they are not when `absent`.

    With `least`, so many of the units are enough.
    """

    act: Act
    units: tuple[Unit, ...]
    absent: bool
    least: int = 0

    @property
    def weight(self) -> float:
        return sum(unit.weight for unit in self.units)


class Asked(NamedTuple):
    """A criterion: ways to meet it, of which one is enough; the parts of a way must all hold."""

    ways: tuple[tuple[Part, ...], ...]


@lru_cache(maxsize=4096)
def read_criterion(statement: str, language: Language, query: str) -> Asked:
    """Read a criterion of an answer to `query`; readings are kept, since many answers are judged by one."""
    told = WORDS[language]
    text = normalise(statement).strip(" .。;；!！")
    text = told.opening.sub("", text)
    known = _known(query, language)
    ways: list[tuple[Part, ...]] = []
    verb = ""
    for way in told.either.split(text):
        parts: list[Part] = []
        for piece in _pieces(way if _opens(way, told) else f"{verb}{way}", told):
            parts.extend(_parts(piece, told, language, known))
        verb = verb or _verb(way, told)
        ways.append(tuple(parts))
    return Asked(tuple(ways))


@lru_cache(maxsize=256)
def _known(query: str, language: Language) -> frozenset[str]:
    return terms(normalise(query), language)


def _verb(text: str, told: CriterionWords) -> str:
    """The omission and the verb that open a criterion: what stands after `or` goes on with them."""
    omitted = told.omits.match(text)
    start = omitted.end() if omitted else 0
    found = next((verb for _, spoken in told.acts if (verb := spoken.match(text, start))), None)
    return text[: found.end()] if found else text[:start]


def _opens(text: str, told: CriterionWords) -> bool:
    omits = told.omits.match(text) and not told.turned.match(text)  # "or not to hurry" goes on with the verb before it
    return bool(omits) or any(spoken.match(text) for _, spoken in told.acts)


def _pieces(text: str, told: CriterionWords) -> list[str]:
    return [piece.strip() for piece in told.joined.split(text) if piece and piece.strip()]


def _parts(text: str, told: CriterionWords, language: Language, known: frozenset[str]) -> list[Part]:
    """The part that a piece of a criterion asks for, and, after `without`, what must be missing beside it."""
    tail = None
    if first := told.lacking_first.match(text):
        after = text[first.end() :]
        if any(verb.match(after) for _, verb in told.acts[:-1]) or told.acts[-1][1].match(after):
            tail, text = first[1], after
    absent, text = _omission(text, told)
    act, content, named = _act(text, told)
    if tail is None and act in ("recommend", "assert", "mention", "against") and not absent:
        found = told.lacking.search(content)
        if found and found.start() > 0 and (act != "mention" or told.missing.match(content, found.end())):
            content, tail = content[: found.start()], content[found.end() :]
    parts = [_part((act, content, named), absent, told, language, known)]
    if tail:
        tail_act, tail_content, _ = _act(tail, told)
        parts.append(_part((tail_act, tail_content, ()), True, told, language, known))
    return parts


def _omission(text: str, told: CriterionWords) -> tuple[bool, str]:
    found = told.omits.match(text)
    return (True, text[found.end() :]) if found else (False, text)


def _act(text: str, told: CriterionWords) -> tuple[Act, str, tuple[str, ...]]:
    """The act by the verb that opens a text, what follows it, and the concepts that the verb itself names (`diagnoses`)."""
    adverb = re.match(r"(?:also |then |\w+ly |at least |first )+", text)
    text = text[adverb.end() :] if adverb and not text.startswith("family") else text
    for act, verb in told.acts:
        if found := verb.match(text):
            named = [name for name, spoken in told.verbs if act == "assert" and spoken.search(found[0])]
            return act, text[found.end() :], tuple(named)
    return "mention", text, ()


def _part(
    said: tuple[Act, str, tuple[str, ...]],
    absent: bool,
    told: CriterionWords,
    language: Language,
    known: frozenset[str],
) -> Part:
    act, content, named = said
    content = content.strip()
    base = -1 if act == "against" else 1
    if turned := told.turned.match(content):
        content, base = content[turned.end() :], -base
    if (aside := told.aside.search(content)) and aside.start() > 3:
        content = content[: aside.start()]
    least = 0
    if counted := told.at_least.search(content):
        least = _COUNTS.get(counted[1]) or int(counted[1])
        content = content[: counted.start()] + " " + content[counted.end() :]
    content, listed = _examples(told.excepts.sub(" ", content), told)
    if act == "refuse":
        named = ("plain_refusal",)
    units = [Unit(concept=name, weight=told.concepts[name].weight, sign=0) for name in named]
    if least:
        listing = told.listing.match(content)
        told_items = [one for each in listed for one in each]
        items = told_items or _LIST.split(content[listing.end() :] if listing else content)
        units += [unit for item in items if (unit := _together_as_one(_units(item, told, language, known)))]
        return Part(act, tuple(units), absent, min(least, len(units)))
    start = 0
    for match in [*told.clause_end.finditer(content), None]:
        stop = match.start() if match else len(content)
        piece = content[start:stop]
        if piece.strip():
            sign, denied = leaning(same_wording(piece) if language == "zh" else piece, told)
            for unit in _units(piece, told, language, known):
                if _EXAMPLE <= ord(unit.term[:1] or " ") < _EXAMPLE + len(listed):
                    given = listed[ord(unit.term[0]) - _EXAMPLE]
                    _exemplify(units, [one for item in given for one in _item(item, language, known, base)])
                else:
                    units.append(_leant(unit, base * sign, denied != (base < 0)))
        start = match.end() if match else stop
    weight = sum(unit.weight for unit in units)
    is_told = act != "mention" or any(unit.weight > _WEAK or unit.sign < 0 for unit in units)
    if is_told and 0 < weight < _FULL:  # little but what the query names: then which way the answer points decides
        units = [unit._replace(weight=unit.weight * _FULL / weight) for unit in units]
    return Part(act, tuple(units), absent)


def _exemplify(units: list[Unit], items: list[Unit]) -> None:
    """Examples stand for the last thing named before them that the query does not name: one of them is most of what is meant."""
    if not items:
        return
    place = next((i for i in reversed(range(len(units))) if units[i].weight >= _WEAK), len(units) - 1)
    before = units[place : place + 1] if units else []
    rest = sum(unit.weight for i, unit in enumerate(units) if i != place)
    weight = max(_EXAMPLES * rest, *(unit.weight for unit in (*before, *items)), 0.0)
    units[max(place, 0) : place + 1] = [Unit(any_of=(*before, *items), weight=weight)]


def _together_as_one(units: list[Unit]) -> Unit | None:
    """Units as one that holds all of them; `None` where there are none."""
    if len(units) < 2:
        return units[0] if units else None
    return Unit(all_of=tuple(units), weight=sum(unit.weight for unit in units))


def _leant(unit: Unit, sign: int, denied: bool) -> Unit:
    if unit.any_of or unit.all_of:
        within = (
            tuple(_leant(one, sign, denied) for one in unit.any_of),
            tuple(_leant(one, sign, denied) for one in unit.all_of),
        )
        return unit._replace(any_of=within[0], all_of=within[1])
    return unit if unit.sign == 0 else unit._replace(sign=sign, denied=denied)


def _examples(content: str, told: CriterionWords) -> tuple[str, list[list[str]]]:
    """The content with a mark for each list of examples, and the lists."""
    listed: list[list[str]] = []

    def mark(match: re.Match[str]) -> str:
        items = [item.strip() for item in _LIST.split(match[1] or match[2] or "") if item.strip()]
        if not items:
            return " "
        listed.append(items)
        return f" {chr(_EXAMPLE + len(listed) - 1)} "

    return told.examples.sub(mark, content), listed


def _item(item: str, language: Language, known: frozenset[str], base: int) -> list[Unit]:
    """The weightiest thing in an example stands for it, pointing the way the example does."""
    told = WORDS[language]
    found = [unit for unit in _units(item, told, language, known) if not unit.any_of]
    sign, denied = leaning(same_wording(item) if language == "zh" else item, told)
    return [_leant(max(found, key=lambda unit: unit.weight), base * sign, denied != (base < 0))] if found else []


def _units(text: str, told: CriterionWords, language: Language, known: frozenset[str]) -> list[Unit]:
    """The concepts of a clause of a criterion, then the terms that are left."""
    names: list[str] = []
    for name, concept in told.concepts.items() if _any_concept(language).search(text) else ():
        while found := concept.named.search(text):
            if found.end() == found.start():
                break
            if name not in names:
                names.append(name)
            mark = chr(_FIRST_MARK + names.index(name))
            text = text[: found.start()] + f" {mark} " + text[found.end() :]
    text = told.avoids.sub(" ", told.stops.sub(" ", text))
    rest = _terms_en(text, told, known) if language == "en" else _terms_zh(text, told, known)

    def named(unit: Unit) -> Unit:
        if unit.any_of or unit.all_of:
            return unit._replace(any_of=tuple(map(named, unit.any_of)), all_of=tuple(map(named, unit.all_of)))
        if _FIRST_MARK <= ord(unit.term[:1] or " ") < _FIRST_MARK + len(names):
            name = names[ord(unit.term[0]) - _FIRST_MARK]
            concept = told.concepts[name]
            return Unit(concept=name, weight=concept.weight, sign=1 if concept.signed else 0)
        return unit

    return [named(unit) for unit in rest]


@cache
def _any_concept(language: Language) -> re.Pattern[str]:
    """Whether a clause names any concept: most name none, and that is told faster by one pattern than by each."""
    return re.compile("|".join(f"(?:{concept.named.pattern})" for concept in WORDS[language].concepts.values()))


@cache
def _stops() -> tuple[frozenset[str], frozenset[str]]:
    told = WORDS["en"]
    weak = {token.term for word in told.weak for token in tokens(word)}
    return frozenset(stem(word) for word in told.stop), frozenset(weak)


def _terms_en(text: str, told: CriterionWords, known: frozenset[str]) -> list[Unit]:
    stop, weak = _stops()
    units: list[Unit] = []
    ends: list[tuple[int, int]] = []
    for token in tokens(text):
        word = text[token.start : token.end]
        if token.term in stop or word in told.stop or (len(word) == 1 and word.isalpha() and ord(word) < _FIRST_MARK):
            continue
        weight = _WEAK if token.term in weak else _NUMBER if word[0].isdigit() else 1.0
        if token.term in known:
            weight *= _KNOWN if " for " not in text[: token.start] else _KNOWN / 3
        if any(unit.term == token.term for unit in units):
            continue
        units.append(Unit(term=token.term, weight=weight))
        ends.append((token.start, token.end))
    return _alternatives(units, [text[ends[i][1] : ends[i + 1][0]] for i in range(len(ends) - 1)], _OR_EN, ("or", "/"))


@cache
def _breaks() -> re.Pattern[str]:
    told = WORDS["zh"]
    ordered = sorted(told.stop, key=lambda word: (-len(word), word))
    words = sorted((*told.whole, *told.synonyms.values()), key=lambda word: (-len(word), word))
    kept = "|".join(f"(?<={_CUT}){re.escape(word)}(?={_CUT})" for word in dict.fromkeys(words))
    return re.compile(f"({kept})|({'|'.join(map(re.escape, ordered))}|[\ue000-\uf8ff]|[^\\w\ue000-\uf8ff])")


def _terms_zh(text: str, told: CriterionWords, known: frozenset[str]) -> list[Unit]:
    clean = told.no_denial.sub(lambda match: "·" * len(match[0]), text)
    for match in told.denies.finditer(clean):
        text = f"{text[: match.start()]} {text[match.end() :]}"
    text = same_wording(text, _CUT)
    units: list[Unit] = []
    gaps: list[str] = []
    gap = ""
    for place, piece in enumerate(_breaks().split(text)):
        is_mark = bool(piece) and len(piece) == 1 and _FIRST_MARK <= ord(piece) <= 0xF8FF
        if not piece or (place % 3 == 2 and not is_mark) or not (is_mark or any(c.isalnum() for c in piece)):
            gap += piece or ""
            continue
        if units:
            gaps.append(gap.replace(_CUT, ""))
        gap = ""
        found = pairs(piece)
        weight = min(len(piece), 6) / 2
        if piece in told.weak:
            weight *= _WEAK
        elif _DIGIT.search(piece):
            weight = max(weight, _NUMBER)
        bigrams = {one for one in found if len(one) == 2} or found
        share = sum(one in known for one in bigrams) / len(bigrams)
        weight *= 1 - (1 - _KNOWN) * share
        units.append(Unit(term=piece, pairs=found, weight=weight))
    return _alternatives(units, gaps, _OR_ZH, ("或", "/", "等"))


def _alternatives(units: list[Unit], gaps: list[str], joins: re.Pattern[str], deciding: tuple[str, ...]) -> list[Unit]:
    """Units that are listed with `or` between them become one, of which any is enough."""
    units, gaps = _together(units, gaps)
    found: list[Unit] = []
    place = 0
    while place < len(units):
        last = place
        while last < len(gaps) and joins.fullmatch(gaps[last]):
            last += 1
        run = units[place : last + 1]
        if len(run) > 1 and any(mark in gap for gap in gaps[place:last] for mark in deciding):
            found.append(Unit(any_of=tuple(run), weight=max(unit.weight for unit in run)))
        else:
            found.extend(part for unit in run for part in unit.all_of or (unit,))
        place = last + 1
    return found


def _together(units: list[Unit], gaps: list[str]) -> tuple[list[Unit], list[str]]:
    """Units with nothing between them as one, and what stands between those."""
    runs: list[list[Unit]] = [units[:1]] if units else []
    between: list[str] = []
    for unit, gap in zip(units[1:], gaps, strict=True):
        if gap.strip(" -"):
            runs.append([unit])
            between.append(gap)
        else:
            runs[-1].append(unit)
    return [
        run[0] if len(run) == 1 else Unit(all_of=tuple(run), weight=sum(unit.weight for unit in run)) for run in runs
    ], between
