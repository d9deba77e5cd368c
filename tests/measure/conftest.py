"""Tables of objects and images as a run writes them, from sizes and places in pixels."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def image_table():
    """Return a function that makes a table of square images."""

    def build(n_images=1, *, frame=1000, pixel_size=0.01, **columns):
        known = pixel_size is not None
        rows = {
            "image": [f"picture {k}.tif" for k in range(n_images)],
            "status": "done",
            "frame_x_min_px": 0,
            "frame_y_min_px": 0,
            "frame_x_max_px": frame,
            "frame_y_max_px": frame,
            "included_area_px": frame * frame,
            "pixel_size": pixel_size if known else np.nan,
            "pixel_size_y": pixel_size if known else np.nan,
            "unit": "um" if known else "",
            "calibration_uncertainty": np.nan,
        }
        return pd.DataFrame(rows | columns)

    return build


@pytest.fixture(scope="session")
def object_table():
    """Return a function that makes a table of discs, one per diameter in pixels."""

    def build(diameters, *, image=None, corner=(100, 100), frame=1000, pixel_size=0.01):
        d = np.asarray(diameters, dtype=float)
        index = np.zeros(d.size, int) if image is None else np.asarray(image)
        x, y = np.broadcast_to(corner, (d.size, 2)).astype(float).T
        table = pd.DataFrame(
            {
                "image": [f"picture {k}.tif" for k in index],
                "label": np.arange(1, d.size + 1),
                "area_px": np.pi / 4 * d**2,
                "bbox_x_min_px": x,
                "bbox_y_min_px": y,
                "bbox_x_max_px": x + d,
                "bbox_y_max_px": y + d,
            }
        )
        sides = table[["bbox_x_max_px", "bbox_y_max_px"]].max(axis=1)
        table["touches_edge"] = (x <= 0) | (y <= 0) | (sides >= frame)
        if pixel_size is None:
            table["equivalent_diameter_px"] = d
        else:
            table["equivalent_diameter_um"] = d * pixel_size
            table["area_um2"] = np.pi / 4 * (d * pixel_size) ** 2
        return table

    return build
