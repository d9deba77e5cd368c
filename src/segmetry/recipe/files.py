"""Reading and writing recipes as TOML."""

import difflib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from segmetry.errors import RecipeError
from segmetry.recipe.model import RECIPE_FORMAT, Recipe
from segmetry.recipe.view import AUTO, NONE

__all__ = [
    "changed",
    "read_recipe",
    "read_recipe_text",
    "recipe_text",
    "with_paths",
]


def read_recipe(path: Path | str) -> Recipe:
    """Read a recipe from a TOML file.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Recipe
        Paths of its inputs are as written: relative to the recipe's folder.

    Raises
    ------
    RecipeError
        If the file is missing, is no TOML, or has a key or value that is not known.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        msg = f"Cannot read the recipe {path.name}: {error.strerror or error}."
        raise RecipeError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path.name} is not a recipe: expected a TOML file, got {error}."
        raise RecipeError(msg) from error
    return read_recipe_text(text, name=path.name)


def read_recipe_text(text: str, *, name: str = "The text") -> Recipe:
    """Read a recipe from TOML.

    Parameters
    ----------
    text : str
    name : str
        What to call it in messages.

    Returns
    -------
    Recipe

    Raises
    ------
    RecipeError
        If it is no TOML, or has a key or value that is not known.

    Examples
    --------
    >>> read_recipe_text(recipe_text(Recipe())) == Recipe()
    True
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} is not a recipe: expected a TOML file, got {error}."
        raise RecipeError(msg) from error
    version = values.get("format", RECIPE_FORMAT)
    if version != RECIPE_FORMAT:
        msg = (
            f"{name} has recipe format {version}; this version reads format "
            f"{RECIPE_FORMAT}. Install a newer Segmetry, or write the recipe anew."
        )
        raise RecipeError(msg)
    try:
        return _validated(values)
    except RecipeError as error:
        msg = f"{name}: {error}"
        raise RecipeError(msg) from error


def changed(recipe: Recipe, changes: Mapping[str, Mapping[str, Any]]) -> Recipe:
    """Return a recipe with some of its values changed.

    Parameters
    ----------
    recipe : Recipe
    changes : mapping
        Parts and their new values; a value of `None` changes nothing. Another segmenter
        starts from its own defaults, not from the options of the one before.

    Raises
    ------
    RecipeError
        If a name or value is not known.

    Examples
    --------
    >>> changed(Recipe(), {"banner": {"exclude": "none", "fill": None}}).banner.exclude
    'none'
    """
    values = recipe.model_dump()
    for part, new in changes.items():
        given = {name: value for name, value in new.items() if value is not None}
        if part == "segmentation" and given.get("name") in (None, values[part]["name"]):
            given["options"] = {**values[part]["options"], **given.get("options", {})}
        elif part == "segmentation":
            given.setdefault("options", {})
        values[part] = {**values[part], **given}
    return _validated(values)


def with_paths(recipe: Recipe, place: Callable[[str], str]) -> Recipe:
    """Return a recipe whose model file, field-of-view masks and regions have other paths.

    Parameters
    ----------
    recipe : Recipe
    place : callable
        From the path as it is to the one wanted. Not called where no file is named.

    Returns
    -------
    Recipe

    Examples
    --------
    >>> recipe = Recipe(segmentation={"name": "b/cells.segmodel"})
    >>> with_paths(recipe, lambda path: f"a/{path}").segmentation.name
    'a/b/cells.segmodel'
    """
    part = recipe.segmentation

    def moved(value: Any) -> Any:
        is_file = isinstance(value, str) and value.endswith(".segmodel")
        return place(value) if is_file else value

    options = {key: moved(value) for key, value in part.options.items()}
    part = part.model_copy(update={"name": moved(part.name), "options": options})
    regions, area = recipe.regions, recipe.area
    if regions.path is not None:
        regions = regions.model_copy(update={"path": place(regions.path)})
    if area.field_of_view not in {AUTO, NONE}:
        moved_to = place(area.field_of_view)
        area = area.model_copy(update={"field_of_view": moved_to})
    changes = {"segmentation": part, "area": area, "regions": regions}
    return recipe.model_copy(update=changes)


def recipe_text(recipe: Recipe) -> str:
    """Return a recipe as TOML, with every choice written out.

    Examples
    --------
    >>> print(recipe_text(Recipe()).splitlines()[0])
    format = 1
    """
    return tomli_w.dumps(recipe.model_dump(exclude_none=True, mode="json"))


def _validated(values: dict[str, Any]) -> Recipe:
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        raise RecipeError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        got = first["input"]
        return f"{where} is wrong: {first['msg'].lower()}, got {got!r}."
    known = _keys_beside(first["loc"])
    close = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}."
    return f"{where} is not known. {hint}"


def _keys_beside(location: tuple[int | str, ...]) -> list[str]:
    values: Any = Recipe().model_dump()
    for part in location[:-1]:
        values = values.get(part, {}) if isinstance(values, dict) else {}
    return list(values) if isinstance(values, dict) else []
