"""The files that an export adds to a run folder: their names, and which are not there.

An export writes all of FILES, or the ones that a comparison of two runs needs: COMPARISON.
"""

from collections.abc import Iterable
from pathlib import Path

ERRORS, PREDICTIONS = "errors.csv", "predictions.npz"  # an ensemble has these too
LAYERS = "layers.csv"
KERNELS, KERNELS_BY_EPOCH = "kernels.npy", "kernels-by-epoch.npz"
FEATURES = {"train": "features-train.npy", "test": "features-test.npy"}
NEIGHBORS, EXAMPLES = "neighbors.npz", "examples.npz"
PROBE, CODES = "probe.csv", "codes.csv"
DIAGNOSTICS, DROPOUT, DISTURBED = "diagnostics.csv", "dropout.csv", "disturbed.csv"

LARGE = tuple(FEATURES.values())  # not committed
COMPARISON = (
    *(ERRORS, PREDICTIONS, LAYERS, KERNELS, KERNELS_BY_EPOCH),
    *(DIAGNOSTICS, DROPOUT, DISTURBED),
)
FILES = (*COMPARISON, *LARGE, NEIGHBORS, EXAMPLES, PROBE, CODES)


def lacking(folder: Path, names: Iterable[str]) -> list[str]:
    """The ones of these files that are not in the folder, in the order given."""
    return [name for name in names if not (folder / name).is_file()]
