"""The manifest: what went in, what came out, and which versions did it."""

import hashlib
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from segmetry import __version__, io
from segmetry.batch.inputs import RESULT_FILES, file_hash
from segmetry.recipe import Recipe, Regions, files_used, recipe_text, with_paths

__all__ = ["fingerprint", "manifest", "write_manifest"]

_PACKAGES = (
    *("numpy", "scipy", "scikit-image", "opencv-python-headless", "numba", "pandas"),
    *("scikit-learn", "lightgbm", "openvino", "pillow", "tifffile", "imagecodecs"),
)


def fingerprint(recipe: Recipe) -> str:
    """Return a hash of all that decides what is found in one picture.

    Examples
    --------
    >>> fingerprint(Recipe()) == fingerprint(Recipe(inputs=[{"path": "a.tif"}]))
    True
    """
    choices = Recipe(
        reading=recipe.reading,
        calibration=recipe.calibration,
        banner=recipe.banner,
        area=recipe.area,
        segmentation=recipe.segmentation,
        measurement=recipe.measurement,
        thin=recipe.thin,
        # Which regions are told for each picture, and sections when all are done.
        regions=Regions(counting_frames=recipe.regions.counting_frames),
    )
    models = "".join(f"\n{sha256}" for sha256 in files_used(choices).values())
    choices = with_paths(choices, lambda path: Path(path).name)
    text = f"{__version__}\n{recipe_text(choices)}{models}"
    return hashlib.sha256(text.encode()).hexdigest()


def manifest(
    out: Path, inputs: Sequence[dict[str, str]], pictures: Sequence[str]
) -> dict[str, Any]:
    """Return hashes of a run's inputs and outputs, and the versions that made them.

    Parameters
    ----------
    out : Path
        Folder of the run.
    inputs : sequence of dict
        `path` and `sha256` of each picture, and of the model where one was run.
    pictures : sequence of str
        Names of the pictures that have a folder of results.

    Returns
    -------
    dict
        JSON values. The log and the manifest itself are not hashed.
    """
    files = [out / name for name in RESULT_FILES - {"run.log", "manifest.json"}]
    # Labels of large pictures are folders of many files.
    files += [path for name in pictures for path in (out / name).rglob("*")]
    outputs = {
        path.relative_to(out).as_posix(): file_hash(path)
        for path in sorted(files)
        if path.is_file()
    }
    return {
        "format": 1,
        "segmetry": __version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "inputs": list(inputs),
        "outputs": outputs,
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # it came by another way, as with conda
        return "unknown"


def write_manifest(
    out: Path, inputs: Sequence[dict[str, str]], pictures: Sequence[str]
) -> None:
    """Write manifest.json, the last file of a run."""
    io.write_json(out / "manifest.json", manifest(out, inputs, pictures))
