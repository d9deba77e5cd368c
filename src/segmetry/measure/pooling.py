"""From the two tables of a run to the arrays that statistics are made of."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.measure.distribution import Floats
from segmetry.measure.wording import count_of, few_digits, named

__all__ = ["Sample", "pool", "without_failed"]

_FINEST_TO_COARSEST = 1.5  # pixel sizes within this ratio lose the same small objects
_FULL_FRAME = 0.95  # with less, weights are off by more than a struck-out scale bar makes


@dataclass(frozen=True, eq=False)
class Sample:
    """The objects of the images of one sample, all in one unit.

    Parameters
    ----------
    unit : {"um", "px"}
        Of all lengths; areas are in its square.
    diameters, areas : ndarray of float64, shape (n,)
        Equivalent diameter and area of each object.
    feret_min : ndarray of float64, shape (n,), or None
        Smallest Feret diameter, where it was measured.
    boxes : ndarray of float64, shape (n, 2)
        Sides of the bounding boxes along x and y.
    touches, touches_far : ndarray of bool, shape (n,)
        Whether the object touches any edge; the right or lower one.
    image : ndarray of intp, shape (n,)
        Index of the object's image.
    frames : ndarray of float64, shape (images, 2)
        Sides of the frames along x and y.
    included_areas : ndarray of float64, shape (images,)
        Area in which objects were looked for.
    pixel_sizes : ndarray of float64, shape (images,)
    uncertainties : ndarray of float64, shape (images,)
        Relative standard uncertainty of each pixel size; NaN where none is stated.
    names : ndarray of object, shape (images,)
        Name of each image.
    warnings : tuple of str
        About these images.
    """

    unit: Literal["um", "px"]
    diameters: Floats
    areas: Floats
    feret_min: Floats | None
    boxes: Floats
    touches: NDArray[np.bool_]
    touches_far: NDArray[np.bool_]
    image: NDArray[np.intp]
    frames: Floats
    included_areas: Floats
    pixel_sizes: Floats
    uncertainties: Floats
    names: NDArray[np.object_]
    warnings: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of objects."""
        return self.diameters.size

    @property
    def n_images(self) -> int:
        """Number of images, those without objects included."""
        return len(self.frames)

    @property
    def relative_uncertainty(self) -> float:
        """Relative standard uncertainty that all lengths share; 0 where none is stated.

        The mean over the images, weighted by their objects: an error of the pixel size is
        taken to be the same in all of them.
        """
        known = np.nan_to_num(self.uncertainties)
        if self.unit == "px" or not known.any():
            return 0.0
        n_objects = np.bincount(self.image, minlength=self.n_images)
        weights = n_objects if n_objects.any() else np.ones(self.n_images)
        return float(np.average(known, weights=weights))

    def of_images(self, chosen: NDArray[np.bool_]) -> "Sample":
        """Return the part of the sample that lies in the chosen images."""
        here = chosen[self.image]
        parts: dict[str, Any] = {k: getattr(self, k)[chosen] for k in _PER_IMAGE}
        parts |= self._objects(here)
        part = replace(self, **parts, image=(np.cumsum(chosen) - 1)[self.image[here]])
        return replace(part, warnings=tuple(_about_images(part)))

    def of_objects(self, chosen: NDArray[np.bool_]) -> "Sample":
        """Return the sample with the chosen objects only, in the same images."""
        return replace(self, **self._objects(chosen), image=self.image[chosen])

    def _objects(self, chosen: NDArray[np.bool_]) -> dict[str, Any]:
        parts = {name: getattr(self, name) for name in _PER_OBJECT}
        return {k: None if v is None else v[chosen] for k, v in parts.items()}


_PER_IMAGE = ("frames", "included_areas", "pixel_sizes", "uncertainties", "names")
_PER_OBJECT = ("diameters", "areas", "feret_min", "boxes", "touches", "touches_far")


def pool(objects: pd.DataFrame, images: pd.DataFrame) -> tuple[Sample, pd.DataFrame]:
    """Return the objects of all images that can be put together, and these images.

    Lengths are in micrometres where at least one pixel size is known; images without one
    are then left out with a warning. Where none is known, lengths are in pixels.

    Parameters
    ----------
    objects : DataFrame
        One row per object, as `measure` makes it, with the column `image`.
    images : DataFrame
        One row per image, without those that failed.

    Returns
    -------
    sample : Sample
    images : DataFrame
        The rows of the images used, in the order of the sample's image index.

    Raises
    ------
    ValueError
        If a column is missing, two images have one name, or objects lie in images that
        the second table lacks.
    """
    known = _calibrated(images)
    unit: Literal["um", "px"] = "um" if known.any() else "px"
    stray = (
        ~objects["image"].isin(images["image"]) if len(objects) else pd.Series(dtype=bool)
    )
    if stray.any():
        first = objects.loc[stray, "image"].iloc[0]
        msg = f"objects lie in the image {first!r}, which the table of images lacks"
        raise ValueError(msg)
    names = images["image"] if len(images) else pd.Series(dtype=object)
    if names.duplicated().any():
        first = names[names.duplicated()].iloc[0]
        msg = (
            "expected one row with a name of its own for each image, got "
            f"{names.eq(first).sum()} rows of the image {first!r}"
        )
        raise ValueError(msg)
    has_area = _has_area(images)
    scaled = known | (unit == "px")
    used = images[scaled & has_area]
    warnings = [
        _left_out(names[~scaled], len(names), "no known pixel size"),
        _left_out(names[scaled & ~has_area], len(names), "no area to look at"),
    ]
    sample = _sample(objects, used, unit)
    warnings += _about_images(sample)
    return replace(sample, warnings=tuple(filter(None, warnings))), used


def without_failed(images: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table of images whose pictures gave a result."""
    if "status" not in images:
        return images
    return images[images["status"].ne("failed")]


def _left_out(lost: "pd.Series[Any]", of: int, reason: str) -> str:
    n = len(lost)
    if not n:
        return ""
    verbs = ("has", "is") if n == 1 else ("have", "are")
    return (
        f"{n} of {of} images {verbs[0]} {reason} and {verbs[1]} left out of these "
        f"statistics ({named(list(lost))})."
    )


def _has_area(images: pd.DataFrame) -> NDArray[np.bool_]:
    box = {side: _column(images, f"frame_{side}_px") for side in _SIDES}
    has_area = (_box_sides(box) > 0).all(axis=1)
    return has_area & (_column(images, "included_area_px") > 0)


def _calibrated(images: pd.DataFrame) -> NDArray[np.bool_]:
    if "pixel_size" not in images:
        return np.zeros(len(images), dtype=bool)
    known = images["pixel_size"].notna()
    if "unit" in images:
        known &= images["unit"].eq("um")
    return known.to_numpy(dtype=bool)


def _sample(
    objects: pd.DataFrame, images: pd.DataFrame, unit: Literal["um", "px"]
) -> Sample:
    x_pixel, y_pixel = _pixel_sizes(images, unit)
    box = {side: _column(images, f"frame_{side}_px") for side in _SIDES}
    pixels = np.stack([x_pixel, y_pixel], axis=1)
    frames = _box_sides(box) * pixels
    index = np.zeros(0, dtype=np.intp)
    if len(objects):
        index = pd.Index(images["image"]).get_indexer(objects["image"])
        objects, index = objects[index >= 0], index[index >= 0]
    objects_box = {side: _column(objects, f"bbox_{side}_px") for side in _SIDES}
    far = np.zeros(len(objects), dtype=bool)
    for side in ("x_max", "y_max"):
        far |= objects_box[side] >= box[side][index]
    touches = _column(objects, "touches_edge").astype(bool)
    feret = f"feret_diameter_min_{unit}"
    uncertainty = "calibration_uncertainty"
    return Sample(
        unit=unit,
        diameters=_column(objects, f"equivalent_diameter_{unit}"),
        areas=_column(objects, f"area_{unit}2" if unit == "um" else "area_px"),
        feret_min=_column(objects, feret) if feret in objects else None,
        boxes=_box_sides(objects_box) * pixels[index],
        touches=touches,
        touches_far=far,
        image=index,
        frames=frames,
        included_areas=_column(images, "included_area_px") * x_pixel * y_pixel,
        pixel_sizes=np.sqrt(x_pixel * y_pixel),
        uncertainties=_column(images, uncertainty)
        if uncertainty in images
        else np.full(len(images), np.nan),
        names=images["image"].to_numpy(dtype=object)
        if len(images)
        else np.zeros(0, object),
    )


_SIDES = ("x_min", "y_min", "x_max", "y_max")


def _box_sides(box: dict[str, Floats]) -> Floats:
    return np.stack([box["x_max"] - box["x_min"], box["y_max"] - box["y_min"]], axis=1)


def _pixel_sizes(images: pd.DataFrame, unit: str) -> tuple[Floats, Floats]:
    if unit == "px":
        return np.ones(len(images)), np.ones(len(images))
    x = _column(images, "pixel_size")
    y = _column(images, "pixel_size_y") if "pixel_size_y" in images else x
    return x, np.where(np.isnan(y), x, y)


def _column(table: pd.DataFrame, name: str) -> Floats:
    if name not in table:
        if not len(table):
            return np.zeros(0)
        msg = f"the table lacks the column {name!r}; it has {', '.join(map(str, table))}"
        raise ValueError(msg)
    return table[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _about_images(sample: Sample) -> list[str]:
    found = []
    sizes = sample.pixel_sizes
    if sizes.size and sizes.max() > _FINEST_TO_COARSEST * sizes.min():
        factor = few_digits(sizes.max() / sizes.min())
        found.append(
            f"Pixel sizes differ by a factor of {factor}: the "
            "coarser images miss small objects that the finer ones show, which no weight "
            "mends."
        )
    holes = sample.included_areas < _FULL_FRAME * sample.frames.prod(axis=1)
    if holes.any():
        where = named(sample.names[holes].tolist())
        found.append(
            f"In {count_of(int(holes.sum()), 'image')} ({where}) the area looked at is not "
            "a full rectangle: edge weights take it for one and are too small there."
        )
    return found
