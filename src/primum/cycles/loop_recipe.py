"""The recipe of a guardian in the loop: from norms to a benchmark, a guardian, rounds of teaching, and both judges' curves."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from primum.corpus import CorpusSettings
from primum.cycles.benchmark import BenchmarkSettings
from primum.cycles.recipe import AnsweringChoice, CorpusChoice, DataChoice, PolicyChoice, at_least
from primum.evaluation.watch import WatchSettings
from primum.evaluation.weak_spots import WeakSpotSettings
from primum.judging import GuardianSettings
from primum.records import Settings
from primum.revision import RewriteSettings
from primum.starter.ruled_answers import RuledSettings
from primum.training import DpoSettings, SftSettings

__all__ = ["BaseRows", "LoopRecipe", "RoundChoice"]


class BaseRows(Settings, frozen=True):
    """What a tiny policy is made helpful-only on.

    Situations it goes along with, harmless ones it answers, and choice questions with their key.
    """

    harmful: int = 900
    harmless: int = 300
    choices: int = 300

    def check(self) -> None:
        at_least(self, 0, "harmful", "harmless", "choices")


class RoundChoice(Settings, frozen=True):
    """How a round goes, in situations of the train split.

    The policy answers `probe` of them; the guardian's ruling on these finds the weak spots. `prompts` more, aimed at those, are
    answered, fed back and rewritten. `replay` situations of earlier rounds and `choices` choice questions with their key stand beside
    the rewritten answers, so that the policy does not forget. After a round both judges read its answers to the same `watched`
    situations of the dev split.
    """

    rounds: int = 3
    probe: int = 160
    prompts: int = 240
    replay: int = 120
    choices: int = 60
    watched: int = 120
    with_preferences: bool = True

    def check(self) -> None:
        at_least(self, 1, "rounds", "probe", "prompts", "watched")
        at_least(self, 0, "replay", "choices")


class LoopRecipe(Settings, frozen=True):
    """Everything a guardian in the loop does. `docs/recipes.md` lists every setting.

    `second_judge` names a file that describes a judge (docs/judging.md), by a path that is absolute or relative to where the command is
    run: it watches the guardian in the place of the rules that do so else.

    `taxonomy` is a file; without it the corpus' own `taxonomy.toml` or the one that ships. `guardian_items` situations of the train
    split give the guardian simulated answers of known truth. `tested_open` and `tested_choices` items of the test split are answered
    before and after.
    """

    kind: Literal["guardian in the loop"]
    name: str
    title: str
    title_zh: str = ""
    corpus: CorpusChoice = CorpusChoice()
    data: DataChoice = DataChoice()
    taxonomy: str | None = None
    benchmark: BenchmarkSettings = BenchmarkSettings()
    answers: RuledSettings = RuledSettings()
    guardian: GuardianSettings = GuardianSettings()
    guardian_items: int = 500
    policy: PolicyChoice = PolicyChoice()
    base_rows: BaseRows = BaseRows()
    sft: SftSettings = SftSettings()
    dpo: DpoSettings = DpoSettings()
    answering: AnsweringChoice = AnsweringChoice()
    rounds: RoundChoice = RoundChoice()
    weak_spots: WeakSpotSettings = WeakSpotSettings()
    rewriting: RewriteSettings = RewriteSettings()
    watch: WatchSettings = WatchSettings()
    second_judge: str | None = None
    tested_open: int = 280
    tested_choices: int = 200
    seed: int = 7

    def check(self) -> None:
        if not self.name.replace("-", "").isalnum():
            self.refuse(f"name = {self.name!r}", "is not made of letters, digits and hyphens", "rename the recipe")
        if self.benchmark.reading != CorpusSettings():
            self.refuse("benchmark.reading", "is given, and the corpus is read as corpus.reading says", "set it there")
        at_least(self, 1, "guardian_items", "tested_open", "tested_choices")
        if not 0 <= self.seed < 2**32:
            self.refuse(f"seed = {self.seed}", "is not between 0 and 4294967295", "give another seed")

    def data_folder(self) -> Path:
        """The folder the open sets stand in. Raises `SettingError` when none is named or it does not exist."""
        return self.data.folder(self.name)
