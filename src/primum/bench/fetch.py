"""Fetching open sets over HTTP and registering folders that are already there; what is in the data folder is whole and checked.

A set is built in `NAME.partial` beside its place and renamed when it is complete, so a run that is killed leaves no half set under
its name. A later fetch keeps the files whose checksums hold and downloads the rest again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

from primum.bench.catalogue import CATALOGUE, DataSet, RemoteFile, data_set, folder_digest
from primum.errors import InputError, SettingError, StoreError
from primum.ports import Progress, silent

__all__ = ["Held", "add", "fetch", "held"]

_CHUNK_BYTES = 1 << 16
_TIMEOUT_S = 30.0


class Held(NamedTuple):
    """A set in the data folder. `is_known` when the digest of its files is one that the catalogue holds."""

    name: str
    folder: Path
    rows: int
    digest: str
    is_known: bool


def held(into: Path) -> dict[str, Path]:
    """The sets of the catalogue that the data folder holds, by name."""
    return {name: into / name for name in CATALOGUE if (into / name).is_dir()}


def fetch(
    name: str, into: Path, *, base_url: str | None = None, overwrite: bool = False, progress: Progress = silent
) -> Held:
    """Download a set into `into/NAME`. `base_url` replaces its address: files are then looked for at `base_url/PATH`.

    Raises `SettingError` for a set that is unknown, has no address, or is there already; `InputError` when the server does not
    give the file or gives another one; `StoreError` when the disk fails. Progress counts bytes.
    """
    chosen = data_set(name)
    if not chosen.files:
        raise SettingError(
            f"set '{name}'",
            "has no address we are sure of",
            f"get it from {chosen.home} and register it with primum data add {name} FOLDER",
            "catalogue",
        )
    partial = _room(chosen, into, overwrite)
    total = sum(file.size_bytes or 0 for file in chosen.files)
    done = 0
    try:
        for file in chosen.files:
            url = f"{base_url.rstrip('/')}/{file.path}" if base_url else file.url
            target = partial / file.path
            if not (target.is_file() and _sha256(target) == file.sha256):
                _download(file, url, target, _told(progress, done, total))
            done += target.stat().st_size
            progress(done, max(total, done))
        return _settle(chosen, partial, into)
    except OSError as error:
        _disk(error, into)


def _told(progress: Progress, before: int, total: int) -> Callable[[int], None]:
    return lambda count: progress(before + count, max(total, before + count))


def add(name: str, folder: Path, into: Path, *, overwrite: bool = False) -> Held:
    """Copy a folder that holds a set to `into/NAME`, after its loader has read it whole.

    Raises `InputError` when the folder is not of the set's shape (nothing is copied then), and as `fetch` does.
    """
    chosen = data_set(name)
    if not folder.is_dir():
        raise InputError(f"folder '{folder}'", "does not exist", f"name a folder with {chosen.shape}", str(folder))
    chosen.count(folder)
    partial = _room(chosen, into, overwrite)
    if into.resolve() == folder.resolve() or folder.resolve() in into.resolve().parents:
        raise SettingError(
            f"folder '{folder}'", "holds the data folder itself", "name the set's own folder", f"set '{name}'"
        )
    try:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(folder, partial)
        return _settle(chosen, partial, into)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        _disk(error, into)


def _room(chosen: DataSet, into: Path, overwrite: bool) -> Path:
    if (into / chosen.name).exists() and not overwrite:
        raise SettingError(
            f"set '{chosen.name}'",
            "is there already",
            "remove it, or say that it may be overwritten",
            str(into / chosen.name),
        )
    return into / f"{chosen.name}.partial"


def _settle(chosen: DataSet, partial: Path, into: Path) -> Held:
    """Check the complete folder with the set's loader and give it its name."""
    rows = chosen.count(partial)
    place, old = into / chosen.name, into / f"{chosen.name}.old"
    if place.exists():
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
    partial.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    digest = folder_digest(place)
    return Held(chosen.name, place, rows, digest, digest in chosen.known_digests)


def _download(file: RemoteFile, url: str, target: Path, told: Callable[[int], None]) -> None:
    from http.client import HTTPException  # imports sockets and email: only who downloads waits for it
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    if not url.startswith(("https://", "http://")):
        raise SettingError(f"address '{url}'", "is neither http nor https", "give a web address", f"file '{file.path}'")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    digest, count = hashlib.sha256(), 0
    try:
        with (
            urlopen(Request(url, headers={"User-Agent": "primum"}), timeout=_TIMEOUT_S) as answer,
            part.open("wb") as out,
        ):
            promised = answer.headers.get("Content-Length")
            while chunk := answer.read(_CHUNK_BYTES):
                out.write(chunk)
                digest.update(chunk)
                count += len(chunk)
                told(count)
            out.flush()
            os.fsync(out.fileno())
    except HTTPError as error:
        raise InputError(
            f"file '{file.path}'",
            f"is not given by the server ({error.code} {error.reason})",
            "try later or add a folder",
            url,
        ) from error
    except (URLError, TimeoutError, ConnectionError, HTTPException, ValueError) as error:
        raise InputError(
            f"file '{file.path}'", f"cannot be fetched ({error})", "check the network and try again", url
        ) from error
    _verify(file, url, count, promised, digest.hexdigest())
    part.replace(target)


def _verify(file: RemoteFile, url: str, count: int, promised: str | None, sha256: str) -> None:
    expected = file.size_bytes if file.size_bytes is not None else int(promised) if promised else count
    if promised is not None and count < int(promised):
        raise InputError(f"file '{file.path}'", f"was cut off after {count} of {promised} bytes", "fetch it again", url)
    if count != expected:
        raise InputError(
            f"file '{file.path}'", f"has {count} bytes, not {expected}", "get it elsewhere and add its folder", url
        )
    if sha256 != file.sha256:
        raise InputError(
            f"file '{file.path}'",
            f"has SHA-256 {sha256[:12]}…, not {file.sha256[:12]}…",
            "get it elsewhere and add its folder",
            url,
        )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _disk(error: OSError, into: Path) -> NoReturn:
    if isinstance(error, StoreError):
        raise error
    rule = (
        "is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else f"cannot be written ({error.strerror or error})"
    )
    raise StoreError(f"data folder '{into}'", rule, "make room there or choose another folder", str(into)) from error
