"""Errors in other light with and without the colour noise, by hand."""

import pytest
from bs4 import BeautifulSoup

from analysis.evidence import runs
from analysis.evidence.disturbed import FILE
from analysis.topics.ablations import light, topic
from repro.export import disturbed as disturbed_images
from tests.made.disturbed import AMOUNTS, write_disturbed
from tests.made.errors import mistakes, write_exported
from tests.made.verdicts import CLAIMS, verdicts

R0, NOPCA = "released-145", "R-nopca"
T1 = 12.706205  # Student's t, 97.5 %, of one degree of freedom
NONE = (0.0,) * 8
# By amount along the three axes, then scaled.
WITHOUT = (0.02, 0.06, 0.01, 0.03, 0.0, 0.0, 0.05, 0.15)  # means 4, 1 and 10 points
WITH = (0.01, 0.03, 0.0, 0.02, 0.0, 0.02, 0.05, 0.15)  # 2, 1 and 10


def load(reports):
    return runs.load("tiny-imagenet", reports)


def write_pairs(reports, *pairs, recipe=NOPCA):
    """One seed for each (without, with): what light adds."""
    for seed, pair in enumerate(pairs):
        for name, added in zip((recipe, R0), pair, strict=True):
            run = write_exported(reports, name, seed, wrong=mistakes(5, 4))
            write_disturbed(run, 0.3 + 0.01 * seed, light=added)


def offered(reports):
    return topic.measured(load(reports)).get("S4.1h", ())


def words(reports):
    return verdicts("S4.1h", offered(reports))


@pytest.fixture
def reports(tmp_path):
    """The second seed gains one point more along every axis."""
    more = tuple(rise + 0.01 for rise in WITHOUT)
    write_pairs(tmp_path, (WITHOUT, WITH), (more, WITH))
    return tmp_path


def test_the_names_are_those_that_export_writes():
    written = {*disturbed_images.AXES, disturbed_images.SCALED}
    assert {name for kind in light.LIGHT.values() for name in kind} == written
    assert written == {*AMOUNTS}
    assert {q.name for q in CLAIMS["S4.1h"].quantities} == {*light.LIGHT}


def test_light_adds_less_with_the_noise_pair_by_pair(reports):
    intensity, colour, scaled = offered(reports)
    assert (intensity.quantity, intensity.unit) == ("intensity", "points")
    assert intensity.value == pytest.approx(2.5)  # 4 - 2 and 5 - 2
    half = T1 * 0.5
    assert (intensity.low, intensity.high) == pytest.approx((2.5 - half, 2.5 + half))
    assert (colour.quantity, colour.value) == ("colour", pytest.approx(0.5))
    assert (scaled.quantity, scaled.value) == ("scaled", pytest.approx(0.5))
    assert (intensity.seeds, intensity.images) == ((2, 2), 20)
    assert len(intensity.runs) == 4


@pytest.mark.parametrize(
    ("pairs", "word"),
    [
        ([(WITHOUT, NONE), (WITHOUT, NONE)], "direction reproduced"),
        ([(NONE, WITHOUT), (NONE, WITHOUT)], "contradicted"),
        ([(WITHOUT, NONE), (NONE, WITHOUT)], "inconclusive"),
        ([(WITHOUT, NONE)], "inconclusive"),
    ],
)
def test_the_direction_decides(tmp_path, pairs, word):
    write_pairs(tmp_path, *pairs)
    assert words(tmp_path) == [word] * 3


def test_the_undisturbed_error_takes_no_part(tmp_path):
    """Another level of both arms' errors changes nothing."""
    write_pairs(tmp_path, (WITHOUT, WITH), (WITHOUT, WITH))
    run = tmp_path / f"tiny-imagenet/runs/{NOPCA}/seed-1"
    write_disturbed(run, 0.5, light=WITHOUT)
    assert offered(tmp_path)[0].value == pytest.approx(2)
    assert offered(tmp_path)[0].low == pytest.approx(2)


def test_the_table_has_the_numbers(reports):
    table = topic.section(load(reports)).table.html
    shown = BeautifulSoup(table, "html.parser").get_text()
    assert "intensity: colour axis 1" in shown and "light scaled" in shown
    assert "+3.50 (" in shown  # six deviations: 6 - 3 and 7 - 3
    assert "6.5 (6.0–7.0)" in shown and "n = 1,000, one view" in shown


def test_a_run_without_the_file_is_named_with_its_command(reports):
    (reports / f"tiny-imagenet/runs/{NOPCA}/seed-1" / FILE).unlink()
    export = f"repro export reports/tiny-imagenet/runs/{NOPCA}/seed-1"
    html = topic.section(load(reports)).table.html
    assert f"no disturbed.csv: <code>{export}</code>" in html
    assert offered(reports) == ()
