"""The list of claims: complete, well formed, and each command one that exists."""

import shlex

import pytest

from analysis.claims import claims
from analysis.claims.measurement import number
from analysis.evidence import data_sets
from analysis.evidence.runs import ReportError
from repro import cli
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import PROFILES
from repro.recipes.settings import parse_override, with_settings
from repro.runs.folder import ROOT

SMALLEST = """
[[group]]
title = "A group"

[[group.claim]]
id = "S1"
section = "1"
kind = "ablation"
statement = "It is so."
test = "difference"
direction = "greater"
unit = "points"
testable_on = ["s", "~", "~", "~?", "="]
"""


@pytest.fixture(scope="module")
def known():
    return {claim.id: claim for claim in claims.load()}


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "some.toml"
        path.write_text(text)
        return path

    return write


def test_the_claims_of_later_notes_are_numbered_and_come_last(known):
    notes = [name for name, claim in known.items() if claim.kind == "note"]
    assert notes == [f"X{number + 1}" for number in range(len(notes))]
    assert [*known][-len(notes) :] == notes
    assert all(known[name].section.startswith("notes ") for name in notes)


def test_a_topic_of_a_claim_has_its_notebook(known):
    topics = {claim.topic for claim in known.values()} - {""}
    assert topics <= {path.stem[3:] for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_statements_are_sentences_and_none_is_said_twice(known):
    statements = [claim.statement for claim in known.values()]
    assert len(set(statements)) == len(statements)
    for claim in known.values():
        assert claim.statement[0].isupper() or claim.statement.startswith("|")
        assert claim.statement[-1] in ".?" and len(claim.statement) < 160, claim.id
        assert bool(claim.measure) or claim.test in claims.UNDECIDED, claim.id


def test_logged_numbers_follow_from_the_run_notes(known):
    """Errors in per cent as the comments in the released files have them."""
    released, validation = (37.4727, 16.9987), (40.6640, 18.2100)
    others = {
        "S3.2c": ((39.1680, 18.2287), released),  # 145-half
        "S3.3d": ((42.0340, 19.3620), validation),  # 148
        "S3.4a": ((41.0580, 18.5100), validation),  # 147
        "S4.1e": ((39.0247, 18.2953), released),  # centre patch
        "S6.3": (validation, (38.9900, 16.6220)),  # 146-2012-2011
        "A3": ((45.7, 25.7), released),
    }
    for name, (worse, better) in others.items():
        for quantity, *errors in zip(("top-1", "top-5"), worse, better, strict=True):
            found = known[name].quantity(quantity)
            assert found.logged == pytest.approx(errors[0] - errors[1], abs=6e-4), name
            assert found.paper == pytest.approx(found.logged, abs=0.06), (
                name
            )  # differences of rounded errors
    exchange = known["S3.2f"]
    assert exchange.quantity("no exchange, top-1").logged == pytest.approx(
        41.828 - 40.664
    )
    assert exchange.quantity("no exchange, top-5").logged == pytest.approx(
        19.33 - 18.21
    )


def test_what_the_papers_other_numbers_imply(known):
    implied = {
        name: quantity.implied
        for name, claim in known.items()
        for quantity in claim.quantities
        if quantity.implied is not None
    }
    share = 100 * (384 * 3 * 3 * 256 + 384) / 60_965_224
    crops = 33 * 33 * 2
    assert implied == {"S1.2": share, "F2a": 55 * 55 * 96, "S4.1b": crops, "X2": crops}
    assert sum(q.implied or q.paper for q in known["F2a"].quantities) == 659_272


def test_no_effect_is_0_of_differences_and_1_of_ratios(known):
    assert known["S3.2c"].quantity("top-1").no_effect == 0
    assert known["F1a"].quantity("").no_effect == 1
    assert known["F1c"].quantity("").no_effect == 2
    assert known["A1"].quantity("").no_effect is None


def test_printed_digits_are_kept(known):
    assert number(known["A2"].quantity("").paper, "%") == "17.0 %"
    assert number(known["S3.2c"].quantity("top-5").logged) == "1.230"
    assert number(known["A4"].quantity("").paper) == "60,000,000"


def test_every_command_is_one_that_exists(known):
    commands = {
        quantity.command.format(profile=profile)
        for claim in known.values()
        for profile, mark in claim.testable_on.items()
        for quantity in claim.quantities
        if quantity.command
        and (mark == "=" or (mark in ("~", "~?") and profile != "smoke"))
    }
    assert len(commands) > 50
    parser = cli.parser()
    for command in sorted({one for each in commands for one in each.split(" && ")}):
        program, *arguments = shlex.split(command)
        if program == "repro":
            _parses(parser.parse_args(arguments))
        else:
            assert arguments[0] == "-m", command
            assert _exists(*arguments[1:]), command


def _parses(options):
    """Raise, as the command would, where a profile, recipe or field is unknown."""
    profile = PROFILES[options.profile] if "profile" in options else None
    if options.command == "train":
        changes = dict(map(parse_override, options.set))
        with_settings(find_recipe(options.recipe), changes)
    if options.command == "reproduce":
        asked = options.experiments.split(",")
        assert set(asked) <= {*profile.experiments, *profile.on_request}


def _exists(module, *arguments):
    if module == "pytest":
        return all((ROOT / argument).is_file() for argument in arguments)
    return (ROOT / module.replace(".", "/")).with_suffix(".py").is_file()


def test_a_claim_that_nothing_decides_says_why(known):
    for claim in known.values():
        undecided = claim.test in ("quote", "none")
        assert bool(claim.why) == (
            undecided or set(claim.testable_on.values()) == {"-"}
        )


def test_the_smallest_claim(written):
    (claim,) = claims.load(written(SMALLEST))
    assert claim.group == "A group"
    assert claim.testable_on["imagenette"] == "~?"
    (quantity,) = claim.quantities
    assert (quantity.name, quantity.direction) == ("", "greater")
    assert (quantity.no_effect, quantity.paper) == (0, None)


def test_a_data_set_takes_the_marks_of_the_one_that_it_is_like(written, monkeypatch):
    flowers = data_sets.DataSet("Flowers-102", "test", 102, 2040, 6149, "imagenette")
    monkeypatch.setitem(data_sets.DATA_SETS, "flowers", flowers)
    (claim,) = claims.load(written(SMALLEST))
    assert claim.testable_on["flowers"] == "~?"


def test_marks_and_data_sets_fit(known):
    marked = {
        name for name in data_sets.PROFILES if not data_sets.of_profile(name).like
    }
    assert marked == {*claims.COLUMNS}
    for claim in known.values():
        assert claim.testable_on.keys() == {*data_sets.PROFILES}


def test_numbers_share_what_they_do_not_say_themselves(written):
    numbers = 'numbers = [{ name = "a", paper = 2 }, { name = "b", unit = "%" }]'
    (claim,) = claims.load(written(SMALLEST + numbers))
    assert [quantity.unit for quantity in claim.quantities] == ["points", "%"]
    assert claim.quantity("a").paper == 2
    with pytest.raises(ReportError, match="S1: unknown quantity 'c'; known: 'a', 'b'"):
        claim.quantity("c")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("section =", "sektion =", "S1.sektion: Extra inputs"),
        ('section = "1"', "", "S1.section: Field required"),
        ('section = "1"', "section = 1", "S1.section: .* valid string, not 1"),
        ('"It is so."', '""', "S1.statement: .* at least 1 character"),
        ('"ablation"', '"hunch"', "S1.kind: Input should be .*not 'hunch'"),
        ('"greater"', '"more"', "direction: .*'greater' or 'less', not 'more'"),
        ('"points"', "3", "unit: Input should be .*not 3"),
        ('"~?"', '"?"', "S1.testable_on.imagenette: .*not '\\?'"),
        ('"~?", ', "", "testable_on has 4 marks, not 5"),
        ('direction = "greater"', "", "an effect has a `direction` or"),
        ("unit", "margin = 1\nunit", "an effect has a `direction` or"),
        ("unit", "no_effect = true\nunit", "no_effect: .*expected a number, not True"),
        ('"difference"', '"permutation"', "an effect is claimed, but there is no"),
        ('"difference"', '"count"', "a value is claimed, but there is no `paper`"),
        ('"difference"', '"quote"', "`why` is for what nothing here decides"),
        ("unit", 'why = "so"\nunit', "`why` is for what nothing here decides"),
        ("unit", "numbers = []\nunit", "S1.quantities: .* at least 1 item"),
        ("unit", "numbers = [{ papre = 1 }]\nunit", "papre: Extra inputs"),
        ("unit", 'numbers = [{ paper = "1" }]\nunit', "paper: .*expected a number"),
        ("unit", "numbers = [{}, {}]\nunit", "two numbers have the same name"),
        ("[[group.claim]]", "[[group.claims]]", "claims: Extra inputs"),
        ("[[group.claim]]", "[group.claim]", "claim: Input should be a valid list"),
        ("[[group]]", "x = 1\n[[group]]", "has x, group, not group"),
        ('title = "A group"', "", "title: Field required"),
        ("[[group]]", "[[group", "not readable"),
        (SMALLEST, "", "has nothing, not group"),
    ],
)
def test_a_malformed_claim_is_named_with_what_is_wrong(written, old, new, message):
    assert old in SMALLEST
    with pytest.raises(ReportError, match=message):
        claims.load(written(SMALLEST.replace(old, new, 1)))


def test_a_claim_that_stands_there_twice(written):
    again = SMALLEST[SMALLEST.index("[[group.claim]]") :]
    with pytest.raises(ReportError, match="S1 stands there twice"):
        claims.load(written(SMALLEST + again))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ReportError, match=r"absent\.toml: not readable"):
        claims.load(tmp_path / "absent.toml")


def test_slips_in_the_notes():
    errors = claims.load_note_errors()
    assert len(errors) == 33
    assert {notes for error in errors for notes in error.notes.split(", ")} == {
        *("000", "001", "002", "003", "004")
    }
    assert all(error.says != error.correct for error in errors)


def test_a_malformed_slip_is_named(written):
    with pytest.raises(ReportError, match="correct: Field required"):
        claims.load_note_errors(written('[[error]]\nnotes = "000"\nsays = "a"'))
