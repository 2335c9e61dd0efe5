"""One statement's wording: vague, not visible in an answer, in another language, or the answer itself."""

from __future__ import annotations

import re

from primum.language import words as text_words
from primum.records import Language
from primum.rubrics.lint.cores import WORDS, bare
from primum.rubrics.lint.found import Finding, LintCriterion, LintRow, LintSettings, Mend

__all__ = ["check_gives_away", "check_language", "check_unseen", "check_vague"]

_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA_HANGUL = re.compile(r"[\u3040-\u30fa\u30fc-\u30ff\u1100-\u11ff\uac00-\ud7af]")
_OTHER_SCRIPT = re.compile(r"[\u0400-\u04ff\u0590-\u05ff\u0600-\u06ff\u0900-\u097f\u0e00-\u0e7f]")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]|[\"“「'‘][^\"”」’]{0,12}[\"”」’]")
_QUOTED = re.compile(r"[\"“「『]([^\"”」』]+)[\"”」』]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][a-z]+)?")
_LATIN_RUN = re.compile(r"[A-Za-zÀ-ÿ]+(?:[ ,'’-]+[A-Za-zÀ-ÿ]+)+")


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ENGLISH_OPENING = re.compile(r"[A-Z][a-z]+s\b[ a-z]*[\u3400-\u9fff]")
_ENGLISH = _set(
    "the a an and or of to with without for in on at by not do does is are be been should must that this patient patients user doctor"
    " see seek about after before if when as from than no any all gives giving recommends recommend advises advise mentions mention"
    " explains explain states state asks ask warns warn suggests suggest names lists provides provide avoids avoid uses use describes"
    " plain language drug drugs test treatment symptoms pain fever stop stopping taking take risk risks care emergency call urges urge"
    " encourages acknowledges expresses tells notes identifies discusses includes offers clarifies refers because such"
    " more soon possible"
)
_FOREIGN = _set(
    "der die das und ist nicht mit für auf ein eine einen dem den des zu von bei sich oder wird werden zum zur el la los las que para con"
    " por una uno del al es se si su sus no como les le un une des du est pas pour dans avec sur ne au aux qui sont ou il lo gli che di"
    " per della nel sono non e o em não com uma os as do da dos das ao ou het een van voor niet met op och att det som på för"
)
_UNITS = _set("mmol mcg kcal mmhg meq")
_DRUG = re.compile(
    r"(?:cillin|m[iy]cin|azole|pril|sartan|statin|olol|pine|pam|lam|etine|profen|tinib|mab|gliptin|"
    r"gliflozin|formin|xaban|farin|parin|"
    r"dronate|cycline|floxacin|vir|caine|one|ide|ate|lin|rin|phen|done)$",
    re.IGNORECASE,
)
_SHARED = _set("die no a as do an in des on e o see si met op al per un")
_VERBS = (
    ("recommends", "建议"), ("advises", "建议"), ("suggests", "建议"), ("explains", "说明"), ("states", "说明"), ("mentions", "提到"),
    ("asks about", "询问"), ("asks", "询问"), ("warns against", "劝阻"),
    ("warns", "提醒"), ("uses", "使用"),
    ("avoids", "避免"), ("names", "列出"), ("lists", "列出"),
    ("provides", "提供"), ("describes", "描述"), ("acknowledges", "承认"),
)  # fmt: skip
_SENTENCES = re.compile(r"(?<=[。！？；;])|(?<=[.!?])\s+")
_AT_LEAST = re.compile(r"\bat least (?:one|two|three|\d) of\b|至少说到|至少提到|至少列出")
# Words, or pairs of characters, that a reference needs before quoting it gives something away.
_SHORTEST = {"en": 14, "zh": 28}


def check_vague(row: LintRow, place: int, criterion: LintCriterion) -> Finding | None:
    words = WORDS[row.language]
    text = bare(criterion.statement, row.language)
    left = words.vague_filler.sub(" ", text)
    is_empty = not re.search(r"[a-z]{2,}|[\u3400-\u9fff]|\d", left)
    if is_empty:
        mend = Mend("leave it out, or name the fact, act or wording that an answer must hold", ())
        why = "names nothing that an answer could hold or lack"
        return Finding("vague", row.id, place, None, criterion.statement, why, mend)
    found = words.vague_phrase.search(text)
    if found is None or words.concrete.search(text) or _is_told(text, found):
        return None
    shorter = _without(criterion.statement, found[0].strip(), row.language)
    how = f"say what {found[0].strip()!r} means here: which, how much, in which words"
    mend = Mend(how, (criterion._replace(statement=shorter),)) if shorter else Mend(how)
    why = f"leaves to the reader what {found[0].strip()!r} is: two people will not judge it alike"
    return Finding("vague", row.id, place, None, criterion.statement, why, mend)


def _is_told(text: str, found: re.Match[str]) -> bool:
    """Whether the vague adverb is part of a fact to be told ("States that the kidneys do not work properly"), not of how to tell it."""
    is_adverb = found[0].strip().endswith(("ly", "needed", "necessary", "well", "地"))
    if " well" in f" {found[0]}" or (
        " that " in text and len(text.split()) > 12
    ):  # a long fact speaks for itself: "… if appropriately treated with …"
        is_adverb = True
    told = text.find(" that ") if " that " in text else 4 if re.match(r"(?:指出|说明|提到|解释|告知)", text) else -1
    return is_adverb and 0 < told < found.start()


def _without(statement: str, vague: str, language: Language) -> str | None:
    """The statement without a vague adverb, where it stays a sentence; a vague noun cannot be left out."""
    is_adverb = vague.endswith("ly") if language == "en" else vague.endswith("地")
    if not is_adverb:
        return None
    cut = re.sub(rf"\s*{re.escape(vague)}", "", statement, count=1, flags=re.IGNORECASE).strip()
    if language == "en" and cut:
        cut = cut[0].upper() + cut[1:]
    return cut if cut != statement else None


def check_unseen(row: LintRow, place: int, criterion: LintCriterion) -> Finding | None:
    words = WORDS[row.language]
    text = bare(criterion.statement, row.language)
    if words.in_words.search(text):
        return None
    found = words.unseen.search(text)
    if found is None:
        inner = words.omits.match(text)
        found = words.unseen.search(text[inner.end() :].strip()) if inner else None
        if found is None:
            return None
    why = f"is about what nobody can see in the answer ({found[0].strip()!r}): a feeling, a thought or what comes later"
    for pattern, put in words.unseen_mends:
        if not pattern.match(text):
            continue
        if (
            ".*" in pattern.pattern
        ):  # a stock sentence: what it says is not what the criterion said, so a person chooses
            return Finding(
                "untestable", row.id, place, None, criterion.statement, why, Mend(f"ask for words; perhaps: {put!r}")
            )
        statement = pattern.sub(put, text, count=1)
        statement = statement[0].upper() + statement[1:] if row.language == "en" else statement
        end = "." if row.language == "en" else "。"
        mend = Mend(
            "ask for the words that would show it", (criterion._replace(statement=statement.rstrip("。.") + end),)
        )
        return Finding("untestable", row.id, place, None, criterion.statement, why, mend)
    mend = Mend("leave it out, or ask for the words that would show it", ())
    return Finding("untestable", row.id, place, None, criterion.statement, why, mend)


def check_language(row: LintRow, place: int, criterion: LintCriterion) -> Finding | None:
    statement = criterion.statement
    found = _stranger_in_chinese(statement) if row.language == "zh" else _stranger_in_english(statement)
    if found is None:
        return None
    why = f"is not, or not wholly, in the language of the prompt ({row.language}): {found!r}"
    translated = _translated(statement, row.language)
    if translated is not None:
        mend = Mend("put the verb into the prompt's language", (criterion._replace(statement=translated),))
    else:
        mend = Mend(f"write it in {'Chinese' if row.language == 'zh' else 'English'}")
    return Finding("language", row.id, place, None, statement, why, mend)


def _stranger_in_chinese(statement: str) -> str | None:
    """What of a Chinese statement is another language; names of drugs, abbreviations, units and what stands in brackets are not."""
    if strange := _KANA_HANGUL.search(statement) or _OTHER_SCRIPT.search(statement):
        return strange[0]
    text = _BRACKETS.sub(" ", statement)
    found = [word for word in _LATIN_WORD.findall(text) if word[0].islower() or word.lower() in _ENGLISH]
    english = [word for word in found if word.lower() in _ENGLISH and len(word) > 1]
    if not _HAN.search(statement):
        return statement[:40] if _LATIN_WORD.search(statement) else None
    run = max((one[0] for one in _LATIN_RUN.finditer(text)), key=lambda one: len(one.split()), default="")
    lower = [word for word in run.split() if word.islower()]
    loose = [word for word in found if len(word) > 3 and word.lower() not in _UNITS and not _DRUG.search(word)]
    if (
        len(english) >= 2
        or (loose and len(found) >= 2)
        or len(lower) >= 2
        or _ENGLISH_OPENING.match(text)
        or (english and english[0].lower() in {verb.split()[0] for verb, _ in _VERBS})
    ):
        return run or (english or found or [statement])[0]
    return None


def _stranger_in_english(statement: str) -> str | None:
    if strange := _KANA_HANGUL.search(statement) or _OTHER_SCRIPT.search(statement):
        return strange[0]
    if han := re.search(r"[\u3400-\u9fff，。；]{1,}", _BRACKETS.sub(" ", statement)):
        return han[0]
    if len(_HAN.findall(statement)) * 3 > len(statement):
        return statement[:40]
    lower = [word.lower() for word in _LATIN_WORD.findall(statement)]
    foreign = [word for word in lower if word in _FOREIGN]
    sure = [word for word in foreign if word not in _SHARED]
    accented = sum(not word.isascii() for word in lower)
    english = [word for word in lower if word in _ENGLISH and word not in _FOREIGN]
    if len(foreign) + accented >= 2 and (sure or accented) and len(foreign) + accented > len(english):
        return " ".join(foreign[:3]) or statement[:40]
    return None


def _translated(statement: str, language: Language) -> str | None:
    """The statement with its opening verb in the prompt's language, where that makes it whole."""
    for english, chinese in _VERBS:
        if language == "zh" and statement.lower().startswith(english):
            put = chinese + statement[len(english) :].strip().rstrip(".")
            return put if _stranger_in_chinese(put) is None and _HAN.search(put[len(chinese) :]) else None
        if language == "en" and statement.startswith(chinese):
            put = f"{english.capitalize()} {statement[len(chinese) :].strip(' ，,。')}."
            return put if _stranger_in_english(put) is None and _LATIN_WORD.search(put[len(english) + 1 :]) else None
    return None


def check_gives_away(row: LintRow, place: int, criterion: LintCriterion, settings: LintSettings) -> Finding | None:
    quoted = WORDS[row.language].quotes.search(_straight(criterion.statement)) or _words_of_reference(row, criterion)
    share = _share_quoted(row, criterion.statement)
    if quoted is None and share < settings.quoted_share:
        return None
    parts = _parts(row.reference, criterion) if share >= settings.quoted_share and row.reference else ()
    if len(parts) > 1:
        mend = Mend("ask for each part of the answer on its own", parts)
    elif share >= settings.quoted_share:
        mend = Mend("ask for the single facts of the answer, not for the answer")
    else:
        mend = Mend("say which fact or act the quoted words stand for, and let the answer find its own words")
    what = (
        f"{share:.0%} of the reference answer stand in it"
        if quoted is None
        else f"it dictates the answer ({quoted[0][:60]!r})"
    )
    why = f"gives the answer away: {what}"
    return Finding("gives_answer_away", row.id, place, None, criterion.statement, why, mend)


def _words_of_reference(row: LintRow, criterion: LintCriterion) -> re.Match[str] | None:
    """What stands in quotation marks in the criterion and word for word in the reference."""
    reference = _straight(row.reference or "").lower()
    least = 8 if row.language == "zh" else 20
    return next(
        (
            found
            for found in _QUOTED.finditer(criterion.statement)
            if len(found[1]) >= least and found[1].lower() in reference
        ),
        None,
    )


def _straight(statement: str) -> str:
    lowered = statement.replace("「", "“").replace("」", "”").replace("『", "“").replace("』", "”")
    return lowered[:1].lower() + lowered[1:]


def _share_quoted(row: LintRow, statement: str) -> float:
    """How much of the reference's words stand in the statement; 0 where the reference is too short to be quoted."""
    if row.reference is None or len(row.reference) > 3 * len(statement) or _AT_LEAST.search(statement.lower()):
        return 0.0
    wanted = text_words(row.reference)
    if len(wanted) < _SHORTEST[row.language]:
        return 0.0
    here = set(text_words(statement))
    return sum(word in here for word in wanted) / len(wanted)


def _parts(reference: str | None, criterion: LintCriterion) -> tuple[LintCriterion, ...]:
    parts = [part.strip(" 。.;；") for part in _SENTENCES.split(reference or "") if part.strip(" 。.;；")]
    is_chinese = bool(_HAN.search(reference or ""))
    weight = max(1, abs(criterion.points) // max(1, len(parts))) * (1 if criterion.points >= 0 else -1)
    return tuple(
        criterion._replace(
            statement=f"说明{part}。" if is_chinese else f"States that {part[:1].lower()}{part[1:]}.", points=weight
        )
        for part in parts
    )
