"""Different crops of an image, against all of them compared pixel by pixel."""

import numpy as np
import pytest

from analysis.topics.crops.counted import different_crops


def every_crop(side, size):
    """The bytes of every crop and of its mirror, of an image of different pixels."""
    image = np.random.default_rng(0).permutation(side * side).reshape(side, side)
    offsets = range(side - size + 1)
    crops = [image[y : y + size, x : x + size] for y in offsets for x in offsets]
    return {view.tobytes() for crop in crops for view in (crop, crop[:, ::-1])}


@pytest.mark.parametrize(("side", "size"), [(5, 3), (6, 2), (4, 4), (7, 6), (3, 1)])
def test_agrees_with_every_crop(side, size):
    assert different_crops(side, size) == len(every_crop(side, size))


def test_of_the_paper():
    assert different_crops(256, 224) == 33 * 33 * 2 == 2178
    assert different_crops(255, 224) == 32 * 32 * 2 == 2048


def test_a_crop_that_is_larger_than_the_image():
    with pytest.raises(ValueError):
        different_crops(3, 4)
