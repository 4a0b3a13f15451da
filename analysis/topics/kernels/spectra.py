"""What first-layer kernels respond to: arithmetic on weights, (C, 3, k, k).

Spectra are taken of each colour channel of the zero-padded kernel: `SIDE` x `SIDE`
points of its spectrum, the constant term (DC) included unless said; their energies are
added over the three channels. A kernel of zeros has no measures: not a number.
"""

import numpy as np
import pandas as pd

SIDE = 65  # points of the padded transform; odd: each frequency has its opposite
LOW = 0.25  # cycles per pixel: half the Nyquist frequency of 0.5
CYCLES = 0.5  # across a kernel's side: the lowest peak of a selective kernel
ORIENTED = 0.5  # orientation index from which a kernel counts as oriented
SHARE = 0.5  # of energy: from there on coloured, or smooth

DEFINITIONS = (
    "Gabor-like (frequency- and orientation-selective): orientation index at least "
    f"{ORIENTED:g} and spectral peak at or above {CYCLES:g} cycles across the kernel. "
    f"Colour blob: at least {100 * SHARE:g} % of the energy off the grey axis, at least "
    f"{100 * SHARE:g} % of the spectral energy below {LOW:g} cycles per pixel, "
    f"orientation index below {ORIENTED:g}. The thresholds are ours."
)


def measure(kernels: np.ndarray) -> pd.DataFrame:
    """One row a kernel: its measures and the two kinds that Figure 3 shows.

    `low_frequency_share`, `colour_share`, `orientation_index` lie in [0, 1];
    `peak_frequency` is in cycles per pixel. Raises ValueError on another shape.
    """
    energy = spectra(kernels)
    frame = pd.DataFrame(
        {
            "low_frequency_share": low_frequency_share(energy),
            "colour_share": colour_share(kernels),
            "peak_frequency": peak_frequency(energy),
            "orientation_index": orientation_index(energy),
        }
    )
    oriented = frame["orientation_index"] >= ORIENTED
    oscillates = frame["peak_frequency"] >= CYCLES / kernels.shape[-1]
    coloured = frame["colour_share"] >= SHARE
    smooth = frame["low_frequency_share"] >= SHARE
    not_oriented = frame["orientation_index"] < ORIENTED
    frame["gabor_like"] = oriented & oscillates
    frame["colour_blob"] = coloured & smooth & not_oriented
    return frame


def spectra(kernels: np.ndarray) -> np.ndarray:
    """Spectral energy, (C, SIDE, SIDE), added over colour channels."""
    _check(kernels)
    channels = np.fft.fft2(kernels.astype(float), s=(SIDE, SIDE))
    return (np.abs(channels) ** 2).sum(axis=1)


def low_frequency_share(energy: np.ndarray) -> np.ndarray:
    """Share of the energy at radial frequencies below `LOW`, DC included, (C,).

    White noise has pi / 16 = 19.6 % there, the area of the disc.
    """
    radius, _ = _frequencies()
    return _share(energy[:, radius < LOW].sum(axis=1), energy.sum(axis=(1, 2)))


def colour_share(kernels: np.ndarray) -> np.ndarray:
    """Share of the energy off the grey axis (1, 1, 1) / sqrt 3 of RGB, (C,).

    0 where the three channels are equal, 1 where they add up to nothing, 2/3 for
    independent channels of equal variance.
    """
    _check(kernels)
    kernels = kernels.astype(float)
    total = (kernels**2).sum(axis=(1, 2, 3))
    grey = (kernels.sum(axis=1) ** 2).sum(axis=(1, 2)) / 3
    return np.clip(_share(total - grey, total), 0, 1)  # rounding


def peak_frequency(energy: np.ndarray) -> np.ndarray:
    """Radial frequency of the largest energy, in cycles per pixel, (C,)."""
    radius, _ = _frequencies()
    flat = energy.reshape(len(energy), -1)
    found = radius.ravel()[flat.argmax(axis=1)]
    return np.where(flat.sum(axis=1) > 0, found, np.nan)


def orientation_index(energy: np.ndarray) -> np.ndarray:
    """How far the energy, without DC, lies along one orientation, (C,).

    Length of the mean of exp(2 i angle), weighted by energy (circular concentration at
    the doubled angle): 0 where every orientation has the same, 1 where one has all.
    """
    radius, angle = _frequencies()
    rest = np.where(radius > 0, energy, 0)
    total = rest.sum(axis=(1, 2))
    return _share(np.abs((rest * np.exp(2j * angle)).sum(axis=(1, 2))), total)


def _frequencies() -> tuple[np.ndarray, np.ndarray]:
    """Radius in cycles per pixel and angle of every point, (SIDE, SIDE) each."""
    axis = np.fft.fftfreq(SIDE)
    down, across = np.meshgrid(axis, axis, indexing="ij")
    return np.hypot(down, across), np.arctan2(down, across)


def _share(part: np.ndarray, total: np.ndarray) -> np.ndarray:
    nothing = np.full(len(total), np.nan)
    return np.divide(part, total, out=nothing, where=total > 0)


def _check(kernels: np.ndarray) -> None:
    shape = kernels.shape
    square = len(shape) == 4 and shape[1] == 3 and shape[2] == shape[3] <= SIDE
    if not square or not len(kernels):
        raise ValueError(
            f"kernels have shape {shape}; expected (C, 3, k, k), k at most {SIDE}"
        )
