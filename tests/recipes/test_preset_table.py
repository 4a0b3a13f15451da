"""The table of presets: every difference has words and shows each preset's value."""

from repro.recipes.preset_table import WORDS, differing, preset_table
from repro.recipes.presets import CAFFE


def row(field):
    lines = preset_table().splitlines()
    cells = next(line for line in lines if f"`{field}`" in line).split("|")
    return [cell.strip() for cell in cells[3:-1]]


def test_every_difference_has_words_and_nothing_else_does():
    assert set(differing()) == set(WORDS)
    assert len(preset_table().splitlines()) == len(WORDS) + 2


def test_values_of_known_differences():
    """Paper's text, released code, ours, Caffe, one tower: read in their sources."""
    assert row("middle_std") == ["0.01", "0.03", "0.03", "0.01", "–"]
    assert row("crop") == ["random", "shared", "random", "random", "random"]
    assert row("crop_share") == ["224", "224", "224", "227", "224"]
    assert row("drop_epochs")[:3] == ["–", "23, 51, 78", "23, 51, 78"]
    assert row("divided") == ["no", "yes", "yes", "yes", "–"]
    assert row("second_norm")[:2] == ["no", "conv2"]


def test_the_table_follows_the_presets():
    assert row("positive_bias")[3] == f"{CAFFE.initial_values.positive_bias:g}"
