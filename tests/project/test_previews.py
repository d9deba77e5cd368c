"""What is found in a window is what a run finds there."""

from dataclasses import replace

import imagecodecs
import numpy as np
import pytest

from segmetry import io
from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.io import write_png
from segmetry.project import Order, PreviewOrder, check_window, prepare, preview
from segmetry.project.previews import MOST_PIXELS, _ready
from segmetry.recipe import Recipe, Segmentation, recipe_text, run


def asked(path, recipe, window):
    order = Order("p", path.name, path, recipe_text(recipe))
    return PreviewOrder(order, window)


def shown(path, recipe, window):
    made = preview(asked(path, recipe, window))
    data = np.frombuffer(imagecodecs.zstd_decode(made.packed), "<u4")
    return data.reshape(window[3], window[2]), made


def test_a_picture_that_was_prepared_is_not_read_again(picture, simple):
    _ready.cache_clear()
    prepare(asked(picture, simple, (0, 0, 9, 9)).order)
    assert _ready.cache_info().misses == 1
    data, _ = shown(picture, simple, (0, 0, 300, 200))
    assert _ready.cache_info().misses == 1
    assert np.array_equal(data, run(simple, io.read(picture)).labels.data)


def with_area(recipe, **area):
    return Recipe.model_validate(recipe.model_dump() | {"area": area})


def test_a_window_as_large_as_the_picture_shows_the_objects_of_a_run(picture, simple):
    data, made = shown(picture, simple, (0, 0, 300, 200))
    expected = run(simple, io.read(picture)).labels.data
    assert np.array_equal(data, expected)
    assert made.n_objects == 12
    assert made.seconds > 0


@pytest.mark.parametrize("seed", range(10))
def test_a_window_shows_what_the_recipe_finds_in_that_part_of_the_picture(
    picture, simple, seed
):
    rng = np.random.default_rng(seed)
    x, y = (int(start) for start in rng.integers(0, (150, 100)))
    width, height = (int(side) for side in rng.integers((100, 80), (150, 100)))
    data, made = shown(picture, simple, (x, y, width, height))
    part = io.read(picture).pixels[y : y + height, x : x + width]
    expected = run(simple, Image(part)).labels.data
    assert np.array_equal(data, expected)
    assert made.n_objects == len(np.unique(expected)) - 1


def test_nothing_is_shown_in_what_is_excluded_of_the_picture(picture, simple):
    window = (50, 20, 200, 120)
    everything, _ = shown(picture, simple, window)
    without, made = shown(picture, with_area(simple, exclude=[[0, 0, 130, 200]]), window)
    assert everything[:, :80].any()
    assert not without[:, :80].any()
    assert made.n_objects > 0
    inside, _ = shown(picture, with_area(simple, only=[[50, 20, 90, 120]]), window)
    assert inside[:, :90].any()
    assert not inside[:, 90:].any()


def test_the_picture_is_read_once_for_many_options_and_anew_when_it_changes(
    picture, simple
):
    _ready.cache_clear()
    for min_area in (10, 20, 30):
        options = {"segmentation": {"name": "threshold", "options": {"min_area": min_area}}}
        chosen = Recipe.model_validate(simple.model_dump() | options)
        shown(picture, chosen, (0, 0, 300, 200))
    assert (_ready.cache_info().misses, _ready.cache_info().hits) == (1, 2)
    pixels = np.full((200, 300), 40, np.uint8)
    pixels[50:70, 60:90] = 200
    write_png(picture, pixels)
    assert shown(picture, simple, (0, 0, 300, 200))[1].n_objects == 1


def test_a_window_lies_in_the_field_of_view_of_the_whole_picture(home, simple):
    y, x = np.mgrid[:400, :400] - 199.5
    inside = np.hypot(y, x) < 180
    pixels = np.where(inside, 120, 3).astype(np.uint8)
    pixels[inside & (np.abs(x - y) < 3)] = 70  # a vessel from one edge to the other
    write_png(home / "fundus.png", pixels)
    ridge = simple.model_copy(update={"segmentation": Segmentation(name="ridge")})
    expected = run(ridge, io.read(home / "fundus.png"))
    assert not expected.image.included[:20].any()
    data, _ = shown(home / "fundus.png", ridge, (0, 0, 400, 400))
    assert np.array_equal(data, expected.labels.data)
    corner, _ = shown(home / "fundus.png", ridge, (0, 0, 120, 120))
    assert not corner[~expected.image.included[:120, :120]].any()
    assert corner[80:100, 80:100].any()


def test_an_area_or_a_window_leaves_vessels_at_the_scale_of_the_whole_picture(home, simple):
    y, x = np.mgrid[:300, :300] - 149.5
    inside = np.hypot(y, x) < 135  # half as large as in the training
    pixels = np.where(inside, 120, 3).astype(np.uint8)
    pixels[inside & (np.abs(x - y) < 3)] = 70
    write_png(home / "fundus.png", np.repeat(pixels[..., None], 3, axis=2))
    options = {"flips": False}
    chosen = with_area(
        simple.model_copy(
            update={"segmentation": Segmentation(name="vessels", options=options)}
        ),
        only=[[80, 90, 110, 120]],
    )
    expected = run(chosen, io.read(home / "fundus.png"))
    assert expected.maps.found["scale"] == pytest.approx(2, abs=0.02)
    data, _ = shown(home / "fundus.png", chosen, (0, 0, 300, 300))
    assert np.array_equal(data, expected.labels.data)
    part, _ = shown(home / "fundus.png", chosen, (80, 90, 110, 120))
    away = (part > 0) ^ (expected.labels.data[90:210, 80:190] > 0)
    assert away[20:-20, 20:-20].mean() < 0.02


@pytest.mark.parametrize("name", ["threshold", "nuclei"])
def test_the_map_is_that_in_which_objects_were_found(picture, simple, name):
    chosen = simple.model_copy(update={"segmentation": Segmentation(name=name)})
    order = asked(picture, chosen, (0, 0, 300, 200))
    made = preview(replace(order, with_map=True))
    content = np.frombuffer(imagecodecs.zstd_decode(made.packed), np.uint8)
    labels, likely = content[:240_000].view("<u4"), content[240_000:]
    expected = run(chosen, io.read(picture))
    assert np.array_equal(labels, expected.labels.data.ravel())
    assert np.array_equal(likely, np.rint(255 * expected.maps.foreground).ravel())
    assert made.cutoff == expected.maps.cutoff


@pytest.mark.parametrize(
    "window", [(1, 0, 300, 200), (0, 1, 300, 200), (300, 0, 1, 1), (0, 200, 1, 1)]
)
def test_a_window_that_is_not_in_the_picture_is_refused(picture, simple, window):
    with pytest.raises(RecipeError, match="inside the picture of 300 x 200"):
        preview(asked(picture, simple, window))


def test_a_window_of_one_megapixel_is_the_largest():
    check_window((5, 5, 1024, 1024), (3000, 3000))
    with pytest.raises(RecipeError, match=f"at most {MOST_PIXELS:,} pixels"):
        check_window((5, 5, 1024, 1025), (3000, 3000))
