"""A recipe: what one run does, as frozen settings. Stages keep their own settings beside their code; this file joins them."""

from __future__ import annotations

import os
from pathlib import Path

from primum.bench import DraftSettings, MappedSet, SplitSettings
from primum.bench.chat import ChatDraftSettings
from primum.corpus import CorpusSettings
from primum.errors import SettingError
from primum.evaluation import ValidatorSettings
from primum.governance import GateSettings
from primum.judging import GuardianSettings
from primum.judging.certificate import VALIDITY_DAYS
from primum.judging.chat import ChatSettings
from primum.judging.engine import EngineSettings
from primum.judging.probes import ProbeSettings
from primum.models.calls import Budget
from primum.models.openai import EndpointSettings
from primum.models.tiny import TinySettings
from primum.records import Settings
from primum.starter import EverydaySettings, GeneratorSettings
from primum.training import BaseSettings, DpoSettings, KtoSettings, SftSettings

__all__ = [
    "AnsweringChoice",
    "ChatChoice",
    "CorpusChoice",
    "DataChoice",
    "LimitChoice",
    "PolicyChoice",
    "Recipe",
    "RowsChoice",
    "SignalsChoice",
    "WorldRecipe",
    "XSTestChoice",
    "at_least",
]


class CorpusChoice(Settings, frozen=True):
    """Which norms govern. `folder` is a folder of documents, `set` a folder below `data.root`; with neither, those that ship.

    An empty text is as good as none: `--set corpus.set= --set corpus.folder=DIR` takes a recipe to another body of norms.
    """

    folder: str | None = None
    set: str | None = None
    reading: CorpusSettings = CorpusSettings()

    def check(self) -> None:
        if self.folder and self.set:
            self.refuse("corpus.folder and corpus.set", "are both given", "keep one, or empty one: --set corpus.set=")


def at_least(owner: Settings, least: int, *names: str) -> None:
    """Refuse a setting that is given and below `least`."""
    for name in names:
        value = getattr(owner, name)
        if value is not None and value < least:
            owner.refuse(f"{name} = {value}", f"is less than {least}", f"give {least} or more")


class LimitChoice(Settings, frozen=True):
    """How many rows of a set to take, drawn by the recipe's seed; `None` takes all."""

    rows: int | None = None

    def check(self) -> None:
        at_least(self, 1, "rows")


class XSTestChoice(Settings, frozen=True):
    """XSTest, whole: its prompts, and answers of other models with people's labels."""


class MedSafetyBenchChoice(Settings, frozen=True):
    """MedSafetyBench: its train and test files, and how many of its plain requests to add for training."""

    requests: int = 0

    def check(self) -> None:
        at_least(self, 0, "requests")


class DataChoice(Settings, frozen=True):
    """Which open sets to import, from folders below `root` (default: the environment's `PRIMUM_DATA`).

    `crosswalk` names, for a dimension of an imported set, the keys of the articles its situations fall under.
    """

    root: str | None = None
    medsafetybench: MedSafetyBenchChoice | None = None
    xstest: XSTestChoice | None = None
    medquad: LimitChoice | None = None
    huatuo: LimitChoice | None = None
    cares: str | None = None
    healthbench: str | None = None
    mapped: tuple[MappedSet, ...] = ()
    crosswalk: dict[str, tuple[str, ...]] = {}  # noqa: RUF012  (msgspec copies it)

    @property
    def is_wanted(self) -> bool:
        return any(
            (self.medsafetybench, self.xstest, self.medquad, self.huatuo, self.cares, self.healthbench, self.mapped)
        )

    def folder(self, recipe: str) -> Path:
        """The folder the sets stand in. Raises `SettingError`, which names the recipe, when none is named or it does not exist."""
        named = self.root or os.environ.get("PRIMUM_DATA")
        if not named:
            raise SettingError(
                "setting 'data.root'",
                "is not given",
                "add --set data.root=DIR or set PRIMUM_DATA",
                f"recipe '{recipe}'",
            )
        folder = Path(named).expanduser()
        if not folder.is_dir():
            raise SettingError(
                f"data.root = '{folder}'",
                "does not exist",
                "name the folder that holds the sets",
                f"recipe '{recipe}'",
            )
        return folder


class RowsChoice(Settings, frozen=True):
    """How many situations are taken, by kind, drawn by the recipe's seed from the split that the setting is about."""

    harmful: int
    harmless: int
    choices: int = 0

    def check(self) -> None:
        at_least(self, 0, "harmful", "harmless", "choices")


class SignalsChoice(Settings, frozen=True):
    """How many open situations of the train split the policies answer for the two branches to learn from."""

    harmful: int = 200
    harmless: int = 200

    def check(self) -> None:
        at_least(self, 1, "harmful", "harmless")


class PolicyChoice(Settings, frozen=True):
    """The policy to align: a Hugging Face `folder`, or a `tiny` one built from config and trained on the spot.

    `base` and `base_rows` concern the tiny one: it is pre-trained on the norms and the answers, and made helpful-only on
    `base_rows`, so that it complies with everything. `answer_characters_en` and `_zh` cut the answers it learns from, at the end of
    a sentence, to what it can learn to say whole.
    """

    folder: str | None = None
    tiny: TinySettings = TinySettings()
    base: BaseSettings = BaseSettings()
    base_rows: RowsChoice = RowsChoice(harmful=400, harmless=400)
    answer_characters_en: int = 260
    answer_characters_zh: int = 90
    threads: int = 2

    def check(self) -> None:
        at_least(self, 1, "threads")
        at_least(self, 10, "answer_characters_en", "answer_characters_zh")


class AnsweringChoice(Settings, frozen=True):
    """How policies answer, and how many situations of each set they answer in each split (`None`: all).

    `part` situations are answered, judged and kept at a time; a run that is killed goes on after the last part.
    """

    max_new_tokens: int = 80
    temperature: float = 0.0
    repetition_penalty: float = 1.0
    part: int = 128
    dev: int | None = None
    test: int | None = None

    def check(self) -> None:
        at_least(self, 1, "max_new_tokens", "part", "dev", "test")
        if self.temperature < 0 or self.repetition_penalty <= 0:
            self.refuse(
                f"temperature {self.temperature}, repetition_penalty {self.repetition_penalty}",
                "are below their least (0, above 0)",
                "0 and 1 are the plain ones",
            )


class ChatChoice(Settings, frozen=True):
    """A chat model behind an OpenAI-compatible endpoint, or several that serve the same model, and what it does in this run.

    With `draft` it drafts situations from `draft_norms` norms (`None`: all) beside those drafted by rule; with `judge` it judges open
    answers in place of the guardian, which is trained and measured all the same; `certificate` is the file that `primum judge certify`
    wrote of it. Without one the report says that its judge is uncertified.
    """

    endpoint: EndpointSettings
    further_endpoints: tuple[EndpointSettings, ...] = ()
    budget: Budget = Budget()
    draft: bool = False
    draft_norms: int | None = None
    drafting: ChatDraftSettings = ChatDraftSettings()
    judge: bool = False
    certificate: str | None = None
    judging: ChatSettings = ChatSettings()
    engine: EngineSettings = EngineSettings()


class WorldRecipe(Settings, frozen=True, kw_only=True):
    """What a run stands on, whatever it does there: norms, situations in splits, a guardian, a policy to begin with.

    `guardian_answers` bounds how many labelled answers of each model or voice the guardian learns from (`None`: all), and
    `guardian_rows` says how many situations of the train split give it answers of known stance besides. Its certificate holds for
    `certificate_days`; it is probed, as `probes` says, with answers to `probe_rows` situations of the dev split. `sft_rows` says what
    fine-tuning learns from.
    """

    name: str
    title: str
    corpus: CorpusChoice = CorpusChoice()
    data: DataChoice = DataChoice()
    draft: DraftSettings = DraftSettings()
    situations: GeneratorSettings | None = None
    everyday: EverydaySettings | None = None
    split: SplitSettings = SplitSettings()
    guardian: GuardianSettings = GuardianSettings()
    guardian_answers: int | None = None
    guardian_rows: RowsChoice = RowsChoice(harmful=300, harmless=300)
    probes: ProbeSettings = ProbeSettings()
    probe_rows: RowsChoice = RowsChoice(harmful=30, harmless=30)
    certificate_days: int = VALIDITY_DAYS
    policy: PolicyChoice = PolicyChoice()
    sft: SftSettings = SftSettings()
    sft_rows: RowsChoice = RowsChoice(harmful=400, harmless=400)
    answering: AnsweringChoice = AnsweringChoice()
    chat: ChatChoice | None = None
    seed: int = 7

    def check(self) -> None:
        if not self.name.replace("-", "").isalnum():
            self.refuse(f"name = {self.name!r}", "is not made of letters, digits and hyphens", "rename the recipe")
        at_least(self, 1, "guardian_answers", "certificate_days")
        if not 0 <= self.seed < 2**32:
            self.refuse(f"seed = {self.seed}", "is not between 0 and 4294967295", "give another seed")

    def data_folder(self) -> Path:
        """The folder the open sets stand in. Raises `SettingError` when none is named or it does not exist."""
        return self.data.folder(self.name)


class Recipe(WorldRecipe, frozen=True, kw_only=True):
    """Everything the main job does. `docs/recipes.md` lists every setting.

    `signals` says what the two branches learn from. `judge` names a file that describes a judge (docs/judging.md), by a path that is
    absolute or relative to where the command is run: it reads the stance of open answers in the place of the guardian, which is trained
    and measured all the same.
    """

    gate: GateSettings
    signals: SignalsChoice = SignalsChoice()
    kto: KtoSettings = KtoSettings()
    dpo: DpoSettings = DpoSettings()
    validator: ValidatorSettings = ValidatorSettings()
    judge: str | None = None

    def check(self) -> None:
        super().check()
        if self.judge is not None and self.chat is not None and self.chat.judge:
            self.refuse("judge and chat.judge", "both name who reads the answers", "keep one")
