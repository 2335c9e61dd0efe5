"""How weak a small reward model is on real answers that people judged, beside n-grams, answer length and chance.

    PRIMUM_DATA=DIR python benchmarks/reward_real.py --work FOLDER --out docs/reward-real.md
    python benchmarks/reward_real.py --data DIR --work FOLDER            # prints the study

LiveQA-Med's grades (proficiency), XSTest's labels and MedSafetyBench's responses (safety) become pairs by criterion
(`primum.cycles.reward_real`). In each of three folds nothing of a question stands on both sides, and one policy of XSTest is left out of
the training. Two reward models with a tiny backbone are trained in each: the backbone of one first read MedQuAD and Huatuo (without texts
that share thirteen words in a row with what is measured), that of the other nothing.

FOLDER keeps what is finished: run again, it goes on where it was (give another version of the program a new one). The seconds are those
of one CPU core, whenever they were spent. The last line on stdout is one JSON object with every number of the study.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from primum.cycles.reward_real import RealPairs, drawn, real_pairs
from primum.cycles.reward_real_folds import Fold, FoldSettings, folds, untouched_questions
from primum.cycles.reward_real_length import LengthReward
from primum.cycles.reward_real_measured import Figure, Said, differences, figures, items_of, read_by, said
from primum.models.tiny import TinySettings, build_tiny
from primum.records import Scenario, Settings, content_hash, plain
from primum.rewards.asked import CriteriaScorer, Item, Read
from primum.rewards.linear import LinearReward
from primum.rewards.model import RewardModel
from primum.rewards.model.settings import RewardModelSettings
from primum.rewards.model.training import About, train_reward_model
from primum.training import BaseSettings, ChatRow, train_base
from reward_real_page import page

BASELINE = "linear"
TRAINED = ("scratch", "pretrained")
SCORERS = ("length", BASELINE, *TRAINED)


class Study(Settings, frozen=True):
    """What is done, in sizes that take less than 15 minutes of one core. `answer_characters`: how much of an answer a backbone reads."""

    medsafety_rows: int = 450
    medquad_rows: int = 2800
    huatuo_rows: int = 2800
    answer_characters: int = 600
    folds: FoldSettings = FoldSettings(most_safety_pairs=460)
    shape: TinySettings = TinySettings(layers=3, width=128, heads=4, feed_forward=256, context_tokens=512)
    base: BaseSettings = BaseSettings(epochs=1, batch_rows=16, max_tokens=224, learning_rate=3e-3, threads=1)
    reward: RewardModelSettings = RewardModelSettings(
        epochs=3, batch_pairs=8, max_tokens=320, learning_rate=1e-3, threads=1, save_steps=100
    )


QUICK = Study(
    medsafety_rows=90,
    medquad_rows=60,
    huatuo_rows=60,
    folds=FoldSettings(folds=2, most_pairs=2),
    shape=TinySettings(layers=1, width=32, heads=2, feed_forward=64, vocabulary=600, context_tokens=256),
    base=BaseSettings(epochs=1, batch_rows=16, max_tokens=128, threads=1),
    reward=RewardModelSettings(epochs=1, batch_pairs=16, max_tokens=192, threads=1),
)


class World(NamedTuple):
    """The pairs, their folds, and the texts that a backbone may read."""

    real: RealPairs
    folds: list[Fold]
    texts: list[Scenario]
    left_out: dict[str, int]


class Work:
    """A folder of finished pieces, each with the CPU seconds it took; what was finished before for the same input is read, not done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds: dict[str, float] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def piece(self, name: str, mark: object, make: Callable[[], Any]) -> Any:
        """What `make` returns (as JSON holds it), or what it returned before when `mark` was the same."""
        path, own = self.folder / f"{name}.json", content_hash([name, mark])
        found = json.loads(path.read_text("utf-8")) if path.exists() else {}
        if found.get("mark") != own:
            tell(name)
            began = time.process_time()
            made = make()
            found = {"mark": own, "cpu_s": time.process_time() - began, "made": made}
            half = path.with_name(f".{path.name}.half")
            half.write_text(json.dumps(found), encoding="utf-8")
            half.replace(path)
        self.seconds[name] = found["cpu_s"]
        return found["made"]


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def world_of(data: Path, study: Study) -> World:
    real = real_pairs(data, study.medsafety_rows)
    texts, left_out = untouched_questions(data, real.pairs)
    order = sorted(texts, key=lambda one: drawn(0, one.id))
    wanted = {"en": study.medquad_rows, "zh": study.huatuo_rows}
    chosen = [one for language, rows in wanted.items() for one in [t for t in order if t.language == language][:rows]]
    return World(real, folds(real.pairs, study.folds), chosen, left_out)


def backbones(work: Work, world: World, study: Study) -> dict[str, Path]:
    """The folders of the two backbones: built from config, and the same after it read the texts."""
    rows = [_row(one, study.answer_characters) for one in world.texts]
    told = [f"{row.prompt[0]['content']}\n{row.answer}" for row in rows]
    scratch, read = work.folder / "backbone-scratch", work.folder / "backbone-pretrained"

    def build() -> str:
        if not scratch.exists():
            build_tiny(told, study.shape, scratch)
        return scratch.name

    def pretrain() -> dict[str, Any]:
        made = train_base(scratch, [], rows, study.base, read, show("pre-training"))
        return {
            "rows": made.rows,
            "left_out": made.left_out,
            "loss_first": made.loss_first,
            "loss_last": made.loss_last,
        }

    work.piece("built", [study.shape, told], build)
    work.piece("pretrained", [study.shape, study.base, told], pretrain)
    return {"scratch": scratch, "pretrained": read}


def _row(one: Scenario, characters: int) -> ChatRow:
    assert one.reference is not None
    return ChatRow([{"role": "user", "content": one.prompt}], one.reference[:characters])


def reads_of(
    name: str, fold: Fold, items: Sequence[Item], work: Work, study: Study, parents: dict[str, Path]
) -> dict[str, Read]:
    """What a scorer, trained on the fold's training pairs, says of everything that the fold measures."""
    piece = f"fold-{fold.number}-{name}"

    def make() -> dict[str, Any]:
        found = read_by(_scorer(name, fold, work.folder / piece, study, parents), items)
        return {id: [read.scores, read.probabilities] for id, read in found.items()}

    trained = [study.shape, study.base, study.reward] if name in TRAINED else []
    mark = [trained, list(fold.train), [list(item) for item in items]]
    return {id: Read(tuple(one), tuple(two)) for id, (one, two) in work.piece(piece, mark, make).items()}


def _scorer(name: str, fold: Fold, folder: Path, study: Study, parents: dict[str, Path]) -> CriteriaScorer:
    if name == "length":
        return LengthReward.fit(fold.train)
    if name == BASELINE:
        return LinearReward.fit(fold.train)
    about = About(data="LiveQA-Med, XSTest, MedSafetyBench: pairs by people's labels", is_from_scratch=True)
    train_reward_model(parents[name], fold.train, study.reward, folder, show(folder.name), about)
    return RewardModel.load(folder, device="cpu", threads=1)


def show(name: str) -> Callable[[int, int], None]:
    """A progress that tells every tenth."""
    last = [-1]

    def moved(done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if tenth > last[0]:
            last[0] = tenth
            tell(f"  {name} {done}/{total}")

    return moved


def run(data: Path, folder: Path, study: Study) -> dict[str, Any]:
    work = Work(folder)
    began = time.process_time()
    world = world_of(data, study)
    parents = backbones(work, world, study)
    reads: dict[str, dict[str, Read]] = {name: {} for name in SCORERS}
    for fold in world.folds:
        items = items_of(fold, world.real.graded)
        for name in SCORERS:
            reads[name].update(reads_of(name, fold, items, work, study, parents))
    spoken = {name: said(world.folds, world.real.graded, one) for name, one in reads.items()}
    rest = time.process_time() - began
    return _told(world, study, spoken, work.seconds, rest)


def _told(
    world: World, study: Study, spoken: dict[str, Said], seconds: dict[str, float], this_run: float
) -> dict[str, Any]:
    baseline = spoken[BASELINE]
    return {
        "settings": plain(study),
        "sets": world.real.account,
        "texts": {"read": len(world.texts), "left_out": world.left_out},
        "folds": [{"unseen": one.unseen, "train": len(one.train), "test": len(one.test)} for one in world.folds],
        "seconds": {name: round(one, 1) for name, one in seconds.items()},
        "seconds_all": round(sum(seconds.values()), 1),
        "seconds_this_run": round(this_run, 1),
        "figures": {name: [_plain(one) for one in figures(found)] for name, found in spoken.items()},
        "minus_linear": {
            name: [_plain(one) for one in differences(found, baseline)]
            for name, found in spoken.items()
            if name != BASELINE
        },
        "pretrained_minus_scratch": [_plain(one) for one in differences(spoken["pretrained"], spoken["scratch"])],
    }


def _plain(one: Figure) -> dict[str, Any]:
    told: dict[str, Any] = {"metric": one.metric, "of": one.of, "n": one.n}
    if one.estimate is None:
        return told | {"why": one.why}
    ends = {name: round(getattr(one.estimate, name), 4) for name in ("value", "low", "high")}
    return told | ends | ({} if one.by_chance is None else {"by_chance": round(one.by_chance, 4)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("PRIMUM_DATA"), help="the folder of the open sets")
    parser.add_argument("--work", type=Path, help="keep what is finished here (a folder that is thrown away without)")
    parser.add_argument("--out", type=Path, help="write the page here; printed without")
    parser.add_argument(
        "--quick", action="store_true", help="a small part in about half a minute: a trial of the chain"
    )
    given = parser.parse_args()
    if given.data is None:
        parser.error("name the data: --data DIR, or PRIMUM_DATA")
    study = QUICK if given.quick else Study()
    if given.work is not None:
        found = run(Path(given.data), given.work, study)
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = run(Path(given.data), Path(folder), study)
    text = page(found)
    if given.out is not None:
        given.out.write_text(text, encoding="utf-8")
    else:
        print(text)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
