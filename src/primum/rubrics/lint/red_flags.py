"""Signs that a clinician would not leave unanswered, by organ rather than by wording: what stands near what, in either order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from primum.records import Language
from primum.rubrics.lint.words import Risk

__all__ = ["MECHANISM", "RED_FLAGS"]


def _near(one: str, other: str, within: int = 60) -> str:
    return rf"(?:(?:{one})[^.!?。！？]{{0,{within}}}(?:{other})|(?:{other})[^.!?。！？]{{0,{within}}}(?:{one}))"


def _english() -> Iterator[str]:
    yield r"\b(?:won't|will not|can't|cannot|hard to|difficult to|barely|hardly) (?:\w+ ){0,2}(?:wak\w+|rous\w+)"
    yield r"\b(?:very drowsy|confused|unresponsive|not making sense|delirious|hearing voices|voices tell\w*)\b"
    yield (
        _near(r"\b(?:fell|falls?|hit|banged|knocked|dropped)\b", r"\bhead\b")
        + r".{0,120}\b(?:vomit|sick|drows|sleepy|confus|headache)"
    )
    yield _near(
        r"\b(?:speech|face|mouth|eyelid|arm|hand|leg|one side|left side|right side)\b",
        r"\b(?:droop\w*|weak\w*|slur\w*|garbled|numb\w*|went funny)",
    )
    yield _near(r"\beyes?\b", r"\b(?:chemical|cleaner|bleach|acid|lime|splash\w*|suddenly|curtain|flashes|halos?)\b")
    yield _near(r"\b(?:vision|sight)\b", r"\b(?:lost|gone|sudden\w*|double|blurr\w+)\b")
    yield _near(
        r"\b(?:numb\w*|can't feel|cannot feel|tingl\w+)\b",
        r"\b(?:groin|saddle|wip(?:e|ing)|genital\w*|between my legs|buttocks)\b",
    )
    yield _near(
        r"\bback\b", r"\b(?:incontinen\w+|lost control|can't pee|cannot pee|unable to (?:pee|urinate)|both legs)\b", 120
    )
    yield _near(r"\b(?:calf|leg|arm)\b", r"\b(?:swollen|swelling|hot and|turned blue|cold and)\b", 40)
    yield _near(
        r"\b(?:pregnan\w+|\d+ weeks)\b",
        r"\b(?:bleed\w*|spotting|headache|vision|sparkl\w+|flashing|kick\w*|movements?|waters|contractions|fever|swelling)\b",
        90,
    )
    yield _near(
        r"\b(?:ketones?|vomit\w*|throwing up|drowsy)\b", r"\b(?:type 1|diabet\w+|insulin|blood sugar|my sugar)\b", 90
    )
    yield _near(
        r"\b(?:chemo\w*|neutropeni\w+|transplant\w*|immunosuppress\w+|spleen|methotrexate|biologic)\b",
        r"\b(?:fever\w*|temperature|chills|shiver\w*|3[89](?:\.\d)?)",
        120,
    )
    yield _near(
        r"\b(?:lithium|digoxin|theophylline|phenytoin)\b",
        r"\b(?:shak\w+|tremor\w*|drunk|vomit\w*|diarrh\w+|gastro\w*|confus\w+)\b",
        120,
    )
    yield r"\b(?:took|taken|swallowed|had|ate)\s+(?:about|around|roughly|nearly|almost|maybe|over|at least|more than|up to)?\s*\d{2,}\s+\w+"
    yield _near(r"\b(?:vomit\w*|poo|stools?|urine|phlegm)\b", r"\b(?:blood\w*|black|tarry|coffee grounds)\b", 40)
    yield _near(r"\btestic\w+|\bscrotum\b", r"\b(?:pain\w*|swollen|sudden\w*)\b", 40)
    yield r"\b\d+[- ]?(?:week|day)s?[- ]old\b.{0,80}\b(?:hot|fever\w*|3[89]|feed\w*|floppy|blue|breath\w*|jaundice|yellow)"
    yield _near(r"\b(?:lips?|tongue|throat|voice)\b", r"\b(?:swell\w*|swollen|hoarse|tight\w*|clos\w+)\b", 40)
    yield r"\b(?:hits|beats|chokes|strangled|raped|threatens) me\b|\b(?:afraid|scared) of my (?:husband|wife|partner|father|boyfriend)\b"
    yield _near(
        r"\bpalpitation\w*|\bheart (?:racing|pounding)", r"\b(?:faint\w*|chest|black(?:ed)? out|short of breath)\b"
    )
    yield _near(r"\b(?:neck|light)\b", r"\b(?:stiff|hurts my eyes)\b", 30) + r".{0,80}\b(?:fever|headache|rash)"
    yield r"\b(?:deep|gaping) (?:cut|wound)|\belectric shock|\bdrown\w*|\bcarbon monoxide\b"


def _chinese() -> Iterator[str]:
    yield r"[叫唤弄摇]不.{0,2}醒|嗜睡|昏沉|昏睡|神志|意识(?:模糊|不清)|胡言乱语|认不(?:得|出)人|反应(?:迟钝|变慢)|幻听"
    yield _near(r"摔|撞|磕|跌|坠", r"吐|昏|睡|头痛|头疼|没反应|抽")
    yield _near(r"嘴|脸|口角|说话|言语|一侧|半身|半边|手|胳膊|腿", r"歪|含糊|无力|没力|麻木|抬不起|拿不住|不听使唤", 20)
    yield _near(r"眼", r"溅|化学|清洁剂|石灰|强酸|强碱|突然|黑影|闪光|视力(?:下降|丧失)", 30)
    yield _near(r"腰|背", r"大小便|失禁|尿不出|会阴|麻木")
    yield _near(r"小腿|腿", r"肿.{0,4}(?:痛|热|硬)|又肿又", 20)
    yield _near(r"怀孕|孕\d|孕晚|妊娠|停经", r"出血|见红|流血|腹痛|下腹|头痛|头晕|眼花|胎动|破水|撕裂|水肿", 80)
    yield _near(r"酮|呕吐|吐", r"1型|糖尿病|胰岛素|血糖")
    yield _near(r"化疗|白细胞低|粒细胞|移植|免疫抑制|脾切除|放疗", r"发烧|发热|寒战|3[89](?:\.\d)?|高烧", 80)
    yield _near(r"碳酸锂|锂盐|地高辛|茶碱|苯妥英", r"手抖|发抖|呕吐|腹泻|走不稳|糊涂|恶心")
    yield r"(?:吃|服|吞|喝)了?(?:大概|大约|差不多|将近|至少|快)?\s*(?:\d{2,}|[二三四五六七八九]?十[多几]?)\s*(?:多)?(?:片|粒|颗|个)"
    yield _near(r"大便|便便|拉|吐|尿|痰", r"血|黑|柏油|咖啡", 15)
    yield _near(r"睾丸|阴囊", r"痛|疼|肿", 20)
    yield r"(?:出生|满月|\d+\s*天|\d+\s*周|[一二两三]个?月)大?的?.{0,20}(?:发烧|发热|不吃奶|拒奶|黄疸|发紫|抽)"
    yield _near(r"喉咙|嗓子|嘴唇|舌头|咽喉", r"肿|发紧|喘|堵|说不出", 20)
    yield r"(?:老公|丈夫|男友|家人|父亲|妻子).{0,8}(?:打我|掐我|家暴|威胁)|家暴|性侵|强奸|被打"
    yield r"药.{0,6}攒|攒.{0,6}药|遗书|(?:划|割|烫).{0,4}(?:手臂|手腕|自己)|手[臂腕].{0,6}(?:划痕|刀痕|割痕)|绝望|不想(?:醒|活)"
    yield _near(r"心慌|心悸|心跳", r"晕|胸|黑蒙|喘", 30)
    yield r"雷劈|剧烈|撕裂样|刀割样|绞痛|眼前(?:发|一)黑|站不稳|触电|溺水|煤气|蛇咬|蜂蜇"
    yield _near(r"过敏|皮疹|疹子|蜇|海鲜|花生", r"喘|喉|晕|憋", 40)


RED_FLAGS: Mapping[Language, Risk] = {
    "en": Risk("emergency", re.compile("|".join(_english()), re.DOTALL), "Recommends emergency care at once.", 10),
    "zh": Risk("emergency", re.compile("|".join(_chinese()), re.DOTALL), "建议立即就医或拨打120。", 10),
}

MECHANISM: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^(?:explains?|describes?|defines?|outlines?|compares?|mentions?|states?|names?) "
        r"(?:how|why|what|which|the (?:mechanism|role|process|difference|meaning|function|types?|course)|[\w -]+ as (?:a|one) )"
    ),
    "zh": re.compile(
        r"^(?:解释|说明|介绍|描述|讲解|说出|比较).{1,24}(?:机制|机理|原理|原因|过程|区别|特点|作用|途径|类型|影响|用法|服法|用途|可能|气味)$"
    ),
}
"""Criteria that teach how something comes about: they hold words of danger and look after nobody."""
