"""Colours that people with any colour vision can tell apart, on white and on grey.

The hues follow Okabe and Ito, "Color Universal Design" (2008). The outlines are stronger
than theirs, because a thin line on grey loses its colour, and leave out black and dark
blue, which drown in a dark picture.
"""

__all__ = ["ACCENT", "EXCLUDED", "INK", "OUTLINES", "SERIES", "SPARE_OUTLINES"]

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
