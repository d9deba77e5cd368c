"""Where masks come from: found by a program, corrected, drawn from nothing, or imported.

A folder of masks tells it in `masks.csv`, one row a picture, and, where it is known object
by object, in `objects.csv`. A mask without a row has an origin that nobody wrote down.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args

from segmetry.errors import ReadError
from segmetry.io.exchange.rows import csv_text, read_rows
from segmetry.io.names import picture_name
from segmetry.io.writing import write_text

__all__ = ["MASKS_TABLE", "MaskKind", "MaskOrigin", "read_origins", "write_origins"]

MaskKind = Literal["draft", "corrected", "from nothing", "imported"]

MASKS_TABLE = "masks.csv"
_OBJECTS_TABLE = "objects.csv"
_OBJECTS = ("found", "edited", "drawn")
_COLUMNS = (
    *("image", "mask_origin", "segmenter", "threshold", "checked"),
    *("n_objects", "n_found", "n_edited", "n_drawn"),
)
_YES = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True)
class MaskOrigin:
    """Where the mask of one picture comes from.

    Parameters
    ----------
    kind : {"draft", "corrected", "from nothing", "imported"}
        As a program found it; found and then changed by a person; all of it drawn by a
        person; or read from a file of another program.
    segmenter : str
        What found it. Empty: nothing did, or it is not known.
    threshold : float or None
        The grey value at which the segmenter cut this picture, where it has one.
    checked : bool or None
        Whether a person said that every object is right and none is missing; `None` where
        nobody was asked.
    objects : mapping of int to {"found", "edited", "drawn"}
        Where each object comes from; empty where that is not known.

    Raises
    ------
    ValueError
        If the kind is none of these.

    Examples
    --------
    >>> MaskOrigin("draft", segmenter="threshold", threshold=57.5).kind
    'draft'
    """

    kind: MaskKind
    segmenter: str = ""
    threshold: float | None = None
    checked: bool | None = None
    objects: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a kind that means nothing."""
        if self.kind not in get_args(MaskKind):
            msg = f"kind must be one of {', '.join(get_args(MaskKind))}, got {self.kind!r}"
            raise ValueError(msg)


def write_origins(
    folder: str | PathLike[str], origins: Iterable[tuple[str, int, MaskOrigin]]
) -> None:
    """Write where the masks of a folder come from.

    Parameters
    ----------
    folder : path
        That of the masks.
    origins : iterable of (str, int, MaskOrigin)
        Name of the picture, number of its objects, and where its mask comes from.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_origins(folder, [("a", 2, MaskOrigin("draft", segmenter="nuclei"))])
    ...     read_origins(folder)["a"].segmenter
    'nuclei'
    """
    told = list(origins)
    rows = [_row(name, n_objects, origin) for name, n_objects, origin in told]
    write_text(Path(folder, MASKS_TABLE), csv_text(_COLUMNS, rows))
    objects = [
        (name, label, kind)
        for name, _, origin in told
        for label, kind in sorted(origin.objects.items())
    ]
    if objects:
        text = csv_text(("image", "label", "origin"), objects)
        write_text(Path(folder, _OBJECTS_TABLE), text)


def read_origins(folder: str | PathLike[str]) -> dict[str, MaskOrigin]:
    """Read where the masks of a folder come from.

    Parameters
    ----------
    folder : path

    Returns
    -------
    dict of str to MaskOrigin
        By the picture's name without ending. Empty where the folder does not tell.

    Raises
    ------
    ReadError
        If `masks.csv` or `objects.csv` holds what neither is written with.
    """
    table = Path(folder, MASKS_TABLE)
    if not table.is_file():
        return {}
    objects = _objects(Path(folder, _OBJECTS_TABLE))
    found = {}
    for row in read_rows(table):
        name = picture_name(row.get("image", ""))
        try:
            found[name] = _origin(row, objects.get(name, {}))
        except ValueError as error:
            msg = f"{table.name}: the row of {name or 'a picture without a name'}: {error}"
            raise ReadError(msg) from error
    return found


def _row(name: str, n_objects: int, origin: MaskOrigin) -> Sequence[Any]:
    counts = Counter(origin.objects.values())
    parts = [counts[kind] for kind in _OBJECTS] if counts else [None] * 3
    checked = _YES[origin.checked]
    return (
        *(name, origin.kind, origin.segmenter, origin.threshold, checked),
        *(n_objects, *parts),
    )


def _origin(row: Mapping[str, str], objects: Mapping[int, str]) -> MaskOrigin:
    threshold = row.get("threshold", "")
    kind: Any = row.get("mask_origin", "")
    return MaskOrigin(
        kind,
        segmenter=row.get("segmenter", ""),
        threshold=float(threshold) if threshold else None,
        checked={"yes": True, "no": False}.get(row.get("checked", "").lower()),
        objects=objects,
    )


def _objects(table: Path) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for row in read_rows(table) if table.is_file() else ():
        name, label, kind = (row.get(key, "") for key in ("image", "label", "origin"))
        if kind not in _OBJECTS or not label.isdecimal():
            msg = (
                f"{table.name} tells of each object its label and one of "
                f"{', '.join(_OBJECTS)}, got {label!r} and {kind!r}"
            )
            raise ReadError(msg)
        found.setdefault(picture_name(name), {})[int(label)] = kind
    return found
