"""Chinese rules that can be said alone."""

from __future__ import annotations

import re
from typing import Literal

from primum.bench.items.said import Said
from primum.records import Deontic

__all__ = ["CIRCUMSTANCE", "EVENT", "is_plainly_wrong", "is_state", "read"]

_OWN_LAW = (
    r"本(?:法|条例|办法|规定|解释|细则|编)(?:第[零〇一二三四五六七八九十百千0-9]+条(?:第[一二三四五六七八九十]+款)?)?"
)
_BY_THE_LAW = re.compile(rf"(依照|按照|根据){_OWN_LAW}(?:的)?(?:有关|相关)?(?:的)?(?:规定|要求)?")
_AGAINST_THE_LAW = re.compile(rf"^违反{_OWN_LAW}(?:的)?(?:有关)?规定，?")
_LEANS = re.compile(
    r"前款|前条|前项|上款|前两款|前二款|前三款|本(?:款|条(?!例)|项|章|节|编|法|条例|办法|规定|解释|细则|目录)|第[零〇一二三四五六七八九十百千0-9]+[条款项章节]"
    r"|上述|下列|以下(?!简称)|如下|所列|该|上一|此(?!外)|有关规定的除外|另有规定|但书|罚款|吊销|处分|责令|刑事|有下列|之一的|等情形|前述|其他情形|[□“”：:]"
)
_MODAL = re.compile(r"不得(?!已)|应当|必须|禁止|可以|严禁|有权|方可|不准")
_THEIRS = re.compile(
    r"^(?:其|其他|他|她|它|这|那|并|且|或|和|与|及|以及|的|等|所|应|将其|对其|向其|为其|给|予以|予|以下|除)|^[^，]{0,3}其(?!他)|(?:强迫|诱|骗|胁迫|迫使|唆使|委托|要求)其"
)
_STATE = re.compile(
    r"^(?:有(?!偿)|具有|具备|是|为(?!(?:患者|公众|他人|其))|作为|符合|属于|能够|能|熟悉|了解|包括|含有|载明|超过|少于|低于|早于|晚于|高于|多于|大于|小于|不低于"
    r"|不超过|不少于|迟于|享有|享受|承担|负责|负担|适用|坚持|遵循|遵守|贯彻|体现|取得|经|由|受|从|自|依法履行|服从|计入|列入|纳入|归|以[^，]{0,12}为|全面|弘扬|尊重|重视|不受"
    r"|免受|得到|获得|树立|恪守|加强|推动|促进|支持|鼓励|提高|推进|维护|保障|保护|健全|完善|建设|发展|文明|客观|公正|成为|位于|与[^，]{1,16}(?:相适应|一致|相符))"
)
_OMITS = re.compile(
    r"^(?:不(?!良|同|明|合理|正当|实)|拒不|拒绝|没有|逾期|怠于)|(?<!从)(?<!尚)未(?!成年|来|婚|经|取得|列入|获得)|时违反|(?<!而)不(?:服从|按|依|如实|履行|及时|配合|执行|公布|报告|符合|参加|采取|接受|立即|提供)"
)
_NO_DEED = re.compile(
    r"^.{2}的(?!情况下)|^[^，]{2,60}的[^，]{0,20}(?:人员|单位|机构|企业)(?:从事|为|使用|出具|在|以|未|擅自|，)|^(?:执行职务)|，[^，]{2,16}(?:单位|机构|人员|企业|部门)(?:未|不)|不受(?!理)|^(?:医疗|产品|药品(?!生产、)|网站|实验(?!动)|合作双方|个人|食品|遗体|活体|中医|疾病|传染|护士|临床|企业|甲类|网络|血站|心理|诊疗|住院|人类|法定|双方|工程|婚姻|生物|母婴|暴利"
    r"|本行|停工|非医|非药|已经|知道|真实|科学|发生|涉及|限于|拟|属|各|有关|相关|主要|规定|因地|分工|工作|有效|必要|具体|相应)|的或者|(?:清单|样稿|简历|复印件|身份证明|学历证明|说明书|名称|地址|住所)$"
)
# Nobody would ask an assistant for these in so many words: they may be asked about in a choice only.
_ABSURD = re.compile(
    r"虐待|侮辱|殴打|暴力|威胁|恐吓|贪污|贿赂|滥用|浪费|违背|侵害|侵犯|危害|损害|破坏|拐卖|性侵|猥亵|诽谤|诋毁|玩忽|造成|导致|致使|偏袒|遗弃|伤害|寻衅|扰乱|强奸|恶意|淫秽|自残|自杀|后果|窃取|歧视|盗窃|抢夺"
    r"|徇私|失职|疏忽|妨碍|不良|致人|放任|不负责任|延误"
)
EVENT = re.compile(
    r"(?:的|时|后)$|^(?:发生|发现|开展|进行|实施|从事|申请|接到|收到|采集|运输|使用|销售|生产|经营|处理|利用|临床用血|提供|变更|终止|需要|患者|开办|设立|购进|进口|接种|配制|委托|收集|发布|接受|办理|储存|处置|采购|零售)"
)
_GRADES = re.compile(r"^[^，]*(?:构成|不构成|尚不构成).{0,14}(?:犯罪|行为)的?$|^情节.{0,4}(?:严重|轻微)的?$")
_DEPENDS = re.compile(
    r"^(?:制定|使用|生产|提供|发布|配制|出具)的|^情况.{0,4}的?$|^经查证属实|^对(?!外)|情节|后果|^(?:逾期|拒不)|必要$|损害的$|违法所得|死亡的$|的限制$"
)
_MANNER = re.compile(r"^(?:未经|未取得|未依法|非经|不经|未按|未获|无正当理由|没有正当理由)")
# A lack that opens an act (`未经批准将…出境`): it stands better before the modal, with a comma.
_LACK = re.compile(
    r"^(?P<lack>未经[^，]{0,26}?(?:批准|同意|许可|审批|审核|登记|备案|授权|委托|检疫|检验|审查|评估|认证|考核|见证)(?!同意|批准|合格|机构|人员|部门|许可|手续|后)|未(?:依法)?取得[^，]{1,44}(?:许可证》?|执业证书》?|资格|批准文号|批准证明文件|资质|注册证))"
    r"，?(?P<deed>[^，、和或及并证的而].{3,})$"
)
# What holds for every act of a subject and says nothing of a case.
_ALWAYS = re.compile(r"^在?(?:执业|工作|业务|诊疗|经营|执业注册)(?:活动|过程)?中的?$")
# A subject that runs on into what it does (`医疗机构收治传染病病人`).
_RUNS_ON = re.compile(
    r"^(?P<who>[^的]{2,16}?(?:机构|单位|人员|企业|部门|公司|医师|医生|护士))(?P<when>(?:收治|发现|接到|收到|开展|从事|进行|使用|实施|处理|采集)[^的]{3,})$"
)
_STATES = re.compile(
    r"政府|国务院|行政部门|主管部门|监督管理部门|保障部门|国家机关|司法|公安|民政|法院|检察|机关|有关部门|等部门|委员会|办事处"
)
# What organs of the state do by way of policy: nobody asks an assistant to leave out such a step.
_POLICY = re.compile(
    r"^(?:[^，]{0,20}，)?(?:根据[^，]*，|按照[^，]*，|依法|定期|及时)*(?:采取|建立|健全|加强|制定|制订|组织|鼓励|开展|完善|统筹|加大|安排|将[^，]{2,30}(?:纳入|列入)|设立|推进|提供|支持|动员|确定|规定|公布|编制|会同)"
)
_QUALITY = re.compile(
    r"^(?!确保|保证|保持|做到|维护|保障).{0,20}(?:合理|合法|明确|齐全|真实|健全|合格|安全|一致|清楚|准确|易懂|具体)$"
)
# Too general to be one step that somebody could ask to leave out.
_VAGUE = re.compile(
    r"^(?:依法|切实|认真|根据[^，]*，|按照[^，]*，)*(?:学习|努力|积极|采取(?:有力|有效|必要|相应|合理)?的?(?:[^，]{0,12})?措施|建立健全|相互|切实|合理|关心|关注|严格遵守|严格依法|严格执行|执行|遵守|认真|坚持|自觉|按照规定享受|做好|指导|保证|确保|使|防止|预防|参与|配合|协助|支持|独立于|优先|履行|创造|不断|充分|慎重|爱护)"
)
_BARE = re.compile(
    r"(?:提供|泄露|公开|使用|销售|转让|买卖|出租|出借|出售|挪用|拖欠|侵害|侵犯|生产|经营|隐瞒|发布|传播|进行|实施|利用|采用|接受|处理|收取|拒绝|干涉|限制|阻碍|妨碍|查阅"
    r"|披露|批准|审批|放弃|继承|执行|放行|出厂|进口|出口|采购|购买|扣留|截留|侵占|破坏|毁损|涂改|伪造|篡改|变更|撤销|删除|歧视|开展|终止|中断|擅自|占用|出库|上市|委托|给予|补偿"
    r"|赔偿|返还|适用|认定|登记|备案|注册|申请|报告|公布|公告|说明|告知|检查|检验|检测|记录|保存|销毁|使用者)$"
)
_ABSTRACT = re.compile(r"^(?:(?:玩忽职守|滥用职权|徇私舞弊|弄虚作假|失职|渎职)[、，]?(?:或者)?)+")
_CATCH_ALL = re.compile(
    r"其他[^，。、]{0,16}(?:行为|活动|情形|事项|义务|职责|条件|内容|措施|要求|规定)|规定的其他|法律、(?:行政)?法规"
)
_AGENT = re.compile(
    r"(?:机构|单位|企业|师|医生|护士|人员|人|者|公司|学校|幼儿园|平台|医院|个人|组织|药店|员|方|集团|部门|机关|政府|法院|检察院|委员会|协会|学会|媒体|主任|家庭|亲属|父母|子女|公民"
    r"|配偶|中心|站|血站|血库|社会|行业|院|局|实验室|双方|国家|红十字会|机关)$"
)
CIRCUMSTANCE = re.compile(r"^(?:在|自|因|为(?!了)|根据|按照|经)|(?:前|期间|中|内|之日起)$")


def is_plainly_wrong(act: str) -> bool:
    """Whether the act names itself as wrong, so that “may do it” would make nobody think."""
    return bool(
        _ABSURD.search(act)
        or re.search(
            r"非法|违法|违规|违反|擅自|瞒报|谎报|伪造|篡改|虚假|假药|劣药|骗取|欺骗|强迫|买卖|泄露|隐匿|毁灭|贪污|索取|挪用",
            act,
        )
    )


def read(modality: Deontic, subject: str, condition: str, act: str, consequence: str) -> Said | str:
    """The words that stand alone, or why there are none."""
    who = _who(subject)
    if who is None:
        return "subject leans on another provision or is no agent"
    found = _RUNS_ON.match(who)
    if found and not condition:
        who, condition = found["who"], found["when"]
    deed = _plain(_AGAINST_THE_LAW.sub("", act)).removesuffix("的") if consequence else _plain(act)
    if modality == "prohibition":
        deed = re.sub(r"以任何(?:形式|方式|名义)|任何(?!人)", "", deed)
    deed = re.sub(r"^有(?!偿|关|效|害|毒|奖)", "具有", deed)
    fault = _fault(deed, consequence)
    if fault:
        return fault
    when = _when(condition)
    if when is None:
        return "condition leans on another provision or is too long"
    manner = ""
    if modality == "prohibition" and _MANNER.match(when):
        when, manner = "", when.removesuffix("的").removesuffix("，")
    if modality == "prohibition" and not manner:
        lack = _LACK.match(deed)
        if lack and len(lack["deed"].removeprefix("擅自")) >= 4:
            manner, deed = lack["lack"], lack["deed"].removeprefix("擅自")
    if manner and _ALWAYS.match(when):
        when = ""
    if manner and when:
        return "both a circumstance and a lack are said"
    if not who and not when and modality != "prohibition":
        return "neither subject nor circumstance says whose duty it is"
    nature: Literal["act", "omission", "state"] = "act"
    if _OMITS.search(deed):
        nature = "omission"
        if (modality == "prohibition" and not consequence) or modality != "prohibition":
            return "act is itself a refraining"
    elif _STATE.match(deed) or _QUALITY.match(deed):
        nature = "state"
        if modality == "prohibition":
            return "act is a bound or a state, nothing that is done"
    if modality == "permission" and re.match(r"(?:减轻|免除|增加|责令|从轻|延长|减免)", deed):
        return "act is done to the subject, not by it"
    return Said(who, when, manner, deed, nature, nature != "state" and _is_asked(who, when, deed, consequence))


def is_state(who: str) -> bool:
    """Whether the subject is an organ of the state."""
    return bool(_STATES.search(who))


def _plain(text: str) -> str:
    text = re.sub(r"（[^（）]*(?:包括|下同|以下|简称)[^（）]*）", "", "".join(text.split()))
    text = _BY_THE_LAW.sub(r"\1规定", text)
    return text.strip("，、；。：:;,. ")


def _who(subject: str) -> str | None:
    who = re.sub(r"（[^）]*）", "", "".join(subject.split())).strip("，、； ")
    who = re.sub(r"(?:均|都|也|一律|并|依法|亦|同时)$", "", who)
    if re.fullmatch(
        r"(?:(?:任何|一切)(?:组织|单位|机构|个人|人|者|和|或|以及|、)+|(?:组织|单位)(?:和|或者|、)个人)?", who
    ):
        return ""
    if re.match(
        r"(?:配备|聘请|制定|开展|申请|设立|组织|建立|按照|经|对|向|在|凡|如|可|不|未|因|为|进行|实施|运输|从事|提供|发现|保护|处理|采集|获取|生产)",
        who,
    ) and not re.search(r"的[^的]{1,12}$", who):
        return None
    if who in ("国家", "社会", "全社会"):
        return None
    if (
        _LEANS.search(who)
        or _THEIRS.match(who)
        or len(who) > 30
        or not _AGENT.search(who)
        or "有关" in who[:2]
        or "未" in who.replace("未成年", "")
    ):
        return None
    return who


def _fault(deed: str, consequence: str) -> str:
    if not 6 <= len(deed) <= 64:
        return "act is too short to be understood alone, or too long to be read"
    if _LEANS.search(deed):
        return "act leans on another provision"
    if _MODAL.search(deed):
        return "act holds a second rule"
    if _NO_DEED.search(deed) or re.search(r"正在在|的的|，的", deed):
        return "act is no deed"
    if _THEIRS.search(deed):
        return "act leans on a word before it"
    if _CATCH_ALL.search(deed) or _ABSTRACT.match(deed):
        return "act is a catch-all"
    if deed.endswith(("的", "时", "后", "等", "或者", "和", "，", "对", "向", "及", "时应")) or deed.count(
        "（"
    ) != deed.count("）"):
        return "act is broken off"
    if deed.count("《") != deed.count("》") or (
        len(deed) < 12 and "的" not in deed and _BARE.search(deed) and not consequence
    ):
        return "act is broken off"
    return ""


def _when(condition: str) -> str | None:
    when = _AGAINST_THE_LAW.sub("", _plain(condition))
    if _ALWAYS.match(when):
        return ""
    if not when or _GRADES.search(when):
        return ""
    if _DEPENDS.search(when):
        return None
    if (
        _LEANS.search(when)
        or _MODAL.search(when)
        or _THEIRS.match(when)
        or len(when) > 44
        or "除外" in when
        or when.count("（") != when.count("）")
    ):
        return None
    if re.match(r"^(?:需要|必要|确有需要|确需)", when) and len(when) < 8:
        return None
    return when


def _is_asked(who: str, when: str, deed: str, consequence: str) -> bool:
    """Whether one could say it in the first person: short enough, and something one does."""
    if len(deed) > 42 or len(when) > 32 or _ABSURD.search(deed):
        return False
    if when and not EVENT.search(when) and not CIRCUMSTANCE.match(when):
        return False
    if when.endswith("用后") or re.match(r"为[^，]*人的$", when) or re.match(r"依法承担|承担", deed):
        return False
    if (_VAGUE.match(deed) and not consequence) or (when and len(re.sub(r"(?:的|时|后)$", "", when)) < 5):
        return False
    if is_state(who) and _POLICY.match(deed):
        return False
    if re.search(r"国务院|国家(?!机关)|人民法院|检察|社会|公民$|立法|全国|双方", who):
        return False
    return not (re.search(r"本人|自己", deed) and not who)
