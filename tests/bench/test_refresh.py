"""A benchmark brought to another edition: what is kept, rebound, redrafted and retired, by example and whatever changes."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.bench import leaks
from primum.bench.refresh import Refreshed, next_version, refresh
from primum.errors import RecordError
from primum.records import Benchmark, ByRule, CitationStep, Ground, Norm, Rule, Scenario, Span, Turn

MADE = ByRule("test")


class Change(NamedTuple):
    kind: str
    old: Norm | None
    new: Norm | None
    related: tuple[Norm, ...] = ()


def norm(says: str, number: int = 1, source: str = "source-1", title: str = "甲法") -> Norm:
    text = f"第{number}条 {says}"
    return Norm(
        source=source, source_key=title, source_title=title, citation=(CitationStep(level="article", label=f"第{number}条"),),
        text=text, start=0, end=len(text), language="zh", jurisdiction="CN", authority="law", modality="obligation",
        provisions=(), made=MADE,
    )  # fmt: skip


def rule(of: Norm, act: str) -> Rule:
    start = of.text.index(act)
    return Rule(
        norm=of.id,
        modality="obligation",
        act=Span(start=start, end=start + len(act), text=act),
        language="zh",
        made=MADE,
    )


def item(name: str, *of: Norm, says: str = "", split: str | None = "train", rules: Sequence[Rule] = ()) -> Scenario:
    by_norm = {one.norm: one.id for one in rules}
    grounds = tuple(
        Ground(
            norm=one.id,
            citation=f"{one.reference}第二款",
            quote=one.text[4:],
            article=one.digest,
            rule=by_norm.get(one.id),
        )
        for one in of
    )
    said = says or f"我想知道{hashlib.sha256(name.encode()).hexdigest()}怎么办"
    return Scenario(
        messages=(Turn(role="user", content=said),), task="open", dimension="consent", language="zh",
        dataset="norms/situation", made=MADE, norms=tuple(one.id for one in of), item=name, grounds=grounds, split=split,
        cluster=f"cluster-{name}", difficulty="hard", style="indirect",
    )  # fmt: skip


def redraft(stale, norms, rules, taken):
    """A draft for each slot from the first norm given, until its rules are used up."""
    drafts = []
    for one, rule_given in zip(stale, [*rules, *[None] * len(stale)], strict=False):
        if rule_given is None:
            drafts.append(None)
            continue
        of = next(norm for norm in norms if norm.id == rule_given.norm)
        drafts.append(item(f"{one.item}+{of.citation[-1].label}", of, split=None, rules=[rule_given]))
    return drafts


def never(stale, norms, rules, taken):
    raise AssertionError("nothing was to be drafted")


def bring(items, changes, rules=(), old_rules=(), draft=redraft) -> Refreshed:
    return refresh(items, changes, {one.id: one for one in old_rules}, list(rules), draft)


def test_an_item_on_an_unchanged_record_is_the_same_record():
    of = norm("医师应当说明风险")
    kept = item("a", of)
    found = bring([kept], [Change("unchanged", of, of)], draft=never)
    assert found == Refreshed([kept], 1, [], [], [], [])
    assert found.items[0] is kept


@pytest.mark.parametrize(
    ("kind", "number", "title"), [("unchanged", 1, "甲法"), ("renumbered", 7, "甲法"), ("moved", 2, "乙法")]
)
def test_an_item_on_the_same_words_elsewhere_keeps_its_name_and_is_bound_anew(kind, number, title):
    old, new = norm("医师应当说明风险"), norm("医师应当说明风险", number, "source-2", title)
    before, after = rule(old, "说明风险"), rule(new, "说明风险")
    kept = item("a", old, rules=[before])
    found = bring([kept], [Change(kind, old, new)], [after], [before], never)
    (again,) = found.items
    assert (found.kept, found.rebound, found.stale, found.retired) == (1, ["a"], [], [])
    assert again.item == "a" and again.id != kept.id and again.norms == (new.id,)
    (ground,) = again.grounds
    assert ground == Ground(
        norm=new.id, citation=f"{title} 第{number}条第二款", quote="医师应当说明风险", article=new.digest, rule=after.id
    )
    assert again.messages == kept.messages and again.split == kept.split and again.cluster == kept.cluster


def test_a_quote_follows_the_white_space_of_its_article():
    old, new = norm("医师应当 说明风险"), norm("医师应当说明\n风险", source="source-2")
    (again,) = bring([item("a", old)], [Change("unchanged", old, new)], draft=never).items
    assert again.grounds[0].quote in new.text and again.grounds[0].article == new.digest


def test_a_quote_that_is_nowhere_makes_its_item_stale():
    old, new = norm("医师应当说明风险"), norm("医师应当说明危险", source="source-2")
    found = bring([item("a", old)], [Change("unchanged", old, new)])
    assert found.stale == ["a"] and found.retired[0].item == "a"


def test_an_item_on_an_amended_article_is_drafted_anew_in_its_slot_and_the_rest_stays():
    old, new = norm("医师应当说明风险"), norm("医师必须说明风险", source="source-2")
    other = norm("护士应当记录", 2), norm("护士应当记录", 2, "source-2")
    stale, kept = item("a", old, split="test"), item("b", other[0], split="dev")
    changes = [Change("amended", old, new), Change("unchanged", *other)]
    found = bring([stale, kept], changes, [rule(new, "说明风险"), rule(other[1], "记录")])
    assert found.stale == ["a"] and found.redrafted == [("a", "a+第1条", "甲法#第1条")] and found.retired == []
    new_item, still = found.items
    assert (new_item.split, new_item.cluster, new_item.norms) == ("test", "cluster-a", (new.id,))
    assert still.item == "b" and found.kept == 1 and found.rebound == ["b"]


def test_an_item_is_stale_when_any_norm_it_rests_on_changed():
    first, second = norm("医师应当说明风险"), norm("护士应当记录", 2)
    amended = norm("护士必须记录", 2, "source-2")
    both = item("a", first, second)
    beside = item("b", first).__class__(**{**_fields(item("b", first)), "norms": (first.id, second.id)})
    found = bring([both, beside], [Change("unchanged", first, first), Change("amended", second, amended)])
    assert found.stale == ["a", "b"]


def _fields(of: Scenario) -> dict[str, object]:
    return {name: getattr(of, name) for name in of.__struct_fields__}


def test_an_item_on_a_repealed_article_is_retired_and_told_why():
    old = norm("医师应当说明风险")
    kept = item("b", norm("护士应当记录", 2))
    found = bring([item("a", old), kept], [Change("repealed", old, None)], draft=never)
    assert [one.item for one in found.items] == ["b"]
    assert found.retired == [
        ("a", "甲法 第1条 was repealed, and no article that changed gives another item for its slot")
    ]


def test_a_free_slot_is_filled_from_a_new_article():
    old, new = norm("医师应当说明风险"), norm("药房应当核对", 9, "source-2")
    found = bring([item("a", old)], [Change("repealed", old, None), Change("new", None, new)], [rule(new, "核对")])
    assert found.redrafted == [("a", "a+第9条", "甲法#第9条")]


def test_an_article_fills_slots_of_one_split_only():
    """The new article goes to the first slot's split; the slot in the other split stays empty rather than leak."""
    old = [norm("医师应当说明风险"), norm("护士应当记录", 2)]
    new = norm("药房应当核对", 9, "source-2")
    items = [item("a", old[0], split="train"), item("b", old[1], split="test")]
    changes = [Change("repealed", one, None) for one in old] + [Change("new", None, new)]
    found = bring(items, changes, [rule(new, "核对"), rule(new, "应当核对")])
    assert [one.old for one in found.redrafted] == ["a"] and [one.item for one in found.retired] == ["b"]
    assert leaks(found.items) == []


def test_articles_of_two_splits_that_were_merged_go_to_the_test_split():
    old = [norm("医师应当说明风险"), norm("护士应当记录", 2)]
    new = norm("医师应当说明风险，护士应当记录", 1, "source-2")
    items = [item("a", old[0], split="train"), item("b", old[1], split="test")]
    changes = [Change("amended", old[0], new, (old[1],)), Change("repealed", old[1], None, (new,))]
    found = bring(items, changes, [rule(new, "说明风险"), rule(new, "记录")])
    assert [one.old for one in found.redrafted] == ["b"] and [one.item for one in found.retired] == ["a"]
    assert leaks(found.items) == []


def test_the_parts_of_a_split_article_may_both_be_drafted_from():
    old = norm("医师应当说明风险，护士应当记录")
    parts = norm("医师应当说明风险", 1, "source-2"), norm("护士应当记录", 2, "source-2")
    changes = [Change("amended", old, parts[0], (parts[1],)), Change("new", None, parts[1], (old,))]
    found = bring([item("a", old), item("b", old)], changes, [rule(parts[0], "说明风险"), rule(parts[1], "记录")])
    assert [one.norm for one in found.redrafted] == ["甲法#第1条", "甲法#第2条"]


SAID = "我是一名住院医师，明天的手术我还没有来得及向家属说明，可以先做手术再补签字吗？"


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_draft_that_nearly_repeats_an_item_is_drafted_again(split):
    old, new = norm("医师应当说明风险"), norm("医师必须说明风险", source="source-2")
    items = [item("a", old), item("b", norm("护士应当记录", 2), says=SAID, split=split)]

    def near(stale, norms, rules, taken):
        assert len(stale) == 1
        return [item("d", new, says="家属问能不能先不签字") if taken else item("c", new, says=SAID.replace("吗", "呢"))]

    found = bring(items, [Change("amended", old, new)], [rule(new, "说明风险")], draft=near)
    assert [one.new for one in found.redrafted] == ["d"]


def test_a_slot_for_which_every_draft_nearly_repeats_an_item_is_retired():
    old, new = norm("医师应当说明风险"), norm("医师必须说明风险", source="source-2")
    items = [item("a", old), item("b", norm("护士应当记录", 2), says=SAID)]
    calls = []

    def near(stale, norms, rules, taken):
        calls.append([one.item for one in taken])
        return [item(f"c{len(calls)}", new, says=SAID.replace("吗", "呢"))]

    found = bring(items, [Change("amended", old, new)], [rule(new, "说明风险")], draft=near)
    assert found.redrafted == [] and [one.item for one in found.retired] == ["a"]
    assert calls[:2] == [[], ["b"]] and len(calls) <= 8  # it gives up


def test_what_another_item_is_called_does_not_enter_twice():
    old, new = norm("医师应当说明风险"), norm("医师必须说明风险", source="source-2")
    found = bring(
        [item("a", old), item("b", norm("护士应当记录", 2))], [Change("amended", old, new)], [rule(new, "说明风险")],
        draft=lambda stale, norms, rules, taken: [item("b", new, says="另一句话") for _ in stale],
    )  # fmt: skip
    assert found.redrafted == [] and [one.item for one in found.items] == ["b"]


def test_drafts_are_given_what_changed_alone():
    old, new, still = norm("医师应当说明风险"), norm("医师必须说明风险", source="source-2"), norm("护士应当记录", 2)
    seen = []

    def watching(stale, norms, rules, taken):
        seen.append((norms, [one.norm for one in rules], [one.item for one in taken]))
        return redraft(stale, norms, rules, taken)

    changes = [Change("amended", old, new), Change("unchanged", still, still)]
    bring([item("a", old), item("b", still)], changes, [rule(new, "说明风险"), rule(still, "记录")], draft=watching)
    assert seen == [([new], [new.id], [])]


def test_a_norm_of_another_corpus_changes_nothing():
    kept = item("a", norm("医师应当说明风险", title="另一部法"))
    assert bring([kept], [], draft=never).items == [kept]


def test_the_next_version_names_its_previous_one_and_what_stands_no_more():
    benchmark = Benchmark(
        name="b",
        version=3,
        edition="edition-1",
        taxonomy="taxonomy-1",
        items=("scenario-1",),
        made=MADE,
        retired=("old", "back"),
    )
    standing = [item("back", norm("医师应当说明风险"))]
    following = next_version(benchmark, "edition-2", Refreshed(standing, 1, [], ["a"], [], []))
    assert (following.version, following.edition, following.previous) == (4, "edition-2", benchmark.id)
    assert following.items == (standing[0].id,) and following.retired == ("a", "old")
    with pytest.raises(RecordError, match="has no items"):
        next_version(benchmark, "edition-2", Refreshed([], 0, [], ["a"], [], []))


FATES = st.sampled_from(["unchanged", "renumbered", "moved", "amended", "repealed"])
SPLITS = st.sampled_from(["train", "dev", "test"])


@settings(max_examples=150)
@given(st.lists(st.tuples(FATES, SPLITS, st.integers(1, 3)), min_size=1, max_size=8), st.integers(0, 2))
def test_whatever_changes_every_item_is_kept_redrafted_or_retired(fates, added):
    items, changes, rules = [], [], []
    for place, (kind, split, count) in enumerate(fates):
        old = norm(f"医师应当做第{place}件事", place)
        items += [item(f"{place}-{number}", old, split=split) for number in range(count)]
        said = f"医师{'必须' if kind == 'amended' else '应当'}做第{place}件事"
        new = None if kind == "repealed" else norm(said, place + (kind == "renumbered"), "source-2")
        changes.append(Change(kind, old, new))
        rules += [rule(new, f"做第{place}件事"), rule(new, said)] if new else []
    for number in range(added):
        new = norm(f"药房应当核对{number}次", 90 + number, "source-2")
        changes.append(Change("new", None, new))
        rules.append(rule(new, f"核对{number}次"))
    found = bring(items, changes, rules)
    stale = {
        f"{place}-{number}"
        for place, (kind, _, count) in enumerate(fates)
        if kind in ("amended", "repealed")
        for number in range(count)
    }
    assert set(found.stale) == stale
    assert {one.old for one in found.redrafted} | {one.item for one in found.retired} == stale
    assert len(found.redrafted) + len(found.retired) == len(stale) and found.kept == len(items) - len(stale)
    names = {one.item for one in found.items}
    assert {one.item for one in items} - stale <= names and len(names) == len(found.items)
    new_ids = {change.new.id for change in changes if change.new}
    assert all(set(one.norms) <= new_ids for one in found.items)
    assert leaks(found.items, 1.0) == []
    again = bring(
        found.items,
        [Change("unchanged", one, one) for one in {change.new for change in changes if change.new}],
        draft=never,
    )
    assert again.items == found.items and again.rebound == []
