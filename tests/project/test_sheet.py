"""The sheet that a person gave counts, else the one that lies beside the pictures."""

import pytest

from segmetry.batch import Picture
from segmetry.errors import RecipeError
from segmetry.project.sheet import ProjectSheet

SHEET = b"image;time_h\na.png;1,5\nb.png;2\n"


@pytest.fixture
def pictures(tmp_path):
    return [Picture(key, tmp_path / f"{key}.png", f"{key}.png") for key in "ab"]


@pytest.fixture
def sheet(tmp_path):
    own, home = tmp_path / "own", tmp_path / "home"
    own.mkdir()
    home.mkdir()
    return ProjectSheet(own, home)


def times(sheet, pictures):
    return sheet.conditions(pictures)[0]["time_h"].tolist()


def test_without_a_sheet_no_picture_has_conditions(sheet, pictures):
    conditions, remarks = sheet.conditions(pictures)
    assert (list(conditions.columns), list(conditions.index)) == ([], ["a", "b"])
    assert (remarks, sheet.path, sheet.source) == ([], None, None)
    assert ProjectSheet(sheet._own.parent, None).path is None


def test_what_was_given_counts_before_what_lies_beside_the_pictures(
    sheet, pictures, tmp_path
):
    (tmp_path / "home" / "sheet.csv").write_text("image,time_h\na,7\nb,8\n")
    assert (times(sheet, pictures), sheet.source) == ([7, 8], "folder")
    sheet.keep(SHEET, pictures)
    assert (times(sheet, pictures), sheet.source) == ([1.5, 2], "uploaded")
    sheet.forget()
    sheet.forget()
    assert times(sheet, pictures) == [7, 8]


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"name,time\na,1\n", b"image,time\na,1\na,2\n", b"x" * 2**23],
)
def test_a_sheet_that_cannot_be_read_leaves_the_old_one(sheet, pictures, content, tmp_path):
    sheet.keep(SHEET, pictures)
    with pytest.raises(RecipeError):
        sheet.keep(content, pictures)
    assert times(sheet, pictures) == [1.5, 2]
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["conditions.csv"]


@pytest.mark.parametrize("column", ["n_objects", "n_segments"])
def test_a_condition_cannot_have_the_name_of_a_result(sheet, pictures, column):
    with pytest.raises(RecipeError, match=column):
        sheet.keep(f"image,{column}\na,1\nb,2\n".encode(), pictures)


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "x" * 2**23])
def test_a_file_of_that_name_about_something_else_is_told_of_and_passed_over(
    sheet, pictures, content, tmp_path
):
    (tmp_path / "home" / "sheet.csv").write_text(content)
    conditions, remarks = sheet.conditions(pictures)
    assert list(conditions.columns) == []
    assert "sheet.csv" in remarks[0]
