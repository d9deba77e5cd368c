"""Label images as NIfTI, for the programs of radiology."""

from os import PathLike

from segmetry.image import Axes, Image, Labels
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.nifti import write_nifti

__all__ = ["write_nifti_labels"]


def write_nifti_labels(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write objects with the size of pixels or voxels; their place in a patient is lost.

    Parameters
    ----------
    path : path
        NAME.nii, or NAME.nii.gz, which is packed.
    annotation : Annotation

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from segmetry.io import read_labels
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a_labels.nii.gz")
    ...     write_nifti_labels(path, Annotation("a", np.array([[7, 0, 7]])))
    ...     read_labels(path)
    array([[7, 0, 7]], dtype=uint32)
    """
    labels = annotation.labels
    axes: Axes = "YX" if labels.ndim == 2 else "ZYX"
    image = Image(labels, axes=axes, pixel_size=annotation.pixel_size)
    write_nifti(path, Labels(labels, image))
