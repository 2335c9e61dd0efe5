"""The recipe of principles: from real queries to rubrics, principles, rubrics for queries nobody labelled, pairs, a policy, a revision."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from primum.bench import SplitSettings
from primum.cycles.recipe import AnsweringChoice, CorpusChoice, DataChoice, PolicyChoice, at_least
from primum.judging.chat import ChatSettings
from primum.judging.engine import EngineSettings
from primum.models.calls import Budget
from primum.models.openai import EndpointSettings
from primum.records import Settings
from primum.revision.guided import RevisionSettings, WritingSettings
from primum.rewards import PairSettings
from primum.rubrics.distil import DistilSettings
from primum.rubrics.drafting import ChatDraftingSettings, DraftingSettings
from primum.rubrics.lint import LintSettings
from primum.rubrics.synthesis import SynthesisSettings
from primum.training import DpoSettings, KtoSettings, SftSettings

__all__ = ["ChatUses", "ChatWork", "PrinciplesRecipe", "QueryRows", "TrainChoice"]

ChatWork = Literal["draft", "classify", "distil", "synthesise", "judge", "write"]


class QueryRows(Settings, frozen=True):
    """How many queries each part of a run takes, drawn by the recipe's seed, the languages in proportion.

    `labelled` queries of the train split get a rubric of their own, from which principles are distilled, and with `with_own` so do the
    queries of our own writing that ship, which open sets are short of: emergencies, drugs, consent and law. `unlabelled` others get one
    that is synthesised from the principles. `answered` of these are answered `samples` times by the policy and once by a guided revision,
    and teach it. `tested` queries of the test split measure; `revised` of them are revised as a served policy would. `norms` is how many
    norms are looked at for a query. A tiny policy is built from the sets' own answers to `base` queries, and meets `replay` of those again
    while it is taught, so that it does not forget how to end a sentence.
    """

    labelled: int = 900
    unlabelled: int = 600
    answered: int = 300
    samples: int = 3
    tested: int = 240
    revised: int = 160
    norms: int = 3
    with_own: bool = True
    base: int = 2000
    replay: int = 200

    def check(self) -> None:
        at_least(self, 1, "labelled", "unlabelled", "answered", "samples", "tested", "revised", "base")
        at_least(self, 0, "norms", "replay")


class TrainChoice(Settings, frozen=True):
    """What the policy learns by. With `sft` it first learns the answers that were approved; then `preferences` by DPO or KTO."""

    sft: bool = True
    preferences: Literal["dpo", "kto", "none"] = "dpo"

    def check(self) -> None:
        if not self.sft and self.preferences == "none":
            self.refuse("train", "learns nothing", "keep sft, or name dpo or kto")


class ChatUses(Settings, frozen=True):
    """A chat model behind an OpenAI-compatible endpoint, or several that serve the same model, and the `work` it does in this run.

    `draft` rubrics, `classify` queries, `distil` one statement from a group, `synthesise` rubrics, `judge` the answers that teach, `write`
    the drafts of a revision. What is not named is done the embedded way. What measures is never this model.
    """

    endpoint: EndpointSettings
    further_endpoints: tuple[EndpointSettings, ...] = ()
    budget: Budget = Budget()
    work: tuple[ChatWork, ...] = ("draft", "classify", "distil", "synthesise", "judge", "write")
    drafting: ChatDraftingSettings = ChatDraftingSettings()
    judging: ChatSettings = ChatSettings(asks_stance=False)
    engine: EngineSettings = EngineSettings()

    def check(self) -> None:
        if not self.work or len(set(self.work)) != len(self.work):
            self.refuse(
                "chat.work", "is empty or names one thing twice", "name what the model does, or take [chat] out"
            )


class PrinciplesRecipe(Settings, frozen=True):
    """Everything a run of principles does. `docs/recipes.md` lists every setting.

    `resamplings` is how often distillation is repeated on resampled rubrics, to see how many principles recur.
    """

    kind: Literal["principles"]
    name: str
    title: str
    title_zh: str = ""
    corpus: CorpusChoice = CorpusChoice()
    data: DataChoice = DataChoice()
    split: SplitSettings = SplitSettings()
    rows: QueryRows = QueryRows()
    drafting: DraftingSettings = DraftingSettings()
    lint: LintSettings = LintSettings()
    distil: DistilSettings = DistilSettings()
    resamplings: int = 10
    synthesis: SynthesisSettings = SynthesisSettings()
    policy: PolicyChoice = PolicyChoice()
    answering: AnsweringChoice = AnsweringChoice()
    sampling_temperature: float = 0.9
    pairs: PairSettings = PairSettings()
    train: TrainChoice = TrainChoice()
    sft: SftSettings = SftSettings()
    dpo: DpoSettings = DpoSettings()
    kto: KtoSettings = KtoSettings()
    revision: RevisionSettings = RevisionSettings()
    writing: WritingSettings = WritingSettings()
    chat: ChatUses | None = None
    seed: int = 7

    def check(self) -> None:
        if not self.name.replace("-", "").isalnum():
            self.refuse(f"name = {self.name!r}", "is not made of letters, digits and hyphens", "rename the recipe")
        at_least(self, 2, "resamplings")
        if not 0 <= self.seed < 2**32:
            self.refuse(f"seed = {self.seed}", "is not between 0 and 4294967295", "give another seed")
        if not self.sampling_temperature > 0:
            self.refuse(
                f"sampling_temperature = {self.sampling_temperature}", "draws the same answer each time", "give above 0"
            )
        if self.rows.answered > self.rows.unlabelled or self.rows.revised > self.rows.tested:
            self.refuse("rows.answered or rows.revised", "is more than there are to draw from", "give fewer")

    def data_folder(self) -> Path:
        """The folder the open sets stand in. Raises `SettingError` when none is named or it does not exist."""
        return self.data.folder(self.name)

    def uses_chat(self, work: ChatWork) -> bool:
        """Whether a chat model does this work."""
        return self.chat is not None and work in self.chat.work
