"""The page about other programs names every format and every column, as they are."""

import re
from pathlib import Path

import numpy as np
import pytest

from segmetry.cli.volumes import VOLUME_FORMATS
from segmetry.io.exchange import EXCHANGE_FORMATS, Annotation, write_cellprofiler

PAGE = Path(__file__).parents[2] / "docs" / "interchange.md"


@pytest.fixture(scope="module")
def rows():
    """Return the rows of all tables by their first cell."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = (re.split(r" *\| *", line.strip("| ")) for line in lines if line[:2] == "| ")
    return {first: others for first, *others in cells}


def test_every_format_has_a_row_that_says_whether_it_comes_back(rows):
    for name, one in EXCHANGE_FORMATS.items():
        _, _, back = [*rows[f"`{name}`"], ""][:3]
        if not one.can_import:
            assert back == "", name
        elif one.loses:
            assert back not in ("", "exactly"), name
        else:
            assert back.startswith("exactly"), name
    named = {first.strip("`") for first, (*cells,) in rows.items() if first[0] == "`"}
    assert {*EXCHANGE_FORMATS, *VOLUME_FORMATS} <= named


def test_every_column_of_cellprofiler_has_its_definition(tmp_path, rows):
    labels = np.array([[0, 7, 7]], np.uint32)
    measured = dict.fromkeys(
        (
            *("euler_number", "perimeter_skimage_px", "intensity_mean"),
            *("intensity_std", "intensity_min", "intensity_max"),
        ),
        1.0,
    )
    cells = Annotation("a", labels, measurements={7: measured})
    write_cellprofiler(tmp_path / "Objects.csv", [cells])
    told = " ".join(first for first in rows if first[0] == "`")
    told = re.sub(r"`(\w+)_X`, `_Y`", r"`\1_X`, `\1_Y`", told)
    page = PAGE.read_text(encoding="utf-8")
    header = (tmp_path / "Objects.csv").read_text().splitlines()[0].split(",")
    for name in header:
        where = page if name in ("ImageNumber", "ObjectNumber") else told
        assert f"`{name}`" in where, name
    for name in (tmp_path / "Image.csv").read_text().splitlines()[0].split(","):
        assert f"`{name}`" in page, name
