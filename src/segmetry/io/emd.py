"""EMD files (NCEM and Velox), read in a process of their own.

EMD files are HDF5. A few changed bytes in one make the HDF5 library crash or run for ever,
which nothing in Python can catch: a single damaged file would end a whole batch. So a
second Python process reads the file and hands over the pixels; if it dies or takes too
long, the file is damaged. That costs about a second a file.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from segmetry.errors import ReadError, SegmetryError
from segmetry.image import PixelSize
from segmetry.io.limits import check_size
from segmetry.io.source import Source, opened
from segmetry.io.stored import Stored
from segmetry.io.vendor import on_disk, picture_in

__all__ = ["read_emd"]

_PATIENCE_S = 30.0  # for the start of Python and small files, on a busy machine
_BYTES_PER_S = 5e6  # a slow network disk


def read_emd(source: Source, page: int | None) -> Stored:
    """Read an EMD file, as `picture_in` reads other files of microscopes.

    Raises
    ------
    ReadError
        If the file is damaged or holds no picture.
    """
    path = on_disk(source)
    command = [sys.executable, "-m", __name__, str(path.absolute()), json.dumps(page)]
    try:
        done = subprocess.run(  # noqa: S603 (this very Python, with a path as argument)
            command,
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            timeout=_PATIENCE_S + source.size / _BYTES_PER_S,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        msg = f"{source.name} is a damaged EMD file: reading it fails or takes for ever"
        raise ReadError(msg) from error
    return _unpacked(done.stdout)


def _unpacked(answer: bytes) -> Stored:
    head, _, content = answer.partition(b"\n")
    fields = json.loads(head)
    if "error" in fields:
        raise ReadError(fields["error"])
    pixel_size = fields.pop("pixel_size")
    return Stored(
        np.load(BytesIO(content), allow_pickle=False),
        fields["dims"],
        fields["format"],
        None if pixel_size is None else PixelSize(**pixel_size),
        notes=tuple(fields["notes"]),
    )


def _packed(stored: Stored) -> bytes:
    size = stored.pixel_size
    fields = {
        "dims": stored.dims,
        "format": stored.format,
        "pixel_size": None if size is None else asdict(size),
        "notes": stored.notes,
    }
    buffer = BytesIO()
    buffer.write(json.dumps(fields).encode() + b"\n")
    np.save(buffer, stored.pixels, allow_pickle=False)
    return buffer.getvalue()


def _answer(path: Path, page: int | None) -> bytes:
    """Read a file in this process, as the second one does."""
    from rsciio.emd import file_reader

    try:
        with opened(path) as source:
            _check_sizes(source)
            return _packed(picture_in(source, page, file_reader, "EMD", "emd"))
    except SegmetryError as error:
        return json.dumps({"error": str(error)}).encode()


def _check_sizes(source: Source) -> None:
    """Refuse data sets that are too large before anything is read."""
    h5py = import_module("h5py")  # comes with rosettasciio

    def check(_: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.shape and min(item.shape) > 0:
            check_size(
                source.name,
                item.shape,
                itemsize=item.dtype.itemsize,
                stored=source.size,
            )

    with h5py.File(on_disk(source), "r") as file:
        file.visititems(check)


if __name__ == "__main__":
    sys.stdout.buffer.write(_answer(Path(sys.argv[1]), json.loads(sys.argv[2])))
