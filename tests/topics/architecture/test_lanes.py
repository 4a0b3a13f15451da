"""Which lanes meet follows the layer list."""

import itertools

import pytest

from analysis.topics.architecture import lanes
from analysis.topics.architecture.lanes import LANE
from analysis.topics.architecture.layer_lists import read_architectures


@pytest.fixture
def layers():
    return read_architectures()["released-145"]


def reaching(layers):
    """Stage and the arrows that reach it."""
    table = lanes.columns(layers)
    rows = [row for _, row in table.iterrows()]
    return {
        row["name"]: lanes.arrows(source, row)
        for source, row in itertools.pairwise(rows)
    }


OWN = [(LANE, LANE, False), (-LANE, -LANE, False)]
BOTH = [
    (LANE, LANE, False),
    (LANE, -LANE, True),
    (-LANE, LANE, True),
    (-LANE, -LANE, False),
]


def test_the_gpus_meet_where_the_list_says(layers):
    found = reaching(layers)
    assert found["conv1"] == [(0, LANE, False), (0, -LANE, False)]
    for name in ("conv2", "conv4", "conv5"):
        assert found[name] == OWN
    for name in ("conv3", "fc6", "fc7"):
        assert found[name] == BOTH
    assert found["fc8"] == [(LANE, 0, True), (-LANE, 0, True)]


def test_other_towers_are_drawn_otherwise(layers):
    layers.loc[layers["name"] == "conv3", "towers"] = 2
    layers.loc[layers["name"] == "conv4", "towers"] = 1
    found = reaching(layers)
    assert (found["conv3"], found["conv4"]) == (OWN, BOTH)


def test_one_tower_is_one_lane():
    found = reaching(read_architectures()["R-dense"])
    assert {tuple(pairs) for pairs in found.values()} == {((0, 0, False),)}


def test_boxes_are_split_but_for_input_and_classes(layers):
    table = lanes.columns(layers).set_index("name")
    assert table["boxes"].tolist() == [1, *[2] * 7, 1]
    assert lanes.size(table.loc["conv1"]) == "55×55\n×48"
    assert lanes.size(table.loc["fc6"]) == "2,048"
    assert lanes.kernel(table.loc["conv2"]) == "5×5×48\nstride 1"
    assert lanes.kernel(table.loc["fc6"]) == "9,216\ninputs"


def test_a_last_layer_that_is_split_reads_both_lanes(layers):
    layers.loc[layers["name"] == "fc8", "towers"] = 2
    assert reaching(layers)["fc8"] == [(LANE, 0, False), (-LANE, 0, False)]
