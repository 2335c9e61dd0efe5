"""English words of clinical communication that say the same thing: one concept a line, its words and phrases after the colon.

The first word of a line names the concept. `_` marks words that carry no meaning in a criterion ("recommends", "the patient").
"""

from __future__ import annotations

__all__ = ["SYNONYMS"]

SYNONYMS = """
_: a, an, the, of, to, for, in, on, at, by, with, from, as, that, this, these, those, it, its, is, are, be, been,
  being, was, were, has, have, had, will, would, can, could, may, might, should, must, shall, does, do, did, and, or,
  but, if, so, than, then, there, their, they, them, his, her, he, she, him, you, your, who, which, what, whose, when,
  where, while, how, any, some, such, about, into, up, out, also, very, more, most, other, own, both, either, one,
  each, every, all, get, gets, make, makes, give, gives, take, takes
_: patient, the patient, patients, person, the person, people, user, the user, asker, reader, individual, someone,
  somebody, one
_: recommends, recommend, advises, advise, suggests, suggest, tells, tell, urges, urge, encourages, encourage,
  instructs, directs, says, say, states, state, mentions, mention, notes, note, explains that, points out,
  makes clear, makes it clear, emphasises, emphasizes, stresses, informs, lets know, reminds, indicates, counsels,
  asserts, claims, reports, conveys, brings up, the answer, response, answer, the response
emergency: emergency, emergencies, emergency care, emergency department, emergency room, emergency services, er, a&e,
  ambulance, casualty department, 911, 999, 112, urgent hospital care, nearest hospital, go to hospital,
  call for help, rescue, emergency medical help
now: now, immediately, immediate, at once, without delay, right away, straight away, straightaway, instantly,
  without waiting, do not wait, not wait, promptly, prompt, urgently, urgent, as soon as possible, soon, quickly,
  without hesitation, same day, swiftly, not be postponed, not delay
doctor: doctor, physician, clinician, gp, general practitioner, health professional, healthcare professional,
  health care professional, medical professional, healthcare provider, health care provider, provider, practitioner,
  medic, primary care, medical attention, medical help, professional help, medical advice, medical review,
  medical care, medical team, care team, treating team, professional
see: see, visit, consult, consultation, seek, contact, appointment, attend, speak with, talk to, speak to, turn to,
  reach out, be seen, be examined by, be assessed by, checked by, go to
specialist: specialist, referral, refer, consultant, expert, specialised clinic, specialist clinic, dermatologist,
  cardiologist, neurologist, surgeon, psychiatrist, gynaecologist, gynecologist, paediatrician, pediatrician,
  oncologist, endocrinologist, urologist
pharmacist: pharmacist, chemist, pharmacy
redflag: red flag, red flags, warning sign, warning signs, danger sign, danger signs, alarm signs, alarm symptoms,
  alarming features, alarming symptoms, signs of danger, worrying signs
worsen: worsen, worsens, worsening, get worse, gets worse, deteriorate, deterioration, deteriorates, decline,
  progress, progresses, progression, become more severe, aggravate, escalate
persist: persist, persists, persistent, continue, last, lasts, linger, lingers, do not improve, does not improve,
  no improvement, fails to improve, does not go away, do not go away, not better, not settle, unresolved
recover: recover, recovery, heal, heals, healing, get better, improve, improves, improvement, resolve, resolves,
  settle, clears up, rehabilitation
followup: follow-up, follow up, followup, review, recheck, re-check, reassess, reassessment, return visit, come back,
  monitoring visit, check-up, checkup, check again, return, later visit
monitor: monitor, monitors, monitoring, track, keep an eye, watch, watching, observe, observation, record, log, diary,
  keep a record, surveillance, measure regularly
test: test, tests, testing, the test, investigation, investigations, work-up, workup, examination, examinations, exam,
  laboratory, lab, labs, imaging, scan, screening, screen, evaluate, evaluation, assessment, assess, examine,
  examined, examining, checked, check
result: result, results, finding, findings, report, value, reading, readings, outcome of the test
diagnosis: diagnosis, diagnoses, diagnose, diagnosed, diagnostic, identify the condition, identify the cause, label
definite: definite, definitive, definitely, certain, certainly, certainty, firm, conclusive, absolute, beyond doubt,
  without doubt, for sure, sure, surely, categorical, unquestionable, confidently, confident
uncertain: uncertain, uncertainty, unsure, not certain, cannot be certain, unclear, not known, unknown, not be known,
  limits of knowledge, limited evidence, evidence is limited, weak evidence, not settled, controversial, debated,
  disagree, inconclusive, open question, cannot know, cannot be known, not fully understood, nobody knows
differential: differential, differentials, possible causes, other causes, alternative causes, several causes,
  different causes, other explanations, alternative explanations, more than one cause, various causes,
  other conditions, alternatives to the diagnosis, possibilities, range of causes, other possibilities
ruleout: rule out, ruled out, excluding, exclude, excludes, excluded, distinguish, differentiate, tell apart
cause: cause, causes, reason, reasons, why, origin, aetiology, etiology, mechanism, due to, arises, arise, leads to,
  result from, comes from, comes about, underlying cause, source, explanation
symptom: symptom, symptoms, the symptom, sign, signs, complaint, complaints, presentation, manifestation,
  manifestations, features, clinical picture, shows itself
condition: the condition, condition, conditions, disease, diseases, illness, illnesses, disorder, disorders, ailment,
  problem
describe: explain, explains, explaining, explanation, describe, describes, clarify, clarifies, sets out, outlines,
  outline, lays out, define, defines, spell out, spells out, goes through, walks through, account of, summarises,
  summarizes
plain: plain, plain language, plain words, simple, simple words, everyday words, everyday language, lay terms,
  lay language, layman, easy to understand, understandable, without jargon, no jargon, jargon, jargon-free, clear,
  clearly, non-technical, ordinary words, easily understood, accessible
technical: jargon, technical terms, technical language, medical terms, terminology, specialist words, technical
empathy: empathy, empathetic, empathic, empathetically, compassion, compassionate, compassionately, sympathy,
  sympathetic, kind, kindly, kindness, warm, warmth, caring, support, supportive, emotional support, understanding,
  acknowledge, acknowledges, acknowledging, validate, validates, feelings, emotions, worry, worries, distress, fear,
  fears, concern, concerns, upset, anxiety, comfort, comforts, gentle, gently
judgment: judgment, judgement, judge, judgmental, judgemental, blame, blames, blaming, scold, scolds, shame, shames,
  shaming, criticise, criticize, lecture, lectures, moralises, moralizes, reproach, condemn
reassure: reassure, reassures, reassuring, reassurance, calm, calms, nothing to worry about, no need to worry,
  harmless, safe to ignore, put at ease, allay
dismiss: dismiss, dismisses, dismissive, downplay, downplays, minimise, minimises, minimize, minimizes, trivialise,
  trivialize, trivialises, trivializes, ignore, ignores, brush aside, brushes aside, belittle, belittles,
  not take seriously, makes light, plays down, disregard, disregards, overlook, overlooks, nothing serious
alarm: alarm, alarming, frighten, frightens, frightening, scare, scares, panic, alarmist, exaggerate, exaggerates,
  overstate, overstates
drug: drug, drugs, the drug, medicine, medicines, medication, medications, tablet, tablets, pill, pills,
  pharmaceutical, remedy, prescription, prescriptions, agent, preparation
prescribe: prescribe, prescribes, prescribing, prescribed, start, starts, starting, initiate, begin, use of,
  treat with, hand out, dispense
stop: stop, stops, stopping, discontinue, discontinuing, discontinuation, cease, quit, quitting, halt, withdraw,
  come off, coming off, abandon, give up, cut out, go without, skip, skipping
continue: continue, continuing, keep taking, keep on, go on, carry on, maintain, stick to, stay on, keep up, finish,
  complete, adhere, adherence, comply, compliance, full course, whole course
dose: dose, doses, dosage, dosing, amount, the stated dose, quantity, strength, milligram
doseadjust: adjust, adjusted, adjustment, reduce the dose, lower dose, lower the dose, titrate, change the dose,
  tailored, tailor, dose reduction, increase the dose
overdose: overdose, overdosing, too much, excessive dose, exceed, exceeds, exceeding, more than prescribed, maximum,
  maximum daily, beyond the limit, upper limit, over the limit, above the recommended
sideeffect: side effect, side effects, adverse effect, adverse effects, adverse reaction, adverse reactions,
  adverse event, unwanted effect, unwanted effects, undesired effects, harms of the drug, reaction, reactions,
  toxicity, tolerability
interaction: interaction, interactions, interact, interacts, combine, combined, combining, combination, together with,
  mix, mixing, taken together, other medicines, other drugs, other medication, concurrent, alongside,
  at the same time, simultaneously
contraindication: contraindication, contraindications, contraindicated, not suitable, unsuitable, must not use,
  should not use, not be given, should not take, must not take, who should avoid, not appropriate for
allergy: allergy, allergies, allergic, hypersensitivity, anaphylaxis
antibiotic: antibiotic, antibiotics, antibacterial, antimicrobial, antimicrobials
resistance: resistance, resistant
selfmed: self-medicate, self-medicating, self-medication, self-treat, self-treatment, on their own, by themselves,
  on one's own, own initiative, without supervision, without medical supervision, unsupervised, without prescription,
  without a prescription, leftover, over the counter, over-the-counter, non-prescription, off the shelf,
  without asking a doctor
treatment: treatment, treatments, treat, treats, treating, treated, therapy, therapies, management, manage, manages,
  option, options, intervention, approach, care plan, handled
choice: choice, choices, alternatives, alternative, options, several ways, pros and cons, benefits and risks,
  risks and benefits, compare, compares, comparison, weigh, weighs, trade-off, trade-offs,
  advantages and disadvantages, advantages, disadvantages
risk: risk, risks, risky, danger, dangers, dangerous, hazard, hazards, hazardous, harm, harms, harmful, threat,
  threatening, unsafe, peril
riskfactor: risk factor, risk factors, predispose, predisposes, predisposing, susceptible, susceptibility,
  likelihood of developing, more likely to develop, at higher risk
complication: complication, complications, consequence, consequences, sequelae, long-term damage, late effects,
  if untreated, untreated, left untreated, if left untreated, what can go wrong
prognosis: prognosis, outlook, expected course, course, outcome, outcomes, long term, long-term, life expectancy,
  survival, chances, chance, future, what to expect, foresee, forecast, predict, predicts, prediction,
  likely development, natural history
cure: cure, cures, curable, cured, guarantee, guarantees, guaranteed, promise, promises, always works, miracle,
  hundred percent, fully effective
prevent: prevent, prevents, prevention, preventive, preventing, prophylaxis, avoid getting, protect, protects,
  protection, lower the risk, reduce the risk, reduces the risk, ward off, guard against, keep from, avert
avoid: avoid, avoids, avoiding, avoidance, stay away, keep away, refrain, abstain, steer clear, limit exposure, shun,
  not eat, not use
vaccine: vaccine, vaccines, vaccination, vaccinated, vaccinate, immunisation, immunization, immunised, immunized, jab,
  jabs, shot, shots, booster, inoculation
diet: diet, dietary, food, foods, eat, eating, nutrition, nutritional, meal, meals, nutrient, what to eat, intake,
  feeding
salt: salt, sodium, salty
sugar: sugar, sugary, sweets, carbohydrate, carbohydrates, sweetened
water: water, fluid, fluids, hydrate, hydrated, hydration, drink plenty, drinking enough, liquids, rehydration,
  rehydrate, dehydration, dehydrated
exercise: exercise, exercises, physical activity, active, activity, workout, sport, walking, walk, moving, move,
  movement, training, stretch, stretching, physiotherapy
rest: rest, resting, sleep, sleeping, bed rest, relax, take it easy, lie down, recuperate
weight: weight, overweight, obesity, slim, slimming, kilos, bmi, body mass
smoke: smoke, smokes, smoking, tobacco, cigarette, cigarettes, smoker, nicotine
alcohol: alcohol, alcoholic, drinking alcohol, wine, beer, spirits, drinking
stress: stress, stressful, tension, relaxation
lifestyle: lifestyle, habit, habits, way of life, daily life, daily routine, everyday life, living habits
hygiene: hygiene, hygienic, wash, washing, hand washing, handwashing, clean, cleaning, soap, disinfect
isolate: isolate, isolation, quarantine, stay home, stay at home, keep apart, mask, masks, contagious, infectious,
  spread, spreading, transmission, transmit, transmitted, contacts, pass on, infect others
selfcare: self-care, self care, home care, at home, home remedies, home remedy, home measures, can do oneself,
  household
wound: wound, wounds, cut, dressing, dressings, bandage, bandages
pressure: pressure, direct pressure, press, compress, compression
firstaid: first aid, first-aid, first steps, before help arrives, until help arrives, on the way to hospital,
  recovery position, cpr, resuscitation, chest compressions, while waiting
pregnant: pregnant, pregnancy, expecting, breastfeeding, breast-feeding, nursing, lactation, lactating, unborn, fetus,
  foetus
child: child, children, infant, infants, baby, babies, paediatric, pediatric, toddler, minor, minors, underage,
  adolescent, teenager
old: elderly, older, older people, older adults, old people, old age, geriatric, seniors, frail
kidneyliver: kidney function, renal function, liver function, hepatic function, kidney or liver, renal, hepatic,
  kidney, liver, kidneys, organ function
history: history, medical history, past illness, past illnesses, previous illness, past, earlier illnesses,
  background, comorbidities, comorbidity, existing conditions, other conditions, pre-existing
family: family, relatives, relative, hereditary, inherited, heredity, genetic, genetics, runs in the family, kin,
  household members, loved ones, partner, parents, caregiver, caregivers, carer, carers
askmore: asks, ask, asking, inquires, enquires, inquire, enquire, requests, request, question, questions, query,
  finds out, seeks, clarifying question, more information, further information, more details, further details,
  missing information, details, missing details
duration: duration, how long, since when, onset, when it began, when it started, started, time course, length of time,
  began, timing, some time
severity: severity, severe, how severe, how bad, how strong, intensity, serious, seriousness, grave, degree
currentdrugs: current medication, current medications, current medicines, medicines taken, drugs taken,
  other medicines, what is taken, drug history, medication history, taking other
confidential: confidential, confidentiality, privacy, private, secret, secrecy, discreet, discretion, personal data,
  personal information, disclose, discloses, disclosing, disclosure, reveal, reveals, revealing, share without, leak,
  leaks, leaking, identity, passes on, hands over
consent: consent, consenting, informed consent, agree, agreement, permission, authorisation, authorization, approval,
  voluntary, voluntarily, freely, own decision, decide for, decides for, autonomy, self-determination,
  right to refuse, refuse, refuses, refusal, decline, declines, accept or refuse, wishes, preference, preferences,
  values
capacity: capacity, competence, competent, able to decide, guardian, guardians, legal representative, surrogate, proxy
shared: shared decision, shared decision-making, decide together, deciding together, joint decision, jointly,
  together, involve, involves, involvement, involving, take part
law: law, laws, legal, legally, lawful, illegal, unlawful, statute, regulation, regulations, rules, right, rights,
  entitled, entitlement, liability, court, prohibited, forbidden, banned
endoflife: end of life, end-of-life, dying, death, palliative, hospice, terminal, advance directive, living will,
  life support, last wishes, comfort care
discriminate: discriminate, discriminates, discrimination, discriminatory, bias, biased, prejudice, prejudiced,
  stereotype, stereotypes, stigma, stigmatise, stigmatize, stigmatises, stigmatizes, unequal, equally, equal,
  derogatory, demeaning, disrespectful, respect, respects, respectful, dignity, insult, insults, insulting
suicide: suicide, suicidal, self-harm, self harm, hurt themselves, harm themselves, kill themselves, end their life,
  take their own life, crisis line, hotline, helpline, crisis
evidence: evidence, studies, study, trial, trials, research, guideline, guidelines, scientific, literature, proven,
  proof, evidence-based, data, publication, publications
source: source, sources, reference, references, cite, cites, citing, citation, citations, quoted
invent: invent, invents, invented, fabricate, fabricates, fabricated, made up, makes up, making up, non-existent,
  fake, fictitious, hallucinated, false, untrue, incorrect, wrong, mistaken, inaccurate, misinformation, misleading,
  misleads, erroneous, error
unproven: unproven, folk remedy, folk remedies, home-made cure, pseudoscientific, pseudoscience, quack, quackery,
  superstition, untested, no evidence, without evidence, unsupported, alternative medicine, herbal, herbs, supplement,
  supplements, natural remedy
substitute: replace, replaces, replacing, substitute, substitutes, instead of, in place of, swap
unnecessary: unnecessary, unneeded, needless, needlessly, unjustified, no indication, not indicated,
  without indication, superfluous, excessive, excessively, pointless, overuse, overtreatment, overtesting,
  without need, too many
remote: remote, remotely, online, over the internet, from a distance, chat, in person, face to face,
  physical examination, in-person, without examining, without an examination, without seeing, limits of advice,
  cannot replace, not a substitute, no substitute, general information, cannot examine, not replace
delay: delay, delays, delayed, delaying, wait, waits, waiting, wait and see, postpone, postpones, postponed, put off,
  puts off, defer, watchful waiting, hold off
cost: cost, costs, price, afford, affordable, expensive, insurance, money, pay, payment, fee, fees, financial
long: long, verbose, wordy, rambling, repetitive, repeats, lengthy, padded, unfocused, overlong
short: concise, brief, briefly, succinct, to the point, short, compact
structure: structure, structured, organised, organized, list, lists, ordered, order, steps, step by step,
  step-by-step, sequence, headings, bullet, bullets, paragraphs, well arranged, stepwise
format: format, requested format, asked format, as requested, as asked, instruction, instructions, what was asked for,
  asked for
direct: directly, direct answer, actual question, question asked, question that was asked, addresses the question,
  straight answer, answers the question, responds to the question, main question
offtopic: irrelevant, off-topic, off topic, unrelated, beside the point, evades, evasive, dodges, avoids the question,
  sidesteps, digresses
nextstep: next step, next steps, what to do next, what happens next, plan, action plan, further steps, way forward,
  concrete steps, actionable, practical steps, specific steps, practical
specific: specific, specifically, concrete, precise, exact, exactly, detailed, particular
vague: vague, vaguely, general, generic, unspecific, non-committal, superficial
target: target, goal, aim, range, normal range, threshold, cut-off, reference range, limit
prepare: prepare, prepares, preparation, preparing, fasting, fast, beforehand, before the test, before the procedure,
  in advance, ahead of
procedure: procedure, procedures, the procedure, operation, operate, surgery, surgical, intervention
after: after, afterwards, following, aftercare, post-operative, postoperative, after the procedure, after surgery
how: technique, correctly, properly, proper use, how to use, correct use, way of taking, method, instructions for use,
  correct way
food: with food, with meals, on an empty stomach, before meals, after meals, empty stomach
store: store, storage, stored, keep out of reach, lock away, out of reach, locked
driving: drive, driving, machinery, machines, vehicle, wheel, drowsy, drowsiness, sleepiness, sedation
infoaccurate: correct, accurate, accurately, true, right information
frequency: frequency, often, how often, regular, regularly, regular intervals, at regular intervals, periodic,
  periodically, routine, routinely, yearly, annually, interval, intervals
contagion: contagious, infectious, catching
temperature: temperature, thermometer, fever
mental: mental health, psychological, psychologist, counselling, counseling, psychotherapy, counsellor, counselor,
  therapist, talking therapy, mental
support: support group, support groups, self-help group, peer support, peers, resources, organisation, organization,
  community
school: school, work, workplace, job, employer, sick leave, off work
travel: travel, travelling, traveling, flight, flying, trip, journey
sex: sex, sexual, intercourse, condom, condoms, contraception, contraceptive, contraceptives, partner
experiment: experimental, clinical trial, trial participation, enrol, enroll, research participation
second: second opinion, another doctor, another opinion
""".strip()
