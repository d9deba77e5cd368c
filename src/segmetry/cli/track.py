"""From a finished run of pictures in time to tracks and growth, and an exit status."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from segmetry import __version__, io
from segmetry.batch.finished import FinishedRun, read_run
from segmetry.cli.tell import tell_error
from segmetry.dataset.detection import parse_distance
from segmetry.dataset.predictions import read_mask
from segmetry.errors import DatasetError, RecipeError, SegmetryError, WriteError
from segmetry.measure.wording import count_of, few_digits, named
from segmetry.recipe import read_recipe
from segmetry.report.growth import GrowthContent, growth_html, growth_rows
from segmetry.tracking import (
    LinkOptions,
    Motion,
    Objects,
    find_motion,
    find_shift,
    track_objects,
    typical_distance,
)
from segmetry.tracking.series import (
    area_column,
    find_clock,
    growth_table,
    in_time,
    times_table,
    tracks_table,
)

__all__ = ["TrackRequest", "track"]

_SOME_FAILED = 1
_WRONG_COMMAND = 2
_PAGE = "growth.html"
_FOLDER = "tracks"  # within the run's, if no other is named

Registration = Literal["pictures", "objects", "flow", "none"]


@dataclass(frozen=True)
class TrackRequest:
    """What the command line asks for.

    Parameters
    ----------
    run : Path
        Folder of a run.
    out : Path or None
        Folder for the results; `None` for one within the run's.
    time, series : str or None
        Columns of the sheet.
    max_distance : str or None
        With its unit: "20px", "8um".
    gap : int
    register : {"pictures", "objects", "flow", "none"}
    overwrite : bool
    """

    run: Path
    out: Path | None
    time: str | None
    series: str | None
    max_distance: str | None
    gap: int
    register: Registration
    overwrite: bool


def track(asked: TrackRequest, *, as_json: bool) -> None:
    """Link the objects of a run through time, write tables and a page, and tell them.

    Raises
    ------
    typer.Exit
        With status 1 if something cannot be written, 2 if the command line or the run is
        wrong.
    """
    out = asked.out or asked.run / _FOLDER
    try:
        if (out / _PAGE).exists() and not asked.overwrite:
            msg = f"{out} holds tracks already; name another folder or say --overwrite"
            raise RecipeError(msg)
        content = _followed(asked)
        _write(out, content)
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        status = _SOME_FAILED if isinstance(error, WriteError) else _WRONG_COMMAND
        raise typer.Exit(status) from error
    _tell(content, out, as_json=as_json)


def _followed(asked: TrackRequest) -> GrowthContent:
    run = read_run(asked.run)
    clock = find_clock(run.conditions, asked=asked.time)
    pictures = in_time(run.images, clock, series=asked.series)
    notes = []
    if not clock.column:
        notes.append(
            "No sheet tells the times: pictures are in the order of their names, and rates "
            "are per picture. Give a sheet with a column such as time_h to the run."
        )
    paths = _paths(asked.run, run) if asked.register in {"pictures", "flow"} else {}
    parts: list[tuple[pd.DataFrame, pd.DataFrame, Sequence[Motion]]] = []
    first, distances = 1, set()
    for _, rows in pictures.groupby("series", sort=False):
        names = list(rows["image"])
        frames = [Objects.of(_flat(name, read_mask(run.labels(name)))) for name in names]
        _refuse_shapes(names, frames)
        seen, used = _seen(names, frames, paths)
        if asked.register in {"pictures", "flow"} and used == "objects":
            notes.append(
                f"The pictures of {named(names)} cannot be read from where the run found "
                "them: shifts come from the objects alone."
            )
        if asked.register == "pictures":
            sample = _sample(run, names)
            seen = [one[sample] for one in seen]
        motions = _motions(seen, frames, asked.register)
        distance = _distance(asked.max_distance, run, names, frames)
        distances.add(round(distance, 1))
        tracks = track_objects(
            frames,
            options=LinkOptions(max_distance=distance),
            motions=motions,
            gap=asked.gap,
            first=first,
        )
        first += int(tracks["track"].nunique())
        tracks = tracks_table(tracks, rows, run.objects, motions, clock)
        parts.append((tracks, rows, motions))
    tracks = pd.concat([part[0] for part in parts], ignore_index=True)
    area = area_column(tracks)
    times = pd.concat(
        [times_table(*part, clock, area=area) for part in parts], ignore_index=True
    )
    notes += _remarks(tracks)
    level = run.statistics.level
    return GrowthContent(
        title=f"Objects through time in {asked.run.absolute().name}",
        tracks=tracks,
        times=times,
        growth=growth_table(tracks, times, clock, level=level),
        clock=clock,
        level=level,
        settings=[_drift_told(times, run, asked.register), _distance_told(distances)],
        notes=notes,
        version=__version__,
    )


def _paths(folder: Path, run: FinishedRun) -> dict[str, Path]:
    """Return where the run's pictures lie, by their names; those that can be told apart."""
    recipe = read_recipe(folder / "recipe.toml")
    found = {}
    for name, shown in zip(run.images["image"], run.images["path"], strict=True):
        tail = [part for part in Path(str(shown)).parts if part not in {".", ".."}]
        alike = [one for one in recipe.inputs if Path(one.path).name == tail[-1]]
        if len(alike) > 1:  # of several folders
            n = len(tail)
            alike = [one for one in alike if list(Path(one.path).parts[-n:]) == tail]
        if len(alike) == 1:
            found[str(name)] = folder / alike[0].path
    return found


def _seen(
    names: Sequence[str], frames: Sequence[Objects], paths: dict[str, Path]
) -> tuple[list[NDArray[np.floating]], Literal["pictures", "objects"]]:
    """Return what is registered: pictures if all can be read, or else the objects."""
    try:
        pictures = [io.read(paths[name]).grey for name in names]
    except (KeyError, SegmetryError, OSError):
        pictures = []
    shapes = [frame.labels.shape for frame in frames]
    if [picture.shape for picture in pictures] == shapes:
        return list(pictures), "pictures"
    return [(frame.labels > 0).astype(np.float32) for frame in frames], "objects"


def _sample(run: FinishedRun, names: Sequence[str]) -> tuple[slice, slice]:
    """Return the part of the pictures without banners, which do not drift."""
    sides = [f"frame_{side}_px" for side in ("y_min", "y_max", "x_min", "x_max")]
    frames = run.images.set_index("image").loc[list(names), sides].astype(int)
    top, left = frames["frame_y_min_px"].max(), frames["frame_x_min_px"].max()
    bottom, right = frames["frame_y_max_px"].min(), frames["frame_x_max_px"].min()
    return slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1))


def _motions(
    seen: Sequence[NDArray[np.floating]],
    frames: Sequence[Objects],
    register: Registration,
) -> list[Motion]:
    if register == "none":
        return [Motion()] * (len(seen) - 1)
    find = find_motion if register == "flow" else find_shift
    centres = [frame.centres for frame in frames]
    return [
        find(*both, centres=between)
        for both, between in zip(pairwise(seen), pairwise(centres), strict=True)
    ]


def _flat(name: str, labels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    if labels.ndim != 2:
        msg = (
            f"{name} is a volume, and only pictures are followed through time; give the "
            "run one picture for each time."
        )
        raise DatasetError(msg)
    return labels


def _refuse_shapes(names: Sequence[str], frames: Sequence[Objects]) -> None:
    first = frames[0].labels.shape
    for name, frame in zip(names, frames, strict=True):
        if frame.labels.shape != first:
            msg = (
                f"{name} has the shape {frame.labels.shape} and {names[0]} {first}; "
                "pictures of one place must be alike: name the column of the place with "
                "--series."
            )
            raise DatasetError(msg)


def _distance(
    text: str | None, run: FinishedRun, names: Sequence[str], frames: Sequence[Objects]
) -> float:
    """Return the greatest distance of a link in pixels."""
    if text is None:
        return typical_distance(frames)
    distance = parse_distance(text, option="--max-distance")
    if distance.unit == "px":
        return distance.value
    sizes = dict(zip(run.images["image"], run.images["pixel_size"], strict=True))
    size = float(sizes[names[0]])
    if np.isnan(size):
        msg = f"{names[0]} has no pixel size, so --max-distance must be in pixels: 20px."
        raise RecipeError(msg)
    return distance.value / size


def _drift_told(times: pd.DataFrame, run: FinishedRun, register: Registration) -> str:
    """Return how far the scene drifted at most, and in which picture."""
    if register == "none":
        return "Drift of the scene: not looked for (--register none)."
    lengths = np.hypot(times["drift_x_px"], times["drift_y_px"])
    if not lengths.any():
        return "Drift of the scene: none found; places are as they were measured."
    name = times["image"].iloc[int(np.argmax(lengths))]
    length = float(lengths.max())
    sizes = dict(zip(run.images["image"], run.images["pixel_size"], strict=True))
    size = float(sizes[name])
    known = "" if np.isnan(size) else f" ({few_digits(length * size)} µm)"
    return (
        f"Drift of the scene, taken off: at most {length:.1f} px{known}, in {name}; "
        "tracks.csv has places with and without it."
    )


def _distance_told(distances: set[float]) -> str:
    told = " or ".join(f"{distance:g}" for distance in sorted(distances))
    return f"Objects that do not overlap are linked up to {told} px."


def _remarks(tracks: pd.DataFrame) -> list[str]:
    """Return what a reader should know of the objects and areas."""
    notes = []
    cut = tracks["touches_edge"].fillna(value=False).astype(bool)
    if cut.any():
        notes.append(
            f"{count_of(int(cut.sum()), 'object')} of {len(tracks)} touch the edge: their "
            "areas are cut off, and they may come and go without being born or dying."
        )
    unknown = tracks["area_px"].isna()
    if unknown.any():
        notes.append(
            f"{count_of(int(unknown.sum()), 'object')} were drawn after the run and have "
            "no sizes in its table; areas leave them out."
        )
    return notes


def _write(out: Path, content: GrowthContent) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"Cannot make the folder {out.name}: {error.strerror or error}"
        raise WriteError(msg) from error
    for name in ("tracks", "times", "growth"):
        io.write_table(out / f"{name}.csv", getattr(content, name))
    io.write_text(out / _PAGE, growth_html(content))


def _tell(content: GrowthContent, out: Path, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_told(content, out)))
        return
    pictures = count_of(len(content.times), "picture")
    typer.echo(f"{pictures}, {count_of(content.tracks['track'].nunique(), 'track')}.")
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    table = Table(box=None)
    for name in ("series", "curve", "growth rate", "doubling time", ""):
        table.add_column(name)
    for row in growth_rows(content):
        table.add_row(*row)
    console.print(table)
    for setting in content.settings:
        typer.echo(setting)
    for note in content.notes:
        typer.echo(note, err=True)
    typer.echo(f"Report: {out / _PAGE}")


def _told(content: GrowthContent, out: Path) -> dict[str, Any]:
    curves = content.growth.astype(object).where(content.growth.notna(), None)
    return {
        "out": str(out),
        "time": content.clock.name,
        "n_pictures": len(content.times),
        "n_tracks": int(content.tracks["track"].nunique()),
        "n_splits": int((content.tracks["ends"] == "split").sum()),
        "n_mergers": int((content.tracks["begins"] == "merger").sum()),
        "level": content.level,
        "growth": curves.to_dict("records"),
        "largest_drift_px": float(
            np.hypot(content.times["drift_x_px"], content.times["drift_y_px"]).max()
        ),
        "settings": list(content.settings),
        "notes": list(content.notes),
    }
