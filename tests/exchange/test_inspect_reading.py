"""Logs of Inspect, ours and others', as rows to grade again."""

import pytest
from graded_sample import about, chosen, graded

from primum.errors import InputError
from primum.exchange import read_log, write_log

pytest.importorskip("inspect_ai", reason="Inspect is not installed: pip install 'primum[inspect]'")

from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalError,
    EvalLog,
    EvalSample,
    EvalSpec,
    write_eval_log,
)
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentImage,
    ContentReasoning,
    ContentText,
    ModelOutput,
)
from inspect_ai.tool import ToolCall

RUBRICS = [{"criterion": "Says when to come back", "points": 5, "tags": ["axis:completeness"]}]
ASKED = [ChatMessageSystem(content="Advise."), ChatMessageUser(content="A rash?")]


def written(folder, *samples, status="success"):
    path = folder / "other.eval"
    spec = EvalSpec(
        created="2026-01-31T12:00:00+00:00", task="other", model="lab/model", dataset=EvalDataset(), config=EvalConfig()
    )
    write_eval_log(EvalLog(status=status, eval=spec, samples=list(samples)), path)
    return path


def sample(messages, answer="Keep it dry.", **given):
    said = ModelOutput.from_content("lab/model", answer)
    given = {"id": 1, "epoch": 1, "metadata": {"rubrics": RUBRICS}, "target": "", "output": said, **given}
    return EvalSample(input="A rash?", messages=messages, **given)


def test_our_own_log_comes_back_as_it_went(tmp_path):
    sent = [graded("May I tell?", "Ask first.", "met", "abstained"), graded("And now?", "", "not met", "met")]
    write_log(tmp_path / "ours.eval", sent, about())
    found = read_log(tmp_path / "ours.eval")
    assert not found.left_out
    rows = {row["prompt_id"]: row for row in found.rows}
    answers = {row["prompt_id"]: row for row in found.answers}
    for case, _ in sent:
        row = rows[case.scenario.id]
        assert row["prompt"] == [{"role": turn.role, "content": turn.content} for turn in case.scenario.messages]
        assert [(one["criterion"], one["points"]) for one in row["rubrics"]] == [
            (one.statement, one.points) for one in case.criteria
        ]
        assert answers[case.scenario.id] == {
            "prompt_id": case.scenario.id, "response": case.response.text, "model": "small policy"
        }  # fmt: skip


def test_a_log_of_several_turns_and_epochs_is_read_turn_by_turn(tmp_path):
    talk = [*ASKED, ChatMessageAssistant(content="Where?"), ChatMessageUser(content="On the arm.")]
    both = [sample([*talk, ChatMessageAssistant(content="Keep it dry.")], epoch=epoch) for epoch in (1, 2)]
    found = read_log(written(tmp_path, *both))
    assert [row["prompt_id"] for row in found.rows] == ["1-epoch-1", "1-epoch-2"]
    assert [turn["role"] for turn in found.rows[0]["prompt"]] == ["system", "user", "assistant", "user"]
    assert found.rows[0]["rubrics"] == RUBRICS
    assert found.answers[1] == {"prompt_id": "1-epoch-2", "response": "Keep it dry.", "model": "lab/model"}


def test_parts_are_joined_and_what_the_model_thought_is_not_what_it_said(tmp_path):
    parts = [ContentText(text="Two things."), ContentText(text="A rash, and a cough.")]
    answer = ChatMessageAssistant(content=[ContentReasoning(reasoning="hm"), ContentText(text="Keep it dry.")])
    found = read_log(written(tmp_path, sample([ChatMessageUser(content=parts), answer])))
    assert found.rows[0]["prompt"] == [{"role": "user", "content": "Two things.\nA rash, and a cough."}]
    assert found.answers[0]["response"] == "Keep it dry."


def test_long_texts_that_inspect_keeps_as_attachments_come_back_whole(tmp_path):
    long = "A long story about a rash. " * 400
    named = "attachment://" + "a" * 32
    talk = [ChatMessageUser(content=named), ChatMessageAssistant(content=named)]
    kept = sample(talk, long, attachments={"a" * 32: long})
    found = read_log(written(tmp_path, kept))
    assert found.rows[0]["prompt"][0]["content"] == long and found.answers[0]["response"] == long


def with_tools():
    call = ToolCall(id="1", function="lookup", arguments={"term": "rash", "lang": "en"})
    return [
        *ASKED,
        ChatMessageAssistant(content="Let me look.", tool_calls=[call]),
        ChatMessageTool(content="Rash: see skin.", function="lookup", tool_call_id="1"),
        ChatMessageAssistant(content="Keep it dry."),
    ]


def test_tools_are_refused_or_told_in_words_where_they_happened(tmp_path):
    path = written(tmp_path, sample(with_tools()))
    with pytest.raises(InputError, match=r"holds calls of tools.*--flatten-tools.*sample 1"):
        read_log(path)
    found = read_log(path, flattens_tools=True)
    assert [turn["role"] for turn in found.rows[0]["prompt"]] == ["system", "user"]
    assert found.answers[0]["response"] == (
        'Let me look.\n[calls lookup: {"lang": "en", "term": "rash"}]\n\n[lookup returned: Rash: see skin.]\n\nKeep it dry.'
    )


def test_tools_of_an_earlier_turn_belong_to_the_assistant_that_called_them(tmp_path):
    later = [*with_tools(), ChatMessageUser(content="Thanks?"), ChatMessageAssistant(content="Keep it dry.")]
    found = read_log(written(tmp_path, sample(later)), flattens_tools=True)
    assert [turn["role"] for turn in found.rows[0]["prompt"]] == ["system", "user", "assistant", "user"]
    assert found.rows[0]["prompt"][2]["content"].startswith("Let me look.\n[calls lookup")
    assert found.answers[0]["response"] == "Keep it dry."


def test_an_answer_that_a_solver_put_into_the_output_alone_is_the_answer(tmp_path):
    found = read_log(written(tmp_path, sample([*ASKED, ChatMessageAssistant(content="Draft.")], "Final.")))
    assert found.answers[0]["response"] == "Final."


def test_criteria_can_be_given_for_all_samples(tmp_path):
    path = written(tmp_path, sample([*ASKED], metadata={}))
    with pytest.raises(InputError, match=r"has no criteria.*--criteria"):
        read_log(path)
    given = [{"criterion": "Is kind", "points": 2}]
    assert read_log(path, given).rows[0]["rubrics"] == [{"criterion": "Is kind", "points": 2, "tags": []}]
    with pytest.raises(InputError, match="are not criteria"):
        read_log(path, [{"criterion": "Is kind"}])


def test_a_sample_without_an_answer_is_an_error_or_named_and_left_out(tmp_path):
    failed = EvalError(message="out of\nmemory", traceback="", traceback_ansi="")
    good = sample([*ASKED, ChatMessageAssistant(content="Keep it dry.")], id="good")
    bad = sample([*ASKED], id="bad", error=failed, output=ModelOutput())
    silent = sample([*ASKED], id="silent", output=ModelOutput())
    path = written(tmp_path, good, bad, silent)
    with pytest.raises(InputError, match=r"has no answer.*--partial"):
        read_log(path)
    found = read_log(path, partial=True)
    assert [row["prompt_id"] for row in found.rows] == ["good"] == [row["prompt_id"] for row in found.answers]
    assert found.left_out == {"bad": "it failed: out of memory", "silent": "the model gave no output"}


def test_a_run_that_broke_off_is_taken_only_when_asked_for(tmp_path):
    path = written(tmp_path, sample([*ASKED, ChatMessageAssistant(content="Keep it dry.")]), status="cancelled")
    with pytest.raises(InputError, match="status cancelled"):
        read_log(path)
    assert len(read_log(path, partial=True).rows) == 1


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        ([], "holds no samples"),
        ([sample([ChatMessageAssistant(content="Hm.")])], "no message of a user"),
        ([sample([ChatMessageUser(content=[ContentImage(image="data:image/png;base64,AAAA")])])], "part of type image"),
        (
            [sample([*ASKED], metadata={"rubrics": RUBRICS, "prompt_id": "p"}, id=n) for n in (1, 2)],
            "'p' is there twice",
        ),
    ],
)
def test_what_cannot_be_graded_is_refused(tmp_path, samples, told):
    with pytest.raises(InputError, match=told):
        read_log(written(tmp_path, *samples))


def test_a_file_that_is_no_log_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_log(tmp_path / "none.eval")
    (tmp_path / "bad.eval").write_bytes(b"PK nothing")
    with pytest.raises(InputError, match="no log that Inspect can read"):
        read_log(tmp_path / "bad.eval")


def test_a_choice_question_of_ours_has_no_criteria_to_grade_by(tmp_path):
    write_log(tmp_path / "ours.eval", [chosen()], about())
    with pytest.raises(InputError, match="has no criteria"):
        read_log(tmp_path / "ours.eval")
