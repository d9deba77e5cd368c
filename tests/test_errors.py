import importlib
import inspect

import pytest

import segmetry
from segmetry import errors


def test_every_error_is_one_that_a_user_can_catch_at_once():
    kinds = [
        kind
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if name.endswith("Error")
    ]
    assert len(kinds) > 5
    assert all(issubclass(kind, errors.SegmetryError) for kind in kinds)


def test_the_map_of_errors_at_the_top_of_the_file_is_complete():
    assert all(name in errors.__doc__ for name in errors.__all__ if name.endswith("Error"))


def test_a_missing_part_says_how_to_get_it():
    error = errors.MissingExtraError("Reading SER files", "vendor")
    assert "pip install 'segmetry[vendor]'" in str(error)


def test_public_names_come_from_their_modules():
    assert segmetry.Image.__module__ == "segmetry.image"
    assert "PixelSize" in dir(segmetry)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = segmetry.no_such_name


@pytest.mark.parametrize("name", segmetry.__all__)
def test_public_names_stay_what_they_are(name):
    first = getattr(segmetry, name)
    importlib.import_module(first.__module__)
    assert getattr(segmetry, name) is first
    assert not inspect.ismodule(first)
