import numpy as np

from segmetry.io import read
from segmetry.io.listing import picture_endings, pictures_in


def test_files_and_folders_that_are_pictures_are_listed_by_name(
    tmp_path, as_zarr, as_tiff, ramp
):
    as_tiff(ramp, "b.TIF")
    as_tiff(ramp, "slide.svs")
    as_zarr(ramp, name="a.ome.zarr", chunks=(20, 30))
    as_zarr(ramp, name=".hidden.zarr", chunks=(20, 30))
    (tmp_path / "empty.zarr").mkdir()
    (tmp_path / "folder.tif").mkdir()
    (tmp_path / "notes.txt").write_text("none")
    found = pictures_in(tmp_path)
    assert [path.name for path in found] == ["a.ome.zarr", "b.TIF", "slide.svs"]
    assert all(np.array_equal(read(path).pixels, ramp) for path in found)


def test_endings_are_those_of_all_formats():
    assert {".tif", ".svs", ".zarr", ".nii.gz"} <= set(picture_endings())
