"""Whatever two versions say: every norm in exactly one change, nothing changed against itself, and turned round it says the opposite."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from primum.corpus.diff import Change, diff
from primum.corpus.diff_words import body, edits, similarity, text_key
from primum.records import ByRule, CitationStep, Norm

SENTENCES = (
    "医师应当尊重患者的意愿。",
    "护士不得泄露患者的病情。",
    "本规定自发布之日起施行。",
    "药品 应当按照说明书使用，不得超过剂量。",
    "急救人员应当立即到场，先救命后交费，任何人不得阻拦。",
    "A surgeon must explain the risk in plain words.",
    "Records are kept for ten years, and a patient may read them.",
)
MADE = ByRule("test")


@st.composite
def versions(draw: st.DrawFn) -> list[Norm]:
    """A corpus of up to three documents whose articles are put together from the same few sentences."""
    norms: list[Norm] = []
    for name in draw(st.lists(st.sampled_from(["甲法", "乙法", "甲法(2020-01-01)", "Code"]), max_size=3, unique=True)):
        source = f"source-{draw(st.integers(0, 2))}-{name}"
        chapter = "第一章"
        for number in range(draw(st.integers(0, 6))):
            if draw(st.booleans()):
                chapter = draw(st.sampled_from(["第一章", "第二章"]))
            said = "".join(draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3)))
            label = f"第{number + draw(st.integers(0, 1))}条"
            text = f"{label} {said}"
            steps = (CitationStep(level="chapter", label=chapter), CitationStep(level="article", label=label))
            norms.append(
                Norm(
                    source=source, source_key=name, source_title=name, citation=steps, text=text, start=number * 1000,
                    end=number * 1000 + len(text), language="zh", jurisdiction="CN", authority="law",
                    modality="obligation", provisions=(), made=MADE,
                )
            )  # fmt: skip
    return norms


def sides(changes: list[Change]) -> tuple[list[str], list[str]]:
    return [one.old.id for one in changes if one.old], [one.new.id for one in changes if one.new]


@settings(max_examples=300)
@given(versions(), versions())
def test_every_norm_is_in_exactly_one_change_and_the_kinds_hold(old: list[Norm], new: list[Norm]) -> None:
    changes = diff(old, new)
    before, after = sides(changes)
    assert Counter(before) == Counter(norm.id for norm in old)
    assert after == [norm.id for norm in new]  # in the order of the new version
    for one in changes:
        assert (one.new is None) == (one.kind == "repealed") and (one.old is None) == (one.kind == "new")
        assert 0 <= one.similarity <= 1
        if one.old and one.new:
            assert (text_key(one.old) == text_key(one.new)) == (one.kind != "amended")
        if one.kind in ("unchanged", "renumbered") and one.old and one.new:
            is_same_number = one.old.citation[-1].label == one.new.citation[-1].label
            assert is_same_number == (one.kind == "unchanged")


@settings(max_examples=150)
@given(versions())
def test_against_itself_nothing_changed(norms: list[Norm]) -> None:
    assert {one.kind for one in diff(norms, norms)} <= {"unchanged"}


@settings(max_examples=300)
@given(versions(), versions())
def test_turned_round_new_is_repealed_and_the_pairs_are_the_same(old: list[Norm], new: list[Norm]) -> None:
    there = {(one.kind, one.old and one.old.id, one.new and one.new.id, one.similarity) for one in diff(old, new)}
    turned = {"new": "repealed", "repealed": "new"}
    back = {
        (turned.get(one.kind, one.kind), one.new and one.new.id, one.old and one.old.id, one.similarity)
        for one in diff(new, old)
    }
    assert there == back


@settings(max_examples=200)
@given(versions(), st.randoms(use_true_random=False))
def test_the_order_of_documents_is_of_no_account(norms: list[Norm], random) -> None:
    names = sorted({norm.source for norm in norms})
    random.shuffle(names)
    assert {one.kind for one in diff(norms, sorted(norms, key=lambda norm: names.index(norm.source)))} <= {"unchanged"}


@settings(max_examples=200)
@given(st.lists(st.sampled_from(SENTENCES), max_size=4), st.lists(st.sampled_from(SENTENCES), max_size=4))
def test_the_pieces_are_both_wordings(old: list[str], new: list[str]) -> None:
    before, after = "".join(old), "".join(new)
    pieces = edits(before, after)
    assert "".join(one.text for one in pieces if one.kind != "inserted") == before
    assert "".join(one.text for one in pieces if one.kind != "deleted") == after
    assert (similarity(pieces) == 1) == (before == after)


@settings(max_examples=50)
@given(versions())
def test_a_body_has_no_number_of_its_own(norms: list[Norm]) -> None:
    assert not any(body(norm).startswith(norm.citation[-1].label) for norm in norms)
