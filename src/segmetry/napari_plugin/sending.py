"""Corrections made in napari, sent back to the run or the project they belong to.

A layer is sent back as a whole, as one step of the history: objects keep their numbers,
new ones get numbers that were never given, and what was not painted does not change. Of a
run, all tables are brought up to it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from segmetry.errors import OutdatedError, ProjectError
from segmetry.measure.wording import count_of
from segmetry.napari_plugin.layers import SOURCE, features_of
from segmetry.napari_plugin.stored import Source, opened_labels, read_stored
from segmetry.project import Answer, OpenLabels, new_identifier
from segmetry.project.brought_back import is_behind
from segmetry.project.run_folder import write_back

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer

__all__ = ["is_sent", "redo", "reload", "send_back", "source_of", "undo"]


def source_of(layer: "LabelsLayer") -> Source:
    """Return where the objects of a layer are from.

    Raises
    ------
    ProjectError
        If they are from no run or project.
    """
    if layer.multiscale:
        msg = (
            f"{layer.name} is shown in several resolutions, as pictures are that were run "
            "by tiles; such objects cannot be corrected yet."
        )
        raise ProjectError(msg)
    source = layer.metadata.get(SOURCE)
    if isinstance(source, Source):
        return source
    msg = (
        f"{layer.name} was not opened from a run or a project of Segmetry, so that it "
        "cannot be sent back; save it as a file, or open a run first."
    )
    raise ProjectError(msg)


def is_sent(layer: "LabelsLayer") -> bool:
    """Return whether a layer is as it is kept, so that nothing was painted since."""
    source = source_of(layer)
    return bool(
        np.array_equal(read_stored(source.place, source.name).labels.data, layer.data)
    )


def send_back(layer: "LabelsLayer") -> str:
    """Keep what was painted in a layer, and show it as it is kept.

    Parameters
    ----------
    layer : napari.layers.Labels
        Its numbers may change: new objects get numbers that were never given.

    Returns
    -------
    str
        What changed, in one sentence.

    Raises
    ------
    ProjectError
        If the objects are from no run or project, were changed elsewhere meanwhile, or
        another program has the project open.
    SegmetryError
        If the picture or a file of the run is gone.
    """
    data = np.asarray(layer.data)

    def take(labels: OpenLabels, base: int) -> Answer:
        operation = new_identifier()
        return labels.take_over(data, op_id=operation, base=base, source="napari")

    return _done(layer, take)


def undo(layer: "LabelsLayer") -> str:
    """Take back the last step of the history, also one made before or in the app.

    Raises
    ------
    ProjectError
        As of `send_back`, and if something was painted that was not sent back.
    """
    _refuse_unsent(layer)
    return _done(layer, lambda one, base: one.undo(op_id=new_identifier(), base=base))


def redo(layer: "LabelsLayer") -> str:
    """Do the step again that was taken back last.

    Raises
    ------
    ProjectError
        As of `undo`.
    """
    _refuse_unsent(layer)
    return _done(layer, lambda one, base: one.redo(op_id=new_identifier(), base=base))


def reload(layer: "LabelsLayer") -> str:
    """Show the objects as they are kept; what was not sent back is lost.

    Raises
    ------
    SegmetryError
        If they cannot be read.
    """
    source = source_of(layer)
    stored = read_stored(source.place, source.name)
    data = stored.labels.data
    if not np.array_equal(layer.data, data):
        layer.data = np.array(data)
    layer.features = features_of(stored.objects)
    layer.metadata = {**layer.metadata, SOURCE: stored.source}
    return f"{source.name}: {count_of(len(stored.objects), 'object')}."


def _done(layer: "LabelsLayer", act: Callable[[OpenLabels, int], Answer]) -> str:
    source = source_of(layer)
    with opened_labels(source) as (project, identifier):
        labels = project.labels.open(identifier)
        before = {int(one) for one in labels.labels.ids}
        try:
            answer = act(labels, source.rev)
        except OutdatedError as error:
            msg = (
                f"{source.name} was changed elsewhere since it was opened here. Duplicate "
                "the layer to keep what you painted, then reload this one."
            )
            raise OutdatedError(msg) from error
        if source.place.kind == "run" and (
            answer.rev != source.rev
            # The last time was cut off before the tables were there.
            or is_behind(project, source.place.folder, source.name)
        ):
            write_back(project, [source.name])
        after = {int(one) for one in labels.labels.ids}
        n_changed = len(set(answer.rows["label"].tolist()) & before)
    reload(layer)
    if answer.rev == source.rev:
        return f"{source.name}: nothing has changed."
    parts = [
        (len(after - before), "new"),
        (n_changed, "changed"),
        (len(before - after), "gone"),
    ]
    told = ", ".join(f"{n} {word}" for n, word in parts if n)
    return f"{source.name}: {told}; {count_of(len(after), 'object')} now."


def _refuse_unsent(layer: "LabelsLayer") -> None:
    if not is_sent(layer):
        msg = (
            f"{layer.name} holds what was not sent back yet; send it back, or reload it, "
            "then undo or redo."
        )
        raise ProjectError(msg)
