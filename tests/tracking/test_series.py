"""Pictures in the order of time, and the tables of a series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import RecipeError
from segmetry.image import Image, Labels
from segmetry.measure import measure
from segmetry.tracking import Motion, track_objects
from segmetry.tracking.series import (
    Clock,
    area_column,
    find_clock,
    growth_table,
    in_time,
    times_table,
    tracks_table,
)

HOURS = Clock("time_h", "h")


def test_the_time_is_found_by_the_name_of_its_column():
    assert find_clock(["ph", "time_min"]) == Clock("time_min", "min")
    assert find_clock(["time"]) == Clock("time", "")
    assert find_clock(["day"], asked="day").column == "day"
    assert find_clock([]) == Clock("", "picture")
    assert Clock("", "picture").rate == "growth_rate_per_picture"
    assert Clock("time", "").doubling == "doubling_time"


def test_doubtful_times_are_refused():
    with pytest.raises(RecipeError, match="Several columns"):
        find_clock(["time_h", "time_min"])
    with pytest.raises(RecipeError, match="no column 'day'"):
        find_clock(["time_h"], asked="day")


@given(order=st.permutations(range(6)))
def test_the_order_of_the_rows_does_not_matter(order):
    images = pd.DataFrame(
        {
            "image": [f"p{n}" for n in range(6)],
            "time_h": [5, 1, 3, 2, 9, 4],
            "place": [1.0, 1, 1, 2, 2, 2],
        }
    )
    one = in_time(images, HOURS, series="place")
    other = in_time(images.iloc[list(order)], HOURS, series="place")
    assert one.equals(other)
    assert one["series"].tolist() == ["1"] * 3 + ["2"] * 3
    assert one["time_h"].tolist() == [1, 3, 5, 2, 4, 9]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"time_h": [1, np.nan]}, "has no number"),
        ({"time_h": [1, np.inf]}, "has no number"),
        ({"time_h": [1, 1]}, "--series"),
        ({"place": ["a", None]}, "has nothing in the column 'place'"),
        ({"place": ["a", "b"]}, "two pictures or more"),
    ],
)
def test_pictures_that_cannot_be_put_in_order_are_named(changes, said):
    images = {"image": ["a", "b"], "time_h": [1, 2], "place": ["x", "x"]} | changes
    with pytest.raises(RecipeError, match=said):
        in_time(pd.DataFrame(images), HOURS, series="place")


def tables(scenes, *, drift=0):
    frames, _ = scenes.film(2, n_frames=4, divides=[(3, 2)], speed=1)
    labels = [Labels(one, Image(np.zeros(one.shape, np.uint8))) for one in frames]
    objects = pd.concat(
        [measure(one).assign(image=f"p{n}") for n, one in enumerate(labels)]
    )
    images = {"image": [f"p{n}" for n in range(4)], "time_h": [0, 1, 2, 4]}
    pictures = in_time(pd.DataFrame(images), HOURS, series=None)
    motions = [Motion(x=drift)] * 3
    tracks = tracks_table(track_objects(frames), pictures, objects, motions, HOURS)
    return objects, tracks, times_table(tracks, pictures, motions, HOURS)


def test_no_object_and_no_area_is_lost(scenes):
    objects, tracks, times = tables(scenes)
    assert len(tracks) == len(objects) == times["n_objects"].sum()
    assert times["total_area_px"].sum() == objects["area_px"].sum()
    assert times["n_objects"].tolist() == [9, 9, 10, 10]


def test_the_drift_is_taken_off_the_places(scenes):
    plain, moved = tables(scenes)[1], tables(scenes, drift=5)[1]
    apart = plain["registered_x_px"] - moved["registered_x_px"]
    hours = {0: 0, 1: 5, 2: 10, 4: 15}
    np.testing.assert_allclose(apart, plain["time_h"].map(hours))
    assert tables(scenes, drift=5)[2]["drift_x_px"].tolist() == [0, 5, 10, 15]


def test_growth_has_a_row_for_each_curve(scenes):
    _, tracks, times = tables(scenes)
    growth = growth_table(tracks, times, HOURS, level=0.95)
    long = tracks.groupby("track").size() >= 3
    names = ["total area", "number of objects", *(f"track {n}" for n in long.index[long])]
    assert growth["curve"].tolist() == names
    assert {"growth_rate_per_h_low", "doubling_time_h_high", "curvature_p"} <= set(growth)


def test_a_picture_without_objects_has_a_row_of_zeros(scenes):
    frames = [scenes.drawn([(60, 60, 9)]), np.zeros((120, 140), np.uint32)]
    objects = measure(Labels(frames[0], Image(np.zeros((120, 140), np.uint8))))
    pictures = in_time(
        pd.DataFrame({"image": ["a", "b"], "time_h": [0, 1]}), HOURS, series=None
    )
    found = track_objects(frames)
    tracks = tracks_table(found, pictures, objects.assign(image="a"), [Motion()], HOURS)
    times = times_table(tracks, pictures, [Motion()], HOURS)
    assert times["n_objects"].tolist() == [1, 0]
    assert times["total_area_px"].iloc[1] == 0
    assert growth_table(tracks, times, HOURS, level=0.95).empty


def test_a_picture_without_a_series_is_named_also_without_a_time():
    images = pd.DataFrame({"image": ["a", "b", "c"], "place": ["x", "x", None]})
    with pytest.raises(RecipeError, match="c has nothing in the column 'place'"):
        in_time(images, Clock("", "picture"), series="place")


def test_an_object_without_sizes_does_not_change_the_unit():
    tracks = pd.DataFrame({"area_px": [40, np.nan, 50], "area_um2": [10.0, np.nan, 12.5]})
    assert area_column(tracks) == "area_um2"
    assert area_column(tracks.assign(area_um2=[10.0, np.nan, np.nan])) == "area_px"
    assert area_column(tracks.iloc[1:2]) == "area_px"


def test_series_can_be_given_one_unit(scenes):
    _, tracks, _ = tables(scenes)
    pictures = tracks[["series", "image", "time_h"]].drop_duplicates()
    known = tracks.assign(area_um2=tracks["area_px"] / 4)
    still = [Motion()] * 3
    assert "total_area_um2" in times_table(known, pictures, still, HOURS)
    assert "total_area_px" in times_table(known, pictures, still, HOURS, area="area_px")
