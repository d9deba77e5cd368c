from dataclasses import replace

import numpy as np
import pytest

from segmetry.report.reading import ReadingUnit
from segmetry.report.remarks import rule_text
from segmetry.report.sections import (
    calibration_cards,
    calibration_rows,
    condition_drawings,
    drawings,
    group_rows,
    picture_cards,
    rule_rows,
)

NM = ReadingUnit("nm", 1000.0)


def test_every_picture_has_a_card_with_what_is_known(content):
    cards = picture_cards(content)
    assert [card.name for card in cards] == ["picture_0.tif", "picture_1.tif"]
    facts = dict(cards[0].facts)
    assert facts["status"] == "done"
    assert facts["objects"] == str(content.images["n_objects"][0])
    assert facts["pixel size"] == "5 nm"
    assert facts["from"] == "Zeiss metadata"
    assert cards[0].source.startswith("data:image/jpeg;base64,")


def test_the_reason_of_a_method_is_told(content):
    reason = "Chosen: Otsu's cutoff, because its objects are bright."
    images = content.images.assign(segmenter_reason=reason)
    card = picture_cards(replace(content, images=images))[0]
    assert dict(card.facts)["method"] == "threshold: Otsu's cutoff"
    assert card.reason == reason
    by_model = content.images.assign(
        segmenter="particles", segmenter_reason="Chosen: the model particles."
    )
    card = picture_cards(replace(content, images=by_model))[0]
    assert dict(card.facts)["method"] == "particles"  # not said twice


def test_a_picture_without_overlay_still_has_a_card(content, tmp_path):
    for overlays in ({}, {"picture_0": tmp_path / "absent.png"}):
        cards = picture_cards(replace(content, overlays=overlays))
        assert [card.source for card in cards] == [None, None]


@pytest.mark.slow
def test_many_overlays_share_the_room(make):
    content = make(n_images=70, n_discs=3, shape=(40, 40))
    noise = np.random.default_rng(0).integers(0, 255, (500, 600, 3), np.uint8)
    overlays = dict.fromkeys(content.overlays, noise)
    cards = picture_cards(replace(content, overlays=overlays))
    assert len(cards) == 60
    assert sum(len(card.source) for card in cards) < 4_000_000


def test_crops_are_shown_with_their_bar(content):
    crop = np.zeros((10, 40, 3), np.uint8)
    images = content.images.assign(scale_bar_text="1 µm", scale_bar_px=200.25)
    shown = replace(content, images=images, bar_crops={"picture_1": crop})
    cards = calibration_cards(shown)
    assert [card.name for card in cards] == ["picture_1.tif"]
    assert dict(cards[0].facts)["scale bar"] == "1 µm = 200.2 px"
    assert cards[0].source.startswith("data:image/jpeg;base64,")


def test_no_more_than_a_dozen_crops_are_shown(make):
    content = make(n_images=20, n_discs=2, shape=(30, 30))
    crops = dict.fromkeys(content.overlays, np.zeros((4, 9, 3), np.uint8))
    assert len(calibration_cards(replace(content, bar_crops=crops))) == 12


def test_every_picture_has_a_row_on_its_calibration(content):
    rows = calibration_rows(content)
    assert rows[0] == ("picture_0.tif", "5 nm", "Zeiss metadata", "1 %", "none read", "")


def test_what_a_source_does_not_state_is_not_made_up(make):
    row = calibration_rows(make(pixel_size=None))[0]
    assert row[1:4] == ("unknown", "unknown", "not stated")


def test_three_figures_show_the_distribution(content):
    figures = list(drawings(content, NM))
    assert len(figures) == 3
    assert all(figure.svg.startswith("<svg") for figure in figures)
    assert "<title>" in figures[0].svg


def test_equal_sizes_have_a_histogram_only(make):
    content = make(n_images=1, n_discs=1)
    assert len(list(drawings(content, NM))) <= 1


def test_nothing_found_draws_nothing(make):
    assert list(drawings(make(n_images=1, n_discs=0), NM)) == []


def test_conditions_have_histograms_and_a_trend(make):
    content = make(n_images=4, hours=(1.0, 2.0))
    figures = list(condition_drawings(content, NM))
    assert len(figures) == 2
    for group in content.summary["groups"]:
        assert f"{group['name']} (n = {group['n_used']})" in figures[0].svg


def test_without_a_sheet_there_are_no_conditions(content):
    assert list(condition_drawings(content, NM)) == []
    assert group_rows(content, NM) == []


def test_more_groups_than_can_be_told_apart_are_announced(make):
    content = make(n_images=14, hours=tuple(range(14)), n_discs=6)
    assert "The first 12 of 14 groups" in next(condition_drawings(content, NM)).caption


def test_groups_have_their_values_in_a_row(make):
    content = make(n_images=2, hours=(1.0, 2.0))
    row = group_rows(content, NM)[0]
    assert row[0].name == "time_h=1"
    assert row[0].value == f"1 picture, n = {content.summary['groups'][0]['n_used']}"
    assert [cell.unit for cell in row[1:5]] == ["nm"] * 4
    assert "per" in row[5].unit


def test_edge_rules_stand_side_by_side_and_the_used_one_is_marked(content):
    rows = rule_rows(content.summary["pooled"], NM)
    assert [row[0] for row in rows if row[3] == "used"] == [rule_text("miles-lantuejoul")]
    assert len(rows) == 5
    assert all(row[1].endswith(" nm") for row in rows)
    assert rule_rows({}, NM) == []


@pytest.mark.parametrize("value", [None, 0.2])
def test_an_edge_rule_without_a_value_has_a_dash(value):
    edge = {"name": "keep", "by_rule": {"keep": {"mean": value, "d50": None}}}
    row = rule_rows({"edge_rule": edge}, NM)[0]
    assert row[1:3] == ("–" if value is None else "200.0 nm", "–")


def test_a_rule_whose_fit_failed_says_so_and_why():
    failed = {"mean": None, "d50": None, "failed": "all objects are of one size"}
    edge = {"name": "keep", "by_rule": {"truncated-log-normal": failed}}
    row = rule_rows({"edge_rule": edge}, NM)[0]
    assert row[1:] == ("–", "–", "could not be fitted: all objects are of one size")
    edge = {**edge, "name": "truncated-log-normal"}
    assert rule_rows({"edge_rule": edge}, NM)[0][3].startswith("used; could not")


@pytest.mark.parametrize("accepted", [True, False])
def test_sizes_from_a_fit_that_the_check_refuses_are_marked(accepted):
    by_rule = {"truncated-log-normal": {"mean": 0.1, "d50": 0.1}}
    group = {
        "edge_rule": {"name": "keep", "by_rule": by_rule},
        "fit": {"accepted": accepted},
    }
    note = "" if accepted else "the fit check does not accept a log-normal"
    assert rule_rows(group, NM)[0][3] == note


def test_a_condition_that_is_the_same_everywhere_has_no_trend(make):
    content = make(n_images=2, hours=(3.0,))
    figures = list(condition_drawings(content, NM))
    assert [figure.caption for figure in figures] == ["Each group adds up to 100 %."]
