"""Pictures of cells come in one channel, and marks of several cells teach nothing."""

import numpy as np
import pytest
import sets
from drawn_slices import EXAM, drawn_slice
from PIL import Image as Picture

from segmetry.image import Image
from segmetry.learn.examples import Example


def discs(*places, shape=(80, 120)):
    """Labels of discs: (number, row, column, radius)."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.uint32)
    for number, row, column, radius in places:
        labels[(y - row) ** 2 + (x - column) ** 2 <= radius**2] = number
    return labels


def marked(labels, weights=(1, 0, 0)):
    grey = np.where(labels > 0, 150, 20)
    pixels = (grey[..., None] * np.asarray(weights)).astype(np.uint8)
    return Example(Image(pixels, axes="YXC"), labels, name="slice.png")


TWO_AS_ONE = ((3, 40, 70, 12), (3, 40, 91, 12))


def test_marks_of_several_cells_are_left_out():
    labels = discs((1, 20, 20, 12), (2, 60, 20, 12), *TWO_AS_ONE)
    kept = sets.without_joined(marked(labels))
    assert np.unique(kept.labels).tolist() == [0, 1, 2]
    assert np.array_equal(kept.image.included, labels != 3)


def test_cells_of_one_piece_all_stay():
    labels = discs((1, 20, 20, 12), (2, 60, 20, 10), (3, 40, 70, 14))
    kept = sets.without_joined(marked(labels))
    assert np.array_equal(kept.labels, labels)
    assert kept.image.included.all()


def test_a_bump_on_a_cell_is_no_second_cell():
    labels = discs((1, 20, 20, 12), (2, 60, 20, 12), (3, 40, 70, 12), (3, 40, 84, 3))
    assert 3 in sets.without_joined(marked(labels)).labels


def test_what_was_excluded_before_stays_so():
    labels = discs((1, 20, 20, 12))
    excluded = np.zeros(labels.shape, bool)
    excluded[:, 100:] = True
    one = marked(labels)
    image = Image(one.image.pixels, axes="YXC", excluded=excluded)
    kept = sets.without_joined(Example(image, labels))
    assert np.array_equal(kept.image.included, ~excluded)


@pytest.mark.parametrize(
    ("weights", "channel"), [((1, 0.8, 0), 0), ((0, 1, 0.2), 1), ((0.2, 0.1, 1), 2)]
)
def test_an_example_is_seen_in_its_clearest_channel(weights, channel):
    one = marked(discs((1, 20, 20, 12)), weights)
    seen = sets.in_one_channel(one)
    assert seen.image.axes == "YX"
    assert np.array_equal(seen.image.pixels, one.image.pixels[..., channel])
    assert sets.in_one_channel(seen) is seen


@pytest.mark.parametrize("seed", range(4))
def test_drawn_examples_hold_the_cells_of_their_slice(seed):
    one = sets.drawn_example(seed, EXAM)
    assert one.image.axes == "YX"
    assert np.array_equal(one.labels, drawn_slice(seed).labels)
    assert one.name == one.group == f"drawn {seed}"


@pytest.mark.slow
def test_neurons_come_from_three_sets_and_the_test_slices_stay_closed(
    tmp_path, monkeypatch
):
    folder = tmp_path / "fluocells" / "train"
    names = ["red_a", sets.HELD_OUT_NEURONS]
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    for name in names:
        one = marked(discs((1, 20, 20, 12)))
        Picture.fromarray(one.image.pixels).save(folder / "images" / f"{name}.png")
        Picture.fromarray(one.labels.astype(np.uint16)).save(
            folder / "masks" / f"{name}.png"
        )
    (tmp_path / "fluocells" / "test").write_bytes(b"not a folder")
    fluorescent = [Example(Image(np.eye(9)), np.eye(9, dtype=np.uint32), kind="fluo_small")]
    stained = [Example(Image(np.eye(9)), np.eye(9, dtype=np.uint32), kind="he_purple")]
    monkeypatch.setattr(sets, "nuclei", lambda: ([*fluorescent, *stained], fluorescent))
    monkeypatch.setattr(sets, "DATA", tmp_path)
    monkeypatch.setattr(sets, "TRAINING_SEEDS", range(10_000, 10_002))
    monkeypatch.setattr(sets, "VALIDATION_SEEDS", range(20_000, 20_001))
    training, validation = sets.neurons()
    assert [one.kind for one in training] == ["fluo_small", "neurons", "drawn", "drawn"]
    assert [one.kind for one in validation] == ["fluo_small", "neurons", "drawn"]
    assert validation[1].name == f"{sets.HELD_OUT_NEURONS}.png"
    assert {one.image.axes for one in (*training, *validation)} == {"YX"}
