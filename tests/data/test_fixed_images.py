"""The same images every time, other ones for another purpose."""

import numpy as np

from repro.data.fixed_images import QUERIES, SHOWN, fixed_images
from repro.training.evaluate import fixed_positions


def test_the_draw_depends_on_size_and_purpose_alone():
    drawn = fixed_images(1000, QUERIES, 200)
    assert np.array_equal(drawn, fixed_images(1000, QUERIES, 200))
    assert np.array_equal(drawn[:5], fixed_images(1000, QUERIES, 5))
    assert len(set(drawn.tolist())) == 200
    assert not np.array_equal(drawn, fixed_images(1000, SHOWN, 200))
    assert not np.array_equal(np.sort(drawn), fixed_positions(1000, 200))


def test_a_small_split_gives_all_it_has():
    assert sorted(fixed_images(7, SHOWN, 8).tolist()) == list(range(7))
