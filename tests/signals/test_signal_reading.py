"""Reading logs: three formats and flags; every bad row is refused with its line and reason, and does no harm."""

import json

import pytest

from primum.errors import InputError
from primum.signals import LogSettings
from primum.signals.reading import find_logs, read_conversations, read_flags
from primum.signals.reading_rows import Refused
from primum.signals.reading_shapes import Logged, LoggedTurn

SETTINGS = LogSettings(licence="CC0-1.0", consent="given")
ASKED = [{"role": "user", "content": "Is this rash contagious?"}]
SAID = [*ASKED, {"role": "assistant", "content": "It depends on its cause."}]


def written(folder, name, rows):
    path = folder / name
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def read(folder, settings=SETTINGS):
    files = find_logs([folder])
    return list(read_flags(files.flags, settings)), list(read_conversations(files.conversations, settings))


def one(folder, row, settings=SETTINGS):
    written(folder, "a.jsonl", [row])
    (found,) = read(folder, settings)[1]
    return found


def test_messages_end_with_the_answer(tmp_path):
    found = one(
        tmp_path, {"id": 7, "messages": [{"role": "system", "content": "Be kind."}, *SAID], "created": 1770537600}
    )
    assert isinstance(found, Logged)
    assert found.turns == (LoggedTurn("user", "Is this rash contagious?"),)
    assert (found.answer, found.id, found.day, found.system_turns) == ("It depends on its cause.", "7", "2026-02-08", 1)
    assert (found.consent, found.licence, found.finish) == ("given", "CC0-1.0", "unknown")
    assert one(tmp_path, {"messages": ASKED}).answer is None


def test_earlier_turns_stay_and_the_last_answer_is_the_answer(tmp_path):
    found = one(
        tmp_path,
        {"messages": [*SAID, {"role": "user", "content": "And now?"}, {"role": "assistant", "content": "Wait."}]},
    )
    assert [turn.role for turn in found.turns] == ["user", "assistant", "user"] and found.answer == "Wait."


def test_a_request_and_its_response_are_a_conversation(tmp_path):
    row = {
        "request": {"model": "m-1", "messages": ASKED},
        "response": {
            "id": "r-9",
            "choices": [{"finish_reason": "length", "message": {"role": "assistant", "content": "It"}}],
        },
    }
    found = one(tmp_path, row)
    assert (found.answer, found.finish, found.id, found.policy) == ("It", "length", "r-9", "m-1")
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert one(tmp_path, {"messages": [{"role": "user", "content": parts}]}).turns[0].content == "a\nb"


def test_a_record_of_the_gateway_is_a_conversation(tmp_path):
    row = {
        "contract": "primum.gateway/1",
        "id": "g-1",
        "at": "2026-03-01T08:00:00Z",
        "policy": {"name": "p"},
        "messages": ASKED,
        "answer": "Yes.",
        "finish": "stop",
        "guardian": {"judge": "g", "stance": "accept", "probability": 0.9, "action": "block"},
        "consent": "refused",
        "licence": "CC-BY-4.0",
    }
    found = one(tmp_path, row)
    assert (found.consent, found.licence, found.policy, found.guardian.action) == ("refused", "CC-BY-4.0", "p", "block")
    for change, reason in (
        ({"colour": 1}, "has no key 'colour'"),
        ({"contract": "primum.gateway/2"}, "is not primum.gateway/1"),
        ({"licence": None}, "needs 'licence'"),
        ({"messages": SAID}, "belong in answer"),
        ({"guardian": {"judge": "g", "stance": "maybe", "action": "pass"}}, "guardian stance is not one of"),
        ({"guardian": {"judge": "g", "stance": "accept", "action": "pass", "probability": 2}}, "between 0 and 1"),
    ):
        assert reason in one(tmp_path, row | change).reason


def test_columns_of_a_csv_file_can_be_named(tmp_path):
    text = 'frage,answer,id,consent,flag_reason,flag_severity,flag_role\n"a ""quoted""\nquestion",yes,1,同意,误拒,中,医生\nb,,2,no,,,\n'
    (tmp_path / "a.csv").write_text("\ufeff" + text, encoding="utf-8")
    settings = LogSettings(licence="x", columns={"prompt": "frage"})
    first, second = read(tmp_path, settings)[1]
    assert first.turns[0].content == 'a "quoted"\nquestion' and first.answer == "yes" and first.consent == "given"
    assert [(flag.reason, flag.severity, flag.role) for flag in first.flags] == [("wrong_refusal", 2, "医生")]
    assert second.answer is None and second.consent == "refused" and second.place.endswith("a.csv:4")
    (missing, _) = read(tmp_path)[1]
    assert "column 'prompt' is missing" in missing.reason


def test_a_reason_quotes_nothing_that_the_row_says(tmp_path):
    who = "Emily from reception"
    gateway = {"contract": "primum.gateway/1", "id": "x", "at": "2026-03-01", "consent": "given", "licence": "x"}
    gateway |= {"messages": ASKED}
    rows = [
        {"messages": ASKED, "consent": f"withdrawn by {who}"},
        {"messages": ASKED, "at": who},
        {"messages": [{"role": who, "content": "a"}]},
        gateway | {who: 1},
        gateway | {"contract": who},
        gateway | {"guardian": {"judge": "g", "stance": who, "action": "pass"}},
        gateway | {"guardian": {"judge": "g", "stance": "accept", "action": who}},
        gateway | {"guardian": {who: "g"}},
        {"messages": SAID, "flags": [{"role": "nurse", "reason": who, "severity": 1}]},
        {"messages": SAID, "flags": [{"role": "nurse", "reason": "unsafe", "severity": who}]},
        {"messages": SAID, "flags": [{who: 1}]},
        f'{{"{who}": 1, "{who}": 2}}',
    ]
    written(tmp_path, "a.jsonl", rows)
    (tmp_path / "headless.csv").write_text(f"1,I am {who}\n2,and so am I\n", encoding="utf-8")
    refused = read(tmp_path)[1]
    assert len(refused) == len(rows) + 1 and not any(who.lower() in one.reason.lower() for one in refused)
    assert "gateway/1 has no key of this name" in refused[3].reason and "severity is not 1, 2 or 3" in refused[9].reason


def test_what_is_no_file_is_named_among_the_others(tmp_path):
    written(tmp_path, "a.jsonl", [{"messages": ASKED}])
    (tmp_path / "lost.jsonl").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.jsonl").mkdir()
    found = find_logs([tmp_path])
    assert [one.name for one in found.conversations] == ["a.jsonl"] and [one.name for one in found.others] == [
        "lost.jsonl"
    ]


def test_flags_stand_in_the_row_or_in_a_file_of_their_own(tmp_path):
    flag = {"by": "A", "role": "clinician", "reason": "unsafe", "severity": 3, "note": "n"}
    written(tmp_path, "a.jsonl", [{"id": "x", "messages": SAID, "flags": [flag]}])
    written(tmp_path, "b.jsonl", [flag | {"conversation": "x"}, flag | {"conversation": "x", "severity": 9}])
    (tmp_path / "c.csv").write_text("conversation,role,reason,severity\nx,patient,unkind,1\n", encoding="utf-8")
    flags, (conversation,) = read(tmp_path)
    assert [getattr(flag, "reason", "") for flag in flags] == ["unsafe", "severity is not 1, 2 or 3", "unkind"]
    assert len(conversation.flags) == 1 and find_logs([tmp_path]).flags == (tmp_path / "b.jsonl", tmp_path / "c.csv")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "broken JSON"),
        ("[" * 100_000, "broken JSON"),
        ('{"messages":' + "[" * 900 + "]" * 900 + "}", "nested deeper"),
        ('{"a": "\\ud83d", "messages": []}', "broken JSON"),
        ('{"consent": "refused", "messages": [], "consent": "given"}', "names a key twice"),
        ('{"messages": [], "x": ' + "9" * 5000 + "}", "broken JSON"),
        ('"text"', "no JSON object"),
        ({"messages": []}, "not a list of turns"),
        ({"messages": [{"role": "user"}]}, "no text"),
        ({"messages": [{"content": "a"}]}, "has no role"),
        ({"messages": [{"role": "tool", "content": "a"}]}, "a role is not"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "not text"),
        ({"messages": [{"role": "assistant", "content": "a"}]}, "no user says the last word"),
        ({"messages": [{"role": "user", "content": " "}]}, "request is empty"),
        ({"messages": [{"role": "user", "content": "\u200b\u202e\x00"}]}, "request is empty"),
        ({"messages": ASKED, "consent": "perhaps"}, "consent is none of"),
        ({"messages": ASKED, "consent": "not required"}, "no basis"),
        ({"messages": ASKED, "created": "soon"}, "does not begin with a date"),
        ({"messages": ASKED, "created": 1e300}, "does not begin with a date"),
        ({"messages": ASKED, "flags": [{"reason": "unsafe"}]}, "role it was made"),
        ({"messages": ASKED, "flags": "bad"}, "not a list"),
        ({"conversation": "x", "reason": "unsafe"}, "file of their own"),
        ({"request": {"messages": ASKED}, "response": {"choices": []}}, "one choice"),
        ({"text": "a"}, "neither messages"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_the_others_are_read(tmp_path, row, reason):
    path = written(tmp_path, "a.jsonl", [{"messages": SAID}, row, {"messages": SAID}])
    first, refused, last = read(tmp_path)[1]
    assert isinstance(first, Logged) and isinstance(last, Logged)
    assert isinstance(refused, Refused) and refused.place == f"{path}:2" and reason in refused.reason


def test_a_row_that_is_too_long_is_passed_over_unread(tmp_path):
    written(tmp_path, "a.jsonl", ["x" * 5000, {"messages": SAID}])
    refused, found = read(tmp_path, LogSettings(licence="x", row_bytes=2000))[1]
    assert "longer than 2,000 bytes" in refused.reason and found.answer and found.place.endswith(":2")


def test_files_that_are_no_logs_are_one_line_each(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"PK\x03\x04 zipped")
    (tmp_path / "b.jsonl").write_text('[{"messages": []}]', encoding="utf-8")
    (tmp_path / "c.csv").write_bytes(b"")
    (tmp_path / "d.jsonl").write_bytes(b'{"messages": []}\n{"a": "\xff"}\n')
    (tmp_path / "e.csv").write_text('prompt,answer\n"never closed,b\nc,d\n', encoding="utf-8")
    (tmp_path / "f.csv").write_text("prompt,prompt\na,b\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    found = [one.reason for one in read(tmp_path)[1]]
    assert found[:3] == [
        "the file is no UTF-8 text",
        "the file is one JSON list: write one object a line",
        "the file is empty",
    ]
    assert found[3:5] == ["messages is not a list of turns", "byte 0xff is not UTF-8"]
    assert "broken CSV" in found[5] and found[-1] == "the file has two columns of one name"
    assert find_logs([tmp_path]).others == (tmp_path / "notes.txt",)


def test_a_place_without_logs_is_an_error(tmp_path):
    with pytest.raises(InputError, match="is not there"):
        find_logs([tmp_path / "nowhere"])
    with pytest.raises(InputError, match=r"holds no \.jsonl"):
        find_logs([tmp_path])
