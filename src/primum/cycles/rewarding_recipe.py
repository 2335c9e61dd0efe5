"""The recipe of a reward model: from judged answers to pairs by criterion, a model that reads them, a policy it steers, a bench."""

from __future__ import annotations

from typing import Literal

from primum.cycles.recipe import RowsChoice, WorldRecipe, at_least
from primum.models.tiny import TinySettings
from primum.records import Settings
from primum.rewards import RewardSettings
from primum.rewards.bench import BenchSettings
from primum.rewards.difficulty import DifficultySettings
from primum.rewards.linear import LinearSettings
from primum.rewards.model import ReadingSettings, RewardModelSettings
from primum.rewards.model_reward import Shape
from primum.rewards.near import NearSettings
from primum.rewards.pairing import PairingSettings
from primum.starter import VOICES, FurtherSettings, further_keys
from primum.training import BaseSettings, GroupWatchSettings, GrpoSettings

__all__ = ["BackboneChoice", "PairRows", "RewardRecipe", "SteeringChoice"]


class PairRows(Settings, frozen=True):
    """What pairs are made of.

    `situations` says how many situations of the train split are answered: each has the answers of known stance that came with it, and
    `samples` answers of the base policy and of the policy to be steered, which the guardian reads. `tested` situations of the test split
    give the pairs that the model is measured on, of answers of known stance alone. Beside its rubric a generated situation has the
    `further` criteria that are known of simulated answers. The simulated answers in `unseen_voices`, which stand for policies, and the
    further criteria called `unseen_criteria` are in no pair that teaches; what the policies of the run sample may sound like any voice.
    Of every so many pairs (`stance_every`; 0: none) the model also learns which answer complies, warns or refuses, so that it can judge
    by stance. Choice questions make no pairs: `choices` is not read here.
    """

    situations: RowsChoice = RowsChoice(harmful=300, harmless=300)
    tested: RowsChoice = RowsChoice(harmful=120, harmless=120)
    samples: int = 1
    temperature: float = 1.0
    further: FurtherSettings | None = FurtherSettings()
    unseen_voices: tuple[str, ...] = ()
    unseen_criteria: tuple[str, ...] = ()
    stance_every: int = 3

    def check(self) -> None:
        at_least(self, 0, "samples", "stance_every")
        for name, known in (("unseen_voices", VOICES), ("unseen_criteria", further_keys())):
            strange = [one for one in getattr(self, name) if one not in known]
            if strange:
                self.refuse(f"{name} = {strange[0]!r}", "is unknown", f"choose from {', '.join(known)}")
        if not self.temperature > 0:
            self.refuse(f"temperature = {self.temperature}", "samples one answer only", "give a positive number")


class BackboneChoice(Settings, frozen=True):
    """What the reward model is trained from: a Hugging Face `folder`, or a `tiny` model built from config on the spot, and with `base`
    pre-trained on the norms, the criteria and the answers of the training pairs."""

    folder: str | None = None
    tiny: TinySettings = TinySettings()
    base: BaseSettings | None = None


class SteeringChoice(Settings, frozen=True):
    """What steers the policy: the reward model, weighed by `model`, and the rubrics as the guardian reads them, weighed by `rubric`; one,
    the other or both. `shape` is that of the model's reward. `rows` situations of the train split are answered again and again, `held`
    of the dev split watched by the held-back judge."""

    model: float = 1.0
    rubric: float = 0.0
    shape: Shape = "clipped"
    rows: RowsChoice = RowsChoice(harmful=160, harmless=160)
    held: RowsChoice = RowsChoice(harmful=32, harmless=32)

    def check(self) -> None:
        if self.model < 0 or self.rubric < 0 or not self.model + self.rubric > 0:
            self.refuse(
                f"model {self.model}, rubric {self.rubric}", "weigh nothing", "give one of them a weight above 0"
            )


class RewardRecipe(WorldRecipe, frozen=True, kw_only=True):
    """Everything a run of a reward model does. `docs/recipes.md` lists every setting.

    `policy` and `sft` make the policy that is steered: one that is sure of nothing yet, so that groups of its answers differ. `held_judge`
    names a file that describes a judge (docs/judging.md), by a path that is absolute or relative to where the command is run: it watches
    the steering and measures what came of it, in the place of the guardian that ships.
    """

    kind: Literal["reward model"]
    title_zh: str = ""
    rows: PairRows = PairRows()
    pairing: PairingSettings = PairingSettings()
    near: NearSettings = NearSettings()
    difficulty: DifficultySettings = DifficultySettings()
    backbone: BackboneChoice = BackboneChoice()
    model: RewardModelSettings = RewardModelSettings()
    linear: LinearSettings = LinearSettings()
    reading: ReadingSettings = ReadingSettings()
    bench: BenchSettings = BenchSettings()
    reward: RewardSettings = RewardSettings()
    held_judge: str | None = None
    steering: SteeringChoice = SteeringChoice()
    grpo: GrpoSettings = GrpoSettings()
    watch: GroupWatchSettings = GroupWatchSettings()

    def check(self) -> None:
        super().check()
        if self.steering.shape == "lexicographic" and self.watch.on_hacked != "off":
            self.refuse(
                "steering.shape = 'lexicographic'",
                "ranks answers within a group, so that watch.on_hacked could not see a reward rise",
                "set watch.on_hacked = 'off', or steer by 'clipped'",
            )
        if self.chat is not None and self.chat.certificate is not None:
            self.refuse("chat.certificate", "is not read in this recipe", "leave it out")
