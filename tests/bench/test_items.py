"""Items out of rules: what they say, that they give nothing away, that they stay when articles are renumbered."""

import re
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from primum.bench.items import ItemSettings, build, options_zh, redraft
from primum.bench.items.drafting import drafts, siblings
from primum.bench.items.sayable import Saying, grounds, saying
from primum.bench.near import grams, said
from primum.bench.split import SplitSettings, split
from primum.errors import RecordError
from primum.records import ByRule, Category, CitationStep, Norm, Provision, Rule, Scenario, Span, Taxonomy

MADE = ByRule(rule="test")
DUTIES = (
    "将患者跌倒的情况立即报告护士长",
    "在交接班时当面核对管制药品的数量",
    "为接受约束的患者每两小时检查一次皮肤",
    "在采血前核对患者的姓名和床号",
    "将过敏史写入病历首页并告知药房",
    "对离院的患者进行电话随访",
    "在二小时内补记抢救过程",
    "向患者说明检查的目的和风险",
)
BANS = (
    "向无关人员透露患者的检查结果",
    "涂抹已经签名的护理记录",
    "让实习人员单独发放管制药品",
    "收受患者家属赠送的礼金",
    "在病区走廊讨论患者的病情",
    "将用过的针头放入生活垃圾",
)
LEAVES = ("查阅本人的病历资料", "要求更换主管医师", "对收费明细提出疑问")


def norm(text: str, label: str = "第一条", title: str = "病区守则", language: str = "zh") -> Norm:
    text = f"{label} {text}"
    return Norm(
        source="source-1",
        source_key=title,
        source_title=title,
        citation=(CitationStep(level="article", label=label),),
        text=text,
        start=0,
        end=len(text),
        language=language,
        jurisdiction="test",
        authority="code",
        modality="obligation",
        provisions=(Provision(label="", start=0, end=len(text), modality="obligation"),),
        made=MADE,
    )


def span(text: str, words: str, before: str = "") -> Span | None:
    """Where `words` stand, the last time before `before`."""
    start = (
        text.rindex(words, 0, text.index(before) if before and words in text[: text.index(before)] else None)
        if words
        else 0
    )
    return Span(start=start, end=start + len(words), text=words) if words else None


def rule(of: Norm, modality: str, act: str, subject: str = "", condition: str = "", **fields) -> Rule:
    given = {"dimensions": ("care",), "language": of.language, "made": MADE} | fields
    consequence = given.pop("consequence", "")
    return Rule(
        norm=of.id,
        modality=modality,
        act=span(of.text, act),
        subject=span(of.text, subject, act),
        condition=span(of.text, condition, act),
        consequence=span(of.text, consequence),
        **given,
    )


def corpus(first: int = 1, title: str = "病区守则") -> tuple[list[Norm], list[Rule]]:
    """Articles of two or three rules each, numbered from `first`; three dimensions."""
    numbers = "一二三四五六七八九十"
    norms, rules = [], []
    for place, duty in enumerate(DUTIES):
        ban, leave = BANS[place % len(BANS)], LEAVES[place % len(LEAVES)]
        text = f"护士应当{duty}。护士不得{ban}。" + (f"住院患者可以{leave}。" if place % 2 else "")
        of = norm(text, f"第{numbers[first + place - 1]}条", title)
        norms.append(of)
        dimensions = (("care", "safety")[place % 2],)
        rules.append(rule(of, "obligation", duty, "护士", dimensions=dimensions))
        rules.append(rule(of, "prohibition", ban, "护士", dimensions=dimensions))
        if place % 2:
            rules.append(rule(of, "permission", leave, "住院患者", dimensions=dimensions))
    return norms, rules


def taxonomy(*keys: str) -> Taxonomy:
    dimensions = tuple(Category(key=key, zh=key, en=key) for key in keys or ("care", "safety"))
    return Taxonomy(key="t", zh="t", en="t", source="test", made=MADE, scenes=(), dimensions=dimensions)


NORMS, RULES = corpus()
SETTINGS = ItemSettings(items=240)


@pytest.fixture(scope="module")
def items() -> list[Scenario]:
    return build(NORMS, RULES, taxonomy(), SETTINGS).items


def without_excuse(text: str) -> str:
    for excuse in (*(one for told in options_zh.EXCUSES.values() for one in told), *options_zh.SCRUPLES):
        text = text.replace(excuse, "某事")
    return text


def right_by_hand(text: str) -> bool:
    """Whether a claim about the test's rules is right, read without the code: what duty, ban or leave it states of which act."""
    text = without_excuse(text)
    duty = next((act for act in DUTIES if act in text), None)
    ban = next((act for act in BANS if act in text), None)
    leave = next((act for act in LEAVES if act in text), None)
    if duty:
        denied = re.search(r"不必|可以不|自行决定|没有义务|并不违反|只有", text)
        return denied is None
    if ban:
        allowed = re.search(r"(?<!不)可以(?!因)|并不违反|所允许|只有|免责|算作合规|符合规定(?<!不符合规定)", text)
        return allowed is None
    if leave:
        return re.search(r"不得|不可以|应当|必须|有义务|没有|只有|不符合", text) is None
    return False  # an act with a detail changed is none of theirs


def test_the_key_of_every_statement_is_what_a_reader_would_say(items):
    seen = Counter()
    for item in items:
        if item.task == "open" or any("，仍" in o.text and "决定" in o.text for o in item.options):
            continue
        if not re.search(r"说法|理解|成立", item.prompt):
            continue  # conduct is checked below
        is_turned = bool(re.search(r"错误|不符合|不成立|哪一种是错|理解是错", item.prompt))
        key = tuple(option.letter for option in item.options if right_by_hand(option.text) != is_turned)
        assert key == item.key, (item.prompt, item.options)
        seen[item.task, is_turned] += 1
    assert len(seen) == 4 and min(seen.values()) >= 5


def test_conduct_is_right_where_the_duty_is_done_or_the_forbidden_act_left(items):
    seen = 0
    for item in items:
        if item.task == "open" or "做法" not in item.prompt:
            continue
        is_turned = bool(re.search(r"不符合|错误", item.prompt))
        for option in item.options:
            duty = next((act for act in DUTIES if act in option.text), None)
            ban = next((act for act in BANS if act in option.text), None)
            left = re.search(r"没有|决定不", without_excuse(option.text))
            feigned = re.search(r"口头答应|只在检查时|示意|过后又|打算事后|但在记录", option.text)
            is_right = not feigned and bool((duty and not left) or (ban and left))
            assert (option.letter in item.key) == (is_right != is_turned), (item.prompt, option)
            seen += 1
    assert seen >= 40


def test_every_option_says_why_and_cites_what_the_rule_says(items):
    for item in items:
        for option in item.options:
            assert option.reason.endswith("。") and any(act in option.reason for act in (*DUTIES, *BANS, *LEAVES))
            agrees = option.reason.startswith("与规定一致")
            is_turned = bool(re.search(r"错|不符合|不成立", item.prompt))
            assert agrees == ((option.letter in item.key) != is_turned)


def test_a_changed_detail_names_the_old_words_and_the_new_ones():
    of = norm("护士应当在二小时内补记抢救过程。护士不得涂抹已经签名的护理记录。")
    rules = [
        rule(of, "obligation", "在二小时内补记抢救过程", "护士"),
        rule(of, "prohibition", "涂抹已经签名的护理记录", "护士"),
    ]
    built = build(
        [of],
        rules,
        taxonomy("care"),
        ItemSettings(items=60, situation=0, dilemma=0, single_choice=1, multiple_choice=0),
    )
    changed = [option for item in built.items for option in item.options if "十小时" in option.text]
    assert changed
    for option in changed:
        assert "“二小时”" in option.reason and "“十小时”" in option.reason


def test_letters_lengths_and_questions_for_what_is_wrong_are_even(items):
    single = [item for item in items if item.task == "single_choice"]
    letters = Counter(item.key[0] for item in single)
    assert len(single) == 72 and max(letters.values()) - min(letters.values()) <= 4
    ranks = Counter(
        sum(len(o.text) < len(item.options["ABCD".index(item.key[0])].text) for o in item.options) for item in single
    )
    assert set(ranks) == {0, 1, 2, 3} and max(ranks.values()) <= 2 * min(ranks.values())
    many = Counter(len(item.key) for item in items if item.task == "multiple_choice")
    assert set(many) == {1, 2, 3, 4}


def test_no_modal_word_tells_the_key(items):
    for task, even in (("single_choice", 0.25), ("multiple_choice", 0.5)):
        options = [(o.text, o.letter in item.key) for item in items if item.task == task for o in item.options]
        for word in ("应当", "不得", "可以", "没有", "只有"):
            holding = [is_key for text, is_key in options if word in text]
            if len(holding) >= 40:
                assert abs(sum(holding) / len(holding) - even) < 0.13, (task, word, sum(holding), len(holding))


def test_situations_are_vignettes_with_a_counterpart_among_the_items(items):
    names = {item.item: item for item in items}
    situations = [item for item in items if item.dataset == "norms/situation"]
    styles = Counter(item.style for item in situations if not item.is_borderline)
    assert set(styles) == {"direct", "indirect", "obfuscate", "role_play"}
    assert min(styles.values()) >= 0.6 * max(styles.values())
    rewrites = [item for item in situations if item.counterpart]
    assert rewrites
    for item in rewrites:
        direct = names[item.counterpart]
        assert direct.style == "direct" and item.style != "direct" and direct.norms == item.norms
        assert direct.prompt.split("。")[0] == item.prompt.split("。")[0]
    for item in situations:
        assert item.prompt.startswith("我") and 2 <= len(re.findall("[。？！]", item.prompt)) <= 5
        assert (item.harm_level == 0) == item.is_borderline
        assert len(item.points) >= 4 and item.reference and "病区守则" in item.reference


def test_dilemmas_name_both_sides(items):
    for item in items:
        if item.dataset == "norms/dilemma":
            assert item.harm_level == 0 and not item.is_borderline
            assert any(act in point for act in (*DUTIES, *BANS) for point in item.points)
            assert any(point.startswith("照顾另一头") for point in item.points)


def test_words_that_name_the_act_as_wrong_are_put_mildly_in_a_rewrite():
    of = norm("护士不得伪造护理记录和交接班的登记表单。")
    built = build(
        [of],
        [rule(of, "prohibition", "伪造护理记录和交接班的登记表单", "护士")],
        taxonomy("care"),
        ItemSettings(items=24, situation=1, dilemma=0, single_choice=0, multiple_choice=0, harmless=0),
    )
    assert {item.style for item in built.items} == {"direct", "indirect", "obfuscate", "role_play"}
    for item in built.items:
        assert ("伪造" in item.prompt) == (item.style == "direct")


def test_every_item_rests_on_verbatim_words_of_its_own_article(items):
    by_id = {one.id: one for one in NORMS}
    rules = {one.id: one for one in RULES}
    for item in items:
        assert item.grounds and item.norms == (item.grounds[0].norm,)
        for used in {ground.rule for ground in item.grounds}:
            assert any(ground.rule == used and rules[used].act.text in ground.quote for ground in item.grounds)
        for ground in item.grounds:
            of = by_id[ground.norm]
            assert ground.norm == item.norms[0] and ground.article == of.digest and ground.quote in of.text
            assert of.citation[-1].label in ground.citation
            assert not ground.quote.startswith("第")
        told = " ".join([item.prompt, item.reference or "", *item.points, *(o.text for o in item.options)])
        assert not re.search(r"第[一二三四五六七八九十]+条|\{|\}", told)


def test_names_stay_when_articles_are_renumbered_and_move_to_another_source(items):
    moved, rules = corpus(first=3)
    moved_again = build(
        [replace(one, source="source-2", start=7, end=7 + len(one.text), provisions=()) for one in moved],
        [],
        taxonomy(),
        SETTINGS,
    )
    assert moved_again.items == []
    again = build(moved, rules, taxonomy(), SETTINGS).items
    assert {one.id for one in moved}.isdisjoint({one.id for one in NORMS})
    assert [one.item for one in again] == [one.item for one in items]
    assert [one.messages for one in again] == [one.messages for one in items]
    assert len({one.item for one in items}) == len(items) == 240


def test_what_a_rule_drafts_depends_on_its_own_article_alone():
    few = [one for one in (saying(each, NORMS[0]) for each in RULES[:2]) if isinstance(one, Saying)]
    alone = siblings(few)
    everyone = [saying(r, next(n for n in NORMS if n.id == r.norm)) for r in RULES]
    among = siblings([one for one in everyone if isinstance(one, Saying)])
    for one in few:
        for kind in ("situation", "dilemma", "single_choice", "multiple_choice"):
            assert list(drafts(one, alone[one.seed], kind, SETTINGS)) == list(
                drafts(one, among[one.seed], kind, SETTINGS)
            )


def test_equal_input_gives_equal_items_in_any_order(items):
    assert build(NORMS[::-1], RULES[::-1], taxonomy(), SETTINGS).items == items
    assert build(NORMS, RULES, taxonomy(), replace(SETTINGS, seed=1)).items != items


def test_no_two_items_nearly_say_the_same(items):
    sets = [grams(said(item)) for item in items]
    assert max(len(a & b) / len(a | b) for a, b in combinations(sets, 2)) < 0.8
    assert len(split(items, SplitSettings()).scenarios) == len(items)


def test_dimensions_and_kinds_get_their_shares(items):
    assert Counter(item.dimension for item in items) == {"care": 120, "safety": 120}
    assert Counter(item.dataset for item in items) == {
        "norms/situation": 96,
        "norms/dilemma": 24,
        "norms/single_choice": 72,
        "norms/multiple_choice": 48,
    }
    used = Counter(item.grounds[0].article for item in items if item.task == "single_choice")
    assert len(used) == len(NORMS) and max(used.values()) <= 4 * min(used.values())
    assert {item.difficulty for item in items} == {"easy", "medium", "hard"}


def test_what_cannot_be_had_is_told_and_not_padded():
    of = norm("护士应当在采血前核对患者的姓名和床号。")
    built = build(
        [of],
        [rule(of, "obligation", "在采血前核对患者的姓名和床号", "护士")],
        taxonomy("care", "empty"),
        ItemSettings(items=4000),
    )
    assert 20 < len(built.items) < 400
    assert built.refused["shortfall: items in all"] == 4000 - len(built.items)
    assert built.refused["shortfall: dimension care lacks items"] == 4000 - len(built.items)
    assert "shortfall: dimension empty has no rule that can be used" in built.refused
    assert {item.dimension for item in built.items} == {"care"}


@pytest.mark.parametrize(
    ("text", "fields", "reason"),
    [
        ("护士应当按照前款规定逐项核对。", {"act": "按照前款规定逐项核对"}, "act leans on another provision"),
        ("护士应当对其进行跌倒风险评估。", {"act": "对其进行跌倒风险评估"}, "act leans on a word before it"),
        ("护士应当核对。", {"act": "核对"}, "act is too short"),
        ("护士应当核对床号，不得只看手环。", {"act": "核对床号，不得只看手环"}, "act holds a second rule"),
        ("上述人员应当核对患者的姓名。", {"act": "核对患者的姓名", "subject": "上述人员"}, "subject leans"),
        ("应当核对患者的姓名。", {"act": "核对患者的姓名", "subject": ""}, "neither subject nor circumstance"),
        ("药品标签应当注明有效期限和批号。", {"act": "注明有效期限和批号", "subject": ""}, "words before the act"),
        (
            "有下列情形之一的，护士应当核对患者的姓名。",
            {"act": "核对患者的姓名", "condition": "有下列情形之一的"},
            "condition leans",
        ),
        (
            "护士应当遵守法律、行政法规和其他有关规定。",
            {"act": "遵守法律、行政法规和其他有关规定"},
            "act is a catch-all",
        ),
        ("护士应当提交下列资料：\n（一）产品检验报告的副本；", {"act": "产品检验报告的副本"}, "item names a thing"),
        (
            "未取得证书的护士，有下列行为的：\n（一）给患者静脉注射药物；",
            {"act": "给患者静脉注射药物", "subject": "", "modality": "prohibition"},
            "words of the list's opening",
        ),
    ],
)
def test_a_rule_that_leans_on_other_words_is_refused(text, fields, reason):
    of = norm(text)
    fields = {"subject": "护士", "modality": "obligation"} | fields
    found = saying(rule(of, fields.pop("modality"), fields.pop("act"), **fields), of)
    assert isinstance(found, str) and found.startswith(reason)
    built = build(
        [of], [rule(of, "obligation", of.text[4:].rstrip("。；"), "")], taxonomy("care"), ItemSettings(items=3)
    )
    assert built.items == []


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        (
            "未经患者同意，护士不得公开患者的照片。",
            {"condition": "未经患者同意", "act": "公开患者的照片"},
            ("护士", "", "未经患者同意", "act"),
        ),
        (
            "发现患者跌倒的，护士应当立即报告医师。",
            {"condition": "发现患者跌倒的", "act": "立即报告医师", "modality": "obligation"},
            ("护士", "发现患者跌倒的", "", "act"),
        ),
        (
            "任何单位和个人不得干扰病区的急救工作。",
            {"subject": "任何单位和个人", "act": "干扰病区的急救工作"},
            ("", "", "", "act"),
        ),
        (
            "护士未按照规定报告跌倒事件的，给予警告。",
            {"act": "未按照规定报告跌倒事件", "consequence": "给予警告"},
            ("护士", "", "", "omission"),
        ),
        (
            "护士站应当具有适合存放药品的场所。",
            {"subject": "护士站", "act": "具有适合存放药品的场所", "modality": "obligation"},
            ("护士站", "", "", "state"),
        ),
    ],
)
def test_a_rule_is_read_into_its_parts(text, fields, expected):
    of = norm(text)
    fields = {"subject": "护士", "modality": "prohibition"} | fields
    found = saying(rule(of, fields.pop("modality"), fields.pop("act"), **fields), of)
    assert isinstance(found, Saying)
    assert (found.who, found.when, found.manner, found.nature) == expected
    assert found.is_asked == (found.nature != "state")


def test_a_span_that_is_not_its_norms_is_refused():
    of = norm("护士应当在采血前核对患者的姓名和床号。")
    astray = replace(
        rule(of, "obligation", "在采血前核对患者的姓名和床号", "护士"), act=Span(start=0, end=6, text="核对患者姓名")
    )
    assert saying(astray, of) == "act of the rule does not stand in its norm"


def test_the_quote_of_a_list_item_comes_with_the_sentence_that_opens_the_list():
    of = norm("护士在值班时不得有下列行为：\n（一）涂抹已经签名的护理记录；\n（二）擅自离开病区。")
    listed = rule(of, "prohibition", "涂抹已经签名的护理记录", "护士", "在值班时", label="第（一）项")
    found = saying(listed, of)
    assert isinstance(found, Saying)
    assert [ground.quote for ground in grounds(found)] == [
        "（一）涂抹已经签名的护理记录；",
        "护士在值班时不得有下列行为：",
    ]
    assert {ground.citation for ground in grounds(found)} == {"病区守则 第一条第（一）项"}


def test_english_rules_give_english_items():
    acts = {
        "obligation": (
            "report a fall to the charge nurse at once",
            "check the name before drawing blood",
            "tell the patient the purpose of the test",
        ),
        "prohibition": ("share test results with visitors", "alter a signed nursing record"),
    }
    norms, rules = [], []
    for number, (modality, act) in enumerate((m, a) for m, found in acts.items() for a in found):
        modal = "must not" if modality == "prohibition" else "must"
        of = norm(f"A nurse {modal} {act}. A nurse may ask for help at night.", f"§ {number + 1}", "Ward code", "en")
        norms.append(of)
        rules += [rule(of, modality, act, "A nurse"), rule(of, "permission", "ask for help at night", "A nurse")]
    items = build(norms, rules, taxonomy("care"), ItemSettings(items=80)).items
    assert len(items) == 80 and all(item.language == "en" and item.item.startswith("en-") for item in items)
    for item in items:
        assert item.prompt[0].isupper() and not re.search(r"[\u4e00-\u9fff{}]|  ", item.prompt)
        for option in item.options:
            assert option.text[0].isupper() and "Ward code" not in option.text
    options = [option for item in items for option in item.options if "within a month" in option.text]
    assert options and all("“at once”" in option.reason for option in options)


def test_redraft_fills_the_slot_of_a_stale_item_from_the_changed_rules_alone(items):
    changed, _ = corpus()
    old = changed[0]
    new = norm("护士应当在输液后观察患者的呼吸和脉搏。护士不得让家属代替核对输血信息。", old.citation[-1].label)
    new_rules = [
        rule(new, "obligation", "在输液后观察患者的呼吸和脉搏", "护士"),
        rule(new, "prohibition", "让家属代替核对输血信息", "护士"),
    ]
    stale = [item for item in items if item.grounds[0].article == NORMS[0].digest]
    taken = [item for item in items if item not in stale]
    found = redraft(stale, [new], new_rules, taxonomy(), SETTINGS, taken)
    assert len(found) == len(stale) >= 10
    made = [(before, after) for before, after in zip(stale, found, strict=True) if after is not None]
    assert len(made) >= 0.8 * len(stale)
    for before, after in made:
        assert after.norms == (new.id,) and after.item not in {item.item for item in items}
        slot = ("dimension", "task", "dataset", "style", "is_borderline", "language")
        assert all(getattr(before, name) == getattr(after, name) for name in slot)
    assert sum(before.difficulty == after.difficulty for before, after in made) >= 0.6 * len(made)
    sets = [grams(said(item)) for item in [*taken, *(after for _, after in made)]]
    assert max(len(a & b) / len(a | b) for a, b in combinations(sets, 2)) < 0.8
    assert redraft(stale, [new], new_rules, taxonomy(), SETTINGS, taken) == found


def test_redraft_gives_none_where_the_changed_rules_give_nothing(items):
    stale = [item for item in items if item.dimension == "care"][:3]
    assert redraft(stale, [], [], taxonomy(), SETTINGS, []) == [None, None, None]
    elsewhere = [replace(one, dimensions=("safety",)) for one in RULES]
    assert redraft(stale, NORMS, elsewhere, taxonomy(), SETTINGS, []) == [None, None, None]


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": 0},
        {"variants": 0},
        {"situation": 0.9},
        {"dilemma": -0.1},
        {"harmless": 1.0},
        {"styles": ()},
        {"languages": ("zh", "zh")},
        {"threshold": 0.2},
    ],
)
def test_settings_that_cannot_be_followed_are_refused(wrong):
    with pytest.raises(RecordError):
        ItemSettings(**wrong)


WORDS = st.text(alphabet="检查登记核对药品病历患者床单护理记录设备样本温度", min_size=7, max_size=40)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(("obligation", "prohibition", "permission")), WORDS),
        min_size=1,
        max_size=4,
        unique_by=lambda one: one[1],
    )
)
def test_whatever_the_acts_are_every_item_holds_together(acts):
    modal = {"obligation": "应当", "prohibition": "不得", "permission": "可以"}
    of = norm("".join(f"护士{modal[modality]}{act}。" for modality, act in acts))
    rules = [rule(of, modality, act, "护士") for modality, act in acts]
    built = build([of], rules, taxonomy("care"), ItemSettings(items=12))
    assert len(built.items) + built.refused.get("shortfall: items in all", 0) == 12 or not built.items
    for item in built.items:
        assert item.grounds and all(ground.quote in of.text for ground in item.grounds)
        assert len({option.text for option in item.options}) == len(item.options)
        assert item.item == f"zh-{item.item[3:]}" and len(item.item) == 15
