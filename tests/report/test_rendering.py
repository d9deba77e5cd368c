import pytest
from jinja2 import UndefinedError

from segmetry.report.rendering import rendered


def test_a_template_is_found_and_a_missing_part_is_an_error():
    with pytest.raises(UndefinedError, match="content"):
        rendered("dataset.html", {})
