"""Maps are taken for what their names or the user say, and for nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ModelError
from segmetry.models.bioimageio.meaning import KNOWN_MAPS, meaning

MAPS = np.random.default_rng(0).random((1, 6, 2, 3)).astype(np.float32)


@pytest.mark.parametrize(
    ("names", "outputs"),
    [
        (["probability"], ("foreground",)),
        (["channel0"], ("foreground",)),
        (["nuclei-mask"], ("foreground",)),
        (["foreground", "boundaries"], ("foreground", "boundary")),
        (["bg", "interior", "border"], ("foreground", "boundary")),
        (["foreground", "flow_y", "flow_x"], ("foreground", "flow_y", "flow_x")),
    ],
)
def test_usual_names_tell(names, outputs):
    assert meaning(names, file="a")[0] == outputs


@pytest.mark.parametrize(
    ("names", "told", "said"),
    [
        (["a", "b"], [], "called a, b, which does not tell"),
        (["membrane"], [], "one is the foreground"),
        (["a", "b"], ["foreground"], "does not tell"),
        (["a"], ["nonsense"], "does not tell"),
        (["a", "b"], ["foreground", "foreground"], "must be different"),
        (["a", "b"], ["boundary", "other"], "one is the foreground"),
    ],
)
def test_what_is_not_told_is_refused(names, told, said):
    with pytest.raises(ModelError, match=said):
        meaning(names, file="a", told=told)


@given(st.permutations(KNOWN_MAPS), st.integers(1, 6))
def test_each_output_is_the_map_that_was_named_so(order, n):
    told = order[:n]
    if not {"foreground", "background"} & set(told):
        return
    outputs, mix = meaning([f"m{k}" for k in range(n)], file="a", told=told)
    found = mix.applied(MAPS[:, :n])[0]
    for name, values in zip(outputs, found, strict=True):
        if name == "foreground" and "background" in told:
            expected = 1 - MAPS[0, told.index("background")]
        else:
            expected = MAPS[0, told.index(name)]
        np.testing.assert_allclose(values, expected, atol=1e-6)
