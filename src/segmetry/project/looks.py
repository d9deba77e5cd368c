"""What a look at a picture tells before anything is run on it.

The work is a function of a file and a recipe alone, so that a process of its own can do it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry import io
from segmetry.calibrate import Calibration, ScaleBar, kind_of, parse_pixel_size, weigh
from segmetry.errors import CalibrationConflictError, SegmetryError
from segmetry.image import Image, PixelSize
from segmetry.io.channels import channel_names, one_channel
from segmetry.project.identifiers import called
from segmetry.recipe import Ready, Recipe, changed, make_ready
from segmetry.report import draw_thumbnail
from segmetry.report.contrast import color_range, grey_range

__all__ = ["Look", "look_at", "pixel_size_facts", "pixel_size_of", "recalibrated"]


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen of a picture.

    Parameters
    ----------
    facts : dict
        JSON values: `width_px`, `height_px`, `n_slices`, `is_color`, `low` and `high`
        (values to show as black and white), `channels` (each with `name`, `low` and `high`;
        none where there is but one), `pixel_size`, `candidates`, `note`, `bar`,
        `banner_rows`, `excluded_px`, `error` (a sentence, or empty) and `conflict` (whether
        the sources of the pixel size disagree, so that a person must choose). What could
        not be found out is absent.
    thumbnail : ndarray of uint8, shape (Y, X, 3), or None
        `None` where the file cannot be read.
    """

    facts: Mapping[str, Any]
    thumbnail: NDArray[np.uint8] | None

    @property
    def status(self) -> str:
        """Whether the picture can be run: "ready" or "failed"."""
        return "failed" if self.facts["error"] else "ready"


def look_at(path: Path, recipe: Recipe, *, name: str | None = None) -> Look:
    """Look at a picture as a recipe would take it: size, contrast, pixel size, banner.

    Parameters
    ----------
    path : Path
    recipe : Recipe
    name : str or None
        What people call the picture; `None` takes the file's name.

    Returns
    -------
    Look
        A picture that cannot be read gives one too: its `error` says why.
    """
    try:
        with called(path, name or path.name):
            image = io.read(path, page=recipe.reading.page)
            channel = recipe.reading.channel
            used = image if channel is None else one_channel(image, channel)
    except SegmetryError as error:
        return Look({"error": str(error), "conflict": False}, None)
    facts = _facts_of_image(image) | {"error": "", "conflict": False}
    try:
        if image.axes.startswith("Z"):
            facts |= _facts_of_volume(recipe, image)
        else:
            facts |= _facts_of_ready(_ready_if_undisputed(recipe, used, facts))
    except SegmetryError as error:
        facts["error"] = str(error)
    return Look(facts, draw_thumbnail(image))


def _ready_if_undisputed(recipe: Recipe, image: Image, facts: dict[str, Any]) -> Ready:
    """Settle a picture; where sources disagree, note it and go on with one of them."""
    try:
        return make_ready(recipe, image)
    except CalibrationConflictError as error:
        facts |= {"error": str(error), "conflict": True}
    choice = "typed" if recipe.calibration.pixel_size else "bar"
    return make_ready(changed(recipe, {"calibration": {"choice": choice}}), image)


def _facts_of_image(image: Image) -> dict[str, Any]:
    height, width = image.spatial_shape[-2:]
    is_stack = image.axes.startswith("Z")
    is_color = image.axes.endswith("C") and image.pixels.shape[-1] == 3
    return {
        "width_px": width,
        "height_px": height,
        "n_slices": image.pixels.shape[0] if is_stack else 1,
        "is_color": is_color,
        "channels": [
            {"name": name, **_named(grey_range(image.pixels[..., number]))}
            for number, name in enumerate(channel_names(image))
        ],
        **_named(color_range(image.pixels) if is_color else grey_range(image.grey)),
    }


def _facts_of_volume(recipe: Recipe, image: Image) -> dict[str, Any]:
    """Settle the size of a volume's voxels: it has neither a banner nor a scale bar."""
    options = recipe.calibration
    told: dict[str, Any] = {"banner_rows": None, "excluded_px": 0}
    typed = parse_pixel_size(options.pixel_size) if options.pixel_size else None
    weighed = partial(weigh, typed=typed, metadata=image.pixel_size, bar=None)
    try:
        calibration = weighed(choice=options.choice)
    except CalibrationConflictError as error:
        calibration = weighed(choice="typed")
        told |= {"error": str(error), "conflict": True}
    return _facts_of_calibration(calibration) | told


def _named(shown: tuple[float, float]) -> dict[str, float]:
    return dict(zip(("low", "high"), shown, strict=True))


def _facts_of_ready(ready: Ready) -> dict[str, Any]:
    calibration, banner = ready.calibration, ready.banner
    excluded = ready.image.excluded
    return _facts_of_calibration(calibration) | {
        "banner_rows": None if banner is None else [banner.top, banner.bottom],
        "excluded_px": 0 if excluded is None else int(excluded.sum()),
    }


def recalibrated(
    facts: Mapping[str, Any], recipe: Recipe
) -> tuple[dict[str, Any], Calibration]:
    """Return the facts of a look with another choice of the pixel size.

    The picture is not looked at again: its scale bar was read when it was.

    Parameters
    ----------
    facts : dict
        Of an earlier look.
    recipe : Recipe
        With the new choice.

    Returns
    -------
    dict, Calibration

    Raises
    ------
    CalibrationError
        If the chosen source is not there, or sources disagree and none was chosen.
    """
    options = recipe.calibration
    known = [pixel_size_of(size) for size in facts.get("candidates", ())]
    metadata = [size for size in known if size and kind_of(size) == "metadata"]
    calibration = weigh(
        typed=parse_pixel_size(options.pixel_size) if options.pixel_size else None,
        metadata=metadata[0] if metadata else None,
        bar=_bar_of_facts(facts.get("bar")),
        choice=options.choice,
    )
    error = "" if facts["conflict"] else facts["error"]
    told = _facts_of_calibration(calibration)
    return {**facts, **told, "conflict": False, "error": error}, calibration


def _bar_of_facts(facts: Mapping[str, Any] | None) -> ScaleBar | None:
    if facts is None:
        return None
    values = {name: value for name, value in facts.items() if name != "length_px"}
    if values["label_box"] is not None:
        values["label_box"] = tuple(values["label_box"])
    return ScaleBar(**values)


def _facts_of_calibration(calibration: Calibration) -> dict[str, Any]:
    return {
        "pixel_size": pixel_size_facts(calibration.pixel_size),
        "candidates": [pixel_size_facts(size) for size in calibration.candidates],
        "note": calibration.note,
        "bar": _facts_of_bar(calibration.bar),
    }


def _facts_of_bar(bar: ScaleBar | None) -> dict[str, Any] | None:
    if bar is None:
        return None
    facts = asdict(bar) | {"length_px": bar.length_px}
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def pixel_size_facts(size: PixelSize | None) -> dict[str, Any] | None:
    """Return a pixel size as JSON values.

    Examples
    --------
    >>> pixel_size_facts(None) is None
    True
    """
    return None if size is None else asdict(size)


def pixel_size_of(facts: Mapping[str, Any] | None) -> PixelSize | None:
    """Return the pixel size that JSON values tell.

    Examples
    --------
    >>> size = PixelSize(y=2.0, x=2.0, unit="nm", source="typed")
    >>> pixel_size_of(pixel_size_facts(size)) == size
    True
    """
    return None if facts is None else PixelSize(**facts)
