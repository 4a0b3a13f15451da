"""The tables of `repro bench` on the page: numbers as in the files, holes for the rest."""

import math
import re

import pandas as pd
import pytest

from analysis.evidence import runs
from analysis.evidence.runs import ReportError
from analysis.topics.speed import benchmarks
from analysis.topics.speed.benchmarks import MEMORY, STEP
from repro.bench import step
from tests.made.training_runs import write_training
from tests.made.verdicts import verdicts

FIRST = "case,ours,peer,ratio,peer_name,unit,device,threads,dtype,batch"
ROW = {"peer": 1, "ratio": 1, "peer_name": "a peer", "unit": "images/s", "threads": 2}
ROW |= {"dtype": "float32", "batch": 64, "side": 224, "repeats": 7, "note": ""}
ROW |= {"hardware": "a machine"}
LATER = ",side,repeats,ratio_low,ratio_high,hardware,commit,note"


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """reports/bench of an empty reports root."""
    monkeypatch.setenv("REPRO_REPORTS", str(tmp_path))
    (tmp_path / "bench" / "quick").mkdir(parents=True)
    return tmp_path / "bench"


def test_without_files_each_is_a_hole_with_its_command(folder):
    (folder / "quick" / "step-cpu.csv").write_text("proves nothing")
    html = benchmarks.tables().html
    commands = re.findall(r"<code>(.+?)</code>", html)
    assert commands == [f"repro bench {name}" for name in benchmarks.MEASURED]
    assert html.count('class="hole"') == 5 and "<table" not in html


def test_a_table_has_ratio_spread_hardware_and_what_was_not_measured(folder):
    (folder / "data-cuda.csv").write_text(
        f"{FIRST}{LATER}\n"
        "crops,12345.6,98.7,125.1,ImageFolder,images/s,cuda,1,uint8,128"
        ",224,5,120.0,130.0,a card,0123456789,\n"
        "crops,,,,other,images/s,cuda,1,uint8,128"
        ",224,,,,a card,0123456789,not measured: no compiler\n"
    )
    html = benchmarks.tables().html
    for shown in ("12,346", "98.7", "125.1 (120.0–130.0)", "not measured: no compiler"):
        assert shown in html
    assert "data-cuda.csv" in html and "On cuda, a card; commit 0123456789" in html
    assert "(rounds: 5)" in html
    assert "repro bench data" not in html and "repro bench step" in html


def test_an_early_table_says_what_it_did_not_record(folder):
    (folder / "step-cpu.csv").write_text(
        f"{FIRST}\nepoch,2228,1671,1.334,bare loop,images/s,cpu,2,float32,128\n"
    )
    html = benchmarks.tables().html
    assert "2,228" in html and ">1.334<" in html
    assert "On cpu, not recorded; commit not recorded" in html
    assert "Pixels" not in html  # a column without a value


def test_a_table_that_lacks_columns_is_told(folder):
    (folder / "pack-cpu.csv").write_text("case,ours\npacking,3\n")
    with pytest.raises(ReportError, match="pack-cpu.csv: columns missing: peer"):
        benchmarks.tables()


def test_the_committed_tables_can_be_read(monkeypatch):
    monkeypatch.delenv("REPRO_REPORTS", raising=False)
    assert "bare loop, channels last" in benchmarks.tables().html


def test_the_parts_of_a_step_have_shares(folder):
    (folder / "profile-cpu.csv").write_text(
        f"{FIRST}{LATER}\n"
        '"conv2, backward",67.8,500.1,0.136,the whole step,ms,cpu,2,bfloat16,64'
        ",224,9,0.130,0.140,a processor,0123456789,\n"
    )
    html = benchmarks.tables().html
    assert ">conv2, backward<" in html and ">67.8<" in html and ">13.6%<" in html
    assert "Medians of 9 steps. On cpu, a processor" in html
    assert "repro bench profile" not in html


def write_table(reports, device, *rows):
    folder = reports / "bench"
    folder.mkdir(exist_ok=True, parents=True)
    table = pd.DataFrame([ROW | {"device": device} | row for row in rows])
    table.to_csv(folder / f"step-{device}.csv", index=False)


def speed(ours, low=None, high=None, **more):
    return {"case": STEP, "ours": ours, "ours_low": low, "ours_high": high} | more


def held(ours, note="allocated", **more):
    about = {"case": MEMORY, "ours": ours, "note": note, "batch": 128, "unit": "MiB"}
    return about | more


def offered(reports):
    return benchmarks.measured(runs.load("tiny-imagenet", reports))


def words(reports, name):
    return verdicts(name, offered(reports)[name])


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
    rows = held(mebibytes), held(9999, dtype="bfloat16")
    write_table(reports, "cuda", *rows)
    (found,) = offered(reports)["X10"]
    assert (found.quantity, found.unit) == ("memory", "GB")
    assert found.value == found.low == mebibytes / 1024
    assert found.high == math.inf
    assert found.stated.startswith(f"at least {mebibytes / 1024:.2f} GB: ")
    assert words(reports, "X10") == [word]


def test_resident_memory_says_nothing_of_a_card(reports):
    write_table(reports, "cpu", held(2048))
    assert offered(reports) == {}


def test_cases_are_those_that_the_bench_writes():
    assert (step.CASE, step.MEMORY_CASE) == (STEP, MEMORY)


def test_other_batches_and_sides_are_other_memory(reports):
    write_table(reports, "cuda", held(100, batch=8), held(100, side=56))
    assert offered(reports) == {}


def test_without_runs_or_tables_nothing_is_offered(reports, tmp_path_factory):
    assert offered(reports) == {}
    empty = tmp_path_factory.mktemp("empty")
    write_table(empty, "cuda", held(3063))
    assert offered(empty) == {}
