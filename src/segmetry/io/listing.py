"""The pictures that lie in a folder, and the files that a picture is made of."""

from pathlib import Path

from segmetry.io.formats import supported_formats
from segmetry.io.series import slices_in
from segmetry.io.zarr_files import is_zarr

__all__ = ["files_of", "picture_endings", "pictures_in"]


def picture_endings() -> tuple[str, ...]:
    """Return the endings of all formats that can be read, ordered.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> [ending for ending in picture_endings() if ending.startswith(".t")]
    ['.tif', '.tif.gz', '.tiff']
    """
    return tuple(sorted({end for kind in supported_formats() for end in kind.endings}))


def pictures_in(folder: Path) -> list[Path]:
    """List the files, and folders of OME-Zarr, directly in a folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
        Ordered by name; hidden files are left out.

    Raises
    ------
    OSError
        If the folder cannot be listed.
    """
    endings = picture_endings()
    return [
        path
        for path in sorted(folder.iterdir())
        if path.name.lower().endswith(endings)
        and not path.name.startswith(".")
        and (path.is_file() or is_zarr(path))
    ]


def files_of(path: Path) -> list[Path]:
    """List the files that a picture is made of.

    Parameters
    ----------
    path : Path
        A file, an OME-Zarr folder, or a folder with the slices of a DICOM series.

    Returns
    -------
    list of Path
        Ordered by name; the path itself where it is a file, or not there.
    """
    if is_zarr(path):
        return sorted(one for one in path.rglob("*") if one.is_file())
    return slices_in(path) if path.is_dir() else [path]
