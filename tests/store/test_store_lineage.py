"""From an answer to the law, from the law to the checkpoint; and how a record reads in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from primum.errors import UnknownIdError
from primum.records import (
    Abstained,
    Approval,
    ByImport,
    ByModel,
    ByPerson,
    BySimulation,
    Criterion,
    Decision,
    Draft,
    Judgement,
    JudgeRef,
    NotApplicable,
    NotMet,
    Origin,
    PolicyRef,
    Principle,
    Profile,
    Record,
    Report,
    Response,
    Revision,
    Reward,
    Rubric,
    RuleOutcome,
    Verdict,
)
from primum.store import Store, Trace, TraceGroup, TraceNode, made_by, render_lines, summary, trace
from store.story import RULE, Story, tell

PRINCIPLE = Principle(
    statement="S.",
    language="en",
    applies_when={},
    points=5,
    axis="accuracy",
    kind_of="proficiency",
    criteria=("a",),
    made=RULE,
)
REVISION = Revision(
    scenario="s",
    rubric="r",
    judge="j",
    drafts=(Draft(round=0, response="a", judgement="b"), Draft(round=1, response="c", judgement="d", is_kept=True)),
    chosen="c",
    ended="no_gain",
    made=RULE,
)


@pytest.fixture
def story() -> Story:
    return tell()


@pytest.fixture
def store(tmp_path: Path, story: Story) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        with opened.writing() as writer:
            writer.put(story.records())
        yield opened


def nodes(node: TraceNode | None) -> list[TraceNode]:
    assert node is not None
    return [node, *(each for child in node.children for each in nodes(child))]


def paths(node: TraceNode | None, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The kinds and roles from the first node to every leaf."""
    assert node is not None
    here = (*above, node.kind)
    return [each for child in node.children for each in paths(child, here)] or [here]


class TestUp:
    def test_an_answer_leads_to_its_law_in_full(self, store: Store, story: Story) -> None:
        up = trace(store, story.judgement.id, "up").up
        assert ("judgement", "response", "scenario", "norm", "source") in paths(up)
        scenario = next(one for one in nodes(up) if one.id == story.scenarios[0].id and not one.is_repeated)
        assert [child.id for child in scenario.children] == sorted(
            law.id for law in story.norms
        )  # seven, and none is hidden
        assert all(child.children[0].id == story.source.id for child in scenario.children)
        assert scenario.more == []

    def test_a_checkpoint_leads_to_its_parent_and_its_data(self, store: Store, story: Story) -> None:
        up = trace(store, story.trained.id, "up").up
        assert up is not None
        assert [(child.role, child.kind) for child in up.children] == [
            ("trained from", "policyref"),
            *[("trained on", "preference")] * 5,
        ]
        assert up.more == [TraceGroup("trained on", "preference", 12, 7, {"alpha": 8, "beta": 4})]

    def test_a_record_is_opened_once(self, store: Store, story: Story) -> None:
        found = nodes(trace(store, story.trained.id, "up").up)
        opened = [one.id for one in found if one.children]
        assert len(opened) == len(set(opened))
        assert any(one.is_repeated for one in found)
        assert {one.id for one in found if one.is_repeated} <= set(opened)

    def test_data_are_counted_through_judgements_too(self, store: Store, story: Story) -> None:
        approval = Approval(
            scenario=story.scenarios[2].id, response=story.responses[4].id, is_desirable=True, made=RULE
        )
        verdict = Verdict(response=story.answer.id, criterion="criterion-x", judge=story.judge.id, outcome=NotMet())
        learned = (
            approval.id,
            verdict.id,
            story.judgement.id,
            story.scenarios[5].id,
            story.norms[0].id,
            "approval-lost",
        )
        guardian = JudgeRef(name="guardian", kind_of="guardian", fingerprint="", made=RULE, trained_on=learned)
        with store.writing() as writer:
            writer.put([approval, verdict, guardian])
        up = trace(store, guardian.id, "up").up
        assert up is not None
        counts = {group.kind: group.datasets for group in up.more}
        assert counts == {
            "approval": {"beta": 1, "unknown": 1}, "judgement": {"alpha": 1}, "norm": {"Code of conduct": 1}, "scenario": {"beta": 1},
            "verdict": {"alpha": 1},
        }  # fmt: skip
        lost = next(one for one in nodes(up) if one.id == "approval-lost")
        assert (lost.kind, lost.summary) == ("approval", "not in the store")


class TestDown:
    def test_the_law_leads_to_the_checkpoint(self, store: Store, story: Story) -> None:
        down = trace(store, story.source.id, "down").down
        kinds = [path for path in paths(down) if path[-1] == "judgement"]
        assert kinds
        found = {one.id for one in nodes(down)}
        assert story.trained.id in found
        assert any(path[:4] == ("source", "norm", "scenario", "preference") for path in paths(down))

    def test_many_neighbours_of_one_role_are_counted(self, store: Store, story: Story) -> None:
        down = trace(store, story.norms[0].id, "down", limit=3).down
        assert down is not None
        assert [child.id for child in down.children] == [scenario.id for scenario in story.scenarios[:3]]
        assert down.more == [TraceGroup("norm", "scenario", 12, 9)]


class TestBounds:
    def test_depth(self, store: Store, story: Story) -> None:
        up = trace(store, story.judgement.id, "up", depth=1).up
        assert up is not None
        assert [child.kind for child in up.children] == ["judgeref", "response"]
        assert [child.is_cut for child in up.children] == [False, True]  # the clinician rests on nothing
        zero = trace(store, story.judgement.id, "up", depth=0).up
        assert zero is not None
        assert (zero.children, zero.is_cut) == ([], True)

    def test_size(self, store: Store, story: Story) -> None:
        whole, part = (nodes(trace(store, story.trained.id, "up", nodes=size).up) for size in (10_000, 10))
        assert len(part) < len(whole)
        assert any(one.is_cut for one in part)
        assert not any(one.is_cut for one in whole)

    def test_directions_and_names(self, store: Store, story: Story) -> None:
        start = story.trained.id[: len("policyref-") + 8]
        both = trace(store, start, "both")
        assert both.id == story.trained.id
        assert both.up == trace(store, start, "up").up
        assert both.down == trace(store, start, "down").down
        assert (trace(store, start, "up").down, trace(store, start, "down").up) == (None, None)
        with pytest.raises(UnknownIdError):
            trace(store, "policyref-00000000")


class TestText:
    def test_the_tree(self, store: Store, story: Story) -> None:
        lines = render_lines(trace(store, story.trained.id, "up", depth=1, limit=1))
        pair = min(story.trained.trained_on)
        assert lines[0].startswith(
            f"{story.trained.id} small-dpo, dpo, gpt2, 1,234,567 parameters, trained from scratch"
        )
        assert lines[1].startswith(f"├── trained from: {story.base.id} small, base")
        assert lines[2].startswith(f"├── trained on: {pair} ")
        assert lines[2].endswith(" …")
        assert lines[3] == "└── … and 11 more 'trained on' preference; all 12 by dataset: alpha 8, beta 4"
        assert len(lines) == 4

    def test_branches_are_drawn_under_their_own(self) -> None:
        def leaf(id: str, *children: TraceNode, **more: Any) -> TraceNode:
            return TraceNode(id, "norm", "norm", "text", "", list(children), **more)

        tree = leaf(
            "a", leaf("b", leaf("c"), more=[TraceGroup("norm", "norm", 3, 2)]), leaf("d", leaf("e"), is_repeated=True)
        )
        tree.role = ""
        assert render_lines(Trace("a", tree, None)) == [
            "a text",
            "├── norm: b text",
            "│   ├── norm: c text",
            "│   └── … and 2 more 'norm' norm",
            "└── norm: d text (opened elsewhere in this tree)",
            "    └── norm: e text",
        ]

    def test_downwards_a_role_is_what_the_record_above_is_used_as(self, store: Store, story: Story) -> None:
        lines = render_lines(trace(store, story.base.id, "down", limit=1))
        assert lines[1].startswith(f"└── as 'trained from' in {story.trained.id} small-dpo")

    def test_the_way_to_the_law_comes_first(self, store: Store, story: Story) -> None:
        lines = render_lines(trace(store, story.answer.id, "up"))
        assert [line.split(": ")[0].lstrip("│├└─ ") for line in lines[1:4]] == ["scenario", "norm", "source"]

    def test_both_sides_have_headings(self, store: Store, story: Story) -> None:
        lines = render_lines(trace(store, story.base.id, "both", limit=1))
        assert lines[0] == "rests on:"
        assert "is rested on by:" in lines
        assert lines[-1].strip().startswith("└──")

    def test_the_same_store_gives_the_same_text(self, store: Store, story: Story) -> None:
        first, second = (render_lines(trace(store, story.source.id, "both")) for _ in range(2))
        assert first == second

    def test_as_json(self, store: Store, story: Story) -> None:
        found = json.loads(json.dumps(trace(store, story.trained.id, "both", depth=1).to_dict()))
        assert set(found) == {"id", "up", "down"}
        assert found["up"]["more"][0]["datasets"] == {"alpha": 8, "beta": 4}
        assert found["up"]["children"][0]["role"] == "trained from"


def _summaries() -> list[tuple[Record, str]]:
    story = tell(norms=1, pairs=1)
    long = "Tell the patient   the truth, " * 4
    criterion = Criterion(statement=long, points=-3, axis="accuracy", kind_of="safety", language="en", made=RULE)
    imported = ByImport(dataset="cares", row="7")
    return [
        (story.source, "Code of conduct, code, enacted 2021-08-20"),
        (story.norms[0], "Code of conduct § 0: Clause 0."),
        (story.scenarios[0], "consent, harm level 2, alpha: Question 0?"),
        (story.responses[0], "simulated answers: I cannot help with that."),
        (Response(scenario="s", text="好的。", made=imported), "cares: 好的。"),
        (Response(scenario="s", text="x" * 70, made=RULE, policy="policyref-1"), f"policyref-1: {'x' * 60}…"),
        (story.base, "small, base, gpt2, 1,234,567 parameters, trained from scratch"),
        (story.judge, "Dr. A, person"),
        (JudgeRef(name="j", kind_of="simulated", fingerprint="", made=RULE), "simulated j, simulated"),
        (story.judgement, "accept p=0.88"),
        (Judgement(response="r", judge="j", stance="abstained", reason="timed out"), "abstained (timed out)"),
        (criterion, "-3 safety, accuracy: Tell the patient the truth, Tell the patient the truth, Tell…"),
        (Rubric(scenario="s", criteria=("a", "b"), made=RULE), "2 criteria, drafted"),
        (PRINCIPLE, "S. (+5 proficiency, from 1 criteria)"),
        (replace(PRINCIPLE, state="retired", previous=("p",), reason="doubled"), "S. (+5 proficiency, from 1 criteria, retired)"),
        (Profile(scenario="s", values={"task": "treat", "urgency": "routine"}, made=RULE), "task treat, urgency routine"),
        (REVISION, "2 drafts, 1 kept, ended: no gain"),
        (replace(REVISION, made=BySimulation(generator="g", seed=1)), "simulated 2 drafts, 1 kept, ended: no gain"),
        (Verdict(response="r", criterion="c", judge="j", outcome=NotMet(), probability=0.5), "not met p=0.50"),
        (Verdict(response="r", criterion="c", judge="j", outcome=Abstained(reason="no JSON")), "abstained (no JSON)"),
        (Verdict(response="r", criterion="c", judge="j", outcome=NotApplicable()), "not applicable"),
        (story.preferences[0], f"{story.responses[0].id} rather than {story.responses[1].id}"),
        (Approval(scenario="s", response="r", is_desirable=False, made=RULE), "r is not desirable"),
        (
            Reward(response="r", value=-1, proficiency=0.5, excellence=2, vetoes=1, verdicts=()),
            "-1 (proficiency 0.5, excellence 2, vetoes 1)",
        ),
        (
            Report(run="r1", recipe="x", before="a", after="b", judge="j", comparisons=(), judgements=("1", "2")),
            "run r1, 0 comparisons over 2 judgements",
        ),
        (
            Decision(
                decision="hold", policy="p", report="r",
                rules=(
                    RuleOutcome(rule="a", found="b", passed=True, severity="hold"),
                    RuleOutcome(rule="a", found="b", passed=False, severity="hold"),
                ),
            ),
            "hold, 1 of 2 rules passed",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "line"), _summaries(), ids=lambda value: value.kind() if isinstance(value, Record) else ""
)
def test_a_record_reads_in_one_line(record: Record, line: str) -> None:
    assert summary(record) == line


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (RULE, "rule test v1"),
        (ByModel(model="m"), "model m"),
        (ByModel(model="m", is_scripted=True), "scripted model m"),
        (ByPerson(person="p1", role="clinician"), "clinician p1"),
        (ByImport(dataset="cares", row="7"), "imported from cares 7"),
        (BySimulation(generator="g", seed=3), "simulated by g, seed 3"),
    ],
)
def test_who_made_it(origin: Origin, words: str) -> None:
    policy = PolicyRef(name="n", path="p", weights="w", stage="base", architecture="a", parameters=1, made=origin)
    assert made_by(policy) == words
    assert ("simulated" in summary(policy)) == isinstance(origin, BySimulation)


def test_what_is_derived_names_no_maker() -> None:
    assert made_by(Reward(response="r", value=1, proficiency=1, excellence=0, vetoes=0, verdicts=())) == ""
