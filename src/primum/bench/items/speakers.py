"""Who speaks in a vignette, by the subject of the rule: `医疗机构` speaks through somebody who works in one."""

# ruff: noqa: E501 (patterns and lists of words)

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from primum.bench.items.naming import pick
from primum.bench.items.sayable import Saying
from primum.bench.items.sayable_en import is_agent
from primum.records import Language

__all__ = ["Speaker", "actor", "setting", "speaker"]


class Speaker(NamedTuple):
    """`intro` opens the vignette, `self_word` is I or we, `setting` is `clinic`, `office`, `firm` or `home`."""

    intro: str
    self_word: str
    setting: str


# (pattern of the subject, setting, introductions): `{p}` is a place of the setting, `{who}` the subject's last words.
_ZH: Final = (
    (r"(?:部门|政府|机关)(?:及其.*)?$", "office", ("我在{p}的主管部门上班。", "我在{p}的政府机关工作，具体负责这一块。", "我在{p}的机关里跑业务。")),
    (r"乡村医生", "clinic", ("我在村卫生室当乡村医生。", "我是一名乡村医生，一个人守着村里的卫生室。")),
    (r"护士|护理", "clinic", ("我在{p}当护士。", "我是{p}的一名护士，这周轮到夜班。", "我在{p}的病区做责任护士。")),
    (r"助产|接生", "clinic", ("我在{p}做助产工作。",)),
    (r"鉴定|专家|调解", "office", ("我参加了一个专家小组的工作。", "我受委托参与一件纠纷的鉴定。")),
    (r"药师|调配|药学", "clinic", ("我在{p}的药房工作。", "我是{p}的药师。")),
    (r"医师|医生|医务人员|医疗卫生人员|卫生技术人员|医护", "clinic", ("我在{p}做内科医生。", "我是{p}的外科医生。", "我在{p}的急诊科上班。", "我是{p}的住院医师。", "我在{p}做全科医生。")),
    (r"检验机构|检测机构|检验所|检定", "office", ("我在{p}的一家检验机构工作。", "我在{p}的检验机构负责出具报告。")),
    (r"残疾人组织|康复机构|残疾人联合会", "office", ("我在{p}的一家康复机构工作。", "我在{p}的残疾人服务机构管具体事务。")),
    (r"未成年人的父母|儿童的监护人|父母或者其他监护人", "home", ("我住在{p}，家里有个还没成年的孩子。", "我是一个孩子的母亲，住在{p}。", "我是一个孩子的父亲，和家人住在{p}。")),
    (r"监护人|父母|赡养人|扶养人|抚养|子女|家庭成员|亲属|配偶|夫妻|男女双方|家庭", "home", ("我住在{p}，家里的事多半由我拿主意。", "我和家人住在{p}。", "我一个人在{p}照看家里。")),
    (r"学校|幼儿园|教师|教职", "office", ("我在{p}的一所学校负责日常管理。", "我在{p}的一所学校工作。")),
    (r"网络|算法|个人信息处理者|数据|平台|应用程序|电信|互联网", "firm", ("我在{p}的一家互联网公司负责产品。", "我在{p}的一家做健康应用的公司管数据。", "我在{p}的一家互联网平台做运营。")),
    (r"广告|媒|出版|电台", "firm", ("我在{p}的一家广告公司做策划。", "我在{p}的一家媒体做编辑。")),
    (r"注册人|备案人|医疗器械", "firm", ("我在{p}的一家医疗器械公司负责质量。", "我在{p}的一家医疗器械公司做法规事务。")),
    (r"受种者$", "home", ("我住在{p}，为自己的事来问一句。", "我是{p}的普通居民。")),
    (r"疫苗", "firm", ("我在{p}的一家疫苗企业负责质量。", "我在{p}的一家疫苗企业管生产。")),
    (r"药品|药物|药店|持有人|毒性药品|麻醉|精神药品", "firm", ("我在{p}的一家药品企业负责质量。", "我在{p}的一家药品公司管业务。", "我在{p}的一家药品企业做合规。")),
    (r"实验室|科研|研究|保藏|项目负责人|申办者|伦理", "firm", ("我在{p}的一个实验室做管理。", "我在{p}的一家研究所带一个课题组。")),
    (r"血站|献血|血液|采血|采供血", "office", ("我在{p}的血站工作。", "我在血站负责采血安排。")),
    (r"接种", "clinic", ("我在{p}的接种门诊工作。", "我在{p}负责预防接种。")),
    (r"经办机构|医疗保障", "office", ("我在{p}的医保部门工作。", "我在{p}负责医保经办。")),
    (r"参保人", "home", ("我住在{p}，平时用医保卡看病。",)),
    (r"疾病预防控制|疾控|卫生防疫", "office", ("我在{p}的疾控中心工作。", "我在{p}的疾病预防控制机构上班。")),
    (r"养老", "clinic", ("我在一家养老机构负责日常照护。", "我在养老院做管理。")),
    (r"政府|部门|机关|委员会|办事处|行政", "office", ("我在{p}的主管部门上班。", "我在{p}的政府机关工作，具体负责这一块。", "我在{p}的机关里跑业务。")),
    (r"医院|医疗机构|卫生院|保健机构|医疗卫生机构|医疗、保健|诊所|医疗单位|医疗保健|医疗救治|卫生机构|医联体|康复", "clinic", ("我在{p}的医务科工作。", "我在{p}负责院务管理。", "我是{p}的科室负责人。", "我在{p}的院办上班。")),
    (r"协会|学会|红十字", "office", ("我在{p}的一个行业组织工作。",)),
    (r"企业|公司|生产者|销售者|经营者|经营单位|生产|商|集团|用人单位", "firm", ("我在{p}的一家企业负责日常管理。", "我在{p}的一家公司做管理。")),
    (r"患者|病人|受害人|老年人|残疾人|未成年人|公民|居民|当事人|申请人|被侵权人|妇女|育龄", "home", ("我住在{p}，为自己的事来问一句。", "我是{p}的普通居民。")),
    (r"单位|组织|机构|站|中心", "office", ("我在{p}的一家单位负责这项工作。", "我在{p}的一个机构里管具体事务。")),
    (r"^个人$|参保|本人", "home", ("我住在{p}，为自己的事来问一句。", "我是{p}的普通居民。")),
    (r"人员|负责人|员工|工作人员|者", "office", ("我在{p}的一家单位做具体工作。", "我在{p}负责这方面的具体事务。")),
)  # fmt: skip
_ZH_ANY: Final = (
    (r"本人的?(?:医疗|身份|病历|医保)", "home", ("我住在{p}，为自己的事来问一句。", "我是{p}的普通居民。")),
    (r"患者|病历|诊疗|医疗机构|病人|处方|手术|医师|就诊|献血|血液|器官", "clinic", ("我在{p}的医务科工作。", "我在{p}上班。", "我是{p}的科室负责人。")),
    (r"药品|疫苗|医疗器械|广告|产品|生产|销售|经营", "firm", ("我在{p}的一家企业负责日常管理。", "我在{p}的一家公司跑业务。")),
    (r"信息|数据|网络|算法", "firm", ("我在{p}的一家互联网公司上班。", "我在{p}的一家公司管数据。")),
    (r"老年人|未成年人|残疾人|子女|家庭|儿童", "home", ("我住在{p}，家里的事多半由我拿主意。", "我和家人住在{p}。")),
    (r"", "office", ("我在{p}的一家单位上班。", "我在{p}的一个机构里管具体事务。")),
)  # fmt: skip
_EN: Final = (
    (r"nurse|midwi", "clinic", ("I am a nurse at {p}.", "I work nights as a nurse at {p}.")),
    (r"pharmac|dispens", "clinic", ("I am a pharmacist at {p}.",)),
    (r"physician|doctor|clinician|practitioner|surgeon|professional|member of the|psychiatr", "clinic", ("I am a physician at {p}.", "I am in my second year as a doctor at {p}.", "I work as a general physician at {p}.", "I am on the medical staff of {p}.")),
    (r"researcher|investigator|sponsor|scien|ethics|participant|trial", "firm", ("I run a research group in {p}.", "I coordinate studies at an institute in {p}.")),
    (r"developer|controller|processor|company|manufactur|vendor|provider|system|supplier|firm|business|plan", "firm", ("I manage operations at a health company in {p}.", "I look after data at a company in {p}.", "I lead a product team at a health firm in {p}.")),
    (r"parent|guardian|relative|famil|carer|patient|person|individual|donor|people|child", "home", ("I live in {p} and look after these matters for my family.", "I am an ordinary resident of {p}.")),
    (r"hospital|clinic|care home|facility|centre|center|ward|institution|entity|organi[sz]ation|body|laborator", "clinic", ("I work in the management office of {p}.", "I am in charge of a department at {p}.", "I handle administration at {p}.")),
    (r"", "clinic", ("I work at {p}.", "I handle day-to-day matters at {p}.", "I have a staff post at {p}.")),
)  # fmt: skip
_GENERAL: Final = ("I work at ", "I handle day-to-day", "I have a staff post")
_WE: Final = re.compile(
    r"机构|单位|企业|公司|部门|政府|机关|学校|医院|组织|持有人|注册人|备案人|处理者|提供者|委员会|站|中心|实验室|申办者"
)


def _told(one: Saying) -> tuple[str, tuple[str, ...]]:
    return _voices(one.language, one.who, "" if one.who else one.when + one.act + one.title)


@lru_cache(maxsize=4096)
def _voices(language: Language, who: str, said: str) -> tuple[str, tuple[str, ...]]:
    """The setting and the introductions for a subject, or for what is said where there is none."""
    if language == "en":
        return next((where, intros) for pattern, where, intros in _EN if re.search(pattern, who, re.I))
    if who:
        tail = re.split(r"[、和]|或者|以及|及其", who)[0] if len(who) > 10 else who
        for text in (tail, who):
            for pattern, where, intros in _ZH:
                if re.search(pattern, text):
                    return where, intros
    return next((where, intros) for pattern, where, intros in _ZH_ANY if re.search(pattern, said))


def setting(one: Saying) -> str:
    return _told(one)[0]


def speaker(one: Saying, places: tuple[str, ...], number: int) -> Speaker:
    """Somebody who could speak for the subject of the rule; `number` chooses the place and the words."""
    where, intros = _told(one)
    intro = pick(intros, number // 7).format(p=pick(places, number // 61))
    if one.language == "en":
        if (
            intro.startswith(_GENERAL)
            and re.match(r"(?:a|an|the) [a-z-]+(?: [a-z-]+)?$", one.who)
            and is_agent(one.who)
        ):
            intro = f"I am {re.sub('^the ', 'a ', one.who)} and deal with {pick(places, number // 61)} every day."
        return Speaker(intro, "I", where)
    is_body = bool(_WE.search(one.who))
    is_plain = re.match(r"(?:医疗机构|单位|医院)的|.*(?:父母|监护人)", one.who) or "与" in one.who
    if not is_plain and ("的" in one.who or re.match(r"非|境外|外国|执业助理", one.who)) and len(one.who) <= 26:
        # What sets this subject apart is part of the case.
        intro = f"{intro[:-1]}，{'我们' if is_body else ''}属于{one.who}。"
    return Speaker(intro, "我们" if is_body else "我", where)


def actor(one: Saying, surnames: tuple[str, ...], number: int) -> str:
    """The subject of the rule as somebody in a story: `护士李某`, `某医疗机构`; empty where it would not read well."""
    if one.language == "en":
        return one.who if re.match(r"(?:a|an)\s", one.who) and len(one.who) < 50 and is_agent(one.who) else ""
    if (
        not one.who
        or len(one.who) > 16
        or "的" in one.who
        or one.who == "个人"
        or re.search(r"[、，]|和|或者|以及|及其|国务院|各级|国家|人民法院|双方|以上|所有", one.who)
    ):
        return ""
    if re.search(
        r"(?:医师|医生|护士|人员|监护人|赡养人|乡村医生|药师|负责人|申请人|当事人|患者|鉴定人|被侵权人|受害人|公民|个人|老年人|残疾人|教师|父母)$",
        one.who,
    ):
        return f"{one.who}{pick(surnames, number)}"
    if re.match(r"县级以上|省级以上|设区", one.who) or not _WE.search(one.who):
        return ""
    return f"某{one.who}"
