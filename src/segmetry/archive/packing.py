"""A run as one zip: its results, its record, and on request the pictures."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from shlex import quote
from typing import Any

from markupsafe import escape

from segmetry.archive.checking import CRATE, LOG, MANIFEST, read_manifest, verify
from segmetry.archive.crate import Described, crate_of
from segmetry.archive.layout import Layout, layout_of
from segmetry.archive.zips import is_safe, write_zip
from segmetry.batch.inputs import file_hash
from segmetry.errors import ReadError, RecipeError, WriteError
from segmetry.io.listing import files_of
from segmetry.io.patients import patient_fields
from segmetry.io.zarr_files import is_zarr, url_of
from segmetry.measure.wording import count_of
from segmetry.recipe import Recipe, read_recipe, recipe_text

__all__ = ["Archived", "archive"]

_RECIPE, _REPORT = "recipe.toml", "report.html"
_DAY = re.compile(r"^\d{4}-\d\d-\d\d", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Archived:
    """An archive that was written.

    Parameters
    ----------
    path : Path
    sha256 : str
        Of the zip: the same run gives the same.
    n_files, n_bytes : int
    left_out : tuple of str
        What the run read and the archive lacks.
    """

    path: Path
    sha256: str
    n_files: int
    n_bytes: int
    left_out: tuple[str, ...] = ()


def archive(
    run: Path,
    to: Path | None = None,
    *,
    crate: bool = False,
    with_pictures: bool = False,
    overwrite: bool = False,
) -> Archived:
    """Write a run to a zip that anyone can check and repeat.

    The results are as in the folder, byte for byte. Only the recipe, the report and the
    manifest name the inputs by their places in the archive, so that nothing tells of the
    machine. The sheet, the regions, the masks and the model that the run read are in it.

    Parameters
    ----------
    run : Path
        Folder of a run.
    to : Path or None
        Where to; `None` puts it beside the folder, with its name.
    crate : bool
        Also describe it as an RO-Crate.
    with_pictures : bool
        Also put the pictures into it.
    overwrite : bool
        Replace an archive that is there.

    Returns
    -------
    Archived

    Raises
    ------
    ReadError
        If it is no folder of a run.
    RecipeError
        If the archive is there already, or the sheet names regions elsewhere.
    WriteError
        If a file of the run has changed since, a picture has or is gone or names a
        patient, or the archive cannot be written.
    """
    run = run.resolve()
    to = run.with_name(f"{run.name}.zip") if to is None else to
    _refuse_others(run, to, overwrite=overwrite)
    manifest = read_manifest(run)
    recipe = read_recipe(run / _RECIPE)
    _refuse_changed(run)
    layout = layout_of(recipe, run)
    others, left_out = _others(layout, recipe, manifest)
    pictures = dict(_pictures(layout)) if with_pictures else {}
    n_left = len(layout.pictures) if not with_pictures else _n_far(layout)
    if n_left:
        left_out = [count_of(n_left, "picture"), *left_out]
    entries: dict[str, Path | bytes] = {
        **{name: run / name for name in manifest["outputs"]},
        **({LOG: run / LOG} if (run / LOG).is_file() else {}),
        **_renamed(run, recipe, layout),
        **others,
        **pictures,
    }
    told = _manifest(manifest, layout, entries, others)
    entries[MANIFEST] = _json(told)
    if crate:
        entries[CRATE] = _json(crate_of(_described(run, told, entries)))
    sha256 = write_zip(to, sorted(entries.items()))
    return Archived(
        path=to,
        sha256=sha256,
        n_files=len(entries),
        n_bytes=to.stat().st_size,
        left_out=tuple(left_out),
    )


def _refuse_others(run: Path, to: Path, *, overwrite: bool) -> None:
    if to.resolve().is_relative_to(run):
        msg = f"{to.name} would lie in the run itself; choose another --to."
        raise RecipeError(msg)
    if to.exists() and not overwrite:
        msg = f"{to.name} is there already; choose another --to, or say --overwrite."
        raise RecipeError(msg)
    if not run.is_dir():
        msg = f"Expected the folder of a run, but {run.name} is no folder."
        raise ReadError(msg)


def _refuse_changed(run: Path) -> None:
    found = verify(run).findings
    if found:
        msg = (
            f"{run.name} is not as its run wrote it, and would not be so in an archive: "
            f"{' '.join(found[:3])} Run it again with --resume first."
        )
        raise WriteError(msg)


def _renamed(run: Path, recipe: Recipe, layout: Layout) -> dict[str, bytes]:
    """Return the files that name inputs, with their places in the archive."""
    old = (run / _RECIPE).read_text(encoding="utf-8")
    new = recipe_text(layout.recipe)
    if layout.recipe == recipe:
        return {}
    report = (run / _REPORT).read_text(encoding="utf-8")
    report = report.replace(str(escape(old)), str(escape(new)))
    for path, place in _leading_out(layout.moved):  # as its command and methods name them
        report = report.replace(str(escape(quote(path))), str(escape(quote(place))))
        report = report.replace(str(escape(path)), str(escape(place)))
    return {_RECIPE: new.encode(), _REPORT: report.encode()}


def _leading_out(moved: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the paths that tell of folders elsewhere, longer ones first, with places."""
    pairs = [(path, place) for path, place in moved.items() if not is_safe(path)]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


def _others(
    layout: Layout, recipe: Recipe, manifest: Mapping[str, Any]
) -> tuple[dict[str, Path], list[str]]:
    """Return what was read besides pictures by its place, and what is gone or changed."""
    wanted = {_known(one) for one in manifest["inputs"][len(recipe.inputs) :]}
    found = {}
    for place, source in layout.others.items():
        if source.is_file():
            found[place] = source
        elif source.is_dir():
            files = (one for one in source.iterdir() if one.is_file())
            found |= {f"{place}/{one.name}": one for one in files}
    known = {place: (source.name, file_hash(source)) for place, source in found.items()}
    kept = {place: found[place] for place, one in known.items() if one in wanted}
    left = sorted(name for name, _ in wanted - set(known.values()))
    return kept, left


def _known(entry: Mapping[str, str]) -> tuple[str, str]:
    return PurePosixPath(entry["path"]).name, entry["sha256"]


def _pictures(layout: Layout) -> Iterator[tuple[str, Path]]:
    for item in layout.recipe.inputs:
        source = layout.pictures[item.path]
        if url_of(source) or not (item.sha256 or source.exists()):
            continue  # at an address, or it could not be read in the run either
        try:
            found = file_hash(source)
        except ReadError as error:
            msg = f"{error} Archive the run without --with-pictures, or put it back."
            raise WriteError(msg) from error
        if item.sha256 and found != item.sha256:
            msg = (
                f"{source.name} has changed since the run; archive the run without "
                "--with-pictures, or run it again."
            )
            raise WriteError(msg)
        for place, file in _files_of(source):
            _refuse_patient(file)
            yield f"{item.path}{place}", file


def _n_far(layout: Layout) -> int:
    """Return how many pictures are at addresses."""
    return sum(url_of(one) is not None for one in layout.pictures.values())


def _files_of(picture: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files that a picture is made of, with their places below it."""
    for number, file in enumerate(files_of(picture)):
        if is_zarr(picture):
            yield f"/{file.relative_to(picture).as_posix()}", file
        elif picture.is_dir():  # the names of slices can name a patient
            yield f"/{number:05}.dcm", file
        else:
            yield "", file


def _refuse_patient(file: Path) -> None:
    fields = patient_fields(file)
    if fields:
        msg = (
            f"{file.name} tells of a patient ({', '.join(fields)}); make the pictures "
            "anonymous before the run, or archive it without --with-pictures."
        )
        raise WriteError(msg)


def _manifest(
    manifest: Mapping[str, Any],
    layout: Layout,
    entries: Mapping[str, Path | bytes],
    others: Mapping[str, Path],
) -> dict[str, Any]:
    """Return the manifest with the places of inputs, and the hashes of what names them."""
    outputs = dict(manifest["outputs"])
    for name in (_RECIPE, _REPORT):
        content = entries.get(name)
        if isinstance(content, bytes):
            outputs[name] = hashlib.sha256(content).hexdigest()
    inputs = layout.recipe.inputs
    told = [{"path": item.path, "sha256": item.sha256} for item in inputs]
    more = [{"path": place, "sha256": file_hash(one)} for place, one in others.items()]
    packed = {_known(one) for one in more}
    further = manifest["inputs"][len(inputs) :]
    left_out = [_known(one) for one in further if _known(one) not in packed]
    told += [{"path": name, "sha256": sha256} for name, sha256 in left_out]
    more.sort(key=lambda one: one["path"])
    return {**manifest, "inputs": [*told, *more], "outputs": outputs}


def _described(
    run: Path, manifest: Mapping[str, Any], entries: Mapping[str, Path | bytes]
) -> Described:
    sizes, hashes = {}, {}
    for name, content in entries.items():
        if isinstance(content, bytes):
            sizes[name] = len(content)
            hashes[name] = hashlib.sha256(content).hexdigest()
        else:
            sizes[name] = content.stat().st_size
            hashes[name] = manifest["outputs"].get(name) or file_hash(content)
    return Described(
        name=run.name,
        finished=_finished(run),
        manifest=manifest,
        sizes=sizes,
        hashes=hashes,
    )


def _finished(run: Path) -> str:
    """Return the day of a run: that of its log's last line, or of its manifest."""
    try:
        days = _DAY.findall((run / LOG).read_text(encoding="utf-8"))
    except OSError:
        days = []
    if days:
        return str(days[-1])
    written = datetime.fromtimestamp((run / MANIFEST).stat().st_mtime, tz=UTC)
    return written.date().isoformat()


def _json(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    return f"{text}\n".encode()
