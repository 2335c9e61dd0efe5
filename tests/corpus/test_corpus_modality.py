"""What provisions say, in both languages, by sentences written for it."""

import pytest

from primum.corpus.modality import modality_of, modality_of_item, strongest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第五条 医师不得出具虚假证明。", "prohibition"),
        ("严禁收受财物。", "prohibition"),
        ("医师应当如实说明，但是不得泄露隐私。", "prohibition"),
        ("违反本法规定，泄露隐私的，由主管部门责令改正，处一万元罚款。", "prohibition"),
        ("有下列情形之一的，不予注册：", "prohibition"),
        ("符合条件的，应当准予注册；不符合条件的，不予注册，并说明理由。", "obligation"),
        ("医师必须亲自诊查。", "obligation"),
        ("从业者须经考核合格。", "obligation"),
        ("主管部门负责监督管理工作。", "obligation"),
        ("经注册后，方可执业。", "obligation"),
        ("人民法院应予受理。", "obligation"),
        ("发现下级不履行职责的，应当责令纠正。", "obligation"),
        ("医患双方可以协商解决。", "permission"),
        ("患者有权查阅病历。", "permission"),
        ("合理使用的，可以不经本人同意。", "permission"),
        ("不能取得患者意见的，经负责人批准，可以立即实施。", "permission"),
        ("本法所称医师，是指依法注册的人员，其应当诚信。", "definition"),
        ("产前诊断，是指对胎儿进行的诊断。", "definition"),
        ("国家鼓励创新。", "other"),
        ("对应的供应不准确时另行通知。", "other"),
        ("依照《禁止收费的规定》执行。", "other"),
        ("直接负责的主管人员由单位任命。", "other"),
    ],
)
def test_chinese(text: str, expected: str) -> None:
    assert modality_of(text, "zh")[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Article 3. A physician shall not deceive.", "prohibition"),
        ("Staff may not record.", "prohibition"),
        ("Selling organs is strictly prohibited.", "prohibition"),
        ("I will never disclose secrets.", "prohibition"),
        ("Whoever sells blood commits an offence.", "prohibition"),
        ("A physician shall obtain consent.", "obligation"),
        ("Doctors should wash their hands.", "obligation"),
        ("I pledge to serve.", "obligation"),
        ("A nurse may refuse.", "permission"),
        ("A nurse shall not be required to assist.", "permission"),
        ("Patients have the right to see their record.", "permission"),
        ("A guardian decides where the patient cannot.", "other"),
        ("In May 2020 the text was revised.", "other"),
        ('In this Act, "patient" means a person who must be treated.', "definition"),
        ("Health is a human good.", "other"),
    ],
)
def test_english(text: str, expected: str) -> None:
    assert modality_of(text, "en")[0] == expected


def test_items_complete_the_sentence_of_their_lead() -> None:
    assert modality_of_item("（一）有固定场所；", "obligation", False, "zh") == "obligation"
    assert modality_of_item("（二）不得转让；", "permission", False, "zh") == "prohibition"
    assert modality_of_item("（三）未按规定报告应当报告的事项；", "prohibition", True, "zh") == "prohibition"
    assert modality_of_item("（四）可以申请复核。", "other", False, "zh") == "permission"


def test_the_strongest_is_taken_in_the_documented_order() -> None:
    assert strongest(["other", "permission", "obligation"]) == "obligation"
    assert strongest(["definition", "prohibition"]) == "prohibition"
    assert strongest([]) == "other"
