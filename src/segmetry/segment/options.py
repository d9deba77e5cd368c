"""Options of a segmenter: declared once, checked, and read from text."""

import dataclasses
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, cast, get_args, get_type_hints

from segmetry.errors import RecipeError

__all__ = [
    "DENOISE",
    "EDGES",
    "FLATTEN",
    "POLARITY",
    "Edges",
    "Option",
    "Polarity",
    "Tunable",
    "about",
    "check",
    "options_of",
    "suggestion",
    "typed",
]

Polarity = Literal["auto", "bright", "dark"]
Edges = Literal["halfway", "cutoff"]

# Values worth trying: the ends of a range, three values or more, or none at all.
Tunable = tuple[float, ...] | tuple[str, ...] | None

_YES = {"true", "yes", "on", "1"}
_NO = {"false", "no", "off", "0"}


@dataclass(frozen=True)
class Option:
    """What a form, a command line or a handbook needs to know about one option.

    Parameters
    ----------
    name : str
    kind : {"bool", "int", "float", "str"}
    default : bool, int, float or str
    help : str
        One plain sentence.
    low, high : float or None
        Smallest and largest value allowed; `None` where there is no limit.
    choices : tuple of str
        The values allowed for a "str"; empty for any text, and for the other kinds.
    tunable : tuple or None
        Values worth trying where options are tuned: the two ends of a range, a list of
        texts or of at least three numbers, or none; `None` where the option does not say.
    """

    name: str
    kind: str
    default: bool | float | str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    tunable: Tunable = None


def about(
    meaning: str,
    *,
    low: float | None = None,
    high: float | None = None,
    tunable: Tunable = None,
) -> dict[str, Any]:
    """Return the metadata that an option's dataclass field carries.

    Parameters
    ----------
    meaning : str
        One plain sentence for the handbook and `--help`.
    low, high : float or None
        Smallest and largest value allowed; `None` sets no limit.
    tunable : tuple or None
        Values worth trying; see `Option`.

    Returns
    -------
    dict

    Examples
    --------
    >>> about("Smaller objects are dropped.", low=1)["low"]
    1
    """
    return {"help": meaning, "low": low, "high": high, "tunable": tunable}


POLARITY = about("Whether objects are bright or dark against the background.")
EDGES = about(
    "Where an edge lies: halfway between object and ground, or where the cutoff puts it."
)
DENOISE = about(
    "Standard deviation of a Gaussian blur before, in pixels.",
    low=0,
    high=50,
    tunable=(0, 5),
)
FLATTEN = about(
    "Remove light that varies over more than this many pixels; 0 leaves it.",
    low=0,
    high=10_000,
    tunable=(0, 30, 60, 120, 240),
)


def options_of(kind: type[Any]) -> tuple[Option, ...]:
    """Return the options of a segmenter class, in the order of its fields."""
    hints = get_type_hints(kind)
    return tuple(_described(item, hints[item.name]) for item in dataclasses.fields(kind))


def _described(item: "dataclasses.Field[Any]", hint: Any) -> Option:
    choices = tuple(get_args(hint))
    return Option(
        name=item.name,
        kind="str" if choices else hint.__name__,
        default=cast("bool | float | str", item.default),
        help=item.metadata["help"],
        low=item.metadata["low"],
        high=item.metadata["high"],
        tunable=item.metadata.get("tunable"),
        choices=choices,
    )


def check(known: Option, value: Any) -> None:
    """Refuse a value that an option cannot take.

    Raises
    ------
    RecipeError
        With the values that it can take.
    """
    expected = _expected(known)
    if known.kind == "bool":
        fits = isinstance(value, bool)
    elif known.kind == "str":
        fits = isinstance(value, str) and (not known.choices or value in known.choices)
    else:
        number = (int,) if known.kind == "int" else (int, float)
        fits = isinstance(value, number) and not isinstance(value, bool)
        fits = fits and (known.low is None or value >= known.low)
        fits = fits and (known.high is None or value <= known.high)
    if not fits:
        msg = f"option {known.name} must be {expected}, got {value!r}"
        raise RecipeError(msg)


def typed(known: Option, text: str) -> bool | float | str:
    """Return the value that a text stands for.

    Raises
    ------
    RecipeError
        If the text is no value of the option's kind.

    Examples
    --------
    >>> typed(Option("fill_holes", "bool", True, "Fill holes."), "no")
    False
    """
    if known.kind == "str":
        return text
    if known.kind == "bool" and text.strip().lower() in _YES | _NO:
        return text.strip().lower() in _YES
    if known.kind != "bool":
        try:
            return int(text) if known.kind == "int" else float(text)
        except ValueError:
            pass
    msg = f"option {known.name} must be {_expected(known)}, got {text!r}"
    raise RecipeError(msg)


def suggestion(word: str, known: list[str]) -> str:
    """Return the end of a sentence that helps a person who mistyped a name."""
    close = get_close_matches(word, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"{hint} Known are: {', '.join(known)}."


def _expected(known: Option) -> str:
    if known.kind == "bool":
        return "true or false"
    if known.kind == "str":
        return f"one of {', '.join(known.choices)}" if known.choices else "a text"
    kind = "a whole number" if known.kind == "int" else "a number"
    if known.low is None:
        return kind
    if known.high is None:
        return f"{kind} of at least {known.low}"
    return f"{kind} from {known.low} to {known.high}"
