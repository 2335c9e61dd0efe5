"""Which classes a rule falls into, with the weights worked by hand, and how the sorter stands up to 44 statutes."""

import math
import os
import random
import time
from pathlib import Path

import pytest

from primum.corpus import CorpusSettings, read_corpus
from primum.corpus.sorting import LEAST, PLACES, Sorter, sort_norms, sort_rules
from primum.errors import UnknownIdError
from primum.records import ByRule, Category, CitationStep, Norm, Provision, Rule, Span, Taxonomy
from primum.starter import medical_taxonomy, starter_norms

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
MADE = ByRule(rule="test")


def norm(text, *, title="法", heading="总则", language="zh", items=(), number=1):
    cuts = [0, *(text.index(item) for item in items), len(text)]
    labels = [""] + [f"第（{'一二三四'[index]}）项" for index in range(len(items))]
    return Norm(
        source="source-0",
        source_key=title,
        source_title=title,
        citation=(
            CitationStep(level="chapter", label="第一章", title=heading),
            CitationStep(level="article", label=f"第{number}条"),
        ),
        text=text,
        start=0,
        end=len(text),
        language=language,
        jurisdiction="nowhere",
        authority="law",
        modality="obligation",
        provisions=tuple(
            Provision(label=label, start=start, end=end, modality="obligation")
            for label, start, end in zip(labels, cuts, cuts[1:], strict=False)
        ),
        made=MADE,
    )


def rule(norm, act, *, subject="", condition=""):
    def span(words):
        at = norm.text.index(words)
        return Span(start=at, end=at + len(words), text=words)

    return Rule(
        norm=norm.id,
        modality="obligation",
        act=span(act),
        language=norm.language,
        made=MADE,
        subject=span(subject) if subject else None,
        condition=span(condition) if condition else None,
    )


def taxonomy(scenes=(), **cues):
    def category(key, words):
        is_zh = not words[0].isascii()
        return Category(key=key, zh=key, en=key, cues_zh=words if is_zh else (), cues_en=() if is_zh else words)

    return Taxonomy(
        key="t",
        zh="t",
        en="t",
        source="us",
        made=MADE,
        dimensions=tuple(category(key, words) for key, words in cues.items()),
        scenes=tuple(category(key, words) for key, words in scenes),
    )


def dimensions(rules, norms, axes):
    return [one.dimensions for one in sort_rules(rules, norms, axes)]


def test_a_rule_goes_where_its_own_words_point_and_the_rest_stays_as_it_was():
    one = norm("护士应当核对血液。")
    axes = taxonomy(blood=("血液",), trade=("广告",), scenes=[("ward", ("护士",))])
    given = rule(one, "核对血液", subject="护士")
    (found,) = sort_rules([given], [one], axes)
    assert found.dimensions == ("blood",) and found.scenes == ("ward",)
    assert (found.norm, found.act, found.subject, found.made) == (given.norm, given.act, given.subject, given.made)


def test_the_weights_are_those_of_the_docstring():
    # Two norms, both say 血液: weight log(1 + 2/3) / log(3) = 0.465; 移植 is said by one: log(1 + 2/2) / log(3) = 0.631.
    common, rare = math.log(5 / 3) / math.log(3), math.log(2) / math.log(3)
    assert common == pytest.approx(0.465, abs=5e-4) and rare == pytest.approx(0.631, abs=5e-4)
    one, two = norm("护士应当核对血液。移植另行规定。"), norm("血站应当检测血液。", number=2)
    axes = taxonomy(blood=("血液",), organ=("移植",))
    # blood: in the own words, 0.465. organ: elsewhere in the article, 0.3 × 0.631 = 0.189, below LEAST.
    assert PLACES["article"] * rare < LEAST < common
    assert dimensions([rule(one, "核对血液")], [one, two], axes) == [("blood",)]
    # In the heading too, organ has 0.189 + 0.35 × 0.631 = 0.410: enough, but less than blood.
    headed = norm("护士应当核对血液。移植另行规定。", heading="移植")
    assert dimensions([rule(headed, "核对血液")], [headed, two], axes) == [("blood", "organ")]
    # In the title too, 0.410 + 0.3 × 0.631 = 0.600: more than blood.
    titled = norm("护士应当核对血液。移植另行规定。", heading="移植", title="移植条例")
    assert dimensions([rule(titled, "核对血液")], [titled, two], axes) == [("organ", "blood")]


def test_elsewhere_only_the_weightiest_cue_of_a_class_counts():
    one = norm("护士应当核对血液。移植、捐献、遗体另行规定。")
    axes = taxonomy(blood=("血液",), organ=("移植", "捐献", "遗体"))
    assert dimensions([rule(one, "核对血液")], [one], axes) == [("blood",)]


def test_a_cue_that_every_norm_says_decides_less_than_a_rare_one():
    norms = [norm(f"企业应当检验药品，记录第{index}项。", number=index) for index in range(1, 30)]
    last = norm("药师应当核对药品的禁忌。", number=30)
    axes = taxonomy(trade=("药品",), safety=("禁忌",))
    assert dimensions([rule(last, "核对药品的禁忌")], [*norms, last], axes) == [("safety",)]


def test_what_has_less_than_half_of_the_best_is_left_out_and_no_more_than_three_stay():
    one = norm("医师应当说明手术、麻醉、输血、移植、隔离。")
    same = {key: (cue,) for key, cue in zip("abcde", ("手术", "麻醉", "输血", "移植", "隔离"), strict=True)}
    assert dimensions([rule(one, "说明手术、麻醉、输血、移植、隔离")], [one], taxonomy(**same)) == [("a", "b", "c")]
    axes = taxonomy(few=("隔离",), many=("手术", "麻醉", "输血"))
    assert dimensions([rule(one, "说明手术、麻醉、输血、移植、隔离")], [one], axes) == [("many",)]


def test_where_nothing_fits_nothing_is_said():
    one = norm("国家鼓励发展。")
    assert dimensions([rule(one, "发展")], [one], taxonomy(blood=("血液",))) == [()]


def test_the_name_of_an_office_says_nothing_of_its_subject():
    one = norm("药品监督管理部门应当公布名单。企业应当公布药品。")
    axes = taxonomy(medicine=("药品",))
    assert dimensions([rule(one, "公布药品")], [one], axes) == [("medicine",)]
    other = norm("药品监督管理部门应当公布名单。")
    assert dimensions([rule(other, "公布名单", subject="药品监督管理部门")], [other], axes) == [()]


def test_a_cue_inside_a_longer_one_of_its_class_counts_once():
    one = norm("医院应当进行隔离治疗并做手术。")
    axes = taxonomy(ward=("隔离", "隔离治疗"), knife=("手术", "做手"))
    # ward: one cue; knife: two that overlap but do not hold each other.
    assert dimensions([rule(one, "进行隔离治疗并做手术")], [one], axes) == [("knife", "ward")]


def test_the_other_items_of_a_list_do_not_speak_for_a_rule():
    text = "医疗机构有下列情形之一的，给予警告：（一）出售血液；（二）不填写病历；"
    one = norm(text, heading="血液", items=("（一）", "（二）"))
    others = [norm(f"第{index}项另行规定。", number=index) for index in range(2, 9)]
    # The heading gives blood 0.35 × log(5)/log(9) = 0.256; with 0.3 × 0.732 from the other item it would reach 0.476.
    axes = taxonomy(blood=("血液",), records=("病历",), fine=("罚款",))
    found = dimensions([rule(one, "出售血液"), rule(one, "不填写病历")], [one, *others], axes)
    assert found == [("blood",), ("records",)]


def test_english_cues_are_whole_words_and_plurals_match():
    one = norm("A nurse must label donors' samples.", language="en", title="Act", heading="General")
    act = "label donors' samples"
    assert dimensions([rule(one, act)], [one], taxonomy(lab=("sample",), art=("sam", "don"))) == [("lab",)]
    assert dimensions([rule(one, act)], [one], taxonomy(lab=("label sample",))) == [()]
    assert dimensions([rule(one, act)], [one], taxonomy(lab=("label donor",))) == [("lab",)]
    other = norm("The clinic must keep a patient's biopsies.", language="en", title="Act", heading="General")
    axes = taxonomy(a=("patient",), b=("biopsy",))
    assert dimensions([rule(other, "keep a patient's biopsies")], [other], axes) == [("a", "b")]


def test_the_order_in_which_rules_and_norms_come_changes_nothing():
    norms = list(read_corpus(starter_norms()).norms)
    rules = [rule(one, one.text[:40]) for one in norms]
    shuffled, mixed = rules[:], norms[:]
    random.Random(3).shuffle(shuffled)
    random.Random(4).shuffle(mixed)
    first = {one.norm: one for one in sort_rules(rules, norms, medical_taxonomy())}
    assert {one.norm: one for one in sort_rules(shuffled, mixed, medical_taxonomy())} == first


def test_a_rule_without_its_norm_is_refused():
    one, two = norm("护士应当核对血液。"), norm("血站应当检测血液。", number=2)
    with pytest.raises(UnknownIdError, match="not among the norms"):
        sort_rules([rule(one, "核对血液")], [two], taxonomy(blood=("血液",)))


def test_norms_and_texts_are_sorted_by_the_same_weights():
    norms = read_corpus(starter_norms()).norms
    done = sort_norms(norms, medical_taxonomy())
    assert [one.text for one in done] == [one.text for one in norms]
    found = next(one for one in done if "organ" in one.text.lower() and one.language == "en")
    assert "organ_transplantation" in found.dimensions
    sorter = Sorter(medical_taxonomy(), norms)
    assert "organ_transplantation" in sorter.text("患者想卖一个肾，让医院摘取活体器官做移植。", "zh").dimensions
    assert sorter.text("Give the blood without checking the blood group.", "en").dimensions[0] == "transfusion"
    assert sorter.text("今天天气很好。", "zh") == ((), ())


@pytest.mark.skipif(not (DATA / "norms-cn").is_dir(), reason="norms-cn is not there")
def test_44_statutes_fill_all_20_dimensions():
    from primum.corpus.rules import extract

    norms = read_corpus(DATA / "norms-cn", CorpusSettings()).norms
    rules = extract(norms)
    began = time.perf_counter()
    done = sort_rules(rules, norms, medical_taxonomy())
    assert time.perf_counter() - began < 20  # 1 s on a quiet machine; the bound only catches a wrong order of growth
    counts = {one.key: sum(one.key in rule.dimensions for rule in done) for one in medical_taxonomy().dimensions}
    assert min(counts.values()) >= 60, counts
    blood = [one for one in done if "献血法" in next(n for n in norms if n.id == one.norm).source_title]
    assert sum("transfusion" in one.dimensions for one in blood) >= 0.9 * len(blood)
