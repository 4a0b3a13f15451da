"""Facts of the data sets, as their authors state them."""

from analysis.evidence import data_sets
from analysis.evidence.runs import PROFILES


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


def test_every_profile_has_its_data_set():
    found = {data_sets.of_profile(profile) for profile in PROFILES}
    assert found == {*data_sets.DATA_SETS.values()}


def test_of_an_unknown_folder_nothing_is_known():
    found = data_sets.find("flowers")
    assert (found.name, found.training_images, found.test_images) == ("flowers", 0, 0)
