"""Names of pictures and masks, as they are compared.

Words that only say what a file is (`PICTURE_WORDS`, `MASK_WORDS`) may stand before or after
a name, set off by `_`, `-`, `.` or a space; capital letters do not matter. Words for parts
of a set (`PART_WORDS`) are passed over last.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from segmetry.io.names import plain_stem

__all__ = [
    "MASK_WORDS",
    "PART_WORDS",
    "PICTURE_WORDS",
    "bare_name",
    "folded_name",
    "has_mask_name",
    "key_without_parts",
    "without_mask_words",
]

PICTURE_WORDS = ("image", "images", "img", "picture", "pictures", "raw")
MASK_WORDS = (
    *("mask", "masks", "cp_masks", "label", "labels", "seg", "segmentation"),
    *("annotation", "annotations", "instance", "instances", "gt", "truth"),
    *("manual", "manual1", "manual2"),
)
PART_WORDS = {"train": "train", "training": "train", "test": "test"}  # and what they mean
_SEPARATORS = "_. -"  # in this order a set of characters, not a range


def has_mask_name(path: Path) -> bool:
    """Whether a file's name begins or ends with one of `MASK_WORDS`.

    Parameters
    ----------
    path : Path

    Examples
    --------
    >>> has_mask_name(Path("a_Mask.png")), has_mask_name(Path("unmasked.png"))
    (True, False)
    """
    name = folded_name(plain_stem(path))
    return _without(name, MASK_WORDS) != name


def folded_name(name: str) -> str:
    r"""Return a name as it is compared: capitals and the coding of accents do not matter.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> folded_name("Gro\u0308\u00dfe") == folded_name("gr\u00f6sse")
    True
    """
    return unicodedata.normalize("NFC", name).casefold()


def without_mask_words(name: str) -> str:
    """Return a name as it is written, without the words that say that it is of a mask.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> without_mask_words("Cell 7_Labels"), without_mask_words("mask")
    ('Cell 7', 'mask')
    """
    return _without(name, MASK_WORDS)


def bare_name(name: str) -> str:
    """Return a name as it is compared, without the words that only say what a file is.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> bare_name("Cell_7-mask"), bare_name("mask")
    ('cell_7', 'mask')
    """
    return _without(folded_name(name), (*PICTURE_WORDS, *MASK_WORDS))


def key_without_parts(names: Iterable[str]) -> Callable[[str], str]:
    """Return how names are compared that may or may not tell the part of a set.

    Parameters
    ----------
    names : iterable of str
        All names, of pictures and of masks.

    Returns
    -------
    callable
        Gives a name without its part, or with it where `names` has other parts of that
        name, so that pictures and masks of different parts are never taken for equal.

    Examples
    --------
    >>> key = key_without_parts(["21_training", "21_manual1", "1_training", "1_test_mask"])
    >>> key("21_training"), key("21_manual1"), key("1_training"), key("1_test_mask")
    ('21', '21', '1_training', '1_test')
    """
    parts: dict[str, set[str]] = {}
    for name in names:
        shorter, part = _without_part(name)
        parts.setdefault(shorter, set()).update(part)

    def key(name: str) -> str:
        shorter, _ = _without_part(name)
        return bare_name(name) if len(parts[shorter]) > 1 else shorter

    return key


def _without(name: str, words: Sequence[str]) -> str:
    return _shortened(name, words)[0]


def _without_part(name: str) -> tuple[str, set[str]]:
    """Return a name as it is compared, and which parts of a set were taken from it."""
    words = (*PICTURE_WORDS, *MASK_WORDS, *PART_WORDS)
    shorter, taken = _shortened(folded_name(name), words)
    return shorter, {PART_WORDS[word] for word in taken if word in PART_WORDS}


def _shortened(name: str, words: Iterable[str]) -> tuple[str, list[str]]:
    """Return a name without words before and after it, and those words."""
    either = "|".join(words)
    pattern = rf"^({either})[{_SEPARATORS}]+|[{_SEPARATORS}]+({either})$"
    taken = []
    while match := re.search(pattern, name, flags=re.IGNORECASE):
        taken.append(match[1] or match[2])
        name = name[: match.start()] + name[match.end() :]
    return name, taken
