"""From a matplotlib figure to SVG inside the page: the same bytes every time, colours and words left to the page.

Colours are drawn as place-holders and become CSS variables, so that one drawing serves light, dark and print. Text stays text, in
the reader's fonts; a label the page knows in both languages is written in both, and the page shows one.
"""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from primum.report.words import Pair

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "drawing", "plain_axes", "short", "to_svg", "write"]

# Each stands for the CSS variable of its name; the values only have to be unlike any other colour matplotlib writes.
COLOURS = {
    "ink": "#000001",
    "muted": "#000002",
    "line": "#000003",
    "card": "#000004",
    "before": "#000005",
    "after": "#000006",
    "keep": "#000007",
    "kto": "#000008",
    "dpo": "#000009",
    "soft": "#00000a",
}
_ID = re.compile(r'(\bid="|url\(#|href="#)')
_SIZE = re.compile(r'<svg ([^>]*?)height="[^"]*"([^>]*?)width="[^"]*"|<svg ([^>]*?)width="[^"]*"([^>]*?)height="[^"]*"')
_FONT = re.compile(r"font: (?:(\d+) )?([\d.]+px) [^;\"]*")
_TEXT = re.compile(r"(<text [^>]*>)([^<]*)(</text>)")


@contextmanager
def drawing(salt: str) -> Iterator[None]:
    """Settings under which figures are drawn: text as text, no mathematics in names, ids that depend on `salt` alone."""
    import matplotlib

    settings: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": f"primum-{salt}",
        "text.parse_math": False,
        "axes.formatter.use_mathtext": False,
        "font.family": ["DejaVu Sans"],
        "font.size": 12.0,
        "text.color": COLOURS["ink"],
        "axes.edgecolor": COLOURS["line"],
        "xtick.color": COLOURS["muted"],
        "ytick.color": COLOURS["muted"],
        "axes.labelcolor": COLOURS["muted"],
    }
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        # Text is drawn by the reader's browser, with fonts that have the glyphs; here it is only measured.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        warnings.filterwarnings("ignore", message=r"Matplotlib currently does not support")
        yield


def to_svg(figure: Figure, name: str, words: Mapping[str, Pair]) -> str:
    """The figure as an `svg` element without size, title or outside reference; its ids begin with `name`."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    FigureCanvasSVG(figure).print_svg(buffer, metadata=nothing)  # type: ignore[no-untyped-call]
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg ") :].strip()
    width = figure.get_figwidth() * figure.dpi
    svg = _SIZE.sub(r"<svg \1\2\3\4", svg, count=1)
    svg = svg.replace("<svg ", f'<svg aria-hidden="true" focusable="false" style="max-width:{width:.0f}px" ', 1)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)  # it would reach the whole page
    svg = _ID.sub(rf"\g<1>{name}-", svg)
    svg = _FONT.sub(lambda found: f"font-size: {found[2]}" + (f"; font-weight: {found[1]}" if found[1] else ""), svg)
    for colour, value in COLOURS.items():
        svg = svg.replace(value, f"var(--{colour})")
    return _TEXT.sub(lambda found: _in_both(found, words), svg)


def plain_axes(axes: Axes) -> None:
    """Only the lines that are read: no frame, a light grid along x, no tick marks."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="x", color=COLOURS["line"], linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=11)
    axes.set_facecolor("none")


def write(
    axes: Axes, x: float, y: float, text: str, colour: str = "ink", size: float = 12, where: str = "right"
) -> None:
    """Text whose x counts in widths of the axes and whose y counts in data; `where` is its side of x."""
    axes.text(
        x,
        y,
        text,
        transform=axes.get_yaxis_transform(),
        ha=where,
        va="center_baseline",
        fontsize=size,
        color=COLOURS[colour],
        clip_on=False,
    )


def short(text: str, length: int = 26) -> str:
    """A name that fits a plot; the table beside it has it whole."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _in_both(found: re.Match[str], words: Mapping[str, Pair]) -> str:
    pair = words.get(html.unescape(found[2]))
    if pair is None or pair.en == pair.zh:
        return found[0]
    english, chinese = html.escape(pair.en), html.escape(pair.zh)
    return f'{found[1]}<tspan class="w-en">{english}</tspan><tspan class="w-zh" lang="zh">{chinese}</tspan>{found[3]}'
