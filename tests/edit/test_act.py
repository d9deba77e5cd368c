import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.edit import Edit
from segmetry.edit.raster import MOST_POINTS
from segmetry.errors import EditError, EditTooLargeError

points = st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=1)


@settings(deadline=None)
@given(
    st.sampled_from(["draw", "merge", "fill", "remove", "accept"]),
    points,
    st.integers(1, 200),
    st.lists(st.integers(1, 2**32 - 1)),
)
def test_an_edit_goes_through_json_and_back(kind, points, width, ids):
    edit = Edit(kind, tuple(points), width, ids=tuple(ids))
    assert Edit.from_json(json.loads(json.dumps(edit.to_json()))) == edit


def test_what_is_left_out_has_its_default():
    assert Edit.from_json({"kind": "delete", "ids": [4]}) == Edit("delete", ids=(4,))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "paint", "ids": [1]}, "one of draw, erase.*got 'paint'"),
        ({"ids": [1]}, "kind is missing"),
        ({"kind": "fill", "ids": [1], "radius": 3}, "got 'radius'"),
        ({"kind": "fill", "ids": 5}, "ids \\[1, ...\\]"),
        ({"kind": "fill", "ids": [1], "points": [[1, 2, 3]]}, "points .* must be"),
        ({"kind": "fill", "ids": [1], "points": [["a", "b"]]}, "whole numbers"),
        ({"kind": "fill", "ids": [1], "points": 3}, "must have points"),
        ({"kind": "draw", "points": [[1, 2]], "width": "5"}, "must have points"),
        ({"kind": "draw", "points": [[1, 2]], "width": 0}, "1 to 200 pixels wide"),
        ({"kind": "draw"}, "draw needs a stroke, got"),
        ({"kind": "split"}, "split needs a stroke, got"),
        ({"kind": "merge"}, "a stroke or numbers of objects"),
        ({"kind": "erase", "points": [[1, 2]], "ids": [1]}, "leave out ids"),
        ({"kind": "erase", "points": [[1, 2]], "overwrite": True}, "only draw"),
        ({"kind": "remove", "ids": [0]}, "from 1 to 4294967295, got 0"),
        ({"kind": "remove", "ids": [2**32]}, "got 4294967296"),
        ({"kind": "remove", "ids": [1.5]}, "got 1.5"),
        ({"kind": "remove", "ids": [True]}, "got True"),
        ({"kind": "remove", "ids": ["7"]}, "got '7'"),
    ],
)
def test_an_edit_that_means_nothing_is_refused(values, words):
    with pytest.raises(EditError, match=words):
        Edit.from_json(values)


def test_an_object_not_begun_yet_is_for_drawing_only():
    assert Edit("draw", ((1, 1),), ids=(0,)).ids == (0,)


def test_too_many_points_are_refused_as_too_large():
    with pytest.raises(EditTooLargeError):
        Edit("draw", ((1, 1),) * (MOST_POINTS + 1))
