"""The rules of an English article, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from primum.corpus.rules.found import Found, Part, Stretch, blank, trimmed
from primum.records import Deontic

__all__ = ["read"]

_OPAQUE = re.compile(r"\((?:[^()]|\([^()]*\))*\)|“[^”]*”|\"[^\"\n]*\"")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|cf|No|Art|art|para|Dr|Mr|Ms|St|vs)\.|\d\.\d|\b[A-Z]\.(?=\s?[A-Z])")
_SENTENCE = re.compile(r"(?:[^.;!?:]|[.;!?:](?!\s|$))+[.;!?:]?")
_AROUND = " \n\t,.;:!?*"

_MODAL = re.compile(
    r"(?P<prohibition>\b(?:must|shall|should|may|ought|will)\s+(?:not|never)\b(?!\s+only)(?:\s+to\b)?|\bcannot\b|\b(?:is"
    r"|are)\s+(?:not\s+(?:permitted|allowed|entitled)"
    r"|(?:strictly\s+)?(?:prohibited|forbidden|barred)\s+from)(?:\s+to)?\b|\b(?:do|does) not have the right to\b)"
    r"|(?P<obligation>\b(?:must|shall|should|ought to)\b|\b(?:is|are)\s+(?:required|obliged|obligated|bound)\s+to\b"
    r"|\b(?:have|has)\s+(?:a|an|the)\s+(?:\w+\s+)?(?:duty|obligation|responsibility)\s+to\b|\b(?:is|are)\s+(?:under\s+a\s+duty"
    r"|responsible\s+for)\b(?:\s+to\b)?)"
    r"|(?P<permission>\bmay\b|\b(?:is|are)\s+(?:free|entitled|permitted|allowed)\s+to\b|\b(?:have|has)\s+(?:the|a)\s+right\s+to\b)"
)
_FREED = re.compile(
    r"\b(?:shall|must|should|may)\s+not\s+be\s+(?:required|obliged|obligated)\b|\b(?:is|are)\s+not\s+(?:required|obliged|obligated"
    r"|bound)\b",
    re.I,
)
"""Frees from a duty: neither forbids nor obliges."""
_NOBODY = re.compile(
    r"^(?P<who>(?:no\s+(?:\w+\s+){0,6}?\w+|nobody|none of [^,]{1,40}?|neither [^,]{1,60}?))\s+(?P<modal>may|shall|must|should|can"
    r"|is (?:permitted|allowed|entitled) to)\b",
    re.I,
)
_PASSIVE_BAN = re.compile(
    r"\b(?:is|are|shall be|must be)\s+(?:strictly\s+)?(?:prohibited|forbidden|unlawful|not permitted|not allowed)\b(?!\s+from)",
    re.I,
)
_IT_IS = re.compile(
    r"\b[Ii]t\s+(?:is|shall be)\s+(?P<word>(?:strictly\s+)?(?:prohibited|forbidden|unlawful|not permitted|an offence)|permissible"
    r"|permitted|mandatory|compulsory)\s+(?:for\s+(?P<who>[^,]{1,60}?)\s+)?to\b"
)
_OFFENCE = re.compile(
    r"^(?P<who>(?:any|every|a|an)\s+\w+(?:\s+\w+){0,3}?)\s+who\s+(?P<deed>.+?),?\s+(?P<sanction>(?:commits an offen[cs]e"
    r"|is guilty of|is liable to|shall be (?:liable|fined|punished|sentenced|imprisoned)|is punishable).*)$",
    re.I | re.S,
)
_PLEDGE = re.compile(r"\bI\s+(?P<modal>(?:will|shall)(?P<no>\s+(?:not|never))?|pledge to|promise to|undertake to)\b")
_WHEN_FIRST = re.compile(
    r"^(?:when|if|where|while|before|after|unless|in an?|in the|on|upon|once|during|as soon as|whenever|except|until"
    r"|for the purposes? of|without|subject to)\b",
    re.I,
)
_WHEN_LAST = re.compile(
    r",?\s+(?:unless|except(?:\s+(?:as|where|when|if|in|for|to|that|with))?|provided that|if|where(?! to\b)|when(?! to\b)"
    r"|only\s+(?:if|when|where|after)|as soon as|so long as|even\s+(?:if|when|after|under)|apart from|subject to"
    r"|without(?= (?:prejudice|the))|until)\b"
)
_RELATIVE = re.compile(
    r"\b(?:who|that(?! (?:person|patient|controller|party|body))|which|whom|what|if|where|when|unless|whether|as|because|while)\s+"
    r"(?:(?:the|an?|its|their|his|her)\s+)?(?:[\w'’-]+\s+)?$",
    re.I,
)
_JOINT = re.compile(r"[,;]?\s*\b(?:and|or|but|nor|and also|and then)\s*$")
_SUBJECT_AFTER_JOINT = re.compile(
    r"(?:[,;]\s*(?:and|or|but)?|\s(?:and|but))\s+(?P<who>(?:(?:the|a|an|any|every|each|all|no|its|their|his|her|that|those|these"
    r"|such|he|she|it|they)\b\s*)?[^,;]{0,80}?)\s*$"
)
_NAMES = re.compile(
    r"^(?:the|a|an|any|every|each|all|no|its|their|his|her|that|those|these|such|he|she|it|they|researchers?|physicians?|doctors?"
    r"|nurses?|patients?|member states|care|consent|results?)\b|^[A-Z]",
    re.I,
)
_ADVERB = re.compile(r"\s+(?:also|therefore|always|then|only|however|further)$", re.I)


class _Lead(NamedTuple):
    """The sentence that opens a list: what holds for each item; `modality` is `None` where the items speak for themselves."""

    modality: Deontic | None
    subject: Stretch | None = None
    condition: Stretch | None = None
    is_closed: bool = False  # the items say when, not what


class _Reader:
    """Reads one article; `subject` is the last addressee named in the paragraph."""

    def __init__(self, text: str, parts: Sequence[Part]) -> None:
        self.text = text
        self.plain = blank(blank(text, _OPAQUE), _ABBREVIATION)
        self.parts = parts
        self.found: list[Found] = []
        self.subject: Stretch | None = None
        self.label = ""
        self.pending = _Lead(None)  # a deontic word with nothing but a list behind it

    def read(self) -> list[Found]:
        leads: dict[int, _Lead] = {}
        for number, part in enumerate(self.parts):
            self.label = part.label
            opens = number + 1 < len(self.parts) and self.parts[number + 1].depth > part.depth
            if part.depth == 0:
                self.subject, leads = None, {}
                lead = self._paragraph(part, opens)
            else:
                lead = leads.get(part.depth - 1, _Lead(None))
                if lead.is_closed:
                    pass
                elif lead.modality is None:
                    lead = self._paragraph(part, opens)
                elif not opens:
                    self._item(part, lead)
            leads[part.depth] = lead
        return self.found

    def _paragraph(self, part: Part, opens: bool) -> _Lead:
        lead = _Lead(None)
        sentences = [Stretch(*match.span()) for match in _SENTENCE.finditer(self.plain, part.start, part.end)]
        for number, sentence in enumerate(sentences):
            before = len(self.found)
            self.pending = _Lead(None)
            self._sentence(sentence)
            if opens and number == len(sentences) - 1:
                lead = self._lead(sentence) if len(self.found) > before else self.pending
        return lead

    def _lead(self, sentence: Stretch) -> _Lead:
        """Whether what the list holds are acts (`must not:`, `must do the following:`) or circumstances (`may be processed where:`)."""
        final = self.found[-1]
        words = self.plain[final.act.start : sentence.end].rstrip()
        if not words.endswith((":", "—", "-")) or re.search(
            r"\b(?:where|if|when|unless|following (?:cases|conditions|circumstances))\s*:?$", words.rstrip(":—- ")
        ):
            return _Lead(None, final.subject, is_closed=words.endswith(":"))
        self.found.pop()
        return _Lead(final.modality, final.subject, final.condition)

    def _item(self, part: Part, lead: _Lead) -> None:
        first = _SENTENCE.search(self.plain, part.start, part.end)
        if first is None or lead.modality is None:
            return
        end = first.end()
        joint = re.search(r"[;,.]?\s*\b(?:and|or)\s*$", self.plain[first.start() : end])
        act = trimmed(self.text, first.start(), first.start() + joint.start() if joint else end, _AROUND)
        act = self._without_citation(act)
        if act is not None:
            self._add(lead.modality, act, lead.subject, lead.condition, None)

    def _without_citation(self, act: Stretch | None) -> Stretch | None:
        """An act does not end in a bracket (`(After: …)`)."""
        while act is not None and self.plain[act.end - 1] == "□":
            end = act.end
            while end > act.start and self.plain[end - 1] == "□":
                end -= 1
            act = trimmed(self.text, act.start, end, _AROUND)
        return act

    # -- sentences

    def _sentence(self, sentence: Stretch) -> None:
        whole = trimmed(self.text, sentence.start, sentence.end, _AROUND)
        if whole is None or re.fullmatch(r"□*", self.plain[whole.start : whole.end]):
            return
        plain = self.plain[whole.start : whole.end]
        if self._punishes(whole, plain) or self._impersonal(whole, plain):
            return
        condition, start = self._opening(whole)
        if (match := _NOBODY.match(self.plain[start : whole.end])) and not _FREED.search(match.group()):
            self._act(
                "prohibition", start + match.end(), whole.end, Stretch(start, start + match.end("who")), condition
            )
            return
        heads = self._heads(start, whole.end)
        for number, (head, head_end, modality) in enumerate(heads):
            first = number == 0
            subject = self._subject(start, head) if first else self._later_subject(heads[number - 1][1], head)
            if subject is not None:
                self.subject = subject
            end = whole.end
            if number + 1 < len(heads):
                end = self._cut(head_end, heads[number + 1][0])
            self._act(modality, head_end, end, subject or self.subject, condition)

    def _heads(self, start: int, end: int) -> list[tuple[int, int, Deontic]]:
        found: list[tuple[int, int, Deontic]] = []
        for match in _MODAL.finditer(self.plain, start, end):
            before = self.plain[max(start, match.start() - 120) : match.start()]  # a relative clause opens close by
            if _FREED.match(self.plain, match.start()) or _RELATIVE.search(before):
                continue
            if found and not (re.search(r"[,;]|\b(?:and|but|or|nor)\b", self.plain[found[-1][1] : match.start()])):
                continue  # `must ensure the patient may …`: what is ensured is no rule of its own
            modality: Deontic = match.lastgroup  # type: ignore[assignment]
            found.append((match.start(), match.end(), modality))
        if not found:
            for match in _PLEDGE.finditer(self.plain, start, end):
                found.append((match.start("modal"), match.end(), "prohibition" if match.group("no") else "obligation"))
        return found

    def _opening(self, whole: Stretch) -> tuple[Stretch | None, int]:
        """`When a patient dies, a physician must …`: the circumstance, and where the rest begins."""
        plain = self.plain[whole.start : whole.end]
        if not _WHEN_FIRST.match(plain):
            return None, whole.start
        modal = _MODAL.search(plain)
        comma = plain.rfind(",", 0, modal.start() if modal else len(plain))
        # a comma inside the subject's own clause would leave nothing before the modal verb
        while comma > 0 and modal and not plain[comma + 1 : modal.start()].strip():
            comma = plain.rfind(",", 0, comma)
        if comma < 0:
            return None, whole.start
        rest = whole.start + comma + 1
        return trimmed(self.text, whole.start, whole.start + comma, _AROUND), rest + len(self.plain[rest:]) - len(
            self.plain[rest:].lstrip()
        )

    def _subject(self, start: int, head: int) -> Stretch | None:
        before = _ADVERB.sub("", self.plain[start:head].rstrip())
        return trimmed(self.text, start, start + len(before), _AROUND)

    def _later_subject(self, previous: int, head: int) -> Stretch | None:
        """The addressee between two modal verbs of one sentence, if a new one is named there."""
        match = _SUBJECT_AFTER_JOINT.search(self.plain[previous:head])
        if match is None or not match.group("who").strip() or not _NAMES.match(match.group("who")):
            return None
        if re.search(r"\b(?:and|or|but|nor)$", match.group("who")):
            return None
        return trimmed(self.text, previous + match.start("who"), previous + match.end("who"), _AROUND)

    def _cut(self, start: int, head: int) -> int:
        """Where the act before the modal verb at `head` ends: before its subject and the word that joins them."""
        later = self._later_subject(start, head)
        end = later.start if later is not None else head
        joint = _JOINT.search(self.plain[start:end])
        return start + joint.start() if joint else end

    # -- other forms

    def _punishes(self, whole: Stretch, plain: str) -> bool:
        match = _OFFENCE.match(plain)
        if match is None:
            return False
        self.subject = Stretch(whole.start, whole.start + match.end("who"))
        act = Stretch(whole.start + match.start("deed"), whole.start + match.end("deed"))
        consequence = trimmed(self.text, whole.start + match.start("sanction"), whole.end, _AROUND)
        self._add("prohibition", act, self.subject, None, consequence)
        return True

    def _impersonal(self, whole: Stretch, plain: str) -> bool:
        """`It is prohibited to …`, `The sale of organs is prohibited`."""
        if match := _IT_IS.search(plain):
            word = match.group("word").lower()
            modality: Deontic = "prohibition"
            if word in ("permissible", "permitted"):
                modality = "permission"
            elif word in ("mandatory", "compulsory"):
                modality = "obligation"
            who = None
            if match.group("who"):
                who = Stretch(whole.start + match.start("who"), whole.start + match.end("who"))
            self._act(modality, whole.start + match.end(), whole.end, who, None)
            return True
        ban = _PASSIVE_BAN.search(plain)
        if ban is None or _RELATIVE.search(plain[: ban.start()]) or _MODAL.search(plain[: ban.start()]):
            return False
        condition, start = self._opening(whole)
        act = trimmed(self.text, start, whole.start + ban.start(), _AROUND)
        later = self._later_condition(whole.start + ban.end(), whole.end)
        if act is not None:
            self._add("prohibition", act, None, condition or later, None)
        return act is not None

    def _later_condition(self, start: int, end: int) -> Stretch | None:
        match = _WHEN_LAST.search(" " + self.plain[start:end])
        return trimmed(self.text, start + max(0, match.start() - 1), end, _AROUND) if match else None

    def _act(self, modality: Deontic, start: int, end: int, subject: Stretch | None, condition: Stretch | None) -> None:
        """The act with its exception cut off, where that stands behind it."""
        match = _WHEN_LAST.search(self.plain, start, end)
        if match is not None and match.start() > start:
            own = self._without_citation(trimmed(self.text, match.start(), end, _AROUND))
            condition, end = condition or own, match.start()
        if condition is not None and " " not in self.text[condition.start : condition.end]:
            condition = None  # `may be processed where:` has its circumstances in the list below
        act = self._without_citation(trimmed(self.text, start, end, _AROUND))
        if act is not None:
            self._add(modality, act, subject, condition, None)
        else:
            self.pending = _Lead(modality, subject, condition)

    def _add(
        self,
        modality: Deontic,
        act: Stretch,
        subject: Stretch | None,
        condition: Stretch | None,
        consequence: Stretch | None,
    ) -> None:
        self.found.append(Found(modality, act, subject, condition, consequence, self.label))


def read(text: str, parts: Sequence[Part]) -> list[Found]:
    """The rules of an article, in the order of its text; `parts` are its provisions without their numbers."""
    return _Reader(text, parts).read()
