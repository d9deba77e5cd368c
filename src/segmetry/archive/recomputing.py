"""A run done again from its own record, and compared with what it wrote."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from glob import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from segmetry import __version__
from segmetry.archive.checking import read_manifest
from segmetry.archive.comparing import labels_differ, tables_differ
from segmetry.archive.layout import Layout, layout_of
from segmetry.archive.zips import unpack
from segmetry.batch import BatchOptions, run_batch
from segmetry.batch.batch import Progress
from segmetry.batch.inputs import file_hash
from segmetry.errors import ReadError, RecipeError
from segmetry.io.zarr_files import url_of
from segmetry.recipe import read_recipe

__all__ = ["Recomputed", "recompute"]

_LABELS, _FOUND_LABELS = "labels.tif", "labels_found.tif"
_OBJECTS, _FOUND_OBJECTS = "objects.parquet", "objects_found.parquet"
_TILED_LABELS = "labels.ome.zarr"
_SENSIBLE = 200  # differences that are told of one run; more say nothing new


@dataclass(frozen=True, kw_only=True)
class Recomputed:
    """How a run that was done again compares with what it wrote.

    Parameters
    ----------
    differences : tuple of str
        Where labels and tables differ, and by how much; empty where they are equal.
    corrected : tuple of str
        How labels that a person corrected differ from what the method finds, where what it
        found once is not kept beside them. Their rows of tables are not compared.
    versions : tuple of str
        Programs and packages that are of another version now.
    n_pictures : int
        How many were done again.
    """

    differences: tuple[str, ...]
    corrected: tuple[str, ...]
    versions: tuple[str, ...]
    n_pictures: int

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"is_equal": not self.differences, **asdict(self)}


def recompute(
    run: Path,
    *,
    pictures: Path | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Recomputed:
    """Run the recipe of a run again, and compare labels and tables.

    Parameters
    ----------
    run : Path
        Folder of a run, or an archive of one.
    pictures : Path or None
        Folder in which pictures are looked for by their content, whatever they are called,
        where they are not in the archive or where the recipe says.
    jobs : int or None
        As those of `BatchOptions`.
    progress : callable or None
        As that of `run_batch`.

    Returns
    -------
    Recomputed

    Raises
    ------
    ReadError
        If it is no run, or an archive that is refused.
    RecipeError
        If pictures are not found, or the recipe cannot be run.
    WriteError
        If there is no room to do it.
    """
    with _unpacked(run) as old, tempfile.TemporaryDirectory(prefix="segmetry-") as place:
        manifest = read_manifest(old)
        by_hand = _corrected(old / "images.csv")
        layout = layout_of(read_recipe(old / "recipe.toml"), old)
        if not run.is_dir():
            _refuse_outside(layout, old)
        work = Path(place)
        _lay_out(layout, work, pictures)
        again = work / "again"
        run_batch(
            layout.recipe,
            (),
            again,
            folder=work,
            options=BatchOptions(jobs=jobs),
            progress=progress,
        )
        differences, corrected = _compared(old, again, manifest, by_hand)
    return Recomputed(
        differences=tuple(differences[:_SENSIBLE]),
        corrected=tuple(corrected[:_SENSIBLE]),
        versions=tuple(_other_versions(manifest)),
        n_pictures=len(layout.recipe.inputs),
    )


@contextmanager
def _unpacked(run: Path) -> Iterator[Path]:
    if run.is_dir():
        yield run
        return
    with tempfile.TemporaryDirectory(prefix="segmetry-") as place:
        folder = Path(place) / (run.stem or "run")
        folder.mkdir()
        unpack(run, folder)
        yield folder


def _refuse_outside(layout: Layout, folder: Path) -> None:
    """Refuse an archive whose recipe names files of the one who opens it."""
    for source in (*layout.pictures.values(), *layout.others.values()):
        if not source.is_relative_to(folder.resolve()):
            msg = (
                f"The archive is refused: its recipe names {source.name}, which lies "
                "outside of it."
            )
            raise ReadError(msg)


def _lay_out(layout: Layout, work: Path, pictures: Path | None) -> None:
    """Put what a recipe names where it names it, without copying where that can be."""
    sources = {place: one for place, one in layout.pictures.items() if url_of(one) is None}
    hashes = {one.path: one.sha256 for one in layout.recipe.inputs}
    absent = [place for place, source in sources.items() if not source.exists()]
    if pictures is not None:
        known = _by_content(pictures, {hashes[place] for place in absent} - {""})
        for place in absent:
            # A picture that could not be read has no hash, but is called as it was.
            found = known.get(hashes[place]) or _named(pictures, place, hashes[place])
            sources[place] = found or sources[place]
    gone = [place for place in absent if not sources[place].exists()]
    if gone:
        msg = (
            f"{len(gone)} of {len(layout.recipe.inputs)} pictures are not there, such as "
            f"{Path(gone[0]).name}: name the folder that holds them with --pictures."
        )
        raise RecipeError(msg)
    for place, source in {**sources, **layout.others}.items():
        if source.exists():
            _link(source, work / place)


def _by_content(folder: Path, wanted: set[str]) -> Mapping[str, Path]:
    """Return the files, and folders of slices, that have these hashes."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if len(found) == len(wanted):
            break
        try:
            sha256 = file_hash(path)
        except (ReadError, OSError):
            continue
        if sha256 in wanted:
            found.setdefault(sha256, path)
    return found


def _named(folder: Path, place: str, sha256: str) -> Path | None:
    name = Path(place).name
    return None if sha256 else next(iter(sorted(folder.rglob(escape(name)))), None)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.symlink_to(source.resolve(), target_is_directory=source.is_dir())
    except OSError:  # Windows lets not everybody make links
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copyfile(source, target)


def _compared(
    old: Path, new: Path, manifest: Mapping[str, Any], by_hand: set[str]
) -> tuple[list[str], list[str]]:
    names = sorted(manifest["outputs"])
    labels, corrected = [], []
    for folder in sorted({name.partition("/")[0] for name in names if "/" in name}):
        found = old / folder / _FOUND_LABELS
        was, now = (_labels_in(run / folder) for run in (old, new))
        told = labels_differ(found if found.is_file() else was, now)
        if told and folder in by_hand and not found.is_file():
            corrected.append(f"{folder}, as it was corrected: {told}.")
        elif told:
            labels.append(f"{folder}: {told}.")
    tables = []
    for name in names:
        folder, _, file = name.rpartition("/")
        told = ""
        if file == _FOUND_OBJECTS:
            told = tables_differ(old / name, new / folder / _OBJECTS)
        elif file.endswith(".csv") and not folder and not _is_of_all(file, by_hand):
            told = tables_differ(old / name, new / name, without=by_hand)
        tables += [f"{name} {told}."] if told else []
    return [*labels, *tables], corrected


def _labels_in(folder: Path) -> Path:
    """Return the labels of a picture: those of very large ones are OME-Zarr only."""
    tiled = folder / _TILED_LABELS
    return tiled if tiled.is_dir() else folder / _LABELS


def _corrected(table: Path) -> set[str]:
    """Return the pictures whose labels a person has changed."""
    try:
        images = pd.read_csv(table, dtype=str, keep_default_na=False)
        return set(images.loc[~images["mask_origin"].isin(["", "draft"]), "image"])
    except (OSError, ValueError, KeyError) as error:
        msg = f"Cannot compare the run: {table.name} is missing or damaged."
        raise ReadError(msg) from error


def _is_of_all(table: str, by_hand: set[str]) -> bool:
    """Return whether rows of a table sum up pictures of which a person changed some."""
    return bool(by_hand) and table == "animals.csv"


def _other_versions(manifest: Mapping[str, Any]) -> Iterator[str]:
    for name, before in {
        "segmetry": manifest["segmetry"],
        **manifest["packages"],
    }.items():
        try:
            now = __version__ if name == "segmetry" else version(name)
        except PackageNotFoundError:
            now = "unknown"
        if now != before:
            yield f"{name} {before} then, {now} now"
