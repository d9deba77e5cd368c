"""Routes that give objects out to other programs, in every format that there is."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from segmetry.batch.inputs import stem_of
from segmetry.io.exchange import EXCHANGE_FORMATS
from segmetry.project.exchange import export_annotated, export_objects
from segmetry.web.downloads import sent
from segmetry.web.parts import Identifier, InStore

__all__ = ["router"]

router = APIRouter(tags=["downloads"])

_Format = Annotated[str, Query(pattern=f"^({'|'.join(EXCHANGE_FORMATS)})$")]


@router.get("/formats")
def formats() -> list[dict[str, Any]]:
    """Return the formats that objects are given out in, and what each cannot tell."""
    return [
        {"name": name, "title": one.title, "loses": one.loses, "is_of_set": one.is_of_set}
        for name, one in EXCHANGE_FORMATS.items()
    ]


@router.get("/labels/{label}/exchange")
def objects_of_labels(label: Identifier, to: _Format, store: InStore) -> FileResponse:
    """Return the objects of one picture in a format: one file, or a zip of files."""
    project = store.project_of_labels(label)
    picture = project.pictures.record(project.labels.record(label).picture)
    stem, chosen = stem_of(picture.name), EXCHANGE_FORMATS[to]

    def written(folder: Path) -> list[Path]:
        return export_objects(project, folder, to=to, labels=[label])

    if chosen.beside or chosen.is_folder:
        return sent(f"{stem}-{to}.zip", lambda path: _packed(path, written))
    mark = "-" if chosen.is_of_set else ""
    return sent(f"{stem}{mark}{chosen.ending}", lambda path: _moved(path, written))


@router.get("/projects/{project}/exchange")
def objects_of_project(project: Identifier, to: _Format, store: InStore) -> FileResponse:
    """Return the objects of all pictures in a format: one file, or a zip of files."""
    found = store.project(project)
    stem, chosen = stem_of(found.name), EXCHANGE_FORMATS[to]

    def written(folder: Path) -> list[Path]:
        return export_objects(found, folder, to=to)

    if chosen.is_of_set and not chosen.beside:
        return sent(f"{stem}-{chosen.ending}", lambda path: _moved(path, written))
    return sent(f"{stem}-{to}.zip", lambda path: _packed(path, written))


@router.get("/projects/{project}/annotated")
def annotated_set(project: Identifier, store: InStore) -> FileResponse:
    """Return the pictures that a person corrected or checked, with their masks."""
    found = store.project(project)
    return sent(
        f"{stem_of(found.name)}-annotated.zip",
        lambda path: _packed(path, lambda folder: export_annotated(found, folder)),
    )


def _moved(path: Path, write: Callable[[Path], list[Path]]) -> None:
    with TemporaryDirectory(prefix="segmetry-", dir=path.parent) as place:
        write(Path(place))[0].replace(path)


def _packed(path: Path, write: Callable[[Path], object]) -> None:
    """Let files be written to a folder, and pack these."""
    with TemporaryDirectory(prefix="segmetry-") as place:
        folder = Path(place)
        write(folder)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in sorted(one for one in folder.rglob("*") if one.is_file()):
                packed.write(file, file.relative_to(folder))
