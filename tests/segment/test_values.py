import numpy as np
import pytest

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.segment.values import check_values, in_memory, joined_values, values_in
from segmetry.segment.windows import blocks, everywhere
from segmetry.tiled import InMemory


@pytest.mark.parametrize("seed", range(6))
def test_parts_tell_of_the_whole(seed, monkeypatch):
    monkeypatch.setattr("segmetry.segment.windows._BLOCK", 30)
    rng = np.random.default_rng(seed)
    pixels = rng.normal(0, 9, (70, 100, 3)).astype(np.float32)
    excluded = np.zeros((70, 100), bool)
    excluded[: rng.integers(0, 40)], excluded[:, rng.integers(50, 99) :] = True, True
    pixels[5, 5] = np.nan
    image = Image(pixels, axes="YXC", excluded=excluded)
    tiled = InMemory(image)
    found = joined_values(values_in(tiled, own) for own in blocks((70, 100)))
    kept = pixels[~excluded]
    assert found.n_broken == np.isnan(kept).sum()
    rows, columns = (np.flatnonzero((~excluded).any(axis=axis)) for axis in (1, 0))
    assert found.rows == (rows[0], rows[-1])
    assert found.columns == (columns[0], columns[-1])
    assert found.is_cut


def test_grey_values_that_are_flat_though_colours_differ_are_refused():
    pixels = np.zeros((9, 9, 2), np.float32)
    pixels[..., 0], pixels[..., 1] = 1, 3
    found = values_in(InMemory(Image(pixels, axes="YXC")), everywhere((9, 9)))
    with pytest.raises(PictureError, match="one flat value"):
        check_values(found)


def test_a_stack_is_not_read_window_by_window():
    with pytest.raises(PictureError, match="stack of 4"):
        in_memory(Image(np.zeros((4, 9, 9)), axes="ZYX"))
