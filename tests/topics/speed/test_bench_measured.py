"""What a table of step benchmarks offers to the ledger, from made-up rows."""

import math

import pandas as pd
import pytest

from analysis.claims import claims
from analysis.evidence import runs
from analysis.ledger import rows as ledger_rows
from analysis.ledger.lines import lines
from analysis.topics.speed import bench_measured
from repro.bench import step
from tests.made.training_runs import write_training

CLAIMS = {claim.id: claim for claim in claims.load()}
STEP, MEMORY = bench_measured.STEP, bench_measured.MEMORY
ROW = {"peer": 1, "ratio": 1, "peer_name": "a peer", "unit": "images/s", "threads": 2}
ROW |= {"dtype": "float32", "batch": 64, "side": 224, "repeats": 7, "note": ""}
ROW |= {"hardware": "a machine"}


def write_table(reports, device, *rows):
    folder = reports / "bench"
    folder.mkdir(exist_ok=True, parents=True)
    table = pd.DataFrame([ROW | {"device": device} | row for row in rows])
    table.to_csv(folder / f"step-{device}.csv", index=False)


def speed(ours, low=None, high=None, **more):
    return {"case": STEP, "ours": ours, "ours_low": low, "ours_high": high} | more


def memory(ours, note="allocated", **more):
    about = {"case": MEMORY, "ours": ours, "note": note, "batch": 128, "unit": "MiB"}
    return about | more


def offered(reports):
    return bench_measured.measured(runs.load("tiny-imagenet", reports))


def words(reports, name):
    found = lines(CLAIMS[name], offered(reports)[name], "tiny-imagenet")
    return [line.verdict.word for line in found]


@pytest.fixture
def reports(tmp_path):
    write_training(tmp_path)
    return tmp_path


def test_a_gpu_over_a_cpu_at_its_fastest_batch(reports):
    write_table(reports, "cpu", speed(50, 40, 60), speed(90, 80, 99, dtype="bfloat16"))
    fast = speed(6000, 5000, 7000, batch=1024, hardware="a card")
    write_table(reports, "cuda", speed(4000, 1, 9000, batch=128), fast)
    (found,) = offered(reports)["A7"]
    assert (found.value, found.quantity, found.unit) == (120, "GPU", "times")
    assert not found.has_interval  # one machine each
    assert found.stated == (
        "120.0: 6,000 images/s on a card, 2 threads, batches of 1024 over 50 images/s on "
        "a machine, 2 threads, batches of 64"
    )
    assert found.dataset == "made-up images"
    assert words(reports, "A7") == ["inconclusive"]


def test_one_machine_compares_nothing(reports):
    write_table(reports, "cpu", speed(50, 40, 60))
    assert offered(reports) == {}


@pytest.mark.parametrize(
    ("mebibytes", "word"),
    [(2048, "inconclusive"), (3072, "inconclusive"), (4096, "contradicted")],
)
def test_what_is_allocated_is_a_lower_bound(reports, mebibytes, word):
    rows = memory(mebibytes), memory(9999, dtype="bfloat16")
    write_table(reports, "cuda", *rows)
    (found,) = offered(reports)["X10"]
    assert (found.quantity, found.unit) == ("memory", "GB")
    assert found.value == found.low == mebibytes / 1024
    assert found.high == math.inf
    assert found.stated.startswith(f"at least {mebibytes / 1024:.2f} GB: ")
    assert words(reports, "X10") == [word]


def test_resident_memory_says_nothing_of_a_card(reports):
    write_table(reports, "cpu", memory(2048))
    assert offered(reports) == {}


def test_cases_are_those_that_the_bench_writes():
    assert (step.CASE, step.MEMORY_CASE) == (STEP, MEMORY)


def test_other_batches_and_sides_are_other_memory(reports):
    write_table(reports, "cuda", memory(100, batch=8), memory(100, side=56))
    assert offered(reports) == {}


def test_two_profiles_say_it_once(reports, monkeypatch):
    write_table(reports, "cuda", memory(3063))
    cifar = {"name": "cifar10", "dataset": "cifar10", "side": 32}
    write_training(reports, profile=cifar)
    monkeypatch.setattr(
        ledger_rows, "TOPICS", {"a": "analysis.topics.speed.bench_measured"}
    )
    both = [runs.load(name, reports) for name in ("tiny-imagenet", "cifar10")]
    (row,) = [row for row in ledger_rows.rows(both) if row.claim.id == "X10"]
    assert [len(line.measured) for line in row.lines] == [1, 0]  # and a hole: top-1


def test_without_runs_or_tables_nothing_is_offered(reports, tmp_path_factory):
    assert offered(reports) == {}
    empty = tmp_path_factory.mktemp("empty")
    write_table(empty, "cuda", memory(3063))
    assert offered(empty) == {}
