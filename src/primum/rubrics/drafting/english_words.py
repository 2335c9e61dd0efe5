"""The words by which English answers are cut into parts and each part gets its verb. Patterns only; `english` says what they do."""

from __future__ import annotations

import re

__all__ = [
    "ADVICE",
    "ANAPHORA",
    "AUXILIARY",
    "BOILERPLATE",
    "BRACKETS",
    "CAUSE",
    "COMMON",
    "CUTS",
    "IMPERATIVE",
    "INTRO",
    "JOINED",
    "MEANS",
    "NAMES",
    "NO_SIGN",
    "OPENERS",
    "PRONOUN",
    "REFERS",
    "RUN_IN",
    "SENTENCE",
    "SERIES",
    "TABLE",
    "THIS_CONDITION",
    "TOPIC",
]

SENTENCE = re.compile(
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bU\.S\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bvs\.)(?<!\bSt\.)(?<=[.!?])[\"”')]?\s+"
    r"(?=[A-Z\"“'(\d])|"
    r"(?<=[a-z)][.!?])(?=[A-Z][a-z]+ )|\n+"
)
BRACKETS = re.compile(r"\s+\((?![^)]*\bor\b[^)]*\bmg\b)[^()]*\)|\s*\[[^\]]*\]|(?<=[a-z.])\d{1,2}(?=\s[A-Z]|$)|\*+")

# What the page says of itself, of its publisher or of where to read on.
BOILERPLATE = re.compile(
    r"https?:|www\.|\.gov\b|\.org\b|\bclick\b|\bthese resources\b|\bthis (?:page|section|site|website|summary|"
    r"booklet|publication|chart)\b|\blinks?\b|\bfor more information\b|"
    r"\bmore information (?:about|on)\b|\bmedlineplus\b|\bgenetic testing registry\b|\bsee (?:the|also|figure|"
    r"table|question)\b|\bfigure \d|\btable \d|\bNational Institute|"
    r"\bNI[HA]\b|\bNINDS\b|\bNIDDK\b|\bNCI\b|\bNHLBI\b|\bOMIM\b|\bOrphanet\b|\bthe following (?:summar|list|"
    r"table|resources|are the)|\bthe human phenotype|\bfrequency of a sign\b|"
    r"\bvideo\b|\bbrochure\b|\bfact sheet\b|\bcenters for disease control\b|\bpublished\b|\bwhat you need to "
    r"know\b|\bglossary\b|\bpronunciation\b|\bto learn more\b|"
    r"\blisted below\b|\bmedical dictionary\b|\bdata sources?\b|\bresearch (?:is|on|into|program|and)\b|"
    r"\bresearchers? (?:is|are|at|also|supported)\b|\bcurrently (?:study|investigat)|"
    r"\bclinical trials? (?:is|are|may|in|at|of|for|info)\b|\bpdq\b|\bthe signs and symptoms listed\b|"
    r"\bconfirmed (?:by|with) the\b$|\bcopyright\b|\bcontact (?:us|the)\b|^key points?\b|"
    r"\bfood and drug administration\b|\bCDC\b|\bFDA\b|\bDepartment of\b|\bresearchers? (?:are|continue|have "
    r"been|hope|who)\b|\btable below\b|\bno information on\b|\bif the information is available\b|\bfrequency "
    r"may also\b|\b[a-z]{2,}(?:which|also)\b|:\s(?:[A-Z][a-z-]+(?: [a-z-]+){0,5}\s){2,}[A-Z][a-z]|^\(|\bhealth "
    r"topics?\b|\bsupports? (?:research|studies)\b|\bconducts?\b|\bgene ?review|\bweb ?site\b|\bbeing "
    r"studied\b|\bof (?:them|these)\b",
    re.I,
)
# Words that only join a sentence to the one before. What hedges or denies (`Typically`, `No`) is not among them.
OPENERS = re.compile(
    r"^(?:(?:However|In addition|Additionally|Also|Moreover|Furthermore|Therefore|Thus|Hence|As a result|"
    r"Consequently|In fact|"
    r"Unfortunately|Fortunately|Finally|First|Second|Third|Specifically|Indeed|In contrast|On the other hand|Instead|"
    r"Likewise|In other words|As the name suggests|So|Yes),|But|And|Note that|Remember that)\s+",
)
ANAPHORA = re.compile(
    r"^(?:This|These|Those|Such|They|It|He|She|Their|Its|Both|Another|Others|Other|Either|Neither|One (?:of "
    r"these|such)|The (?:latter|former|same|other|two|resulting|following|second|first|third|"
    r"term|word|name|procedure|test results|remaining|next)|In (?:this|these|such|that|those|both|all of "
    r"these)|At this|Here|Then|There(?:fore)?, |Each of (?:these|them)|All (?:of )?(?:these|of them)|"
    r"Some of these|Most of these|Many of these|Few of these|For (?:example|instance|this|these)|Because of "
    r"(?:this|these)|With (?:this|these)|If (?:this|these|it|they)|When (?:this|these|it|they)|"
    r"As (?:this|these|it|they)|Although (?:this|these|it|they)|Once (?:this|these|it|they)|After (?:this|"
    r"these|it|they)|During this|To do this|Sometimes (?:it|they|this)|Usually,? (?:it|they|this)|"
    r"Often,? (?:it|they|this)|Most (?:cases|people) of these|That)\b",
)
THIS_CONDITION = re.compile(
    r"^(?:This|The) (condition|disease|disorder|syndrome|illness|infection|cancer|tumor)\b(?! name| is (?:also "
    r")?(?:called|known))"
)
TOPIC = re.compile(
    r"^(?:what (?:is|are) (?:\(are\) |the (?:symptoms|treatments?|outlook|complications|genetic changes|"
    r"stages)(?: (?:of|for|related to))? )?|what causes |how to (?:diagnose|prevent) |"
    r"how many people are affected by |is |who is at risk for |what to do for |what research \(or clinical "
    r"trials\) is being done for |do you have information about |"
    r"what are the (?:symptoms|treatments?|outlook|complications|genetic changes) (?:of|for|related to) |does |"
    r"can |how can )(?P<topic>.+?)(?: inherited)?\s*\?*\s*$",
    re.I,
)

# The table of signs that GARD takes over from the Human Phenotype Ontology.
TABLE = re.compile(
    r"Signs and Symptoms Approximate number of patients \(when available\)\s+(.+?)(?:\s+-\s+The Human Phenotype.*|$)",
    re.S,
)
NO_SIGN = re.compile(
    r"inheritance|penetrance|expressivity|\bheterogeneous\b|\bonset\b|\bprogress|\bsporadic\b|\bvariable\b", re.I
)

# How a sentence is made shorter without saying anything else.
MEANS = re.compile(r",? which means (?:that )?(.+)$")
CUTS = re.compile(
    r",\s+(?:which|who|whose|where|with some|a process|a condition called|known as|also (?:called|known)|"
    r"called|resulting in|leading to|causing|making|often|usually|especially|particularly|"
    r"although|though|while|whereas|so that|because|since|such as|including|as well as|depending on|even)\b",
)
JOINED = re.compile(
    r",\s+but\s+(?=\w)|"
    r"(?:;\s+(?:however,\s+|that is,\s+)?|,?\s+however,?\s+|,?\s+but\s+|,\s+(?:and|yet|so|while|whereas|"
    r"although)\s+)(?=(?:the|a|an|some|most|many|people|individuals|there|affected|other|only|no|it|they|this|"
    r"these|he|she|"
    r"you|its|their|in (?:some|most|rare|other)|symptoms|treatment|researchers|scientists|doctors|experts|"
    r"children|patients|women|men|adults)\b)|"
    r",?\s+(?:and|but)\s+(?=(?:(?:usually|often|typically|sometimes|rarely|also)\s+)?"
    r"(?:is|are|can|may|has|have|does|do|should|will|must)\b)",
    re.I,
)
# What shows the number of a subject; the nouns are read only where the verb shows none (`can`, `may`).
SINGULAR_VERB = re.compile(
    r"is|was|has|does|causes|affects|occurs|results|leads|develops|includes|involves|helps|produces|makes|begins|appears|"
    r"tends|requires|needs|depends|varies|ranges|lasts|comes|gets|goes|becomes|remains|starts|spreads|prevents|increases|"
    r"reduces|plays|provides|carries|inherits|suggests|recommends|allows|contains|uses|takes|works|lives|shows",
    re.I,
)
PLURAL_VERB = re.compile(
    r"are|were|have|do|cause|affect|occur|result|lead|develop|include|involve|help|produce|make|begin|appear|tend|"
    r"require|need|depend|vary|range|last|come|get|go|become|remain|start|spread|prevent|increase|reduce|"
    r"play|provide|carry|inherit|suggest|recommend|allow|contain|use|take|work|live|report|show",
    re.I,
)
PLURAL_NOUN = re.compile(
    r"^(?:some|many|most|several|few|both|these|all|two|three|people)\b|\b(?:people|men|women|children|bacteria|mice|"
    r"(?!diabetes|measles|mumps|rickets|herpes|rabies|shingles|hives|scabies)\w+(?<![sui])s)$|\band\b",
    re.I,
)
PERSON = re.compile(r"\b(?:person|individual|child|patient|someone|anyone|everyone|adult|infant|baby|doctor)$", re.I)
# A pronoun before the first verb, which only another sentence could explain.
PRONOUN = re.compile(r"^(?:[\w'-]+,? ){1,6}?(?:it|they|he|she)\b", re.I)
# A heading that ran into the sentence after it (`Complications of Anemia Some people …`).
RUN_IN = re.compile(
    r"(?<=[A-Za-z)]) (?=(?:Some|The|Most|Many|If|There|People|When|These|Other|Although|Your|You|Talk|Call|"
    r"Check|Ask|Contact|Doctors|Treatment|Researchers) [a-z])"
)
REFERS = re.compile(
    r"\b(?:these|those(?! (?:who|with|caused|that|in|of|whose|skills)\b)|this|such)\b(?! (?:condition|disorder|"
    r"disease|syndrome|illness|form|gene|type)\b| as\b)"
)
NAMES = re.compile(
    r"\b(?:includ(?:e|es|ing)|such as|like|characterized|symptoms?|signs?|features?|examples?|following|risk "
    r"factors?|made up)\b|:",
    re.I,
)
AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|may|might|will|would|should|must|do|does|did|cannot|can't|"
    r"causes?|affects?|occurs?|results?|leads?|develops?|includes?|involves?|helps?|"
    r"produces?|makes?|begins?|appears?|tends?|requires?|needs?|depends?|varies|vary|ranges?|lasts?|comes?|"
    r"gets?|goes?|becomes?|remains?|starts?|spreads?|prevents?|increases?|reduces?|"
    r"play|plays|provides?|carry|carries|inherit|inherits|usually|often|typically|rarely|sometimes|suggests?|"
    r"recommends?|allows?|contains?|use|uses|take|takes|work|works|live|lives|report|show|shows)\b",
    re.I,
)
IMPERATIVE = re.compile(
    r"^(?:(?:Always|Never|Please|Try to|Be sure to|Make sure to)\s+)?(?:Talk|Ask|Call|Avoid|Eat|Drink|Take|Use|"
    r"Wear|Keep|Seek|Get|Make|Try|Do|Don't|Limit|Wash|Stop|Tell|Check|Follow|Choose|"
    r"Quit|Exercise|Stay|Go|Contact|Consult|Visit|Protect|Cover|Maintain|Reduce|Lose|Control|Brush|Rest|Apply|"
    r"Clean|Cook|Remove|Store|Treat|Practice|Plan|Set|Give|Let|Put|Be|Never|Always|"
    r"Have your|Discuss|Inform|Report|Add|Replace|Increase|Cut down|Include|Know|Monitor|Learn|Find out|Look "
    r"for|Work with|Bring|Write down|Start|Consider|Speak|Pay attention|Have (?!been)|Read|Allow|Prepare|Buy|"
    r"Sleep|Drive)\b(?! (?:of|is|are|can|may)\b)",
)

ADVICE = re.compile(
    r"\b(?:should|must|need to|needs to|ought to|recommend(?:s|ed)?|advis(?:e|ed|able)|it(?:'s| is) (?:\w+ "
    r")?important|encouraged)\b",
    re.I,
)
CAUSE = re.compile(
    r"\b(?:caused? by|causes?|because|due to|results? (?:from|in)|lead(?:s|ing)? to|mutations?|so that|therefore)\b",
    re.I,
)
INTRO = re.compile(
    r"(?::|\b(?:include|includes|including|are|is|following|following factors?|as|by|to|can|may|if|who|that|"
    r"for|in|with|of|your|have|cause|causes|like|involve|when))\s*$",
    re.I,
)
SERIES = re.compile(r"(?:[^,;]{2,60}, ){2,}(?:and|or|and/or) [^,;.]{2,}")

# Words that open a sentence and are written small inside one.
COMMON = re.compile(
    r"^(?:The|A|An|In|On|At|For|From|With|Without|By|To|Of|As|If|When|While|Although|Because|Since|After|"
    r"Before|During|Until|Among|Around|Regular|Which|Childhood|Unlike|Adult|Small|Large|Through|Due|Air|Strong|"
    r"Examples?|Smoking|Exercise|Diet|Vaccines?|Food|Foods|Body|Brain|Heart|Skin|Kidney|Liver|Most|Many|Some|"
    r"Several|Few|All|Any|No|Each|Every|About|"
    r"Approximately|Between|People|Individuals|Children|Adults|Infants|Babies|Women|Men|Patients|Persons?|"
    r"Anyone|Someone|Doctors?|Physicians?|Scientists?|Researchers?|Treatment|Treatments|"
    r"Therapy|Symptoms?|Signs?|Affected|Other|Only|There|Mutations?|Surgery|Medications?|Medicines?|Drugs?|"
    r"Common|Rarely|Rare|Sometimes|Usually|Often|Less|More|Early|Late|Severe|Mild|Your|You|"
    r"Health|Blood|Diagnosis|Prognosis|Management|Risk|Having|Being|Eating|Taking|Using|Getting|Making|Doing|"
    r"One|Two|Three|Four|Five|Six|Additional|Certain|Different|Various|Both|Long|Short|"
    r"Over|Under|Up|Within|Genetic|Inheritance|Family|Members|Cells?|Genes?|Proteins?|Imaging|Tests?|Testing|"
    r"Screening|Once|Another|High|Low|Newborns?|Young|Older|Pregnant|Normal|Left|It|They|Not|Almost|Nearly|"
    r"Experts?|Studies|Research|Causes?|Complications?|Features?|Characteristics?|Males?|Females?|Boys|Girls|"
    r"Parents?|Carriers?|Life|Pain|Physical|Medical|Chronic|Acute)$"
)
