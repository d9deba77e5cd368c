import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.adapters.foreign import hashes, objects_of, quietly
from segmetry.errors import RecipeError
from segmetry.image import Image


@given(seed=st.integers(0, 2**32 - 1), least=st.integers(1, 30))
def test_objects_stay_as_they_are_under_numbers_in_reading_order(seed, least):
    rng = np.random.default_rng(seed)
    numbers = np.append(0, rng.choice(2**40, 6, replace=False) + 1)
    labels = numbers[rng.integers(0, 7, (6, 7)).repeat(3, 0).repeat(3, 1)]
    image = Image(np.zeros(labels.shape))
    found = objects_of(labels, image, min_area=least)
    sizes = {number: int((labels == number).sum()) for number in numbers[1:]}
    kept = [number for number in numbers[1:] if sizes[number] >= least]
    assert np.array_equal(found > 0, np.isin(labels, kept))
    for number in kept:
        assert len(np.unique(found[labels == number])) == 1
    first = [np.flatnonzero(found == k)[0] for k in range(1, len(kept) + 1)]
    assert first == sorted(first)


def test_no_object_is_where_the_picture_is_excluded():
    labels = np.ones((10, 12), int)
    excluded = np.zeros((10, 12), bool)
    excluded[:4] = True
    found = objects_of(labels, Image(np.zeros((10, 12)), excluded=excluded), min_area=1)
    assert np.array_equal(found > 0, ~excluded)


def test_a_picture_that_is_one_object_without_background_is_one_object():
    assert objects_of(np.full((5, 6), 7), Image(np.zeros((5, 6))), min_area=1).min() == 1


def test_another_program_neither_prints_nor_warns(capsys):
    with quietly():
        print("welcome")  # noqa: T201
        warnings.warn("old", stacklevel=1)
    assert capsys.readouterr().out == ""


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(RecipeError, match="none.h5 cannot be read"):
        hashes([tmp_path / "none.h5"])
