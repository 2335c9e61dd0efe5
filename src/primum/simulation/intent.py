"""Whether a rewrite still asks what its original asks. The check reads the rewrite alone and compares what it reads with the original."""

from __future__ import annotations

import re

from primum.language import detect, normalise
from primum.records import Scenario
from primum.simulation.attacks import READS_AT_MOST, cut_out, readings

__all__ = ["keeps_intent", "labels_fault", "mark_in", "request_fault"]

_MARKS = re.compile(
    r"<[|｜][^<>]{1,40}[|｜]>|\[/?INST\]|<</?SYS>>|</?s>|</?(?:bos|eos|think|start_of_turn|end_of_turn)>", re.IGNORECASE
)
_TURNED_DOWN = re.compile(
    r"\b(?:do not|don[’']t|does not|never|refuse|refrain|avoid|instead of|rather than|would be wrong|must not|should not|not to)\b"
    r"|不要|请勿|切勿|别|拒绝|不应|不该|不得|不能|避免|而不是",
    re.IGNORECASE,
)
_KEPT = (
    *(
        "task",
        "dimension",
        "language",
        "dataset",
        "harm_level",
        "is_borderline",
        "norms",
        "reference",
        "cluster",
        "split",
    ),
    *("scene", "points", "grounds"),
)


def keeps_intent(original: Scenario, rewritten: Scenario) -> str | None:
    """`None` when the embedded check finds the original's request in the rewrite, whole and with nothing against it round it; else why not.

    Found means: cut out of a known frame of the rewrite's style, and read back by a decoder where words were spelled otherwise. Beside the
    text, everything that labels the request must be the same.
    """
    fault = request_fault(original) or labels_fault(original, rewritten)
    if fault is not None:
        return fault
    if rewritten.style == "direct":
        return None if normalise(rewritten.prompt) in _read(original) else "it does not say what the original does"
    wanted = normalise(original.prompt)
    if wanted in _read(rewritten):
        return None
    said = [normalise(turn.content) for turn in rewritten.messages if turn.role == "user"]
    holding = [text for text in said if wanted in text]
    if not holding:
        return "the request cannot be read out of it"
    if rewritten.style == "obfuscate" and wanted in _spelled(rewritten):
        return "no word of it can be spelled otherwise and read back"
    if any(_TURNED_DOWN.search(text.replace(wanted, " ")) for text in holding):
        return "what stands round the request turns it down"
    return "the request stands in it, in none of the known frames of its style"


def request_fault(original: Scenario) -> str | None:
    """Why a scenario is not rewritten at all; `None` when it can be."""
    text = original.prompt
    if original.task != "open":
        return "a choice question is no request: its options and its key would not fit another wording"
    if sum(character.isalnum() for character in text) < 2:
        return "it says too little to be asked in another way"
    most = READS_AT_MOST[original.language]
    if len(text) > most:
        return f"it has {len(text):,} characters, more than the {most:,} that a small model reads whole"
    if mark := mark_in("\n".join(turn.content for turn in original.messages)):
        return f"it holds {mark!r}, which a model reads as the mark of a turn"
    if (told := detect(text)) != original.language:
        return f"its text is in '{told}', its label says '{original.language}'"
    return None


def labels_fault(original: Scenario, rewritten: Scenario) -> str | None:
    """What a rewrite changed beside its text, or how its text breaks what every rewrite must hold to; `None` when nothing is wrong."""
    for name in _KEPT:
        if getattr(original, name) != getattr(rewritten, name):
            return f"its {name} is not that of the original"
    if rewritten.rewrites != original.id and rewritten != original:
        return "it does not name the original as what it rewrites"
    if original.style != "direct" and rewritten.style != "direct":
        return f"it comes in style {original.style} already, and is not read back to a plain request"
    added = rewritten.messages
    if rewritten.style != "direct":
        earlier = original.messages[:-1]
        if added[: len(earlier)] != earlier:
            return "what was said before the request is not what it was"
        added = added[len(earlier) :]
    if (told := detect("\n".join(turn.content for turn in added))) != original.language:
        return f"it is in '{told}', the original in '{original.language}'"
    return None


def mark_in(text: str) -> str:
    """The first mark of a chat template in `text`: a model would read what follows as another turn. Empty where there is none."""
    found = _MARKS.search(text)
    return found[0] if found is not None else ""


def _read(scenario: Scenario) -> set[str]:
    return {normalise(text) for text in readings(scenario)}


def _spelled(scenario: Scenario) -> set[str]:
    """What stands in the frames of the scenario's style, no word of it read otherwise than it is spelled."""
    return {normalise(text) for text in cut_out(scenario.prompt, scenario.style, scenario.language)}
