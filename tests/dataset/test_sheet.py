import pytest

from segmetry.dataset.sheet import read_column
from segmetry.errors import DatasetError


@pytest.fixture
def sheet(tmp_path):
    def write(text):
        path = tmp_path / "sheet.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("column", ["image", "File", "id"])
def test_groups_are_read_whatever_separates_the_columns(sheet, mark, column):
    path = sheet(
        f"{column}{mark}Group{mark}x\na.png{mark}f 1{mark}9\nb{mark}f 2{mark}9\n\n"
    )
    assert read_column(path, ["b", "a"], "group") == {"b": "f 2", "a": "f 1"}


def test_names_with_points_are_found(sheet):
    path = sheet("image,group\n1.5 mm,x\n")
    assert read_column(path, ["1.5 mm"], "group") == {"1.5 mm": "x"}


def test_the_same_row_twice_does_no_harm(sheet):
    path = sheet("image,group\na,1\na,1\n")
    assert read_column(path, ["a"], "group") == {"a": "1"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("image,sample\na,1\n", "'group'; it has image, sample"),
        ("title,group\na,1\n", "needs the columns 'image'"),
        ("image,group\nb,1\n", "no group for the picture a"),
        ("image,group\na,\n", "no group for the picture a"),
        ("image,group\na,1\na,2\n", "two values of 'group' for the picture a"),
        ("image,group\na.png,1\na.tif,2\n", "two values"),
    ],
)
def test_a_wrong_sheet_is_told_in_one_sentence(sheet, text, said):
    with pytest.raises(DatasetError, match=said):
        read_column(sheet(text), ["a"], "group")


def test_names_match_whatever_their_capitals_and_the_coding_of_accents(sheet):
    path = sheet("Image,CLASS\nZelle 1 Gr\u00f6\u00dfe.TIF,x\n")
    name = "zelle 1 gro\u0308\u00dfe"
    assert read_column(path, [name], "Class") == {name: "x"}


def test_a_cell_in_quotes_may_hold_commas_and_line_ends(sheet):
    path = sheet('image,group\n"a,1.tif","mouse 1,\nleft"\n"b\nc.tif",2\n')
    found = read_column(path, ["a,1", "b\nc"], "group")
    assert found == {"a,1": "mouse 1,\nleft", "b\nc": "2"}


def test_of_two_files_of_one_stem_the_full_name_decides(sheet):
    path = sheet("image,group\na,1\na.tif,2\n")
    assert read_column(path, ["a"], "group") == {"a": "1"}
