"""What the runs of the 2012 network offer to the ledger, by hand."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims.reported_errors import PAPER, TEST_2010, TEST_2012, VAL_2012
from analysis.evidence import data_sets
from analysis.evidence.runs import ReportError, load
from analysis.ledger import rows
from analysis.topics.errors import topic
from analysis.topics.errors.measured import half_limit
from tests.made.errors import mistakes, write_ensemble, write_exported
from tests.made.verdicts import CLAIMS, verdicts

Z = 1.959964  # of the normal distribution, 97.5 %
T1, T2 = 12.706205, 4.302653  # Student's t, 97.5 %, of 1 and 2 degrees of freedom
OFFERED = {"A1", "A2", "T1-3", "T2-2a", "T2-2b", "S4.1e", "S6.1", "S6.5b"}


def offered(reports, profile="tiny-imagenet"):
    return topic.measured(load(profile, reports))


def words(reports, name, profile="tiny-imagenet"):
    return verdicts(name, offered(reports, profile)[name], profile)


def write_seeds(reports, ten, *, gains=(10, 10, 10), name="released-145", **settings):
    """R0 with so many of 1000 wrong with ten views, and `gains` more with one."""
    for seed, (count, gain) in enumerate(zip(ten, gains, strict=False)):
        wrong = mistakes(count + gain, count, count // 2 + gain, count // 2)
        write_exported(reports, name, seed, wrong=wrong, images=1000, **settings)


def write_five(reports, first=0, name="five", average=300, **settings):
    """Five seeds, 400 of 1000 wrong each, and their average with fewer."""
    seeds = range(first, first + 5)
    for seed in seeds:
        wrong = mistakes(410, 400, 210, 200)
        write_exported(reports, seed=seed, wrong=wrong, images=1000, **settings)
    profile = settings.get("profile", "tiny-imagenet")
    members = [f"released-145/seed-{seed}" for seed in seeds]
    wrong = mistakes(average + 10, average, 160, 150)
    about = {"name": name, "profile": profile, "images": 1000}
    write_ensemble(reports, members, wrong=wrong, **about)


@pytest.fixture
def imagenet(monkeypatch):
    """Settings of a run on ILSVRC, as if it had 10 classes, 100 and 1000 images."""
    known = data_sets.DATA_SETS["imagenet"]
    small = replace(known, classes=10, training_images=100, test_images=1000)
    monkeypatch.setitem(data_sets.DATA_SETS, "imagenet", small)
    return {"profile": "imagenet", "dataset": "imagenet"}


def folders(reports):
    return [run.folder for run in load("tiny-imagenet", reports).complete]


def write_probe(reports, *errors):
    """probe.csv of one run after the other, with these errors on pixels."""
    for folder, error in zip(folders(reports), errors, strict=False):
        row = {"vectors": "pixels", "top1_error": error, "n": 80, "train_images": 90}
        row |= {"dimensions": 3072, "l2": 0.1, "protocol": "softmax"}
        pd.DataFrame([row]).to_csv(folder / "probe.csv", index=False)


def test_an_error_has_the_interval_over_seeds(tmp_path):
    write_seeds(tmp_path, (400, 410, 420))
    found = offered(tmp_path)
    assert found.keys() == OFFERED
    (top1,) = found["A1"]
    half = T2 * 1 / math.sqrt(3)
    assert top1.value == pytest.approx(41)
    assert (top1.low, top1.high) == pytest.approx((41 - half, 41 + half))
    assert (top1.unit, top1.quantity) == ("%", "")
    assert top1.stated == "41.00 %: released-145, top-1"
    assert (top1.seeds, top1.images) == ((3,), 1000)
    assert top1.runs == tuple(f"released-145/seed-{seed}" for seed in range(3))
    assert (top1.split, top1.protocol) == ("validation images", "ten views")
    assert found["A2"][0].value == pytest.approx(20.5)
    assert found["T2-2a"] == found["A1"] and found["T2-2b"] == found["A2"]
    assert [each.quantity for each in found["T1-3"]] == ["top-1", "top-5"]


def test_a_part_of_a_data_set_is_not_called_by_its_name(tmp_path):
    write_seeds(tmp_path, (400,), name="released-145+epochs=9")
    (top1,) = offered(tmp_path)["A1"]
    assert top1.dataset == (
        "Tiny-ImageNet (10 of 200 classes, 80 training images, epochs=9)"
    )


def test_the_error_of_one_network_has_no_interval(tmp_path, imagenet):
    write_seeds(tmp_path, (407,), **imagenet)
    (top1,) = offered(tmp_path, "imagenet")["T2-2a"]
    assert top1.value == pytest.approx(40.7) and not top1.has_interval
    assert words(tmp_path, "T2-2a", "imagenet") == ["inconclusive"]


@pytest.mark.parametrize(
    ("counts", "word"),
    [
        ((405, 407, 409), "reproduced"),  # 40.70 +- 0.50
        ((400, 407, 414), "inconclusive"),  # +- 1.74: more than one point
        ((417, 417, 417), "contradicted"),
    ],
)
def test_the_papers_value_on_its_own_images(tmp_path, imagenet, counts, word):
    write_seeds(tmp_path, counts, **imagenet)
    assert words(tmp_path, "T2-2a", "imagenet") == [word]
    assert words(tmp_path, "A1", "imagenet") == ["not testable here"]  # of 2010


def test_the_papers_value_is_not_at_stake_elsewhere(tmp_path, imagenet):
    write_seeds(tmp_path, (417, 417), name="released-145+epochs=9", **imagenet)
    assert words(tmp_path, "T2-2a", "imagenet") == ["not testable here"]
    write_seeds(tmp_path, (417, 417))
    assert words(tmp_path, "T2-2b") == ["not testable here"]
    assert words(tmp_path, "T2-2a") == ["not run"]  # the pipeline only


def test_one_view_minus_ten_by_seed(tmp_path):
    write_seeds(tmp_path, (400, 410, 420), gains=(10, 12, 11))
    top1, top5 = offered(tmp_path)["S4.1e"]
    half = T2 * 0.1 / math.sqrt(3)
    assert top1.value == pytest.approx(1.1)
    assert (top1.low, top1.high) == pytest.approx((1.1 - half, 1.1 + half))
    assert (top1.quantity, top5.quantity) == ("top-1", "top-5")
    assert top1.protocol == "one view minus ten, same networks"
    assert words(tmp_path, "S4.1e") == ["direction reproduced"] * 2


@pytest.mark.parametrize(
    ("gain", "word"),
    [
        (50, "direction reproduced"),
        (1, "inconclusive"),  # one image more: the interval contains none
        (-50, "contradicted"),
    ],
)
def test_of_one_network_images_say_whether_ten_views_help(tmp_path, gain, word):
    write_seeds(tmp_path, (400,), gains=(gain,))
    top1, _ = offered(tmp_path)["S4.1e"]
    assert top1.value == pytest.approx(gain / 10)
    assert top1.stated.endswith("released-145, top-1, interval over images")
    assert words(tmp_path, "S4.1e") == [word] * 2


def test_the_papers_gain_on_its_own_protocol(tmp_path, imagenet):
    write_seeds(tmp_path, (400, 410, 420), gains=(15, 16, 14), **imagenet)
    # 1.50 +- 0.25 holds 1.5 and 1.3
    assert words(tmp_path, "S4.1e", "imagenet") == ["reproduced"] * 2


def test_held_out_minus_test_images_with_what_sampling_allows(tmp_path):
    write_seeds(tmp_path, (400, 400))
    top1, top5 = offered(tmp_path)["S6.1"]
    error = math.sqrt(0.2 * 0.8 / 2000 + 0.4 * 0.6 / 1000)  # 400 of 2000 and of 1000
    half = 100 * 1.959964 * error
    assert top1.value == pytest.approx(-20)
    assert (top1.low, top1.high) == pytest.approx((-20 - half, -20 + half))
    assert top1.seeds == (2,) and top1.images is None
    assert top1.split == (
        "2,000 images held out of training and 1,000 validation images"
    )
    assert top5.value == pytest.approx(-10)


@pytest.mark.parametrize(
    ("count", "word"),
    [
        (0, "direction reproduced"),  # equal, without any sampling error
        (1, "inconclusive"),  # 0.05 and 0.10 %: -0.05 +- 0.22
        (400, "contradicted"),
    ],
)
def test_that_both_splits_agree_is_an_equivalence(tmp_path, count, word):
    about = {"profile": "cifar10", "dataset": "cifar10"}
    write_exported(tmp_path, wrong=mistakes(count, count), images=1000, **about)
    assert words(tmp_path, "S6.1", "cifar10")[0] == word


def test_five_networks_averaged(tmp_path):
    write_five(tmp_path)
    found = offered(tmp_path)
    top1, top5 = found["T2-3"]
    assert (top1.value, top5.value) == pytest.approx((30, 15))
    assert not top1.has_interval and top1.seeds == (5,)
    assert top1.stated == "30.00 %: 1 average of 5 networks released-145, top-1"
    gain, gain5 = found["S6.2"]
    assert (gain.value, gain5.value) == pytest.approx((10, 5))
    assert 5 < gain.low < 10 < gain.high < 15
    assert gain.stated.endswith("released-145, top-1, interval over images")
    assert len(gain.runs) == 5
    assert words(tmp_path, "S6.2") == ["direction reproduced"] * 2


def test_several_averages_have_an_interval_over_them(tmp_path, imagenet):
    for number, average in enumerate((374, 375, 376)):
        write_five(tmp_path, 5 * number, f"five-{number}", average, **imagenet)
    found = offered(tmp_path, "imagenet")
    half = T2 * 0.1 / math.sqrt(3)
    top1, _ = found["T2-3"]
    assert top1.seeds == (15,) and len(top1.runs) == 15
    assert (top1.value, top1.high) == pytest.approx((37.5, 37.5 + half))
    gain, _ = found["S6.2"]
    assert (gain.value, gain.low) == pytest.approx((2.5, 2.5 - half))
    assert words(tmp_path, "S6.2", "imagenet")[0] == "reproduced"  # 2.25 to 2.75: 2.6


def test_averages_that_share_a_network_count_once(tmp_path):
    write_five(tmp_path)
    write_five(tmp_path, 3, "later", average=200)
    (top1, _) = offered(tmp_path)["T2-3"]
    assert top1.value == pytest.approx(30) and top1.seeds == (5,)


def test_averages_of_other_numbers_of_networks_are_another_claim(tmp_path):
    write_five(tmp_path)
    members = [f"released-145/seed-{seed}" for seed in range(4)]
    about = {"name": "a", "wrong": mistakes(1, 1), "images": 1000}
    write_ensemble(tmp_path, members, **about)
    assert offered(tmp_path)["T2-3"][0].value == pytest.approx(30)


def test_the_shallow_baseline_is_compared_by_run_from_one_view(tmp_path):
    write_seeds(tmp_path, (400, 410, 420), gains=(10, 10, 10))
    write_probe(tmp_path, 0.91, 0.94)
    (found,) = offered(tmp_path)["A3"]
    assert found.value == pytest.approx(51)  # 91 - 41 and 94 - 42
    assert found.low == pytest.approx(51 - T1 * 1)
    assert (found.quantity, found.seeds, found.images) == ("top-1", (2,), 80)
    assert "fitted to 90 of 80 training images" in found.protocol
    assert words(tmp_path, "A3") == ["direction reproduced"]
    assert "X28" not in offered(tmp_path)


def test_hog_is_the_harder_baseline(tmp_path):
    """Of the runs that have it, fitted to most images."""
    write_seeds(tmp_path, (400, 410, 420), gains=(10, 10, 10))
    write_probe(tmp_path, 0.9, 0.9, 0.9)
    for folder, error in zip(folders(tmp_path), (0.6, 0.7), strict=False):
        frame = pd.read_csv(folder / "probe.csv")
        hog = frame.assign(vectors="HOG", top1_error=0.8)
        more = hog.assign(
            vectors="HOG, more images", top1_error=error, train_images=300
        )
        pd.concat([frame, more, hog]).to_csv(folder / "probe.csv", index=False)
    (found,), (same,) = (offered(tmp_path)[claim] for claim in ("A3", "X28"))
    assert found == same
    assert found.value == pytest.approx(23.5)  # 60 - 41 and 70 - 42
    assert found.runs == tuple(f"released-145/seed-{seed}" for seed in (0, 1))
    assert "fitted to 300 of" in found.protocol and "HOG" in found.stated


def test_on_the_papers_images_nothing_stands_in_for_what_was_published(tmp_path):
    ilsvrc = {"profile": "imagenet", "dataset": "imagenet"}
    run = write_exported(tmp_path, wrong=mistakes(5, 4), **ilsvrc)
    (run / "probe.csv").write_text(
        "vectors,top1_error,n,train_images,dimensions,l2,protocol\nHOG,0.8,80,90,9,1,p\n"
    )
    found = offered(tmp_path, "imagenet")
    assert "X28" in found and "A3" not in found


def test_one_pair_decides_nothing(tmp_path):
    write_seeds(tmp_path, (400,))
    write_probe(tmp_path, 0.9)
    assert words(tmp_path, "A3") == ["inconclusive"]


def test_half_a_probe_is_named(tmp_path):
    write_seeds(tmp_path, (400,))
    (folders(tmp_path)[0] / "probe.csv").write_text("vectors,n\npixels,80\n")
    with pytest.raises(ReportError, match=r"probe\.csv: not usable.*top1_error"):
        offered(tmp_path)


def test_the_runs_with_most_seeds_are_measured(tmp_path):
    write_seeds(tmp_path, (100,), name="released-145+epochs=90", epochs=90)
    write_seeds(tmp_path, (400, 410), name="released-145+epochs=9", epochs=9)
    assert offered(tmp_path)["A1"][0].value == pytest.approx(40.5)


def test_other_networks_are_not_r0(tmp_path):
    write_exported(tmp_path, "caffe", wrong=mistakes(5, 4))
    write_exported(tmp_path, "R-nolrn", wrong=mistakes(5, 4))
    assert offered(tmp_path) == {}


def test_without_exported_runs_nothing_is_offered(tmp_path):
    assert offered(tmp_path) == {}
    write_exported(tmp_path, wrong=mistakes(5, 4), export={})
    assert offered(tmp_path) == {}


def test_the_variance_of_halves_is_that_of_every_pair():
    """Two of six images wrong: all 20 halves of 3 images, counted."""
    errors = [
        sum(image < 2 for image in half) / 3
        for half in itertools.combinations(range(6), 3)
    ]
    pairs = [first - second for first in errors for second in errors]
    expected = Z * math.sqrt(np.mean(np.square(pairs)))
    assert half_limit(2, 6) == pytest.approx(expected)


def test_so_many_drawn_halves_lie_within():
    wrong, draw = np.arange(1000) < 300, np.random.default_rng(0)
    halves = [draw.permutation(wrong)[:500].mean() for _ in range(4000)]
    differences = np.abs(np.subtract(halves[::2], halves[1::2]))
    within = (differences <= half_limit(300, 1000)).mean()
    assert within == pytest.approx(0.95, abs=0.02)


def test_from_how_many_images_on_halves_hardly_differ():
    """The number that the claim's measure names, at the error that varies most."""
    for images, close in ((76_000, False), (77_000, True)):
        assert (half_limit(images / 2, images) < 0.005) == close
    assert "77,000" in CLAIMS["S6.5b"].measure


def test_halves_of_our_test_images(tmp_path):
    about = {"profile": "cifar10", "dataset": "cifar10"}
    write_seeds(tmp_path, (200, 220, 240), gains=(0, 0, 0), **about)
    (found,) = offered(tmp_path, "cifar10")["S6.5b"]
    half = 100 * Z * math.sqrt(2 * 0.22 * 0.78 / 999)
    assert (found.value, found.low, found.high) == pytest.approx((0, -half, half))
    assert found.stated.startswith("±3.63 points")
    assert (found.quantity, found.seeds, found.images) == ("test half", (3,), 500)
    assert found.runs == tuple(f"released-145/seed-{seed}" for seed in range(3))
    assert words(tmp_path, "S6.5b", "cifar10") == ["inconclusive"]


def test_the_ledger_takes_every_claim_quantity_and_unit(tmp_path, monkeypatch):
    write_five(tmp_path)
    write_probe(tmp_path, *[0.9] * 5)
    found = offered(tmp_path)
    assert found.keys() == OFFERED | {"A3", "T2-3", "S6.2"}
    monkeypatch.setattr(rows, "offered_by_topics", lambda _: {"errors": found})
    told = rows.rows(load("tiny-imagenet", tmp_path))
    assert {row.claim.id for row in told if row.topics} == found.keys()


def test_the_papers_margins_are_differences_of_its_rows():
    """claims.toml against reported_errors: both are copied from the paper."""
    pairs = {
        "A3": ("T1-2", "T1-3"),
        "S4.1e": ("S4.1e", "T1-3"),
        "S6.2": ("T2-2", "T2-3"),
        "S6.3": ("T2-2", "T2-4"),
    }
    for name, (worse, better) in pairs.items():
        for top in (1, 5):
            rows = (getattr(PAPER[row], f"top{top}") for row in (worse, better))
            quantity = CLAIMS[name].quantity(f"top-{top}")
            assert quantity.paper == pytest.approx(float(next(rows) - next(rows)))
    won = PAPER["T2-1"].top5 - PAPER["T2-5 test"].top5
    assert CLAIMS["A9"].quantity("gap").paper == pytest.approx(float(won))
    added = PAPER["T2-3 test"].top5 - PAPER["T2-5 test"].top5
    assert CLAIMS["S6.4"].quantity("").paper == pytest.approx(float(added))


def test_the_papers_rows_stand_in_both_files():
    named = {"T1-1": TEST_2010, "T1-2": TEST_2010, "T1-3": TEST_2010}
    named |= dict.fromkeys(("T2-3", "T2-4", "T2-5"), VAL_2012) | {"T2-1": TEST_2012}
    for name, images in named.items():
        assert PAPER[name].images == images
        for quantity in CLAIMS[name].quantities:
            top = quantity.name.removeprefix("top-")
            assert quantity.paper == float(getattr(PAPER[name], f"top{top}")), name
    for name, row, top in (
        ("A1", "T1-3", 1),
        ("A2", "T1-3", 5),
        ("T2-2a", "T2-2", 1),
        ("T2-2b", "T2-2", 5),
    ):
        assert CLAIMS[name].quantity("").paper == float(
            getattr(PAPER[row], f"top{top}")
        )
