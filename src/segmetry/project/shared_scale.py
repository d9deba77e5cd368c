"""One picture's pixel size for all pictures of its project that have none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from segmetry.calibrate import kind_of, reconcile
from segmetry.errors import CalibrationConflictError, CalibrationError
from segmetry.image import PixelSize
from segmetry.project.looks import pixel_size_of
from segmetry.project.pictures import PictureRecord
from segmetry.project.project import Project

__all__ = ["SharedScale", "share_pixel_size"]


@dataclass(frozen=True)
class SharedScale:
    """Which pictures took over a pixel size, and which did not.

    Parameters
    ----------
    used : sequence of str
        Pictures that have it now.
    agreeing, differing : sequence of str
        Pictures that keep a size of their own, which is the same within what
        `segmetry.calibrate.reconcile` lets pass, or another one.
    unread : sequence of str
        Pictures that are not read yet, or cannot be.
    """

    used: Sequence[str]
    agreeing: Sequence[str]
    differing: Sequence[str]
    unread: Sequence[str]


def share_pixel_size(project: Project, picture: str) -> SharedScale:
    """Use what a person typed or drew on one picture for pictures that have no size.

    No size is overwritten that a picture's own file or scale bar says, or that a person
    typed or drew on it. What was shared from this picture before is replaced.

    Parameters
    ----------
    project : Project
    picture : str
        The picture that it was typed or drawn on.

    Returns
    -------
    SharedScale
        About all the others.

    Raises
    ------
    CalibrationError
        If the picture's pixel size was neither typed nor drawn.
    """
    own = project.pictures.record(picture)
    size = pixel_size_of(own.look.get("pixel_size"))
    text = own.choices.get("calibration", {}).get("pixel_size")
    if size is None or text is None:
        msg = f"Nobody typed or drew the pixel size of {own.name}; do that first."
        raise CalibrationError(msg)
    used: list[str] = []
    agreeing: list[str] = []
    differing: list[str] = []
    unread: list[str] = []
    for other in project.pictures.records():
        if other.id == picture or other.is_volume != own.is_volume:
            continue  # a voxel has another size than a pixel
        if other.status == "new" or "width_px" not in other.look:
            unread.append(other.id)
        elif _has_its_own(other, picture):
            kept = agreeing if _agrees(other, size) else differing
            kept.append(other.id)
        else:
            project.calibrate(
                other.id, choice="typed", pixel_size=text, shared_from=picture
            )
            used.append(other.id)
    return SharedScale(used, agreeing, differing, unread)


def _has_its_own(other: PictureRecord, giver: str) -> bool:
    """Return whether its file, its scale bar or a person tells a picture's pixel size."""
    told = [pixel_size_of(facts) for facts in other.look.get("candidates", ())]
    kinds = {kind_of(size) for size in told if size is not None}
    if other.choices.get("shared_from") == giver:
        kinds.discard("typed")
    return bool(kinds)


def _agrees(other: PictureRecord, size: PixelSize) -> bool:
    """Return whether the pixel size that a picture has is this one."""
    used = pixel_size_of(other.look.get("pixel_size"))
    if used is None or other.look.get("conflict"):
        return False
    if kind_of(used) == "typed":  # two of one kind are not compared
        used = replace(used, source="another picture")
    try:
        reconcile([size, used])
    except CalibrationConflictError:
        return False
    return True
