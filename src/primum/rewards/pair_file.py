"""Pairs by criterion as a file: JSONL, one pair a line, its keys those of `PairSample`.

    {"id": "p1", "prompt": [{"role": "user", "content": "…"}], "first": "…", "second": "…",
     "criteria": [{"text": "…", "kind": "safety", "points": -10}, {"text": "…"}],
     "met_first": [false, null], "met_second": [true, true], "language": "en", "group": "g1",
     "keys": ["promises_cure", "see_doctor"], "first_by": "a", "second_by": "b", "is_simulated": true, "records": []}

What stands at its default (`kind` proficiency, `points` 1, and all after `group`) may be left out. `null` is a label that nobody knows. An
unknown key is an error at every depth; blank lines and a byte order mark are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from primum.errors import InputError, PrimumError, StoreError
from primum.rewards.samples import PairSample
from primum.strict import TwinKeyError, decoded, refuse_twin_keys

__all__ = ["read_pairs", "write_pairs"]

_SHOWN = 60


def write_pairs(path: Path, pairs: Iterable[PairSample]) -> int:
    """Write the pairs whole or not at all, in their order, over what is there; how many they were.

    Raises `InputError` for no pair at all, one id twice, or text that UTF-8 cannot hold; `StoreError` where the disk refuses.
    """
    half = path.with_name(f".{path.name}.half")
    written = 0
    try:
        with half.open("wb") as file:
            for line in _lines(pairs, path):
                file.write(line + b"\n")
                written += 1
        if not written:
            raise InputError("a file of pairs", "would be empty", "give at least one pair", str(path))
        half.replace(path)
    except OSError as error:
        if isinstance(error, PrimumError):
            raise
        raise StoreError(
            f"file '{path}'", f"cannot be written ({error.strerror})", "free space or name another", str(path)
        ) from error
    finally:
        half.unlink(missing_ok=True)
    return written


def read_pairs(path: Path) -> list[PairSample]:
    """The pairs of a file, in its order.

    Raises `InputError` with `file:line` for a file that is missing, empty or not UTF-8, a line that is broken JSON, names a key twice or is
    no pair, and an id that is there twice.
    """
    decoder = msgspec.json.Decoder(PairSample)
    found: list[PairSample] = []
    seen: dict[str, str] = {}
    for number, line in enumerate(
        decoded(path).split("\n"), 1
    ):  # not splitlines: U+2028 may stand inside a JSON string
        if not line.strip():
            continue
        place = f"{path}:{number}"
        pair = _pair(line, decoder, place)
        if pair.id in seen:
            raise InputError(f"pair {pair.id!r}", f"was there before ({seen[pair.id]})", "keep one of them", place)
        seen[pair.id] = place
        found.append(pair)
    if not found:
        raise InputError(f"file '{path.name}'", "has no pairs", "name another file", str(path))
    return found


def _lines(pairs: Iterable[PairSample], path: Path) -> Iterator[bytes]:
    seen: set[str] = set()
    for pair in pairs:
        if pair.id in seen:
            raise InputError(f"pair {pair.id!r}", "is there twice", "give every pair an id of its own", str(path))
        seen.add(pair.id)
        try:
            yield msgspec.json.encode(pair)
        except UnicodeEncodeError as error:
            raise InputError(
                f"pair {pair.id!r}", "holds half a character", "replace what is no text (U+D800 … U+DFFF)", str(path)
            ) from error


def _pair(line: str, decoder: msgspec.json.Decoder[PairSample], place: str) -> PairSample:
    try:
        found = decoder.decode(line)
        json.loads(line, object_pairs_hook=refuse_twin_keys)
    except msgspec.ValidationError as error:
        cause = error.__cause__
        if isinstance(cause, PrimumError):
            raise InputError(cause.value, cause.rule, cause.way_out, place) from error
        raise InputError("a pair", f"is not as it should be ({error})", "mend the line", place) from error
    except TwinKeyError as error:
        raise InputError(f"key {str(error)!r}", "is there twice in one object", "keep the one meant", place) from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise InputError(f"line {line[:_SHOWN]!r}", f"is broken JSON ({error})", "mend the line", place) from error
    return found
