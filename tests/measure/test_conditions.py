import numpy as np
import pandas as pd
import pytest

from segmetry.measure.conditions import condition_groups, value_text


def test_every_image_is_in_the_group_of_its_own_conditions():
    images = pd.DataFrame({"time_h": [2, 1, 2, 1], "gas": ["air", "air", None, "air"]})
    groups = list(condition_groups(images, ["time_h", "gas"]))
    assert [group.name for group in groups] == [
        "time_h=1, gas=air",
        "time_h=2, gas=air",
        "time_h=2, gas=not given",
    ]
    assert [group.shared["gas"] for group in groups] == ["air", "air", None]
    assert np.sum([group.chosen for group in groups], axis=0).tolist() == [1, 1, 1, 1]
    assert groups[0].chosen.tolist() == [False, True, False, True]


def test_values_are_those_of_json():
    images = pd.DataFrame({"ph": [7.5], "n": [3], "hot": [True]})
    (group,) = condition_groups(images, ["ph", "n", "hot"])
    assert [type(value) for value in group.shared.values()] == [float, int, bool]


def test_without_a_condition_there_is_no_group():
    assert list(condition_groups(pd.DataFrame({"a": [1]}), [])) == []


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (0.25, "0.25"), (3, "3")])
def test_numbers_are_read_as_people_write_them(value, text):
    assert value_text(value) == text
