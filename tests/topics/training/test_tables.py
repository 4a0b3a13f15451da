"""Gaps in words and what they are compared with."""

from analysis.evidence import curves
from analysis.evidence import runs as results
from analysis.topics.training import tables
from tests.made.training_runs import write_training


def load(reports):
    runs = results.load("tiny-imagenet", reports)
    return runs, curves.gaps(runs)


def test_the_table_has_both_moments_with_means_and_ranges(tmp_path):
    write_training(tmp_path, val=(1, 0.8, 0.7, 0.6, 0.6))
    write_training(tmp_path, seed=1, val=(1, 0.8, 0.7, 0.5, 0.7))
    last, best = tables.shown(load(tmp_path)[1]).to_dict("records")
    assert (last["At"], last["Seeds"], last["Epoch"]) == ("last epoch", "2", "4")
    assert last["Validation error, %"] == "65.0 (60.0–70.0)"
    assert last["Gap, points"] == "35.0 (30.0–40.0)"
    assert best["Epoch"] == "3.5 (3–4)"
    assert best["Gap, points"] == "20.0 (10.0–30.0)"


def test_the_sentence_says_how_far_validation_ends_above_its_lowest(tmp_path):
    write_training(tmp_path)
    (text,) = tables.gap(load(tmp_path)[1], "released-145", "")
    assert "(1 seed, 4 epochs; tiny-imagenet train)" in text
    assert "30.0 % on 10,000 training and 65.0 % on 2,500 validation images" in text
    assert "a gap of 35.0 points; validation ends 5.0 points above its lowest" in text
    assert text.endswith("of epoch 3.")


def test_gaps_are_compared_under_the_same_changes_only(tmp_path):
    write_training(tmp_path, "released-145+epochs=4")
    write_training(tmp_path, "R-noreg", train=(1, 0.5, 0.2, 0.1, 0.05))
    gaps = load(tmp_path)[1]
    assert tables.against(gaps, "R-noreg", "") == []
    assert tables.against(gaps, "R-noreg", "epochs=4") == []
    write_training(tmp_path, "released-145")
    (text,) = tables.against(load(tmp_path)[1], "R-noreg", "")
    assert text == (
        "Gap of R-noreg minus that of released-145: 25.0 points (n = 1 and 1 seeds)."
    )


def test_two_seeds_give_an_interval(tmp_path):
    for seed, last in enumerate((0.65, 0.67)):
        write_training(tmp_path, seed=seed, val=(1, 0.8, 0.7, 0.6, last))
        write_training(tmp_path, "R-noreg", seed, val=(1, 0.8, 0.7, 0.6, last + 0.1))
    (text,) = tables.against(load(tmp_path)[1], "R-noreg", "")
    # standard error sqrt(2) x 1 point on 2 degrees of freedom, whose t is 4.303
    assert "10.0 points, 95 % interval (Welch's t) 3.9 to 16.1" in text


def test_settings_are_ordered_by_seeds_then_epochs(tmp_path):
    short = {"train": (1, 0.9), "val": (1, 0.9)}
    write_training(tmp_path, "released-145+epochs=1", **short)
    write_training(tmp_path, "released-145+epochs=4")
    assert tables.settings(load(tmp_path)[1]) == ["epochs=4", "epochs=1"]
    write_training(tmp_path, "released-145+epochs=1", seed=1, **short)
    assert tables.settings(load(tmp_path)[1]) == ["epochs=1", "epochs=4"]


def test_iterations_have_both_definitions(tmp_path):
    write_training(tmp_path, losses=[5, 4, 3, 2, 1])
    write_training(tmp_path, "R-nodrop", losses=[5, 3, 1, 1, 1])
    runs, _ = load(tmp_path)
    level, best = tables.iterations(runs, "", "R-nodrop")
    assert "training loss of 1.00" in level and "over R-nodrop: 2.00;" in level
    assert "lowest validation error: 1.00; n = 1 and 1 seeds; tiny-imagenet" in best


def test_batch_sizes_are_compared_each_at_its_best_rate(tmp_path):
    write_training(tmp_path)
    small = {"batch_size": 32}
    for rate, best in ((0.01, 0.5), (0.005, 0.4)):
        name = f"released-145+batch_size=32+learning_rate={rate:g}"
        fields = small | {"learning_rate": rate}
        write_training(tmp_path, name, fields=fields, val=(1, 0.8, 0.7, best, 0.9))
    few, many = tables.batch_sizes(load(tmp_path)[1])
    assert "batch 32: lowest validation error 40.0 % at rate 0.005, of 2 tried" in few
    assert "batch 128: lowest validation error 60.0 % at rate 0.01, of 1 tried" in many


def test_one_batch_size_is_nothing_to_compare(tmp_path):
    write_training(tmp_path)
    other = {"batch_size": 32, "width": 0.5}
    write_training(tmp_path, "released-145+batch_size=32+width=0.5", fields=other)
    assert tables.batch_sizes(load(tmp_path)[1]) == []
