import numpy as np
import pytest

from segmetry.dataset import describe, find_parts
from segmetry.dataset.origins import find_origins
from segmetry.errors import ReadError
from segmetry.io import write_labels, write_png
from segmetry.io.exchange import MaskOrigin, write_origins


def test_masks_are_known_by_the_names_of_their_pictures(tmp_path):
    told = {"A 1": MaskOrigin("draft"), "b": MaskOrigin("corrected")}
    write_origins(tmp_path, [(name, 1, one) for name, one in told.items()])
    names = ["a 1_labels.tif", "b.png", "c.png", "b_mask.png"]
    found = find_origins(tmp_path / name for name in names)
    assert found == [told["A 1"], told["b"], None, told["b"]]


def test_masks_of_several_folders_have_their_own_tables(tmp_path):
    for kind in ("draft", "imported"):
        (tmp_path / kind).mkdir()
        write_origins(tmp_path / kind, [("a", 1, MaskOrigin(kind))])
    paths = [tmp_path / name / "a.tif" for name in ("imported", "draft", "none")]
    kinds = [one and one.kind for one in find_origins(paths)]
    assert kinds == ["imported", "draft", None]


def test_a_table_that_says_nonsense_is_told(tmp_path):
    (tmp_path / "masks.csv").write_text("image,mask_origin\na,guessed\n")
    with pytest.raises(ReadError, match="kind must be one of"):
        find_origins([tmp_path / "a.tif"])


@pytest.fixture
def annotated(tmp_path):
    labels = np.zeros((30, 40), np.uint8)
    labels[5:15, 5:15], labels[20:28, 20:35] = 1, 2
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for name in "abc":
        write_png(tmp_path / "images" / f"{name}.png", labels * 90)
        write_labels(tmp_path / "masks" / f"{name}.tif", labels)
    return tmp_path


def test_a_description_tells_where_masks_come_from(annotated):
    rows = [("a", 2, MaskOrigin("draft")), ("b", 2, MaskOrigin("draft", checked=True))]
    write_origins(annotated / "masks", rows)
    told = describe(find_parts(annotated)).to_json()
    assert told["mask_origins"] == [
        {"mask_origin": "draft", "n_pictures": 2},
        {"mask_origin": "not told", "n_pictures": 1},
    ]
    assert told["n_unchecked_drafts"] == 1
    assert [row["mask_origin"] for row in told["pictures"]] == ["draft", "draft", None]


def test_where_nobody_told_a_description_is_silent(annotated):
    told = describe(find_parts(annotated)).to_json()
    assert told["mask_origins"] == []
    assert told["n_unchecked_drafts"] == 0


def test_a_description_ends_where_the_table_is_none(annotated):
    (annotated / "masks" / "masks.csv").write_text("image,mask_origin\na,guessed\n")
    with pytest.raises(ReadError, match="got 'guessed'"):
        describe(find_parts(annotated))
