"""Scaling and layout of the picture, pixel by pixel."""

import numpy as np
import pytest

from analysis.topics.kernels.mosaic import columns, mosaic, scaled


def filled(*values):
    """Kernels of 2 x 2 pixels, each of one value."""
    return np.array([np.full((3, 2, 2), value) for value in values], float)


def test_kernels_share_their_contrast():
    assert scaled(filled(-1, 0, 3))[:, 0, 0, 0].tolist() == [0, 0.25, 1]


def test_standardised_kernels_all_have_full_contrast():
    ramp = np.linspace(-1, 1, 12).reshape(1, 3, 2, 2)
    kernels = np.concatenate([ramp, 0.01 * ramp + 5])
    found = scaled(kernels, each=True)
    assert found[0] == pytest.approx(found[1])
    assert (found.min(), found.max()) == (0, 1)


def test_kernels_without_contrast_are_black():
    assert not scaled(filled(2, 2)).any()
    assert not scaled(filled(1, 2), each=True).any()


@pytest.mark.parametrize(
    ("count", "across"),
    [(96, 16), (48, 16), (24, 12), (12, 12), (20, 10), (6, 6), (37, 16), (1, 1)],
)
def test_rows_are_full_where_that_is_possible(count, across):
    assert columns(count) == across


def test_kernels_lie_in_rows_between_black_lines():
    kernels = filled(0.2, 0.4, 0.6)
    kernels[1, :, 0, 1] = (1, 0.5, 0)
    picture = mosaic(kernels, 2)
    assert picture.shape == (7, 7, 4)
    assert picture[1, 1].tolist() == [0.2, 0.2, 0.2, 1]
    assert picture[1, 5].tolist() == [1, 0.5, 0, 1]  # first row, second column
    assert picture[4, 1].tolist() == [0.6, 0.6, 0.6, 1]
    for line in (picture[0], picture[3], picture[:, 0], picture[:, 3]):
        assert not line[:, :3].any()
    assert picture[0, :, 3].all()


def test_cells_without_a_kernel_are_transparent():
    picture = mosaic(filled(0.2, 0.4, 0.6), 2)
    assert not picture[4:, 4:].any()
    assert picture[4:, :4, 3].all()
