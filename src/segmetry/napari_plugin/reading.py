"""Opening runs and projects in napari."""

from collections.abc import Callable, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from segmetry.napari_plugin.large import large_layers, was_run_by_tiles
from segmetry.napari_plugin.layers import LayerData, layers_of
from segmetry.napari_plugin.stored import Place, names_in, place_of, read_stored

__all__ = ["MOST_PICTURES", "get_reader", "read_layers"]

MOST_PICTURES = 6  # opened at once; the rest by the widget "Pictures"


def get_reader(
    path: str | PathLike[str] | Sequence[str],
) -> Callable[[Any], list[LayerData]] | None:
    """Return what reads a path, or `None` where it is neither a run nor a project.

    Parameters
    ----------
    path : path or list of path
        As napari hands it over: folder of a run, of a picture in it, or of a project, or a
        file in one of these.
    """
    if not isinstance(path, str | PathLike):
        return None  # several paths are a stack of pictures
    found = place_of(Path(path))
    if found is None:
        return None
    place, name = found
    return partial(_read, place, name)


def read_layers(place: Place, names: Sequence[str]) -> list[LayerData]:
    """Return the layers of pictures, all but the first hidden.

    Raises
    ------
    SegmetryError
        If the run or the project cannot be read.
    """
    layers: list[LayerData] = []
    for name in names:
        for data, options, kind in _layers(place, name):
            layers.append((data, {**options, "visible": name == names[0]}, kind))
    return layers


def _layers(place: Place, name: str) -> list[LayerData]:
    if place.kind == "run" and was_run_by_tiles(place.folder, name):
        return large_layers(place.folder, name)
    return layers_of(read_stored(place, name))


def _read(place: Place, name: str | None, _path: Any) -> list[LayerData]:
    if name is not None:
        return read_layers(place, [name])
    names = names_in(place)
    # napari shows no lengths where some layers have units that others have not.
    layers = _alike(read_layers(place, names[:MOST_PICTURES]))
    n_shown = sum(kind == "labels" for _, _, kind in layers)
    if n_shown < len(names):
        _tell(
            f"{n_shown} of {len(names)} pictures are open; the others are opened by "
            "Plugins, Segmetry, Pictures."
        )
    # In napari's words, a file that was read and holds no layers.
    return layers or [(None,)]  # type: ignore[list-item]


def _alike(layers: list[LayerData]) -> list[LayerData]:
    return [one for one in layers if one[1]["units"] == layers[0][1]["units"]]


def _tell(sentence: str) -> None:
    from napari.utils.notifications import show_info

    show_info(sentence)
