"""The phase diagram as a reader sees it: tables, panels, holes."""

import matplotlib.figure
import pytest

from analysis.evidence import runs as results
from analysis.topics.plateau import figures, grid, tables
from tests.made.training_runs import write_start


@pytest.fixture
def ax():
    return matplotlib.figure.Figure().subplots()


def load(reports, profile="tiny-imagenet"):
    runs = results.load(profile, reports)
    starts = grid.starts(runs)
    return runs, starts, grid.cells(starts, runs)


def write_grid(reports):
    """One cell that leaves, one that stays, one that diverges, in two panels."""
    for seed in (0, 1):
        write_start(reports, seed, signal=0.2 + seed / 10, left=1 + seed)
        write_start(reports, seed, signal=0.01, input_scale=0.1)
        write_start(reports, seed, signal=0.1, positive_bias=0, status="failed")


def test_the_table_says_how_many_left_and_after_how_many_steps(tmp_path):
    write_grid(tmp_path)
    _, _, cells = load(tmp_path)
    rows = tables.shown(cells)
    assert "Changes" not in rows
    known = rows[rows["Left"] != "not run"].set_index(["Input scale", "Positive bias"])
    assert known.loc[("1", "1"), "Left"] == "2 of 2"
    assert known.loc[("1", "1"), "Steps"] == "10–20"
    assert known.loc[("1", "1"), "Pre-flight"] == "0.25 (0.2–0.3)"
    assert known.loc[("0.1", "1"), "Steps"] == "more than 30"
    assert known.loc[("1", "0"), "Left"] == "0 of 2, 2 diverged"
    assert known.loc[("1", "0"), "Steps"] == "–"
    assert (rows["Left"] == "not run").sum() == 5


def test_the_caption_gives_resolution_data_and_n(tmp_path):
    write_grid(tmp_path)
    html = tables.tables(*load(tmp_path)).html
    assert "resolution: 10 steps, one epoch" in html
    assert "tiny-imagenet train, 1,280 images, 6 runs" in html
    assert "at most 99 % of ln(classes) within 3 epochs" in html
    assert "Not run: 10 runs of the grid" in html
    assert "repro reproduce --profile tiny-imagenet --experiments plateau<" in html


def test_a_full_grid_has_no_hole(tmp_path):
    plan = {"input_scales": [1.0], "middle_stds": [0.03], "positive_biases": [1.0]}
    write_start(tmp_path, signal=0.1, profile={"plateau": plan | {"seeds": 1}})
    assert "hole" not in tables.tables(*load(tmp_path)).html


def test_changes_are_part_of_the_command_and_of_the_table(tmp_path):
    write_start(tmp_path, signal=0.1, left=1, extra="+train_share=0.1")
    runs, starts, cells = load(tmp_path)
    html = tables.tables(runs, starts, cells).html
    assert "--experiments plateau --set train_share=0.1<" in html
    assert set(tables.shown(cells)["Changes"]) == {"train_share=0.1"}


def test_without_runs_the_hole_names_the_command(tmp_path):
    html = tables.tables(*load(tmp_path, "smoke")).html
    assert "<code>repro reproduce --profile smoke --experiments plateau</code>" in html
    html = tables.tables(*load(tmp_path, "imagenet")).html
    assert "<code>smoke, cifar10, tiny-imagenet</code>" in html
    assert "<img" not in figures.diagram(*load(tmp_path, "smoke")).html


def test_the_table_of_the_pre_flight_has_area_limits_and_cells(tmp_path):
    write_grid(tmp_path)
    (row,) = tables.shown_signal(load(tmp_path)[1]).to_dict("records")
    assert (row["Runs"], row["Left"], row["Diverged"]) == ("6", "2", "2")
    assert row["Area"].startswith("1.000 (") and row["Cells"] == "1 and 1"
    assert (row["Smallest that left"], row["Largest that stayed"]) == ("0.2", "0.01")


def test_runs_that_end_alike_give_no_area(tmp_path):
    write_start(tmp_path, signal=0.1, left=1)
    (row,) = tables.shown_signal(load(tmp_path)[1]).to_dict("records")
    assert row["Area"].startswith("not judged") and "Cells" not in row


def test_a_panel_has_every_cell_with_its_numbers(tmp_path, ax):
    write_grid(tmp_path)
    _, _, cells = load(tmp_path)
    figures.plot(cells[cells["positive_bias"] == 1], ax)
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert texts[(1, 1)] == "2 of 2\n10–20\n(0.25)"
    assert texts[(0, 1)] == "0 of 2\nstayed\n(0.01)"
    assert texts[(0, 0)] == texts[(1, 0)] == "not run"
    filled = {patch.get_xy(): patch.get_alpha() for patch in ax.patches if patch.fill}
    assert filled[(0.5, 0.5)] > filled[(-0.5, 0.5)] > filled[(-0.5, -0.5)] == 0


def test_a_cell_that_diverged_did_not_stay(tmp_path, ax):
    write_grid(tmp_path)
    _, _, cells = load(tmp_path)
    figures.plot(cells[cells["positive_bias"] == 0], ax)
    assert "0 of 2\n2 diverged\n(0.1)" in {text.get_text() for text in ax.texts}


def test_the_figure_has_a_panel_for_each_bias(tmp_path):
    write_grid(tmp_path)
    html = figures.diagram(*load(tmp_path)).html
    assert html.count("<img alt=") == 2
    assert 'data-name="plateau-bias-1"' in html
    assert "input scale 1, initial std 0.03: 2 of 2 left" in html
    assert 'download="plateau-runs.csv"' in html
