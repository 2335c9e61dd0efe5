"""The shapes of direct identifiers, en and zh. A rule is a kind, a pattern whose group `x` is what goes, and a check where digits prove it.

The earlier rule wins where two overlap. Patterns are read on text whose full-width characters were made half-width, so one `:` stands for
both. Every repetition is bounded: no text makes a pattern slow.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import NamedTuple

from primum.signals.identifier_names import SURNAME, is_given_name, is_name, is_named, is_titled_name

__all__ = ["PLACEHOLDERS", "RULES", "IdentifierRule", "Kind"]

Kind = str
Check = Callable[[re.Match[str]], bool]


class IdentifierRule(NamedTuple):
    """One shape of one kind; `needs` are parts of which one must stand in the text (lower case) for the pattern to be worth a look."""

    kind: Kind
    pattern: re.Pattern[str]
    check: Check | None = None
    needs: tuple[str, ...] = ()


PLACEHOLDERS: dict[str, dict[Kind, str]] = {
    "en": {
        "email": "[EMAIL]",
        "link": "[LINK]",
        "ip": "[IP]",
        "id_number": "[ID]",
        "passport": "[PASSPORT]",
        "record_number": "[RECORD]",
        "bank_card": "[CARD]",
        "birth_date": "[BIRTH DATE]",
        "plate": "[PLATE]",
        "account": "[ACCOUNT]",
        "phone": "[PHONE]",
        "address": "[ADDRESS]",
        "name": "[NAME]",
    },
    "zh": {
        "email": "[邮箱]",
        "link": "[链接]",
        "ip": "[IP]",
        "id_number": "[证件号]",
        "passport": "[护照]",
        "record_number": "[病历号]",
        "bank_card": "[银行卡]",
        "birth_date": "[出生日期]",
        "plate": "[车牌]",
        "account": "[账号]",
        "phone": "[电话]",
        "address": "[住址]",
        "name": "[姓名]",
    },
}

_TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888", "400")
# Between a cue and what it announces.
_IS = r"(?:\s{0,2}(?:number|no|num|id|#)\b\.?)?\s{0,3}(?:(?:is|was|:|=|#|-|,)\s{0,3}){0,2}"
_SHI = r"(?:号码|号|编号|卡号|账号|账户|ID|id)?\s{0,2}(?:[是为:=]\s{0,2}){0,2}"


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _is_card(found: re.Match[str]) -> bool:
    """Luhn's sum, and the first digit of a network."""
    digits = _digits(found["x"])
    if digits[0] not in "3456" or not 14 <= len(digits) <= 19:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def _is_resident_id(found: re.Match[str]) -> bool:
    """The check character of GB 11643."""
    text = found["x"].replace(" ", "").upper()
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(text[at]) * weight for at, weight in enumerate(weights)) % 11] == text[17]


def _is_ip(found: re.Match[str]) -> bool:
    try:
        ipaddress.ip_address(found["x"])
    except ValueError:
        return False
    return True


def _has_digits(least: int, most: int) -> Check:
    return lambda found: least <= len(_digits(found["x"])) <= most


def _is_personal(found: re.Match[str]) -> bool:
    """A number of seven digits or more that is not toll-free: those are institutions' (US 800 and its like, Chinese 400 and 800)."""
    digits = _digits(found["x"]).removeprefix("1")
    is_free = (len(digits) == 10 and digits[:3] in _TOLL_FREE) or (len(digits) == 7 and digits[:3] in ("400", "800"))
    return 7 <= len(_digits(found["x"])) <= 15 and not is_free


def _is_plate(found: re.Match[str]) -> bool:
    text = found["x"]
    return any(one.isdigit() for one in text) and any(one.isalpha() for one in text)


def _is_handle(found: re.Match[str]) -> bool:
    return any(one.isdigit() or one == "_" for one in found["x"])


def _rule(kind: Kind, pattern: str, check: Check | None = None, *needs: str) -> IdentifierRule:
    return IdentifierRule(kind, re.compile(pattern, re.ASCII), check, needs)


_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATE = (
    r"(?:(?:18|19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?[日号]?|\d{1,2}[-/.]\d{1,2}[-/.](?:(?:18|19|20)\d\d|\d\d)|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH},?\s(?:18|19|20)\d\d|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:18|19|20)\d\d)"
)
_SOCIAL = (
    r"facebook|fb|instagram|twitter|tiktok|linkedin|snapchat|weibo|xiaohongshu|xhslink|douyin|kuaishou|zhihu|bilibili|douban|"
    r"threads|vk|flickr|pinterest|patreon|venmo|onlyfans|strava|gofundme|caringbridge"
)
_PATH = r"[A-Za-z0-9._~%@/?=&#+:-]"

_STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way|Close|Crescent|"
    r"Gardens|Parkway|Pkwy|Highway|Hwy|Row|Mews|Hill|Walk|Circle|Cir|Trail|Grove|Quay|Green)\b\.?"
)
_POSTCODE = r"(?:[A-Z]{2}\.?\s\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})\b"
_ADDRESS_EN = (
    r"(?<![\w./-])(?P<x>\d{1,5}(?:-\d{1,4})?[A-Za-z]?,?\s(?:[NSEW]\.?\s)?(?:[A-Z][A-Za-z.'’-]{0,20}\s){1,4}"
    + _STREET
    + r"(?:,?\s(?:Apt|Apartment|Unit|Suite|Ste|Flat|Room|No|Floor|#)\.?\s?#?[A-Za-z]?\d{0,5}[A-Za-z]?\b)?"
    + rf"(?:(?:,\s[A-Z][A-Za-z.'-]{{1,20}}(?:\s[A-Z][a-z]{{1,20}}){{0,2}}){{0,2}},?\s{_POSTCODE})?)"
)

_HAN = r"\u4e00-\u9fff"
_PLACE = (
    rf"(?:(?![在到住是于寄址往去从我你他她的了给请和与])[{_HAN}])"  # a Han character that does not end what went before
)
_UNIT = r"(?:号楼|号院|号|栋|幢|座|单元|层|楼|室|房|户|弄|门|组|队)"
_TAIL = rf"(?:[A-Za-z]?\d{{1,5}}{_UNIT}|[A-Za-z]座|[{_HAN}]{{2,8}}(?:大厦|广场|公寓|小区|花园)|-?[A-Za-z]?\d{{2,5}})"
_QUARTER = (
    rf"(?:{_PLACE}{{1,8}}(?:特别行政区|自治区|自治州|省|市|州|新区|区|县|旗|镇|乡|街道)){{0,5}}{_PLACE}{{1,10}}?"
    r"(?:大道|大街|路|街|道|巷|弄|胡同|里弄|小区|花园|苑|公寓|大厦|新村|村|家园|花苑|庄园|庭|坊|湾)(?:[东西南北中]?[一二三四]?段)?"
)
_ADDRESS_ZH = rf"(?P<x>{_QUARTER}\s?\d{{1,5}}(?:-\d{{1,4}})?{_UNIT}(?:\s?{_TAIL}){{0,6}})"
_ADDRESS_CUED = (
    r"(?:住址|地址|家住|住在|我家在|家在|送到|寄到|邮寄到|送药到|收货)[是为:\s]{0,3}"
    rf"(?P<x>(?:[{_HAN}]{{1,12}}[省市区县镇乡村路街道巷苑园寨屯])?[{_HAN}A-Za-z]{{0,12}}\d{{1,5}}(?:-\d{{1,4}})?{_UNIT}(?:\s?{_TAIL}){{0,6}})"
)

_NAME = r"[A-Z][a-zà-öø-ÿ]*(?:['’-][A-Za-zà-ÿ]+)?(?:[A-Z][a-z]+)?"
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Doctor|Prof|Professor|Nurse|Sister|Sir|Madam|Rev|Father)"
_KIN = (
    r"(?:son|daughter|wife|husband|mother|father|brother|sister|baby|mom|mum|dad|partner|friend|neighbou?r|uncle|aunt|cousin|grandson|"
    r"granddaughter|grandmother|grandfather|boyfriend|girlfriend|fianc[eé]e?)"
)
_ZH_TITLE = r"(?:副?主任|医生|大夫|护士长|护士|教授|院长|医师|药师|技师|老师|先生|女士|小姐|阿姨|大爷|大妈|奶奶|爷爷|叔叔|师傅|同学|科长)"
_END_ZH = rf"(?=[\s，,。.;；!！?？、:()\[\]]|$|今年|男|女|\d|的(?!{_HAN}?病))"

RULES: tuple[IdentifierRule, ...] = (
    _rule("email", r"(?P<x>[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})", None, "@"),
    _rule(
        "email",
        r"(?i)(?P<x>\b[a-z0-9._-]{2,40}\s?[(\[]\s?at\s?[)\]]\s?[a-z0-9-]{2,40}\s?(?:\.|[(\[]\s?dot\s?[)\]])\s?[a-z]{2,10}\b)",
        None,
        "at",
    ),
    _rule(
        "link",
        rf"(?i)(?P<x>(?:https?://)?(?<![A-Za-z0-9-])(?:[a-z0-9-]{{1,40}}\.){{0,3}}(?:{_SOCIAL})\.[a-z]{{2,10}}("
        rf"?:\.[a-z]{{2}})?/{_PATH}{{2,200}})",
        None,
        "/",
    ),
    _rule("link", rf"(?i)(?P<x>(?:https?://)?(?<![A-Za-z0-9.-])(?:t\.me|wa\.me|x\.com)/{_PATH}{{2,200}})", None, "/"),
    _rule(
        "link",
        r"(?i)(?P<x>https?://[a-z0-9.:-]{3,100}/(?:[A-Za-z0-9._~%-]{1,60}/){0,6}(?:@|~|u/|users?/|people/|"
        r"profiles?/|in/|members?/|patients?/)"
        rf"{_PATH}{{1,200}})",
        None,
        "://",
    ),
    _rule(
        "link",
        rf"(?i)(?P<x>https?://{_PATH}{{3,300}}?[?&](?:e?mail|user(?:name|id)?|name|phone|tel|mobile|token|"
        rf"patient|mrn|uid)={_PATH}{{1,200}})",
        None,
        "://",
    ),
    _rule(
        "ip",
        r"(?i)(?<![\w.])(?<!version\s)(?<!v\s)(?<!firmware\s)(?<!release\s)(?<!build\s)(?<!版本)(?P<x>\d{1,3}(?:\.\d{1,3}){3})(?![\w]|\.\d)",
        _is_ip,
        ".",
    ),
    _rule("ip", r"(?i)(?<![\w:])(?P<x>(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?![\w:])", _is_ip, "::", ":"),
    _rule(
        "birth_date",
        rf"(?i)\b(?:dob|d\.o\.b\.?|date of birth|birth\s?date|birthday|born)\b\.?\s{{0,2}}(?:on|is|was|:|-|=)?\s{{0,2}}(?P<x>{_DATE})",
        None,
        "b",
    ),
    _rule(
        "birth_date",
        rf"(?:出生日期|出生年月日?|出生时间|出生于|生于|生日)\s{{0,2}}[是为:在]?\s{{0,2}}(?P<x>{_DATE})",
        None,
        "生",
    ),
    _rule("birth_date", rf"(?P<x>{_DATE})\s?(?:出生|生人|生的|生日)", None, "生"),
    _rule("passport", rf"(?i)\bpassport{_IS}(?P<x>[a-z]{{0,2}}\d{{6,9}})\b", None, "passport"),
    _rule("passport", rf"护照{_SHI}(?P<x>[A-Za-z]{{0,2}}\d{{6,9}})", None, "护照"),
    _rule(
        "record_number",
        r"(?i)\b(?:mrn|medical record|hospital|patient|chart|nhs|case|health card|admission|encounter|"
        r"accession|medicare|medicaid|insurance|policy|member)"
        r"(?:\s{0,2}(?:number|no|num|id|#)\b\.?)\s{0,3}(?:(?:is|was|:|=|#|"
        r"-)\s{0,3}){0,2}(?P<x>[a-z]{0,4}-?\d[\da-z]*(?:[ -]\d[\da-z]*){0,4})\b",
        _has_digits(4, 18),
    ),
    _rule(
        "record_number",
        r"(?i)\b(?:mrn|nhs)\s{0,2}(?:(?:is|was|:|=|#|-)\s{0,3}){0,2}(?P<x>[a-z]{0,4}-?\d[\da-z]*(?:[ -]\d[\da-z]*){0,4})\b",
        _has_digits(4, 18),
        "mrn",
        "nhs",
    ),
    _rule(
        "record_number",
        r"(?:病历|病案|住院|门诊|就诊|就诊卡|诊疗卡|登记|影像|检查|检验|挂号|床位|样本|标本|条码|处方)(?:号码|编号|卡号|号)\s{0,2}(?:[是为:=]\s{0,2}){0,2}"
        r"(?P<x>[A-Za-z]{0,4}-?\d[\dA-Za-z-]{2,19})",
        _has_digits(4, 18),
        "号",
    ),
    _rule(
        "id_number",
        r"(?<![\dA-Za-z])(?P<x>[1-9]\d{5}\s?(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s?\d{3}[\dXx])(?![\dA-Za-z])",
        _is_resident_id,
    ),
    _rule(
        "id_number",
        rf"(?:身份证|证件|社保卡?|医保卡?|社会保障|居住证|军官证|港澳通行证|驾驶证|驾照){_SHI}(?P<x>[A-Za-z]{{0,2}}\d[\dA-Za-z]{{5,19}})",
        _has_digits(6, 20),
        "证",
        "保",
        "驾照",
    ),
    _rule("id_number", r"(?<![\d-])(?P<x>(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4})(?![\d-])", None, "-"),
    _rule(
        "id_number",
        rf"(?i)\b(?:ssn|social security|national insurance|national id|identity card|id card|driver'?s licen[cs]e|driving licen[cs]e){_IS}"
        r"(?P<x>[a-z]{0,3}\d[\da-z]*(?:[ -][\da-z]{1,6}){0,4})\b",
        _has_digits(5, 20),
    ),
    _rule("bank_card", r"(?<![\d.])(?P<x>\d(?:[ -]?\d){13,18})(?![\d])", _is_card),
    _rule(
        "bank_card",
        r"(?:银行卡|信用卡|储蓄卡|借记卡|卡号|银行账号|账号)[^\d\n]{0,6}(?P<x>\d(?:[ -]?\d){11,18})(?!\d)",
        None,
        "卡",
        "账号",
    ),
    _rule(
        "bank_card",
        r"(?i)\b(?:card|account|iban)\b[^\d\n]{0,14}(?P<x>(?:[a-z]{2}\d\d[ ]?)?\d(?:[ -]?\d){11,18})(?!\d)",
        None,
        "card",
        "account",
        "iban",
    ),
    _rule(
        "plate",
        r"(?P<x>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•\s]?[A-HJ-NP-Z\d]{4,5}[A-HJ-NP-Z\d挂学警港澳])(?![\dA-Za-z])",
        _has_digits(2, 6),
    ),
    _rule(
        "plate",
        r"(?i:\b(?:licen[cs]e plate|number plate|plate|vehicle registration|car registration|"
        r"registration plate)\b(?:\s(?:number|no)\b\.?)?\s{0,2}(?:(?:is|was|:|reads)\s{0,2})?)"
        r"(?P<x>[A-Z\d]{1,4}[ -]?[A-Z\d]{2,5})\b",
        _is_plate,
        "plate",
        "registration",
    ),
    _rule(
        "account",
        rf"(?i)(?:微信|企业微信|wechat|weixin|vx|抖音|快手|小红书|微博|支付宝|头条){_SHI}(?:(?:is|was|"
        rf"@)\s{{0,2}}){{0,2}}(?P<x>@?[a-z][a-z0-9_.-]{{4,30}}|\d{{5,12}})(?![a-z0-9])",
        None,
    ),
    _rule("account", rf"(?i)(?<![a-z])qq群?{_SHI}(?:is\s)?(?P<x>\d{{5,12}})(?!\d)", None, "qq"),
    _rule(
        "account",
        r"(?i)\b(?:telegram|skype|snapchat|snap|insta(?:gram)?|twitter|tiktok|discord|signal|kik|"
        r"reddit)\b\s?(?:id|handle|name|username|account)?\s?(?:(?:is|was|:|-)\s?)"
        r"(?P<x>@?[a-z][\w.-]{2,30}\d[\w.-]{0,20}|@[a-z][\w.-]{2,40})",
        None,
    ),
    _rule("account", r"(?<![\w@.])(?P<x>@[A-Za-z]\w{3,30})(?!\w)", _is_handle, "@"),
    _rule("phone", r"(?<![\dA-Za-z.-])(?P<x>(?:(?:\+|00)?86[- ]?)?1[3-9](?:[- ]?\d){9})(?![\dA-Za-z]|\.\d)"),
    _rule(
        "phone",
        r"(?<![\d.])(?P<x>\(?0\d{2,4}\)?[- ]{1,2}\d{3,4}[- ]?\d{3,4}(?:-\d{1,5})?)(?![\d])",
        _has_digits(10, 16),
        "0",
    ),
    _rule("phone", r"(?<![\w+])(?P<x>\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6})(?!\d)", _has_digits(8, 15), "+"),
    _rule(
        "phone",
        r"(?<![\w.-])(?P<x>(?:\+?1[-. ])?\(?(?!8(?:00|33|44|55|66|77|88))[2-9]\d\d(?:\)\s?|[-. ])[2-9]\d\d[-. ]\d{4})(?![\w-])",
    ),
    _rule("phone", r"(?<![\d.])(?P<x>07\d{3}\s?\d{3}\s?\d{3})(?!\d)", None, "07"),
    _rule(
        "phone",
        r"(?i)(?:\b(?:phone|telephone|tel|cell|mobile|fax|whatsapp|call me|call|text|ring|reach (?:me|him|her|"
        r"us)|my number|contact)\b\.?|电话|手机|联系方式|致电|热线|座机|传真)"
        r"(?:\s?(?:number|no|is|at|on|back|号码|号|是|"
        r"为)\.?){0,3}\s{0,2}[:,]?\s{0,2}(?P<x>\+?\(?\d(?:[ ().-]{0,2}\d){6,14})(?![\d%]|\s?(?:mg|ml|mcg|g|"
        r"units?|IU)\b)",
        _is_personal,
    ),
    _rule("address", _ADDRESS_EN),
    _rule("address", _ADDRESS_ZH),
    _rule("address", _ADDRESS_CUED, None, "住", "址", "家在", "到", "收货"),
    _rule(
        "name",
        rf"\b{_TITLE}\b\.?\s(?P<x>{_NAME}(?:\s(?:van|von|de|del|da|bin|al)\s{_NAME}|\s{_NAME}){{0,2}})",
        is_titled_name,
    ),
    _rule(
        "name",
        rf"(?i:\b(?:my|his|her|child's|patient's) (?:full |first |last )?name is|\bmy name['’]s|\bname\s?:|"
        rf"\bi am called|\bcall me|\bsigned,?|\bsincerely,?|"
        rf"\bregards,?)\s{{1,3}}(?:{_TITLE}\.?\s)?(?P<x>{_NAME}(?:\s{_NAME}){{0,3}})",
        is_name,
    ),
    _rule(
        "name",
        r"(?i:\bmy (?:full )?name is|\bmy name['’]s)\s(?P<x>[a-z]{2,15}(?:\s[a-z]{2,15})?)(?=[,.;!\n]|\sand\b|$)",
        is_name,
    ),
    _rule(
        "name",
        rf"(?i:\bi am|\bi['’]m|\bthis is)\s(?P<x>{_NAME}(?:\s{_NAME}){{1,3}})(?=\s?[,.;!\n]|\sand\b|\sfrom\b|\shere\b|\s\(|$)",
        is_name,
    ),
    _rule(
        "name", rf"(?i:\bpatient)\s?[:,]?\s(?P<x>{_NAME}(?:\s{_NAME}){{1,2}})(?=\s?[,.;(]|\sis\b|\shas\b|$)", is_name
    ),
    _rule(
        "name", rf"(?P<x>\b{_NAME}(?:\s[A-Z]\.)?\s{_NAME}),?\s(?:MD|M\.D\.|RN|DO|NP|PhD|MBBS|FRCP|PharmD)\b", is_name
    ),
    _rule(
        "name",
        rf"(?i:\b(?:my|his|her|our|their)\s{_KIN})(?:\s(?:named|called)|['’]s name is|"
        rf",)?\s(?P<x>{_NAME}(?:\s{_NAME})?)\b(?!\s(?:disease|syndrome|hospital|clinic))",
        is_name,
    ),
    _rule(
        "name",
        rf"(?:姓名|名字|真名|联系人|监护人|家属签名|签名|署名|收件人)\s{{0,2}}[:是为叫]\s{{0,2}}(?P<x>[{_HAN}·]{{2,6}}?){_END_ZH}",
        is_named,
    ),
    _rule(
        "name",
        rf"(?:我叫|名叫|他叫|她叫|名字叫|叫做)(?P<x>[{_HAN}]{{2,4}}?){_END_ZH}",
        is_given_name,
        "叫",
        "名字",
    ),
    _rule(
        "name",
        rf"(?:我是|本人|这是|我叫做)(?P<x>[{_HAN}]{{2,4}}?)(?=[，,。.;；!！\s]|$)",
        is_given_name,
        "我",
        "本人",
        "这是",
    ),
    _rule(
        "name",
        rf"(?:患者|病人|病患|患儿|家属|产妇|孕妇|伤者)(?P<x>[{_HAN}]{{2,4}}?)(?=[，,\s]\s?(?:男|女|年|\d))",
        is_given_name,
    ),
    _rule(
        "name",
        rf"(?:我|他|她)(?:的)?(?:老公|老婆|丈夫|妻子|儿子|女儿|妈妈|爸爸|父亲|母亲|孩子|哥哥|姐姐|弟弟|妹妹|朋友|同事|外公|外婆|爷爷|奶奶)叫?(?P<x>[{_HAN}]{{2,4}}?){_END_ZH}",
        is_given_name,
    ),
    # Looked for at every character: what stands before a surname (请, 找) is no part of the name.
    _rule(
        "name",
        rf"(?<![谢主责委任对地双各多官通经平非明由至等])(?=(?P<x>(?P<alone>{SURNAME})[{_HAN}]{{0,2}}?){_ZH_TITLE})",
        is_given_name,
    ),
)
