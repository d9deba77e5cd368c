import pytest

import segmetry.report


def test_every_public_name_is_found():
    for name in segmetry.report.__all__:
        assert getattr(segmetry.report, name).__module__.startswith("segmetry.report.")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'draw_pie'"):
        _ = segmetry.report.draw_pie


def test_the_text_for_a_terminal_needs_no_heavy_package(loaded_by):
    loaded = loaded_by("from segmetry.report import summary_lines")
    assert {"matplotlib", "pandas", "cv2", "jinja2"}.isdisjoint(loaded)
