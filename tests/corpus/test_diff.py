"""Two versions of a corpus: each kind of change by example, what was split and merged, and what must not fool the alignment."""

import os
from pathlib import Path

import pytest

from primum.corpus import read_corpus
from primum.corpus.diff import Change, changed_words, diff
from primum.corpus.diff_words import edits, similarity

NUMERALS = "一二三四五六七八九十"
DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))

CONSENT = "医生开展手术之前，应当用患者听得懂的话说明手术的目的、风险和其他办法，取得书面同意。"
SECRECY = "护士不得把患者的病情、住址和家庭情况告诉无关的人，法律要求报告的除外。"
RECORDS = "诊所保存病历的时间不少于十五年，患者可以查阅和复制自己的病历。"
GIFTS = "任何人不得向药房索取回扣，收到的礼物应当在三日内交给单位登记。"
EMERGENCY = "遇有生命危险的病人，值班人员应当立即施救，不得以没有交费为理由推托。"
TEACHING = "带教老师对学生的操作负责，学生第一次操作时老师必须在场。"
WORKED = {"consent": CONSENT, "secrecy": SECRECY, "records": RECORDS, "gifts": GIFTS, "emergency": EMERGENCY}


def statute(title: str, *articles: str, chapters: dict[int, str] | None = None) -> str:
    """A statute: `chapters` are headings by the place of the article they stand above."""
    lines = [f"# {title}", ""]
    for number, article in enumerate(articles):
        if chapters and number in chapters:
            lines += [f"## {chapters[number]}", ""]
        lines += [f"第{NUMERALS[number]}条 {article}", ""]
    return "\n".join(lines)


@pytest.fixture
def read(tmp_path):
    """Files by name to norms; every call is a folder of its own."""
    count = 0

    def reading(files: dict[str, str]):
        nonlocal count
        count += 1
        folder = tmp_path / str(count)
        folder.mkdir()
        for name, text in files.items():
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
        return read_corpus(folder).norms

    return reading


def told(changes: list[Change]) -> list[tuple[str, str, str]]:
    """(kind, old label, new label) of each change."""
    return [
        (one.kind, one.old.citation[-1].label if one.old else "", one.new.citation[-1].label if one.new else "")
        for one in changes
    ]


def test_the_same_articles_under_another_date_and_in_other_white_space_are_unchanged(read):
    old = read({"甲法(2001-01-01)": statute("甲法", CONSENT, SECRECY)})
    new = read({"甲法(2021-05-05)": statute("甲法", CONSENT.replace("，", "，\n"), f" {SECRECY}\u200b ")})
    assert told(diff(old, new)) == [("unchanged", "第一条", "第一条"), ("unchanged", "第二条", "第二条")]


def test_an_article_put_in_front_renumbers_the_rest_and_amends_nothing(read):
    old = read({"甲法": statute("甲法", CONSENT, SECRECY, RECORDS)})
    new = read({"甲法": statute("甲法", GIFTS, CONSENT, SECRECY, RECORDS)})
    found = diff(old, new)
    assert told(found) == [
        ("new", "", "第一条"),
        ("renumbered", "第一条", "第二条"),
        ("renumbered", "第二条", "第三条"),
        ("renumbered", "第三条", "第四条"),
    ]
    assert [one.similarity for one in found] == [0.0, 1.0, 1.0, 1.0]


def test_a_repealed_article_is_told_where_it_stood(read):
    old = read({"甲法": statute("甲法", CONSENT, SECRECY, RECORDS)})
    new = read({"甲法": statute("甲法", CONSENT, RECORDS)})
    assert told(diff(old, new)) == [
        ("unchanged", "第一条", "第一条"),
        ("repealed", "第二条", ""),
        ("renumbered", "第三条", "第二条"),
    ]


def test_changed_words_are_an_amendment_and_are_shown(read):
    old = read({"甲法": statute("甲法", CONSENT, RECORDS)})
    new = read({"甲法": statute("甲法", CONSENT, RECORDS.replace("十五年", "三十年"))})
    change = diff(old, new)[1]
    assert (change.kind, change.how) == ("amended", "")
    assert [(one.kind, one.text) for one in changed_words(change)] == [
        ("kept", "诊所保存病历的时间不少于"),
        ("deleted", "十五"),
        ("inserted", "三十"),
        ("kept", "年，患者可以查阅和复制自己的病历。"),
    ]
    assert change.similarity == 2 * 29 / (31 + 31)  # 29 of 31 characters on each side


def test_another_comma_is_an_amendment_that_hardly_changes_anything(read):
    old, new = (read({"甲法": statute("甲法", CONSENT.replace("，", comma))}) for comma in "，,")
    (change,) = diff(old, new)
    assert change.kind == "amended" and 0.9 < change.similarity < 1


@pytest.mark.parametrize(
    ("old", "new", "share"), [("abcd", "abcd", 1.0), ("一二三四", "一二五六", 0.5), ("甲乙", "丙丁", 0.0)]
)
def test_similarity_is_the_share_of_characters_kept(old, new, share):
    assert similarity(edits(old, new)) == share


def test_english_changes_by_words(read):
    found = edits("A nurse must not share records.", "A nurse must never share the records.")
    assert [one.text for one in found if one.kind == "deleted"] == ["not"]
    assert [one.text.strip() for one in found if one.kind == "inserted"] == ["never", "the"]


def test_an_article_in_another_chapter_or_another_document_is_moved(read):
    heads = {0: "第一章 行为", 2: "第二章 管理"}
    old = read(
        {
            "甲法": statute("甲法", CONSENT, SECRECY, RECORDS, GIFTS, chapters=heads),
            "乙法": statute("乙法", EMERGENCY, TEACHING),
        }
    )
    new = read(
        {
            "甲法": statute("甲法", CONSENT, RECORDS, SECRECY, chapters={0: "第一章 行为", 1: "第二章 管理"}),
            "乙法": statute("乙法", EMERGENCY, TEACHING, GIFTS),
        }
    )
    kinds = {one.old.text[4:]: (one.kind, one.new.key) for one in diff(old, new)}
    assert kinds[SECRECY] == ("moved", "甲法#第三条")
    assert kinds[GIFTS] == ("moved", "乙法#第三条")
    assert kinds[CONSENT][0] == "unchanged" and kinds[RECORDS][0] == "renumbered"


def test_a_chapter_that_is_renumbered_or_renamed_moves_nothing(read):
    old = read({"甲法": statute("甲法", CONSENT, SECRECY, RECORDS, chapters={0: "第一章 行为", 2: "第二章 病历"})})
    new = read({"甲法": statute("甲法", CONSENT, SECRECY, RECORDS, chapters={0: "第一章 执业", 2: "第三章 病历"})})
    assert {one.kind for one in diff(old, new)} == {"unchanged"}


def test_words_about_its_own_law_are_not_the_same_in_another_law(read):
    clause = "违反本法规定，给他人造成损害的，依法承担民事责任。"
    old = read({"甲法": statute("甲法", CONSENT, clause), "乙法": statute("乙法", EMERGENCY, TEACHING)})
    new = read({"甲法": statute("甲法", CONSENT), "乙法": statute("乙法", EMERGENCY, TEACHING, clause)})
    assert sorted(told(diff(old, new))) == [
        ("new", "", "第三条"),
        ("repealed", "第二条", ""),
        ("unchanged", "第一条", "第一条"),
        ("unchanged", "第一条", "第一条"),
        ("unchanged", "第二条", "第二条"),
    ]


def test_a_split_article_names_its_parts(read):
    old = read({"甲法": statute("甲法", CONSENT, SECRECY + EMERGENCY, RECORDS)})
    new = read({"甲法": statute("甲法", CONSENT, SECRECY, EMERGENCY, RECORDS)})
    found = diff(old, new)
    assert [one.kind for one in found] == ["unchanged", "amended", "new", "renumbered"]
    amended, added = found[1:3]
    assert amended.how == added.how == "split"
    assert amended.related == (added.new,) and added.related == (amended.old,)
    assert added.similarity == 1.0  # all of it was said by the old article


def test_merged_articles_name_where_they_went(read):
    old = read({"甲法": statute("甲法", CONSENT, SECRECY, EMERGENCY, RECORDS)})
    new = read({"甲法": statute("甲法", CONSENT, SECRECY + EMERGENCY, RECORDS)})
    found = diff(old, new)
    assert [one.kind for one in found] == ["unchanged", "amended", "repealed", "renumbered"]
    amended, gone = found[1:3]
    assert amended.how == gone.how == "merged"
    assert amended.related == (gone.old,) and gone.related == (amended.new,)


def test_boilerplate_that_both_keep_makes_no_split(read):
    """The new article repeats words that the amended one kept: they were not taken out of it."""
    penalty = "由县级以上人民政府卫生健康主管部门责令改正，给予警告，没收违法所得，并处一万元以上三万元以下的罚款。"
    old = read({"甲法": statute("甲法", "泄露病情的，" + penalty)})
    new = read({"甲法": statute("甲法", "泄露病情、住址的，" + penalty, "伪造病历的，" + penalty)})
    assert [(one.kind, one.how) for one in diff(old, new)] == [("amended", ""), ("new", "")]


def test_of_two_that_changed_places_the_one_that_says_the_same_keeps_its_order(read):
    """An equal text outweighs a likeness: what is alike but for half its words does not pass for an amendment across it."""
    half, other_half = SECRECY + GIFTS, SECRECY + TEACHING
    old = read({"甲法": statute("甲法", CONSENT, half)})
    new = read({"甲法": statute("甲法", other_half, CONSENT)})
    assert [one.kind for one in diff(old, new)] == ["new", "renumbered", "repealed"]


def test_documents_that_are_reordered_renamed_new_or_gone(read):
    code = statute("丙守则", RECORDS, GIFTS)
    old = read({"1甲法": statute("甲法", CONSENT, SECRECY), "2乙守则": statute("乙守则", EMERGENCY, TEACHING)})
    new = read({"1丙守则": code, "9甲法(2030-01-01)": statute("甲法", CONSENT, SECRECY)})
    found = diff(old, new)
    assert [(one.kind, (one.new or one.old).source_title) for one in found] == [
        ("new", "丙守则"),
        ("new", "丙守则"),
        ("unchanged", "甲法"),
        ("unchanged", "甲法"),
        ("repealed", "乙守则"),
        ("repealed", "乙守则"),
    ]
    renamed = read({"丁规则": statute("丁规则", RECORDS, GIFTS)})
    assert {one.kind for one in diff(read({"1丙守则": code}), renamed)} == {"unchanged"}


def test_a_sentence_that_stands_twice_keeps_its_places(read):
    old = read({"甲法": statute("甲法", GIFTS, CONSENT, GIFTS, SECRECY)})
    new = read({"甲法": statute("甲法", CONSENT, GIFTS, SECRECY)})
    assert told(diff(old, new)) == [
        ("repealed", "第一条", ""),
        ("renumbered", "第二条", "第一条"),
        ("renumbered", "第三条", "第二条"),
        ("renumbered", "第四条", "第三条"),
    ]


def test_the_alignment_is_of_the_whole_and_not_of_the_first_that_fits(read):
    """The second article of the new version resembles both old ones; taken first come first served it would rob the other."""
    first = SECRECY + RECORDS
    second = SECRECY + EMERGENCY
    old = read({"甲法": statute("甲法", first, second)})
    new = read({"甲法": statute("甲法", first + TEACHING, second + GIFTS)})
    assert told(diff(old, new)) == [("amended", "第一条", "第一条"), ("amended", "第二条", "第二条")]


def test_an_article_rewritten_from_scratch_is_repealed_and_another_is_new(read):
    old = read({"甲法": statute("甲法", CONSENT, TEACHING)})
    new = read({"甲法": statute("甲法", CONSENT, GIFTS)})
    assert [one.kind for one in diff(old, new)] == ["unchanged", "repealed", "new"]


def test_open_statutes_with_three_amended(tmp_path):
    folder = DATA / "norms-cn"
    if not folder.is_dir():
        pytest.skip("norms-cn is not here: set PRIMUM_DATA")
    old = read_corpus(folder).norms
    for path in folder.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("第三条 医师应当", "第三条 医师都应当"), encoding="utf-8")
    new = read_corpus(tmp_path).norms
    found = diff(old, new)
    assert [(one.kind, one.new.key) for one in found if one.kind != "unchanged"] == [
        ("amended", "医师法(2021-08-20)#第三条")
    ]
    assert len(found) == len(old)


@pytest.mark.timeout(20)
def test_a_long_article_that_says_one_thing_over_and_over_is_compared_at_once():
    again = "护士应当亲自查看患者，" * 40_000
    assert [(one.kind, len(one.text)) for one in edits(f"{again}并签字。", f"{again}并盖章。")] == [
        ("kept", len(again) + 1), ("deleted", 2), ("inserted", 2), ("kept", 1),
    ]  # fmt: skip
    assert [(one.kind, len(one.text)) for one in edits(again, again + again)] == [
        ("kept", len(again)), ("inserted", len(again)),
    ]  # fmt: skip
