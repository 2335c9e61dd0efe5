"""What people do with the rules in the norms: show who may, must or must not do what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from primum.config import read_settings
from primum.corpus import CorpusSettings, read_corpus
from primum.corpus.rules import extract
from primum.corpus.rules.chat import RuleReadings, RuleReadingSettings, extract_with_model
from primum.cycles.chat_file import ChatFile, opened_chat_file
from primum.cycles.workspace import Workspace
from primum.errors import UnknownIdError
from primum.ports import Progress, silent
from primum.records import Norm, Rule, Span

__all__ = ["RuleChat", "RulesAsked", "show_rules"]


class RuleChat(ChatFile, frozen=True):
    """The chat model that reads rules, and how it reads."""

    reading: RuleReadingSettings = RuleReadingSettings()


class RulesAsked(NamedTuple):
    """Whose rules are wanted: those of a folder of norms, or of the workspace; of one norm by its key, id or reference, or of all.

    `chat` names a TOML file with `[[endpoints]]`: a chat model reads then, and every reading is checked against the text.
    """

    workspace: Path
    corpus: Path | None = None
    norm: str | None = None
    chat: Path | None = None


def show_rules(asked: RulesAsked, progress: Progress = silent) -> dict[str, Any]:
    """The rules as rows, how many there are of each modality, and the readings that were refused.

    Raises `UnknownIdError` when no norm carries the name that was asked for.
    """
    norms = _norms(asked)
    refused: Sequence[tuple[str, str]] = ()
    if asked.chat is None:
        rules: Sequence[Rule] = extract(norms)
    else:
        rules, refused = _read_by_chat(norms, asked.chat, progress)
    by_id = {norm.id: norm for norm in norms}
    counted = Counter(rule.modality for rule in rules)
    return {
        "norms": len(norms),
        "norms_with_rules": len({rule.norm for rule in rules}),
        "rules": [_row(rule, by_id[rule.norm]) for rule in rules],
        "modality": {name: counted[name] for name in ("prohibition", "obligation", "permission")},
        "refused": [{"norm": by_id[norm].key, "reason": reason} for norm, reason in refused],
    }


def _norms(asked: RulesAsked) -> list[Norm]:
    if asked.corpus is not None:
        norms = list(read_corpus(asked.corpus, CorpusSettings()).norms)
        place = str(asked.corpus)
    else:
        with Workspace(asked.workspace, is_writer=False) as opened:
            norms = list(opened.store.all(Norm))
        place = str(asked.workspace)
    if asked.norm is None:
        return norms
    named = [norm for norm in norms if asked.norm in (norm.key, norm.id, norm.reference)]
    if not named:
        raise UnknownIdError(f"norm '{asked.norm}'", "is not there", "find its key with: primum corpus search", place)
    return named


def _read_by_chat(norms: Sequence[Norm], path: Path, progress: Progress) -> RuleReadings:
    settings = read_settings(path, RuleChat)
    with opened_chat_file(settings, path) as chat:
        return extract_with_model(norms, chat, settings.reading, progress)


def _row(rule: Rule, norm: Norm) -> dict[str, Any]:
    def told(span: Span | None) -> str:
        return "" if span is None else span.text

    return {
        "norm": norm.key,
        "citation": norm.reference + rule.label if norm.language == "zh" else f"{norm.reference} {rule.label}".strip(),
        "language": rule.language,
        "modality": rule.modality,
        "subject": told(rule.subject),
        "act": rule.act.text,
        "condition": told(rule.condition),
        "consequence": told(rule.consequence),
        "span": [rule.act.start, rule.act.end],
    }
