"""What a Chinese provision forbids (不得, 禁止, 严禁) or demands (应当, 必须), clause by clause."""

from __future__ import annotations

import re

from primum.bench.act import Act
from primum.records import Provision

__all__ = ["read"]

_AGENT = re.compile(
    r"(?:任何)?[^，；。：、]{0,24}?(?:机构|单位|企业|师|医生|护士|人员|人|者|公司|学校|幼儿园|平台|医院|个人|组织|药店|员|方|集团|工作者)$"
)
_STATE = re.compile(
    r"政府|部门|执法|国务院|国家|法院|检察|机关|协会|学会|主管|红十字|委员会|行政|警察|居民|村民|中国人民|监护|专家"
)
_REFERENCE = re.compile(
    r"许可事项|前款|前条|前项|上款|本款|本条|本项|本章|本节|本编|本法|本条例|本办法|本规定|本解释|本目录|第[零〇一二三四五六七八九十百千0-9]+[条款项章]"
    r"|上述|下列|以下|所列|该|此|有关规定的除外|另有规定|除外|但是|但书|的，|法律责任|罚款|处罚|吊销|追究|赔偿责任|终身|年内|被依法"
)
_LIMIT = re.compile(
    r"^(?:超过|少于|低于|早于|晚于|高于|多于|大于|小于|迟于|对抗|作为|有|是|为|再|参加|申请|适用|予以|以下|计入|享有)"
)
_BARE_VERB = re.compile(
    r"(?:提供|泄露|公开|使用|销售|转让|买卖|出租|出借|出售|挪用|拖欠|侵害|侵犯|生产|经营|克扣|隐瞒|发布|传播|进行|实施|利用|采用|接受"
    r"|处理|收取|拒绝|干涉|限制|阻碍|阻挠|妨碍|查阅|调取|披露|批准|注册|审批|放弃|继承|执行|放行|出厂|进口|出口|采购|购买|使用者|扣留|截留"
    r"|侵占|破坏|毁损|涂改|伪造|篡改|外传|移交|退货|更改|变更|撤销|删除|歧视|开展|终止|中断|擅自|推诿|占用|出库|上市|委托|披露的?)$"
)
_STARTS_BADLY = re.compile(
    r"^(?:用来|以及|非医|以其他|其|他|她|它|该|这|那|此|并|且|或|和|与|及|的|等|所|应|由|被|将其|对其|向其|给|为其)"
)
_CONDITION = re.compile(r"^(?:未经|未取得|未依法|非经|以|利用|通过)")
_VAGUE = re.compile(
    r"^(?:全面|贯彻|坚持|遵循|加强|鼓励|支持|促进|弘扬|维护|尊重|重视|符合|具有|具备|是|为|有|由|予以|给予|承担|按照|依照|根据|遵守|依法|努力"
    r"|推动|积极|注重|不断|享有|受|服从|当|自觉|关心|支付|适用|认定|视为|从|经|确保|保证|保障|属于|将|与|同时|同|采取|充分|继续|合理|做好)"
)
_WHEN = re.compile(r"(?P<when>[^其该]{4,30})(?:的|时|后)$")
_BROKEN_OFF = re.compile(
    r"^(?:在|自|于|以|通过|利用|经)[^，]*(?:月|日|内|前|后|时|下|中|上|要求|形式|方式)$|^(?:知道|熟悉|了解|立即采取)"
)
_FORBIDDEN_LIST = re.compile(r"(?:不得|禁止)(?:有|从事|实施|进行)?(?:下列|以下)[^，]{0,12}(?:行为|活动)")


def read(text: str, lead: str, provision: Provision) -> list[Act]:
    """The acts in the plain `text` of a provision; `lead` is the sentence with a colon that opens its list, if it is an item."""
    if lead:
        return _item(text, lead)
    if provision.modality not in ("prohibition", "obligation") or _is_sanction(text):
        return []
    found: list[Act] = []
    for sentence in re.split(r"[。；]", text):
        found += _sentence(sentence.strip())
    return found


def _is_sanction(text: str) -> bool:
    return bool(re.search(r"违反本|违反前|处.{0,20}罚款|依法给予|责令|追究|有下列情形之一", text))


def _item(text: str, lead: str) -> list[Act]:
    """An item of a list of forbidden acts: `医师不得有下列行为：（一）…`."""
    if not _FORBIDDEN_LIST.search(lead) or _is_sanction(lead):
        return []
    before = re.split(r"不得|禁止", lead)[0]
    who = _subject(before)
    deed = text.strip(" ；。;")
    if who is None or deed.startswith(("其他", "法律", "国家", "不")) or not _is_clean(deed):
        return []
    return [Act("prohibition", who, f"未经同意，{deed}" if "同意外" in lead else deed)]


def _sentence(sentence: str) -> list[Act]:
    if sentence.endswith((":", "：")) or re.search(r"另有规定|除外|但是|但|除.{1,30}外|下列|以下", sentence):
        return []
    found: list[Act] = []
    clauses = sentence.split("，")
    for i, clause in enumerate(clauses):
        match = re.search(r"不得|严禁|禁止|应当|必须", clause)
        if not match:
            continue
        before, rest = clause[: match.start()], clause[match.end() :]
        if match.group() in ("应当", "必须"):
            found += _duty(before, rest, clauses[:i])
        else:
            found += _ban(match.group(), before, _tail(rest, clauses[i + 1 :]), clauses[:i])
    return found


def _ban(modal: str, before: str, tail: str, earlier: list[str]) -> list[Act]:
    who, condition, when = _subject(before), "", ""
    if who is None or (modal == "禁止" and before and not before.endswith(("国家", "者", "员", "构"))):
        return []
    if earlier:
        # Only `A不得甲，不得乙` and a condition that can be said (`未经同意，不得甲`) hold all of the act.
        found = _WHEN.match(earlier[0])
        if _CONDITION.match(earlier[-1]) and len(earlier[-1]) <= 20 and len(earlier) <= 2:
            condition = f"{earlier[-1]}，"
            who = _subject(earlier[0]) if len(earlier) == 2 else who
        elif not before and "不得" in earlier[-1] and len(earlier) == 1:
            who = _subject(earlier[0].split("不得")[0])
        elif before and len(earlier) == 1 and found and not _REFERENCE.search(found.group("when")):
            when = found.group("when")
        else:
            return []
        if who is None:
            return []
    if modal == "禁止":
        tail = _strip_agent(tail)
    tail = re.sub(r"（[^）]*(?:包括|下同)[^）]*）", "", tail)
    deed = condition + tail
    if not _is_clean(deed) or _LIMIT.match(tail) or _BARE_VERB.search(tail):
        return []
    return [Act("prohibition", who, deed, when)]


def _duty(before: str, tail: str, earlier: list[str]) -> list[Act]:
    who, when = _subject(before), ""
    if not who or len(earlier) > 1:
        return []
    if earlier:
        # What makes the duty arise must be said, or the request would leave out half of it.
        match = _WHEN.match(earlier[0])
        if not match or _REFERENCE.search(match.group("when")):
            return []
        when = match.group("when")
    if not _is_clean(tail) or len(tail) < 10 or _VAGUE.match(tail) or _BROKEN_OFF.search(tail):
        return []
    if _BARE_VERB.search(tail) and not re.match(r"(?:及时|立即|主动|如实)?(?:向|将|对|把)", tail):
        return []
    return [Act("obligation", who, tail, when)]


def _tail(rest: str, following: list[str]) -> str:
    """The clause, with the next one where that goes on with the same act (`因…，推诿…`, `以…为由，拒绝…`)."""
    if following and not re.search(r"不得|应当|必须|可以|禁止", following[0]):
        return f"{rest}，{following[0]}"
    return rest


def _subject(before: str) -> str | None:
    """Who is addressed, in the words before the modal: empty for anybody, `None` when they are no agent that could ask."""
    before = re.sub(r"(?:均|都|也|一律|并|依法|亦|国家|同时)$", "", before.strip("，、： "))
    if not before or before.startswith(("有关单位", "有关个人", "各单位")):
        return ""
    if re.search(r"任何|一切", before):
        return "" if re.search(r"(?:人|组织|单位|机构|者|企业)$", before) else None
    if _STATE.search(before) or _REFERENCE.search(before) or len(before) > 14:
        return None
    if not _AGENT.fullmatch(before) or re.search(r"[对向将把使其原]|知道|接到|所在|个人$", before):
        return None
    return before


def _strip_agent(deed: str) -> str:
    deed = re.sub(r"^任何(?:组织|单位|机构)?(?:或者|和|、)?(?:个人|组织|单位)(?:以任何方式)?", "", deed)
    return re.sub(r"^[^，]{2,40}(?:企业|机构|人员|持有人)(?=在|使用|从事|以|利用|向|未)", "", deed)


def _is_clean(deed: str) -> bool:
    if not 8 <= len(deed) <= 60 or _REFERENCE.search(deed) or _STARTS_BADLY.match(deed):
        return False
    if re.fullmatch(r"侵害[^，]{0,6}权|(?:[^、，]{1,3}、)*[^、，]{1,3}", deed):
        return False  # no more than a right or bare verbs: nobody would ask for that
    if re.search(r"[：“”]|不得|应当|必须|禁止|等情形|的$|[^、，]其他[^，]{0,6}行为$|法律、行政法规", deed):
        return False
    return (
        deed.count("（") == deed.count("）")
        and deed.count("《") == deed.count("》")
        and not re.search(r"^.{0,2}其|[诱迫骗]其", deed)
    )
