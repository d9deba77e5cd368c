import pytest

from segmetry.errors import ReadError
from segmetry.io.exchange.rows import csv_text, read_rows


def test_names_that_are_formulas_are_none_and_commas_are_kept():
    assert csv_text(("a", "b"), [("=1+1", "x,y")]) == 'a,b\n\'=1+1,"x,y"\n'


def test_rows_are_read_by_names_in_small_letters_whatever_parts_them(tmp_path):
    (tmp_path / "a.csv").write_text("Image; Count\na ;1\nb\n", encoding="utf-8")
    found = list(read_rows(tmp_path / "a.csv"))
    assert found == [{"image": "a", "count": "1"}, {"image": "b", "count": ""}]


def test_a_table_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ReadError, match=r"Cannot read the sheet none\.csv"):
        list(read_rows(tmp_path / "none.csv"))


@pytest.mark.parametrize("name", ["=1+1", "-3", "+a", "@b", "'c'", "plain"])
def test_a_name_comes_back_as_it_was(tmp_path, name):
    (tmp_path / "a.csv").write_text(csv_text(["image"], [[name]]), encoding="utf-8")
    assert list(read_rows(tmp_path / "a.csv")) == [{"image": name}]
