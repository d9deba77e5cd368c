"""How a contender takes its turns: a line comes in, one picture is done, a line goes out.

Needs nothing but Python, so that each contender can use it in its own environment.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

__all__ = ["Clock", "take_turns"]


class Clock:
    """Wall and processor seconds of the parts of a turn, threads counted together."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[float, float]] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count what happens within as a part of this name."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.parts[name] = (time.perf_counter() - wall, time.process_time() - cpu)


def take_turns(turn: Callable[[Clock], Any], *, about: Any = None) -> None:
    """Answer each line of standard input by one turn, until there are no more.

    Parameters
    ----------
    turn : callable
        Takes a clock to tell its parts to; gives what else is to be told, as JSON.
    about : JSON
        What the contender tells of itself, such as its versions.
    """
    answers = sys.stdout
    for _ in sys.stdin:
        clock = Clock()
        # Libraries that print must not disturb the answers.
        with redirect_stdout(sys.stderr):
            told = turn(clock)
        answer = {
            "parts": clock.parts,
            "told": told,
            "about": about,
            "cpu_since_start": time.process_time(),
        }
        print(json.dumps(answer), file=answers, flush=True)
