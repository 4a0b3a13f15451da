"""Which line a claim gets: by what was measured, on which data, and what is lacking."""

import pytest

from analysis.claims import claims
from analysis.claims.measurement import Measured
from analysis.evidence.runs import ReportError
from analysis.ledger.lines import best_profile, hole, lines

KNOWN = {claim.id: claim for claim in claims.load()}
R_HALF = "repro reproduce --profile {} --experiments released,ablations"


def points(quantity, low, high, *, dataset="CIFAR-10"):
    return Measured(
        value=(low + high) / 2,
        low=low,
        high=high,
        unit="points",
        quantity=quantity,
        stated=f"{(low + high) / 2:g}",
        seeds=(3, 3),
        dataset=dataset,
    )


def whole_hole(name, profile):
    return hole(KNOWN[name], KNOWN[name].quantities, profile).verdict


def test_each_measurement_has_its_line():
    found = lines(
        KNOWN["S3.2c"],
        [points("top-1", 1, 2), points("top-5", -1, 1)],
        "cifar10",
    )
    words = [line.verdict.word for line in found]
    assert words == ["direction reproduced", "inconclusive"]
    assert [line.measured[0].quantity for line in found] == ["top-1", "top-5"]


def test_the_papers_own_data_compare_the_value():
    measured = [points("top-1", 1, 2, dataset="ILSVRC-2012")]
    (line,) = lines(KNOWN["S3.2c"], measured, "imagenet")
    assert line.verdict.word == "reproduced"


def test_smoke_decides_nothing():
    measured = [points("top-1", 1, 2, dataset="CIFAR-10 subset")]
    (line,) = lines(KNOWN["S3.2c"], measured, "smoke")
    assert line.verdict.word == "not run"
    assert line.verdict.reason == "smoke: pipeline only."
    assert line.verdict.commands == (R_HALF.format("cifar10"),)


def test_smoke_decides_nothing_even_where_it_could_measure():
    """Column T of S4.1a is a direction; a smoke run is still no evidence."""
    measured = Measured(
        value=1.0,
        low=0.99,
        high=1.01,
        unit="times",
        stated="1.00",
        dataset="CIFAR-10 subset",
    )
    (line,) = lines(KNOWN["S4.1a"], [measured], "smoke")
    assert line.verdict.word == "not run"


def test_arithmetic_is_as_good_on_smoke():
    measured = Measured(value=60_965_224, unit="", stated="60,965,224", exact=True)
    (line,) = lines(KNOWN["A4"], [measured], "smoke")
    assert line.verdict.word == "exact"


def test_images_that_prove_the_pipeline_only():
    measured = Measured(
        value=20, low=19, high=21, unit="%", stated="20", dataset="CIFAR-10"
    )
    (line,) = lines(KNOWN["A1"], [measured], "cifar10")
    assert line.verdict.word == "not run"
    assert line.verdict.reason == "On CIFAR-10 it would prove the pipeline only."
    assert "--profile imagenet" in line.verdict.commands[0]


def test_data_that_cannot_decide():
    measured = points("top-1", 0, 1, dataset="Imagenette")
    (line,) = lines(KNOWN["S6.1"], [measured], "imagenette")
    assert line.verdict.word == "not testable here"
    assert line.verdict.reason == "Imagenette cannot decide it."


def test_what_nothing_decides_still_shows_what_was_measured():
    measured = Measured(
        value=9, unit="days", stated="9", quantity="longest", dataset="CIFAR-10"
    )
    (line,) = lines(KNOWN["S1.4"], [measured], "cifar10")
    assert line.verdict.word == "not testable here"
    assert line.verdict.reason == KNOWN["S1.4"].why
    assert line.measured == (measured,)


def test_an_order_has_one_line():
    names = [quantity.name for quantity in KNOWN["S3.0"].quantities]
    measured = [points(name, 1, 2) for name in names]
    (line,) = lines(KNOWN["S3.0"], measured, "cifar10")
    assert line.verdict.word == "direction reproduced"
    assert len(line.measured) == 3
    (line,) = lines(KNOWN["S3.0"], measured, "smoke")
    assert line.verdict.word == "not run"


def test_a_measurement_in_other_units_is_refused():
    wrong = Measured(value=1, unit="%", stated="1", quantity="top-1", dataset="x")
    with pytest.raises(
        ReportError, match="S3.2c: measured in '%', claimed in 'points'"
    ):
        lines(KNOWN["S3.2c"], [wrong], "cifar10")


def test_a_measurement_of_another_number_is_refused():
    with pytest.raises(ReportError, match=r"S3\.2c: unknown quantity 'top-2'"):
        lines(KNOWN["S3.2c"], [points("top-2", 1, 2)], "cifar10")


def test_no_measurement_is_no_line():
    assert lines(KNOWN["S3.2c"], [], "cifar10") == ()


def test_a_hole_names_its_command():
    verdict = whole_hole("S3.2c", "tiny-imagenet")
    assert (verdict.word, verdict.reason) == ("not run", "")
    assert verdict.commands == (R_HALF.format("tiny-imagenet"),)


def test_a_hole_of_several_runs_names_them_all():
    commands = whole_hole("S1.3", "cifar10").commands
    what = [command.split()[5] for command in commands]
    assert what == ["R-noc2", "released,ablations", "R-noc4", "R-noc5"]


def test_a_hole_on_smoke_names_a_profile_that_can_settle_it():
    verdict = whole_hole("S3.2c", "smoke")
    assert verdict.reason == "smoke: pipeline only."
    assert verdict.commands == (R_HALF.format("cifar10"),)


def test_arithmetic_that_was_not_counted_is_no_matter_of_smoke():
    verdict = whole_hole("A4", "smoke")
    assert (verdict.word, verdict.reason) == ("not run", "")
    assert verdict.commands == ("repro write architectures",)


def test_a_hole_where_the_data_cannot_decide_says_which_can():
    verdict = whole_hole("F1a", "imagenet")
    assert verdict.word == "not testable here"
    assert verdict.reason == (
        "Not on profile imagenet; cifar10 can settle the reported value itself."
    )


def test_a_hole_that_no_command_fills():
    verdict = whole_hole("S7.3", "cifar10")
    assert verdict.word == "not run"
    assert verdict.commands == ()
    assert verdict.reason == "No command of this toolkit runs it yet."


def test_a_hole_that_nothing_can_fill():
    verdict = whole_hole("T1-1", "imagenet")
    assert verdict.word == "not testable here"
    assert verdict.reason == "The work of others, quoted."


def test_every_claim_has_a_hole_on_every_profile():
    for claim in KNOWN.values():
        for profile in claim.testable_on:
            verdict = whole_hole(claim.id, profile)
            assert verdict.word in ("not run", "not testable here")
            assert verdict.reason or verdict.commands


def test_the_best_profile_is_the_smallest_that_settles_something():
    assert best_profile(KNOWN["S3.2c"]) == "cifar10"
    assert best_profile(KNOWN["A2"]) == "tiny-imagenet"
    assert best_profile(KNOWN["T2-2a"]) == "imagenet"
    assert best_profile(KNOWN["X30"]) == "smoke"
