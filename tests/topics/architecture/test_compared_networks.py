"""Sentences over several networks carry the counts of claims.md's arithmetic."""

import pytest

from analysis.topics.architecture import compared_networks
from analysis.topics.architecture.layer_lists import read_architectures


@pytest.fixture(scope="module")
def networks():
    return read_architectures()


def test_the_one_gpu_net_has_nearly_as_many_parameters(networks):
    text = compared_networks.halves(networks)
    assert "59,798,312 parameters, two GPUs 60,965,224: ratio 0.981" in text
    assert "40,702,632: 0.668" in text


def test_each_gpu_has_less_work_than_the_one_gpu_net(networks):
    text = compared_networks.work(networks)
    assert "362,203,408 on each of two GPUs, 391,514,384 on one" in text
    assert "ratio 0.925" in text


def test_pooling_without_overlap_keeps_the_sizes(networks):
    text = compared_networks.pooled(networks)
    assert text.count("55, 27, 13, 6") == 2


def test_pooling_that_changes_sizes_is_seen(networks):
    text = compared_networks.pooled(
        networks | {"R-pool2": networks["released-145+stem_padding=0,0"]}
    )
    assert "with 2×2: 54, 26, 12, 5" in text


def test_only_padding_or_227_pixels_give_maps_of_55(networks):
    sides = [
        ("224", "54×54", "150,528", "49,430,888"),
        ("224", "55×55", "150,528", "60,965,224"),
        ("224", "55×55", "150,528", "61,100,840"),
        ("227", "55×55", "154,587", "60,965,224"),
    ]
    sentences = compared_networks.inputs(networks)
    for sentence, parts in zip(sentences, sides, strict=True):
        assert all(part in sentence for part in parts), sentence
    assert "105,415,200" in sentences[1] and "105,415,200" in sentences[3]


def test_the_connected_layers_hold_nearly_all_parameters(networks):
    text = compared_networks.connected(networks)
    assert "96.2 % of the parameters and do 8.1 % of the multiply-adds" in text
    assert "2,591,080" in text  # 2,334,080 in convolutions, 256 x 1000 + 1000


def test_torchvisions_network_is_another(networks):
    text = compared_networks.one_tower(networks)
    assert "61,100,840 parameters, 64 kernels in conv1, 0 layers normalised" in text
    text = compared_networks.one_tower({"one-tower": networks["released-145"]})
    assert "96 kernels in conv1, 2 layers normalised, 3 layers in two towers" in text
