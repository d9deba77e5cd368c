"""Draw a stained section taken apart, and a film of dividing discs followed through time.

Run `python docs/make_tissue_time_figures.py`. The section comes with scikit-image:
colonic glands with DAB and haematoxylin, by the Center for Microscopy and Molecular
Imaging, with no known copyright restrictions. The film is drawn.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from skimage.data import immunohistochemistry

from segmetry.image import Image as Picture
from segmetry.image import Labels
from segmetry.measure import measure
from segmetry.prepare import published_stains, stain_density
from segmetry.report.canvas import to_png
from segmetry.report.growth import GrowthContent, growth_curves, track_map
from segmetry.tracking import LinkOptions, Motion, track_objects
from segmetry.tracking.series import Clock, growth_table, times_table, tracks_table

FIGURES = Path(__file__).with_name("figures")
SIDE = 360  # pixels
N_FRAMES = 10


def section() -> Image.Image:
    """Return a picture, its haematoxylin and its DAB, dark where there is much."""
    picture = Picture(immunohistochemistry(), axes="YXC")
    density = stain_density(picture, published_stains("haematoxylin-dab"))
    parts = [picture.pixels]
    for number in range(2):
        grey = 255 * 10.0 ** -np.maximum(density[..., number], 0)
        parts.append(np.repeat(grey.astype(np.uint8)[..., np.newaxis], 3, axis=2))
    crops = [Image.fromarray(part[:SIDE, :SIDE]) for part in parts]
    return Image.fromarray(np.hstack([np.asarray(crop) for crop in crops]))


def film() -> list[np.ndarray]:
    """Return label images of cells that move, grow and divide, while the stage drifts."""
    random = np.random.default_rng(3)
    cells = [(y, x, 9.0) for y in (120, 240, 360) for x in (130, 280, 430)]
    steps = random.normal(0, 1.5, (len(cells), 2))
    when = random.integers(2, N_FRAMES + 4, len(cells))
    frames = []
    for frame in range(N_FRAMES):
        labels = np.zeros((500, 560), np.uint32)
        y, x = np.mgrid[:500, :560]
        shown = []
        for (top, left, radius), step, at in zip(cells, steps, when, strict=True):
            row, column = (top, left) + frame * step + frame * np.array([3.0, -4.0])
            size = radius * 1.04 ** (frame - at if frame >= at else frame)
            if frame < at:
                shown.append((row, column, size))
                continue
            apart = size + 3 * (frame - at)
            shown += [(row, column - apart, size * 0.8), (row, column + apart, size * 0.8)]
        for number, (row, column, size) in enumerate(shown, start=1):
            labels[np.hypot(y - row, x - column) <= size] = number
        frames.append(labels)
    return frames


def followed() -> GrowthContent:
    """Return tracks and growth of the film."""
    frames, clock = film(), Clock("time_h", "h")
    names = [f"t{n}" for n in range(N_FRAMES)]
    pictures = pd.DataFrame({"series": "", "image": names, "time_h": np.arange(N_FRAMES)})
    labels = [Labels(one, Picture(np.zeros(one.shape, np.uint8))) for one in frames]
    objects = pd.concat(
        [measure(one).assign(image=name) for one, name in zip(labels, names, strict=True)]
    )
    motions = [Motion(3.0, -4.0)] * (N_FRAMES - 1)
    found = track_objects(frames, options=LinkOptions(max_distance=18), motions=motions)
    tracks = tracks_table(found, pictures, objects, motions, clock)
    times = times_table(tracks, pictures, motions, clock)
    growth = growth_table(tracks, times, clock, level=0.95)
    return GrowthContent("", tracks, times, growth, clock, 0.95, (), "")


def through_time() -> Image.Image:
    """Return growth curves and tracks, side by side."""
    content = followed()
    parts = [
        Image.open(BytesIO(to_png(figure, dpi=130))).convert("RGB")
        for figure in (growth_curves(content), track_map(content))
    ]
    height = min(part.height for part in parts)
    fitted = [
        part.resize((round(part.width * height / part.height), height)) for part in parts
    ]
    return Image.fromarray(np.hstack([np.asarray(part) for part in fitted]))


if __name__ == "__main__":
    FIGURES.mkdir(exist_ok=True)
    section().quantize(256).save(FIGURES / "tissue.png", optimize=True)
    through_time().quantize(64).save(FIGURES / "time.png", optimize=True)
