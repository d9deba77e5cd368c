"""Which pictures a run takes, and the name under which each is known in the results."""

import glob
import hashlib
import json
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segmetry.errors import ReadError, RecipeError
from segmetry.io.listing import files_of, picture_endings, pictures_in
from segmetry.io.remote_files import remote_pictures, without_secrets
from segmetry.io.series import is_series, slices_in
from segmetry.io.zarr_files import attributes_of, is_zarr, url_of
from segmetry.recipe.model import Input

if TYPE_CHECKING:
    from segmetry.batch.regions import PictureRegions

__all__ = [
    "RESULT_FILES",
    "Picture",
    "file_hash",
    "find_pictures",
    "recipe_inputs",
    "recipe_pictures",
    "stem_of",
    "unique_names",
    "utf8",
]

_LAST_NAMES = (".gz", ".ome")  # of a.tif.gz and a.ome.tif, the name is "a"
RESULT_FILES = {
    "objects.csv",
    "objects.parquet",
    "segments.csv",
    "segments.parquet",
    "nodes.csv",
    "nodes.parquet",
    "regions.csv",
    "animals.csv",
    "classes.csv",
    "images.csv",
    "images.parquet",
    "schema.json",
    "summary.json",
    "report.html",
    "recipe.toml",
    "manifest.json",
    "run.log",
}
_DEVICES = {"con", "prn", "aux", "nul"}  # Windows has no folders of these names


@dataclass(frozen=True)
class Picture:
    """A picture of a run.

    Parameters
    ----------
    key : str
        Unique in the run: the name of its folder of results, and the column `image`.
    path : Path
    shown : str
        Path below the folder that all pictures share, for tables and logs: it tells
        nothing about the machine.
    sha256 : str
        What the file must hash to; empty where anything goes.
    regions : PictureRegions or None
        In which its objects are counted apart; `None` where the run has no regions.
    """

    key: str
    path: Path
    shown: str
    sha256: str = ""
    regions: "PictureRegions | None" = None


def find_pictures(
    inputs: Sequence[str | Path], *, out: Path | None = None
) -> tuple[Picture, ...]:
    """List the pictures that files, folders and patterns name.

    Parameters
    ----------
    inputs : sequence of path-like
        A folder stands for the pictures directly in it, or for one picture where it is
        OME-Zarr, or holds the slices of a DICOM series; a URL for the OME-Zarr picture
        there, or for a file of any format, and with a `/` at its end for those below it; a
        pattern (`*`, `?`, `[`, `**`) for the files that match.
    out : Path or None
        Folder of the results: a folder or pattern does not stand for files in it.

    Returns
    -------
    tuple of Picture
        In the order given, each folder and pattern sorted, each file once.

    Raises
    ------
    RecipeError
        If something named is not there, or no picture is found.
    """
    paths: dict[Path, None] = {}
    for name in inputs:
        for path in _files(str(name)):
            named = str(path) == str(Path(name))
            if named or out is None or not path.resolve().is_relative_to(out.resolve()):
                paths.setdefault(path if url_of(path) else path.absolute())
    if not paths:
        msg = "Nothing but earlier results matches; name pictures outside of --out."
        raise RecipeError(msg)
    return _named(list(paths), [""] * len(paths))


def recipe_inputs(inputs: Sequence[Input], folder: Path) -> tuple[Picture, ...]:
    """List the pictures that a recipe names, relative to the recipe's folder.

    Raises
    ------
    RecipeError
        If the recipe names none, or one is not there.
    """
    if not inputs:
        msg = "The recipe names no pictures: give them before --out."
        raise RecipeError(msg)
    pictures = recipe_pictures(inputs, folder)
    here = [one.path for one in pictures if url_of(one.path) is None]
    missing = [path.name for path in here if not path.exists()]
    if missing:
        msg = (
            f"The recipe's picture {missing[0]} is not where the recipe says; give the "
            "pictures before --out."
        )
        raise RecipeError(msg)
    return pictures


def recipe_pictures(inputs: Sequence[Input], folder: Path) -> tuple[Picture, ...]:
    """Name the pictures of a recipe as a run does, whether they are there or not."""
    paths = [
        Path(item.path)
        if url_of(Path(item.path))
        else Path(os.path.normpath(folder.resolve() / item.path))
        for item in inputs
    ]
    return _named(paths, [item.sha256 for item in inputs])


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of all slices of a series whatever their names.

    Of an OME-Zarr folder all files and their places in it count; of a URL the metadata.

    Raises
    ------
    ReadError
        If the file cannot be read.
    """
    if is_zarr(path):
        return hashlib.sha256("\n".join(_parts_of_zarr(path)).encode()).hexdigest()
    if path.is_dir():
        hashes = sorted(file_hash(one) for one in slices_in(path))
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    if not path.is_file():
        msg = f"Cannot read {path.name}: it is not there, or is no file."
        raise ReadError(msg)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"Cannot read {path.name}: {error.strerror or error}."
        raise ReadError(msg) from error


def _parts_of_zarr(path: Path) -> list[str]:
    if path.is_dir():
        places = ((one.relative_to(path).as_posix(), one) for one in files_of(path))
        # Sorted as texts: paths sort otherwise on Windows, and the hash is the same there.
        return [f"{place} {file_hash(one)}" for place, one in sorted(places)]
    return [json.dumps(attributes_of(path), sort_keys=True)]


def _files(name: str) -> list[Path]:
    if not name:
        msg = "Expected a picture, a folder or a pattern, got an empty name."
        raise RecipeError(msg)
    path = Path(name)
    if is_zarr(path):
        return _behind(name) if url_of(path) else [path]
    if path.is_dir():
        return [path] if _is_series(path) else _pictures_in(path)
    if path.exists():
        return [path]
    matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - may be absolute
    paths = [Path(match) for match in matches]
    found = [one for one in paths if one.is_file() or is_zarr(one) or _is_broken(one)]
    if not found:
        msg = f"Expected a picture, a folder or a pattern, but {name} matches nothing."
        raise RecipeError(msg)
    return found


def _behind(url: str) -> list[Path]:
    """List the pictures that a URL, or a pattern or folder behind one, stands for."""
    try:
        found = remote_pictures(url)
    except ReadError as error:
        raise RecipeError(str(error)) from error
    if found == []:
        told = without_secrets(url)
        msg = f"Expected a picture, a folder or a pattern, but {told} matches no picture."
        raise RecipeError(msg)
    return [Path(url)] if found is None else [Path(one) for one in found]


def _is_series(folder: Path) -> bool:
    try:
        return is_series(folder)
    except ReadError as error:
        raise RecipeError(str(error)) from error
    except OSError:  # `_pictures_in` says why it cannot be listed
        return False


def _pictures_in(folder: Path) -> list[Path]:
    try:
        found = sorted({*pictures_in(folder), *_broken_links(folder)})
    except OSError as error:
        msg = f"Cannot list the folder {folder.name}: {error.strerror or error}."
        raise RecipeError(msg) from error
    if not found:
        msg = (
            f"The folder {folder.name or folder} holds no pictures; expected files that "
            f"end in {', '.join(picture_endings())}."
        )
        raise RecipeError(msg)
    return found


def _broken_links(folder: Path) -> list[Path]:
    """List links to pictures that are not there: a run tells that they failed."""
    return [
        path
        for path in folder.iterdir()
        if _is_broken(path)
        and path.name.lower().endswith(picture_endings())
        and not path.name.startswith(".")
    ]


def _is_broken(path: Path) -> bool:
    return path.is_symlink() and not path.exists()


def _named(paths: Sequence[Path], hashes: Sequence[str]) -> tuple[Picture, ...]:
    told = [_told(path) for path in paths]
    shown = _shown(told)
    keys = unique_names(stem_of(utf8(path.name)) for path in told)
    return tuple(
        Picture(key, path, name, sha256)
        for key, path, name, sha256 in zip(keys, paths, shown, hashes, strict=True)
    )


def _told(path: Path) -> Path:
    """Return a path as it may stand in results."""
    url = url_of(path)
    return path if url is None else Path(without_secrets(url))


def _shown(paths: Sequence[Path]) -> list[str]:
    plain = [Path(os.path.normpath(path)) for path in paths]
    try:
        common = Path(os.path.commonpath([path.parent for path in plain]))
    except ValueError:  # on Windows, pictures on two drives share no folder
        return [path.name for path in paths]
    return [utf8(path.relative_to(common).as_posix()) for path in plain]


def utf8(name: str) -> str:
    r"""Return a file's name with bytes that are no text replaced, so that it can be told.

    Examples
    --------
    >>> utf8("a\udcff.png")
    'a?.png'
    """
    return name.encode("utf-8", "replace").decode("utf-8")


def stem_of(name: str) -> str:
    """Return a file's name without its ending, as pictures are called in results.

    Examples
    --------
    >>> stem_of("a.b.ome.tif")
    'a.b'
    """
    for last in _LAST_NAMES[:1]:
        name = name.removesuffix(last)
    stem = Path(name).stem
    for last in _LAST_NAMES[1:]:
        stem = stem.removesuffix(last)
    return stem.rstrip(". ") or "picture"


def unique_names(names: Iterable[str]) -> list[str]:
    """Give each name a number where it was used before, whatever its case.

    Examples
    --------
    >>> unique_names(["a", "A", "b", "a"])
    ['a', 'A-2', 'b', 'a-3']
    """
    taken = {*RESULT_FILES, *_DEVICES}
    unique = []
    for name in names:
        candidate, number = name, 1
        while _plain(candidate) in taken:
            number += 1
            candidate = f"{name}-{number}"
        taken.add(_plain(candidate))
        unique.append(candidate)
    return unique


def _plain(name: str) -> str:
    """Return a name as file systems that fold case and accents compare it."""
    return unicodedata.normalize("NFC", name).casefold()
