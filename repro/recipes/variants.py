"""The ablations of the 2012 network, each as its difference from R0."""

from types import MappingProxyType
from typing import Any

NO_NOISE = {"colour_noise": "none", "colour_divisor": 1.0}
NO_CROP = {"crop": "centre", "flip": False}
ALL_JOINED = ("conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8")

VARIANTS: MappingProxyType[str, dict[str, Any]] = MappingProxyType(
    {
        "R-tanh": {"activation": "tanh"},
        # layers-145-half: one column, conv5 and the connected layers in full
        "R-half": {"towers": 1, "channels": (48, 128, 192, 192, 256)},
        "R-dense": {"joined": ALL_JOINED},
        # layers-150: the towers meet only at fc8; conv2 and fc6 widened
        "R-nocomm": {
            "joined": ("fc8",),
            "channels": (96, 320, 384, 384, 256),
            "hidden": (8192, 4096),
        },
        "R-comm4": {"joined": ("conv4", "fc6", "fc7", "fc8")},
        "R-nolrn": {"normaliser": "none"},
        "R-nolrn1": {"normalised": ("conv2",)},
        "R-pool2": {"pool_size": 2},
        "R-nocrop": NO_CROP,
        "R-nopca": NO_NOISE,
        "R-nodrop": {"dropout": 0.0},
        "R-noreg": {**NO_CROP, **NO_NOISE, "dropout": 0.0},
        "R-nowd": {
            "weight_decay": 0.0,
            "hidden_weight_decay": 0.0,
            "output_weight_decay": 0.0,
        },
        "R-bias0": {"positive_bias": 0.0},
        "R-bias0.1": {"positive_bias": 0.1},
        "R-init": {"middle_std": 0.01},
        "R-scale": {"pixels": "standardised"},
        "R-noc2": {"removed": ("conv2",)},
        "R-noc3": {"removed": ("conv3",), "joined": ("conv4", "fc6", "fc7", "fc8")},
        "R-noc4": {"removed": ("conv4",)},
        "R-noc5": {"removed": ("conv5",)},
        "R-nofc7": {"removed": ("fc7",)},
        "R-6conv": {"sixth_convolution": True},
        "R-wide-0.5": {"width": 0.5},
        "R-wide-2": {"width": 2.0},
        "R-frac-0.25": {"train_share": 0.25},
        "R-frac-0.5": {"train_share": 0.5},
        "R-cos": {"schedule": "cosine", "late_epochs": ()},
        "R-step30": {"drop_epochs": (23, 47, 70), "late_epochs": ()},  # of 93
        "R-bn": {
            "normaliser": "batch",
            "normalised": ("conv1", "conv2", "conv3", "conv4", "conv5"),
            "before_activation": ("conv1", "conv2", "conv3", "conv4", "conv5"),
            "second_norm": (),
        },
        "R-gap": {"head": "average"},
    }
)
