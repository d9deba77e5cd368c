import hashlib

import numpy as np
import pytest

from segmetry import io
from segmetry.errors import PictureError, ReadError, RecipeError, SegmetryWarning
from segmetry.image import Image
from segmetry.recipe import Recipe, changed, check, files_used, make_ready, run
from segmetry.recipe.view import mask_hashes, within_field_of_view

Y, X = np.mgrid[:200, :220]
DISC = np.hypot(Y - 100, X - 110) < 90


def retina(name="07.png"):
    pixels = np.where(DISC, 120.0, 4.0)
    pixels[DISC & (np.abs(Y - X) < 3)] = 70
    noise = np.random.default_rng(0).normal(0, 1, pixels.shape)
    return Image(np.clip(pixels + noise, 0, 255).astype(np.uint8), name=name)


def recipe(segmenter="ridge", choice="auto"):
    return Recipe(segmentation={"name": segmenter}, area={"field_of_view": choice})


@pytest.fixture
def masks(tmp_path):
    """A folder of masks of 07.png and 08.png."""
    for name, view in (("07_mask.png", DISC), ("08.png", DISC & (Y > 50))):
        io.write_png(tmp_path / name, (view * 255).astype(np.uint8))
    return tmp_path


def test_a_segmenter_for_vessels_sees_the_field_of_view_alone():
    ready = make_ready(recipe(), retina())
    assert (ready.image.included ^ DISC).sum() < 0.02 * DISC.sum()
    step = ready.image.steps[-1]
    assert step.name == "field of view"
    assert step.options["source"] == "found"


@pytest.mark.parametrize(
    ("segmenter", "choice"), [("threshold", "auto"), ("ridge", "none")]
)
def test_others_see_all_of_the_picture_and_so_does_who_asks_for_it(segmenter, choice):
    assert make_ready(recipe(segmenter, choice), retina()).image.included.all()


def test_a_picture_without_a_field_of_view_stays_whole():
    image = Image(np.random.default_rng(0).integers(90, 110, (80, 80), np.uint8))
    assert within_field_of_view(image, "auto", wanted=True) is image


def test_a_mask_counts_for_every_segmenter(masks):
    image = make_ready(recipe("threshold", str(masks / "08.png")), retina()).image
    assert np.array_equal(image.included, DISC & (Y > 50))
    assert image.steps[-1].options["source"] == "08.png"


@pytest.mark.parametrize(("name", "above"), [("07.png", -1), ("08.tif", 50)])
def test_a_folder_holds_the_mask_of_each_picture(masks, name, above):
    image = within_field_of_view(retina(name), str(masks), wanted=False)
    assert np.array_equal(image.included, DISC & (above < Y))


# Of a disc from 20 to 200 across and 10 to 190 down.
AREAS = {
    "a part in the middle": {"only": [[80, 70, 60, 50]]},
    "parts at the rim": {"only": [[0, 0, 70, 60], [150, 90, 70, 60]]},
    "all but the left half": {"exclude": [[0, 0, 110, 200]]},
    "all but the lower half": {"exclude": [[0, 100, 220, 100]]},
}


def view_told(ready):
    return next(step for step in ready.image.steps if step.name == "field of view").options


@pytest.mark.parametrize("kind", ["found", "08.png"])
@pytest.mark.parametrize("area", AREAS.values(), ids=AREAS)
def test_an_area_leaves_the_field_of_view_as_it_is_in_the_whole_picture(masks, area, kind):
    choice = "auto" if kind == "found" else str(masks / kind)
    whole = make_ready(recipe("vessels", choice), retina())
    chosen = changed(recipe("vessels", choice), {"area": area | {"field_of_view": choice}})
    part = make_ready(chosen, retina())
    assert view_told(part) == view_told(whole)
    assert view_told(part)["source"] == kind
    within = make_ready(changed(recipe("threshold", "none"), {"area": area}), retina())
    both = whole.image.included & within.image.included
    assert np.array_equal(part.image.included, both)


def test_an_area_beyond_the_field_of_view_leaves_nothing_and_is_told():
    chosen = changed(recipe("ridge"), {"area": {"only": [[0, 0, 15, 15]]}})
    with pytest.raises(PictureError, match="all of the picture is excluded"):
        run(chosen, retina())


def test_vessels_where_nobody_wants_a_field_of_view_come_with_a_warning():
    chosen = changed(
        recipe("vessels", "none"), {"segmentation": {"options": {"flips": False}}}
    )
    with pytest.warns(SegmetryWarning, match="field of view is not known"):
        run(chosen, Image(np.repeat(retina().pixels[..., None], 3, axis=2), axes="YXC"))


def test_a_picture_without_a_mask_in_the_folder_is_refused(masks):
    with pytest.raises(RecipeError, match=r"one field-of-view mask for 09.png.*got none"):
        within_field_of_view(retina("09.png"), str(masks), wanted=True)


def test_a_picture_with_several_masks_is_refused(masks):
    io.write_png(masks / "07_other.png", DISC.astype(np.uint8))
    with pytest.raises(RecipeError, match=r"got 07_mask.png, 07_other.png"):
        within_field_of_view(retina(), str(masks), wanted=True)


def test_a_mask_that_is_not_there_is_refused_before_any_picture(tmp_path):
    with pytest.raises(RecipeError, match="no field-of-view mask gone.png"):
        check(recipe(choice=str(tmp_path / "gone.png")))


def test_a_mask_of_another_size_is_refused(tmp_path):
    io.write_png(tmp_path / "small.png", np.full((20, 20), 255, np.uint8))
    with pytest.raises(PictureError, match="height and width"):
        within_field_of_view(retina(), str(tmp_path / "small.png"), wanted=True)


def test_a_stack_is_no_mask(tmp_path):
    path = tmp_path / "stack.npy"
    np.save(path, np.zeros((2, 200, 220), np.uint8) + DISC)
    with pytest.raises(ReadError, match="is a stack"):
        within_field_of_view(retina(), str(path), wanted=True)


def test_masks_are_among_the_files_that_decide_what_is_found(masks):
    hashed = hashlib.sha256((masks / "08.png").read_bytes()).hexdigest()
    assert files_used(recipe(choice=str(masks / "08.png"))) == {"08.png": hashed}
    assert set(mask_hashes(str(masks))) == {"07_mask.png", "08.png"}
    assert mask_hashes("auto") == mask_hashes("none") == {}
