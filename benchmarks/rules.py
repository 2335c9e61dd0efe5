"""How fast rules are read out of 44 statutes, and how they agree with 200 articles read by a language model.

    PRIMUM_DATA=DIR python benchmarks/rules.py
    python benchmarks/rules.py --data DIR --gold benchmarks/gold/rules-norms-cn.jsonl

DIR holds `norms-cn/`. The labels and how they were made: benchmarks/gold/README.md. They were scored once before anybody who worked on
the extractor saw them; those blind figures are in docs/log.md. What this prints is of the extractor as it is now, which was mended after
its disagreements were read: on these 200 articles it is no longer blind. The last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

from primum.corpus import read_corpus
from primum.corpus.rules import RULES_VERSION, extract
from primum.corpus.rules.scoring import Agreement, RuleScores, read_labelled, score_rules
from primum.records import Estimate
from primum.stats.undefined import Undefined

GOLD = Path(__file__).parent / "gold" / "rules-norms-cn.jsonl"


def number(value: Estimate | Undefined) -> Any:
    if isinstance(value, Undefined):
        return {"undefined": value.reason}
    return {"value": round(value.value, 4), "low": round(value.low, 4), "high": round(value.high, 4), "n": value.n}


def figures(scores: RuleScores) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in scores._asdict().items():
        if isinstance(value, Agreement):
            told[name] = {part: number(one) for part, one in value._asdict().items()}
        else:
            told[name] = value if isinstance(value, int) else number(value)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("PRIMUM_DATA"), help="folder with norms-cn/")
    parser.add_argument("--gold", type=Path, default=GOLD, help="the labelled articles (JSONL)")
    given = parser.parse_args()
    if given.data is None:
        parser.error("name the data folder with --data or PRIMUM_DATA")
    started = time.perf_counter()
    norms = read_corpus(Path(given.data) / "norms-cn").norms
    read_s = time.perf_counter() - started
    started = time.perf_counter()
    rules = extract(norms)
    extract_s = time.perf_counter() - started
    counted = Counter(rule.modality for rule in rules)
    result: dict[str, Any] = {
        "version": RULES_VERSION,
        "norms": len(norms),
        "rules": len(rules),
        "modality": {name: counted[name] for name in sorted(counted)},
        "read_s": round(read_s, 3),
        "extract_s": round(extract_s, 3),
    }
    print(f"{len(norms):,} articles read in {read_s:.2f} s, {len(rules):,} rules in {extract_s:.2f} s")
    if given.gold.exists():
        result["scores"] = figures(score_rules(norms, rules, read_labelled(given.gold)))
        for name, value in result["scores"].items():
            print(f"{name:<22} {json.dumps(value)}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
