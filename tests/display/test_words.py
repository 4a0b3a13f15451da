"""Labels as readers see them."""

import pytest

from analysis.display.words import short


def test_labels_cannot_turn_the_text_around_them():
    """Right to left is isolated, what steers the direction or the line is left out."""
    assert short("قطة, cat") == "\N{FIRST STRONG ISOLATE}قطة\N{POP DIRECTIONAL ISOLATE}"
    marks = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    assert short(f"a{marks}\n\tb") == "ab"
    assert short("猫科动物") == "猫科动物"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("tabby, tabby cat", "tabby"),
        ("x" * 24, "x" * 24),
        ("an extremely long class name", "an extremely long class…"),
    ],
)
def test_labels_are_short_enough_to_read(label, expected):
    assert short(label) == expected
    assert len(short(label)) <= 24
