"""The checks in the ledger: read as they were written, verdicts by the usual rules."""

import pandas as pd
import pytest

from analysis.evidence.runs import ReportError, Runs
from analysis.ledger import checks, topic
from analysis.ledger import rows as ledger_rows
from analysis.ledger.checks import read_checks, shown_number

NOTHING = Runs("cifar10", (), ())
ROW = {
    "claim": "S5.2",
    "quantity": "",
    "measured": 2e-15,
    "expected": 0,
    "tolerance": 1e-5,
    "unit": "",
    "n": 1138,
    "counted": "weights",
    "compared": "ours, with <theirs>",
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A function that puts other rows in the place of the committed file."""
    path = tmp_path / "checks.csv"

    def written(*rows):
        pd.DataFrame(rows).to_csv(path, index=False)
        return path

    monkeypatch.setattr(checks, "read_checks", lambda: read_checks(path))
    return written


@pytest.fixture
def row(monkeypatch):
    """A function for the ledger's row of a claim, from the checks alone."""
    modules = {"checks": "analysis.ledger.checks"}
    monkeypatch.setattr(ledger_rows, "topic_modules", lambda: modules)

    def of(claim):
        rows = ledger_rows.rows((NOTHING, Runs("smoke", (), ())))
        (found,) = [each for each in rows if each.claim.id == claim]
        return found

    return of


def test_the_committed_checks_decide_their_claims(row):
    words = {
        claim: [line.verdict.word for line in row(claim).lines]
        for claim in ("S2.4", "S2.5", "S3.3a", "S3.3b", "S3.3f", "S3.5a", "S4.1d")
    }
    words |= {claim: [*row(claim).words] for claim in ("S4.1f", "S5.2", "X7", "X24")}
    assert words.pop("S3.3b") == ["exact", "contradicted", "exact"]  # alpha
    assert set(map(tuple, words.values())) == {("exact",)}


def test_a_number_of_a_claim_that_runs_decide(row):
    lines = row("S4.2a").lines
    assert [line.verdict.word for line in lines] == ["exact", "not run"]
    assert lines[1].unmeasured[0].name == "probability"


def test_a_check_says_what_was_compared(write, row):
    write(ROW)
    (line,) = row("S5.2").lines
    (measured,) = line.measured
    assert (measured.value, measured.stated) == (2e-15, "2e−15")
    assert measured.protocol == "1,138 weights: ours, with <theirs>"
    assert measured.exact and not measured.needs_data
    assert row("S5.2").topics == ("checks",)


def test_code_that_deviates_contradicts(write, row):
    write(ROW | {"measured": 0.0003})
    assert row("S5.2").words == ("contradicted",)


def test_without_the_file_the_command_is_named(write, row):
    (line,) = row("S5.2").lines
    assert line.verdict.word == "not run"
    assert line.verdict.commands == ("repro write checks",)
    assert 'class="hole" id="checks"' in topic.section(NOTHING).table.html


def test_the_section_shows_the_checks_where_the_evidence_links(write):
    write(ROW)
    html = topic.section(NOTHING).table.html
    assert '<a href="#checks">checks</a>' in html
    shown = html[html.index('<div id="checks">') :]
    assert "1 checks" not in shown and "1 check of formulas" in shown
    assert "reports/checks.csv, written by repro write checks" in shown
    assert "ours, with &lt;theirs&gt;" in shown and "<theirs>" not in shown
    assert 'download="checks.csv"' in shown


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda rows: rows.drop(columns="n"),
            r"checks\.csv: no column n; run repro write checks",
        ),
        (lambda rows: rows.assign(measured="much"), r"checks\.csv: not readable"),
        (lambda rows: rows.assign(measured=""), r"checks\.csv: not readable"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path, change, message):
    path = tmp_path / "checks.csv"
    change(pd.DataFrame([ROW])).to_csv(path, index=False)
    with pytest.raises(ReportError, match=message):
        read_checks(path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (6.3e-16, "6e−16"),
        (2e-05, "0.00002"),
        (1.10279543, "1.103"),
        (256, "256"),
        (0.75, "0.75"),
    ],
)
def test_numbers_as_shown(value, text):
    assert shown_number(value) == text
