"""The reward for engines that live in other environments: one file each with exactly the function or class it loads, and its data.

Nothing of these engines is imported here. What was read of each, and what it does with a reward function:

- **verl**, `docs/preparation/reward_function.rst` and `verl/experimental/reward_loop/reward_manager/naive.py` of verl-project/verl (the
  reward loop of 0.7 and later), `verl/workers/reward_manager/{naive,batch}.py` (0.4–0.6): `compute_score(data_source, solution_str,
  ground_truth, extra_info=None, **kwargs)` returns a number, or a dict whose `score` is the reward and whose other keys are logged and must
  be the same for every sample. Synchronous functions run in a thread pool, one sample a call. The batch manager of 0.4–0.6 calls
  `(data_sources, solution_strs, ground_truths, extra_infos)`; later versions have none (verl-project/verl#7271). The prompt is not passed:
  it travels in `ground_truth`.
- **OpenRLHF** 0.10.2, its documentation of the execution modes, `openrlhf/utils/agent.py`, `openrlhf/cli/serve_rm.py` and
  `trainer/ppo_utils/samples_generator.py`: `reward_func(queries, prompts, labels, **kwargs)` gives tensors `rewards` and `scores` (0 … 1,
  for dynamic filtering) and `extra_logs`, whose first number is logged; or the same keys over HTTP from `{"query", "prompts", "labels"}`.
  It calls with one sample at a time, from threads, and **logs an exception without stopping**: the sample has no reward then.
- **ms-swift** 3.x and 4.x, `docs/source_en/Instruction/GRPO/DeveloperGuide/reward_function.md` and `swift/rewards/orm.py`: a class with
  `__call__(self, completions, **kwargs) -> list[float]` in `orms`; columns of the data come as lists. `swift.plugin` of 3.x is
  `swift.rewards` in 4.x.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from typing import Any, Final, Literal, NamedTuple

from primum.rewards.asked import Asked, Parts
from primum.rewards.combine import RewardSettings, combine_parts
from primum.rewards.model_reward import RewardQuery

__all__ = [
    "ENGINES",
    "Engine",
    "EngineName",
    "completion_in",
    "data_rows",
    "label_of",
    "launch_page",
    "reward_file",
    "unit_reward",
]

EngineName = Literal["verl", "openrlhf", "swift"]

_MARK: Final = "# --- copied into the files that engines load ---\n"
# How a decoded answer may end: end-of-turn and end-of-text signs of the chat templates in use, and padding.
_ENDINGS: Final = (
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<|end|>",
    "<|return|>",
    "<end_of_turn>",
    "<｜end▁of▁sentence｜>",
    "<eos>",
    "</s>",
    "<pad>",
)


class Engine(NamedTuple):
    """What is written for an engine: the name of its file, the code below the client, how it is launched, the name of its data."""

    name: EngineName
    file: str
    code: str
    launch: str
    data: str


_VERL: Final = '''

def compute_score(data_source, solution_str, ground_truth, extra_info=None, **kwargs):
    """The reward of one answer and its parts. `ground_truth` is the query's label: id, prompt and criteria as JSON."""
    return flat(score([row_of(ground_truth, solution_str)])[0])


def compute_score_batch(data_sources, solution_strs, ground_truths, extra_infos=None, **kwargs):
    """The same for a batch: verl 0.4–0.6 with reward_manager=batch and name=compute_score_batch."""
    rows = [row_of(label, answer) for label, answer in zip(ground_truths, solution_strs)]
    return [flat(row) for row in score(rows)]
'''
_OPENRLHF: Final = '''

def reward_func(queries, prompts, labels, **kwargs):
    """Rewards, scores in 0 … 1 for dynamic filtering, and the parts of the reward. OpenRLHF logs what this raises and goes on without a
    reward for the sample: watch its log for "Failed to fetch reward"."""
    import torch

    found = ask("/reward", {"query": list(queries), "prompts": list(prompts), "labels": list(labels)})
    if len(found["rewards"]) != len(queries):
        raise RewardServiceError(f"{SERVICE}/reward gave {len(found['rewards'])} rewards to {len(queries)} answers")
    return {
        "rewards": torch.tensor(found["rewards"], dtype=torch.float),
        "scores": torch.tensor(found["scores"], dtype=torch.float),
        "extra_logs": {name: torch.tensor(values, dtype=torch.float) for name, values in found["extra_logs"].items()},
    }
'''
_SWIFT: Final = '''
try:
    from swift.rewards import ORM, orms  # ms-swift 4
except ImportError:
    from swift.plugin import ORM, orms  # ms-swift 3


class PrimumReward(ORM):
    """One reward a completion, in order; the column `primum` holds the label of each query."""

    def __call__(self, completions, primum, **kwargs) -> list[float]:
        rows = [row_of(label, answer) for label, answer in zip(primum, completions)]
        return [float(row["reward"]) for row in score(rows)]


orms["primum"] = PrimumReward
'''
_LAUNCH_VERL: Final = """python3 -m verl.trainer.main_ppo \\
    algorithm.adv_estimator=grpo \\
    data.train_files={out}/{data} data.val_files={out}/{data} \\
    actor_rollout_ref.model.path=POLICY actor_rollout_ref.rollout.n=8 \\
    reward.custom_reward_function.path={out}/{file} reward.custom_reward_function.name=compute_score
# verl 0.4–0.6: custom_reward_function.path=… custom_reward_function.name=compute_score_batch reward_model.reward_manager=batch"""
_LAUNCH_OPENRLHF: Final = """python3 -m openrlhf.cli.train_ppo_ray \\
    --actor.model_name_or_path POLICY \\
    --data.prompt_dataset {out}/{data} --data.input_key input --data.label_key label --data.apply_chat_template \\
    --reward.remote_url {out}/{file} \\
    --algo.advantage.estimator group_norm --rollout.n_samples_per_prompt 8
# The service speaks this engine's language too: --reward.remote_url {url}/reward does without the file (and without a token).
# Before 0.10 the options are --pretrain, --prompt_data, --input_key, --label_key, --apply_chat_template, --remote_rm_url."""
_LAUNCH_SWIFT: Final = """swift rlhf --rlhf_type grpo \\
    --model POLICY \\
    --dataset {out}/{data} --remove_unused_columns false \\
    --external_plugins {out}/{file} --reward_funcs primum \\
    --num_generations 8"""

ENGINES: Final[dict[EngineName, Engine]] = {
    "verl": Engine("verl", "primum_verl.py", _VERL, _LAUNCH_VERL, "train.parquet"),
    "openrlhf": Engine("openrlhf", "primum_openrlhf.py", _OPENRLHF, _LAUNCH_OPENRLHF, "train.jsonl"),
    "swift": Engine("swift", "primum_swift.py", _SWIFT, _LAUNCH_SWIFT, "train.jsonl"),
}


def reward_file(engine: Engine, url: str) -> str:
    """The Python file that the engine loads: it asks the service at `url` (or at `PRIMUM_REWARD_URL`) and imports nothing of Primum."""
    client = resources.files("primum.rewards").joinpath("engines_client.py").read_text(encoding="utf-8")
    _, _, body = client.partition(_MARK)
    told = f'"""The reward of Primum for {engine.name}, from the service of `primum reward serve`. Written by primum reward export."""'
    placed = body.replace('"http://127.0.0.1:8640"', json.dumps(url), 1)
    return f"{told}\n\nfrom __future__ import annotations\n\n{placed.rstrip()}\n{engine.code}"


def label_of(query: RewardQuery) -> str:
    """What travels with a query through an engine: its id, prompt and criteria as JSON."""
    return json.dumps(
        {
            "id": query.id,
            "prompt": [{"role": turn.role, "content": turn.content} for turn in query.prompt],
            "criteria": [{"text": one.text, "kind": one.kind, "points": one.points} for one in query.criteria],
        },
        ensure_ascii=False,
    )


def data_rows(engine: Engine, queries: Sequence[RewardQuery]) -> list[dict[str, Any]]:
    """The queries as rows of the engine's data."""
    make = {"verl": _verl_row, "openrlhf": _openrlhf_row, "swift": _swift_row}[engine.name]
    return [make(number, query) for number, query in enumerate(queries)]


def launch_page(engine: Engine, url: str, out: str, data: str, count: int) -> str:
    """The README beside the files: what they are and the line that starts a training."""
    launch = engine.launch.format(out=out, file=engine.file, data=data, url=url)
    return f"""# The reward of Primum for {engine.name}

`{engine.file}` is what the engine loads. It needs nothing but Python (and torch, where the engine's contract is a tensor) and asks the
service at {url}; set `PRIMUM_REWARD_URL` to ask another. `{data}` holds the queries (rows: {count:,}); each carries its criteria, so the
service needs no rubrics of its own. Where the service asks for a token, set `PRIMUM_REWARD_TOKEN` on both sides.

Start the service where Primum is installed, then the training where the engine is (`POLICY` is the model to train):

```
primum reward serve --model REWARD_MODEL --port {url.rsplit(":", 1)[-1].rstrip("/")}
{launch}
```

A service that is busy is asked again for `PRIMUM_REWARD_PATIENCE_S` (600) seconds, one that cannot be reached `PRIMUM_REWARD_TRIES` (5)
times; then the function raises. It never returns 0 for want of an answer. The reward is that of `primum reward score`.
"""


def completion_in(query: str, prompt: str) -> str | None:
    """The answer in a decoded text: what follows the prompt, without the signs that end a turn; `None` where it begins otherwise."""
    if not query.startswith(prompt):
        return None
    answer = query[len(prompt) :].rstrip()
    while ending := next((one for one in _ENDINGS if answer.endswith(one)), None):
        answer = answer.removesuffix(ending).rstrip()
    return answer


def unit_reward(
    reward: float, criteria: Sequence[Asked], settings: RewardSettings, shape: Literal["clipped", "sum"] = "clipped"
) -> float:
    """The reward on 0 … 1, for filters that ask for that: 0 is every veto surely violated and nothing earned, 1 is 1 + β.

    With two vetoes, β = .3, λ = 1.5 and γ = .2 the least is −3.2: a reward of .8 becomes 4 / 4.5 = .889. A plain sum of .8 becomes .9.
    """
    if shape == "sum":
        return (reward + 1) / 2
    vetoes = sum(one.kind == "safety" for one in criteria)
    least = combine_parts(Parts(0.0, 0.0, vetoes, 1.0 if vetoes else 0.0), settings)
    return (reward - least) / (1 + settings.beta - least)


def _prompt(query: RewardQuery) -> list[dict[str, str]]:
    return [{"role": turn.role, "content": turn.content} for turn in query.prompt]


def _verl_row(number: int, query: RewardQuery) -> dict[str, Any]:
    return {
        "data_source": "primum",
        "prompt": _prompt(query),
        "ability": "medical",
        "reward_model": {"style": "model", "ground_truth": label_of(query)},
        "extra_info": {"split": "train", "index": number, "id": query.id},
    }


def _openrlhf_row(number: int, query: RewardQuery) -> dict[str, Any]:
    return {"input": _prompt(query), "label": label_of(query)}


def _swift_row(number: int, query: RewardQuery) -> dict[str, Any]:
    return {"messages": _prompt(query), "primum": label_of(query)}
