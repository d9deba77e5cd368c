"""Which formats there are, and how their first bytes look."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from segmetry.errors import MissingExtraError, ReadError
from segmetry.io.source import Source
from segmetry.io.stored import Stored

__all__ = ["Format", "recognise", "supported_formats"]

Reader = Callable[[Source, int | None], Stored]


@dataclass(frozen=True)
class Format:
    """A format of files that can be read.

    Parameters
    ----------
    name : str
        For people.
    endings : tuple of str
        Usual endings of file names; they are not used to recognise a file.
    target : str
        "module:function" of the reader. That of a folder takes its path.
    marks : tuple of (int, bytes)
        Position and value of the bytes that tell the format; any of them is enough. Empty
        for a folder.
    package : str
        The package that must be there.
    extra : str or None
        The extra of Segmetry that brings the package. `None`: it is always there.
    """

    name: str
    endings: tuple[str, ...]
    target: str
    marks: tuple[tuple[int, bytes], ...]
    package: str
    extra: str | None = None

    @property
    def available(self) -> bool:
        """Whether the package is installed."""
        return find_spec(self.package) is not None

    def fits(self, head: bytes) -> bool:
        """Whether a file that starts with `head` is of this format."""
        return any(head[at : at + len(mark)] == mark for at, mark in self.marks)

    def reader(self) -> Reader:
        """Import the reader; only then is the package behind it loaded.

        Raises
        ------
        MissingExtraError
            If the package is not installed.
        """
        if self.extra is not None and not self.available:
            purpose = f"Reading {self.name} files"
            raise MissingExtraError(purpose, self.extra)
        module, function = self.target.split(":")
        reader: Reader = getattr(import_module(module), function)
        return reader


_IO = "segmetry.io"
_FORMATS = (
    Format(
        "TIFF",
        (".tif", ".tiff", ".btf", ".svs", ".tif.gz"),
        f"{_IO}.tiff:read_tiff",
        ((0, b"II*\0"), (0, b"MM\0*"), (0, b"II+\0"), (0, b"MM\0+")),
        "tifffile",
    ),
    Format("PNG", (".png",), f"{_IO}.raster:read_png", ((0, b"\x89PNG\r\n\x1a\n"),), "PIL"),
    Format(
        "JPEG", (".jpg", ".jpeg"), f"{_IO}.raster:read_jpeg", ((0, b"\xff\xd8\xff"),), "PIL"
    ),
    Format("BMP", (".bmp",), f"{_IO}.raster:read_bmp", ((0, b"BM"),), "PIL"),
    Format("GIF", (".gif",), f"{_IO}.raster:read_gif", ((0, b"GIF8"),), "PIL"),
    Format("DICOM", (".dcm",), f"{_IO}.medical:read_dicom", ((128, b"DICM"),), "pydicom"),
    Format(
        "NIfTI",
        (".nii", ".nii.gz"),
        f"{_IO}.medical:read_nifti",
        ((344, b"n+1\0"), (4, b"n+2\0\r\n\x1a\n")),
        "nibabel",
    ),
    Format("NPY", (".npy",), f"{_IO}.npy:read_npy", ((0, b"\x93NUMPY"),), "numpy"),
    Format("OME-Zarr", (".zarr",), f"{_IO}.ome_zarr:read_ome_zarr", (), "zarr"),
    Format("Leica LIF", (".lif",), f"{_IO}.leica:read_lif", ((0, b"p\0\0\0"),), "liffile"),
    Format(
        "Gatan dm3 and dm4",
        (".dm3", ".dm4"),
        f"{_IO}.vendor:read_gatan",
        ((0, b"\0\0\0\x03"), (0, b"\0\0\0\x04")),
        "rsciio",
        "vendor",
    ),
    Format(
        "EMD",
        (".emd",),
        f"{_IO}.emd:read_emd",
        ((0, b"\x89HDF\r\n\x1a\n"),),
        "rsciio",
        "vendor",
    ),
    Format(
        "TIA EMI and SER",
        (".ser", ".emi"),
        f"{_IO}.vendor:read_tia",
        ((0, b"II\x97\x01"), (0, b"JK")),
        "rsciio",
        "vendor",
    ),
)


def supported_formats() -> tuple[Format, ...]:
    """Return all formats that can be read, with the extra that each one needs.

    Returns
    -------
    tuple of Format

    Examples
    --------
    >>> [(kind.name, kind.extra) for kind in supported_formats() if ".dm3" in kind.endings]
    [('Gatan dm3 and dm4', 'vendor')]
    """
    return _FORMATS


def recognise(source: Source) -> Format:
    """Tell the format of a file by its first bytes.

    Parameters
    ----------
    source : Source

    Returns
    -------
    Format

    Raises
    ------
    ReadError
        If it is of no known format.
    """
    for kind in _FORMATS:
        if kind.fits(source.head):
            return kind
    what = "a text file" if _is_text(source.head) else "of an unknown format"
    names = ", ".join(kind.name for kind in _FORMATS)
    msg = f"{source.name} is {what} by its content; readable are {names}"
    raise ReadError(msg)


def _is_text(head: bytes) -> bool:
    return all(byte >= 32 or byte in b"\t\r\n\f" for byte in head)
