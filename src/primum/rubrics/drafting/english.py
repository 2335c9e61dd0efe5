"""The parts of an English answer, each said as a criterion: third-person verb first, one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from primum.rubrics.drafting import english_words as words
from primum.rubrics.drafting.aspects import Part, asked, aspect_of

__all__ = ["english_parts"]

_FEWEST_WORDS = 4
_MOST_ITEMS = 6
_NOUN_BEFORE = re.compile(
    r"\b(?:the|a|an|exact|underlying|main|common|specific|possible|test|genetic|of|for|no|this|known|root|some|"
    r"study) $",
    re.I,
)
_SAYS_LITTLE = (" similar", " numerous", " important", " different", " available", " complex", " vary")
_LONGEST_ITEM = 12
_LONGEST_SUBJECT = 11
_LEANS = re.compile(
    r"^(it|they|this|these|he|she|its|their|only|no|is|are|can|may|has|have|does|do|should|will|must|usually|"
    r"often|typically|sometimes|rarely)\b",
    re.I,
)
_THE = re.compile(r"\bthis (condition|disorder|disease|syndrome|illness)\b")
_LATINATE = re.compile(
    r"^[^-]*(?:ia|itis|osis|oma|omas|opathy|ic|al|ism|ous|ary|oid|ive|ed|phy|ency|ine|ium|acts?|icts?|ula|ncer|etes)$"
)


class _Case(NamedTuple):
    """The words that an answer writes small somewhere, those that its question writes with a capital, and those that it does itself
    inside a sentence. Questions are often set like titles, so a capital there says less."""

    small: frozenset[str]
    titled: frozenset[str]
    names: frozenset[str]


def english_parts(question: str, answer: str, longest: int) -> list[Part]:
    """What a good answer says, by the parts of `answer` in their order; at most `longest` words each.

    Sentences about the page itself are left out, and those that only the sentence before could explain.
    """
    small = frozenset(re.findall(r"\b[a-z][a-z-]+", answer))
    case = _Case(
        small,
        frozenset(re.findall(r"\b[A-Z][\w'’-]*", question)),
        frozenset(re.findall(r"(?<=[a-z,] )[A-Z][\w'’-]*", answer)),
    )
    topic = " ".join(word.lower() if word.lower() in small else word for word in _topic(question).split())
    found = _table(answer)
    was_topic = False
    for sentence, items in _sentences(words.BRACKETS.sub("", words.TABLE.sub("", answer))):
        told = _cleaned(_without_heading(sentence, small))
        if told is None:
            was_topic = False
            continue
        told, is_clear = _resolved(told, topic, was_topic)
        was_topic = is_clear and (told.lower().startswith((topic.lower(), f"a {topic.lower()}", f"an {topic.lower()}")))
        if not is_clear:
            continue
        for clause in [told] if items else _clauses(told):
            statement = _with_items(clause, items, case) if items else _said(clause, case, longest)
            if statement is not None and len(statement.split()) <= longest + (10 if items else 0):
                found.append(Part(statement, aspect_of(statement, "en"), _answers(statement, question, found)))
    return found


def _table(answer: str) -> list[Part]:
    """The signs in a table that lost its shape, as one criterion; what is no sign (`Autosomal dominant inheritance`) is left out."""
    table = words.TABLE.search(answer)
    if table is None:
        return []
    signs = [
        re.sub(r"\s*(?:\d+%|\bVery rare\b|\b\d+/\d+)", "", item).strip(" .")
        for item in re.split(r"\s+-\s+|\s\d+%\s", table[1])
    ]
    kept = [
        sign[:1].lower() + sign[1:] for sign in signs if 0 < len(sign.split()) <= 8 and not words.NO_SIGN.search(sign)
    ]
    if not kept:
        return []
    if len(kept) == 1:
        return [Part(f"Names {kept[0]} as a sign or symptom.", "symptom", True)]
    few = "one" if len(kept) == 2 else "two"
    return [
        Part(f"Names at least {few} of these signs and symptoms: {'; '.join(kept[:_MOST_ITEMS])}.", "symptom", True)
    ]


def _answers(statement: str, question: str, before: list[Part]) -> bool:
    """The first part of an answer that nothing in the question sorts is its answer."""
    return not before and asked(question, "en") == frozenset({"explanation"})


def _topic(question: str) -> str:
    """What the question is about: `Goldenhar disease` of `What is (are) Goldenhar disease ?`."""
    match = words.TOPIC.match(question.strip())
    return match["topic"].strip(" ?") if match else "the condition"


def _sentences(answer: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The sentences, each with the items of the list that it opens (`Symptoms can include - fever - cough`)."""
    pieces = re.split(r"(?:^|\s)[-•]\s+(?=\S)", answer)
    opening, items = pieces[0], []
    for piece in [*pieces[1:], ""]:
        if piece:
            item, rest = _item(piece)
            items.append(item)
            if not rest:
                continue
        else:
            rest = ""
        yield from _listing(opening, items)
        opening, items = rest, []


def _item(piece: str) -> tuple[str, str]:
    """An item and the running text after it; what ends in the middle of a line is taken apart where a new sentence begins."""
    parts = words.SENTENCE.split(piece, maxsplit=1)
    run_in = words.RUN_IN.search(parts[0])
    if run_in:
        return piece[: run_in.start()].strip(), piece[run_in.end() :].strip()
    if len(parts) == 2:
        return parts[0].strip(), parts[1].strip()
    if words.INTRO.search(piece) and (match := re.search(r"(?<=[a-z)])\s+(?=[A-Z][a-z]+ )", piece)):
        return piece[: match.start()].strip(), piece[match.end() :].strip()
    return piece.strip(), ""


def _listing(opening: str, items: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    sentences = [part.strip() for part in words.SENTENCE.split(opening) if part and part.strip()]
    if items:
        for sentence in sentences[:-1]:
            yield sentence, ()
        if sentences and (words.INTRO.search(sentences[-1]) or sentences[-1].startswith("To ")):
            yield sentences[-1], tuple(items)
            return
        if sentences and sentences[-1].endswith((".", "!", "?")):
            yield sentences[-1], ()
        for item in items:  # whole sentences that were set as a list
            if item.endswith(".") and words.AUXILIARY.search(item):
                yield item, ()
        return
    for sentence in sentences:
        yield sentence, ()


def _cleaned(sentence: str) -> str | None:
    """The sentence without brackets and joining words; `None` when it is a question or speaks of the page."""
    sentence = words.RUN_IN.split(sentence)[-1].removeprefix("Summary :").strip()
    told = " ".join(words.BRACKETS.sub("", sentence).replace(" -- ", ": ").split()).strip()
    if not told or told.endswith("?") or words.BOILERPLATE.search(told):
        return None
    if "?" in told:
        told = told.rsplit("?", 1)[1].strip()
    bare = words.OPENERS.sub("", told)
    return bare[:1].upper() + bare[1:] if bare else None


def _without_heading(sentence: str, small: frozenset[str]) -> str:
    """The sentence without a heading that ran into it (`Acute Bronchitis Infections or lung irritants cause …`)."""
    run = re.match(r"(?:[A-Z][\w'-]*\s+){2,5}(?=[A-Z])[A-Z][a-z]+(?=\s+(\w+))", sentence)
    if run is None or words.AUXILIARY.fullmatch(run[1]):
        return sentence
    named = run[0].split()
    is_title = sum(word.lower() in small for word in named[:-1]) >= 1 and named[-1][1:].islower()
    return sentence[run.start() + run[0].rindex(named[-1]) :] if is_title else sentence


def _resolved(told: str, topic: str, was_topic: bool) -> tuple[str, bool]:
    """The sentence with `This condition` and, after a sentence on the topic, `It` put into words; whether it stands alone now."""
    if words.THIS_CONDITION.match(told):
        return words.THIS_CONDITION.sub(r"The \1", told), True
    if re.match(r"^It (?:is|can|may|affects|usually|often|occurs|has|causes|also|typically|mainly|was)\b", told):
        if re.match(
            r"^It (?:is|was|may be|can be) (?:\w+ ){0,2}?(?:understood|uncertain|necessary|helpful|clear|important|"
            r"possible|estimated|thought|believed|unknown|"
            r"not (?:known|clear)|unclear|recommended|likely|known|unlikely|difficult|suggested|common|best|a "
            r"good)\b.*\b(?:that|to|if|how|why|whether|what)\b",
            told,
        ):
            return told, True
        return (f"{topic}{told[2:]}", True) if was_topic else (told, False)
    begins = " ".join(told.split()[:12])
    pronoun = words.PRONOUN.match(told)
    if pronoun and not words.AUXILIARY.search(pronoun[0]):
        return told, False
    return _THE.sub(r"the \1", told), not (words.ANAPHORA.match(told) or words.REFERS.search(begins))


def _clauses(told: str) -> list[str]:
    """The sentence's statements that stand alone: a later one that has no subject, or a pronoun, gets that of the first.

    Where the subject is too long for that, or the pronoun means something else (`some people take it, but it …`), a later one that
    denies something stays with the first, for leaving it out would say something else; any other is left out.
    """
    told = told.rstrip(".;: ")
    marks = [match.span() for match in words.JOINED.finditer(told)]
    starts, ends = [0, *(end for _, end in marks)], [*(start for start, _ in marks), len(told)]
    parts = [told[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    subject = _subject(parts[0])
    found = [parts[0]]
    for part, (start, end) in zip(parts[1:], marks, strict=True):
        leans = _LEANS.match(part)
        if not words.AUXILIARY.search(found[-1]):  # no statement yet, but a series that goes on
            found[-1] += f"{told[start:end]}{part}"
            subject = _subject(found[-1])
        elif leans is None:
            if words.AUXILIARY.search(part):
                found.append(part[:1].upper() + part[1:])
            else:
                found[-1] += f"{told[start:end]}{part}"
        elif re.search("although|while|whereas", told[start:end]):
            continue
        elif leans[1].lower() in ("its", "their"):
            found.append(f"The {part[leans.end() :].strip()}")
        elif (
            subject is not None
            and leans[1].lower() not in ("this", "these", "only", "no")
            and _agrees(found[0], subject, leans[1].lower())
        ):
            rest = part if leans[1].lower() not in ("it", "they", "he", "she") else part[leans.end() :].strip()
            found.append(f"{subject} {rest}")
        elif re.search(r"\b(?:only|not|never|no|unknown)\b", part):
            found[-1] += f"{told[start:end]}{part}"
    return [clause for part in found for clause in _meanings(part)]


def _subject(clause: str) -> str | None:
    """What a clause is about, when that is short enough to be said again."""
    verbs = [match for match in words.AUXILIARY.finditer(clause) if not _NOUN_BEFORE.search(clause[: match.start()])]
    if not verbs:
        return None
    match = verbs[0]
    subject = clause[: match.start()].strip().removesuffix(" each").removesuffix(" also")
    is_open = re.search(
        r"\b(?:who|that|which|if|when|because|and|or|to|what|how)$|^(?:If|When|Because|As|While|In|For|With)\b", subject
    )
    return (
        subject if subject and len(subject.split()) <= _LONGEST_SUBJECT and not is_open and "," not in subject else None
    )


def _agrees(clause: str, subject: str, pronoun: str) -> bool:
    """Whether a pronoun can mean the subject of `clause`: by the number of its verb or, where that shows none, of its noun."""
    if pronoun not in ("it", "they", "he", "she"):
        return True
    verb = words.AUXILIARY.search(clause, clause.find(subject) + len(subject))
    noun = re.split(r" (?:of|in|with|for|from|that|by|on|at|to|who|which)\b", subject.lower(), maxsplit=1)[0]
    if verb is not None and words.SINGULAR_VERB.fullmatch(verb[0]):
        is_plural = False
    elif verb is not None and words.PLURAL_VERB.fullmatch(verb[0]):
        is_plural = True
    else:
        is_plural = bool(words.PLURAL_NOUN.search(noun))
    if pronoun == "they":
        return is_plural or bool(words.PERSON.search(noun))
    return not is_plural


def _meanings(clause: str) -> list[str]:
    match = words.MEANS.search(clause)
    if match is None:
        return [clause]
    pattern = re.search(r"\bin an? ([\w-]+(?: [\w-]+)? (?:pattern|manner|fashion))$", clause[: match.start()])
    return [clause[: match.start()], *([f"An {pattern[1]} means that {match[1]}"] if pattern else [])]


def _said(clause: str, case: _Case, longest: int) -> str | None:
    """The clause behind the verb that fits it; `None` when it says nothing or cannot be said in so many words."""
    told = clause.strip(" .,;:")
    if len(told.split()) > longest - 3:
        told = _shorter(told, longest - 3)
    fewest = 2 if words.IMPERATIVE.match(told) else _FEWEST_WORDS
    if not fewest <= len(told.split()) <= longest - 2:
        return None
    if len(told.split()) < 2 * _FEWEST_WORDS and told.endswith(_SAYS_LITTLE):
        return None
    if words.IMPERATIVE.match(told):
        return _counted(f"Advises people to {_advice(told)}.")
    condition = re.match(r"^(If|When|Before|After) ([^,]+), (.+)$", told)
    if condition and words.IMPERATIVE.match(condition[3][:1].upper() + condition[3][1:]):
        act = _advice(condition[3][:1].upper() + condition[3][1:])
        when = re.sub(r"\byou\b", "they", condition[2].replace("your", "their"))
        return _counted(f"Advises people to {act} {condition[1].lower()} {when}.")
    if not words.AUXILIARY.search(told) and (
        len(told.split()) < 2 * _FEWEST_WORDS or told.startswith(("To ", "If ", "In ", "For "))
    ):
        return None
    told = _small(_third_person(re.sub(r"^Your\b", "A person's", told)), case)
    verb = (
        "Advises that" if words.ADVICE.search(told) else "Explains that" if words.CAUSE.search(told) else "States that"
    )
    return _counted(f"{verb} {told}.")


def _shorter(told: str, most: int) -> str:
    """Cut before its last side remarks until it is short enough; never before the verb."""
    while len(told.split()) > most:
        cuts = [match.start() for match in words.CUTS.finditer(told) if words.AUXILIARY.search(told[: match.start()])]
        if not cuts or len(told[: cuts[-1]].split()) < _FEWEST_WORDS:
            return told
        told = told[: cuts[-1]]
    return told


def _advice(told: str) -> str:
    bare = re.sub(r"^(?:Please|Always)\s+", "", told)
    bare = re.sub(r"^(?:Do not|Don't|Never)\s+", "not to ", bare)
    told = re.sub(r"\byou\b(?=[,.;]|$)", "them", bare[:1].lower() + bare[1:])
    told = _third_person(re.sub(r"\byou\b", "they", told))
    return told.removeprefix("to ")


def _third_person(told: str) -> str:
    """A criterion speaks of people, not to them."""
    swaps = (
        (r"\byour own\b", "their own"),
        (r"\bYour\b", "Their"),
        (r"\byour\b", "their"),
        (r"\byourself\b", "themselves"),
        (r"\byou're\b", "people are"),
        (r"\bYou\b", "People"),
        (r"\byou(?=[,.;:]|$)", "them"),
        (r"\b(to|for|with|help|helps|make|give|gives|tell|tells|ask|on|keep|keeps|of|let|lets) you\b", r"\1 them"),
        (r"\bWe\b", "Experts"),
        (r"\bwe\b", "experts"),
        (r"\b(?:our)\b", "the"),
    )
    for pattern, put in swaps:
        told = re.sub(pattern, put, told)
    told = re.sub(r"\byou\b", "they" if re.search(r"\b[Pp]eople\b", told) else "people", told, count=1)
    return re.sub(r"\byou\b", "they", told)


def _small(told: str, case: _Case) -> str:
    """The first word as it is written inside a sentence: names and abbreviations keep their capital."""
    first = re.split(r"[\s,]", told, maxsplit=1)[0]
    if not first[1:].islower():
        is_common = first in ("A", "I")
    elif first.lower() in case.small or words.COMMON.match(first):
        is_common = True
    else:
        is_name = first in case.names or first.endswith(("'s", "’s"))
        is_common = not is_name and (first not in case.titled or bool(_LATINATE.search(first)))
    return told[:1].lower() + told[1:] if is_common else told


def _counted(statement: str) -> str:
    """A series of three or more says that two of it are enough, so that one name left out does not decide."""
    return (
        f"{statement[:-1]} (at least two of these)."
        if words.SERIES.search(statement) and words.NAMES.search(statement)
        else statement
    )


def _with_items(clause: str, items: tuple[str, ...], case: _Case) -> str | None:
    """`Symptoms can include` with its items, as one criterion that some of them meet; `None` when they are not short names."""
    kept = [item.strip(" .;,") for item in items]
    kept = [_small(_third_person(item), case) for item in kept if 0 < len(item.split()) <= _LONGEST_ITEM][:_MOST_ITEMS]
    opening = re.sub(r"(?:\s*\bthe following)?\s*:?\s*$", "", clause.strip(" .;,")).strip()
    if opening.startswith("To ") and len(kept) >= 2 and "," not in opening:
        few = "one" if len(kept) == 2 else "two"
        return f"Advises at least {few} of these {_small(_third_person(opening), case)}: {'; '.join(kept)}."
    if len(kept) < 2 or len(opening.split()) < 2 or not words.AUXILIARY.search(opening):
        return None
    if words.IMPERATIVE.match(opening):
        return None
    opening = _small(_third_person(opening.rstrip(":")), case)
    few = "one" if len(kept) == 2 else "two"
    return f"States that {opening} {'; '.join(kept)} (at least {few} of these)."
