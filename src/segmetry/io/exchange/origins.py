"""Where masks come from: found by a program, corrected, drawn from nothing, or imported.

A folder of masks tells it in `masks.csv`, one row a picture, and, where it is known object
by object, in `mask_objects.csv`. A mask without a row has an origin that nobody wrote down.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args

from segmetry.errors import ReadError
from segmetry.io.exchange.rows import csv_text, read_rows
from segmetry.io.names import picture_name, picture_names
from segmetry.io.writing import write_text

__all__ = [
    "MASKS_TABLE",
    "OBJECTS_TABLE",
    "MaskKind",
    "MaskOrigin",
    "read_origins",
    "write_origins",
]

MaskKind = Literal["draft", "corrected", "from nothing", "imported"]

MASKS_TABLE = "masks.csv"
OBJECTS_TABLE = "mask_objects.csv"  # a run has an objects.csv of another kind
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
        If the kind, or that of an object, is none of these.

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
        if unknown := set(self.objects.values()) - set(_OBJECTS):
            msg = f"objects are {', '.join(_OBJECTS)}, got {unknown.pop()!r}"
            raise ValueError(msg)


def write_origins(
    folder: str | PathLike[str], origins: Iterable[tuple[str, int, MaskOrigin]]
) -> list[Path]:
    """Write where the masks of a folder come from; what was told before is replaced.

    Parameters
    ----------
    folder : path
        That of the masks.
    origins : iterable of (str, int, MaskOrigin)
        Name of the picture, number of its objects, and where its mask comes from.

    Returns
    -------
    list of Path
        The tables.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_origins(folder, [("a", 2, MaskOrigin("draft", segmenter="nuclei"))])
    ...     read_origins(folder)["a"].segmenter
    'nuclei'
    """
    told = list(origins)
    rows = [_row(name, n_objects, origin) for name, n_objects, origin in told]
    objects = [
        (name, label, kind)
        for name, _, origin in told
        for label, kind in sorted(origin.objects.items())
    ]
    masks, of_objects = Path(folder, MASKS_TABLE), Path(folder, OBJECTS_TABLE)
    write_text(masks, csv_text(_COLUMNS, rows))
    # An earlier table of objects would tell of masks that are replaced.
    if not (objects or of_objects.exists()):
        return [masks]
    write_text(of_objects, csv_text(("image", "label", "origin"), objects))
    return [masks, of_objects]


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
        If `masks.csv` or `mask_objects.csv` holds what neither is written with.
    """
    table = Path(folder, MASKS_TABLE)
    if not table.is_file():
        return {}
    rows = {row.get("image", ""): row for row in read_rows(table)}
    objects = _objects(Path(folder, OBJECTS_TABLE))
    found = {}
    for told, name in picture_names(rows).items():
        own = objects.get(told) or objects.get(picture_name(told), {})
        try:
            found[name] = _origin(rows[told], own)
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
        found.setdefault(name, {})[int(label)] = kind
    return found
