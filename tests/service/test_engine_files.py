"""The exported files on their engines' contracts: each is loaded as its engine loads it, by a bare Python without any package, and asks the
real service over HTTP."""

import importlib.util
import json
import os
import resource
import subprocess
import sys

import pytest

from primum.cycles.reward_serving import ExportOrder, export_engine
from primum.errors import InputError, SettingError, StoreError
from primum.records import Turn
from primum.rewards.asked import Asked
from primum.rewards.pair_file import write_pairs
from primum.rewards.samples import PairSample
from primum.service.server import RewardService, ServiceSettings
from scorers import WordScorer, served

CRITERIA = [{"text": "says cold", "points": 3}, {"text": "tells to double", "kind": "safety", "points": -5}]
ROW = {"id": "q1", "prompt": "胰岛素怎么保存？", "criteria": CRITERIA}
GOOD = {"score": 0.9, "proficiency": 0.9, "excellence": 0.0, "vetoes": 0.0, "depth": 0.0, "unusable": 0.0}
VETOED = 0.2 - 1.5 - 0.2 * 0.8

# What stands in for the engines: their loaders and the two names that the files import from them.
LOADED = """
import importlib.util, json, sys, types
assert importlib.util.find_spec("primum") is None and importlib.util.find_spec("aiohttp") is None

class Tensor(list):
    dtype = None
torch = types.ModuleType("torch")
torch.float = "float"
def tensor(values, dtype):
    assert dtype == "float"
    return Tensor(values)
torch.tensor = tensor
class ORM:
    def __init__(self, args=None, **kwargs):
        self.args = args
plugin = types.ModuleType("swift.{plugin}")
plugin.ORM, plugin.orms = ORM, {{}}
sys.modules |= {{"torch": torch, "swift": types.ModuleType("swift"), "swift.{plugin}": plugin}}

spec = importlib.util.spec_from_file_location("custom_module", {file!r})
module = importlib.util.module_from_spec(spec)
sys.modules["custom_module"] = module
spec.loader.exec_module(module)
data = [json.loads(line) for line in open({data!r}, encoding="utf-8")]
"""


@pytest.fixture(scope="module")
def url():
    with served(RewardService(WordScorer(), settings=ServiceSettings(call_rows=256), token="s3cret")) as address:
        yield address


@pytest.fixture
def exported(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)  # no pyarrow: verl's data as JSONL
    queries = tmp_path / "queries.jsonl"
    queries.write_text(json.dumps(ROW) + "\n", encoding="utf-8")

    def export(engine, url, **more):
        found = export_engine(ExportOrder(engine, url, tmp_path / engine, queries=queries, **more))
        return found["files"]

    return export


def bare(files, code, plugin="rewards", **environment):
    """What `code` prints in a Python without site packages, environment or path, after the engine's loader ran."""
    told = LOADED.format(file=files[0], data=files[1], plugin=plugin) + code
    return subprocess.run(
        [sys.executable, "-S", "-I", "-c", told], capture_output=True, text=True, timeout=60, encoding="utf-8",
        env={"PATH": os.environ["PATH"], "PRIMUM_REWARD_TOKEN": "s3cret", **environment},
    )  # fmt: skip


def said(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_verl_gets_a_number_and_the_parts_with_the_same_keys_for_every_sample(exported, url):
    code = """
row = data[0]
def one(answer):  # as verl.experimental.reward_loop calls it, one sample a call
    return module.compute_score(data_source=row["data_source"], solution_str=answer,
        ground_truth=row["reward_model"]["ground_truth"], extra_info=row["extra_info"], reward_router_address=None)
truth = row["reward_model"]["ground_truth"]
batch = module.compute_score_batch(["primum"] * 3, ["cold", "double", "…"], [truth] * 3, [{}] * 3)
print(json.dumps([one("keep it cold"), one("…"), batch]))
"""
    good, silent, batch = said(bare(exported("verl", url), code))
    assert good == pytest.approx(GOOD)
    assert silent == pytest.approx(GOOD | {"score": 0.0, "proficiency": 0.0, "unusable": 1.0})
    assert [one["score"] for one in batch] == pytest.approx([0.9, VETOED, 0.0])
    assert all(set(one) == set(GOOD) for one in batch)


def test_openrlhf_gets_tensors_of_rewards_scores_and_logs(exported, url):
    code = """
prompt = "<|im_start|>user\\n" + data[0]["input"][0]["content"] + "<|im_end|>\\n<|im_start|>assistant\\n"
found = module.reward_func([prompt + "keep it cold<|im_end|>", prompt + "double it<|im_end|>"], [prompt] * 2, [data[0]["label"]] * 2)
assert type(found["rewards"]) is Tensor and type(found["extra_logs"]["vetoes"]) is Tensor
print(json.dumps(found))
"""
    found = said(bare(exported("openrlhf", url), code))
    assert found["rewards"] == pytest.approx([0.9, VETOED])
    assert found["scores"] == pytest.approx([(0.9 + 1.7) / 3, (VETOED + 1.7) / 3])
    assert found["extra_logs"] == {
        "proficiency": pytest.approx([0.9, 0.2]),
        "excellence": [0.0, 0.0],
        "vetoes": [0.0, 1.0],
        "depth": pytest.approx([0.0, 0.8]),
        "unusable": [0.0, 0.0],
    }


@pytest.mark.parametrize("plugin", ["rewards", "plugin"], ids=["ms-swift 4", "ms-swift 3"])
def test_swift_gets_a_list_of_numbers_from_the_class_it_finds_by_name(exported, url, plugin):
    code = """
made = plugin.orms["primum"]()
assert isinstance(made, ORM)
print(json.dumps(made(completions=["keep it cold", "double"], primum=[data[0]["primum"]] * 2, solution=[1, 2], trainer_state=None)))
"""
    assert said(bare(exported("swift", url), code, plugin)) == pytest.approx([0.9, VETOED])


def test_more_rows_than_a_call_may_hold_are_asked_in_parts_and_in_order(exported, url):
    code = """
answers = ["cold" if n % 3 else "warm" for n in range(600)]
rows = [module.row_of(data[0]["primum"], answer) for answer in answers]
print(json.dumps([row["reward"] for row in module.score(rows)]))
"""
    found = said(bare(exported("swift", url), code))
    assert found == pytest.approx([0.9 if n % 3 else 0.2 for n in range(600)])


def test_a_reward_that_cannot_be_had_is_an_error_and_never_a_number(exported, url):
    files = exported("verl", url)
    ask = 'module.compute_score("primum", "cold", {})'
    label = json.dumps(ROW | {"criteria": [{"text": "far too long"}]})
    unread = bare(files, ask.format(repr(label)))
    assert unread.returncode == 1 and "row 'q1' could not be read: ['a criterion does not fit" in unread.stderr
    wrong = bare(files, ask.format('data[0]["reward_model"]["ground_truth"]'), PRIMUM_REWARD_TOKEN="wrong")
    assert wrong.returncode == 1 and "/score answered 401" in wrong.stderr
    away = bare(files, ask.format('data[0]["reward_model"]["ground_truth"]'),
                PRIMUM_REWARD_URL="http://127.0.0.1:9", PRIMUM_REWARD_TRIES="1")  # fmt: skip
    assert away.returncode == 1 and "http://127.0.0.1:9/score cannot be reached" in away.stderr


def test_a_busy_service_and_half_an_answer_are_asked_again_until_there_is_one(exported):
    code = """
import http.server, threading
class Busy(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_POST(self):
        Busy.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"error": "busy"}' if Busy.asked < 3 else b'[{"id": "q1", "reward": 0.5, "parts": {}}]'
        self.send_response(503 if Busy.asked < 3 else 200)
        self.send_header("Retry-After", "0.05")
        self.send_header("Content-Length", str(len(body) + 100 * (Busy.asked == 3)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *told):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Busy)
threading.Thread(target=server.serve_forever, daemon=True).start()
module.SERVICE = f"http://127.0.0.1:{server.server_port}"
found = module.compute_score("primum", "cold", data[0]["reward_model"]["ground_truth"])
print(json.dumps([found, Busy.asked]))
"""
    assert said(bare(exported("verl", "http://127.0.0.1:1"), code)) == [{"score": 0.5, "unusable": 0.0}, 4]


def test_the_file_for_openrlhf_makes_tensors_of_the_real_torch(exported, url):
    files = exported("openrlhf", url)
    pytest.importorskip("torch", reason="torch is not installed: pip install 'primum[train]'")
    code = f"""
import json, runpy
found = runpy.run_path({files[0]!r})["reward_func"](["How?cold"], ["How?"], [json.loads(open({files[1]!r}).read())["label"]])
print(json.dumps([found["rewards"].tolist(), found["extra_logs"]["depth"][0].item(), found["scores"].mean().item()]))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=120,
        env={"PATH": os.environ["PATH"], "PRIMUM_REWARD_TOKEN": "s3cret", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    rewards, depth, score = said(done)
    assert rewards == pytest.approx([0.9]) and depth == 0.0 and score == pytest.approx(2.6 / 3)


def test_pairs_give_each_prompt_with_its_criteria_once(tmp_path):
    asked = (Asked(text="says cold"),)
    pairs = [
        PairSample(id=f"p{n}", prompt=(Turn(role="user", content=f"How {n % 2}?"),), first="cold", second=f"warm {n}",
                   criteria=asked, met_first=(True,), met_second=(False,), language="en", group=f"g{n}")
        for n in range(4)
    ]  # fmt: skip
    write_pairs(tmp_path / "pairs.jsonl", pairs)
    found = export_engine(ExportOrder("swift", "http://h:1", tmp_path / "o", pairs=tmp_path / "pairs.jsonl"))
    rows = [json.loads(line) for line in (tmp_path / "o/train.jsonl").read_text("utf-8").splitlines()]
    assert found["queries"] == 2 and [row["messages"][0]["content"] for row in rows] == ["How 0?", "How 1?"]


def test_verl_gets_parquet_where_it_can_be_written(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install 'primum[train]'")
    (tmp_path / "q.jsonl").write_text(json.dumps(ROW), "utf-8")
    found = export_engine(ExportOrder("verl", "http://h:1", tmp_path / "o", queries=tmp_path / "q.jsonl"))
    (row,) = parquet.read_table(found["files"][1]).to_pylist()
    assert json.loads(row["reward_model"]["ground_truth"])["id"] == "q1" and row["prompt"][0]["role"] == "user"


def test_what_cannot_be_exported_is_refused_and_nothing_is_written(tmp_path):
    queries = tmp_path / "q.jsonl"
    queries.write_text(json.dumps({"id": "a", "criteria": CRITERIA}) + "\n", "utf-8")
    order = ExportOrder("swift", "http://h:1", tmp_path / "o", queries=queries)
    with pytest.raises(InputError, match=r"query 'a' has no prompt: write its prompt \(.*q\.jsonl:1\)"):
        export_engine(order)
    queries.write_text(f"{json.dumps(ROW)}\n\n{json.dumps(ROW)}\n", "utf-8")
    with pytest.raises(InputError, match=r"query 'q1' was there before.*q\.jsonl:3"):
        export_engine(order)
    with pytest.raises(SettingError, match="url 'h:1' is no address"):
        export_engine(order._replace(url="h:1"))
    with pytest.raises(SettingError, match="both given or both missing"):
        export_engine(order._replace(queries=None))
    assert not list(tmp_path.glob("**/*.py")) and not (tmp_path / "o").exists()
    queries.write_text(json.dumps(ROW), "utf-8")
    export_engine(order)
    (tmp_path / "o/mine.txt").write_text("kept", "utf-8")
    with pytest.raises(SettingError, match="is there already: name another, or add --force"):
        export_engine(order)
    export_engine(order._replace(is_forced=True))
    assert (tmp_path / "o/mine.txt").read_text("utf-8") == "kept"


def test_a_disk_that_takes_no_more_is_named_and_nothing_half_is_left(tmp_path):
    queries = tmp_path / "q.jsonl"
    queries.write_text(json.dumps(ROW) + "\n", "utf-8")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limit[1]))
    try:
        with pytest.raises(StoreError, match=r"folder '.*o' cannot be written \(File too large\)"):
            export_engine(ExportOrder("swift", "http://h:1", tmp_path / "o", queries=queries))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert [one.name for one in tmp_path.iterdir()] == ["q.jsonl"]
