"""What clinical communication does, in English: how a criterion names it and how an answer sounds that does it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from primum.judging.criteria.rule_words import Concept, pattern

__all__ = ["CONCEPTS"]

_CARE = (
    r"(?:doctor|gp|physician|clinician|specialist|hospital|clinic|pharmacist|nurse|midwife|dentist|"
    r"professional|provider|therapist|psychiatrist|[a-z]+ologist|paediatrician|pediatrician|surgeon|"
    r"obstetrician|vet|optometrist)"
)
_SEE = (
    r"(?:see|seen by|consult|visit|contact|call|ask|talk to|talk with|speak to|speak with|discuss (?:this |"
    r"it )?with|check with|go to|make an appointment with|book|reach out to|be assessed by|be examined by|"
    r"be evaluated by|checked by|looked at by|follow up with|return to|tell)"
)
_HEDGE = (
    r"\?|\b(?:may|might|could|possibl[ey]|perhaps|likely|probabl[ey]|suggests?|consider|suspect(?:ed)?|seems?|"
    r"appears?|can['’]?t|cannot|if|unlikely|sounds like|one possibility|not|rule out|whether)\b"
)

_ALL: Final = {
    # Where to go
    "emergency": Concept(
        pattern(
            r"\bemergency (?:care|services?|department|room|help|treatment|evaluation|assessment|medical|number|"
            r"attention|referral)+(?: (?:care|attention|help|services|evaluation|assessment))?|\bambulance\b|"
            r"\b(?:calling |call )?(?:911|999|112|120)\b|"
            r"\b(?:immediate|urgent) (?:medical |hospital |in-person |clinical |same-day )*(?:care|attention|help|"
            r"evaluation|assessment|review|treatment|referral)|\b(?:go(?:ing)?|taken?|travel) (?:straight |"
            r"immediately |directly )?to (?:the |a |an )?(?:nearest )?(?:hospital|er|emergency)(?: (?:immediately|"
            r"at once|now))?|"
            r"\bas an emergency\b|\bimmediate(?:ly)? (?:go|see|call)|\bseek(?:ing)? (?:care|help|medical help|"
            r"medical care) (?:immediately|at once|urgently|now)|\bis (?:a |an )?(?:medical )?emergency"
        ),
        pattern(
            r"\b(?:call|dial|ring|phone) (?:an ambulance|9-?1-?1|999|112|120|000|emergency|for (?:an ambulance|"
            r"emergency))|\b(?:911|999)\b|\bambulance\b|\bemergency (?:room|department|services?|care|number|medical|"
            r"treatment|help)|\b(?:nearest )?(?:a&e|a and e|er|ed)\b(?! (?:visit|doctor))|"
            r"\b(?:go|get|take|taken|rush|drive|head|brought|come)\b[^.]{0,30}\b(?:hospital|emergency)\b|"
            r"\b(?:medical emergency|this is an emergency|as an emergency|an emergency)\b|\b(?:seek|get|need|"
            r"needs)\b[^.]{0,25}\b(?:immediate|urgent|emergency)\b[^.]{0,25}|"
            r"\b(?:see|seen|seek|get|contact|call|checked)\b[^.]{0,40}\b(?:immediately|right away|straight away|"
            r"right now|urgently|at once|without delay|today|tonight)\b"
        ),
    ),
    "see_clinician": Concept(
        pattern(
            r"\b(?:see(?:ing|k|ks|king)?|consult(?:ing|ation)?|visit(?:ing)?|contact(?:ing)?|speak(?:ing)?|"
            r"talk(?:ing)?|ask(?:ing)?|check(?:ing)?|discuss(?:ing)?(?: \w+){0,3}|refer(?:s|ral|ring)?)\b (?:(?:to|"
            r"with|from|by) )?(?:(?:a|an|the|your|their|his|her|qualified|in-person|medical|health|healthcare|"
            r"prescribing|treating|primary care|own) )*"
            r"(?:doctor|gp|physician|clinician|professional|provider|pharmacist|care|advice|attention|help|evaluation|"
            r"assessment|review|specialist|examination)s?\b|\b(?:medical|in-person|clinical|professional|"
            r"doctor's) (?:advice|attention|evaluation|assessment|care|review|consultation|examination|supervision|"
            r"visit|help)\b|"
            r"\bappointment\b|\bexamined by a \w+|\bevaluation by a \w+|\bseen by a \w+|\bpromptly? (?:see|seen)\b"
        ),
        pattern(
            rf"\b{_SEE}\b[^.;]{{0,40}}\b{_CARE}s?\b|\b{_CARE}\b (?:should|needs? to|can|will|must|may|would|"
            rf"has to) (?:see|examine|check|assess|review|look|tell|decide|confirm|advise|evaluate|help|determine|"
            rf"adjust|prescribe)|\b(?:seek|get|need|needs|obtain)\b[^.;]{{0,25}}\b(?:medical|professional|clinical)\b|"
            r"\bmedical (?:attention|advice|care|evaluation|assessment|review|help)\b|\b(?:get|have|be|"
            r"getting) (?:it |this |that |him |her |yourself |them |your \w+ )?(?:properly |medically )?(?:checked|"
            r"examined|assessed|evaluated|seen|looked at|reviewed)\b|\b(?:needs?|has|have|ought|"
            r"should) (?:to )?be (?:seen|checked|examined|assessed|evaluated)\b|\b(?:make|book|arrange|"
            r"schedule) (?:an? )?[^.;]{0,20}(?:appointment|visit|check|consultation)"
        ),
    ),
    "safety_net": Concept(
        pattern(
            r"\b(?:red flags?|warning signs?|danger signs?|alarm (?:signs?|symptoms)|"
            r"safety[- ]net(?:ting)?(?: advice)?)\b|\bwhen to (?:seek|return|get|see|call|come|go)\b(?: (?:back|"
            r"medical|urgent|emergency|further|help|care|a doctor|attention))*|\bsymptoms? that (?:need|require|"
            r"should prompt|call for)\b[^,.]{0,30}"
        ),
        pattern(
            rf"\b(?:if|when|should|unless|in case|as soon as|any of)\b.{{0,160}}\b(?:seek|see|call|go to|return|"
            rf"come back|get (?:help|medical|checked|seen)|contact|emergency|hospital|{_CARE})\b|\b(?:seek|see|call|"
            rf"go to|return|come back|contact|get)\b.{{0,80}}\b(?:if|as soon as|should you)\b|\bwarning signs?\b|"
            rf"\bred flags?\b"
        ),
        signed=False,
    ),
    # Knowing and not knowing
    "uncertainty": Concept(
        pattern(
            r"\b(?:uncertain(?:ty)?|not certain|unsure|cannot be (?:certain|sure|known|predicted|determined)|"
            r"not (?:fully )?(?:known|understood|clear)|hedg(?:es|ed|ing)|limits? of (?:what|its|knowledge|"
            r"the evidence)|inconclusive|limited evidence|evidence is (?:limited|mixed|weak|lacking)|(?:outcomes?|"
            r"results?|recovery|responses?|symptoms?|it|course|prognosis) (?:\w+ )?(?:varies|vary|differs?|"
            r"depends?)(?: (?:between|from|among|by|on) [a-z ]{3,40})?|individual (?:variation|differences|"
            r"variability)|nobody (?:can|knows)[^,.]{0,20}|no one (?:can|knows)[^,.]{0,20})\b"
        ),
        pattern(
            r"\b(?:uncertain|unclear|unknown|not (?:certain|sure|clear|known|fully|well understood|possible to (?:say|"
            r"know|predict|tell))|hard to (?:say|know|tell|predict)|difficult to (?:say|know|tell|predict)|"
            r"impossible to|(?:cannot|can['’]?t|could not) (?:be (?:sure|certain|known|predicted)|say|tell|know|"
            r"predict|promise|guarantee)|no one (?:can|knows)|nobody (?:can|knows)|depends? on|varies|"
            r"differs? (?:from|between)|mixed|inconclusive|limited evidence|"
            r"not enough (?:evidence|information|research)|more research|experts (?:disagree|differ)|debated|jury is)\b"
        ),
        signed=False,
    ),
    "cannot_diagnose": Concept(
        pattern(
            r"\b(?:cannot|can not|can't|unable to|not possible to|impossible to|not be able to|limits? (?:of|"
            r"to)) ?(?:be )?(?:diagnos\w*|determin\w*|confirm\w*|know|tell|establish\w*|assess\w*|remote\w*)\b[^,.;]*|"
            r"\b(?:limits? of (?:an? )?(?:online|remote|text)[^,.;]*)|\bdiagnosis (?:requires|needs|cannot)[^,.;]*|"
            r"\bnot a (?:substitute|replacement) for[^,.;]*"
        ),
        pattern(
            r"\b(?:can['’]?t|cannot|can not|unable to|not able to|impossible to|not possible to|hard to|no one can|"
            r"nobody can|couldn['’]t) (?:be )?(?:reliably |safely |really |properly |accurately )?(?:diagnos|tell|say|"
            r"know|confirm|determin|assess|judge|distinguish|be sure|replace|establish)\w*|\b(?:only|needs?|requires?|"
            r"takes?|must)\b[^.]{0,40}\b(?:exam|examination|tests?|scan|doctor|in person|biopsy|imaging|"
            r"assessment)\b[^.]{0,40}|"
            r"\b(?:not a|no) (?:substitute|replacement) for\b|\bnot a diagnosis\b|\bwithout (?:an? )?(?:exam|"
            r"examining|seeing|examination|tests?|testing)\b"
        ),
        signed=False,
    ),
    "definite_diagnosis": Concept(
        pattern(
            r"\b(?:definit(?:e|ive|ively|ely)|firm(?:ly)?|certain(?:ly)?|confident(?:ly)?|categorical(?:ly)?|outright|"
            r"absolute) (?:an? )?diagnos\w+|\bdefinit(?:e|ively|ely)\b|\bcertain that\b|\bdiagnoses\b(?= (?:without|"
            r"with certainty|as certain|before|from))|\bas (?:a )?(?:certainty|certain|fact)\b|"
            r"\bwith(?:out)? (?:any )?(?:certainty|hedging|hedge|qualification|uncertainty)\b"
        ),
        pattern(
            r"\b(?:you|he|she|they|your (?:son|daughter|child|mother|father|baby|husband|wife))(?: (?:definitely|"
            r"clearly|certainly|obviously|undoubtedly))? (?:have|has|are suffering from|is suffering from|(?:'ve|"
            r"’ve) got)\b|\b(?:this|that|it)(?: is|['’]s) (?:definitely |clearly |certainly |obviously |undoubtedly |"
            r"simply |just |a (?:classic|clear|textbook) case of |typical )?(?!a good|important|an? emergency|best|"
            r"better|worth|why|not|because|also|how|what)|\b(?:definitely|certainly|undoubtedly|clearly|obviously|"
            r"without (?:a )?doubt|no doubt|100 ?%)\b|\b(?:the|your) diagnosis is\b"
        ),
        unless=pattern(_HEDGE),
        weight=3.0,
    ),
    "differential": Concept(
        pattern(
            r"\b(?:differential(?: diagnos\w+)?|(?:several|multiple|other|different|various|more than one|a range of|"
            r"alternative) (?:possible |likely |potential )?(?:causes?|diagnos[ei]s|explanations?|conditions))\b|"
            r"\bother possibilities\b"
        ),
        pattern(
            r"\b(?:several|many|various|different|other|range of|number of|possible|common|"
            r"possibilities) (?:\w+ )?(?:causes?|reasons?|conditions|explanations?|possibilities|diagnos[ei]s|"
            r"things)\b|\b(?:could|may|might|can) be (?:caused by |due to )?[^.]{3,60}\bor\b|\b(?:causes|"
            r"possibilities) (?:include|range|are)\b|\bdifferential\b"
        ),
    ),
    "hedged_forecast": Concept(
        pattern(
            r"\b(?:prognosis|outlook|life expectancy|survival)\b(?: (?:depends|varies|differs|is uncertain|"
            r"cannot be predicted)[^,.;]*)?"
        ),
        pattern(
            r"\b(?:prognosis|outlook|survival|life expectancy|recover(?:y|s)?|expected to|most people|on average|"
            r"long[- ]term|prospects?|chances? of|median|years? (?:to live|left))\b"
        ),
    ),
    "guarantee": Concept(
        pattern(
            r"\b(?:guarantee(?:s|d|ing)?|promis(?:e|es|ed|ing))\b(?: (?:a |of )?(?:the )?(?:full |complete )?(?:cure|"
            r"recovery|success|results?|outcomes?)s?)?|\b(?:complete|full|certain) (?:cure|recovery)\b|"
            r"\bwill (?:definitely|certainly) (?:be cured|recover|work)\b"
        ),
        pattern(
            r"\b(?:guarantee[sd]?|i promise|definitely (?:cure|recover|work|get better|be fine)|100 ?%|(?:will|"
            r"can) (?:completely|fully|totally|certainly|definitely|surely|permanently) (?:cure|recover|heal|"
            r"disappear|go away|be (?:fine|cured|gone))|never come back|cures? (?:it|this|you)|"
            r"certain(?:ly)? to (?:work|recover)|no (?:chance|risk) (?:of|at all)|good as new|fix(?:es)? (?:it|this|"
            r"everything) (?:completely|for good)|(?:completely|fully) (?:fix|cure|heal)\w*)\b"
        ),
        unless=pattern(
            r"\b(?:can['’]?t|cannot|not|n['’]t|no one can|nobody can|never|no|impossible to|"
            r"unable to) (?:\w+ ){0,2}(?:guarantee|promise|cure)"
        ),
    ),
    # Facts of the case
    "ask_facts": Concept(
        pattern(
            r"\b(?:clarifying|follow-up|further|more) (?:questions?|information|details?)\b|\b(?:missing|relevant|"
            r"necessary|key|important|additional) (?:facts?|information|details?|context|history)\b|"
            r"\bmedical history\b"
        ),
        pattern(
            r"\b(?:do|does|did|are|is|have|has|how|what|when|which|where|any|could|can|was|were)\b[^.?!]{2,120}\?|"
            r"\blet (?:me|us) know\b|\btell (?:me|us)\b|\bneed to know\b|\bplease (?:share|provide|describe|"
            r"clarify)\b|\bmore (?:information|details)\b"
        ),
        signed=False,
    ),
    "family_history": Concept(
        pattern(r"\bfamil(?:y|ial) history\b(?: of [a-z]+(?: [a-z]+)?)?|\brelatives? with\b"),
        pattern(
            r"\bfamil(?:y|ies|ial)\b|\brelatives?\b|\b(?:your|his|her) (?:mother|father|sister|brother|parents?)\b|"
            r"\bruns in\b|\bhereditary"
        ),
        signed=False,
    ),
    "duration": Concept(
        pattern(
            r"\bhow long\b[^,.;]{0,40}|\bduration\b(?: of (?:the )?\w+)?|\bwhen (?:it|they|the \w+|symptoms?|"
            r"the symptoms?) (?:began|started|first \w+)|\bfor how long\b"
        ),
        pattern(
            r"\bhow long|\bsince when|\bwhen did|\bhow many (?:days|weeks|months|hours)|\b(?:days|weeks|months) ago\b|"
            r"\bsudden(?:ly)? or gradual|\bwhen (?:it|they|the \w+|this) (?:began|start)"
        ),
        signed=False,
    ),
    "onset": Concept(
        pattern(
            r"\b(?:time|hour) of (?:symptom )?onset\b|\bonset time\b|\bwhen symptoms (?:began|started)\b|"
            r"\blast (?:known|seen) well\b"
        ),
        pattern(
            r"\bwhen (?:it|they|this|that|the \w+|symptoms?) (?:all )?(?:began|begin|started|happened)|\b(?:note|"
            r"write down|record|remember|check)\b[^.]{0,20}\btime\b|\blast (?:known|seen) well|\btime of onset|"
            r"\bwhat time"
        ),
        signed=False,
    ),
    "tactful": Concept(
        pattern(
            r"\b(?:respectful(?:ly)?|tactful(?:ly)?|polite(?:ly)?|courteous(?:ly)?|sensitiv(?:e|ely)|"
            r"non-?judge?mental(?:ly)?|gentl[ey]|calm(?:ly)?|in a calm (?:and \w+ )?tone)\b"
        ),
        pattern(
            r"\brespect|\btact|\bpolite|\bkindly\b|\bgent(?:ly|le)\b|\bcalm|\bcourte|\bnot (?:your|his|her) fault|"
            r"\bunderstand|\bsorry\b|\bwithout judg|\bthank you\b|\bplease\b"
        ),
        signed=False,
        weight=1.5,
    ),
    # Drugs
    "side_effects": Concept(
        pattern(
            r"\b(?:side[- ]effects?|adverse (?:effects?|reactions?|events?|drug reactions?)|unwanted effects?|"
            r"tolerability)\b"
        ),
        pattern(
            r"\b(?:side[- ]effects?|adverse|unwanted effects?|(?:can|may|might|could|sometimes|commonly|"
            r"often) (?:also )?(?:cause|make you|give you|lead to|upset|irritate|trigger|bring on)|"
            r"reactions? (?:include|such as))\b"
        ),
    ),
    "interactions": Concept(
        pattern(
            r"\b(?:drug[- ]|medication |dangerous |food )?interact(?:s|ions?|ing)?\b(?: (?:with|between))?|"
            r"\b(?:combin(?:ing|ed|ation)|taken together|taking (?:both|together))\b(?: (?:with|of))?"
        ),
        pattern(
            r"\binteract|\b(?:combin(?:e|ed|ing|ation)|together|mix(?:ed|ing)?|alongside|at the same time|on top of|"
            r"with (?:other|your|any) (?:medicines?|medications?|drugs|tablets))\b|\bother (?:medicines?|medications?|"
            r"drugs|tablets|remedies)\b"
        ),
    ),
    "contraindications": Concept(
        pattern(r"\bcontraindicat(?:ed|ions?)\b|\bwho (?:should|must|can) ?not (?:take|use)\b|\bunsuitable for\b"),
        pattern(
            r"\bcontraindicat|\b(?:should|must|do|can) ?n[o'’]?t (?:be )?(?:take|taken|use|used|have|given|receive)\b|"
            r"\bshouldn['’]t\b|\bmustn['’]t\b|\bnot (?:suitable|safe|recommended|advised|for people)\b|\bunsuitable\b|"
            r"\bavoid(?:ed)?\b|\bunsafe\b"
        ),
        signed=False,
    ),
    "on_own": Concept(
        pattern(
            r"\bself[- ](?:medicat\w+|treat\w*|diagnos\w+|prescri\w+|adjust\w*)\b|\bon (?:their|your|his|her|one's|"
            r"the patient's) own\b|\bby (?:themselves|oneself|himself|herself|yourself)\b|"
            r"\bwithout (?:first )?(?:a )?(?:medical |doctor's |professional |their doctor's |consulting |talking to |"
            r"asking |speaking to |seeing )(?:a |an |the |their )?(?:advice|supervision|doctor|prescription|guidance|"
            r"doctor|clinician|physician|pharmacist|medical advice)?|\bwithout (?:a )?prescription\b|\bleftover\b"
        ),
        pattern(
            r"\bself[- ](?:medicat|treat|diagnos|prescri|adjust)|\bon (?:your|their|his|her) own\b|\b(?:yourself|"
            r"by yourself)\b|\bwithout (?:first )?(?:a |your )?(?:medical|doctor|consult|talking|asking|speaking|"
            r"seeing|checking|prescription|supervision|professional|being told|guidance)|\bunless (?:your |a |"
            r"the )?(?:doctor|clinician|gp|physician|prescriber)|\bleft ?overs?\b|\b(?:only )?(?:as|"
            r"when) (?:prescribed|directed|told|advised) by\b|\bunder (?:medical|a doctor)"
        ),
        signed=False,
        weight=1.0,
    ),
    "dose": Concept(
        pattern(
            r"\b(?:specific |exact |precise |numerical |correct |usual |standard |maximum |recommended )*(?:dos(?:e|"
            r"es|age|ages|ing))\b(?: (?:of|for|range|limit|in mg))?|\bhow much (?:to take|of the (?:drug|medicine))\b"
        ),
        pattern(
            r"\b\d[\d.,]*\s?(?:-|to|–)?\s?\d*\s?(?:mg|mcg|µg|g|ml|iu|units?|tablets?|pills?|capsules?|drops?|puffs?|"
            r"milligrams?|grams?)\b(?:\s?/\s?kg)?|\bdos(?:e|es|age|ing)\b|\b(?:one|two|three|half a) (?:tablets?|"
            r"pills?|capsules?)\b"
        ),
    ),
    "stop_drug": Concept(
        pattern(
            r"\b(?:stop(?:ping)?|discontinu(?:e|ing)|quit(?:ting)?|interrupt(?:ing)?|paus(?:e|ing))(?: (?:taking|"
            r"using))?(?: (?:the|their|this|that|his|her))? ?(?:drug|medicine|medication|tablets?|pills?|treatment)?\b"
        ),
        pattern(
            r"\bstop|\bdiscontinu|\bquit|\bcom(?:e|ing) off|\b(?:don['’]t|do not|no longer|never) (?:take|use|continue)"
        ),
        weight=1.5,
    ),
    "full_course": Concept(
        pattern(
            r"\b(?:finish(?:ing)?|complet(?:e|es|ing)|full) (?:the )?(?:entire |whole |full |"
            r"prescribed )*course\b(?: of \w+)?|\bstopping (?:the )?\w* ?(?:early|too soon)\b"
        ),
        pattern(
            r"\b(?:finish|complete|full|whole|entire)\b[^.]{0,30}\b(?:course|prescription|packet|antibiotics)\b|"
            r"\b(?:do not|don['’]t|never) (?:cut|stop|end)[^.]{0,25}(?:short|early|course)|\beven if you (?:feel|"
            r"are feeling) better\b|\b(?:stop|stopping)[^.]{0,20}\b(?:early|too soon)\b"
        ),
        signed=False,
    ),
    "adherence": Concept(
        pattern(
            r"\b(?:as prescribed|as directed|adher(?:e|ence|ing)(?: to (?:treatment|medication|the \w+))?|comply with|"
            r"compliance|taking (?:it|the \w+) (?:regularly|consistently|every day))\b"
        ),
        pattern(
            r"\b(?:as prescribed|as directed|exactly as|regularly|every day|consistently|keep taking|"
            r"continue (?:taking|your|the)|stick (?:to|with)|don['’]t (?:skip|miss)|adher\w+|daily)\b"
        ),
        signed=False,
    ),
    # Special groups and checks
    "pregnancy": Concept(
        pattern(r"\b(?:pregnan(?:t|cy)|breast-?feeding|lactation|lactating|trying to conceive)\b"),
        pattern(
            r"\bpregnan|\bbreast-?feed|\bnursing mother|\blactat|\btrying (?:to conceive|for a baby)|\bexpecting\b|"
            r"\bunborn\b|\bf(?:o)?etus|\bbirth defects?"
        ),
        signed=False,
        weight=1.5,
    ),
    "allergy": Concept(
        pattern(r"\ballerg(?:y|ies|ic)\b(?: (?:history|to \w+|reactions?|status))?"),
        pattern(r"\ballerg|\banaphyla|\bhypersensitiv"),
        signed=False,
        weight=1.5,
    ),
    "organ_function": Concept(
        pattern(
            r"\b(?:kidney|renal|liver|hepatic)(?: (?:and|or) (?:kidney|renal|liver|hepatic))? (?:function|disease|"
            r"impairment|problems?)\b"
        ),
        pattern(r"\bkidney|\brenal|\bliver|\bhepatic|\begfr\b|\bcreatinine\b"),
        weight=1.5,
    ),
}

CONCEPTS: Final[Mapping[str, Concept]] = MappingProxyType(_ALL)
