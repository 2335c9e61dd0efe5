"""The same verdicts as `verdicts.py` asks for, as a user of Inspect AI would get them; the last line is one JSON object.

    python benchmarks/inspect_side.py --url http://127.0.0.1:8000/v1 --answers 100 --criteria 10

An Inspect task whose samples hold their answers already, and a scorer that asks the grader once for each criterion, all criteria of a
sample at once, through Inspect's own provider for OpenAI-compatible servers. Its log (`.eval`) and its cache of model calls are on, as
they are on our side. Set for speed: no display, no samples held back, no log in real time. Against a server that answers at once 100
connections were faster than 512, whose pool costs more than it brings; against one that takes its time give --connections 512.

The clock runs from the call of `eval` to its return, so the log is written; imports are not counted. The rate hardly depends on how many
answers there are, so fewer than on our side will do. `per_cpu_second` counts the CPU time of this process: it does not hang on what
else the machine does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from typing import Any

PROMPT = """Say whether the answer meets the criterion.

Conversation:
{prompt}

Answer:
{answer}

Criterion:
{criterion}

Reply with JSON only: {{"explanation": "one sentence", "met": true or false}}"""


def run(
    base_url: str,
    answers: list[tuple[str, str]],
    criteria: list[str],
    *,
    connections: int = 100,
    caches: bool = True,
    samples: int = 0,
) -> dict[str, Any]:
    """Judge every answer (pairs of prompt and answer) by every criterion; how many verdicts could be read, and in how many seconds.

    `connections` is `max_connections`, `samples` is `max_samples` (0: all at once).
    """
    with tempfile.TemporaryDirectory() as folder:
        # Nothing of an earlier run may be found again.
        os.environ |= {
            "INSPECT_CACHE_DIR": f"{folder}/cache",
            "XDG_DATA_HOME": f"{folder}/data",
            "LOCAL_API_KEY": "none",
        }
        from inspect_ai import eval as inspect_eval
        from inspect_ai.model import GenerateConfig, get_model

        grader = get_model(
            "openai-api/local/grader",
            base_url=base_url,
            config=GenerateConfig(temperature=0.0, max_tokens=1024, max_connections=connections),
        )
        task = _task(answers, criteria, grader, caches)
        began, began_cpu = time.perf_counter(), time.process_time()
        (log,) = inspect_eval(
            task,
            model="mockllm/model",  # the answers are there: it is never asked
            display="none",
            log_dir=f"{folder}/logs",
            max_samples=samples or len(answers),
            max_connections=connections,
            log_realtime=False,
        )
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
        if log.status != "success":
            raise RuntimeError(f"Inspect ended with status {log.status}: {log.error and log.error.message}")
        verdicts = sum(int(sample.scores["rubric"].metadata["read"]) for sample in log.samples)
    return {"verdicts": verdicts, "seconds": seconds, "cpu_seconds": cpu_seconds}


def _task(answers: list[tuple[str, str]], criteria: list[str], grader: Any, caches: bool) -> Any:
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ModelOutput
    from inspect_ai.scorer import Score, mean, scorer
    from inspect_ai.solver import solver

    @solver
    def answered() -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            state.output = ModelOutput.from_content("recorded", state.metadata["answer"])
            return state

        return solve

    @scorer(metrics=[mean()], name="rubric")
    def rubric() -> Any:
        async def ask(state: Any, criterion: str) -> bool | None:
            said = await grader.generate(
                PROMPT.format(prompt=state.input_text, answer=state.output.completion, criterion=criterion),
                cache=caches,
            )
            return _read(said.completion)

        async def score(state: Any, target: Any) -> Score:
            met = await asyncio.gather(*(ask(state, criterion) for criterion in criteria))
            read = [one for one in met if one is not None]
            if len(read) < len(met):
                return Score.unscored(reason="grader_failed", metadata={"met": met, "read": len(read)})
            return Score(value=sum(read) / len(read), metadata={"met": met, "read": len(read)})

        return score

    samples = [Sample(input=prompt, metadata={"answer": answer}) for prompt, answer in answers]
    return Task(dataset=MemoryDataset(samples), solver=answered(), scorer=rubric(), name="verdicts")


def _read(text: str) -> bool | None:
    try:
        met = json.loads(text).get("met")
    except (ValueError, AttributeError):
        return None
    return met if isinstance(met, bool) else None


def main() -> None:
    options = argparse.ArgumentParser(description="Verdicts a second through Inspect AI.")
    options.add_argument("--url", required=True, help="base_url of an OpenAI-compatible server")
    options.add_argument("--answers", type=int, default=100)
    options.add_argument("--criteria", type=int, default=10)
    options.add_argument("--connections", type=int, default=100)
    options.add_argument("--no-cache", action="store_true")
    options.add_argument("--samples", type=int, default=0, help="samples in flight at most; 0: all")
    given = options.parse_args()
    try:
        import inspect_ai
    except ImportError:
        sys.exit("Inspect is not installed: pip install 'primum[inspect]'")
    found = run(
        given.url,
        [(f"Question {n}: what should be done?", f"Answer {n}: see a physician.") for n in range(given.answers)],
        [f"Criterion {n}: the answer names when to come back." for n in range(given.criteria)],
        connections=given.connections,
        caches=not given.no_cache,
        samples=given.samples,
    )
    settings = {"connections": given.connections, "samples": given.samples, "cache": not given.no_cache}
    rates = {
        "per_second": round(found["verdicts"] / found["seconds"], 1),
        "per_cpu_second": round(found["verdicts"] / found["cpu_seconds"], 1),
    }
    print(json.dumps({**found, **rates, "inspect_ai": inspect_ai.__version__, **settings}))


if __name__ == "__main__":
    main()
