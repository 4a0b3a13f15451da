"""How figures look, in one place: colours, fonts, and bytes that do not change."""

import io
import unicodedata
import warnings
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import matplotlib
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

PANEL = (3.6, 3.1)  # inches; narrow, so that panels stack on a phone
PNG_DPI = 200

# Each colour with the one that takes its place on a dark page.
INK, PAPER, FAINT = "#1f2430", "#ffffff", "#d3d7de"
BLUE, ORANGE, GREEN, PURPLE = "#0067a8", "#c2480a", "#00795a", "#9b3b86"
DARK = {
    INK: "#e4e7ec",
    PAPER: "#171a21",
    FAINT: "#3a404c",
    BLUE: "#62b5f0",
    ORANGE: "#ff9a5c",
    GREEN: "#4fd0a5",
    PURPLE: "#e59ad2",
}

THEME = {
    **sns.axes_style(
        "ticks",
        {
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.facecolor": PAPER,
            "axes.grid": True,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.facecolor": PAPER,
            "grid.color": FAINT,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "font.family": "sans-serif",
            "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib
        },
    ),
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "font.size": 9,
    "grid.linewidth": 0.6,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.title_fontsize": 8,
    "lines.linewidth": 1.2,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",  # the same shapes on every machine
    "svg.hashsalt": "alexnet-repro",
    "text.parse_math": False,  # a dollar in a name is a dollar
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


class Drawing(NamedTuple):
    """One panel as it is on the page, and as pixels."""

    svg: bytes
    png: bytes


def drawn(draw: Callable[[Axes], object], size: tuple[float, float] = PANEL) -> Drawing:
    """One panel that `draw` fills; no figure is left open.

    The user's settings of matplotlib change nothing of it.
    Text that DejaVu Sans cannot show is left to the reader's fonts.
    """
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(THEME)
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.subplots())
        if _foreign("".join(each.get_text() for each in figure.findobj(Text))):
            matplotlib.rcParams["svg.fonttype"] = "none"
            warnings.filterwarnings("ignore", message="Glyph .* missing")
        svg = _saved(figure, format="svg", metadata={"Date": None, "Creator": None})
        png = _saved(figure, format="png", metadata={"Software": None}, dpi=PNG_DPI)
    return Drawing(_with_dark_colours(svg), png)


def _saved(figure: Figure, **settings) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, **settings)
    return file.getvalue()


def _foreign(text: str) -> bool:
    """Whether some of it has no shape in the font, or runs from right to left."""
    strange = {each for each in text if ord(each) not in _shapes()} - {"\n"}
    return bool(strange) or any(
        unicodedata.bidirectional(each) in ("R", "AL") for each in text
    )


@cache
def _shapes() -> frozenset[int]:
    """The characters that the font has, as bold too."""
    plain, bold = (
        font_manager.get_font(font_manager.findfont(name)).get_charmap()
        for name in ("DejaVu Sans", "DejaVu Sans:bold")
    )
    return frozenset(plain.keys() & bold.keys())


def _with_dark_colours(svg: bytes) -> bytes:
    """Add a style sheet that exchanges the colours where the reader prefers dark."""
    rules = "".join(
        f'[style*="{prop}: {light}"]{{{prop}:{dark} !important}}'
        for light, dark in DARK.items()
        for prop in ("fill", "stroke")
    )
    sheet = f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"
    start = svg.index(b">", svg.index(b"<svg")) + 1
    return svg[:start] + sheet.encode() + svg[start:]
