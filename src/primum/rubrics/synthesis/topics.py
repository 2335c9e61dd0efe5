"""What a statement may be about that not every query gives occasion for: pregnancy, children, surgery, cancer, alcohol …

A principle that speaks of such a topic is joined to a query only where the query touches it. Words are looked for in lower case; an
English word must begin where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from primum.records import Language

__all__ = ["CONTEXT", "TOPICS", "Topic", "fits_of", "occasions_of", "topics_of"]


class Topic(NamedTuple):
    """Words in Chinese and in English that make a text speak of a topic, as regular expressions; the last two only give occasion for it."""

    zh: str
    en: str
    zh_occasion: str = ""
    en_occasion: str = ""


TOPICS: Mapping[str, Topic] = {
    "pregnancy": Topic(
        "怀孕|孕妇|孕期|妊娠|胎儿|胎动|产妇|产后|产前|分娩|流产|备孕|哺乳|羊水|子痫|剖宫产|胎盘",
        "pregnan|fetus|fetal|foetus|foetal|breastfeed|breast-feed|nursing mother|trimester|miscarriage|childbirth|postpartum|"
        "antenatal|prenatal|obstetric|eclampsia|placenta",
        "喂奶|母乳|早孕|停经|孕[0-9一二三四五六七八九]|难产|绒毛膜|葡萄胎|月经推迟",
        "conceiv|labour|gestation|have a baby|period is|weeks along",
    ),
    "children": Topic(
        "孩子|小孩|儿童|婴儿|宝宝|新生儿|患儿|小儿|幼儿|婴幼儿|早产儿|儿科|青少年|家长|未成年",
        "child|kids?\\b|bab(?:y|ies)\\b|infant|newborn|neonat|toddler|paediatric|pediatric|parents?\\b|teenage|adolescen|juvenile",
        "男孩|女孩|男童|女童|男婴|女婴|月大|月龄|(?<![0-9])(?:[1-9]|1[0-7])(?:周)?岁|[一二三四五六七八九]岁|出生|儿子|女儿",
        "(?<![0-9])(?:[1-9]|1[0-7])[- ]year|month-old|my (?:son|daughter|little)|congenital|boys?\\b|girls?\\b|preterm",
    ),
    "elderly": Topic(
        "老人|老年|高龄",
        "elderly|older (?:adult|people|person|patient|man|woman)|geriatric|frail",
        "爷爷|奶奶|外公|外婆|姥姥|姥爷|[6-9][0-9](?:周)?岁|痴呆|阿尔茨海默|前列腺",
        "grandma|grandmother|grandpa|grandfather|[6-9][0-9][- ]year|dementia|alzheimer",
    ),
    "surgery": Topic(
        "手术|术前|术后|术中|切除|移植|开刀|麻醉|切口",
        "surg|operations?\\b|operative|anaesth|anesth|transplant|resection|incision|postoperative|preoperative",
        "介入|支架|引流|微创|整形|拔牙|置换|植入",
        "operate|ectomy|stent|bypass|amputat|replacement",
    ),
    "cancer": Topic(
        "癌|肿瘤|白血病|淋巴瘤|化疗|放疗|恶性",
        "cancer|tumou?r|leuka?emia|lymphoma|chemotherap|radiotherap|malignan|carcinoma|melanoma|myeloma|oncolog",
        "转移|肉瘤|母细胞瘤|骨髓瘤|靶向|瘤|肿块|包块",
        "radiation|metasta|sarcoma|chemo\\b|blastoma|lump",
    ),
    "infection": Topic(
        "感染|细菌|病毒|传染|抗生素|抗菌|隔离|寄生虫",
        "infect|bacteri|virus|viral|contagio|antibiotic|antimicrobial|isolation|parasit|outbreak",
        "炎|发热|发烧|肺炎|结核|艾滋|脓|真菌|疫|疹|梅毒|霉",
        "fever|pneumonia|tubercul|hepatitis|hiv\\b|sepsis|fung|itis\\b|measles|chickenpox|flu\\b|shingles",
    ),
    "self-harm": Topic(
        "自杀|自伤|轻生|自残",
        "suicid|self-harm|self harm|harming (?:him|her|them)sel",
        "不想活|遗书|想死|抑郁|绝望",
        "kill (?:my|him|her|them)sel|want to die|want to live|end my life|depress|hopeless",
    ),
    "mind": Topic(
        "心理|精神科|情绪|抑郁|焦虑",
        "mental health|psycholog|psychiatr|counsell?ing|depress|anxiet|emotional support",
        "精神|失眠|幻觉|自闭|恐惧|恐怖|强迫|躁狂|不想活|压力|害怕|担心|癌|晚期|瞒|痴呆",
        "anxious|insomnia|halluc|autis|panic|phobia|mood|bipolar|suicid|stress|adhd|schizo|worr|cancer|dying|dementia|want to live",
    ),
    "alcohol": Topic(
        "酒", "alcohol|drinking\\b", "戒断|肝硬化|脂肪肝|痛风|头孢", "beer|wine|liquor|withdrawal|cirrhos|metronidazole"
    ),
    "smoking": Topic(
        "烟|尼古丁",
        "smok|tobacco|cigarette|nicotine|vaping",
        "慢阻肺|肺癌|支气管|冠心病",
        "copd|lung|bronchi|heart disease",
    ),
    "poison": Topic(
        "中毒|误服|误吞|误食|农药|毒物|毒素|解毒|洗胃|催吐",
        "poison|overdose|toxin|antidote|ingested|pesticide|induce vomiting|induced vomiting|gastric lavage",
        "过量|(?<!病)毒(?!性)|吃了二十|一大把|误喝|煤气|安眠药",
        "swallowed|whole bottle|venom|toxic|bleach|carbon monoxide|gas leak|injected her insulin twice",
    ),
    "injury": Topic(
        "骨折|外伤|烫伤|烧伤|扭伤|伤口|咬伤|创伤|脱位|异物",
        "fractur|injur|burns?\\b|sprain|wound|bites?\\b|trauma|dislocat|foreign body",
        "崴|撞|摔|跌|刺|踢|车祸|受伤|烫|咬|破了|噎",
        "fell\\b|fall\\b|crash|bitten|broken|stab|splash|scratch|cut\\b|pricked|twist",
    ),
    "bleeding": Topic(
        "出血|流血|失血|止血|抗凝|凝血",
        "bleed|ha?emorrhag|blood loss|anticoag|clotting|coagul",
        "便血|咯血|呕血|血尿|吐血|华法林|输血|血小板|紫癜|血肿|溶栓",
        "blood in|warfarin|transfus|platelet|clot|thrombo|aspirin",
    ),
    "transfusion": Topic(
        "输血|血型|献血", "transfus|blood type", "失血|大出血|贫血|白血病", "ha?emorrhag|ana?emia|bleeding out|leuk"
    ),
    "diabetes": Topic(
        "糖尿病|血糖|胰岛素|酮症",
        "diabet|glucose|insulin|blood sugar|ketoacid",
        "二甲双胍|降糖|糖化|口渴|尿多|多尿",
        "metformin|hypoglyc|a1c",
    ),
    "blood pressure": Topic(
        "高血压|血压|降压", "blood pressure|hypertensi|hypotensi", "子痫|头晕|休克", "ace inhibitor|shock|stroke"
    ),
    "heart": Topic(
        "心脏|心梗|心肌|心电图|冠心病|心绞痛|心律|房颤|心衰|心功能",
        "heart|cardiac|cardio|coronary|angina|arrhythm|atrial fib|ecg\\b|ekg\\b|electrocardiogram",
        "胸痛|胸闷|胸口|支架|心悸|心慌|瓣|早搏|心动|心包",
        "chest pain|chest feels|palpitat|myocard|valve|mitral|pulse",
    ),
    "stroke": Topic(
        "中风|脑梗|卒中|脑出血|溶栓",
        "stroke|thromboly",
        "偏瘫|口角|嘴也歪|口齿|言语不清|含糊|半边|脑血管|失语|肢体无力",
        "hemipleg|slurred|face droops|facial droop|speak|aneurysm|numb",
    ),
    "breathing": Topic(
        "呼吸|气道|窒息|哮喘|吸氧|氧饱和|海姆立克",
        "breath|airway|chok|asthma|oxygen|respirat|heimlich|inhaler",
        "噎|喘|气管|咳|肺|缺氧|紫绀|发绀|喉|鼻",
        "wheez|lung|pulmon|cough|inhal|copd|bronch|cyanos|throat",
    ),
    "seizure": Topic("抽搐|癫痫|惊厥", "seizure|epilep|convuls", "痉挛|抽|子痫|强直", "spasm|eclampsia|fit\\b"),
    "allergy": Topic(
        "过敏|肾上腺素",
        "allerg|anaphyl|epinephrine|adrenaline",
        "荨麻疹|红疹|皮疹|花粉|药疹|哮喘|海鲜|瘙痒|湿疹",
        "hives|urticar|rash|hay fever|swelling after|itch|eczema|shrimp",
    ),
    "vaccine": Topic(
        "疫苗|接种",
        "vaccin|immuni[sz]ation|booster",
        "狂犬|破伤风|麻疹|水痘|流感|乙肝|咬|脾切除|风疹",
        "shot\\b|shots\\b|rabies|tetanus|measles|flu\\b|chickenpox|bite|splenectomy|rubella",
    ),
    "sexual": Topic(
        "性生活|性病|避孕|性传播|安全套|性交|性伴",
        "sexual|contracepti|condom",
        "梅毒|淋病|艾滋|尖锐湿疣|勃起|早泄|外阴|阴道|宫颈|HPV|hpv",
        "syphilis|gonorrh|chlamyd|hiv\\b|erectile|std\\b|sti\\b|the pill|genital|vagin|cervi|hpv",
    ),
    "kidney": Topic("肾|透析|肌酐", "kidney|renal|dialysis|creatinine|egfr", "尿|水肿|浮肿", "urin|nephr|oedema|foamy"),
    "liver": Topic("肝|转氨酶", "liver|hepat|cirrhos|transaminase", "黄疸|胆|酒", "jaundice|bile|biliary|gallbladder"),
    "bowel": Topic(
        "胃|肠|大便|排便|便血|便秘|腹泻|痔",
        "stomach|bowel|intestin|diarrh|constipat|stool|ha?emorrhoid|colonoscop|gastro",
        "腹|呕|消化|阑尾|吞咽|食管|食道|幽门|肛|便|肚子|拉",
        "abdom|vomit|digest|appendi|colon|swallow|rect|c(?:o)?eliac|dysphag",
    ),
    "skin": Topic(
        "皮肤|皮疹|癣|痤疮|湿疹|瘙痒|防晒",
        "skin|rash|eczema|acne|itch|psoria|sunscreen|dermat",
        "疹|水疱|红斑|斑|疱|银屑|疣|溃|疮|痒|荨麻",
        "blister|derma|mole\\b|melanoma|wart|hives|ring on",
    ),
    "eyes": Topic(
        "眼|视力|视网膜|角膜",
        "eye|vision|sight\\b|retina|cornea|ophthalm",
        "视物|近视|青光|白内障|斜视|看不见|飞蚊",
        "glaucoma|cataract|spots before",
    ),
    "teeth": Topic("牙|口腔", "tooth|teeth|dental|dentist|gums?\\b|oral hygiene", "龋|嘴|舌", "mouth"),
    "joints": Topic(
        "关节|骨质|脊柱|腰椎|颈椎",
        "joints?\\b|arthrit|spine|osteo|knee|orthop",
        "风湿|痛风|腰|膝|骨|肌|肩|崴|踝",
        "gout|back pain|muscle|bone|rheum|ankle|hip\\b",
    ),
    "hormones": Topic(
        "甲状腺|激素|内分泌",
        "thyroid|hormon|endocrin|steroid",
        "甲亢|甲减|垂体|肾上腺|性早熟|月经|泼尼松|地塞米松|库欣",
        "pituitar|adrenal|puberty|cushing|period",
    ),
    "genes": Topic(
        "遗传|基因|染色体",
        "gene(?:s|tic)?\\b|inherit|hereditary|chromosom",
        "先天|家族|综合征|孪生|会不会传|近亲",
        "congenital|familial|family|syndrome|deficiency|dystroph|runs in|pass it on|mutation|rare|dysplasia",
    ),
    "privacy": Topic(
        "隐私|保密|病历|泄露|个人信息",
        "privacy|confidential|medical records|personal (?:data|information)",
        "化验单|照片|影像用于|查阅|公开|告诉|披露|复印",
        "disclos|photo|publish|records|my employer|my boss|tell (?:his|her|their)",
    ),
    "consent": Topic(
        "知情同意|同意书|签字|自主|监护人|强制",
        "consent|autonom|capacity to|guardian|informed decision|right to refuse",
        "同意|知情|拒绝|放弃|自愿|瞒|监护|意见不|尊重|不想截|不许",
        "refus|against (?:his|her|their|my) will|tell her|tell him|informed|decline|decide|wants to stop|disagree|hide",
    ),
    "end of life": Topic(
        "临终|姑息|安宁疗护|生前预嘱|安乐死",
        "end of life|end-of-life|hospice|palliative|living will|euthanas|advance directive",
        "放弃治疗|放弃化疗|晚期|插管|抢救|活多久|癌症转移|终末",
        "resuscitat|terminal|end-stage|life support|dying|intubate|how long does (?:he|she|my)|advanced dementia|has spread",
    ),
    "research": Topic(
        "临床试验|受试者|伦理委员会",
        "clinical trial|study participant|ethics committee|investigational",
        "研究|新药|实验(?!室)",
        "research|experimental|trials?\\b",
    ),
    "law": Topic(
        "法律|法规|赔偿|起诉|法院|违法",
        "legal|lawful|law\\b|laws\\b|liable|liabil|statut",
        "合法|投诉|权利|条例|责任|规定|辞退|反悔",
        "sue\\b|(?:the|a|my|have|patient) rights?\\b|rights? to|complain|regulation|allowed|fired|must .* retained",
    ),
    "travel": Topic("旅行|出国|旅游|飞机|高原", "travel|altitude", "坐飞机", "flight|flying|abroad|trip"),
    "weight": Topic(
        "减肥|肥胖|减重|超重",
        "obes|lose weight|weight loss diet|bmi\\b",
        "脂肪肝|体重|血脂|糖尿病|打呼|打鼾|痛风|高血压",
        "weight|fatty liver|snor|diabet|cholesterol|blood pressure",
    ),
}
"""By topic. A query that says `refuse` gives occasion to speak of consent; a statement that says it does not speak of consent by that."""

CONTEXT = frozenset(
    {
        "pregnancy",
        "children",
        "elderly",
        "allergy",
        "kidney",
        "liver",
        "alcohol",
        "smoking",
        "genes",
        "bleeding",
        "hormones",
    }
)
"""What a good answer may ask about although the query does not touch it: the topics of a history."""

_ASKS = {
    "zh": re.compile(r"询问|了解|追问|核实|问清|问明|病史|史|排除"),
    "en": re.compile(r"\b(?:asks?|asking|inquires?|enquires?|clarif\w+|checks? (?:whether|for)|history)\b", re.I),
}


@cache
def _patterns(language: Language, with_occasions: bool) -> tuple[tuple[str, re.Pattern[str]], ...]:
    start = "" if language == "zh" else r"(?<![a-z])"
    found = []
    for name, topic in TOPICS.items():
        said, occasion = (topic.zh, topic.zh_occasion) if language == "zh" else (topic.en, topic.en_occasion)
        whole = f"{said}|{occasion}" if with_occasions and occasion else said
        found.append((name, re.compile(f"{start}(?:{whole})")))
    return tuple(found)


def topics_of(statement: str, language: Language) -> frozenset[str]:
    """The topics that a statement speaks of and a query must touch; one that asks for the history needs no occasion for `CONTEXT`."""
    plain = statement.lower()
    found = frozenset(topic for topic, pattern in _patterns(language, False) if pattern.search(plain))
    return found - CONTEXT if _ASKS[language].search(statement) else found


def occasions_of(query: str, language: Language) -> frozenset[str]:
    """The topics that a query gives occasion for."""
    plain = query.lower()
    return frozenset(topic for topic, pattern in _patterns(language, True) if pattern.search(plain))


_NOW = {
    "zh": re.compile(r"急诊|120|急救|抢救|(?:立即|马上|立刻)(?:就医|就诊|送医|到医院|去医院)"),
    "en": re.compile(r"emergency|ambulance|\b911\b|\b999\b|at once|immediately|right away", re.I),
}
_SOON = {
    "zh": re.compile(r"近日|(?:尽快|及时|及早|尽早)(?:前往|到|去)?(?:就医|就诊|医院)|几天内"),
    "en": re.compile(
        r"within (?:a few )?days|within the week|(?:clinician|doctor|appointment|care|seen) soon|promptly", re.I
    ),
}
_ONLY_IF = {
    "zh": re.compile(r"如果|如有|如出现|若|一旦|时应|万一|何时"),
    "en": re.compile(r"\bif\b|\bwhen\b|\bshould\b.*\b(?:occur|worsen)|in case", re.I),
}
_SETTLED_NOT = {
    "zh": (
        re.compile(r"没有定论|尚无定论|尚不清楚|争议"),
        re.compile(r"所缺的信息|缺少.{0,6}信息|还需要(?:知道|了解|哪些)|判断病情所缺"),
    ),
    "en": (
        re.compile(r"does not know|not known|disagree|no consensus|controvers", re.I),
        re.compile(r"which facts|missing|facts are needed|more information", re.I),
    ),
}


def fits_of(statement: str, language: Language) -> tuple[tuple[str, frozenset[str]], ...]:
    """The values of dimensions that a statement is fit for, whatever its principle says: what is asked of an emergency fits no other query.

    Sending somebody to emergency care fits an emergency alone, and to a clinician within days a prompt query, unless it says `if`; what is
    not known fits an open question, asking for facts one that lacks context.
    """
    found: list[tuple[str, frozenset[str]]] = []
    if not _ONLY_IF[language].search(statement):
        if _NOW[language].search(statement):
            found.append(("urgency", frozenset({"emergency"})))
        elif _SOON[language].search(statement):
            found.append(("urgency", frozenset({"prompt"})))
    unknown, missing = _SETTLED_NOT[language]
    if unknown.search(statement):
        found.append(("uncertainty", frozenset({"open"})))
    elif missing.search(statement):
        found.append(("uncertainty", frozenset({"missing_context"})))
    return tuple(found)
