"""Crops, flips and the scale of pixels, per image and repeatable."""

import numpy as np
import pytest
import torch

from repro.recipes import Augmentation
from repro.views import Pixels, centre_views, crops, pixel_statistics, training_views

SIDE = 6
IMAGES = torch.arange(4 * SIDE * SIDE * 3).reshape(4, SIDE, SIDE, 3)


def test_crops_are_slices_mirrored_where_asked():
    top, left = np.array([0, 2, 1, 2]), np.array([2, 0, 1, 2])
    mirrored = np.array([False, True, False, True])
    views = crops(IMAGES, top, left, mirrored, 4)
    for i in range(4):
        expected = IMAGES[i, top[i] : top[i] + 4, left[i] : left[i] + 4]
        if mirrored[i]:
            expected = expected.flip(1)
        assert torch.equal(views[i], expected)


def test_all_offsets_and_both_mirrors_come_equally_often():
    one = torch.arange(SIDE * SIDE * 3).reshape(1, SIDE, SIDE, 3).repeat(900, 1, 1, 1)
    augmentation = Augmentation(crop="random", crop_size=4)
    views = training_views(one, augmentation, seed=1, step=0)
    seen, counts = torch.unique(views, dim=0, return_counts=True)
    assert len(seen) == 3 * 3 * 2  # offsets 0 to 2 inclusive, two mirrors
    assert 20 < counts.min() and counts.max() < 90  # 50 expected, 7 a deviation


def test_draws_depend_on_seed_and_step_alone():
    augmentation = Augmentation(crop="random", crop_size=4)
    views = {
        (seed, step): training_views(IMAGES, augmentation, seed=seed, step=step)
        for seed in (0, 1)
        for step in (0, 1)
    }
    again = training_views(IMAGES, augmentation, seed=1, step=1)
    assert torch.equal(views[1, 1], again)
    assert not torch.equal(views[1, 1], views[0, 1])
    assert not torch.equal(views[1, 1], views[1, 0])


def test_flip_without_crop_and_crop_without_flip():
    flipped = training_views(
        IMAGES, Augmentation(crop="whole", flip=True), seed=0, step=0
    )
    for image, view in zip(IMAGES, flipped, strict=True):
        assert torch.equal(view, image) or torch.equal(view, image.flip(1))
    still = Augmentation(crop="centre", crop_size=4, flip=False)
    views = training_views(IMAGES, still, seed=0, step=0)
    assert torch.equal(views, IMAGES[:, 1:5, 1:5])
    assert torch.equal(centre_views(IMAGES, still), views)


@pytest.mark.parametrize("pixels", ["centred", "standardised"])
def test_scale(pixels):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, size=(50, SIDE, SIDE, 3), dtype=np.uint8)
    flat = images.reshape(-1, 3).astype(float)
    covariance = np.cov(flat.T, bias=True)
    augmentation = Augmentation(crop="centre", crop_size=4, pixels=pixels)
    mean, deviation = pixel_statistics(images.mean(0), covariance, augmentation)
    scale = Pixels(torch.from_numpy(mean).float(), torch.from_numpy(deviation).float())
    seen = scale.scale(centre_views(torch.from_numpy(images), augmentation))
    expected = images[:, 1:5, 1:5].astype(float) - images.mean(0)[1:5, 1:5]
    if pixels == "standardised":
        expected = expected / flat.std(0)
    np.testing.assert_allclose(seen, expected.transpose(0, 3, 1, 2), atol=2e-4)
    assert seen.is_contiguous(memory_format=torch.channels_last)
