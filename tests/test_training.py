"""Which images a run trains on and which are held out."""

import numpy as np

from repro.training import held_out, share_per_class

LABELS = np.repeat(np.arange(4), 10)


def test_the_last_images_are_held_out():
    assert held_out(LABELS, 3, by_class=False).tolist() == [37, 38, 39]


def test_so_many_of_every_class_are_held_out():
    chosen = held_out(LABELS, 3, by_class=True)
    assert (np.diff(chosen) > 0).all()
    assert np.bincount(LABELS[chosen]).tolist() == [3, 3, 3, 3]
    assert np.array_equal(chosen, held_out(LABELS, 3, by_class=True))


def test_the_same_share_of_every_class():
    chosen = share_per_class(LABELS, 0.25)
    assert np.bincount(LABELS[chosen]).tolist() == [3, 3, 3, 3]  # 2.5 rounded up
    assert np.array_equal(share_per_class(LABELS, 1.0), np.arange(40))
    assert set(share_per_class(LABELS, 0.5)) >= set(chosen)
