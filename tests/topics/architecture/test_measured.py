"""What the layers offer to the ledger, against counts worked out by hand."""

import pytest

from analysis.evidence.runs import Runs
from analysis.ledger import rows as ledger
from analysis.topics.architecture import layer_lists, topic
from analysis.topics.architecture.layer_lists import read_architectures

NOTHING = Runs("tiny-imagenet", (), ())

CONV3 = 384 * 256 * 9 + 384
CONNECTED = (9216 * 4096 + 4096) + (4096 * 4096 + 4096) + (4096 * 1000 + 1000)
ALL = (
    *(96 * 363 + 96, 256 * 48 * 25 + 256, CONV3),
    *(384 * 192 * 9 + 384, 256 * 192 * 9 + 256, CONNECTED),
)
IN_CONV = 290_400 + 186_624 + 64_896 + 64_896 + 43_264
DENSE = (
    *(150_528 * 290_400, 96 * 27**2 * 186_624, 256 * 13**2 * 64_896),
    *(384 * 13**2 * 64_896, 384 * 13**2 * 43_264),
)
WEIGHTS = 96 * 363 + 256 * 1200 + 384 * 2304 + 384 * 1728 + 256 * 1728
WORK = 105_415_200 + 223_948_800 + 149_520_384 + 112_140_288 + 74_760_192


@pytest.fixture(scope="module")
def offered():
    return topic.measured(NOTHING)


@pytest.fixture(scope="module")
def rows():
    """The rows of the ledger that this topic measures, by claim."""
    with pytest.MonkeyPatch.context() as patch:
        only = {"architecture": topic.measured(NOTHING)}
        patch.setattr(ledger, "offered_by_topics", lambda runs: only)
        found = ledger.rows(NOTHING)
    return {row.claim.id: row for row in found if row.topics}


def values(offered, claim):
    return {each.quantity: each.value for each in offered[claim]}


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("A4", {"": sum(ALL)}),
        ("A5", {"": IN_CONV}),
        (
            "A6",
            {"convolutions": 5, "connected layers": 3, "layers with weights": 8}
            | {"pooled layers": 3, "classes": 1000},
        ),
        (
            "S1.1",
            {"weights": sum(DENSE) / WEIGHTS, "connections": sum(DENSE) / WORK},
        ),
        ("S1.2", {"": 100 * CONV3 / sum(ALL)}),
        ("S3.2b", {"own half": 3, "both halves": 4}),
        ("S3.2d", {"": 59_798_312 / 60_965_224}),
        ("S3.2e", {"multiply-adds": 362_203_408 / 391_514_384}),
        ("S3.4b", {"pool1": 27, "pool2": 13, "pool5": 6}),
        ("S3.5b", {"normalised": 2, "pooled": 3, "ReLU": 7}),
        ("F2b", {"": 224 * 224 * 3}),
        ("S4.0", {"": 9.965784284662087}),
        ("S4.2c", {"": 2}),
        ("X20", {"share": 100 * CONNECTED / sum(ALL)}),
        ("X26", {"maps grow": 0, "fewer maps": 1}),
        ("X29", {"": 60_965_224}),
        ("X30", {"": 64}),
    ],
)
def test_the_counts_by_hand(offered, claim, expected):
    assert values(offered, claim) == pytest.approx(expected, rel=1e-12)


def test_the_lists_of_layers_by_hand(offered):
    neurons = values(offered, "F2a")
    assert list(neurons.values()) == [
        *(290_400, 186_624, 64_896, 64_896, 43_264),
        *(4096, 4096, 1000),
    ]
    kernels = values(offered, "S3.5c")
    assert kernels["conv1: stride"] == 4
    maps = [kernels[f"conv{i}: kernels"] for i in range(1, 6)]
    assert maps == [96, 256, 384, 384, 256]
    assert [kernels[f"conv{i}: side"] for i in range(1, 6)] == [11, 5, 3, 3, 3]
    assert [kernels[f"conv{i}: depth"] for i in range(1, 6)] == [3, 48, 256, 192, 192]
    lanes = values(offered, "F2c")
    assert [lanes[f"conv{i}: maps"] for i in range(1, 6)] == [48, 128, 192, 192, 128]
    assert lanes["fc7: neurons"] == 2048


def test_layers_are_named(offered):
    (dropped,) = offered["S4.2c"]
    assert dropped.stated == "2: fc6, fc7"
    assert [each.stated for each in offered["X26"]] == [
        "maps grow 0: none",
        "fewer maps 1: conv5",
    ]
    assert offered["A4"][0].stated == "60,965,224: 60,954,656 weights, 10,568 biases"


def test_all_of_it_is_arithmetic(offered):
    for found in offered.values():
        for each in found:
            assert each.exact and not each.needs_data and not each.runs


def test_the_ledger_takes_every_number(offered, rows):
    assert rows.keys() == offered.keys()


EXACT = {
    *("A4", "A5", "A6", "S1.1", "S3.2b", "S3.2d", "S3.4b", "S3.5b", "S3.5c", "F2b"),
    *("F2c", "S4.2c", "X29"),
}
OTHERS = {
    "S1.2": ["paper inconsistent"],
    "S3.2e": ["exact", "not run"],  # the time
    "F2a": ["paper inconsistent", "exact"],  # conv1, all others
    "S4.0": ["exact", "not run"],  # how much overfitting follows
    "X20": ["exact", "not run"],  # what dropout gains
    "X26": ["exact", "contradicted"],  # conv5 has fewer maps
    "X30": ["contradicted"],
}


def test_the_verdicts_that_follow(rows):
    words = {
        claim: [line.verdict.word for line in row.lines] for claim, row in rows.items()
    }
    assert words == {claim: ["exact"] for claim in EXACT} | OTHERS


def test_the_counts_follow_the_list(monkeypatch):
    networks = read_architectures()
    other = networks | {
        "released-145": networks["R-dense"],
        "R-pool2": networks["caffe"],
    }
    monkeypatch.setattr(layer_lists, "read_architectures", lambda: other)
    found = topic.measured(NOTHING)
    assert values(found, "A4") == {"": 62_378_344}
    assert values(found, "S3.2b") == {"own half": 0, "both halves": 0}
    assert values(found, "F2c")["conv1: maps"] == 96
    no_relu = networks["released-145"].query("name != 'active3'")
    other = networks | {"released-145": no_relu.reset_index(drop=True)}
    found = topic.measured(NOTHING)
    assert values(found, "S3.5b")["ReLU"] == 6
    assert "conv3" not in found["S3.5b"][2].stated


def test_without_the_list_nothing_is_counted(monkeypatch):
    monkeypatch.setattr(layer_lists, "read_architectures", dict)
    assert topic.measured(NOTHING) == {}
