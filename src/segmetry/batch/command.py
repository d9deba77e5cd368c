"""The command line that repeats a run."""

import shlex
from collections.abc import Sequence

from segmetry.recipe import Recipe

__all__ = ["command_of"]


def command_of(recipe: Recipe, pictures: Sequence[str]) -> str:
    """Return the command that does what a recipe does.

    Parameters
    ----------
    recipe : Recipe
    pictures : sequence of str
        Names of the pictures; more than three are told as `PICTURES`.

    Returns
    -------
    str
        One line for a POSIX shell; only choices that are not at their default are named.

    Examples
    --------
    >>> recipe = Recipe(segmentation={"name": "threshold", "options": {"min_area": 30}})
    >>> command_of(recipe, ["a b.tif"])
    "segmetry run 'a b.tif' --out DIR --segmenter threshold --set min_area=30"
    """
    named = list(pictures) if len(pictures) <= 3 else ["PICTURES"]
    words = ["segmetry", "run", *named, "--out", "DIR"]
    usual = Recipe()
    for option, value, default in _choices(recipe, usual):
        if value != default and value is not None:
            words += [option, str(value)]
    for name, value in recipe.segmentation.options.items():
        words += ["--set", f"{name}={value}"]
    for name in recipe.measurement.perimeters:
        words += ["--perimeter", name]
    if recipe.thin.enabled:
        words.append("--thin")
    if recipe.regions.counting_frames:
        words.append("--counting-frames")
    if not recipe.calibration.scale_bar:
        words.append("--no-scale-bar")
    if _untold(recipe) != _untold(usual):
        words += ["--recipe", "recipe.toml"]  # it alone can say these
    if recipe.sheet is not None:
        words += ["--sheet", str(_last(recipe.sheet.path))]
    return shlex.join(words)


def _last(path: str | None) -> str | None:
    return None if path is None else path.rpartition("/")[2]


def _untold(recipe: Recipe) -> tuple[object, ...]:
    """Return the choices that no option of the command line has."""
    statistics, area = recipe.statistics, recipe.area
    return (
        *(statistics.level, statistics.resamples, area.only, area.exclude),
        recipe.thin.prune,
    )


def _choices(recipe: Recipe, usual: Recipe) -> list[tuple[str, object, object]]:
    calibration, statistics = recipe.calibration, recipe.statistics
    return [
        ("--segmenter", recipe.segmentation.name, usual.segmentation.name),
        ("--pixel-size", calibration.pixel_size, None),
        ("--calibration", calibration.choice, usual.calibration.choice),
        ("--exclude-banner", recipe.banner.exclude, usual.banner.exclude),
        ("--fill-banner", recipe.banner.fill, usual.banner.fill),
        ("--field-of-view", recipe.area.field_of_view, usual.area.field_of_view),
        ("--page", recipe.reading.page, None),
        ("--channel", recipe.reading.channel, None),
        ("--thin-grey", recipe.thin.grey, usual.thin.grey),
        ("--stain", recipe.stains.look_at, usual.stains.look_at),
        ("--slide", recipe.stains.slide, usual.stains.slide),
        ("--stain-vectors", recipe.stains.vectors, usual.stains.vectors),
        ("--regions", _last(recipe.regions.path), None),
        ("--section-thickness", recipe.regions.section_thickness, None),
        ("--object-height", recipe.regions.object_height, None),
        ("--edge-rule", statistics.edge_rule, usual.statistics.edge_rule),
        ("--limit", statistics.limit, usual.statistics.limit),
        ("--bin-width", statistics.bin_width, None),
        ("--target", statistics.target, usual.statistics.target),
        ("--seed", statistics.seed, usual.statistics.seed),
    ]
