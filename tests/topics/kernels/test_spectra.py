"""Measures of kernels whose spectra and colours are known."""

import numpy as np
import pytest
from scipy.special import j1

from analysis.topics.kernels.spectra import (
    LOW,
    SIDE,
    colour_share,
    low_frequency_share,
    measure,
    orientation_index,
    peak_frequency,
    spectra,
)
from tests.made.kernels import blob, grating, noise


def impulse(side=11):
    """One weight per channel: every frequency has the same energy."""
    kernel = np.zeros((1, 3, side, side))
    kernel[:, :, side // 2, 2] = 1
    return kernel


def low_by_integral(kernels):
    """Energy inside the disc in closed form: no grid of frequencies is involved.

    Two weights at distance r add their product times the disc's transform,
    R J1(2 pi R r) / r, which is pi R^2 at r = 0.
    """
    side = kernels.shape[-1]
    points = np.argwhere(np.ones((side, side)))
    distance = np.linalg.norm(points[:, None] - points[None], axis=-1)
    safe = np.where(distance > 0, distance, 1)
    disc = LOW * j1(2 * np.pi * LOW * safe) / safe
    disc = np.where(distance > 0, disc, np.pi * LOW**2)
    flat = kernels.reshape(len(kernels), 3, -1)
    inside = np.einsum("ncp,pq,ncq->n", flat, disc, flat)
    return inside / (flat**2).sum(axis=(1, 2))


def test_spectra_keep_the_energy():
    kernels = noise(4, side=11)
    total = spectra(kernels).sum(axis=(1, 2)) / SIDE**2
    assert total == pytest.approx((kernels**2).sum(axis=(1, 2, 3)))


def test_an_impulse_has_the_share_of_points_inside_the_disc():
    """Of the 65 x 65 points, 829 lie within a quarter of 65 steps of the centre."""
    inside = sum(
        a * a + b * b < 16.25**2 for a in range(-32, 33) for b in range(-32, 33)
    )
    assert inside == 829
    assert low_frequency_share(spectra(impulse())) == pytest.approx([829 / 4225])


@pytest.mark.parametrize("side", [5, 11])
def test_low_frequencies_agree_with_the_integral_over_the_disc(side):
    smooth = [blob(side), grating(side, 1), grating(side, 2, 1.0), grating(side, 0)]
    kernels = np.concatenate([noise(20, side=side), smooth])
    assert low_frequency_share(spectra(kernels)) == pytest.approx(
        low_by_integral(kernels), abs=0.005
    )


def test_dc_counts_among_the_low_frequencies():
    assert low_frequency_share(spectra(np.ones((1, 3, 11, 11))))[0] > 0.9
    checks = np.indices((11, 11)).sum(axis=0) % 2 * 2 - 1
    checks = np.tile(checks, (1, 3, 1, 1))
    assert low_frequency_share(spectra(checks))[0] < 0.1
    assert peak_frequency(spectra(checks)) == pytest.approx(
        [np.sqrt(0.5)], abs=1 / SIDE
    )


@pytest.mark.parametrize(
    ("colour", "share"),
    [
        ((1, 1, 1), 0),
        ((1, -1, 0), 1),
        ((1, 0, 0), 2 / 3),
        ((1, 1, 0), 1 / 3),
        ((-2, -2, -2), 0),
    ],
)
def test_colour_share_by_hand(colour, share):
    assert colour_share(blob(5, colour)[None]) == pytest.approx([share], abs=1e-12)


def test_colour_share_of_independent_channels_is_two_thirds():
    assert colour_share(noise(2000)).mean() == pytest.approx(2 / 3, abs=0.005)


@pytest.mark.parametrize("angle", [0, 0.6, np.pi / 4, np.pi / 2, 2.5])
def test_a_grating_has_its_frequency_and_one_orientation(angle):
    energy = spectra(grating(11, 2, angle)[None])
    assert peak_frequency(energy) == pytest.approx([2 / 11], abs=0.02)
    assert orientation_index(energy)[0] > 0.8


def test_orientation_index_is_low_without_an_orientation():
    plaid = grating(11, 2, 0) + grating(11, 2, np.pi / 2)
    round_ones = spectra(np.array([blob(11), plaid]))
    assert orientation_index(round_ones) == pytest.approx([0, 0], abs=1e-9)
    assert orientation_index(spectra(impulse())) == pytest.approx([0], abs=1e-9)


def test_the_kinds_of_figure_3():
    grey_blob, grey_wave, colour_wave = (
        blob(11, (1, 1, 1)),
        grating(11, 2, 1.0),
        grating(11, 2, 1.0) * np.array([1, -1, 0])[:, None, None],
    )
    found = measure(np.array([blob(11), grey_blob, grey_wave, colour_wave]))
    assert found["gabor_like"].tolist() == [False, False, True, True]
    assert found["colour_blob"].tolist() == [True, False, False, False]


@pytest.mark.parametrize("side", [5, 11])
def test_noise_has_no_kind(side):
    found = measure(noise(200, side=side))
    assert not found["gabor_like"].any() and not found["colour_blob"].any()


def test_a_kernel_of_zeros_has_no_measures():
    found = measure(np.stack([np.zeros((3, 5, 5)), blob(5)]))
    names = ["low_frequency_share", "colour_share", "peak_frequency"]
    assert found.loc[0, [*names, "orientation_index"]].isna().all()
    assert not found.loc[0, "gabor_like"] and not found.loc[0, "colour_blob"]
    assert found.loc[1, "colour_blob"]


@pytest.mark.parametrize("shape", [(4, 1, 5, 5), (4, 3, 5, 6), (3, 5, 5), (0, 3, 5, 5)])
def test_another_shape_is_named(shape):
    with pytest.raises(ValueError, match=r"expected \(C, 3, k, k\)"):
        measure(np.zeros(shape))
