"""Named recipes. A variant states only its difference."""

from types import MappingProxyType

from repro.recipes.recipe import Recipe, RecipeError, with_epochs
from repro.recipes.settings import override
from repro.recipes.variants import NO_NOISE, VARIANTS

# --- the 2012 network -----------------------------------------------------------------

# R0: the defaults. layers-145.cfg, layer-params-145-2010.cfg, convdata_jpeg.py.
RELEASED_145 = Recipe()

# The paper's words wherever they differ from the released code.
PAPER_TEXT = override(
    RELEASED_145,
    {
        "before_activation": (),  # 3.3: after the ReLU
        "divided": False,  # 3.3: alpha as printed
        "across_towers": True,  # 3.3: N is the number of kernels in the layer
        "second_norm": (),
        "middle_std": 0.01,  # 5: the same in every layer
        "bias_rate_factor": 1.0,  # 5: one rate for all layers
        "bias_rate_drops": True,
        "epochs": 90,
        "schedule": "plateau",
        "late_epochs": (),
        "colour_noise": "text",  # 4.1: eigenvalues, of pixels in [0, 1]
        "colour_divisor": 1.0,
    },
)

# models/bvlc_alexnet: 227 of 256 pixels, drops each 100,000 of 450,000 steps of 256.
CAFFE = override(
    RELEASED_145,
    {
        "stem_padding": (0, 0),
        "dropout_kind": "inverted",
        "before_activation": (),
        "across_towers": True,
        "second_norm": (),
        "k": 1.0,
        "middle_std": 0.01,
        "hidden_std": 0.005,
        "positive_bias": 0.1,
        "bias_rate_drops": True,
        "batch_size": 256,
        "epochs": 90,
        "drop_epochs": (20, 40, 60, 80),
        "late_epochs": (),
        "crop_share": 227 / 256,
        "colour_noise": "none",
        "colour_divisor": 1.0,
    },
)

# torchvision's alexnet, the 2014 layout, with the settings of its reference script.
ONE_TOWER = override(
    RELEASED_145,
    {
        "layout": "one-tower",
        "towers": 1,
        "channels": (64, 192, 384, 256, 256),
        "stem_padding": (2, 2),
        "dropout_kind": "inverted",
        "normaliser": "none",
        "scheme": "torch",
        "bias_rate_factor": 1.0,
        "bias_rate_drops": True,
        "rate_in_velocity": False,
        "weight_decay": 0.0001,
        "hidden_weight_decay": 0.0001,
        "output_weight_decay": 0.0001,
        "epochs": 90,
        "drop_epochs": (30, 60),
        "late_epochs": (),
        "pixels": "standardised",
        "colour_noise": "none",
        "colour_divisor": 1.0,
    },
)

# The first steps of R0, at one rate, on a quarter of the images: rows in quick succession.
PLATEAU = override(
    RELEASED_145,
    {
        "train_share": 0.25,
        "epochs": 12,
        "schedule": "constant",
        "drop_epochs": (),
        "late_epochs": (),
    },
)

# --- transfer: the course's homework in the notes -------------------------------------

# R0 on two classes of CIFAR-10, from the initial values and from a network trained on
# the other eight. Two of ten classes give a fifth of the steps an epoch: five times R0's
# epochs are as many steps as R0 makes on all ten.
_CAT_DOG = with_epochs(
    override(RELEASED_145, {"classes": ("cat", "dog")}),
    5 * RELEASED_145.optimisation.epochs,
)
_OTHERS = ("airplane", "automobile", "bird", "deer", "frog", "horse", "ship", "truck")
TRANSFER = {
    "transfer-source": override(RELEASED_145, {"classes": _OTHERS}),
    "transfer-scratch": _CAT_DOG,
    "transfer-finetuned": override(_CAT_DOG, {"pretrained": "transfer-source"}),
}

# --- the authors' CIFAR-10 nets -------------------------------------------------------

_CIFAR = override(
    RELEASED_145,
    {
        "normaliser": "none",
        "second_norm": (),
        "stem_std": 0.0001,
        "middle_std": 0.01,
        "positive_bias": 0.0,
        "learning_rate": 0.001,
        "late_epochs": (),
        "crop_share": 0.75,  # 24 of 32 pixels
        **NO_NOISE,
    },
)

# layers-18pct.cfg: rate 0.001, decay 0.004 and 1 on the output; 120 epochs, then two
# drops of 10 epochs each. Normalisation: within each map, over 3 x 3 pixels.
CIFAR_18PCT = override(
    _CIFAR,
    {
        "layout": "cifar-18pct",
        "normaliser": "same-map",
        "k": 1.0,
        "size": 3,
        "alpha": 0.00005,
        "weight_decay": 0.004,
        "output_weight_decay": 1.0,
        "epochs": 140,
        "drop_epochs": (120, 130),
    },
)

# layers-80sec.cfg: two fully connected layers on the body of the 18 % net, one drop
# after 8 epochs; the length of what follows is not recorded, 2 epochs are ours.
CIFAR_80SEC = override(
    _CIFAR,
    {
        "layout": "cifar-80sec",
        "hidden_std": 0.1,
        "output_std": 0.1,
        "weight_decay": 0.004,
        "hidden_weight_decay": 0.03,
        "output_weight_decay": 0.03,
        "epochs": 10,
        "drop_epochs": (8,),
    },
)

# layers-conv-local-13pct.cfg: two locally connected layers; about 500 epochs in all at
# the first rate, then 10 at each of two lower ones.
CIFAR_13PCT = override(
    _CIFAR,
    {
        "layout": "cifar-13pct",
        "middle_std": 0.04,
        "weight_decay": 0.0,
        "hidden_weight_decay": 0.004,
        "output_weight_decay": 0.004,
        "epochs": 520,
        "drop_epochs": (500, 510),
    },
)

# layers-conv-local-11pct.cfg: cross-map normalisation over 9 maps, twice the maps in
# local3, more decay on the output.
CIFAR_11PCT = override(
    CIFAR_13PCT,
    {
        "layout": "cifar-11pct",
        "normaliser": "cross-map",
        "k": 1.0,
        "size": 9,
        "alpha": 0.001,
        "output_weight_decay": 0.01,
    },
)

# --- Figure 1 -------------------------------------------------------------------------

# One constant rate, whole images, no decay, nothing held out.
NO_REGULARISATION = {
    "normaliser": "none",
    "bias_rate_factor": 1.0,  # section 5: one rate for all layers
    "weight_decay": 0.0,
    "hidden_weight_decay": 0.0,
    "output_weight_decay": 0.0,
    "learning_rate": 0.001,
    "epochs": 40,
    "schedule": "constant",
    "drop_epochs": (),
    "stop_train_error": 0.25,  # the line that Figure 1 draws
    "crop": "whole",
    "flip": False,
    "hold_out": False,
}
STANDARDISED = {"pixels": "standardised", "learning_rate": 0.01}
TORCH_VALUES = {"scheme": "torch"}
MODERN = STANDARDISED | TORCH_VALUES
_NETS = {"18pct": CIFAR_18PCT, "13pct": CIFAR_13PCT, "80sec": CIFAR_80SEC}
_CONDITIONS = {
    "original": {},
    "modern": MODERN,
    # one factor at a time between the two
    "standardised": STANDARDISED,
    "torch-values": TORCH_VALUES,
}

LONG = "R-long"


def _variant(changes: dict) -> Recipe:
    """R0 with `changes`; on a share of its images in as many steps as on all.

    Where epochs were equal instead, fewer images would mean less training too.
    """
    recipe = override(RELEASED_145, changes)
    return with_epochs(recipe, round(recipe.optimisation.epochs / recipe.train_share))


RECIPES = MappingProxyType(
    {
        "released-145": RELEASED_145,
        "paper-text": PAPER_TEXT,
        "caffe": CAFFE,
        "one-tower": ONE_TOWER,
        "plateau": PLATEAU,
        "cifar-80sec": CIFAR_80SEC,
        "cifar-18pct": CIFAR_18PCT,
        "cifar-13pct": CIFAR_13PCT,
        "cifar-11pct": CIFAR_11PCT,
        **{name: _variant(changes) for name, changes in VARIANTS.items()},
        LONG: with_epochs(RELEASED_145, 2 * RELEASED_145.optimisation.epochs),
        **TRANSFER,
        **{
            f"figure1-{net}-{condition}": override(recipe, NO_REGULARISATION | change)
            for net, recipe in _NETS.items()
            for condition, change in _CONDITIONS.items()
        },
    }
)


def find_recipe(name: str) -> Recipe:
    """The recipe called `name`; raises RecipeError naming the known ones."""
    if name not in RECIPES:
        raise RecipeError(f"unknown recipe {name!r}; known: {', '.join(RECIPES)}")
    return RECIPES[name]
