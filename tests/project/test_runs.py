import pickle

import numpy as np
import pytest

from segmetry import io
from segmetry.errors import PictureError, ReadError
from segmetry.image import Image, Labels, PixelSize
from segmetry.io import limits
from segmetry.measure import measure
from segmetry.project import PreviewOrder, look_at, preview
from segmetry.project.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from segmetry.project.runs import Order, carry_out, labels_of_run
from segmetry.recipe import Recipe, recipe_text, run

SIMPLE = {"segmentation": {"name": "threshold"}, "calibration": {"scale_bar": False}}


def recipe(**parts):
    return Recipe.model_validate(SIMPLE | parts)


def order(path, recipe):
    return Order("p", "a.png", path, recipe_text(recipe))


CHOICES = [
    {},
    {"calibration": {"pixel_size": "3 nm", "scale_bar": False}},
    {"banner": {"exclude": "40"}},
    {"banner": {"exclude": "40", "fill": "crop"}},
    {"banner": {"exclude": "0:30", "fill": "reflect"}},
    {"area": {"only": [[10, 10, 200, 150]], "exclude": [[30, 30, 9, 9]]}},
]


@pytest.mark.parametrize("parts", CHOICES)
def test_labels_and_table_are_those_of_the_recipe(picture, tmp_path, parts):
    chosen = recipe(**parts)
    expected = run(chosen, io.read(picture))
    found = carry_out(order(picture, chosen))
    write_checkpoint(tmp_path / "a", found)
    kept = read_checkpoint(tmp_path / "a")
    labels = labels_of_run(picture, chosen, kept.facts, kept)
    assert len(expected.objects) > 3
    assert np.array_equal(labels.data, expected.labels.data)
    assert labels.steps == expected.labels.steps
    assert labels.image.steps == expected.image.steps
    assert labels.image.pixel_size == expected.image.pixel_size
    assert np.array_equal(labels.image.included, expected.image.included)
    assert np.array_equal(labels.image.pixels, expected.image.pixels)
    assert measure(labels).equals(expected.objects)


def test_the_row_of_the_picture_is_that_of_the_table_of_images(picture):
    found = carry_out(order(picture, recipe(banner={"exclude": "40"})))
    row = found.facts["row"]
    assert (row["image"], row["status"], row["n_objects"]) == ("a", "done", 12)
    assert (row["width_px"], row["frame_y_max_px"], row["banner_rows"]) == (
        300,
        160,
        "160:200",
    )


def test_what_a_person_should_know_is_kept(home, discs):
    path = home / "a.tif"
    data = discs([10] * 12)
    size = PixelSize(y=20, x=20, unit="nm", source="typed")
    io.write_labels(path, Labels(data, Image(data, pixel_size=size)))
    typed = {"pixel_size": "22 nm", "choice": "typed", "scale_bar": False}
    found = carry_out(order(path, recipe(calibration=typed)))
    assert any("chosen by hand" in remark for remark in found.facts["remarks"])


@pytest.mark.slow
def test_how_sure_a_model_is_comes_along(home, annotated):
    path = home / "cells.png"
    io.write_png(path, annotated(seed=3, shape=(128, 128))[0])
    chosen = recipe(segmentation={"name": "nuclei"})
    found = carry_out(Order("p", "cells.png", path, recipe_text(chosen)))
    expected = run(chosen, io.read(path)).objects
    assert len(expected) > 2
    assert np.array_equal(found.arrays["confidence"], expected["confidence"])
    assert np.array_equal(found.arrays["confidence_of"], expected["label"])


def test_orders_and_findings_travel_between_processes(picture):
    sent = pickle.loads(pickle.dumps(order(picture, recipe())))
    found = pickle.loads(pickle.dumps(carry_out(sent)))
    assert found.data.max() == 12


def test_labels_of_another_shape_are_refused(picture):
    found = carry_out(order(picture, recipe()))
    wrong = Checkpoint(np.zeros((5, 5), np.uint32))
    with pytest.raises(PictureError, match="run it again"):
        labels_of_run(picture, recipe(), found.facts, wrong)


def test_an_upload_is_read_within_the_limits_of_strangers(
    project, picture, simple, monkeypatch
):
    upload = project.pictures.upload("a.png", [picture.read_bytes()])
    local = project.pictures.add(picture)
    for one in (upload, local):
        project.pictures.keep_look(one, look_at(picture, simple))
    found = [project.labels.run(one, simple) for one in (upload, local)]
    monkeypatch.setattr(limits, "_STRANGERS_VALUES", 1000)
    assert project.labels.open(found[1]).n_objects == 12
    order = project.labels.order(local, simple)
    assert len(np.unique(carry_out(order).data)) == 13
    preview(PreviewOrder(order, (0, 0, 20, 20)))
    order = project.labels.order(upload, simple)
    for read in (
        lambda: project.labels.open(found[0]),
        lambda: carry_out(order),
        lambda: preview(PreviewOrder(order, (0, 0, 20, 20))),
    ):
        with pytest.raises(ReadError, match="more than 200 megapixels"):
            read()
    assert project.labels.n_objects(found[0]) == 12
