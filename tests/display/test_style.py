"""How drawings are written: the same shapes everywhere, and any name as text."""

import matplotlib
import pytest

from analysis.display import style


def drawn(text):
    return style.drawn(lambda ax: ax.text(0.1, 0.1, text)).svg


def test_text_is_shapes_of_the_font():
    assert b"<text" not in drawn("plain ✓ × – ö")


@pytest.mark.parametrize("text", ["猫科动物", "قطة", "חתול"])
def test_what_the_font_lacks_or_turns_is_left_to_the_reader(text):
    svg = drawn(text)
    assert b"<text" in svg and text in svg.decode()
    assert b"<text" not in drawn("after it as before")


def test_dollars_and_markup_are_no_language():
    """As shapes, with the text only in a comment; unbalanced mathematics is no error."""
    svg = drawn("$\\frac{ <script>alert(1)</script> --> $")
    assert b"<script" not in svg and b"&lt;script" in svg


@pytest.mark.parametrize(
    "theirs",
    [
        {"savefig.bbox": "tight"},
        {"savefig.transparent": True},
        {"axes.titlepad": 20},
        {"axes.titleweight": "bold"},
        {"axes.unicode_minus": False},
        {"axes.xmargin": 0},
        {"xtick.minor.visible": True},
        {"legend.loc": "upper left", "legend.fancybox": False},
        {"lines.linestyle": "--"},
    ],
    ids=str,
)
def test_settings_of_the_user_change_nothing_and_stay(theirs):
    def draw(ax):
        ax.plot([-1, 0, 3], [2, -1, 4], label="a")
        ax.set_title("title")
        ax.legend()

    wanted = style.drawn(draw)
    with matplotlib.rc_context(theirs):
        assert style.drawn(draw) == wanted
        assert {name: matplotlib.rcParams[name] for name in theirs} == theirs
