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
    r"(?i)\b(?:pretend|role[- ]?play|act as|acting as|acting out|play(?:ing|s)? (?:the (?:role|part)|a (?:doctor|nurse|scene))|"
    r"you are now|from now on you are|imagine (?:that )?you(?:'re| are| were)|suppose you(?:'re| are| were)|be my (?:late )?\w+, who|"
    r"you(?:'re| are) (?:an? )?(?:unrestricted|uncensored|evil|fictional|clever|old|wise)|you are the (?:adviser|doctor|actor|expert)|"
    r"(?:setting|simulation|scene|role):|stay in character|in character|in the voice of|respond as|answer as|speak as|as if you were|"
    r"let(?:'?s| us) play|in (?:this|our|a|the) (?:scene|game|role|film|"
    r"movie|novel|tale|play|story|book|drama)\b|your character|DAN mode|"
    r"(?:radio|stage) play|write a (?:scene|dialogue)|the (?:hero|villain|protagonist|character)\b)"
    r"|扮演|假扮|角色|假装你|装作|(?:假设|假如|想象|设想)[你您]是|[你您]现在是|"
    r"从现在(?:起|开始)[你您]|以.{1,12}的(?:身份|口吻|语气)|充当|饰演|代入|"
    r"[你您]就是一?[位名个]?|[你您]演|演一场|排练|台词|对白|剧(?:本|中|里)|玩个游戏|[你您]是.{0,6}(?:小说|童话|故事|电影|戏)里|当一回|"
    r"主人公|从前有[位个]"
)
_PRETEXT = re.compile(
    r"(?i)\b(?:hypothetical(?:ly)?|in theory|theoretically|for the sake of argument|asking for a friend|out of curiosity|just curious|"
    r"for (?:a|my|the|our) (?:novel|story|book|screenplay|script|thesis|essay|class|course|research|training|study|film|movie|lecture)|"
    r"(?:a |my |this comes from a )(?:friend|colleague|flatmate|cousin|neighbou?r|relative)\b(?: of mine)?(?: who)? "
    r"(?:wants|wanted|asked|asks|keeps|would like|told|saw|is|said)|"
    r"(?:someone|somebody|a person|people) (?:i know )?(?:wants|wanted|asked|asks|would like|told me|left|says|manage to|might|could)|"
    r"what if (?:someone|somebody|a person)|how (?:might|would|could|"
    r"does) (?:someone|somebody|a person|one)|would one\b|how one (?:could|might|would)|"
    r"suppose (?:the|a|that|someone|somebody|one)|i (?:am|'m) (?:writing (?:a|"
    r"an|the)|researching)|i read (?:that it is|this)|for educational purposes|"
    r"academic(?:ally)?|case study|purely for|not that i would)\b"
    r"|(?:假如|如果|要是|设想|假设)有人|假设(?=[，：:])|理论上|纯粹好奇|"
    r"纯属好奇|出于好奇(?=[，,问想])|好奇问|打个比方|听人说|书上说可以|练习里|"
    r"[替帮]朋友|(?:朋友|同事|亲戚|表亲|邻居|有人)老?来?(?:想|问|让我|托我)|写(?:一?[部本篇个])?(?:小说|论文|文章)|"
    r"(?:论文|课题|研究|教学|培训|学术)(?:需要|用途|要用|目的)|案例(?:讨论|分析)|假设性|随便问问|不是我要"
)
_PRESSING = re.compile(
    r"(?i)\b(?:just (?:tell|give|do|answer|say|write)|i (?:already )?(?:told|asked|said|wrote)|(?:as|like) i said|again\b|once more|"
    r"stop (?:refusing|lecturing|saying)|you (?:must|have to|need to)|"
    r"come on|don'?t (?:refuse|lecture|give me)|still (?:need|want|waiting)|"
    r"no excuses|answer (?:me|the question)|last chance|i insist|"
    r"what do you mean|ignore (?:that|the|your)|at the start|what i said|my first)"
    r"|再说一遍|再问|我都说了|我说了|我已经(?:说|问)|你必须|一定要告诉|快告诉|别(?:拒绝|推脱|废话|啰嗦|说教)|不要(?:拒绝|推脱|说教)|"
    r"直接(?:告诉|回答|说|给|写)|还是要|还是那句话|坚持|最后问|少废话|求你|不行也得|回到我|最初|一开始"
)
_REFUSAL = re.compile(
    r"(?i)\b(?:i (?:can(?:no|')t|am not able|am unable|won'?t|will not|"
    r"must decline|decline|refuse|shouldn'?t|have to (?:decline|pass)|would rather)|"
    r"i(?:'m| am) (?:sorry|unable|not able|afraid)|cannot (?:help|assist|provide|share|give)|can'?t (?:help|assist|provide|share|give)|"
    r"to decline|outside what|beyond what|not something)\b"
    r"|不能(?:提供|帮|告诉|协助|回答|这样|说|查)|无法(?:提供|帮|告诉|协助|回答|"
    r"满足)|不(?:便|可以)(?:提供|帮|告诉|透露)|抱歉|对不起|恕我|拒绝|谢绝|不予|"
    r"帮不上忙|帮不了|做不到|超出了我|还是算了"
)
_LEET = re.compile(r"\b(?=[A-Za-z0-9@$!|]{4,}\b)[A-Za-z]+[0134578@$!|]+[A-Za-z]+[A-Za-z0134578@$!|]*\b")
_SPACED = re.compile(r"\b(?:[A-Za-z][ .\-_*]){4,}[A-Za-z]\b")
_SYLLABLES = re.compile(
    r"(?:(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)(?:[aeiouv]|ai|ei|ao|ou|an|en|ang|"
    r"eng|ong|ia|ie|iao|iu|ian|in|iang|ing|iong|ua|uo|uai|ui|uan|un|uang|ue)){2,4}"
)
_PINYIN = re.compile(r"[\u4e00-\u9fff][a-z]{4,12}(?=[，,。的了我你他\u4e00-\u9fff])")
_STARRED = re.compile(
    r"[A-Za-z]{1,12}[*_~^]{1,3}[A-Za-z]{1,12}|[\u4e00-\u9fff][*#·.\-_/|~^+]{1,2}[\u4e00-\u9fff](?:[*#·.\-_/|~^+]{1,2}[\u4e00-\u9fff])"
)
_ENCODED = re.compile(
    r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{24,}={0,2}|(?:[0-9A-Fa-f]{2}[ ]?){16,}|(?:[01]{8}\s?){4,})(?![A-Za-z0-9+/])"
)
_MIXED = re.compile(r"[A-Za-z][\u0370-\u03ff\u0400-\u04ff]|[\u0370-\u03ff\u0400-\u04ff][A-Za-z]{2}")
_TOLD = re.compile(
    r"(?i)\b(?:base64|rot13|caesar|leetspeak|decode (?:this|the)|"
    r"pig latin|reversed? (?:text|letters)|backwards|in (?:code|my own way)|legend:|"
    r"(?:complete|fill in) the (?:template|missing)|turn the following into|(?:specify|list) inputs|goal =|steps = \?)"
    r"|谐音|拆字|倒着(?:读|念)|反过来(?:读|念)|火星文|暗[号语]|拼音首字母|替换成|"
    r"自己的写法|写字有点习惯|改写成(?:流程图|清单|表格)|填写模板|请补上方法|输入、动作和输出"
    r"|[(（][^()（）]{1,12}\s?[=＝]\s?[^()（）]{1,30}[)）]|[①-⑳].{0,40}[=＝]"
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
    if any(len(found) > 4 and _SYLLABLES.fullmatch(found[1:]) for found in _PINYIN.findall(text)):
        return True
    return sum(1 for word in _LEET.findall(text) if not _PLAIN_LEET.match(word)) >= 1
