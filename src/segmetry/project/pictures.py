"""The pictures of a project: local files by path and hash, uploads as copies."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from sqlite3 import Row
from typing import Any

from segmetry.batch.inputs import file_hash, utf8
from segmetry.errors import PictureError, ProjectError, ReadError, WriteError
from segmetry.io import write_png
from segmetry.io.listing import files_of
from segmetry.project.database import Database, only
from segmetry.project.identifiers import new_identifier
from segmetry.project.looks import Look
from segmetry.recipe import Recipe, changed

__all__ = ["PictureRecord", "Pictures", "chosen_recipe", "now"]

_MOST_BYTES = 2**31  # of an upload; a picture that decodes to more is refused anyway
_PARTS = ("reading", "calibration", "banner", "area")  # of a recipe, chosen by picture
# No parts of a recipe: the line that a typed pixel size was told by, the picture that it
# was taken over from, the labels that a person has looked through, at which revision, the
# regions in which objects are counted, and the seed by which it was chosen to be corrected.
_DRAWN, _SHARED, _CHECKED, _CHECKED_REV = "drawn", "shared_from", "checked", "checked_rev"
_REGIONS, _SAMPLED = "outlines", "sampled"
_BESIDE = (_DRAWN, _SHARED, _CHECKED, _CHECKED_REV, _REGIONS, _SAMPLED)


@dataclass(frozen=True)
class PictureRecord:
    """What the project knows of a picture.

    Parameters
    ----------
    id : str
    name : str
        As people call it.
    path : Path
        Where its file should lie.
    is_upload : bool
        Whether the project keeps a copy of its own.
    sha256 : str
    status : str
        "new" (not looked at yet), "ready", or "failed" (`look["error"]` says why).
    look : dict
        See `segmetry.project.looks.Look`.
    choices : dict
        Parts of the recipe that were chosen for this picture. Beside them may stand
        `drawn`, the line along a scale bar by which a person told the pixel size,
        `shared_from`, the identifier of the picture that it was taken over from,
        `checked` and `checked_rev`, the identifier and the revision of labels that a
        person has looked through completely, `outlines`, see `segmetry.project.regions`,
        and `sampled`, see `segmetry.project.sampled`.
    """

    id: str
    name: str
    path: Path
    is_upload: bool
    sha256: str
    status: str
    look: Mapping[str, Any]
    choices: Mapping[str, Any]

    @property
    def is_volume(self) -> bool:
        """Whether it is a stack of slices, as far as it was looked at."""
        return int(self.look.get("n_slices", 1)) > 1


class Pictures:
    """The pictures of one project.

    Parameters
    ----------
    database : Database
    folder : Path
        The project's own folder: uploads and thumbnails lie in it.
    home : Path or None
        The folder of local pictures that the project belongs to: paths below it are kept
        relative, so that the whole can be moved.
    """

    def __init__(self, database: Database, folder: Path, home: Path | None) -> None:
        self._database = database
        self._home = home
        self._uploads = folder / "uploads"
        self._thumbnails = folder / "thumbnails"
        for place in (self._uploads, self._thumbnails):
            place.mkdir(exist_ok=True)
        for unfinished in self._uploads.glob("*.part"):  # the program died meanwhile
            unfinished.unlink()

    def add(self, path: Path) -> str:
        """Add a local picture where it lies, and return its identifier.

        A file that is in the project already is not added twice.
        """
        path = Path(os.path.abspath(path))  # noqa: PTH100 - links stay what they are
        kept = self._kept(path)
        known = self._database.rows("SELECT id FROM picture WHERE path = ?", kept)
        if known:
            return str(known[0]["id"])
        sha256 = file_hash(path)
        return self._insert(utf8(path.name), path, kept, sha256)

    def upload(
        self, name: str, content: Iterable[bytes], *, most_bytes: int = _MOST_BYTES
    ) -> str:
        """Keep a copy of a picture that comes in pieces, and return its identifier."""
        identifier = new_identifier()
        unfinished = self._uploads / f"{identifier}.part"
        digest, size = hashlib.sha256(), 0
        try:
            with unfinished.open("xb") as file:
                for piece in content:
                    size += len(piece)
                    _refuse_large(name, size, most_bytes)
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if not size:
                msg = f"{_plain_name(name)} is empty (0 bytes); choose another file."
                raise ReadError(msg)
            path = unfinished.replace(self._uploads / identifier)
        except OSError as error:
            msg = f"{_plain_name(name)} cannot be kept: {error.strerror or error}."
            raise WriteError(msg) from error
        finally:
            unfinished.unlink(missing_ok=True)
        return self._insert(
            _plain_name(name), path, None, digest.hexdigest(), identifier=identifier
        )

    def record(self, picture: str) -> PictureRecord:
        """Return what is known of a picture."""
        rows = self._database.rows("SELECT * FROM picture WHERE id = ?", picture)
        return self._record(only(rows, "picture"))

    def records(self) -> list[PictureRecord]:
        """Return all pictures in the order in which they were added."""
        rows = self._database.rows("SELECT * FROM picture ORDER BY rowid")
        return [self._record(row) for row in rows]

    def file(self, picture: str) -> Path:
        """Return where the picture's file lies, after making sure that it is the same.

        Raises
        ------
        PictureError
            If it is no longer there, or its content has changed.
        """
        record = self.record(picture)
        try:
            size, modified = _state(record.path)
        except OSError as error:
            msg = (
                f"{record.name} is no longer where it was, in the folder "
                f"{record.path.parent.name}; put it back, or add it from "
                "where it is now."
            )
            raise PictureError(msg) from error
        row = self._database.rows("SELECT * FROM picture WHERE id = ?", picture)[0]
        if (size, modified) == (row["size"], row["modified"]):
            return record.path
        if file_hash(record.path) != record.sha256:
            msg = (
                f"{record.name} has changed since it was added to the project: its content "
                "is another. Put the old file back, or add the new one as a picture of its "
                "own."
            )
            raise PictureError(msg)
        self._database.rows(
            "UPDATE picture SET size = ?, modified = ? WHERE id = ?",
            size,
            modified,
            picture,
        )
        return record.path

    def choose(self, picture: str, parts: Mapping[str, Any]) -> None:
        """Set parts of the recipe for one picture; `None` takes a choice back.

        What was seen of the picture counts no longer: it is "new" again.

        Raises
        ------
        ProjectError
            If a part is not chosen by picture.
        RecipeError
            If a name or value is not known.
        """
        unknown = sorted(set(parts) - {*_PARTS, _DRAWN, _SHARED, _REGIONS})
        if unknown:
            msg = (
                f"{unknown[0]!r} is not chosen by picture; these are: {', '.join(_PARTS)}."
            )
            raise ProjectError(msg)
        choices = {**self.record(picture).choices, **parts}
        kept = {part: values for part, values in choices.items() if values is not None}
        changed(Recipe(), _of_recipe(kept))  # refuses what no recipe may hold
        self._database.rows(
            "UPDATE picture SET choices = ?, status = 'new' WHERE id = ?",
            json.dumps(kept),
            picture,
        )

    def check(self, picture: str, labels: str | None, *, rev: int | None = None) -> None:
        """Note which labels a person has looked through completely; `None`: none."""
        self._note(picture, {_CHECKED: labels, _CHECKED_REV: rev})

    def sample(self, picture: str, seed: int | None) -> None:
        """Note by which seed a picture was chosen to be corrected; `None`: it was not."""
        self._note(picture, {_SAMPLED: seed})

    def _note(self, picture: str, marks: Mapping[str, Any]) -> None:
        choices = {**self.record(picture).choices, **marks}
        kept = {part: values for part, values in choices.items() if values is not None}
        self._database.rows(
            "UPDATE picture SET choices = ? WHERE id = ?", json.dumps(kept), picture
        )

    def recipe(self, picture: str, recipe: Recipe) -> Recipe:
        """Return a recipe with what was chosen for one picture."""
        return chosen_recipe(recipe, self.record(picture).choices)

    def keep_look(self, picture: str, look: Look) -> None:
        """Keep what a look at the picture told, and its thumbnail."""
        if look.thumbnail is not None:
            write_png(self.thumbnail(picture), look.thumbnail)
        self._database.rows(
            "UPDATE picture SET look = ?, status = ? WHERE id = ?",
            json.dumps(look.facts),
            look.status,
            picture,
        )

    def thumbnail(self, picture: str) -> Path:
        """Return where the PNG of a picture's thumbnail lies once it was looked at."""
        return self._thumbnails / f"{self.record(picture).id}.png"

    def remove(self, picture: str) -> None:
        """Take a picture with all its labels out of the project; a local file stays."""
        record = self.record(picture)
        thumbnail = self.thumbnail(picture)
        self._database.rows("DELETE FROM picture WHERE id = ?", picture)
        thumbnail.unlink(missing_ok=True)
        if record.is_upload and record.path.is_dir():
            shutil.rmtree(record.path)
        elif record.is_upload:
            record.path.unlink(missing_ok=True)

    def _insert(
        self,
        name: str,
        path: Path,
        kept: str | None,
        sha256: str,
        *,
        identifier: str | None = None,
    ) -> str:
        identifier = identifier or new_identifier()
        size, modified = _state(path)
        values: dict[str, Any] = {"id": identifier, "name": name, "path": kept}
        values |= {"size": size, "modified": modified, "sha256": sha256}
        values |= {"choices": "{}", "status": "new", "look": "{}", "added": now()}
        self._database.insert("picture", values)
        return identifier

    def _kept(self, path: Path) -> str:
        if self._home is not None and path.is_relative_to(self._home):
            path = path.relative_to(self._home)
        kept = path.as_posix()
        if utf8(kept) != kept:
            msg = f"The name of {utf8(path.name)} is no text; give the file another name."
            raise PictureError(msg)
        return kept

    def _record(self, row: Row) -> PictureRecord:
        if row["path"] is None:
            path = self._uploads / row["id"]
        else:
            path = (self._home or Path()) / row["path"]
        return PictureRecord(
            id=row["id"],
            name=row["name"],
            path=path,
            is_upload=row["path"] is None,
            sha256=row["sha256"],
            status=row["status"],
            look=json.loads(row["look"]),
            choices=json.loads(row["choices"]),
        )


def _state(path: Path) -> tuple[int, int]:
    """Return the size of a picture and when it was written, all its files together."""
    known = [file.stat() for file in files_of(path) or [path]]
    return sum(one.st_size for one in known), max(one.st_mtime_ns for one in known)


def now() -> str:
    """Return the time, to the second, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def chosen_recipe(recipe: Recipe, choices: Mapping[str, Any]) -> Recipe:
    """Return a recipe with what was chosen for one picture.

    A chosen pixel size counts alone: where none is typed, none of the recipe does either.
    """
    found = changed(recipe, _of_recipe(choices))
    chosen = choices.get("calibration", {})
    if "pixel_size" not in chosen:
        return found
    size = {"pixel_size": chosen["pixel_size"]}
    calibration = found.calibration.model_copy(update=size)
    return found.model_copy(update={"calibration": calibration})


def _of_recipe(choices: Mapping[str, Any]) -> dict[str, Any]:
    return {part: values for part, values in choices.items() if part not in _BESIDE}


def _refuse_large(name: str, size: int, most_bytes: int) -> None:
    if size > most_bytes:
        msg = (
            f"{_plain_name(name)} has more than the {most_bytes:,} bytes that can be "
            "uploaded; open it from a folder of this computer instead."
        )
        raise ReadError(msg)


def _plain_name(name: str) -> str:
    """Return the last part of a name, without signs that cannot be printed."""
    last = PureWindowsPath(PurePosixPath(utf8(name)).name).name
    return "".join(letter for letter in last if letter.isprintable())[:255] or "picture"
