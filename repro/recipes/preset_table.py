"""The table in docs/recipes.md: the paper's text, the released code, ours, and others.

Generated from the presets, so that it cannot say what the recipes do not do.
"""

from types import MappingProxyType

from repro.recipes.presets import CAFFE, ONE_TOWER, PAPER_TEXT, RELEASED_145
from repro.recipes.recipe import Recipe, field_values
from repro.recipes.settings import field_types, override

# R0 draws a crop and a mirror for every image; the released code does for 32 at a time.
AS_RELEASED = override(RELEASED_145, {"crop": "shared"})

COLUMNS = MappingProxyType(
    {
        "paper's text, `paper-text`": PAPER_TEXT,
        "released code": AS_RELEASED,
        "ours, `released-145`": RELEASED_145,
        "`caffe`": CAFFE,
        "`one-tower`": ONE_TOWER,
    }
)

# Each field in words, with what its values are called where they do not say it.
WORDS: MappingProxyType[str, str] = MappingProxyType(
    {
        "layout": "layer order",
        "towers": "towers",
        "channels": "maps of conv1 to conv5",
        "stem_padding": "conv1: padding left and top, right and bottom",
        "dropout_kind": "dropout: scaled at test (mask) or in training (inverted)",
        "normaliser": "response norm",
        "before_activation": "response norm below the ReLU",
        "k": "response norm: k",
        "divided": "response norm: alpha divided by n",
        "across_towers": "response norm: across the towers",
        "second_norm": "second norm, of 5 x 5 pixels in the same map",
        "scheme": "initial weights",
        "middle_std": "initial std of conv3 to conv5",
        "hidden_std": "initial std of fc6 and fc7",
        "positive_bias": "initial biases of conv2, conv4, conv5, fc6, fc7",
        "bias_rate_factor": "rate of the biases, times that of the weights",
        "bias_rate_drops": "rate of the biases drops with that of the weights",
        "rate_in_velocity": "rate inside the velocity",
        "weight_decay": "weight decay, convolutions",
        "hidden_weight_decay": "weight decay, fc6 and fc7",
        "output_weight_decay": "weight decay, fc8",
        "batch_size": "batch",
        "epochs": "epochs",
        "schedule": "drops of the rate: at fixed epochs or on a plateau of the error",
        "drop_epochs": "rate divided by 10 after epochs",
        "late_epochs": "conv1 slowed and colour noise off, conv1 frozen: after epochs",
        "crop": "crop and mirror drawn per image, or shared by 32 images",
        "crop_share": "side of the crop, of 256 pixels",
        "pixels": "input",
        "colour_noise": "colour noise",
        "colour_divisor": "training input divided by, with colour noise",
    }
)
UNUSED = {  # fields that another value leaves without effect
    ("normaliser", "none"): (
        *("before_activation", "k", "divided", "across_towers", "second_norm"),
    ),
    ("scheme", "torch"): ("middle_std", "hidden_std", "positive_bias"),
    ("schedule", "plateau"): ("drop_epochs",),
}


def differing() -> list[str]:
    """The fields in which the presets differ, in the order of the recipe."""
    values = [field_values(recipe) for recipe in COLUMNS.values()]
    return [
        name
        for name in field_types()
        if any(other[name] != values[0][name] for other in values)
    ]


def preset_table() -> str:
    """The table in Markdown, one row a field; a dash where a field has no effect."""
    head = ["", "field", *COLUMNS]
    rows = [head, ["---"] * len(head)]
    for name in differing():
        values = [_shown(recipe, name) for recipe in COLUMNS.values()]
        rows.append([WORDS[name], f"`{name}`", *values])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _shown(recipe: Recipe, name: str) -> str:
    fields = field_values(recipe)
    for (field, value), without_effect in UNUSED.items():
        if fields[field] == value and name in without_effect:
            return "–"
    value = fields[name]
    if name == "crop_share":
        return f"{256 * value:g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
