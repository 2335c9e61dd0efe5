"""Sanction clauses of a Chinese article: conduct that is punished, who is punished for it, and in which circumstance."""

from __future__ import annotations

import re

from primum.corpus.rules import zh_words as words
from primum.corpus.rules.found import Stretch, trimmed
from primum.corpus.rules.zh_clauses import AROUND, Clauses

__all__ = ["Sanctions"]

_CONDUCT_END = re.compile(
    r"(?<![目标])的(?=，|由)|之一(?=，(?:由|构成))|(?<=.)(?=，(?:由[^，。；]{2,60})?(?:责令|给予|处|没收))"
)
_IN_LIST = re.compile(r"(?<![目标])的(?=，|由)|之一(?=，)")


class Sanctions:
    """Finds punished conduct in one article."""

    def __init__(self, clauses: Clauses) -> None:
        self.clauses = clauses
        self.text, self.plain = clauses.text, clauses.plain

    def closing(self, segment: Stretch, is_list: bool = False) -> int | None:
        """Where the `的` stands that closes a punished conduct, `None` where the segment punishes nothing."""
        plain = self.plain[segment.start : segment.end]
        for match in (_IN_LIST if is_list else _CONDUCT_END).finditer(plain):
            if not match.group() and "违反" not in plain[: match.start()]:
                continue
            if is_list and not words.LISTED.search(plain[: match.start()]):
                continue
            rest = plain[match.end() :].lstrip("，")
            until = re.search(r"[^，](?<![目标])的，", rest)
            head = rest[: until.start()] if until else rest
            if not is_list and (
                re.match(r"应|必须|有权|不得|申请|可(?=在|向|自|凭)", head) or words.REWARD.search(head)
            ):
                return None
            deed, sanction = words.DEONTIC.search(head), words.SANCTION.search(head)
            if deed and not is_list and (sanction is None or deed.start() < sanction.start()):
                # `可以处…罚款` punishes; `可以采取…措施，责令…` and `可以责令其召回` are what an office may do
                tail = head[deed.end() :]
                is_remedy = tail.startswith("责令") and not re.search("罚款|吊销|没收|处分|警告", tail)
                if (
                    sanction is None
                    or deed.end() + 6 < sanction.start()
                    or deed.group() in ("应当", "必须")
                    or is_remedy
                ):
                    return None
            # liability alone is no sanction; beside prosecution for the same breach it opens one
            is_liable = re.match(r"(?:由[^，]{1,20})?(?:依法)?承担", head)
            rest_of_sentence = self.plain[segment.end :].split("。", 1)[0]
            if sanction or (is_liable and words.SANCTION.search(rest_of_sentence)):
                return segment.start + match.start()
        return None

    def conduct(self, start: int, cut: int) -> tuple[Stretch | None, Stretch | None, Stretch | None]:
        """Who is punished, for what, and in which circumstance: `在…工作中`, `构成犯罪的`."""
        whole = trimmed(self.text, start, cut, AROUND)
        if whole is None:
            return None, None, None
        subject, condition = None, None
        begin = self._after_breach(whole.start, cut)
        agent = self.clauses.agent(begin, cut)
        if named := re.match(
            r"对[^，]*?的[^，的]{0,12}?(?:部门|机构|人员|单位)(?:及其工作人员)?", self.plain[begin:cut]
        ):
            agent = Stretch(begin, begin + named.end())
        if agent is not None and agent.end < cut and not words.ACTION.search(self.plain[begin : agent.end]):
            subject = Stretch(begin, agent.end)
            begin = self._after_breach(agent.end, cut)
        if within := re.compile(r"，?(在[^，]{2,40}?(?:中|过程中|期间))(?:，|(?=违反|有下列|有以下))").match(
            self.plain, begin, cut
        ):
            condition = Stretch(within.start(1), within.end(1))
            begin = self._after_breach(within.end(), cut)
        end = cut
        while graded := words.GRADED.search(self.plain[begin:end]):
            end = begin + graded.start()
            condition = condition or trimmed(self.text, end, cut + 1, AROUND)
        return subject, trimmed(self.text, begin, end, AROUND), condition

    def _after_breach(self, start: int, cut: int) -> int:
        """Past `违反本法规定，`, where a conduct of its own follows."""
        match = re.compile(r"，?违反[^，]{0,60}?规定，").match(self.plain, start, cut)
        if match is None or re.match("[或并且]|构成|造成|情节|给[^，]*造成|致|尚", self.plain[match.end() : cut]):
            return start
        return match.end()
