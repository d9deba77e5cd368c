"""Results of methods on pictures, each kept as soon as it is there."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry import __version__, io
from segmetry.compare.judging import Job, Rules
from segmetry.compare.methods import Method
from segmetry.compare.outcome import Outcome
from segmetry.compare.pictures import Entry
from segmetry.errors import RecipeError, SegmetryError, WriteError

__all__ = ["Store", "file_mark", "make_folder"]

_PLAIN = re.compile(r"[^A-Za-z0-9._=-]+")
_FOUND = "found"


def make_folder(
    out: Path, files: Iterable[str], *, resume: bool = False, overwrite: bool = False
) -> None:
    """Make the folder of results, or refuse one that holds some already.

    Parameters
    ----------
    out : Path
    files : iterable of str
        Names that only earlier results have.
    resume, overwrite : bool
        Keep or replace those.

    Raises
    ------
    RecipeError
        If there are results, and neither is said, or both are.
    WriteError
        If the folder cannot be made.
    """
    if resume and overwrite:
        msg = "Choose --resume to keep earlier results or --overwrite to replace them."
        raise RecipeError(msg)
    present = [name for name in files if (out / name).exists()]
    if present and not resume and not overwrite:
        msg = (
            f"{out.name} already holds results ({present[0]}); choose another --out, or "
            "say --resume to keep them or --overwrite to replace them."
        )
        raise RecipeError(msg)
    try:
        for name in present if overwrite else ():
            _remove(out / name)
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"Cannot make the folder {out.name} for the results: {error.strerror}."
        raise WriteError(msg) from error


class Store:
    """A folder with a folder for each method, in which each picture has its results.

    Parameters
    ----------
    folder : Path
        Of the comparison.
    rules : Rules
    """

    def __init__(self, folder: Path, rules: Rules) -> None:
        self._folder = folder / _FOUND
        self._rules = rules

    def earlier(self, job: Job, entry: Entry) -> Outcome | None:
        """Return what was kept of a method on a picture, if all is as it was then."""
        path = self._path(job.method, entry, "json")
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept.pop("mark") != self._mark(job, entry):
                return None
            return Outcome.from_text(json.dumps(kept["outcome"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(
        self, job: Job, entry: Entry, outcome: Outcome, labels: NDArray[np.uint32] | None
    ) -> None:
        """Keep what came of a method on a picture; a failure is tried again."""
        if outcome.failed or labels is None:
            return
        self._path(job.method, entry, "json").parent.mkdir(parents=True, exist_ok=True)
        io.write_labels(self._path(job.method, entry, "tif"), labels)
        values = {"mark": self._mark(job, entry), "outcome": outcome.as_json()}
        io.write_json(self._path(job.method, entry, "json"), values)

    def labels(self, method: Method, entry: Entry) -> NDArray[np.uint32] | None:
        """Return the objects that a method found in a picture, or `None`."""
        path = self._path(method, entry, "tif")
        if not path.is_file():
            return None
        try:
            return io.read_labels(path, allow_empty=True)
        except SegmetryError:
            return None

    def _path(self, method: Method, entry: Entry, ending: str) -> Path:
        return self._folder / _plain(method.label) / f"{_plain(entry.name)}.{ending}"

    def _mark(self, job: Job, entry: Entry) -> str:
        """Return what must be the same for a result to be of use again."""
        own = [entry.image, entry.mask, *([entry.field] if entry.field else [])]
        taught = [path for one in job.teachers for path in (one.image, one.mask)]
        parts = {
            "version": __version__,
            "recipe": job.method.recipe.model_dump(mode="json"),
            # One that is taught has no file yet, and some say so with an error.
            "files": {} if job.teachers else dict(job.method.segmenter().files()),
            "rules": [self._rules.task, self._rules.thin],
            "pictures": [file_mark(path) for path in own],
            "teachers": sorted(file_mark(path) for path in taught),
            "seed": self._rules.seed if job.teachers else 0,
        }
        text = json.dumps(parts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def file_mark(path: Path) -> str:
    """Return the hash of a file's content; "" where it cannot be read."""
    try:
        state = path.stat()
        return _hash(path, state.st_mtime_ns, state.st_size)
    except OSError:
        return ""


@lru_cache(maxsize=4096)
def _hash(path: Path, *_state: int) -> str:
    """Return the hash of a file; one that learns asks for the same ones again and again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain(text: str) -> str:
    """Return a name that any disk takes, and no other text has."""
    plain = _PLAIN.sub("_", text).strip(".")[:60]
    if plain == text and plain.lower() == text:
        return plain
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
        return
    with suppress(FileNotFoundError):
        path.unlink()
