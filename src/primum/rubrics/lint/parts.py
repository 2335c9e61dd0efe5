"""Double-barrelled statements: two acts in one criterion, so that an answer can do one and not the other.

A list of things under one verb is one act ("Asks about fever or a rash"); two verbs, two clauses ("that …, and that …"), two acts advised
in one breath and two aspects of a disease ("the causes and the treatment") are two. What stands in a condition is none of them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from primum.records import Language
from primum.rubrics.lint.cores import bare
from primum.rubrics.lint.found import Finding, LintCriterion, LintRow, Mend

__all__ = ["check_parts"]

# A list that says how many of its items are enough is one thing to check.
_COUNTED = re.compile(
    r"\bat least \w+ of (?:these|them|the)\b|至少(?:说到)?(?:其中)?[一二两三四五六0-9]+(?:项|种|个|点)"
)


class _Split(NamedTuple):
    first: str
    second: str
    shown_by: str


_SURE = (
    r"recommends?|advises?|suggests?|explains?|describes?|asks?|warns?|cautions?|encourages?|urges?|"
    r"tells?|mentions?|points? out|acknowledges?|"
    r"provides?|offers?|identif(?:y|ies)|clarif(?:y|ies)|discusses|discourages?|emphasi[sz]es?|reminds?|"
    r"informs?|instructs?|refers?|avoids?|fails? to|"
    r"does not|prescribes?|expresses|proposes|inquires?|enquires?|cites|directs?|omits?|reassures?|"
    r"outlines?|corrects?|declines?|refuses?|gives?|"
    r"says?|claims?|dismisses|ignores?|invites?|specifies|keeps|stresses|highlights?|indicates?|lectures?|"
    r"relates|connects|links|chooses|selects|justifies|quotes|assesses|evaluates|distinguishes|"
    r"differentiates|contrasts|arranges|"
    r"schedules|normali[sz]es|praises|comforts|educates|counsels|establishes|determines|interprets|"
    r"prioriti[sz]es|tailors|adjusts|"
    r"calls (?:for|the)|responds?|works? (?:out|the)|spends|opens|attributes|takes|threatens|sends|"
    r"scolds|mocks|invites|pushes|leaves|tries|begins|insists|interprets|estimates|calculates|compliments|"
    r"thanks|predicts|blames?|rules? out|orders|demands|apologi[sz]es|reports|teaches|helps|answers|"
    r"lets|demonstrates|validates?|addresses|summari[sz]es|defines"
)
_MAYBE = (
    r"names?|lists?|notes?|states?|uses?|shows?|limits?|includes?|covers?|confirms?|compares?|checks?|"
    r"makes?|adds?|writes?"
)
_OPENING = (
    rf"^(?:(?:{_SURE}|{_MAYBE}|understands|responds|reports|interprets|answers|predicts|rules|calculates|"
    rf"apologi[sz]es|attributes|calls for)\b|neither )"
)
_OF_FACTS = re.compile(
    r"provides?|gives?|helps?|keeps?|takes?|leaves?|sends?|makes?|shows?|uses?|includes?|covers?|"
    r"limits?|calls|opens|lets|begins|reports|works|indicates?|highlights"
)
_VERB_TWO = re.compile(
    rf"(?:,? and (?:then |also |finally |additionally |in addition |at the same time |even |later )?|"
    rf",? (?:but|while) (?:also )?|,? as well as |,? in addition to |; ?(?:and |also |it )?|, (?:then |"
    rf"also )?|\. |,? plus |/)"
    rf"(?:(?P<also>also |clearly |explicitly |briefly |not )?(?P<sure>{_SURE})\b|(?P<maybe>{_MAYBE}) (?!of\b|"
    rf"and\b|or\b|for\b|in\b))"
)
_LISTED = re.compile(
    r":|\b(?:includ\w+|such as|at least|one of|any of|these|based on|namely|consists? of)\b|：|包括|"
    r"至少|分为|如下|有以下"
)
_ENUMERATED = re.compile(r"; (?:and|or|and/or) ")
_SURELY_TWO = re.compile(
    r",? while also (?=\w+ing\b)|,? and (?=\w+[^s\W]e?s (?:the|a|an|his|her|their|how|why|whether) )|"
    r"; (?!whether|how|if|the |an? |or |its? |their )(?=\w+ \w+)|(?<=\w{4})\. (?=\w+s\b \w+)|"
    r" and also (?=\w+s\b)|,? (?:and|but) (?:at the same time|"
    r"in addition|moreover|additionally|furthermore),? (?=\w+)"
)
_GERUND_VERB = (
    r"(?:explaining|describing|asking|warning|mentioning|recommending|advising|suggesting|providing|"
    r"giving|stating|naming|listing|offering|telling|pointing out|discussing|acknowledging|noting|"
    r"correcting|expressing|keeping the|avoiding|encouraging|clarifying|reminding|reassuring|referring|"
    r"showing|identifying|emphasi[sz]ing|validating|respecting|stressing|addressing|presenting|comparing|"
    r"using (?:plain|simple)|outlining|highlighting|including)"
)
_GERUND_TWO = re.compile(
    rf",? (?:as well as|in addition to|besides|while(?: also)?|and(?: also)?|alongside|together with|"
    rf"along with|before|after|plus) {_GERUND_VERB}\b"
)
_CLAUSE_TWO = re.compile(
    r"(?<! when)(?<! how)(?<! why)(?<! where)(?<! whether)(?<! what)(?<! that),? (?:and|"
    r"as well as)(?: also)? (?:about |"
    r"on |of )?(?:that|how|whether|why|when|what|where|which|who|if) (?!to$)\w+"
)
_ABOUT_TWO = re.compile(r"\b(?:about|for|on) [^,;]+,? and (?:also )?(?:about|for) ")
_NO_ACT = (
    r"(?!(?:swelling|bleeding|bruising|itching|vomiting|sneezing|coughing|breathing|being|during|morning|"
    r"evening|nothing|anything|something|screening|testing|counselling|counseling|swallowing|wheezing|"
    r"feeding|thing|burning|tingling|fainting|sweating|drooling|snoring|scaling|peeling|housing|clothing|"
    r"nursing|hearing|meaning|feeling|warning|ongoing|spring|scarring|clotting|cramping|reasoning|"
    r"funding|timing|setting|existing|worsening|increasing|persisting|spreading|darkening|discoloring|"
    r"finding|staggering|slurring|smoking$)\b)"
)
_ADVISED_GERUNDS = re.compile(
    rf"^(?:recommends?|advises?|suggests?|encourages?|proposes?|prescribes?|warns? against|advises? against|"
    rf"discourages?) (?:[\w'’-]+ ){{0,4}}?{_NO_ACT}\w+ing (?P<one>[\w'’%-]+ [^;]*?|[\w'’-]+),? (?:and|"
    rf"as well as|plus)(?: also| then)? {_NO_ACT}(?:not )?\w{{3,}}ing\b"
)
_INFINITIVE = (
    r"(?:walk|drink|avoid|stop|start|see|call|take|keep|rest|eat|use|apply|wash|monitor|return|contact|"
    r"seek|consult|lose|reduce|ask|tell|go|get|give|put|check|measure|raise|elevate|cool|limit|cut|"
    r"quit|sleep|exercise|stay|wear|book|visit|bring|write|record|inform|hold|continue|increase|have|"
    r"begin|switch|test|report|lie|sit|breathe|skip|watch|clean|cover|note|talk|speak|send|refer|order|"
    r"perform|obtain|do|try|repeat|remove|discontinue|store|carry|chew|rinse|vaccinate|schedule|arrange)"
)
_ADVISED_INFINITIVES = re.compile(
    rf"^(?:recommends?|advises?|suggests?|encourages?|tells?|urges?|instructs?|directs?|reminds?|asks|"
    rf"warns?|orders?)(?: [\w'’-]+){{0,4}}? (?:not )?to {_INFINITIVE}\b[^;]*?,? (?:and|as well as)(?: also|"
    rf" then)? (?:not to |to |never )?{_INFINITIVE}\b(?! (?:of|in)\b)"
    rf"|^(?:recommends?|suggests?|advises?) that (?:[\w'’-]+ ){{1,4}}?{_INFINITIVE}\b[^;]*?,? and(?: also|"
    rf" then)? {_INFINITIVE}\b(?! (?:of|in)\b)"
)
_TWO_INFINITIVES = re.compile(
    r"^(?:recommends?|advises?|encourages?|tells?|urges?|instructs?|directs?|reminds?|asks|orders?|"
    r"warns?)\b.*? to \w+.*?"
    r",? and (?:not )?to (?!be\b|the\b|a\b)\w+"
)
_ASPECT = (
    r"(?:causes?|symptoms?|diagnosis|treatments?|prevention|prognosis|side effects|complications|epidemiology|"
    r"pathophysiology|mechanism|contraindications|alternatives|work-?up|management|screening|aetiology|"
    r"etiology|inheritance|monitoring)"
)
_ASPECTS = re.compile(
    rf"\b(?:the |its |their |possible |common |typical )*{_ASPECT}(?: of [\w' -]{{1,30}}?)?,? (?:and|"
    rf"as well as|, ?and)(?: of)? (?:the |its |their |possible |common |typical |available |main )*(?:\w+ )?{_ASPECT}\b"
)
_EN_CONDITION = re.compile(
    r"\b(?:if|when|in case|unless|because|should (?:the|it|they|symptoms)|who|whose|which|so that|"
    r"until|since|whenever|where|once)\b"
)
_BOTH = re.compile(r"^\w+s? both [^;]+ and (?:to |that |how |the need|an? )")

_ZH_VERB = (
    r"(?:建议|推荐|说明|解释|指出|提醒|告知|告诉|询问|问及|追问|强调|列出|列举|提到|提及|提供|给出|"
    r"警告|告诫|劝阻|劝说|劝患者|劝(?=其|他|她|家)|鼓励|表达|表示(?=同|理|歉|关)|承认|介绍|描述|引用|"
    r"区分|避免|使用|要求|示范|回应|"
    r"安抚|安慰|叮嘱|嘱咐|推测|附上|交代|讨论|纠正|阐明|阐述|明确|注明|总结|比较|分析|评估|指导|开具|"
    r"开出|写出|说出|声称|断言|拒绝|忽略|忽视|遗漏|没有(?=询问|说明|提|建|解|告)|未(?=询问|说明|提|"
    r"建|解|告)|让(?=患者|家|用户|来电|孩|母|父|对方|病)|问(?=了|患者|有|是)|点明|概述|尊重|道歉|复述)"
)
_ZH_VERB_TWO = re.compile(
    rf"(?:[，；。,;]\s*(?:并且?|同时|还|也|再|以及|而且|且|另外|此外|然后|随后|最后|又|但|却|而|并同时)?|"
    rf"并且?(?:同时|进一步)?|同时(?:也|还)?|以及|而且|且|还|又|和|与|及)(?:主动|明确|清楚地?|简要地?|"
    rf"再次|进一步|要|直接|应当?|首先|详细)?(?P<verb>{_ZH_VERB})"
)
_ZH_SURELY_TWO = re.compile(
    r"[，；,;](?:并且?(?!列(?!出|举)|非|不|没|未|无)|同时|而且|此外|另外|以及(?=[^，、]{0,6}(?:是否|应|不|会|能|要|有无))|还(?!是|有)|也(?![就可不要能会是有])|"
    r"且(?!不))(?=\S{3})|[；;。](?=\S{3})|的同时[，]?(?=\S{2})|(?<=[\u3400-\u9fff]{3})(?<![合一])并(?!发|"
    r"列(?!出|举)|不|非|存|购|行|无|没)且?(?=[为向对给就用把将在以按][\u3400-\u9fff]{2})"
)
_ZH_STEPS = re.compile(r"[，；](?:必要时|随后|然后|接着|继而|最后|再(?=[去到做查行拍]))(?=[\u3400-\u9fff]{2})")
_ZH_OF_FACTS = ("使用", "避免", "区分", "讨论", "比较", "分析", "评估", "提供", "要求", "拒绝")
_ZH_CLAUSE_TWO = re.compile(
    r"(?:以及|并且|并(?!不)|和|与|及|，还有|，及)(?:应该?|应当|其|需要?)?(?:如何|怎么|怎样|为什么|为何|何时|"
    r"什么时候|是否|有无|哪些|多久|不应|不能|不宜|不要|不得|应当?(?!用))"
)
_ZH_BOTH = re.compile(r"^(?:既|一方面|不仅|不但|除了?|一边).+?(?P<mid>[，、,]?(?:又|也|另一方面|而且|还|同时|一边))")
_ZH_ADVISED_TWO = re.compile(
    r"^(?:不)?(?:建议|推荐|劝|要求|鼓励|嘱咐?|叮嘱|提醒|指导|让|告诫|告诉患者|敦促|督促|提倡|提议|"
    r"倡导)[^，。；如若当果](?:(?!如果|若|一旦|时[，])[^。；])*?(?:[，]?(?:并且?(?!没|未|无)|同时|然后|以及(?=定期|避免|注意|复查|进行|做|限制|减少|增加|"
    r"停|戒|保持|控制)|而且|"
    r"(?<!后)再|且|，也|，还)(?!说|来|看|发|列|不(?:是|存)|存|购|现|次(?!测)|生|非|查)|和(?=避免|不要|停止|"
    r"减少|增加|戒|限制|保持|控制|服用|进行|注意|定期|按时|坚持|复查|多喝|多吃|少吃|做好)|，(?=避免(?!.{0,14}(?:风险|不良反应|复发|加重|损伤|感染$))|"
    r"不要|停止|多(?=喝|吃|休|饮|做)|少(?=吃|喝|食|饮)|按时|定期|保持|注意|减少|增加|戒|去|到医院))(?=[\u3400-\u9fff])"
)
_ADVISING = re.compile(
    r"(?:recommends?|advises?|suggests?|refers?|urges?|tells?|encourages?)\b|建议|推荐|让|要求|鼓励|劝"
)
_ZH_ASPECT = (
    r"(?:病因|原因|症状|临床表现|表现|诊断(?:方法|标准)?|治疗(?:方法|方案|手段|措施)?|预防(?:方法|"
    r"措施)?|预后|副作用|不良反应|并发症|发病机制|机制|禁忌证?症?|注意事项|检查(?:方法|项目)?|用法|"
    r"危险因素|适应证|遗传方式|护理(?:方法|要点)?|流行病学|疗程|剂量|费用|风险|获益|利弊|局限性?|时机|复查(?:时间|频率|间隔)|随访(?:时间|计划)?)"
)
_ZH_ASPECTS = re.compile(
    rf"{_ZH_ASPECT}(?:和|与|及其?|以及|、|，以及)(?:其|相应的?|常用的?|主要的?|常见的?|可能的?|可选的?|"
    rf"具体的?)?{_ZH_ASPECT}(?!的(?:区别|关系|差异|不同|联系))"
)
_ZH_CLAUSE = re.compile(r"^(?:指出|说明|提到|强调|告知).*?(?:会|应|可(?!能的|选)|需|均|根据|将)")
_ZH_IN_CONDITION = re.compile(
    r"(?:如果|(?<![例比譬诸])如(?!何|[^，]{1,10}、)|若|(?<![应相适])当(?![天日地前晚成作场时])|一旦)[^，就]*$"
)
_ZH_LEADS_ELSE = re.compile(
    r"^(?:如|若|当|对于|对(?!.{0,12}(?:表|进))|在|未经|没有|仅|只|虽|尽管|既然|因|由于|针对|根据|按|"
    r"一旦|假如|以|用|不(?!建|推|鼓|主))"
)
_ZH_OPENING = re.compile(
    rf"^(?:不|未|没有|从不|能|会)?(?:主动|明确|直接)?(?:{_ZH_VERB}|表示|开头|回答|判断|认为|肯定|否认|"
    rf"识别|安排|停|计算|算出|给|说|讲|承诺|保证|反对|引导|帮|教|劝|提示|提出|确认|估计|纠正|道歉|复述|"
    rf"阐|介|讲|描|追|体谅|叮|指示|用|陈述|点|测|警示)"
)


def check_parts(row: LintRow, place: int, criterion: LintCriterion) -> Finding | None:
    text = bare(criterion.statement, row.language)
    if _COUNTED.search(text):
        return None
    split = _split_english(text) if row.language == "en" else _split_chinese(text)
    if split is None:
        return None
    why = f"asks for two things at once ({split.shown_by!r}): an answer can do one and not the other"
    return Finding(
        "double_barrelled", row.id, place, None, criterion.statement, why, _mend(criterion, split, row.language)
    )


def _mend(criterion: LintCriterion, split: _Split, language: Language) -> Mend:
    """The two halves, the points shared between them; both stay a veto where the whole was one."""
    if not split.first or not split.second:
        return Mend("write one criterion for each of the things asked for")
    size, sign = abs(criterion.points), 1 if criterion.points >= 0 else -1
    shares = (max(1, (size + 1) // 2) * sign, max(1, size // 2) * sign) if size else (0, 0)
    halves = tuple(
        criterion._replace(statement=_sentence(half, language), points=points)
        for half, points in zip((split.first, split.second), shares, strict=True)
    )
    return Mend("split it, and share its points", halves)


def _sentence(text: str, language: Language) -> str:
    text = text.strip(" ,，;；.。、")
    return f"{text[:1].upper()}{text[1:]}." if language == "en" else f"{text}。"


def _split_english(text: str) -> _Split | None:
    if not re.match(_OPENING, text) and not re.match(r"^\w+s\b|^(?:not|never) ", text):
        return None
    verb = text.split()[0]
    if found := _VERB_TWO.search(text):
        is_base = not verb.endswith("s")
        second = found["sure"] or found["maybe"]
        is_third = second.split()[0].endswith("s")
        before = text[: found.start()]
        joined = found[0].lower().lstrip(" ,")
        is_fact = " that " in before and _OF_FACTS.match(second) is not None
        if (
            not is_fact
            and is_third != is_base
            and len(before.split()) >= 2
            and not _is_list(text, found)
            and not joined.startswith(("while not",))
        ):
            return _Split(
                before,
                text[found.start("also") if found["also"] else found.start("sure" if found["sure"] else "maybe") :],
                found[0].strip(" ,"),
            )
    if (found := _SURELY_TWO.search(text)) and not (
        ";" in found[0] and (_LISTED.search(text[: found.start()]) or _ENUMERATED.search(text))
    ):
        return _Split(text[: found.start()], text[found.end() :], found[0].strip(" ,"))
    if (found := _GERUND_TWO.search(text)) and " that " not in text[: found.start()]:
        return _Split(text[: found.start()], "", found[0].strip(" ,"))
    opened = _EN_CONDITION.search(text)
    told = (
        text[: opened.start()]
        if opened is not None
        and not text[: opened.start()].rstrip().endswith(("asks", "explains", "states", "describes", "says"))
        else text
    )
    if (found := _CLAUSE_TWO.search(text)) and _is_second_clause(text, found):
        return _Split(
            text[: found.start()],
            f"{verb} {re.sub(r'^,? ?(?:and|as well as)(?: also)? ', '', text[found.start() :].strip())}",
            found[0].strip(" ,"),
        )
    if found := _ABOUT_TWO.search(told):
        cut = found[0].rfind(" and ")
        return _Split(text[: found.start() + cut], f"{verb} {text[found.start() + cut + 5 :]}", found[0])
    for pattern in (_ADVISED_GERUNDS, _ADVISED_INFINITIVES, _TWO_INFINITIVES):
        if found := pattern.search(told):
            at = max(found[0].rfind(" and "), found[0].rfind(" as well as "))
            return _Split(
                text[: found.start() + at],
                f"{verb} {re.sub(r'^ (?:and|as well as)(?: also| then)? ', '', text[found.start() + at :])}",
                found[0][at:].strip(),
            )
    if not _ADVISING.match(text) and " that " not in told and (found := _ASPECTS.search(told)):
        return _Split("", "", found[0])
    return _Split("", "", "both … and …") if _BOTH.search(text) and not opened else None


def _is_second_clause(text: str, found: re.Match[str]) -> bool:
    """Whether the clause belongs to the statement's verb: "States that X and that Y", not "States that it shows what and how"."""
    before = text[: found.start()]
    return len(before.split()) >= 3 and (
        " that " not in before or bool(re.search(r"(?:and|as well as)(?: also)? that\b", found[0]))
    )


def _is_list(text: str, found: re.Match[str]) -> bool:
    """Whether what looks like a second verb after a comma stands in a clause of its own: "… that a doctor, if asked, suggests"."""
    if "," not in found[0] or " and " in found[0]:
        return False
    return re.search(r"\b(?:that|if|when|who|which)\b[^,]*$", text[: found.start()]) is not None and ";" not in found[0]


def _split_chinese(text: str) -> _Split | None:
    if found := _ZH_BOTH.search(text):
        return _Split("", "", f"{text[:2]}…{found['mid'].strip('，、,')}")
    opens = _ZH_OPENING.match(text) is not None
    if opens or not _ZH_LEADS_ELSE.match(text):
        for found in _ZH_VERB_TWO.finditer(text):
            before = text[: found.start()]
            if len(before) < 3 or not opens:
                continue
            if found[0][0] in "和与及" and found["verb"] in (
                "建议",
                "推荐",
                "警告",
                "提醒",
                "说明",
                "指导",
                "介绍",
                "评估",
                "比较",
                "分析",
                "使用",
                "总结",
            ):
                continue
            if _ZH_IN_CONDITION.search(before) or (found["verb"] == "没有" and "并" in found[0]):
                continue
            if (
                found["verb"] in _ZH_OF_FACTS
                and found[0].startswith("，" + found["verb"])
                and not _ADVISING.match(text)
            ):
                continue
            return _Split(before, text[found.start("verb") :], found[0].strip("，；。,; "))
    for found in _ZH_SURELY_TWO.finditer(text):
        is_item = found[0][0] in "；;" and _LISTED.search(text[: found.start()])
        if found.start() >= 3 and not is_item and not _ZH_IN_CONDITION.search(text[: found.start()]):
            return _Split(text[: found.start()], text[found.end() :], found[0].strip("，；。,; "))
    if not opens:
        return None
    if (
        _ADVISING.match(text)
        and (found := _ZH_STEPS.search(text))
        and not _ZH_IN_CONDITION.search(text[: found.start()])
    ):
        return _Split(text[: found.start()], text[found.start() + 1 :], found[0].strip("，；"))
    verb = (_ZH_OPENING.match(text) or [""])[0]
    if found := _ZH_CLAUSE_TWO.search(text):
        second = re.sub(r"^[，]?(?:以及|并且|并|和|与|及|还有)", "", text[found.start() :])
        if found.start() > len(verb) + 1:
            return _Split(text[: found.start()], verb + second, found[0])
    if (found := _ZH_ADVISED_TWO.search(text)) and not re.search(r"(?:如果?|若|一旦|假如|当).{0,24}$", found[0]):
        joint = re.search(r"[，]?(?:并且?|同时|然后|以及|而且|再|且|也|还)?$", found[0])
        at = found.start() + (joint.start() if joint else len(found[0]))
        return _Split(text[:at], verb + text[found.end() :], found[0][-3:].strip("，"))
    if not _ADVISING.match(text) and (found := _ZH_ASPECTS.search(text)) and not _ZH_CLAUSE.match(text):
        return _Split("", "", found[0])
    return None
