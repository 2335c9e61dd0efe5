"""How long a guided revision goes on, what it may cost, and how drafts are written."""

from __future__ import annotations

from primum.records import Language, Settings

__all__ = ["RevisionSettings", "WritingSettings"]


class RevisionSettings(Settings, frozen=True):
    """`rounds` bounds the drafts of one answer; it ends earlier after `patience` rounds in a row that brought nothing surely better.

    `budget_calls` and `budget_tokens` bound the whole revision (`None`: no bound). A call is one draft asked of the writer or one answer
    put to the judge, however many requests a chat model makes of it (what those cost is bounded by the budget in its own settings); the
    bound on calls is never passed. Tokens are known only when they are paid: before each batch as many drafts are admitted as the mean
    cost so far leaves room for, so that bound is passed by at most what one batch costs. `batch` is the most drafts in flight.
    """

    rounds: int = 3
    patience: int = 2
    budget_calls: int | None = None
    budget_tokens: int | None = None
    batch: int = 64

    def check(self) -> None:
        for name in ("rounds", "patience", "batch"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")
        for name in ("budget_calls", "budget_tokens"):
            value = getattr(self, name)
            if value is not None and value < 1:
                self.refuse(f"{name} = {value}", "must be above 0", "give a positive number, or leave it out")


class WritingSettings(Settings, frozen=True):
    """`characters_zh` and `characters_en` bound a draft; one of an answer that is longer may be as long as that.

    The rest is for models: `asks` bounds the replies of a chat model to one draft until one can be used.
    """

    characters_zh: int = 800
    characters_en: int = 2400
    temperature: float = 0.3
    max_tokens: int = 1600
    asks: int = 2
    concurrency: int = 16

    def check(self) -> None:
        for name in ("characters_zh", "characters_en", "max_tokens", "asks", "concurrency"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")
        if self.temperature < 0:
            self.refuse(f"temperature = {self.temperature}", "is below 0", "give 0 or more")

    def most_characters(self, language: Language, before: str) -> int:
        """The bound of a draft that is to replace `before`."""
        return max(self.characters_zh if language == "zh" else self.characters_en, len(before))
