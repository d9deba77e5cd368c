"""ImageJ's selections: one `.roi` file as outlines, and outlines as one `.roi` file.

The format is that of ImageJ's own decoder [1]_: a header of 64 bytes, coordinates, and a
second header that leads to the name. Integers and floats are big-endian.

References
----------
.. [1] https://github.com/imagej/ImageJ/blob/master/ij/io/RoiDecoder.java
"""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from segmetry.errors import RegionError
from segmetry.region import FARTHEST, Floats

__all__ = ["MARK", "decoded", "encoded"]

MARK = b"Iout"

_HEADER = struct.Struct(">4shBx4hH4fhi4s4shhBBhii")
_SECOND = struct.Struct(">4x5i40x")
_VERSION = 227
_POLYGON, _RECTANGLE, _OVAL, _FREEHAND, _TRACED = 0, 1, 2, 7, 8
_WITHOUT_AREA = {
    3: "a line",
    4: "a freehand line",
    5: "a segmented line",
    6: "no selection",
    9: "an angle",
    10: "points",
}
_TEXT, _PICTURE = 1, 4  # subtypes of a rectangle
_SPLINE, _SUBPIXEL = 1, 128  # options
_LOWEST = -5000  # smaller integers stand for such beyond 32,767
_HIGHEST = _LOWEST + 65_535
_MOVE, _LINE, _QUADRATIC, _CUBIC, _CLOSE = range(5)
_PARTS_OF_CURVE = 32  # straight pieces in place of one Bézier curve
_SAG = 0.01  # px; a side of the polygon in place of an oval is this far off at most
_MOST_SIDES = 10_000  # of such a polygon; those of ovals over 200,000 px are farther off


class _Header(NamedTuple):
    mark: bytes
    version: int
    kind: int
    top: int
    left: int
    bottom: int
    right: int
    n_points: int
    x: float
    y: float
    width: float
    height: float
    stroke: int
    n_path: int
    stroke_colour: bytes
    fill_colour: bytes
    subtype: int
    options: int
    arrow: int
    arrow_head: int
    arc: int
    position: int
    second: int

    @property
    def subpixel(self) -> bool:
        return self.version >= 222 and bool(self.options & _SUBPIXEL)


def decoded(data: bytes, *, file: str) -> tuple[str, tuple[Floats, ...]]:
    """Return the name and the outlines of a selection.

    Parameters
    ----------
    data : bytes
        Content of a .roi file.
    file : str
        Its name, for messages.

    Returns
    -------
    name : str
        Empty where the file has none.
    rings : tuple of ndarray of float64, shape (n, 2)
        x and y, see `segmetry.region`.

    Raises
    ------
    RegionError
        If it is no such file, is damaged, or selects no area.
    """
    try:
        header = _header(data)
        _refuse_other(header, file)
        rings = tuple(_rings(data, header, file))
        name = _name(data, header)
    except (struct.error, ValueError, OverflowError) as error:
        msg = f"{file} is no whole ROI of ImageJ; save it there again."
        raise RegionError(msg) from error
    if not rings or not all(len(ring) >= 3 and np.isfinite(ring).all() for ring in rings):
        msg = f"{file} selects no area; draw it in ImageJ as an area, not a line."
        raise RegionError(msg)
    return name, rings


def encoded(name: str, rings: Sequence[Floats]) -> bytes:
    """Return outlines as the content of a .roi file.

    Parameters
    ----------
    name : str
    rings : sequence of ndarray of float64, shape (n, 2)
        One becomes a polygon, several a composite selection. ImageJ has no more than
        float32 for coordinates that are not whole.

    Returns
    -------
    bytes
    """
    points = np.concatenate(rings)
    low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
    box = (low[1], low[0], high[1], high[0])
    if len(rings) > 1:
        path = [_path(ring) for ring in rings]
        body, kind, n_points = b"".join(path), _RECTANGLE, 0
        n_path, options = len(body) // 4, 0
    else:
        body, options = _polygon(rings[0], low)
        kind, n_points, n_path = _POLYGON, len(rings[0]), 0
    text = name.encode("utf-16-be")
    second = _HEADER.size + len(body)
    few = n_points if n_points <= 0xFFFF else 0
    head = _HEADER.pack(
        *(MARK, _VERSION, kind, *(_short(value) for value in box), few, 0, 0, 0, 0),
        *(0, n_path, bytes(4), bytes(4), 0, options, 0, 0, 0, 0, second),
    )
    if few != n_points:  # they are told where the floats of other selections are
        head = head[:18] + struct.pack(">i", n_points) + head[22:]
    tail = _SECOND.pack(0, 0, 0, second + _SECOND.size, len(text) // 2)
    return head + body + tail + text


def _header(data: bytes) -> _Header:
    header = _Header._make(_HEADER.unpack_from(data))
    if header.mark != MARK:
        msg = "another kind of file"
        raise ValueError(msg)
    if not header.n_points and header.kind not in {_RECTANGLE, _OVAL}:
        header = header._replace(n_points=struct.unpack_from(">I", data, 18)[0])
    return header._replace(
        top=_wrapped(header.top),
        left=_wrapped(header.left),
        bottom=_wrapped(header.bottom),
        right=_wrapped(header.right),
    )


def _wrapped(value: int) -> int:
    return value + 65_536 if value < _LOWEST else value


def _short(value: float) -> int:
    """Return a whole number as ImageJ keeps it, in 16 bits."""
    inside = min(max(int(value), _LOWEST), _HIGHEST)
    return inside - 65_536 if inside > 32_767 else inside


def _refuse_other(header: _Header, file: str) -> None:
    if header.kind in _WITHOUT_AREA:
        what = _WITHOUT_AREA[header.kind]
    elif header.kind == _RECTANGLE and header.subtype in {_TEXT, _PICTURE}:
        what = "a text" if header.subtype == _TEXT else "a picture"
    elif header.kind == _RECTANGLE and header.arc and not header.n_path:
        what = "a rectangle with round corners, which is not known here"
    elif header.kind == _POLYGON and header.options & _SPLINE:
        what = "a curve fitted to points, which is not known here"
    else:
        return
    msg = f"{file} holds {what}; expected a selection that has an area, such as a polygon."
    raise RegionError(msg)


def _rings(data: bytes, header: _Header, file: str) -> Iterator[Floats]:
    if header.n_path > 0:
        path = np.frombuffer(data, ">f4", header.n_path, _HEADER.size)
        yield from _outlines(path.astype(np.float64))
        return
    if header.kind in {_RECTANGLE, _OVAL}:
        yield _of_box(header, file)
        return
    if header.kind not in {_POLYGON, _FREEHAND, _TRACED}:
        msg = "a kind of selection that ImageJ does not have"
        raise ValueError(msg)
    n, start = header.n_points, _HEADER.size
    whole = np.frombuffer(data, ">i2", 2 * n, start).reshape(2, n).T.astype(np.int64)
    whole = np.where(whole < _LOWEST, whole + 65_536, whole)
    points: Floats = whole.astype(np.float64)
    points += np.array([header.left, header.top])
    if header.subpixel:
        exact = np.frombuffer(data, ">f4", 2 * n, start + 4 * n).reshape(2, n).T
        points = exact.astype(np.float64)
    yield _open(points)


def _of_box(header: _Header, file: str) -> Floats:
    x, y = float(header.left), float(header.top)
    width, height = float(header.right - x), float(header.bottom - y)
    if header.version >= 223 and header.subpixel:
        x, y, width, height = header.x, header.y, header.width, header.height
    if width <= 0 or height <= 0:
        return np.empty((0, 2))
    if max(width, height) > FARTHEST:
        msg = (
            f"{file} selects {width:g} x {height:g} pixels, more than any picture has; "
            "draw it in ImageJ again."
        )
        raise RegionError(msg)
    if header.kind == _RECTANGLE:
        return np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * [width, height] + [x, y]
    radius = max(width, height) / 2
    n = 4 * int(np.ceil(np.pi / 4 / np.arccos(1 - min(_SAG / radius, 1))))
    n = min(max(n, 16), _MOST_SIDES)
    angles = 2 * np.pi * np.arange(n) / n
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    # The polygon has the oval's area: its corners lie a little outside.
    circle *= np.sqrt(2 * np.pi / n / np.sin(2 * np.pi / n)) / 2
    return (circle + 0.5) * [width, height] + [x, y]


def _outlines(path: Floats) -> Iterator[Floats]:
    """Yield the outlines of a composite selection: Java's path, curves as short lines."""
    numbers = {_MOVE: 2, _LINE: 2, _QUADRATIC: 4, _CUBIC: 6, _CLOSE: 0}
    points: list[Floats] = []
    at = 0
    while at < len(path):
        kind = int(path[at])
        if kind not in numbers or (kind != _MOVE and not points):
            msg = "a path that ImageJ does not write"
            raise ValueError(msg)
        count = numbers[kind]
        corners = path[at + 1 : at + 1 + count].reshape(count // 2, 2)
        at += 1 + count
        if kind == _MOVE and len(points) > 1:
            yield _open(np.array(points))
        if kind == _MOVE:
            points = []
        points += _flattened(points[-1:], corners)
    if len(points) > 1:
        yield _open(np.array(points))


def _flattened(start: list[Floats], corners: Floats) -> list[Floats]:
    if len(corners) < 2:
        return list(corners)
    controls = np.vstack([start, corners])
    share = np.arange(1, _PARTS_OF_CURVE + 1)[:, np.newaxis, np.newaxis] / _PARTS_OF_CURVE
    # De Casteljau: halfway points of halfway points, at each share of the way.
    level = np.broadcast_to(controls, (_PARTS_OF_CURVE, *controls.shape))
    while level.shape[1] > 1:
        level = level[:, :-1] + share * (level[:, 1:] - level[:, :-1])
    return list(level[:, 0])


def _open(points: Floats) -> Floats:
    """Return an outline without its last point, where that is the first again."""
    if len(points) > 1 and np.array_equal(points[0], points[-1]):
        return points[:-1]
    return points


def _name(data: bytes, header: _Header) -> str:
    if header.second <= 0:
        return ""
    start, length = struct.unpack_from(">ii", data, header.second + 16)
    if start <= 0 or length <= 0:
        return ""
    text = data[start : start + 2 * length]
    if len(text) < 2 * length:
        msg = "its name is cut"
        raise ValueError(msg)
    return text.decode("utf-16-be")


def _polygon(ring: Floats, low: Floats) -> tuple[bytes, int]:
    whole = np.clip(np.rint(ring - low), _LOWEST, _HIGHEST).astype(np.int64)
    body = whole.astype(np.uint16).astype(">u2").T.tobytes()
    placed = all(_LOWEST <= value <= _HIGHEST for value in low)
    if placed and np.array_equal(whole + low, ring):
        return body, 0
    return body + ring.astype(">f4").T.tobytes(), _SUBPIXEL


def _path(ring: Floats) -> bytes:
    kinds = np.full((len(ring), 1), _LINE)
    kinds[0] = _MOVE
    return np.hstack([kinds, ring]).astype(">f4").tobytes() + struct.pack(">f", _CLOSE)
