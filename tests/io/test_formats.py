import sys

import pytest

from segmetry.errors import MissingExtraError, ReadError
from segmetry.io import read, supported_formats


def test_a_file_is_told_by_its_content_not_by_its_name(as_picture, ramp):
    path = as_picture(ramp, "a.png")
    wrong = path.with_name("a.tif")
    path.rename(wrong)
    assert read(wrong).steps[0].options["format"] == "PNG"


def test_a_text_file_named_png_is_called_a_text_file(tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("this is no picture")
    with pytest.raises(ReadError, match=r"notes\.png is a text file by its content"):
        read(path)


@pytest.mark.parametrize("content", [b"\x00\xff" * 40, b"GIF" + bytes(50), b"\x01"])
def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path, content):
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"of an unknown format.*TIFF, PNG, JPEG"):
        read(path)


def test_every_format_has_a_reader_that_can_be_loaded():
    for kind in supported_formats():
        assert kind.available, kind.name
        assert callable(kind.reader())


def test_no_two_formats_have_the_same_first_bytes():
    for kind in supported_formats():
        for at, mark in kind.marks:
            head = bytes(at) + mark
            fitting = [other.name for other in supported_formats() if other.fits(head)]
            assert fitting == [kind.name]


def test_only_the_formats_behind_the_gpl_need_an_extra():
    extras = {kind.package for kind in supported_formats() if kind.extra == "vendor"}
    assert extras == {"rsciio"}
    assert all(kind.extra in (None, "vendor") for kind in supported_formats())


def test_a_missing_extra_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rsciio", None)
    path = tmp_path / "a.dm3"
    path.write_bytes(b"\0\0\0\x03" + bytes(60))
    with pytest.raises(MissingExtraError, match=r"pip install 'segmetry\[vendor\]'"):
        read(path)
    assert not all(kind.available for kind in supported_formats())
