"""What README.md says of the 2012 network's runs."""

from analysis.evidence import runs as results
from analysis.report.network_readme import readme
from repro.runs import folder
from tests.made.errors import write_exported
from tests.made.kernels import noise, specialised, write_files

WRONG = {(1, 1): range(8), (1, 5): range(4), (10, 1): range(6), (10, 5): range(3)}


def write_network(reports, kernels, seed=0):
    """A complete run with 20 test images and these kernels."""
    run = write_exported(
        reports,
        "released-145+epochs=2",
        seed,
        wrong=WRONG,
        record={"side": 64},
        splits={"train": 12345, "val": 40},
        hardware={"device": "cpu", "processor": "a processor"},
    )
    record = folder.read_json(run / "recipe.json")
    record["recipe"] |= {
        "optimisation": {"epochs": 2, "batch_size": 128},
        "augmentation": {"crop_share": 0.875},
        "network": {"towers": 2, "joined": ["conv3"]},
    }
    folder.write_json(run / "recipe.json", record)
    write_files(run, kernels, seed)


def test_every_number_is_of_the_run(tmp_path):
    write_network(tmp_path, specialised())
    text = readme(results.load("tiny-imagenet", tmp_path))
    assert "12,345 images of 64 pixels, crops of 56; 10 steps of 128 images" in text
    assert "in 2 epochs, float32, a processor; seed 0." in text
    rows = [line for line in text.splitlines() if "validation, 10 classes" in line]
    cells = [[cell.strip() for cell in row.split("|")[2:6]] for row in rows]
    assert [(row[0], row[1][:6], row[2][:6], row[3]) for row in cells] == [
        ("1", "40.00 ", "20.00 ", "20"),  # 8 and 4 of 20
        ("10", "30.00 ", "15.00 ", "20"),
    ]
    assert "over images, 1 seed" in text


def test_the_first_layer_is_compared_with_its_initial_values(tmp_path):
    write_network(tmp_path, noise(12))  # has learned nothing
    line = readme(results.load("tiny-imagenet", tmp_path)).splitlines()[-1]
    share = line.split("seed 0: ")[1].split(" %")[0]
    assert line.endswith(
        f"half the Nyquist frequency, {share} % at the initial values."
    )
    assert "its 12 kernels" in line


def test_every_seed_has_its_first_layer(tmp_path):
    for seed in (0, 1):
        write_network(tmp_path, specialised(), seed)
    text = readme(results.load("tiny-imagenet", tmp_path))
    assert text.count("First layer, seed") == 2
    assert "seed 0, 1." in text and "over 2 seeds" in text


def test_without_runs(tmp_path):
    assert readme(results.load("tiny-imagenet", tmp_path)) == "Not run."
