"""Drafts are judged by centres, one to one, and told in a table of a page."""

import drafts_judged as script
import numpy as np
from drawn_slices import EXAM
from sets import VALIDATION_SEEDS
from vessels_judged import written

from segmetry.image import Image
from segmetry.learn.examples import Example


def discs(*middles):
    y, x = np.mgrid[:120, :200]
    labels = np.zeros(y.shape, np.uint32)
    for number, (row, column) in enumerate(middles, start=1):
        labels[np.hypot(y - row, x - column) <= 12] = number
    return labels


def test_cells_found_and_objects_too_many_are_summed_over_pictures():
    seen, true = discs((30, 40), (80, 150)), discs((32, 41), (80, 60))
    pixels = (20 + 150 * (seen > 0)).astype(np.uint8)
    rough = pixels + np.random.default_rng(0).integers(0, 9, pixels.shape, np.uint8)
    one = Example(Image(rough), true)
    draft = script.judged("threshold", {"method": "otsu"}, [one, one], distance=10)
    assert draft == script.Draft(n_true=4, n_right=2, n_wrong=2)
    far = script.judged("threshold", {"method": "otsu"}, [one], distance=1)
    assert far == script.Draft(n_true=2, n_right=0, n_wrong=2)


def test_every_method_is_a_row_with_what_it_found_in_each_kind():
    drafts = {
        name: {"red": script.Draft(200, 50, 3), "drawn": script.Draft(3, 2, 0)}
        for name in script.METHODS
    }
    lines = script.table(drafts)
    assert len(lines) == 2 + len(script.METHODS)
    assert lines[2] == "| `method=otsu` | 25 % of 200 | 3 | 67 % of 3 | 0 |"


def test_drawn_slices_are_not_those_of_the_exam():
    found = list(script.pictures("drawn"))
    assert [one.name for one in found] == [f"drawn {s}" for s in VALIDATION_SEEDS[:6]]
    assert found[0].labels.shape == EXAM.shape


def test_the_page_has_a_place_for_the_table():
    page = (script.DOCS / "annotating.md").read_text(encoding="utf-8")
    assert "| a row |" in written(page, "drafts", ["| a row |"], mark=script.MARK)
