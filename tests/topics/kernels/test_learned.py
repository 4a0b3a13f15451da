"""Which runs count, what they are missing, and the tables over them."""

import numpy as np
import pytest

from analysis.evidence import runs as results
from analysis.evidence.runs import ReportError
from analysis.topics.kernels import tables
from analysis.topics.kernels.learned import (
    commands,
    compared,
    read,
    read_all,
)
from analysis.topics.kernels.spectra import colour_share
from tests.made.kernels import (
    EPOCHS,
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
    with pytest.raises(ReportError, match=name) as raised:
        read_all(load(tmp_path))
    assert f"repro export {run}" in str(raised.value)


def test_the_setting_compared_is_the_plain_one_or_that_of_most_runs(tmp_path):
    assert compared([]) == ""
    for seed in (0, 1):
        write_kernels(tmp_path, mixed(), setting="epochs=3", seed=seed)
    write_kernels(tmp_path, mixed(), setting="epochs=2")
    assert compared(read_all(load(tmp_path))) == "epochs=3"
    write_kernels(tmp_path, mixed())
    assert compared(read_all(load(tmp_path))) == ""


def test_commands_name_what_is_missing(tmp_path):
    found = commands(load(tmp_path), [])
    assert [len(lines) for lines in found.values()] == [5, 3, 3]
    train = "repro train --profile tiny-imagenet --recipe"
    assert found["R-nocomm"][0] == f"{train} R-nocomm --seed 0"
    for seed in (0, 1, 2, 7):
        write_kernels(tmp_path, mixed(), seed=seed)
    write_kernels(tmp_path, mixed(), recipe="R-dense", exported=False)
    runs = load(tmp_path)
    found = commands(runs, read_all(runs))
    assert found["released-145"] == [f"{train} released-145 --seed 3"]
    folder = "reports/tiny-imagenet/runs/R-dense/seed-0"
    trainings = [f"{train} R-dense --seed {seed}" for seed in (1, 2)]
    assert found["R-dense"] == [f"repro export {folder}", *trainings]


def test_commands_repeat_the_setting_and_end_when_all_is_there(tmp_path):
    for seed in range(5):
        write_kernels(tmp_path, mixed(), setting="a=1+b=2,3", seed=seed)
    runs = load(tmp_path)
    found = commands(runs, read_all(runs))
    assert list(found) == ["R-dense", "R-nocomm"]
    assert found["R-dense"][0].endswith(
        "--recipe R-dense --set a=1 --set b=2,3 --seed 0"
    )
    for recipe in ("R-dense", "R-nocomm"):
        for seed in range(3):
            write_kernels(
                tmp_path, mixed(), recipe=recipe, setting="a=1+b=2,3", seed=seed
            )
    runs = load(tmp_path)
    assert commands(runs, read_all(runs)) == {}


def test_a_row_for_each_kernel_and_state(tmp_path):
    write_kernels(tmp_path, specialised())
    frame = tables.per_kernel(read_all(load(tmp_path)))
    assert len(frame) == 2 * 12
    trained = frame[frame["state"] == "trained"]
    assert trained["tower"].tolist() == [1] * 6 + [2] * 6
    assert trained["gabor_like"].tolist() == [True] * 6 + [False] * 6
    assert trained["colour_blob"].tolist() == [False] * 6 + [True] * 6
    initial = frame[frame["state"] == "initial"]
    assert initial["colour_share"].to_numpy() == pytest.approx(colour_share(noise(12)))


def test_a_row_for_each_run(tmp_path):
    write_kernels(tmp_path, specialised(swapped=True))
    row = tables.per_run(read_all(load(tmp_path))).iloc[0]
    assert (row["gabor_like"], row["colour_blobs"], row["lower_tower"]) == (6, 6, 2)
    assert (row["initial_gabor_like"], row["initial_colour_blobs"]) == (0, 0)
    assert (row["lower_mean"], row["gap"]) == pytest.approx((0, 1), abs=1e-6)
    assert row["colour_share"] == pytest.approx(0.5)
    assert row["initial_colour_share"] == pytest.approx(colour_share(noise(12)).mean())
    assert row["exceeds"]  # 2 of the 924 splits have this gap
    assert row["p"] == pytest.approx(2 / 924, abs=0.002)


def test_the_split_appears_as_training_goes(tmp_path):
    write_kernels(tmp_path, specialised())
    frame = tables.per_epoch(read_all(load(tmp_path)))
    assert frame["epoch"].tolist() == list(EPOCHS)
    assert frame["exceeds"].tolist() == [False, True, True]
    assert tables.per_epoch([]).empty


def test_the_weights_of_the_figure_keep_four_digits(tmp_path):
    write_kernels(tmp_path, specialised())
    (one,) = read_all(load(tmp_path))
    frame = tables.weights(one)
    found = frame.drop(columns="kernel").astype(float).to_numpy().reshape(12, 3, 5, 5)
    assert found == pytest.approx(specialised(), rel=6e-4, abs=1e-6)
    assert frame.columns[1] == "r0.0" and frame.columns[-1] == "b4.4"
