"""The scores of each class, and which is taken for which, as rows of text."""

from segmetry.evaluate import ClassTable
from segmetry.report.scores import score_text

__all__ = ["CLASS_COLUMNS", "class_rows", "confusion_rows"]

CLASS_COLUMNS = {
    "dice": "Dice",
    "iou": "IoU",
    "sensitivity": "sensitivity",
    "precision": "precision",
    "pq": "PQ",
    "sq": "SQ",
    "rq": "RQ",
}


def class_rows(
    table: ClassTable | None,
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each class with its scores, each as value and interval.

    Parameters
    ----------
    table : ClassTable or None
        `None` gives no rows.
    """
    if table is None:
        return []
    return [
        (name, [score_text(key, scores[key]) for key in CLASS_COLUMNS])
        for name, scores in table.scores.items()
    ]


def confusion_rows(table: ClassTable | None) -> list[tuple[str, ...]]:
    """Return how many percent of the pixels of each true class were found as which.

    Parameters
    ----------
    table : ClassTable or None
        `None` gives no rows.

    Returns
    -------
    list of tuple of str
        The first row is a head. Pixels for which no class was found are a column of their
        own where there are any.
    """
    if table is None:
        return []
    confusion = table.confusion
    names = [*table.scores, "none"]
    if not confusion[:, -1].any():
        confusion, names = confusion[:, :-1], names[:-1]
    rows = [("true class", *(f"found as {name}" for name in names), "pixels")]
    for name, counts in zip(table.scores, confusion, strict=True):
        total = int(counts.sum())
        shares = [f"{100 * count / total:.1f} %" if total else "–" for count in counts]
        rows.append((name, *shares, f"{total:,}"))
    return rows
