"""Colours that people with any colour vision can tell apart, on white and on grey.

The hues follow Okabe and Ito, "Color Universal Design" (2008). The outlines are stronger
than theirs, because a thin line on grey loses its colour, and leave out black and dark
blue, which drown in a dark picture.
"""

from colorsys import hsv_to_rgb

__all__ = [
    "ACCENT",
    "EXCLUDED",
    "INK",
    "OUTLINES",
    "SERIES",
    "SPARE_OUTLINES",
    "class_colors",
]

Color = tuple[int, int, int]

OUTLINES: tuple[Color, ...] = (
    (255, 150, 0),  # orange
    (50, 180, 255),  # sky blue
    (255, 235, 60),  # yellow
    (0, 200, 130),  # bluish green
    (235, 85, 30),  # vermilion
    (240, 120, 215),  # reddish purple
)

# In the place of those that a picture's own colour swallows.
SPARE_OUTLINES: tuple[Color, ...] = (
    (255, 255, 255),  # white
    (130, 110, 255),  # violet
)

EXCLUDED: Color = (0, 114, 178)

INK = "#1d2733"
ACCENT = "#0072b2"
SERIES: tuple[str, ...] = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#e69f00",
    "#5c5c5c",
)

_GROUND: Color = (70, 78, 88)
_TURN = 0.381966  # of the circle of hues: the golden angle never meets itself


def class_colors(n_classes: int) -> list[Color]:
    """Return a colour for each class: dark grey for the first, then those of outlines.

    Examples
    --------
    >>> class_colors(3)
    [(70, 78, 88), (255, 150, 0), (50, 180, 255)]
    """
    known = [_GROUND, *OUTLINES]
    more = range(max(n_classes - len(known), 0))
    return [*known, *(_spun(number) for number in more)][:n_classes]


def _spun(number: int) -> Color:
    value = 0.95 if number % 2 else 0.6
    red, green, blue = hsv_to_rgb(number * _TURN % 1, 0.75, value)
    return round(255 * red), round(255 * green), round(255 * blue)
