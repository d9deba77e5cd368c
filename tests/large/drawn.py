"""Drawn pictures with objects that span many tiles, and a place for final labels."""

import cv2
import numpy as np
from hypothesis import strategies as st

from segmetry.image import Image

__all__ = ["Kept", "pictures", "shapes"]


class Kept:
    """Final labels in memory."""

    def __init__(self, shape):
        self.labels = np.zeros(shape, np.uint32)

    def write(self, window, labels):
        self.labels[window] = labels


def rings(shape, rng):
    """Rings inside rings, with gaps in some of them."""
    canvas = np.zeros(shape, np.uint8)
    centre = [int(rng.integers(length // 4, 3 * length // 4)) for length in shape[::-1]]
    for radius in range(int(rng.integers(4, 20)), max(shape), int(rng.integers(9, 30))):
        ends = (0, int(rng.choice([300, 360])))
        angle = float(rng.uniform(0, 360))
        width = int(rng.integers(1, 7))
        cv2.ellipse(canvas, centre, (radius, radius), angle, *ends, 1, width)
    return canvas > 0


def comb(shape, rng):
    """Teeth that only a spine at one end joins."""
    canvas = np.zeros(shape, bool)
    pitch, width = int(rng.integers(6, 20)), int(rng.integers(2, 6))
    for left in range(2, shape[1], pitch):
        canvas[2:-2, left : left + width] = True
    canvas[-8:-4, 2:-2] = True
    return canvas


def spiral(shape, rng):
    """One line that winds through the whole picture."""
    canvas = np.zeros(shape, np.uint8)
    turns = np.linspace(0, float(rng.uniform(3, 8)) * 2 * np.pi, 400)
    radius = turns / turns[-1] * min(shape) * 0.48
    points = np.stack([np.cos(turns), np.sin(turns)], axis=1) * radius[:, None]
    points = (points + np.array(shape[::-1]) / 2).round().astype(np.int32)
    cv2.polylines(
        canvas, [points], isClosed=False, color=1, thickness=int(rng.integers(1, 6))
    )
    return canvas > 0


def discs(shape, rng):
    """Discs of all sizes, many of which touch."""
    canvas = np.zeros(shape, np.uint8)
    for _ in range(int(shape[0] * shape[1] * rng.uniform(0.0005, 0.003)) + 1):
        centre = [int(rng.integers(0, length)) for length in shape[::-1]]
        cv2.circle(canvas, centre, int(rng.integers(2, 14)), 1, -1)
    return canvas > 0


def noise(shape, rng):
    """Foreground without any order."""
    grey = cv2.GaussianBlur(rng.random(shape), (0, 0), float(rng.choice([0.5, 1.5, 4, 9])))
    return grey > np.quantile(grey, rng.uniform(0.2, 0.9))


DRAWN = (rings, comb, spiral, discs, noise)


@st.composite
def shapes(draw, *, least=20, most=200):
    """Foreground of one kind, or of two on each other."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.tuples(st.integers(least, most), st.integers(least, most)))
    kinds = draw(st.lists(st.sampled_from(DRAWN), min_size=1, max_size=2, unique=True))
    foreground = kinds[0](size, rng)
    return foreground if len(kinds) == 1 else foreground ^ kinds[1](size, rng)


@st.composite
def pictures(draw, *, most=200):
    """Grey values or colours, noise, an excluded area in some."""
    foreground = draw(shapes(least=40, most=most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    light = cv2.GaussianBlur(rng.random(foreground.shape), (0, 0), 20)
    light = (light - light.min()) / max(float(np.ptp(light)), 1e-9)
    grey = 40 + 20 * light + foreground * rng.uniform(40, 120) * (0.7 + 0.3 * light)
    grey = cv2.GaussianBlur(grey, (0, 0), float(rng.uniform(0.5, 1.5)))
    grey += rng.normal(0, rng.uniform(0, 5), grey.shape)
    kind = draw(st.sampled_from(["uint8", "uint16", "float32"]))
    pixels = np.clip(grey, 0, 255).astype(kind)
    if draw(st.integers(0, 4)) == 0:
        pixels = np.stack([pixels, pixels // 2, pixels], axis=-1)
    excluded = None
    if draw(st.integers(0, 3)) == 0:
        excluded = np.zeros(foreground.shape, bool)
        first = draw(st.tuples(*(st.integers(5, length) for length in excluded.shape)))
        excluded[first[0] :, : first[1]] = True
    return Image(pixels, axes="YXC" if pixels.ndim == 3 else "YX", excluded=excluded)
