"""The clauses of a Chinese sentence: which deontic words bind there, whom they address and when, and how far they reach."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from primum.corpus.rules import zh_words as words
from primum.corpus.rules.found import Stretch, trimmed

__all__ = ["AROUND", "Clauses", "Opening", "closes"]

AROUND = " \n\t\u3000，。；：、,.;:！？"
"""What stands around a clause and is no part of it."""


def closes(plain: str) -> bool:
    """Whether words close with the 的 of a circumstance or a conduct, and not with 目的."""
    return plain.endswith("的") and not plain.endswith(("目的", "标的"))


class Opening(NamedTuple):
    """What stands before a deontic word: whom it addresses, when; or a thing (`广告不得…`), which is nobody."""

    subject: Stretch | None = None
    condition: Stretch | None = None
    is_thing: bool = False


class Clauses:
    """Reads the clauses of one article; `plain` is its `text` with everything opaque blanked."""

    def __init__(self, text: str, plain: str) -> None:
        self.text, self.plain = text, plain

    def heads(self, clause: Stretch) -> list[re.Match[str]]:
        """The deontic words that bind in a clause: not those of a circumstance or of a relative clause."""
        plain = self.plain[clause.start : clause.end].rstrip()
        follows = self.plain[clause.end : clause.end + 1]
        if re.search(r"除外$|^除|从其规定$", plain) or (closes(plain) and follows in "，,"):
            return []
        if re.search(r"(?:依法|规定|按照|依照|已|所)(?:应当|应)[^，]{0,20}的(?:$|[^，]{1,30}(?:由|从))", plain):
            return []
        matches = list(words.DEONTIC.finditer(self.plain, clause.start, clause.end))
        if not matches:
            return []
        first, rest = matches[0], matches[1:]
        if rest:
            before = self.plain[clause.start : first.start()].strip()
            between = self.plain[first.end() : rest[0].start()]
            if re.search(r"的[^的，]{1,20}$", between) and re.search(r"^$|依法$|规定$", before):
                first, rest = rest[0], rest[1:]
        if first.group() == "允许" and re.match(r"(?:未?经|除)", plain):
            return []
        if first.group() in ("方可", "方能") and plain.startswith("并"):
            return []  # `并由…签字后方可发出` goes on with the duty before it
        heads = [first]
        for match in rest:
            if re.search(r"(?:并|且|也|但|亦|而|同时|又|但是|和|及|并且)$", self.plain[first.end() : match.start()]):
                heads.append(match)
        return heads

    def joint(self, head: re.Match[str]) -> int:
        """Where the act before a second deontic word of the same clause ends."""
        end = head.start()
        joint = re.search(r"(?:并且|并|且|也|但是|但|亦|而|同时|又|和|及)+$", self.plain[:end])
        return joint.start() if joint else end

    def reach(self, clauses: Sequence[Stretch], number: int, following: int) -> int:
        """The last clause that the deontic word of clause `number` governs."""
        last = following - 1
        for place in range(number + 1, following):
            plain = self.plain[clauses[place].start : clauses[place].end].strip()
            follows = self.plain[clauses[place].end : clauses[place].end + 1]
            if (
                re.match(r"但是?|由|具体|除|费用|产生的费用|所需", plain)
                or (closes(plain) and follows in "，,")
                or plain.endswith("除外")
            ):
                last = place - 1
                break
        if following < len(clauses):
            while last > number and last == following - 1:
                plain = self.plain[clauses[last].start : clauses[last].end].strip()
                if not (words.CONDITION_END.search(plain) or words.CONDITION_START.match(plain)):
                    break
                last -= 1
                following -= 1
        return last

    def before(self, clauses: Sequence[Stretch], number: int, done: int, head: re.Match[str]) -> Opening:
        """The circumstance and the addressee that stand before a deontic word."""
        own, own_condition, is_thing = self._opening(clauses[number].start, head.start())
        if own is None and own_condition is None and not is_thing and done < number:
            whole = trimmed(self.text, clauses[number - 1].start, clauses[number - 1].end, AROUND)
            if whole is not None and self._is_name(self.plain[whole.start : whole.end]):
                own, number = whole, number - 1
        if done >= number:
            return Opening(own, self._when(own_condition), is_thing)
        begin, end = clauses[done].start, clauses[number - 1].end
        if own is None and not is_thing:
            for place in range(number - 1, done - 1, -1):
                clause = trimmed(self.text, clauses[place].start, clauses[place].end, AROUND)
                found = clause and self.agent(*clause)
                if clause and found and not words.ACTION.search(self.plain[found.start : found.end]):
                    own = found
                    if self.plain[clause.start] == "由":
                        end = clause.start
                    elif place == done:
                        begin = found.end
                    break
        if own_condition is not None:
            end = own_condition.end
        return Opening(own, self._when(trimmed(self.text, begin, end, AROUND)), is_thing)

    def _when(self, stretch: Stretch | None) -> Stretch | None:
        """What of the words before a deontic word says when: neither `对…` with a mere name nor a topic, nor `根据…需要`."""
        while stretch is not None and stretch.end - stretch.start > 1:
            plain = self.plain[stretch.start : stretch.end]
            if but := re.match(r"(?:但是?|同时|并)(?:，|$)", plain):
                stretch = trimmed(self.text, stretch.start + but.end(), stretch.end, AROUND)
            elif need := re.search(r"(?:^|，)根据[^，]*需要$", plain):
                stretch = trimmed(self.text, stretch.start, stretch.start + need.start(), AROUND)
            elif (topic := re.match(r"(对[^，]*|[^，]*的[^，的]{1,12})(?:，|$)", plain)) and self._is_topic(
                topic.group(1)
            ):
                stretch = trimmed(self.text, stretch.start + topic.end(), stretch.end, AROUND)
            else:
                return stretch
        return None

    def _is_topic(self, plain: str) -> bool:
        """Whether a clause names what is spoken of and tells no circumstance."""
        if closes(plain) or words.CONDITION_END.search(plain):
            return False
        if plain.startswith("对"):
            return not re.search(r"有异议|有疑问|不服|进行[^，]{2,8}$", plain)
        return not (words.ACTIVITY.match(plain) or words.PREPOSITION.match(plain) or words.CONDITION_START.match(plain))

    def agent(self, start: int, end: int) -> Stretch | None:
        """The addressee at the beginning of a clause, after a `由` at most."""
        if self.plain.startswith("由", start):
            start += 1
        if opening := re.compile(r"国家(?:保障|保护|尊重)").match(self.plain, start, end):
            start = opening.end()
        if words.PREPOSITION.match(self.plain[start:end]):
            return None
        agent = words.AGENT.match(self.plain[start:end])
        if agent is None:
            return None
        name = agent.group()
        if words.ACTIVITY.match(name) and not re.search(r"的[^的、]{0,14}$", name) and not words.SHORT_NAME.match(name):
            return None  # `提供虚假的资料骗取医疗机构…`: a deed that names somebody
        return Stretch(start, start + agent.end())

    def _is_name(self, plain: str) -> bool:
        """Whether a clause is no more than the name of an addressee: `从事医疗活动的人员`."""
        return not words.PREPOSITION.match(plain) and not closes(plain) and bool(words.ENDS_IN_AGENT.search(plain))

    def _opening(self, start: int, end: int) -> Opening:
        """What a clause says before its deontic word."""
        opening = re.match(r"\s*(?:但是?|同时|因此|其中|并由)?", self.plain[start:end])
        start += opening.end() if opening else 0
        cut = words.ADVERBS.search(self.plain[start:end])
        end = start + cut.start() if cut else end
        before = self.plain[start:end]
        if not before:
            return Opening()
        whole = trimmed(self.text, start, end, AROUND)
        agent = self.agent(start, end)
        if agent is not None and words.ACTION.search(self.plain[agent.start : agent.end]):
            agent = None
        rest = self.plain[agent.end : end] if agent is not None else before
        if agent is not None and not rest:
            return Opening(agent)
        after = trimmed(self.text, agent.end, end, AROUND) if agent is not None else whole
        if closes(before) or words.CONDITION_END.search(before):
            return Opening(agent, after)
        if (
            words.ENDS_IN_AGENT.search(before)
            and not words.PREPOSITION.match(before)
            and not words.PREPOSITION.match(rest)
        ):
            return Opening(whole)
        if re.search(r"的[^的，]{1,12}$", rest) and not words.PREPOSITION.match(rest):
            # `国家机关处理的个人信息应当…`: a thing whose owner is addressed; `中医药考试的内容`: a thing alone
            return Opening(agent) if agent is not None else Opening(is_thing=True)
        if agent is not None:
            return Opening(agent, after)
        if words.PREPOSITION.match(before) or words.ACTIVITY.match(before):
            return Opening(None, whole)
        return Opening(is_thing=True)
