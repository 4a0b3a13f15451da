"""The plateau at ln(classes): the network answers every image alike and stays there."""

import math
from collections.abc import Callable

from repro.recipes.recipe import Recipe
from repro.training.metrics import Row

FIRST_STEP = 1000  # before it, a slow start is nothing to report
SHARE = 0.99  # of ln(classes)
LOW_SIGNAL = 0.03  # of the pre-flight: recipes known to start have 0.07 and more

Stop = Callable[[list[Row]], str | None]  # the reason to end a run, given its rows


def stalled(step: int, running_loss: float, classes: int) -> bool:
    """Whether an epoch that ended at `step` was spent on the plateau, and too many."""
    return step >= FIRST_STEP and on_plateau(running_loss, classes)


def on_plateau(running_loss: float, classes: int) -> bool:
    """Whether an epoch's mean loss is still that of a guess."""
    return running_loss > SHARE * math.log(classes)


def warning(step: int, running_loss: float, classes: int, recipe: Recipe) -> str:
    """One line: what is seen, the likely cause and the fields to change."""
    return (
        f"loss {running_loss:.3f} after {step} steps is still ln({classes}) = "
        f"{math.log(classes):.3f}: {_advice(recipe)}"
    )


def low_signal(ratio: float, recipe: Recipe) -> str:
    """One line: what the pre-flight found, and the fields to change."""
    return (
        f"pre-flight {ratio:.4f}, below {LOW_SIGNAL}: the image moves the logits less "
        f"than dropout does, the loss may stay at ln(classes); {_advice(recipe)}"
    )


def _advice(recipe: Recipe) -> str:
    values = recipe.initial_values
    if values.scheme == "gaussian" and recipe.augmentation.pixels == "standardised":
        return (
            "the Gaussian initial values are made for pixels of 0-255; "
            "set pixels=centred or scheme=torch"
        )
    if values.scheme == "gaussian" and values.positive_bias > 0.1:
        if values.middle_std < 0.03:
            return (
                "biases of 1 drown the image where the middle layers start small; "
                "set middle_std=0.03 (released code) or positive_bias=0.1 with "
                "hidden_std=0.005 (Caffe)"
            )
        return "set a lower learning_rate, or positive_bias=0.1"
    return "set a lower learning_rate, or larger initial weights (middle_std, std)"
