"""How much lint finds of planted faults, and how often it complains about clean rubrics.

    python benchmarks/lint.py
    python benchmarks/lint.py --show development        # what was missed and what was flagged wrongly in that part

`gold/lint/clean.jsonl`: rubrics written by hand, HealthBench-shaped; `gold/lint/faults.jsonl`: faults written by hand, check by check and
language by language. Both come in parts: `development` was written before the checks, the others after them, each scored once before
its misses were read and the checks mended; those blind figures are in gold/lint/README.md. `second_author` is by another writer:
there, and with `--half` in halves, a fault counts as found only at its place. Beside them faults are planted here by
transforming clean rubrics. How they were written: gold/lint/README.md. The other parts are one writer's, who also
wrote the checks. The last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from primum.records import Language
from primum.rubrics.lint import CHECKS, LintCriterion, LintRow, lint
from primum.stats import wilson

GOLD = Path(__file__).parent / "gold" / "lint"
PARTS = ("development", "held_out", "fresh", "last", "second_author")
NEUTRAL: dict[Language, tuple[LintCriterion, ...]] = {
    "en": (
        LintCriterion("Names the part of the body concerned.", 4),
        LintCriterion("Is written in short sentences.", 3),
        LintCriterion("Cites a textbook.", 2),
    ),
    "zh": (
        LintCriterion("说出涉及的身体部位。", 4),
        LintCriterion("语句简短。", 3),
        LintCriterion("引用一本教科书。", 2),
    ),
}
SYNONYMS = (
    ("Recommends ", "Advises "), ("States that ", "Notes that "), ("Explains that ", "States that "), ("Mentions ", "Notes "),
    ("Suggests ", "Proposes "), ("Names ", "Mentions "), ("Asks about ", "Inquires about "), ("Lists ", "Names "), ("Warns ", "Cautions "),
    ("建议", "推荐"), ("说明", "指出"), ("提到", "提及"), ("询问", "问及"), ("列出", "列举"), ("提醒", "告诫"), ("指出", "说明"),
)  # fmt: skip


class Planted(NamedTuple):
    """A rubric with a fault: `check` must be found at `place` (`None`: anywhere in the rubric), or, where `at` names criteria, in one
    finding that names them all (both of a pair)."""

    check: str
    part: str
    way: str
    row: LintRow
    place: int | None
    at: tuple[int, ...] = ()


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def clean_rows(part: str) -> list[tuple[LintRow, list[bool], str]]:
    """Each clean rubric with, by criterion, whether its sign is evident from the words alone, and its specialty."""
    found = []
    for row in read(GOLD / "clean.jsonl"):
        if row["part"] == part:
            criteria = tuple(
                LintCriterion(
                    one["criterion"], one["points"], "safety" if "kind:safety" in one["tags"] else "proficiency"
                )
                for one in row["rubrics"]
            )
            prompt = row["prompt"][-1]["content"]
            made = LintRow(row["prompt_id"], prompt, row["language"], criteria, row["has_risk"], row.get("reference"))
            found.append((made, ["sign:evident" in one["tags"] for one in row["rubrics"]], row["specialty"]))
    return found


def by_hand(part: str, half: str | None = None) -> Iterator[Planted]:
    for number, row in enumerate(read(GOLD / "faults.jsonl")):
        is_wanted = half is None or row.get("number", 0) % 2 == (half == "odd")
        if row["part"] == part and is_wanted:
            criteria = tuple(LintCriterion(one["criterion"], one["points"]) for one in row["rubrics"])
            prompt = row.get("prompt") or ("什么是感冒？" if row["language"] == "zh" else "What is a cold?")
            made = LintRow(f"fault-{number}", prompt, row["language"], criteria, False, row.get("reference"))
            yield Planted(row["check"], part, "hand", made, None, tuple(row.get("at", ())))


def transformed(part: str) -> Iterator[Planted]:
    rows = clean_rows(part)
    others: dict[str, list[str]] = defaultdict(list)
    for row, _, _ in rows:
        others[row.language] += [one.statement for one in row.criteria]
    for row, evident, specialty in rows:
        yield from of_criteria(part, row, evident, others["en" if row.language == "zh" else "zh"])
        yield from of_rubric(part, row, specialty)


def of_criteria(part: str, row: LintRow, evident: list[bool], strangers: list[str]) -> Iterator[Planted]:
    is_chinese = row.language == "zh"

    def planted(check: str, place: int, *criteria: LintCriterion) -> Planted:
        changed = (*row.criteria[:place], *criteria, *row.criteria[place + 1 :])
        return Planted(check, part, "transformed", row._replace(criteria=changed), place)

    for place, one in enumerate(row.criteria):
        yield planted("zero_points", place, one._replace(points=0))
        sign = "wrong_sign" if evident[place] else "wrong_sign_by_knowledge"
        yield planted(sign, place, one._replace(points=-one.points))
        stranger = strangers[(len(one.statement) * 7 + place) % len(strangers)]
        yield planted("language", place, one._replace(statement=stranger))
        for verb, same in SYNONYMS:
            if one.statement.startswith(verb):
                twin = one._replace(statement=same + one.statement[len(verb) :])
                yield planted("duplicate", place, one, twin)
                break
        body = one.statement.rstrip("。.")
        quoted = f"原话说出“{body}”。" if is_chinese else f'Says exactly "{body}".'
        yield planted("gives_answer_away", place, one._replace(statement=quoted))
        if one.points > 0 and (lacking := without(one.statement, is_chinese)):
            yield planted("counted_twice", place, one, LintCriterion(lacking, -one.points))
            yield planted("contradiction", place, one, LintCriterion(lacking, one.points))
        after = place + 1
        if after < len(row.criteria) and (row.criteria[after].points > 0) == (one.points > 0):
            joint = ("，并", "；", "，同时") if is_chinese else (" and ", "; ", " and also ")
            second = row.criteria[after].statement
            second = second if is_chinese else second[0].lower() + second[1:]
            if not (is_chinese and second.startswith("回答")) and not second.startswith("the "):
                yield planted("double_barrelled", place, one._replace(statement=body + joint[place % 3] + second))
        for opening, thought in (
            ("States that ", "Understands that "),
            ("Explains that ", "Knows that "),
            ("说明", "知道"),
            ("指出", "相信"),
        ):
            if one.statement.startswith(opening):
                yield planted("untestable", place, one._replace(statement=thought + one.statement[len(opening) :]))
        if place == 0:
            yield planted(
                "untestable",
                place,
                one._replace(statement=f"真心{body}。" if is_chinese else f"Genuinely {body[0].lower()}{body[1:]}."),
            )


def of_rubric(part: str, row: LintRow, specialty: str) -> Iterator[Planted]:
    def planted(check: str, criteria: tuple[LintCriterion, ...], place: int | None = None) -> Planted:
        return Planted(check, part, "transformed", row._replace(criteria=criteria), place)

    negative = tuple(one for one in row.criteria if one.points < 0)
    if negative:
        yield planted("no_positive", negative)
    if row.has_risk:
        yield planted("no_safety", NEUTRAL[row.language])
    said = (
        (f"适当地介绍{specialty}知识。", f"给出{specialty}方面的合适建议。")
        if row.language == "zh"
        else (f"Adequately discusses {specialty}.", f"Gives appropriate advice on {specialty}.")
    )
    for statement in said:
        yield planted("vague", (LintCriterion(statement, 4), *row.criteria), 0)


def without(statement: str, is_chinese: bool) -> str | None:
    """The statement's negation, where its form allows a plain one."""
    if statement.startswith(("The ", "回答")):
        return None
    if is_chinese:
        return f"没有{statement}"
    verb, _, rest = statement.partition(" ")
    base = verb[:-3] + "y" if verb.endswith("ies") else verb[:-1]
    return f"Does not {base.lower()} {rest}" if verb.endswith("s") else None


def share(found: int, of: int) -> dict[str, Any] | None:
    if of == 0:
        return None
    rate = wilson(found, of, "criterion")
    return {"value": round(rate.value, 4), "low": round(rate.low, 4), "high": round(rate.high, 4), "n": rate.n}


def recalls(faults: list[Planted], show: bool) -> dict[str, Any]:
    counted: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for fault in faults:
        wanted = "wrong_sign" if fault.check.startswith("wrong_sign") else fault.check
        named = [one for one in lint([fault.row]) if one.check == wanted]
        wanted_at = set(fault.at) if fault.place is None else {fault.place}
        is_found = any(wanted_at <= {one.criterion, one.other} for one in named)
        for language in (fault.row.language, "both"):
            counted[fault.check, fault.way, language][0] += is_found
            counted[fault.check, fault.way, language][1] += 1
        if show and not is_found and fault.check != "wrong_sign_by_knowledge":
            told = fault.row.criteria if fault.place is None else fault.row.criteria[fault.place : fault.place + 2]
            told = tuple(fault.row.criteria[place] for place in fault.at) or told
            print(
                f"MISSED {fault.check} ({fault.way})", *(f"{one.points:+d} {one.statement}" for one in told), sep=" | "
            )
    for (check, way, language), (hits, of) in list(counted.items()):
        if check == "wrong_sign_by_knowledge":
            continue
        counted["all", way, language][0] += hits
        counted["all", way, language][1] += of
    told: dict[str, Any] = {}
    for (check, way, language), (hits, of) in counted.items():
        told.setdefault(check, {}).setdefault(way, {})[language] = share(hits, of)
    return told


def alarms(rows: list[LintRow], show: bool) -> dict[str, Any]:
    told: dict[str, Any] = {}
    by_check: dict[str, int] = defaultdict(int)
    for language in ("en", "zh", "both"):
        chosen = [row for row in rows if language in (row.language, "both")]
        found = lint(chosen)
        flagged = {(one.rubric, place) for one in found for place in (one.criterion, one.other) if place is not None}
        told[language] = {
            "criteria": share(len(flagged), sum(len(row.criteria) for row in chosen)),
            "rubrics": share(len({one.rubric for one in found}), len(chosen)),
        }
        if language == "both":
            for one in found:
                by_check[one.check] += 1
                if show:
                    print(f"FLAGGED {one.check} | {one.quote} | {one.why}")
    return told | {"by_check": dict(sorted(by_check.items()))}


def speed() -> dict[str, Any]:
    """5,000 rubrics of 10 criteria, no two equal."""
    statements = {
        language: [one for row, _, _ in clean_rows("development") if row.language == language for one in row.criteria]
        for language in ("en", "zh")
    }
    rows = []
    for number in range(5000):
        language: Language = "zh" if number % 2 else "en"
        pool = statements[language]
        picked = tuple(
            pool[(number * 13 + at * 17) % len(pool)]._replace(
                statement=f"{pool[(number * 13 + at * 17) % len(pool)].statement} [{number}]"
            )
            for at in range(10)
        )
        rows.append(LintRow(str(number), "What is it?", language, picked))
    started = time.perf_counter()
    lint(rows)
    return {"rubrics": len(rows), "criteria": 10 * len(rows), "seconds": round(time.perf_counter() - started, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", choices=PARTS, help="print what was missed and flagged wrongly in this part")
    parser.add_argument("--only", choices=PARTS, help="score this part alone")
    parser.add_argument("--half", choices=("odd", "even"), help="of numbered faults, take this half")
    parser.add_argument("--speed", action="store_true", help="time 5,000 rubrics as well")
    given = parser.parse_args()
    result: dict[str, Any] = {"checks": list(CHECKS)}
    for part in PARTS:
        rows = [row for row, _, _ in clean_rows(part)]
        if not rows or given.only not in (None, part):
            continue
        show = given.show == part
        result[part] = {
            "false_alarms": alarms(rows, show),
            "recall": recalls([*by_hand(part, given.half), *transformed(part)], show),
            "rubrics": len(rows),
            "criteria": sum(len(row.criteria) for row in rows),
        }
        print_part(part, result[part])
    if given.speed:
        result["speed"] = speed()
    print(json.dumps(result))


def print_part(part: str, told: dict[str, Any]) -> None:
    print(f"\n{part}: {told['rubrics']} clean rubrics, {told['criteria']} criteria")
    for language, one in told["false_alarms"].items():
        if language != "by_check":
            print(f"  false alarms {language:<5} criteria {line(one['criteria'])}   rubrics {line(one['rubrics'])}")
    print(f"  flagged by {told['false_alarms']['by_check']}")
    print(f"  {'recall':<26}{'by hand: en':<26}{'zh':<26}{'both':<26}{'transformed: en':<26}zh")
    for check, ways in told["recall"].items():
        cells = [line(ways.get(way, {}).get(language)) for way in ("hand", "transformed") for language in ("en", "zh")]
        cells.insert(2, line(ways.get("hand", {}).get("both")))
        print(f"  {check:<26}" + "".join(f"{cell:<26}" for cell in cells))


def line(number: dict[str, Any] | None) -> str:
    return "–" if number is None else f"{number['value']:.3f} ({number['low']:.3f}–{number['high']:.3f}) {number['n']}"


if __name__ == "__main__":
    main()
