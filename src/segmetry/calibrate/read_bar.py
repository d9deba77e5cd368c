"""Reading the scale bar of a picture: bars by geometry, labels by OCR, and their match."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.calibrate.banner import Banner
from segmetry.calibrate.bar_geometry import Bar, find_bars
from segmetry.calibrate.bar_match import Match, match_bars
from segmetry.calibrate.bar_text import Label, labels_in
from segmetry.calibrate.levels import grey_levels
from segmetry.calibrate.ocr import ReadText, Text, text_reader
from segmetry.calibrate.ruler import find_rulers
from segmetry.calibrate.scale_bar import ScaleBar
from segmetry.image import Image

__all__ = ["read_scale_bar"]

_LONGEST = 0.65  # of the picture's width; longer ones are edges of banners
_MOST_REGIONS = 6  # a picture with more places that look like a bar is only read there
_ENLARGE = (2.0, 3.0)  # small letters need the larger, letters with gaps the smaller
_LARGEST = 900  # pixels of a crop's longer side; what the reader sees without shrinking


def read_scale_bar(image: Image, *, banner: Banner | None = None) -> ScaleBar | None:
    """Return the scale bar that is burned into a picture, or `None`.

    Bars are found by geometry; only where there is one, the text around it is read, twice
    and at different sizes. `None` also stands for a doubtful reading: two bars that could
    belong to a label, readings that differ, a value that is not round.

    Parameters
    ----------
    image : Image
        Axes YX or YXC; for a stack the answer is `None`.
    banner : Banner or None
        Where the banner is, if it is known: a bar inside it goes before one outside.

    Returns
    -------
    ScaleBar or None

    Examples
    --------
    >>> read_scale_bar(Image(np.zeros((100, 100), np.uint8))) is None
    True
    """
    if image.axes.startswith("Z"):
        return None
    grey = grey_levels(image)
    rulers = find_rulers(grey)
    bars = [bar for bar in find_bars(grey) if not any(_inside(bar, r) for r in rulers)]
    bars = [bar for bar in [*rulers, *bars] if bar.length_px <= _LONGEST * grey.shape[1]]
    groups = _groups(bars, banner)
    if not groups:
        return None
    with text_reader() as read:
        matches = (_read(grey, group, read) for group in groups)
        match = next((match for match in matches if match is not None), None)
    return None if match is None else _scale_bar(match)


def _groups(bars: Sequence[Bar], banner: Banner | None) -> list[list[Bar]]:
    """Return the bars to try, those inside the banner first."""
    if banner is None:
        return [list(bars)] if bars else []
    inside = [bar for bar in bars if banner.top <= bar.y_top < banner.bottom]
    outside = [bar for bar in bars if bar not in inside]
    return [group for group in (inside, outside) if group]


def _inside(bar: Bar, ruler: Bar) -> bool:
    rows = bar.y_top <= ruler.y_bottom and ruler.y_top <= bar.y_bottom
    return rows and ruler.x_start - 4 <= bar.x_start and bar.x_stop <= ruler.x_stop + 4


def _scale_bar(match: Match) -> ScaleBar:
    box = match.label.box
    return ScaleBar(
        length=match.label.value,
        unit=match.label.unit,
        x_start=match.x_start,
        x_stop=match.x_stop,
        y_top=match.y_top,
        y_bottom=match.y_bottom,
        text=match.label.text,
        method=match.method,
        uncertainty_px=match.uncertainty_px,
        label_box=(box.x_min, box.y_min, box.x_max, box.y_max),
    )


def _read(grey: NDArray[np.float32], bars: Sequence[Bar], read: ReadText) -> Match | None:
    labels: list[Label] = []
    for box in _regions(bars, grey.shape):
        for enlarge in _ENLARGE:
            labels += labels_in(list(_text_in(grey, box, read, enlarge=enlarge)))
    match = match_bars(grey, bars, labels)
    if match is None or not _is_confirmed(grey, match.label, read):
        return None
    return match


def _regions(
    bars: Sequence[Bar], shape: tuple[int, ...]
) -> list[tuple[int, int, int, int]]:
    """Return boxes (top, bottom, left, right) around the bars, the longest first."""
    boxes: list[tuple[int, int, int, int]] = []
    longest = sorted(bars, key=lambda bar: -bar.length_px)
    for bar in longest:
        beside = int(np.clip(bar.length_px, 160, max(400, shape[1] // 6)))
        above = int(np.clip(bar.length_px / 2, 50, max(160, shape[0] // 8)))
        box = (
            max(0, bar.y_top - above),
            min(shape[0], bar.y_bottom + above),
            max(0, int(bar.x_start) - beside),
            min(shape[1], int(bar.x_stop) + beside),
        )
        if not any(_covers(other, bar) for other in boxes):
            boxes.append(box)
    return boxes[:_MOST_REGIONS]


def _covers(box: Sequence[int], bar: Bar) -> bool:
    """Return whether a label of the bar would be seen in a box."""
    rows = box[0] <= bar.y_top - 20 and bar.y_bottom + 20 <= box[1]
    return rows and box[2] <= bar.x_start - 60 and bar.x_stop + 60 <= box[3]


def _text_in(
    grey: NDArray[np.float32],
    box: tuple[int, int, int, int],
    read: ReadText,
    *,
    enlarge: float,
) -> Iterator[Text]:
    """Yield the lines of text in a box, with their place in the picture."""
    top, bottom, left, right = box
    crop = np.clip(grey[top:bottom, left:right], 0, 255).astype(np.uint8)
    factor = min(enlarge, _LARGEST / max(crop.shape))
    size = (round(crop.shape[1] * factor), round(crop.shape[0] * factor))
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    for line in read(np.asarray(cv2.resize(crop, size, interpolation=method), np.uint8)):
        yield Text(
            line.text,
            line.score,
            left + line.x_min / factor,
            top + line.y_min / factor,
            left + line.x_max / factor,
            top + line.y_max / factor,
        )


def _is_confirmed(grey: NDArray[np.float32], label: Label, read: ReadText) -> bool:
    """Return whether a label says the same when read again, alone and at other sizes."""
    text = label.box
    margin = int(max(8, 0.7 * text.height))
    box = (
        max(0, int(text.y_min) - margin),
        min(grey.shape[0], int(text.y_max) + margin),
        max(0, int(text.x_min) - margin),
        min(grey.shape[1], int(text.x_max) + margin),
    )
    alone = _alone(grey, text)
    readings: set[tuple[float, str]] = set()
    for height in (36.0, 56.0):
        enlarge = height / max(text.height, 1.0)
        lines = list(_text_in(alone, box, read, enlarge=enlarge))
        readings |= {found.says for found in labels_in(lines)}
    return readings == {label.says}


def _alone(grey: NDArray[np.float32], text: Text) -> NDArray[np.float32]:
    """Return the picture with only one line of text left, on its own ground."""
    above, beside = 0.2 * text.height, 0.1 * text.height
    rows = slice(max(0, int(text.y_min - above)), int(text.y_max + above) + 1)
    columns = slice(max(0, int(text.x_min - beside)), int(text.x_max + beside) + 1)
    alone = np.full_like(grey, np.median(grey[rows, columns]))
    alone[rows, columns] = grey[rows, columns]
    return alone
