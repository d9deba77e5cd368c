"""COCO's JSON: a set of pictures with their objects in one file.

Objects without holes are polygons along the corners of their pixels; those with holes,
which COCO's polygons cannot say, are run lengths down the columns. Both give the object's
very pixels in COCO's own reader. The key `label` of an object is ours and keeps its number.

References
----------
T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014.
doi:10.1007/978-3-319-10602-1_48
"""

import json
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError, SegmetryWarning
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.extents import ColumnRuns, column_runs, extents_of
from segmetry.io.exchange.filling import fill_polygons, paint_runs
from segmetry.io.exchange.numbering import numbers_of
from segmetry.io.exchange.outlines import Polygon, trace_outlines
from segmetry.io.limits import check_size
from segmetry.io.names import picture_name
from segmetry.io.writing import write_text

__all__ = ["read_coco", "write_coco", "write_coco_rle"]

_WRONG = (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError)
_MOST_BITS = 65  # of a packed run length, by five; COCO's own have up to 35


def write_coco(path: str | PathLike[str], annotations: Iterable[Annotation]) -> None:
    """Write objects as polygons, those with holes as run lengths.

    Parameters
    ----------
    path : path
    annotations : iterable of Annotation
        Of axes Y, X.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> cells = Annotation("a", np.array([[0, 7, 7], [0, 7, 0]]), "a.png")
    >>> with TemporaryDirectory() as folder:
    ...     write_coco(Path(folder, "set.json"), [cells])
    ...     [found] = read_coco(Path(folder, "set.json"))
    >>> found.labels
    array([[0, 7, 7],
           [0, 7, 0]], dtype=uint32)
    """
    _write(path, annotations, with_polygons=True)


def write_coco_rle(path: str | PathLike[str], annotations: Iterable[Annotation]) -> None:
    """Write all objects as run lengths.

    Parameters
    ----------
    path : path
    annotations : iterable of Annotation
        Of axes Y, X.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    _write(path, annotations, with_polygons=False)


def read_coco(path: str | PathLike[str]) -> list[Annotation]:
    """Read the objects of a set.

    Parameters
    ----------
    path : path
        COCO's JSON with polygons or run lengths, packed ones too. Groups (`iscrowd`) are no
        objects: they are left out, and a warning says so.

    Returns
    -------
    list of Annotation
        In the order of the pictures, also of those without objects. Numbers are those of
        the key `label`, or count from 1.

    Raises
    ------
    ReadError
        If it is no such file, or an object is told wrongly.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        pictures = {one["id"]: one for one in content["images"]}
        _refuse_same_ids(path, content["images"], n_ids=len(pictures))
        objects: dict[Any, list[Mapping[str, Any]]] = {key: [] for key in pictures}
        n_crowds = 0
        for one in content["annotations"]:
            n_crowds += bool(one.get("iscrowd"))
            if not one.get("iscrowd"):
                objects[one["image_id"]].append(one)
        found = [_annotation(one, objects[key]) for key, one in pictures.items()]
    except (OSError, RecursionError, *_WRONG) as error:
        told = error.strerror if isinstance(error, OSError) else repr(error)
        msg = f"{path.name} is not a COCO file with images and annotations: {told}"
        raise ReadError(msg) from error
    if n_crowds:
        msg = f"{path.name}: {n_crowds} groups (iscrowd) are no objects and are left out."
        warnings.warn(msg, SegmetryWarning, stacklevel=2)
    return found


def _write(
    path: str | PathLike[str], annotations: Iterable[Annotation], *, with_polygons: bool
) -> None:
    images: list[dict[str, Any]] = []
    objects: list[dict[str, Any]] = []
    for one in annotations:
        height, width = one.labels.shape
        key = len(images) + 1
        images.append(
            {"id": key, "file_name": one.file_name, "width": width, "height": height}
        )
        for told in _objects(one.labels, with_polygons=with_polygons):
            objects.append({"id": len(objects) + 1, "image_id": key, **told})
    content = {
        "images": images,
        "annotations": objects,
        "categories": [{"id": 1, "name": "object", "supercategory": ""}],
    }
    write_text(path, json.dumps(content, ensure_ascii=False))


def _objects(labels: NDArray[Any], *, with_polygons: bool) -> Iterator[dict[str, Any]]:
    found = extents_of(labels)
    runs = column_runs(labels)
    outlines = trace_outlines(labels) if with_polygons else {}
    for at, number in enumerate(found.labels.tolist()):
        x, y, right, bottom = found.boxes[at].tolist()
        polygons = outlines.get(number, ())
        yield {
            "category_id": 1,
            "segmentation": _segmentation(polygons, runs, at, labels.shape),
            "area": int(found.areas[at]),
            "bbox": [x, y, right - x, bottom - y],
            "iscrowd": 0,
            "label": number,
        }


def _segmentation(
    polygons: Sequence[Polygon], runs: ColumnRuns, at: int, shape: tuple[int, ...]
) -> Any:
    if polygons and all(len(rings) == 1 for rings in polygons):
        return [rings[0].ravel().tolist() for rings in polygons]
    start, length = runs.runs[at].T
    stop = start + length
    gaps = start - np.concatenate([[0], stop[:-1]])
    counts = np.stack([gaps, length], axis=1).ravel().tolist()
    rest = shape[0] * shape[1] - int(stop[-1])
    return {"size": list(shape), "counts": [*counts, rest] if rest else counts}


def _annotation(
    picture: Mapping[str, Any], objects: Sequence[Mapping[str, Any]]
) -> Annotation:
    shape = (int(picture["height"]), int(picture["width"]))
    check_size(str(picture["file_name"]), shape, itemsize=4)
    numbers, unnamed = numbers_of(one.get("label") for one in objects)
    polygons: list[tuple[int, list[NDArray[Any]]]] = []
    runs: list[NDArray[np.int64]] = []
    of: list[int] = []
    for number, one in zip(numbers, objects, strict=True):
        told = one["segmentation"]
        if isinstance(told, Mapping):
            runs.append(_runs(told, shape))
            of.append(number)
        else:
            # One without outlines, as of a box alone, is told of as one without pixels.
            polygons += [(number, [_ring(ring)]) for ring in told] or [(number, [])]
    labels = fill_polygons(polygons, shape)
    if runs:
        labels = _with_runs(labels, runs, of)
    name = str(picture["file_name"])
    return Annotation(picture_name(name), labels, name, unnamed=unnamed)


def _refuse_same_ids(
    path: Path, pictures: Sequence[Mapping[str, Any]], *, n_ids: int
) -> None:
    if n_ids < len(pictures):
        msg = (
            f"{path.name} gives one id to two pictures, so nothing tells which objects are "
            f"of which; give each picture an id of its own"
        )
        raise ReadError(msg)


def _ring(told: Sequence[float]) -> NDArray[np.float64]:
    ring = np.array(told, dtype=np.float64).reshape(-1, 2)
    if not (ring.size and np.isfinite(ring).all()):
        msg = "a polygon whose corners are no numbers"
        raise ValueError(msg)
    return ring


def _with_runs(
    labels: NDArray[np.uint32], runs: Sequence[NDArray[np.int64]], of: Sequence[int]
) -> NDArray[np.uint32]:
    """Return labels with objects of runs where no polygon lies."""
    together = np.concatenate(runs)
    position = np.repeat(np.arange(len(runs)), [len(each) for each in runs])
    numbers = np.array(of, dtype=np.uint32)
    both = together[:, 0], together[:, 1]
    added = paint_runs(numbers, position, both, labels.shape[::-1]).T
    n_lost = int(((labels > 0) & (added > 0)).sum())
    if n_lost:
        msg = (
            f"Objects overlap in {n_lost:,} pixels, and a label image holds one number a "
            f"pixel: those told by polygons keep them."
        )
        warnings.warn(msg, SegmetryWarning, stacklevel=2)
    return np.where(labels > 0, labels, added)


def _runs(told: Mapping[str, Any], shape: tuple[int, int]) -> NDArray[np.int64]:
    """Return start and length of the runs of an object, down the columns."""
    counts = told["counts"]
    if isinstance(counts, str):
        counts = _unpacked(counts)
    lengths = np.array(counts, dtype=np.int64)
    if tuple(told["size"]) != shape or (lengths < 0).any():
        msg = f"run lengths of {told['size']} pixels in a picture of {list(shape)}"
        raise ValueError(msg)
    stops = np.cumsum(lengths)
    # Runs longer than the picture could add up to more than 64 bits hold.
    if lengths.size and max(lengths.max(), stops[-1]) > shape[0] * shape[1]:
        msg = "run lengths leave the picture"
        raise ValueError(msg)
    return np.stack([(stops - lengths)[1::2], lengths[1::2]], axis=1)


def _unpacked(text: str) -> list[int]:
    """Return run lengths that COCO's tools packed into text.

    Each number is written in pieces of five bits, the lowest first, as characters from "0";
    the sixth bit tells that more follow, and the fifth of the last piece the sign. From the
    fourth number on, the difference from the one two before is written.
    """
    counts: list[int] = []
    value = shift = 0
    for piece in (ord(sign) - 48 for sign in text):
        value |= (piece & 31) << shift
        shift += 5
        if shift > _MOST_BITS:  # each further piece would take longer than the one before
            msg = "packed run lengths that no picture has"
            raise ValueError(msg)
        if piece & 32:
            continue
        if piece & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    return counts
