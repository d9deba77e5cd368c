"""Labels of a volume out to the programs of radiology: NIfTI and DICOM-SEG."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import typer

from segmetry import __version__, io
from segmetry.cli.errors import tell_error
from segmetry.errors import RecipeError, SegmetryError, WriteError
from segmetry.image import Labels
from segmetry.io.dicom_seg import write_dicom_seg
from segmetry.io.nifti import write_nifti
from segmetry.measure.wording import count_of

__all__ = ["VOLUME_FORMATS", "export_volume", "is_of_volume"]

VOLUME_FORMATS = ("nifti", "dicom-seg")
_ENDINGS = {"nifti": (".nii", ".nii.gz"), "dicom-seg": (".dcm",)}
_SOME_FAILED, _WRONG_COMMAND = 1, 2


def is_of_volume(to: str, out: Path, scan: Path | None) -> bool:
    """Return whether an export is of one volume, to lie where its scan lies.

    NIfTI without a scan, to a folder, is a label image like any other.

    Parameters
    ----------
    to : str
        The format.
    out : Path
    scan : Path or None
        As in `export_volume`.

    Examples
    --------
    >>> is_of_volume("nifti", Path("labels"), None), is_of_volume("coco", Path("a"), None)
    (False, False)
    """
    is_file = out.name.lower().endswith(_ENDINGS["nifti"])
    return to == "dicom-seg" or (to == "nifti" and (scan is not None or is_file))


def export_volume(
    source: Path,
    out: Path,
    *,
    to: str,
    scan: Path | None,
    anonymous: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write the labels of a volume where its scan lies, and end with an exit status.

    Parameters
    ----------
    source : Path
        Folder of a run of one volume, of the results of a volume, or a label image.
    out : Path
        The file.
    to : {"nifti", "dicom-seg"}
    scan : Path or None
        What was segmented: a NIfTI file, or the folder of a DICOM series.
    anonymous : bool
        See `segmetry.io.dicom_seg.write_dicom_seg`.
    overwrite, as_json : bool

    Raises
    ------
    typer.Exit
        With status 1 if a file cannot be read or written, 2 if the command is wrong.
    """
    try:
        n_objects = _exported(
            source, out, to=to, scan=scan, anonymous=anonymous, overwrite=overwrite
        )
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        status = _WRONG_COMMAND if isinstance(error, RecipeError) else _SOME_FAILED
        raise typer.Exit(status) from error
    if as_json:
        typer.echo(json.dumps({"format": to, "out": str(out), "n_objects": n_objects}))
        return
    named = "" if to == "nifti" or anonymous else " It names the patient of its series."
    typer.echo(f"Exported {count_of(n_objects, 'object')}: {out}.{named}")


def _exported(
    source: Path,
    out: Path,
    *,
    to: str,
    scan: Path | None,
    anonymous: bool,
    overwrite: bool,
) -> int:
    if scan is None:
        msg = (
            f"--to {to} needs the scan that was segmented, for its place in the patient: "
            "add --scan with a NIfTI file, or the folder of a DICOM series"
        )
        raise RecipeError(msg)
    if not out.name.lower().endswith(_ENDINGS[to]):
        msg = f"--out must be a file that ends in {' or '.join(_ENDINGS[to])}, got {out}"
        raise RecipeError(msg)
    if out.exists() and not overwrite:
        msg = f"{out} is there already; name another place or say --overwrite"
        raise RecipeError(msg)
    path = _label_file(source)
    image = io.read(scan)
    data = io.read_labels(path)
    if data.shape != image.spatial_shape or not image.axes.startswith("Z"):
        msg = (
            f"{path.name} has the shape {data.shape}, {scan.name} {image.spatial_shape}; "
            "name the scan that was segmented"
        )
        raise WriteError(msg)
    labels = Labels(data, image)
    if to == "nifti":
        write_nifti(out, labels)
        return len(labels.ids)
    if not scan.is_dir():
        msg = f"DICOM-SEG refers to a DICOM series; --scan must be its folder, got {scan}"
        raise RecipeError(msg)
    names, method = _told(path)
    write_dicom_seg(
        out,
        labels,
        scan,
        names=names,
        method=method,
        version=__version__,
        anonymous=anonymous,
    )
    return len(labels.ids)


def _label_file(source: Path) -> Path:
    if source.is_file():
        return source
    found = [source / "labels.tif"] if (source / "labels.tif").is_file() else []
    found = found or sorted(source.glob("*/labels.tif"))
    if len(found) != 1:
        msg = (
            f"expected a label image, or a run of one volume, and {source.name} holds "
            f"{len(found)}; name the folder of one volume in it"
        )
        raise RecipeError(msg)
    return found[0]


def _told(path: Path) -> tuple[dict[int, str], str]:
    """Return what a run calls the objects of a volume, and its method."""
    try:
        kept = json.loads((path.parent / "picture.json").read_text(encoding="utf-8"))
        objects = pd.read_parquet(path.parent / "objects.parquet")
    except (OSError, ValueError):
        return {}, "unknown"
    names = {}
    if "class" in objects:
        labels = objects["label"].to_numpy(np.int64).tolist()
        names = dict(zip(labels, objects["class"].astype(str), strict=True))
    return names, str(kept["row"]["segmenter"])
