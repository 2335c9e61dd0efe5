"""English words of instance details: conditions, drugs, tests, procedures, body parts, symptoms; and what never belongs to a name."""

from __future__ import annotations

__all__ = [
    "BEFORE_NAME",
    "CONDITIONS",
    "CONDITION_HEADS",
    "CONDITION_SUFFIX",
    "DRUGS",
    "DRUG_SUFFIX",
    "NOT_NAMES",
    "PARTS",
    "PROCEDURES",
    "PROCEDURE_HEADS",
    "PROCEDURE_SUFFIX",
    "SYMPTOMS",
    "TESTS",
    "TEST_HEADS",
    "TEST_SUFFIX",
]


def _joined(lines: str) -> str:
    return "|".join(word for line in lines.splitlines() for word in line.split("|") if word)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CONDITIONS = _joined("""
diabetes|hypertension|high blood pressure|asthma|stroke|mini-stroke|cancer|pneumonia|influenza|flu|common cold|
covid-19|covid|hiv|aids|measles|mumps|gout|epilepsy|migraine|migraines|depression|anxiety|eczema|psoriasis|obesity|
malaria|cholera|rabies|schizophrenia|autism|adhd|hernia|glaucoma|cataract|cataracts|shingles|herpes|syphilis|
gonorrhea|gonorrhoea|chlamydia|preeclampsia|pre-eclampsia|eclampsia|scabies|lupus|copd|gerd|acid reflux|ibs|pcos|ptsd|
ocd|uti|als|dementia|sepsis|anaphylaxis|heart attack|heart attacks|chickenpox|tetanus|polio|hay fever|celiac|croup|
sciatica|vertigo|acne|rosacea|hemorrhoids|haemorrhoids|gallstones|kidney stones|high cholesterol|sleep apnea|
ectopic pregnancy|miscarriage|dengue|lyme|ebola|mpox|concussion|down syndrome|bulimia|anorexia nervosa|alcoholism|
osteopenia|varicose veins|aneurysm|pulmonary embolism|deep vein thrombosis|cardiac arrest|jaundice|iron deficiency|
hypothyroid|goitre|heat stroke|ringworm|warts|hives|urticaria|frostbite|marfan|tinea|fibroids|incontinence|impotence|
type 1 diabetes|type 2 diabetes|gestational diabetes|strep throat|stomach flu|food poisoning|hepatitis b|hepatitis c|
long covid|bell's palsy|cystic fibrosis|sickle cell|muscular dystrophy|cerebral palsy|spina bifida|cleft palate|
atrial fibrillation|arrhythmia|angina|appendicitis
""")

CONDITION_SUFFIX = (
    "itis|emia|aemia|oma|omas|osis|pathy|pathies|plegia|paresis|uria|penia|thyroidism|phrenia|ectasis|"
    "philia|megaly|lithiasis|sclerosis"
)
CONDITION_HEADS = (
    "disease diseases syndrome syndromes disorder disorders cancer cancers infection infections failure "
    "deficiency injury fracture fractures  tumor tumors tumour tumours attack ulcer ulcers stones fever "
    "poisoning allergy dystrophy palsy anemia anaemia lymphoma leukemia  leukaemia embolism thrombosis "
    "hypertension fibrosis fibrillation stenosis aneurysm apnea effusion prolapse neuralgia malformation "
)

DRUGS = _joined("""
aspirin|ibuprofen|acetaminophen|paracetamol|tylenol|advil|insulin|metformin|warfarin|heparin|morphine|codeine|
oxycodone|fentanyl|tramadol|prednisone|prednisolone|dexamethasone|hydrocortisone|digoxin|lithium|methotrexate|
levothyroxine|albuterol|salbutamol|naproxen|diclofenac|clopidogrel|rivaroxaban|apixaban|furosemide|spironolactone|
hydrochlorothiazide|gabapentin|pregabalin|sertraline|fluoxetine|citalopram|escitalopram|amitriptyline|valproate|
carbamazepine|lamotrigine|phenytoin|levetiracetam|diazepam|lorazepam|alprazolam|zolpidem|haloperidol|quetiapine|
olanzapine|risperidone|clozapine|tamoxifen|isotretinoin|sildenafil|finasteride|tamsulosin|allopurinol|colchicine|
adrenaline|epinephrine|naloxone|nitroglycerin|montelukast|loratadine|cetirizine|diphenhydramine|ondansetron|
loperamide|semaglutide|ozempic|liraglutide|hydroxychloroquine|remdesivir|oseltamivir|tamiflu|acyclovir|misoprostol|
mifepristone|letrozole|doxycycline|vancomycin|gentamicin|isoniazid|rifampicin|rifampin|bupropion|venlafaxine|
duloxetine|melatonin|ketamine|propofol|baclofen|cyclobenzaprine|melphalan|cisplatin|tacrolimus|cyclosporine|
azathioprine|mesalamine|sulfasalazine|nitrofurantoin|ivermectin|theophylline
""")
DRUG_SUFFIX = (
    "cillin|mycin|micin|oxacin|cycline|pril|sartan|statin|olol|azole|dipine|formin|gliptin|gliflozin|"
    "glutide|parin|tidine|prazole|tinib|mab|vir|triptan|setron|thiazide|semide|barbital|zepam|zolam|"
    "profen|coxib|sone|solone|terol|lukast|oxetine|triptyline|caine|dronate|grel|xaban|floxacin"
)

TESTS = _joined("""
mri|mri scan|ct|ct scan|pet scan|x-ray|x-rays|chest x-ray|ultrasound|ultrasound scan|ecg|ekg|electrocardiogram|eeg|
hba1c|a1c|psa|tsh|biopsy|blood test|blood tests|urine test|urinalysis|lumbar puncture|spinal tap|pap smear|
complete blood count|blood count|liver function tests|kidney function tests|bone density scan|dexa scan|stool test|
skin prick test|allergy test|genetic test|pregnancy test|throat swab|glucose tolerance test|lipid panel|d-dimer|
troponin|stress test|sleep study|endoscopy|echocardiogram|holter monitor|amniocentesis|spirometry|blood culture|
urine culture|creatinine|egfr|ferritin|inr
""")
TEST_SUFFIX = "oscopy|ography|gram|metry"
TEST_HEADS = "test tests scan scans panel culture count x-ray ultrasound biopsy swab smear"

PROCEDURES = _joined("""
dialysis|caesarean section|cesarean section|c-section|hip replacement|knee replacement|heart transplant|
kidney transplant|liver transplant|bypass|coronary bypass|stent placement|laser eye surgery|cataract surgery|
bariatric surgery|gastric bypass|root canal|tooth extraction|ivf|egg freezing|blood transfusion|radiotherapy|
chemotherapy|catheter ablation|pacemaker implantation|circumcision|tubal ligation|liposuction
""")
PROCEDURE_SUFFIX = "ectomy|ectomies|plasty|otomy|ostomy|pexy|centesis"
PROCEDURE_HEADS = "surgery transplant transplantation replacement bypass ablation implantation"

PARTS = _joined("""
heart|liver|kidney|kidneys|lung|lungs|stomach|bladder|prostate|thyroid|pancreas|spleen|uterus|ovary|ovaries|breast|
breasts|colon|rectum|brain|spine|knee|knees|hip|shoulder|elbow|wrist|ankle|foot|feet|toe|toes|finger|fingers|neck|
throat|tongue|gums|scalp|abdomen|groin|thigh|calf|lower back|gallbladder|oesophagus|esophagus|testicle|testicles|
cervix|retina|cornea|eyelid|jaw|sinuses|tonsils|appendix
""")

SYMPTOMS = _joined("""
headache|headaches|chest pain|chest pains|abdominal pain|stomach pain|back pain|neck pain|joint pain|leg pain|
knee pain|pelvic pain|ear pain|eye pain|muscle pain|tooth pain|fever|high fever|cough|coughing|rash|rashes|nausea|
vomiting|diarrhea|diarrhoea|dizziness|fatigue|tiredness|swelling|bleeding|itching|numbness|tingling|palpitations|
shortness of breath|difficulty breathing|trouble breathing|insomnia|constipation|sore throat|weight loss|weight gain|
night sweats|hair loss|blurred vision|vision loss|loss of vision|slurred speech|facial droop|bloating|heartburn|
hoarseness|runny nose|stiff neck|chills|tremor|tremors|seizures|seizure|fainting|blood in the stool|
blood in the urine|blood in urine|blood in stool|wheezing|cramps|weakness|confusion|earache|toothache|nosebleed|
nosebleeds|hot flashes|loss of appetite|memory loss|ringing in the ears|stomach ache|stomach cramps|hallucinations|
sweating|snoring|spotting|vaginal bleeding|discharge|jaw pain|arm weakness|coughing up blood
""")

NOT_NAMES = _words("""
diagnosis prognosis hypnosis osmosis empathy sympathy telepathy apathy diploma aroma coma symptoma program diagram
gram kilogram milligram  microgram telegram anagram photography geography biography demography symmetry geometry
telemetry someone reason person alone gone done tone none one  stone milestone telephone phone bone hormone
comprehensive april telehealth lottery dosis psychosis-like same symbiosis parameter
""")
"""Words that only look like a condition, a drug or a test."""

BEFORE_NAME = _words("""
a an the this that these those his her their its your my our any some no each every all both other another such same
own new more most  of for from to in on at by with without about into over under between against during before after
since until as than like via per upon  and or but nor so if when while because that which who whom whose what where
why how whether is are was were be been being has have had do does did  can could may might must shall should will
would not never only also just very too than then there here it he she they we you i  possible potential suspected
confirmed known likely certain serious worsening existing underlying specific any common rare named  need needs cause
causes treat treats mean means include includes including risk risks sign signs patient patients person people user
symptoms  states explains advises recommends suggests mentions describes says tells warns notes asks urges gives
orders order discusses identifies lists avoids  diagnose diagnoses prevent prevents prevention treatment manage
manages detect exclude rule out indicate indicates suggest suggest have having  first further follow-up repeat
immediate urgent prompt early regular routine right wrong relevant appropriate additional unnecessary necessary
clinical medical medication emergency viral antibiotic adverse drug side health healthcare
""")
"""Words that end the reach of a name to its left."""
