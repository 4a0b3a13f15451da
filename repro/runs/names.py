"""Words and numbers of run folders that training writes and analysis reads."""

import re

# Why a run ended, in its manifest.
ALL_DONE = "all epochs done"
IMPORTED = "imported"  # weights from elsewhere: no epoch was trained
LEFT_PLATEAU = re.compile(r"left ln\((\d+)\)")


def left_plateau(classes: int) -> str:
    """The reason that LEFT_PLATEAU reads."""
    return f"left ln({classes})"


PLATEAU_SHARE = 0.99  # of ln(classes): a mean loss above it is that of a guess
PLATEAU_FIELDS = {  # of a recipe, by the profile's list of their values
    "input_scales": "input_scale",
    "middle_stds": "middle_std",
    "positive_biases": "positive_bias",
}

SEARCH_SEED = 0  # of Figure 1: searches the learning rate and is not counted

# Too large for a repository, or of one machine; .gitignore says the same.
NOT_COMMITTED = ("*.pt", "features-*.npy", "kernels-epoch-*.npy", "*.tmp", "*.lock")

# The column `rule` of dropout.csv.
TESTED, ON, FULL = "as tested", "masks left on", "outputs in full"
GEOMETRIC, ARITHMETIC = "geometric mean", "arithmetic mean"
AGAIN = "geometric mean of other masks"
REMOVED = "half of the last hidden units removed"
