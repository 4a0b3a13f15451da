"""Facts of the data sets, as their authors state them."""

from analysis.evidence import data_sets
from repro.recipes.profiles import PROFILES


def test_whole_sets_have_the_sizes_of_their_authors():
    """Classes and images of the splits that are tested on, from their own pages."""
    known = data_sets.DATA_SETS
    assert {name: (one.classes, one.test_images) for name, one in known.items()} == {
        "imagenet": (1000, 50_000),
        "imagenette": (10, 3925),
        "tiny-imagenet": (200, 10_000),
        "cifar10": (10, 10_000),
        "cifar10-subset": (10, 250),
    }


def test_the_profiles_are_those_that_are_trained_on_the_same_data():
    assert {*data_sets.PROFILES} == {*PROFILES}
    for name, profile in PROFILES.items():
        assert data_sets.of_profile(name) == data_sets.DATA_SETS[profile.dataset]


def test_of_an_unknown_folder_nothing_is_known():
    found = data_sets.find("flowers")
    assert (found.name, found.training_images, found.test_images) == ("flowers", 0, 0)
