"""How two runs of one recipe differ: in their labels and in their tables."""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry import io
from segmetry.batch.inputs import file_hash
from segmetry.errors import ReadError
from segmetry.io.listing import files_of
from segmetry.measure.wording import count_of

__all__ = ["label_difference", "labels_differ", "tables_differ"]

_NAMED = 5  # columns that are named of those that differ
_OF_ALL_PICTURES = ("verdict", "verdict_reason")  # columns in which pictures are compared


def labels_differ(old: Path, new: Path) -> str:
    """Return how two label images differ, in a sentence; empty if they are equal.

    Parameters
    ----------
    old, new : Path
        Files, or folders of OME-Zarr, of which either may be absent.
    """
    if not new.exists() or not old.exists():
        return "" if new.exists() == old.exists() else "one of them has no labels"
    if file_hash(old) == file_hash(new):
        return ""
    if old.is_dir() and new.is_dir():
        return _pieces_differ(old, new)
    try:
        first, second = (io.read_labels(path, allow_empty=True) for path in (old, new))
    except ReadError as error:
        return str(error)
    return label_difference(first, second)


def _pieces_differ(old: Path, new: Path) -> str:
    """Compare labels that may be larger than memory, without opening them."""
    hashes = [
        {one.relative_to(path).as_posix(): file_hash(one) for one in files_of(path)}
        for path in (old, new)
    ]
    names = set(hashes[0]) | set(hashes[1])
    n = sum(hashes[0].get(name) != hashes[1].get(name) for name in names)
    return f"{n} of {count_of(len(names), 'piece')} of the labels are not as they were"


def label_difference(old: NDArray[np.uint32], new: NDArray[np.uint32]) -> str:
    """Return how the objects of two label images differ; empty if they are equal.

    Parameters
    ----------
    old, new : ndarray of uint32, of any shape

    Examples
    --------
    >>> label_difference(np.array([[1, 1, 2]]), np.array([[1, 1, 0]]))
    '1 of 2 objects is not as it was, 1 is found now; 1 pixel has another label'
    """
    if old.shape != new.shape:
        return f"the picture has {new.shape} pixels instead of {old.shape}"
    n_pixels = int(np.count_nonzero(old != new))
    if not n_pixels:
        return ""
    pairs, areas = np.unique(
        np.stack([old.ravel(), new.ravel()]), axis=1, return_counts=True
    )
    n_old, n_new = np.bincount(old.ravel()), np.bincount(new.ravel())
    same = (n_old[pairs[0]] == areas) & (n_new[pairs[1]] == areas) & pairs.all(axis=0)
    n_before, n_now = (int(np.count_nonzero(sizes[1:])) for sizes in (n_old, n_new))
    n_lost = n_before - int(same.sum())
    pixels = f"{count_of(n_pixels, 'pixel')} {'has' if n_pixels == 1 else 'have'}"
    if not n_lost and n_before == n_now:
        return (
            f"all objects are as they were, but numbered otherwise; {pixels} another label"
        )
    are = "is not as it was" if n_lost == 1 else "are not as they were"
    now = f"{n_now} {'is' if n_now == 1 else 'are'} found now"
    of = f"{n_lost} of {count_of(n_before, 'object')}"
    return f"{of} {are}, {now}; {pixels} another label"


def tables_differ(old: Path, new: Path, *, without: Collection[str] = ()) -> str:
    """Return how two tables, CSV or Parquet, differ, in words; empty if they are equal.

    Parameters
    ----------
    old, new : Path
        The second may be absent.
    without : collection of str
        Pictures whose rows are not compared, and so no columns that only they have, nor
        what the others are told in comparison with them.
    """
    if not new.is_file():
        return "is not written now"
    if file_hash(old) == file_hash(new):
        return ""
    first, second = (_read(path, without) for path in (old, new))
    gone = [str(name) for name in first if name not in second]
    if without:
        of_all = [name for name in _OF_ALL_PICTURES if name in first and name in second]
        first, gone = first.drop(columns=[*gone, *of_all]), []
        second = second.drop(columns=of_all)
    come = [str(name) for name in second if name not in first]
    if gone or come:
        told = [f"lacks {', '.join(gone)}"] * bool(gone)
        told += [f"also has {', '.join(come)}"] * bool(come)
        return " and ".join(told)
    if len(first) != len(second):
        return f"has {len(second)} rows instead of {len(first)}"
    columns = list(_columns(first, second[first.columns]))
    if not columns:
        return ""
    more = [f"and {len(columns) - _NAMED} more"] * (len(columns) > _NAMED)
    n_rows = int((first != second[first.columns]).any(axis=1).sum())
    return f"differs in {n_rows} of {len(first)} rows: {', '.join(columns[:_NAMED] + more)}"


def _read(path: Path, without: Collection[str]) -> pd.DataFrame:
    if path.suffix == ".parquet":
        table = pd.read_parquet(path).astype(str)
    else:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if "image" in table:
        table = table[~table["image"].isin(list(without))]
    return table.reset_index(drop=True)


def _columns(first: pd.DataFrame, second: pd.DataFrame) -> Iterator[str]:
    """Yield each column that differs, and by how much of the larger value at most."""
    for name in first.columns:
        differs = first[name] != second[name]
        if not differs.any():
            continue
        old, new = (
            pd.to_numeric(table.loc[differs, name], errors="coerce").to_numpy(np.float64)
            for table in (first, second)
        )
        if not (np.isfinite(old).all() and np.isfinite(new).all()):
            yield name
            continue
        larger = np.maximum(np.abs(old), np.abs(new))
        share = np.divide(
            np.abs(new - old), larger, out=np.zeros_like(old), where=larger > 0
        )
        yield f"{name} (by up to {100 * share.max():.2g} %)"
