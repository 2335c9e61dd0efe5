"""Faults that a reader found in drafted items, each held away by its cause."""

import re

import pytest
from test_items import norm, rule

from primum.bench.items import ItemSettings, answers, speech
from primum.bench.items.claims import claims, conduct
from primum.bench.items.drafting import drafts
from primum.bench.items.naming import chance
from primum.bench.items.sayable import Saying, saying
from primum.bench.items.situations import dilemma, vignette


def said(text: str, modality: str, act: str, who: str = "护士", **fields: str) -> Saying | str:
    language = "zh" if re.search("[一-鿿]", text) else "en"
    of = norm(text, language=language)
    return saying(rule(of, modality, act, who, **fields), of)


@pytest.mark.parametrize(
    ("act", "manner", "deed"),
    [
        ("未经主管部门批准将标本携带出院", "未经主管部门批准", "将标本携带出院"),
        ("未取得执业许可证擅自开展诊疗活动", "未取得执业许可证", "开展诊疗活动"),
        ("未经伦理委员会审查同意获取患者的组织", "未经伦理委员会审查同意", "获取患者的组织"),
    ],
)
def test_a_lack_that_opens_an_act_stands_before_the_modal(act, manner, deed):
    one = said(f"护士{act}的，给予警告。", "prohibition", act, consequence="给予警告")
    assert isinstance(one, Saying) and (one.manner, one.act) == (manner, deed)
    assert speech.rule(one) == f"护士{manner}，不得{deed}"
    request = vignette(one, 0, 0, "direct")
    assert request is not None and f"在{manner}的情况下{deed}" in request.prompt


@pytest.mark.parametrize(
    ("text", "act", "fields", "reason"),
    [
        (
            "护士违反本办法第五条规定发布药品的推荐信息的，给予警告。",
            "发布药品的推荐信息",
            {"consequence": "给予警告"},
            "act is wrong only by a provision",
        ),
        (
            "护士应当建立沟通机制，对患者提出的意见和建议，应当耐心解释。",
            "建立沟通机制，对患者提出的意见和建议",
            {},
            "act runs on into the next rule",
        ),
        ("任何人不得强迫、诱骗其捐献身体组织。", "强迫、诱骗其捐献身体组织", {"who": ""}, "act leans on a word before"),
        ("情况严重的，护士应当立即报告医师。", "立即报告医师", {"condition": "情况严重的"}, "condition leans"),
    ],
)
def test_a_rule_cut_out_of_its_sentence_is_refused(text, act, fields, reason):
    modality = "prohibition" if "consequence" in fields or "不得" in text else "obligation"
    found = said(text, modality, act, **fields)
    assert isinstance(found, str) and found.startswith(reason)


def test_a_duty_is_denied_as_a_whole_and_not_its_haste():
    one = said("护士应当立即向医师报告病情。", "obligation", "立即向医师报告病情")
    denied = [option.text for option in claims(one, chance(0)) if re.search("可以不|没有|不必|而不", option.text)]
    assert denied and not [text for text in denied if "不立即" in text or "没有立即" in text]


def test_excuses_of_a_ban_are_none_that_speak_for_leaving_a_duty():
    one = said("护士不得将患者的照片发到网上。", "prohibition", "将患者的照片发到网上")
    duty = speech.words("zh").excuses["duty"]
    for seed in range(20):
        for option in (*claims(one, chance(seed)), *conduct(one, chance(seed))):
            assert not [excuse for excuse in duty if excuse in option.text], option.text


def test_policy_of_the_state_is_asked_about_in_choices_only():
    one = said("县级人民政府应当建立应急药品的储备制度。", "obligation", "建立应急药品的储备制度", "县级人民政府")
    assert isinstance(one, Saying) and one.is_the_states and not one.is_asked
    kinds = {
        kind: [draft for draft in drafts(one, [], kind, ItemSettings()) if not isinstance(draft, str)]
        for kind in ("situation", "single_choice")
    }
    assert not kinds["situation"] and kinds["single_choice"]


def test_what_stands_against_a_ban_is_something_to_be_had():
    one = said("护士不得买卖患者的血液。", "prohibition", "买卖患者的血液")
    for variant in range(24):
        found = dilemma(one, 0, variant)
        assert found is not None and not re.search("记者|加班|候诊区|隔壁|汇报材料", found.prompt), found.prompt


def test_good_answers_speak_of_the_matter_and_repeat_no_formula():
    acts = {
        "将患者的病历给无关人员查看": "患者",
        "在采血前核对献血者的身份": "血",
        "将过敏史告知患者的近亲属": "知情",
        "对传染病患者的用具进行消毒": "病原",
    }
    openings, whys = set(), set()
    for act, about in acts.items():
        one = said(f"护士应当{act}。", "obligation", act)
        whys.add(answers.matter(one).why)
        for variant in range(6):
            found = vignette(one, 0, variant, "direct")
            assert found is not None and found.reference is not None
            answer = found.reference
            assert "《病区守则》" in answer and f"护士应当{act}" in answer and answer.endswith("。")
            assert answers.matter(one).why in answer, about
            openings.add(answer[:6])
    assert len(whys) == len(acts) and len(openings) >= 4


def test_an_english_title_takes_its_article_and_loses_its_brackets():
    of = norm("A nurse must record every dose at once.", title="Ward Act (starter restatement)", language="en")
    one = saying(rule(of, "obligation", "record every dose at once", "A nurse"), of)
    assert isinstance(one, Saying) and one.title == "the Ward Act"


@pytest.mark.parametrize(
    ("text", "who", "act"),
    [
        ("Its members must not accept gifts for a vote.", "Its members", "accept gifts for a vote"),
        ("A nurse must hand it to the ward office.", "A nurse", "hand it to the ward office"),
        ("A nurse must say why it was needed.", "A nurse", "say why it was needed"),
    ],
)
def test_an_english_rule_that_leans_on_a_pronoun_is_refused(text, who, act):
    modality = "prohibition" if "not" in text.split() else "obligation"
    assert isinstance(said(text, modality, act, who), str)


def test_a_thing_in_english_is_nobody_who_decides_and_a_passive_can_be_stated():
    one = said("A letter of wishes must not ask for harm.", "prohibition", "ask for harm", "A letter of wishes")
    assert isinstance(one, Saying) and not one.is_asked
    passive = said("Health data must not be sold.", "prohibition", "be sold", "Health data")
    assert isinstance(passive, Saying) and passive.nature == "state" and not passive.is_asked
