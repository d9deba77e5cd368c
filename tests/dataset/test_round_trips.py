"""What goes out in a format comes back: exactly, or less what the format says it loses."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import label as numbered

from segmetry.dataset.importing import read_annotations
from segmetry.errors import WriteError
from segmetry.io import read_labels, write_png
from segmetry.io.exchange import EXCHANGE_FORMATS, Annotation, write_annotations

PNG = ("masks-png", "cellpose-png")  # numbers of 16 bits
BACK = [name for name, one in EXCHANGE_FORMATS.items() if one.can_import]
EXACT = [name for name in BACK if not EXCHANGE_FORMATS[name].loses]
STACKS = [name for name in EXACT if EXCHANGE_FORMATS[name].takes_stacks]
NUMBERS = (0, 0, 1, 2, 7, 300, 65_535, 70_000, 4_000_000_000)


@st.composite
def label_images(draw, *, n_slices=None):
    """Touching objects of any form, in parts, with holes; numbers with gaps."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (
        rng.integers(1, 14, 2) if n_slices is None else [n_slices, *rng.integers(1, 9, 2)]
    )
    numbers = rng.choice(NUMBERS, rng.integers(1, 7))
    blocks = rng.choice(numbers, shape).astype(np.uint32)
    side = int(rng.integers(1, 4))
    return blocks.repeat(side, axis=-1).repeat(side, axis=-2)


def back(labels, name):
    """A picture's objects after writing them in a format and reading them again."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "images").mkdir()
        if labels.ndim == 2:
            write_png(folder / "images" / "a b.png", np.zeros(labels.shape, np.uint8))
        write_annotations(folder / "out", [Annotation("a b", labels, "a b.png")], to=name)
        images = folder / "images" if labels.ndim == 2 else None
        (found,) = read_annotations(folder / "out", images=images, allow_pickle=True)
        return found


def fitting(labels, name):
    return labels % 65_536 if name in PNG else labels


@pytest.mark.parametrize("name", EXACT)
@given(labels=label_images())
@settings(max_examples=15, deadline=None)
def test_every_number_and_area_is_as_it_was(name, labels):
    labels = fitting(labels, name)
    found = back(labels, name)
    assert found.name == "a b"
    assert np.array_equal(found.labels, labels)


@pytest.mark.parametrize("name", STACKS)
@given(labels=label_images(n_slices=3))
@settings(max_examples=10, deadline=None)
def test_stacks_come_back_too(name, labels):
    assert np.array_equal(back(labels, name).labels, labels)


# Formats of outlines and run lengths have their own test of this: it takes them seconds.
@pytest.mark.parametrize(
    "name", ["masks", "masks-npy", "cellpose", "cellpose-seg", "nifti"]
)
def test_more_objects_than_16_bits_count_come_back(name):
    many = np.arange(1, 260 * 256 + 1, dtype=np.uint32).reshape(260, 256)
    assert np.array_equal(back(many, name).labels, many)


@pytest.mark.parametrize("name", PNG)
def test_what_16_bits_cannot_hold_is_refused_with_what_to_do(tmp_path, name):
    labels = np.array([[0, 70_000]], np.uint32)
    with pytest.raises(WriteError, match="an object number 70,000.*to 65,535; choose TIFF"):
        write_annotations(tmp_path, [Annotation("a", labels)], to=name)
    assert not list(tmp_path.iterdir())


@given(labels=label_images())
@settings(max_examples=15, deadline=None)
def test_black_and_white_loses_numbers_and_joins_what_touches(labels):
    found = back(labels, "black-and-white").labels
    wanted, n_objects = numbered(labels > 0, np.ones((3, 3)))
    assert np.array_equal(found > 0, labels > 0)
    assert len(np.unique(found[found > 0])) == n_objects
    for number in range(1, n_objects + 1):
        assert len(np.unique(found[wanted == number])) == 1


@given(labels=label_images())
@settings(max_examples=15, deadline=None)
def test_a_submission_loses_numbers_and_nothing_else(labels):
    found = back(labels, "submission")
    ids = np.unique(labels[labels > 0])
    renumbered = np.searchsorted(ids, labels) + 1
    assert np.array_equal(found.labels, np.where(labels > 0, renumbered, 0))
    assert found.unnamed == set(range(1, len(ids) + 1))


@pytest.mark.filterwarnings("ignore::segmetry.errors.SegmetryWarning")
@given(labels=label_images())
@settings(max_examples=15, deadline=None)
def test_dots_come_back_as_single_pixels_at_the_centres(labels):
    found = back(labels, "dots").labels
    n_objects = len(np.unique(labels[labels > 0]))
    assert np.count_nonzero(found) <= n_objects  # centres of two objects may be one pixel
    assert found.max(initial=0) <= n_objects
    assert (np.bincount(found.ravel())[1:] <= 1).all()


def test_formats_that_do_not_come_back_say_what_they_lose():
    for name, one in EXCHANGE_FORMATS.items():
        assert one.can_import or one.loses, name


@pytest.mark.parametrize("name", EXACT)
def test_numbers_of_a_file_are_names_but_for_those_that_cellpose_gives(name):
    labels = np.array([[0, 3, 3, 0], [0, 0, 9, 9]], np.uint32)
    expected = {0, 3, 9} if name == "cellpose-seg" else set()
    assert back(labels, name).unnamed == expected


@pytest.mark.parametrize("name", EXACT)
def test_real_nuclei_come_back(data, name):
    masks = data("dsb2018/test/masks")
    largest = max(masks.iterdir(), key=lambda path: path.stat().st_size)
    labels = read_labels(largest)
    assert len(np.unique(labels)) > 50
    assert np.array_equal(back(labels, name).labels, labels)
