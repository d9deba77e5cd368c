from pathlib import Path

import pandas as pd
import pytest

from segmetry.batch.inputs import Picture
from segmetry.batch.sheet import read_sheet
from segmetry.errors import RecipeError

PICTURES = [
    Picture("a", Path("x/a.tif"), "a.tif"),
    Picture("b", Path("x/b.tif"), "b.tif"),
]


def sheet(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "samples.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_conditions_go_to_their_pictures(tmp_path):
    path = sheet(tmp_path, "image,time_h,sample\nb.tif,2,later\na,1,first\n")
    conditions, remarks = read_sheet(path, PICTURES, reserved=["image", "unit"])
    assert conditions.index.tolist() == ["a", "b"]
    assert conditions["time_h"].tolist() == [1, 2]
    assert conditions["sample"].tolist() == ["first", "later"]
    assert remarks == []


@pytest.mark.parametrize("column", ["animal", "group", "region", "regions"])
@pytest.mark.parametrize("name", ["7", "007", "1.0", "1,5", "1e3", "NA", "m 1", "True"])
def test_names_stay_as_they_are_written_also_where_others_are_missing(
    tmp_path, column, name
):
    path = sheet(tmp_path, f'image,{column},dose\na,"{name} ",1\nb, ,2\n')
    conditions, _ = read_sheet(path, PICTURES, reserved=[])
    assert conditions.loc["a", column] == name
    assert pd.isna(conditions.loc["b", column])
    assert conditions["dose"].tolist() == [1, 2]


def test_a_column_of_names_may_be_empty(tmp_path):
    path = sheet(tmp_path, "image,animal,dose\na,,1\nb,,2\n")
    assert read_sheet(path, PICTURES, reserved=[])[0]["animal"].isna().all()


def test_names_may_be_those_of_a_table_of_results(tmp_path):
    odd = [Picture("=a", Path("x/=a.tif"), "=a.tif")]
    path = sheet(tmp_path, "image,time_h\n'=a,2\n")
    conditions, remarks = read_sheet(path, odd, reserved=[])
    assert (conditions["time_h"].tolist(), remarks) == ([2], [])


@pytest.mark.parametrize("name", ["img.tif", "img"])
@pytest.mark.parametrize("shown", ["img.tif", "{folder}/img.tif"])
def test_a_row_that_fits_two_pictures_is_taken_by_neither(tmp_path, name, shown):
    twins = [
        Picture(key, Path(f"{folder}/img.tif"), shown.format(folder=folder))
        for folder, key in (("A", "img"), ("B", "img-2"))
    ]
    path = sheet(tmp_path, f"image,time_h\n{name},2\na,3\n")
    conditions, remarks = read_sheet(path, [*twins, PICTURES[0]], reserved=[])
    assert conditions["time_h"].isna().tolist() == [True, True, False]
    assert conditions["time_h"].iloc[2] == 3
    (remark,) = remarks
    assert remark == (
        f"2 pictures are called {name}; the sheet's row cannot tell them apart, so none of "
        "them takes it. Call them img and img-2 there, as the results do, or rename the "
        "files."
    )
    by_key = sheet(tmp_path, "image,time_h\nimg,2\nimg-2,5\n")
    conditions, remarks = read_sheet(by_key, twins, reserved=[])
    assert (conditions["time_h"].tolist(), remarks) == ([2, 5], [])


def test_two_pictures_of_one_name_are_told_apart_by_their_folders(tmp_path):
    twins = [
        Picture(key, Path(f"{folder}/img.tif"), f"{folder}/img.tif")
        for folder, key in (("A", "img"), ("B", "img-2"))
    ]
    path = sheet(tmp_path, "image,time_h\nB/img.tif,5\nA/img.tif,2\n")
    conditions, remarks = read_sheet(path, twins, reserved=[])
    assert (conditions["time_h"].tolist(), remarks) == ([2, 5], [])


def test_a_sheet_saved_by_a_european_spreadsheet_is_read(tmp_path):
    path = sheet(tmp_path, "image;ph\na.tif;7\nb.tif;8\n", encoding="utf-8-sig")
    assert read_sheet(path, PICTURES, reserved=[])[0]["ph"].tolist() == [7, 8]


def test_what_does_not_meet_is_told(tmp_path):
    path = sheet(tmp_path, "image,ph\na.tif,7\nc.tif,8\n")
    conditions, remarks = read_sheet(path, PICTURES, reserved=[])
    assert conditions["ph"].isna().tolist() == [False, True]
    assert remarks == [
        "The sheet has no row for b.tif.",
        "The sheet's row c.tif belongs to no picture.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("picture,ph\na,7\n", "needs a column 'image'"),
        ("image\na\n", "at least one condition"),
        ("image,unit\na,7\n", "name of a result"),
        ("image,ph\na,7\na,8\n", "names a twice"),
    ],
)
def test_a_wrong_sheet_is_told(tmp_path, text, said):
    with pytest.raises(RecipeError, match=said):
        read_sheet(sheet(tmp_path, text), PICTURES, reserved=["image", "unit"])


def test_spaces_behind_commas_belong_to_no_name(tmp_path):
    path = sheet(tmp_path, "image, ph\na.tif, 7\nb.tif, 8\n")
    assert read_sheet(path, PICTURES, reserved=[])[0]["ph"].tolist() == [7, 8]


def test_names_that_look_like_numbers_or_nothing_stay_names(tmp_path):
    pictures = [Picture(name, Path(f"{name}.png"), f"{name}.png") for name in ("001", "NA")]
    path = sheet(tmp_path, "image,ph\n001,7\nNA,8\n")
    conditions, remarks = read_sheet(path, pictures, reserved=[])
    assert conditions["ph"].tolist() == [7, 8]
    assert remarks == []


def test_decimal_commas_of_a_european_spreadsheet_are_numbers(tmp_path):
    path = sheet(tmp_path, "image;ph\na.tif;7,5\nb.tif;8\n")
    assert read_sheet(path, PICTURES, reserved=[])[0]["ph"].tolist() == [7.5, 8]


def test_a_comma_too_many_at_the_end_of_a_row_does_no_harm(tmp_path):
    path = sheet(tmp_path, "image,ph\na.tif,7,\nb.tif,8,\n")
    assert read_sheet(path, PICTURES, reserved=[])[0]["ph"].tolist() == [7, 8]


def test_an_infinite_condition_is_told(tmp_path):
    path = sheet(tmp_path, "image,ph\na.tif,inf\nb.tif,8\n")
    with pytest.raises(RecipeError, match="infinite"):
        read_sheet(path, PICTURES, reserved=[])


@pytest.mark.parametrize("written", ["slice_contrl", "Slice_control1.tif", "slice control"])
def test_a_misspelt_picture_is_asked_for(tmp_path, written):
    name = "x/slice_control.tif"
    pictures = [Picture("c", Path(name), name), *PICTURES]
    path = sheet(tmp_path, f"image,group\n{written},1\na,1\nb,2\n")
    conditions, remarks = read_sheet(path, pictures, reserved=[])
    assert conditions["group"].isna().tolist() == [True, False, False]
    assert remarks[0] == f"The sheet has no row for {name}."
    assert remarks[1:] == [
        f"The sheet's row {written} belongs to no picture; did you mean {name}?"
    ]


def test_a_picture_that_has_a_row_is_not_asked_for(tmp_path):
    path = sheet(tmp_path, "image,group\na,1\nb,2\nbb,3\n")
    (remark,) = read_sheet(path, PICTURES, reserved=[])[1]
    assert remark == "The sheet's row bb belongs to no picture."
