"""What the documents say of the runs: the 2012 network, and the README's questions."""

from dataclasses import replace

from analysis.claims.measurement import Measured
from analysis.claims.verdicts import Verdict
from analysis.evidence import runs as results
from analysis.ledger import rows
from analysis.ledger.lines import Line
from analysis.report.results import answers, released
from analysis.report.results import results as table
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
    text = released(results.load("tiny-imagenet", tmp_path))
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
    line = released(results.load("tiny-imagenet", tmp_path)).splitlines()[-1]
    share = line.split("seed 0: ")[1].split(" %")[0]
    assert line.endswith(
        f"half the Nyquist frequency, {share} % at the initial values."
    )
    assert "its 12 kernels" in line


def test_every_seed_has_its_first_layer(tmp_path):
    for seed in (0, 1):
        write_network(tmp_path, specialised(), seed)
    text = released(results.load("tiny-imagenet", tmp_path))
    assert text.count("First layer, seed") == 2
    assert "seed 0, 1." in text and "over 2 seeds" in text


def test_without_runs(tmp_path):
    assert released(results.load("tiny-imagenet", tmp_path)) == "Not run."


def test_every_question_is_answered_from_the_ledger():
    """An answer has the claim's number, interval, data and verdict; or says that none is."""
    empty = rows.rows(results.Runs("cifar10", (), ()))
    lines = answers(empty).splitlines()
    assert len(lines) == 2 + 10
    assert lines[2] == (
        "| Is ReLU six times faster than tanh? | 6 | not measured | not run |"
    )
    known = {row.claim.id: row for row in empty}
    measured = Measured(
        value=7.549,
        low=6.29,
        high=9.05,
        unit="times",
        stated="7.55: tanh over ReLU, a net",
        seeds=(3, 3),
        dataset="CIFAR-10",
    )
    line = Line("cifar10", Verdict("direction reproduced", ""), (measured,))
    known["F1a"] = replace(known["F1a"], lines=(line,))
    assert answers([*known.values()]).splitlines()[2] == (
        "| Is ReLU six times faster than tanh? | 6 | 7.55 times (6.29 to 9.05; tanh over "
        "ReLU, a net; CIFAR-10, 3 and 3 runs) | same direction |"
    )


def test_the_results_have_the_first_condition_whatever_it_says():
    """And the verdicts of the others; no arithmetic, nothing without an interval."""
    known = {row.claim.id: row for row in rows.rows(results.Runs("cifar10", (), ()))}
    found = {"value": 1.5, "unit": "points", "dataset": "CIFAR-10", "seeds": (3, 3)}
    lines = [
        Line("cifar10", Verdict(word, ""), (Measured(**found, stated=name, **limits),))
        for word, name, limits in (
            ("inconclusive", "a | b", {"low": -1, "high": 2}),
            ("direction reproduced", "c", {"low": 1, "high": 2}),
            ("direction reproduced", "d", {"low": 1, "high": 3}),
            ("inconclusive", "without an interval", {}),
        )
    ]
    known["S4.2d"] = replace(known["S4.2d"], lines=tuple(lines))
    count = Measured(value=7, unit="", stated="7", exact=True)
    counted = Line("cifar10", Verdict("exact", ""), (count,))
    known["A4"] = replace(known["A4"], lines=(counted,))
    first, _, head, _, *shown = table([*known.values()]).splitlines()
    assert "reproduced 0, same direction 1, " in first
    assert head.startswith("|  | Claim |")
    (line,) = shown
    assert line.split(" | ")[3:5] == ["a \\| b", "−1.00 to 2.00 points"]
    assert line.endswith("| inconclusive; other conditions: 2 direction reproduced |")
