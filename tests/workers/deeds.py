"""Work for worker processes, which find it by the name of this module."""

import os
import time
from pathlib import Path

from segmetry.errors import MissingExtraError, SegmetryError


def doubled(number):
    return 2 * number


def die_of(deadly, number):
    """End the process for one number, whoever has it."""
    if number in deadly:
        os._exit(9)
    return number


def die_once(folder, number):
    """End the process for number 3, the first time."""
    mark = Path(folder, "was here")
    if number == 3 and not mark.exists():
        mark.touch()
        os._exit(9)
    return number


def refuse(number):
    if number == 4:
        message = "Expected a number below 4."
        raise SegmetryError(message)
    return number


def need_extra(_number):
    """Raise an error that cannot be unpickled."""
    purpose = "Counting"
    raise MissingExtraError(purpose, "numbers")


def give_what_cannot_be_sent(_number):
    return lambda: None


def process_number(seconds):
    time.sleep(seconds)
    return os.getpid()


class Unloadable:
    """Work that no process can load."""

    def __call__(self, number):
        return number

    def __reduce__(self):
        return _fail, ()


def _fail():
    message = "This cannot be loaded."
    raise ValueError(message)


class DeadlyToLoad(Unloadable):
    """Work that ends each process that loads it."""

    def __reduce__(self):
        return os._exit, (9,)


def die(_item):
    os._exit(9)


def stay(_item):
    time.sleep(600)
