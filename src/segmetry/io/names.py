"""Names of files without what only tells their kind."""

import re
from pathlib import Path

__all__ = ["picture_name", "plain_stem"]


def plain_stem(path: Path) -> str:
    """Return a file's name without its ending; "a" for a.tif.gz and a.ome.tif too.

    Parameters
    ----------
    path : Path

    Examples
    --------
    >>> plain_stem(Path("day 1/a.ome.tif"))
    'a'
    """
    name = re.sub(r"\.gz$", "", path.name, flags=re.IGNORECASE)
    return re.sub(r"\.ome$", "", Path(name).stem, flags=re.IGNORECASE)


def picture_name(text: str) -> str:
    """Return a name without the ending of a file, where it has one.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> picture_name("day 1.ome.tif"), picture_name("day 1.5")
    ('day 1', 'day 1.5')
    """
    path = Path(text)
    is_ending = re.fullmatch(r"\.[A-Za-z][A-Za-z0-9]{1,4}", path.suffix)
    return plain_stem(path) if is_ending else path.name
