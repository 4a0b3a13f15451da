"""What crops of one image share, by hand and by counting; how alike they look."""

import numpy as np
import pytest

from analysis.topics.crops import overlap
from analysis.topics.crops.overlap import (
    VIEWS,
    correlations,
    different_crops,
    sizes,
    views,
)


def every_crop(side, size):
    """The bytes of every crop and of its mirror, of an image of different pixels."""
    image = np.random.default_rng(0).permutation(side * side).reshape(side, side)
    offsets = range(side - size + 1)
    crops = [image[y : y + size, x : x + size] for y in offsets for x in offsets]
    return {view.tobytes() for crop in crops for view in (crop, crop[:, ::-1])}


@pytest.mark.parametrize(("side", "size"), [(5, 3), (6, 2), (4, 4), (7, 6), (3, 1)])
def test_agrees_with_every_crop(side, size):
    assert different_crops(side, size) == len(every_crop(side, size))


def test_a_crop_that_is_larger_than_the_image():
    with pytest.raises(ValueError):
        different_crops(3, 4)


def test_counts_as_in_the_paper_and_exact():
    found = sizes().set_index(["side", "crop"])
    assert found["different"].to_dict() == {
        (256, 224): 2178,
        (64, 56): 162,
        (32, 28): 50,
        (32, 24): 162,
    }
    assert found["as_printed"].tolist() == [2048, 128, 32, 128]


@pytest.mark.parametrize(("side", "crop"), [(32, 28), (32, 24), (64, 56)])
def test_shared_pixels_by_counting(side, crop):
    """Every offset against every other, one axis at a time."""
    row = sizes().set_index(["side", "crop"]).loc[(side, crop)]
    starts = range(side - crop + 1)
    spans = [set(range(start, start + crop)) for start in starts]
    shared = np.mean([len(one & other) for one in spans for other in spans]) / crop
    assert row["in_two"] == pytest.approx(shared**2)
    in_all = len(set.intersection(*spans)) / crop
    assert row["in_all"] == pytest.approx(in_all**2)


def test_views_are_crops_of_the_image_mirrored_or_not():
    image = np.arange(6 * 6 * 3).reshape(6, 6, 3)
    crops = {
        view.tobytes()
        for y in range(3)
        for x in range(3)
        for crop in [image[y : y + 4, x : x + 4]]
        for view in (crop, crop[:, ::-1])
    }
    found = views(image, 4, seed=0)
    assert found.shape == (VIEWS, 4, 4, 3)
    assert {view.tobytes() for view in found} <= crops
    assert len({view.tobytes() for view in found}) > 2
    assert np.array_equal(found, views(image, 4, seed=0))
    assert not np.array_equal(found, views(image, 4, seed=1))


def test_correlations_against_numpy():
    rng = np.random.default_rng(0)
    images = list(rng.integers(0, 256, (3, 6, 6, 3)))
    same, other = correlations(images, 4)
    every = [
        views(image, 4, seed).reshape(VIEWS, -1) for seed, image in enumerate(images)
    ]
    matrix = np.corrcoef(np.concatenate(every))
    blocks = matrix.reshape(3, VIEWS, 3, VIEWS)
    for one in range(3):
        own = blocks[one, :, one][~np.eye(VIEWS, dtype=bool)]
        assert same[one] == pytest.approx(own.mean())
        others = [blocks[one, :, two].mean() for two in range(3) if two != one]
        assert other[one] == pytest.approx(np.mean(others))


def test_an_image_of_one_colour_correlates_with_nothing():
    images = [np.full((6, 6, 3), 7), np.random.default_rng(0).integers(0, 9, (6, 6, 3))]
    same, other = correlations(images, 4)
    assert same[0] == other[0] == 0
    assert np.isfinite(other).all()


def test_the_difference_has_an_interval_over_images(monkeypatch):
    each = (np.array([0.5, 0.7]), np.array([0.1, 0.1]))
    monkeypatch.setattr(overlap, "correlations", lambda *_: each)
    monkeypatch.setattr(overlap, "drawn", lambda run: [np.zeros((8, 8, 3))] * 2)
    monkeypatch.setattr(overlap, "crop", lambda run, side: 7)
    found = overlap.similarity(None)
    assert (found.same, found.other) == pytest.approx((0.6, 0.1))
    mean, half = 0.5, 12.706 * 0.1  # t of one degree of freedom, standard error 0.1
    limits = (mean - half, mean + half)
    difference = found.difference
    assert difference.value == pytest.approx(mean)
    assert (difference.low, difference.high) == pytest.approx(limits, rel=1e-3)


def test_one_image_alone_says_nothing(monkeypatch):
    monkeypatch.setattr(overlap, "drawn", lambda run: [np.zeros((8, 8, 3))])
    assert overlap.similarity(None) is None
