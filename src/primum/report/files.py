"""The report as files: `report.json` with the numbers and `report.html` with the page, each replaced whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from primum.report.kinds import render

__all__ = ["write"]


def write(report: Mapping[str, Any], folder: Path) -> Path:
    """Write both files into `folder`; the path of the page. Raises `OSError` when the disk will not take them."""
    _replace(folder / "report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    page = folder / "report.html"
    _replace(page, render(report))
    return page


def _replace(path: Path, text: str) -> None:
    half = path.with_name(f".{path.name}.half")
    try:
        # A lone surrogate in an answer has no UTF-8; its escape is valid JSON and harmless in the page.
        half.write_bytes(text.encode("utf-8", "backslashreplace"))
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
