"""The recipe of cycles after deployment: which policies go through them, what they meet, who judges, when a cycle is the last."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from msgspec import to_builtins
from msgspec.structs import replace

from primum.cycles.cycling_judging import JudgingChoice
from primum.cycles.recipe import PolicyChoice, WorldRecipe, at_least
from primum.errors import SettingError
from primum.evaluation import ValidatorSettings
from primum.evaluation.stopping import StopSettings
from primum.governance import GateSettings
from primum.records import Settings, content_hash
from primum.signals import LogSettings
from primum.simulation import AttackSettings
from primum.training import DpoSettings, KtoSettings

__all__ = ["ArmChoice", "CyclesRecipe", "LogsChoice", "ReplayChoice", "SampleChoice"]

# What decides nothing in the cycles of one arm.
_NO_PART = ("title", "title_zh", "arms", "cycles", "with_plain_sft")


class ArmChoice(Settings, frozen=True):
    """A policy that goes through the cycles: a Hugging Face `folder`, or a small one of an `architecture`, built and trained on the spot in
    the shape that `policy.tiny` gives, at its own `base_learning_rate` where one is given."""

    name: str
    architecture: Literal["qwen3", "llama", "mistral", "gemma", "gpt_neox"] | None = None
    folder: str | None = None
    base_learning_rate: float | None = None

    def check(self) -> None:
        if not self.name.replace("-", "").replace("_", "").isalnum():
            self.refuse(f"name = {self.name!r}", "is not made of letters, digits and hyphens", "rename the arm")
        if self.folder is not None and (self.architecture is not None or self.base_learning_rate is not None):
            self.refuse(f"arm {self.name!r}", "names a folder and how to build a policy", "keep one")


class LogsChoice(Settings, frozen=True):
    """A `folder` of real logs, read as `reading` says, whose conversations come first in each cycle: up to `rows` of them."""

    folder: str
    reading: LogSettings
    rows: int = 200

    def check(self) -> None:
        at_least(self, 1, "rows")


class SampleChoice(Settings, frozen=True):
    """What a cycle asks: `harmful` requests, harmful everyday ones in the words of harmless ones (`contrast`), harmless ones that look
    harmful (`borderline`) and `plain` medical questions, drawn from the train split in turns from every harm level, style, dimension and
    language, those that no cycle asked first. Each is answered `samples` times at a `temperature`. At most `failures` wrong answers to a
    situation stand against its rewritten one."""

    harmful: int = 200
    contrast: int = 0
    borderline: int = 120
    plain: int = 120
    samples: int = 4
    temperature: float = 0.8
    failures: int = 1

    def check(self) -> None:
        at_least(self, 1, "harmful", "plain", "samples", "failures")
        at_least(self, 0, "contrast", "borderline")
        if not self.temperature > 0:
            self.refuse(f"temperature = {self.temperature}", "samples one answer only", "give a positive number")


class ReplayChoice(Settings, frozen=True):
    """What stands beside a cycle's own material so that nothing is forgotten.

    `earlier` approvals and as many preferences of earlier cycles; `plain` medical questions with their answers, each preferred to a
    simulated wrong refusal; `borderline` requests likewise; `harmful` requests with their refusals, each preferred to simulated
    compliance; `choices` choice questions with their key, preferred to a wrong letter. All are drawn anew each cycle.
    """

    earlier: int = 120
    plain: int = 120
    borderline: int = 0
    harmful: int = 0
    choices: int = 60

    def check(self) -> None:
        at_least(self, 0, "earlier", "plain", "borderline", "harmful", "choices")


class CyclesRecipe(WorldRecipe, frozen=True, kw_only=True):
    """Everything cycles after deployment do. `docs/recipes.md` lists every setting.

    Each of the `arms` starts from its helpful-only policy, which `judging_rows` answers of known stance taught to judge as well, and
    goes through `cycles` cycles unless a stop rule ends them. Beside it stands the same policy after plain supervised fine-tuning on
    refusals and as many plain answers (`sft`, `sft_rows`), unless `with_plain_sft` is off. `gate` has no default: what is safe enough
    is for those who answer for it to say. It reads the second judge's word on a part of the dev split that the validator does not see.
    """

    kind: Literal["cycles"]
    gate: GateSettings
    title_zh: str = ""
    arms: tuple[ArmChoice, ...] = (ArmChoice(name="qwen3", architecture="qwen3"),)
    cycles: int = 3
    judging_rows: int = 0
    with_plain_sft: bool = True
    attacks: AttackSettings = AttackSettings()
    logs: LogsChoice | None = None
    judging: JudgingChoice = JudgingChoice()
    sample: SampleChoice = SampleChoice()
    replay: ReplayChoice = ReplayChoice()
    kto: KtoSettings = KtoSettings()
    dpo: DpoSettings = DpoSettings()
    validator: ValidatorSettings = ValidatorSettings()
    stop: StopSettings = StopSettings()

    def check(self) -> None:
        super().check()
        at_least(self, 1, "cycles")
        at_least(self, 0, "judging_rows")
        twice = [name for name, count in Counter(arm.name for arm in self.arms).items() if count > 1]
        if not self.arms or twice:
            self.refuse(
                f"arms {[arm.name for arm in self.arms]}", "are none, or two with one name", "give each policy its own"
            )
        if self.chat is not None:
            self.refuse("chat", "is not read in this recipe", "name a judge by judging.external")

    def run_of(self, arm: str) -> str:
        """What the cycles of one arm are called: the hash of what they depend on. How many cycles there are, and which policies stand
        beside it, decides nothing in them. Raises `SettingError` for an arm that the recipe does not have."""
        found = next((one for one in self.arms if one.name == arm), None)
        if found is None:
            known = ", ".join(one.name for one in self.arms)
            raise SettingError(f"arm {arm!r}", "is not in the recipe", f"name one of {known}", f"recipe '{self.name}'")
        own = self.of_arm(found)
        told = to_builtins(replace(own, data=replace(own.data, root=None)))
        return content_hash({key: value for key, value in told.items() if key not in _NO_PART})[:16]

    def of_arm(self, arm: ArmChoice) -> CyclesRecipe:
        """The recipe with the policy of one arm in its place."""
        policy: PolicyChoice = self.policy
        if arm.folder is not None:
            return replace(self, policy=replace(policy, folder=arm.folder))
        base, tiny = policy.base, policy.tiny
        if arm.base_learning_rate is not None:
            base = replace(base, learning_rate=arm.base_learning_rate)
        if arm.architecture is not None:
            tiny = replace(tiny, architecture=arm.architecture)
        return replace(self, policy=replace(policy, base=base, tiny=tiny))
