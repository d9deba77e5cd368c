"""Names of files without what only tells their kind."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

__all__ = ["picture_name", "picture_names", "plain_stem"]


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
    >>> picture_name("day 1.ome.tif"), picture_name("day 1.5"), picture_name("well.A1")
    ('day 1', 'day 1.5', 'well.A1')
    """
    path = Path(text.replace("\\", "/"))  # Windows has both
    is_ending = re.fullmatch(r"\.[A-Za-z]{2}[A-Za-z0-9]{0,3}", path.suffix)
    return plain_stem(path) if is_ending else path.name


def picture_names(texts: Iterable[str]) -> dict[str, str]:
    """Return the name of each picture of a table, without ending where it has one.

    Parameters
    ----------
    texts : iterable of str
        As the table calls them.

    Returns
    -------
    dict of str to str
        By what the table says. An ending stays where two pictures would be one without.

    Examples
    --------
    >>> picture_names(["a.png", "day.left", "day.right"])
    {'a.png': 'a', 'day.left': 'day.left', 'day.right': 'day.right'}
    """
    names = {text: picture_name(text) for text in texts}
    often = Counter(names.values())
    return {
        text: name if often[name] == 1 else Path(text.replace("\\", "/")).name
        for text, name in names.items()
    }
