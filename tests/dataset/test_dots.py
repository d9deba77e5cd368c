import pytest

from segmetry.dataset.dots import read_dots
from segmetry.errors import DatasetError


@pytest.fixture
def table(tmp_path):
    def write(text):
        path = tmp_path / "dots.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("x", "y"),
    [("x", "y"), ("X", "Y"), ("x_px", "y_px"), ("centroid_x_px", "centroid_y_px")],
)
def test_dots_are_read_by_picture_with_y_first(table, x, y):
    found = read_dots(
        table(f"image,label,{y},{x}\na.tif,1,5,7\nb.tif,1,2,3\na.tif,2,0,1.5\n")
    )
    assert {name: dots.tolist() for name, dots in found.items()} == {
        "a": [[5, 7], [0, 1.5]],
        "b": [[2, 3]],
    }


def test_a_row_without_a_place_is_a_picture_without_objects(table):
    found = read_dots(table("image;x;y\na;;\nb;1;2\n"))
    assert found["a"].shape == (0, 2)
    assert found["b"].shape == (1, 2)


def test_names_are_those_of_the_pictures_also_where_tables_are_guarded(table):
    found = read_dots(table("image,x,y\n'=a.png,1,2\nday.left,3,4\nday.right,5,6\n"))
    assert list(found) == ["=a", "day.left", "day.right"]


@pytest.mark.parametrize("row", ["a,1,", "a,,2", "a,one,2", "a,nan,2", "a,inf,2"])
def test_a_place_that_is_no_number_is_refused(table, row):
    with pytest.raises(DatasetError, match="for a dot of a; a place is a number"):
        read_dots(table(f"image,x,y\n{row}\n"))


def test_a_table_without_places_is_refused(table):
    with pytest.raises(DatasetError, match=r"needs the columns 'image' and 'x' .* and 'y'"):
        read_dots(table("image,count\na,3\n"))
