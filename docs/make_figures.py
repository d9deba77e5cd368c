"""Draw pictures of results: the demo and its distribution, nuclei, a chest, drawn neurons.

Run `python docs/make_figures.py`. The nuclei are the first held-out picture of each kind;
their set is looked for as the scripts in training/ do.
"""

import json
import sys
import tempfile
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from segmetry import run_batch, segmenter
from segmetry.image import Image as Picture
from segmetry.image import PixelSize, Step
from segmetry.recipe import Recipe
from segmetry.report.canvas import drawing_style, to_png
from segmetry.report.figures import size_histogram
from segmetry.report.montage import draw_montage
from segmetry.report.overlay import draw_overlay
from segmetry.report.reading import reading_unit

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

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


def nuclei_pictures() -> Image.Image:
    """Return what the model `nuclei` finds in one held-out picture of each kind."""
    from sets import nuclei

    first = {one.kind: one.image for one in reversed(nuclei()[1])}
    kinds = ("fluo_small", "fluo_large", "he_purple", "purple_on_white")
    find = segmenter("nuclei")
    parts = []
    for kind in kinds:
        outlined = Image.fromarray(draw_overlay(find(first[kind]), thickness=1))
        seen = first[kind].pixels
        shown = seen if seen.ndim == 3 else np.repeat(seen[..., None], 3, axis=2)
        stretched = np.clip(shown * (255 / np.percentile(shown, 99.8)), 0, 255)
        pair = (Image.fromarray(stretched.astype(np.uint8)), outlined)
        parts.append(np.vstack([np.asarray(one.resize((360, 360))) for one in pair]))
    return Image.fromarray(np.hstack(parts))


def neuron_pictures() -> Image.Image:
    """Return what the model `neurons` finds in one drawn slice of each colour."""
    from drawn_slices import drawn_slice

    find, parts = segmenter("neurons"), []
    for seed in (8, 6, 5, 7):  # of the settings of the exam: yellow, red, green, grey
        pixels = drawn_slice(seed).pixels
        picture = Picture(pixels, axes="YX" if pixels.ndim == 2 else "YXC")
        outlined = draw_overlay(find(picture), thickness=1)
        shown = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
        pair = (Image.fromarray(one).resize((320, 320)) for one in (shown, outlined))
        parts.append(np.vstack([np.asarray(one) for one in pair]))
    return Image.fromarray(np.hstack(parts))


def lungs_picture() -> Image.Image:
    """Return sections through a drawn chest with the lungs that are found in it."""
    z, y, x = np.ogrid[:64, :110, :146]
    z, y, x = z * 4.0, y * 3.0, x * 3.0  # mm
    shape = (64, 110, 146)
    values = np.full(shape, -1000.0)
    body = ((y - 160) / 130) ** 2 + ((x - 220) / 190) ** 2 < 1
    values[np.broadcast_to(body, shape)] = 40
    for middle in (135.0, 305.0):
        reach = ((y - 155) / 88) ** 2 + ((x - middle) / 62) ** 2 + ((z - 120) / 95) ** 2
        values[reach < 1] = -860
        vessels = [(y - 150) ** 2 + (x - middle - k * z / 8) ** 2 < 25 for k in (-1, 0, 1)]
        for vessel in vessels:
            values[vessel & (reach < 1)] = 30
    pipe = ((y - 150) / 10) ** 2 + ((x - 220) / 10) ** 2 < 1
    values[np.broadcast_to(pipe, shape) & np.broadcast_to(z > 130, shape)] = -1000
    values += np.random.default_rng(0).normal(0, 30, shape)
    size = PixelSize(z=4, y=3, x=3, unit="mm", source="typed")
    steps = (Step("read", {"orientation": "LPS"}),)
    chest = Picture(values.astype(np.int16), axes="ZYX", pixel_size=size, steps=steps)
    drawn = Image.fromarray(draw_montage(segmenter("lungs")(chest)))
    height = round(drawn.height * 1000 / drawn.width)
    return drawn.resize((1000, height), Image.Resampling.LANCZOS)


def _of_height(picture: Image.Image) -> Image.Image:
    width = round(picture.width * HEIGHT / picture.height)
    return picture.resize((width, HEIGHT), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    FIGURES.mkdir(exist_ok=True)
    demo_picture().quantize(128).save(FIGURES / "demo.png", optimize=True)
    nuclei_pictures().quantize(256).save(FIGURES / "nuclei.png", optimize=True)
    lungs_picture().quantize(32).save(FIGURES / "lungs.png", optimize=True)
    neuron_pictures().quantize(256).save(FIGURES / "neurons.png", optimize=True)
