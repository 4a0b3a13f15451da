"""Arithmetic on layer lists: by hand on a small one, by formula on the paper's."""

import pandas as pd
import pytest

from analysis.topics.architecture.counts import stages, totals
from analysis.topics.architecture.layer_lists import read_architectures

COLUMNS = ["name", "kind", "shape", "maps", "side", "window", "stride", "towers"]
COLUMNS += ["parameters", "neurons", "multiply_adds"]


@pytest.fixture
def small():
    """Two towers; conv2 sees its own, fc8 both. Windows 2, all counts by hand."""
    rows = [
        ("input", "Input", "3x4x4", 3, 4, None, None, 1, 0, 0, 0),
        ("pad", "ZeroPad2d", "3x5x5", 3, 5, None, None, 1, 0, 0, 0),
        ("conv1", "Conv2d", "4x4x4", 4, 4, 2, 1, 1, 52, 64, 768),
        ("active1", "ReLU", "4x4x4", 4, 4, None, None, 1, 0, 0, 0),
        ("norm1", "BatchNorm2d", "4x4x4", 4, 4, None, None, 1, 8, 64, 0),
        ("pool1", "MaxPool2d", "4x2x2", 4, 2, 2, 2, 1, 0, 0, 0),
        ("conv2", "Conv2d", "6x1x1", 6, 1, 2, 1, 2, 54, 6, 48),
        ("flat", "Flatten", "6", 6, 1, None, None, 1, 0, 0, 0),
        ("drop8", "Dropout", "6", 6, 1, None, None, 1, 0, 0, 0),
        ("fc8", "Linear", "10", 10, 1, None, None, 1, 70, 10, 60),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.fixture(scope="module")
def networks():
    return read_architectures()


def test_stages_say_what_each_layer_sees(small):
    table = stages(small)
    assert table["name"].tolist() == ["conv1", "conv2", "fc8"]
    assert table["sees"].tolist() == ["image", "own", "both"]
    assert table["depth"].tolist() == [3, 2, 6]
    assert table["inputs"].tolist() == [48, 16, 6]  # padding does not count
    assert table["weights"].tolist() == [48, 48, 60]
    marks = [("normalisation", "pooling"), ("dropout",), ()]
    assert table["after"].tolist() == marks


def test_one_tower_sees_all(small):
    table = stages(small.assign(towers=1))
    assert table["sees"].tolist() == ["all", "all", "all"]
    assert table["depth"].tolist() == [3, 4, 6]


def test_totals_hold_the_normalisation_too(small):
    expected = {"parameters": 184, "neurons": 144, "multiply_adds": 876}
    assert totals(small) == expected


def formula(convolutions, connected):
    """Neurons, parameters and multiply-adds by layer, from first principles."""
    rows = []
    for out, kernel, depth, groups, side in convolutions:
        weights = out * kernel**2 * (depth // groups)
        rows.append((out * side**2, weights + out, weights * side**2))
    return rows + [(out, out * into + out, out * into) for out, into in connected]


FC = [(4096, 9216), (4096, 4096), (1000, 4096)]
WHOLE = [(96, 11, 3, 1, 55), (256, 5, 96, 2, 27), (384, 3, 256, 1, 13)]
WHOLE += [(384, 3, 384, 2, 13), (256, 3, 384, 2, 13)]
HALF = [(48, 11, 3, 1, 55), (128, 5, 48, 1, 27), (192, 3, 128, 1, 13)]
HALF += [(192, 3, 192, 1, 13)]
UNPADDED = [(o, k, d, g, {55: 54, 27: 26, 13: 12}[s]) for o, k, d, g, s in WHOLE]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("released-145", formula(WHOLE, FC)),
        ("caffe", formula(WHOLE, FC)),
        ("R-pool2", formula(WHOLE, FC)),
        ("R-dense", formula([(o, k, d, 1, s) for o, k, d, _, s in WHOLE], FC)),
        ("R-half", formula([*HALF, (256, 3, 192, 1, 13)], FC)),
        (
            "R-half+channels=48,128,192,192,128",
            formula([*HALF, (128, 3, 192, 1, 13)], [(4096, 4608), *FC[1:]]),
        ),
        (
            "released-145+stem_padding=0,0",
            formula(UNPADDED, [(4096, 256 * 5 * 5), *FC[1:]]),
        ),
        ("R-nofc7", formula(WHOLE, [FC[0], FC[2]])),
        ("R-gap", formula(WHOLE, [(1000, 256)])),
    ],
)
def test_the_live_networks_agree_with_the_formula(networks, name, expected):
    table = stages(networks[name])
    counted = table[["neurons", "parameters", "multiply_adds"]]
    assert list(counted.itertuples(index=False, name=None)) == expected
    assert (table["weights"] == table["parameters"] - table["maps"]).all()
