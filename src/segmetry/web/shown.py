"""Projects and pictures as the client knows them: `frontend/src/api/types.ts` says how."""

from collections.abc import Mapping
from typing import Any

from segmetry.calibrate import kind_of, reconcile
from segmetry.errors import CalibrationConflictError
from segmetry.image import LENGTH_IN_UM, PixelSize
from segmetry.project import PictureRecord, Project, pixel_size_of
from segmetry.project.annotated import is_checked
from segmetry.project.regions import told_regions
from segmetry.project.sampled import is_sampled

__all__ = ["LENGTH_UNITS", "shown_picture"]

# The client's units, longest first; "µm" is written with the micro sign.
LENGTH_UNITS: Mapping[str, str] = {"mm": "mm", "µm": "um", "nm": "nm"}


def shown_picture(project: Project, picture: str, *, is_busy: bool) -> dict[str, Any]:
    """Return a picture with all that the client shows of it.

    Parameters
    ----------
    project : Project
    picture : str
    is_busy : bool
        Whether a job waits or runs for it.

    Returns
    -------
    dict
        JSON values.
    """
    record = project.pictures.record(picture)
    found = project.labels.records(picture)
    newest = found[-1].id if found else None
    look = record.look
    status, message = _status(record, is_busy=is_busy, is_done=newest is not None)
    return {
        "id": record.id,
        "name": record.name,
        "width": look.get("width_px", 0),
        "height": look.get("height_px", 0),
        "n_slices": look.get("n_slices", 1),
        "status": status,
        "message": message,
        "channels": [channel["name"] for channel in look.get("channels", ())],
        "channel": record.choices.get("reading", {}).get("channel"),
        "calibration": _calibration(record),
        "excluded": _excluded(record),
        "labels": newest,
        "is_sampled": is_sampled(record),
        "is_checked": newest is not None and is_checked(project, record, newest),
        "n_objects": None if newest is None else project.labels.n_objects(newest),
        "warnings": found[-1].run["remarks"] if found else [],
    }


def _status(
    record: PictureRecord, *, is_busy: bool, is_done: bool
) -> tuple[str, str | None]:
    if record.status == "new":
        return "reading", None
    if record.look.get("conflict"):
        return "look", record.look["error"]
    if record.status == "failed":
        return "failed", record.look["error"]
    if is_busy:
        return "running", None
    return ("done" if is_done else "ready"), None


def _calibration(record: PictureRecord) -> dict[str, Any]:
    look = record.look
    candidates = [pixel_size_of(facts) for facts in look.get("candidates", ())]
    sizes = [size for size in candidates if size is not None]
    chosen = pixel_size_of(look.get("pixel_size"))
    if look.get("conflict"):
        chosen = None  # nobody has settled it yet
    number, unit = (None, None) if chosen is None else _length(chosen)
    return {
        "pixel_size": number,
        "unit": unit,
        "source": None if chosen is None else _source(record, chosen),
        "agrees": _agrees(sizes, is_conflict=bool(look.get("conflict"))),
        "found": [_found(record, size) for size in sizes],
    }


def _length(size: PixelSize) -> tuple[float, str]:
    """Return a pixel's width with the longest unit in which it is no small number."""
    width = size.in_um.x
    shown = next((unit for unit in LENGTH_UNITS if width >= _in_um(unit)), "nm")
    # A size in the unit that it was given in stays the number that it was.
    if LENGTH_UNITS[shown] == size.unit:
        return size.x, shown
    return width / _in_um(shown), shown


def _in_um(unit: str) -> float:
    return LENGTH_IN_UM[LENGTH_UNITS[unit]]


def _source(record: PictureRecord, size: PixelSize) -> str:
    kind = kind_of(size)
    return "drawn" if kind == "typed" and record.choices.get("drawn") else kind


def _agrees(sizes: list[PixelSize], *, is_conflict: bool) -> bool | None:
    """Return whether the sources that could be read agree; `None` of one or none."""
    if is_conflict:
        return False
    read = [size for size in sizes if kind_of(size) != "typed"]
    if len(read) < 2:
        return None
    try:
        reconcile(read)
    except CalibrationConflictError:
        return False
    return True


def _found(record: PictureRecord, size: PixelSize) -> dict[str, Any]:
    number, unit = _length(size)
    source = _source(record, size)
    evidence, line = "", None
    bar, drawn = record.look.get("bar"), record.choices.get("drawn")
    if source == "bar" and bar is not None:
        evidence = f"{bar['text']} = {bar['length_px']:.4g} px"
        row = (bar["y_top"] + bar["y_bottom"] - 1) / 2
        line = [[bar["x_start"], row], [bar["x_stop"] - 1, row]]
    elif source == "drawn" and drawn is not None:
        evidence = f"{drawn['length']:g} {drawn['unit']}"
        line = [drawn["from"], drawn["to"]]
    elif source == "metadata":
        evidence = size.source
    return {
        "source": source,
        "pixel_size": number,
        "unit": unit,
        "evidence": evidence,
        "line": line,
    }


def _excluded(record: PictureRecord) -> dict[str, Any]:
    area = record.choices.get("area") or {}
    return {
        "banner": record.look.get("banner_rows"),
        "rectangles": [_box(*rectangle) for rectangle in area.get("exclude", ())],
        "regions": told_regions(record),
        "only": bool(area.get("only")),
    }


def _box(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "width": width, "height": height}
