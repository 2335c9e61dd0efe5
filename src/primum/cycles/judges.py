"""judge.toml: which judge there is, opened and ready.

    kind = "chat"                        kind = "panel"
    [[endpoints]]                        rule = "majority"
    base_url = "http://localhost:8000/v1"  [[members]]
    model = "a-model"                    kind = "guardian"
    [chat]                               path = "guardians/one"
    criteria_per_call = 1                [[members]]
                                         kind = "chat" …

Paths are relative to the file they stand in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal

from msgspec.structs import replace

from primum.config import read_settings
from primum.cycles.exemplar_file import read_book
from primum.cycles.verdict_file import read_recorded
from primum.errors import SettingError
from primum.evaluation.suites.files import LabelRow
from primum.evaluation.suites.lines import read_structs
from primum.judging.chat import ChatJudge, ChatSettings
from primum.judging.criteria import CriterionReader, CriterionRules, shipped_reader
from primum.judging.engine import EngineSettings
from primum.judging.guardian import Guardian
from primum.judging.panel import PanelJudge, PanelSettings
from primum.judging.person import person_judge
from primum.judging.recorded import RecordedJudge, RecordedRow
from primum.judging.rules import ChoiceJudge
from primum.judging.stance_rule import StanceRule
from primum.judging.usable import unusable_reason
from primum.models.calls import Budget, CallCache, Spent
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Judge
from primum.records import ByImport, BySimulation, JudgeRef, Settings, content_hash
from primum.rewards.model import ReadingSettings, RewardModelJudge

__all__ = ["JudgeSettings", "MemberSettings", "OpenedJudge", "is_same", "load_judge"]

_OWN_KEYS: dict[str, tuple[str, ...]] = {
    "chat": ("endpoints", "chat", "engine", "calls", "budget"),
    "guardian": ("path",),
    "reward_model": ("path", "reading"),
    "rule": (),
    "stance_rule": (),
    "criteria_rule": (),
    "criteria_reader": ("path",),
    "recorded": ("path", "name", "of_kind"),
    "person": ("path", "name", "simulated_seed"),
    "panel": ("members", "name", "rule", "quorum"),
}
_NEEDED: dict[str, tuple[str, ...]] = {
    "chat": ("endpoints",),
    "guardian": ("path",),
    "reward_model": ("path",),
    "recorded": ("path",),
    "person": ("path", "name"),
    "panel": ("members",),
}
_CALLS = "calls.db"


class _Described(Settings, frozen=True, kw_only=True):
    name: str | None = None
    endpoints: tuple[EndpointSettings, ...] | None = None
    chat: ChatSettings | None = None
    engine: EngineSettings | None = None
    calls: str | None = None
    budget: Budget | None = None
    path: str | None = None
    reading: ReadingSettings | None = None
    of_kind: Literal["guardian", "reward_model", "chat_model", "rule", "person", "simulated"] | None = None
    simulated_seed: int | None = None

    def check(self) -> None:
        kind: str = self.kind  # type: ignore[attr-defined]  # both kinds of description have one
        own = _OWN_KEYS[kind]
        for key in self.__struct_fields__:
            if key != "kind" and key not in own and getattr(self, key) is not None:
                self.refuse(
                    f"setting '{key}'",
                    f"is not one of a judge of kind '{kind}'",
                    f"remove it; there are {', '.join(own)}" if own else "remove it; this kind has none",
                )
        for key in _NEEDED.get(kind, ()):
            if not getattr(self, key):
                self.refuse(f"setting '{key}'", f"is missing in a judge of kind '{kind}'", "add it")


class MemberSettings(_Described, frozen=True, kw_only=True):
    """A judge that sits on a panel: of any kind but another panel, and described like one that works alone."""

    kind: Literal[
        "chat",
        "guardian",
        "reward_model",
        "rule",
        "stance_rule",
        "criteria_rule",
        "criteria_reader",
        "recorded",
        "person",
    ]


class JudgeSettings(_Described, frozen=True, kw_only=True):
    """A judge, by its kind; a key that is not its kind's is refused.

    - `chat`: a chat model at one or several `endpoints` that all serve it, asked as `chat` says and scheduled as `engine` says.
      Replies that were paid for are remembered in the file `calls`; what may be spent is its `budget`. The `exemplars_file` of its
      `chat` is relative to this file too.
    - `guardian`: a trained guardian in the folder `path`.
    - `reward_model`: a reward model in the folder `path`; it reads every criterion by its statement, as `reading` says.
    - `rule`: the rule for choice questions.
    - `stance_rule`: the rule for the stance of open answers, written by hand and trained on nothing.
    - `criteria_rule`: the rules for criteria that are free text, written by hand and trained on nothing.
    - `criteria_reader`: the trained reader of such criteria in the folder `path`, or the one that ships.
    - `recorded`: the verdicts in the file `path`. Unless `primum judge run` wrote it, `of_kind` says what gave them and `name` who.
    - `person`: what the rater `name` said in the file of labels `path`. `simulated_seed` is the seed of the generator when no person
      said it; it is then called simulated.
    - `panel`: `members` that vote by `rule` with a `quorum`, see `PanelSettings`.
    """

    kind: Literal[
        "chat",
        "guardian",
        "reward_model",
        "rule",
        "stance_rule",
        "criteria_rule",
        "criteria_reader",
        "recorded",
        "person",
        "panel",
    ]
    rule: Literal["majority", "unanimous", "any_veto"] | None = None
    quorum: int | None = None
    members: tuple[MemberSettings, ...] | None = None


class OpenedJudge:
    """A judge with what was opened for it: `chats` that it and its members ask, `files` that they read and remember in."""

    def __init__(
        self, judge: Judge, settings: JudgeSettings | MemberSettings, chats: Sequence[OpenAIChat], notes: Sequence[str]
    ) -> None:
        self.judge, self.settings, self.chats = judge, settings, tuple(chats)
        self.files: tuple[Path, ...] = ()
        self._notes = tuple(notes)

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever reads the verdicts should know of how they were got; it grows while the judge works."""
        return (*self._notes, *(note for chat in self.chats for note in chat.notes))

    @property
    def spent(self) -> Spent:
        """What its calls have cost until now, the earlier ones in its calls file included."""
        # Members may share a calls file, and it counts for all of them.
        parts = list({id(chat.spent): chat.spent for chat in self.chats}.values())
        return Spent(
            sum(part.calls for part in parts),
            sum(part.prompt_tokens for part in parts),
            sum(part.completion_tokens for part in parts),
            sum(part.usd for part in parts),
        )

    def check_out(self, out: Path, place: str) -> None:
        """Raise `SettingError` when writing to `out` would write over what the judge needs."""
        if any(is_same(out, one) for one in self.files):
            raise SettingError(f"--out '{out}'", "is a file that the judge needs", "name another", place)

    def variant(self, **changes: Any) -> Judge | None:
        """The same model asked in another way (`criteria_per_call=4`); `None` for a judge that asks no model itself."""
        if not isinstance(self.judge, ChatJudge):
            return None
        settings = replace(self.settings.chat or ChatSettings(), **changes)
        return ChatJudge(self.chats[0], settings, self.judge.book)


def is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, links of either sort followed."""
    try:
        return one.resolve() == other.resolve() or one.samefile(other)
    except OSError:
        return False  # one of them is not there


@contextmanager
def load_judge(path: Path, overrides: Iterable[str] = (), beside: Path | None = None) -> Iterator[OpenedJudge]:
    """The judge that the TOML file `path` describes, with `KEY=VALUE` overrides on top, open while the `with` lasts.

    Replies are remembered in `calls.db` in the folder `beside`, unless the file names another; with neither, nowhere.

    Raises `SettingError` for settings that cannot be followed, `ModelError` for a guardian that cannot be loaded, `InputError` for
    recorded verdicts that cannot be read.
    """
    settings = read_settings(path, JudgeSettings, overrides)
    with ExitStack() as stack:
        opener = _Opener(path, beside, stack)
        opened = opener.open(settings)
        opened.files = tuple(opener.files)
        yield opened


class _Opener:
    """Opens a judge and its members; equal files are opened once."""

    def __init__(self, file: Path, beside: Path | None, stack: ExitStack) -> None:
        self._file, self._beside, self._stack = file, beside, stack
        self._caches: dict[Path, CallCache] = {}
        self.files: list[Path] = []

    def open(self, settings: JudgeSettings | MemberSettings) -> OpenedJudge:
        if isinstance(settings, JudgeSettings) and settings.kind == "panel":
            return self._panel(settings)
        match settings.kind:
            case "chat":
                return self._chat(settings)
            case "guardian":
                return OpenedJudge(Guardian.load(self._path(settings)), settings, (), ())
            case "reward_model":
                return self._reward_model(settings)
            case "recorded":
                return self._recorded(settings)
            case "person":
                return self._person(settings)
            case "stance_rule":
                return OpenedJudge(StanceRule(), settings, (), ())
            case "criteria_rule":
                return OpenedJudge(CriterionRules(), settings, (), ())
            case "criteria_reader":
                reader = shipped_reader() if settings.path is None else CriterionReader.load(self._path(settings))
                return OpenedJudge(reader, settings, (), ())
            case _:
                return OpenedJudge(ChoiceJudge(), settings, (), ())

    def _chat(self, settings: JudgeSettings | MemberSettings) -> OpenedJudge:
        calls: CallCache | None = None
        if settings.calls is not None:
            calls = self._cache(self._place("calls", settings.calls))
        elif self._beside is not None:
            calls = self._cache(self._beside / _CALLS)
        chat = OpenAIChat(settings.endpoints or (), calls, settings.budget)
        notes = [f"a script stands in for the model {chat.name}"] if chat.is_scripted else []
        book = None
        if settings.chat is not None and settings.chat.exemplars_file is not None:
            file = self._place("exemplars_file", settings.chat.exemplars_file)
            self.files.append(file)
            book = read_book(file)
            notes.append(f"it is shown judgements that people corrected, of {len(book)} in {file.name}")
        return OpenedJudge(ChatJudge(chat, settings.chat, book), settings, (chat,), notes)

    def _cache(self, path: Path) -> CallCache:
        path = path.resolve()
        self.files.append(path)
        if path not in self._caches:
            self._caches[path] = self._stack.enter_context(CallCache(path))
        return self._caches[path]

    def _reward_model(self, settings: JudgeSettings | MemberSettings) -> OpenedJudge:
        from primum.rewards.model import RewardModel  # loads torch

        model = RewardModel.load(self._path(settings))
        judge = RewardModelJudge(model, unusable_reason, settings.reading or ReadingSettings())
        return OpenedJudge(judge, settings, (), ())

    def _recorded(self, settings: JudgeSettings | MemberSettings) -> OpenedJudge:
        path = self._path(settings)
        rows, ref = read_recorded(path)
        if ref is None:
            if settings.of_kind is None:
                raise SettingError(
                    "setting 'of_kind'",
                    f"is missing, and nothing beside '{path.name}' says what kind of judge gave its verdicts",
                    'add it, for example of_kind = "chat_model"',
                    str(self._file),
                )
            ref = JudgeRef(
                name=settings.name or rows[0].judge or path.stem,
                kind_of=settings.of_kind,
                fingerprint=content_hash(rows),
                made=ByImport(dataset=path.name, row="all"),
            )
        notes = []
        if not all(row.answer for row in rows):
            notes.append(
                f"some verdicts in {path.name} do not name the answer they are on: they are taken to be on those given"
            )
        recorded = [RecordedRow(row.prompt_id, row.met, row.reasons, row.probabilities, row.answer) for row in rows]
        return OpenedJudge(RecordedJudge(ref, rows=recorded), settings, (), notes)

    def _person(self, settings: JudgeSettings | MemberSettings) -> OpenedJudge:
        path, person = self._path(settings), settings.name or ""
        rows = [one.row for one in read_structs(path, LabelRow, "a row of labels") if one.row.rater == person]
        if not rows:
            raise SettingError(
                f"rater '{person}'", f"has no label in '{path.name}'", "name a rater of that file", str(self._file)
            )
        seed = settings.simulated_seed
        simulated = BySimulation(generator=person, seed=seed) if seed is not None else None
        judge = person_judge(person, [RecordedRow(row.prompt_id, row.met) for row in rows], simulated=simulated)
        notes = [f"the labels in {path.name} do not name the answers they are on: they are taken to be on those given"]
        if simulated is not None:
            notes.append(f"{person} is simulated: nobody gave these labels")
        return OpenedJudge(judge, settings, (), notes)

    def _panel(self, settings: JudgeSettings) -> OpenedJudge:
        members = [self.open(member) for member in settings.members or ()]
        ruled = PanelSettings(rule=settings.rule or "majority", quorum=settings.quorum or 0)
        panel = PanelJudge([member.judge for member in members], ruled, settings.name or "panel")
        chats = [chat for member in members for chat in member.chats]
        notes = [note for member in members for note in member._notes]
        return OpenedJudge(panel, settings, chats, notes)

    def _path(self, settings: _Described) -> Path:
        path = self._place("path", settings.path or "")
        self.files.append(path)
        return path

    def _place(self, key: str, written: str) -> Path:
        """A path as it is written in the judge's file: relative to that."""
        try:
            if "\0" in written:
                raise ValueError
            return self._file.parent / Path(written).expanduser()
        except (ValueError, RuntimeError) as error:  # nobody has a home of that name
            raise SettingError(
                f"{key} = {written!r}", "is no path", "name a file, relative to this one", str(self._file)
            ) from error
