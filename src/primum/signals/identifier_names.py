"""When what stands in the place of a name is one: Chinese surnames and what follows them, and capitalised words that name nobody."""

from __future__ import annotations

import re

__all__ = ["SURNAME", "is_given_name", "is_name", "is_named", "is_titled_name"]

_COMPOUND_TOLD = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶
太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 令狐 呼延 拓跋 轩辕 西门 南郭 百里
东郭
"""
_COMPOUND = _COMPOUND_TOLD.split()
# The commonest surnames; left out are those that are everyday words before a title (和, 向, 从, 连, 任 …).
_SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦"
    "邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤温康施文牛樊葛邢安齐伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕"
    "裴霍涂苗曲盛翁冉骆蓝喻穆辛靳古饶鲍房屈滕华车喜祁候尤芦戚管郁单娄裘邬柴阎瞿卓牟费蒙隋褚佟窦冷谷卞鄢闵池卫桑苟濮路祖仇"
)
SURNAME = rf"(?:{'|'.join(_COMPOUND)}|[{_SINGLE}])"
_OPENING = re.compile(SURNAME)

# Characters that stand in no given name, or so rarely that a word is the likelier reading.
_NOT_GIVEN = frozenset(
    "的了吗呢吧啊么是在有和与及或不没很太都也就还又再要会能可想该请让给把被对从向为因所以但而且如若则等这那哪什怎几多少个们你我他她它您谁"
    "医院科室病症患疼痛烧热血压糖脂炎癌疹疸肿瘤药针片剂量检查验诊治疗手术护士师者员工生育孕产妇婴儿童男女岁住出入院后前上下左右里外"
    "今昨日月年时分秒周号楼路街一二三四五六七八九十百千两半每次天吃喝打说问看找去来到过做用服停换开关救助急救车帮叫些种样点些吸按据知告由应必须给予开需谢"
    "主任副职级总某任何各另其此该本先首负责值班专家经常通常非正常门诊家庭全儿外内妇骨牙眼耳鼻喉心脑肝肾肺胃肠皮肤超度亲"
)
# Everyday words that open with a surname's character.
_WORDS_TOLD = """
安全 安心 安静 白天 白费 包括 毕竟 毕业 车子 曾经 常见 程度 池塘 单位 单纯 单独 段时间 范围 方便 方法
方面 费用 封闭 高度 高中 高考 古代 古怪 关于 关键 管理 广泛 国家 何必 何况 何苦 后来 胡乱 胡说 华人
黄色 黄昏 黄芪 江湖 金额 金属 康复 孔子 老公 老婆 雷同 冷静 黎明 梁柱 林业 路人 马虎 马桶 毛巾 梅毒
蒙古 孟买 明白 宁可 宁愿 牛奶 平安 屈服 任务 尚可 尚未 施工 时刻 史上 水平 司机 宋体 汤水 唐突 陶瓷
田地 万分 万能 万幸 温和 温暖 文化 文明 文字 武器 夏季 夏至 项目 新手 辛苦 熊猫 许可 许久 严格 严肃
颜色 杨梅 于是 余地 左侧 左手 左边 章节 张口 钟头 周末 周期 周围 祖母 祖父 祖传 尤其 龙眼 鲁莽 蓝色
冷汗 石头 石膏 白带 白发 白领 牛皮 金黄 江南 苏醒 汪洋 花生 卫生 文盲 单身 车主 房东 常客 老人 路过
武警 严谨 康复期 万一 马甲线 石化 方案 高管 高兴 高人 白种人 黄种人 金牛座 时间 费劲 管事
"""
_WORDS = frozenset(_WORDS_TOLD.split())

_NOT_NAMES_TOLD = """
a about after afraid all allergic also always am an and another any anxious are as asian asthmatic at aware
back bad bank be because before being best better  blind both breastfeeding but by calling can cancer
chief child  chronic clinic cold confused could covid crohn curious currently day dead deaf depressed
desperate diabetes diabetic did disease do does doing done down drug due each early eight elderly else
emergency english ever every fat fine first five for four friday from full general getting glad go going good
google grade great had happy has have having he health heart help her here high him his home hopeless hospital
how hungry i if ill im important in insulin intensive is it jehovah jewish just kidney last late left like
looking lost lucky male female medical mentally mine monday more most mostly mr mrs ms muslim my name nearly
need negative neither never new next nhs nine no nobody none normal not nothing now nurse obese of off ok old
on one only open or other our out over overweight paranoid pain part penicillin please positive post pregnant
private probably public quite rather ready really red reddy reddys right sad same saturday scared seriously
seven she short sick since single six small  so some somebody someone sorry spelled stage still stressed
struggling such sulfa sunday sure surgery syndrome taking ten terrified terribly than that the their them then
there these they this those three thursday tired to today together tomorrow too transgender tuesday two type
unable under unemployed unknown unsure unwell up us used usually vegan vegetarian very waiting was we
wednesday weight well were what when where which  who whole why will with within without woman wondering
working worried worse would written wrong yes yesterday you your zero strange who pepper oz strangelove bot ai
gpt chatgpt claude assistant doctor patient therapist pharmacist january february
september october november december yours best sent kind monday's ward unit care team
"""
_NOT_NAMES = frozenset(_NOT_NAMES_TOLD.split())
_NOT_TITLED_TOLD = """
a am an and are as at but can could did do does for from google had has have he hello hi how i if in is it its my no not of oh on or our
please reddy reddys said says she should so that the their then there they this to told was we what when where which who why will with
would yes you your
"""
_NOT_TITLED = frozenset(_NOT_TITLED_TOLD.split())
_JOINS_TOLD = """
van von de del da bin al
"""
_JOINS = frozenset(_JOINS_TOLD.split())


def is_given_name(found: re.Match[str]) -> bool:
    """Whether Han characters are a surname with one or two more: `张伟`, `欧阳晓雯`; a surname alone only where `alone` is a group.

    A guess by surname and by what no given name holds; `高血压` and `何时` are no names.
    """
    text = found["x"].replace("·", "")
    opening = _OPENING.match(text)
    if "·" in found["x"]:  # a name that was put into Han characters: 阿依古丽·买买提
        return 4 <= len(text) <= 12
    if opening is None or text in _WORDS:
        return False
    given = text[opening.end() :]
    least = 0 if "alone" in found.re.groupindex else 1
    return least <= len(given) <= 2 and not any(one in _NOT_GIVEN for one in given)


def is_named(found: re.Match[str]) -> bool:
    """Whether Han characters after `姓名：` and its like can be a name, whatever the surname."""
    text = found["x"].replace("·", "")
    return is_given_name(found) or (2 <= len(text) <= 4 and not any(one in _NOT_GIVEN for one in text))


def is_titled_name(found: re.Match[str]) -> bool:
    """Whether what follows a title names somebody: `Dr. Black` does, `Dr. Google` and `Mrs and` do not."""
    return re.sub(r"['’]s?$", "", found["x"].split()[0].strip(".,")).lower() not in _NOT_TITLED


def is_name(found: re.Match[str]) -> bool:
    """Whether none of the words is one that opens sentences or tells how somebody is (`Afraid`, `Diabetic`, `Dr. Google`)."""
    tokens = [re.sub(r"['’]s?$", "", token.strip(".,")).lower() for token in found["x"].split()]
    named = [token for token in tokens if token not in _JOINS]
    return bool(named) and named[0] not in _NOT_NAMES and not all(token in _NOT_NAMES for token in named)
