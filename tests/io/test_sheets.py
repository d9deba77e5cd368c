import csv

import pytest

from segmetry.errors import DatasetError, RecipeError
from segmetry.io.sheets import opened_sheet


@pytest.fixture
def rows(tmp_path):
    def read(content, error=DatasetError):
        path = tmp_path / "sheet.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with opened_sheet(path, error=error) as (lines, mark):
            return list(csv.reader(lines, delimiter=mark))

    return read


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_are_told_apart_whatever_stands_between(rows, mark, end):
    text = end.join([f"image{mark}ph", f"a.tif{mark}7", ""])
    assert rows(text) == [["image", "ph"], ["a.tif", "7"]]


def test_the_mark_is_found_in_the_column_names_not_in_decimal_commas(rows):
    assert rows("image;ph\na;7,5\nb;8,5\n")[1:] == [["a", "7,5"], ["b", "8,5"]]


def test_a_byte_order_mark_does_no_harm(rows):
    assert rows("\ufeffimage,ph\n") == [["image", "ph"]]


def test_a_cell_in_quotes_may_hold_line_ends(rows):
    assert rows('image,note\na,"one\ntwo"\n')[1] == ["a", "one\ntwo"]


@pytest.mark.parametrize("error", [DatasetError, RecipeError])
def test_a_missing_sheet_is_told(tmp_path, error):
    with (
        pytest.raises(error, match=r"Cannot read the sheet none\.csv: No such file"),
        opened_sheet(tmp_path / "none.csv", error=error),
    ):
        pass


@pytest.mark.parametrize("error", [DatasetError, RecipeError])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00image", "no CSV file in UTF-8"),
        (b"image\n" + b"x" * 200_000, "no CSV file in UTF-8 with column names: field"),
        (b"", "is empty"),
        (b' \r\n,,\n"",""\n', "is empty"),
    ],
)
def test_what_is_no_sheet_is_told(rows, content, said, error):
    with pytest.raises(error, match=said):
        rows(content, error=error)
