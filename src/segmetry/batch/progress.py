"""How far the work on a large picture is, and how long it will go on."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Progress"]

# For each second of a step, so many seconds of those that follow, as measured on drawn
# pictures of 16 to 400 megapixels. Steps that are not named have few tiles or none.
_AFTER = {"finding foreground": 9.0, "finding objects": 0.25, "measuring": 0.05}


@dataclass
class Progress:
    """Tells in words how far the work on a large picture is.

    After the first tile of a step, it tells how long all will take.

    Parameters
    ----------
    tell : callable
        Called with the words.
    workers : str
        Who works.

    Examples
    --------
    >>> Progress(print, "in 2 processes")("finding objects", 0, 40)
    finding objects, tile 0 of 40, in 2 processes
    """

    tell: Callable[[str], None]
    workers: str
    _begun: dict[str, tuple[float, int]] = field(default_factory=dict)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Tell that so much of a step is done.

        Parameters
        ----------
        what : str
        done, total : int
            Tiles.
        """
        if total == 1:
            self.tell(what)
            return
        now = time.monotonic()
        since, first = self._begun.setdefault(what, (now, done))
        text = f"{what}, tile {done} of {total}, {self.workers}"
        if what in _AFTER and done > first:
            each = (now - since) / (done - first)
            left = each * (total - done + total * _AFTER[what])
            text = f"{text}, about {_duration(left)} left"
        self.tell(text)


def _duration(seconds: float) -> str:
    """Return a duration for people.

    Examples
    --------
    >>> _duration(40), _duration(400), _duration(20_000)
    ('40 s', '7 min', '5.6 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
