import cv2
import numpy as np
import pytest

from segmetry.errors import CalibrationError, PictureError, RecipeError
from segmetry.image import Image, PixelSize
from segmetry.recipe import Recipe, check, doubts_of, find_objects, make_ready, run
from segmetry.recipe.run import before_segmenting

SIMPLE = {"segmentation": {"name": "threshold"}, "calibration": {"scale_bar": False}}


def recipe(**parts):
    return Recipe.model_validate(SIMPLE | parts)


def test_objects_are_found_and_measured_in_real_units(discs):
    size = PixelSize(y=20, x=20, unit="nm", source="zeiss")
    result = run(recipe(), Image(discs([10] * 12), pixel_size=size))
    assert len(result.objects) == 12
    assert result.objects["equivalent_diameter_um"].mean() == pytest.approx(0.4, rel=0.02)
    assert result.labels.image is result.image
    assert [step.name for step in result.image.steps] == ["calibrate"]
    assert result.labels.steps[-1].name == "threshold"


def test_a_typed_size_counts_where_nothing_else_is_known(discs):
    result = run(
        recipe(calibration={"pixel_size": "2 um", "scale_bar": False}),
        Image(discs([10] * 12)),
    )
    assert result.image.pixel_size.source == "typed"
    assert result.objects["area_um2"].iloc[0] == 4 * result.objects["area_px"].iloc[0]


def test_sources_that_disagree_stop_the_run_until_one_is_chosen(discs):
    size = PixelSize(y=20, x=20, unit="nm", source="zeiss")
    picture = Image(discs([10] * 12), pixel_size=size)
    typed = {"pixel_size": "22 nm", "scale_bar": False}
    with pytest.raises(CalibrationError, match="20") as caught:
        run(recipe(calibration=typed), picture)
    assert "22" in str(caught.value)
    for choice, expected in (("typed", 0.022), ("metadata", 0.020)):
        chosen = run(recipe(calibration=typed | {"choice": choice}), picture)
        assert chosen.image.pixel_size.in_um.x == pytest.approx(expected)
    none = run(recipe(calibration=typed | {"choice": "none"}), picture)
    assert none.image.pixel_size is None


@pytest.mark.parametrize(("rows", "expected"), [("50", (150, 200)), ("0:40", (0, 40))])
def test_rows_named_as_a_banner_hold_no_object(discs, rows, expected):
    result = run(recipe(banner={"exclude": rows}), Image(discs([10] * 30)))
    assert (result.banner.top, result.banner.bottom) == expected
    assert not result.labels.data[slice(*expected)].any()
    assert result.image.excluded[slice(*expected)].all()
    assert result.image.included.sum() == 300 * (200 - (expected[1] - expected[0]))
    assert result.labels.data.any()


@pytest.mark.parametrize("rows", ["200", "0:200", "60:50", "150:201"])
def test_rows_that_leave_no_picture_are_told(discs, rows):
    with pytest.raises(RecipeError, match="--exclude-banner"):
        run(recipe(banner={"exclude": rows}), Image(discs([10])))


def test_a_banner_can_be_cropped(discs):
    result = run(recipe(banner={"exclude": "50", "fill": "crop"}), Image(discs([10] * 12)))
    assert result.labels.data.shape == (150, 300)


@pytest.mark.parametrize("fill", ["reflect", "nearest", "constant", "inpaint"])
def test_a_filled_banner_still_holds_no_object(discs, fill):
    result = run(recipe(banner={"exclude": "50", "fill": fill}), Image(discs([10] * 30)))
    assert result.labels.data.shape == (200, 300)
    assert not result.labels.data[150:].any()


def test_a_stack_is_told_how_to_choose():
    with pytest.raises(PictureError, match="--page"):
        run(Recipe(), Image(np.zeros((3, 20, 20), np.uint8), axes="ZYX"))


def test_further_perimeters_are_columns(discs):
    result = run(recipe(measurement={"perimeters": ["crofton"]}), Image(discs([10] * 3)))
    assert "perimeter_crofton_px" in result.objects.columns


def test_running_twice_gives_the_same(discs):
    picture = Image(discs([10] * 12, noise=20))
    first, second = run(Recipe(), picture), run(Recipe(), picture)
    assert np.array_equal(first.labels.data, second.labels.data)
    assert first.objects.equals(second.objects)


@pytest.mark.parametrize(
    "parts",
    [
        {"segmentation": {"name": "magic"}},
        {"segmentation": {"name": "local", "options": {"windw": 3}}},
        {"calibration": {"pixel_size": "300 dpi"}},
        {"statistics": {"limit": "small"}},
    ],
)
def test_a_recipe_that_would_fail_everywhere_is_refused_at_once(parts):
    with pytest.raises(RecipeError):
        check(Recipe.model_validate(parts))


@pytest.mark.slow
def test_the_scale_bar_and_its_label_are_no_objects(discs):
    pixels = discs([14] * 24, shape=(460, 600), dark=90, bright=160)
    cv2.rectangle(pixels, (420, 440), (569, 444), 255, -1)
    cv2.putText(pixels, "200 nm", (440, 430), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    with_bar = {"segmentation": {"name": "threshold"}}
    struck_out = run(Recipe.model_validate(with_bar), Image(pixels))
    assert struck_out.image.pixel_size.source == "scale bar"
    assert struck_out.image.pixel_size.in_um.x == pytest.approx(0.2 / 150, rel=0.015)
    assert len(struck_out.objects) == 24
    everything = with_bar | {"banner": {"exclude": "none"}}
    kept = run(Recipe.model_validate(everything), Image(pixels))
    assert len(kept.objects) > 24


def test_objects_are_looked_for_within_the_area_only(discs):
    parts = {"only": [[0, 0, 150, 200], [200, 0, 60, 90]], "exclude": [[20, 10, 40, 500]]}
    result = run(recipe(area=parts), Image(discs([10] * 30)))
    expected = np.zeros((200, 300), bool)
    expected[:, :150] = expected[:90, 200:260] = True
    expected[10:, 20:60] = False
    assert np.array_equal(result.image.included, expected)
    assert result.labels.data.any()
    assert not result.labels.data[~expected].any()
    assert result.image.steps[-1].name == "area"


def test_an_area_is_told_in_pixels_of_the_picture_as_read(discs):
    parts = {"exclude": [[0, 60, 300, 10]]}
    cropped = {"exclude": "0:50", "fill": "crop"}
    result = run(recipe(area=parts, banner=cropped), Image(discs([10] * 30)))
    assert np.flatnonzero(result.image.excluded.any(axis=1)).tolist() == list(range(10, 20))


@pytest.mark.parametrize("rectangle", [[300, 0, 5, 5], [0, 200, 5, 5]])
def test_an_area_outside_the_picture_is_told(discs, rectangle):
    with pytest.raises(RecipeError, match="lies outside the picture"):
        run(recipe(area={"exclude": [rectangle]}), Image(discs([10])))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"calibration": {"choice": "typed"}}, "needs a size"),
        ({"calibration": {"pixel_size": "2 furlongs"}}, "furlongs"),
        ({"statistics": {"limit": "short"}}, "short"),
        ({"banner": {"exclude": "0"}}, "names no rows"),
        ({"banner": {"exclude": "60:60"}}, "names no rows"),
        ({"segmentation": {"name": "nonesuch"}}, "nonesuch"),
        ({"segmentation": {"name": "threshold", "options": {"min_are": 3}}}, "min_area"),
        ({"segmentation": {"name": "absent.segmodel"}}, "absent"),
    ],
)
def test_what_would_fail_on_every_picture_is_told_before_any_is_read(parts, said):
    with pytest.raises(RecipeError, match=said):
        check(recipe(**parts))


@pytest.mark.parametrize("name", ["threshold", "local", "auto", "ridge"])
def test_what_comes_before_segmenting_depends_on_no_option_of_the_method(name):
    plain = recipe(segmentation={"name": name})
    chosen = recipe(segmentation={"name": name, "options": {"min_area": 99}})
    assert before_segmenting(plain) == before_segmenting(chosen)
    others = {"measurement": {"perimeters": ["imagej"]}, "statistics": {"seed": 3}}
    assert before_segmenting(recipe(**others)) == before_segmenting(recipe())
    moved = recipe(banner={"exclude": "20"})
    assert before_segmenting(moved) != before_segmenting(recipe())


def test_pictures_with_a_field_of_view_are_made_ready_otherwise():
    vessels, others = (recipe(segmentation={"name": name}) for name in ("ridge", "local"))
    assert before_segmenting(vessels) != before_segmenting(others)


@pytest.mark.parametrize("seed", range(4))
def test_a_picture_that_is_ready_gives_what_the_whole_run_gives(discs, seed):
    """The app keeps pictures ready, and changes the method only."""
    image = Image(discs([8, 12] * 5, seed=seed))
    whole = recipe(banner={"exclude": "30"}, segmentation={"name": "local"})
    ready = make_ready(before_segmenting(whole), image)
    apart, at_once = find_objects(whole, ready), run(whole, image)
    assert np.array_equal(apart.labels.data, at_once.labels.data)
    assert apart.objects.equals(at_once.objects)
    assert apart.banner == at_once.banner


@pytest.mark.parametrize(("turns", "flip"), [(1, False), (2, False), (3, True), (0, True)])
def test_a_turned_picture_has_the_same_objects(discs, turns, flip):
    def turned(pixels):
        return np.rot90(np.fliplr(pixels) if flip else pixels, turns)

    pixels = discs([10] * 12)
    areas = [
        sorted(run(recipe(), Image(np.ascontiguousarray(each))).objects["area_px"])
        for each in (pixels, turned(pixels))
    ]
    assert areas[0] == pytest.approx(areas[1], abs=2)


def test_each_object_that_was_found_has_a_doubt(discs):
    chosen = recipe(segmentation={"name": "threshold"})
    result = run(chosen, Image(discs([10] * 12)))
    doubt = doubts_of(chosen, result)
    assert doubt.shape == (12,)
    assert ((doubt > 0) & (doubt < 1)).all()
    assert "doubt" not in result.objects  # it is for those who look through them


def test_lines_have_no_doubts(discs):
    chosen = recipe(segmentation={"name": "threshold"}, thin={"enabled": True})
    found = find_objects(chosen, make_ready(chosen, Image(discs([10] * 12))))
    assert doubts_of(chosen, found) is None
