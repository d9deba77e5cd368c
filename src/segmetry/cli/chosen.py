"""Which pictures of a run were chosen at random to be corrected, kept on record."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segmetry import io
from segmetry.errors import ReadError, RecipeError
from segmetry.evaluate.choosing import choose_pictures

__all__ = ["CHOSEN", "Choice", "choose", "read_choice"]

CHOSEN = "chosen.json"


@dataclass(frozen=True)
class Choice:
    """Pictures chosen at random.

    Parameters
    ----------
    seed : int
    pictures : tuple of str
    n_earlier : int
        Choices that this one replaced; they stay on record.
    """

    seed: int
    pictures: tuple[str, ...]
    n_earlier: int = 0


def choose(
    folder: Path,
    names: Sequence[str],
    n: int,
    *,
    groups: Sequence[str] = (),
    seed: int | None = None,
    overwrite: bool = False,
) -> Choice:
    """Choose pictures of a run at random and write which into its folder.

    With the seed of an earlier choice, a larger one holds the earlier one: what was
    corrected already still counts.

    Parameters
    ----------
    folder : Path
        Of the run.
    names : sequence of str
        Of all its pictures.
    n : int
    groups : sequence of str
        Group of each picture, over which the choice is spread; empty without groups.
    seed : int or None
        `None` takes that of an earlier choice, or else 0.
    overwrite : bool
        Choose anew with another seed; the record tells of both.

    Returns
    -------
    Choice

    Raises
    ------
    RecipeError
        If there are not so many pictures, or there is a choice already which the new one
        would not hold.
    ReadError
        If the record is damaged.
    WriteError
        If the record cannot be written.
    """
    if not 1 <= n <= len(names):
        msg = f"--choose takes 1 to {len(names)}, the pictures of the run; got {n}"
        raise RecipeError(msg)
    kept = _read(folder)
    last = kept[-1] if kept else None
    if seed is None:
        seed = last["seed"] if last else 0
    pictures = choose_pictures(names, n, groups=groups, seed=seed)
    if last and not set(last["pictures"]) <= set(pictures):
        if not overwrite:
            msg = (
                f"{len(last['pictures'])} pictures were chosen already with seed "
                f"{last['seed']}; choose as many or more with that seed, or say "
                f"--overwrite to choose anew, which {CHOSEN} will tell"
            )
            raise RecipeError(msg)
    elif last:
        kept = kept[:-1]
    entry = {"seed": seed, "n_pictures": len(names), "pictures": list(pictures)}
    io.write_json(folder / CHOSEN, {"format": 1, "choices": [*kept, entry]})
    return Choice(seed, pictures, len(kept))


def read_choice(folder: Path) -> Choice | None:
    """Return the last choice on record, or `None` where none was made.

    Parameters
    ----------
    folder : Path
        Of a run.

    Raises
    ------
    ReadError
        If the record is damaged.
    """
    kept = _read(folder)
    if not kept:
        return None
    return Choice(kept[-1]["seed"], tuple(kept[-1]["pictures"]), len(kept) - 1)


def _read(folder: Path) -> list[dict[str, Any]]:
    path = folder / CHOSEN
    if not path.exists():
        return []
    try:
        choices = json.loads(path.read_text(encoding="utf-8"))["choices"]
        return [
            {
                "seed": int(one["seed"]),
                "n_pictures": int(one["n_pictures"]),
                "pictures": [str(name) for name in one["pictures"]],
            }
            for one in choices
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = (
            f"{CHOSEN} in {folder.name} is damaged, so nobody knows which pictures chance "
            "chose; remove it and choose anew"
        )
        raise ReadError(msg) from error
