import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from segmetry.archive.comparing import label_difference, labels_differ, tables_differ
from segmetry.io import write_labels, write_table
from segmetry.io.ome_zarr_labels import LabelsWriter

SMALL = npst.arrays(np.uint32, (5, 6), elements=st.integers(0, 4))


@given(SMALL, SMALL)
def test_labels_are_equal_or_it_is_said_of_how_many_pixels_they_are_not(old, new):
    told = label_difference(old, new)
    n = int((old != new).sum())
    assert (told == "") == (n == 0)
    assert n == 0 or f" {n} pixel" in told


@given(SMALL, st.permutations(range(1, 5)))
def test_other_numbers_are_told_apart_from_other_objects(old, numbers):
    new = np.array([0, *numbers], np.uint32)[old]
    told = label_difference(old, new)
    assert told == "" or told.startswith("all objects are as they were")


def test_an_object_counts_as_the_same_only_with_all_its_pixels():
    old = np.array([[1, 1, 0, 2, 2, 0, 3]], np.uint32)
    new = np.array([[1, 1, 0, 2, 0, 0, 3]], np.uint32)
    assert label_difference(old, new).startswith("1 of 3 objects is not as it was, 3 are")
    assert label_difference(old, old[:, :3]).startswith("the picture has (1, 3) pixels")
    assert label_difference(old, 0 * old).startswith("3 of 3 objects are not")


def test_files_of_labels_are_compared_by_what_they_hold(tmp_path):
    one, two = tmp_path / "1.tif", tmp_path / "2.tif"
    assert labels_differ(one, two) == ""
    write_labels(one, np.eye(9, dtype=np.uint32))
    assert labels_differ(one, two) == "one of them has no labels"
    write_labels(two, np.eye(9, dtype=np.uint32))
    assert labels_differ(one, two) == ""
    write_labels(two, np.fliplr(np.eye(9, dtype=np.uint32)))
    assert "16 pixels have another label" in labels_differ(one, two)
    two.write_bytes(b"no picture")
    assert "2.tif" in labels_differ(one, two)


@pytest.fixture
def tables(tmp_path):
    table = pd.DataFrame(
        {"image": ["a", "a", "b"], "area_px": [10, 20, 0], "note": ["x", "", "z"]}
    )

    def write(**changes):
        paths = tmp_path / "old.csv", tmp_path / "new.csv"
        write_table(paths[0], table)
        write_table(paths[1], table.assign(**changes))
        return paths

    return write


def test_tables_are_compared_column_by_column(tables):
    assert tables_differ(*tables()) == ""
    assert tables_differ(*tables(area_px=[10, 25, 0])) == (
        "differs in 1 of 3 rows: area_px (by up to 20 %)"
    )
    assert tables_differ(*tables(area_px=[5, 20, 1], note=["x", "", "y"])) == (
        "differs in 2 of 3 rows: area_px (by up to 1e+02 %), note"
    )
    assert tables_differ(*tables(more=1)) == "also has more"
    assert tables_differ(*reversed(tables(more=1))) == "lacks more"


def test_rows_of_pictures_that_were_corrected_are_left_out(tables):
    paths = tables(area_px=[10, 20, 9])
    assert tables_differ(*paths, without={"b"}) == ""
    assert tables_differ(*paths, without={"a"}).startswith("differs in 1 of 1 rows")


def test_columns_that_only_corrected_pictures_have_are_no_difference(tables):
    new, old = tables(origin=["found", "found", "drawn"])
    assert tables_differ(old, new, without={"b"}) == ""
    assert tables_differ(old, new) == "lacks origin"


def test_parquet_is_compared_as_csv_is(tmp_path):
    old, new = tmp_path / "1.parquet", tmp_path / "2.parquet"
    for path, area in ((old, 4.0), (new, 5.0)):
        pd.DataFrame({"image": ["a"], "area_px": [area]}).to_parquet(path)
    assert tables_differ(old, old) == ""
    assert tables_differ(old, new) == "differs in 1 of 1 rows: area_px (by up to 20 %)"


def test_a_table_that_is_longer_or_gone_is_told(tables):
    old, new = tables()
    new.write_text(old.read_text() + "c,1,\n")
    assert tables_differ(old, new) == "has 4 rows instead of 3"
    new.unlink()
    assert tables_differ(old, new) == "is not written now"


def test_of_many_columns_the_first_are_named(tmp_path):
    old, new = tmp_path / "1.csv", tmp_path / "2.csv"
    write_table(old, pd.DataFrame({f"c{n}": [1] for n in range(8)}))
    write_table(new, pd.DataFrame({f"c{n}": [2] for n in range(8)}))
    assert tables_differ(old, new).endswith("c4 (by up to 50 %), and 3 more")


def test_labels_of_large_pictures_are_compared_piece_by_piece_or_as_a_whole(tmp_path):
    labels = np.zeros((40, 50), np.uint32)
    labels[3:9, 5:20], labels[30:35, 40:] = 1, 2
    for name, values in (("a", labels), ("b", labels), ("c", np.fliplr(labels))):
        writer = LabelsWriter.create(tmp_path / name, labels.shape, chunk=32)
        writer.write((slice(0, 40), slice(0, 50)), values)
        writer.finish()
    write_labels(tmp_path / "a.tif", labels)
    assert labels_differ(tmp_path / "a", tmp_path / "b") == ""
    assert "pieces of the labels are not as they were" in labels_differ(
        tmp_path / "a", tmp_path / "c"
    )
    assert labels_differ(tmp_path / "a.tif", tmp_path / "b") == ""
    assert "2 of 2 objects are not" in labels_differ(tmp_path / "c", tmp_path / "a.tif")
