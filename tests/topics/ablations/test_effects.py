"""Differences of paired runs, by hand."""

import math

import pytest

from analysis.evidence import runs as results
from analysis.topics.ablations import effects
from tests.made.errors import mistakes, write_exported


def load(reports):
    return results.load("tiny-imagenet", reports)


def write_pair(reports, seed, variant, reference, name="R-nolrn", **settings):
    """One seed of both arms: `variant` and `reference` of 100 images are wrong."""
    for run, count in ((name, variant), ("released-145", reference)):
        wrong = mistakes(count + 5, count, count // 2, count // 2)
        write_exported(reports, run, seed, wrong=wrong, images=100, **settings)


def test_the_difference_is_the_variants_error_minus_the_references(tmp_path):
    for seed, variant in enumerate((42, 44, 46)):
        write_pair(tmp_path, seed, variant, 40)
    (found,) = effects.effects(load(tmp_path))
    top1, half = found.difference(1), 4.302653 * 0.02 / math.sqrt(3)
    assert top1.value == pytest.approx(0.04)
    assert (top1.low, top1.high) == pytest.approx((0.04 - half, 0.04 + half))
    assert found.difference(5).value == pytest.approx(0.02)
    assert found.difference(1, views=1).value == pytest.approx(0.04)
    assert found.gain(1).value == pytest.approx(-0.04)
    assert found.over_images(1).over == "images"
    assert found.images == "Tiny-ImageNet validation, 10 classes"


def test_one_seed_has_the_interval_over_images(tmp_path):
    write_pair(tmp_path, 0, 45, 40)
    (found,) = effects.effects(load(tmp_path))
    assert found.difference(1) == found.over_images(1)


def test_fits_are_paired_by_seed(tmp_path):
    slow, fast = (
        ((4, 0.9, 0.9), (loss, 0.5, val)) for loss, val in ((2, 0.6), (3, 0.9))
    )
    for seed in (0, 1):
        for name, curve in (("R-nowd", fast), ("released-145", slow)):
            write_exported(
                tmp_path, name, seed, wrong=mistakes(2, 1), metrics=curve, images=10
            )
    (found,) = effects.effects(load(tmp_path))
    assert found.fit("gap") == pytest.approx((0.4, 0.1))
    assert found.fit_difference("gap").value == pytest.approx(0.3)
    assert found.fit("early_loss") == (3, 2)
    # both reach 3: the reference half-way, where its gap is 0.05
    gap = found.gap_difference_at_equal_loss()
    assert gap.value == pytest.approx(0.35) and gap.seeds == 2


def test_without_validation_images_there_is_no_gap(tmp_path):
    curve = ((4, 0.9, None), (2, 0.5, None))
    write_pair(tmp_path, 0, 45, 40, metrics=curve)
    (found,) = effects.effects(load(tmp_path))
    assert found.gap_difference_at_equal_loss() is None


def test_the_main_condition_has_most_pairs_then_most_epochs(tmp_path):
    def condition():
        runs = load(tmp_path)
        return effects.main_condition(effects.effects(runs), runs)

    assert condition() == ()
    write_exported(tmp_path, "released-145+epochs=9", wrong=mistakes(1, 1))
    assert condition() == ("epochs=9",)
    for epochs in (5, 7):
        for name in ("R-nolrn", "released-145"):
            label = f"{name}+epochs={epochs}"
            write_exported(tmp_path, label, wrong=mistakes(1, 1), epochs=epochs)
    assert condition() == ("epochs=7",)
    for name in ("R-nolrn", "released-145"):
        write_exported(tmp_path, f"{name}+epochs=5", 1, wrong=mistakes(1, 1))
    assert condition() == ("epochs=5",)


def test_the_spread_is_over_the_seeds_of_one_condition(tmp_path):
    for seed, variant in enumerate((42, 46)):
        write_pair(tmp_path, seed, variant, 40)
        write_exported(
            tmp_path, "R-nolrn+epochs=3", seed, wrong=mistakes(9 * seed, 9 * seed)
        )
    found = effects.spread(load(tmp_path), ())
    assert found.degrees == 2
    assert found.deviation == pytest.approx(0.02)  # variances 8 and 0, pooled: 4


def test_the_frame_holds_every_difference_as_a_fraction(tmp_path):
    write_pair(tmp_path, 0, 45, 40)
    frame = effects.frame(effects.effects(load(tmp_path)))
    assert frame[["views", "top"]].values.tolist() == [[1, 1], [1, 5], [10, 1], [10, 5]]
    assert frame["difference"].tolist() == pytest.approx([0.05, 0.02, 0.05, 0.02])
    assert effects.frame([]).empty
