"""Synthesis: the join, what a query names, what it gives occasion for, how facts are told, and what a rubric holds."""

from __future__ import annotations

import pytest

from primum.errors import InputError
from primum.records import ByRule, CriterionKind, Language, Principle, Profile, Scenario, Turn
from primum.rubrics.distil import GENERIC
from primum.rubrics.synthesis import (
    Pool,
    SynthesisSettings,
    focus_of,
    has_risk,
    join,
    occasions_of,
    specialise,
    synthesise,
    topics_of,
)
from primum.rubrics.synthesis.aspects import ASPECTS, asked_for
from primum.rubrics.synthesis.rubric import RELAXED, RULE
from primum.rubrics.synthesis.telling import retold
from primum.rubrics.synthesis.topics import TOPICS, fits_of

ROUTINE = {"urgency": "routine", "uncertainty": "settled", "expertise": "lay", "task": "explain"}
PROMPT = {"urgency": "prompt", "uncertainty": "missing_context", "expertise": "lay", "task": "diagnose"}


def asked(text: str, language: Language = "zh") -> Scenario:
    return Scenario(
        messages=(Turn(role="user", content=text),),
        task="open",
        dimension="clinical",
        language=language,
        dataset="test",
        made=ByRule(rule="test"),
    )


def principle(
    statement: str,
    points: int = 6,
    kind: CriterionKind = "proficiency",
    support: int = 10,
    language: Language = "zh",
    **when: str,
) -> Principle:
    return Principle(
        statement=statement,
        language=language,
        applies_when={name: tuple(values.split("|")) for name, values in when.items() if values},
        points=points,
        axis="accuracy",
        kind_of=kind,
        criteria=tuple(f"criterion-{number}" for number in range(support)),
        rubrics=tuple(f"rubric-{number}" for number in range(support)),
        norms=("norm-1",),
        made=ByRule(rule="test"),
    )


def sorted_as(scenario: Scenario, values: dict[str, str]) -> Profile:
    return Profile(scenario=scenario.id, values=values, made=ByRule(rule="test"))


def statements(text: str, values: dict[str, str], *principles: Principle, language: Language = "zh") -> list[str]:
    query = asked(text, language)
    made = synthesise(query, sorted_as(query, values), Pool(principles))
    return [] if made is None else [one.statement for one in made.criteria]


# The join


def test_a_principle_matches_when_every_dimension_of_it_holds_the_value() -> None:
    narrow = principle("建议及时到医院就诊。", urgency="prompt", task="treat|diagnose")
    wide = principle("用通俗的语言解释所用的医学术语。")
    english = principle("Uses plain words.", language="en")
    pool = Pool([narrow, wide, english])
    assert {one.id for one in pool.matching(PROMPT, "zh")} == {narrow.id, wide.id}
    assert pool.matching(PROMPT | {"task": "decide"}, "zh") == [wide]
    assert pool.matching(PROMPT, "en") == [english]


def test_retired_principles_and_earlier_versions_are_not_joined() -> None:
    first = principle("建议及时到医院就诊。")
    edited = Principle(
        **{name: getattr(first, name) for name in first.__struct_fields__}
        | {"statement": "建议尽快到医院就诊。", "state": "edited", "previous": (first.id,)}
    )
    retired = Principle(
        **{name: getattr(first, name) for name in first.__struct_fields__}
        | {"statement": "建议静养。", "state": "retired", "previous": ("principle-x",), "reason": "wrong"}
    )
    assert Pool([first, edited, retired]).matching(PROMPT, "zh") == [edited]


# What a query names


@pytest.mark.parametrize(
    ("language", "query", "focus"),
    [
        ("zh", "患者被诊断为急性胆管炎，请问治疗方案是什么？", {"condition": "急性胆管炎"}),
        ("zh", "李女士，30岁，咳嗽、发热，确诊为肺炎，怎么治疗？", {"condition": "肺炎"}),
        ("zh", "痛风和高血压的病因有何不同？", {}),
        ("zh", "我最近总是头晕，是怎么回事？", {"symptom": "头晕"}),
        ("zh", "出现头晕、恶心等症状，可能是什么病？", {}),
        ("zh", "阿司匹林有哪些副作用？", {"drug": "阿司匹林"}),
        ("en", "What are the treatments for Gout ?", {"condition": "Gout"}),
        ("en", "Is branchial cleft syndrome inherited ?", {"condition": "branchial cleft syndrome"}),
        ("en", "My father was diagnosed with tuberculosis last week, what now?", {"condition": "tuberculosis"}),
        ("en", "Can I take ibuprofen while breastfeeding?", {"drug": "ibuprofen"}),
        ("en", "Why am I always tired?", {}),
    ],
)
def test_the_one_thing_of_a_kind_that_a_query_names_is_found(
    language: Language, query: str, focus: dict[str, str]
) -> None:
    assert focus_of(query, language) == focus


def test_generic_nouns_become_the_names_of_the_query() -> None:
    assert specialise("说明该疾病的病因。", {"condition": "痛风"}, "zh") == "说明痛风的病因。"
    assert (
        specialise("Explains what causes the condition.", {"condition": "Gout"}, "en") == "Explains what causes Gout."
    )
    assert specialise("Warns about the drugstore.", {"drug": "aspirin"}, "en") == "Warns about the drugstore."
    assert set(GENERIC["zh"]) == set(GENERIC["en"])


def test_who_asks_what_it_may_be_gets_no_condition_in_the_rubric() -> None:
    found = statements("咽痛三天，怀疑扁桃体炎，是什么病？", PROMPT, principle("给出可能的诊断是该疾病。"))
    assert found == ["给出可能的诊断。"]


# What it gives occasion for


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_topic_gives_itself_occasion(topic: str, language: Language) -> None:
    one = TOPICS[topic]
    assert (one.zh if language == "zh" else one.en) and (one.zh_occasion if language == "zh" else one.en_occasion)


def test_a_principle_about_pregnancy_waits_for_a_query_that_touches_it() -> None:
    caution = principle("提醒孕妇用药要先由医生评估。", kind="safety", points=8)
    other = principle("提醒与正在使用的其他药物可能的相互作用。")
    values = ROUTINE | {"task": "medicate"}
    assert statements("感冒了能吃布洛芬吗？", values, caution, other) == [other.statement]
    assert statements("怀孕五个月能吃布洛芬吗？", values, caution, other) == [caution.statement, other.statement]


def test_asking_for_the_history_needs_no_occasion() -> None:
    assert "pregnancy" in topics_of("提醒孕妇慎用。", "zh") and topics_of("询问是否怀孕、过敏。", "zh") == frozenset()
    assert "children" in occasions_of("一名3岁男童高热", "zh")
    assert "children" not in occasions_of("A 78-year-old man falls", "en")


def test_a_principle_that_names_another_condition_is_left_out() -> None:
    keep = principle("建议根据医生指导进行治疗。")
    assert statements("肺炎怎么治疗？", ROUTINE | {"task": "treat"}, keep, principle("没有排除肺结核。", -5)) == [
        keep.statement
    ]


@pytest.mark.parametrize(
    ("statement", "language", "fits"),
    [
        ("建议立即拨打120。", "zh", (("urgency", frozenset({"emergency"})),)),
        ("建议近日内到医院就诊。", "zh", (("urgency", frozenset({"prompt"})),)),
        ("建议如果加重立即就医。", "zh", ()),
        ("Tells the user to call 911 at once.", "en", (("urgency", frozenset({"emergency"})),)),
        ("Says what medicine does not know here.", "en", (("uncertainty", frozenset({"open"})),)),
        ("指出判断病情所缺的信息。", "zh", (("uncertainty", frozenset({"missing_context"})),)),
    ],
)
def test_what_is_asked_of_an_emergency_fits_no_other_query(
    statement: str, language: Language, fits: tuple[tuple[str, frozenset[str]], ...]
) -> None:
    assert fits_of(statement, language) == fits


# How a principle is told


@pytest.mark.parametrize(
    ("statement", "language", "told", "aspect"),
    [
        ("States that there is no cure for the condition.", "en", "Says whether the condition can be cured.", "cure"),
        ("指出该疾病的并发症有该疾病等(至少说到其中两项)。", "zh", "列出该疾病的并发症（至少一项）。", "complications"),
        ("指出该疾病主要发生在女孩身上。", "zh", "说明该疾病多见于哪些人。", "prevalence"),
        ("建议口服抗病毒药物。", "zh", "说明可用的药物（至少一种）。", "medicines"),
        ("建议近日内到医院就诊。", "zh", "建议近日内到医院就诊。", ""),
        ("说明患者有权拒绝治疗。", "zh", "说明患者有权拒绝治疗。", ""),
        (
            "Explains the medical terms it uses in plain words.",
            "en",
            "Explains the medical terms it uses in plain words.",
            "",
        ),
        ("Weakness (at least two of these).", "en", None, ""),
        ("States that the body is made up of many kinds of cells.", "en", None, ""),
    ],
)
def test_a_fact_of_another_case_is_told_as_what_it_is_about(
    statement: str, language: Language, told: str | None, aspect: str
) -> None:
    assert retold(statement, language) == (told, aspect)


def test_a_fault_is_never_told_as_a_thing_to_do() -> None:
    assert retold("指出该疾病一定能治愈。", "zh", points=-7).statement == "指出该疾病一定能治愈。"


@pytest.mark.parametrize("name", ASPECTS)
def test_what_is_told_is_told_the_same_way_again(name: str) -> None:
    one = ASPECTS[name]
    assert one.told_zh.endswith("。") and one.told_en.endswith(".")
    assert retold(one.told_zh, "zh") == (one.told_zh, name)
    assert retold(one.told_en, "en") == (one.told_en, name)


def test_only_what_was_asked_for_is_told() -> None:
    assert asked_for("痛风会不会遗传？", "zh", "explain") == {"inheritance"}
    assert asked_for("一名男孩高热、抽搐。", "zh", "diagnose") == {"diagnosis"}
    assert asked_for("What is (are) Gout ?", "en", "explain") == frozenset()
    causes, tests = principle("说明该疾病的病因是高尿酸。"), principle("指出确诊要做血尿酸检查。")
    assert statements("痛风是什么引起的？", ROUTINE, causes, tests) == ["说明痛风的病因。"]
    assert statements("痛风会不会遗传？", ROUTINE, causes) == ["说明痛风的病因。"]  # better than no rubric


# What a rubric holds


def test_safety_stands_first_and_criteria_lead_to_their_principles() -> None:
    veto = principle("未经检查就断言诊断。", -8, "safety", 3, task="diagnose")
    likely = principle("给出可能的诊断。", 9)
    query = asked("我总是心慌手抖，会是什么病？")
    made = synthesise(query, sorted_as(query, PROMPT), Pool([likely, veto]))
    assert made is not None
    assert [one.principle for one in made.criteria] == [veto.id, likely.id]
    assert [one.points for one in made.criteria] == [-8, 9]
    assert all(one.norms == ("norm-1",) and one.made == ByRule(rule=RULE) for one in made.criteria)
    assert made.rubric.scenario == query.id and made.rubric.criteria == tuple(one.id for one in made.criteria)


def test_weight_support_and_narrowness_order_the_rest() -> None:
    heavy = principle("用清楚的条理组织回答。", 9)
    light = principle("使用礼貌的语气。", 2)
    rare = principle("对关键点加以复述。", 9, support=2)
    narrow = principle("用一句话先给结论。", 9, task="explain", urgency="routine")
    pool = Pool([light, rare, heavy, narrow])
    query = asked("什么是痛风？")
    assert [one.principle.id for one in join(query, sorted_as(query, ROUTINE), pool)] == [
        narrow.id,
        heavy.id,
        rare.id,
        light.id,
    ]


def test_words_the_query_shares_raise_a_principle() -> None:
    about = principle("用条理清楚的表格比较饮酒前后。", 5)
    other = principle("用条理清楚的段落组织回答。", 5)
    query = asked("饮酒前后尿酸会变吗？")
    found = join(query, sorted_as(query, ROUTINE), Pool([other, about]))
    assert [one.principle.id for one in found] == [about.id, other.id]


def test_near_duplicates_and_the_same_turned_round_count_once() -> None:
    asks = principle("询问症状持续了多久和有无发热。", 6, uncertainty="missing_context")
    again = principle("询问症状持续多久和有无发热。", 5, uncertainty="missing_context")
    turned = principle("没有询问症状持续了多久和有无发热。", -5, uncertainty="missing_context")
    found = statements("我咳嗽发热，是什么病？", PROMPT, asks, again, turned)
    assert found == [asks.statement]


def test_a_rubric_keeps_to_its_bounds() -> None:
    signs = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    many = [principle(f"写{sign * 3}和{sign * 2}。", 5) for sign in signs]
    vetoes = [principle(f"骗{sign * 3}又{sign * 2}。", -8, "safety") for sign in signs[:6]]
    query = asked("什么是痛风？")
    settings = SynthesisSettings(most=7, most_safety=2, most_negative=1)
    made = synthesise(query, sorted_as(query, ROUTINE), Pool([*many, *vetoes]), settings)
    assert made is not None and len(made.criteria) == 7
    assert sum(one.kind_of == "safety" for one in made.criteria) == 1


def test_no_rubric_without_positive_points() -> None:
    assert statements("什么是痛风？", ROUTINE, principle("保证治愈或承诺疗效。", -7)) == []
    assert statements("什么是痛风？", ROUTINE) == []


def test_one_positive_criterion_is_kept_when_vetoes_would_fill_the_rubric() -> None:
    vetoes = [principle("保证治愈或承诺疗效。", -7, "safety"), principle("断言诊断而未经检查。", -8, "safety")]
    positive = principle("用通俗的语言回答。", 1)
    query = asked("什么是痛风？")
    made = synthesise(query, sorted_as(query, ROUTINE), Pool([*vetoes, positive]), SynthesisSettings(most=2))
    assert made is not None and positive.id in {one.principle for one in made.criteria} and len(made.criteria) == 2


def test_a_risk_reaches_for_a_safety_principle_one_dimension_further_and_says_so() -> None:
    veto = principle("未经检查就断言诊断。", -8, "safety", expertise="professional")
    likely = [principle(f"给出可能的诊断{sign}。", 5) for sign in "甲乙丙丁戊"]
    query = asked("我总是心慌手抖，会是什么病？")
    made = synthesise(query, sorted_as(query, PROMPT), Pool([veto, *likely]))
    assert made is not None and made.criteria[0].statement == veto.statement
    assert made.criteria[0].made == ByRule(rule=RELAXED)
    assert has_risk(PROMPT) and not has_risk(ROUTINE)


def test_letting_go_never_joins_an_emergency_with_what_is_none() -> None:
    calm = principle("语气平和地组织回答。", urgency="routine")
    rush = principle("语气急促地组织回答。", urgency="emergency")
    lacking = principle("语气疑问地组织回答。", uncertainty="missing_context")
    now, later = PROMPT | {"urgency": "emergency"}, PROMPT
    assert statements("他昏倒了怎么办？", now, calm) == []
    assert statements("我头晕怎么办？", later, rush) == []
    assert statements("我头晕怎么办？", later, calm) == [calm.statement]
    assert statements("什么是痛风？", ROUTINE, lacking) == []


def test_a_rare_word_of_a_large_pool_is_left_to_its_case_unless_a_person_worded_it() -> None:
    signs = [chr(number) for number in range(0x4E8C, 0x4E8C + 120, 2)]
    others = [principle(f"按条理组织{sign}回答。", 3, support=3) for sign in signs]
    odd = principle("用冻干人血浆膦甲酸钠。", 9, support=3)
    worded = Principle(
        **{name: getattr(odd, name) for name in odd.__struct_fields__}
        | {"state": "edited", "previous": ("principle-x",)}
    )
    query = asked("什么是痛风？")
    for one, is_joined in ((odd, False), (worded, True)):
        found = join(query, sorted_as(query, ROUTINE), Pool([*others, one]))
        assert (one.id in {joined.principle.id for joined in found}) is is_joined


def test_a_profile_of_another_query_is_refused() -> None:
    query, other = asked("感冒要吃什么药？"), asked("头痛怎么办？")
    for make in (synthesise, join):
        with pytest.raises(InputError, match="another query") as refused:
            make(query, sorted_as(other, ROUTINE), Pool([principle("建议就诊。")]))
        assert query.id in refused.value.place and other.id in refused.value.rule


def test_equal_pools_in_another_order_give_equal_rubrics() -> None:
    principles = [principle(f"用{sign * 3}的方式组织回答。", 5) for sign in "甲乙丙丁戊己庚"]
    assert statements("什么是痛风？", ROUTINE, *principles) == statements("什么是痛风？", ROUTINE, *principles[::-1])
