"""Draw what `canny`, `template` and `chanvese` find, for docs/methods.md.

Run `python docs/make_methods_figure.py` with SEGMETRY_DATA set. Pictures are of train
parts: a metal powder (ampis_powder, MIT licence), stained cells (dsb2018, CC0), and drawn
discs under noise as strong as their contrast.
"""

import os
from pathlib import Path

import numpy as np
from PIL import Image as Drawing

from segmetry import Image, Labels, segmenter
from segmetry.io import read
from segmetry.report.overlay import draw_overlay

DATA = Path(os.environ.get("SEGMETRY_DATA", "../shared/data"))
FIGURE = Path(__file__).with_name("figures") / "methods.png"
SIDE = 420  # pixels


def noisy_discs() -> Image:
    """Return discs under noise as strong as their contrast."""
    y, x = np.mgrid[:210, :210]
    bright = np.zeros((210, 210), bool)
    for row, column, radius in ((55, 60, 30), (60, 150, 22), (150, 70, 24), (145, 150, 34)):
        bright |= np.hypot(y - row, x - column) < radius
    noise = np.random.default_rng(1).normal(0, 160, bright.shape)
    return Image(np.clip(np.where(bright, 200, 40) + noise, 0, 255).astype(np.uint8))


def panel(labels: Labels, *, row: int = 0, column: int = 0, side: int) -> np.ndarray:
    """Return a square of an overlay, as large as every other."""
    cut = slice(row, row + side), slice(column, column + side)
    overlay = draw_overlay(labels, thickness=1 if side < SIDE else 2)
    return np.asarray(Drawing.fromarray(overlay[cut]).resize((SIDE, SIDE)))


if __name__ == "__main__":
    powder = read(DATA / "ampis_powder/train/images/Sc1Tile_001-001-000_0-000.png")
    cells = read(DATA / "dsb2018/train/images/08275a5b1c2dfcd7.png")
    smooth = segmenter("chanvese", smoothing=3, edges="cutoff")
    panels = [
        panel(segmenter("canny")(powder), row=380, column=560, side=600),
        panel(segmenter("template")(cells), row=60, column=440, side=420),
        panel(smooth(noisy_discs()), side=210),
    ]
    drawing = Drawing.fromarray(np.hstack(panels))
    drawing.quantize(256).save(FIGURE, optimize=True)
