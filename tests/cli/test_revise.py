"""`primum revise` and `primum.revise()`: files in, every draft kept, a stopped run goes on, the budget holds, bad input leaves nothing."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

import primum
from primum.cli.revise import revise
from primum.cycles import revising, revising_parts
from primum.cycles.revising import RevisingOrder, revise_file
from primum.errors import InputError, PrimumError, SettingError
from primum.language import words
from primum.ports import Assessment
from primum.records import (
    ByRule,
    BySimulation,
    Criterion,
    Draft,
    Judgement,
    JudgeRef,
    Met,
    NotMet,
    PolicyRef,
    Principle,
    Response,
    Revision,
    Rubric,
    Scenario,
    Turn,
    Verdict,
    encode,
)
from primum.revision.guided import Revised
from primum.store import Store
from servers import ScriptedServer, fenced, scripted_reply

MADE = ByRule(rule="test")
ROWS = (
    (
        "zh1",
        "孩子发烧39度两天，需要吃抗生素吗？",
        "可以吃点阿莫西林。多喝水。",
        [("建议尽快就医检查。", 8, "kind:safety"), ("说明抗生素对病毒感染无效。", 5, "")],
    ),
    (
        "zh2",
        "高血压平时吃什么好？",
        "建议低盐饮食。",
        [("建议低盐饮食。", 5, ""), ("建议定期测量血压。", 4, ""), ("建议限制饮酒。", 3, "")],
    ),
    (
        "en1",
        "Is it safe to take ibuprofen with warfarin?",
        "Yes, that is fine.",
        [
            ("States that ibuprofen together with warfarin raises the risk of bleeding.", 9, "kind:safety"),
            ("Recommends speaking with a pharmacist before taking it.", 6, "axis:accuracy"),
        ],
    ),
)


class SharedWords:
    """Finds a criterion met when three fifths of its words stand in the answer: no judge to believe, but one that does not change."""

    def __init__(self, mark="1"):
        self.ref = JudgeRef(name="shared words", kind_of="rule", fingerprint=mark, made=MADE)

    def judge(self, cases, progress=None):
        return [self._one(case) for case in cases]

    def _one(self, case):
        said = set(words(case.response.text))
        verdicts = tuple(
            Verdict(
                response=case.response.id,
                criterion=one.id,
                judge=self.ref.id,
                outcome=Met() if len(said & set(asked := words(one.statement))) >= 0.6 * len(set(asked)) else NotMet(),
            )
            for one in case.criteria
        )
        told = tuple(one.id for one in verdicts)
        return Assessment(
            Judgement(response=case.response.id, judge=self.ref.id, stance="accept", verdicts=told), verdicts
        )


@pytest.fixture(autouse=True)
def _shared_words(monkeypatch, request):
    """The judge of every judge.toml, but where a test wants the one it names."""
    if "real_judge" in request.fixturenames:
        return
    load = revising.load_judge

    @contextmanager
    def loaded(path, *rest, **named):
        with load(path, *rest, **named) as opened:
            opened.judge = SharedWords("2" if path.stem == "second" else "1")
            yield opened

    monkeypatch.setattr(revising, "load_judge", loaded)


@pytest.fixture
def real_judge():
    """Asked for by a test that runs with the judge its file names."""


@pytest.fixture
def files(tmp_path):
    queries = [{"id": id, "query": query, "answer": answer} for id, query, answer, _ in ROWS]
    rubrics = [
        {
            "prompt_id": id,
            "prompt": [{"role": "user", "content": query}],
            "rubrics": [
                {"criterion": text, "points": points, "tags": [tag] if tag else []} for text, points, tag in told
            ],
            "example_tags": [],
        }
        for id, query, _, told in ROWS
    ]
    _write(tmp_path / "q.jsonl", queries)
    _write(tmp_path / "r.jsonl", rubrics)
    (tmp_path / "judge.toml").write_text('kind = "criteria_rule"\n', "utf-8")
    return tmp_path


def _write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def _rows(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _run(files, *further, rubrics=True):
    told = [str(files / "q.jsonl"), "--out", str(files / "out.jsonl"), "--judge", str(files / "judge.toml")]
    told += ["--workspace", str(files / "ws"), *(["--rubrics", str(files / "r.jsonl")] if rubrics else [])]
    return CliRunner().invoke(revise, [*told, *further], catch_exceptions=False)


def _chat(files, server, **changes):
    lines = [f"{key} = {json.dumps(value)}" for key, value in changes.items()]
    endpoint = f'[[endpoints]]\nbase_url = "{server.url}"\nmodel = "scripted"\nis_scripted = true\ntimeout_s = 2\n'
    (files / "chat.toml").write_text("\n".join([*lines, endpoint]), "utf-8")
    return "--chat", str(files / "chat.toml")


def test_answers_are_revised_offline_and_every_draft_is_kept(files):
    page = files / "page.html"
    shown = _run(files, "--embedded", "--page", str(page)).output
    rows = _rows(files / "out.jsonl")
    assert [row["id"] for row in rows] == ["zh1", "zh2", "en1"] and all(row["changed"] for row in rows)
    assert rows[1]["answer"] == "建议低盐饮食。建议您定期测量血压。建议您限制饮酒。"
    assert all("simulated" in row["made_by"] for row in rows) and "simulated" in shown
    assert "3 answers, revised by composed (simulated)" in shown and "nothing fails any more" in shown
    assert "The drafts are simulated" in page.read_text("utf-8")
    with Store.open(files / "ws", create=False) as store:
        assert store.verify() == []
        revisions = list(store.all(Revision))
        assert len(revisions) == 3
        for revision in revisions:
            drafts = [store.get(draft.response) for draft in revision.drafts]
            assert [isinstance(one, Response) for one in drafts] == [True] * len(drafts)
            assert isinstance(drafts[-1].made, BySimulation) and drafts[-1].revises == drafts[0].id
        entry = store.ledger()[-1]
        assert entry.event == "revise" and set(entry.subjects) == {one.id for one in revisions}


def test_the_hand_written_judge_of_free_text_steers_a_revision(files, real_judge):
    report = json.loads(_run(files, "--embedded", "--json").output)
    assert report["judge_name"] != "shared words" and report["changed"]["value"] > 0
    gain = report["rounds"][-1]["judge"]["proficiency"]["gain"]
    assert gain["at_least"] > 0
    for one in report["changes"]["returned"]["by_kind"].values():
        assert one["improved_count"] >= one["harmed_count"]


def test_the_rows_that_come_out_can_go_in_again_and_nothing_is_overwritten(files):
    first = json.loads(_run(files, "--embedded", "--json").output)
    with pytest.raises(SettingError, match="is there already"):
        _run(files, "--embedded")
    with pytest.raises(SettingError, match="is named twice"):
        _run(files, "--embedded", "--force", "--page", str(files / "out.jsonl"))
    with Store.open(files / "ws", create=False) as store:
        assert len(store.ledger()) == 1, "it was refused before anything was done"
    (files / "out.jsonl").replace(files / "q.jsonl")
    again = json.loads(_run(files, "--embedded", "--json", "--force").output)
    assert first["changed"]["value"] == 1.0 and again["changed"]["value"] == 0.0
    assert again["ended"] == {"nothing_fails": 3} and again["drafts"]["asked"] == 0


def _answering(prompt):
    """A model that answers badly and rewrites well."""
    if "failed" in fenced(prompt):
        points = fenced(prompt)["failed"]
        told = [
            line.split("：" if "：" in line else ": ", 1)[1].split("（")[0].split(" (the judge")[0]
            for line in points.splitlines()
        ]
        return json.dumps({"rewritten": " ".join(told)}, ensure_ascii=False)
    return "多喝水。" if any("\u4e00" <= mark <= "\u9fff" for mark in prompt) else "Drink water."


def test_a_chat_model_answers_and_rewrites_over_http_and_a_second_run_pays_nothing(files, monkeypatch):
    _write(files / "q.jsonl", [{"id": id, "query": query} for id, query, _, _ in ROWS])
    with ScriptedServer(reply=_answering) as server:
        report = json.loads(_run(files, *_chat(files, server), "--json").output)
        calls = server.answered.total()
        again = json.loads(_run(files, *_chat(files, server), "--json", "--force").output)
        assert server.answered.total() == calls >= 6
    rows = _rows(files / "out.jsonl")
    assert [row["drafts"][0]["text"] for row in rows] == ["多喝水。", "多喝水。", "Drink water."]
    assert report["changed"]["value"] == 1.0 and not report["is_simulated"] and again == report
    assert report["cost"]["completion_tokens"] > 0 and any("script stands in" in note for note in report["notes"])


def test_one_model_judges_answers_and_rewrites_through_a_storm(files, real_judge):
    _write(files / "q.jsonl", [{"id": id, "query": query} for id, query, _, _ in ROWS])

    def both(prompt):
        return scripted_reply(prompt) if "answer" in fenced(prompt) else _answering(prompt)

    with ScriptedServer(reply=both, faults=0.25, seed=11, silence_s=0.6, most_in_a_row=1) as server:
        chat = _chat(files, server)
        endpoint = (files / "chat.toml").read_text("utf-8")
        (files / "judge.toml").write_text(
            f'kind = "chat"\n{endpoint}\n[chat]\nasks_stance = false\nasks = 3\n', "utf-8"
        )
        report = json.loads(_run(files, *chat, "--json").output)
        calls = server.calls.total()
        again = json.loads(_run(files, *chat, "--json", "--force").output)
        assert server.faults and server.calls.total() == calls, "what was kept is not asked again"
    assert report["rounds"] == again["rounds"] and report["answers"] == 3
    assert report["cost"]["prompt_tokens"] > 0 and report["changed"]["value"] > 0
    with Store.open(files / "ws", create=False) as store:
        assert store.verify() == []


def test_a_policy_in_a_folder_answers_and_revises_itself(files):
    pytest.importorskip("torch", reason="the extra 'train' is not installed")
    from primum.models.tiny import TinySettings, build_tiny

    texts = [text for row in ROWS for text in row[1:3]]
    build_tiny(texts, TinySettings(), files / "policy", 0)
    _write(files / "q.jsonl", [{"id": ROWS[1][0], "query": ROWS[1][1]}])
    report = json.loads(_run(files, "--model", str(files / "policy"), "--rounds", "1", "--json").output)
    row = _rows(files / "out.jsonl")[0]
    assert report["writer"] == "policy" and report["answers"] == 1 and "model policy" in row["made_by"]
    with Store.open(files / "ws", create=False) as store:
        assert store.verify() == [] and next(store.all(PolicyRef)).weights


def test_a_run_that_was_stopped_goes_on_where_it_was(files, monkeypatch):
    monkeypatch.setattr(revising_parts, "PART", 1)
    whole = json.loads(_run(files, "--embedded", "--json").output)
    expected = _rows(files / "out.jsonl")
    asked = []
    rounds = revising_parts.revise

    def dying(cases, *rest):
        asked.append([case.scenario.prompt for case in cases])
        if len(asked) == 3:
            raise KeyboardInterrupt
        return rounds(cases, *rest)

    monkeypatch.setattr(revising_parts, "revise", dying)
    order = RevisingOrder(
        files / "q.jsonl",
        files / "new.jsonl",
        files / "judge.toml",
        files / "other",
        is_embedded=True,
        rubrics=files / "r.jsonl",
    )
    with pytest.raises(KeyboardInterrupt):
        revise_file(order)
    assert not (files / "new.jsonl").exists() and len(asked) == 3
    report = revise_file(order)
    assert asked[3:] == [[ROWS[2][1]]], "only the part that was not done is done"
    assert _rows(files / "new.jsonl") == expected and report["rounds"] == whole["rounds"]


@pytest.mark.parametrize("budget", [6, 7, 8, 9, 12, 30])
def test_the_budget_of_calls_is_never_passed(files, budget, monkeypatch):
    monkeypatch.setattr(revising_parts, "PART", 2)
    report = json.loads(_run(files, "--embedded", "--budget-calls", str(budget), "--json").output)
    cost = report["cost"]
    assert cost["drafts"] + cost["judged"] == report["all_calls"] <= budget and cost["judged"] >= 3
    assert ("budget" in report["ended"]) == (budget < 9)


def test_a_budget_that_pays_for_nothing_is_refused_before_anything_is_asked(files):
    with pytest.raises(SettingError, match="--budget-calls 2"):
        _run(files, "--embedded", "--budget-calls", "2")
    assert not (files / "out.jsonl").exists()


def test_best_of_several_answers_begins_the_revision(files):
    _write(files / "q.jsonl", [{"id": id, "query": query, "answer": answer} for id, query, answer, _ in ROWS])

    def drawing(prompt):
        if "failed" in fenced(prompt):
            return "no JSON"
        good = "建议低盐饮食，定期测量血压，限制饮酒。"
        return good if "高血压" in prompt else hashlib.sha256(prompt.encode()).hexdigest()

    with ScriptedServer(reply=drawing) as server:
        report = json.loads(_run(files, *_chat(files, server), "--best-of", "3", "--rounds", "1", "--json").output)
    rows = _rows(files / "out.jsonl")
    assert rows[1]["answer"].startswith("建议低盐饮食，定期") and rows[1]["best_of"]["by"] == "surely_best"
    assert report["ended"]["nothing_fails"] >= 1 and report["cost"]["judged"] == 0
    assert (
        report["all_calls"] >= 3 * 2 + 3 * 2 and report["all_tokens"] > 0
    )  # two drawn beside the row's own, then judged
    with pytest.raises(SettingError, match="best of 3"):
        _run(files, "--embedded", "--best-of", "3", "--force")


def test_a_second_judge_measures_beside_the_one_that_steers(files):
    (files / "second.toml").write_text('kind = "criteria_rule"\n', "utf-8")
    report = json.loads(_run(files, "--embedded", "--second", str(files / "second.toml"), "--json").output)
    assert report["second"] != report["judge"]  # by name: they say the same, so what they tell must be the same
    for one in report["rounds"]:
        assert one["second"] == one["judge"]


def _principles(language="en"):
    asked = Scenario(
        messages=(Turn(role="user", content="Is aspirin safe?"),),
        task="open",
        dimension="test",
        language=language,
        dataset="test",
        made=MADE,
    )
    criterion = Criterion(
        statement="Recommends asking a doctor or pharmacist before combining medicines.",
        points=7,
        axis="accuracy",
        kind_of="proficiency",
        language=language,
        made=MADE,
    )
    rubric = Rubric(scenario=asked.id, criteria=(criterion.id,), made=MADE)
    principle = Principle(
        statement=criterion.statement,
        language=language,
        applies_when={},
        points=7,
        axis="accuracy",
        kind_of="proficiency",
        criteria=(criterion.id,),
        rubrics=(rubric.id,),
        made=MADE,
    )
    return [asked, criterion, rubric, principle]


def test_without_rubrics_they_are_synthesised_from_principles_of_a_file_or_of_the_workspace(files):
    records = _principles()
    file = files / "principles.jsonl"
    file.write_bytes(b"\n".join(encode(one) for one in records))
    _write(
        files / "q.jsonl",
        [
            {"id": ROWS[2][0], "query": ROWS[2][1], "answer": ROWS[2][2]},
            {"id": "zh", "query": "头痛？", "answer": "休息。"},
        ],
    )
    report = json.loads(_run(files, "--embedded", "--principles", str(file), "--json", rubrics=False).output)
    assert report["answers"] == 1 and report["not_revised"] == [{"id": "zh", "why": "no principle bears on it"}]
    rows = _rows(files / "out.jsonl")
    assert "pharmacist" in rows[0]["answer"] and rows[1]["answer"] == "休息。" and rows[1]["ended"] == "not_revised"
    with Store.open(files / "ws", create=False) as store:
        assert store.verify() == [] and next(store.all(Revision)).principles == (records[-1].id,)
    again = json.loads(_run(files, "--embedded", "--json", "--force", rubrics=False).output)
    assert again["rounds"] == report["rounds"]
    file.write_bytes(encode(records[-1]))
    with pytest.raises(InputError, match="rests on"):
        revise_file(
            RevisingOrder(
                files / "q.jsonl",
                files / "o.jsonl",
                files / "judge.toml",
                files / "empty",
                is_embedded=True,
                principles=file,
            )
        )


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda f: _write(f / "q.jsonl", [{"id": "a"}]), "q.jsonl:1"),
        (lambda f: _write(f / "q.jsonl", [{"id": "a", "query": "x?", "wrong": 1}]), "wrong"),
        (lambda f: _write(f / "q.jsonl", [{"id": "a", "query": " ", "answer": "b"}]), "asks nothing"),
        (lambda f: _write(f / "q.jsonl", [{"id": "a", "query": "x?", "answer": " "}]), "is empty"),
        (lambda f: _write(f / "q.jsonl", [{"id": "a", "query": "x?", "answer": "b"}] * 2), "was there before"),
        (lambda f: _write(f / "q.jsonl", [{"id": "a", "query": "x?", "answer": "b"}]), "have no rubric"),
        (lambda f: _write(f / "q.jsonl", [{"id": "zh1", "query": "Another one?", "answer": "b"}]), "another query"),
        (lambda f: _write(f / "q.jsonl", [{"id": row[0], "query": row[1]} for row in ROWS]), "has no answer"),
        (lambda f: (f / "q.jsonl").unlink(), "cannot be read"),
        (lambda f: (f / "judge.toml").write_text('kind = "oracle"'), "judge.toml"),
        (
            lambda f: (f / "r.jsonl").write_text(
                (f / "r.jsonl").read_text("utf-8").replace("kind:safety", "kind:veto"), "utf-8"
            ),
            "kind:veto",
        ),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(files, spoil, why):
    spoil(files)
    with pytest.raises(PrimumError) as caught:
        _run(files, "--embedded")
    assert why in str(caught.value) and "\n" not in str(caught.value)
    assert not (files / "out.jsonl").exists() and not (files / "ws").exists()


def test_options_that_do_not_go_together_are_refused(files):
    for told in ((), ("--embedded", "--chat", str(files / "judge.toml"))):
        with pytest.raises(SettingError, match="writers"):
            _run(files, *told)
    with pytest.raises(SettingError, match="files to read"):
        CliRunner().invoke(
            revise,
            [
                str(files / "q.jsonl"),
                "--out",
                str(files / "q.jsonl"),
                "--judge",
                str(files / "judge.toml"),
                "--embedded",
            ],
            catch_exceptions=False,
        )


def test_in_python_it_takes_texts_rows_or_a_file_and_stores_nothing(files):
    found = primum.revise(
        files / "q.jsonl", judge=files / "judge.toml", rubrics=files / "r.jsonl", rounds=2, budget_calls=20
    )
    assert (
        all(isinstance(one, Revised) for one in found)
        and [one.revision.ended for one in found] == ["nothing_fails"] * 3
    )
    assert isinstance(found[0].revision.drafts[0], Draft)
    _run(files, "--embedded")
    assert [row["answer"] for row in _rows(files / "out.jsonl")] == [one.chosen.text for one in found]
    criterion = _principles()[1]
    rows = [
        {"id": "a", "query": "Is aspirin safe?", "answer": "Yes."},
        {"id": "b", "query": "And tea?", "answer": "Yes."},
    ]
    one, other = primum.revise(rows, judge=files / "judge.toml", rubrics={"a": [criterion]})
    assert "pharmacist" in one.chosen.text and other == "it has no rubric"
    with pytest.raises(SettingError, match="round"):
        primum.revise(rows, judge=files / "judge.toml", rubrics={"a": [criterion]}, round=2)
    with pytest.raises(InputError, match="has no answer"):
        primum.revise(["Is aspirin safe?"], judge=files / "judge.toml", rubrics={"0": [criterion]})


PANEL = 'kind = "panel"\n[[members]]\nkind = "criteria_rule"\n[[members]]\nkind = "criteria_reader"\n'


def test_what_is_refused_takes_nothing_that_was_there(files):
    _run(files, "--embedded")
    before = {path.name: path.read_bytes() for path in (files / "ws").iterdir() if path.suffix != ".db"}
    with Store.open(files / "ws", create=False) as store:
        count = store.count()
    with pytest.raises(SettingError, match="--budget-calls 2"):
        _run(files, "--embedded", "--budget-calls", "2", "--force")
    with Store.open(files / "ws", create=False) as store:
        assert store.count() == count
    assert before.keys() <= {path.name for path in (files / "ws").iterdir()}
    (files / "bare").mkdir()
    (files / "bare" / "mine.txt").write_text("mine", "utf-8")
    order = RevisingOrder(
        files / "q.jsonl", files / "o.jsonl", files / "judge.toml", files / "bare", is_embedded=True, budget_calls=2
    )
    with pytest.raises(InputError, match="have no rubric"):
        revise_file(order)
    assert [path.name for path in (files / "bare").iterdir()] == ["mine.txt"]


def test_a_panel_is_kept_with_its_members(files, real_judge):
    (files / "judge.toml").write_text(PANEL, "utf-8")
    _run(files, "--embedded")
    with Store.open(files / "ws", create=False) as store:
        assert store.verify() == []
        panel = next(one for one in store.all(JudgeRef) if one.kind_of == "panel")
        assert len(panel.members) == 2 and all(store.has(one) for one in panel.members)


@pytest.mark.parametrize("steers", ["itself", "a member"])
def test_the_judge_that_steers_cannot_be_the_second(files, real_judge, steers):
    (files / "second.toml").write_text('kind = "criteria_rule"\n', "utf-8")
    if steers == "a member":
        (files / "judge.toml").write_text(PANEL, "utf-8")
    with pytest.raises(SettingError, match="is the judge that steers") as caught:
        _run(files, "--embedded", "--second", str(files / "second.toml"))
    assert "\n" not in str(caught.value) and not (files / "ws").exists() and not (files / "out.jsonl").exists()


def test_one_chat_model_asked_in_another_way_is_no_second_judge(files, real_judge):
    with ScriptedServer() as server:
        for name, asked in (("judge", 1), ("second", 2)):
            told = f'kind = "chat"\n[chat]\ncriteria_per_call = {asked}\n[[endpoints]]\nbase_url = "{server.url}"\n'
            (files / f"{name}.toml").write_text(f'{told}model = "one"\nis_scripted = true\n', "utf-8")
        with pytest.raises(SettingError, match="stands on the same model"):
            _run(files, "--embedded", "--second", str(files / "second.toml"))
        assert not server.calls and not (files / "ws").exists()


def test_the_engine_of_the_judges_file_is_the_one_that_runs(files, real_judge, monkeypatch):
    with ScriptedServer() as server:
        chat = f'kind = "chat"\n[engine]\nwindow = 3\n[[endpoints]]\nbase_url = "{server.url}"\n'
        for name, model in (("judge", "one"), ("second", "two")):
            (files / f"{name}.toml").write_text(f'{chat}model = "{model}"\nis_scripted = true\n', "utf-8")
        windows = []
        engine = revising.Engine
        monkeypatch.setattr(
            revising,
            "Engine",
            lambda judge, settings=None: (
                windows.append(settings and settings.window) or engine(judge, settings=settings)
            ),
        )
        _run(files, "--embedded", "--second", str(files / "second.toml"), "--rounds", "1")
        judged = files / "judge.toml"
        primum.revise(files / "q.jsonl", judge=judged, rubrics=files / "r.jsonl", rounds=1)
    assert windows == [3, 3, 3]


def test_in_python_a_path_may_be_a_text(files):
    told = {"judge": files / "judge.toml", "rubrics": files / "r.jsonl"}
    whole = primum.revise(files / "q.jsonl", **told)
    again = primum.revise(str(files / "q.jsonl"), **{name: str(path) for name, path in told.items()})
    assert [one.revision for one in again] == [one.revision for one in whole]
    file = files / "principles.jsonl"
    file.write_bytes(b"\n".join(encode(one) for one in _principles()))
    row = {"id": "a", "query": ROWS[2][1], "answer": ROWS[2][2]}
    one = primum.revise([row], judge=str(files / "judge.toml"), principles=str(file))[0]
    assert "pharmacist" in one.chosen.text
    with ScriptedServer(reply=lambda prompt: "Speak with a pharmacist.") as server:
        chat = _chat(files, server)[1]
        row.pop("answer")
        first = primum.revise([row], judge=told["judge"], model=chat, principles=str(file), rounds=1)[0]
        assert first.case.first.text == "Speak with a pharmacist."
