"""The first screen: what it says of runs, questions and claims."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from analysis.claims.measurement import Measured
from analysis.claims.verdicts import Verdict
from analysis.evidence import runs
from analysis.evidence.runs import Runs
from analysis.ledger import rows as all_rows
from analysis.ledger.lines import Line
from analysis.report import overview
from analysis.report.questions import answered
from analysis.report.scale import Scale, drawing, scales
from tests.made.runs import CURVE_TO_5, write_race, write_run


@pytest.fixture
def ledger(monkeypatch):
    """A function that gives the rows of the ledger, with these measurements of some."""
    monkeypatch.setattr(all_rows, "topic_modules", dict)

    def made(**measured):
        found = {row.claim.id: row for row in all_rows.rows(Runs("cifar10", (), ()))}
        for name, each in measured.items():
            claim = name.replace("_", ".")
            line = Line("cifar10", Verdict("direction reproduced", ""), (each,))
            found[claim] = replace(found[claim], lines=(line,))
        return [*found.values()]

    return made


def points(value, low, high, quantity="top-1"):
    return Measured(
        value=value,
        low=low,
        high=high,
        unit="points",
        quantity=quantity,
        stated=f"{value}",
        seeds=(3, 3),
        dataset="CIFAR-10 (of some classes)",
    )


def parsed(html):
    return BeautifulSoup(html.html, "html.parser")


def test_a_square_for_every_claim_and_counts_that_add_up(ledger):
    rows = ledger(S3_2c=points(1.8, 0.4, 3.2))
    html = parsed(overview.whole_paper(rows))
    squares = html.select(".map a.square")
    assert [each["href"] for each in squares] == [f"#claim-{r.claim.id}" for r in rows]
    assert [each["data-verdict"] for each in squares] == [r.verdict for r in rows]
    counts = {b["data-verdict"]: int(b.b.text) for b in html.select(".legend button")}
    assert sum(counts.values()) == len(rows)
    assert counts["direction reproduced"] == 1 and counts["reproduced"] == 0


def test_a_topic_has_the_tally_of_its_claims(ledger):
    rows = ledger(S3_2c=points(1.8, 0.4, 3.2))
    own = [row.verdict for row in rows if row.claim.topic == "ablations"]
    found = BeautifulSoup(overview.tally(rows, "ablations"), "html.parser")
    numbers = [int(each.text.split()[-1]) for each in found.find_all(recursive=False)]
    assert sum(numbers) == len(own) and "same direction 1" in found.text


def test_a_question_has_badge_value_and_interval(ledger):
    html = parsed(overview.questions(ledger(S3_2c=points(1.8, 0.4, 3.2))))
    items = {item.a.text: item for item in html.select(".questions li")}
    assert len(items) == 10
    known = items["Are two GPUs' worth of kernels better than one's?"]
    assert known.a["href"] == "#claim-S3.2c"
    assert "same direction" in known.select_one(".badge").text
    assert "+1.80 points (0.40 to 3.20; CIFAR-10, 3 and 3 runs)" in known.p.text
    assert "The paper: 1.7 points." in known.p.text
    assert known.svg["aria-label"].startswith("+1.80 points")
    unknown = items["Does averaging five networks help?"]
    assert "Not measured yet." in unknown.p.text and unknown.svg is None


def test_drawings_of_one_unit_share_a_scale(ledger):
    """By hand: from −1 to 3 over 174 pixels after 8, so 0 lies at 51.5 and 1 at 95."""
    answers = answered(ledger(S3_2c=points(1, 0.5, 3), S3_3d=points(0, -1, 2)))
    known = scales(answers)
    assert known["points"] == Scale(-1, 3, logarithmic=False)
    assert [known["points"].x(value) for value in (-1, 0, 1, 3, 9)] == [
        *(8, 51.5, 95, 182, 182)
    ]
    drawn = [drawing(answer, known) for answer in answers]
    assert sum(map(bool, drawn)) == 2
    assert 'cx="95.0"' in next(filter(None, drawn))
    ratios = Scale(1, 100, logarithmic=True)
    assert ratios.x(10) == 95


def test_what_ran_is_told_with_what_it_cannot_show(tmp_path):
    write_run(tmp_path, CURVE_TO_5, profile={"name": "smoke"})
    write_race(tmp_path, splits={"train": 50_000})
    found = [runs.load(name, tmp_path) for name in ("cifar10", "smoke")]
    text = overview.read_first(found)
    assert "8 runs on CIFAR-10 (50,000 training images)" in text
    assert "Nothing ran on ImageNet" in text and "1 run" not in text
    write_run(tmp_path, CURVE_TO_5, profile={"name": "imagenet", "dataset": "imagenet"})
    found.append(runs.load("imagenet", tmp_path))
    assert "Nothing ran on ImageNet" not in overview.read_first(found)


def test_runs_are_told_by_profile(tmp_path):
    note = "smoke: proves <the> pipeline"
    hardware = {"processor": "slow", "gpu": "fast", "threads": 1}
    write_run(tmp_path, CURVE_TO_5, profile={"name": "smoke", "note": note})
    write_race(tmp_path, hardware=hardware, splits={"train": 50_000})
    found = [runs.load(name, tmp_path) for name in ("cifar10", "smoke", "imagenet")]
    html = overview.what_was_run(found).html
    assert "8 complete runs, seeds 0, 1, 2<br>figure1-18pct-modern (8)" in html
    assert "fast, float32" in html and "slow" not in html
    assert "1 run, seed 1<br>" in html and "imagenet" not in html
    assert "<small>smoke: proves &lt;the&gt; pipeline</small>" in html
    assert "repro reproduce" in overview.what_was_run([]).html


def test_smoke_says_whether_it_works(tmp_path):
    write_run(
        tmp_path,
        CURVE_TO_5,
        profile={"name": "smoke"},
        started="2026-01-01T00:00:00+00:00",
        ended="2026-01-01T00:01:30+00:00",
    )
    html = parsed(overview.it_works([runs.load("smoke", tmp_path)]))
    assert html.h2.text == "It works"
    assert "1 training run complete" in html.text and "90 seconds" in html.text
    assert html.find("a", href="../index.html")
    write_run(tmp_path, CURVE_TO_5, profile={"name": "smoke"}, seed=2, status="running")
    html = parsed(overview.it_works([runs.load("smoke", tmp_path)]))
    assert html.h2.text != "It works"


def test_the_gallery_has_the_first_drawing_of_each_topic():
    image = '<img alt="a &quot;b&quot;" data-name="{0}" src="data:image/svg+xml;base64,{0}">'
    bodies = {"a": image.format("one") + image.format("two"), "b": "<p>none</p>"}
    html = parsed(overview.gallery(bodies))
    (found,) = html.find_all("img")
    assert found["src"].endswith("one") and found["alt"] == 'a "b"'
    assert (
        "data-name" not in found.attrs
    )  # it is the topic's, which is written as a file
    assert html.a["href"] == "#a"
