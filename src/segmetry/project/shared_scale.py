"""One picture's pixel size for all pictures of its project."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    differing : sequence of str
        Pictures that keep their own: their file or scale bar tells another one.
    unread : sequence of str
        Pictures that are not read yet, or cannot be.
    """

    used: Sequence[str]
    differing: Sequence[str]
    unread: Sequence[str]


def share_pixel_size(project: Project, picture: str) -> SharedScale:
    """Use what a person typed or drew on one picture for all pictures of its project.

    Nothing is overwritten that a file or a scale bar says: where it differs, as
    `segmetry.calibrate.reconcile` has it, the picture keeps its own.

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
    used, differing, unread = [], [], []
    for other in project.pictures.records():
        if other.id == picture:
            continue
        if other.status == "new" or "width_px" not in other.look:
            unread.append(other.id)
        elif _differs(other, size):
            differing.append(other.id)
        else:
            project.calibrate(other.id, choice="typed", pixel_size=text)
            used.append(other.id)
    return SharedScale(used, differing, unread)


def _differs(picture: PictureRecord, size: PixelSize) -> bool:
    """Return whether what a file or its scale bar tells is another pixel size."""
    candidates = [pixel_size_of(facts) for facts in picture.look.get("candidates", ())]
    read = [one for one in candidates if one is not None and kind_of(one) != "typed"]
    try:
        reconcile([size, *read])
    except CalibrationConflictError:
        return True
    return False
