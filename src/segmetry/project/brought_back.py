"""Objects of a run that were edited in another program, brought back into it.

They become one step of the history of each picture (see `segmetry.project.run_folder`), so
that `take_back`, or the app, can undo it.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.batch.inputs import file_hash
from segmetry.errors import ProjectError, RecipeError
from segmetry.io import read_labels
from segmetry.io.exchange import Annotation
from segmetry.measure.changes import compare_labels
from segmetry.project.identifiers import new_identifier
from segmetry.project.open_labels import OpenLabels
from segmetry.project.project import Project
from segmetry.project.run_folder import (
    corrections_folder,
    kept_labels,
    labels_in_run,
    open_run,
    write_back,
)
from segmetry.project.same_objects import with_known_numbers

__all__ = ["BroughtBack", "bring_back", "is_behind", "take_back"]

_LABELS = "labels.tif"
_TILED = "labels.ome.zarr"  # beside them, or alone, where a picture was run by tiles
_ID = 26  # letters of an identifier; what was brought back together has the same

_Labels = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class BroughtBack:
    """What an edited file changed in one picture of a run.

    Parameters
    ----------
    name : str
        Of the picture in the run.
    objects : DataFrame
        Every object as it was and is; see `segmetry.measure.changes.compare_labels`.
    """

    name: str
    objects: pd.DataFrame

    @property
    def changed(self) -> pd.DataFrame:
        """The rows of objects that are not as they were."""
        return self.objects[self.objects["change"].ne("kept")]


def bring_back(
    run: Path, edited: Iterable[Annotation], *, source: str
) -> list[BroughtBack]:
    """Make the objects of a run what another program left of them, in all its tables.

    Objects keep their numbers; see `with_known_numbers` for which is which. New ones get
    numbers that were never given. All files are read before anything is changed, and
    nothing is written where nothing was edited. What the run found stays beside.

    Parameters
    ----------
    run : Path
        Folder of the run. Its pictures must lie where they lay when it was made.
    edited : iterable of Annotation
        All objects of each picture, called as in the run. Others stay as they are.
    source : str
        What the history tells of where they come from.

    Returns
    -------
    list of BroughtBack
        In the order of `edited`.

    Raises
    ------
    ProjectError
        If it is no folder of a run, its project is open elsewhere, two files are about one
        picture, a picture or sheet of the run is gone, its labels were changed in place, or
        the picture was run by tiles.
    PictureError
        If a picture has changed since the run.
    ReadError
        If a file of the run is missing or damaged.
    WriteError
        If a file cannot be written.
    """
    with ExitStack() as stack:
        project = None
        if corrections_folder(run) is not None:
            project = stack.enter_context(open_run(run))
        found: dict[str, BroughtBack] = {}
        wanted: dict[str, _Labels] = {}
        behind = []
        for one in edited:
            if one.name in found:
                msg = f"Two files are about {one.name}; give the one that counts."
                raise ProjectError(msg)
            before, is_written = _now(project, run, one.name)
            after = with_known_numbers(before, one.labels, unnamed=one.unnamed)
            found[one.name] = BroughtBack(one.name, compare_labels(before, after))
            if len(found[one.name].changed):
                wanted[one.name] = after
            elif not is_written:  # the last time was cut off before the tables were there
                behind.append(one.name)
        if wanted or behind:
            project = project or stack.enter_context(open_run(run))
            together = new_identifier()
            for number, (name, after) in enumerate(wanted.items()):
                op_id = f"{together}-{number}"
                found[name] = _taken_over(project, name, after, op_id, source=source)
            _write(project, [*wanted, *behind])
    return list(found.values())


def take_back(run: Path) -> list[BroughtBack]:
    """Undo what was brought back into a run last, in all its tables.

    Where that was cut off before the tables were written, they are written, and no further
    step is undone.

    Parameters
    ----------
    run : Path
        Folder of the run.

    Returns
    -------
    list of BroughtBack
        What that changed in each picture.

    Raises
    ------
    ProjectError
        If nothing was brought back, or objects were corrected since.
    """
    if corrections_folder(run) is None:
        raise _nothing_there(run)
    with open_run(run) as project:
        found = _cut_off(project, run)
        if found:
            _write(project, [one.name for one in found])
            return found
        newest: dict[str, OpenLabels] = {}
        last = ""
        for name, opened in _corrected(project, run):
            act = opened.since(opened.rev).undo
            if act is None or act.kind != "take over" or act.op_id[:_ID] < last:
                continue
            if act.op_id[:_ID] > last:
                newest, last = {}, act.op_id[:_ID]
            newest[name] = opened
        if not newest:
            raise _nothing_there(run)
        found = [_undone(name, opened) for name, opened in newest.items()]
        _write(project, list(newest))
    return found


def is_behind(project: Project, run: Path, name: str) -> bool:
    """Return whether files of a run do not tell yet what its project has of a picture.

    Parameters
    ----------
    project : Project
        As `open_run` gives it.
    run : Path
        Folder of the run.
    name : str
        Of the picture in the run.

    Raises
    ------
    ProjectError, ReadError
        If a file of the run is missing or damaged.
    """
    _, is_written = _now(project, run, name)
    return not is_written


def _cut_off(project: Project, run: Path) -> list[BroughtBack]:
    """Return what was undone already, of which no table tells yet."""
    found = []
    for name, opened in _corrected(project, run):
        act = opened.since(opened.rev).redo
        if act is not None and act.kind == "take over" and is_behind(project, run, name):
            written = read_labels(run / name / _LABELS, allow_empty=True)
            found.append(BroughtBack(name, compare_labels(written, opened.labels.data)))
    return found


def _corrected(project: Project, run: Path) -> Iterator[tuple[str, OpenLabels]]:
    for path in sorted(run.glob(f"*/{_LABELS}")):
        record = kept_labels(project, path.parent.name)
        if record is not None:
            yield path.parent.name, project.labels.open(record.id)


def _undone(name: str, opened: OpenLabels) -> BroughtBack:
    before = opened.labels.data.copy()
    opened.undo(op_id=new_identifier(), base=opened.rev)
    return BroughtBack(name, compare_labels(before, opened.labels.data))


def _nothing_there(run: Path) -> ProjectError:
    return ProjectError(
        f"There is nothing to take back in {run.name}: the last step of no picture came "
        "from another program; undo corrections by hand in the app."
    )


def _now(project: Project | None, run: Path, name: str) -> tuple[_Labels, bool]:
    """Return the labels that a picture has now, and whether the run's files are so far."""
    if (run / name / _TILED).exists():
        msg = (
            f"{name} was run tile by tile, and such labels cannot be corrected yet: give "
            f"the edited file to segmetry import --out instead."
        )
        raise ProjectError(msg)
    path = run / name / _LABELS
    written = read_labels(path, allow_empty=True)
    is_own = _noted_hash(run, f"{name}/{_LABELS}") == file_hash(path)
    record = None if project is None else kept_labels(project, name)
    if project is not None and record is not None:
        now = project.labels.read(record.id, lambda opened: opened.labels.data.copy())
        return now, is_own and np.array_equal(now, written)
    if not is_own:
        msg = (
            f"{_LABELS} of {name} was changed since the run, so that nobody knows what it "
            f"held: save what you edit under another name, and run the picture again."
        )
        raise ProjectError(msg)
    return written, True


def _noted_hash(run: Path, file: str) -> str:
    try:
        noted = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
        return str(noted["outputs"][file])
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"Expected the folder of a run, but {run.name} has no manifest of {file}."
        raise ProjectError(msg) from error


def _taken_over(
    project: Project, name: str, after: _Labels, op_id: str, *, source: str
) -> BroughtBack:
    try:
        opened = project.labels.open(labels_in_run(project, name))
    except RecipeError as error:
        raise _without_pictures(error) from error
    before = opened.labels.data.copy()
    opened.take_over(after, op_id=op_id, base=opened.rev, source=source)
    return BroughtBack(name, compare_labels(before, opened.labels.data))


def _write(project: Project, names: list[str]) -> None:
    try:
        write_back(project, names)
    except RecipeError as error:
        raise _without_pictures(error) from error


def _without_pictures(error: RecipeError) -> ProjectError:
    return ProjectError(
        "What was edited is measured in the run's own pictures, which must lie where they "
        f"lay when it ran: {error}"
    )
