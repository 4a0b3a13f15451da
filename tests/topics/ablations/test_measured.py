"""What the ablations offer to the ledger, by hand."""

import math
from itertools import pairwise

import pytest

from analysis.evidence import data_sets, runs
from analysis.evidence.arms import Arm
from analysis.topics.ablations import topic
from analysis.topics.ablations.comparisons import Comparison
from analysis.topics.ablations.measured import COMPARED, concerned, reported
from tests.made.disturbed import write_disturbed
from tests.made.errors import mistakes, write_exported
from tests.made.verdicts import CLAIMS, verdicts

T1, T2 = 12.706205, 4.302653  # Student's t, 97.5 %, of 1 and 2 degrees of freedom
R0 = "released-145"
STALLED = f"{R0}+late_epochs=+schedule=plateau"
CURVE = ((4.0, 0.9, 0.9), (2.0, 0.4, 0.5))  # gap 10 points
OVERFITTED = ((4.0, 0.9, 0.9), (1.0, 0.1, 0.6))  # gap 50 points


def offered(reports, profile="tiny-imagenet"):
    return topic.measured(runs.load(profile, reports))


def words(reports, name, profile="tiny-imagenet"):
    return verdicts(name, offered(reports, profile)[name], profile)


def write_arm(reports, name, errors, curves=(CURVE,), **settings):
    """A recipe with one seed an error, in images of 1000; half of them in top-5."""
    for seed, count in enumerate(errors):
        wrong = mistakes(count + 5, count, count // 2, count // 2)
        about = {"images": 1000, "metrics": curves[seed % len(curves)]} | settings
        write_exported(reports, name, seed, wrong=wrong, **about)


@pytest.fixture
def imagenet(monkeypatch):
    """Settings of a run on ILSVRC, as if the whole of it had 1000 test images."""
    small = data_sets.DataSet("ILSVRC-2012", "validation", 10, 100, 1000)
    monkeypatch.setattr(data_sets, "DATA_SETS", {"imagenet": small})
    return {"profile": "imagenet", "dataset": "imagenet"}


def test_a_difference_is_the_variants_error_minus_that_of_r0_by_seed(tmp_path):
    write_arm(tmp_path, R0, (400, 410, 390))
    write_arm(tmp_path, "R-nolrn", (420, 440, 410))  # 2, 3 and 2 points
    top1, top5 = offered(tmp_path)["S3.3d"]
    half = T2 * math.sqrt(1 / 3) / math.sqrt(3)
    assert top1.value == pytest.approx(7 / 3)
    assert (top1.low, top1.high) == pytest.approx((7 / 3 - half, 7 / 3 + half))
    assert (top1.unit, top1.quantity) == ("points", "top-1")
    assert top1.stated == "+2.33 points: no normalisation, top-1"
    assert (top1.seeds, top1.images) == ((3, 3), 1000)
    assert (top1.split, top1.protocol) == ("validation images", "ten views")
    assert top1.dataset == "Tiny-ImageNet (10 of 200 classes, 80 training images)"
    assert top1.runs == tuple(
        f"{name}/seed-{seed}" for name in ("R-nolrn", R0) for seed in range(3)
    )
    assert top5.value == pytest.approx(7 / 6) and top5.quantity == "top-5"


@pytest.mark.parametrize(
    ("variant", "condition", "word"),
    [
        ((414, 424, 404), "", "reproduced"),  # 1.4 points each
        ((414, 424, 404), "+epochs=9", "direction reproduced"),
        ((440, 451, 429), "", "direction reproduced"),  # 4 points: 1.4 lies outside
    ],
)
def test_the_papers_size_of_an_effect(tmp_path, imagenet, variant, condition, word):
    write_arm(tmp_path, R0 + condition, (400, 410, 390), **imagenet)
    write_arm(tmp_path, "R-nolrn" + condition, variant, **imagenet)
    assert words(tmp_path, "S3.3d", "imagenet")[0] == word


@pytest.mark.parametrize(
    ("variant", "word"),
    [
        ((401, 409, 390), "direction reproduced"),  # 0.0 +- 0.25: below 0.5
        ((370, 381, 360), "direction reproduced"),  # better is no worse
        ((405, 412, 390), "inconclusive"),  # 0.23 +- 0.62
        ((430, 441, 420), "contradicted"),  # 3.03 +- 0.14
        ((400,), "inconclusive"),
    ],
)
@pytest.mark.parametrize(
    ("name", "recipe", "reference"),
    [
        ("X6", "R-nolrn", R0),
        ("X9", "R-bias0", R0),
        ("X10", "R-dense", R0),
        ("X25", "R-noreg", R0),
        ("X27", "R-step30", STALLED),
    ],
)
def test_no_worse_is_below_a_margin(tmp_path, name, recipe, reference, variant, word):
    write_arm(tmp_path, reference, (400, 410, 390))
    write_arm(tmp_path, recipe, variant)
    assert words(tmp_path, name) == [word]


def test_a_gap_is_of_the_last_epoch(tmp_path):
    write_arm(tmp_path, R0, (400, 400))
    larger = ((4.0, 0.9, 0.9), (1.0, 0.1, 0.58))  # 48 points
    for recipe in ("R-nodrop", "R-nocrop"):
        write_arm(tmp_path, recipe, (400, 400), (OVERFITTED, larger))
    (found,) = offered(tmp_path)["S4.2d"]
    assert found.value == pytest.approx(39)  # 50 - 10 and 48 - 10
    assert found.low == pytest.approx(39 - T1 * 1)
    assert found.stated == "+39.00 points: no dropout, gap, last epoch"
    assert found.split == "held-out minus training images"
    assert found.protocol == "centre view, no augmentation"
    assert (found.seeds, found.images) == ((2, 2), None)
    assert words(tmp_path, "S4.2d") == ["direction reproduced"]
    assert offered(tmp_path)["S4.1c"][0].value == pytest.approx(39)


def test_the_gap_at_one_training_loss(tmp_path):
    write_arm(tmp_path, R0, (400, 400))
    write_arm(tmp_path, "R-pool2", (400, 400), (OVERFITTED,))
    (found,) = offered(tmp_path)["S3.4c"]
    # both reach a loss of 2: the variant two thirds of the way to a gap of 50
    assert found.value == pytest.approx(100 / 3 - 10)
    assert found.stated.endswith("gap at the lowest training loss that both reach")


def test_the_training_error_and_the_first_losses(tmp_path):
    write_arm(tmp_path, R0, (400, 400))
    for recipe in ("R-nowd", "R-bias0"):
        write_arm(tmp_path, recipe, (400, 400), (OVERFITTED,))
    found = offered(tmp_path)
    (error,), (loss,) = found["S5.3"], found["S5.6"]
    assert error.value == pytest.approx(-30) and error.unit == "points"
    assert error.split == "training images"
    assert (loss.value, loss.low, loss.high) == pytest.approx((-1, -1, -1))
    assert loss.unit == "nats"
    assert loss.stated == (
        "−1.00 nats: biases 0, mean training loss of the first 5 epochs"
    )
    assert words(tmp_path, "S5.3") == words(tmp_path, "S5.6") == ["contradicted"]


def test_without_held_out_images_there_is_no_gap(tmp_path):
    curve = ((4.0, 0.9, None), (2.0, 0.4, None))
    for name in (R0, "R-pool2", "R-nodrop", "R-nowd"):
        write_arm(tmp_path, name, (400, 400), (curve,))
    found = offered(tmp_path)
    assert not found.keys() & {"S3.4c", "S4.2d"}
    assert found.keys() >= {"S3.4a", "S5.3"}


def test_cosine_shall_be_lower_than_drops_without_the_late_phase(tmp_path):
    write_arm(tmp_path, R0, (400, 410, 390))
    write_arm(tmp_path, "R-cos", (390, 400, 381))
    assert "X8" not in offered(tmp_path)
    write_arm(tmp_path, "R-step30", (395, 405, 385))
    assert words(tmp_path, "X8") == ["direction reproduced"]
    assert offered(tmp_path)["X8"][0].value == pytest.approx(-14 / 30)


@pytest.mark.parametrize(
    ("losses", "word"),
    [
        ((90, 60, 30, 10), "direction reproduced"),
        ((90, 60, 61, 10), "contradicted"),
        ((90, 60, 60, 10), "inconclusive"),
    ],
)
def test_the_order_of_importance_is_of_neighbours_by_seed(tmp_path, losses, word):
    write_arm(tmp_path, R0, (400, 410))
    recipes = ("R-tanh", "R-half", "R-nolrn", "R-pool2")
    for recipe, loss in zip(recipes, losses, strict=True):
        write_arm(tmp_path, recipe, (400 + loss, 410 + loss))
    found = offered(tmp_path)["S3.0"]
    assert [each.quantity for each in found] == [
        quantity.name for quantity in CLAIMS["S3.0"].quantities
    ]
    differences = [first - second for first, second in pairwise(losses)]
    assert [10 * each.value for each in found] == pytest.approx(differences)
    assert found[0].stated == (
        "+3.00 points: tanh for ReLU minus one GPU's half of the kernels, top-1"
    )
    assert words(tmp_path, "S3.0") == [word]


def test_an_order_takes_the_seeds_that_both_have(tmp_path):
    write_arm(tmp_path, R0, (400, 410, 390))
    write_arm(tmp_path, "R-tanh", (450, 470, 440))
    write_arm(tmp_path, "R-half", (420, 430))  # 3 and 4 points below
    (found,) = offered(tmp_path)["S3.0"]
    assert found.value == pytest.approx(3.5)
    assert found.low == pytest.approx(3.5 - T1 * 0.5)
    assert found.seeds == (2, 2)
    assert found.runs[0] == "R-tanh/seed-0" and len(found.runs) == 4
    assert words(tmp_path, "S3.0") == ["inconclusive"]  # two pairs have not run


def test_what_dropout_gains_in_either_network(tmp_path):
    write_arm(tmp_path, R0, (400, 410, 390))
    write_arm(tmp_path, "R-nodrop", (440, 450, 430))  # gains 4 points
    write_arm(tmp_path, "R-gap", (500, 500, 500))
    write_arm(tmp_path, "R-gap+dropout=0", (510, 520, 512))  # gains 1, 2 and 1.2
    (found,) = offered(tmp_path)["X20"]
    assert found.value == pytest.approx((-3 - 2 - 2.8) / 3)
    half = T2 * math.sqrt(((3 - 2.6) ** 2 + 0.6**2 + 0.2**2) / 2) / math.sqrt(3)
    assert (found.low, found.high) == pytest.approx((-2.6 - half, -2.6 + half))
    assert (found.quantity, found.seeds) == ("dropout", (3, 3, 3, 3))
    assert len(found.runs) == 12
    assert words(tmp_path, "X20") == ["direction reproduced"]


def test_one_run_in_each_of_four_arms_decides_nothing(tmp_path):
    for name, count in ((R0, 400), ("R-nodrop", 440), ("R-gap", 500)):
        write_arm(tmp_path, name, (count,))
    assert "X20" not in offered(tmp_path)
    write_arm(tmp_path, "R-gap+dropout=0", (510,))
    (found,) = offered(tmp_path)["X20"]
    assert found.value == pytest.approx(-3) and not found.has_interval
    assert words(tmp_path, "X20") == ["inconclusive"]


def test_a_longer_training_is_the_larger_setting(tmp_path):
    """R0's error minus that of R-long; the others the other way round."""
    write_arm(tmp_path, R0, (400, 410, 390))
    write_arm(tmp_path, "R-long", (380, 390, 370))
    write_arm(tmp_path, "R-wide-0.5", (430, 440, 420))
    values = {each.quantity: each.value for each in offered(tmp_path)["S7.4"]}
    assert values == pytest.approx({"epochs": 2, "width": 3})
    assert words(tmp_path, "S7.4") == ["direction reproduced"] * 2


def test_the_condition_with_most_pairs_is_measured(tmp_path):
    for name, count in ((R0, 400), ("R-nolrn", 500)):
        write_arm(tmp_path, name, (count,))
    for name, count in ((f"{R0}+epochs=9", 400), ("R-nolrn+epochs=9", 420)):
        write_arm(tmp_path, name, (count, count))
    top1, _ = offered(tmp_path)["S3.3d"]
    assert top1.value == pytest.approx(2)
    assert "epochs=9" in top1.dataset


def test_every_claim_quantity_and_unit_is_one_of_the_ledgers(tmp_path):
    recipes = {recipe for _, _, recipe, _ in COMPARED}
    for name in recipes | {R0, STALLED, "R-tanh", "R-gap", "R-gap+dropout=0"}:
        write_arm(tmp_path, name, (42, 44), images=60)
    for run in tmp_path.glob("*/runs/*/seed-*"):
        write_disturbed(run)
    found = offered(tmp_path)
    assert found.keys() == {claim for claim, *_ in COMPARED} | {"S3.0", "X20"}
    others = {"X10", "X20"}  # have numbers that are no errors
    for name in found.keys() - others:
        quantities = {quantity.name for quantity in CLAIMS[name].quantities}
        assert {each.quantity for each in found[name]} == quantities, name


@pytest.mark.parametrize(
    ("recipe", "top", "paper", "logged"),
    [
        ("R-half", 1, 1.7, 1.695),
        ("R-half", 5, 1.2, 1.23),
        ("R-nocomm", 5, None, 1.12),
        ("R-nopca", 1, 1, None),
        ("R-noc3", 1, 2, None),  # S1.3 has no number of it, S7.2 has
        ("R-nolrn", 1, 1.4, 1.37),  # X6 takes the same difference and reports none
    ],
)
def test_what_others_report_is_the_claims(recipe, top, paper, logged):
    quantity = reported(Comparison("", Arm(recipe)), top)
    assert (quantity.paper, quantity.logged) == (paper, logged)


@pytest.mark.parametrize(
    ("comparison", "claims"),
    [
        (Comparison("", Arm("R-nolrn"), ("S3.0",)), ["S3.0", "S3.3d", "X6"]),
        (Comparison("", Arm("R-cos")), []),
        (Comparison("", Arm("R-cos"), reference=Arm("R-step30")), ["X8"]),
        (Comparison("", Arm("R-half"), reference=Arm("R-step30")), []),
    ],
)
def test_a_comparison_names_the_claims_that_it_decides(comparison, claims):
    assert concerned(comparison) == claims


def test_of_other_differences_nothing_is_reported():
    assert reported(Comparison("", Arm("R-nopca")), 5) is None
    assert reported(Comparison("", Arm("R-nolrn"), reference=Arm("R-bn")), 1) is None


def test_without_pairs_nothing_is_offered(tmp_path):
    assert offered(tmp_path) == {}
    write_arm(tmp_path, R0, (400, 410))
    assert offered(tmp_path) == {}
    write_arm(tmp_path, "R-nolrn", (400,), export={})
    assert offered(tmp_path) == {}
