"""Details out of criteria: what is replaced, what stays, and that doing it twice changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.rubrics.distil import GENERIC, generalise, has_details
from primum.rubrics.distil.atoms import atoms
from primum.rubrics.distil.statements import fault, medoid, polished

EN = [
    (
        "Recommends immediate emergency care for crushing chest pain with sweating.",
        "Recommends immediate emergency care for the symptom.",
    ),
    (
        "Explains that type 2 diabetes is treated with metformin 500 mg twice daily.",
        "Explains that the condition is treated with the drug at the stated dose.",
    ),
    (
        "States a definite diagnosis of chronic obstructive pulmonary disease.",
        "States a definite diagnosis of the condition.",
    ),
    (
        "Mentions that Parkinson's disease worsens over 5 to 10 years.",
        "Mentions that the condition worsens over some time.",
    ),
    (
        "Advises a colonoscopy every 10 years for a 45-year-old man.",
        "Advises the test at regular intervals for the patient.",
    ),
    ("Warns that warfarin interacts with ibuprofen.", "Warns that the drug interacts with the drug."),
    ("Tells Mrs Miller to have a hip replacement.", "Tells the patient to have the procedure."),
    ("Says that 911 must be called.", "Says that emergency services must be called."),
    ("Names at least one cause: gout (at least two of these).", "Names at least one cause: the condition."),
]
ZH = [
    ("建议糖尿病患者每天服用二甲双胍0.5g，每日2次。", "建议该疾病患者每天服用所用药物所述剂量。"),
    ("未经检查就断言是肺癌。", "未经检查就断言是该疾病。"),
    ("说明肾功能不全患者应减少剂量。", "说明该疾病患者应减少剂量。"),
    ("建议张女士3天后复查血常规。", "建议患者一段时间后复查该检查。"),
    ("解释子宫内膜异位症的病因和常见症状。", "解释该疾病的病因和常见症状。"),
    ("建议行腹腔镜胆囊切除术。", "建议行该手术。"),
    ("提示出现胸痛、呼吸困难时立即拨打120。", "提示出现该症状时立即拨打120。"),
    ("指出头孢克肟不能与酒精同服。", "指出所用药物不能与酒精同服。"),
]
STAYS = [
    ("en", "Explains the diagnosis in plain words."),
    ("en", "Asks about allergies before recommending anything."),
    ("en", "Shows empathy for the patient."),
    ("zh", "询问是否有药物过敏史。"),
    ("zh", "建议做进一步检查以明确病情。"),
    ("zh", "说明手术前应取得知情同意。"),
    ("zh", "建议多喝水，注意休息，避免辛辣刺激食物。"),
]


@pytest.mark.parametrize(("said", "left"), EN)
def test_english_details_give_way_to_generic_nouns(said, left):
    assert generalise(said, "en") == left
    assert has_details(said, "en") and not has_details(left, "en")


@pytest.mark.parametrize(("said", "left"), ZH)
def test_chinese_details_give_way_to_generic_nouns(said, left):
    assert generalise(said, "zh") == left
    assert has_details(said, "zh") and not has_details(left, "zh")


@pytest.mark.parametrize(("language", "said"), STAYS)
def test_what_names_no_case_stays(language, said):
    assert generalise(said, language) == said


def test_the_generic_nouns_are_those_that_synthesis_makes_specific_again():
    assert set(GENERIC["en"]) == set(GENERIC["zh"])
    assert GENERIC["zh"]["condition"] == "该疾病" and GENERIC["en"]["drug"] == "the drug"


@given(
    st.lists(
        st.sampled_from([word for said, _ in EN + ZH for word in said.split()] + ["and", "该疾病", "3天", "0.5", "病"]),
        max_size=8,
    ),
    st.sampled_from(["en", "zh"]),
)
def test_generalising_twice_is_generalising_once(words, language):
    once = generalise(" ".join(words), language)
    assert generalise(once, language) == once


@pytest.mark.parametrize(
    ("language", "said", "left"),
    [
        ("zh", "指出乙型肝炎抗原血症属于乙型肝炎病毒感染。", "指出该疾病属于该疾病病毒感染。"),
        ("zh", "解释糖尿病症状。", "解释该疾病症状。"),
        ("zh", "建议\ue0005\ue001休息", "建议所述数值休息"),
        (
            "en",
            "States that multiple endocrine neoplasia type 1 syndrome is a risk factor for it.",
            "States that multiple endocrine neoplasia type the condition is a risk factor for it.",
        ),
    ],
)
def test_what_one_turn_leaves_side_by_side_is_found_by_the_next(language, said, left):
    assert generalise(said, language) == left == generalise(left, language)


def test_sentences_and_semicolons_part_a_criterion_but_list_items_do_not():
    assert atoms("Explains the cause; advises rest at home.", "en") == ["Explains the cause", "advises rest at home."]
    assert atoms("解释病因；建议休息。", "zh") == ["解释病因；建议休息。"]  # a part of five characters at least
    assert atoms("解释该病的病因；建议充分休息。", "zh") == ["解释该病的病因", "建议充分休息。"]
    whole = "Names one of these signs: joint redness and pain; skin redness and pain."
    assert atoms(whole, "en") == [whole]
    assert atoms("Recommends emergency care now; Warns of side effects of the drug.", "en") == [
        "Recommends emergency care now",
        "Warns of side effects of the drug.",
    ]
    assert len(atoms("Also advises and encourages rest; asks of the user which dose it is.", "en")) == 2
    nouns = "Recommends looking for these: signs of infection in it; drugs and herbs taken."
    assert atoms(nouns, "en") == [nouns]
    assert atoms("Asks about dose and duration.", "en") == ["Asks about dose and duration."]


@pytest.mark.parametrize(
    ("language", "statement", "why"),
    [
        ("en", "Advises rest.", "fragment"),
        ("en", "Recommends seeing a doctor and", "middle"),
        ("en", "Mentions that some the condition is rare.", "stumbles"),
        ("en", "Says the drug, the test, the symptom and the condition matter.", "too many"),
        ("en", "States that the condition leads to the condition.", "too many"),
        ("zh", "就医。", "fragment"),
        ("zh", "建议患者尽快看医生以及", "middle"),
        ("zh", "说明（如该疾病的病因。", "bracket"),
        ("zh", "指出所述数值和其他所述数值。", "too many"),
    ],
)
def test_what_cannot_stand_as_a_principle_is_named(language, statement, why):
    assert why in fault(statement, language)


def test_a_plain_statement_has_no_fault_and_is_polished():
    assert fault("Warns that the drug interacts with the drug.", "en") is None
    assert fault("Recommends seeing a doctor.", "en") is None and fault("解释该疾病的病因。", "zh") is None
    assert polished("recommends rest ", "en") == "Recommends rest." and polished("建议休息，", "zh") == "建议休息。"


def test_the_medoid_is_the_wording_most_like_the_others_by_their_counts():
    import numpy as np

    rows = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
    # likeness of the middle one: (0.8·c0 + 1·c1 + 0.6·c2) / Σc
    assert medoid(["a", "b", "c"], [1, 1, 1], rows, [0, 1, 2]) == 1
    assert medoid(["a", "b", "c"], [9, 1, 1], rows, [0, 1, 2]) == 0
    assert medoid(["a", "b", "c"], [9, 1, 1], rows, [1, 2]) == 1
