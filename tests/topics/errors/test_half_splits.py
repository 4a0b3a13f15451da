"""What random halves of the test images change, against counting and drawing them."""

import itertools
import math

import numpy as np
import pytest

from analysis.claims import claims
from analysis.evidence import runs
from analysis.ledger.lines import lines
from analysis.topics.errors import half_splits
from analysis.topics.errors import topic as errors
from tests.made.errors import mistakes, write_exported

Z = 1.959964
(CLAIM,) = [claim for claim in claims.load() if claim.id == "S6.5b"]


def test_the_variance_is_that_of_every_pair_of_halves():
    """Two of six images wrong: all 20 halves of 3 images, counted."""
    errors = [
        sum(image < 2 for image in half) / 3
        for half in itertools.combinations(range(6), 3)
    ]
    pairs = [first - second for first in errors for second in errors]
    expected = Z * math.sqrt(np.mean(np.square(pairs)))
    assert half_splits.limit(2, 6) == pytest.approx(expected)


def test_so_many_drawn_halves_lie_within():
    wrong, draw = np.arange(1000) < 300, np.random.default_rng(0)
    halves = [draw.permutation(wrong)[:500].mean() for _ in range(4000)]
    differences = np.abs(np.subtract(halves[::2], halves[1::2]))
    within = (differences <= half_splits.limit(300, 1000)).mean()
    assert within == pytest.approx(0.95, abs=0.02)


def test_from_how_many_images_on_halves_hardly_differ():
    """The number that the claim's measure names, at the error that varies most."""
    for images, close in ((76_000, False), (77_000, True)):
        assert (half_splits.limit(images / 2, images) < 0.005) == close
    assert "77,000" in CLAIM.measure


def test_halves_of_our_test_images(tmp_path):
    for seed, count in enumerate((200, 220, 240)):
        wrong = mistakes(count, count)
        about = {"profile": "cifar10", "dataset": "cifar10", "images": 1000}
        write_exported(tmp_path, seed=seed, wrong=wrong, **about)
    (found,) = errors.measured(runs.load("cifar10", tmp_path))["S6.5b"]
    half = 100 * Z * math.sqrt(2 * 0.22 * 0.78 / 999)
    assert (found.value, found.low, found.high) == pytest.approx((0, -half, half))
    assert found.stated == (
        "±3.63 points: two random halves of 1,000 images, released-145, 3 networks"
    )
    assert (found.quantity, found.seeds, found.images) == ("test half", (3,), 500)
    assert found.runs == tuple(f"released-145/seed-{seed}" for seed in range(3))
    (line,) = lines(CLAIM, [found], "cifar10")
    assert line.verdict.word == "inconclusive"


def test_halves_of_many_images_settle_it():
    about = {"dataset": "CIFAR-10", "split": "test images", "images": 100_000}
    (found,) = half_splits.of_ours([30_000, 31_000], "R0", **about)
    (line,) = lines(CLAIM, [found], "cifar10")
    assert line.verdict.word == "direction reproduced"
