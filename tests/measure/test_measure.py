"""The room's door: names arrive when they are asked for."""

import pytest

import segmetry.measure


def test_every_public_name_is_there():
    for name in segmetry.measure.__all__:
        assert getattr(segmetry.measure, name) is not None


def test_names_are_listed():
    assert dir(segmetry.measure) == sorted(segmetry.measure.__all__)


def test_a_wrong_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="mesure"):
        _ = segmetry.measure.mesure


def test_the_room_can_be_imported_without_its_heavy_packages(loaded_by):
    loaded = loaded_by("import segmetry.measure")
    assert {"numba", "pandas", "scipy"}.isdisjoint(loaded)
