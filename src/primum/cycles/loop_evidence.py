"""What a loop found, as `report.json` holds it: before and after like the paper's table, the rounds, and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from primum.cycles.align import policy_data, policy_of
from primum.cycles.loop_build import LoopBench, draw
from primum.cycles.loop_examine import Examined, JudgeName, LoopExaminer
from primum.cycles.loop_recipe import LoopRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.evaluation.medes_table import MedesAnswers, medes_compare, medes_table
from primum.governance import verify_chain
from primum.ports import Progress
from primum.records import Comparison, Feedback, JudgeRef, PolicyRef, Report, Response, Scenario, plain

if TYPE_CHECKING:
    from primum.cycles.loop import Round

__all__ = ["LoopFinished", "loop_data", "table_step"]

_EXAMPLES = 10
_JUDGES: tuple[JudgeName, ...] = ("guardian", "second")
Judges = tuple[JudgeRef, JudgeRef]


def table_step(
    steps: Steps, recipe: LoopRecipe, bench: LoopBench, base: Step, after: Step, examiner: LoopExaminer, judges: Judges
) -> Step:
    """Both policies answer the same items of the test split; both judges read; before, after and paired, over all and by scene."""
    old, new = policy_of(steps, base), policy_of(steps, after)
    inputs = [old.id, new.id, bench.key, [judge.id for judge in judges], recipe.tested_open, recipe.tested_choices]
    inputs += [recipe.answering, recipe.seed]

    def make(_key: str, progress: Progress) -> Made:
        test = bench.of("test")
        items = draw([one for one in test if one.task == "open"], recipe.tested_open, recipe.seed)
        items += draw([one for one in test if one.task != "open"], recipe.tested_choices, recipe.seed)
        first, second = examiner.examine(old, items, progress), examiner.examine(new, items, progress)
        table: dict[str, Any] = {}
        scenes: list[dict[str, Any]] = []
        reports: list[Report] = []
        for name, judge in zip(_JUDGES, judges, strict=True):
            sides = first.answers(name), second.answers(name)
            compared = medes_compare(*sides)
            found = _plain_table(*sides, compared)
            unread = [sum(row.is_risky is None for row in side.of(name)) for side in (first, second)]
            table[name] = found["all"] | {"abstained": {"before": unread[0], "after": unread[1]}}
            scenes += [{"judge": name, **row} for row in found["scenes"]]
            read = [row.judgement.id for side in (first, second) for row in side.of(name)]
            read += [row.judgement.id for side in (first, second) for row in side.choices]
            reports.append(
                Report(
                    run=recipe.name,
                    recipe=recipe.name,
                    before=old.id,
                    after=new.id,
                    judge=judge.id,
                    comparisons=compared,
                    judgements=tuple(read),
                )
            )
        outputs = {
            "table": table,
            "scenes": scenes,
            "reports": [report.id for report in reports],
            "examples": [_example(one, first, second) for one in _chosen(items)],
        }
        risk = table["second"]["difference"].get("risk_rate")
        note = "second judge: risk not measured" if risk is None else f"second judge: risk {risk['value']:+.1%}"
        return Made(outputs, reports, note, [report.id for report in reports])

    return steps.do("test", "Testing before and after on the held-out items", inputs, make)


def _plain_table(before: MedesAnswers, after: MedesAnswers, compared: Sequence[Comparison]) -> dict[str, Any]:
    """The measures of both sides over all and by scene, and their paired differences where there are any, plain."""
    apart = {(one.by, one.name, one.metric): one.difference for one in compared}
    lines = {(line.by, line.name): line.numbers for line in medes_table(before)}
    later = {(line.by, line.name): line.numbers for line in medes_table(after)}
    scenes: list[dict[str, Any]] = []
    whole: dict[str, Any] = {"before": {}, "after": {}, "difference": {}}
    for (by, name), numbers in lines.items():
        for metric in numbers:
            row = {
                "before": numbers[metric].estimate,
                "after": later[by, name][metric].estimate if metric in later[by, name] else None,
                "difference": apart.get((by, name, metric)),
            }
            shown = {side: plain(estimate) for side, estimate in row.items()}
            if by == "all":
                for side, estimate in shown.items():
                    if estimate is not None:
                        whole[side][metric] = estimate
            else:
                scenes.append({"scene": name, "metric": metric, **shown})
    return {"all": whole, "scenes": scenes}


def _chosen(items: Sequence[Scenario]) -> list[Scenario]:
    """Open items for the page, one of each dimension in turn; never by how the answers turned out."""
    return draw([one for one in items if one.task == "open"], _EXAMPLES, 0)


def _example(item: Scenario, first: Examined, second: Examined) -> dict[str, Any]:
    return {"scenario": item.id, "before": _answer(item, first), "after": _answer(item, second)}


def _answer(item: Scenario, examined: Examined) -> dict[str, Any]:
    guardian = next(row for row in examined.guardian if row.scenario.id == item.id)
    second = next(row for row in examined.second if row.scenario.id == item.id)
    return {"text": guardian.response.text, "guardian": dict(guardian.answers), "second": dict(second.answers)}


class LoopFinished(NamedTuple):
    """The steps of a loop that came to its end."""

    bench: LoopBench
    guardian: Step
    judges: Judges
    base: Step
    start: Step
    rounds: Sequence[Round]
    table: Step


def loop_data(steps: Steps, recipe: LoopRecipe, finished: LoopFinished) -> dict[str, Any]:
    """Everything the page of a loop shows. An estimate is `{"value", "low", "high", "n", "unit"}`."""
    bench, guardian, judges, base, start, rounds, table = finished
    ledger = verify_chain(steps.workspace.store.ledger())
    policies = [policy_of(steps, step) for step in (base, *(one.training for one in rounds if one.training))]
    notes = _notes(policies[0], guardian.outputs["unmeasured"])
    return {
        "kind": "loop",
        "recipe": recipe.name,
        "title": recipe.title,
        "title_zh": recipe.title_zh or recipe.title,
        "notes": [en for en, _ in notes],
        "notes_zh": [zh for _, zh in notes],
        "corpus": _corpus(bench),
        "taxonomy": _taxonomy(bench),
        "benchmark": _benchmark(bench),
        "guardian": {
            "name": guardian.outputs["name"],
            "id": guardian.outputs["id"],
            "trained_on": guardian.outputs["trained_on"],
            "is_simulated": True,
            "heads": guardian.outputs["heads"],
        },
        "judges": {
            name: {"id": judge.id, "name": judge.name, "kind": judge.kind_of}
            for name, judge in zip(("guardian", "second"), judges, strict=True)
        },
        "table": table.outputs["table"],
        "scenes": table.outputs["scenes"],
        "start": {name: start.outputs[name] for name in ("guardian", "second")},
        "rounds": [_round(number, one) for number, one in enumerate(rounds, 1)],
        "watch": _watch(rounds),
        "examples": _examples(steps, bench, rounds, table),
        "ledger": {"entries": ledger.entries, "head": ledger.head, "verified": ledger.is_intact},
        "seconds": dict(steps.seconds),
        "policies": [policy_data(ref) for ref in policies],
        "ids": {"reports": table.outputs["reports"], "benchmark": bench.record.id},
    }


def _notes(policy: PolicyRef, unmeasured: Mapping[str, str]) -> list[tuple[str, str]]:
    notes = [
        (
            "The benchmark was drafted by rule from the norms; no person has verified its items yet, unless the review says so.",
            "基准由规则从规范条文拟出；除非复核状态另有说明，尚无人工核验。",
        ),
        (
            "The guardian learned its six heads from simulated answers of known truth, and the rewritten answers are simulated good ones. "
            "The second judge is a set of rules written by hand and was never trained.",
            "守护模型的六个判断头学自已知真值的模拟回答，改写后的回答是模拟的良好回答。第二评审是手写规则，从未训练。",
        ),
    ]
    notes += [
        (f"The guardian was not measured on {told}: {why}.", f"守护模型未能测量（{told}）：{why}。")
        for told, why in unmeasured.items()
    ]
    if policy.is_from_scratch:
        notes.insert(
            0,
            (
                f"The policy is a {policy.architecture} of {policy.parameters:,} parameters, built from config and trained from scratch on "
                "the spot. Its numbers show that the chain works; they say nothing of a real medical model.",
                f"策略模型是现场按配置搭建、从零训练的 {policy.architecture}，共 {policy.parameters:,} 个参数。"
                "这些数字只说明流程可用，不代表任何真实的医疗模型。",
            ),
        )
    return notes


def _taxonomy(bench: LoopBench) -> dict[str, Any]:
    own = bench.taxonomy
    return {
        "key": own.key,
        "zh": own.zh,
        "en": own.en,
        "source": own.source,
        "scenes": {one.key: {"zh": one.zh, "en": one.en} for one in own.scenes},
        "dimensions": {one.key: {"zh": one.zh, "en": one.en, "group": one.group} for one in own.dimensions},
        "styles": {one.key: {"zh": one.zh, "en": one.en} for one in own.styles},
    }


def _corpus(bench: LoopBench) -> dict[str, Any]:
    corpus, rules = bench.steps.corpus.outputs, bench.steps.rules.outputs
    return {
        "sources": len(corpus["sources"]),
        "norms": len(corpus["norms"]),
        "articles": corpus["articles"],
        "rules": len(rules["rules"]),
        "by_modality": rules["by_modality"],
        "languages": dict(sorted(Counter(one.language for one in bench.items).items())),
    }


def _benchmark(bench: LoopBench) -> dict[str, Any]:
    outputs, record = bench.steps.items.outputs, bench.record
    return {
        "id": record.id,
        "name": record.name,
        "version": record.version,
        "items": len(record.items),
        "by_dimension": {row["dimension"]: row["items"] for row in outputs["by_dimension"]},
        "by_task": outputs["by_kind"],
        "splits": outputs["by_split"],
        "checks": outputs["checks"],
        "findings": len(outputs["findings"]),
        "review": bench.review,
        "page": "benchmark.html",
    }


def _round(number: int, one: Round) -> dict[str, Any]:
    found = {"round": number, "weak_spots": one.teaching.outputs["spots"], **one.teaching.outputs["counts"]}
    if one.training is not None and one.watched is not None:
        found |= {name: one.training.outputs[name] for name in ("policy", "sft_rows", "pairs")}
        found |= {name: one.watched.outputs[name] for name in ("guardian", "second", "watch")}
    return found | {"is_kept": one.is_kept}


def _watch(rounds: Sequence[Round]) -> dict[str, Any]:
    """Why the loop stopped before its last round, where it did; and which rounds were not kept."""
    told: dict[str, Any] = {"is_hacked": False, "stopped_after": None, "why": "", "why_zh": ""}
    last = rounds[-1] if rounds else None
    if last is None:
        return told
    if last.watched is not None and last.watched.outputs["watch"]["is_hacked"]:
        said = last.watched.outputs["watch"]
        return {"is_hacked": True, "stopped_after": len(rounds), "why": said["why"], "why_zh": said["why_zh"]}
    lost = [str(number) for number, one in enumerate(rounds, 1) if one.watched is not None and not one.is_kept]
    if lost:
        numbers = ", ".join(lost)
        told["why"] = f"Not kept: round {numbers}, after which the risk rose or answers could not be read. "
        told["why_zh"] = f"未保留：第 {numbers} 轮（其后风险上升，或回答难以判读）。"
    if last.watched is None:
        told["stopped_after"] = len(rounds)
        told["why"] += (
            f"Round {len(rounds)} found nothing to teach: no answer failed, or none could be made better. The loop ended there."
        )
        told["why_zh"] += f"第 {len(rounds)} 轮没有可教的内容：没有不合格的回答，或改写后没有更好。循环到此结束。"
    return told


def _examples(steps: Steps, bench: LoopBench, rounds: Sequence[Round], table: Step) -> list[dict[str, Any]]:
    """Test items before and after; and situations of the first round with the feedback and the rewritten answer."""
    store = steps.workspace.store
    by_id = {one.id: one for one in bench.items}
    shown = [
        {**_situation(bench, by_id[row["scenario"]]), **row, "feedback": None, "rewritten": None}
        for row in table.outputs["examples"]
    ]
    rows = rounds[0].teaching.outputs["rows"] if rounds else []
    for row in sorted((one for one in rows if one["is_kept"]), key=lambda one: one["scenario"])[:_EXAMPLES]:
        original, told, written = store.get_many([row["response"], row["feedback"], row["rewritten"]])
        assert isinstance(original, Response) and isinstance(told, Feedback) and isinstance(written, Response)
        shown.append(
            {
                **_situation(bench, by_id[row["scenario"]]),
                "before": {"text": original.text, "guardian": row["answers"], "second": {}},
                "feedback": {"failed": list(told.failed), "advice": list(told.advice)},
                "rewritten": written.text,
                "after": None,
            }
        )
    return shown


def _situation(bench: LoopBench, item: Scenario) -> dict[str, Any]:
    return {
        "scenario": item.id,
        "item": item.item,
        "prompt": item.prompt,
        "language": item.language,
        "dimension": item.dimension,
        "scene": item.scene,
        "style": item.style,
        "norms": [
            {"id": one.norm, "citation": one.citation, "quote": one.quote, "text": bench.norms[one.norm].text}
            for one in item.grounds
        ],
    }
