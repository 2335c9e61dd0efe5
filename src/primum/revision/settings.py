"""How answers are rewritten."""

from __future__ import annotations

from primum.records import Language, Settings

__all__ = ["RewriteSettings"]


class RewriteSettings(Settings, frozen=True):
    """`characters_zh` and `characters_en` bound a rewritten answer. `tries` is how many wordings the embedded way may compose until one is
    short enough. The rest is for the chat-model way: `asks` bounds the replies to one answer until one can be used.
    """

    characters_zh: int = 110
    characters_en: int = 320
    tries: int = 12
    temperature: float = 0.3
    max_tokens: int = 800
    asks: int = 2
    concurrency: int = 16

    def check(self) -> None:
        for name in ("characters_zh", "characters_en", "tries", "max_tokens", "asks", "concurrency"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")

    def most_characters(self, language: Language) -> int:
        """The bound of an answer in a language."""
        return self.characters_zh if language == "zh" else self.characters_en
