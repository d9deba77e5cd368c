"""Errors that a user can cause and mend.

SegmetryError
├── ReadError              a file cannot be read as a picture
│   └── MaskError          a file is a picture, but not a mask or label image
├── CalibrationError       a pixel size cannot be understood or trusted
│   └── CalibrationConflictError   two sources of the pixel size disagree
├── PictureError           a picture is readable, but not fit for the step asked of it
├── RegionError            a region cannot be read, has no area, or is not in the picture
├── RecipeError            a recipe, an option or a sheet is wrong
├── DatasetError           pictures and masks do not fit together, or are too few
├── ModelError             a model file is damaged, hostile, too new, or not known
├── EditError              a correction of objects cannot be made as it was asked for
│   └── EditTooLargeError  a stroke covers more than one step of editing may
├── WriteError             a result cannot be written where it was asked for
├── ProjectError           a project cannot be opened, or lacks what is asked of it
│   ├── MissingError       a project has no such picture, labels or version
│   └── OutdatedError      labels have changed since the state that an edit was made on
├── WorkersError           worker processes, or a cluster, cannot do the work
└── MissingExtraError      an optional part is not installed

Every message says what was expected, what came, and what to do.
"""

__all__ = [
    "CalibrationConflictError",
    "CalibrationError",
    "DatasetError",
    "EditError",
    "EditTooLargeError",
    "MaskError",
    "MissingError",
    "MissingExtraError",
    "ModelError",
    "OutdatedError",
    "PictureError",
    "ProjectError",
    "ReadError",
    "RecipeError",
    "RegionError",
    "SegmetryError",
    "SegmetryWarning",
    "WorkersError",
    "WriteError",
]


class SegmetryError(Exception):
    """Base of all errors that a user can cause and mend."""


class ReadError(SegmetryError):
    """A file cannot be read as a picture."""


class MaskError(ReadError):
    """A file is a picture, but cannot be read as a mask or label image."""


class CalibrationError(SegmetryError):
    """A pixel size cannot be understood or trusted."""


class CalibrationConflictError(CalibrationError):
    """Two sources of the pixel size disagree."""


class PictureError(SegmetryError):
    """A picture is readable, but not fit for the step asked of it."""


class RegionError(SegmetryError):
    """A region cannot be read, has no area, or does not lie in its picture."""


class RecipeError(SegmetryError):
    """A recipe, an option or a sheet is wrong."""


class DatasetError(SegmetryError):
    """Pictures and masks of a set do not fit together, or are too few."""


class ModelError(SegmetryError):
    """A model file is damaged, hostile, too new, or not known."""


class EditError(SegmetryError):
    """A correction of objects cannot be made as it was asked for."""


class EditTooLargeError(EditError):
    """A stroke covers more than one step of editing may."""


class WriteError(SegmetryError):
    """A result cannot be written where it was asked for."""


class ProjectError(SegmetryError):
    """A project cannot be opened, or lacks what is asked of it."""


class MissingError(ProjectError):
    """A project has no such picture, labels or version."""


class OutdatedError(ProjectError):
    """Labels have changed since the state that an edit was made on."""


class WorkersError(SegmetryError):
    """Worker processes, or a cluster, cannot do the work."""


class MissingExtraError(SegmetryError):
    """An optional part of Segmetry is not installed.

    Parameters
    ----------
    purpose : str
        What the user wanted to do, as the start of a sentence: "Reading dm3 files".
    extra : str
        Name of the extra that brings it.

    Examples
    --------
    >>> str(MissingExtraError("Reading Gatan dm3 files", "vendor"))
    "Reading Gatan dm3 files needs an optional part: pip install 'segmetry[vendor]'"
    """

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(
            f"{purpose} needs an optional part: pip install 'segmetry[{extra}]'"
        )


class SegmetryWarning(UserWarning):
    """Input that is odd but usable, or a result to be read with care."""
