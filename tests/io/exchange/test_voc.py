from xml.etree import ElementTree as ET

import numpy as np
import pytest

from segmetry.io.exchange import Annotation, write_voc


@pytest.mark.parametrize("seed", range(20))
def test_a_box_counts_pixels_from_one_and_holds_the_last(tmp_path, random_labels, seed):
    labels = random_labels(seed)
    write_voc(tmp_path / "a.xml", Annotation("a", labels, "a.png"))
    root = ET.parse(tmp_path / "a.xml").getroot()
    assert root.findtext("filename") == "a.png"
    size = [int(root.findtext(f"size/{side}")) for side in ("height", "width")]
    assert size == list(labels.shape)
    numbers = [int(one.findtext("label")) for one in root.iter("object")]
    assert numbers == [number for number in np.unique(labels) if number]
    for number, one in zip(numbers, root.iter("object"), strict=True):
        box = [int(one.findtext(f"bndbox/{side}")) for side in ("xmin", "ymin")]
        box += [int(one.findtext(f"bndbox/{side}")) for side in ("xmax", "ymax")]
        y, x = np.nonzero(labels == number)
        assert box == [x.min() + 1, y.min() + 1, x.max() + 1, y.max() + 1]


def test_objects_at_the_edge_are_truncated(tmp_path, labels):
    write_voc(tmp_path / "a.xml", Annotation("a", labels), category="nucleus")
    root = ET.parse(tmp_path / "a.xml").getroot()
    cut = {
        one.findtext("label")
        for one in root.iter("object")
        if one.findtext("truncated") == "1"
    }
    assert cut == {"2"}
    assert {one.findtext("name") for one in root.iter("object")} == {"nucleus"}


def test_a_name_in_any_letters_is_kept(tmp_path):
    one = Annotation("a", np.ones((1, 1), int), "细胞 <1> & ø.png")
    write_voc(tmp_path / "a.xml", one)
    assert ET.parse(tmp_path / "a.xml").findtext("filename") == "细胞 <1> & ø.png"
