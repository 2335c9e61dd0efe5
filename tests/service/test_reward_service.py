"""The reward over HTTP: rows and lists of them, every way to be refused, calls that are scored together, and a stop that loses nothing."""

import concurrent.futures
import http.client
import json
import threading
import time
from urllib.parse import urlsplit

import pytest

from primum.errors import SettingError
from primum.rewards.asked import Asked
from primum.rewards.model_reward import RewardQuery
from primum.service.batching import Batcher, BatchSettings, Busy
from primum.service.server import RewardService, ServiceSettings, service_settings_of, token_in
from scorers import WordScorer, item, posted, row, served

RUBRIC = RewardQuery("r1", (), (Asked(text="says cold"), Asked(text="says double", kind="safety", points=-5)))


@pytest.fixture(scope="module")
def url():
    settings = ServiceSettings(call_rows=20, call_bytes=20_000)
    with served(RewardService(WordScorer(), [RUBRIC], settings)) as address:
        yield address


class Gate:
    """A scorer that waits until it is let go, and says when it has begun."""

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self):
        self.begun.set()
        assert self.go.wait(20)


def test_a_row_gets_its_scores_and_a_list_as_many(url):
    one = posted(f"{url}/score", row("keep it cold", "says cold", "says dark"))
    assert one.status == 200
    assert one.body == {
        "id": "q",
        "scores": [pytest.approx(2.1972, abs=1e-4), pytest.approx(-1.3863, abs=1e-4)],
        "probabilities": [0.9, 0.2],
        "reward": pytest.approx(0.55),
        "parts": {"proficiency": pytest.approx(0.55), "excellence": 0, "vetoes": 0, "depth": 0.0},
    }
    many = posted(f"{url}/score", [row("cold", "says cold", id=f"n{n}") for n in range(3)])
    assert [found["id"] for found in many.body] == ["n0", "n1", "n2"]
    assert posted(f"{url}/score", []).body == []


def test_a_criterion_that_cannot_be_read_is_null_in_its_place_with_its_reason(url):
    found = posted(f"{url}/score", row("冷藏 cold", "says cold", "far too long", id="甲"))
    assert found.status == 200 and found.body["id"] == "甲"
    assert found.body["scores"][1] is None and found.body["probabilities"] == [0.9, None]
    assert found.body["abstained"] == [None, "a criterion does not fit into 16 tokens"]
    assert found.body["reward"] is None and found.body["parts"] is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "is broken JSON"),
        (b"\xff{}", "is not UTF-8"),
        (b"", "is broken JSON"),
        (b"3", "is no object"),
        (b'{"id": "a", "id": "b"}', "is there twice in one object"),
        (b'{"id": NaN}', "is broken JSON"),
        (row("x"), "the criteria of a row are none: give at least one (request)"),
        (row("x", " "), "a criterion says nothing: write its text (request)"),
        (row("x", "says cold") | {"prompt": []}, "does not end with something a user says"),
        ([row("x", "y"), row("x", "y") | {"id": 3}], "(request, row 2)"),
        ([row("x", "y"), {"id": "a"}], "missing required field `prompt`"),
        (row("x", "y") | {"criteria": [{"text": "a", "kind": "good"}]}, "Invalid enum value"),
        (row("x", "y") | {"criteria": [{"text": "a", "pionts": 3}]}, "unknown field `pionts`"),
        (b"[" * 5000, "is broken JSON"),
    ],
)
def test_what_is_no_row_is_refused_in_one_line(url, body, told):
    found = posted(f"{url}/score", body)
    assert found.status == 400 and told in found.body["error"] and "\n" not in found.body["error"]


def test_other_addresses_and_verbs_are_refused_in_one_line_too(url):
    assert posted(f"{url}/scores", {})[:2] == (404, {"error": "POST /scores: Not Found"})
    wrong = posted(f"{url}/score")
    assert wrong[:2] == (405, {"error": "GET /score: Method Not Allowed"}) and wrong.headers["Allow"] == "POST"


def test_too_much_at_once_is_refused(url):
    rows = [row("cold", "says cold")] * 21
    assert posted(f"{url}/score", rows)[:2] == (413, {"error": "21 rows are more than 20: send them in parts"})
    assert posted(f"{url}/score", rows[:20]).status == 200
    assert posted(f"{url}/score", row("c" * 20_000, "says cold"))[:2] == (
        413,
        {"error": "the body is too large: send it in parts"},
    )


def test_it_says_how_it_is_and_what_it_is(url):
    health = posted(f"{url}/health").body
    assert health["status"] == "ok" and health["name"] == "words" and health["rows"] > 0 and health["waiting"] == 0
    card = posted(f"{url}/card").body
    assert card["fingerprint"] == "w1" and card["shape"] == "clipped" and card["rubrics"] == 1
    assert card["reward"] == {"alpha": 0.1, "beta": 0.3, "veto_weight": 1.5, "veto_depth": 0.2}


def test_openrlhf_asks_in_its_own_shape(url):
    label = json.dumps({"id": "own", "prompt": "How?", "criteria": [{"text": "says cold"}]})
    body = {
        "query": ["<|im_start|>How?\nkeep it cold<|im_end|>", "Why?double it</s>"],
        "prompts": ["<|im_start|>How?\n", "Why?"],
        "labels": [label, "r1"],
    }
    found = posted(f"{url}/reward", body)
    assert found.status == 200
    # r1 of "double it": S1 = .2, one veto of depth .8; 0 … 1 from −1.7 to 1.3
    assert found.body["rewards"] == [pytest.approx(0.9), pytest.approx(0.2 - 1.5 - 0.16)]
    # without a veto the least is 0: .9 / 1.3
    assert found.body["scores"] == [pytest.approx(0.9 / 1.3), pytest.approx((-1.46 + 1.7) / 3)]
    assert found.body["extra_logs"]["vetoes"] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("changed", "status", "told"),
    [
        ({"labels": ["r2"]}, 400, "label 'r2' names no query that is served"),
        ({"labels": []}, 400, "are not of one length"),
        ({"query": ["Who?double"]}, 400, "does not begin with its prompt"),
        ({"query": "Why?"}, 400, "is not as it should be"),
        ({"labels": ['{"id": "a", "criteria": [{"text": "far too long"}]}']}, 422, "could not be read: a criterion"),
    ],
)
def test_what_openrlhf_cannot_be_told_is_an_error_and_no_number(url, changed, status, told):
    found = posted(f"{url}/reward", {"query": ["Why?double"], "prompts": ["Why?"], "labels": ["r1"]} | changed)
    assert found.status == status and told in found.body["error"]


def test_with_a_token_all_but_health_asks_for_it():
    with served(RewardService(WordScorer(), token="s3cret")) as url:
        assert posted(f"{url}/health").status == 200
        for headers in ({}, {"Authorization": "Bearer s3cre"}, {"Authorization": "s3cret"}):
            found = posted(f"{url}/score", row("cold", "says cold"), **headers)
            assert found.status == 401 and "token" in found.body["error"]
            assert found.headers["WWW-Authenticate"] == "Bearer"
        assert posted(f"{url}/card").status == 401
        assert posted(f"{url}/score", row("cold", "says cold"), Authorization="Bearer s3cret").status == 200


@pytest.mark.parametrize("token", ["", " ", "a b", "ключ", "a\n"])
def test_a_token_that_no_header_carries_is_refused(monkeypatch, token):
    monkeypatch.setenv("PRIMUM_REWARD_TOKEN", token)
    with pytest.raises(SettingError, match="is empty or no word of ASCII"):
        token_in("PRIMUM_REWARD_TOKEN")
    monkeypatch.delenv("PRIMUM_REWARD_TOKEN")
    assert token_in("PRIMUM_REWARD_TOKEN") is None


def test_calls_that_come_together_are_scored_together():
    gate = Gate()
    scorer = WordScorer(gate)
    with served(RewardService(scorer)) as url, concurrent.futures.ThreadPoolExecutor(24) as pool:
        first = pool.submit(posted, f"{url}/score", row("first", "says cold"))
        assert gate.begun.wait(10)
        others = [pool.submit(posted, f"{url}/score", row(f"cold {n}", "says cold", id=f"n{n}")) for n in range(20)]
        until = time.monotonic() + 10
        while posted(f"{url}/health").body["waiting"] < 21 and time.monotonic() < until:
            time.sleep(0.01)
        gate.go.set()
        assert first.result().status == 200
        assert [one.result().body["id"] for one in others] == [f"n{n}" for n in range(20)]
    assert scorer.sizes == [1, 20]


def test_one_call_that_breaks_the_model_does_not_take_the_others_with_it():
    gate = Gate()
    with served(RewardService(WordScorer(gate))) as url, concurrent.futures.ThreadPoolExecutor(4) as pool:
        first = pool.submit(posted, f"{url}/score", row("first", "says cold"))
        assert gate.begun.wait(10)
        bad = pool.submit(posted, f"{url}/score", row("x", "is broken"))
        good = pool.submit(posted, f"{url}/score", row("cold", "says cold"))
        until = time.monotonic() + 10
        while posted(f"{url}/health").body["waiting"] < 3 and time.monotonic() < until:
            time.sleep(0.01)
        gate.go.set()
        assert first.result().status == good.result().status == 200
        assert bad.result()[:2] == (500, {"error": "the double is broken: mend it (double)"})


def test_a_full_queue_says_when_to_come_back_and_a_slow_answer_that_it_is_slow():
    gate = Gate()
    settings = ServiceSettings(answer_s=0.3, batching=BatchSettings(queue_rows=2))
    with served(RewardService(WordScorer(gate), settings=settings)) as url:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            slow = pool.submit(posted, f"{url}/score", [row("first", "says cold")] * 2)
            assert gate.begun.wait(10)
            busy = posted(f"{url}/score", row("second", "says cold"))
            assert busy[:2] == (503, {"error": "too many rows wait: ask again later"})
            assert float(busy.headers["Retry-After"]) >= 1
            assert slow.result()[:2] == (
                504,
                {"error": "no answer within 0.3 s: send fewer rows at once, or ask again later"},
            )
        gate.go.set()


def test_a_body_that_does_not_come_is_not_waited_for():
    with served(RewardService(WordScorer(), settings=ServiceSettings(read_s=0.2))) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        connection.putrequest("POST", "/score")
        connection.putheader("Content-Length", "100")
        connection.endheaders(b'{"id": ')
        found = connection.getresponse()
        assert found.status == 408 and json.loads(found.read())["error"].startswith(
            "the body did not come within 0.2 s"
        )
        connection.close()


def test_a_caller_that_went_away_is_dropped_unscored():
    gate = Gate()
    scorer = WordScorer(gate)
    batcher = Batcher(lambda items: list(scorer.score(items)), BatchSettings(rows=1, wait_ms=0))
    first = batcher.submit([item("first", "says cold")])
    assert gate.begun.wait(10)
    gone, kept = batcher.submit([item("gone", "says cold")]), batcher.submit([item("cold", "says cold")])
    assert gone.cancel()
    gate.go.set()
    assert first.result(10) and kept.result(10)[0].probabilities == (0.9,)
    batcher.close()
    assert batcher.counted() == (2, 2, 1, 0) and scorer.sizes == [1, 1]
    with pytest.raises(Busy):
        batcher.submit([item("late", "says cold")])


def test_whoever_is_answered_may_ask_again_at_once():
    gate, seen = Gate(), []
    scorer = WordScorer(gate)
    batcher = Batcher(lambda items: list(scorer.score(items)), BatchSettings(wait_ms=0))
    said = batcher.submit([item("cold", "says cold")])
    said.add_done_callback(lambda _: seen.append(batcher.counted().waiting))  # called as it is answered
    gate.go.set()
    batcher.close()
    assert said.done() and seen == [0]


def test_a_batch_is_no_larger_than_set_and_what_waits_is_scored_before_the_end():
    gate = Gate()
    scorer = WordScorer(gate)
    batcher = Batcher(lambda items: list(scorer.score(items)), BatchSettings(rows=3, wait_ms=0))
    said = [batcher.submit([item("first", "says cold")])]
    assert gate.begun.wait(10)
    said += [batcher.submit([item(f"cold {n}", "says cold")] * 2) for n in range(3)]
    said.append(batcher.submit([item("cold", "says cold")] * 7))
    gate.go.set()
    batcher.close()
    assert [len(one.result(0)) for one in said] == [1, 2, 2, 2, 7]
    assert scorer.sizes == [1, 2, 2, 2, 7]


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["call_rows=0"], "call_rows = 0 is not above 0"),
        (["batching.rows=0"], "rows 0"),
        (["score.reward.veto_weight=1"], "below 1 + beta"),
        (["score.shape=lexicographic"], "score.shape"),
        (["port=3"], "port"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(overrides, told):
    with pytest.raises(SettingError) as refused:
        service_settings_of(overrides)
    assert told in str(refused.value) and "--set" in str(refused.value)
