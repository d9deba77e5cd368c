"""What is to be said of single pictures, told once for all that it is about."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from segmetry.measure.wording import count_of

if TYPE_CHECKING:
    from segmetry.batch.pictures import PictureResult

__all__ = ["corrected_remark", "merged_remarks"]

_MOST_NAMES = 3  # a sentence with more names is not read
_MOST_VALUES = 12  # one for each picture may be: they are looked up, not read
# A number by itself, with its sign for percent: not one in a name such as s12 or 3.tif.
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w]|[.,]\w)( %)?")


def merged_remarks(results: Sequence["PictureResult"]) -> Iterator[str]:
    """Yield each kind of remark once, with the pictures that it is about.

    Remarks that differ in their numbers alone are of one kind. They are told as one
    sentence, with the numbers from the least to the greatest, and with each picture's own
    where one number differs.

    Parameters
    ----------
    results : sequence of PictureResult
        In the order of the pictures.
    """
    kinds: dict[str, dict[str, str]] = {}
    for result in results:
        for remark in result.remarks:
            alike = kinds.setdefault(_NUMBER.sub(r"#\1", remark), {})
            alike.setdefault(result.row["image"], remark)
    for alike in kinds.values():
        remarks = list(dict.fromkeys(alike.values()))
        if len(remarks) > 1:
            yield _of_many(alike, remarks)
        elif len(alike) == len(results):
            yield remarks[0]
        elif len(alike) <= _MOST_NAMES:
            yield f"{', '.join(alike)}: {remarks[0]}"
        else:
            yield f"{len(alike)} pictures, {next(iter(alike))} the first: {remarks[0]}"


def _of_many(alike: Mapping[str, str], remarks: Sequence[str]) -> str:
    """Return one sentence for remarks that differ in their numbers."""
    found = [list(_NUMBER.finditer(remark)) for remark in remarks]
    columns = [
        sorted({one[0] for one in same}, key=_value) for same in zip(*found, strict=True)
    ]
    parts, end = [], 0
    for place, texts in zip(found[0], columns, strict=True):
        parts += [remarks[0][end : place.start()], _range(texts, remarks[0], place.start())]
        end = place.end()
    sentence = "".join(parts) + remarks[0][end:]
    varied = [column for column, texts in enumerate(columns) if len(texts) > 1]
    names = list(alike)
    if len(varied) == 1:
        own = {text: found[k][varied[0]][0] for k, text in enumerate(remarks)}
        names = [f"{name} {own[text]}" for name, text in alike.items()]
    told = ", ".join(names[:_MOST_VALUES])
    more = f" and {len(names) - _MOST_VALUES} more" if len(names) > _MOST_VALUES else ""
    return f"{count_of(len(names), 'picture')} ({told}{more}): {sentence}"


def _range(texts: Sequence[str], sentence: str, start: int) -> str:
    """Return numbers from the least to the greatest; the middle one where it is advice."""
    if sentence[:start].endswith("="):  # OPTION=VALUE takes no range
        return texts[len(texts) // 2]
    if len(texts) == 1:
        return texts[0]
    return f"{texts[0].removesuffix(' %')} to {texts[-1]}"


def _value(text: str) -> float:
    """Return a number as it is written, "1,234.5 %" too, to be put in order."""
    return float(text.removesuffix(" %").replace(",", ""))


def corrected_remark(
    n_by_hand: int, n_objects: int, *, n_corrected: int, n_pictures: int
) -> str:
    """Return what a person should know where objects were corrected by hand.

    Examples
    --------
    >>> corrected_remark(2, 40, n_corrected=1, n_pictures=3)[:49]
    'Corrected by hand: 2 of 40 objects were drawn or '
    """
    return (
        f"Corrected by hand: {n_by_hand} of {n_objects} objects were drawn or edited, "
        f"in {n_corrected} of {n_pictures} pictures; others may have been removed."
    )
