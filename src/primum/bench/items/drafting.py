"""All drafts of one rule, kind by kind and variant by variant; they depend on the rule, its article and the seed alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from primum.bench.items.choices import multiple, single
from primum.bench.items.draft import Draft
from primum.bench.items.naming import drawn
from primum.bench.items.sayable import Saying
from primum.bench.items.settings import ItemSettings, Kind
from primum.bench.items.situations import dilemma, harmless, vignette

__all__ = ["NO_VOICE", "drafts", "siblings"]

NO_VOICE = "rule cannot be asked about in the first person"


def siblings(said: Sequence[Saying]) -> dict[int, list[Saying]]:
    """Of each rule, the other rules of its article, ordered by what they say."""
    of_norm: dict[str, list[Saying]] = defaultdict(list)
    for one in said:
        of_norm[one.norm.id].append(one)
    return {one.seed: [other for other in of_norm[one.norm.id] if other.seed != one.seed] for one in said}


def drafts(one: Saying, others: Sequence[Saying], kind: Kind, settings: ItemSettings) -> Iterator[Draft | str]:
    """The drafts of one rule for one kind, variant by variant; a string says why a variant gave none."""
    styles = settings.styles
    turn = drawn(settings.seed, one.seed, "turn")
    for variant in range(settings.variants):
        if kind == "dilemma":
            yield dilemma(one, settings.seed, variant) or NO_VOICE
        elif kind == "situation":
            every = round(1 / settings.harmless) if settings.harmless else 0
            if every and (variant + turn) % every == every - 1:
                yield harmless(one, settings.seed, variant) or NO_VOICE
            else:
                style = styles[(variant + turn) % len(styles)]
                base = variant // len(styles)
                request = vignette(one, settings.seed, base, style)
                yield request._replace(base=base) if request else NO_VOICE
        else:
            made = single if kind == "single_choice" else multiple
            yield made(one, others, settings.seed, variant, bool((variant + turn) % 2))
