"""Drawn slices of fluorescent cells on dark ground, whose every cell is known.

A slice has cells of varying size, brightness and texture, alone, touching or packed, in
yellow, red, green or grey, and beside them what is no cell: fibres, specks, bubbles, the
glow of cells out of focus, bright areas, an uneven ground, noise. Some slices are empty.

`EXAM` are the settings of an exam of 500 slices, the seeds `EXAM_SEEDS`. It was fixed
before any model was trained for it; models learn from other seeds and other settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from drawn_cells import Cell, Light, drawn
from numpy.typing import NDArray

EXAM_SEEDS = range(500, 1000)  # those below judged earlier states of the model
EXAM_DISTANCE_PX = 15  # of a found from a true centre; a typical cell is 24 to 44 px wide

Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How slices are drawn. Of each range every slice draws its own value.

    Brightness is relative to that of the brightest cells, and lengths are in pixels.

    Parameters
    ----------
    shape : tuple of int
        Height and width.
    empty, packed : float
        Share of the slices without any cell, and of those full of small cells.
    cells, packed_cells : tuple of int
        Number of cells, of an ordinary and of a packed slice.
    diameter, packed_diameter : tuple of float
        Of the typical cell of a slice.
    spread : float
        Standard deviation of the natural logarithm of diameters in a slice.
    elongation : tuple of float
        Length by width of a cell.
    touching : tuple of float
        Share of the cells that are put beside another one.
    dimmest : tuple of float
        Brightness of the dimmest cells of a slice.
    tails, nucleus : float
        Share of the cells with processes, and with a dark nucleus.
    exposure : tuple of float
        Grey value of the brightest cells; what is over 255 is saturated.
    ground, uneven : tuple of float
        Brightness of the background, and how far it varies over the slice.
    areas, fibres, specks, bubbles, glows : tuple of int
        Number of bright areas without cells, of fibres, and so on.
    blur : tuple of float
        Standard deviation of the blur of the whole slice.
    noise, shot : tuple of float
        Standard deviation of the noise in grey values, and its variance by grey value.
    """

    shape: tuple[int, int] = (512, 512)
    empty: float = 0.1
    packed: float = 0.02
    cells: tuple[int, int] = (1, 45)
    packed_cells: tuple[int, int] = (270, 330)
    diameter: Range = (24, 44)
    packed_diameter: Range = (17, 20)
    spread: float = 0.15
    elongation: Range = (1, 1.7)
    touching: Range = (0.1, 0.9)
    dimmest: Range = (0.12, 0.6)
    tails: float = 0.4
    nucleus: float = 0.35
    exposure: Range = (90, 330)
    ground: Range = (0.02, 0.2)
    uneven: Range = (0, 0.35)
    areas: tuple[int, int] = (0, 4)
    fibres: tuple[int, int] = (0, 20)
    specks: tuple[int, int] = (0, 60)
    bubbles: tuple[int, int] = (0, 2)
    glows: tuple[int, int] = (0, 12)
    blur: Range = (0.6, 1.8)
    noise: Range = (0.5, 4)
    shot: Range = (0.1, 1.2)


EXAM = Settings()

# Models learn from these: wider ranges, so that the exam's are well inside.
TRAINING = Settings(
    shape=(448, 448),
    empty=0.15,
    packed=0.06,
    cells=(1, 50),
    packed_cells=(150, 300),
    diameter=(16, 64),
    packed_diameter=(12, 24),
    spread=0.22,
    elongation=(1, 2.6),
    touching=(0, 0.95),
    dimmest=(0.12, 0.9),
    tails=0.5,
    nucleus=0.3,
    exposure=(70, 330),
    ground=(0, 0.22),
    uneven=(0, 0.38),
    areas=(0, 5),
    fibres=(0, 30),
    specks=(0, 90),
    bubbles=(0, 3),
    glows=(0, 16),
    blur=(0.5, 2.2),
    noise=(0.3, 5),
    shot=(0, 2),
)

# Least and greatest weight of red, green and blue.
COLOURS: Mapping[str, tuple[Range, Range, Range] | None] = {
    "yellow": ((0.9, 1), (0.65, 0.95), (0, 0.1)),
    "red": ((1, 1), (0, 0.12), (0, 0.12)),
    "green": ((0, 0.15), (1, 1), (0, 0.15)),
    "grey": None,
}

_TRIES = 60  # places looked at for a cell, before it is left out
_OVERLAP = 0.85  # of the two radii: cells are at least so far apart
_APART = 1.2  # ... where they do not touch
_MARGIN = 0.3  # of a diameter: centres are at least so far inside the slice
_LARGEST_SPECK = 0.16  # radius, by the typical diameter of cells
_TURN = 0.25  # radians by which a fibre turns at each step


class DrawnSlice(NamedTuple):
    """A slice, its true cells, and its colour.

    `pixels` are uint8 of shape (Y, X) or (Y, X, 3), `labels` uint32 of shape (Y, X).
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint32]
    colour: str


def drawn_slice(seed: int, *, settings: Settings = EXAM) -> DrawnSlice:
    """Draw a slice, the same one for the same seed and settings.

    Parameters
    ----------
    seed : int
    settings : Settings

    Returns
    -------
    DrawnSlice
        Cells are numbered 1 to n; where two touch, each pixel is of the nearer one.

    Examples
    --------
    >>> pixels, labels, colour = drawn_slice(0)
    >>> labels.shape, pixels.shape[:2]
    ((512, 512), (512, 512))
    """
    random = np.random.default_rng([seed, 1918])
    colour = str(random.choice(list(COLOURS)))
    is_packed = random.random() < settings.packed
    diameter = random.uniform(
        *(settings.packed_diameter if is_packed else settings.diameter)
    )
    cells: list[Cell] = []
    if random.random() >= settings.empty:
        n_cells = _count(settings.packed_cells if is_packed else settings.cells, random)
        cells = _cells(n_cells, diameter, settings, random)
    grain = _grain(settings.shape, random)
    light, labels = drawn(cells, grain)
    light = np.maximum(light, _tails(cells, settings, random))
    light = np.maximum(light, _artefacts(diameter, settings, random))
    light = (light + _haze(diameter, grain, settings, random)) * _bubbles(settings, random)
    light = cv2.GaussianBlur(light, (0, 0), random.uniform(*settings.blur))
    return DrawnSlice(_exposed(light, colour, settings, random), labels, colour)


def _count(span: tuple[int, int], random: np.random.Generator) -> int:
    return int(random.integers(span[0], span[1] + 1))


def _cells(
    n_cells: int, diameter: float, settings: Settings, random: np.random.Generator
) -> list[Cell]:
    """Place cells so that none hides another."""
    touching, dimmest = (
        random.uniform(*span) for span in (settings.touching, settings.dimmest)
    )
    cells: list[Cell] = []
    for _ in range(n_cells):
        beside = bool(cells) and random.random() < touching
        for _ in range(_TRIES):
            cell = _cell(diameter, dimmest, settings, random)
            if beside:
                cell = _moved_to(cells[random.integers(len(cells))], cell, random)
            if _fits(cell, cells, settings.shape, least=_OVERLAP if beside else _APART):
                cells.append(cell)
                break
    return cells


def _cell(
    diameter: float, dimmest: float, settings: Settings, random: np.random.Generator
) -> Cell:
    radius = diameter / 2 * np.exp(random.normal(0, settings.spread))
    stretch = np.sqrt(random.uniform(*settings.elongation))
    height, width = settings.shape
    return Cell(
        y=random.uniform(0, height),
        x=random.uniform(0, width),
        length=float(radius * stretch),
        width=float(radius / stretch),
        angle=random.uniform(0, np.pi),
        brightness=float(np.exp(random.uniform(np.log(dimmest), 0))),
        wobble=tuple(random.normal(0, 0.035, 6)),
        fall=random.uniform(0.1, 0.6),
        edge=random.uniform(1.5, 3.5),
        grain=random.uniform(0, 0.4),
        nucleus=random.uniform(0.2, 0.6) * (random.random() < settings.nucleus),
    )


def _moved_to(other: Cell, cell: Cell, random: np.random.Generator) -> Cell:
    """Put a cell beside another one, so that they touch."""
    angle = random.uniform(-np.pi, np.pi)
    reach = float(other.radius(angle) + cell.radius(angle)) * random.uniform(_OVERLAP, 1)
    y, x = other.y + reach * np.sin(angle), other.x + reach * np.cos(angle)
    return replace(cell, y=float(y), x=float(x))


def _fits(cell: Cell, cells: list[Cell], shape: tuple[int, int], *, least: float) -> bool:
    """Return whether a cell lies in the slice, and far enough from all others."""
    margin = 2 * _MARGIN * np.sqrt(cell.length * cell.width)
    for place, length in zip((cell.y, cell.x), shape, strict=True):
        if not margin <= place <= length - margin:
            return False
    for other in cells:
        apart = np.hypot(cell.y - other.y, cell.x - other.x)
        if apart > least * (cell.length + other.length):
            continue
        angle = np.arctan2(cell.y - other.y, cell.x - other.x)
        if apart < least * (cell.radius(angle) + other.radius(angle)):
            return False
    return True


def _grain(shape: tuple[int, int], random: np.random.Generator) -> Light:
    """Return a fine texture, of standard deviation 1."""
    white = random.normal(size=shape).astype(np.float32)
    smooth = cv2.GaussianBlur(white, (0, 0), random.uniform(0.8, 2))
    return np.asarray(smooth / smooth.std(), np.float32)


def _tails(cells: list[Cell], settings: Settings, random: np.random.Generator) -> Light:
    """Return the light of processes, which thin out and are no part of their cell."""
    light = np.zeros(settings.shape, np.float32)
    for cell in cells:
        if random.random() >= settings.tails:
            continue
        for heading in random.uniform(-np.pi, np.pi, random.integers(1, 4)):
            reach = float(cell.radius(heading)) * 0.8
            start = (cell.y + reach * np.sin(heading), cell.x + reach * np.cos(heading))
            n_steps = int(random.integers(3, 12))
            widths = np.linspace(max(cell.width / 4, 2), 1, n_steps)
            fading = 0.6 * cell.brightness * np.linspace(1, 0.2, n_steps)
            _trace(light, start, heading, widths, fading, random)
    return light


def _trace(
    light: Light,
    start: tuple[float, float],
    heading: float,
    widths: NDArray[np.float64],
    brightness: NDArray[np.float64],
    random: np.random.Generator,
) -> None:
    """Draw a winding line, a few pixels at each step."""
    y, x = start
    for width, bright in zip(widths, brightness, strict=True):
        heading += random.normal(0, _TURN)
        to_y, to_x = y + 5 * np.sin(heading), x + 5 * np.cos(heading)
        ends = (round(x), round(y)), (round(to_x), round(to_y))
        cv2.line(light, *ends, float(bright), max(round(width), 1))
        y, x = to_y, to_x


def _artefacts(diameter: float, settings: Settings, random: np.random.Generator) -> Light:
    """Return the light of fibres and of specks, some of them in clumps."""
    light = np.zeros(settings.shape, np.float32)
    height, width = settings.shape
    for _ in range(_count(settings.fibres, random)):
        n_steps = int(random.integers(15, 90))
        start = (random.uniform(0, height), random.uniform(0, width))
        bright = random.uniform(0.05, 0.8) * random.uniform(0.5, 1, n_steps)
        widths = np.full(n_steps, random.uniform(1, 4.5))
        _trace(light, start, random.uniform(-np.pi, np.pi), widths, bright, random)
    n_specks = _count(settings.specks, random)
    clumps = random.uniform(0, settings.shape, (3, 2))
    for _ in range(n_specks):
        y, x = random.uniform(0, settings.shape)
        if random.random() < 0.4:
            y, x = random.normal(clumps[random.integers(len(clumps))], diameter / 2)
        radius = random.uniform(0.5, _LARGEST_SPECK * diameter)
        bright = random.uniform(0.15, 1.2)
        cv2.circle(light, (round(x), round(y)), round(radius), bright, cv2.FILLED)
    return light


def _haze(
    diameter: float, grain: Light, settings: Settings, random: np.random.Generator
) -> Light:
    """Return the light of the ground, of bright areas and of cells out of focus."""
    height, width = settings.shape
    y, x = (axis.astype(np.float32) for axis in np.ogrid[:height, :width])
    coarse = random.random((4, 4)).astype(np.float32)
    waves = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    light = random.uniform(*settings.ground) + random.uniform(*settings.uneven) * waves
    if random.random() < 0.25:  # the slice ends, and beyond its edge it is dark
        light = light * _tissue(settings.shape, random)

    def spot(size: float, bright: float) -> Light:
        row, column = random.uniform(0, settings.shape)
        stretch = random.uniform(0.7, 1.4)
        far = ((y - row) / stretch) ** 2 + ((x - column) * stretch) ** 2
        return np.asarray(bright * np.exp(-far / (2 * size**2)), np.float32)

    for _ in range(_count(settings.areas, random)):
        area = spot(random.uniform(1, 3) * diameter, random.uniform(0.1, 0.7))
        light = light + area * (1 + 0.15 * grain)
    for _ in range(_count(settings.glows, random)):
        light = light + spot(
            random.uniform(0.45, 0.9) * diameter, random.uniform(0.05, 0.45)
        )
    return np.asarray(np.maximum(light, 0), np.float32)


def _tissue(shape: tuple[int, int], random: np.random.Generator) -> Light:
    """Return 1 where there is tissue, and little beyond a wavy edge."""
    coarse = random.random((4, 4)).astype(np.float32)
    coarse = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    edge = random.uniform(0.25, 0.6)
    return np.asarray(0.1 + 0.9 / (1 + np.exp(-(coarse - edge) * 60)), np.float32)


def _bubbles(settings: Settings, random: np.random.Generator) -> Light:
    """Return by what light is multiplied: bubbles are dim, with a bright rim."""
    height, width = settings.shape
    y, x = np.ogrid[:height, :width]
    factor = np.ones(settings.shape, np.float32)
    for _ in range(_count(settings.bubbles, random)):
        row, column = random.uniform(0, settings.shape)
        radius, rim = random.uniform(15, 80), random.uniform(1.5, 3)
        away = np.hypot(y - row, x - column) - radius
        dim = random.uniform(0.6, 0.95)
        factor *= np.where(away < 0, dim, 1)
        factor += random.uniform(0.3, 1.5) * np.exp(-((away / rim) ** 2))
    return factor


def _exposed(
    light: Light, colour: str, settings: Settings, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Return grey values or colours of 8 bits, with noise."""
    values = random.uniform(*settings.exposure) * light
    weights = COLOURS[colour]
    if weights is not None:
        # Colours are more or less saturated: some of the light is in all channels.
        pale = random.uniform(0, 0.2)
        parts = [(1 - pale) * random.uniform(*span) + pale for span in weights]
        values = values[..., None] * np.asarray(parts, np.float32)
    noise, shot = (random.uniform(*span) for span in (settings.noise, settings.shot))
    spread = np.sqrt(noise**2 + shot * values)
    values = values + spread * random.normal(size=values.shape)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
