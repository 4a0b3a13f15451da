"""The ledger: every claim once, verdicts from what topics offer, tables that hold."""

import math
import re
import runpy
import sys
import types
from html.parser import HTMLParser

import nbformat
import pytest

from analysis.claims import claims
from analysis.claims.measurement import Measured
from analysis.claims.verdicts import of_claim
from analysis.evidence import runs as results
from analysis.evidence.runs import ReportError, Runs
from analysis.ledger import rows, table
from analysis.ledger import topic as ledger
from analysis.ledger.told import told
from analysis.report import notebooks
from tests.made.runs import write_race

NOTHING = Runs("cifar10", (), ())


def points(quantity="", low=1.0, high=2.0, **changes):
    known = {"value": 1.5, "low": low, "high": high, "unit": "points"}
    known |= {"quantity": quantity, "stated": "1.50", "dataset": "CIFAR-10"}
    return Measured(**known | {"seeds": (3, 3), "runs": ("R-half/seed-0",)} | changes)


def exact(value, quantity="", unit=""):
    return Measured(
        value=value, unit=unit, quantity=quantity, stated=f"{value:,}", exact=True
    )


@pytest.fixture
def offer(monkeypatch):
    """A function that makes topics offer what it is given, by topic and profile."""

    def offered(**topics):
        for topic, by_profile in topics.items():
            module = types.ModuleType(f"pretended_{topic}")
            module.__spec__ = types.SimpleNamespace(name=module.__name__)
            module.measured = lambda runs, known=by_profile: known.get(runs.profile, {})
            monkeypatch.setitem(sys.modules, module.__name__, module)
        modules = {topic: f"pretended_{topic}" for topic in topics}
        monkeypatch.setattr(rows, "topic_modules", lambda: modules)

    offered()
    return offered


def row(name, evidence=NOTHING):
    (found,) = [each for each in rows.rows(evidence) if each.claim.id == name]
    return found


def words(found):
    """Of each line."""
    return [line.verdict.word for line in found.lines]


def test_every_claim_is_a_row_without_any_runs(offer):
    found = rows.rows(NOTHING)
    assert [row.claim for row in found] == list(claims.load())
    assert {row.words for row in found} == {("not run",), ("not testable here",)}
    assert not any(row.decided for row in found)


def test_a_measurement_becomes_a_verdict(offer):
    offer(ablations={"cifar10": {"S3.2c": (points("top-1"), points("top-5"))}})
    found = row("S3.2c")
    assert found.words == ("direction reproduced",) and found.decided
    assert found.topics == ("ablations",)
    assert len(found.lines) == 2


def test_conditions_that_disagree_have_several_verdicts(offer):
    other = points(low=-1)
    offer(a={"cifar10": {"S4.2d": (points(),)}}, b={"cifar10": {"S4.2d": (other,)}})
    found = row("S4.2d")
    assert words(found) == ["direction reproduced", "inconclusive"]
    assert found.words == ("direction reproduced", "inconclusive")
    assert found.topics == ("a", "b")


def test_a_topic_that_offers_no_measurement_of_a_claim(offer):
    offer(training={"cifar10": {"S3.1b": ()}})
    assert words(row("S3.1b")) == ["not run"]
    assert row("S3.1b").topics == ()


def test_a_number_that_nothing_measured_is_a_hole_of_its_own(offer):
    offer(ablations={"cifar10": {"S1.3": (points("conv3"),)}})
    found = row("S1.3")
    assert words(found)[0] == "direction reproduced"
    holes = [line.unmeasured[0].name for line in found.lines[1:]]
    assert holes == ["conv2", "conv4", "conv5"]
    assert "R-noc4" in found.lines[2].verdict.commands[0]


def test_exact_numbers_that_agree_are_one_line(offer):
    printed = (253_440, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000)
    names = [*(f"conv{i}" for i in range(1, 6)), "fc6", "fc7", "fc8"]
    given = [exact(value, name) for value, name in zip(printed, names, strict=True)]
    offer(architecture={"cifar10": {"F2a": tuple(given)}})
    assert row("F2a").lines[0].verdict.reason == "All 8 numbers agree."
    given[0] = exact(290_400, "conv1")
    offer(architecture={"cifar10": {"F2a": tuple(reversed(given))}})
    found = row("F2a")
    assert words(found) == ["paper inconsistent", "exact"]  # in the order of the claim
    assert found.lines[1].verdict.reason == "All 7 numbers agree."


def evidence(*profiles):
    return tuple(Runs(profile, (), ()) for profile in profiles)


def test_each_profile_has_its_lines_and_smoke_none_beside_others(offer):
    there = points(dataset="Tiny-ImageNet")
    smoke = points(dataset="CIFAR-10 subset")
    by_profile = {
        "tiny-imagenet": {"S4.2d": (there,)},
        "cifar10": {"S4.2d": (points(low=-1),)},
        "smoke": {"S4.2d": (smoke,), "S5.3": (smoke,)},
    }
    offer(training=by_profile)
    every = evidence("tiny-imagenet", "cifar10", "smoke")
    found = row("S4.2d", every)
    assert [line.profile for line in found.lines] == ["tiny-imagenet", "cifar10"]
    assert words(row("S5.3", every)) == ["not run"]


def test_arithmetic_is_said_once_for_all_profiles(offer):
    count = {"A4": (exact(60_965_224),)}
    offer(architecture={"cifar10": count, "smoke": count, "imagenet": count})
    found = row("A4", evidence("imagenet", "cifar10", "smoke"))
    assert words(found) == ["exact"]
    assert len(found.lines[0].measured) == 1


def test_holes_over_all_profiles_name_one_that_settles_the_claim(offer):
    every = evidence("imagenet", "cifar10", "smoke")
    (line,) = row("A2", every).lines
    assert "--profile tiny-imagenet" in line.verdict.commands[0]
    (line,) = row("A2", evidence("cifar10")[0]).lines
    assert line.verdict.reason == "On CIFAR-10 it would prove the pipeline only."


def test_what_is_no_claim_is_refused(offer):
    offer(ablations={"cifar10": {"S9.9": (points(),)}})
    with pytest.raises(ReportError, match="topic ablations measures 'S9.9': no such"):
        rows.rows(NOTHING)


def test_an_unknown_number_of_a_claim_is_refused(offer):
    offer(ablations={"cifar10": {"S3.2c": (points("top-2"),)}})
    with pytest.raises(ReportError, match=r"S3\.2c: unknown quantity 'top-2'"):
        rows.rows(NOTHING)


def test_a_topic_may_measure_nothing(monkeypatch):
    silent = {"silent": "analysis.display.style"}
    monkeypatch.setattr(rows, "topic_modules", lambda: silent)
    assert rows.offered_by_topics(NOTHING) == {}


def test_a_topic_that_fails_is_not_swallowed(offer, monkeypatch):
    offer(broken={})
    monkeypatch.setattr(sys.modules["pretended_broken"], "measured", lambda runs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rows.rows(NOTHING)


def test_every_topic_with_a_notebook_is_asked():
    books = {path.stem[3:] for path in notebooks.FOLDER.glob("[0-9][0-9]_*.ipynb")}
    assert {*rows.topic_modules()} == books - {"ledger"} | {"checks"}


def test_a_topic_tells_what_the_ledger_says(offer, tmp_path, monkeypatch):
    """Each claim with its verdicts, under one topic at most, and nothing else."""
    here = {"S4.2d": (points(), points(low=-1)), "A4": (exact(60_965_224),)}
    offer(anything={"cifar10": here})
    known = {row.claim.id: row.words for row in rows.rows(NOTHING)}
    seen = []
    for topic in {claim.topic for claim in claims.load()} - {""}:
        bodies = told(topic, "cifar10", tmp_path).html.split("<tbody>")[1:]
        for body in bodies:
            (name,) = re.findall(r'href="#claim-([^"]+)"', body)
            shown = re.findall(r'label="Verdict"[^>]*><b>([^<]+)</b>', body)
            assert (*dict.fromkeys(shown),) == known[name]
            seen.append(name)
    assert sorted(seen) == sorted(c.id for c in claims.load() if c.topic)
    assert told("plateau", "cifar10", tmp_path).html == ""


@pytest.mark.parametrize(
    ("conditions", "verdict"),
    [
        (["not run", "not testable here"], "not run"),
        (["not testable here"], "not testable here"),
        (["inconclusive", "not run"], "inconclusive"),
        (["direction reproduced", "inconclusive", "not run"], "direction reproduced"),
        (["reproduced", "exact"], "reproduced"),
        (["reproduced", "direction reproduced"], "direction reproduced"),
        (["exact", "direction reproduced"], "direction reproduced"),
        (["exact", "paper inconsistent"], "paper inconsistent"),
        (["exact", "contradicted"], "paper inconsistent"),
        (["contradicted", "inconclusive"], "contradicted"),
        (["contradicted", "direction reproduced", "not run"], "depends"),
    ],
)
def test_a_claim_has_one_verdict(conditions, verdict):
    assert of_claim(conditions) == verdict


def test_counts_add_up_to_all_claims(offer):
    disagree = (points(), points(low=-1))
    offer(ablations={"cifar10": {"S4.2d": disagree, "X4": (points(),)}})
    counts = ledger.counts(rows.rows(NOTHING)).set_index("Verdict")
    notes = sum(claim.kind == "note" for claim in claims.load())
    paper = len(claims.load()) - notes
    assert counts.loc["all"].tolist() == [paper, notes]
    assert counts.iloc[:-1].sum().tolist() == [paper + 1, notes]  # S4.2d has two
    assert counts.loc["inconclusive"].tolist() == [1, 0]
    assert counts.loc["direction reproduced"].tolist() == [1, 1]
    assert list(counts.index) == [*ledger.RULES, "all"]


def test_the_summary_counts_what_is_decided(offer):
    offer(ablations={"cifar10": {"S4.2d": (points(),), "X4": (points(),)}})
    text = ledger.summary(rows.rows(NOTHING), "smoke: nothing real")
    assert text.startswith("Smoke: nothing real.")
    assert f"Of {len(claims.load())} claims 2 have a verdict" in text


class Cells(HTMLParser):
    """Rows of cells of a table, and whether its tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.stack, self.rows, self.ids = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
        self.ids += [value for key, value in attributes if key == "id"]
        if tag != "br":
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if {"th", "td"} & set(self.stack):
            self.rows[-1][-1] += data


def parsed(found):
    cells = Cells()
    cells.feed(table.claims_table(found).html)
    assert cells.stack == []
    return cells


def test_the_tables_have_every_claim_and_every_column(offer):
    offer(ablations={"cifar10": {"S3.2c": (points("top-1"), points("top-5"))}})
    found = rows.rows(NOTHING)
    cells = parsed(found)
    assert cells.ids == ["claims", *(f"claim-{row.claim.id}" for row in found)]
    heads = [row for row in cells.rows if row[0] == "Claim"]
    assert len(heads) == 1
    parts = [row[0] for row in cells.rows if len(row) == 1]
    assert len(parts) == 9 and parts[0] == "Abstract and introduction: 16 claims"
    widths = {len(row) for row in cells.rows} - {1}
    assert widths == {6, 5}  # the second line of a claim shares its first cell
    (first,) = [row for row in cells.rows if row[0].startswith("S3.2c ")]
    assert "Two GPUs do better than one" in first[0]
    assert first[1] == (
        "direction reproducedThe interval lies above 0 points; measured on CIFAR-10, "
        "the paper's data: ILSVRC-2010 test, ten views."
    )
    assert first[2] == "top-1: 1.7 points, logged 1.695 points"
    assert first[3] == "1.5095 % interval 1.00 to 2.00 points, n = 3 and 3 runs"
    assert first[4].startswith("CIFAR-10")
    assert first[5] == "ablations 1 run, profile cifar10R-half/seed-0"


def test_rows_link_to_their_topic_and_name_their_verdicts(offer):
    offer(ablations={"cifar10": {"S4.2d": (points(), points(low=-1))}})
    html = table.claims_table([row("S4.2d")]).html
    assert '<a href="#ablations">ablations</a>' in html
    assert 'data-verdicts="direction reproduced,inconclusive"' in html
    assert 'data-images="CIFAR-10"' in html
    # by verdict, measured value and runs; the paper gives no number
    assert re.findall(r'label="(\w+)" data-sort="(\S+)"', html) == [
        *(("Verdict", "2"), ("Measured", "1.5"), ("Evidence", "1")),
        *(("Verdict", "3"), ("Measured", "1.5"), ("Evidence", "1")),
    ]
    assert 'rowspan="2"' in html
    assert 'class="scroll" role="region" tabindex="0"' in html


def test_holes_show_the_command_and_the_reported_numbers(offer):
    cells = parsed([row("S3.2c")])
    _, _, hole = cells.rows  # after the heads of the table and of its part
    assert hole[1] == (
        "not runrepro reproduce --profile cifar10 --experiments released,ablations"
    )
    assert "top-5: 1.2 points, logged 1.230 points" in hole[2]
    assert hole[3] == hole[5] == "–"


def test_what_topics_say_is_shown_as_text(offer):
    evil = points(stated="<script>alert(1)</script>", protocol="<b>", runs=("<i>",))
    offer(ablations={"cifar10": {"S4.2d": (evil,)}})
    html = table.claims_table([row("S4.2d")]).html
    assert "<script" not in html and "<i>" not in html
    assert "&lt;script&gt;" in html


def test_the_frame_has_the_numbers(offer):
    offer(ablations={"cifar10": {"S3.2c": (points("top-1", images=10_000),)}})
    frame = rows.frame(rows.rows(NOTHING))
    known = frame[frame["claim"] == "S3.2c"]
    assert known["quantity"].tolist()[0] == "top-1"
    first = known.iloc[0]
    assert first[["paper", "logged", "measured", "low", "high"]].tolist() == [
        *(1.7, 1.695, 1.5, 1.0, 2.0)
    ]
    assert (first["seeds"], first["images"]) == ("3 3", 10_000)
    assert math.isnan(known.iloc[1]["measured"])
    assert known.iloc[1]["verdict"] == "not run"


def test_the_filter_counts_what_it_chooses(offer):
    """A claim once for each of its verdicts and data sets."""
    here = {"S4.2d": (points(), points(low=-1)), "A4": (exact(60_965_224),)}
    there = {"S4.2d": (points(dataset="Tiny-ImageNet"),)}
    offer(ablations={"cifar10": here, "tiny-imagenet": there})
    found = rows.rows(evidence("tiny-imagenet", "cifar10"))
    assert table.images(found[0]) == ""
    html = table.controls(found).html
    others = [row.words for row in found if row.claim.id not in here]
    not_run, untestable = (
        others.count((word,)) for word in ("not run", "not testable here")
    )
    assert not_run + untestable == len(others)
    assert re.findall(r"<option [^>]*>([^<]+)<", html) == [
        *("any", "exact (1)", "direction reproduced (1)", "inconclusive (1)"),
        *(f"not run ({not_run})", f"not testable here ({untestable})"),
        *("any", "no images: arithmetic (1)", "Tiny-ImageNet (1)", "CIFAR-10 (1)"),
    ]


def test_the_section_has_counts_first_and_the_slips_last(offer):
    section = ledger.section(NOTHING)
    html = section.table.html
    order = [
        "Claims by verdict",
        "What the verdicts mean",
        "claim-A1",
        f"claim-{claims.load()[-1].id}",
    ]
    order += ["33 slips"]
    places = [html.index(text) for text in order]
    assert places == sorted(places)
    assert ledger.section(NOTHING) == section


def test_from_real_run_folders(tmp_path, monkeypatch):
    topics = {"activations": "analysis.topics.activations.topic"}
    monkeypatch.setattr(rows, "topic_modules", lambda: topics)
    write_race(tmp_path)
    found = row("F1a", rows.load("cifar10", tmp_path))
    assert found.words == ("direction reproduced",)
    assert found.lines[0].verdict.reason == (
        "The interval lies above 1; the paper's 6 lies outside it."
    )
    over_all = row("F1a", rows.load("all", tmp_path))
    assert over_all.lines == found.lines


def test_the_note_of_a_profile_comes_first(tmp_path, offer):
    write_race(tmp_path, profile={"name": "smoke", "note": "smoke: proves nothing"})
    section = ledger.section(rows.load("smoke", tmp_path))
    assert "<p>Smoke: proves nothing." in section.table.html


def test_all_profiles_or_one(tmp_path):
    loaded = rows.load("all", tmp_path)
    assert [runs.profile for runs in loaded] == list(results.PROFILES)
    with pytest.raises(ReportError, match="unknown profile 'mnist'"):
        rows.load("mnist", tmp_path)


def test_the_notebook_runs_on_what_the_module_offers(tmp_path, monkeypatch):
    """Its code cells, one after another."""
    monkeypatch.setenv("REPRO_REPORTS", str(tmp_path))
    notebook = nbformat.read(notebooks.find("ledger"), as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    script = tmp_path / "script.py"
    script.write_text("\n".join(code))
    names = runpy.run_path(str(script))
    assert "claim-A1" in names["section"].table.html
