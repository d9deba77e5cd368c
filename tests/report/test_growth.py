"""The page of growth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmetry.report.growth import GrowthContent, growth_html, growth_rows
from segmetry.tracking.series import Clock, growth_table


def content(times, areas, *, series=("",), clock=None, notes=()):
    """Return what is told of one object whose area is given, in each series."""
    clock = clock or Clock("time_h", "h")
    rows = pd.DataFrame(
        [
            {"series": name, "image": f"{name}{n}", clock.name: t, "area_px": area}
            for name in series
            for n, (t, area) in enumerate(zip(times, areas, strict=True))
        ]
    )
    number = rows["series"].map({name: n + 1 for n, name in enumerate(series)})
    ones = rows.assign(
        track=number, begins="", ends="", registered_x_px=3.0, registered_y_px=4.0
    )
    ones.loc[0, "begins"], ones.loc[len(times) - 1, "ends"] = "appears", "split"
    counted = rows.assign(n_objects=1, total_area_px=rows["area_px"].astype(float))
    growth = growth_table(ones, counted, clock, level=0.95)
    return GrowthContent("Growth", ones, counted, growth, clock, 0.95, notes, "1.0")


HOURS = np.arange(6.0)
NOISE = np.array([1, 1.05, 0.97, 1.02, 0.96, 1.03])


def test_rates_and_doubling_times_are_told_with_intervals():
    rows = growth_rows(content(HOURS, 100 * 2**HOURS * NOISE))
    total = next(row for row in rows if row[1] == "total area")
    assert total[2].startswith("0.69 per h (")
    assert total[3].startswith("1.0 h (")
    assert total[4] == ""
    assert next(row for row in rows if "one object" in row[1])[2].startswith("0.69")


def test_single_objects_have_a_unit_and_a_doubling_time_and_alike_ones_no_remark():
    alone = growth_rows(content(HOURS, 100 * 2**HOURS * NOISE, series=("a",)))[-1]
    assert alone[1] == "area of one object"
    assert alone[2].startswith("0.69 per h (median of 1 object")
    assert alone[3].startswith("1.0 h")
    assert alone[4] == ""


def test_objects_that_differ_widely_are_told_in_words():
    told = content(HOURS, 100 * 2**HOURS * NOISE)
    track = told.growth[told.growth["curve"] == "track 1"]
    slow = track.assign(curve="track 2").copy()
    rates = [f"growth_rate_per_h{end}" for end in ("", "_low", "_high")]
    slow[rates] = slow[rates] / 20
    told = replace(told, growth=pd.concat([told.growth, slow]))
    alone = growth_rows(told)[-1]
    assert "median of 2 objects" in alone[2]
    assert alone[4] == "objects differ widely: 0.035 to 0.69 per h"


def test_settings_do_not_stand_under_what_needs_care():
    told = replace(content(HOURS, 50 * 2**HOURS), settings=["Linked up to 9 px."])
    page = growth_html(told)
    assert "Linked up to 9" in page
    assert "To be read with care" not in page


def test_what_may_not_grow_has_no_upper_limit():
    rows = growth_rows(content(HOURS, [100, 120, 95, 118, 99, 121]))
    assert "no upper limit" in rows[0][3]


def test_what_does_not_grow_has_no_doubling_time():
    rows = growth_rows(content(HOURS, 100 * 0.5**HOURS))
    assert rows[0][2].startswith("-0.69") or rows[0][2].startswith("−0.69")
    assert rows[0][3] == "–"


def test_growth_that_levels_off_is_told():
    logistic = 100 / (1 + 9 * np.exp(-1.2 * HOURS))
    assert "not exponential" in growth_rows(content(HOURS, logistic))[0][4]


@pytest.mark.parametrize("series", [("",), ("a", "b"), tuple("abcdefghij")])
def test_the_page_is_complete(series):
    page = growth_html(content(HOURS, 50 * 2**HOURS, series=series, notes=["Look < here."]))
    assert page.count("<svg") == 2
    assert "Look &lt; here." in page
    assert "1 divide, 0 merge, 1 appear, 0 disappear" in page
    assert "time / h" in page


def test_the_order_of_names_is_told_for_time():
    page = growth_html(content(HOURS, 50 * 2**HOURS, clock=Clock("", "picture")))
    assert "in the order of names" in page
    assert "per picture" in page


def test_equal_content_gives_an_equal_page():
    one, other = (growth_html(content(HOURS, 50 * 2**HOURS)) for _ in range(2))
    assert one == other


def test_one_time_alone_has_a_page_without_rates():
    page = growth_html(content(HOURS[:1], [50]))
    assert "growth rate" in page
