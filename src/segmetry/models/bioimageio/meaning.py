"""What the maps of a network made elsewhere are, told by their names or by the user."""

from collections.abc import Sequence

from segmetry.errors import ModelError
from segmetry.models.bioimageio.graph import Arithmetic
from segmetry.models.card import BOUNDARY, FLOWS

__all__ = ["KNOWN_MAPS", "Meaning", "meaning"]

KNOWN_MAPS = ("foreground", "background", BOUNDARY, *FLOWS, "other")
Meaning = tuple[tuple[str, ...], Arithmetic]

_WORDS = {
    "foreground": "foreground fg interior inside object objects mask nuclei cells",
    "background": "background bg",
    BOUNDARY: "boundary boundaries border borders edge edges contour contours membrane",
    "other": "",
}


def meaning(names: Sequence[str], *, file: str, told: Sequence[str] = ()) -> Meaning:
    """Return the outputs of a model's card, and how they are made of a network's maps.

    Parameters
    ----------
    names : sequence of str
        What the package calls each map.
    file : str
        For messages.
    told : sequence of str
        What the user says that each map is: "foreground", "background", "boundary",
        "flow_y", "flow_x" or "other". Empty: their names tell, and a single map of
        another name is the foreground.

    Returns
    -------
    tuple of str
        "foreground", and where they are known "boundary", or "flow_y" and "flow_x".
    Arithmetic
        Which chooses these maps. Foreground is all that is not background.

    Raises
    ------
    ModelError
        If there is no telling what they are.

    Examples
    --------
    >>> meaning(["background", "border"], file="a.zip")[0]
    ('foreground', 'boundary')
    """
    kinds = list(told) or [_kind(name) for name in names]
    if not told and len(kinds) == 1 and kinds[0] in {"", "other"}:
        kinds = ["foreground"]
    called = ", ".join(names)
    if len(kinds) != len(names) or not set(kinds) <= set(KNOWN_MAPS):
        msg = (
            f"the maps of {file} are called {called}, which does not tell what they are; "
            f"name each, in this order: --maps with {', '.join(KNOWN_MAPS)}, as in --maps "
            f"{','.join(['foreground', BOUNDARY, 'other'][: max(len(names), 1)])}"
        )
        raise ModelError(msg)
    repeated = [kind for kind in set(kinds) if kind != "other" and kinds.count(kind) > 1]
    if repeated or not {"foreground", "background"} & set(kinds):
        msg = (
            f"the maps of {file} ({called}) must be different things, of which one is the "
            "foreground or the background"
        )
        raise ModelError(msg)
    return _chosen(kinds)


def _kind(name: str) -> str:
    if name in FLOWS:
        return name
    words = set(name.lower().replace("-", "_").split("_"))
    found = [kind for kind, known in _WORDS.items() if words & set(known.split())]
    return found[0] if len(found) == 1 else ""


def _chosen(kinds: Sequence[str]) -> Meaning:
    names = ["foreground"]
    if BOUNDARY in kinds:
        names.append(BOUNDARY)
    elif set(FLOWS) <= set(kinds):
        names += FLOWS
    rows, shifts = [], []
    for name in names:
        inverted = name == "foreground" and "background" in kinds
        place = kinds.index("background" if inverted else name)
        sign = -1.0 if inverted else 1.0
        rows.append(tuple(sign if k == place else 0.0 for k in range(len(kinds))))
        shifts.append(1.0 if inverted else 0.0)
    return tuple(names), Arithmetic("mix", tuple(rows), tuple(shifts))
