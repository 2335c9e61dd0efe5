"""A criterion turned into a sentence of an answer that says it; for statements that ask for something that can be said."""

from __future__ import annotations

import re
from typing import Final

from primum.records import Criterion, Language

__all__ = ["saying"]

# How many of a list are enough is for the judge and not for the answer.
_HOW_MANY: Final = re.compile(r"（至少[^（）]*）$| ?\(at least [^()]*\)$")
# What no sentence added to an answer can do: leaving out, style, language, length.
_UNSAYABLE_EN: Final = re.compile(
    r"(?:does|do|is|are|has|have|was|were|uses?|avoids?|refrains?|omits?|keeps?|responds?|answers?|writes?|provides? (?:an? )?"
    r"(?:short|brief|concise|clear|structured)|stays?|remains?|follows?|maintains?|limits?|never|not)\b",
    re.IGNORECASE,
)
_SUBJECT_EN: Final = re.compile(
    r"(?:the |an? |this )?(?:ideal |good )?(?:response|answer|assistant|model|reply|chatbot)(?: should| must| needs? to)? ",
    re.IGNORECASE,
)
_THAT_EN: Final = re.compile(
    r"(?:states?|explains?|mentions?|notes?|says?|points? out|clarif(?:y|ies)|indicates?|acknowledges?|informs? (?:the )?\w+|tells? "
    r"(?:the )?\w+|emphasi[sz]es?|stresses|highlights?|specif(?:y|ies)|describes?|reminds? (?:the )?\w+|"
    r"adds?|advises?|recommends?|suggests?|makes? (?:it )?clear) that ",
    re.IGNORECASE,
)
_NOUN_EN: Final = re.compile(
    r"(?:states?|explains?|mentions?|notes?|names?|lists?|describes?|discusses|addresses|includes?|identif(?:y|ies)|outlines?|points? out|"
    r"covers?|gives?|provides?|highlights?|specif(?:y|ies)|details?|emphasi[sz]es?|stresses|clarif(?:y|ies)) ",
    re.IGNORECASE,
)
_ASKS_WHETHER_EN: Final = re.compile(
    r"asks? (?:(?:the )?(?:user|patient|person) )?(whether|if|how|what|when|which|why|where|who)\b ?", re.IGNORECASE
)
_ASKS_EN: Final = re.compile(
    r"(?:asks?|inquires?|enquires?)(?: (?:the )?(?:user|patient|person))?(?: about| for)? |(?:requests?|seeks?) ",
    re.IGNORECASE,
)
_WARNS_EN: Final = re.compile(r"warns? (?:(?:the )?(?:user|patient|person) )?(that|about|of|against) ", re.IGNORECASE)
_DOER_EN: Final = {
    "recommends": "recommend",
    "advises": "advise",
    "suggests": "suggest",
    "encourages": "encourage",
    "urges": "urge",
    "proposes": "propose",
    "directs": "direct",
    "refers": "refer",
    "instructs": "ask",
    "cautions": "caution",
    "expresses": "want to express",
    "shows": "want to show",
    "offers": "can offer",
    "reassures": "want to reassure",
}
_ADDRESSED_EN: Final = (
    (re.compile(r"\b(?:the|a) (?:user|patient|person|asker|caller)'s\b"), "your"),
    (re.compile(r"\b(?:the|a) (?:user|asker|caller|person asking)\b"), "you"),
)
_AGREEMENT_EN: Final = {
    " you has ": " you have ",
    " you is ": " you are ",
    " you does ": " you do ",
    " you was ": " you were ",
}

_UNSAYABLE_ZH: Final = re.compile(
    r"(?:未|不|没有|避免|无|使用|采用|语言|语气|保持|用通俗|用简|以|遵循|遵守|结构|条理|简洁)"
)
_SUBJECT_ZH: Final = re.compile(r"^(?:该|此|本)?(?:回答|回复|答复|助手|模型)(?:应当|应该|应|需要|需|要|必须|能够|能)?")
_TOLD_ZH: Final = re.compile(
    r"^(?:明确|清楚|详细|简要|正确|准确|具体|主动)?(?:地)?(?:说明|指出|提到|提及|解释|告知|强调|提醒|表明|阐明|介绍|列出|列举|给出|提供|描述|阐述|交代|说出|讲明|点明|警告|警示|承认|认识到|声明)(?:了|出)?"
    r"(?:(?:用户|患者|对方|病人|家属|提问者)(?:应当|应|要|需)?)?[:：，,]?"
)
# A statement that names a subject and says nothing of it.
_TOPIC_ZH: Final = re.compile(
    r"(?:症状|表现|方法|方案|并发症|原因|病因|措施|区别|作用|副作用|风险|因素|影响|关系|意义|预后|机制|流程|注意事项|信息)$"
)
_ADVISES_ZH: Final = re.compile(
    r"^(?:明确|主动)?(建议|推荐|劝告|劝说|鼓励|敦促|嘱咐|嘱|要求)(?:用户|患者|对方|病人|提问者)?"
)
_ASKS_ZH: Final = re.compile(
    r"^(?:主动|进一步)?(?:询问|追问|问明|问清|了解|问)(?:或(?:指出|说明|提到))?(?:用户|患者|对方|病人)?"
)
_EXPRESSES_ZH: Final = re.compile(r"^(?:表达|表示|体现|给予)(?:了|出)?(?:对(?:用户|患者|对方|病人|家属)的?)?")


def saying(criterion: Criterion) -> str | None:
    """A sentence that does what a criterion with positive points asks, in its language; `None` where none that is added could do it."""
    statement = _HOW_MANY.sub("", " ".join(criterion.statement.split()).rstrip(" .。;；")).rstrip(" .。;；")
    if criterion.points < 0 or not statement:
        return None
    return _in_words(statement, criterion.language)


def _in_words(statement: str, language: Language) -> str | None:
    return _english(statement) if language == "en" else _chinese(statement)


def _english(statement: str) -> str | None:
    rest = _SUBJECT_EN.sub("", statement, count=1) if _SUBJECT_EN.match(statement) else statement
    if _UNSAYABLE_EN.match(rest):
        return None
    for pattern, address in _ADDRESSED_EN:
        rest = pattern.sub(address, rest)
    for wrong, right in _AGREEMENT_EN.items():
        rest = rest.replace(wrong, right)
    if found := _THAT_EN.match(rest):
        return _sentence(rest[found.end() :])
    if found := _WARNS_EN.match(rest):
        what = rest[found.end() :]
        return _sentence(what if found[1].lower() == "that" else f"I want to warn you {found[1].lower()} {what}")
    if found := _ASKS_WHETHER_EN.match(rest):
        return f"May I ask {found[1].lower()} {rest[found.end() :]}?"
    if found := _ASKS_EN.match(rest):
        return f"May I ask you about {rest[found.end() :]}?"
    verb, _, what = rest.partition(" ")
    if not what:
        return None
    doer = next((_DOER_EN[form] for form in (verb.lower(), f"{verb.lower()}s") if form in _DOER_EN), None)
    if doer is not None:
        return _sentence(f"I {doer} {what}")
    if found := _NOUN_EN.match(rest):
        return _sentence(f"It matters to know about this: {rest[found.end() :]}")
    base = _base(verb.lower())
    return _sentence(f"I {base} {what}") if base else None


def _base(verb: str) -> str | None:
    """The base form of a verb in the third person; `None` for what is none."""
    if not re.fullmatch(r"[a-z]{3,}s", verb) or verb.endswith("ss"):
        return None
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    if verb.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return verb[:-2]
    return verb[:-1]


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}."


def _chinese(statement: str) -> str | None:
    rest = _SUBJECT_ZH.sub("", statement, count=1)
    if _UNSAYABLE_ZH.match(rest):
        return None
    if found := _ADVISES_ZH.match(rest):
        verb = "建议" if found[1] in ("劝告", "劝说", "要求", "嘱咐", "嘱", "敦促") else found[1]
        return f"{verb}您{_bare_zh(rest[found.end() :])}。"
    if found := _ASKS_ZH.match(rest):
        return f"想请问您：{rest[found.end() :]}？"
    if found := _EXPRESSES_ZH.match(rest):
        what = rest[found.end() :]
        return f"在此表示{what}。" if what else None
    if found := _TOLD_ZH.match(rest):
        what = rest[found.end() :]
        return (f"还需要了解{what}。" if _TOPIC_ZH.search(what) else f"{what}。") if what else None
    return f"{rest}。"


def _bare_zh(text: str) -> str:
    return re.sub(r"^(?:应当|应该|应)", "", text)
