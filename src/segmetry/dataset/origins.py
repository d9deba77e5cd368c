"""Where the masks of a set come from, as the tables beside them tell it."""

from collections.abc import Iterable
from pathlib import Path

from segmetry.dataset.names import bare_name
from segmetry.io.exchange import MaskOrigin, read_origins
from segmetry.io.names import plain_stem

__all__ = ["find_origins"]


def find_origins(masks: Iterable[Path]) -> list[MaskOrigin | None]:
    """Return where each mask comes from: draft, corrected, from nothing, or imported.

    Parameters
    ----------
    masks : iterable of Path
        Files of masks, such as `Pair.mask_path`.

    Returns
    -------
    list of MaskOrigin or None
        In their order; `None` where the `masks.csv` beside a mask, if any, does not tell.

    Raises
    ------
    ReadError
        If such a table holds what none is written with.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io.exchange import write_origins
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_origins(folder, [("Cell 1", 3, MaskOrigin("imported"))])
    ...     found = find_origins([Path(folder, "Cell 1_labels.tif"), Path(folder, "b.tif")])
    >>> [origin and origin.kind for origin in found]
    ['imported', None]
    """
    known: dict[Path, dict[str, MaskOrigin]] = {}
    found = []
    for path in masks:
        folder = path.parent
        if folder not in known:
            told = read_origins(folder)
            known[folder] = {bare_name(name): one for name, one in told.items()}
        found.append(known[folder].get(bare_name(plain_stem(path))))
    return found
