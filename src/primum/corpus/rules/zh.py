"""The rules of a Chinese article, clause by clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from primum.corpus.rules import zh_words as words
from primum.corpus.rules.found import Found, Part, Stretch, blank, trimmed
from primum.corpus.rules.zh_clauses import AROUND, Clauses, closes
from primum.corpus.rules.zh_sanctions import Sanctions
from primum.records import Deontic

__all__ = ["read"]

_SENTENCE = re.compile(r"[^。！？\n]+")
_SEGMENT = re.compile(r"[^；;]+")
_CLAUSE = re.compile(r"[^，,：:]+")


_GOES_ON = re.compile(
    r"对|根据|按照|依照|严格|及时|依法|积极|定期|并|为|向|将|加强|开展|建立|健全|制定|组织|做好|采取|落实|保证|确保|指导|协助|配合"
    r"|妥善|如实|立即|主动|发现"
)
_MANNER = re.compile(r"根据|按照|针对|依照|在[^，]*(?:下|内|中|时)$|通过")


class _Lead(NamedTuple):
    """How a list is opened: what holds for each of its items. `modality` is `None` where the items speak for themselves."""

    modality: Deontic | None
    subject: Stretch | None
    condition: Stretch | None = None
    consequence: Stretch | None = None
    is_closed: bool = False  # the items say when, not what


class _Reader:
    """Reads one article; `subject` is the last addressee named in the paragraph."""

    def __init__(self, text: str, parts: Sequence[Part]) -> None:
        self.text = text
        self.plain = blank(blank(text, words.OPAQUE), words.OPAQUE)
        self.clauses = Clauses(text, self.plain)
        self.sanctions = Sanctions(self.clauses)
        self.parts = parts
        self.found: list[Found] = []
        self.subject: Stretch | None = None
        self.label = ""

    def read(self) -> list[Found]:
        leads: dict[int, _Lead] = {}
        for number, part in enumerate(self.parts):
            self.label = part.label
            opens = number + 1 < len(self.parts) and self.parts[number + 1].depth > part.depth
            if part.depth == 0:
                self.subject, leads = None, {}
                lead = self._paragraph(part, opens)
            else:
                lead = self._item(part, leads.get(part.depth - 1, _Lead(None, self.subject)), opens)
            leads[part.depth] = lead
        return self.found

    def _paragraph(self, part: Part, opens: bool) -> _Lead:
        sentences = [Stretch(*match.span()) for match in _SENTENCE.finditer(self.plain, part.start, part.end)]
        lead = _Lead(None, None)
        for number, sentence in enumerate(sentences):
            if opens and number == len(sentences) - 1:
                lead = self._lead(sentence)
            else:
                self._sentence(sentence)
        return lead

    def _item(self, part: Part, lead: _Lead, opens: bool) -> _Lead:
        if lead.is_closed:
            return lead
        if lead.modality is None:
            if lead.subject is not None and self.text[lead.subject.start : lead.subject.end] != "国家":
                self.subject = lead.subject
            return self._paragraph(part, opens)
        sentences = [Stretch(*match.span()) for match in _SENTENCE.finditer(self.plain, part.start, part.end)]
        if lead.modality == "obligation" and self._turns(part):
            self.subject = lead.subject
            return self._paragraph(part, opens)
        if opens:
            return lead
        act = trimmed(self.text, sentences[0].start, sentences[0].end, AROUND) if sentences else None
        if act is not None and lead.consequence is not None and closes(self.text[act.start : act.end]):
            act = trimmed(self.text, act.start, act.end - 1, AROUND)
        if act is not None:
            self._add(lead.modality, act, lead.subject, lead.condition, lead.consequence)
        for sentence in sentences[1:]:
            self._sentence(sentence)
        return lead

    def _turns(self, part: Part) -> bool:
        """Whether an item of a list of duties forbids."""
        first = re.compile(r"[^；;。]+").search(self.plain, part.start, part.end)
        found = first and words.DEONTIC.search(self.plain, first.start(), first.end())
        if not first or not found or found.lastgroup != "prohibition":
            return False
        return not re.match(r".{0,30}(?<![目标])的[^，]", self.plain[found.end() : first.end()])

    # -- leads

    def _lead(self, sentence: Stretch) -> _Lead:
        """The sentence that opens a list: a lead whose list follows its deontic word, or a rule under the listed circumstances."""
        plain = self.plain[sentence.start : sentence.end]
        if words.LISTED.search(plain) and (cut := self.sanctions.closing(sentence, "行为之一" in plain)) is not None:
            subject, conduct, condition = self.sanctions.conduct(sentence.start, cut)
            self._remember(subject)
            consequence = trimmed(self.text, cut + 1, sentence.end, AROUND)
            if words.LISTED.search(self.plain, sentence.start, cut):
                if (
                    condition is not None
                    and conduct is not None
                    and words.LISTED.search(self.plain, condition.start, condition.end)
                ):
                    condition = None
                return _Lead("prohibition", subject, condition, consequence)
        segments = list(_SEGMENT.finditer(self.plain, sentence.start, sentence.end))
        for segment in segments[:-1]:
            self._segment(Stretch(*segment.span()))
        last = Stretch(*segments[-1].span()) if segments else sentence
        before = len(self.found)
        self._segment(last)
        made = self.found[before:]
        is_when = bool(re.search(r"(?:下列|以下|如下)[^，。：]{0,14}(?:情形|情况)", plain))
        if not made:
            return _Lead(None, self._first_agent(last), is_closed=is_when)
        final = made[-1]
        is_open = words.LISTED.search(self.plain, final.act.start, last.end) or self.text[
            final.act.start : last.end
        ].strip() in ("：", ":")
        is_circumstance = re.search(r"(?:下列|以下)[^，]{0,16}(?:之一)?的，", self.plain[final.act.start : last.end])
        if is_open and not is_circumstance:
            self.found.pop()
            self._beside_list(final, last.end)
            joined = re.search(r"，并(?!不得)[^，]*(?:下列|以下|如下)", self.plain[final.act.start : last.end])
            if final.modality == "prohibition" and joined and any(one.modality == "obligation" for one in made):
                final = final._replace(modality="obligation")  # `应当…，不得…，并符合下列条件`
            return _Lead(final.modality, final.subject, final.condition)
        if not words.LISTED.search(plain) and plain.rstrip().endswith(("：", ":")):
            self.found.pop()
            return _Lead(final.modality, final.subject, final.condition)
        return _Lead(None, final.subject, is_closed=True)

    def _beside_list(self, final: Found, end: int) -> None:
        """An act that the lead demands beside its list: `应当符合下列条件，并经…批准`."""
        clauses = [Stretch(*match.span()) for match in _CLAUSE.finditer(self.plain, final.act.start, end)]
        listing = next(
            (n for n, clause in enumerate(clauses) if words.LISTED.search(self.plain, *clause)), len(clauses)
        )
        for some in (clauses[:listing], clauses[listing + 1 :]):
            if some:
                start, stop = some[0].start, some[-1].end
                start += 1 if self.plain.startswith("并", start) else 0
                act = trimmed(self.text, start, stop, AROUND)
                if act is not None and not (len(some) == 1 and _MANNER.match(self.plain[act.start : act.end])):
                    self._add(final.modality, act, final.subject, final.condition, None)

    # -- sentences

    def _sentence(self, sentence: Stretch) -> None:
        punished = bool(self.found and self.found[-1].consequence and self.found[-1].label == self.label)
        begun = False  # the sanction stands in this sentence
        for match in _SEGMENT.finditer(self.plain, sentence.start, sentence.end):
            segment = Stretch(*match.span())
            cut = self.sanctions.closing(segment)
            plain = self.plain[segment.start : segment.end]
            if cut is None:
                if ((begun or punished) and words.SANCTION.search(plain)) or (
                    begun and not words.DEONTIC.search(plain)
                ):
                    if punished:
                        self._prolong(segment)
                else:
                    self._segment(segment)
                continue
            if words.AGGRAVATED.match(plain.strip()) or (begun and plain.strip()[:1] in "由对"):
                if punished:
                    self._prolong(segment)
                begun = True
                continue
            subject, conduct, condition = self.sanctions.conduct(segment.start, cut)
            consequence = trimmed(self.text, cut + 1, segment.end, AROUND)
            if conduct is not None:
                self._remember(subject)
                self._add("prohibition", conduct, subject, condition, consequence)
                punished = begun = True

    def _prolong(self, segment: Stretch) -> None:
        """The sanction of the last rule goes on with a graver case."""
        last = self.found[-1]
        if last.consequence is not None:
            end = trimmed(self.text, segment.start, segment.end, AROUND)
            if end is not None:
                self.found[-1] = last._replace(consequence=Stretch(last.consequence.start, end.end))

    # -- clauses

    def _segment(self, segment: Stretch) -> None:
        clauses = [Stretch(*match.span()) for match in _CLAUSE.finditer(self.plain, segment.start, segment.end)]
        heads = {number: self.clauses.heads(clause) for number, clause in enumerate(clauses)}
        binding = [number for number in heads if heads[number]]
        if not binding:
            plain = self.plain[segment.start : segment.end].strip()
            if plain.startswith("但") or plain.endswith("除外"):
                self._exception(clauses, 0, len(clauses))
            else:
                self._goes_on(segment)
        done = 0  # clauses before this one are spoken for
        carried: Stretch | None = None
        is_thing = False
        for place, number in enumerate(binding):
            following = binding[place + 1] if place + 1 < len(binding) else len(clauses)
            last = self.clauses.reach(clauses, number, following)
            opening = self.clauses.before(clauses, number, done, heads[number][0])
            self._remember(opening.subject)
            if opening.subject is not None or opening.is_thing:
                is_thing = opening.is_thing
                carried = opening.condition
            carried = opening.condition or carried
            for turn, head in enumerate(heads[number]):
                is_last = turn + 1 == len(heads[number])
                end = clauses[last].end if is_last else self.clauses.joint(heads[number][turn + 1])
                self._bind(head, end, carried, None if is_thing else self.subject)
            done = last + 1
            self._exception(clauses, done, following)

    def _goes_on(self, segment: Stretch) -> None:
        """After a semicolon, what the last duty of the sentence also demands: `应当建立…；严格按照…组织生产`."""
        plain = self.plain[segment.start : segment.end]
        before = self.plain[: segment.start].rstrip("；;")
        if not self.found or len(before) == segment.start or self.found[-1].consequence is not None:
            return
        last = self.found[-1]
        is_same = last.act.end >= len(before.rstrip()) and last.modality != "permission"
        if not is_same or not _GOES_ON.match(plain.strip()) or re.search(r"(?<![目标])的，|由|负责", plain):
            return
        act = trimmed(self.text, segment.start, segment.end, AROUND)
        if act is not None:
            self._add(last.modality, act, last.subject, None, None)

    def _exception(self, clauses: Sequence[Stretch], done: int, following: int) -> None:
        """`但…除外` after an act is when the rule does not hold."""
        if done >= following or not self.found or self.found[-1].condition is not None:
            return
        for place in range(done, following):
            if self.plain[clauses[place].start : clauses[place].end].strip().endswith("除外"):
                start = clauses[done].start
                condition = trimmed(self.text, start, clauses[place].end, AROUND)
                self.found[-1] = self.found[-1]._replace(condition=condition)
                return

    # -- results

    def _bind(self, head: re.Match[str], end: int, condition: Stretch | None, subject: Stretch | None) -> None:
        modality: Deontic = head.lastgroup  # type: ignore[assignment]
        start = head.end()
        if head.group() in ("有", "负有", "享有", "享受", "承担"):
            close = re.compile(r"的?(?:义务|权利)(?=$|[，。；、]|和义务)").search(self.plain + "。", start, end + 1)
            end = close.start() if close and close.start() > start else end
        act = trimmed(self.text, start, end, AROUND)
        if act is None:
            return
        if self.plain.startswith("由", act.start):  # `应当由X…` addresses X
            subject = self.clauses.agent(*act) or subject
        self._add(modality, act, subject, condition, None)

    def _first_agent(self, sentence: Stretch) -> Stretch | None:
        agent = words.AGENT.match(self.plain[sentence.start : sentence.end])
        return Stretch(sentence.start, sentence.start + agent.end()) if agent else self.subject

    def _remember(self, subject: Stretch | None) -> None:
        if subject is not None:
            self.subject = subject

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
