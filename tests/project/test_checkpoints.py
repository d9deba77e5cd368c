import errno
import json
import os
import tracemalloc
import zipfile
from io import BytesIO
from math import prod

import imagecodecs
import numpy as np
import pytest

from segmetry.errors import ProjectError, WriteError
from segmetry.project.checkpoints import (
    CHUNK,
    Checkpoint,
    Chunks,
    pack,
    read_checkpoint,
    read_facts,
    read_shape,
    write_checkpoint,
)


def scattered(shape, seed=0):
    """Labels in blocks of one number, with numbers up to the largest."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(
        0, 2**32, tuple(-(-side // 16) for side in shape), dtype=np.uint32
    )
    blocks[rng.random(blocks.shape) < 0.5] = 0
    return blocks.repeat(16, axis=0).repeat(16, axis=1)[: shape[0], : shape[1]]


@pytest.mark.parametrize(
    "shape",
    [
        (1, 1),
        (5, 1300),
        (CHUNK, CHUNK),
        (CHUNK + 1, 2 * CHUNK - 1),
        (1, 3000),
        (5, 300, 40),
    ],
)
def test_labels_come_back_as_they_were(tmp_path, shape):
    data = scattered((prod(shape[:-1]), shape[-1])).reshape(shape)
    facts = {"next_id": 2**32, "origins": {"7": "drawn"}, "note": "µ"}
    arrays = {"confidence": np.linspace(0, 1, 7, dtype=np.float32)}
    path = tmp_path / "0.labels"
    write_checkpoint(path, Checkpoint(data, facts, arrays))
    read = read_checkpoint(path)
    assert read.data.dtype == np.uint32
    assert np.array_equal(read.data, data)
    assert read_shape(path) == shape
    assert read.facts == facts
    assert read.arrays["confidence"].dtype == np.float32
    assert np.array_equal(read.arrays["confidence"], arrays["confidence"])


def test_equal_labels_give_equal_files(tmp_path):
    for name in ("a", "b"):
        write_checkpoint(tmp_path / name, Checkpoint(scattered((300, 200))))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_chunk_is_what_a_browser_unpacks(tmp_path):
    data = scattered((CHUNK + 3, CHUNK + 2))
    write_checkpoint(tmp_path / "a", Checkpoint(data))
    with zipfile.ZipFile(tmp_path / "a") as file:
        assert json.loads(file.read("labels.json"))["shape"] == [CHUNK + 3, CHUNK + 2]
        corner = imagecodecs.zstd_decode(file.read("chunk/1.1"))
    assert corner == data[CHUNK:, CHUNK:].astype("<u4").tobytes()


def test_after_a_change_only_its_chunks_are_packed_anew(tmp_path):
    data = scattered((2 * CHUNK, 3 * CHUNK))
    chunks = Chunks(data.shape)
    before = {(r, c): chunks.packed(data, r, c) for r in range(2) for c in range(3)}
    data[CHUNK - 1 : CHUNK + 1, 2 * CHUNK :] = 5
    chunks.touch((slice(CHUNK - 1, CHUNK + 1), slice(2 * CHUNK, 2 * CHUNK + 1)), 7)
    for (row, column), packed in before.items():
        same = chunks.packed(data, row, column) is packed
        assert same == (column < 2)
        assert chunks.changed(0, row, column) == (0 if column < 2 else 7)
    write_checkpoint(tmp_path / "a", Checkpoint(data), chunks=chunks)
    assert np.array_equal(read_checkpoint(tmp_path / "a").data, data)


def test_a_tile_of_the_pyramid_has_changed_when_a_chunk_below_it_has():
    chunks = Chunks((3 * CHUNK, 5 * CHUNK), rev=4)
    chunks.touch((slice(2 * CHUNK, 2 * CHUNK + 9), slice(CHUNK + 5, CHUNK + 6)), 9)
    assert chunks.changed(0, 2, 1) == 9
    assert chunks.changed(1, 1, 0) == 9
    assert chunks.changed(1, 0, 0) == 4
    assert chunks.changed(3, 0, 0) == 9
    with pytest.raises(ProjectError, match="no tile 0, 5 at level 0"):
        chunks.changed(0, 0, 5)


@pytest.mark.skipif(os.name == "nt", reason="Windows does so by itself")
def test_the_name_of_a_new_file_is_on_the_disk_after_its_content(tmp_path, monkeypatch):
    """Else the loss of power may leave a database that names a file which is not there."""
    synced, sync = [], os.fsync

    def note(handle):
        names = [path.name for path in tmp_path.iterdir()]
        synced.append((os.path.samestat(os.fstat(handle), tmp_path.stat()), names))
        sync(handle)

    monkeypatch.setattr(os, "fsync", note)
    write_checkpoint(tmp_path / "0.labels", Checkpoint(scattered((9, 9))))
    assert (True, ["0.labels"]) in synced


@pytest.mark.skipif(os.name == "nt", reason="Windows does so by itself")
def test_a_disk_that_fails_to_keep_a_name_is_told(tmp_path, monkeypatch):
    sync = os.fsync

    def fail(handle):
        if os.path.samestat(os.fstat(handle), tmp_path.stat()):
            raise OSError(errno.EIO, "Input/output error")
        sync(handle)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(WriteError, match="cannot be written to: Input/output error"):
        write_checkpoint(tmp_path / "0.labels", Checkpoint(scattered((9, 9))))


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "harm", [flipped, lambda content: content[:-50], lambda _: b"", lambda _: b"PK" * 80]
)
def test_a_damaged_file_is_told(tmp_path, harm):
    path = tmp_path / "0.labels"
    write_checkpoint(path, Checkpoint(scattered((200, 200))))
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(ProjectError, match=r"0.labels .* missing or damaged"):
        read_checkpoint(path)


def test_a_missing_file_is_told(tmp_path):
    for read in (read_checkpoint, read_facts):
        with pytest.raises(ProjectError, match="missing or damaged"):
            read(tmp_path / "0.labels")


@pytest.mark.parametrize("name", ["labels.json", "chunk/0.0", "array/excluded"])
def test_a_file_that_would_unpack_to_more_than_it_is_is_told(tmp_path, name):
    """Each entry may be a thousand times as long as its file, if it is deflated."""
    path, bomb = tmp_path / "0.labels", tmp_path / "1.labels"
    arrays = {"excluded": np.zeros(9, np.uint8)}
    write_checkpoint(path, Checkpoint(scattered((9, 9)), {}, arrays))
    with zipfile.ZipFile(path) as file, zipfile.ZipFile(bomb, "w") as harmful:
        for entry in file.namelist():
            packing = zipfile.ZIP_DEFLATED if entry == name else zipfile.ZIP_STORED
            harmful.writestr(entry, file.read(entry), packing)
    with pytest.raises(ProjectError, match=rf"1.labels .* damaged \({name} is packed"):
        read_checkpoint(bomb)


@pytest.mark.parametrize("name", ["chunk/0.0", "array/excluded"])
def test_what_is_no_zstd_is_told(tmp_path, name):
    path, other = tmp_path / "0.labels", tmp_path / "1.labels"
    arrays = {"excluded": np.zeros(9, np.uint8)}
    write_checkpoint(path, Checkpoint(scattered((9, 9)), {}, arrays))
    with zipfile.ZipFile(path) as file, zipfile.ZipFile(other, "w") as harmful:
        for entry in file.namelist():
            harmful.writestr(entry, b"x" * 40 if entry == name else file.read(entry))
    with pytest.raises(ProjectError, match=r"1.labels .* missing or damaged"):
        read_checkpoint(other)


def npy_bytes(array, *, claimed=None):
    """An array as npy; `claimed` replaces its shape in the header."""
    npy = BytesIO()
    header = {"descr": array.dtype.str, "fortran_order": False}
    np.lib.format.write_array_header_1_0(npy, header | {"shape": claimed or array.shape})
    return npy.getvalue() + array.tobytes()


def with_array(tmp_path, packed):
    """Labels of 9 x 9 pixels, with something packed beside them."""
    write_checkpoint(tmp_path / "a", Checkpoint(scattered((9, 9))))
    with zipfile.ZipFile(tmp_path / "a", "a") as file:
        file.writestr("array/more", packed)
    return tmp_path / "a"


@pytest.mark.parametrize("n_bytes", [4096 + 8 * 81 + 1, 70_000, 10**8])
def test_an_array_that_is_too_large_is_refused_before_it_is_unpacked(tmp_path, n_bytes):
    path = with_array(tmp_path, imagecodecs.zstd_encode(bytes(n_bytes)))
    tracemalloc.start()
    try:
        with pytest.raises(ProjectError, match=f"more would unpack to {n_bytes:,} bytes"):
            read_checkpoint(path)
        assert tracemalloc.get_traced_memory()[1] < 10**7
    finally:
        tracemalloc.stop()


def test_many_arrays_may_not_be_too_large_together(tmp_path):
    arrays = {str(number): np.zeros(900, np.uint8) for number in range(5)}
    write_checkpoint(tmp_path / "a", Checkpoint(scattered((9, 9)), {}, arrays))
    with pytest.raises(ProjectError, match="4 would unpack to"):
        read_checkpoint(tmp_path / "a")


@pytest.mark.parametrize(
    "array", [np.arange(n, dtype=np.uint8) for n in (0, 20, 128)] + [np.ones((30, 40))]
)
def test_arrays_of_any_length_are_read(tmp_path, array):
    """A frame tells its size in one, two or four bytes."""
    checkpoint = Checkpoint(scattered((99, 99)), {}, {"more": array})
    write_checkpoint(tmp_path / "a", checkpoint)
    assert np.array_equal(read_checkpoint(tmp_path / "a").arrays["more"], array)


@pytest.mark.parametrize("claimed", [(10**9,), (10**5, 10**5), (2,), (10**30,)])
def test_an_array_whose_header_lies_is_refused_before_memory_is_used(tmp_path, claimed):
    plain = npy_bytes(np.zeros(9), claimed=claimed)
    path = with_array(tmp_path, imagecodecs.zstd_encode(plain))
    with pytest.raises(ProjectError, match="an array of .* has 200 bytes"):
        read_checkpoint(path)


def test_an_array_that_does_not_tell_its_size_is_refused(tmp_path):
    whole = imagecodecs.zstd_encode(npy_bytes(np.zeros(9)))
    streamed = whole[:4] + bytes([0x00, 0x58]) + whole[6:]  # a window, and no size
    for number, packed in enumerate((streamed, whole[:5])):
        (folder := tmp_path / str(number)).mkdir()
        with pytest.raises(ProjectError, match="does not tell its size"):
            read_checkpoint(with_array(folder, packed))


def test_labels_of_another_shape_than_their_picture_are_refused(tmp_path):
    write_checkpoint(tmp_path / "a", Checkpoint(scattered((9, 8))))
    assert read_checkpoint(tmp_path / "a", shape=(9, 8)).data.shape == (9, 8)
    with pytest.raises(ProjectError, match=r"shape is \(9, 8\), that of its picture is"):
        read_checkpoint(tmp_path / "a", shape=(8, 9))


def test_a_file_of_a_newer_version_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "a", "w") as file:
        file.writestr("labels.json", json.dumps({"format": 2}))
    with pytest.raises(ProjectError, match="newer Segmetry"):
        read_checkpoint(tmp_path / "a")


@pytest.mark.parametrize(
    "shape", [[2**16, 2**16], [0, 5], [-1, 5], [5], [5, 5, 5, 5], [2**10, 2**10, 2**11], []]
)
def test_labels_of_an_impossible_size_are_refused_before_memory_is_used(tmp_path, shape):
    about = {"format": 1, "shape": shape, "chunk": CHUNK, "facts": {}}
    with zipfile.ZipFile(tmp_path / "a", "w") as file:
        file.writestr("labels.json", json.dumps(about))
    with pytest.raises(ProjectError, match="missing or damaged"):
        read_checkpoint(tmp_path / "a")


def test_arrays_of_objects_are_not_read(tmp_path):
    hostile = np.array([{"a": 1}], dtype=object)
    with pytest.raises(ValueError, match="pickle"):
        write_checkpoint(tmp_path / "a", Checkpoint(scattered((9, 9)), {}, {"a": hostile}))


def test_labels_that_cannot_be_written_are_told(tmp_path):
    with pytest.raises(WriteError, match="its folder does not exist"):
        write_checkpoint(tmp_path / "absent" / "a", Checkpoint(scattered((9, 9))))


def test_empty_labels_take_no_room():
    assert len(pack(np.zeros((CHUNK, CHUNK), np.uint32))) < 1000


def test_bytes_are_little_endian_whatever_the_array():
    swapped = np.array([[1, 2]], dtype=">u4")
    assert imagecodecs.zstd_decode(pack(swapped)) == b"\1\0\0\0\2\0\0\0"
