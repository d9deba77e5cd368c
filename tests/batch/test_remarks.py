import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.batch.pictures import PictureResult
from segmetry.batch.remarks import merged_remarks

WRONG = "It expects about {} of the objects that it found here to be wrong: look at it."


def told(*remarks_of_each, names="abcdefghijklmnopqrstuvwxyz"):
    return list(
        merged_remarks(
            [
                PictureResult({"image": name}, remarks=remarks)
                for name, remarks in zip(names, remarks_of_each, strict=False)
            ]
        )
    )


def test_a_remark_is_told_once_with_its_pictures():
    assert told(("r",), ("r",)) == ["r"]
    assert told(("r",), ("r",), ()) == ["a, b: r"]
    assert told((), *[("r",)] * 5) == ["5 pictures, b the first: r"]


def test_remarks_that_differ_in_a_number_are_one_with_the_number_of_each_picture():
    shares = ["45 %", "9 %", "62 %", "45 %"]
    said = told(*[(WRONG.format(share),) for share in shares], ("other",))
    assert said == [
        "4 pictures (a 45 %, b 9 %, c 62 %, d 45 %): " + WRONG.format("9 to 62 %"),
        "e: other",
    ]


def test_of_many_pictures_the_first_are_named():
    said = told(*[(WRONG.format(f"{10 + k} %"),) for k in range(20)])
    assert len(said) == 1
    assert said[0].startswith("20 pictures (a 10 %, b 11 %")
    assert "l 21 % and 8 more): It expects about 10 to 29 % of" in said[0]


def test_where_several_numbers_differ_pictures_are_named_without_them():
    said = told(("1,200 px are seen at 8 px.",), ("30.5 px are seen at 6.5 px.",))
    assert said == ["2 pictures (a, b): 30.5 to 1,200 px are seen at 6.5 to 8 px."]


def test_advice_to_type_has_one_number_for_all():
    said = told(
        *[(f"--set diameter={k} resamples it for the model.",) for k in (30, 12, 14)]
    )
    assert said == [
        "3 pictures (a 30, b 12, c 14): --set diameter=14 resamples it for the model."
    ]


@pytest.mark.parametrize("name", ["s{}.tif", "{}.tif", "nuclei{}", "v1.{}b"])
def test_numbers_in_names_tell_kinds_apart(name):
    first, second = (f"{name.format(k)} is odd" for k in (1, 2))
    assert told((first,), (second,)) == [f"a: {first}", f"b: {second}"]


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=12, unique=True))
def test_no_picture_is_lost_whatever_the_numbers(numbers):
    (line,) = told(*[(f"{number} of them are wrong.",) for number in numbers])
    named = dict(re.findall(r"([a-z]) (\d+)(?=[,)])", line))
    assert [int(one) for one in named.values()] == numbers
    assert f"{min(numbers)} to {max(numbers)} of them are wrong." in line
