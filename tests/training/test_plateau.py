"""The plateau is named with its likely cause."""

import math

import pytest

from repro.recipes.presets import CAFFE, PAPER_TEXT
from repro.recipes.recipe import Recipe
from repro.recipes.settings import override
from repro.training.plateau import stalled, warning


def test_when_a_run_is_on_the_plateau():
    assert stalled(1000, math.log(1000), 1000)
    assert not stalled(999, math.log(1000), 1000)
    assert not stalled(5000, 0.98 * math.log(1000), 1000)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (PAPER_TEXT, "middle_std=0.03"),
        (override(Recipe(), {"pixels": "standardised"}), "pixels=centred"),
        (Recipe(), "lower learning_rate, or positive_bias=0.1"),
        (CAFFE, "larger initial weights"),
    ],
)
def test_the_fields_to_change_depend_on_the_recipe(recipe, said):
    text = warning(2000, 6.908, 1000, recipe)
    assert text.startswith("loss 6.908 after 2000 steps is still ln(1000) = 6.908: ")
    assert said in text
