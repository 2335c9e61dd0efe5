"""A benchmark whose norms change: how long a refresh takes, and whether it touches what changed and nothing else.

    python benchmarks/refresh.py DIR/norms-cn [--items 12000]

Builds a benchmark from the statutes in the folder, then amends three of them in a copy: words are changed in every seventh article of the
first; in the second an article is put in, so that all behind it are renumbered; in the third one is struck out and one goes to another
place. What was edited is known, so what the refresh calls stale can be checked against it. A second refresh must change nothing.
The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from primum.bench import leaks
from primum.cycles.benchmark import BenchmarkSettings, build_benchmark
from primum.cycles.benchmark_held import lint_benchmark
from primum.cycles.refreshing import newest_benchmark, refresh_benchmark
from primum.cycles.workspace import Workspace
from primum.records import Norm, Scenario

AMENDED = ("药品管理法(2019-08-26)", "精神卫生法(2018-04-27)", "医师法(2021-08-20)")
ARTICLE = re.compile(r"^第[零一二三四五六七八九十百]+条(?=[ 　])", re.MULTILINE)
DIGITS = "零一二三四五六七八九"
ADDED = "医疗机构应当每年公布投诉的数量和处理结果，不得隐瞒投诉，不得对投诉人施加压力。\n\n"


def numeral(number: int) -> str:
    """1 → 一, 12 → 十二, 105 → 一百零五: as articles are numbered, below 1,000."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    told = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        told += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        told += "零"
    return told + (DIGITS[ones] if ones else "")


def cut(text: str) -> tuple[str, list[str]]:
    """What stands above the first article, and the articles without their numbers."""
    starts = [match.start() for match in ARTICLE.finditer(text)]
    parts = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return text[: starts[0]], [ARTICLE.sub("", part, count=1) for part in parts]


def joined(head: str, articles: list[str]) -> str:
    return head + "".join(f"第{numeral(place)}条{article}" for place, article in enumerate(articles, start=1))


def amend(folder: Path) -> dict[str, set[str]]:
    """Edit the three statutes; the labels of the articles, old numbers, whose words were changed or struck out."""
    edited: dict[str, set[str]] = {}
    for name in AMENDED:
        path = folder / f"{name}.md"
        head, articles = cut(path.read_text(encoding="utf-8"))
        labels: set[str] = set()
        if name == AMENDED[0]:
            for place in range(6, len(articles), 7):
                changed = articles[place].replace("应当", "必须", 1).replace("不得", "一律不得", 1)
                if changed != articles[place]:
                    articles[place] = changed
                    labels.add(f"第{numeral(place + 1)}条")
        elif name == AMENDED[1]:
            articles.insert(20, f" {ADDED}")
        else:
            labels.add(f"第{numeral(25)}条")
            struck = articles.pop(24)
            assert struck.strip()
            articles.insert(40, articles.pop(29))
        path.write_text(joined(head, articles), encoding="utf-8")
        edited[name] = labels
    return edited


def standing(workspace: Path) -> list[Scenario]:
    with Workspace(workspace, is_writer=False) as opened:
        items = newest_benchmark(opened.store).items
        return [one for one in opened.store.get_many(items) if isinstance(one, Scenario)]


def keys_of(workspace: Path) -> dict[str, str]:
    with Workspace(workspace, is_writer=False) as opened:
        return {norm.id: norm.key for norm in opened.store.all(Norm)}


def measure(source: Path, wanted: int) -> dict[str, object]:
    from primum.bench.items import ItemSettings

    with tempfile.TemporaryDirectory() as place:
        folder, workspace = Path(place) / "norms-cn", Path(place) / "workspace"
        shutil.copytree(source, folder)
        began = time.monotonic()
        build_benchmark(workspace, folder, BenchmarkSettings(items=ItemSettings(items=wanted)))
        build_seconds = time.monotonic() - began
        before, old_keys = standing(workspace), keys_of(workspace)
        findings = len(lint_benchmark(workspace)[1].findings)
        edited = {f"{name}#{label}" for name, labels in amend(folder).items() for label in labels}
        began = time.monotonic()
        found = refresh_benchmark(workspace, folder)
        seconds = time.monotonic() - began
        after, keys = standing(workspace), keys_of(workspace)
        again = refresh_benchmark(workspace, folder)
        findings_after = len(lint_benchmark(workspace)[1].findings)
        with Workspace(workspace, is_writer=False) as opened:
            problems = opened.store.verify()
    rest_on_edited = {item.item for item in before if any(old_keys[norm] in edited for norm in item.norms)}
    redrafted = {one["new"] for one in found["redrafted"]}
    changed = {one["new"] for one in found["changes"] if one["kind"] in ("amended", "new")}
    strayed = [
        item.item for item in after if item.item in redrafted and not {keys[norm] for norm in item.norms} <= changed
    ]
    untouched = {
        item.id for item in before if not any(old_keys[norm].partition("#")[0] in AMENDED for norm in item.norms)
    }
    return {
        "statutes": len({key.partition("#")[0] for key in old_keys.values()}),
        "items": len(before),
        "build_seconds": round(build_seconds, 1),
        "refresh_seconds": round(seconds, 2),
        "counts": found["counts"],
        "kept": found["kept"],
        "rebound": len(found["rebound"]),
        "stale": len(found["stale"]),
        "redrafted": len(found["redrafted"]),
        "retired": len(found["retired"]),
        "stale_is_what_was_edited": set(found["stale"]) == rest_on_edited,
        "every_other_name_stands": {item.item for item in before} - rest_on_edited <= {item.item for item in after},
        "records_of_other_statutes_unchanged": untouched <= {item.id for item in after},
        "redrafted_from_unchanged_articles": len(strayed),
        "leaks": len(leaks(after)),
        "lint_findings": [findings, findings_after],
        "second_refresh_is_new": again["is_new"],
        "store_problems": len(problems),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("norms", type=Path, help="the folder of statutes norms-cn")
    parser.add_argument("--items", type=int, default=12_000, help="how many items the benchmark has")
    given = parser.parse_args()
    if not given.norms.is_dir():
        sys.exit(f"{given.norms} is no folder: name that of norms-cn")
    print(json.dumps(measure(given.norms, given.items), ensure_ascii=False))
