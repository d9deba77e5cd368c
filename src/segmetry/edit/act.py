"""One act of a person who corrects objects, as JSON values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from segmetry.edit.raster import checked_points
from segmetry.errors import EditError

__all__ = ["Edit", "Kind"]

Kind = Literal[
    "draw",
    "erase",
    "split",
    "fill",
    "merge",
    "remove",
    "delete",
    "reject",
    "accept",
]

_NEEDS_STROKE = ("draw", "erase", "split")
_HIGHEST = 2**32 - 1


@dataclass(frozen=True)
class Edit:
    """One act: a tool, the stroke made with it, and the objects meant.

    Parameters
    ----------
    kind : str
        - "draw" paints background, and other objects too with `overwrite`. Its first
          point decides: in an object, it extends that object; else it makes a new one.
          Painted pixels that are joined neither with the stroke's object nor with each
          other get numbers of their own. Excluded pixels are never painted.
        - "erase" takes the pixels under the stroke away from all objects.
        - "split" cuts every object that the stroke crosses from side to side. No pixel is
          lost: those under the stroke go to the nearer part. An object that falls into no
          parts stays as it is.
        - "fill" fills the holes of objects, but for what is excluded.
        - "merge" gives objects the smallest of their numbers. They need not touch.
        - "remove", "delete" and "reject" take objects away, whole: by a stroke, by a
          filter, in a review.
        - "accept" marks objects as reviewed.

        All but the first three act on the objects under the stroke and those of `ids`.
        Where "erase", "split" or an overwriting "draw" parts what hung together, the
        largest part keeps the number; of equal ones, the first in reading order.
    points : tuple of (int, int)
        The stroke: x and y in pixels.
    width : int
        Diameter of the brush in pixels, 1 to 200.
    ids : tuple of int
        Numbers of objects; those that are no longer there are passed over. For "draw",
        the objects that the stroke goes on with, whatever its first point hits: if it
        joins several, they become one. `Change.into` of the first piece of a long stroke
        gives them for the next; 0 stands for an object not begun yet.
    overwrite : bool
        Whether "draw" takes pixels from other objects.

    Raises
    ------
    EditError
        If something is missing or means nothing.

    Examples
    --------
    >>> Edit("draw", points=((10, 10), (14, 10)), width=5).kind
    'draw'
    """

    kind: Kind
    points: tuple[tuple[int, int], ...] = ()
    width: int = 1
    ids: tuple[int, ...] = ()
    overwrite: bool = False

    def __post_init__(self) -> None:
        """Refuse what means nothing."""
        if self.kind not in get_args(Kind):
            msg = f"an edit must be one of {', '.join(get_args(Kind))}, got {self.kind!r}"
            raise EditError(msg)
        if len(self.points):
            checked_points(self.points, self.width)
        elif self.kind in _NEEDS_STROKE or not len(self.ids):
            msg = f"{self.kind} needs {self._needs}, got neither points nor objects"
            raise EditError(msg)
        if self.overwrite and self.kind != "draw":
            msg = f"only draw can overwrite, got {self.kind}; leave it out"
            raise EditError(msg)
        self._check_ids()

    @property
    def _needs(self) -> str:
        return (
            "a stroke" if self.kind in _NEEDS_STROKE else "a stroke or numbers of objects"
        )

    def _check_ids(self) -> None:
        if len(self.ids) and self.kind in {"erase", "split"}:
            msg = f"{self.kind} acts on all objects under its stroke; leave out ids"
            raise EditError(msg)
        least = 0 if self.kind == "draw" else 1
        wrong = [i for i in self.ids if not (type(i) is int and least <= i <= _HIGHEST)]
        if wrong:
            msg = (
                f"numbers of objects must be whole, from 1 to {_HIGHEST}, got {wrong[0]!r}"
            )
            raise EditError(msg)

    def to_json(self) -> dict[str, Any]:
        """Return the edit as JSON values, from which `from_json` makes it again."""
        points = [list(point) for point in self.points]
        return {**vars(self), "points": points, "ids": list(self.ids)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Edit":
        """Return the edit of JSON values.

        Raises
        ------
        EditError
            If a value is not known, missing, or means nothing.

        Examples
        --------
        >>> Edit.from_json({"kind": "delete", "ids": [3, 5]}).ids
        (3, 5)
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown or "kind" not in values:
            got = f"got {unknown[0]!r}" if unknown else "kind is missing"
            msg = f"an edit has kind, points, width, ids and overwrite; {got}"
            raise EditError(msg)
        try:
            points = tuple((x, y) for x, y in values.get("points", ()))
            return cls(**{**values, "points": points, "ids": tuple(values.get("ids", ()))})
        except TypeError as error:
            msg = f"an edit must have points [[x, y], ...] and ids [1, ...]: {error}"
            raise EditError(msg) from error
        except ValueError as error:
            msg = f"the points of an edit must be [[x, y], ...]: {error}"
            raise EditError(msg) from error
