"""Facts of the data sets: their names for readers, their sizes, what we test on."""

from dataclasses import dataclass

SMOKE = "smoke"  # the profile that proves the pipeline and nothing else
MADE_UP = "made-up images"  # of a benchmark: the same on every profile


@dataclass(frozen=True)
class DataSet:
    """A whole data set; `test` is what its authors call the images that we test on."""

    name: str  # for readers
    test: str
    classes: int
    training_images: int  # those that are held out for validation included
    test_images: int
    like: str = ""  # the profile that settles the same claims; empty: it has its marks


# By the folder of their packed images, the best evidence first: where several answer
# one question, the first is shown.
SUBSET = "cifar10-subset"
DATA_SETS = {
    "imagenet": DataSet("ILSVRC-2012", "validation", 1000, 1_281_167, 50_000),
    "imagenette": DataSet("Imagenette", "validation", 10, 9_469, 3_925),
    "tiny-imagenet": DataSet("Tiny-ImageNet", "validation", 200, 100_000, 10_000),
    "cifar10": DataSet("CIFAR-10", "test", 10, 50_000, 10_000),
    SUBSET: DataSet("CIFAR-10 subset", "test", 10, 1000, 250),
}
# A profile has the name of its folder, but for the one that proves the pipeline.
PROFILES = tuple(SMOKE if folder == SUBSET else folder for folder in DATA_SETS)


def find(folder: str) -> DataSet:
    """The data set in this folder; of an unknown one, a part of which nothing is known."""
    return DATA_SETS.get(folder, DataSet(folder, "test", 0, 0, 0))


def of_profile(profile: str) -> DataSet:
    """The data set of a profile, of which no image is left out."""
    return DATA_SETS[SUBSET if profile == SMOKE else profile]
