"""Volumes in a run: their columns of images.csv, and the files of their folders."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segmetry import io
from segmetry.image import Image, Labels
from segmetry.io import VOLUME_IMAGE_COLUMNS
from segmetry.io.nifti import write_nifti
from segmetry.report.montage import draw_montage

__all__ = ["deep_columns", "is_volume", "of_volumes", "volume_columns", "write_volume"]


def volume_columns(image: Image) -> dict[str, Any]:
    """Return the columns of images.csv that tell how large a volume is.

    Parameters
    ----------
    image : Image
        Axes ZYX.
    """
    size = None if image.pixel_size is None else image.pixel_size.in_um
    depth, height, width = image.spatial_shape
    return {
        "width_px": width,
        "height_px": height,
        "depth_px": depth,
        "pixel_size_z": None if size is None else size.z,
        "included_volume_px": int(np.count_nonzero(image.included)),
    }


def deep_columns(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the columns that images.csv has where some of its rows are of volumes."""
    return VOLUME_IMAGE_COLUMNS if any("depth_px" in row for row in rows) else ()


def write_volume(folder: Path, labels: Labels) -> None:
    """Write the labels of a volume, and sections through it with outlines.

    Labels of a NIfTI file are written as NIfTI too, so that they lie on it in viewers.

    Parameters
    ----------
    folder : Path
        Of the volume's results.
    labels : Labels
    """
    io.write_labels(folder / "labels.tif", labels)
    io.write_png(folder / "overlay.png", draw_montage(labels))
    if labels.image.steps[0].options.get("format") == "NIfTI":
        write_nifti(folder / "labels.nii.gz", labels)


def is_volume(row: Mapping[str, Any]) -> bool:
    """Return whether a row of images.csv is that of a volume."""
    return bool(pd.notna(row.get("depth_px")))


def of_volumes(
    objects: pd.DataFrame, images: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of the tables that are of volumes; both may be empty.

    Parameters
    ----------
    objects, images : DataFrame
        As in objects.csv and images.csv.
    """
    if "depth_px" not in images:
        return objects.iloc[:0], images.iloc[:0]
    volumes = images[images["depth_px"].notna()]
    return objects[objects["image"].isin(volumes["image"])], volumes
