"""Which starts left the plateau and when, on a grid whose ends are known."""

import math

from analysis.evidence import runs as results
from analysis.topics.plateau import grid
from tests.made.training_runs import write_start


def load(reports):
    runs = results.load("tiny-imagenet", reports)
    return runs, grid.starts(runs)


def test_a_start_has_its_place_in_the_grid_and_its_end(tmp_path):
    write_start(tmp_path, signal=0.1, left=2, input_scale=0.1, middle_std=0.01)
    write_start(tmp_path, seed=1, signal=None, input_scale=0.1, middle_std=0.01)
    left, stayed = load(tmp_path)[1].itertuples()
    assert (left.input_scale, left.middle_std, left.positive_bias) == (0.1, 0.01, 1)
    assert (left.outcome, left.steps, left.epoch_steps) == ("left", 20, 10)
    assert (stayed.outcome, stayed.steps) == ("stayed", 30)
    assert left.signal == 0.1 and math.isnan(stayed.signal)
    assert left.classes == stayed.classes == 100  # of the same data


def test_a_loss_that_is_no_number_is_neither_left_nor_stayed(tmp_path):
    write_start(tmp_path, signal=0.1, status="failed", stop="diverged: loss is nan")
    write_start(tmp_path, seed=1, signal=0.1, status="running", stop=None)
    assert load(tmp_path)[1]["outcome"].tolist() == ["diverged"]


def test_one_that_leaves_in_its_last_epoch_has_left(tmp_path):
    """Its manifest says that all epochs are done; 99 % of ln(100) is 4.559."""
    done = {"left": 3, "stop": "all epochs done"}
    write_start(tmp_path, seed=0, signal=0.1, **done)
    assert load(tmp_path)[1]["outcome"].tolist() == ["stayed"]  # of how many classes?
    write_start(tmp_path, seed=1, signal=0.1, left=1)
    assert load(tmp_path)[1]["outcome"].tolist() == ["left", "left"]


def test_the_profile_may_name_the_classes(tmp_path):
    done = {"left": 3, "stop": "all epochs done", "profile": {"classes": 100}}
    write_start(tmp_path, signal=0.1, **done)
    assert load(tmp_path)[1]["outcome"].tolist() == ["left"]


def test_cells_hold_the_seeds_and_what_the_plan_lacks(tmp_path):
    write_start(tmp_path, seed=0, signal=0.2, left=1)
    write_start(tmp_path, seed=1, signal=0.3, left=3)
    write_start(tmp_path, seed=2, signal=0.1)
    write_start(tmp_path, signal=0.1, positive_bias=0)
    runs, starts = load(tmp_path)
    cells = grid.cells(starts, runs)
    assert len(cells) == 8 and grid.waiting(cells) == 6 * 2 + 1
    full = cells[cells["seeds"] == 3].iloc[0]
    assert (full["left"], full["low"], full["high"], full["given"]) == (2, 10, 30, 30)
    assert full["signals"] == (0.2, 0.3, 0.1)
    empty = cells[cells["seeds"] == 0].iloc[0]
    assert (empty["left"], empty["planned"], empty["signals"]) == (0, 2, ())


def test_the_plan_is_that_of_the_changes_under_which_most_ran(tmp_path):
    for seed in (0, 1):
        write_start(tmp_path, seed, signal=0.1, left=1, extra="+train_share=0.1")
    write_start(tmp_path, signal=0.1, left=1)
    runs, starts = load(tmp_path)
    cells = grid.cells(starts, runs)
    assert grid.main(starts) == "train_share=0.1"
    planned = cells.loc[cells["planned"] > 0, "changes"]
    assert len(planned) == 8 and set(planned) == {"train_share=0.1"}
    assert grid.waiting(cells) == 7 * 2
    assert len(cells) == 9


def test_without_runs_there_is_no_grid(tmp_path):
    runs, starts = load(tmp_path)
    assert starts.empty and grid.cells(starts, runs).empty
    assert grid.waiting(grid.cells(starts, runs)) == 0


def test_a_profile_without_a_plan_has_the_cells_that_ran(tmp_path):
    write_start(tmp_path, signal=0.1, left=1, profile={"plateau": {}})
    runs, starts = load(tmp_path)
    assert grid.cells(starts, runs)["planned"].tolist() == [0]
