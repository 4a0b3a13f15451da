"""A recipe by the names of its fields: changed, as text, written to JSON and read back."""

import json
from dataclasses import asdict, fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from repro.recipes.recipe import PARTS, WHOLE, Recipe, RecipeError, with_epochs


def field_types() -> dict[str, Any]:
    """Every field that `--set` can change, with its type; names are unique."""
    types: dict[str, Any] = {}
    for part in PARTS.values():
        types.update(get_type_hints(part))
    return types | WHOLE


# At these values they are in no record: early records lack them and stay equal.
UNRECORDED = {"classes": (), "pretrained": ""}


def _need_known(name: str) -> None:
    if name not in field_types():
        raise RecipeError(
            f"unknown field {name!r}; known fields: {', '.join(field_types())}"
        )


def override(recipe: Recipe, changes: dict[str, Any]) -> Recipe:
    """`recipe` with the named fields replaced; raises RecipeError on an unknown one."""
    for name, value in changes.items():
        _need_known(name)
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
    _need_known(name)
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


def from_dict(record: Any) -> Recipe:
    """The recipe that `as_dict` turned into `record`.

    Raises RecipeError naming a field that is unknown, missing or of the wrong kind: no
    default stands in for what was not recorded, but where it is UNRECORDED.
    """
    record = _same_keys(record, {*PARTS, *WHOLE}, "recipe")
    parts = {name: _part(kind, record[name], name) for name, kind in PARTS.items()}
    whole = {
        name: _value(name, record[name], kind)
        for name, kind in WHOLE.items()
        if name in record
    }
    return Recipe(**parts, **whole)


def _part(kind: type, record: Any, name: str) -> Any:
    record = _same_keys(record, {field.name for field in fields(kind)}, name)
    types = get_type_hints(kind)
    return kind(**{key: _value(key, record[key], types[key]) for key in record})


def _same_keys(record: Any, wanted: set[str], owner: str) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise RecipeError(f"recorded {owner}: {record!r} is not a table of fields")
    if unknown := record.keys() - wanted:
        raise RecipeError(f"recorded {owner}: unknown {', '.join(sorted(unknown))}")
    if missing := wanted - record.keys() - UNRECORDED.keys():
        raise RecipeError(f"recorded {owner}: missing {', '.join(sorted(missing))}")
    return record


def _value(name: str, value: Any, kind: Any) -> Any:
    if get_origin(kind) is tuple:
        if isinstance(value, list):
            item_kind = get_args(kind)[0]
            return tuple(_value(name, item, item_kind) for item in value)
    elif get_origin(kind) is Literal:
        if value in get_args(kind):
            return value
    elif kind is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif type(value) is kind:  # True is no whole number here
        return value
    raise RecipeError(f"recorded {name}={value!r}: not a value it can take")
