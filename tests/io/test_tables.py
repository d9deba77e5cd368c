import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from segmetry.errors import WriteError
from segmetry.io import column, write_parquet, write_table
from segmetry.io.tables import guarded

TABLE = pd.DataFrame(
    {
        "image": ["a.tif", "Größe, 粒子.tif"],
        "label": [1, 2],
        "area_um2": [0.1, np.nan],
        "touches_edge": [True, False],
    }
)


@given(st.lists(st.floats(allow_infinity=False), min_size=1))
def test_numbers_in_csv_come_back_exactly(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_table(path, pd.DataFrame({"area_um2": values, "label": range(len(values))}))
    with path.open(newline="") as file:
        found = [float(row["area_um2"] or "nan") for row in csv.DictReader(file)]
    assert np.array_equal(found, values, equal_nan=True)


def test_csv_has_points_empty_gaps_and_plain_line_ends(tmp_path):
    write_table(tmp_path / "a.csv", TABLE)
    expected = "image,label,area_um2,touches_edge\na.tif,1,0.1,True\n"
    expected += '"Größe, 粒子.tif",2,,False\n'
    assert (tmp_path / "a.csv").read_bytes() == expected.encode()


def test_csv_for_excel_begins_with_a_mark(tmp_path):
    write_table(tmp_path / "a.csv", TABLE, for_excel=True)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfimage,")


FORMULAS = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx"]
PLAIN = ["a\nb", "a=1", "'a", "", "a-b", " =1", "µ"]


def test_text_that_a_spreadsheet_would_run_is_guarded_and_numbers_are_not(tmp_path):
    names = [*FORMULAS, *PLAIN]
    numbers = np.linspace(-1, 1, len(names))
    mixed = [-1, "-1", None, -2.5, *names[4:]]
    table = pd.DataFrame({"image": names, "=x": numbers, "mixed": mixed})
    before = table.copy()
    write_table(tmp_path / "a.csv", table)
    pd.testing.assert_frame_equal(table, before)
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["image", "'=x", "mixed"]
    assert [row[0] for row in rows] == [f"'{name}" for name in FORMULAS] + PLAIN
    assert [float(row[1]) for row in rows] == numbers.tolist()
    assert [row[2] for row in rows][:4] == ["-1", "'-1", "", "-2.5"]
    categories = table.astype({"image": "category"})
    write_table(tmp_path / "b.csv", categories)
    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()
    write_parquet(tmp_path / "a.parquet", table[["image"]])
    assert pd.read_parquet(tmp_path / "a.parquet")["image"].tolist() == names


def test_a_name_with_a_carriage_return_stays_in_its_row(tmp_path):
    write_table(tmp_path / "a.csv", pd.DataFrame({"image": ["a\rb", "\r=1"], "n": [1, 2]}))
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["image", "n"], ["a b", "1"], [" =1", "2"]]


@given(st.text())
def test_a_guard_is_taken_off_by_hand(text):
    kept = text.replace("\r", " ")
    assert guarded(text).removeprefix("'" if guarded(text) != kept else "") == kept
    assert guarded(guarded(text)) == guarded(text)


@pytest.mark.parametrize("write", [write_table, write_parquet])
def test_the_same_table_gives_the_same_bytes(tmp_path, write):
    write(tmp_path / "a", TABLE)
    write(tmp_path / "b", TABLE.copy())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_parquet_comes_back_with_units_and_meanings(tmp_path):
    write_parquet(tmp_path / "a.parquet", TABLE)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), TABLE)
    for field in parquet.read_schema(tmp_path / "a.parquet"):
        known = column(field.name)
        assert field.metadata[b"unit"].decode() == known.unit
        assert field.metadata[b"description"].decode() == known.description


def test_an_empty_table_keeps_its_columns(tmp_path):
    write_table(tmp_path / "a.csv", TABLE[:0])
    write_parquet(tmp_path / "a.parquet", TABLE[:0])
    assert list(pd.read_csv(tmp_path / "a.csv")) == list(TABLE)
    assert list(pd.read_parquet(tmp_path / "a.parquet")) == list(TABLE)


@pytest.mark.parametrize("write", [write_table, write_parquet])
def test_a_missing_folder_is_one_sentence(tmp_path, write):
    with pytest.raises(WriteError, match="its folder does not exist"):
        write(tmp_path / "gone" / "a", TABLE)


def test_a_table_of_100000_objects_is_written(tmp_path):
    large = pd.DataFrame({"label": range(100_000), "area_um2": np.linspace(0, 1, 100_000)})
    write_table(tmp_path / "a.csv", large)
    found = pd.read_csv(io.BytesIO((tmp_path / "a.csv").read_bytes()))
    assert len(found) == 100_000
