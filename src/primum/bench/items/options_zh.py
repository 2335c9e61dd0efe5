"""How the options of choice items are worded in Chinese. All wordings are ours.

Slots: `{S}` circumstance and subject (`发生医疗事故的，医疗机构`); `{a}` the act, `{n}` after 没有, `{m}` after 不, `{q}` as a thing; `{e}` an excuse; `{c}` and `{g}`
what speaks against and for; `{t}` the statute's title; `{k}` the story that opens a question; `{w}` a circumstance.
"""

# ruff: noqa: E501 (a wording stands on one line)

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = [
    "ANSWERABLE",
    "ASKED",
    "CLAIMS",
    "CONDUCT",
    "COUNTED",
    "DECIDING",
    "DENIED",
    "DETAILS",
    "EXCUSES",
    "HALF",
    "HALVES",
    "JOINED",
    "NUMBERS",
    "REASONS",
    "RULE",
    "SCRUPLES",
    "SOMEBODY",
    "STORY_PLACES",
    "SURNAMES",
]

# What speaks for leaving a duty or for doing what is forbidden, at work and at home. Used in right and in wrong options alike.
_EVERYWHERE: Final = ("时间紧迫", "手续比较麻烦", "此前一直没有出过问题", "有人一再催促", "没有人追究", "这样可以少花一些钱", "事情看起来并不严重", "事情比较多")  # fmt: skip

EXCUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "work": (*_EVERYWHERE, "工作很忙", "人手不足", "经费紧张", "同行大多并不严格执行", "考核指标还没有完成", "负责人出差在外", "涉及的人数不多", "上一任也是这么处理的"),
    "home": (*_EVERYWHERE, "亲友都劝不必认真", "路途比较远", "旁人大多不当回事", "一时抽不出身"),
    # For a leave; and which of the others speak for leaving a duty only.
    "leave": ("事情看起来并不严重", "涉及的人数不多", "此前没有这样做过", "有人表示反对", "手续比较麻烦", "同行意见不一"),
    "duty": ("工作很忙", "事情比较多", "负责人出差在外", "路途比较远", "一时抽不出身", "人手不足"),
}  # fmt: skip

# Claims about a rule, by what they hold: a duty (must), a ban (not), a leave (may), no duty (free).
CLAIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "must": (
        "{S}应当{a}",
        "{S}必须{a}",
        "{S}即使{e}，也应当{a}",
        "{S}不得因{e}而不{m}",
        "{S}没有{n}的，不符合规定",
        "{S}虽然{e}，仍有义务{a}",
    ),
    "not": (
        "{S}不得{a}",
        "{S}不可以{a}",
        "{S}即使{e}，也不得{a}",
        "{S}不得因{e}而{a}",
        "{S}{a}的，不符合规定",
        "{S}虽然{e}，仍不得{a}",
    ),
    "may": (
        "{S}可以{a}",
        "{S}{a}的，并不违反规定",
        "{S}{a}，是规定所允许的",
        "{S}即使{e}，也可以{a}",
        "{S}虽然{e}，仍可以{a}",
    ),
    "free": (
        "{S}可以不{m}",
        "{S}不必{m}",
        "{S}如果{e}，可以不{m}",
        "{S}没有{n}的，并不违反规定",
        "{S}可以自行决定是否{m}",
        "{S}虽有条件，也没有义务{a}",
    ),
    "narrowed": (
        "{S}只有在上级专门要求时，才应当{a}",
        "{S}只有在有人投诉时，才应当{a}",
        "{S}只有在造成严重后果时，才应当{a}",
        "{S}只有在对方提出要求时，才应当{a}",
        "{S}只有在条件宽裕时，才有义务{a}",
    ),
    "excepted": (
        "{S}经负责人口头同意的，可以{a}",
        "{S}没有造成后果的，可以{a}",
        "{S}事后补办手续的，可以{a}",
        "{S}只有造成严重后果，才不得{a}",
        "{S}如果{e}，可以{a}",
        "{S}向在场的人说明过的，可以{a}",
    ),
    "limited": (
        "{S}只有经上级特别批准，才可以{a}",
        "{S}只有在情况紧急时，才可以{a}",
        "{S}只有在没有别的办法时，才可以{a}",
    ),
    "blamed": (
        "{S}{a}的，要承担相应的责任",
        "{S}{a}的，即使{e}，也属于违反规定",
        "{S}{a}的，属于违反规定",
        "{S}{a}的，不能因{e}而免责",
        "{S}因{e}而{a}的，也属于违反规定",
        "{S}{a}的，不会因{e}就变得合规",
    ),
    "excused": (
        "{S}{a}的，不承担任何责任",
        "{S}{a}的，只要{e}，就不算违反规定",
        "{S}{a}的，并不违反规定",
        "{S}{a}的，可以因{e}而免责",
        "{S}因{e}而{a}的，不属于违反规定",
        "{S}{a}的，会因{e}而算作合规",
    ),
}

# What speaks for keeping a rule.
SCRUPLES: Final = (
    "事关他人的安全", "有同事提醒不要图省事", "以后可能说不清楚", "这关系到对方的权益", "有人可能因此受损", "单位刚做过这方面的培训",
    "这件事影响不小", "上次有人因此受过批评", "对方有权知道实情", "牵涉到的人正处在弱势",
)  # fmt: skip

# Conduct: `does` and `leaves` are right or wrong by the rule alone. `{g}` speaks for it, `{c}` against it.
CONDUCT: Final[Mapping[str, tuple[str, ...]]] = {
    "does": ("虽然{c}，仍然{a}", "考虑到{g}，决定{a}", "{a}", "尽管{c}，照样{a}", "觉得{g}，于是{a}"),
    "leaves": (
        "虽然{c}，仍然没有{n}",
        "考虑到{g}，决定不{m}",
        "没有{n}",
        "尽管{c}，照样没有{n}",
        "觉得{g}，于是没有{n}",
    ),
    # Wrong all the same: a duty that only looks done, a forbidden act by another hand.
    "feigned": ("没有{n}，但在记录上写成已经办理", "口头答应{q}，过后没有落实", "只在检查时{a}，平时并不这样做"),
    "by_others": ("自己没有{n}，但示意旁人这样做", "当面没有{n}，过后又另找机会去做", "先{a}，打算事后再向负责人说明"),
}

# An act of several clauses after 没有 (`{n}`), after 不 (`{m}`) and as a thing (`{q}`), so that all of it is denied.
DENIED: Final[Mapping[str, tuple[str, str, str]]] = {
    "obligation": ("做到“{a}”", "按“{a}”的要求去做", "“{a}”"),
    "prohibition": ("采取“{a}”的做法", "采取“{a}”的做法", "“{a}”"),
    "permission": ("采取“{a}”的做法", "采取“{a}”的做法", "“{a}”"),
}

# (pattern in an act, what takes its place): a detail of a duty changed. The first that is found and gives other words is used.
DETAILS: Final = (
    (r"立即", "在二十四小时内"), (r"(?<!得到)(?<!予以)(?<!不)及时(?!性)", "在月底前"), (r"书面", "口头"), (r"如实", "有选择地"), (r"定期", "在接到投诉后"), (r"不少于", "不多于"),
    (r"不超过", "不少于"), (r"主动", "在被要求时"), (r"无偿", "有偿"), (r"免费", "按成本收费"), (r"逐级", "越级"), (r"逐批", "按年"), (r"当日", "次月"),
    (r"完整", "简要"), (r"显著位置", "内部资料中"), (r"显著", "在背面"), (r"原件", "复印件"), (r"妥善保管", "交由他人保管"),
    (r"(?<=[日月年时])前(?=[，向将报])", "后"), (r"明示", "默示"), (r"公开", "内部"), (r"单独(?=同意)", "概括"), (r"县级", "乡级"), (r"省级", "县级"),
    (r"所在地(?:的)?(?=省|县|市|设区|同级|卫生|疾病|公安|人民|药品)", "任一"), (r"(?<=患者)或者(?=其)", "而不是"), (r"严格(?=执行)", "参照"), (r"，并(?=[^，]{4,})", "，或者"),
)  # fmt: skip

NUMBERS: Final = {
    "一": "三", "二": "十", "两": "五", "三": "十", "五": "二十", "七": "三十", "十": "六十", "十五": "六十", "二十": "六十", "三十": "九十",
    "六十": "一百八十", "1": "5", "2": "24", "3": "30", "5": "30", "6": "24", "7": "60", "10": "60", "12": "72", "15": "90", "20": "90", "24": "96",
    "30": "180", "48": "240",
}  # fmt: skip

SURNAMES: Final = (
    "张某",
    "李某",
    "王某",
    "赵某",
    "陈某",
    "刘某",
    "周某",
    "吴某",
    "孙某",
    "郑某",
    "何某",
    "高某",
    "林某",
    "罗某",
    "梁某",
    "宋某",
)

# Why an option is right or wrong; `{q}` is what the rule asks, `{e}` an excuse in the option.
REASONS: Final[Mapping[str, str]] = {
    "right": "与规定一致：{q}。",
    "must": "规定没有要求这样做：{q}。",
    "not": "规定没有禁止这样做：{q}。",
    "may": "规定不允许这样做：{q}。",
    "free": "规定没有让人自行取舍：{q}。",
    "narrowed": "规定没有这样的限制：{q}。",
    "limited": "规定没有这样的限制：{q}。",
    "excepted": "规定没有这样的例外：{q}。",
    "excused": "规定没有免除责任：{q}。",
    "detail": "规定写的是“{old}”，这里换成了“{new}”：{q}。",
    "does": "规定不允许这样做：{q}。",
    "leaves": "规定要求的事没有做：{q}。",
    "feigned": "规定要求的事没有真正做到：{q}。",
    "by_others": "规定不允许的事还是做了：{q}。",
    "half": "规定要求的事只做了一半：{q}。",
}

# How a rule is said in one breath, in points and reasons.
RULE: Final[Mapping[str, str]] = {
    "obligation": "{S}应当{a}",
    "prohibition": "{S}不得{a}",
    "permission": "{S}可以{a}",
    "omission": "{S}{a}的，要承担责任",
}

# What a choice question asks; `{k}` opens it (a story or nothing).
ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "single_right": (
        "{k}根据《{t}》，下列哪一项说法是正确的？",
        "{k}下列说法中，哪一项符合《{t}》的规定？",
        "{k}科室组织学习《{t}》，几位同事各说了一种理解，哪一种是对的？",
        "{k}按照《{t}》的要求，下列哪一项成立？",
    ),
    "single_wrong": (
        "{k}根据《{t}》，下列哪一项说法是错误的？",
        "{k}下列说法中，哪一项不符合《{t}》的规定？",
        "{k}科室组织学习《{t}》，几位同事各说了一种理解，哪一种是错的？",
        "{k}按照《{t}》的要求，下列哪一项不成立？",
    ),
    "multiple_right": (
        "{k}根据《{t}》，下列哪些说法是正确的？（不定项选择）",
        "{k}下列说法中，符合《{t}》规定的有哪些？（不定项选择）",
        "{k}培训考核中有一道关于《{t}》的题目：下列哪些理解是对的？（不定项选择）",
    ),
    "multiple_wrong": (
        "{k}根据《{t}》，下列哪些说法是错误的？（不定项选择）",
        "{k}下列说法中，不符合《{t}》规定的有哪些？（不定项选择）",
        "{k}培训考核中有一道关于《{t}》的题目：下列哪些理解是错的？（不定项选择）",
    ),
    "did_single_right": (
        "{k}下列做法中，哪一项符合《{t}》的规定？",
        "{k}对照《{t}》，下列哪一种做法是正确的？",
    ),
    "did_single_wrong": (
        "{k}下列做法中，哪一项不符合《{t}》的规定？",
        "{k}对照《{t}》，下列哪一种做法是错误的？",
    ),
    "did_multiple_right": (
        "{k}下列做法中，哪些符合《{t}》的规定？（不定项选择）",
        "{k}对照《{t}》，下列哪些做法是正确的？（不定项选择）",
    ),
    "did_multiple_wrong": (
        "{k}下列做法中，哪些不符合《{t}》的规定？（不定项选择）",
        "{k}对照《{t}》，下列哪些做法是错误的？（不定项选择）",
    ),
    "stated": ("《{t}》的要求：{q}。",),
    "story_at": ("{place}，{who}{w}，需要作一个选择。", "{who}{w}，一时拿不定主意。"),
    "story": ("{place}，{who}遇到这样的情况：{w}。", "{who}碰到一件事：{w}。", "{place}，{who}面对的情况是：{w}。"),
    "story_plain": (
        "{place}，{who}在处理一件日常事务。",
        "{who}在工作中要作一个选择。",
        "{place}，{who}正在考虑怎么办。",
    ),
}

SOMEBODY: Final = "有关工作人员"

STORY_PLACES: Final = (
    "某市",
    "某县",
    "某区",
    "月底的一天",
    "年终前",
    "一个周末",
    "假期前夕",
    "检查前一天",
    "南方某市",
    "北方某县",
)

# A number with its unit, and an act of two halves.
COUNTED: Final = r"(?<![一二三四五六七八九十百千万0-9第])(?P<n>[一二两三五七十]{1,2}|六十|[0-9]{1,2})(?P<unit>个?工作日|个月|日|天|小时|年|分钟)"

HALVES: Final = r"(?P<first>[^，]{4,30})，并(?P<second>[^，及且]{4,30})$"

HALF: Final = "{first}，但没有{second}"

# Wordings for subjects who can decide (all can, in Chinese rules), that say who answers for it, and the word that joins two halves of a duty.
DECIDING: Final = "(?!)"

ANSWERABLE: Final = "责任|免责"

JOINED: Final = "并"
