"""The ledger: every claim once, verdicts from what topics offer, tables that hold."""

import json
import math
import runpy
import sys
import types

import nbformat
import pytest
from bs4 import BeautifulSoup

from analysis.claims import claims
from analysis.claims.measurement import Measured
from analysis.claims.verdicts import PLAIN, of_claim
from analysis.evidence import runs as results
from analysis.evidence.runs import ReportError, Runs
from analysis.ledger import in_short, rows, table
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


def test_a_measurement_becomes_a_verdict(offer):
    offer(ablations={"cifar10": {"S3.2c": (points("top-1"), points("top-5"))}})
    found = row("S3.2c")
    assert found.words == ("direction reproduced",)
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


def test_a_topic_tells_what_the_ledger_says(offer, tmp_path):
    """Each claim with its one verdict, under one topic at most, and nothing else."""
    here = {"S4.2d": (points(), points(low=-1)), "A4": (exact(60_965_224),)}
    offer(anything={"cifar10": here})
    known = {row.claim.id: PLAIN[row.verdict] for row in rows.rows(NOTHING)}
    seen = {}
    for topic in {claim.topic for claim in claims.load()} - {""}:
        html = BeautifulSoup(told(topic, "cifar10", tmp_path).html, "html.parser")
        for line in html.select(".told tbody tr"):
            name = line.a["href"].removeprefix("#claim-")
            assert line.a.text == name and name not in seen
            seen[name] = line.select_one(".badge").text[2:]
    assert seen == {c.id: known[c.id] for c in claims.load() if c.topic}
    assert told("plateau", "cifar10", tmp_path).html == ""


def test_what_nothing_measured_is_folded_with_each_command_once(offer, tmp_path):
    offer(ablations={"cifar10": {"S4.2d": (points(),)}})
    html = BeautifulSoup(told("ablations", "cifar10", tmp_path).html, "html.parser")
    (fold,) = html.find_all("details")
    names = {line.a.text for line in html.select(".told tbody tr")}
    folded = {line.a.text for line in fold.select(".told tbody tr")}
    assert names - folded == {"S4.2d"}
    commands = [code.text for code in html.find_all("code")]
    assert commands == [code.text for code in fold.find_all("code")]
    assert len(commands) == len({*commands}) > 5


def test_a_claim_in_short_has_the_numbers_that_decide_it(offer):
    """Of one that depends, a number for each verdict; of the others no other ones."""
    measured = (points(), points(low=-1), points(value=-1.5, low=-2, high=-1))
    offer(ablations={"cifar10": {"S4.2d": measured, "X4": (points(low=-1),)}})
    depends = row("S4.2d")
    assert depends.verdict == "depends"
    found = BeautifulSoup(in_short.in_short(depends), "html.parser").find_all("span")
    assert [each.text for each in found] == [
        "+1.50 points (1.00 to 2.00) CIFAR-10, 3 and 3 runs",
        "+1.50 points (−1.00 to 2.00) CIFAR-10, 3 and 3 runs",
        "and 1 more",
    ]
    assert in_short.deciding(depends) == list(depends.lines)
    offer(ablations={"cifar10": {"S4.2d": measured[:2]}})
    assert [line.verdict.word for line in in_short.deciding(row("S4.2d"))] == [
        "direction reproduced"
    ]


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
    counts = in_short.counts(rows.rows(NOTHING))
    assert sum(counts.values()) == len(claims.load())
    assert counts["direction reproduced"] == 2
    assert counts["reproduced"] == 0  # is said; of the others only what there is
    assert {*counts} == {
        *("reproduced", "direction reproduced", "not run", "not testable here")
    }
    assert [*ledger.RULES] and {*ledger.RULES} == {*PLAIN} == {*in_short.GLYPHS}


def opened(found):
    """The ledger of these rows, parsed."""
    return BeautifulSoup(table.groups(found).html, "html.parser")


def cells(claim):
    """The text of each condition of a claim, by column."""
    return [
        {cell["data-label"]: cell.get_text(" ", strip=True) for cell in line("td")}
        for line in claim.select(".conditions tbody tr")
    ]


def test_the_ledger_has_every_claim_in_nine_groups(offer):
    offer(ablations={"cifar10": {"S3.2c": (points("top-1"), points("top-5"))}})
    found = rows.rows(NOTHING)
    html = opened(found)
    groups = html.select("#claims > details.group")
    assert len(groups) == 9 and not html.find_all("details", open=True)
    claims_ = html.select("details.group > details.claim")
    assert [each["id"] for each in claims_] == [
        f"claim-{row.claim.id}" for row in found
    ]
    assert [each["data-verdict"] for each in claims_] == [row.verdict for row in found]
    first, second = cells(html.find(id="claim-S3.2c"))
    assert first["Verdict"].startswith("↑ same direction The interval lies above 0")
    assert first["Paper"] == "top-1: 1.7 points, logged 1.695 points"
    assert first["Measured"] == (
        "1.50 95 % interval 1.00 to 2.00 points, n = 3 and 3 runs"
    )
    assert first["Data"].startswith("CIFAR-10")
    assert first["Evidence"] == "ablations 1 run, profile cifar10 R-half/seed-0"
    assert second["Paper"].startswith("top-5: 1.2 points")
    assert html.find("a", href="#ablations")


def test_holes_show_the_command_and_the_reported_numbers(offer):
    offer(ablations={"cifar10": {"S3.2c": (points("top-1"),)}})
    _, hole = cells(opened([row("S3.2c")]))
    assert hole["Verdict"] == (
        "· not run repro reproduce --profile cifar10 --experiments released,ablations"
    )
    assert hole["Paper"] == "top-5: 1.2 points, logged 1.230 points"
    assert hole["Measured"] == hole["Evidence"] == "–"


def test_what_topics_say_is_shown_as_text(offer):
    evil = points(stated="<script>alert(1)</script>", protocol="<b>", runs=("<i>",))
    offer(ablations={"cifar10": {"S4.2d": (evil,)}})
    html = table.groups([row("S4.2d")]).html
    assert "<script" not in html and "<i>" not in html and "<b>." not in html
    assert "&lt;script&gt;" in html


def test_the_records_have_the_numbers(offer):
    """What ledger.json says: plain JSON, with null for what is not known."""
    bound = points("top-5", high=math.inf)
    offer(ablations={"cifar10": {"S3.2c": (points("top-1", images=10_000), bound)}})
    known = json.loads(json.dumps(rows.records(rows.rows(NOTHING)), allow_nan=False))
    assert len(known) == len(claims.load())
    (claim,) = [each for each in known if each["claim"] == "S3.2c"]
    assert claim["verdict"] == "direction reproduced"
    first, second = [each["measured"][0] for each in claim["conditions"]]
    assert [first[name] for name in ("paper", "logged", "value", "low", "high")] == [
        *(1.7, 1.695, 1.5, 1.0, 2.0)
    ]
    assert (first["seeds"], first["images"]) == ([3, 3], 10_000)
    assert first["runs"] == ["R-half/seed-0"]
    assert second["high"] is None
    lacking = next(each for each in known if each["claim"] == "S4.2d")["conditions"]
    assert lacking[0]["measured"] == [] and lacking[0]["commands"]


def test_the_choice_of_verdicts_counts_claims(offer):
    here = {"S4.2d": (points(), points(low=-1)), "A4": (exact(60_965_224),)}
    offer(ablations={"cifar10": here})
    html = BeautifulSoup(table.find(rows.rows(NOTHING)).html, "html.parser")
    options = [option.text for option in html.find_all("option")]
    assert options[:4] == [
        *("any", "checks out (1)", "reproduced (0)", "same direction (1)")
    ]
    assert sum(int(text.split("(")[1][:-1]) for text in options[1:]) == len(
        claims.load()
    )


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
    assert "claim-X30" in names["section"].table.html
