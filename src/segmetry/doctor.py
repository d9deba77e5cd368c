"""What is installed here, what works, and how to get the rest."""

import importlib.util
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from segmetry import __version__, io
from segmetry.errors import ModelError
from segmetry.models import InstalledModel, installed_models, read_model

__all__ = ["Finding", "examine"]

_PARTS = {
    "numpy": "arrays",
    "scipy": "filters",
    "scikit-image": "segmentation",
    "opencv-python-headless": "segmentation",
    "numba": "measurement",
    "pandas": "tables",
    "pyarrow": "Parquet tables",
    "matplotlib": "figures",
    "rapidocr": "reading scale bars",
    "openvino": "reading scale bars",
}
_EXTRAS = {
    "dicom": ("highdicom", "writing DICOM-SEG"),
    "vendor": ("rsciio", "Gatan dm3/dm4, EMD and SER files"),
    "remote": ("s3fs", "OME-Zarr behind https:// and s3:// addresses"),
    "train": ("torch", "training networks on your own pictures"),
    "bioimageio": ("bioimageio", "models to and from bioimage.io"),
    "napari": ("napari", "correcting runs and projects in napari"),
    "cluster": ("distributed", "running on many machines; nothing uses it yet"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    topic : {"program", "part", "extra", "format", "model"}
    name : str
    state : str
        Its version, "works", "damaged" or "missing".
    note : str
        What it is for, and how to get it where it is missing.
    """

    topic: Literal["program", "part", "extra", "format", "model"]
    name: str
    state: str
    note: str

    @property
    def missing(self) -> bool:
        """Whether it is not here."""
        return self.state == "missing"

    @property
    def works(self) -> bool:
        """Whether it is here and as it should be."""
        return self.state not in {"missing", "damaged"}


def examine() -> list[Finding]:
    """Look at the installation.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> [finding.name for finding in examine() if finding.topic == "program"]
    ['segmetry', 'Python']
    """
    found = [
        Finding("program", "segmetry", __version__, "this program"),
        Finding("program", "Python", platform.python_version(), platform.system()),
    ]
    found += [_part(name, purpose) for name, purpose in _PARTS.items()]
    found += [_extra(name, *rest) for name, rest in _EXTRAS.items()]
    found += [_format(entry) for entry in io.supported_formats()]
    return found + [_model(model) for model in installed_models()]


def _part(name: str, purpose: str) -> Finding:
    try:
        return Finding("part", name, version(name), purpose)
    except PackageNotFoundError:
        return Finding("part", name, "missing", f"{purpose}: pip install {name}")


def _extra(name: str, module: str, purpose: str) -> Finding:
    if _importable(module):
        return Finding("extra", name, "works", purpose)
    return Finding("extra", name, "missing", f"{purpose}: pip install 'segmetry[{name}]'")


def _format(entry: io.Format) -> Finding:
    endings = ", ".join(entry.endings)
    if entry.available:
        return Finding("format", entry.name, "works", endings)
    wanted = f"'segmetry[{entry.extra}]'" if entry.extra else entry.package
    how = f"pip install {wanted}"
    return Finding("format", entry.name, "missing", f"{endings}: {how}")


def _model(model: InstalledModel) -> Finding:
    try:
        opened = read_model(model.path)
        opened.verify()
    except ModelError as error:
        return Finding("model", model.name, "damaged", str(error))
    origin = "comes with Segmetry" if model.shipped else f"added, {model.path}"
    return Finding("model", model.name, "works", f"finds {opened.card.task}; {origin}")


def _importable(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
