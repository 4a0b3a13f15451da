"""Layer lists, read: layers.csv of a run, reports/architectures.csv of named networks.

A list is a frame in the order of the layers, the input first: name, kind, shape (maps x
height x width), window and stride in pixels, towers (2: each half of the output sees
its half of the input), parameters, neurons, multiply_adds of one image; and `maps` and
`side`, which the shape says.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.evidence.runs import ROOT, ReportError, Run, Runs

Networks = Mapping[str, pd.DataFrame]  # layer lists by name

ARCHITECTURES = ROOT / "reports" / "architectures.csv"
COMMAND = "repro write architectures"  # writes it
LAYERS = "layers.csv"  # of a run
REFERENCE = "released-145"
UNPADDED = "released-145+stem_padding=0,0"
HALVED = "R-half+channels=48,128,192,192,128"
NETWORKS = {  # in words; all are in the file
    REFERENCE: "the 2012 network",
    UNPADDED: "without padding at conv1",
    "caffe": "Caffe's: 227 pixels, without padding",
    "one-tower": "torchvision's: one tower, other widths",
    "R-dense": "every layer sees both GPUs",
    "R-half": "one GPU: half the kernels in conv1 to conv4",
    HALVED: "one GPU: half the kernels in conv5 too",
    "R-pool2": "pooling 2×2, stride 2",
    "R-6conv": "a sixth convolution",
    "R-noc3": "without conv3; conv4 sees both GPUs",
    "R-noc4": "without conv4",
    "R-noc5": "without conv5",
    "R-nofc7": "without fc7",
    "R-gap": "averaged maps instead of fc6 and fc7",
}
COLUMNS = {
    "name": str,
    "kind": str,
    "shape": str,
    "window": float,
    "stride": float,
    "towers": int,
    "parameters": int,
    "neurons": int,
    "multiply_adds": int,
}


def read_layers(path: Path) -> pd.DataFrame:
    """One layer list; raises ReportError naming the file and what is wrong with it."""
    return _with_sizes(_read(path, COLUMNS), path)


def read_architectures(path: Path = ARCHITECTURES) -> dict[str, pd.DataFrame]:
    """The layer list of each of NETWORKS; an empty dict where there is no file.

    Raises ReportError where the file is not whole.
    """
    if not path.exists():
        return {}
    frame = _with_sizes(_read(path, {"recipe": str} | COLUMNS), path)
    found = dict(list(frame.groupby("recipe")))
    if missing := [name for name in NETWORKS if name not in found]:
        raise ReportError(
            f"{path}: no layers of {missing[0]}; write it again: {COMMAND}"
        )
    return {
        name: found[name].drop(columns="recipe").reset_index(drop=True)
        for name in NETWORKS
    }


def _read(path: Path, columns: dict[str, type]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path)
        missing = [column for column in columns if column not in frame.columns]
        if missing:
            raise ReportError(f"{path}: columns missing: {', '.join(missing)}")
        return frame[list(columns)].astype(columns)
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise ReportError(f"{path}: not readable ({error})") from error


def _with_sizes(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """`maps` and `side` (1 for a vector) of every shape."""
    parts = frame["shape"].str.extract(r"^(?P<maps>\d+)(?:x(?P<side>\d+)x(?P=side))?$")
    if parts["maps"].isna().any():
        bad = frame.loc[parts["maps"].isna(), "shape"].iloc[0]
        raise ReportError(
            f"{path}: shape {bad!r}: expected maps, or maps x side x side"
        )
    return frame.assign(
        maps=parts["maps"].astype(int), side=parts["side"].fillna("1").astype(int)
    )


def trained(runs: Runs) -> tuple[Run, pd.DataFrame] | None:
    """The complete run that has exported layers.csv and changes least of its recipe.

    None where no run has.
    """
    exported = [run for run in runs.complete if (run.folder / LAYERS).exists()]
    if not exported:
        return None
    run = min(exported, key=lambda run: (run.name.count("+"), run.name, run.seed))
    return run, read_layers(run.folder / LAYERS)
