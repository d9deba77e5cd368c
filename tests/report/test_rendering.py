import pytest
from jinja2 import UndefinedError

from segmetry.report import rendering
from segmetry.report.rendering import rendered


def test_a_template_is_found_and_a_missing_part_is_an_error():
    with pytest.raises(UndefinedError, match="content"):
        rendered("dataset.html", {})


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("agrees within 0.66 %", "agrees within 0.66_%"),
        ("typed 2 nm; 10 µm = 59.5 px", "typed 2_nm; 10_µm = 59.5_px"),
        ("1.2 per mm²", "1.2 per_mm²"),
        ("2 nmol and 3 pixels", "2 nmol and 3 pixels"),
        ("rows 1 to 5", "rows 1 to 5"),
    ],
)
def test_no_line_ends_between_a_number_and_its_unit(text, held):
    assert rendering._unbroken(text) == held.replace("_", "\u00a0")
