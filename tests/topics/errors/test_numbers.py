"""Tables of errors: protocols kept apart, views and splits compared, by hand."""

import math

import pytest

from analysis.claims.reported_errors import PAPER
from analysis.evidence.answers import groups
from analysis.evidence.ensembles import ensembles
from analysis.evidence.runs import load
from analysis.topics.errors import numbers
from tests.made.errors import mistakes, write_ensemble, write_exported


def grouped(reports, profile="tiny-imagenet"):
    return groups(load(profile, reports))


def test_ours_is_the_mean_over_seeds_by_split_and_views(tmp_path):
    for seed, count in enumerate((10, 12)):
        write_exported(tmp_path, seed=seed, wrong=mistakes(count + 2, count, 4, 2))
    ours = numbers.ours(grouped(tmp_path)).set_index(["split", "views"])
    top1 = ours.loc[("test", 10), "top1"]
    assert top1.value == pytest.approx(0.55) and top1.covers == "2 seeds"
    assert top1.high - top1.value == pytest.approx(12.706205 * 0.05)
    assert ours.loc[("val", 1), "top1"].value == pytest.approx(13 / 40)
    assert ours.loc[("val", 1), "n"] == 40
    assert ours.loc[("test", 1), "images"] == "Tiny-ImageNet validation, 10 classes"
    assert ours.loc[("test", 1), "place"] == "seed 0, 1"


def test_reported_errors_have_wilsons_interval_of_their_images():
    row = numbers.reported([PAPER["T2-1"]]).iloc[0]
    assert row["top1"] is None
    assert row["top5"].value == pytest.approx(0.262)
    half = 1.959964 * math.sqrt(0.262 * 0.738 / 100_000)
    assert row["top5"].high - row["top5"].value == pytest.approx(half, rel=0.01)


def test_rows_of_one_protocol_stand_together_and_ours_comes_first(tmp_path):
    write_exported(tmp_path, wrong=mistakes(8, 6, 3, 2))
    joined = numbers.side_by_side(grouped(tmp_path), [])
    protocols = list(zip(joined["images"], joined["views"].fillna(0), strict=True))
    starts = [k for k, pair in enumerate(protocols) if pair != protocols[k - 1]]
    assert len({protocols[k] for k in starts}) == len(starts)
    assert joined["kind"].iloc[0] == "ours"
    paper = joined[joined["images"].str.startswith("ILSVRC")]
    assert "ours" not in set(paper["kind"])


def test_ours_of_the_papers_images_stands_in_its_protocol(tmp_path):
    settings = {"images": 50_000, "classes": 1000, "profile": "imagenet"}
    settings["dataset"] = "imagenet"
    write_exported(tmp_path, wrong=mistakes(21_000, 20_000), **settings)
    known = grouped(tmp_path, "imagenet")
    joined = numbers.side_by_side(known, [])
    same = joined[
        (joined["images"] == "ILSVRC-2012 validation") & (joined["views"] == 10)
    ]
    assert {"paper", "authors' notes", "ours"} == set(same["kind"])


def test_the_gain_of_ten_views_is_paired_and_tested_by_seed(tmp_path):
    wrong = {(1, 1): range(10), (10, 1): range(8, 14), (1, 5): range(2), (10, 5): ()}
    write_exported(tmp_path, seed=3, wrong=wrong, images=100)
    top1, top5 = numbers.view_gains(grouped(tmp_path)).itertuples()
    test = top1.tests[3]
    assert (test.only_first, test.only_second) == (8, 4)
    assert test.p == pytest.approx(2 * sum(math.comb(12, k) for k in range(5)) / 2**12)
    assert top1.gain.value == pytest.approx(0.04) and top1.gain.over == "images"
    assert (top5.one_view, top5.ten_views) == (0.02, 0)
    write_exported(tmp_path, seed=4, wrong=wrong, images=100)
    assert numbers.view_gains(grouped(tmp_path))["gain"].iloc[0].over == "seeds"


def test_splits_differ_with_the_sampling_error_of_both(tmp_path):
    write_exported(tmp_path, wrong=mistakes(50, 40, 20, 20), images=100)
    frame = numbers.split_differences(numbers.ours(grouped(tmp_path)))
    row = frame[(frame["views"] == 10) & (frame["top"] == 1)].iloc[0]
    assert (row["val"], row["test"]) == (0.2, 0.4)
    assert (row["val_n"], row["test_n"]) == (200, 100)
    assert row["difference"] == pytest.approx(-0.2)
    error = math.sqrt(0.2 * 0.8 / 200 + 0.4 * 0.6 / 100)
    assert row["standard_error"] == pytest.approx(error)


def test_runs_that_held_nothing_out_have_no_split_to_compare(tmp_path):
    folder = write_exported(tmp_path, wrong=mistakes(5, 4))
    lines = (folder / "errors.csv").read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("val")]
    (folder / "errors.csv").write_text("".join(kept))
    ours = numbers.ours(grouped(tmp_path))
    assert set(ours["split"]) == {"test"}
    assert numbers.split_differences(ours).empty


def test_averages_stand_beside_single_networks(tmp_path):
    for seed in (0, 1):
        write_exported(tmp_path, seed=seed, wrong=mistakes(12, 10))
    members = ["released-145/seed-0", "released-145/seed-1"]
    write_ensemble(tmp_path, members, wrong=mistakes(9, 7))
    runs = load("tiny-imagenet", tmp_path)
    joined = numbers.side_by_side(groups(runs), ensembles(runs))
    found = joined[joined["system"] == "released-145, averaged"]
    assert found["models"].tolist() == [2, 2]
    assert [each.value for each in found["top1"]] == pytest.approx([0.35, 0.45])


def test_numbers_for_download_are_fractions(tmp_path):
    write_exported(tmp_path, wrong=mistakes(8, 6, 3, 2))
    joined = numbers.side_by_side(grouped(tmp_path), [])
    frame = numbers.flat(joined)
    assert len(frame) == len(joined)
    first = frame[(frame["kind"] == "ours") & (frame["views"] == 10)].iloc[1]
    assert (first["top1_value"], first["top5_value"]) == (0.3, 0.1)
    assert first["top1_low"] < 0.3 < first["top1_high"]
    quoted = frame[frame["system"].str.contains("Fisher") & (frame["n"] == 100_000)]
    assert quoted["top1_value"].isna().all()


def test_without_runs_the_others_remain():
    assert numbers.ours([]).empty
    assert numbers.view_gains([]).empty
    assert numbers.split_differences(numbers.ours([])).empty
    assert "ours" not in set(numbers.side_by_side([], [])["kind"])
