"""The room's door: names arrive when they are asked for."""

import subprocess
import sys

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


def test_the_room_can_be_imported_without_its_heavy_packages():
    program = (
        "import sys, segmetry.measure\n"
        "print([name for name in ('numba', 'pandas', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "[]"
