"""Writing labels as NIfTI, those of volumes at the place in the patient that they have."""

import gzip
from os import PathLike

import numpy as np

from segmetry.image import LENGTH_IN_UM, Image, Labels
from segmetry.io.geometry import affine_of
from segmetry.io.writing import write_bytes

__all__ = ["write_nifti"]

_LARGEST_16_BIT = 65_535
_LONGEST_SIDE = 32_767


def write_nifti(path: str | PathLike[str], labels: Labels) -> None:
    """Write labels as a NIfTI file that lies on the scan in any viewer.

    The header holds the size of the voxels and their place, and nothing of the patient. It
    says that the values are labels. The same labels give the same bytes.

    Parameters
    ----------
    path : path
        NAME.nii or NAME.nii.gz, which is packed.
    labels : Labels
        Of a volume or a picture. uint16 while the largest number fits, else uint32.

    Raises
    ------
    WriteError
        If the file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import read_labels
    >>> data = np.zeros((2, 3, 4), np.uint32)
    >>> data[1, 2, 3] = 7
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "labels.nii.gz")
    ...     write_nifti(path, Labels(data, Image(data, axes="ZYX")))
    ...     bool((read_labels(path) == data).all())
    True
    """
    from nibabel import Nifti1Image, Nifti2Image

    small = labels.data.size == 0 or labels.data.max() <= _LARGEST_16_BIT
    data = labels.data.astype(np.uint16 if small else np.uint32).transpose()
    affine = affine_of(labels.image)
    place = _without_place(labels.image) if affine is None else np.array(affine)
    # NIfTI 1 counts pixels along a side with 15 bits.
    kind = Nifti1Image if max(data.shape) <= _LONGEST_SIDE else Nifti2Image
    volume = kind(data, place)
    known = labels.image.pixel_size is not None
    volume.header.set_xyzt_units("mm" if known else "unknown")
    volume.header["descrip"] = b"labels"
    volume.header.set_intent("label")
    code = 0 if affine is None else 1  # 1 is "scanner": where the patient lay
    volume.set_sform(place, code=code)
    volume.set_qform(place, code=code)
    content = volume.to_bytes()
    if str(path).endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    write_bytes(path, content)


def _without_place(image: Image) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    size = image.pixel_size
    if size is None:
        return np.eye(4)
    scale = LENGTH_IN_UM[size.unit] / LENGTH_IN_UM["mm"]
    return np.diag([size.x * scale, size.y * scale, (size.z or size.x) * scale, 1.0])
