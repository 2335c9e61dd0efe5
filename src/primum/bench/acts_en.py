"""What an English provision forbids (must not, no person may, it is prohibited to) or demands (must, shall, should)."""

from __future__ import annotations

import re
from typing import Literal

from primum.bench.act import Act
from primum.records import Provision

__all__ = ["read"]

_MODAL = re.compile(r"\b(?:must|shall|should|may|cannot)\b(?:\s+(?:not|never)\b)?", re.I)
_NOBODY = re.compile(r"^no (?P<who>[^,;:]{0,60}?)\s+(?:may|shall|must|should)\s+(?P<deed>.+)$", re.I)
_PROHIBITED = re.compile(r"^it is (?:prohibited|forbidden) to\s+(?P<deed>.+)$", re.I)
_JOINT = re.compile(r"(?:,|\b(?:and|but|or))\s*$")
_REFERENCE = re.compile(
    r"\b(?:paragraph|subsection|section|article|clause|thereof|hereof|aforesaid|foregoing|pursuant|unless|except|provided that|referred|"
    r"apart from|other than|within the limits|"
    r"this (?:act|code|law|rule|regulation|standard|chapter)|such|following|above|below|penalt\w+|fine[ds]?|liable|imprison\w*)\b",
    re.I,
)
_STARTS_BADLY = re.compile(
    r"^(?:be|been|have|has|it|they|them|this|that|these|those|apply|include|exceed|mean|ensure that|also|only|at all times|not)\b",
    re.I,
)
_VAGUE = re.compile(
    r"^(?:respect|support|promote|strive|endeavou?r|act|remain|uphold|work|seek|take part|try|aim)\b", re.I
)
_AGENT = re.compile(
    r"\b(?:\w{2,}(?:ian|or|er|ist|ee)|nurse|staff|person|people|patient|plan|hospital|clinic|institution|professional|member|company|pharmac\w+"
    r"|organi[sz]ation|associate|body|everyone|anyone|individual|relative|user|team|facility|sponsor|midwife|student)(?:s|ies)?$",
    re.I,
)
_POSSESSIVE = re.compile(r"\b(?:their|his or her|his|her|its)\b", re.I)
_OWNER = re.compile(
    r"\b(?:patients?|persons?|people|participants?|child(?:ren)?|individuals?|donors?|relatives?|users?|clients?)\b",
    re.I,
)
_ANYBODY = re.compile(r"^(?:a |an |any |every |each |all )?(?:person|one|body|individual|people)s?$", re.I)
_STATE = re.compile(
    r"\b(?:court|minist(?:er|ry)|authority|government|state|council|commission|board|agency|parliament)\b", re.I
)


def read(text: str, lead: str, provision: Provision) -> list[Act]:
    """The acts in the plain `text` of a provision; `lead` is the sentence with a colon that opens its list, if it is an item."""
    if lead:
        return _item(text, lead)
    if provision.modality not in ("prohibition", "obligation"):
        return []
    found: list[Act] = []
    for sentence in re.split(r"(?<=[.;!?])\s+", text):
        found += _sentence(sentence.strip(" .;"))
    return found


def _sentence(sentence: str) -> list[Act]:
    """`A doctor must be honest, must not deceive, and shall report …`: one subject, and a deed after each modal verb."""
    for pattern in (_NOBODY, _PROHIBITED):
        if match := pattern.match(sentence):
            deed = match.group("deed")
            return [] if _MODAL.search(deed) else _made("prohibition", match.groupdict().get("who") or "", deed)
    # "a patient who cannot pay" says nothing of the subject's own duties
    modals = [m for m in _MODAL.finditer(sentence) if not re.search(r"\b(?:who|that|which)\s*$", sentence[: m.start()])]
    if not modals or "," in sentence[: modals[0].start()]:
        return []
    who = sentence[: modals[0].start()].strip()
    found: list[Act] = []
    for modal, after in zip(modals, [*modals[1:], None], strict=True):
        deed = sentence[modal.end() : after.start() if after else len(sentence)]
        if after and not _JOINT.search(deed):
            return found  # another subject begins somewhere in between
        while _JOINT.search(deed):
            deed = _JOINT.sub("", deed.rstrip())
        said = modal.group().lower()
        if said.endswith(("not", "never")):
            found += _made("prohibition", who, deed)
        elif said in ("must", "shall", "should") and who:
            found += _made("obligation", who, deed)
    return found


def _item(text: str, lead: str) -> list[Act]:
    match = re.match(
        r"^(?P<who>[^,;:]{0,80}?)\s*\b(?:must not|shall not|may not|should not|must never)\s*:$", lead, re.I
    )
    item = re.match(r"^(?P<deed>.+)$", re.sub(r"[;,.]?\s*(?:\b(?:or|and))?\s*$", "", text))
    if not match or not item:
        return []
    return _made("prohibition", match.group("who"), item.group("deed"))


def _made(modality: Literal["prohibition", "obligation"], who: str, deed: str) -> list[Act]:
    who, deed = who.strip(), deed.strip(" ,.;")
    if re.search(r", and (?:he|she|they|it)\b", deed) or (modality == "obligation" and _VAGUE.match(deed)):
        return []
    owned = _POSSESSIVE.search(deed)
    if owned and not _OWNER.search(deed[: owned.start()]):
        return []
    if (
        not 12 <= len(deed) <= 160
        or _REFERENCE.search(deed)
        or _STARTS_BADLY.match(deed)
        or re.search(r"[:\"“”]", deed)
    ):
        return []
    if (
        _STATE.search(who)
        or _REFERENCE.search(who)
        or re.match(r"(?:it|they|this|these|he|she|there|which|who)\b", who, re.I)
    ):
        return []
    if re.search(r"\bone that\b", deed) or not re.match(r"[a-z]+\b", deed):
        return []
    if _ANYBODY.match(who) or who.lower() in ("nobody", "everyone", "anyone"):
        who = ""
    head = re.split(r"\s(?:of|with|in|at|to|who|that|for|from|under)\s", who)[0]
    if who and not _AGENT.search(head):
        return []
    return [Act(modality, who, deed)]
