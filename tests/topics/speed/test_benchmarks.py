"""The tables of `repro bench` on the page: numbers as in the files, holes for the rest."""

import re

import pytest

from analysis.evidence.runs import ReportError
from analysis.topics.speed import benchmarks

FIRST = "case,ours,peer,ratio,peer_name,unit,device,threads,dtype,batch"
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
