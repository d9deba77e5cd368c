from pathlib import Path

import pytest

from segmetry.io.names import picture_name, picture_names, plain_stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [("a.png", "a"), ("a.TIF.GZ", "a"), ("a.ome.tif", "a"), ("1.5 mm.tif", "1.5 mm")],
)
def test_a_stem_has_no_ending(name, stem):
    assert plain_stem(Path(name)) == stem


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("a.png", "a"), ("a.OME.TIFF", "a"), ("day 1.5", "day 1.5"), ("x/b.jpg", "b")),
        *(("plate.A1", "plate.A1"), ("a.dm3", "a"), ("C:\\set\\b.jpg", "b")),
    ],
)
def test_a_picture_is_called_with_or_without_ending(text, name):
    assert picture_name(text) == name


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["a.png", "b", "day 1.5"], ["a", "b", "day 1.5"]),
        (["1.left", "1.right", "2.left"], ["1.left", "1.right", "2"]),
        (["a.png", "a.tif"], ["a.png", "a.tif"]),
        (["x/a.png", "b.png"], ["a", "b"]),
    ],
)
def test_two_pictures_of_a_table_never_become_one(texts, names):
    assert picture_names(texts) == dict(zip(texts, names, strict=True))
