"""ONNX models by their definition: onnx.reference, with a response norm that is right.

The LRN of onnx.reference 1.23 loops over images where it means maps (`x.shape[0]`), so
that most maps stay as they are; here it is written from the operator's text.
"""

import math

import numpy as np
import onnx
import torch
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from torch import nn

from repro.data.views import Pixels
from repro.networks.build import build_network
from repro.recipes.presets import find_recipe
from repro.recipes.recipe import crop_size
from repro.recipes.settings import override
from repro.trained.run import SavedNetwork


class LRN(OpRun):
    """The sum of squares from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2)."""

    op_domain = ""

    def _run(self, x, alpha=None, beta=None, bias=None, size=None):
        total = np.zeros_like(x)
        for c in range(x.shape[1]):
            first = max(0, c - math.floor((size - 1) / 2))
            last = min(x.shape[1] - 1, c + math.ceil((size - 1) / 2))
            total[:, c] = (x[:, first : last + 1] ** 2).sum(axis=1)
        return (x / (bias + alpha / size * total) ** beta,)


def evaluated(
    model: onnx.ModelProto, x: np.ndarray, output: str | None = None
) -> np.ndarray:
    """The value `output`, by default the last one, of a model with one input."""
    evaluator = ReferenceEvaluator(model, new_ops=[LRN])
    name = next(n for n in evaluator.input_names if n in ("pixels", "data_0"))
    return evaluator.run([output or evaluator.output_names[-1]], {name: x})[0]


# Of outputs: ten times the largest distance seen, as processors add in different orders.
# A batch norm's epsilon that is ten times too large gives 2e-3, another exponent 0.1.
ROUNDING = 3e-4


def distance(found: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference, relative to how far outputs differ between images."""
    return np.abs(found - wanted).max() / np.abs(wanted - wanted.mean(axis=0)).max()


def lively(network: nn.Sequential) -> nn.Sequential:
    """Random weights under which every layer matters: signals keep their size."""
    torch.manual_seed(0)
    for parameter in network.parameters():
        if parameter.dim() > 1:
            fan_in = parameter[0].numel()
            if parameter.dim() == 3:  # of towers or of places
                fan_in = parameter.shape[2 if parameter.shape[0] == 2 else 1]
            nn.init.normal_(parameter, std=1.5 * fan_in**-0.5)
        else:
            nn.init.uniform_(parameter, 0.1, 0.5)
    return network.eval()


def saved_network(name: str, side: int, *, classes: int = 7, **changes) -> SavedNetwork:
    """A preset with lively weights, as `load_run` returns it."""
    recipe = override(find_recipe(name), changes)
    size = crop_size(recipe.augmentation, side)
    network = lively(build_network(recipe, classes=classes, side=size))
    scaled = recipe.augmentation.pixels == "standardised"
    divisor = torch.tensor([50.0, 60.0, 70.0]) if scaled else torch.ones(3)
    pixels = Pixels(torch.rand(size, size, 3) * 255, divisor, torch.zeros(3, 3))
    record = {"name": name, "profile": {"side": side}}
    return SavedNetwork(record, recipe, network, pixels, None)


def views(size: int, count: int = 2) -> torch.Tensor:
    """(count, size, size, 3) random uint8 images."""
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.integers(0, 256, (count, size, size, 3), np.uint8))


def as_input(images: torch.Tensor) -> np.ndarray:
    """The same as the (N, 3, size, size) float32 that a model takes."""
    return images.permute(0, 3, 1, 2).float().numpy()


@torch.inference_mode()
def logits(saved: SavedNetwork, images: torch.Tensor) -> np.ndarray:
    """What our network says to these views."""
    return saved.network(saved.pixels.scale(images)).numpy()
