"""Some classes of a packed data set: a recipe's `classes`."""

from dataclasses import replace

import numpy as np

from repro.data.packs import Pack
from repro.recipes.recipe import Recipe, RecipeError


def of_classes(pack: Pack, classes: tuple[str, ...]) -> Pack:
    """Return the pack with these classes alone, labelled by position; () means all.

    Images of other classes keep their rows and get the label -1, so that an index is
    always a row of the whole pack. Mean image and colours stay those of the whole set:
    networks trained on different classes of it see pixels on one scale. Raises
    RecipeError, which names a class that is not there.
    """
    if classes in ((), pack.classes):
        return pack
    if unknown := [name for name in classes if name not in pack.classes]:
        raise RecipeError(
            f"classes: {pack.manifest['dataset']} has no {', '.join(unknown)}; its "
            f"classes: {', '.join(pack.classes)}"
        )
    label = np.full(len(pack.classes) + 1, -1)  # the last: of an image left out before
    label[[pack.classes.index(name) for name in classes]] = np.arange(len(classes))
    manifest = pack.manifest | {"classes": list(classes)}
    return replace(pack, labels=label[pack.labels], manifest=manifest)


def outputs(recipe: Recipe, pack: Pack, profile_classes: int) -> int:
    """Return how many outputs a network has: one a class, or the profile's if more."""
    return (
        len(pack.classes) if recipe.classes else max(len(pack.classes), profile_classes)
    )
