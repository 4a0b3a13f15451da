"""Tables of Figure 1, and the words for its conditions."""

import pytest

from analysis.evidence import runs as results
from analysis.topics.activations import race, tables
from repro.recipes.presets import RECIPES
from tests.made.runs import CURVE_TO_5, NEVER, write_race, write_run


@pytest.fixture
def runs(tmp_path):
    write_race(tmp_path)
    return results.load("cifar10", tmp_path)


def test_every_figure_1_recipe_has_words_that_fit_it():
    words = {
        "torch": "PyTorch's initial values",
        "gaussian": "original initial values",
        "standardised": "standardised input",
        "centred": "centred 0–255 input",
    }
    names = [name for name in RECIPES if name.startswith(race.RECIPES)]
    assert names
    for name in names:
        recipe = RECIPES[name]
        text = tables.label(name.removeprefix(race.RECIPES))
        assert words[recipe.initial_values.scheme] in text
        assert words[recipe.augmentation.pixels] in text
        net = recipe.network.layout.removeprefix("cifar-")
        assert text.startswith(tables.NETS[net])


def test_an_unknown_condition_keeps_its_name():
    assert tables.label("18pct-modern+width=0.5") == "18pct-modern+width=0.5"


def test_the_table_says_what_ran_and_what_did_not(runs):
    shown = tables.shown(race.results(runs))
    known = ["5.50 (5.00–6.00)", "10.50 (10.00–11.00)"]
    assert shown["Epochs"].tolist() == [*known, "not run", "not run"]
    assert shown["Ratio"].tolist() == ["", "1.91", "", ""]
    assert shown[tables.INTERVAL].tolist() == ["", "1.04 to 3.54", "", ""]
    assert shown["Unit"].iloc[3] == "ReLU, tanh"


def test_ratios_are_downloaded_in_words(runs):
    ratios = tables.to_download(race.results(runs))["ratio"]
    assert ratios.iloc[1] == "1.91 (95 % interval 1.04 to 3.54)"
    assert ratios.isna().tolist() == [True, False, *[True] * 4]


def test_the_search_says_what_each_rate_did(runs):
    shown = tables.shown_grid(race.grid(runs, race.results(runs)))
    assert shown["Rate"].tolist()[:2] == ["0.01 (chosen)", "0.04"]
    assert shown["Epochs"].tolist()[:2] == ["5.00", "not reached"]
    assert shown["Error then"].tolist()[:2] == ["25.0 %", "70.0 %"]
    assert shown["Ended"].iloc[1] == "beaten"


def test_an_arm_that_never_arrives_is_more_than_its_epochs(tmp_path):
    write_run(tmp_path, NEVER, activation="tanh")
    write_run(tmp_path, CURVE_TO_5, activation="tanh", seed=2)
    write_run(tmp_path, NEVER)
    shown = tables.shown(race.results(results.load("cifar10", tmp_path)))
    assert shown["Epochs"].tolist()[:2] == ["more than 40", "more than 22.50"]
    assert shown["Seeds"].tolist()[:2] == ["0 of 1", "1 of 2"]
    assert shown["Ratio"].iloc[1] == "unknown"
