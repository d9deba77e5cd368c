"""The row of images.csv of a picture."""

from typing import Any

import numpy as np

from segmetry.batch.quality import clipped_column, quality_columns
from segmetry.batch.thin import thin_columns
from segmetry.batch.volumes import volume_columns
from segmetry.calibrate import Calibration
from segmetry.image import Image
from segmetry.io import COUNT_COLUMN
from segmetry.recipe import Ready, Result

__all__ = ["calibration_columns", "found_columns", "known_columns"]


def known_columns(ready: Ready) -> dict[str, Any]:
    """Return the columns of images.csv that are known before objects are looked for."""
    image = ready.image
    if image.axes.startswith("Z"):
        return volume_columns(image) | calibration_columns(ready.calibration)
    rows = np.flatnonzero(image.included.any(axis=1))
    columns = np.flatnonzero(image.included.any(axis=0))
    banner = ready.banner
    frame = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if len(rows) else (0,) * 4
    return {
        "width_px": image.spatial_shape[1],
        "height_px": image.spatial_shape[0],
        "frame_x_min_px": int(frame[0]),
        "frame_y_min_px": int(frame[1]),
        "frame_x_max_px": int(frame[2]),
        "frame_y_max_px": int(frame[3]),
        "included_area_px": int(image.included.sum()),
        "banner_rows": "" if banner is None else f"{banner.top}:{banner.bottom}",
        "field_of_view": _field_of_view(image),
        **quality_columns(image),
    } | calibration_columns(ready.calibration)


def _field_of_view(image: Image) -> str:
    """Return whether the field of view was found, or the name of its mask."""
    steps = [step for step in image.steps if step.name == "field of view"]
    return str(steps[-1].options["source"]) if steps else ""


def calibration_columns(calibration: Calibration) -> dict[str, Any]:
    """Return the columns of images.csv that tell the pixel size and where it is from."""
    bar = calibration.bar
    size = None if calibration.pixel_size is None else calibration.pixel_size.in_um
    return {
        "pixel_size": None if size is None else size.x,
        "pixel_size_y": None if size is None else size.y,
        "unit": "" if size is None else "um",
        "calibration_source": "unknown" if size is None else size.source,
        "calibration_uncertainty": None if size is None else size.uncertainty,
        "calibration_note": calibration.note,
        "scale_bar_text": "" if bar is None else bar.text,
        "scale_bar_px": None if bar is None else bar.length_px,
    }


def found_columns(result: Result) -> dict[str, Any]:
    """Return the columns of images.csv that tell what was found."""
    step = result.labels.steps[-1]
    lines = {} if result.thin is None else thin_columns(result.thin)
    covered = int((result.labels.data > 0).sum())
    counted = {key: step.options[key] for key in [COUNT_COLUMN] if key in step.options}
    return {
        "status": "done",
        "reason": "",
        "n_objects": len(result.objects),
        **counted,
        "segmenter": step.name,
        "segmenter_reason": str(step.options.get("reason", "")),
        "threshold": step.options.get("found_threshold"),
        "mask_origin": "draft",
        "foreground_fraction": covered / int(result.image.included.sum()),
        **({} if result.labels.data.ndim == 3 else clipped_column(result.labels)),
        **lines,
    }
