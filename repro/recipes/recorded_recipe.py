"""A recipe read back from recipe.json: the strict inverse of `overrides.as_dict`."""

from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from repro.recipes.recipe import PARTS, Recipe, RecipeError
from repro.recipes.settings import UNRECORDED, WHOLE


def from_dict(record: Any) -> Recipe:
    """The recipe that `overrides.as_dict` turned into `record`.

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
