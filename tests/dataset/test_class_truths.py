import numpy as np
import pytest

from segmetry.dataset.class_truths import (
    class_names,
    coding_of_found,
    find_class_truths,
    name_classes,
    read_found_classes,
)
from segmetry.dataset.judging import judge
from segmetry.dataset.predictions import Prediction, find_predictions
from segmetry.dataset.truths import find_truths
from segmetry.errors import DatasetError, MaskError
from segmetry.evaluate import evaluate_set
from segmetry.io import Coding, write_labels, write_png

NAMES = "ground,rod,disc"
COLORS = np.uint8([(0, 0, 0), (10, 200, 30), (250, 20, 20)])


def classes(seed):
    """A picture of three classes as squares, in one corner of which nothing is known."""
    rng = np.random.default_rng(seed)
    data = np.kron(rng.integers(0, 3, (4, 5)), np.ones((6, 6), int)).astype(np.uint8)
    data[:4, :4] = 255
    return data


def folder_of(path, maps):
    path.mkdir()
    for name, data in maps.items():
        write_png(path / f"{name}.png", data)
    return path


@pytest.fixture
def truth(tmp_path):
    return folder_of(tmp_path / "truth", {f"p{seed}": classes(seed) for seed in range(3)})


def test_a_folder_of_class_maps_is_judged_where_something_is_known(truth, tmp_path):
    found = {f"p{seed}": np.where(classes(seed) == 2, 1, 0) for seed in range(3)}
    wrong = folder_of(tmp_path / "found", {k: v.astype(np.uint8) for k, v in found.items()})
    truths = find_truths(truth, task="classes", class_names=NAMES)
    assert truths.classes.names == ("ground", "rod", "disc")
    judged = judge(wrong, truths, task="classes")
    for seed, item in enumerate(judged.pictures.values()):
        data = classes(seed)
        assert item.confusion.sum() == (data != 255).sum()
        assert item.confusion[2, 1] == (data == 2).sum()
        assert item.confusion[1, 0] == (data == 1).sum()
    perfect = judge(truth, truths, task="classes")
    scores = evaluate_set(perfect.pictures, task="classes").scores
    assert scores["mean_iou"].value == scores["accuracy"].value == 1


def test_colours_of_the_prediction_mean_what_they_mean_in_the_truth(tmp_path):
    data = np.uint8([[0, 1, 2], [2, 2, 1]])
    true = folder_of(tmp_path / "truth", {"a": COLORS[data]})
    found = folder_of(tmp_path / "found", {"a": COLORS[np.minimum(data, 1)]})
    truths = find_truths(true, task="classes")
    judged = judge(found, truths, task="classes").pictures["a"]
    assert judged.confusion[:, :3].tolist() == [[1, 0, 0], [0, 2, 0], [0, 3, 0]]


def run_of(path, name, data, labels):
    """A run's folder of one picture, as far as it matters here."""
    folder = path / name
    folder.mkdir(parents=True)
    (folder / "picture.json").write_text("{}")
    write_labels(folder / "labels.tif", labels)
    if data is not None:
        write_png(folder / "classes.tif", data)
    return path


def test_a_run_brings_objects_for_panoptic_quality(tmp_path):
    data = np.uint8([[0, 1, 1, 0, 2, 2, 1]])
    objects = np.array([[0, 1, 1, 0, 0, 0, 2]])
    true = folder_of(tmp_path / "truth", {"a": data})
    labels = tmp_path / "objects"
    labels.mkdir()
    write_labels(labels / "a.tif", objects)
    truths = find_truths(true, task="classes", class_names=NAMES, objects=labels)
    assert truths.classes.things == (1,)
    merged = np.array([[0, 1, 1, 0, 3, 3, 1]])
    run = run_of(tmp_path / "run", "a", data, merged)
    segments = judge(run, truths, task="classes").pictures["a"].segments
    assert segments.things.tolist() == [False, True, False]
    assert (segments.tp[1], segments.fp[1], segments.fn[1]) == (1, 0, 1)
    with pytest.raises(DatasetError, match="without objects.*give the folder of a run"):
        read_found_classes(Prediction(true / "a.png"), truths.classes, Coding())


def test_a_run_without_class_maps_says_so(tmp_path):
    run = run_of(tmp_path / "run", "a", None, np.ones((2, 2), int))
    truths = find_class_truths({})
    with pytest.raises(DatasetError, match="tells no more than two classes"):
        coding_of_found(truths, find_predictions(run).values())


def test_every_class_needs_a_name(truth):
    with pytest.raises(DatasetError, match="2 names of classes .ground, rod.*up to 2"):
        find_truths(truth, task="classes", class_names="ground,rod")
    truths = find_truths(truth, task="classes")
    assert name_classes(truths.classes) == ("class 0", "class 1", "class 2")


def test_a_found_class_beyond_the_names_is_told(truth, tmp_path):
    found = {"p0": np.full((24, 30), 3, np.uint8)}
    truths = find_truths(truth, task="classes", class_names=NAMES)
    with pytest.raises(DatasetError, match="holds class 3, but only 3 classes"):
        judge(folder_of(tmp_path / "found", found), truths, task="classes")


@pytest.mark.parametrize("text", ["a,,b", "a,a", "", ",".join(map(str, range(256)))])
def test_names_must_differ(text):
    with pytest.raises(DatasetError, match="expected names that differ"):
        class_names(text)


def test_objects_need_a_picture_of_the_same_name_and_size(truth, tmp_path):
    labels = tmp_path / "objects"
    labels.mkdir()
    write_labels(labels / "p0.tif", np.ones((24, 30), int))
    with pytest.raises(DatasetError, match="no label image for p1"):
        find_truths(truth, task="classes", objects=labels)
    for name in ("p1", "p2"):
        write_labels(labels / f"{name}.tif", np.ones((2, 3), int))
    with pytest.raises(DatasetError, match="have not the same size"):
        find_truths(truth, task="classes", objects=labels)


def test_masks_of_objects_are_no_class_maps(tmp_path):
    masks = {"a": np.where(classes(0) == 1, np.uint8(255), np.uint8(0))}
    with pytest.raises(MaskError, match="--task pixels"):
        find_truths(folder_of(tmp_path / "masks", masks), task="classes")


def test_names_of_classes_are_for_classes_alone(truth):
    with pytest.raises(DatasetError, match="are for --task classes, not objects"):
        find_truths(truth, task="objects", class_names=NAMES)


def test_a_run_that_found_nothing_in_a_picture_is_judged_there_too(tmp_path):
    data = np.uint8([[0, 1, 1, 2]])
    true = folder_of(tmp_path / "truth", {"a": data, "b": data})
    run = run_of(tmp_path / "run", "a", data, np.ones((1, 4), int))
    nothing = np.uint8([[0, 0, 0, 255]])  # the last pixel was excluded
    run_of(tmp_path / "run", "b", nothing, np.zeros((1, 4), int))
    judged = judge(run, find_truths(true, task="classes"), task="classes")
    assert not judged.failed
    assert judged.pictures["b"].confusion[1].tolist() == [2, 0, 0, 0]
    alone = run_of(tmp_path / "alone", "b", nothing, np.zeros((1, 4), int))
    judged = judge(alone, find_truths(true, task="classes"), task="classes")
    assert judged.pictures["b"].confusion[2].tolist() == [0, 0, 0, 1]


def test_a_grey_class_among_colours_is_a_colour_also_where_it_is_alone(tmp_path):
    colors = np.uint8([(0, 0, 0), (128, 128, 128), (250, 20, 20)])
    maps = {"a": colors[[[0, 1, 2]]], "b": colors[[[0, 1, 1]]]}
    true = folder_of(tmp_path / "truth", maps)
    judged = judge(true, find_truths(true, task="classes"), task="classes")
    assert not judged.failed
    assert judged.pictures["b"].confusion[1].tolist() == [0, 2, 0, 0]


def test_colours_are_not_taken_for_the_numbers_of_the_truth(tmp_path):
    data = np.uint8([[0, 1, 2]])
    true = folder_of(tmp_path / "truth", {"a": data})
    found = folder_of(tmp_path / "found", {"a": COLORS[data]})
    with pytest.raises(DatasetError, match="by colours and the truth by numbers"):
        judge(found, find_truths(true, task="classes"), task="classes")
