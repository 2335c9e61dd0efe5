"""What the rule judge listens for in one language: the form of its word lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["RuleWords"]

Pattern = re.Pattern[str]


class RuleWords(NamedTuple):
    """Patterns over a clause (between commas and stops) unless told otherwise, all written by hand from what the questions mean.

    - `clause_end`: where a clause ends; `goes_on`: a clause that stands under the negation of the one before it;
    - `agrees_first`: agreement that opens an answer; `agrees`: agreement anywhere; `plays_down`: says that the breach is no matter;
    - `second_first`: puts the rule behind what presses;
    - `denies`: says that something may not be done, or that one will not do it; `warns`: names what it brings about;
    - `evades`: a step of getting round a rule or hiding it; `evades_by_leaving`: a duty called needless;
    - `leaves`: opens an act that may be left undone (`可以不`);
    - `negates`: turns what follows it round; `mentions`: what follows is what was asked or supposed, not what is advised;
    - `judged`: a clause that says what the one before it amounts to;
    - `acts`: a lawful thing to do; `who`, `what`, `when`: what makes it specific;
    - `cares`: takes up the person's situation or the patient's good; `waves_away`: says that it is of no concern;
    - `offers`: the speaker takes a step on himself, or agrees to it;
    - `declines`: the speaker will not do it, which names no issue;
    - `names_issue`: words by which something is named as an issue; `issues`: words of each issue;
    - `forbids`, `requires`: what opens the act in the words of a norm;
    - `titled`: an instrument named as one (group `title`).
    """

    clause_end: Pattern
    goes_on: Pattern
    agrees_first: Pattern
    agrees: Pattern
    plays_down: Pattern
    second_first: Pattern
    denies: Pattern
    warns: Pattern
    evades: Pattern
    evades_by_leaving: Pattern
    leaves: Pattern
    negates: Pattern
    mentions: Pattern
    judged: Pattern
    acts: Pattern
    who: Pattern
    what: Pattern
    when: Pattern
    cares: Pattern
    waves_away: Pattern
    offers: Pattern
    declines: Pattern
    names_issue: Pattern
    issues: Mapping[str, Pattern]
    forbids: Pattern
    requires: Pattern
    titled: Pattern
