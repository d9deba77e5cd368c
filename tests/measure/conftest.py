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


@pytest.fixture(scope="session")
def coverage():
    """Return a function that draws a shape: the share of each pixel that it covers."""

    def draw(inside, *, shape, samples=5):
        y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
        shifts = (np.arange(samples) + 0.5) / samples - 0.5
        covered = np.zeros(shape)
        for dy in shifts:
            for dx in shifts:
                covered += inside(y + dy, x + dx)
        return covered / samples**2

    return draw


@pytest.fixture(scope="session")
def fibre():
    """Return a function that tells which places lie in a straight fibre."""

    def build(*, width, length, angle, centre):
        sine, cosine = np.sin(angle), np.cos(angle)

        def inside(y, x):
            v, u = y - centre[0], x - centre[1]
            along, across = u * cosine - v * sine, u * sine + v * cosine
            return (np.abs(along) <= length / 2) & (np.abs(across) <= width / 2)

        return inside

    return build


@pytest.fixture(scope="session")
def arc():
    """Return a function that tells which places lie in an arc, from an angle on."""

    def build(*, width, radius, turn, centre, start=0.1):
        def inside(y, x):
            v, u = y - centre[0], x - centre[1]
            angle = (np.arctan2(v, u) - start) % (2 * np.pi)
            return (np.abs(np.hypot(u, v) - radius) <= width / 2) & (angle <= turn)

        return inside

    return build
