"""Strokes that teach a classifier of pixels, and the classes that they stand for.

They belong to the project: what is taught on one picture counts for all of them. Each is on
the disk before `draw` returns.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sqlite3 import Row

import numpy as np
from numpy.typing import NDArray

from segmetry.edit.raster import checked_points, stroke_spans
from segmetry.edit.spans import Spans
from segmetry.errors import ProjectError
from segmetry.project.database import Database, only
from segmetry.project.pictures import now

__all__ = ["MOST_CLASSES", "PixelClass", "Stroke", "Strokes", "is_class_name", "painted"]

MOST_CLASSES = 20
_MOST_STROKES = 20_000  # of a project
_LONGEST = 60  # letters of a class's name


@dataclass(frozen=True)
class PixelClass:
    """What a pixel can be.

    Parameters
    ----------
    id : int
        Stays the same for ever; its number is its place among the classes.
    name : str
    """

    id: int
    name: str


@dataclass(frozen=True)
class Stroke:
    """One stroke of the brush.

    Parameters
    ----------
    op_id : str
        Chosen by who draws it: the same stroke sent twice is drawn once.
    class_id : int or None
        `None` is the eraser, which takes away what was painted before.
    width : int
        Of the brush, in pixels.
    points : tuple of tuple of int
        x and y in pixels, see `segmetry.edit.stroke_spans`.
    """

    op_id: str
    class_id: int | None
    width: int
    points: tuple[tuple[int, int], ...]


class Strokes:
    """The strokes and the classes of one project.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def classes(self) -> list[PixelClass]:
        """Return the classes in their order; the first is the background."""
        rows = self._database.rows("SELECT id, name FROM pixel_class ORDER BY id")
        return [PixelClass(int(row["id"]), str(row["name"])) for row in rows]

    def counts(self) -> dict[int, int]:
        """Return the number of strokes of each class that has some, by identifier."""
        statement = (
            "SELECT class, count(*) AS n FROM stroke WHERE class IS NOT NULL GROUP BY class"
        )
        return {int(row["class"]): int(row["n"]) for row in self._database.rows(statement)}

    def add_class(self, name: str) -> int:
        """Add a class after the others, and return its identifier.

        Raises
        ------
        ProjectError
            If its name is empty or too long, or another class has it, or there are too
            many.
        """
        with self._database.transaction():
            name = self._free_name(name, None)
            if len(self.classes()) >= MOST_CLASSES:
                msg = f"There may be {MOST_CLASSES} classes; remove one first."
                raise ProjectError(msg)
            self._database.insert("pixel_class", {"name": name})
            return max(one.id for one in self.classes())

    def rename_class(self, class_id: int, name: str) -> None:
        """Give a class another name.

        Raises
        ------
        ProjectError
            As `add_class`.
        MissingError
            If there is no such class.
        """
        with self._database.transaction():
            self._class(class_id)
            name = self._free_name(name, class_id)
            statement = "UPDATE pixel_class SET name = ? WHERE id = ?"
            self._database.rows(statement, name, class_id)

    def remove_class(self, class_id: int) -> None:
        """Remove a class with all its strokes.

        Raises
        ------
        ProjectError
            If it is the background, or the only other one.
        MissingError
            If there is no such class.
        """
        with self._database.transaction():
            self._class(class_id)
            known = [one.id for one in self.classes()]
            if class_id == known[0] or len(known) <= 2:
                msg = "The background and one class beside it must stay; rename them."
                raise ProjectError(msg)
            self._database.rows("DELETE FROM pixel_class WHERE id = ?", class_id)

    def of(self, picture: str) -> tuple[Stroke, ...]:
        """Return the strokes of a picture in the order in which they were drawn."""
        statement = "SELECT * FROM stroke WHERE picture = ? ORDER BY number"
        return tuple(_stroke(row) for row in self._database.rows(statement, picture))

    def pictures(self) -> list[str]:
        """Return the pictures that have strokes, in the order in which they were added."""
        statement = (
            "SELECT id FROM picture WHERE id IN (SELECT picture FROM stroke) ORDER BY rowid"
        )
        return [str(row["id"]) for row in self._database.rows(statement)]

    def is_of(self, pictures: Collection[str]) -> bool:
        """Return whether all strokes are of these pictures, and as few as may be."""
        rows = self._database.rows("SELECT picture FROM stroke")
        known = {row["picture"] for row in rows}
        return len(rows) <= _MOST_STROKES and known <= set(pictures)

    def draw(self, picture: str, stroke: Stroke) -> None:
        """Keep a stroke; one that is kept already is not kept twice.

        Raises
        ------
        EditError, EditTooLargeError
            If its points or its width are none.
        MissingError
            If there is no such picture or class.
        ProjectError
            If there are too many strokes.
        """
        checked_points(stroke.points, stroke.width)
        rows = self._database.rows
        with self._database.transaction():
            only(rows("SELECT id FROM picture WHERE id = ?", picture), "picture")
            if stroke.class_id is not None:
                self._class(stroke.class_id)
            if rows("SELECT number FROM stroke WHERE op_id = ?", stroke.op_id):
                return
            if rows("SELECT count(*) AS n FROM stroke")[0]["n"] >= _MOST_STROKES:
                msg = f"A project may have {_MOST_STROKES} strokes; take some back first."
                raise ProjectError(msg)
            values = {"op_id": stroke.op_id, "picture": picture, "class": stroke.class_id}
            points = json.dumps(stroke.points, separators=(",", ":"))
            values |= {"width": stroke.width, "points": points, "at": now()}
            self._database.insert("stroke", values)

    def take_back(self, picture: str, op_id: str) -> None:
        """Take a stroke away, if it is there."""
        statement = "DELETE FROM stroke WHERE picture = ? AND op_id = ?"
        self._database.rows(statement, picture, op_id)

    def _class(self, class_id: int) -> None:
        statement = "SELECT id FROM pixel_class WHERE id = ?"
        only(self._database.rows(statement, class_id), "class")

    def _free_name(self, name: str, class_id: int | None) -> str:
        plain = " ".join(name.split())
        if not is_class_name(plain):
            msg = f"A class needs a name of 1 to {_LONGEST} letters; type another one."
            raise ProjectError(msg)
        if any(one.name == plain and one.id != class_id for one in self.classes()):
            msg = f"There is a class {plain!r} already; give this one another name."
            raise ProjectError(msg)
        return plain


def is_class_name(name: str) -> bool:
    """Return whether a class may be called so.

    Examples
    --------
    >>> is_class_name("edges"), is_class_name(" edges "), is_class_name("")
    (True, False, False)
    """
    plain = " ".join(name.split())
    return name == plain and 0 < len(name) <= _LONGEST and name.isprintable()


def painted(
    strokes: Sequence[Stroke], classes: Sequence[int], shape: tuple[int, int]
) -> NDArray[np.uint8]:
    """Return what was painted on each pixel of a picture; the last stroke lies on top.

    Parameters
    ----------
    strokes : sequence of Stroke
        In the order in which they were drawn.
    classes : sequence of int
        Identifiers in the order of their numbers.
    shape : tuple of int
        Rows and columns of the picture.

    Returns
    -------
    ndarray of uint8, shape (Y, X)
        0 where nothing was painted or it was erased, k + 1 for class number k.

    Examples
    --------
    >>> dot = Stroke("a", 7, 1, ((2, 0),))
    >>> painted([dot], [5, 7], (1, 4)).tolist()
    [[0, 0, 2, 0]]
    """
    found = np.zeros(shape, np.uint8)
    values = {class_id: number + 1 for number, class_id in enumerate(classes)}
    for stroke in strokes:
        value = 0 if stroke.class_id is None else values[stroke.class_id]
        for row, start, stop in _spans(stroke.points, stroke.width, shape).tolist():
            found[row, start:stop] = value
    return found


@lru_cache(maxsize=4096)
def _spans(
    points: tuple[tuple[int, int], ...], width: int, shape: tuple[int, int]
) -> Spans:
    return stroke_spans(points, width, shape)


def _stroke(row: Row) -> Stroke:
    points = tuple((int(x), int(y)) for x, y in json.loads(row["points"]))
    return Stroke(row["op_id"], row["class"], row["width"], points)
