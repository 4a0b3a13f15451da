"""Which runs count, and which are missing."""

import numpy as np
import pytest

from analysis.evidence import runs as results
from analysis.evidence.runs import ReportError
from analysis.topics.kernels.learned import (
    compared_setting,
    missing,
    read,
    read_all,
)
from analysis.topics.kernels.spectra import colour_share
from tests.made.kernels import (
    mixed,
    noise,
    specialised,
    write_files,
    write_kernels,
)


def load(reports):
    return results.load("tiny-imagenet", reports)


def test_runs_come_in_the_order_of_the_comparison(tmp_path):
    write_kernels(tmp_path, mixed(), recipe="R-dense")
    write_kernels(tmp_path, mixed(), recipe="R-half")
    for seed in (10, 2):
        write_kernels(tmp_path, specialised(), seed=seed)
    write_kernels(tmp_path, specialised(), setting="width=0.5")
    found = [
        (one.recipe, one.setting, one.run.seed) for one in read_all(load(tmp_path))
    ]
    released = [("released-145", "", 2), ("released-145", "", 10)]
    assert found == [*released, ("released-145", "width=0.5", 0), ("R-dense", "", 0)]


def test_runs_that_are_not_complete_or_not_exported_do_not_count(tmp_path):
    write_kernels(tmp_path, mixed(), seed=1, status="running")
    write_kernels(tmp_path, mixed(), seed=2, status="failed")
    run = write_kernels(tmp_path, mixed(), seed=3, exported=False)
    assert read_all(load(tmp_path)) == []
    write_files(run, mixed())
    assert [one.run.seed for one in read_all(load(tmp_path))] == [3]


def test_the_first_epoch_is_before_training(tmp_path):
    write_kernels(tmp_path, specialised(), seed=4)
    (one,) = read_all(load(tmp_path))
    assert one.initial == pytest.approx(noise(12, 4), abs=1e-8)
    assert one.trained == pytest.approx(specialised())


@pytest.mark.parametrize(
    ("recipe", "meets", "apart"),
    [("released-145", "conv3", True), ("R-dense", "conv2", False)]
    + [("R-nocomm", "fc8", True), ("R-half", "", False)],
)
def test_where_the_towers_meet(tmp_path, recipe, meets, apart):
    write_kernels(tmp_path, mixed(), recipe=recipe)
    one = read(load(tmp_path).complete[0])
    assert (one.meets, one.apart) == (meets, apart)


@pytest.mark.parametrize("swapped", [False, True])
def test_the_less_colourful_half_comes_first(tmp_path, swapped):
    write_kernels(tmp_path, specialised(swapped=swapped))
    (one,) = read_all(load(tmp_path))
    shares = colour_share(one.trained[one.order])
    assert shares[:6] == pytest.approx(0, abs=1e-6)
    assert shares[6:] == pytest.approx(1)
    assert sorted(one.order) == list(range(12))


def damaged_shape(run):
    np.save(run / "kernels.npy", np.zeros((4, 1, 5, 5), np.float32))


def damaged_file(run):
    (run / "kernels-by-epoch.npz").write_bytes(b"not an archive")


def other_kernels(run):
    np.save(run / "kernels.npy", mixed(8).astype(np.float32))


def without_start(run):
    epochs = {"epochs": np.array([-1]), "kernels": mixed()[None]}
    np.savez(run / "kernels-by-epoch.npz", **epochs)


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (damaged_shape, r"kernels\.npy: .*expected \(C, 3, k, k\)"),
        (damaged_file, r"kernels-by-epoch\.npz"),
        (other_kernels, r"kernels-by-epoch\.npz: .*shape \(3, 12, 3, 5, 5\)"),
        (without_start, r"kernels-by-epoch\.npz: .*no kernels before training"),
    ],
)
def test_damaged_files_are_named_with_the_way_out(tmp_path, damage, name):
    run = write_kernels(tmp_path, mixed())
    damage(run)
    with pytest.raises(ReportError, match=f"{name}.*export again"):
        read_all(load(tmp_path))


def test_the_setting_compared_is_the_plain_one_or_that_of_most_runs(tmp_path):
    assert compared_setting([]) == ""
    for seed in (0, 1):
        write_kernels(tmp_path, mixed(), setting="epochs=3", seed=seed)
    write_kernels(tmp_path, mixed(), setting="epochs=2")
    assert compared_setting(read_all(load(tmp_path))) == "epochs=3"
    write_kernels(tmp_path, mixed())
    assert compared_setting(read_all(load(tmp_path))) == ""


TRAIN = "repro train --profile tiny-imagenet --recipe"


def test_what_is_missing_is_named_by_its_command(tmp_path):
    found = missing(load(tmp_path), [])
    recipes = [line.split()[5] for line in found]
    assert recipes == ["released-145"] * 5 + ["R-dense"] * 3 + ["R-nocomm"] * 3
    assert found[-3] == f"{TRAIN} R-nocomm --seed 0"
    for seed in (0, 1, 2, 7):
        write_kernels(tmp_path, mixed(), seed=seed)
    write_kernels(tmp_path, mixed(), recipe="R-dense", exported=False)
    runs = load(tmp_path)
    assert missing(runs, read_all(runs))[:4] == [
        f"{TRAIN} released-145 --seed 3",
        "repro export reports/tiny-imagenet/runs/R-dense/seed-0",
        f"{TRAIN} R-dense --seed 1",
        f"{TRAIN} R-dense --seed 2",
    ]


def test_commands_repeat_the_setting_and_end_when_all_is_there(tmp_path):
    setting = {"setting": "a=1+b=2,3"}
    for seed in range(5):
        write_kernels(tmp_path, mixed(), seed=seed, **setting)
    runs = load(tmp_path)
    first, *_ = missing(runs, read_all(runs))
    assert first == f"{TRAIN} R-dense --set a=1 --set b=2,3 --seed 0"
    for recipe in ("R-dense", "R-nocomm"):
        for seed in range(3):
            write_kernels(tmp_path, mixed(), recipe=recipe, seed=seed, **setting)
    runs = load(tmp_path)
    assert missing(runs, read_all(runs)) == []
