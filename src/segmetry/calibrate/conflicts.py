"""Comparing all that is known about the pixel size, and choosing one."""

from collections.abc import Sequence
from itertools import combinations

from segmetry.calibrate.typed import DRAWN
from segmetry.errors import CalibrationConflictError, CalibrationError
from segmetry.image import LENGTH_IN_UM, PixelSize

__all__ = ["difference_of", "difference_text", "kind_of", "length_text", "reconcile"]

_TOLERANCE = 0.03  # relative; magnifications are calibrated to about this
_KINDS = ("typed", "metadata", "bar")  # the order of trust where all agree


def kind_of(size: PixelSize) -> str:
    """Return where a pixel size comes from: "typed", "bar" or "metadata".

    A line that a person drew counts as typed.

    Examples
    --------
    >>> kind_of(PixelSize(y=1, x=1, unit="nm", source="zeiss"))
    'metadata'
    """
    if size.source.startswith(DRAWN):
        return "typed"
    return {"typed": "typed", "scale bar": "bar"}.get(size.source, "metadata")


def length_text(size: PixelSize) -> str:
    """Return a pixel size as text, in a unit that suits it.

    Examples
    --------
    >>> length_text(PixelSize(y=0.0125, x=0.0125, unit="um", source="typed"))
    '12.5 nm'
    """
    unit, name = next(
        (unit, name)
        for unit, name in (("mm", "mm"), ("um", "µm"), ("nm", "nm"), ("pm", "pm"))
        if size.in_um.x >= LENGTH_IN_UM[unit] or unit == "pm"
    )
    values = [f"{value / LENGTH_IN_UM[unit]:.5g}" for value in (size.in_um.x, size.in_um.y)]
    return f"{' x '.join(dict.fromkeys(values))} {name}"


def difference_of(first: PixelSize, second: PixelSize) -> float:
    """Return by how much two pixel sizes differ, relative to the first.

    A scale bar lies along x, so against a bar only the widths are compared; otherwise the
    larger of the two differences counts.

    Examples
    --------
    >>> metadata = PixelSize(y=2.0, x=2.0, unit="um", source="zeiss")
    >>> bar = PixelSize(y=2.05, x=2.05, unit="um", source="scale bar")
    >>> round(difference_of(metadata, bar), 3)
    0.025
    """
    one, other = first.in_um, second.in_um
    along_x = abs(other.x / one.x - 1)
    if "bar" in (kind_of(first), kind_of(second)):
        return along_x
    return max(along_x, abs(other.y / one.y - 1))


def reconcile(
    candidates: Sequence[PixelSize], *, choice: str | None = None
) -> PixelSize | None:
    """Return the pixel size to use, after comparing all that are known.

    Where all agree, a typed value goes before metadata, and metadata before a scale bar.

    Parameters
    ----------
    candidates : sequence of PixelSize
        At most one from each source. A source of "typed" or "scale bar" is what it says;
        any other is metadata.
    choice : str or None
        "metadata", "bar" (or "scale bar") or "typed" takes that one whatever the others
        say, "none" takes none. `None` or "auto" compares them.

    Returns
    -------
    PixelSize or None
        `None` where nothing is known, or nothing was wanted.

    Raises
    ------
    CalibrationConflictError
        If two differ by more than 3 %, or by more than twice their own uncertainty where
        that is larger.
    CalibrationError
        If the chosen one is not there, or `choice` is not known.

    Examples
    --------
    >>> metadata = PixelSize(y=2.0, x=2.0, unit="um", source="zeiss")
    >>> bar = PixelSize(y=3.0, x=3.0, unit="um", source="scale bar")
    >>> reconcile([metadata, bar], choice="metadata").source
    'zeiss'
    >>> reconcile([bar]).source
    'scale bar'
    """
    known = {kind_of(size): size for size in candidates}
    wanted = {"scale bar": "bar", None: "auto"}.get(choice, choice)
    if wanted == "none":
        return None
    if wanted != "auto":
        return _chosen(known, str(wanted))
    for first, second in combinations([known[k] for k in _KINDS if k in known], 2):
        _refuse_conflict(first, second)
    return next((known[kind] for kind in _KINDS if kind in known), None)


def _chosen(known: dict[str, PixelSize], wanted: str) -> PixelSize:
    if wanted not in _KINDS:
        msg = (
            f"Expected a calibration of auto, metadata, bar, typed or none, got {wanted!r}."
        )
        raise CalibrationError(msg)
    if wanted not in known:
        there = ", ".join(known) or "nothing"
        msg = (
            f"Expected a pixel size from {_origin(wanted)}, but there is none; known here: "
            f"{there}. Choose one of these, or type a pixel size."
        )
        raise CalibrationError(msg)
    return known[wanted]


def _origin(kind: str) -> str:
    return {
        "metadata": "the file's metadata",
        "bar": "a scale bar that can be read",
        "typed": "--pixel-size",
    }[kind]


def difference_text(difference: float) -> str:
    """Return a difference of two pixel sizes in words; see `difference_of`.

    Examples
    --------
    >>> difference_text(0.0251), difference_text(1794.0)
    ('2.5 %', 'a factor of 1800')
    """
    if difference < 1:
        return f"{100 * difference:.2g} %"
    return f"a factor of {float(f'{1 + difference:.2g}'):g}"


def _refuse_conflict(first: PixelSize, second: PixelSize) -> None:
    own = max(first.uncertainty or 0.0, second.uncertainty or 0.0)
    limit = max(_TOLERANCE, 2 * own)
    difference = difference_of(first, second)
    if difference <= limit:
        return
    kinds = " or ".join(sorted({kind_of(first), kind_of(second)}))
    msg = (
        f"Two sources of the pixel size disagree by {difference_text(difference)}: "
        f"{_named(first)} and {_named(second)}; at most {100 * limit:.2g} % was expected. "
        f"Look which is right, and choose it with --calibration {kinds}."
    )
    raise CalibrationConflictError(msg)


def _named(size: PixelSize) -> str:
    kind = kind_of(size)
    name = f"metadata ({size.source})" if kind == "metadata" else size.source
    return f"{name} {length_text(size)}"
