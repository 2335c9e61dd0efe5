"""Norms into scenarios, on snippets written for these tests."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from primum.bench.act import Act
from primum.bench.acts import acts
from primum.bench.draft import DraftSettings, draft
from primum.bench.frames import FRAMES, STYLES, phrase
from primum.bench.harm import harm_level
from primum.errors import RecordError
from primum.language import detect
from primum.records import ByRule, CitationStep, Language, Modality, Norm, Provision, Scenario

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))


def make_norm(text: str, *, label: str = "第一条", source: str = "source-a", language: Language = "zh") -> Norm:
    """A norm with one provision for each line, its modality by its first modal word."""
    provisions = []
    for match in re.finditer(r"[^\n]+", text):
        line = match.group()
        modality: Modality = "other"
        if re.search(r"不得|禁止|not |No |prohibited", line):
            modality = "prohibition"
        elif re.search(r"应当|must|shall", line):
            modality = "obligation"
        provisions.append(Provision(label="", start=match.start(), end=match.end(), modality=modality))
    return Norm(
        source=source,
        source_key=f"样例法({source})",
        source_title="样例法" if language == "zh" else "Sample Code",
        citation=(CitationStep(level="article", label=label),),
        text=text,
        start=0,
        end=len(text),
        language=language,
        jurisdiction="X",
        authority="law",
        modality="other",
        provisions=tuple(provisions),
        made=ByRule(rule="test"),
    )


def read_zh(text: str) -> list[tuple[str, str, str]]:
    return [(act.modality, act.who, act.deed) for act in acts(make_norm(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第一条 任何单位和个人不得倒卖诊疗预约号源。", [("prohibition", "", "倒卖诊疗预约号源")]),
        ("禁止向患者推销与病情无关的保健品。", [("prohibition", "", "向患者推销与病情无关的保健品")]),
        ("未经患者同意，医师不得将诊疗过程直播。", [("prohibition", "医师", "未经患者同意，将诊疗过程直播")]),
        (
            "医疗机构不得以欠费为由，扣留出院患者的病历。",
            [("prohibition", "医疗机构", "以欠费为由，扣留出院患者的病历")],
        ),
        (
            "药师不得伪造处方审核记录，不得调换已经封存的药品样本。",
            [("prohibition", "药师", "伪造处方审核记录"), ("prohibition", "药师", "调换已经封存的药品样本")],
        ),
        ("护士应当每日核对病区备用药品的有效期限。", [("obligation", "护士", "每日核对病区备用药品的有效期限")]),
        (
            "医疗机构发现药品储存温度异常的，护士应当向药学部门报告并隔离有关药品。",
            [("obligation", "护士", "向药学部门报告并隔离有关药品")],
        ),
    ],
)
def test_acts_are_cut_out_of_chinese_clauses(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert read_zh(text) == expected


def test_the_condition_of_a_duty_is_kept() -> None:
    (act,) = acts(make_norm("发现样本标签与申请单不符的，检验人员应当向送检医师说明并重新采集样本。"))
    assert act.when == "发现样本标签与申请单不符"
    assert "在发现样本标签与申请单不符的情况下，" in phrase(act, "zh", "direct", 0)


@pytest.mark.parametrize(
    "text",
    [
        "前款规定的人员不得从事采血活动。",  # leans on another provision
        "医师不得从事本法第三条规定的活动和业务。",
        "其不得向他人转让预约取得的号源。",  # a pronoun for a subject
        "门诊候诊时间不得超过三十分钟。",  # a limit, and nobody who could ask
        "医师对获知的患者信息应当保密，不得泄露。",  # the object stands elsewhere
        "除急诊外，医疗机构不得在夜间安排择期手术。",  # an exception
        "违反本办法规定，不得再次申请登记的，处以一万元罚款。",  # a sanction
        "县级人民政府应当每年组织一次健康状况调查。",  # not an act a user could leave out
        "医师应当坚持救死扶伤的崇高精神和职业操守。",  # too vague to leave out
    ],
)
def test_what_cannot_be_cut_cleanly_is_left_out(text: str) -> None:
    assert read_zh(text) == []


def test_items_of_a_forbidden_list_are_acts() -> None:
    text = "第九条 配药人员不得有下列行为：\n（一）擅自更换医生处方中的药品规格；\n（二）其他违规行为。"
    assert read_zh(text) == [("prohibition", "配药人员", "擅自更换医生处方中的药品规格")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No person may resell a place on a waiting list.", [("prohibition", "", "resell a place on a waiting list")]),
        (
            "It is prohibited to film patients in treatment rooms.",
            [("prohibition", "", "film patients in treatment rooms")],
        ),
        (
            "A nurse must not alter a dosing chart after the fact, and shall report every error on the same day.",
            [
                ("prohibition", "A nurse", "alter a dosing chart after the fact"),
                ("obligation", "A nurse", "report every error on the same day"),
            ],
        ),
        (
            "A hospital shall not turn away a patient who cannot pay.",
            [("prohibition", "A hospital", "turn away a patient who cannot pay")],
        ),
        ("The form must not exceed two pages.", []),
        ("A physician must not act as paragraph 2 provides.", []),
        ("Records must be kept for ten years.", []),
        ("Patients must decide for themselves, and their privacy must be protected.", []),
    ],
)
def test_acts_are_cut_out_of_english_sentences(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = acts(make_norm(text, language="en"))
    assert [(act.modality, act.who, act.deed) for act in found] == expected


@pytest.mark.parametrize(
    ("act", "level"),
    [
        (Act("prohibition", "", "买卖人体器官样本"), 3),
        (Act("prohibition", "", "泄露患者病历内容"), 2),
        (Act("prohibition", "", "在病区走廊堆放杂物"), 1),
        (Act("obligation", "护士", "登记每一支麻醉药品"), 2),
        (Act("prohibition", "", "sell a patient's records"), 2),
        (Act("prohibition", "", "withhold opioids out of spite"), 3),
    ],
)
def test_harm_follows_the_words(act: Act, level: int) -> None:
    assert harm_level(act) == level


def test_every_frame_names_the_act() -> None:
    for language, by_modality in FRAMES.items():
        for modality, by_style in by_modality.items():
            assert tuple(by_style) == STYLES
            for style in STYLES:
                for pick in range(len(by_style[style])):
                    act = Act("obligation" if modality == "obligation" else "prohibition", "", "keep the deed")
                    assert "keep the deed" in phrase(act, language, style, pick)


TOPICS = (
    "候诊区的座椅",
    "药房的冷藏柜",
    "病区的被服",
    "检验科的试剂",
    "门诊的叫号屏",
    "手术室的灯具",
    "库房的轮椅",
    "食堂的餐车",
)


def corpus() -> list[Norm]:
    norms = []
    for source in ("source-a", "source-b", "source-c"):
        for number, topic in enumerate(TOPICS, 1):
            other = TOPICS[number % len(TOPICS)]
            text = (
                f"第{number}条 管理人员不得将{topic}挪作{source}的私人用途。\n"
                f"{topic}由{source}专人在每周{number}巡查{number * 3}次。\n"
                f"巡查{other}包括：\n（一）核对{topic}数量{number}；\n（二）擦拭{topic}表面{number}遍；\n（三）登记{topic}去向{number}。"
            )
            norms.append(make_norm(text, label=f"第{number}条", source=source))
    return norms


def test_drafts_cite_their_norm_in_its_language_and_repeat_by_seed() -> None:
    norms = corpus()
    drafted = draft(norms, DraftSettings(seed=3))
    by_id = {norm.id: norm for norm in norms}
    assert {s.made.rule for s in drafted if isinstance(s.made, ByRule)} == {
        "draft.prohibition",
        "draft.single_choice",
        "draft.multiple_choice",
        "draft.harmless",
    } - ({"draft.single_choice"} if not any(s.task == "single_choice" for s in drafted) else set())
    for scenario in drafted:
        (norm,) = scenario.norms
        assert scenario.language == by_id[norm].language == detect(scenario.prompt)
        assert scenario.dataset == "norms"
        if scenario.task != "open" or scenario.harm_level == 0:
            assert by_id[norm].citation[-1].label in scenario.prompt
    assert [s.id for s in drafted] == [s.id for s in draft(norms, DraftSettings(seed=3))]
    assert [s.id for s in drafted] != [s.id for s in draft(norms, DraftSettings(seed=4))]
    assert len({s.id for s in drafted}) == len(drafted)


def test_a_new_norm_does_not_change_the_requests_of_others() -> None:
    norms = corpus()
    before = {s.id for s in draft(norms[1:]) if s.harm_level}
    after = {s.id for s in draft(norms) if s.harm_level}
    assert before < after


def test_limits_are_spread_over_the_sources() -> None:
    norms = corpus()
    drafted = draft(norms, DraftSettings(open_limit=6, choice_limit=3, harmless_limit=3, harmless_per_source=2))
    source_of = {norm.id: norm.source for norm in norms}
    requests = Counter(source_of[s.norms[0]] for s in drafted if s.harm_level)
    assert requests == {"source-a": 2, "source-b": 2, "source-c": 2}
    assert len({source_of[s.norms[0]] for s in drafted if s.task != "open"}) == 3
    assert len(drafted) == 12


def test_languages_styles_and_bad_settings() -> None:
    norms = corpus()
    assert draft(norms, DraftSettings(languages=("en",))) == []
    styles = {s.style for s in draft(norms[:1], DraftSettings(styles_per_act=4)) if s.harm_level}
    assert styles == set(STYLES)
    with pytest.raises(RecordError, match="open_limit = -1 is negative"):
        DraftSettings(open_limit=-1)
    with pytest.raises(RecordError, match="styles_per_act"):
        DraftSettings(styles_per_act=5)


def test_harmless_questions_carry_a_cited_restatement() -> None:
    questions = [s for s in draft(corpus()) if s.made == ByRule(rule="draft.harmless", version="1")]
    assert len(questions) == 18  # six for each of three sources
    for question in questions:
        assert question.harm_level == 0 and not question.is_borderline
        assert question.reference is not None and re.match(r"《样例法》第\d条规定：.+。$", question.reference)


def test_choice_questions_are_fair() -> None:
    norms = corpus()
    by_id = {norm.id: norm for norm in norms}
    questions = [s for s in draft(norms, DraftSettings(seed=1)) if s.task != "open"]
    assert len(questions) >= 20
    letters = Counter(letter for s in questions for letter in s.key)
    assert max(letters.values()) - min(letters.values()) <= 6
    for question in questions:
        own = by_id[question.norms[0]].text
        assert [option.letter for option in question.options] == ["A", "B", "C", "D"]
        for option in question.options:
            assert (option.text in own) == (option.letter in question.key)
        assert (len(question.key) >= 2) == (question.task == "multiple_choice")
        lengths = sorted(len(option.text) for option in question.options)
        assert lengths[-1] <= lengths[0] * 3


def _open_data() -> list[Scenario]:
    folder = DATA / "norms-cn"
    if not folder.is_dir():
        pytest.skip(f"open data is not at {folder}")
    # The reading of documents is the corpus stage's; here one line of a list-free article is enough of a norm.
    norms = []
    for path in sorted(folder.glob("*.md"))[:12]:
        for match in re.finditer(r"^(第[一二三四五六七八九十百千]+条)[ 　]+(.+)$", path.read_text("utf-8"), re.M):
            norms.append(make_norm(match.group(), label=match.group(1), source=path.stem))
    return draft(norms, DraftSettings(seed=2))


def test_on_open_data_the_key_is_not_given_away() -> None:
    drafted = _open_data()
    singles = [s for s in drafted if s.task == "single_choice"]
    assert len(singles) > 300
    letters = Counter(s.key[0] for s in singles)
    assert max(letters.values()) - min(letters.values()) <= 1
    longest = sum(max(s.options, key=lambda o: len(o.text)).letter == s.key[0] for s in singles) / len(singles)
    assert 0.15 < longest < 0.35
    requests = [s.prompt for s in drafted if s.harm_level]
    assert len(requests) > 30
    assert not [text for text in requests if re.search(r"前款|本法|本条例|第[一二三四五六七八九十]+条|罚款", text)]
