"""The paper's printed values beside the layers: what agrees, and what cannot."""

import pytest

from analysis.topics.architecture.layer_lists import read_architectures
from analysis.topics.architecture.printed import comparison, rounds_to


@pytest.fixture
def layers():
    return read_architectures()["released-145"]


def found(compared, agreement):
    rows = compared[compared["agreement"] == agreement]
    return {(row.claim, row.quantity): row.counted for row in rows.itertuples()}


@pytest.mark.parametrize(
    ("counted", "paper", "rounds"),
    [
        (650_080, 650_000, True),
        (654_999, 650_000, True),
        (658_272, 650_000, False),
        (622_312, 650_000, False),
        (60_965_224, 60_000_000, True),
        (65_100_000, 60_000_000, False),
        (999_999, 1_000_000, True),
    ],
)
def test_rounding_keeps_the_digits_that_are_printed(counted, paper, rounds):
    assert rounds_to(counted, paper) is rounds


def test_the_slips_of_the_paper_and_no_others(layers):
    compared = comparison(layers)
    assert found(compared, "differs") == {
        ("A5", "neurons, all hidden layers"): 658_272,
        ("A5", "neurons, all layers"): 659_272,
        ("A5", "neurons, sum of figure 2's caption"): 622_312,
        ("S1.2", "conv3: share of parameters"): "1.45 %",
        ("S1.2", "conv4: share of parameters"): "1.09 %",
        ("F2a", "conv1: neurons"): 290_400,
    }
    assert found(compared, "rounds to it") == {
        ("A4", "parameters"): 60_965_224,
        ("A5", "neurons, convolutions only"): 650_080,
    }
    claims = ["A4", "A5", "A6", "S1.2", "S3.2b", "S3.5c", "F2a", "F2b", "F2c"]
    assert compared["claim"].drop_duplicates().tolist() == claims


def test_a_network_of_other_layers_does_not_agree(layers):
    conv4 = layers["name"] == "conv4"
    layers.loc[conv4, "towers"] = 1
    layers.loc[layers["name"] == "pool5", "kind"] = "ReLU"
    layers.loc[0, "side"] = 227
    compared = comparison(layers)
    differing = found(compared, "differs")
    assert differing["S3.2b", "layers that see their own GPU only"] == "conv2, conv5"
    assert differing["S3.5c", "conv4: kernels"] == "384 of 3×3×384"
    assert differing["A6", "layers with pooling"] == "conv1, conv2"
    assert differing["F2b", "numbers in the input"] == 154_587
