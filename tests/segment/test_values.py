import numpy as np
import pytest

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.segment import segmenter
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


@pytest.mark.parametrize("name", ["threshold", "local"])
def test_grey_values_that_are_flat_though_colours_differ_are_refused(name):
    pixels = np.zeros((40, 40, 2), np.float32)
    pixels[:, :20], pixels[:, 20:] = (1, 3), (3, 1)
    image = Image(pixels, axes="YXC")
    check_values(values_in(InMemory(image), everywhere((40, 40))))  # colours differ
    with pytest.raises(PictureError, match="one flat grey value"):
        segmenter(name).maps(image)


def test_a_stack_is_not_read_window_by_window():
    with pytest.raises(PictureError, match="stack of 4"):
        in_memory(Image(np.zeros((4, 9, 9)), axes="ZYX"))
