import numpy as np
import pytest

from segmetry.errors import PictureError, WriteError
from segmetry.io.exchange import (
    EXCHANGE_FORMATS,
    Annotation,
    MaskOrigin,
    read_origins,
    write_annotations,
    written_paths,
)

OF_SETS = [name for name, one in EXCHANGE_FORMATS.items() if one.is_of_set]
OF_ONE_FILE = [name for name in OF_SETS if not EXCHANGE_FORMATS[name].beside]
OF_PICTURES = [name for name in EXCHANGE_FORMATS if name not in OF_SETS]


@pytest.fixture
def labels(labels):
    """With numbers that PNG holds too."""
    return labels % 65_521


@pytest.mark.parametrize("name", EXCHANGE_FORMATS)
def test_every_format_writes_files_that_are_there_then(tmp_path, labels, name):
    pictures = [Annotation("a", labels), Annotation("b", labels * 0)]
    assert written_paths(tmp_path / "new", name) == []
    paths = write_annotations(tmp_path / "new", pictures, to=name)
    of_set = 1 + len(EXCHANGE_FORMATS[name].beside)
    assert len(paths) == (of_set if name in OF_SETS else 2)
    assert sorted(paths) == written_paths(tmp_path / "new", name)
    assert all(path.stat().st_size for path in paths)


@pytest.mark.parametrize("name", EXCHANGE_FORMATS)
def test_the_same_objects_give_the_same_bytes(tmp_path, labels, name):
    for folder in ("one", "two"):
        write_annotations(tmp_path / folder, [Annotation("a", labels)], to=name)
    files = [path for path in (tmp_path / "one").rglob("*") if path.is_file()]
    for path in files:
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes()
    assert files


@pytest.mark.parametrize("name", OF_ONE_FILE)
def test_the_file_of_a_set_may_have_a_name_of_its_own(tmp_path, labels, name):
    ending = EXCHANGE_FORMATS[name].ending
    file = tmp_path / f"mine.{ending.rpartition('.')[2]}"
    assert write_annotations(file, [Annotation("a", labels)], to=name) == [file]
    assert written_paths(file, name) == [file]


@pytest.mark.parametrize("name", EXCHANGE_FORMATS)
def test_stacks_are_written_or_refused(tmp_path, name):
    stack = Annotation("a", np.ones((2, 3, 4), np.uint8))
    if EXCHANGE_FORMATS[name].takes_stacks:
        assert write_annotations(tmp_path, [stack], to=name)
        return
    with pytest.raises(PictureError, match="a is a stack of slices"):
        write_annotations(tmp_path, [stack], to=name)


def test_pictures_of_one_name_are_refused(tmp_path, labels):
    with pytest.raises(PictureError, match="two pictures are called A"):
        write_annotations(tmp_path, [Annotation("a", labels), Annotation("A", labels)])


@pytest.mark.parametrize("name", ["masks", "masks-png", "masks-npy", "black-and-white"])
def test_beside_masks_lies_where_they_come_from(tmp_path, labels, name):
    origin = MaskOrigin("corrected", objects={5: "found"})
    pictures = [Annotation("a", labels, origin=origin), Annotation("b", labels)]
    paths = write_annotations(tmp_path, pictures, to=name)
    assert paths[-2:] == [tmp_path / "masks.csv", tmp_path / "mask_objects.csv"]
    assert set(paths) == set(written_paths(tmp_path, name))
    assert read_origins(tmp_path) == {"a": origin}
    assert ",6,1,0,0" in paths[-2].read_text(encoding="utf-8")


def test_the_table_of_a_run_is_left_as_it_is(tmp_path, labels):
    (tmp_path / "objects.csv").write_text("image,label,area_px\n")
    origin = MaskOrigin("corrected", objects={5: "found"})
    write_annotations(tmp_path, [Annotation("a", labels, origin=origin)])
    assert (tmp_path / "objects.csv").read_text() == "image,label,area_px\n"


def test_masks_that_replace_others_have_not_their_origins(tmp_path, labels):
    origin = MaskOrigin("corrected", objects={5: "found"})
    write_annotations(tmp_path, [Annotation("a", labels, origin=origin)])
    write_annotations(tmp_path, [Annotation("a", labels, origin=MaskOrigin("imported"))])
    assert read_origins(tmp_path) == {"a": MaskOrigin("imported")}
    write_annotations(tmp_path, [Annotation("a", labels)])
    assert read_origins(tmp_path) == {}


def test_a_folder_that_cannot_be_made_is_told(tmp_path, labels):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteError, match="Cannot make the folder"):
        write_annotations(tmp_path / "file" / "new", [Annotation("a", labels)])


def test_pictures_are_asked_for_one_at_a_time(tmp_path, labels):
    def pictures():
        for number in range(3):
            assert len(list(tmp_path.glob("*.tif"))) == number
            yield Annotation(f"{number}", labels)

    write_annotations(tmp_path, pictures())
