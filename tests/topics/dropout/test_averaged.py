"""Two networks averaged from their five most probable classes, by hand."""

import math

import numpy as np
import pytest

from analysis.evidence import runs
from analysis.evidence.runs import ReportError
from analysis.statistics.estimates import over_seeds
from analysis.topics.dropout import averaged
from tests.made.errors import mistakes, write_exported
from tests.made.verdicts import verdicts

T2 = 4.302653  # Student's t, 97.5 %, of 2 degrees of freedom
R0, NODROP, LONG = "released-145", "R-nodrop", "R-long"
CURVE = ((2.0, 0.8, None), (1.0, 0.5, None))
LABELS = [0, 0, 0]
FIRST = (
    [[1, 0, 2, 3, 4], [0, 1, 2, 3, 4], [1, 2, 3, 4, 5]],
    [[0.5, 0.375, 0.125, 0, 0], [0.5, 0.25, 0.25, 0, 0], [0.25] * 2 + [0.125] * 3],
)
SECOND = (
    [[0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [0, 2, 3, 4, 5]],
    [[0.5, 0.25, 0.25, 0, 0], [0.875, 0.125, 0, 0, 0], [0.375] + [0.125] * 4],
)


def write(folder, answers, labels=LABELS, classes=6):
    folder.mkdir(exist_ok=True)
    np.savez(
        folder / "predictions.npz",
        labels=np.array(labels, np.uint16),
        class_names=np.array([f"class {number}" for number in range(classes)]),
        classes_10=np.array(answers[0], np.uint16),
        probabilities_10=np.array(answers[1], np.float16),
    )
    return folder


def test_the_larger_sum_wins(tmp_path):
    """0.875 against 0.75; 0.625 against 1.125; 0.125 of the rest + 0.375 against 0.375."""
    one, other = write(tmp_path / "a", FIRST), write(tmp_path / "b", SECOND)
    assert averaged.wrong(one, other).tolist() == [False, True, False]
    assert averaged.wrong(other, one).tolist() == [False, True, False]
    assert averaged.wrong(one, one).tolist() == [True, False, True]


def test_what_is_left_is_shared_by_the_other_classes(tmp_path):
    """0.375 + 0.025 for class 0, 0.25 + 0.125 for class 2: 0.4 against 0.375."""
    one = write(tmp_path / "a", FIRST, classes=10)
    other = write(tmp_path / "b", SECOND, classes=10)
    assert not averaged.wrong(one, other)[2]
    assert averaged.wrong(one, other)[1]


def test_other_images_are_refused(tmp_path):
    one = write(tmp_path / "a", FIRST)
    other = write(tmp_path / "b", SECOND, labels=[0, 0, 1])
    with pytest.raises(ReportError, match="b: not the test images of .*a"):
        averaged.wrong(one, other)


def test_a_file_that_is_none_is_named(tmp_path):
    one = write(tmp_path / "a", FIRST)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "predictions.npz").write_text("no archive")
    with pytest.raises(ReportError, match="b/predictions.npz: not readable"):
        averaged.wrong(one, tmp_path / "b")


def offered(reports, profile="cifar10"):
    return averaged.averages(runs.load(profile, reports))


def words(reports, profile="cifar10"):
    return verdicts("S4.2f", offered(reports, profile), profile)


def write_arm(reports, name, errors, epochs=2, seeds=None, curve=CURVE):
    """One seed an error, in images of 1000: the first so many are wrong."""
    about = {"profile": "cifar10", "dataset": "cifar10", "images": 1000}
    about |= {"epochs": epochs, "metrics": curve}
    for seed, count in zip(seeds or range(len(errors)), errors, strict=True):
        write_exported(reports, name, seed, wrong=mistakes(count, count), **about)


def test_every_pair_is_averaged_and_seeds_are_left_out_in_turn(tmp_path):
    """Equal probabilities: where both differ the first of a pair wins, as in the code.

    Of nested mistakes the average is wrong as often as the first network of the pair:
    300 of (0, 1) and (0, 2), 320 of (1, 2).
    """
    write_arm(tmp_path, NODROP, (300, 320, 310))
    write_arm(tmp_path, LONG, (280, 290, 270), epochs=4)
    (found,) = offered(tmp_path)
    assert found.value == pytest.approx(100 * ((0.3 + 0.3 + 0.32) / 3 - 0.28))
    without = [0.32 - 0.28, 0.3 - 0.275, 0.3 - 0.285]  # seed 0, 1 and 2
    pseudo = 3 * np.mean(without) - 2 * np.array(without)
    half = T2 * pseudo.std(ddof=1) / math.sqrt(3)
    limits = [100 * (np.mean(without) + sign * half) for sign in (-1, 1)]
    assert (found.low, found.high) == pytest.approx(limits)
    assert (found.seeds, found.images) == ((3, 3), 1000)
    assert found.stated == (
        "+2.67 points: R-nodrop, 2 networks averaged (3 pairs), minus one R-long; "
        "4 epochs in all against 4"
    )
    assert found.runs == tuple(
        f"{name}/seed-{seed}" for name in (NODROP, LONG) for seed in range(3)
    )


def test_a_network_of_other_epochs_is_not_compared(tmp_path):
    write_arm(tmp_path, NODROP, (300, 310, 320))
    write_arm(tmp_path, LONG, (280, 290, 270), epochs=3)
    write_arm(tmp_path, f"{R0}+epochs=9", (280, 290, 270), epochs=9)
    assert offered(tmp_path) == []


def test_two_seeds_make_one_pair_and_no_interval(tmp_path):
    write_arm(tmp_path, NODROP, (300, 320))
    write_arm(tmp_path, LONG, (280, 290, 270), epochs=4)
    (found,) = offered(tmp_path)
    assert found.value == pytest.approx(100 * (0.3 - 0.285)) and not found.has_interval
    assert words(tmp_path) == ["inconclusive"]
    assert "(1 pair)" in found.stated


def test_one_seed_averages_nothing(tmp_path):
    write_arm(tmp_path, NODROP, (300,))
    write_arm(tmp_path, LONG, (280, 290), epochs=4)
    assert offered(tmp_path) == []


def test_of_a_mean_the_jackknife_is_students_interval():
    values = [0.1, 0.4, 0.2, 0.7]
    without = [(sum(values) - each) / 3 for each in values]
    found = averaged.jackknife(np.mean(values), without, images=9)
    expected = over_seeds(values, images=9)
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )
