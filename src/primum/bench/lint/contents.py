"""Whether the key is what the norm says: by the reasons given, and by reading the options against the rule.

Two readings of a choice question are held against its key. The first asks what each option's reason says of it: that it agrees with
the norm, or what is wrong with it. The second reads the modal verb that stands before the rule's own act (`应当`, `must not`) and
compares it with the rule's modality, whatever the reason says. What neither can read is counted and left alone.
"""

from __future__ import annotations

import re
from typing import Final

from primum.bench.lint.found import Context, Outcome, asked, share
from primum.language import normalise, sentences, words
from primum.records import Choice, Rule, Scenario

__all__ = ["check_answerable", "check_key", "check_reasons"]

_RUN: Final = {"zh": 6, "en": 20}  # so many characters in a row, found in the article, are a quote
_TURNED: Final = re.compile(
    r"不符合|不正确|错误|错的|不成立|不对的|不合规|违反|不属于|\b(?:wrong|incorrect|false|not true|not correct|does not|do not|"
    r"is not|are not|(?:is|are|goes?|going) against|breaks?|violates?|contrary|mistaken)\b",
    re.I,
)
_DENIES: Final = re.compile(
    r"不|没|未|无|非|错|误|违|相反|遗漏|换成|只做了|还是做了|颠倒|\b(?:not|no|nobody|none|never|only|wrong|incorrect|contrary|contradicts?|"
    r"forbids?|against|instead|differs?|omits?|lacks?|leaves out|reverses?|here it says|cannot)\b|n't\b",
    re.I,
)
_AGREES: Final = re.compile(
    r"一致|符合|正确|相符|成立|\b(?:agrees?|consistent|correct|right|in line|complies|accords?|matches|what the rule says)\b",
    re.I,
)
# Words before the modal verb that narrow it: what the option then holds is not what the verb says.
_NARROWED: Final = re.compile(
    r"只有|只要|除非|仅|只在|才|不得因|没有做到|\b(?:only|unless|except|merely|if|when|provided)\b", re.I
)
_HEAD: Final = re.compile(r"[:：。]|\.\s")
# What a modal verb right before the act holds; longer ones first.
_ZH_MODAL: Final = {
    "不得": "not",
    "不可以": "not",
    "可以不": "free",
    "不必": "free",
    "无需": "free",
    "可以": "may",
    "应当": "must",
    "必须": "must",
}
_EN_MODAL: Final = {
    "must not": "not",
    "may not": "not",
    "shall not": "not",
    "is not permitted to": "not",
    "need not": "free",
    "is not required to": "free",
    "must": "must",
    "shall": "must",
    "is required to": "must",
    "may": "may",
    "is permitted to": "may",
}
# By the rule's modality: whether an option that holds so is right; what could be argued is not listed.
_HOLDS: Final[dict[str, dict[str, bool]]] = {
    "obligation": {"must": True, "not": False, "free": False},
    "prohibition": {"not": True, "may": False, "must": False},
    "permission": {"may": True, "not": False, "must": False},
}


def check_key(seen: Context) -> Outcome:
    """A letter of the key is right by its reason and by the rule, the others are not (the other way round where the wrong is asked for)."""
    found: list[tuple[str, str]] = []
    by_reason = by_rule = options = 0
    for item in seen.choices:
        is_turned = bool(_TURNED.search(_question(item.prompt)))
        articles = [seen.said_by[id] for id in seen.articles(item)]
        for option in item.options:
            options += 1
            is_right = (option.letter in item.key) != is_turned
            told, held = _told(option), _held(option, item, seen)
            by_reason += told is not None
            by_rule += held is not None
            called = "right" if is_right else "wrong"
            if told is not None and told != is_right:
                found.append((item.item, f"option {option.letter} is {called} by the key, but not by its own reason"))
            if held is not None and held != is_right:
                found.append((item.item, f"option {option.letter} is {called} by the key, but not by the rule's words"))
            if is_right and articles and not _is_supported(option, item, articles, seen):
                found.append(
                    (item.item, f"option {option.letter} is right by the key, but the article does not say so")
                )
    return found, (
        f"the key is what the norm says: {options:,} options, {by_reason:,} read by their reasons, {by_rule:,} by the rule's own words"
    )


def _question(prompt: str) -> str:
    """The last question of a prompt without the titles it names: a case before it may tell of what was wrong."""
    asking = [one for one in sentences(prompt) if re.search(r"[?？]", one)]
    return re.sub(r"《[^》]*》|“[^”]*”", "", asking[-1] if asking else prompt)


def _told(option: Choice) -> bool | None:
    """What the opening of an option's reason says of it; `None` where that cannot be read."""
    head = _HEAD.split(option.reason, maxsplit=1)[0]
    if _DENIES.search(head):
        return False
    return True if _AGREES.search(head) else None


def _held(option: Choice, item: Scenario, seen: Context) -> bool | None:
    """Whether an option that ends in the act of a rule, right after one modal verb, holds what the rule holds."""
    text = normalise(option.text).rstrip("。.;； ")
    answers = set()
    for ground in item.grounds:
        rule = seen.rules.get(ground.rule or "")
        if rule is None:
            continue
        modal = _modal(text, rule)
        if modal is not None and modal in _HOLDS[rule.modality]:
            answers.add(_HOLDS[rule.modality][modal])
    return answers.pop() if len(answers) == 1 else None


def _modal(text: str, rule: Rule) -> str | None:
    act = normalise(rule.act.text).rstrip("。.;； ")
    if len(act) < 4 or not text.endswith(act):
        return None
    before = text[: len(text) - len(act)].rstrip()
    if _NARROWED.search(before):
        return None
    for word, holds in (_ZH_MODAL if rule.language == "zh" else _EN_MODAL).items():
        if before.endswith(word):
            return holds
    return None


def _is_supported(option: Choice, item: Scenario, articles: list[frozenset[str]], seen: Context) -> bool:
    if max(share(option.text, said) for said in articles) >= seen.settings.key_support:
        return True
    return _quotes(option.reason, item, seen)


def check_reasons(seen: Context) -> Outcome:
    """Every option says why it is right or wrong: in words of the article, not in its own."""
    found: list[tuple[str, str]] = []
    total = 0
    for item in seen.choices:
        for option in item.options:
            total += 1
            if not option.reason.strip():
                found.append((item.item, f"option {option.letter} has no reason"))
            elif normalise(option.reason) == normalise(option.text):
                found.append((item.item, f"the reason of option {option.letter} is the option itself"))
            elif seen.articles(item) and not _quotes(option.reason, item, seen):
                found.append((item.item, f"the reason of option {option.letter} does not lean on the article"))
    return found, f"every option says by the article why it is right or wrong: {total - len(found):,} of {total:,}"


def _quotes(text: str, item: Scenario, seen: Context) -> bool:
    """Whether `text` holds a run of the article's characters, or most of its words are the article's."""
    run = _RUN[item.language]
    told = normalise(text)
    for id in seen.articles(item):
        article = seen.text_of[id]
        if any(told[i : i + run] in article for i in range(len(told) - run + 1)):
            return True
        if share(text, seen.said_by[id]) >= seen.settings.reason_support:
            return True
    return False


def check_answerable(seen: Context) -> Outcome:
    """What is asked names the statute, or tells so much of the quoted words or of the rule's act that the norm can be found."""
    found: list[tuple[str, str]] = []
    named = 0
    for item in seen.items:
        text = asked(item)
        titles = {_short(seen.norms[id].source_title) for id in seen.articles(item)}
        if any(title and title in normalise(text) for title in titles):
            named += 1
            continue
        said = frozenset(words(text))
        grounds = [ground.quote for ground in item.grounds]
        grounds += [rule.act.text for ground in item.grounds if (rule := seen.rules.get(ground.rule or ""))]
        best = max((share(ground, said) for ground in grounds), default=0.0)
        if best < seen.settings.answerable:
            found.append((item.item, f"names no statute and shares {best:.0%} of the words it rests on"))
    total = len(seen.items)
    return found, f"every item can be answered from its norm: {named:,} of {total:,} name it, the others tell its case"


def _short(title: str) -> str:
    """A title as people write it: without the state's name and what stands in brackets."""
    return normalise(re.sub(r"[（(].*?[)）]|《|》|^中华人民共和国", "", title)).strip()
