"""Regions in files: ImageJ's `.roi` and `RoiSet.zip`, and GeoJSON as QuPath has it."""

import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from os import PathLike
from pathlib import Path, PurePosixPath

from segmetry.errors import RegionError
from segmetry.io.geojson import regions_as_geojson, regions_of_geojson
from segmetry.io.imagej_roi import MARK, decoded, encoded
from segmetry.io.writing import write_bytes
from segmetry.region import Region

__all__ = ["read_regions", "refuse_twins", "write_regions"]

_MOST_BYTES = 2**28  # of a file; the largest exports of QuPath that are known have 10 MB
_MOST_REGIONS = 10_000
_MOST_UNPACKED = 2**24  # bytes of one ROI: a polygon of a million points
_ZIP = b"PK"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # one time for all, so that equal content is equal bytes
_SPECIAL = '/\\:*?"<>|'

_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError, OSError),
    *(NotImplementedError, LookupError, OverflowError),
)


def read_regions(path: str | PathLike[str]) -> tuple[Region, ...]:
    """Read the regions of a picture; the content of the file tells its format.

    Parameters
    ----------
    path : path
        A `.roi` file or a zip of such as ImageJ writes it (rectangles, ovals, polygons,
        freehand, traced and composite selections), or GeoJSON as QuPath exports its
        annotations.

    Returns
    -------
    tuple of Region
        In the order of the file. A ROI without a name has that of its file.

    Raises
    ------
    RegionError
        If it cannot be read, is damaged, holds what has no area, or two of one name.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> square = Region("CA1", (np.array([[0, 0], [9, 0], [9, 9], [0, 9.0]]),))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "slice.geojson")
    ...     write_regions(path, [square])
    ...     [(region.name, region.area) for region in read_regions(path)]
    [('CA1', 81.0)]
    """
    path = Path(path)
    data = _content(path)
    try:
        regions = _regions(data, path)
        refuse_twins(regions)
    except RegionError as error:
        told = str(error)
        msg = told if path.name in told else f"{path.name}: {told}"
        raise RegionError(msg) from error
    return regions


def write_regions(path: str | PathLike[str], regions: Sequence[Region]) -> None:
    """Write regions to a file that ImageJ or QuPath reads.

    Parameters
    ----------
    path : path
        The ending tells the format: `.geojson` or `.json`, `.zip`, or `.roi` for a single
        region. ImageJ keeps coordinates that are not whole as float32.
    regions : sequence of Region

    Raises
    ------
    RegionError
        If the ending is another one, or there are several regions for a `.roi`.
    WriteError
        If the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending in {".geojson", ".json"}:
        data = regions_as_geojson(regions)
    elif ending == ".zip":
        data = _zipped(regions)
    elif ending == ".roi" and len(regions) == 1:
        data = encoded(regions[0].name, regions[0].rings)
    else:
        msg = (
            f"{path.name} cannot hold {len(regions)} regions; end it in .geojson or .zip, "
            "or in .roi for a single one."
        )
        raise RegionError(msg)
    write_bytes(path, data)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            msg = f"{path.name} is larger than any file of regions; check that it is one."
            raise RegionError(msg)
        return path.read_bytes()
    except OSError as error:
        msg = f"Cannot read the regions in {path.name}: {error.strerror or error}."
        raise RegionError(msg) from error


def _regions(data: bytes, path: Path) -> tuple[Region, ...]:
    if data.startswith(MARK):
        return (_of_roi(data, path.name, path.stem),)
    if data.startswith(_ZIP):
        return tuple(_of_zip(data, path.name))
    return regions_of_geojson(data, file=path.name)


def _of_roi(data: bytes, file: str, stem: str) -> Region:
    name, rings = decoded(data, file=file)
    return Region(name.strip() or stem, rings)


def _of_zip(data: bytes, file: str) -> Iterator[Region]:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = [one for one in archive.infolist() if _is_roi(one)]
            if not 0 < len(entries) <= _MOST_REGIONS:
                msg = (
                    f"{file} holds {len(entries)} ROIs; expected 1 to {_MOST_REGIONS:,}, "
                    "as the ROI manager of ImageJ saves them."
                )
                raise RegionError(msg)
            members = list(_unpacked(archive, entries))
    except _ZIP_ERRORS as error:
        msg = f"{file} is damaged or no zip of ROIs; save it again in ImageJ."
        raise RegionError(msg) from error
    for name, content in members:
        yield _of_roi(content, f"{name} in {file}", PurePosixPath(name).stem)


def _is_roi(entry: zipfile.ZipInfo) -> bool:
    # The folder __MACOSX holds a twin of each file, which is none.
    return entry.filename.lower().endswith(".roi") and "__MACOSX" not in entry.filename


def _unpacked(
    archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]
) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents; no more is read than ROIs can hold."""
    left = _MOST_BYTES
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        with archive.open(entry) as stream:
            content = stream.read(min(_MOST_UNPACKED, left) + 1)
        left -= len(content)
        if kind not in {0, stat.S_IFREG} or len(content) > _MOST_UNPACKED or left < 0:
            msg = "a link, a device, or more than ROIs can hold"
            raise ValueError(msg)
        yield entry.filename, content


def refuse_twins(regions: Sequence[Region]) -> None:
    """Refuse regions of one picture of which two have one name.

    Raises
    ------
    RegionError
        If there are such.
    """
    names = Counter(region.name for region in regions)
    name, count = (names.most_common(1) or [("", 0)])[0]
    if count > 1:
        msg = (
            f"{count} regions are called {name}; give each a name of its own, or merge "
            "them to one."
        )
        raise RegionError(msg)


def _zipped(regions: Sequence[Region]) -> bytes:
    file, names = BytesIO(), set[str]()
    with zipfile.ZipFile(file, "w") as archive:
        for number, region in enumerate(regions, 1):
            # The name of a member is no place for the slashes that a region's may have.
            name = "".join("_" if mark in _SPECIAL else mark for mark in region.name)
            name = f"{name}-{number}" if name in names else name
            names.add(name)
            entry = zipfile.ZipInfo(f"{name}.roi", _EARLIEST)
            content = encoded(region.name, region.rings)
            archive.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
    return file.getvalue()
