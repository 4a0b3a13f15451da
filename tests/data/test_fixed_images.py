"""The same images every time, other ones for another purpose."""

import numpy as np

from repro.data.fixed_images import QUERIES, SHOWN, fixed_images, measured_images


def test_the_draw_depends_on_size_and_purpose_alone():
    drawn = fixed_images(1000, QUERIES, 200)
    assert np.array_equal(drawn, fixed_images(1000, QUERIES, 200))
    assert np.array_equal(drawn[:5], fixed_images(1000, QUERIES, 5))
    assert len(set(drawn.tolist())) == 200
    assert not np.array_equal(drawn, fixed_images(1000, SHOWN, 200))
    assert not np.array_equal(np.sort(drawn), measured_images(1000, 200))


def test_a_small_split_gives_all_it_has():
    assert sorted(fixed_images(7, SHOWN, 8).tolist()) == list(range(7))
    assert np.array_equal(measured_images(30), np.arange(30))


def test_at_most_ten_thousand_images_are_measured_in_rising_order():
    chosen = measured_images(50_000)
    assert len(chosen) == 10_000 and (np.diff(chosen) > 0).all()
    # Recorded errors are of these images: another draw would be another measurement.
    assert measured_images(1000, 5).tolist() == [97, 234, 413, 668, 962]
