"""Reading what export wrote of a run's mistakes."""

import numpy as np
import pandas as pd
import pytest

from analysis.evidence import runs
from analysis.evidence.answers import (
    errors_over_seeds,
    groups,
    is_exported,
    read_answers,
    read_errors,
)
from analysis.evidence.runs import ReportError
from tests.made.errors import mistakes, write_exported

WRONG = mistakes(8, 6, 3, 2)


def load(reports, profile="tiny-imagenet"):
    return runs.load(profile, reports)


def test_the_answers_hold_the_mistakes_and_agree_with_the_errors(tmp_path):
    folder = write_exported(tmp_path, wrong=WRONG)
    answers = read_answers(folder)
    assert np.flatnonzero(answers.wrong[10, 1]).tolist() == list(range(6))
    assert answers.classes == 10
    errors = read_errors(folder)
    for row in errors[errors["split"] == "test"].itertuples():
        for top in (1, 5):
            mean = answers.wrong[row.views, top].mean()
            assert getattr(row, f"top{top}_error") == pytest.approx(mean)


def test_a_probability_that_is_no_number_is_a_mistake(tmp_path):
    folder = write_exported(tmp_path, wrong=mistakes(0, 0))
    with np.load(folder / "predictions.npz") as arrays:
        changed = dict(arrays)
    changed["probabilities_1"][3] = np.nan
    np.savez(folder / "predictions.npz", **changed)
    wrong = read_answers(folder).wrong
    assert np.flatnonzero(wrong[1, 1]).tolist() == [3]
    assert wrong[1, 5].sum() == 1 and wrong[10, 1].sum() == 0


def test_a_group_is_one_name_on_the_same_data_with_seeds_in_order(tmp_path):
    for seed in (2, 0, 1):
        write_exported(tmp_path, seed=seed, wrong=mistakes(seed, 0))
    write_exported(tmp_path, "R-nolrn", wrong=WRONG)
    other = {"images": "other", "labels": "f32b"}
    export = {"files": ["errors.csv", "predictions.npz"], "test_sha256": other}
    write_exported(tmp_path, seed=3, wrong=WRONG, export=export)
    found = {(group.name, tuple(group.seeds)) for group in groups(load(tmp_path))}
    assert found == {
        ("released-145", (0, 1, 2)),
        ("released-145", (3,)),
        ("R-nolrn", (0,)),
    }
    first = next(group for group in groups(load(tmp_path)) if len(group.runs) == 3)
    assert first.wrong(1, 1).sum(axis=1).tolist() == [0, 1, 2]


def test_runs_that_are_not_exported_or_not_complete_do_not_count(tmp_path):
    write_exported(tmp_path, seed=0, wrong=WRONG, export={})
    write_exported(tmp_path, seed=1, wrong=WRONG, status="running")
    write_exported(tmp_path, seed=2, wrong=WRONG, data=None)
    gone = write_exported(tmp_path, seed=3, wrong=WRONG)
    (gone / "predictions.npz").unlink()
    assert groups(load(tmp_path)) == []
    assert not any(is_exported(run) for run in load(tmp_path).complete)


@pytest.mark.parametrize(
    ("settings", "split", "words"),
    [
        ({}, "test", "Tiny-ImageNet validation, 10 classes"),
        ({}, "val", "Tiny-ImageNet training, held out, 10 classes"),
        ({"dataset": "flowers"}, "test", "flowers test, 10 classes"),
        ({"dataset": "imagenet"}, "test", "ILSVRC-2012 validation, 10 classes"),
    ],
)
def test_images_in_words(tmp_path, settings, split, words):
    write_exported(tmp_path, wrong=WRONG, **settings)
    assert groups(load(tmp_path))[0].images(split) == words


def test_all_of_ilsvrc_2012_is_named_as_in_the_paper(tmp_path):
    settings = {"dataset": "imagenet", "images": 50_000, "classes": 1000}
    write_exported(tmp_path, wrong=WRONG, **settings)
    assert groups(load(tmp_path))[0].images("test") == "ILSVRC-2012 validation"


@pytest.mark.parametrize("name", ["labels", "classes_10", "class_names"])
def test_a_missing_array_is_named(tmp_path, name):
    folder = write_exported(tmp_path, wrong=WRONG)
    with np.load(folder / "predictions.npz") as arrays:
        kept = {key: array for key, array in arrays.items() if key != name}
    np.savez(folder / "predictions.npz", **kept)
    with pytest.raises(ReportError, match=rf"predictions\.npz: not usable.*{name}"):
        read_answers(folder)


@pytest.mark.parametrize("name", ["labels", "classes_10", "probabilities_1"])
def test_arrays_of_different_images_are_named(tmp_path, name):
    folder = write_exported(tmp_path, wrong=WRONG)
    with np.load(folder / "predictions.npz") as arrays:
        changed = dict(arrays)
    np.savez(folder / "predictions.npz", **changed | {name: changed[name][1:]})
    with pytest.raises(ReportError, match=r"predictions\.npz: .* do not match"):
        read_answers(folder)


def test_broken_files_are_named(tmp_path):
    folder = write_exported(tmp_path, wrong=WRONG)
    whole = (folder / "predictions.npz").read_bytes()
    for content in (b"no archive", whole[:-50]):
        (folder / "predictions.npz").write_bytes(content)
        with pytest.raises(ReportError, match=r"predictions\.npz: not usable"):
            read_answers(folder)
    frame = pd.read_csv(folder / "errors.csv").drop(columns=["n"])
    frame.to_csv(folder / "errors.csv", index=False)
    with pytest.raises(ReportError, match=r"errors\.csv: not usable.*'n'"):
        read_errors(folder)
    (folder / "errors.csv").unlink()
    with pytest.raises(ReportError, match=r"errors\.csv: not usable"):
        read_errors(folder)


def test_errors_are_of_the_test_split_over_the_seeds(tmp_path):
    for seed, count in enumerate((8, 0)):  # of 10 images, and 1 not among the five
        wrong = mistakes(9, count, 1, count // 8)
        write_exported(tmp_path, seed=seed, wrong=wrong, images=10)
    errors = errors_over_seeds(load(tmp_path)).set_index("views")
    assert errors.index.tolist() == [10, 1]
    assert errors.loc[10, "n"] == 10
    assert errors.loc[10, "top1_error"] == pytest.approx((0.4, 0.0, 0.8))
    assert errors.loc[10, "right"] == pytest.approx((0.6, 0.2, 1.0))
    assert errors.loc[10, "top5_error"] == pytest.approx((0.05, 0.0, 0.1))
    assert errors.loc[10, "first"] == (0.5, 0.5, 0.5)


def test_errors_without_the_test_split_are_an_error(tmp_path):
    path = write_exported(tmp_path, wrong=WRONG) / "errors.csv"
    table = pd.read_csv(path)
    table[table["split"] == "val"].to_csv(path, index=False)
    with pytest.raises(ReportError, match="not one row with split test and 10 views"):
        errors_over_seeds(load(tmp_path))
