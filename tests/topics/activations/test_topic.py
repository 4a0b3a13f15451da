"""Figure 1 as the reader sees it: tables, sentences, drawings."""

import matplotlib.figure
import pytest

from analysis.evidence import runs as results
from analysis.topics.activations import race, topic
from analysis.topics.activations import tables as figure1
from repro.recipes.presets import RECIPES
from tests.made.runs import CURVE_TO_5, CURVE_TO_10, NEVER, write_race, write_run


@pytest.fixture
def runs(tmp_path):
    write_race(tmp_path)
    return results.load("cifar10", tmp_path)


@pytest.fixture
def ax():
    return matplotlib.figure.Figure().subplots()


def tables(runs):
    measured = race.measured(runs)
    return measured, race.results(measured, race.declared(runs))


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
        text = figure1.label(name.removeprefix(race.RECIPES))
        assert words[recipe.initial_values.scheme] in text
        assert words[recipe.augmentation.pixels] in text
        net = recipe.network.layout.removeprefix("cifar-")
        assert text.startswith(figure1.NETS[net])


def test_an_unknown_condition_keeps_its_name():
    assert figure1.label("18pct-modern+width=0.5") == "18pct-modern+width=0.5"


def test_the_table_says_what_ran_and_what_did_not(runs):
    shown = figure1.shown(tables(runs)[1])
    known = ["5.50 (5.00–6.00)", "10.50 (10.00–11.00)"]
    assert shown["Epochs"].tolist() == [*known, "not run", "not run"]
    assert shown["Ratio"].tolist() == ["", "1.91", "", ""]
    assert shown[figure1.INTERVAL].tolist() == ["", "1.04 to 3.54", "", ""]
    assert shown["Unit"].iloc[3] == "ReLU, tanh"


def test_the_search_says_what_each_rate_did(runs):
    measured, table = tables(runs)
    shown = figure1.shown_grid(race.grid(measured, table))
    assert shown["Rate"].tolist()[:2] == ["0.01 (chosen)", "0.04"]
    assert shown["Epochs"].tolist()[:2] == ["5.00", "not reached"]
    assert shown["Error then"].tolist()[:2] == ["25.0 %", "70.0 %"]
    assert shown["Ended"].iloc[1] == "beaten"


def test_an_arm_that_never_arrives_is_more_than_its_epochs(tmp_path):
    write_run(tmp_path, NEVER, activation="tanh")
    write_run(tmp_path, CURVE_TO_5, activation="tanh", seed=2)
    write_run(tmp_path, NEVER)
    shown = figure1.shown(tables(results.load("cifar10", tmp_path))[1])
    assert shown["Epochs"].tolist()[:2] == ["more than 40", "more than 22.50"]
    assert shown["Seeds"].tolist()[:2] == ["0 of 1", "1 of 2"]
    assert shown["Ratio"].iloc[1] == "unknown"


def test_the_sentences_carry_the_numbers(runs):
    text = figure1.summary(runs)
    assert "tanh takes 10.50 epochs, 1.91 (95 % interval" in text
    assert "The paper's 6 lies outside the interval in 1 of 1 condition." in text
    assert "2 rates tried in each of 2 arms; 8 of 8 runs without weight decay" in text
    assert "18 % net, 1 condition: tanh over ReLU 1.91. One net says nothing" in text
    assert text.count("Not run.") == 4


def test_the_later_notes_compare_conditions(tmp_path):
    for setting in ("modern", "original", "standardised"):
        write_race(tmp_path, condition=f"figure1-18pct-{setting}")
    text = figure1.summary(results.load("cifar10", tmp_path))
    assert "1.91 (95 % interval 1.04 to 3.54) with the original initial" in text
    assert "ReLU: epochs on centred 0–255 over those on standardised input 1.00" in text
    assert text.count("Not run.") == 2


def test_every_claim_is_answered_without_runs(tmp_path):
    text = figure1.summary(results.load("cifar10", tmp_path))
    for claim in ("F1a", "F1b", "F1c", "S3.1a", "S3.1b", "S3.1c", "X14", "X22"):
        assert f"**{claim}**" in text
    assert text.count("Not run.") == 7


def test_the_note_of_a_profile_comes_first(tmp_path):
    note = "smoke: proves the pipeline, not the paper"
    write_race(tmp_path, profile={"name": "smoke", "note": note})
    section = topic.section(results.load("smoke", tmp_path))
    assert section.summary.startswith("**Smoke: proves the pipeline, not the paper.**")
    assert section.figure.html.count("Smoke: proves the pipeline") == 2


def test_plot_draws_solid_relu_dashed_tanh_and_the_level(runs, ax):
    _, table = tables(runs)
    table = table[table["condition"] == "18pct-modern"]
    topic.plot(race.curves(runs, table), table, ax)
    drawn = [line for line in ax.lines if len(line.get_xdata()) > 2]
    dashes = [(line.get_color(), line._unscaled_dash_pattern[1]) for line in drawn]
    solid, dashed = topic.COLOURS["relu"], topic.COLOURS["tanh"]
    assert dashes[:2] == [(solid, None)] * 2  # two seeds an arm
    assert dashes[2:] == [(dashed, (4, 2))] * 2
    assert [0.25, 0.25] in [list(line.get_ydata()) for line in ax.lines]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["ReLU: 5.50 epochs", "tanh: 10.50 epochs"]


def test_the_section_has_panels_data_and_provenance(runs):
    section = topic.section(runs)
    assert section.figure.html.count("<img alt=") == 2
    assert "tanh takes 10.50 epochs to 25 %" in section.figure.html
    assert 'download="activations-curves.csv"' in section.figure.html
    assert "0123456789abcdef" in section.figure.html
    assert "repro reproduce --profile cifar10" in section.table.html
    assert topic.section(runs) == section


def test_a_section_without_runs_names_the_hole(tmp_path):
    section = topic.section(results.load("cifar10", tmp_path))
    assert "<img" not in section.figure.html
    assert 'class="hole"' in section.figure.html
    assert "repro reproduce --profile cifar10" in section.table.html


def test_one_seed_says_nothing_against_the_paper(tmp_path):
    write_run(tmp_path, CURVE_TO_5, seed=1)
    write_run(tmp_path, CURVE_TO_10, activation="tanh", seed=1)
    text = figure1.summary(results.load("cifar10", tmp_path))
    assert "(n = 1 and 1)" in text
    assert "The paper's 6" not in text
