"""Where the voxels of a volume lie in a patient: order, distance and slant of its slices.

Axes of a patient are those of NIfTI: x to the right is "R", y to the front is "A", z to the
head is "S". DICOM counts x to the left and y to the back; both are turned here.

References
----------
DICOM PS3.3, C.7.6.2.1.1 (Image Position and Image Orientation).
https://dicom.nema.org/medical/dicom/current/output/html/part03.html
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError
from segmetry.image import Image

__all__ = [
    "Affine",
    "SliceGeometry",
    "affine_of",
    "orientation_of",
    "slice_geometry",
    "tilt_note",
]

Affine = tuple[tuple[float, ...], ...]

_SAME_PLACE = 1e-3  # mm: scanners write positions with more digits than they know
_UNEQUAL = 0.02  # of the distance: rounding of positions stays far below
_TILTED = 0.5  # degrees: less is how exactly positions are written
_PARALLEL = 1e-3  # of direction cosines, which are written with six digits


@dataclass(frozen=True, eq=False)
class SliceGeometry:
    """How slices make a volume.

    Parameters
    ----------
    order : ndarray of intp, shape (n,)
        Numbers of the slices along their normal.
    distance : float
        Between the middles of two slices, along the normal, in mm.
    affine : tuple of tuple of float
        From (column, row, slice) to mm, in the directions right, front and head.
    tilt : float
        Angle between the normal and the line through the slices' corners, in degrees.
    """

    order: NDArray[np.intp]
    distance: float
    affine: Affine
    tilt: float


def slice_geometry(
    name: str,
    positions: NDArray[np.float64],
    orientations: NDArray[np.float64],
    *,
    spacing: tuple[float, float],
) -> SliceGeometry:
    """Return how slices follow one another, from their positions alone.

    The thickness of slices is not used: they may overlap, or leave gaps.

    Parameters
    ----------
    name : str
        Of the file or series, for messages.
    positions : ndarray of float64, shape (n, 3)
        Image Position (Patient) of each slice, in mm; at least two.
    orientations : ndarray of float64, shape (n, 6)
        Image Orientation (Patient): direction of the rows, then of the columns.
    spacing : tuple of float
        Distance of rows and of columns, in mm.

    Returns
    -------
    SliceGeometry

    Raises
    ------
    ReadError
        If slices are not parallel, lie in one place, or are not equally far apart.

    Examples
    --------
    >>> places = np.array([[0, 0, 5.0], [0, 0, 0], [0, 0, 2.5]])
    >>> straight = np.tile([1.0, 0, 0, 0, 1, 0], (3, 1))
    >>> found = slice_geometry("a", places, straight, spacing=(0.7, 0.7))
    >>> found.order.tolist(), found.distance
    ([1, 2, 0], 2.5)
    """
    if np.abs(orientations - orientations[0]).max() > _PARALLEL:
        msg = (
            f"{name} has slices of different directions, which make no volume; put the "
            "overview pictures into another folder"
        )
        raise ReadError(msg)
    across, down = orientations[0, :3], orientations[0, 3:]
    normal = np.cross(across, down)
    if not np.isclose(np.linalg.norm(normal), 1, atol=0.01):
        msg = f"{name} does not say how its slices lie; export the series again"
        raise ReadError(msg)
    height = positions @ normal
    order = np.argsort(height, kind="stable")
    distance = _distance(name, height[order])
    step = (positions[order[-1]] - positions[order[0]]) / (len(order) - 1)
    along = float(np.clip(step @ normal / np.linalg.norm(step), -1, 1))
    columns = (across * spacing[1], down * spacing[0], step, positions[order[0]])
    affine = np.stack(columns, axis=1) * np.array([[-1.0], [-1.0], [1.0]])
    rows = tuple(tuple(float(value) for value in row) for row in affine)
    tilt = float(np.degrees(np.arccos(along)))
    return SliceGeometry(order, distance, (*rows, (0.0, 0.0, 0.0, 1.0)), tilt)


def _distance(name: str, heights: NDArray[np.float64]) -> float:
    gaps = np.diff(heights)
    usual = float(np.median(gaps))
    if gaps.min() < _SAME_PLACE:
        first = int(np.argmin(gaps))
        msg = (
            f"{name} has several slices in one place (slices {first + 1} and {first + 2}), "
            "as of several times or echoes; put those of one into a folder of their own"
        )
        raise ReadError(msg)
    widest = int(np.argmax(gaps))
    if gaps[widest] > (1 + _UNEQUAL) * usual:
        n_missing = gaps[widest] / usual - 1
        what = (
            f"{round(n_missing)} missing"
            if abs(n_missing - round(n_missing)) < 0.1
            else "they are not equally far apart"
        )
        msg = (
            f"{name} has a gap of {gaps[widest]:.4g} mm between slices {widest + 1} and "
            f"{widest + 2}, the others are {usual:.4g} mm apart ({what}); copy all slices "
            "again, or have the series resampled to equal distances"
        )
        raise ReadError(msg)
    if gaps.min() < (1 - _UNEQUAL) * usual:
        msg = (
            f"{name} has slices {gaps.min():.4g} to {gaps.max():.4g} mm apart, but a "
            "volume needs equal distances; have the series resampled"
        )
        raise ReadError(msg)
    return float((heights[-1] - heights[0]) / (len(heights) - 1))


def tilt_note(geometry: SliceGeometry) -> tuple[str, ...]:
    """Return what a person should know of slices that are shifted against each other.

    Parameters
    ----------
    geometry : SliceGeometry

    Returns
    -------
    tuple of str
        One sentence, or none where slices lie straight above each other.
    """
    if geometry.tilt < _TILTED:
        return ()
    told = (
        f"the gantry was tilted by {geometry.tilt:.1f} degrees: volumes are right, but "
        "surfaces, axes and what is seen from the side are sheared"
    )
    return (told,)


def orientation_of(affine: Affine) -> str:
    """Return to which side of the patient columns, rows and slices count up.

    Parameters
    ----------
    affine : tuple of tuple of float
        As in `SliceGeometry`.

    Returns
    -------
    str
        "LPS": columns to the patient's left, rows to the back, slices to the head. Empty
        where a direction has no length.

    Examples
    --------
    >>> orientation_of(((-1, 0, 0, 0), (0, -1, 0, 0), (0, 0, 5, 0), (0, 0, 0, 1)))
    'LPS'
    """
    from nibabel import aff2axcodes

    codes = aff2axcodes(np.array(affine))
    return "" if None in codes else "".join(str(code) for code in codes)


def affine_of(image: Image) -> Affine | None:
    """Return where the voxels of a volume lie, `None` where its file did not tell.

    Parameters
    ----------
    image : Image

    Returns
    -------
    tuple of tuple of float, or None
        From (column, row, slice) to mm, in the directions right, front and head.
    """
    if not image.axes.startswith("Z"):
        return None
    for step in image.steps:
        if "affine" in step.options:
            return tuple(tuple(row) for row in step.options["affine"])
    return None
