"""English words that say one thing, in the order in which they are replaced, and words that say opposite things."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["OPPOSITES", "SAME_WORDS"]


def _re(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


SAME_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        _re(
            r"\b(?:suicid\w+|self-?\s?harm\w*|(?:hurt|harm|kill|injur)\w* (?:him|her|them|one|my|your)sel\w+|ending (?:his|her|their) "
            r"(?:own )?life|taking (?:his|her|their) own life)\b"
        ),
        " xsuicide ",
    ),
    (_re(r"\b(?:(?:get|stand|climb)(?:s|ting|ing)? up|ris(?:e|es|ing)|arising)\b"), " xrise "),
    (
        _re(
            r"\b(?:tak(?:e|es|ing) (?:his|her|their|one's) time|without (?:rushing|haste)|gradual\w*|slow\w*|gently?)\b"
        ),
        " xslow ",
    ),
    (_re(r"\b(?:beds?|lying|lies? down|lie)\b"), " xbed "),
    (_re(r"\b(?:chairs?|sit(?:s|ting)?|seated)\b"), " xsit "),
    (_re(r"\b(?:pain\w*|ach(?:e|es|ing)|aches?|hurts?|sore\w*|tender\w*)\b"), " xpain "),
    (_re(r"\b(?:dying|deaths?|dies?|died|mortality|fatal\w*)\b"), " xdeath "),
    (_re(r"\b(?:spread\w*|invad\w+|invasi\w+|metasta\w+)\b"), " xspread "),
    (_re(r"\b(?:inr|clott?ing|coagulation|prothrombin)\b"), " xclot "),
    (_re(r"\b(?:again|repeat\w*|extra|additional\w*|another|once more)\b"), " xagain "),
    (_re(r"\b(?:stools?|faeces|feces|bowel movements?|poo)\b"), " xstool "),
    (_re(r"\b(?:urin\w+|pee(?:ing)?|wee|passing water)\b"), " xurine "),
    (_re(r"\b(?:contracept\w+|birth control)\b"), " xcontraception "),
    (_re(r"\b(?:sleep\w*|insomnia|asleep)\b"), " xsleep "),
    (_re(r"\b(?:low mood|depress\w+|sadness)\b"), " xdepress "),
    (_re(r"\b(?:lumps?|bumps?|nodules?|mass)\b"), " xlump "),
    (_re(r"\b(?:rash\w*|skin eruptions?|hives)\b"), " xrash "),
    (_re(r"\b(?:breast-?\s?feed\w*|nursing (?:a|the|her))\b"), " xbreastfeed "),
    (_re(r"\b(?:antibacterials?|antimicrobials?|antibiotics?)\b"), " xantibiotic "),
    (_re(r"\b(?:heart ?rate|pulse)\b"), " xpulse "),
    (_re(r"\b(?:lipids?|cholesterol)\b"), " xlipid "),
    (_re(r"\b(?:itch\w*|prurit\w+)\b"), " xitch "),
    (_re(r"\b(?:strokes?|cerebrovascular accidents?|cva)\b"), " xstroke "),
    (_re(r"\b(?:forgetful\w*|memory|dementia|alzheimer'?s?)\b"), " xmemory "),
    (_re(r"\b(?:works?|jobs?|employment|occupations?|profession)\b(?! by)"), " xjob "),
    (_re(r"\b(?:lab(?:oratory)? tests?|blood tests?|blood work)\b"), " xtest "),
    (_re(r"\b(?:ultrasound|sonogra\w+|mri|ct)\b"), " xscan "),
    (_re(r"\b(?:relat\w+ to|connect\w* (?:to|with)|link\w* (?:to|with)|associat\w+ with|tied to)\b"), " xlink "),
    (_re(r"\b(?:usual|typical|common|frequent|standard)(?:ly)?\b"), " common "),
    (_re(r"\b(?:wish\w*|thoughts?|ideas?|urges?|intentions?|plans?) (?:of|to|about|for)\b|\bthoughts?\b"), " "),
    (
        _re(
            r"\b(?:the (?:question|possibility|matter|issue|topic|subject|role|use|option|fact|mention) (?:of|that|whether|where))\b"
        ),
        " ",
    ),
    (_re(r"\b(?:consequences?|outcomes?|results)\b"), " outcome "),
    (_re(r"\b(?:opposes?|object(?:s|ions?)|disagree\w*)\b"), " xoppose "),
    (_re(r"\b(?:permission|consent\w*|agree(?:s|ment)?|approval)\b"), " xconsent "),
    (_re(r"\b(?:bosses|boss|employers?|managers?|supervisors?)\b"), " xboss "),
    (_re(r"\b(?:teens?|teenagers?|adolescents?)\b"), " xteen "),
    (_re(r"\b(?:price|costs?|expenses?|fees?)\b"), " xcost "),
    (_re(r"\b(?:queries|doubts)\b"), " question "),
    (
        _re(
            r"\bas (?:a |an |the |one )?(?:possible |likely |probable |potential )?(?:diagnosis|cause|explanation|"
            r"reason|option|possibility)\b"
        ),
        " ",
    ),
    (
        _re(
            r"\b(?:call(?:ing|s)?|dial(?:l?ing)?|phon(?:e|ing)|ring(?:ing)?|summon(?:ing)?)?(?: for)? ?(?:an |"
            r"the )?(?:ambulance(?: call)?|emergency (?:services|number|medical services)|911|999|112|120)\b"
        ),
        " xambulance ",
    ),
    (
        _re(
            r"\b(?:go(?:ing)? to|visit(?:ing)?|head(?:ing)? (?:to|for)|seek(?:ing)?|get(?:ting)?|present(?:ing)? (?:to|"
            r"at))? ?(?:the |an )?(?:emergency (?:room|department|care|medical care|treatment|help|attention)|"
            r"a&e|er|casualty)\b"
        ),
        " xemergency ",
    ),
    (
        _re(
            r"\b(?:immediate(?:ly)?|right (?:away|now)|at once|straight ?away|without delay|as soon as possible|"
            r"urgent(?:ly)?|promptly|instantly|this minute)\b"
        ),
        " xnow ",
    ),
    (
        _re(
            r"\b(?:see(?:ing)?|consult(?:ing|ation)?(?: with)?|contact(?:ing)?|visit(?:ing)?|speak(?:ing)? (?:to|"
            r"with)|talk(?:ing)? (?:to|with)|seek(?:ing)?(?: out)?|going to|go to|getting|get|check(?:ing)? with|"
            r"ask(?:ing)?|turn(?:ing)? to|evaluation by|assessment by|examination by|review by)? ?(?:a |an |"
            r"the |their |his |her |your )?(?:medical )?(?:doctor|physician|gp|general practitioner|clinician|"
            r"family doctor|medical (?:advice|help|attention|care|professional)|health ?care (?:professional|"
            r"provider)|primary care)s?\b"
        ),
        " xdoctor ",
    ),
    (_re(r"\b(?:side|adverse|unwanted|undesired)[- ](?:effects?|reactions?|events?)\b"), " xside "),
    (
        _re(
            r"\b(?:crisis|suicide|mental health|emotional support)(?: prevention)? ?(?:hot|help|life)?-?(?:line|"
            r"number|service)?s?(?: number)?\b|\b(?:hotline|helpline|lifeline)s?\b"
        ),
        " xcrisis ",
    ),
    (_re(r"\b(?:medicines?|medications?|drugs?|tablets?|pills?|pharmaceuticals?|meds)\b"), " xdrug "),
    (_re(r"\b(?:inquires?|enquires?)\b"), " asks "),
    (_re(r"\b(?:daily|per day|a day|each day|every day|in 24 hours|in a day|per 24 hours)\b"), " xdaily "),
    (_re(r"\b(?:maximum|maximal|highest|upper limit|most that (?:can|may) be taken|limit)\b"), " xmax "),
    (_re(r"\b(?:dosage|dosing|amount|dosis|doses)\b"), " dose "),
    (
        _re(
            r"\b(?:persists?|persisting|continues?(?! (?:the|to|taking|war\w+|met\w+|\w+in\b))|does not (?:go away|"
            r"resolve|improve|subside)|lasts?|lasted|remains?|keeps going|going on|duration|lasting)\b"
        ),
        " xlast ",
    ),
    (_re(r"\b(?:high temperature|raised temperature|febrile|pyrexia|feverish)\b"), " fever "),
    (_re(r"\b(?:high blood pressure|hypertensi\w+)\b"), " xhypertension "),
    (_re(r"\b(?:heart attack|myocardial infarction|mi)\b"), " xinfarct "),
    (
        _re(
            r"\b(?:plenty of|lots? of|a lot of|enough|sufficient|lots|large amounts of|well[- ]hydrated|hydrated|"
            r"hydration)\b"
        ),
        " xmuch ",
    ),
    (
        _re(
            r"\b(?:rais(?:e|es|ed|ing)|elevat(?:e|es|ed|ing)|step(?:s|ping)? up|boosts?|heightens?|ups|increas\w+|"
            r"greater|higher|adds to)\b"
        ),
        " increase ",
    ),
    (
        _re(
            r"\b(?:lowers?|decreas\w+|cut(?:s|ting)?(?: (?:down|back))?(?: on)?|drink(?:ing)? less|"
            r"diminish\w+|lessens?|lower(?:ing)?|reduc\w+)\b"
        ),
        " reduce ",
    ),
    (
        _re(
            r"\b(?:stop(?:s|ping|ped)?(?: taking)?|discontinu\w+|quit(?:s|ting)?|ceas\w+|withhold\w*|com(?:e|"
            r"ing) off)\b"
        ),
        " stop ",
    ),
    (
        _re(
            r"\b(?:do(?:es)? not (?:help|work)|ineffective|useless|no (?:use|help|effect|benefit)|not (?:effective|"
            r"work|help|useful)|cannot (?:help|cure))\b"
        ),
        " not work ",
    ),
    (_re(r"\b(?:helps?|effective|works?|useful|benefits?)\b"), " work "),
    (_re(r"\b(?:empathy|compassion(?:ate)?|sympathy|empathi\w+|warmth|kindness|sympathetic\w*)\b"), " xempathy "),
    (
        _re(
            r"\b(?:plain|simple|everyday|lay|non-technical|easy|understandable|accessible) (?:language|words|"
            r"terms|english|wording|vocabulary)\b"
        ),
        " xplain ",
    ),
    (_re(r"\b(?:exercis\w+|physical(?:ly)? activ\w+|working out|sport)\b"), " xexercise "),
    (_re(r"\b(?:child(?:ren)?|kids?|infants?|bab(?:y|ies)|toddlers?|youngsters?)\b"), " xchild "),
    (_re(r"\b(?:pregnan\w+|expecting)\b"), " xpregnant "),
    (_re(r"\b(?:allerg\w+|hypersensitiv\w+)\b"), " xallergy "),
    (
        _re(r"\b(?:medical|past|prior|previous|earlier|pre-existing) (?:history|illness\w*|conditions?|diseases?)\b"),
        " xhistory ",
    ),
    (_re(r"\b(?:shots?|jabs?|vaccin\w+|immuni[sz]\w+)\b"), " xvaccine "),
    (_re(r"\b(?:sugar|glucose)\b"), " xsugar "),
    (_re(r"\b(?:warning|alarm|danger|red[- ]flag) (?:signs?|symptoms?)\b|\bred flags?\b"), " xalarm "),
    (_re(r"\b(?:symptoms?|signs?|indications?|features?|manifestations?)\b"), " xsign "),
    (_re(r"\b(?:treat\w*|therap\w+)\b"), " xtreat "),
    (
        _re(
            r"\b(?:possible|potential|likely|probable|conceivable|may be|might be|could be|possibility|possibly|"
            r"probably|can be|can|could|may|might)\b"
        ),
        " ",
    ),
    (_re(r"\b(?:rul(?:e|es|ing) out|exclud\w+)\b"), " xexclude "),
    (_re(r"\b(?:promis\w+|guarante\w+|assur\w+)\b"), " xpromise "),
    (_re(r"\b(?:harm\w*|damag\w+|hurt\w*|injur\w+|impair\w*)\b"), " xharm "),
    (
        _re(r"\b(?:afraid|scared|fears?|fearful|frighten\w*|anxi\w+|worr(?:y|ies|ied)|concern\w*|distress\w*)\b"),
        " xfear ",
    ),
    (
        _re(r"\b(?:has to|have to|needs? to|required|must|necessary|is needed|are needed|needed|requires?)\b"),
        " xneed ",
    ),
    (
        _re(
            r"\bas (?:a |an |the )?(?:possible |likely |probable |potential )?(?:diagnosis|cause|explanation|"
            r"reason|option|possibility)\b"
        ),
        " ",
    ),
    (
        _re(
            r"\b(?:keeps? (?:it )?(?:to|within|under|below)|limited to|limits? (?:itself )?to|no more than|"
            r"at most|not more than|stays? (?:within|under|below))\b"
        ),
        " xlimit ",
    ),
    (_re(r"\b(?:exceeds?|goes beyond|is longer than|longer than|more than)\b"), " not xlimit "),
    (
        _re(r"\b(?:caus\w+|leads? to|effects?|results? in|triggers?|brings? on|due to|provok\w+|produces?)\b"),
        " xcause ",
    ),
    (_re(r"\b(?:tired\w*|fatigue|exhaust\w+)\b"), " xtired "),
    (_re(r"\b(?:short(?:ness)? of breath|dyspn\w+|breathless\w*|(?:trouble|difficulty) breathing)\b"), " xbreath "),
    (_re(r"\b(?:dizz\w+|light-?headed\w*|vertigo)\b"), " xdizzy "),
    (_re(r"\b(?:oedema|edema|swell\w*|swollen)\b"), " xswell "),
    (_re(r"\b(?:renal|kidneys?)\b"), " xkidney "),
    (_re(r"\b(?:hepatic|liver)\b"), " xliver "),
    (_re(r"\b(?:cardiac|heart)\b"), " xheart "),
    (_re(r"\b(?:cancer\w*|tumou?rs?)\b"), " xcancer "),
    (_re(r"\b(?:surg\w+|operation|operating|operate)\b"), " xsurgery "),
    (_re(r"\b(?:throwing up|vomit\w*)\b"), " xvomit "),
    (_re(r"\b(?:feeling sick|nausea|nauseous|queas\w+)\b"), " xnausea "),
    (_re(r"\b(?:diarrh\w+|loose stools?)\b"), " xdiarrhoea "),
    (_re(r"\b(?:faint\w*|pass(?:ing|es)? out|syncope)\b"), " xfaint "),
    (_re(r"\b(?:bleed\w*|ha?emorrhag\w+|blood loss)\b"), " xbleed "),
    (_re(r"\b(?:fractur\w+|broken bones?)\b"), " xfracture "),
    (_re(r"\b(?:menstrua\w+|periods?|monthly bleeding)\b"), " xperiod "),
    (_re(r"\b(?:diet\w*|eating|nutrition\w*|food)\b"), " xdiet "),
    (_re(r"\b(?:elderly|older|old)\b"), " old "),
    (_re(r"\b(?:relatives?|family members?|family)\b"), " xfamily "),
    (_re(r"\b(?:reference|sources?|studies|study|citation|literature|evidence)\b"), " xsource "),
    (_re(r"\b(?:regular\w*|routinely)\b"), " regular "),
    (_re(r"\b(?:written|phrased|worded)\b"), " "),
    (_re(r"\b(?:emotion\w*|feelings?)\b"), " xfeeling "),
    (_re(r"\b(?:x-?rays?|imaging|scans?|radiograph\w*)\b"), " xscan "),
    (_re(r"\b(?:over-the-counter|non-prescription|otc)\b"), " xotc "),
    (_re(r"\b(?:return|come back|come again)\b"), " xback "),
    (_re(r"\b(?:worsen\w*|get(?:s|ting)? worse|deteriorat\w+|aggravat\w+)\b"), " xworse "),
    (_re(r"\b(?:fluids?|water|liquids?)\b"), " xfluid "),
    (_re(r"\b(?:smok\w+|cigarettes?|tobacco)\b"), " xsmoke "),
    (_re(r"\b(?:alcohol\w*|drinking alcohol|booze|wine|beer)\b"), " xalcohol "),
    (_re(r"\b(?:hospital|inpatient)\w*\b"), " xhospital "),
    (_re(r"\b(?:privacy|confidential\w*|private|secre\w+)\b"), " xprivate "),
    (_re(r"\b(?:painkillers?|analgesics?|pain relief|pain relievers?)\b"), " xpainkiller "),
    (_re(r"\b(?:blood thinners?|anticoagul\w+)\b"), " xthinner "),
    (_re(r"\b(?:acetaminophen|paracetamol|tylenol)\b"), " xparacetamol "),
    (_re(r"\b(?:jargon|technical (?:terms|language)|medical terms|specialist terms|terminology)\b"), " xjargon "),
    (_re(r"\b(?:definite|definitive|firm|certain|sure|final|conclusive)(?:ly)?\b"), " xfirm "),
    (_re(r"\b(?:diagnos\w+)\b"), " xdiagnosis "),
    (_re(r"\b(?:hotline|phone number|number of|telephone number)\b"), " "),
    (_re(r"\b(?:rest|resting|taking it easy|repose)\b"), " rest "),
    (_re(r"\b(?:follow[- ]?up|check-?up|re-?check|re-?examination|control visit)\b"), " xfollow "),
    (_re(r"\b(?:exam\w*|test(?:s|ed|ing)?|investigations?|check(?:s|ed|ing)?)\b"), " xtest "),
    (_re(r"\b(?:illness\w*|diseases?|disorders?|condition)\b"), " xdisease "),
    (_re(r"\b(?:weigh\w*|pounds|kilos)\b"), " weight "),
    (_re(r"\b(?:los(?:e|es|ing|s)|shedding)\b"), " lose "),
    (_re(r"\b(?:instructions?|directions?|steps?|guide)\b"), " xsteps "),
    (_re(r"\b(?:driv(?:e|es|ing)|getting behind the wheel|operat\w+ (?:a )?vehicle)\b"), " drive "),
    (
        _re(
            r"\b(?:suicid\w+|killing (?:him|her|them|one)sel\w+|ending (?:his|her|their) life|taking (?:his|"
            r"her|their) own life)\b"
        ),
        " xsuicide ",
    ),
)

OPPOSITES: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "order": (_re(r"\bbefore\b"), _re(r"\bafter\b")),
    "growth": (_re(r"\b(?:benign|harmless)\b"), _re(r"\b(?:malignant|cancerous)\b")),
    "amount": (_re(r"\b(?:increase|more|doubl\w+|add)\b"), _re(r"\b(?:reduce|less|fewer|halv\w+)\b")),
    "safety": (_re(r"\b(?:safe|safely)\b"), _re(r"\b(?:unsafe|dangerous|harmful|contraindicated|risky)\b")),
    "warmth": (_re(r"\b(?:hot|warm\w*|heat\w*)\b"), _re(r"\b(?:cold|cool\w*|ice|icing)\b")),
    "germ": (_re(r"\bbacteri\w+\b"), _re(r"\b(?:viral|virus\w*)\b")),
    "need": (
        _re(r"\b(?:necessary|needed|required|essential|mandatory|compulsory)\b"),
        _re(r"\b(?:unnecessary|needless|superfluous|optional)\b"),
    ),
    "time": (_re(r"\b(?:mornings?|waking|breakfast)\b"), _re(r"\b(?:evenings?|nights?|bedtime|before xsleep)\b")),
    "who decides": (
        _re(r"\b(?:xdoctor(?: to)? (?:decide|adjust|choose)\w*|prescriber|left to the)\b"),
        _re(r"\b(?:on (?:his|her|their|one's) own|(?:him|her|them|one)sel(?:f|ves)|unsupervised)\b"),
    ),
    "side": (_re(r"\bleft\b"), _re(r"\bright\b")),
    "level": (_re(r"\bhigh\b"), _re(r"\blow\b")),
    "length": (
        _re(r"\b(?:brief\w*|short\w*|concise\w*|one sentence|single sentence)\b"),
        _re(r"\b(?:detail\w*|long\w*|extensive\w*|lengthy|in depth|exhaustive\w*)\b"),
    ),
    "style": (_re(r"\b(?:xplain|informal|casual)\b"), _re(r"\b(?:technical|formal|xjargon|scientific)\b")),
    "stomach": (
        _re(r"\b(?:with\s+(?:xdiet|food|a meal|meals))\b"),
        _re(r"\b(?:on an empty stomach|without\s+(?:xdiet|food)|fasting)\b"),
    ),
    "motion": (
        _re(r"\b(?:bed rest|immobili\w+|rest|still|motionless)\b"),
        _re(r"\b(?:xexercise|mobili[sz]\w+|mov(?:e|ing|ement))\b"),
    ),
    "spread": (_re(r"\b(?:contagious|infectious)\b"), _re(r"\b(?:non-?contagious|non-?infectious)\b")),
    "heredity": (_re(r"\b(?:hereditary|inherited|genetic)\b"), _re(r"\b(?:acquired|non-?hereditary)\b")),
    "way": (_re(r"\b(?:oral\w*|by mouth)\b"), _re(r"\b(?:intravenous\w*|inject\w+)\b")),
    "run": (_re(r"\bacute\b"), _re(r"\bchronic\b")),
    "cure": (_re(r"\b(?:curable|can be cured|reversible)\b"), _re(r"\b(?:incurable|irreversible)\b")),
    "list form": (
        _re(r"\b(?:bullet\w*|list form|bulleted|table)\b"),
        _re(r"\b(?:running text|prose|continuous text|full paragraphs|paragraphs)\b"),
    ),
    "right": (
        _re(r"\b(?:legal|lawful|allowed|permitted|permissible)\b"),
        _re(r"\b(?:illegal|unlawful|forbidden|prohibited|banned)\b"),
    ),
    "likelihood": (_re(r"\b(?:common|frequent)\b"), _re(r"\b(?:rare|uncommon|infrequent)\b")),
    "place": (_re(r"\b(?:outpatient|at home)\b"), _re(r"\b(?:xhospital|inpatient|admission)\b")),
    "tongue": (
        _re(r"\bin english\b"),
        _re(
            r"\bin (?:spanish|french|german|chinese|mandarin|italian|portuguese|arabic|hindi|russian|japanese|"
            r"korean)\b"
        ),
    ),
}
