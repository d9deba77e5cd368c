import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.image import LENGTH_IN_UM
from segmetry.io.units import unit_of


@pytest.mark.parametrize("spelling", ["um", "µm", "μm", "micron", "Microns", "\\u00B5m"])
def test_micrometres_have_many_spellings(spelling):
    assert unit_of(spelling) == "um"


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [
        ("nm", "nm"),
        (" nm\0", "nm"),
        ("Nanometer", "nm"),
        ("pm", "pm"),
        ("Å", "angstrom"),
        ("A", "angstrom"),
        ("angstrom", "angstrom"),
        ("mm", "mm"),
        ("cm", "cm"),
        ("m", "m"),
        ("meter", "m"),
    ],
)
def test_each_unit_of_length_is_known(spelling, unit):
    assert unit_of(spelling) == unit


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "pixel",
        "pixels",
        "inch",
        "1/nm",
        "s",
        "eV",
        "Mm",
        "NM",
        "[]",
        "dpi",
        "<undefined>",
    ],
)
def test_what_is_no_length_has_no_unit(spelling):
    assert unit_of(spelling) is None


@pytest.mark.parametrize("value", [None, 3, 1.5, b"nm", ("nm",)])
def test_what_is_no_text_has_no_unit(value):
    assert unit_of(value) is None


@pytest.mark.parametrize("unit", LENGTH_IN_UM)
def test_every_unit_of_a_pixel_size_means_itself(unit):
    assert unit_of(unit) == unit


@given(st.text(max_size=8))
def test_any_text_gives_a_unit_of_pixel_sizes_or_none(text):
    assert unit_of(text) in {None, *LENGTH_IN_UM}
