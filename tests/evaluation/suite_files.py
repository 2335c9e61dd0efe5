"""Small sets and verdicts as files, for the tests of the suites."""

import json

from primum.evaluation.suites.pairs import Options
from primum.evaluation.suites.registry import SUITES


def write(path, rows):
    """Rows as JSONL; a row that is text is written as it is."""
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def scored(folder, suite, data, verdicts, **options):
    return SUITES[suite].score(
        write(folder / "set.jsonl", data), write(folder / "verdicts.jsonl", verdicts), Options(**options)
    )


def conversation(name, *criteria, tags=()):
    """A HealthBench row; a criterion is (points, tag, tag …)."""
    return {
        "prompt_id": name,
        "prompt": [{"role": "user", "content": "How much water should I drink?"}],
        "rubrics": [
            {"criterion": f"Statement {number}", "points": points, "tags": list(own)}
            for number, (points, *own) in enumerate(criteria)
        ],
        "example_tags": list(tags),
        "canary": "let through",
    }
