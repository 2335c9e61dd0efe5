"""What a reward model says of itself: `reward.json`, which decides how it is read, and `README.md`, which people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from primum.records import CriterionKind, Estimate, Language, Value
from primum.rewards.model.layout import LAYOUT_VERSION
from primum.stats.calibration import Calibrator

__all__ = ["Figure", "HeadName", "ReadStance", "RewardCard", "readme"]

HeadName = Literal["safety", "proficiency"]
ReadStance = Literal["accept", "caution", "refuse"]


class Figure(Value, frozen=True):
    """A measured number: what was measured (`pairwise accuracy`), of which class of criteria or slice, on what."""

    metric: str
    of: CriterionKind | str
    estimate: Estimate
    on: str = "pairs held back from training"


class RewardCard(Value, frozen=True):
    """All that a reward model needs to be read besides its weights, and what is known of it.

    `trained_keys` name the families of criteria it was shown. What it learned from or was calibrated on: `trained_on`, the ids of the
    records (a judge names them as its parents), `trained_groups`, the groups of the pairs, `trained_policies`, whose answers these were,
    and `trained_languages`. `settings` are those of its training. `calibration` holds for each head a calibrator of its *logits*; a head
    without one gives chances that nobody checked.
    `stances` are the statements by which a stance is read, by stance and language; empty for a model that was not trained on them.
    `data` says in a sentence what it learned from; `is_simulated` whether any of that was simulated, `simulated_share` how many of the
    pairs (0 … 1; `None` where nobody said), `is_from_scratch` whether its backbone was built on the spot. `fingerprint` hashes all that
    decides its answers, `seal` all else that stands here; both are set when the model is saved.
    """

    name: str
    max_tokens: int
    layout: int = LAYOUT_VERSION
    with_criteria: bool = True
    settings: dict[str, Any] = {}  # noqa: RUF012  (msgspec copies it)
    trained_keys: tuple[str, ...] = ()
    trained_on: tuple[str, ...] = ()
    trained_groups: tuple[str, ...] = ()
    trained_policies: tuple[str, ...] = ()
    trained_languages: tuple[Language, ...] = ()
    stances: dict[ReadStance, dict[Language, str]] = {}  # noqa: RUF012
    calibration: dict[HeadName, Calibrator] = {}  # noqa: RUF012
    figures: tuple[Figure, ...] = ()
    data: str = ""
    parent: str = ""
    is_simulated: bool = False
    simulated_share: float | None = None
    is_from_scratch: bool = False
    fingerprint: str = ""
    seal: str = ""

    def check(self) -> None:
        if not self.name.strip() or self.max_tokens < 16:
            self.refuse(
                f"a reward model {self.name!r} of {self.max_tokens} tokens",
                "has no name or no room for a text",
                "name it, and give it 16 tokens or more",
            )


_CALIBRATED: Mapping[HeadName, str] = {
    "safety": "safety criteria",
    "proficiency": "proficiency and excellence criteria",
}


def readme(card: RewardCard, architecture: str, parameters: int) -> str:
    """The card in Markdown, as Hugging Face shows it."""
    parts = [
        _front(card),
        f"# {card.name}",
        "A reward model that reads the criterion: for an answer and a list of criteria it gives, for each criterion, a logit and a "
        "calibrated chance that the answer meets it. Safety is read by a head of its own, so that a veto is never averaged away."
        if not _is_one_head(card)
        else "A reward model that reads the criterion: for an answer and a list of criteria it gives, for each criterion, a logit and a "
        "calibrated chance that the answer meets it. **One head reads safety and proficiency alike** (an ablation).",
        *_warnings(card),
        "## The network",
        f"`{architecture}`, {parameters:,} parameters, {card.max_tokens} tokens for an answer under a criterion. "
        f"{'Made from ' + card.parent + '.' if card.parent else ''}",
        "## Data",
        card.data or "Not described.",
        _learned(card),
        "## Figures",
        *_figures(card),
        "## Calibration",
        *_calibration(card),
        "## What it is not",
        "It is no doctor and no medical device, it does not know whether a statement is true, and it must not decide about a patient. "
        "It was measured on the data above and on nothing else: on other criteria, languages, policies or specialties measure it first "
        "(`primum judge certify`). An answer written to please it can deceive it: keep a judge that the training never sees.",
        "## Licence",
        "The licence of these weights is for whoever publishes them to state; it must suit the backbone's and the data's. "
        "Licence: (not stated)",
    ]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _front(card: RewardCard) -> str:
    return "---\nlibrary_name: transformers\ntags:\n- reward-model\n- criteria\n- primum\n---"


def _is_one_head(card: RewardCard) -> bool:
    return card.settings.get("head") == "one"


def _warnings(card: RewardCard) -> list[str]:
    said = []
    if card.is_simulated:
        said.append(_simulated(card.simulated_share))
    if card.is_from_scratch:
        said.append("**From scratch.** Its backbone was built on the spot and is small: its figures test the chain.")
    if not card.with_criteria:
        said.append("**An ablation:** it does not read the text of the criteria.")
    return said


def _simulated(share: float | None) -> str:
    if share is None or share >= 1.0:
        return "**Simulated.** It learned from simulated answers; its figures say nothing about real ones."
    return f"**Partly simulated.** {100 * share:.0f} % of the pairs it learned from are simulated, and its figures are of both kinds."


def _learned(card: RewardCard) -> str:
    counts = (
        (len(card.trained_groups), "groups of pairs"),
        (len(card.trained_on), "records"),
        (len(card.trained_keys), "families of criteria"),
    )
    told = ", ".join(f"{count:,} {of}" for count, of in counts if count)
    by = f" Answers of {', '.join(card.trained_policies)}." if card.trained_policies else ""
    spoken = f" In {', '.join(card.trained_languages)}." if card.trained_languages else ""
    return f"{told} (listed in `reward.json`).{by}{spoken}" if told else ""


def _figures(card: RewardCard) -> list[str]:
    if not card.figures:
        return ["Not measured."]
    rows = ["| what | of | on | value | 95 % interval | of how many |", "|---|---|---|---|---|---|"]
    for figure in card.figures:
        found = figure.estimate
        rows.append(
            f"| {figure.metric} | {figure.of} | {figure.on} | {found.value:.3f} | {found.low:.3f} … {found.high:.3f} "
            f"| {found.n:,} {_counted(figure.metric)} |"
        )
    return ["\n".join(rows), "Intervals are by group of pairs: what stands in one group is no independent evidence."]


def _counted(metric: str) -> str:
    return "preferences" if metric.startswith("pairwise") else "labels"


def _calibration(card: RewardCard) -> list[str]:
    lines = []
    for head, of in _CALIBRATED.items():
        fitted = card.calibration.get(head)
        if fitted is None:
            lines.append(f"- {of}: **not calibrated**; the chance is the logistic function of the logit")
        else:
            method = type(fitted).__name__
            lines.append(f"- {of}: {method}'s method on the logits" if method == "Platt" else f"- {of}: isotonic")
    return ["\n".join(lines)]
