"""The layer lists of named networks at the paper's size: reports/architectures.csv.

They need no run and no GPU. The file is committed, so that analysis, which imports no
torch, can count them; a test writes it again and compares. After a change of layers
`repro write architectures` writes it anew.
"""

from pathlib import Path
from typing import Any

from repro.networks.counts import layer_rows
from repro.recipes.presets import find_recipe
from repro.recipes.recipe import Recipe, crop_size
from repro.recipes.settings import override, run_name
from repro.runs.folder import ROOT, save_table

PATH = ROOT / "reports" / "architectures.csv"
CLASSES = 1000
SIDE = 256  # pixels of an image, of which a network sees its recipe's crop

# Each recipe with its changes. R-half with a halved conv5 is footnote 2 taken at its
# first words; without padding 224 pixels give 54 x 54 positions.
NETWORKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("released-145", {}),
    ("released-145", {"stem_padding": (0, 0)}),
    ("caffe", {}),
    ("one-tower", {}),
    ("R-dense", {}),
    ("R-half", {}),
    ("R-half", {"channels": (48, 128, 192, 192, 128)}),
    ("R-pool2", {}),
    ("R-6conv", {}),
    ("R-noc3", {}),
    ("R-noc4", {}),
    ("R-noc5", {}),
    ("R-nofc7", {}),
    ("R-gap", {}),
)


def architectures() -> dict[str, Recipe]:
    """The networks by name, as a run of each would be called."""
    return {
        run_name(name, changes): override(find_recipe(name), changes)
        for name, changes in NETWORKS
    }


def architecture_rows() -> list[dict[str, Any]]:
    """The rows of layers.csv of every network, each with its `recipe`.

    For 1000 classes and the recipe's crop of 256 pixels: 224, or 227 for `caffe`.
    """
    return [
        {"recipe": name} | row
        for name, recipe in architectures().items()
        for row in layer_rows(
            recipe, classes=CLASSES, side=crop_size(recipe.augmentation, SIDE)
        )
    ]


def write_architectures(path: Path = PATH) -> Path:
    """Write the file and return its path; a write that fails leaves the old file."""
    save_table(path, architecture_rows())
    return path
