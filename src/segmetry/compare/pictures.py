"""An annotated set: what is judged, what hangs together, and what is scored apart."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry import io
from segmetry.dataset import (
    Fingerprint,
    find_pairs,
    fingerprint,
    join_groups,
    near_duplicates,
    read_column,
)
from segmetry.dataset.predictions import find_predictions, match_names, read_mask
from segmetry.dataset.truths import check_shapes
from segmetry.errors import DatasetError, RecipeError, SegmetryError, SegmetryWarning
from segmetry.image import Image
from segmetry.recipe import Recipe, make_ready

__all__ = [
    "AnnotatedSet",
    "Entry",
    "looks_of",
    "open_set",
    "picture_of",
    "read_truth",
    "twins_of",
]

_UNIT = "group"  # column of pictures that hang together, unless another is named
_NAMED = 5  # pictures in a note


@dataclass(frozen=True)
class Entry:
    """A picture of the set with its mask.

    Parameters
    ----------
    name : str
        Unique in the set.
    image, mask : Path
    field : Path or None
        Mask of the field of view; `None` is all of the picture.
    unit : str
        Pictures of one unit stay in one fold, and are resampled together.
    group : str
        Pictures of one group are scored apart as well; "" for none.
    """

    name: str
    image: Path
    mask: Path
    field: Path | None = None
    unit: str = ""
    group: str = ""


@dataclass(frozen=True)
class AnnotatedSet:
    """Pictures with masks, and what a person should know of them.

    Parameters
    ----------
    entries : tuple of Entry
        Ordered by name.
    notes : tuple of str
    looks : dict of str to Fingerprint
        Of the pictures that could be read, by name.
    """

    entries: tuple[Entry, ...]
    notes: tuple[str, ...]
    looks: Mapping[str, Fingerprint]

    @property
    def units(self) -> dict[str, str]:
        """Unit of each picture, by its name."""
        return {entry.name: entry.unit for entry in self.entries}

    @property
    def groups(self) -> dict[str, str]:
        """Group of each picture that has one, by its name."""
        return {entry.name: entry.group for entry in self.entries if entry.group}


def open_set(
    images: Path,
    masks: Path,
    *,
    groups: Path | None = None,
    by: str | None = None,
    cluster: str | None = None,
    fov: Path | None = None,
) -> AnnotatedSet:
    """Find the pictures of a set, and which of them hang together.

    Parameters
    ----------
    images, masks : Path
        Folders, or single files; see `segmetry.dataset.find_pairs`.
    groups : Path or None
        A CSV file that names groups.
    by : str or None
        Its column of groups that are scored apart.
    cluster : str or None
        Its column of pictures that hang together; `None` takes "group" where there is
        one and no other is scored apart.
    fov : Path or None
        Folder of masks of which only the pixels count.

    Returns
    -------
    AnnotatedSet
        Near-duplicates are of one unit, whatever the table says.

    Raises
    ------
    DatasetError
        If nothing pairs, or the table lacks a column or a picture.
    RecipeError
        If a column is named without a table.
    """
    if groups is None and (by or cluster):
        msg = "--by and --cluster name columns of a table: give it with --groups"
        raise RecipeError(msg)
    pairing = find_pairs(images, masks)
    names = [pair.stem for pair in pairing.pairs]
    fields = _fields(fov, names)
    group_of = _column(groups, names, by)
    units = _units(groups, names, by, cluster)
    looks = looks_of({pair.stem: pair.image_path for pair in pairing.pairs})
    seen = [name for name in names if name in looks]
    found = near_duplicates([looks[name] for name in seen])
    joined = join_groups([units[name] for name in seen], found)
    units |= dict(zip(seen, joined, strict=True))
    notes = _notes(pairing.images_alone, pairing.masks_alone, len(found))
    entries = (
        Entry(
            pair.stem,
            pair.image_path,
            pair.mask_path,
            field=fields.get(pair.stem),
            unit=units[pair.stem],
            group=group_of.get(pair.stem, ""),
        )
        for pair in pairing.pairs
    )
    return AnnotatedSet(tuple(entries), tuple(notes), looks)


def looks_of(paths: Mapping[str, Path]) -> dict[str, Fingerprint]:
    """Return what each picture is recognised by; those that cannot be read are left out.

    Parameters
    ----------
    paths : mapping of str to Path
    """
    found = {}
    for name, path in paths.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SegmetryWarning)
                found[name] = fingerprint(io.read(path))
        except SegmetryError:  # told where it is judged
            continue
    return found


def twins_of(
    one: Mapping[str, Fingerprint], other: Mapping[str, Fingerprint]
) -> tuple[str, ...]:
    """Return the names in `one` of pictures that also are in `other`, or nearly so.

    Parameters
    ----------
    one, other : mapping of str to Fingerprint
    """
    both = near_duplicates([*one.values(), *other.values()])
    names = list(one)
    twins = {pair.first for pair in both if pair.first < len(names) <= pair.second}
    return tuple(names[at] for at in sorted(twins))


def picture_of(entry: Entry, recipe: Recipe) -> Image:
    """Read a picture and make it ready, as a run does before it looks for objects.

    Parameters
    ----------
    entry : Entry
    recipe : Recipe

    Returns
    -------
    Image
        All outside its field of view is excluded.

    Raises
    ------
    SegmetryError
        If it cannot be read or made ready.
    """
    image = make_ready(recipe, io.read(entry.image)).image
    if entry.field is None:
        return image
    view = _view(entry.field, image.spatial_shape)
    return replace(image, excluded=~(view & image.included))


def read_truth(entry: Entry) -> tuple[NDArray[np.uint32], NDArray[np.bool_] | None]:
    """Read the mask of a picture, and its field of view.

    Parameters
    ----------
    entry : Entry

    Returns
    -------
    labels : ndarray of uint32
        Outside the field of view 0.
    view : ndarray of bool or None

    Raises
    ------
    SegmetryError
        If a file cannot be read, or the shapes differ.
    """
    labels = read_mask(entry.mask)
    if entry.field is None:
        return labels, None
    view = _view(entry.field, labels.shape)
    return np.where(view, labels, 0).astype(np.uint32), view


def _view(path: Path, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    view = read_mask(path) > 0
    check_shapes(view, np.empty(shape, bool))
    return view


def _fields(fov: Path | None, names: Sequence[str]) -> dict[str, Path]:
    if fov is None:
        return {}
    files = {name: one.labels for name, one in find_predictions(fov).items()}
    same = match_names(names, files)
    if lacking := [name for name in names if name not in same]:
        msg = f"there is no field of view for {_some(lacking)}; add a mask of its name"
        raise DatasetError(msg)
    return {name: files[other] for name, other in same.items()}


def _column(
    groups: Path | None, names: Sequence[str], column: str | None
) -> dict[str, str]:
    if groups is None or column is None:
        return {}
    return read_column(groups, names, column)


def _units(
    groups: Path | None, names: Sequence[str], by: str | None, cluster: str | None
) -> dict[str, str]:
    if groups is None or (cluster is None and by is not None):
        return {name: name for name in names}
    return read_column(groups, names, cluster or _UNIT)


def _notes(
    images_alone: Sequence[Path], masks_alone: Sequence[Path], n_duplicates: int
) -> list[str]:
    notes = []
    alone = {
        "pictures without a mask": images_alone,
        "masks without a picture": masks_alone,
    }
    for what, paths in alone.items():
        if paths:
            notes.append(f"Left out, as {what}: {_some([path.name for path in paths])}.")
    if n_duplicates:
        notes.append(
            f"{n_duplicates} pair{'' if n_duplicates == 1 else 's'} of pictures show the "
            "same thing: they stay in one fold and are resampled together."
        )
    return notes


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
