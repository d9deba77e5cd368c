from pathlib import Path

import pytest

from segmetry.io.names import picture_name, plain_stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [("a.png", "a"), ("a.TIF.GZ", "a"), ("a.ome.tif", "a"), ("1.5 mm.tif", "1.5 mm")],
)
def test_a_stem_has_no_ending(name, stem):
    assert plain_stem(Path(name)) == stem


@pytest.mark.parametrize(
    ("text", "name"),
    [("a.png", "a"), ("a.OME.TIFF", "a"), ("day 1.5", "day 1.5"), ("x/b.jpg", "b")],
)
def test_a_picture_is_called_with_or_without_ending(text, name):
    assert picture_name(text) == name
