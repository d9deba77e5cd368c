"""What is compared: methods with their options, recipes and models, each under a label."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from segmetry import recipe as recipes
from segmetry.errors import RecipeError
from segmetry.evaluate import Task
from segmetry.image import Image
from segmetry.recipe import Recipe
from segmetry.recipe.lines import kept_whole
from segmetry.segment import Maps, Segmenter, segmenter

__all__ = [
    "BASELINE",
    "Everything",
    "Method",
    "baseline",
    "find_methods",
    "learns",
    "parse_method",
    "recipe_of",
]

BASELINE = "baseline"
_NOTHING = "nothing"  # by which pictures are made ready for a map of one value
_OPTION = re.compile(r":(?=\w+=)")  # a colon after a drive's letter parts nothing


@dataclass(frozen=True)
class Everything(Segmenter):
    """All of a picture is one object: what needs no skill where pixels are judged."""

    name: ClassVar[str] = "everything"

    def maps(self, image: Image) -> Maps:
        """Return a map in which all is foreground."""
        data = np.asarray(image.included).astype(np.uint32)
        return Maps(np.ones(image.spatial_shape, np.float32), objects=data)


@dataclass(frozen=True)
class Method:
    """One of the things that are compared.

    Parameters
    ----------
    label : str
        What it is called in tables; no two methods share one.
    recipe : Recipe
        How a picture is made ready, and which segmenter is run.
    is_baseline : bool
        Whether it is what needs no skill, of which nobody asked.
    """

    label: str
    recipe: Recipe
    is_baseline: bool = False

    @property
    def name(self) -> str:
        """Name of the segmenter."""
        name = self.recipe.segmentation.name
        is_everything = self.is_baseline and name == _NOTHING
        return Everything.name if is_everything else name

    @property
    def options(self) -> dict[str, Any]:
        """Options that were said."""
        return dict(self.recipe.segmentation.options)

    def segmenter(self) -> Segmenter:
        """Return the segmenter, not yet taught if it is one that learns.

        Raises
        ------
        RecipeError
            If its name or an option is not known.
        """
        if self.name == Everything.name:
            return Everything()
        found = segmenter(self.name, **self.options)
        return kept_whole(found, self.options) if self.recipe.thin.enabled else found


def learns(kind: Segmenter) -> bool:
    """Return whether a segmenter must first be taught with annotated pictures.

    Parameters
    ----------
    kind : Segmenter
        One that learns has a method `fit`; one with a model has been taught already.

    Examples
    --------
    >>> learns(segmenter("threshold"))
    False
    """
    return hasattr(kind, "fit") and not getattr(kind, "model", "")


def recipe_of(name: str, options: dict[str, Any], *, whole: bool = False) -> Recipe:
    """Return the recipe by which a segmenter is run on the pictures of a set.

    Parameters
    ----------
    name : str
        Of a segmenter, or a file NAME.segmodel.
    options : dict
    whole : bool
        Leave lines in one piece and their meshes open, unless an option says otherwise.

    Returns
    -------
    Recipe
        No scale bar is read: it would take time and change no object.
    """
    return Recipe.model_validate(
        {
            "segmentation": {"name": name, "options": options},
            "calibration": {"scale_bar": False},
            "thin": {"enabled": whole},
        }
    )


def parse_method(text: str, *, whole: bool = False) -> Method:
    """Return the method that a text names.

    Parameters
    ----------
    text : str
        A segmenter or a file NAME.segmodel, with options if any:
        ``threshold:min_area=30:method=li``.
    whole : bool
        See `recipe_of`.

    Returns
    -------
    Method
        Its label is the text.

    Raises
    ------
    RecipeError
        If the segmenter or an option is not known, or an option has no value.

    Examples
    --------
    >>> parse_method("threshold:min_area=30").segmenter().min_area
    30
    """
    name, *parts = _OPTION.split(text.strip())
    options = dict(_option(part, text) for part in parts)
    found = Method(text.strip(), recipe_of(name, options, whole=whole))
    found.segmenter()
    return found


def find_methods(
    names: Iterable[str],
    recipe_files: Sequence[Path] = (),
    *,
    whole: bool = False,
) -> tuple[Method, ...]:
    """Return the methods that a command line names.

    Parameters
    ----------
    names : iterable of str
        Each as in `parse_method`; several may be joined by commas.
    recipe_files : sequence of Path
        Recipes, called by the names of their files.
    whole : bool
        See `recipe_of`. A recipe says itself whether it keeps lines whole.

    Returns
    -------
    tuple of Method

    Raises
    ------
    RecipeError
        If none or one of them is named twice, or a name, an option or a recipe is wrong.

    Examples
    --------
    >>> [one.label for one in find_methods(["auto,local:window=31"])]
    ['auto', 'local:window=31']
    """
    texts = [part for text in names for part in text.split(",") if part.strip()]
    found = [parse_method(text, whole=whole) for text in texts]
    found += [_of_recipe(path) for path in recipe_files]
    if not found:
        msg = (
            "No method is named: say which to compare with --methods, as in "
            "--methods auto,threshold,kmeans, or give recipes with --recipe."
        )
        raise RecipeError(msg)
    labels = [one.label for one in found]
    for label in labels:
        if labels.count(label) > 1:
            msg = f"the method {label} is named twice; name each once"
            raise RecipeError(msg)
        if label == BASELINE:
            msg = f"a method cannot be called {BASELINE}; rename the recipe's file"
            raise RecipeError(msg)
    return tuple(found)


def baseline(task: Task, *, whole: bool = False) -> Method:
    """Return what a method has to beat: it needs no skill, and nobody asked for it.

    Parameters
    ----------
    task : {"objects", "pixels"}
    whole : bool

    Returns
    -------
    Method
        For objects Otsu's threshold; for pixels all of the picture, which of two maps of
        one value has the higher Dice.
    """
    name = "threshold" if task == "objects" else _NOTHING
    recipe = recipe_of(name, {}, whole=whole)
    return Method(BASELINE, recipe, is_baseline=True)


def _option(part: str, text: str) -> tuple[str, str]:
    key, _, value = part.partition("=")
    if not value.strip():
        msg = f"in {text!r} the option {key} has no value; write {key}=VALUE"
        raise RecipeError(msg)
    return key.strip(), value.strip()


def _of_recipe(path: Path) -> Method:
    recipe = recipes.read_recipe(path)
    beside = path.parent.resolve()
    recipe = recipes.with_paths(recipe, lambda name: str(beside / name))
    recipes.check(recipe)
    return Method(path.stem, recipe)
