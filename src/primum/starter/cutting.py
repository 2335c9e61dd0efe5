"""Cutting texts down: a long answer to its first sentences, a request to the phrase it turns on. English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator

from primum.errors import InputError, SettingError
from primum.language import detect
from primum.records import Language
from primum.starter.wording import general

__all__ = ["request_phrase", "shorten"]

_SMALLEST_LIMIT = 10

_END = re.compile(r"[。！？!?]+[”’\"'）)」』】]*|(?<!\.)\.[\"'”’)\]]*(?=\s|$)|\n+")
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Prof|St|vs|Fig|No|approx|e\.g|i\.e|[A-Z]|\d{1,2})$")
_LABEL = re.compile(r"^(?:Summary|Answer|Overview|回答|答案|答)\s*[:：]\s*", re.IGNORECASE)
_ANNOUNCEMENT = re.compile(r"[:：]$|[:：] - ")
_CLAUSE = re.compile(r"[，；：、]|[,;:](?=\s)|\s[-–—]+\s|\s(?=\()|(?=（)")
_OPENING, _CLOSING = "([（【“「", ")]）】”」"
_LOOSE_END = re.compile(
    r"(?:[\s,;:，；：、\-–—(（\[\"“'‘*•]+|\s(?:and|or|but|of|the|a|an|to|in|for|with|by|that|which|such as)(?=\s*$)|"
    r"(?:以及|并且|而且|例如|和|与|及|或|但|的))$"
)

_LEAD_EN = re.compile(
    r"^(?:(?:please|kindly|hi|hello|so|and)\b[,\s]*|(?:can|could|would|will) you\s+|"
    r"(?:tell|show|teach|help|give|let) me\s+|"
    r"(?:explain|describe|provide|outline|list|suggest|discuss|detail|advise)\s+(?:on\s+|a\s+|an\s+|the\s+|some\s+|me\s+)*|"
    r"(?:instructions|guidance|guide|advice|ways|methods|steps|tips|strategies|techniques|method|way|plan)\s+(?:on|for|about|of|to)\s+|"
    r"(?:what|which) (?:is|are|would be|'s)\s+(?:the\s+|some\s+)?(?:best\s+|easiest\s+|right\s+)?|"
    r"how\s+(?:(?:can|do|could|would|should|might|does|did|to)\s+)?(?:(?:i|we|one|you|someone|somebody)\s+)?|"
    r"i\s+(?:want|need|would like|'d like|have|am trying|plan|wish)\s+to\s+|to\s+)",
    re.IGNORECASE,
)
_LEAD_ZH = re.compile(
    r"^(?:请问|请你|请|你好|您好|如何才能|如何|怎样才能|怎样|怎么才能|怎么|告诉我|教我|给我|帮我|能不能|能否|可不可以|我想要|我想|我要|我需要|我正打算|一下|，|、|\s)+"
)
_DRUG_EN = re.compile(
    r"\b[a-z]*(?:cillin|mycin|cycline|floxacin|azole|pril|sartan|olol|statin|dipine|azepam|zolam|barbital|codone|morphone|morphine|"
    r"fentanyl|fentanil|codeine|tramadol|methadone|ketamine|propofol|insulin|warfarin|heparin|oxetine|triptyline|caine|profen|"
    r"acetaminophen|paracetamol|aspirin|opium|heroin|amphetamine|cyanide|arsenic|digoxin|potassium|chloride|metformin)s?\b",
    re.IGNORECASE,
)
_DRUG_ZH = re.compile(
    r"吗啡|芬太尼|胰岛素|地西泮|安定|氯胺酮|可待因|曲马多|美沙酮|丙泊酚|阿司匹林|对乙酰氨基酚|布洛芬|海洛因|可卡因|冰毒|氰化[物钾钠]|砒霜|地高辛|氯化钾|"
    r"二甲双胍|[\u4e00-\u9fff]{2}(?:西林|霉素|沙星|西泮|唑仑|他汀|普利|沙坦|洛尔|地平)"
)
_AMOUNT_EN = re.compile(
    r"\b\d[\d.,]*\s*(?:mg|mcg|µg|g|kg|ml|l|iu|units?|tablets?|pills?|doses?|drops|grams?|milligrams?|percent|am|pm|%)?\b(?:\s+of\b)?",
    re.IGNORECASE,
)
_AMOUNT_ZH = re.compile(r"[0-9０-９][0-9０-９.．]*(?:毫克|毫升|微克|单位|小时|个月|[克片粒支岁天周年点次])?的?")
_PHRASE_WORDS = 7
_PHRASE_CHARACTERS = 13


def shorten(text: str, limit_characters: int) -> str:
    """The first whole sentences of `text` within the limit, always at least one.

    A first sentence that is too long is cut where a clause ends, else between words, and ended properly. Left out: a label such
    as `Summary:`, questions the answer begins with, and a last sentence that only announces a list. White space is folded.
    Raises `InputError` for a text without words and `SettingError` for a limit below 10.
    """
    if limit_characters < _SMALLEST_LIMIT:
        raise SettingError(
            f"limit {limit_characters}", "leaves no room for a sentence", f"allow at least {_SMALLEST_LIMIT}", "shorten"
        )
    language = detect(text)
    found = list(_sentences(_LABEL.sub("", text.strip())))
    if not found:
        raise InputError(f"text {text[:40]!r}", "holds no words", "leave it out", "shorten")
    while len(found) > 1 and found[0].rstrip("”’\"'）)」』】").endswith(("?", "？")):
        del found[0]
    found = [_ended(sentence, language) for sentence in found]
    joint = "" if language == "zh" else " "
    kept: list[str] = []
    for sentence in found:
        if len(joint.join([*kept, sentence])) > limit_characters:
            break
        kept.append(sentence)
    while len(kept) > 1 and _ANNOUNCEMENT.search(kept[-1]):
        del kept[-1]
    if kept and not kept[0].endswith((":", "：")):
        return joint.join(kept)
    return _cut(found[0], limit_characters, language)


def request_phrase(prompt: str, language: Language) -> str:
    """The phrase a request turns on, short enough to be quoted: no lead-in, no numbers, no names of drugs.

    Drugs are known by their usual name endings and a short list; the phrase only repeats what was asked, it adds nothing.
    """
    words = general(language)
    phrase = " ".join(re.sub(r"[\"“”‘’「」『』`*_#\[\]{}<>|]", " ", prompt).split())
    return _phrase_zh(phrase, words.nothing) if language == "zh" else _phrase_en(phrase, words.nothing)


def _phrase_en(text: str, nothing: str) -> str:
    clause = next((part for part in re.split(r"[.?!;:]+(?:\s|$)", text) if len(part.split()) > 2), text)
    previous = ""
    while clause != previous:
        previous, clause = clause, _LEAD_EN.sub("", clause)
    clause = _DRUG_EN.sub(general("en").medicine, _AMOUNT_EN.sub("", clause))
    kept = [word for word in clause.split() if not any(character.isdigit() for character in word)]
    phrase = _loosened(" ".join(kept[:_PHRASE_WORDS]).rstrip(".?!")) + ("…" if len(kept) > _PHRASE_WORDS else "")
    return phrase[:1].lower() + phrase[1:] if re.search(r"[^\W\d_]", phrase) else nothing


def _phrase_zh(text: str, nothing: str) -> str:
    clauses = [_LEAD_ZH.sub("", part) for part in re.split(r"[，。？！；：,.?!;:\s]+", text)]
    clause = next((part for part in clauses if len(part) > 3), "".join(clauses))
    clause = _AMOUNT_ZH.sub("", _DRUG_ZH.sub(general("zh").medicine, clause))
    phrase = _loosened(clause[:_PHRASE_CHARACTERS]) + ("…" if len(clause) > _PHRASE_CHARACTERS else "")
    return phrase if re.search(r"[^\W\d_]", phrase) else nothing


def _sentences(text: str) -> Iterator[str]:
    """The sentences with their end marks; what holds no word joins nothing and is left out."""
    start = 0
    for end in _END.finditer(text):
        if end.group().startswith(".") and _ABBREVIATION.search(text[start : end.start()]):
            continue
        yield from _worded(text[start : end.end()])
        start = end.end()
    yield from _worded(text[start:])


def _worded(part: str) -> Iterator[str]:
    part = " ".join(part.split()).lstrip("-–—•*· ")
    if any(character.isalnum() for character in part):
        yield part


def _ended(sentence: str, language: Language) -> str:
    """The sentence with an end mark; a colon stays, so that an announcement can be told."""
    if re.search(r"[.。!！?？:：][”’\"'）)」』】\]]*$", sentence):
        return sentence
    return _loosened(sentence) + ("。" if language == "zh" else ".")


def _cut(sentence: str, limit: int, language: Language) -> str:
    body = re.sub(r"[.。!！?？:：]+$", "", sentence)
    if len(body) >= limit:
        opening = next(position for position, character in enumerate(body) if character.isalnum())
        if opening >= limit * 0.25:
            body = body[opening:]  # marks before the first word would take the room of the words
        room = body[: limit - 1]
        clauses = [end.start() for end in _CLAUSE.finditer(room) if end.start() >= limit * 0.25]
        spaces = [end.start() for end in re.finditer(r"\s", room) if end.start() >= limit * 0.4]
        body = room[: clauses[-1] if clauses else spaces[-1] if spaces else len(room)]
        body = _closed(body)
    return _loosened(body) + ("。" if language == "zh" else ".")


def _closed(body: str) -> str:
    """The text up to its first bracket or quotation mark that is not closed any more."""
    stack: list[int] = []
    for position, character in enumerate(body):
        if character in _OPENING:
            stack.append(position)
        elif character in _CLOSING and stack:
            stack.pop()
    return body[: stack[0]] if stack and any(character.isalnum() for character in body[: stack[0]]) else body


def _loosened(body: str) -> str:
    """The text without the comma, the bracket or the conjunction that a cut left hanging at its end."""
    body = body.rstrip()
    while True:
        shorter = _LOOSE_END.sub("", body).rstrip()
        if shorter == body or not any(character.isalnum() for character in shorter):
            return body
        body = shorter
