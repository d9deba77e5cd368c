import pytest

from segmetry.report.reading import ReadingUnit
from segmetry.report.values import (
    area_rows,
    density_row,
    number_rows,
    share_row,
    volume_rows,
)

NM = ReadingUnit("nm", 1000.0)


def estimate(value):
    return {"value": value, "low": 0.9 * value, "high": 1.1 * value, "n": 10}


def test_every_number_is_a_row_in_its_unit():
    keys = ("mean", "median", "sd", "mode", "d10", "d50", "d90", "span", "gsd", "skewness")
    group = {"number": {key: estimate(0.2) for key in keys}}
    rows = {row.name: row for row in number_rows(group, NM)}
    assert len(rows) == len(keys)
    assert (rows["mean"].value, rows["mean"].unit) == ("200", "nm")
    assert (rows["GSD"].value, rows["GSD"].unit) == ("0.200", "")


@pytest.mark.parametrize(("ddof", "divisor"), [(0, "n"), (1, "n − 1")])
def test_the_sd_says_what_it_is_divided_by(ddof, divisor):
    rows = {row.name: row for row in number_rows({"number": {"sd_ddof": ddof}}, NM)}
    assert rows["sd"].meaning == f"standard deviation (divided by {divisor})"


def test_rows_of_missing_values_are_dashes():
    assert {row.value for row in number_rows({}, NM)} == {"–"}
    assert {row.value for row in area_rows({"unit": "um"})} == {"–"}
    assert density_row({}).value == "–"


def test_volume_rows_are_absent_where_refused_or_missing():
    assert list(volume_rows({"volume": {"refused": "too wide"}}, NM)) == []
    assert list(volume_rows({}, NM)) == []


def test_volume_rows_hold_the_moment_means():
    group = {"volume": {"d43": estimate(0.3), "d32": estimate(0.25)}}
    rows = {row.name: row for row in volume_rows(group, NM)}
    assert (rows["D[4,3]"].value, rows["D[3,2]"].value) == ("300", "250")
    assert rows["D10"].value == "–"


def test_areas_are_squared():
    group = {"unit": "px", "area": {"mean": estimate(50.0), "total": 500.0}}
    rows = {row.name: row for row in area_rows(group)}
    assert (rows["mean area"].value, rows["total area"].unit) == ("50.0", "px²")


def test_a_share_is_in_percent_below_a_readable_limit():
    share = {"limit": 0.1, "unit": "um", "value": 0.25, "low": 0.2, "high": 0.3}
    row = share_row({"share_below": {**share, "n": 9, "method": "Wilson"}})
    assert (row.name, row.value, row.unit) == ("share below 100 nm", "25.0", "%")
    assert "Wilson" in row.meaning


def test_no_share_where_the_pixel_size_is_unknown():
    assert share_row({"share_below": None}) is None


def test_names_in_a_table_are_unique(content):
    pooled = content.summary["pooled"]
    for rows in (number_rows(pooled, NM), volume_rows(pooled, NM), area_rows(pooled)):
        names = [row.name for row in rows]
        assert len(names) == len(set(names))


def test_intervals_hold_their_values(content):
    for row in number_rows(content.summary["pooled"], NM):
        low, high = (float(text.replace("−", "-")) for text in row.interval.split(" to "))
        assert low <= float(row.value.replace("−", "-")) <= high
