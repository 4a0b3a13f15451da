"""One bullet a claim, with its counts."""

import pytest
from analysis.topics.architecture.architecture_claims import CLAIMS, answered, summary

from analysis.topics.architecture.layer_lists import read_architectures


@pytest.fixture(scope="module")
def networks():
    return read_architectures()


@pytest.mark.parametrize(
    ("claim", "parts"),
    [
        ("A4", ["60,965,224", "60,954,656 weights", "10,568 biases"]),
        ("A5", ["650,080", "659,272", "622,312", "rounds: convolutions only."]),
        ("A6", ["5 convolutions, 3 connected layers, 8 with weights, 1000 classes"]),
        ("A6", ["pooling after conv1, conv2, conv5;", "conv1, conv2 (2 times)"]),
        ("S1.1", ["150,528 × 290,400 = 43,713,331,200", "34,848 weights"]),
        ("S1.2", ["0.06", "0.50", "1.45", "1.09", "0.73", "in conv3, conv4."]),
        ("S3.2b", ["Own GPU only: conv2, conv4, conv5; both GPUs: conv3, fc6, fc7"]),
        ("S3.5c", ["8 of 8", "conv2 256 of 5×5×48", "stride 4"]),
        ("F2a", ["7 of 8", "290,400 = 55×55×96", "253,440 is 55×48×96"]),
        ("F2b", ["1 of 1"]),
        ("F2c", ["7 of 7"]),
        ("X26", ["55, 27, 13, 13, 13; maps 96, 256, 384, 384, 256", "at conv5."]),
        ("X29", ["60,965,224", "659,272", "724,406,816"]),
    ],
)
def test_the_sentences_carry_the_counts(networks, claim, parts):
    text = " ".join(answered(networks)[claim])
    for part in parts:
        assert part in text, text


def test_every_claim_has_one_bullet(networks):
    assert list(answered(networks)) == list(CLAIMS)
    text = summary(networks)
    for claim in CLAIMS:
        assert text.count(f"- **{claim}** ") == 1
    assert "nan" not in text and "not there" not in text


def test_without_the_file_every_claim_names_the_command():
    text = summary({})
    assert text.count("run repro write architectures.") == len(CLAIMS)


def test_the_sentences_follow_the_list(networks):
    other = networks | {"released-145": networks["R-dense"]}
    text = " ".join(answered(other)["S3.2b"])
    assert text.startswith("Own GPU only: none; both GPUs: none;")
