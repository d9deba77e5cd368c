import re
from pathlib import Path

import pytest

from segmetry.errors import MissingExtraError, ReadError, SegmetryError
from segmetry.project.identifiers import called, is_identifier, new_identifier


def test_identifiers_sort_by_the_time_they_were_made(monkeypatch):
    made = []
    for milliseconds in (1, 2, 10**9, 2**48 - 1):
        monkeypatch.setattr("time.time_ns", lambda ms=milliseconds: ms * 1_000_000)
        made.append(new_identifier())
    assert made == sorted(made)
    assert made[-1].startswith("7ZZZZZZZZZ")


def test_identifiers_never_repeat_and_are_always_known_as_such():
    many = {new_identifier() for _ in range(2000)}
    assert len(many) == 2000
    assert all(is_identifier(one) for one in many)
    assert all(re.fullmatch("[0-9A-Z]{26}", one) for one in many)


@pytest.mark.parametrize(
    "text", ["", "..", "a/b", "01JD3M0XZ6W8RT5Q4N7YV2KCA", "81JD3M0XZ6W8RT5Q4N7YV2KCAB"]
)
def test_other_texts_are_no_identifiers(text):
    assert not is_identifier(text)


def test_a_line_end_does_not_slip_through():
    assert not is_identifier(f"{new_identifier()}\n")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (lambda name: ReadError(f"{name} is cut off"), r"^cells\.tif is cut off$"),
        (lambda _: MissingExtraError("Reading it", "vendor"), "pip install"),
    ],
)
def test_errors_about_an_upload_tell_the_name_that_people_know(error, told):
    path = Path("uploads") / new_identifier()
    with pytest.raises(SegmetryError, match=told), called(path, "cells.tif"):
        raise error(path.name)
