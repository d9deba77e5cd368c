import numpy as np
import pytest

from segmetry.dataset.exporting import find_masks
from segmetry.errors import DatasetError, ReadError
from segmetry.io import write_labels, write_ome_zarr_labels, write_png
from segmetry.io.exchange import MaskOrigin, write_origins

LABELS = np.array([[0, 3, 3], [0, 0, 9]], np.uint32)


def save(path, *, as_picture=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    if as_picture:
        write_png(path, np.zeros((2, 3), np.uint8))
    else:
        write_labels(path, LABELS)
    return path


def read_all(folder, **options):
    return {mask.name: mask.read() for mask in find_masks(folder, **options)}


@pytest.fixture
def run_folder(tmp_path):
    """What a run leaves, as far as its objects are concerned."""
    for name in ("a", "b"):
        save(tmp_path / name / "labels.tif")
    (tmp_path / "images.csv").write_text(
        "image,path,status,segmenter,threshold,mask_origin,pixel_size,pixel_size_y,"
        "calibration_source\n"
        "a,day 1/a.tif,done,threshold,57.5,draft,0.5,0.25,typed\n"
        "b,b.tif,done,nuclei,,,,,unknown\n",
        encoding="utf-8",
    )
    (tmp_path / "objects.csv").write_text(
        "image,label,area_px,note,origin\na,3,2,x,found\na,9,1,,found\nb,3,2,,drawn\n",
        encoding="utf-8",
    )
    return tmp_path


def test_a_run_tells_names_sizes_and_where_masks_come_from(run_folder):
    found = read_all(run_folder)
    assert list(found) == ["a", "b"]
    assert np.array_equal(found["a"].labels, LABELS)
    assert found["a"].file_name == "a.tif"
    assert (found["a"].pixel_size.x, found["a"].pixel_size.y) == (0.5, 0.25)
    assert found["a"].origin == MaskOrigin(
        "draft", "threshold", 57.5, objects={3: "found", 9: "found"}
    )
    assert found["b"].pixel_size is None
    assert found["b"].origin.kind == "corrected"  # an older run does not say so itself


def test_labels_of_large_pictures_are_those_of_the_ome_zarr(run_folder):
    for name, labels in (("a", LABELS * 0), ("large", LABELS)):
        (run_folder / name).mkdir(exist_ok=True)
        write_ome_zarr_labels(run_folder / name / "labels.ome.zarr", labels)
    found = read_all(run_folder)
    assert list(found) == ["a", "b", "large"]
    assert all(np.array_equal(one.labels, LABELS) for one in found.values())


def test_what_a_run_measured_is_read_where_it_is_wanted(run_folder):
    assert read_all(run_folder)["a"].measurements == {3: {}, 9: {}}
    found = read_all(run_folder, measured=True)["a"].measurements
    assert found == {3: {"area_px": 2}, 9: {"area_px": 1}}


def test_a_run_without_tables_has_labels_all_the_same(tmp_path):
    save(tmp_path / "a" / "labels.tif")
    (found,) = read_all(tmp_path).values()
    assert found.origin == MaskOrigin("draft")
    assert found.file_name == "a"


def test_a_set_gives_its_masks_under_the_names_of_the_pictures(tmp_path):
    for name in ("A", "B"):
        save(tmp_path / "images" / f"{name}.png", as_picture=True)
        save(tmp_path / "masks" / f"{name}_mask.tif")
    write_origins(tmp_path / "masks", [("a", 2, MaskOrigin("from nothing"))])
    found = read_all(tmp_path)
    assert [one.file_name for one in found.values()] == ["A.png", "B.png"]
    assert found["A"].origin == MaskOrigin("from nothing")
    assert found["B"].origin is None


def test_label_images_alone_lose_the_words_that_say_so(tmp_path):
    save(tmp_path / "Cell 1_labels.tif")
    save(tmp_path / "Cell 2_labels.tif")
    write_origins(tmp_path, [("Cell 1", 2, MaskOrigin("imported"))])
    found = read_all(tmp_path)
    assert list(found) == ["Cell 1", "Cell 2"]
    assert found["Cell 1"].origin.kind == "imported"


def test_label_images_without_such_words_are_found_too(tmp_path):
    save(tmp_path / "a.tif")
    assert list(read_all(tmp_path)) == ["a"]


def test_one_part_with_masks_is_the_set_and_two_are_refused(tmp_path):
    save(tmp_path / "train" / "images" / "a.png", as_picture=True)
    save(tmp_path / "train" / "masks" / "a.tif")
    save(tmp_path / "test" / "images" / "b.png", as_picture=True)
    assert list(read_all(tmp_path)) == ["a"]
    save(tmp_path / "test" / "masks" / "b.tif")
    with pytest.raises(DatasetError, match="the parts test, train"):
        find_masks(tmp_path)


def test_what_holds_no_masks_is_told(tmp_path):
    with pytest.raises(DatasetError, match="is no folder"):
        find_masks(tmp_path / "none")
    with pytest.raises(DatasetError, match="neither a run nor label images"):
        find_masks(tmp_path)


def test_a_picture_may_be_called_as_nothing_is(run_folder):
    (run_folder / "a").rename(run_folder / "NA")
    for table in ("images.csv", "objects.csv"):
        text = (run_folder / table).read_text(encoding="utf-8")
        (run_folder / table).write_text(text.replace("\na,", "\nNA,"), encoding="utf-8")
    found = read_all(run_folder, measured=True)["NA"]
    assert found.measurements == {3: {"area_px": 2}, 9: {"area_px": 1}}
    assert found.origin.objects == {3: "found", 9: "found"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\xff",
        b"x,y\n1,2\n",
        b"image,area_px\na,1\n",
        b"image,label\na,x\n",
        b"image,label\na,1\na,1\n",
    ],
)
def test_a_damaged_table_of_objects_is_told(run_folder, content):
    (run_folder / "objects.csv").write_bytes(content)
    with pytest.raises(ReadError, match=r"objects\.csv is no table of a run"):
        find_masks(run_folder)


@pytest.mark.parametrize(
    ("table", "before", "after"),
    [
        ("images", "57.5", "high"),
        ("images", "draft", "guess"),
        ("images", "0.5,", "none,"),
        ("images", "0.5,", "-1,"),
        ("objects", "x,found", "x,lost"),
    ],
)
def test_what_no_run_writes_is_told(run_folder, table, before, after):
    path = run_folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ReadError, match="tell of a what no run writes"):
        read_all(run_folder)


def test_label_images_of_ome_zarr_are_found_alone_and_in_a_folder(tmp_path):
    path = tmp_path / "a_labels.ome.zarr"
    write_ome_zarr_labels(path, LABELS)
    for place in (path, tmp_path):
        found = read_all(place)
        assert list(found) == ["a"]
        assert np.array_equal(found["a"].labels, LABELS)
