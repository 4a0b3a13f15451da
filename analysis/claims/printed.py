"""The paper's numbers, written once, each with the place where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reported:
    """A number of the paper and where to find it."""

    value: float
    place: str


FIGURE1_LEVEL = Reported(0.25, "figure 1")  # training error that ends the race
FIGURE1_RATIO = Reported(6.0, "section 3.1 and figure 1")  # tanh over ReLU

# The network: counts and shapes.
PARAMETERS = Reported(60_000_000, "abstract, section 4")
NEURONS = Reported(650_000, "abstract")
LARGEST_SHARE = Reported(0.01, "section 1")  # of the parameters, in a convolution
INPUT = Reported(150_528, "caption of figure 2")  # dimensions of the input
INPUT_SIDE = Reported(224, "section 3.5, figure 2")  # pixels
IMAGE_SIDE = Reported(256, "section 2")  # pixels, before crops

CONVOLUTIONS = Reported(5, "abstract, section 3")
CONNECTED = Reported(3, "abstract, section 3")
LEARNED = Reported(8, "section 3")
CLASSES = Reported(1000, "abstract, section 3.5")

# Caption of figure 2, "the number of neurons in the network's remaining layers".
FIGURE2_NEURONS = {
    "conv1": 253_440,
    "conv2": 186_624,
    "conv3": 64_896,
    "conv4": 64_896,
    "conv5": 43_264,
    "fc6": 4096,
    "fc7": 4096,
    "fc8": 1000,
}
# Figure 2: maps per GPU and their side in pixels; neurons per GPU; classes.
FIGURE2_MAPS = {
    "conv1": (48, 55),
    "conv2": (128, 27),
    "conv3": (192, 13),
    "conv4": (192, 13),
    "conv5": (128, 13),
    "fc6": (2048, 1),
    "fc7": (2048, 1),
}
# Section 3.5: number, side and depth of the kernels; neurons of the connected layers.
KERNELS = {
    "conv1": (96, 11, 3),
    "conv2": (256, 5, 48),
    "conv3": (384, 3, 256),
    "conv4": (384, 3, 192),
    "conv5": (256, 3, 192),
}
CONNECTED_NEURONS = {"fc6": 4096, "fc7": 4096}
STEM_STRIDE = 4
# Section 3.5: layers whose kernels see the maps of their own GPU only, and what follows.
OWN_GPU = ("conv2", "conv4", "conv5")
NORMALISED = ("conv1", "conv2")
POOLED = ("conv1", "conv2", "conv5")
