import itertools
import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.corpus import read_corpus
from primum.corpus.rules import extract, zh
from primum.corpus.rules.found import Part
from primum.records import Norm, Rule


def _norms(folder: Path, *articles: str) -> tuple[Norm, ...]:
    text = "# 病区管理规定\n\n" + "\n\n".join(articles) + "\n"
    (folder / "rules.md").write_text("---\nkey: ward\nauthority: rule\nlanguage: zh\n---\n\n" + text, encoding="utf-8")
    return read_corpus(folder).norms


@pytest.fixture
def read(tmp_path):
    def reading(text: str) -> list[Rule]:
        return extract(_norms(tmp_path, f"第一条 {text}"))

    return reading


def told(rule: Rule) -> tuple[str, ...]:
    parts = (rule.subject, rule.act, rule.condition, rule.consequence)
    return (rule.modality, *("" if part is None else part.text for part in parts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "护士应当核对药品，记录用量，并及时报告。",
            [("obligation", "护士", "核对药品，记录用量，并及时报告", "", "")],
        ),
        (
            "医师不得泄露患者隐私，应当妥善保管病历；发现遗失的，应当立即上报。",
            [
                ("prohibition", "医师", "泄露患者隐私", "", ""),
                ("obligation", "医师", "妥善保管病历", "", ""),
                ("obligation", "医师", "立即上报", "发现遗失的", ""),
            ],
        ),
        ("未经患者同意，任何人不得拍摄。", [("prohibition", "任何人", "拍摄", "未经患者同意", "")]),
        (
            "禁止在病房吸烟。严禁涂改记录。",
            [("prohibition", "", "在病房吸烟", "", ""), ("prohibition", "", "涂改记录", "", "")],
        ),
        ("患者有权复制病历。", [("permission", "患者", "复制病历", "", "")]),
        ("患者享有选择医师的权利。", [("permission", "患者", "选择医师", "", "")]),
        ("护士有义务参加急救。", [("obligation", "护士", "参加急救", "", "")]),
        ("药师对处方负有保密的义务。", [("obligation", "药师", "保密", "", "")]),
        ("医师可以拒绝，但是病情危急的除外。", [("permission", "医师", "拒绝", "但是病情危急的除外", "")]),
        (
            "医院应当培训护士；根据需要，开展演练。",
            [("obligation", "医院", "培训护士", "", ""), ("obligation", "医院", "根据需要，开展演练", "", "")],
        ),
        ("进行手术应当由两名医师签字。", [("obligation", "两名医师", "由两名医师签字", "进行手术", "")]),
        ("病区的墙面应当整洁。", [("obligation", "", "整洁", "", "")]),
        ("医院处理的废物应当登记。", [("obligation", "医院", "登记", "", "")]),
        (
            "学校不得将消息用于其他目的，不得外传。",
            [("prohibition", "学校", "将消息用于其他目的", "", ""), ("prohibition", "学校", "外传", "", "")],
        ),
    ],
)
def test_a_sentence_gives_its_rules(read, text, expected):
    assert [told(rule) for rule in read(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "医院负责病房的管理。",
        "本规定所称护士，是指在病区工作的人员。",
        "法律规定应当取得同意的，从其规定。",
        "按照规定可以不登记的除外。",
        "国家机关享受的权利不受影响。",
        "医院依法承担公益任务，不承担护送的义务。",
        "医师表现突出，有下列情形之一的，给予表彰、奖励：\n\n（一）抢救患者；\n\n（二）钻研技术。",
        "《医师不得饮酒守则》由医院制定。",
        "患者参加许可申请，不得已时由家属代办。",
    ],
)
def test_what_binds_nobody_gives_no_rule(read, text):
    assert read(text) == []


def test_each_forbidden_act_of_a_list_is_a_rule_with_the_subject_of_its_lead(read):
    rules = read(
        "护士在值班期间不得有下列行为：\n\n（一）擅离岗位；\n\n（二）涂改记录，或者销毁记录；\n\n（三）其他禁止的行为。"
    )
    assert [told(rule)[:3] for rule in rules] == [
        ("prohibition", "护士", "擅离岗位"),
        ("prohibition", "护士", "涂改记录，或者销毁记录"),
        ("prohibition", "护士", "其他禁止的行为"),
    ]
    assert [rule.label for rule in rules] == ["第（一）项", "第（二）项", "第（三）项"]
    assert {rule.condition.text for rule in rules} == {"在值班期间"}


def test_circumstances_in_a_list_are_no_acts(read):
    rules = read("有下列情形之一的，医师应当会诊：\n\n（一）病情危重的；\n\n（二）护士应当报告而未报告的。")
    assert [told(rule) for rule in rules] == [("obligation", "医师", "会诊", "有下列情形之一的", "")]


def test_a_lead_may_demand_more_than_its_list(read):
    rules = read("开办诊所，应当符合下列条件，并经医院批准：\n\n（一）有药师；\n\n（二）有场地。")
    assert [told(rule)[:3] for rule in rules] == [
        ("obligation", "", "经医院批准"),
        ("obligation", "", "有药师"),
        ("obligation", "", "有场地"),
    ]


def test_an_item_of_duties_that_forbids_is_a_prohibition(read):
    rules = read("护士应当遵守下列规定：\n\n（一）佩戴标识；\n\n（二）不得饮酒。")
    assert [told(rule)[:3] for rule in rules] == [("obligation", "护士", "佩戴标识"), ("prohibition", "护士", "饮酒")]


def test_what_is_punished_is_forbidden(read):
    rules = read(
        "违反本规定，药师未核对处方的，由卫生部门责令改正，可以处一千元以下罚款；情节严重的，吊销证书；构成犯罪的，依法追究刑事责任。"
    )
    assert [told(rule) for rule in rules] == [
        (
            "prohibition",
            "药师",
            "未核对处方",
            "",
            "由卫生部门责令改正，可以处一千元以下罚款；情节严重的，吊销证书；构成犯罪的，依法追究刑事责任",
        )
    ]


def test_a_sanction_on_listed_conducts(read):
    rules = read(
        "医师在执业活动中有下列行为之一的，由卫生部门给予警告；情节严重的，应当吊销证书：\n\n（一）收受财物的；\n\n（二）伪造病历的。"
    )
    assert [told(rule) for rule in rules] == [
        ("prohibition", "医师", act, "在执业活动中", "由卫生部门给予警告；情节严重的，应当吊销证书")
        for act in ("收受财物", "伪造病历")
    ]


def test_liability_alone_is_no_sanction_and_beside_one_it_is(read):
    assert read("医院造成患者损害的，依法承担赔偿责任。") == []
    (rule,) = read("养老机构侵害老年人权益的，依法承担民事责任；构成犯罪的，依法追究刑事责任。")
    assert told(rule)[:3] == ("prohibition", "养老机构", "侵害老年人权益")


def test_names_that_open_like_other_words(read):
    rules = read("经营药品的药店应当有药师。未成年人的监护人不得拒绝。在村里执业的医师可以出诊。")
    assert [rule.subject.text for rule in rules] == ["经营药品的药店", "未成年人的监护人", "在村里执业的医师"]


def test_how_grave_a_conduct_must_be_is_its_condition(read):
    (rule,) = read("护士滥用药品，尚不构成犯罪的，依法给予处分。")
    assert told(rule) == ("prohibition", "护士", "滥用药品", "尚不构成犯罪的", "依法给予处分")


def test_an_office_that_may_order_something_is_permitted_and_nobody_punished(read):
    rules = read("病房存在隐患的，卫生部门可以采取暂停使用的措施，并责令改正。")
    assert [(rule.modality, rule.subject.text) for rule in rules] == [("permission", "卫生部门")]


def test_a_topic_is_carried_to_the_next_duty_of_its_sentence(read):
    rules = read("传染病流行时，医院应当隔离患者，不得拒绝收治。")
    assert [told(rule)[2:4] for rule in rules] == [("隔离患者", "传染病流行时"), ("拒绝收治", "传染病流行时")]


def test_the_same_norms_give_the_same_rules_and_say_who_made_them(tmp_path):
    norms = _norms(tmp_path, "第一条 护士应当记录。", "第二条 医师不得饮酒。", "第三条 本规定自发布之日起施行。")
    rules = extract(norms)
    assert rules == extract(norms) and [rule.norm for rule in rules] == [norms[0].id, norms[1].id]
    assert rules[0].made.rule == "corpus.rules" and rules[0].dimensions == () and extract([]) == []


def test_every_rule_of_the_statutes_stands_in_its_norm():
    folder = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data")) / "norms-cn"
    if not folder.is_dir():
        pytest.skip("the open data set norms-cn is not fetched")
    norms = read_corpus(folder).norms
    rules = extract(norms)
    by_id = {norm.id: norm for norm in norms}
    assert len(rules) > 4000
    for rule in rules:
        text = by_id[rule.norm].text
        for span in (rule.act, rule.subject, rule.condition, rule.consequence):
            assert span is None or text[span.start : span.end] == span.text
        assert rule.act.text.strip(" ，。；：\n") == rule.act.text
        assert rule.label in [provision.label for provision in by_id[rule.norm].provisions]
    # A part alone gives what it gives among all: no state is carried from norm to norm.
    some = random.Random(7).sample(list(norms), 50)
    wanted = {norm.id for norm in some}
    alone = sorted(extract(some), key=lambda rule: rule.id)
    assert alone == sorted((rule for rule in rules if rule.norm in wanted), key=lambda rule: rule.id)


_PIECES = st.sampled_from(
    [
        "医师",
        "患者",
        "的",
        "，",
        "。",
        "；",
        "：",
        "、",
        "（一）",
        "不得",
        "应当",
        "可以",
        "禁止",
        "有权",
        "享有",
        "权利",
        "义务",
        "方可",
        "违反本法规定",
        "由",
        "处罚款",
        "责令改正",
        "下列行为之一",
        "下列情形",
        "除外",
        "但是",
        "并",
        "情节严重",
        "发现",
        "病历",
        "《",
        "》",
        "“",
        "（",
        "）",
        "在",
        "对",
        "后",
        "\n",
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join), st.lists(st.integers(0, 160), max_size=4))
def test_whatever_stands_there_every_part_of_a_rule_is_inside_it(text, cuts):
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    parts = [Part(str(n), start, end, n % 3) for n, (start, end) in enumerate(itertools.pairwise(ends))]
    for found in zh.read(text, parts):
        for stretch in (found.act, found.subject, found.condition, found.consequence):
            assert stretch is None or 0 <= stretch.start < stretch.end <= len(text)
        assert text[found.act.start : found.act.end].strip(" \n，。；：、") == text[found.act.start : found.act.end]
