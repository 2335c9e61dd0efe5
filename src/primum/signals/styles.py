"""How a request comes: straight, as a pretext, disguised, in a role, or again and again; told by its words and turns.

Rules, so a style is a claim about the wording and not about the intent: an honest question may be asked for a friend.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from primum.language import words
from primum.records import Style, Turn

__all__ = ["is_refusal", "style_of"]

_ROLE = re.compile(
    r"(?i)\b(?:pretend|role[- ]?play|act as|acting as|play(?:ing)? the (?:role|part)|you are now|"
    r"from now on you are|imagine (?:that )?you(?:'re| are| were)|"
    r"suppose you(?:'re| are| were)|you(?:'re| are) (?:an? )?(?:unrestricted|uncensored|evil|fictional)|stay in character|in the voice of|"
    r"respond as|answer as|speak as|as if you were|let'?s play a game|in this (?:scene|game|role)|your character|DAN mode)\b"
    r"|扮演|假扮|角色|假装你|装作|假设你是|假如你是|想象你是|设想你是|你现在是|从现在起你是|从现在开始你|以.{1,12}的(?:身份|口吻|语气)|充当|饰演|代入|你就是一[位名个]|演一场|剧本里你|玩个游戏"
)
_PRETEXT = re.compile(
    r"(?i)\b(?:hypothetical(?:ly)?|in theory|theoretically|for (?:a|my|the|our) (?:novel|story|book|"
    r"screenplay|script|thesis|essay|class|course|research|training|study|play|film|movie|lecture)|"
    r"asking for a friend|a friend (?:of mine )?(?:wants|asked|asks|would like)|(?:someone|somebody|"
    r"a colleague|a neighbou?r|a relative) (?:i know )?(?:wants|asked|asks|would like|told me)|"
    r"out of curiosity|just curious|what if (?:someone|somebody|a person)|how (?:might|would|could) (?:someone|somebody|a person|one)|"
    r"(?:i am|i'm) (?:writing|researching|preparing)|for educational purposes|academic(?:ally)?|"
    r"case study|purely for|not that i would|in a story|the (?:villain|protagonist|character) )\b"
    r"|假如有人|如果有人|要是有人|设想有人|理论上|纯粹好奇|出于好奇|好奇问|替朋友|帮朋友|朋友(?:想|让我|托我)|有人(?:想|问我|托我)|同事(?:想|让我|托我)|亲戚(?:想|让我|托我)|"
    r"写(?:一?[部本篇个])?(?:小说|剧本|论文|故事|文章|报告)|小说里|剧本里|故事里|(?:论文|课题|研究|教学|培训|学术)(?:需要|用途|要用|目的|中)|案例(?:讨论|分析)|假设性|随便问问|不是我要"
)
_PRESSING = re.compile(
    r"(?i)\b(?:just (?:tell|give|do|answer|say|write)|i (?:already )?(?:told|asked|said)|(?:as|"
    r"like) i said|i(?:'m| am) asking (?:you )?again|once more|again[,:]|stop (?:refusing|lecturing|"
    r"saying)|you (?:must|have to|need to)|"
    r"come on|don'?t (?:refuse|lecture|give me)|still (?:need|want|waiting)|no excuses|answer (?:me|"
    r"the question)|last chance|i insist|what do you mean you can'?t|ignore (?:that|the|your))\b"
    r"|再说一遍|再问(?:你)?一[次遍]|我都说了|我说了|我已经(?:说|问)|你必须|一定要告诉|快告诉|别(?:拒绝|推脱|废话|啰嗦|说教)|不要(?:拒绝|推脱|说教)|直接(?:告诉|回答|说|给|写)|还是要|坚持|最后问|少废话|求你|到底|不行也得"
)
_REFUSAL = re.compile(
    r"(?i)\b(?:i (?:can(?:no|')t|am not able|am unable|won'?t|will not|must decline|decline|refuse|"
    r"shouldn'?t)|i'?m (?:sorry|unable|not able)|cannot (?:help|assist|provide|share|give)|can'?t (?:help|"
    r"assist|provide|share|give)|not (?:something|able) )"
    r"|不能(?:提供|帮|告诉|协助|回答|这样|说)|无法(?:提供|帮|告诉|协助|回答|满足)|不(?:便|可以)(?:提供|帮|告诉|透露)|抱歉|对不起|恕我|拒绝|不予"
)
_LEET = re.compile(r"\b(?=[A-Za-z0-9@$!|]{4,}\b)[A-Za-z]+[0134578@$!|]+[A-Za-z]+[A-Za-z0134578@$!|]*\b")
_SPACED = re.compile(r"\b(?:[A-Za-z][ .\-_*]){4,}[A-Za-z]\b")
_STARRED = re.compile(
    r"[A-Za-z]{1,12}[*_~^]{1,3}[A-Za-z]{1,12}|[\u4e00-\u9fff][*#·.\-_/|~^+]{1,2}[\u4e00-\u9fff](?:[*#·.\-_/|~^+]{1,2}[\u4e00-\u9fff])"
)
_ENCODED = re.compile(
    r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{24,}={0,2}|(?:[0-9A-Fa-f]{2}[ ]?){16,}|(?:[01]{8}\s?){4,})(?![A-Za-z0-9+/])"
)
_MIXED = re.compile(r"[A-Za-z][\u0370-\u03ff\u0400-\u04ff]|[\u0370-\u03ff\u0400-\u04ff][A-Za-z]{2}")
_TOLD = re.compile(
    r"(?i)\b(?:base64|rot13|caesar|leetspeak|decode (?:this|the)|pig latin|reversed? (?:text|letters)|"
    r"backwards)\b|谐音|拆字|倒着(?:读|念)|反过来(?:读|念)|火星文|暗号|拼音首字母|替换成"
)
_PLAIN_LEET = re.compile(
    r"(?i)^(?:[a-z]{1,6}\d{1,4}[a-z]?|\d+[a-z]+|[a-z]+-?\d+(?:st|nd|rd|th|mg|ml|mcg)?|covid19|vitamin\w*|"
    r"hba1c|sars\d?|t\d\w*|h\d+n\d+|b12\w*|spo2|paco2|pao2|fio2|co2\w*|cyp\w+|her2\w*|brca\d\w*|p2y12|a1c|"
    r"il\d+\w*)$"
)


def is_refusal(text: str) -> bool:
    """Whether an answer says somewhere that it will not or cannot."""
    return _REFUSAL.search(text) is not None


def style_of(turns: Sequence[Turn]) -> Style:
    """The style of the last request of a conversation, which ends with a user's turn.

    Pressure over turns goes before the others, then a role, then a disguise, then a pretext.
    """
    last = turns[-1].content
    if _is_pressed(turns):
        return "multi_turn"
    if _ROLE.search(last):
        return "role_play"
    if _is_disguised(last):
        return "obfuscate"
    return "indirect" if _PRETEXT.search(last) else "direct"


def _is_pressed(turns: Sequence[Turn]) -> bool:
    """Whether a refused request comes again: with words that press, or in nearly its own words."""
    last = turns[-1].content
    asked: list[str] = []
    refused: list[str] = []
    for turn in turns[:-1]:
        if turn.role == "user":
            asked.append(turn.content)
        elif turn.role == "assistant" and asked and is_refusal(turn.content):
            refused.append(asked[-1])
    if not refused:
        return False
    return _PRESSING.search(last) is not None or any(_overlap(last, earlier) >= 0.3 for earlier in refused)


def _overlap(one: str, other: str) -> float:
    """The share of the shorter one's words that the other says too."""
    own, others = set(words(one)), set(words(other))
    return len(own & others) / max(1, min(len(own), len(others)))


def _is_disguised(text: str) -> bool:
    if (
        _TOLD.search(text)
        or _SPACED.search(text)
        or _ENCODED.search(text)
        or _MIXED.search(text)
        or _STARRED.search(text)
    ):
        return True
    return sum(1 for word in _LEET.findall(text) if not _PLAIN_LEET.match(word)) >= 1
