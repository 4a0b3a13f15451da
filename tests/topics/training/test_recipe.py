"""What the recorded recipes offer to the ledger."""

import pytest

from analysis.evidence import runs as results
from analysis.topics.training import recipe
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import find_profile, fitted
from repro.recipes.settings import as_dict, parse_override, run_name, with_settings
from repro.runs import folder as folders
from tests.made.training_runs import RATES, write_training
from tests.made.verdicts import verdicts

TINY = {"name": "tiny-imagenet", "dataset": "tiny-imagenet"}
IMAGENET = {"name": "imagenet", "dataset": "imagenet"}
SMOKE = {"name": "smoke", "dataset": "cifar10-subset"}


def write(reports, *settings, name="released-145", profile=TINY, **changes):
    """A complete run of four epochs; `settings` as `--set` takes them."""
    asked = dict(map(parse_override, settings))
    run = write_training(reports, run_name(name, asked), profile=profile, **changes)
    record = folders.read_json(run / "recipe.json")
    trained = with_settings(find_recipe(name), {"epochs": 4} | asked)
    folders.write_json(run / "recipe.json", record | {"recipe": as_dict(trained)})
    return run


def load(reports, profile="tiny-imagenet"):
    return results.load(profile, reports)


def offered(reports, profile="tiny-imagenet"):
    return recipe.measured(load(reports, profile))


def values(reports, claim, profile="tiny-imagenet"):
    found = offered(reports, profile).get(claim, ())
    return [(each.quantity, each.value) for each in found]


def words(reports, profile="tiny-imagenet"):
    """The words of the verdicts on every claim that the recipes decide."""
    return {
        name: verdicts(name, found, profile)
        for name, found in offered(reports, profile).items()
    }


def test_the_settings_of_the_released_run(tmp_path):
    write(tmp_path)
    assert values(tmp_path, "S2.6") == [("", 100)]
    assert values(tmp_path, "S4.2a") == [("probability", 0.5), ("factor at test", 0.5)]
    assert values(tmp_path, "S5.1") == [
        *(("batch", 128), ("momentum", 0.9), ("weight decay", 0.0005))
    ]
    assert values(tmp_path, "S5.4") == [
        ("conv1 and conv2", 0.01),
        ("conv3 to conv5", 0.03),
        ("connected layers", 0.01),
    ]
    assert values(tmp_path, "S5.5") == [("named layers", 1), ("other layers", 0)]
    assert values(tmp_path, "S5.7") == [
        *(("first rate", 0.01), ("drops", 3), ("divisor", 10)),
        ("biases over weights", 2),
    ]
    assert "S5.8" not in offered(tmp_path)


def test_deviations_are_those_at_the_published_widths(tmp_path):
    """The profile's are 0.022, 0.02, 0.06 and 0.02: see tests/test_profiles.py."""
    run = write(tmp_path)
    record = folders.read_json(run / "recipe.json")
    narrow = fitted(find_recipe("released-145"), find_profile("cifar10"))
    folders.write_json(run / "recipe.json", record | {"recipe": as_dict(narrow)})
    assert values(tmp_path, "S5.4") == [
        ("conv1 and conv2", 0.01),
        ("conv3 to conv5", 0.03),
        ("connected layers", 0.01),
    ]


def test_a_value_has_its_words_and_runs(tmp_path):
    for seed in (0, 1):
        write(tmp_path, seed=seed)
    batch, *_ = offered(tmp_path)["S5.1"]
    assert (batch.stated, batch.seeds) == ("batch 128", (2,))
    assert batch.runs == ("released-145/seed-0", "released-145/seed-1")
    assert batch.exact and not batch.needs_data


def test_the_verdicts_that_follow(tmp_path):
    write(tmp_path)
    assert words(tmp_path) == {
        "S2.6": ["exact"],
        "S4.2a": ["exact"] * 2,
        "S5.1": ["exact"] * 3,
        "S5.4": ["exact", "contradicted", "exact"],  # 0.03, as the authors' files
        "S5.5": ["exact"] * 2,
        "S5.7": ["exact"] * 3 + ["contradicted"],  # twice the rate on biases
    }


def test_a_recipe_needs_no_particular_images(tmp_path):
    write(tmp_path, profile=SMOKE)
    assert words(tmp_path, "smoke")["S5.1"] == ["exact"] * 3


@pytest.mark.parametrize(
    ("setting", "silent"),
    [
        ("batch_size=32", {"S5.1"}),
        ("pixels=standardised", {"S2.6"}),
        ("dropout=0.25", {"S4.2a"}),
        ("middle_std=0.01", {"S5.4"}),
        ("positive_bias=0.1", {"S5.5"}),
        ("scheme=torch", {"S5.4", "S5.5"}),
        ("learning_rate=0.02", {"S5.7"}),
        ("width=0.5", {"S5.4"}),  # a profile's width changes them, this does not
    ],
)
def test_a_changed_field_says_nothing_of_its_claims(tmp_path, setting, silent):
    write(tmp_path)
    every = offered(tmp_path).keys()
    other = tmp_path / "other"
    write(other, setting)
    assert offered(other).keys() == every - silent


def test_runs_that_differ_have_a_measurement_each(tmp_path):
    """Not by a setting, but because the preset was another one at the time."""
    write(tmp_path, seed=0)
    run = write(tmp_path, seed=1)
    record = folders.read_json(run / "recipe.json")
    record["recipe"]["optimisation"] |= {"batch_size": 256, "hidden_weight_decay": 0.0}
    record["recipe"]["initial_values"]["biased"] = ["conv2", "conv3"]
    record["recipe"]["augmentation"]["input_scale"] = 0.5
    record["recipe"]["network"]["dropout_kind"] = "inverted"
    folders.write_json(run / "recipe.json", record)
    assert values(tmp_path, "S5.1") == [
        *(("batch", 128), ("momentum", 0.9), ("weight decay", 0.0005)),
        *(("batch", 256), ("weight decay", 0)),
    ]
    runs = {(m.quantity, m.value): m.runs for m in offered(tmp_path)["S5.1"]}
    assert runs["weight decay", 0.0005] == (
        "released-145/seed-0",
        "released-145/seed-1",
    )
    assert runs["batch", 256] == ("released-145/seed-1",)
    assert values(tmp_path, "S5.5")[2:] == [("named layers", 0), ("other layers", 1)]
    assert values(tmp_path, "S2.6") == [("", 50)]
    assert values(tmp_path, "S4.2a")[2:] == [("factor at test", 1)]
    assert words(tmp_path)["S5.1"].count("contradicted") == 2


def test_drops_are_those_that_there_were(tmp_path):
    write(tmp_path, rates=[0.01, 0.01, 0.002, 0.002, 0.0002])
    assert values(tmp_path, "S5.7")[1:4] == [
        ("drops", 2),
        ("divisor", 5),
        ("divisor", 10),
    ]
    assert words(tmp_path)["S5.7"].count("contradicted") == 3


def test_a_run_too_short_for_its_drops_says_nothing_of_them(tmp_path):
    write(tmp_path, "epochs=3", rates=RATES)  # drops after 1, 2 and 3
    assert values(tmp_path, "S5.7") == []
    assert values(tmp_path, "S5.1")


def test_passes_are_counted_on_the_papers_data(tmp_path):
    write(tmp_path, "epochs=93", profile=IMAGENET)
    assert values(tmp_path, "S5.8", "imagenet") == []  # asked for by hand
    splits = {"train": 1_271_167, "val": 10_000}
    run = write(tmp_path, seed=1, profile=IMAGENET, splits=splits)
    record = folders.read_json(run / "recipe.json")
    record["recipe"]["optimisation"]["epochs"] = 93
    folders.write_json(run / "recipe.json", record)
    (measured,) = offered(tmp_path, "imagenet")["S5.8"]
    assert (measured.value, measured.images) == (93, 1_271_167)
    assert measured.dataset == "ILSVRC-2012"
    assert words(tmp_path, "imagenet")["S5.8"] == ["exact"]  # about 90
    manifest = folders.read_json(run / "manifest.json")
    part = manifest | {"splits": {"train": 127_000}}
    folders.write_json(run / "manifest.json", part)
    assert words(tmp_path, "imagenet")["S5.8"] == ["not testable here"]


def test_only_trained_complete_runs_of_the_released_recipe_count(tmp_path):
    write(tmp_path, name="R-bias0")
    write(tmp_path, seed=1, status="running")
    write(tmp_path, seed=2, stop="imported")
    assert offered(tmp_path) == {}
