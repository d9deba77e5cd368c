"""Draw the README's picture from the demo: outlines on the left, the distribution beside.

Run `python docs/make_figures.py`.
"""

import json
import tempfile
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from segmetry import run_batch
from segmetry.recipe import Recipe
from segmetry.report.canvas import drawing_style, to_png
from segmetry.report.figures import size_histogram
from segmetry.report.reading import reading_unit

FIGURES = Path(__file__).with_name("figures")
HEIGHT = 620  # pixels


def demo_picture() -> Image.Image:
    """Return the overlay and the histogram of the demo, side by side."""
    with tempfile.TemporaryDirectory() as folder:
        picture = files("segmetry") / "demo" / "powder.png"
        out = run_batch(Recipe(), [str(picture)], folder).out
        group = json.loads((out / "summary.json").read_text(encoding="utf-8"))["pooled"]
        overlay = Image.open(out / "powder" / "overlay.png").convert("RGB")
    with drawing_style():
        drawn = to_png(size_histogram(group, reading_unit(group)), dpi=200)
    histogram = Image.open(BytesIO(drawn)).convert("RGB")
    parts = [_of_height(part) for part in (overlay, histogram)]
    return Image.fromarray(np.hstack([np.asarray(part) for part in parts]))


def _of_height(picture: Image.Image) -> Image.Image:
    width = round(picture.width * HEIGHT / picture.height)
    return picture.resize((width, HEIGHT), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    FIGURES.mkdir(exist_ok=True)
    demo_picture().quantize(128).save(FIGURES / "demo.png", optimize=True)
