import numpy as np
import pytest

from segmetry.errors import PictureError, SegmetryWarning
from segmetry.image import Image, PixelSize
from segmetry.recipe import Recipe, find_objects, make_ready, run, with_thin
from segmetry.recipe.lines import kept_whole, measure_lines
from segmetry.recipe.model import Thin
from segmetry.segment import segmenter


def fibres(width=6, *, bright=200, dark=40):
    """A ladder: two rails of 6 px and rungs of `width`, which enclose two meshes."""
    pixels = np.full((140, 200), dark, np.uint8)
    pixels[30:36, 20:180] = pixels[100:106, 20:180] = bright
    for left in (40, 97, 150):
        pixels[30:106, left : left + width] = bright
    return pixels


def recipe(**thin):
    return Recipe.model_validate(
        {
            "segmentation": {"name": "threshold"},
            "calibration": {"scale_bar": False},
            "thin": {"enabled": True} | thin,
        }
    )


def number(found, quantity):
    return found.picture.set_index("quantity")["value"][quantity]


def test_a_recipe_measures_no_lines_unless_it_is_asked_to():
    plain = Recipe.model_validate({"segmentation": {"name": "threshold"}})
    assert run(plain, Image(fibres())).thin is None


def test_meshes_stay_open_and_lines_whole():
    result = run(recipe(), Image(fibres()))
    assert len(result.objects) == 1
    assert number(result.thin, "n_branch_points") == 6
    # Rails of 160 px to their tips, and rungs between the middles of both rails.
    expected = 2 * 160 + 3 * 70
    assert number(result.thin, "total_length_px") == pytest.approx(expected, rel=0.02)
    assert number(result.thin, "width_mean_px") == pytest.approx(6, rel=0.03)


@pytest.mark.parametrize("name", ["auto", "threshold", "local", "ridge"])
def test_no_method_cuts_or_fills_what_is_measured_as_lines(name):
    found = kept_whole(segmenter(name), {})
    assert (found.separate, found.fill_holes) == (False, False)


def test_what_was_said_of_cutting_and_filling_counts():
    said = {"name": "threshold", "options": {"fill_holes": True}}
    filled = Recipe.model_validate(recipe().model_dump() | {"segmentation": said})
    assert run(filled, Image(fibres())).labels.data[70, 70]
    assert not run(recipe(), Image(fibres())).labels.data[70, 70]


def test_lengths_are_in_units_where_the_pixel_size_is_known():
    size = PixelSize(y=500, x=500, unit="nm", source="zeiss")
    known = run(recipe(), Image(fibres(), pixel_size=size)).thin
    unknown = run(recipe(), Image(fibres())).thin
    assert number(known, "width_mean_um") == pytest.approx(3, rel=0.03)
    assert number(known, "total_length_um") == number(unknown, "total_length_px") / 2


def test_finding_alone_measures_no_lines():
    asked = recipe()
    found = find_objects(asked, make_ready(asked, Image(fibres())))
    assert found.thin is None
    assert len(with_thin(asked, found).thin.segments) == 2 * 4 + 3


@pytest.mark.parametrize("channel", ["luma", "red", "green", "blue"])
def test_widths_are_fitted_in_the_channel_asked_for(channel):
    wide, narrow = fibres(8), fibres(4)
    colours = {"red": 0, "green": 1, "blue": 2}
    pixels = np.stack([narrow] * 3, axis=-1)
    if channel in colours:
        pixels[..., colours[channel]] = wide
    labels = run(recipe(), Image(wide)).labels
    found = measure_lines(
        Thin(enabled=True, grey=channel),
        type(labels)(labels.data, Image(pixels, axes="YXC")),
    )
    rungs = found.segments[found.segments["orientation_deg"].between(80, 100)]
    expected = 8 if channel in colours else 4
    assert rungs["width_grey_mean_px"].mean() == pytest.approx(expected, abs=0.4)
    assert rungs["width_mean_px"].mean() == pytest.approx(8, abs=0.3)
    assert np.isfinite(found.grey_widths).any()


def test_a_channel_that_is_not_there_is_told():
    with pytest.raises(PictureError, match="luma"):
        run(recipe(grey="green"), Image(fibres()))


def test_pixels_that_are_not_square_are_told():
    size = PixelSize(y=1, x=2, unit="um", source="typed")
    with pytest.raises(PictureError, match="square"):
        run(recipe(), Image(fibres(), pixel_size=size))


def test_side_branches_are_pruned_as_the_recipe_says():
    pixels = fibres()
    pixels[36:44, 70:74] = 200  # a bump of 8 px on a line of 6
    every, few = (run(recipe(prune=p), Image(pixels)).thin for p in (0, 3))
    assert len(every.segments) > len(few.segments)


def test_rows_beyond_the_sample_hold_no_line():
    bright = {"name": "threshold", "options": {"polarity": "bright"}}
    part = {"banner": {"exclude": "70"}, "segmentation": bright}
    whole = recipe().model_dump()
    found = run(Recipe.model_validate(whole | part), Image(fibres())).thin
    assert number(found, "total_length_px") < 160 + 3 * 45
    assert number(found, "n_cut_ends") == 3


@pytest.mark.parametrize(
    ("grey", "said"), [("none", "--thin-grey"), ("luma", "take those")]
)
def test_widths_of_masks_that_only_tell_where_lines_are_come_with_a_warning(grey, said):
    whole = recipe(grey=grey).model_dump()
    ridge = Recipe.model_validate(whole | {"segmentation": {"name": "ridge"}})
    with pytest.warns(SegmetryWarning, match=said):
        found = run(ridge, Image(fibres())).thin
    if grey == "luma":
        assert number(found, "width_grey_mean_px") == pytest.approx(6, rel=0.05)


def test_what_measures_lines_is_loaded_only_where_they_are_measured(loaded_by):
    loaded = loaded_by("import segmetry.cli.run")
    assert "segmetry.recipe.lines" in loaded
    assert not {"segmetry.measure.thin", "segmetry.measure.skeleton"} & loaded
