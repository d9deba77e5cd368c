import sys

import h5py
import numpy as np
import pytest

from segmetry.errors import ReadError
from segmetry.io import emd, read


@pytest.fixture
def as_emd(tmp_path):
    """Save arrays as an EMD file of the Berkeley kind, which stores columns first."""

    def save(*datasets):
        path = tmp_path / "scan.emd"
        with h5py.File(path, "w") as file:
            file.attrs["version_major"], file.attrs["version_minor"] = 0, 2
            for number, (values, axes) in enumerate(datasets):
                group = file.create_group(f"data/picture{number}")
                group.attrs["emd_group_type"] = 1
                group.create_dataset("data", data=values.transpose())
                for place, (name, units, step) in enumerate(axes[::-1], start=1):
                    length = values.shape[-place]
                    axis = group.create_dataset(
                        f"dim{place}", data=step * np.arange(length)
                    )
                    axis.attrs["name"], axis.attrs["units"] = name, units
        return path

    return save


PICTURE = np.arange(30, dtype=np.float32).reshape(5, 6)


def axes(units="nm", y=2.0, x=3.0):
    return [("y", units, y), ("x", units, x)]


def test_an_emd_picture_has_its_pixel_size(as_emd):
    picture = read(as_emd((PICTURE, axes())))
    assert np.array_equal(picture.pixels, PICTURE)
    size = picture.pixel_size
    assert (size.y, size.x, size.unit, size.source) == (2.0, 3.0, "nm", "emd")


@pytest.mark.parametrize("units", ["", "[]", "px", "1/nm"])
def test_a_step_without_a_unit_of_length_is_unknown(as_emd, units):
    assert read(as_emd((PICTURE, axes(units, 1.0, 1.0)))).pixel_size is None


def test_axes_of_different_units_meet_in_micrometres(as_emd):
    found = read(as_emd((PICTURE, [("y", "um", 0.5), ("x", "nm", 250.0)]))).pixel_size
    assert (found.y, found.x, found.unit) == pytest.approx((0.5, 0.25, "um"))


def test_metres_are_told_in_micrometres(as_emd):
    found = read(as_emd((PICTURE, axes("m", 1e-6, 2e-6)))).pixel_size
    assert (found.y, found.x, found.unit) == pytest.approx((1.0, 2.0, "um"))


def test_a_stack_is_slices(as_emd):
    stack = np.stack([PICTURE, -PICTURE])
    picture = read(as_emd((stack, [("z", "nm", 1.0), *axes()])))
    assert picture.axes == "ZYX"
    assert np.array_equal(picture.pixels, stack)


def test_of_a_film_the_first_frame_is_read_and_others_by_number(as_emd):
    path = as_emd((np.stack([PICTURE, -PICTURE]), [("time", "s", 0.1), *axes()]))
    assert np.array_equal(read(path).pixels, PICTURE)
    assert np.array_equal(read(path, page=1).pixels, -PICTURE)


def test_of_several_pictures_the_first_is_read_and_others_by_number(as_emd):
    path = as_emd((PICTURE, axes()), (PICTURE[:4], axes()))
    picture = read(path)
    assert picture.pixels.shape == (5, 6)
    assert "the first of 2 pictures is read" in picture.steps[0].options["notes"]
    assert read(path, page=1).pixels.shape == (4, 6)
    with pytest.raises(ReadError, match="has 2 pictures, so there is no picture 2"):
        read(path, page=2)


@pytest.mark.parametrize(
    "dataset",
    [
        (np.arange(9.0), [("Energy", "eV", 1.0)]),
        (np.zeros((3, 4, 9)), [*axes(), ("Energy", "eV", 1.0)]),
    ],
)
def test_spectra_are_no_pictures(as_emd, dataset):
    with pytest.raises(ReadError, match="holds no picture, only spectra"):
        read(as_emd(dataset))


def test_a_huge_data_set_in_a_small_file_is_refused(tmp_path):
    path = tmp_path / "a.emd"
    with h5py.File(path, "w") as file:
        file.create_dataset("data/picture/data", shape=(60_000, 60_000), dtype="u1")
    with pytest.raises(ReadError, match="60,000 x 60,000"):
        read(path)


def test_a_packed_file_must_be_unpacked_first(as_emd, tmp_path):
    import gzip

    path = tmp_path / "a.emd.gz"
    path.write_bytes(gzip.compress(as_emd((PICTURE, axes())).read_bytes()))
    with pytest.raises(ReadError, match="must be unpacked first"):
        read(path)


def test_the_real_file_without_a_scale_is_unknown(data):
    # The library says 1.0 with the unit "[]".
    assert read(data("formats/example_image.emd")).pixel_size is None


def test_a_file_that_never_comes_to_an_end_is_given_up(as_emd, monkeypatch):
    monkeypatch.setattr(emd, "_PATIENCE_S", 0.05)
    with pytest.raises(ReadError, match=r"scan\.emd is a damaged EMD file"):
        read(as_emd((PICTURE, axes())))


def test_a_crash_of_the_library_is_one_sentence(as_emd, monkeypatch, tmp_path):
    # A Python that dies as HDF5 does, by a broken memory access.
    crash = tmp_path / "segmetry"
    crash.mkdir()
    (crash / "__init__.py").write_text("import ctypes\nctypes.string_at(0)\n")
    path = as_emd((PICTURE, axes()))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(ReadError, match=r"scan\.emd is a damaged EMD file"):
        read(path)


@pytest.mark.parametrize("page", [None, 1])
def test_the_second_process_answers_as_this_one_would(as_emd, page):
    stack = np.stack([PICTURE, -PICTURE])
    path = as_emd((stack, [("z", "nm", 1.0), *axes()]))
    found, expected = read(path, page=page), emd._unpacked(emd._answer(path, page))
    assert np.array_equal(found.pixels, expected.pixels)
    assert found.pixel_size == expected.pixel_size


def test_nothing_of_the_second_process_is_printed(as_emd, capfd):
    read(as_emd((PICTURE, axes())))
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_damaged_files_never_end_this_process(as_emd, tmp_path, printed):
    content = as_emd((PICTURE, axes())).read_bytes()
    rng = np.random.default_rng(5)
    program = (
        "import sys\n"
        "from segmetry.io import read\n"
        "from segmetry.errors import SegmetryError\n"
        "for path in sys.argv[1:]:\n"
        "    try: read(path)\n"
        "    except SegmetryError: pass\n"
        "print('alive')\n"
    )
    paths = []
    for number in range(12):
        changed = bytearray(content)
        for place in rng.integers(0, len(changed), 20):
            changed[place] = rng.integers(0, 256)
        paths.append(tmp_path / f"{number}.emd")
        paths[-1].write_bytes(changed)
    assert printed(program, *paths) == "alive\n"
