"""Crops, flips and the scale of pixels, per image and repeatable."""

import numpy as np
import pytest
import torch

from repro.data.views import (
    _gathered,
    centre_views,
    colour_matrix,
    crops,
    measure_pixels,
    ten_views,
    training_input,
    training_views,
)
from repro.recipes.recipe import Augmentation

SIDE = 6
IMAGES = torch.arange(4 * SIDE * SIDE * 3).reshape(4, SIDE, SIDE, 3)


@pytest.mark.parametrize("crops", [crops, _gathered])  # the second: of other devices
def test_crops_are_slices_mirrored_where_asked(crops):
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
    augmentation = Augmentation(crop="random", crop_share=4 / 6)
    views = training_views(one, augmentation, seed=1, step=0)
    seen, counts = torch.unique(views, dim=0, return_counts=True)
    assert len(seen) == 3 * 3 * 2  # offsets 0 to 2 inclusive, two mirrors
    assert 20 < counts.min() and counts.max() < 90  # 50 expected, 7 a deviation


def test_draws_depend_on_seed_and_step_alone():
    augmentation = Augmentation(crop="random", crop_share=4 / 6)
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
    still = Augmentation(crop="centre", crop_share=4 / 6, flip=False)
    views = training_views(IMAGES, still, seed=0, step=0)
    assert torch.equal(views, IMAGES[:, 1:5, 1:5])
    assert torch.equal(centre_views(IMAGES, still), views)


def test_shared_crop_of_32_consecutive_images():
    one = torch.rand(1, SIDE, SIDE, 3).repeat(96, 1, 1, 1)
    shared = Augmentation(crop="shared", crop_share=4 / 6)
    views = training_views(one, shared, seed=0, step=0)
    for chunk in views.split(32):
        assert (chunk == chunk[0]).all()
    starts = [training_views(one, shared, seed=0, step=k)[::32] for k in range(5)]
    assert len(torch.unique(torch.cat(starts), dim=0)) > 3


COVARIANCE = np.array([[4000.0, 3500, 3200], [3500, 3900, 3700], [3200, 3700, 4400]])


def test_colour_noise_has_the_covariance_it_should():
    images = torch.full((20_000, 1, 1, 3), 100, dtype=torch.uint8)
    augmentation = Augmentation(crop="whole", flip=False)
    pixels = measure_pixels(np.zeros((1, 1, 3)), COVARIANCE, augmentation)
    seen = training_input(images, augmentation, pixels, seed=0, step=0)
    shift = seen[:, :, 0, 0].double().numpy() * 1.1 - 100
    # released: square roots of the eigenvalues times 0.1, so 0.01 of the covariance
    np.testing.assert_allclose(np.cov(shift.T), 0.01 * COVARIANCE, rtol=0.05)
    assert abs(shift.mean(0)).max() < 5 * (0.01 * 4400 / 20_000) ** 0.5
    again = training_input(images, augmentation, pixels, seed=0, step=1)
    assert not torch.equal(seen, again)
    late = training_input(images, augmentation, pixels, seed=0, step=0, noisy=False)
    assert (late == 100).all()  # neither noise nor the division by 1.1


def test_two_readings_of_the_colour_noise():
    values, vectors = np.linalg.eigh(COVARIANCE)
    released = colour_matrix(COVARIANCE, Augmentation())
    np.testing.assert_allclose(
        np.linalg.norm(released, axis=0), 0.1 * np.sqrt(values), rtol=1e-9
    )
    text = colour_matrix(COVARIANCE, Augmentation(colour_noise="text"))
    scaled = np.linalg.eigvalsh(COVARIANCE / 255**2)  # of pixels in [0, 1]
    np.testing.assert_allclose(
        np.linalg.norm(text, axis=0), 0.1 * scaled * 255, rtol=1e-6
    )
    np.testing.assert_allclose(abs(text.T @ vectors[:, 2])[:2], 0, atol=1e-9)


def test_one_shift_an_image():
    images = torch.zeros(3, 4, 4, 3, dtype=torch.uint8)
    augmentation = Augmentation(crop="whole", flip=False)
    pixels = measure_pixels(np.zeros((4, 4, 3)), COVARIANCE, augmentation)
    seen = training_input(images, augmentation, pixels, seed=0, step=0)
    assert (seen == seen[:, :, :1, :1]).all()
    assert len(seen[:, 0, 0, 0].unique()) == 3


def test_ten_views_are_corners_centre_and_mirrors():
    images = torch.arange(256 * 256).reshape(1, 256, 256, 1).expand(1, 256, 256, 3)
    views = ten_views(images, Augmentation())
    assert len(views) == 10
    first = [divmod(int(view[0, 0, 0, 0]), 256) for view in views[:5]]
    assert first == [(0, 0), (0, 32), (16, 16), (32, 0), (32, 32)]
    for view, mirror in zip(views[:5], views[5:], strict=True):
        assert torch.equal(view.flip(2), mirror)


def test_input_scale_multiplies():
    images = torch.full((1, 2, 2, 3), 100, dtype=torch.uint8)
    half = Augmentation(crop="whole", input_scale=0.5)
    pixels = measure_pixels(np.full((2, 2, 3), 60.0), COVARIANCE, half)
    assert (pixels.scale(images) == 20).all()


def test_scale_is_plain_arithmetic_and_leaves_its_input_alone():
    """Slices of images, as views are; divided as float32 divides, bit by bit."""
    rng = np.random.default_rng(0)
    images = torch.from_numpy(rng.integers(0, 256, (2, 6, 5, 3), dtype=np.uint8))
    before = images.clone()
    standardised = Augmentation(crop="whole", pixels="standardised")
    mean = rng.uniform(0, 255, (4, 4, 3)).astype(np.float32)
    pixels = measure_pixels(mean, COVARIANCE, standardised)
    shift = torch.tensor([[1.5, -2.25, 3.1], [0.3, 7.7, -9.9]])
    seen = pixels.scale(images[:, 1:5, :4], shift)
    for i, row, column, channel in np.ndindex(2, 4, 4, 3):
        value = (
            np.float32(before[i, row + 1, column, channel]) - mean[row, column][channel]
        )
        value = (value + shift[i, channel].numpy()) / pixels.divisor[channel].numpy()
        assert seen[i, channel, row, column] == value
    assert torch.equal(images, before)
    floats = images[:, :4, :4].float()
    kept = floats.clone()
    pixels.scale(floats, shift)
    assert torch.equal(floats, kept)
