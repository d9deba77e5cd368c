import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.models.resampling import resampled_in
from segmetry.models.scale import resampled


@given(
    st.integers(0, 2**31),
    st.sampled_from([0.13, 0.3, 0.5, 0.77, 1, 1.01, 1.4, 2, 3.7]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_window_of_any_scale_is_that_of_the_whole_picture(seed, factor, cubic):
    rng = np.random.default_rng(seed)
    shape = tuple(int(length) for length in rng.integers(3, 90, 2))
    scaled = tuple(max(round(length * factor), 1) for length in shape)
    values = rng.random((*shape, rng.integers(1, 4))).astype(np.float32)

    def read(window):
        return values[window]

    everything = tuple(slice(0, length) for length in scaled)
    whole = resampled_in(read, shape, scaled, everything, cubic=cubic)
    assert np.abs(whole - resampled(values, scaled, cubic=cubic)).max() < 2e-5
    for _ in range(3):
        ends = [np.sort(rng.choice(length + 1, 2, replace=False)) for length in scaled]
        window = tuple(slice(int(start), int(stop)) for start, stop in ends)
        part = resampled_in(read, shape, scaled, window, cubic=cubic)
        assert np.array_equal(part, whole[window])
