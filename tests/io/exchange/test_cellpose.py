"""Files as Cellpose's own source reads and writes them: cellpose/io.py and gui/io.py."""

import pickle
import sys
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest
import tifffile
from numpy.lib import format as npy
from PIL import Image as Pillow

from segmetry.errors import ReadError
from segmetry.io import read_labels
from segmetry.io.exchange import (
    Annotation,
    read_cellpose_seg,
    write_cellpose_masks,
    write_cellpose_png,
    write_cellpose_seg,
)


class Trap:
    """What runs a program when its pickle is opened."""

    def __reduce__(self):
        return exec, ("import sys; sys.trapped = True",)


@pytest.fixture(autouse=True)
def trapped(monkeypatch):
    """Return whether a trap ran."""
    monkeypatch.setattr(sys, "trapped", False, raising=False)
    return lambda: sys.trapped


class Foreign:
    def __init__(self):
        self.path = "somewhere"


def saved(path, content):
    np.save(path, np.array(content, dtype=object), allow_pickle=True)
    return path


def opened_as_cellpose_does(path):
    return np.load(path, allow_pickle=True).item()


def test_masks_have_the_type_and_name_that_cellpose_gives_them(tmp_path, labels):
    small = labels % 1000
    write_cellpose_masks(tmp_path / "a_cp_masks.tif", Annotation("a", small))
    write_cellpose_png(tmp_path / "a_cp_masks.png", Annotation("a", small))
    found = tifffile.imread(tmp_path / "a_cp_masks.tif")
    assert found.dtype == np.uint16
    assert np.array_equal(found, small)
    with Pillow.open(tmp_path / "a_cp_masks.png") as picture:
        assert picture.mode == "I;16"
        assert np.array_equal(np.asarray(picture), small)


@pytest.mark.parametrize("ending", ["tif", "png"])
def test_a_file_of_cellpose_holds_numbers_also_where_there_are_two_values(tmp_path, ending):
    masks = np.array([[1, 0, 1]], np.uint16)  # one cell in two parts, or white for a mask
    path = tmp_path / f"a_cp_masks.{ending}"
    Pillow.fromarray(masks).save(path)
    assert read_labels(path).tolist() == [[1, 0, 1]]
    path.rename(tmp_path / f"a.{ending}")
    assert read_labels(tmp_path / f"a.{ending}").tolist() == [[1, 0, 2]]


def test_the_window_finds_all_that_it_asks_for(tmp_path, labels):
    write_cellpose_seg(tmp_path / "a_seg.npy", Annotation("a", labels, "a.png"))
    found = opened_as_cellpose_does(tmp_path / "a_seg.npy")
    assert np.array_equal(found["masks"], labels)
    assert found["filename"] == "a.png"
    assert found["chan_choose"] == [0, 0]
    assert len(found["ismanual"]) == 6
    assert len(found["flows"][0]) == 0  # as its window tests it
    assert np.isnan(found["diameter"])


def test_outlines_are_the_rims_numbered_as_the_window_numbers_masks(tmp_path):
    labels = np.zeros((9, 9), np.uint32)
    labels[:5, :5], labels[5:, 3:] = 9, 4
    write_cellpose_seg(tmp_path / "a_seg.npy", Annotation("a", labels))
    found = opened_as_cellpose_does(tmp_path / "a_seg.npy")
    outlines = found["outlines"]
    assert outlines.dtype == found["masks"].dtype == np.uint16
    inner = np.zeros((9, 9), bool)
    inner[1:4, 1:4] = inner[6:8, 4:8] = True
    assert np.array_equal(outlines, np.where(inner, 0, labels))
    # It numbers masks and outlines apart, by their first pixels: these must be the same.
    first = [np.unique(part, return_index=True)[1] for part in (labels, outlines)]
    assert np.array_equal(*first)


def test_as_many_objects_as_cellpose_stores_in_32_bits(tmp_path):
    labels = np.array([[65_534, 65_535]], np.uint32)
    for top, dtype in ((1, np.uint16), (2, np.uint32)):
        write_cellpose_seg(tmp_path / "a_seg.npy", Annotation("a", labels[:, :top]))
        assert opened_as_cellpose_does(tmp_path / "a_seg.npy")["masks"].dtype == dtype


def test_a_pickle_is_opened_only_for_who_trusts_it(tmp_path):
    path = saved(tmp_path / "a_seg.npy", {"masks": np.eye(2, dtype=np.uint16)})
    with pytest.raises(ReadError, match="can run any program.*say --allow-pickle"):
        read_cellpose_seg(path, is_trusted=False)
    found = read_cellpose_seg(path, is_trusted=True)
    assert found.labels.tolist() == [[1, 0], [0, 1]]
    assert found.unnamed == {0, 1}


def test_even_a_trusted_pickle_runs_nothing(tmp_path, trapped):
    content = {"masks": np.eye(2, dtype=np.uint16), "flows": [Trap()], "model": Foreign()}
    path = saved(tmp_path / "a_seg.npy", content)
    read_cellpose_seg(path, is_trusted=True)
    assert not trapped()
    opened_as_cellpose_does(path)
    assert trapped()


def test_files_of_the_window_of_every_age_are_read(tmp_path):
    cell = np.array([[0, 1], [2, 2]])
    old = saved(tmp_path / "old_seg.npy", {"masks": cell.astype(np.int32) - 1})
    flat = saved(tmp_path / "flat_seg.npy", {"masks": cell[None].astype(np.uint16)})
    stack = saved(tmp_path / "stack_seg.npy", {"masks": np.stack([cell, cell])})
    for path in (old, flat):
        assert read_cellpose_seg(path, is_trusted=True).labels.tolist() == cell.tolist()
    assert read_cellpose_seg(stack, is_trusted=True).labels.shape == (2, 2, 2)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"outlines": []}, "is not what Cellpose's window saves"),
        ([1, 2], "is not what Cellpose's window saves"),
        ({"masks": np.eye(2)}, "no whole numbers"),
        ({"masks": np.array([1, 2])}, r"shape \(2,\)"),
        ({"masks": np.array([[-7, 2]])}, "masks from -7"),
        ({"masks": np.array([[0, 2**40]])}, "to 1099511627776"),
        ({"masks": Trap()}, "no whole numbers"),
        ({"masks": [[0, 1]]}, "no whole numbers"),
        ({"masks": np.array([[0, "x"]], object)}, "no whole numbers"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, trapped, content, told):
    path = saved(tmp_path / "a_seg.npy", content)
    with pytest.raises(ReadError, match=told):
        read_cellpose_seg(path, is_trusted=True)
    assert not trapped()


@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u4", "<i8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_whole_numbers_of_every_type_and_order_are_read(tmp_path, dtype, order):
    masks = np.array([[0, 1, 1], [0, 0, 1]], dtype, order=order)
    path = saved(tmp_path / "a_seg.npy", {"masks": masks})
    found = read_cellpose_seg(path, is_trusted=True)
    assert np.array_equal(found.labels, masks)


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_every_age_are_read(tmp_path, protocol):
    masks = np.arange(6, dtype=np.uint16).reshape(2, 3)
    whole = np.array({"masks": masks, "diameter": np.float64(30)}, dtype=object)
    with (tmp_path / "a_seg.npy").open("wb") as file:
        npy.write_array_header_1_0(
            file, {"descr": "|O", "fortran_order": False, "shape": ()}
        )
        pickle.dump(whole, file, protocol=protocol)
    if protocol == 5:  # keeps arrays in another way; NumPy writes at most 4
        with pytest.raises(ReadError):
            read_cellpose_seg(tmp_path / "a_seg.npy", is_trusted=True)
        return
    found = read_cellpose_seg(tmp_path / "a_seg.npy", is_trusted=True)
    assert np.array_equal(found.labels, masks)


def test_damage_is_told_and_takes_no_memory(tmp_path, labels):
    path = tmp_path / "a_seg.npy"
    write_cellpose_seg(path, Annotation("a", labels))
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    tracemalloc.start()
    for _ in range(300):
        content = bytearray(whole)
        for at in rng.integers(80, len(content), 3):
            content[at] = rng.integers(256)
        path.write_bytes(content)
        with suppress(ReadError):
            read_cellpose_seg(path, is_trusted=True)
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


def test_a_length_that_the_file_does_not_have_reserves_nothing(tmp_path):
    whole = saved(tmp_path / "a_seg.npy", {"masks": np.eye(2, dtype=np.uint16)})
    head = whole.read_bytes()[:128]
    length = (2**40).to_bytes(8, "little")
    for code in (pickle.BYTEARRAY8, pickle.BINBYTES8, pickle.BINUNICODE8, pickle.FRAME):
        whole.write_bytes(head + b"\x80\x05" + code + length + b"x.")
        with pytest.raises(ReadError):
            read_cellpose_seg(whole, is_trusted=True)


@pytest.mark.parametrize("make", [b"c_codecs\nencode\n", b"cnumpy\ndtype\n"])
def test_a_text_that_grows_without_end_is_never_made(tmp_path, make):
    whole = saved(tmp_path / "a_seg.npy", {"masks": np.eye(2, dtype=np.uint16)})
    nested = b"]q\x000"  # an empty list, and ten times a list of ten times the one before
    for number in range(1, 30):
        nested += b"]q" + bytes([number]) + b"(" + 10 * (b"h" + bytes([number - 1])) + b"e0"
    pickled = b"\x80\x02" + nested + make + b"h\x1d\x85R."
    whole.write_bytes(whole.read_bytes()[:128] + pickled)
    with pytest.raises(ReadError):
        read_cellpose_seg(whole, is_trusted=True)


def test_a_plain_array_or_a_cut_file_is_told(tmp_path):
    np.save(tmp_path / "a_seg.npy", np.eye(3, dtype=np.uint16))
    with pytest.raises(ReadError, match="no NPY file of one object"):
        read_cellpose_seg(tmp_path / "a_seg.npy", is_trusted=True)
    whole = saved(tmp_path / "b_seg.npy", {"masks": np.eye(9, dtype=np.uint16)})
    content = whole.read_bytes()
    for length in range(0, len(content) - 1, 37):
        whole.write_bytes(content[:length])
        with pytest.raises(ReadError):
            read_cellpose_seg(whole, is_trusted=True)


def test_what_the_unpickler_makes_of_foreign_things_takes_all_that_pickles_do(tmp_path):
    foreign = [
        pickle.PickleBuffer,
        {1},
        frozenset({2}),
        np.float32(3),
        4j,
        slice(1),
        Foreign,
    ]
    path = saved(tmp_path / "a_seg.npy", {"masks": np.eye(1, dtype=int), "all": foreign})
    assert read_cellpose_seg(path, is_trusted=True).labels.tolist() == [[1]]
