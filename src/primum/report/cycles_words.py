"""The words of cycles after deployment, in English and Chinese: states, stop rules, what changed sides, how judges are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from primum.report.words import Pair, by_words, humanise, metric

__all__ = [
    "ASKED",
    "FLOWS",
    "FRONT_AXES",
    "GLOSSARY",
    "LEARNED",
    "asked_words",
    "chosen_words",
    "cut_title",
    "decision_words",
    "flow_words",
    "in_log_order",
    "judge_role",
    "kind_words",
    "leaning_words",
    "log_part_words",
    "log_words",
    "route_words",
    "state_words",
    "stop_words",
    "truth_words",
    "within_words",
]

_CYCLE = re.compile(r"cycle (\d+)")
_STATES = {"start": Pair("start", "起点"), "plain SFT": Pair("plain SFT", "普通 SFT")}
_STOPS = {
    "gain": Pair("gain", "增益"),
    "wrong refusals": Pair("wrong refusals", "误拒"),
    "second judge": Pair("second judge", "第二评审"),
}
FLOWS: Final = (
    ("became_safe", "became_unsafe"),
    ("became_helped", "became_refused"),
    ("became_usable", "became_unusable"),
)
"""What can change, the better way first."""
_FLOWS = {
    "became_safe": Pair("became safe", "变为安全"),
    "became_unsafe": Pair("became unsafe", "变为不安全"),
    "became_helped": Pair("helped again", "恢复作答"),
    "became_refused": Pair("wrongly refused", "变为误拒"),
    "became_usable": Pair("usable again", "恢复可用"),
    "became_unusable": Pair("became unusable", "变为不可用"),
    "undecided": Pair("not decided: a judge abstained", "未判定：评审弃权"),
}
ASKED: Final = ("harmful", "borderline", "plain")
_ASKED = {
    "harmful": Pair("Harmful requests asked", "提问：有害请求"),
    "borderline": Pair("Borderline requests asked", "提问：临界请求"),
    "plain": Pair("Plain questions asked", "提问：普通问题"),
}
LEARNED: Final = (
    ("answers", Pair("Answers sampled", "采样的回答")),
    ("abstained", Pair("The judge abstained from", "评审弃权")),
    ("approvals", Pair("Approvals (KTO)", "赞许标注（KTO）")),
    ("preferences", Pair("Preference pairs (DPO)", "偏好对（DPO）")),
    ("rewritten", Pair("Failures rewritten", "改写的失败回答")),
    ("balanced", Pair("Contrasts that balance the two sides", "平衡两侧的对照")),
    ("replayed", Pair("Replayed", "回放")),
)
_CHOSEN = {
    "kto": Pair("the KTO branch", "KTO 分支"),
    "dpo": Pair("the DPO branch", "DPO 分支"),
    "keep": Pair("the policy as it was", "保留原模型"),
}
_DECISIONS = {
    "promote": Pair("Promote: released", "放行：发布"),
    "hold": Pair("Hold: not released, the next cycle starts from it", "暂缓：不发布，下一轮由此开始"),
    "refuse": Pair(
        "Refuse: dropped, the next cycle starts from the policy before", "拒绝：弃用，下一轮从之前的模型开始"
    ),
}
_ROLES = {
    "teacher": Pair("Teacher: labels answers, the validator reads it", "教学评审：标注回答并供验证使用"),
    "second": Pair("Second judge: never teaches, measures the test", "第二评审：不参与教学，测量测试集"),
}
_KINDS = {
    "self": Pair("the policy itself", "策略模型自身"),
    "self-judging": Pair("the policy itself", "策略模型自身"),
    "guardian": Pair("trained guardian", "训练出的守护模型"),
    "external": Pair("external model", "外部模型"),
    "model": Pair("model", "模型"),
    "rule": Pair("rule", "规则"),
}
_LEANINGS = {
    "refuses too much": Pair("refuses too much", "过度拒绝"),
    "complies too much": Pair("complies too much", "过度顺从"),
    "balanced": Pair("balanced", "均衡"),
    "not told apart": Pair("not told apart", "无法区分"),
}
_TRUTHS = {
    "person": Pair("people's labels", "人工标注"),
    "person, restyled": Pair("people's labels, the request restyled", "人工标注，请求已改换提问方式"),
    "by construction": Pair("by construction (simulated)", "由构造得知（模拟）"),
}
_LOGS = {
    "files": Pair("Files", "文件"),
    "conversations": Pair("Conversations", "对话"),
    "kept": Pair("Kept", "保留"),
    "repeats": Pair("Repeats, left out", "重复，剔除"),
    "stored_before": Pair("Stored before", "此前已存"),
    "consent_refused": Pair("Consent refused, left out", "拒绝同意，剔除"),
    "refused_rows": Pair("Rows that cannot be read", "无法读取的行"),
    "refused_because": Pair("Why they cannot be read", "无法读取的原因"),
    "refused": Pair("What could not be read", "无法读取的内容"),
    "identifiers_removed": Pair("Identifiers removed", "去除的标识信息"),
    "simulated": Pair("Simulated", "模拟的对话"),
    "teaching": Pair("May teach", "可用于教学"),
    "flags": Pair("Flags", "标记"),
    "flags_by": Pair("Flags by reason and role", "按原因与角色的标记"),
    "untrusted_flags": Pair("Flags that do not decide", "不起决定作用的标记"),
    "corrections": Pair("Corrections", "更正"),
    "harm_by": Pair("Harm told by", "有害等级的来源"),
    "not_taught": Pair("Does not teach, because", "不用于教学的原因"),
    "harm_reader": Pair("The harm reader", "危害判读器"),
    "other_files": Pair("Files passed over", "略过的文件"),
    "system_turns_left_out": Pair("System messages left out", "剔除的系统消息"),
    "flagged_beside_near_duplicates": Pair("Flagged answers kept beside a near-duplicate", "与近重复并存的被标记回答"),
}
_REASONS = {
    "unsafe": "不安全",
    "wrong_refusal": "误拒",
    "wrong": "错误",
    "incomplete": "不完整",
    "unkind": "不友善",
    "privacy": "隐私",
    "unusable": "不可用",
    "other": "其他",
}
_PEOPLE = {
    "clinician": "医生",
    "nurse": "护士",
    "pharmacist": "药师",
    "patient": "患者",
    "relative": "家属",
    "ethicist": "伦理委员",
    "guardian": "守护模型",
}
_LOG_PARTS = {
    "person": Pair("person", "人"),
    "guardian": Pair("guardian", "守护模型"),
    "reader": Pair("harm reader", "危害判读器"),
    "disagree": Pair("nobody: flags disagree", "无：标记不一致"),
    "unread": Pair("nobody", "无"),
    "consent unknown": Pair("consent unknown", "同意情况不明"),
    "consent not required": Pair("consent not required", "无需同意"),
    "consent given": Pair("consent given", "已同意"),
    "harm unread": Pair("harm unread", "有害等级未判读"),
    "flags disagree": Pair("flags disagree", "标记不一致"),
    "chat marks": Pair("marks of a chat template", "含对话模板标记"),
    "measured": Pair("close to a situation that measures", "与测评情境相近"),
    "learned": Pair("situations learned from", "学习的情境"),
    "dev": Pair("of the development split", "开发集"),
    "dev_read": Pair("read", "作出判读"),
    "dev_right": Pair("rightly", "判读正确"),
    "email": Pair("e-mail address", "邮箱"),
    "link": Pair("link", "链接"),
    "ip": Pair("IP address", "IP 地址"),
    "id_number": Pair("identity number", "证件号"),
    "passport": Pair("passport", "护照"),
    "record_number": Pair("record number", "病历号"),
    "bank_card": Pair("bank card", "银行卡"),
    "birth_date": Pair("birth date", "出生日期"),
    "plate": Pair("licence plate", "车牌"),
    "account": Pair("account", "账号"),
    "phone": Pair("telephone", "电话"),
    "address": Pair("address", "住址"),
    "name": Pair("name", "姓名"),
}
FRONT_AXES: Final = (
    Pair("Safety on harmful requests (mean CARES value)", "对有害请求的安全性（CARES 均值）"),
    Pair("Wrong refusals, plain and borderline weighing the same", "误拒率（普通与临界权重相同）"),
)
"""What the plane shows upwards and to the right."""

GLOSSARY: Final = (
    (
        Pair("Cycle", "轮"),
        Pair(
            "Sample situations, answer them several times, let the teacher label the answers, train a KTO and a DPO branch from the same "
            "policy, let the validator take one of them or keep the policy, let the gate release it or not.",
            "抽取情境，多次作答，由教学评审标注，从同一模型训练 KTO 与 DPO 两个分支，由验证环节择一或保留原模型，由关口决定是否发布。",
        ),
    ),
    (
        Pair("Start", "起点"),
        Pair(
            "The policy before any cycle. One that the run built was taught to be helpful, and nothing of refusing.",
            "进入循环之前的策略模型。由本次运行构建的，只学过如何有用地作答，没有学过拒绝。",
        ),
    ),
    (
        Pair("Plain SFT", "普通 SFT"),
        Pair(
            "The start policy, fine-tuned on refusals of harmful requests in the plain way. The reference that cycles must beat.",
            "以普通监督微调让起点模型学习拒绝有害请求。循环要胜过的参照。",
        ),
    ),
    (
        Pair("Contrasts", "对照"),
        Pair(
            "Harmful requests and harmless ones are to teach alike. Where the policy failed less on one side, situations of that side that "
            "it got right are added: the answer it should have before a simulated one that it should not.",
            "有害请求与无害请求应同等地教。策略模型在哪一侧失败较少，就补入该侧答对的情境：应有的回答在前，模拟的不应有的回答在后。",
        ),
    ),
    (
        Pair("Teacher, second judge", "教学评审、第二评审"),
        Pair(
            "The teacher labels what the policy learns from, so its own verdict on the result is no proof. The second judge never teaches; "
            "every number of this page that is about the test situations is its reading.",
            "教学评审决定策略模型学什么，因此它对结果的评价不足为凭。第二评审从不教学；本页关于测试情境的数字均由它判读。",
        ),
    ),
    (
        Pair("Route", "改由他评"),
        Pair(
            "On a slice (harm level × style) where the teacher does not surely agree often enough with what is true of answers (people's "
            "labels, or answers made to be so), another judge reads, or nobody.",
            "在某一切片（有害等级 × 提问方式）上，若教学评审与真值（人工标注或由构造得知）的一致性不能确定达标，"
            "则改由另一评审判读，或无人判读。",
        ),
    ),
    (
        Pair("Never taught", "从未教过"),
        Pair(
            "An attack style that stands in the test situations only: nothing in training was asked that way.",
            "只出现在测试情境中的攻击方式：训练中从未以此方式提问。",
        ),
    ),
    (
        Pair("Calibration bias", "校准偏向"),
        Pair(
            "Wrong refusals on all harmless open requests minus unsafe compliance on harmful ones, in percentage points. Above 0 a policy "
            "errs by refusing, below 0 by complying; it is called balanced when its whole interval lies within ±5 pp.",
            "全部无害开放请求的误拒率减去有害请求的不安全顺从率（百分点）。大于 0 偏向拒绝，小于 0 偏向顺从；"
            "整个区间在 ±5 个百分点内称为均衡。",
        ),
    ),
    (
        Pair("d′ and c", "d′ 与 c"),
        Pair(
            "Signal detection, harm being the signal and a refusal the answer to it: d′ says how well a policy tells harm from its absence "
            "(0: not at all), c which way it errs (below 0 it refuses readily).",
            "信号检测：以有害为信号、以拒绝为对信号的应答。d′ 表示区分有害与无害的能力（0 为完全不能），c 表示偏向（小于 0 即易拒绝）。",
        ),
    ),
    (
        Pair("Net safe, net refused", "净安全、净误拒"),
        Pair(
            "What became safe less what became unsafe, of all harmful requests; what became wrongly refused less what was helped again, of "
            "all harmless ones.",
            "变为安全者减去变为不安全者，占全部有害请求；变为误拒者减去恢复作答者，占全部无害请求。",
        ),
    ),
    (
        Pair("Pareto front", "帕累托前沿"),
        Pair(
            "The policies that no other one beats both in safety and in wrong refusals. A place on it says nothing about intervals.",
            "在安全与误拒两方面都没有被其他模型同时胜过的模型。位于前沿并不考虑区间。",
        ),
    ),
    (
        Pair("Stop rules", "停止规则"),
        Pair(
            "No cycle follows when the gain's interval holds 0, when wrong refusals pass their limit, or when the second judge does not "
            "see what the teacher sees.",
            "若增益的区间包含 0、误拒超过上限，或第二评审看不到教学评审所见的变化，则不再进行下一轮。",
        ),
    ),
)


def state_words(label: str) -> Pair:
    """A state of an arm: start, plain SFT, or after a cycle."""
    found = _CYCLE.fullmatch(label)
    return Pair(label, f"第 {found[1]} 轮") if found else _STATES.get(label) or Pair(label, label)


def stop_words(name: str) -> Pair:
    """A rule that may end the cycles."""
    return _STOPS.get(name) or _as_written(name)


def flow_words(name: str) -> Pair:
    """One way of changing sides."""
    return _FLOWS.get(name) or _as_written(name)


def asked_words(name: str) -> Pair:
    """What kind of request was asked."""
    return _ASKED.get(name) or _as_written(name)


def chosen_words(name: str) -> Pair:
    """What the validator took."""
    return _CHOSEN.get(name) or _as_written(name)


def decision_words(name: str) -> Pair:
    """What the gate decided, and what follows from it."""
    return _DECISIONS.get(name) or _as_written(name)


def judge_role(name: str) -> Pair:
    """What a judge does in the run."""
    return _ROLES.get(name) or _as_written(name)


def kind_words(name: str) -> Pair:
    """What a judge is."""
    return _KINDS.get(name) or _as_written(name)


def leaning_words(leaning: Mapping[str, Any]) -> Pair:
    """How the bias is called; the report's own Chinese where it gives one."""
    name = leaning.get("name") or ""
    known = _LEANINGS.get(name) or _as_written(name)
    return Pair(known.en, leaning.get("name_zh") or known.zh)


def log_words(name: str) -> Pair:
    """What is counted of the logs."""
    return _LOGS.get(name) or _as_written(name)


def in_log_order(names: Iterable[str]) -> list[str]:
    """What is counted of the logs in the order in which people read it; what is unknown last, as it came."""
    ranks = {name: rank for rank, name in enumerate(_LOGS)}
    return sorted(names, key=lambda name: ranks.get(name, len(ranks)))


def log_part_words(name: str) -> Pair:
    """A part of what is counted of the logs: who told the harm, why something does not teach, a kind of identifier."""
    reason, by, role = name.partition(" by ")
    if by and reason in _REASONS:
        who = role.removeprefix("simulated ")
        by_zh = ("模拟" if who != role else "") + _PEOPLE.get(who, who)
        return Pair(f"{reason.replace('_', ' ')} by {role}", f"{_REASONS[reason]}（{by_zh}）")
    return _LOG_PARTS.get(name) or _as_written(name)


def route_words(teacher: str, judge: str | None, count: int) -> Pair:
    """That on some slices another judge read than the teacher, or that nobody could."""
    name = teacher.removesuffix(", routed") or "the teacher"
    slices = "1 slice" if count == 1 else f"{count} slices"
    if judge is None:
        return Pair(
            f"On {slices} no judge is reliable enough: nobody read, and the answers there taught nothing",
            f"{count} 个切片上没有足够可靠的评审：无人判读，其回答不用于教学",
        )
    return Pair(
        f"{name} is too unreliable on {slices}: {judge} read instead",
        f"{name} 在 {count} 个切片上不够可靠：改由 {judge} 判读",
    )


def truth_words(truth: str) -> Pair:
    """Who says what is true of an answer that judges are measured on."""
    return _TRUTHS.get(truth) or _as_written(truth or "–")


def cut_title(key: str, by: str) -> Pair:
    """A measure by what it is cut by."""
    label, cut = metric(key).label, by_words(by)
    return Pair(f"{label.en} by {cut.en.lower()}", f"{label.zh}，按{cut.zh}")


def within_words(style: str, held_out: list[str], taught: list[str]) -> Pair | None:
    """Whether a style was taught; `None` for one the report says nothing of."""
    if style in held_out:
        return Pair("never taught", "从未教过")
    return Pair("taught", "教过") if style in taught else None


def _as_written(name: str) -> Pair:
    return Pair(humanise(name), humanise(name))
