"""Whether an item rests on what it says it rests on: the norm is there, says the words, and is in force."""

from __future__ import annotations

import datetime

from primum.bench.lint.found import Context, Outcome

__all__ = ["check_article", "check_grounds", "check_quote", "check_validity"]


def check_grounds(seen: Context) -> Outcome:
    """Every item has a ground; each ground's norm is in the corpus and named by the item, its rule is one of that norm."""
    found: list[tuple[str, str]] = []
    for item in seen.items:
        if not item.grounds:
            found.append((item.item, "rests on no norm"))
        for ground in item.grounds:
            rule = seen.rules.get(ground.rule) if ground.rule is not None else None
            if ground.norm not in seen.norms:
                found.append((item.item, f"rests on '{ground.norm}', which is not in the corpus"))
            elif ground.norm not in item.norms:
                found.append((item.item, f"rests on {ground.citation}, which is not among the item's norms"))
            elif ground.rule is not None and rule is None:
                found.append((item.item, f"was drafted from '{ground.rule}', which is no rule of the corpus"))
            elif rule is not None and rule.norm != ground.norm:
                found.append((item.item, f"was drafted from a rule of another norm than {ground.citation}"))
    grounds = sum(len(item.grounds) for item in seen.items)
    articles = len({ground.norm for item in seen.items for ground in item.grounds})
    return found, f"every item rests on a norm of the corpus: {grounds:,} grounds, {articles:,} articles"


def check_quote(seen: Context) -> Outcome:
    """The words an item quotes stand in its norm, letter by letter."""
    found = [
        (item.item, f"{ground.citation} does not say '{ground.quote[:60]}'")
        for item in seen.items
        for ground in item.grounds
        if ground.norm in seen.norms and not _says(seen.norms[ground.norm].text, ground.quote)
    ]
    quotes = sum(len(item.grounds) for item in seen.items)
    return found, f"what is quoted stands in the norm verbatim: {quotes - len(found):,} of {quotes:,} quotes"


def _says(text: str, quote: str) -> bool:
    return bool(quote.strip()) and quote in text


def check_article(seen: Context) -> Outcome:
    """The digest by which the article is found again, and the citation, are that norm's."""
    found: list[tuple[str, str]] = []
    for item in seen.items:
        for ground in item.grounds:
            norm = seen.norms.get(ground.norm)
            if norm is None:
                continue
            if ground.article != norm.digest:
                found.append((item.item, f"names the article {ground.article}, but {norm.reference} is {norm.digest}"))
            if norm.citation[-1].label not in ground.citation:
                found.append((item.item, f"is cited as '{ground.citation}', but rests on {norm.reference}"))
    return found, f"the digest and the citation of every ground are those of its norm: {len(found)} are not"


def check_validity(seen: Context) -> Outcome:
    """On the day `at`, every norm that an item rests on is in force; one that does not say since when counts as in force."""
    if seen.settings.at is None:
        return [], "not looked at: no day was given (--at YYYY-MM-DD)"
    day = datetime.date.fromisoformat(seen.settings.at)
    undated = sum(norm.effective_from is None for norm in seen.norms.values())
    found: list[tuple[str, str]] = []
    for item in seen.items:
        for id in seen.articles(item):
            norm = seen.norms[id]
            state = norm.validity(day)
            if state == "past its validity":
                found.append((item.item, f"{norm.reference} is past its validity since {norm.effective_to}"))
            elif state == "not yet in force":
                found.append((item.item, f"{norm.reference} is not in force before {norm.effective_from}"))
    line = f"every norm is in force on {day}: {len({item for item, _ in found}):,} items rest on one that is not"
    return found, f"{line}; {undated:,} articles say no date and count as in force"
