"""The pictures that lie in a folder, told by the endings of their names."""

from pathlib import Path

from segmetry.io.formats import supported_formats
from segmetry.io.zarr_files import is_zarr

__all__ = ["picture_endings", "pictures_in"]


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
