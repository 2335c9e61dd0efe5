"""English words of a criterion and of an answer: verbs, signs, function words, synonyms."""

from __future__ import annotations

from typing import Final

from primum.judging.criteria.rule_concepts_en import CONCEPTS
from primum.judging.criteria.rule_manner_en import MANNER
from primum.judging.criteria.rule_words import CriterionWords, pattern

__all__ = ["EN"]

_WHO = (
    r"(?:the |this |a )?(?:user|patient|person|asker|reader|parent|mother|father|caller|caregiver|clinician|"
    r"doctor|woman|man|nurse)s?"
)

_THEY = _WHO.replace("|clinician|doctor", "").replace("|nurse", "")

_SYNONYMS: Final = """
doctor: prescriber|physician|clinician|gp|general practitioner|health care provider|healthcare provider|
    healthcare professional|medical professional|
    health professional|provider|practitioner|medical team|care team|primary care
myocardialinfarction: heart attack|myocardial infarction|acute coronary syndrome|acs|coronary event
stroke: cerebral infarction|cerebrovascular accident|brain attack
tia: transient ischaemic attack|transient ischemic attack|mini stroke|warning stroke|ministroke
safe: fine|ok|okay|all right|no problem|harmless
dispute: question|controversial|debate|challenge|conflict
speech: speak|talk|slur
unreliable: misleading|inaccurate|falsely
respect: kindly|polite|gentle|courteous
benign: not cancer|noncancerous|non cancerous|harmless lump
remedy: folk|home cure|natural cure
hypertension: high blood pressure|raised blood pressure|elevated blood pressure|blood pressure is high|hypertensive
hypotension: low blood pressure|blood pressure drop|drop in blood pressure
hypoglycaemia: low blood sugar|low blood glucose|hypoglycemia|blood sugar too low|hypo|hypos|sugar low|drop in blood sugar
hyperglycaemia: high blood sugar|high blood glucose|hyperglycemia|raised blood sugar
glucose: blood sugar|blood glucose|sugar level|glycaemia
paracetamol: acetaminophen|tylenol|panadol
ibuprofen: advil|motrin|nurofen
nsaid: anti inflammatory|anti inflammatories|nonsteroidal|non steroidal
bleed: haemorrhage|hemorrhage|blood loss|bleeding
kidney: renal
liver: hepatic
heart: cardiac
lung: pulmonary
stomach: gastric|belly|tummy|abdomen|abdominal
gut: bowel|intestine|intestinal
skin: dermal|cutaneous
fever: febrile|high temperature|raised temperature|pyrexia|temperature
tired: fatigue|exhausted|exhaustion|weary|lethargy|lethargic
nausea: nauseous|queasy|feel sick|feeling sick|upset stomach
vomit: throw up|throwing up|being sick|vomited
dizzy: lightheaded|light headed|dizziness|giddy|faint|fainting|passing out|syncope
drowsy: sleepy|sedated|sedating|sedation|drowsiness|sleepiness|sedative effect
dyspnoea: shortness of breath|breathlessness|breathless|short of breath|trouble breathing|
    difficulty breathing|hard to breathe|breathing difficulty|
    dyspnea|breathing trouble|struggling to breathe|breathing problems
oedema: swelling|swollen|edema|puffy|swell
rash: hives|urticaria|skin eruption
itch: pruritus
pain: ache|sore|hurt|painful|discomfort|hurting
bruise: ecchymosis
faeces: stool|feces|poo|bowel movement|bowel motion
diarrhoea: diarrhea|loose stool|runny stool
urine: pee|urinary|urinate|passing water
clot: deep vein thrombosis|pulmonary embolism|thrombosis|thrombus|dvt|thromboembolism|embolism
anticoagulant: blood thinner|blood thinning
seizure: convulsion|fit|epileptic
cancer: malignancy|malignant|tumour|tumor|carcinoma
swallow: dysphagia
miscarriage: pregnancy loss
pregnant: pregnancy|expecting|expectant|conceive|gestation|unborn
baby: infant|newborn|neonate|foetus|fetus
breastfeed: nursing|lactation|lactating|breast feeding|breast milk
child: kid|toddler|paediatric|pediatric|son|daughter
elderly: older|old age|old people
medicine: drug|medication|tablet|pill|pharmaceutical|meds
prescribe: prescription
pharmacist: pharmacy|chemist
side effect: adverse effect|adverse reaction|unwanted effect|adverse event
alcohol: drink|drinking|booze|wine|beer|liquor
smoke: tobacco|cigarette|nicotine|smoking
exercise: physical activity|workout|walking|jogging|activity
weight: overweight|obese|obesity
salt: sodium
fluid: hydrated|hydration|rehydrate|rehydration|water|dehydration|dehydrated|drink plenty
imaging: scan|x ray|xray|ct|mri|ultrasound|radiograph|tomography|sonogram|sonography
ecg: ekg|electrocardiogram|heart tracing
blood test: blood work|blood count|full blood count|cbc|laboratory test|lab test|labs
biopsy: tissue sample
surgery: operation|surgical|operate|operative
physiotherapy: physical therapy|rehabilitation|rehab|physio
psychotherapy: cbt|cognitive behavioural therapy|cognitive behavioral therapy|counselling|counseling|
    talking therapy|talk therapy|therapist
vaccine: vaccination|immunisation|immunization|jab|shot|vaccinated|immunised
contagious: infectious|catching|transmit|transmission|spread|transmissible
heredity: inherited|hereditary|genetic|gene|runs in families|family history
incurable: no cure|cannot be cured|not curable|can't be cured
lifelong: for life|whole life|rest of your life|chronic|long term|longterm
improve: better|relieve|ease|alleviate|resolve|clear up|relief|settle|subside
worsen: worse|deteriorate|aggravate|exacerbate|get worse
reduce: lower|decrease|cut down|cut back|limit|restrict|less|lessen|fewer|minimise|minimize
increase: raise|higher|elevate|greater|more|boost
stop: discontinue|quit|cease|halt|come off|give up|withdraw
abrupt: sudden|suddenly|cold turkey|all at once|abruptly
gradual: taper|slowly|step by step|gradually|tapering|wean
avoid: steer clear|stay away|refrain|abstain
mri: magnetic resonance
phone: telephone|ring|call
midwife: maternity unit|maternity
replace: substitute|swap
probability: chances
vomit: bring up
individual: personal
begin: start|initiate|commence|onset
check: examine|examination|assess|assessment|evaluate|evaluation|test|inspect|screen|investigate|investigation|look at
monitor: keep an eye|keep track|measure|watch|track|follow
immediate: same day|today|immediately|urgent|urgently|right away|straight away|at once|now|promptly|
    without delay|as soon as possible|today
hospital: emergency department|emergency room|er|a e|clinic
serious: severe|dangerous|grave|critical|life threatening|lifethreatening|fatal|deadly|hazardous
harmful: harm|damage|injure|injury|toxic|toxicity
risk: danger|chance|likelihood|hazard|probability
common: frequent|usual|often|typical|frequently
rare: uncommon|seldom|rarely|unusual|infrequent
cause: lead|due|trigger|reason|produce|induce|because
need: require|necessary|essential
confirm: verify|establish|definite|definitively
option: alternative|choice
dose: dosage|dosing|mg|milligram|how much
twice: two times|double
daily: every day|once a day|per day|a day
food: meal|eat|diet|eating|foods|dietary
night: bedtime|evening|before bed
infection: infected|infect
inflame: inflammation|inflammatory
allergy: allergic|anaphylaxis|hypersensitivity
resist: resistance|resistant
virus: viral|viruses
bacteria: bacterial|bacterium
anxiety: anxious|panic|worried|worry
depression: depressed|low mood
suicide: suicidal|self harm|kill yourself|ending your life|end your life|take your own life|harm yourself|hurting yourself
consent: agree|agreement|permission
private: privacy|confidential|confidentiality|secret
relative: family|spouse|husband|wife|parent|partner
specialist: cardiologist|dermatologist|neurologist|gastroenterologist|oncologist|psychiatrist|endocrinologist|
    ophthalmologist|rheumatologist|urologist|
    gynaecologist|gynecologist|obstetrician|nephrologist|haematologist|hematologist|surgeon|allergist|ent
guideline: recommendation
previous: before|prior|past|history|earlier|already had
prevent: protect|ward off|stave off|keep away
conceal: hide|withhold(?:ing)?|keep from|keep secret|cover up
mental: psychological|psychiatric|emotional
toothpaste: tooth paste
unchanged: no change|same dose|as before
age: how old|years old
appendicitis: inflamed appendix
pneumonia: chest infection|lung infection
reflux: heartburn|gerd|acid reflux|gord
migraine: migraines
asthma: wheezing|wheeze
diabetes: diabetic
heartfailure: heart failure|hf|chf
copd: chronic obstructive
kidneystone: kidney stone|renal stone|renal colic
uti: urinary tract infection|bladder infection|cystitis|urine infection
sti: sexually transmitted|std|chlamydia|gonorrhoea|gonorrhea
flu: influenza
covid: coronavirus|sars
eczema: atopic dermatitis
shingles: herpes zoster|zoster
dehydrate: dried out
choke: choking|airway blocked|aspirate|aspiration
poison: poisoning|toxic dose|overdose|overdosed
electrolyte: potassium|sodium level
thyroid: tsh|hypothyroidism|hyperthyroidism
creatinine: egfr|kidney function
endoscopy: gastroscopy|colonoscopy
sugar: sweets|sweetened
caffeine: coffee|tea
fibre: fiber|roughage
sunscreen: sun protection|spf
lump: mass|nodule|swelling
wound: cut|laceration|injury
numb: numbness|pins and needles|tingle|tingling
weak: weakness|no strength
confuse: confusion|disoriented|muddled
stiff: stiffness|rigid
cough: coughing
pus: discharge
palpitation: racing heart|heart racing|fast heartbeat|pounding heart|rapid heartbeat
vision: eyesight|sight|see clearly|blurred
hearing: deaf
unconscious: passed out|unresponsive|loss of consciousness|not responding|collapse
sweat: sweating|sweaty|clammy
leftarm: left arm|jaw
withdrawal: rebound|discontinuation
tolerance: dependence|addiction|addictive|habit forming
refer: referral
discuss: talk over|talk through|speak about
explain: tell why
honest: truthful|truth|honesty|openly
decide: decision|choose|choice
refuse: decline|turn down
mother: mum|mom
hospital admission: admitted|inpatient
antiviral: oseltamivir|tamiflu|aciclovir|acyclovir
sleep apnoea: sleep apnea|osa
evidence: study|trial|research|studies|data
"""

_KINDS: Final = """
antibiotic: amoxicillin|penicillin|azithromycin|doxycycline|ciprofloxacin|cephalosporin|cefalexin|
    clarithromycin|metronidazole|erythromycin|co amoxiclav
nsaid: ibuprofen|naproxen|diclofenac|aspirin
painkiller: ibuprofen|paracetamol|naproxen|aspirin|opioid|codeine|morphine|tramadol|nsaid|analgesic
opioid: codeine|morphine|tramadol|oxycodone|fentanyl
anticoagulant: warfarin|heparin|apixaban|rivaroxaban|dabigatran
statin: atorvastatin|simvastatin|rosuvastatin
steroid: prednisone|prednisolone|hydrocortisone|corticosteroid|dexamethasone
antihistamine: cetirizine|loratadine|diphenhydramine|chlorphenamine
imaging: mammogram
medicine: antibiotic|painkiller|paracetamol|ibuprofen|statin|insulin|metformin|steroid|antihistamine|antidepressant|nsaid
surgery: appendectomy|removal|bypass|transplant
doctor: specialist|psychiatrist
symptom: fever|cough|pain|rash|nausea|vomit|dizzy|thirst|weight|tired|bleed|swell|itch|dyspnoea|diarrhoea|headache|numb|weak
remedy: oil|honey|herb|garlic|vinegar|butter|toothpaste
fruit: apple|orange|berry|banana
imaging study: imaging
unwell: ill|sick
mental: psychiatrist|psychologist|therapist|counsellor|counselor|psychotherapy|depression|suicide
reduce: gradual
dose: gradual
sign: symptom
symptoms: sign
"""

_STOP: Final = """
a an the of to in on at by for with from or and as is are be been being was were it its this that these those
there their his her he she they them your you who which what when where how if than then so such also any all
some will would shall should must may might can could has have had do does did not no nor up out into over about
per vs versus between during while own itself themselves one's we our us i me my each both either other another
very too only just even still yet again further here most much many few whether e.g i.e etc s t rather instead
because answer response user patient person asker reader patients people someone anyone explicitly clearly
specifically briefly correctly accurately appropriately fact need needs properly least using use used make makes
making get gets getting become becomes given done account possible possibly potential potentially likely via
upon within without against toward towards regarding concerning including
"""

_WEAK: Final = """
condition disease disorder problem case situation symptom treatment treat care help take give important cause
serious need common result thing way time health healthy medical medicine related associate several various
different specific general particular good bad first next early late new long short day value range reaction
look episode individual outcome discuss age month issue place home couple fine course term name young old woman
man child baby adult infant last communicate sign signal event process information question concern advice level
include involve affect effect work type kind form part body usual increase reduce risk check improve previous
option alternative professional prescribe amount doctor immediate intake state
"""


def _stemless(block: str) -> dict[str, str]:
    """`variant → kept wording` from lines of `kept: variant|variant`; a line that is indented goes on."""
    joined = block.strip().replace("\n    ", "")
    found: dict[str, str] = {}
    for line in joined.splitlines():
        kept, variants = line.split(":", 1)
        found[kept.strip()] = kept.strip()
        for variant in variants.split("|"):
            found.setdefault(variant.strip(), kept.strip())
    return found


def _kinds(block: str) -> dict[str, tuple[str, ...]]:
    rows = (line.split(":", 1) for line in block.strip().replace("\n    ", "").splitlines())
    return {kept.strip(): tuple(one.strip() for one in special.split("|")) for kept, special in rows}


EN: Final = CriterionWords(
    opening=pattern(
        r"^(?:the |this |an? )?(?:answer|response|reply|assistant|model|text|message|advice)\s+(?:should |must |"
        r"has to |needs to |will )?|"
        r"^(?:should|must) "
    ),
    omits=pattern(
        r"^(?:(?:explicitly|simply|entirely|completely|also) )?(?:(?:does|do|did|should|must) ?n[o']t|doesn['’]t|"
        r"never|fails? to|neglects? to|forgets? to|omits? to)\s+|"
        r"^(?:omits|leaves out|is silent (?:on|about)|ignores|overlooks|misses|skips|lacks|omitting|avoids|avoid|"
        r"avoiding|refrains? from|"
        r"refraining from|stays away from|without|abstains from|contains no|makes no|gives no|offers no)\s+"
    ),
    acts=(
        (
            "against",
            pattern(
                r"(?:recommend|advis|caution|warn|counsel|argu|speak)(?:s|es|e|ing|ed)? (?:"
                + _WHO
                + r" |them )?against\s+|"
                r"(?:discourag|dissuad|forbid|prohibit|den(?=y|ie)|contradict|refut|debunk|rebut|disput)(?:s|es|e|ing|y|"
                r"ies|ying)? (?:the (?:claim|idea|belief|myth) )?(?:that )?(?:" + _WHO + r" from |them from )?|"
                r"(?:recommend|advis|caution|warn|counsel|tell|instruct|suggest|remind|urg|ask)(?:s|es|e|ing)? (?:"
                + _WHO
                + r" |them )?"
                r"(?:not to|never to|to avoid|avoiding|to refrain from|to stay away from|not|"
                r"that (?:"
                + _THEY
                + r"|they|it|you) (?:should|must|do|does|can|is|are)? ?(?:not|never|avoid)(?: be| to)?)\s+"
            ),
        ),
        (
            "ask",
            pattern(
                r"(?:ask(?!s? "
                + _WHO
                + r" to )|inquir|enquir|quer)(?:s|es|ies|e|ing)?(?: "
                + _WHO
                + r")?(?: (?:about|for|after|whether|if|how|when|what|which|into))?\b\s*|"
                r"(?:seek|request|elicit|gather|obtain)(?:s|ing)? (?:(?:more |further |missing |additional |the |"
                r"key )*(?:information|details|facts|context|history) ?(?:about|on|of)?)\s*|"
                r"(?:clarif|check|find|establish)(?:s|ies|ying|es|ing)? (?:out )?(?:whether|if)\s+"
            ),
        ),
        ("refuse", pattern(r"(?:refus|declin|reject)(?:s|es|e|ing)? (?:to )?(?:the request )?")),
        (
            "recommend",
            pattern(
                r"(?:recommend|advis|suggest|encourag|urg|direct|instruct|refer|propos|prescrib|counsel|endors|promot|"
                r"approv|support|advocat|order|offer|invit|remind|prompt|"
                r"insist|tell|ask|guid|steer|allow|permit|encourage)(?:s|es|e|ing|ed)?(?: (?:on|for))? "
                r"(?:" + _WHO + r" |them )?(?:that |to (?!the\b|an?\b|see)|on )?"
            ),
        ),
        (
            "assert",
            pattern(
                r"(?:claim|assert|insist|promis|guarante|assur|reassur|pretend|conclud|diagnos|declar|dismiss|minimi[sz]|"
                r"downplay|trivialis|impl|predict)"
                r"(?:s|es|e|ing|ed|ies|ying)? (?:" + _WHO + r" |them )?(?:that )?"
            ),
        ),
        (
            "mention",
            pattern(
                r"(?:mention|stat|not|say|explain|describ|identif|nam|list|clarif|point|acknowledg|recogni[sz]|inform|"
                r"tell|discuss|cover|includ|provid|giv|emphasi[sz]|highlight|"
                r"remind|defin|distinguish|compar|summari[sz]|attribut|link|indicat|warn|caution|alert|set|lay|show|us|"
                r"express|address|answer|report|make|stress|connect|relat|"
                r"contain|specif|present|outlin|teach|convey|admit|rais|correct|confirm|communicat|offer|consider|"
                r"differentiat|mak|tak|weigh|appl|follow|respond|react|deal|treat)"
                r"(?:s|es|e|ing|ed|ies|ying)?(?: (?:out|up|clear|sure|forth))? (?:"
                + _WHO
                + r" |them )?(?:that |of (?!the )|about )?"
            ),
        ),
    ),
    turned=pattern(r"^(?:not to|never to|to avoid|avoiding|to not|not)\s+"),
    joined=pattern(
        r",? (?:and|but|then) (?:also |then )?(?=(?:does not |fails to |avoids )?(?:recommends|advises|suggests|"
        r"urges|tells|explains|mentions|states|warns|asks|"
        r"names|gives|describes|says|refers|notes|directs|acknowledges|offers|claims|refuses|declines|discourages|"
        r"prescribes|reassures|encourages)\b)"
    ),
    lacking_first=pattern(r"^without (?:first )?([^,]{3,60}), "),
    missing=pattern(
        r"(?:any|an?|first|further|proper)?\s*(?:\w+ing\b|exam\w*|evaluation|assessment|tests?|caveats?|warnings?|"
        r"caution|hedg\w*|qualification|evidence|"
        r"reservation|uncertainty|history|context|advice|questions?|explanation)"
    ),
    either=pattern(r"(?<!,.{20}), or (?=(?:[a-z'-]+ ){2,})| or (?=that |to \w+ (?:the|a|an|to)\b)"),
    lacking=pattern(r",? (?:without|while omitting|but (?:does not|fails to|omits|never|without))\s+"),
    aside=pattern(
        r",? (?:rather than|instead of|although|though|despite|even though|as opposed to|in spite of|even if|"
        r"whereas|regardless of)\b"
    ),
    excepts=pattern(
        r"\b(?:other than|apart from|besides|aside from|in addition to) (?:an? |the |his |her |their )?[\w-]+"
    ),
    verbs=(
        ("definite_diagnosis", pattern(r"diagnos|conclud|declar|assert")),
        ("guarantee", pattern(r"guarante|promis")),
        ("dismiss", pattern(r"dismiss|minimi[sz]|downplay|trivialis")),
    ),
    examples=pattern(
        r"[,;(]?\s*\b(?:e\.?g\.?|for example|for instance|such as|i\.e\.|like)[,:]?\s+([^);]*)\)?|\(([^()]*)\)"
    ),
    listing=pattern(r"^[^,;]*(?:\b(?:includ\w+|are|these|following)\b|:)(?: [a-z ]{0,40}:)?"),
    at_least=pattern(
        r"\(?\b(?:at least|no fewer than|a minimum of) (one|two|three|four|\d)\b(?: (?:of (?:these|them|"
        r"the following)|of|or more|other))*\)?"
    ),
    clause_end=pattern(
        r"[,;:.!?()\n\u2014\u2013]+\s*|\s+\b(?:but|because|since|so|although|though|whereas|unless|however|"
        r"instead|if|when|until|rather|"
        r"and (?=(?:you|it|they|he|she|we|i|see|call|go|ask|tell|get|make|keep|do|don['’]t|not|never|avoid|stop|"
        r"is|are|can|may|will|should|seek|talk|take|"
        r"use|try|check|have|has)\b)|which|who|as (?=(?:it|they|this|these|you|the)\b))\b\s*"
    ),
    denies=pattern(
        r"\b(?:not|never|no|none|nobody|nothing|neither|nor|cannot|hardly|rarely|without|lacks?|isn['’]?t|"
        r"aren['’]?t|don['’]?t|doesn['’]?t|didn['’]?t|won['’]?t|"
        r"wouldn['’]?t|shouldn['’]?t|can['’]?t|couldn['’]?t|wasn['’]?t|mustn['’]?t|haven['’]?t|hasn['’]?t|"
        r"needn['’]?t|unable|unlikely|impossible|against|rule[sd]? out|"
        r"free of|instead of|rather than)\b"
    ),
    no_denial=pattern(
        r"\bnot only\b|\bno doubt\b|\bno matter\b|\bnot (?:hesitate|delay|wait|ignore|forget|uncommon|always|"
        r"necessarily|be afraid)\b|\bnothing but\b|\bno later than\b|"
        r"\bcannot (?:rule|exclude|be ruled|be excluded)[a-z ]{0,12}\b|\bcan['’]?t (?:rule|exclude)\b[a-z ]{0,6}|"
        r"\bdon['’]t (?:hesitate|delay|wait|ignore|forget|worry|put off)\b|"
        r"\bno one knows\b|\bnot sure\b|\bcan['’]?t (?:be ruled out|breathe|sleep|stop)\b|\bcannot (?:breathe|"
        r"sleep)\b|\bnot (?:needed|necessary|treated) (?=leads|can|may|causes)|\b(?:if|when)[a-z ]{0,14} not\b|"
        r"\bnot (?:get|getting|got) better\b|\bdoes(?:n['’]t| not) (?:improve|go away|settle|get better|stop|"
        r"help)\b|\bnot just\b|\bwithout delay\b|"
        r"\bno more than\b|\bwhether or not\b|\bno longer\b"
    ),
    avoids=pattern(
        r"\b(?:avoid(?:ing|s|ed)?|refrain(?:ing)?|steer clear|stay away|keep away|hold off|abstain(?:ing)?|"
        r"ban(?:ned)?|cut out)\b"
    ),
    stops=pattern(
        r"(?<!after )(?<!before )(?<!when )(?<!since )\b(?:interrupt(?:ing|s)?|pause|stop(?:ping|ped|s)?|"
        r"quit(?:ting)?|discontinu(?:e|ing|ed)|come off|coming off|give up|giving up|withhold(?:ing)?|"
        r"skip(?:ping)?)\b"
    ),
    condemns=pattern(
        r"\b(?:useless|harmful|dangerous|ineffective|unsafe|unnecessary|needless|myth|wrong|false|incorrect|"
        r"untrue|mistaken|misconception|contraindicated|inadvisable|risky|"
        r"unwise|inappropriate|pointless|unproven|forbidden|illegal|a bad idea|no good|useless|fails? to|"
        r"too early|advise against|recommend against|(?:can|may|could|might|will) (?:also )?(?:cause|lead to|"
        r"trigger|harm|damage|injure|bring on|result in|worsen|raise the risk|increase the risk|be (?:dangerous|"
        r"harmful|fatal|risky)|make (?:it|things) worse))\b"
    ),
    asks=pattern(
        r"\?|\b(?:let (?:me|us) know|tell (?:me|us)|could you (?:tell|share|say)|i(?:['’]d| would)? (?:need|want|"
        r"like) to (?:know|ask)|it would help to know|please (?:share|describe|"
        r"provide|clarify|tell)|we need to know|may i ask|more details? (?:about|on)|can you (?:describe|tell|say))\b"
    ),
    stop=frozenset(_STOP.split()),
    weak=frozenset(_WEAK.split()),
    whole=frozenset(),
    synonyms=_stemless(_SYNONYMS),
    kinds=_kinds(_KINDS),
    concepts={**CONCEPTS, **MANNER},
)
