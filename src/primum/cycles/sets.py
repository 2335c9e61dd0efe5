"""The open sets: what the catalogue knows, what the data folder holds, fetching and adding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from primum import bench
from primum.ports import Progress, silent

__all__ = ["add_set", "fetch_set", "list_sets"]


def list_sets(root: Path) -> list[dict[str, Any]]:
    """One row for each set of the catalogue, with where it stands in the data folder, if it does."""
    here = bench.held(root)
    return [
        {
            "name": one.name,
            "title": one.title,
            "rows": one.rows,
            "licence": one.licence,
            "paper": one.paper,
            "home": one.home,
            "shape": one.shape,
            "loader": one.loader,
            "size_bytes": sum(file.size_bytes or 0 for file in one.files) or None,
            "checksums": list(one.known_digests),
            "can_be_fetched": bool(one.files),
            "folder": str(here[one.name]) if one.name in here else None,
        }
        for one in bench.CATALOGUE.values()
    ]


def fetch_set(
    name: str, root: Path, base_url: str | None, overwrite: bool, progress: Progress = silent
) -> dict[str, Any]:
    """Download a set into the data folder and check it."""
    return _told(bench.fetch(name, root, base_url=base_url, overwrite=overwrite, progress=progress))


def add_set(name: str, folder: Path, root: Path, overwrite: bool) -> dict[str, Any]:
    """Copy a folder that holds a set into the data folder, after its loader has read it whole."""
    return _told(bench.add(name, folder, root, overwrite=overwrite))


def _told(held: bench.Held) -> dict[str, Any]:
    return held._asdict() | {"folder": str(held.folder)}
