import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.measure.abercrombie import Section


@given(st.floats(1, 200), st.floats(0.5, 50))
def test_the_share_is_that_of_objects_whose_middle_lies_in_the_section(thickness, height):
    factor = Section(thickness_um=thickness, object_height_um=height, measured=True).factor
    assert 0 < factor < 1
    assert factor * (thickness + height) == pytest.approx(thickness)


@pytest.mark.parametrize("seed", range(5))
def test_spheres_cut_into_sections_are_as_many_as_there_are_after_the_correction(seed):
    rng = np.random.default_rng(seed)
    depth, thickness, radius = 40_000.0, 30.0, 6.0
    middles = rng.uniform(0, depth, 20_000)
    # Every section that a sphere reaches into shows a profile of it.
    first = np.floor((middles - radius) / thickness)
    last = np.floor((middles + radius) / thickness)
    profiles = np.sum(last - first + 1)
    factor = Section(
        thickness_um=thickness, object_height_um=2 * radius, measured=False
    ).factor
    assert profiles / len(middles) > 1.3
    assert profiles * factor / len(middles) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("lengths", [(0, 5), (40, 0), (-1, 5), (40, float("nan"))])
def test_lengths_that_mean_nothing_are_refused(lengths):
    with pytest.raises(ValueError, match="lengths must be positive"):
        Section(*lengths, measured=False)
