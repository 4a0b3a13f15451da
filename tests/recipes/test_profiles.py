"""Profiles: what they fit, and names."""

from dataclasses import replace

import pytest

from repro.networks.build import meta_network
from repro.networks.counts import count_layers
from repro.recipes.presets import CIFAR_18PCT, RECIPES
from repro.recipes.profiles import (
    CIFAR10,
    PROFILES,
    SMOKE,
    ProfileError,
    Stem,
    configured,
    find_profile,
    fitted,
)
from repro.recipes.recipe import Recipe, crop_size, with_epochs


def test_unknown_profile_names_the_known_ones():
    with pytest.raises(ProfileError, match="known: smoke, cifar10"):
        find_profile("mnist")


def test_the_authors_cifar_nets_are_left_alone():
    assert fitted(CIFAR_18PCT, CIFAR10) is CIFAR_18PCT


def test_the_2012_network_on_cifar10():
    recipe = fitted(Recipe(), CIFAR10)
    side = crop_size(recipe.augmentation, 32)
    network = meta_network(recipe, classes=10, side=side)
    assert network.conv1.weight.shape == (24, 3, 5, 5)  # a quarter of 96
    assert network.fc8.weight.shape == (10, 1024)
    there, here = Recipe().initial_values, recipe.initial_values
    for name, fan_in, narrow in (
        ("stem_std", 3 * 11**2, 3 * 5**2),
        ("std", 48 * 5**2, 12 * 5**2),  # conv2
        ("middle_std", 192 * 3**2, 48 * 3**2),  # conv5
        ("hidden_std", 4096, 1024),  # fc7
        ("output_std", 4096, 1024),
    ):
        wanted = getattr(there, name) ** 2 * fan_in
        assert getattr(here, name) ** 2 * narrow == pytest.approx(wanted)
    assert recipe.optimisation == with_epochs(Recipe(), 15).optimisation


def test_a_profile_of_full_width_keeps_the_initial_values():
    recipe = fitted(Recipe(), find_profile("tiny-imagenet"))
    assert recipe.initial_values == Recipe().initial_values


def test_epochs_scale_with_the_profile_and_keep_proportions():
    small = type(CIFAR10)(**(vars(CIFAR10) | {"epochs": 31}))
    assert fitted(Recipe(), small).optimisation.drop_epochs == (8, 17, 26)
    assert fitted(RECIPES["R-long"], small).optimisation.epochs == 62
    assert fitted(RECIPES["caffe"], small).optimisation.epochs == 30
    assert fitted(RECIPES["plateau"], small).optimisation.epochs == 12  # no schedule


STEPS = ("batch_size", "learning_rate", "epochs", "drop_epochs", "late_epochs")


def steps(recipe):
    return tuple(getattr(recipe.optimisation, name) for name in STEPS)


def test_the_smallest_profile_has_a_training_of_its_own():
    r0 = fitted(Recipe(), SMOKE)
    assert steps(r0) == (16, 0.005, 24, (19, 22), ())
    assert replace(r0.optimisation, **dict(zip(STEPS, steps(Recipe())))) == (
        Recipe().optimisation  # and nothing else
    )
    assert steps(fitted(RECIPES["R-long"], SMOKE)) == (16, 0.005, 48, (38, 44), ())
    source, pair = RECIPES["transfer-source"], RECIPES["transfer-scratch"]
    assert steps(fitted(source, SMOKE)) == steps(r0)
    assert steps(fitted(pair, SMOKE)) == (16, 0.005, 120, (95, 110), ())


def test_recipes_keep_what_they_change_of_r0s_training():
    caffe = fitted(RECIPES["caffe"], SMOKE)  # drops after 20, 40, 60, 80 of 90
    assert steps(caffe) == (256, 0.005, 23, (5, 11, 15, 20), ())
    constant = fitted(RECIPES["plateau"], SMOKE)
    assert steps(constant) == steps(RECIPES["plateau"])


def test_set_fields_take_the_place_of_the_profiles_training():
    twice = configured(Recipe(), SMOKE, {"epochs": 48, "batch_size": 32})
    assert steps(twice) == (32, 0.005, 48, (38, 44), ())


def test_set_epochs_take_the_place_of_the_profiles():
    whole = configured(Recipe(), CIFAR10, {"epochs": 93}).optimisation
    assert (whole.epochs, whole.drop_epochs) == (93, (23, 51, 78))
    assert configured(Recipe(), CIFAR10, {}) == fitted(Recipe(), CIFAR10)
    wide = configured(Recipe(), CIFAR10, {"width": 0.5})
    assert (wide.network.width, wide.optimisation.epochs) == (0.5, 15)


def test_an_ablation_of_the_width_multiplies():
    assert fitted(RECIPES["R-wide-2"], CIFAR10).network.width == 0.5
    assert fitted(Recipe(), CIFAR10).network.width == 0.25


def test_an_ablation_of_the_width_keeps_the_size_of_the_signal():
    narrow, wide = (
        fitted(RECIPES[name], CIFAR10).initial_values
        for name in ("R-wide-0.5", "released-145")
    )
    for name in ("std", "middle_std", "hidden_std", "output_std"):
        assert getattr(narrow, name) == pytest.approx(2**0.5 * getattr(wide, name))
    assert narrow.stem_std == wide.stem_std  # its inputs are colours in both
    whole = fitted(RECIPES["R-wide-0.5"], find_profile("imagenet")).initial_values
    assert whole.hidden_std == pytest.approx(0.01 * 2**0.5)


def test_fewer_images_are_seen_as_often_as_all():
    whole = fitted(Recipe(), CIFAR10).optimisation
    for share in (0.5, 0.25):
        part = fitted(RECIPES[f"R-frac-{share}"], CIFAR10)
        assert part.optimisation.epochs * share == whole.epochs
        assert part.train_share == share
    half = fitted(RECIPES["R-frac-0.5"], CIFAR10).optimisation
    assert half.drop_epochs == (7, 16, 25)  # 23, 51 and 78 of 93


def test_a_warm_up_keeps_its_share_of_the_epochs():
    cosine = RECIPES["R-cos"]
    assert cosine.optimisation.warmup_epochs == 5
    assert fitted(cosine, CIFAR10).optimisation.warmup_epochs == 1
    assert with_epochs(cosine, 186).optimisation.warmup_epochs == 10
    assert with_epochs(Recipe(), 15).optimisation.warmup_epochs == 5  # it has none


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_profile_names_recipes_that_exist(profile):
    plan = profile.activations
    for name in (*plan.conditions, *plan.further_conditions):
        assert name in RECIPES
    assert isinstance(profile.stem, Stem) == (profile.side < 256)
    assert profile.cost


@pytest.mark.parametrize(("name", "size"), [("tiny-imagenet", 28), ("imagenet", 55)])
def test_the_2012_network_fits_every_profile(name, size):
    profile = PROFILES[name]
    recipe = fitted(Recipe(), profile)
    side = crop_size(recipe.augmentation, profile.side)
    layers = {layer.name: layer for layer in count_layers(recipe, classes=9, side=side)}
    assert layers["conv1"].shape == (96, size, size)
