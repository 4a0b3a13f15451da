"""torchvision's alexnet, a state dict, for our `one-tower` recipe."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from repro.weights.class_order import ImportRefused

RECIPE, SIDE = "one-tower", 224
LAYERS = {
    "features.0": "conv1",
    "features.3": "conv2",
    "features.6": "conv3",
    "features.8": "conv4",
    "features.10": "conv5",
    "classifier.1": "fc6",
    "classifier.4": "fc7",
    "classifier.6": "fc8",
}
# Of RGB values in [0, 1]: torchvision.transforms._presets, ImageClassification.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def torchvision_state(source: Path) -> dict[str, Tensor]:
    """The weights under our names; shapes are for the caller to compare.

    Raises ImportRefused for an unreadable file, and naming a key that is missing or one
    too many.
    """
    try:
        state = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:80]
        raise ImportRefused(f"not a file of weights alone ({reason})") from error
    return _renamed(state)


def _renamed(state: Any) -> dict[str, Tensor]:
    names = {
        f"{theirs}.{kind}": f"{ours}.{kind}"
        for theirs, ours in LAYERS.items()
        for kind in ("weight", "bias")
    }
    keys = set(state) if isinstance(state, dict) else set()
    if missing := [key for key in names if key not in keys]:
        wrapped = keys & {"state_dict", "model", "network"}
        hint = f" (save what is under {min(wrapped)!r} alone)" if wrapped else ""
        raise ImportRefused(f"not torchvision's alexnet: no {missing[0]!r}{hint}")
    if unknown := sorted(map(str, keys - names.keys())):
        raise ImportRefused(f"not torchvision's alexnet: {unknown[0]!r} is unknown")
    for key in names:
        if not isinstance(state[key], Tensor):
            raise ImportRefused(f"not torchvision's alexnet: {key!r} is no tensor")
    return {ours: state[theirs] for theirs, ours in names.items()}
