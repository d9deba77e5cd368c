from dataclasses import replace

import numpy as np
import pytest

from segmetry.report.methods import methods_text, pixel_size_text, source_text


def with_pooled(content, **changes):
    summary = {**content.summary, "pooled": {**content.summary["pooled"], **changes}}
    return replace(content, summary=summary)


def with_images(content, **columns):
    return replace(content, images=content.images.assign(**columns))


def test_the_paragraph_says_how_the_numbers_were_made(content):
    text = methods_text(content)
    pooled = content.summary["pooled"]
    for words in (
        "Segmetry 1.2.3 in 2 pictures",
        "pixel size (5 nm) was taken from: Zeiss metadata",
        "relative standard uncertainty was 1 %",
        "segmenter “auto”, which used: threshold",
        "min_area = 30",
        "2·√(area/π)",
        "number-weighted",
        f"{pooled['n_used']} of {pooled['n_objects']} objects",
        "wholly inside the frame (Miles-Lantuéjoul). ",
        "95 % level",
        "200 resamples",
        pooled["intervals"]["method"],
        pooled["intervals"]["note"],
    ):
        assert words in text
    assert "  " not in text
    assert ".." not in text
    assert "None" not in text


def test_all_pictures_with_one_banner_name_its_rows_once(content):
    text = methods_text(with_images(content, banner_rows="100:120"))
    assert "Banner rows were excluded" in text
    assert text.count("100:120") == 1
    assert "Banner" not in methods_text(content)


def test_a_banner_that_was_filled_names_the_method(content):
    filled = replace(
        with_images(content, banner_rows="100:120"),
        recipe_toml='[banner]\nfill = "reflect"\n',
    )
    assert "the method “reflect” removed them" in methods_text(filled)


def test_areas_left_out_besides_the_banner_are_told_with_their_share(content):
    assert "no sample" not in methods_text(content)
    whole = content.images["width_px"] * content.images["height_px"]
    width, height = content.images["width_px"], content.images["height_px"]
    banner = with_images(
        content, banner_rows="100:110", included_area_px=width * (height - 10)
    )
    assert "no sample" not in methods_text(banner)
    some = with_images(
        content,
        included_area_px=(whole * [0.98, 0.9]).round().astype(int),
        scale_bar_text=["200 nm", ""],
    )
    assert (
        "Areas that are no sample, among them the scale bar with its label, were left out: "
        "2 % to 10 % of 2 pictures."
    ) in methods_text(some)
    drawn = "[area]\nexclude = [[0, 0, 5, 5]]\n"
    one = replace(
        with_images(content, included_area_px=[whole[0], whole[1] * 0.75]),
        recipe_toml=drawn,
    )
    assert (
        "Areas that are no sample, among them what was marked by hand, were left out: "
        "25 % of 1 picture."
    ) in methods_text(one)


def test_that_all_outside_the_field_of_view_was_left_out_is_told(content):
    whole = content.images["width_px"] * content.images["height_px"]
    seen = with_images(
        content,
        included_area_px=(whole * 0.75).astype(int),
        field_of_view=["found", "07_mask.gif"],
    )
    assert (
        "Areas that are no sample, among them everything outside the field of view, were "
        "left out: 25 % of 2 pictures."
    ) in methods_text(seen)
    assert "field of view" not in methods_text(with_images(seen, field_of_view=""))


def test_several_sources_and_sizes_are_counted(content):
    mixed = with_images(
        content,
        calibration_source=["zeiss", "scale bar"],
        pixel_size=[0.005, 0.02],
        pixel_size_y=[0.005, 0.02],
        calibration_uncertainty=[np.nan, 0.015],
    )
    text = methods_text(mixed)
    assert "pixel size (5 nm to 20 nm)" in text
    assert "Zeiss metadata (1 picture), burned-in scale bar (1 picture)" in text
    assert "1.5 % (not stated for 1 picture)" in text


def test_an_uncertainty_that_nobody_stated_is_not_made_up(content):
    text = methods_text(with_images(content, calibration_uncertainty=np.nan))
    assert "No uncertainty of the pixel size is stated" in text


def test_a_range_of_uncertainties_is_told(content):
    text = methods_text(with_images(content, calibration_uncertainty=[0.01, 0.02]))
    assert "was 1 % to 2 %." in text


def test_an_unknown_pixel_size_is_said_aloud(make):
    text = methods_text(make(pixel_size=None))
    assert "pixel size was not known, so all lengths are in pixels" in text
    assert "µm" not in text


def test_some_unknown_pixel_sizes_are_counted(content):
    text = methods_text(with_images(content, pixel_size=[0.005, np.nan]))
    assert "The pixel size of 1 picture was not known" in text


@pytest.mark.parametrize(
    ("n", "words"), [(1, "One further picture"), (2, "2 further pict")]
)
def test_failed_pictures_are_counted(content, with_failed, n, words):
    failed = content
    for number in range(n):
        failed = with_failed(failed, f"broken_{number}.tif", "it is broken")
    assert words in methods_text(failed)


def test_a_segmenter_that_was_asked_for_and_used_is_named_once(content):
    recipe = '[segmentation]\nname = "threshold"\n'
    text = methods_text(replace(content, recipe_toml=recipe))
    assert "found by the segmenter “threshold”." in text
    assert "All its options were at their defaults." in text


def test_corrections_by_hand_are_told_where_there_were_any(content):
    assert "by hand" not in methods_text(content)
    objects = content.objects.iloc[:3].assign(origin=["found", "edited", "drawn"])
    text = methods_text(replace(content, objects=objects))
    assert "of the 3 that are measured, 1 were edited and 1 drawn" in text


def test_what_auto_chose_is_counted(content, make):
    reasons = [f"Chosen: {name}, because it fits." for name in ("Li", "Otsu")]
    text = methods_text(with_images(content, segmenter_reason=reasons))
    assert "It used: Li (1 picture); Otsu (1 picture)." in text
    assert "because it fits" not in text
    one = methods_text(with_images(content, segmenter_reason=reasons[0]))
    assert "It used: Li." in one
    many = make(n_images=6, n_discs=4)
    text = methods_text(with_images(many, segmenter_reason=list("abcdef")))
    assert "d (1 picture), and others told in images.csv." in text
    assert "It used" not in methods_text(content)
    reason = "Chosen: the model particles."
    model = with_images(content, segmenter="particles", segmenter_reason=reason)
    assert "It used" not in methods_text(model)  # not said twice


def test_a_recipe_that_cannot_be_read_is_left_out(content):
    assert "threshold" in methods_text(replace(content, recipe_toml="= no toml"))


def test_refusals_are_told(content):
    fit = {"family": "log-normal", "accepted": False, "reason": "Refused: two hills."}
    refused = with_pooled(content, fit=fit, volume={"refused": "too wide"})
    text = methods_text(refused)
    assert "A log-normal distribution was not accepted: two hills." in text
    assert "No volume-weighted values are given: too wide." in text


def test_what_is_missing_is_left_out(content):
    bare = with_pooled(content, fit=None, edge_rule=None, intervals=None, volume=None)
    text = methods_text(bare)
    for words in ("the edge", "Intervals", "log-normal"):
        assert words not in text


def test_intervals_without_resamples_or_note_are_told(content):
    intervals = {"method": "Student's t", "level": 0.9, "resamples": None, "note": ""}
    text = methods_text(with_pooled(content, intervals=intervals))
    assert "Intervals are at the 90 % level by Student's t." in text


def test_no_intervals_are_not_given_a_level(content):
    intervals = {"method": "none", "level": 0.95, "resamples": 200, "note": "Too few"}
    text = methods_text(with_pooled(content, intervals=intervals))
    assert "95 %" not in text
    assert "No intervals are given. Too few." in text


@pytest.mark.parametrize(
    ("x", "y", "text"),
    [
        (0.00452, 0.00452, "4.52 nm"),
        (0.5, 0.25, "500 × 250 nm (x × y)"),
        (2.0, np.nan, "2 µm"),
        (np.nan, np.nan, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_pixel_sizes_are_written_for_the_eye(x, y, text):
    assert pixel_size_text({"pixel_size": x, "pixel_size_y": y}) == text


def test_sources_have_words_and_strange_ones_their_own():
    assert source_text("typed") == "value typed by the user"
    assert source_text("") == "–"
    assert source_text("hitachi") == "hitachi"


@pytest.mark.parametrize(
    ("uncertainty", "text"),
    [(None, "165.18 nm"), (0.0, "165.18 nm"), (1e-5, "165.18 nm"), (0.0049, "165.2 nm"),
     (0.017, "165 nm"), (0.3, "165 nm")],
)  # fmt: skip
def test_a_pixel_size_has_the_digits_that_its_uncertainty_bears(uncertainty, text):
    row = {"pixel_size": 0.16518, "calibration_uncertainty": uncertainty}
    assert pixel_size_text(row) == text
