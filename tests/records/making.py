"""Strategies that make every kind of record, with every alternative in it; for the tests of the records and of the store."""

from __future__ import annotations

import hypothesis.strategies as st

from primum.records import (
    Abstained,
    Approval,
    Benchmark,
    ByImport,
    ByModel,
    ByPerson,
    ByRule,
    BySimulation,
    Category,
    Certificate,
    Choice,
    CitationStep,
    Comparison,
    Cost,
    Criterion,
    CriterionChange,
    Cycle,
    Decision,
    Dispute,
    Draft,
    Edition,
    Estimate,
    Feedback,
    Flag,
    Ground,
    JudgeError,
    Judgement,
    JudgeRef,
    KeyCheck,
    LedgerEntry,
    Met,
    Norm,
    NotApplicable,
    NotMet,
    PolicyRef,
    Preference,
    Principle,
    ProbeOutcome,
    Profile,
    Provision,
    QuestionCheck,
    Reading,
    Record,
    ReliabilityBin,
    Report,
    Response,
    Review,
    Revision,
    Reward,
    Rollback,
    Rubric,
    Rule,
    RuleOutcome,
    Sampling,
    Scenario,
    Signal,
    Source,
    Span,
    StanceCheck,
    StopRule,
    Taxonomy,
    Turn,
    Verdict,
)

__all__ = ["RECORDS", "any_record"]

texts = st.text(max_size=12)
said = texts.filter(str.strip)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
counts = st.integers(0, 2**40)
shares = st.none() | st.floats(0, 1)
languages = st.sampled_from(["zh", "en"])
dates = st.none() | st.dates().map(lambda date: date.isoformat())
ids = st.from_regex(r"(norm|scenario|response)-[0-9a-f]{20}", fullmatch=True)
many_ids = st.lists(ids, max_size=3).map(tuple)
origins = st.one_of(
    st.builds(ByRule, rule=texts, version=texts),
    st.builds(ByModel, model=texts, prompt=texts, is_scripted=st.booleans()),
    st.builds(ByPerson, person=texts, role=texts),
    st.builds(ByImport, dataset=texts, row=texts, licence=texts),
    st.builds(BySimulation, generator=texts, seed=counts),
)
authorities = st.sampled_from(["law", "regulation", "rule", "interpretation", "code", "guideline"])
modalities = st.sampled_from(["prohibition", "obligation", "permission", "definition", "other"])
levels = st.sampled_from(["book", "part", "chapter", "section", "article", "paragraph", "item"])


grounds = st.builds(Ground, norm=ids, citation=texts, quote=texts, article=texts, rule=st.none() | ids)
questions = st.sampled_from(["R1", "R2", "Q1", "Q2", "Q3", "Q4"])


@st.composite
def spans(draw: st.DrawFn) -> Span:
    text, start = draw(said), draw(counts)
    return Span(start=start, end=start + len(text), text=text)


def categories() -> st.SearchStrategy[tuple[Category, ...]]:
    one = st.builds(
        Category, key=said, zh=said, en=said, about_zh=texts, about_en=texts, group=texts,
        cues_zh=st.lists(texts, max_size=2).map(tuple), cues_en=st.lists(texts, max_size=2).map(tuple),
    )  # fmt: skip
    return st.lists(one, min_size=1, max_size=2, unique_by=lambda category: category.key).map(tuple)


@st.composite
def norms(draw: st.DrawFn) -> Norm:
    text, start = draw(said), draw(counts)
    end = start + len(text)
    cut = draw(st.integers(start, end))
    spans = [(start, cut), (cut, end)] if start < cut < end else [(start, end)]
    return Norm(
        source=draw(ids), source_key=draw(said), source_title=draw(texts), text=text, start=start, end=end,
        citation=tuple(draw(st.lists(st.builds(CitationStep, level=levels, label=texts, title=texts), min_size=1, max_size=2))),
        provisions=tuple(Provision(label=draw(texts), start=a, end=b, modality=draw(modalities)) for a, b in spans),
        language=draw(languages), jurisdiction=draw(texts), authority=draw(authorities), modality=draw(modalities),
        made=draw(origins), dimensions=tuple(draw(st.lists(texts, max_size=2))), effective_from=draw(dates),
        effective_to=draw(dates),
    )  # fmt: skip


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    turns = draw(
        st.lists(st.builds(Turn, role=st.sampled_from(["system", "user", "assistant"]), content=texts), max_size=2)
    )
    task = draw(st.sampled_from(["open", "single_choice", "multiple_choice"]))
    letters = [] if task == "open" else draw(st.lists(st.sampled_from("ABCDEF"), min_size=2, max_size=5, unique=True))
    right = draw(st.lists(st.sampled_from(letters), min_size=1, unique=True)) if letters else []
    return Scenario(
        messages=(*turns, Turn(role="user", content=draw(said))), task=task, dimension=draw(texts), language=draw(languages),
        dataset=draw(texts), made=draw(origins), harm_level=draw(st.sampled_from([0, 1, 2, 3])),
        style=draw(st.sampled_from(["direct", "indirect", "obfuscate", "role_play"])), is_borderline=draw(st.booleans()),
        norms=draw(many_ids), reference=draw(st.none() | texts), cluster=draw(texts), version=draw(counts),
        options=tuple(Choice(letter=letter, text=draw(texts), reason=draw(texts)) for letter in letters),
        key=tuple(sorted(right if task == "multiple_choice" else right[:1])),
        split=draw(st.sampled_from([None, "train", "dev", "test"])), item=draw(texts), scene=draw(texts),
        difficulty=draw(st.sampled_from([None, "easy", "medium", "hard"])), counterpart=draw(texts),
        points=tuple(draw(st.lists(texts, max_size=2))), grounds=tuple(draw(st.lists(grounds, max_size=2))),
    )  # fmt: skip


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    return Estimate(value=value, low=low, high=high, n=draw(st.integers(1, 10**6)), unit=draw(texts))


comparisons = st.builds(
    Comparison, by=texts, name=texts, metric=texts, before=estimates(), after=estimates(), difference=estimates()
)
stances = st.sampled_from(["accept", "caution", "refuse"])
checks = st.none() | st.one_of(
    st.builds(StanceCheck, stances=st.lists(stances, max_size=2).map(tuple)),
    st.builds(KeyCheck, letters=st.lists(st.sampled_from("AB"), max_size=2).map(tuple)),
    st.builds(QuestionCheck, question=questions),
)
outcomes = st.one_of(
    st.just(Met()), st.just(NotMet()), st.builds(NotApplicable, reason=texts), st.builds(Abstained, reason=said)
)

RECORDS: dict[type[Record], st.SearchStrategy[Record]] = {
    Source: st.builds(
        Source, key=said, title=texts, text=said, language=languages, jurisdiction=texts, authority=authorities,
        media_type=texts, made=origins, enacted=dates, effective_from=dates, effective_to=dates,
    ),
    Norm: norms(),
    Scenario: scenarios(),
    Response: st.builds(
        Response, scenario=ids, text=texts, made=origins, policy=st.none() | ids, feedback=st.none() | ids,
        finish=st.sampled_from(["stop", "length", "unknown"]), prompt_tokens=counts, completion_tokens=counts,
        sampling=st.none() | st.builds(
            Sampling, max_new_tokens=counts, temperature=numbers, repetition_penalty=numbers, seed=counts
        ),
    ),
    PolicyRef: st.builds(
        PolicyRef, name=texts, path=texts, weights=texts, stage=st.sampled_from(["base", "sft", "kto", "dpo"]),
        architecture=texts, parameters=counts, made=origins, is_from_scratch=st.booleans(), parent=st.none() | ids,
        trained_on=many_ids, settings=texts,
    ),
    Criterion: st.builds(
        Criterion, statement=said, points=st.integers(-10, 10).filter(bool), axis=texts, language=languages, made=origins,
        kind_of=st.sampled_from(["proficiency", "excellence", "safety"]), norms=many_ids, check_by=checks,
    ),
    Rubric: st.builds(
        Rubric, scenario=ids, criteria=st.lists(ids, min_size=1, max_size=3, unique=True).map(tuple), made=origins,
        state=st.sampled_from(["drafted", "refined"]), previous=st.none() | ids, merged_from=many_ids,
        changes=st.lists(
            st.builds(
                CriterionChange, reason=st.sampled_from(["vague", "missing", "weight"]), note=texts,
                before=st.just(("criterion-" + "0" * 20,)), after=st.lists(ids, max_size=2).map(tuple),
            ),
            max_size=2,
        ).map(tuple),
        disputes=st.lists(
            st.builds(
                Dispute, criterion=st.none() | ids,
                readings=st.lists(st.builds(Reading, rubric=ids, criteria=many_ids), max_size=2).map(tuple),
            ),
            max_size=2,
        ).map(tuple),
    ),
    Profile: st.builds(
        Profile, scenario=ids, made=origins, values=st.dictionaries(texts, texts, max_size=3),
        chances=st.dictionaries(texts, numbers, max_size=3),
    ),
    Principle: st.builds(
        Principle, statement=said, language=languages, made=origins, axis=texts, norms=many_ids, rubrics=many_ids,
        applies_when=st.dictionaries(texts, st.lists(texts, max_size=2).map(tuple), max_size=3),
        points=st.integers(-10, 10).filter(bool), kind_of=st.sampled_from(["proficiency", "excellence", "safety"]),
        criteria=st.lists(ids, min_size=1, max_size=3).map(tuple), state=st.sampled_from(["distilled", "edited", "merged", "retired"]),
        previous=st.lists(ids, min_size=1, max_size=2).map(tuple), reason=said,
    ),
    Revision: st.builds(
        Revision, scenario=ids, rubric=ids, judge=ids, made=origins, principles=many_ids,
        ended=st.sampled_from(["nothing_fails", "no_gain", "rounds", "budget", "no_draft", "unreadable"]),
        chosen=st.just("response-" + "1" * 20),
        drafts=st.builds(
            Draft, round=st.just(0), response=st.just("response-" + "1" * 20), judgement=ids, failed=many_ids, open=many_ids,
            is_kept=st.booleans(), refused=texts, cost=st.builds(Cost, prompt_tokens=counts, completion_tokens=counts),
        ).map(lambda draft: (draft,)),
    ),
    JudgeRef: st.one_of(
        st.builds(
            JudgeRef, name=texts, fingerprint=texts, made=origins, trained_on=many_ids,
            kind_of=st.sampled_from(["guardian", "chat_model", "rule", "person", "simulated"]),
        ),
        st.builds(
            JudgeRef, name=texts, fingerprint=texts, made=origins, kind_of=st.just("panel"),
            members=st.lists(ids, min_size=1, max_size=3).map(tuple),
        ),
    ),
    Certificate: st.builds(
        Certificate, judge=ids, subject=st.sampled_from(["verdict", "stance"]), reference=ids,
        reference_kind=st.sampled_from(["person", "simulated"]), calibrated_on=texts, n=counts,
        errors=estimates().map(lambda found: (JudgeError(by="all", name="all", measure="agreement", estimate=found),)),
        issued=st.just("2026-11-21"), expires=st.just("2027-05-21"), conditions=st.lists(texts, max_size=2).map(tuple),
        probes=st.lists(
            st.one_of(
                st.builds(ProbeOutcome, probe=texts, n=counts, changed=estimates(), shift=st.none() | estimates()),
                st.builds(ProbeOutcome, probe=texts, n=counts, note=said),
            ),
            max_size=2,
        ).map(tuple),
        reliability=st.lists(
            st.builds(ReliabilityBin, low=numbers, high=numbers, confidence=numbers, observed=estimates()), max_size=2
        ).map(tuple),
    ),
    Verdict: st.builds(
        Verdict, response=ids, criterion=ids, judge=ids, outcome=outcomes, probability=shares, explanation=texts,
        cost=st.builds(Cost, prompt_tokens=counts, completion_tokens=counts),
    ),
    Judgement: st.builds(
        Judgement, response=ids, judge=ids, verdicts=many_ids, probability=shares, reason=said,
        stance=st.sampled_from(["accept", "caution", "refuse", "unusable", "abstained"]),
    ),
    Preference: st.builds(
        Preference, scenario=ids, chosen=st.just("response-" + "0" * 20), rejected=ids.filter(lambda id: not id.endswith("0" * 20)),
        made=origins, criterion=st.none() | ids, because=many_ids, rubric=st.none() | ids, margin=st.none() | numbers,
    ),
    Approval: st.builds(
        Approval, scenario=ids, response=ids, is_desirable=st.booleans(), made=origins, because=many_ids, rubric=st.none() | ids
    ),
    Reward: st.builds(
        Reward, response=ids, value=numbers, proficiency=numbers, excellence=counts, vetoes=counts, verdicts=many_ids
    ),
    Report: st.builds(
        Report, run=texts, recipe=texts, before=ids, after=ids, judge=ids, judgements=many_ids, certificate=st.none() | ids,
        comparisons=st.lists(comparisons, max_size=2).map(tuple),
    ),
    Decision: st.builds(
        Decision, decision=st.sampled_from(["promote", "hold", "refuse"]), policy=ids, report=ids,
        rules=st.lists(
            st.builds(
                RuleOutcome, rule=texts, found=texts, passed=st.booleans(), severity=st.sampled_from(["hold", "refuse"])
            ),
            max_size=2,
        ).map(tuple),
    ),
    LedgerEntry: st.builds(
        LedgerEntry, sequence=counts, at=texts, event=texts, detail=texts, subjects=many_ids, previous=texts, digest=texts
    ),
    Rule: st.builds(
        Rule, norm=ids, modality=st.sampled_from(["prohibition", "obligation", "permission"]), act=spans(), language=languages,
        made=origins, subject=st.none() | spans(), condition=st.none() | spans(), consequence=st.none() | spans(), label=texts,
        dimensions=st.lists(texts, max_size=2).map(tuple), scenes=st.lists(texts, max_size=2).map(tuple),
    ),
    Taxonomy: st.builds(
        Taxonomy, key=texts, zh=texts, en=texts, source=texts, made=origins, scenes=categories(), dimensions=categories(),
        principles=categories(), styles=categories(), harms=categories(),
    ),
    Edition: st.builds(
        Edition, corpus=texts, sources=st.lists(ids, min_size=1, max_size=3).map(tuple), made=origins, previous=st.none() | ids
    ),
    Benchmark: st.builds(
        Benchmark, name=texts, version=counts, edition=ids, taxonomy=ids, items=st.lists(ids, min_size=1, max_size=3).map(tuple),
        made=origins, settings=texts, retired=st.lists(texts, max_size=2).map(tuple), previous=st.none() | ids,
    ),
    Review: st.builds(
        Review, item=texts, scenario=ids, state=st.sampled_from(["verified", "rejected"]), note=texts, at=texts,
        made=st.builds(ByPerson, person=said, role=said),
    ),
    Feedback: st.builds(
        Feedback, response=ids, language=languages, failed=st.just(("R1", "Q2")), open=st.just(("Q4",)), made=origins,
        advice=st.lists(texts, max_size=2).map(tuple), norms=many_ids, passages=st.lists(texts, max_size=2).map(tuple), because=many_ids,
    ),
    Signal: st.builds(
        Signal, scenario=ids, made=origins, consent=st.sampled_from(["given", "unknown"]), licence=said, response=st.none() | ids,
        basis=texts, removed=st.lists(st.tuples(texts, counts), max_size=2).map(tuple), repeats=counts, day=texts,
    ),
    Flag: st.builds(
        Flag, signal=ids, reason=st.sampled_from(["unsafe", "wrong_refusal", "other"]), severity=st.sampled_from([1, 2, 3]), made=origins,
        note=texts, correction=st.none() | texts, because=st.none() | ids,
    ),
    Cycle: st.builds(
        Cycle, run=texts, recipe=texts, arm=texts, number=st.integers(1, 9), before=ids, after=ids, judge=ids, second_judge=ids,
        chosen=st.sampled_from(["kto", "dpo", "keep"]),
        branches=st.lists(st.tuples(st.sampled_from(["kto", "dpo"]), ids), max_size=2).map(tuple),
        decision=st.none() | ids, released=st.none() | ids,
        stop=st.lists(st.builds(StopRule, name=texts, is_stopping=st.booleans(), found=texts, found_zh=texts), max_size=2).map(tuple),
    ),
    Rollback: st.builds(
        Rollback, run=texts, recipe=texts, arm=texts, after=st.integers(2, 9), to=st.integers(0, 1), policy=ids, cycle=ids, reason=said,
        made=origins,
    ),
}  # fmt: skip
any_record = st.one_of(*RECORDS.values())
