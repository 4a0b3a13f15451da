"""Changing a recipe by field name: from presets, profiles and the command line."""

import json
from dataclasses import asdict, fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from repro.recipes.recipe import PARTS, Recipe, RecipeError, with_epochs


def field_types() -> dict[str, Any]:
    """Every field that `--set` can change, with its type; names are unique."""
    types: dict[str, Any] = {}
    for part in PARTS.values():
        types.update(get_type_hints(part))
    return types | WHOLE


# Fields of the recipe itself.
WHOLE = {
    "train_share": float,
    "hold_out": bool,
    "classes": tuple[str, ...],
    "pretrained": str,
}
# At these values they are in no record: early records lack them and stay equal.
UNRECORDED = {"classes": (), "pretrained": ""}


def override(recipe: Recipe, changes: dict[str, Any]) -> Recipe:
    """`recipe` with the named fields replaced; raises RecipeError on an unknown one."""
    for name, value in changes.items():
        if name not in field_types():
            raise RecipeError(
                f"unknown field {name!r}; known fields: {', '.join(field_types())}"
            )
        if name in WHOLE:
            recipe = replace(recipe, **{name: value})
            continue
        for part, kind in PARTS.items():
            if name in {field.name for field in fields(kind)}:
                changed = replace(getattr(recipe, part), **{name: value})
                recipe = replace(recipe, **{part: changed})
    return recipe


def with_settings(recipe: Recipe, settings: dict[str, Any]) -> Recipe:
    """`recipe` as `--set` asks for it: `override`, but more or fewer epochs move the
    drops of the rate and the late phase along, unless they are set too."""
    if "epochs" in settings:
        override(recipe, settings)  # a wrong value is told before it is scaled by
        recipe = with_epochs(recipe, settings["epochs"])
    return override(recipe, settings)


def parse_override(text: str) -> tuple[str, Any]:
    """`field=value` as (field, typed value); raises RecipeError saying what is allowed."""
    name, equals, value = text.partition("=")
    if not equals:
        raise RecipeError(f"--set {text!r}: expected field=value")
    if name not in field_types():
        raise RecipeError(
            f"unknown field {name!r}; known fields: {', '.join(field_types())}"
        )
    return name, _typed(name, value, field_types()[name])


def _typed(name: str, text: str, kind: Any) -> Any:
    if get_origin(kind) is Literal:
        if text in get_args(kind):
            return text
        raise RecipeError(f"{name}={text!r}: allowed are {', '.join(get_args(kind))}")
    if kind is bool:
        if text in ("true", "false"):
            return text == "true"
        raise RecipeError(f"{name}={text!r}: allowed are true, false")
    try:
        if get_origin(kind) is tuple:
            item_kind = get_args(kind)[0]
            return tuple(item_kind(item) for item in text.split(",") if item)
        return kind(text)
    except ValueError:
        shown = {int: "a whole number", float: "a number", str: "text"}
        wanted = shown.get(kind, "whole numbers with commas between them")
        raise RecipeError(f"{name}={text!r}: expected {wanted}") from None


def run_name(name: str, changes: dict[str, Any]) -> str:
    """Folder name of a run: the recipe's name and its changed fields, sorted."""
    shown = [f"+{field}={_shown(changes[field])}" for field in sorted(changes)]
    return name + "".join(shown)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def as_dict(recipe: Recipe) -> dict[str, Any]:
    """The recipe as JSON values, without what is UNRECORDED."""
    record = json.loads(json.dumps(asdict(recipe)))  # tuples become lists
    for name, value in UNRECORDED.items():
        if getattr(recipe, name) == value:
            del record[name]
    return record
