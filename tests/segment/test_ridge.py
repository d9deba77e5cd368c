import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from segmetry import read
from segmetry.errors import PictureError, RecipeError
from segmetry.evaluate import merge_rankings, rank_pixels
from segmetry.image import Image
from segmetry.segment import segmenter
from segmetry.segment.ridge import Ridge

SIDE = 160


def lines(width, *, seed=0):
    """True where one of three straight lines of a width lies, at random places."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    marked = np.zeros((SIDE, SIDE), bool)
    for _ in range(3):
        angle, shift = random.uniform(0, np.pi), random.uniform(-50, 50)
        marked |= np.abs(x * np.cos(angle) + y * np.sin(angle) - shift) <= width / 2
    return marked


def picture(marked, *, ground=120, step=-30, noise=3, seed=0):
    """Lines on a ground of uneven light, under noise."""
    random = np.random.default_rng(seed)
    slope = np.linspace(0.6, 1.4, SIDE)[None]
    values = (ground + step * marked) * slope + random.normal(0, noise, marked.shape)
    return np.clip(cv2.GaussianBlur(values, (0, 0), 0.6), 0, 255).astype(np.uint8)


def auc(maps, marked, included=None):
    return rank_pixels(maps.foreground, marked, included=included).auc_roc()


@pytest.mark.parametrize("width", [2, 3, 4, 6])
@pytest.mark.parametrize("seed", range(3))
def test_lines_of_every_width_are_found_in_uneven_light(width, seed):
    marked = lines(width, seed=seed)
    maps = Ridge().maps(Image(picture(marked, seed=seed)))
    assert auc(maps, marked) > 0.97
    assert maps.foreground.dtype == np.float32
    assert maps.found == {"found_channel": "grey", "found_polarity": "dark"}


@pytest.mark.parametrize("seed", range(3))
def test_a_negative_has_the_same_lines_with_the_other_polarity(seed):
    marked = lines(4, seed=seed)
    bright = picture(marked, ground=100, step=60, seed=seed)
    labels = Ridge()(Image(bright))
    assert labels.steps[-1].options["found_polarity"] == "bright"
    near = distance_transform_edt(~marked) <= 3
    found = labels.data > 0
    assert found[marked].mean() > 0.8
    assert near[found].mean() > 0.95


def test_lines_stay_in_one_piece_and_what_they_enclose_stays_open():
    y, x = np.mgrid[:SIDE, :SIDE]
    ring = np.abs(np.hypot(y - 80, x - 80) - 50) <= 2
    labels = Ridge()(Image(picture(ring)))
    assert len(labels.ids) == 1
    assert labels.data[80, 80] == 0


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_has_turned_lines(turns):
    pixels = picture(lines(3, seed=5))
    turned = Ridge().maps(Image(np.rot90(pixels, turns).copy())).foreground
    whole = np.rot90(Ridge().maps(Image(pixels)).foreground, turns)
    assert np.abs(turned - whole)[25:-25, 25:-25].max() < 1e-3


@pytest.mark.parametrize("factor", [0.25, 2, 1000])
def test_grey_values_may_be_on_any_scale(factor):
    pixels = picture(lines(3, seed=2)).astype(np.float32)
    once = Ridge().maps(Image(pixels)).foreground
    again = Ridge().maps(Image(pixels * np.float32(factor) - 7)).foreground
    assert np.abs(once - again).max() < 0.01


def test_higher_sensitivity_finds_more_and_loses_nothing():
    image = Image(picture(lines(3)))
    found = [
        Ridge(sensitivity=sensitivity).maps(image).foreground > 0.5
        for sensitivity in (-1, 0, 1)
    ]
    assert found[0].sum() < found[1].sum() < found[2].sum()
    assert not (found[0] & ~found[1]).any()
    assert not (found[1] & ~found[2]).any()


def test_widths_decide_what_is_a_line():
    thin, broad = lines(2, seed=1), lines(14, seed=1)
    image = Image(picture(broad))
    assert auc(Ridge(narrowest=10, widest=16).maps(image), broad) > 0.95
    image = Image(picture(thin))
    narrow = auc(Ridge(narrowest=2, widest=2).maps(image), thin)
    assert narrow > auc(Ridge(narrowest=10, widest=16).maps(image), thin) + 0.03


def test_the_edge_of_the_field_of_view_is_no_line():
    y, x = np.mgrid[:SIDE, :SIDE]
    view = np.hypot(y - 80, x - 80) < 70
    marked = lines(4, seed=3)
    pixels = np.where(view, picture(marked), 0).astype(np.float32)
    pixels = cv2.GaussianBlur(pixels, (0, 0), 1.0)
    image = Image(pixels, excluded=~view)
    assert auc(Ridge().maps(image), marked, view) > 0.95
    labels = Ridge()(image)
    assert not labels.data[~view].any()
    rim = view & (np.hypot(y - 80, x - 80) > 66) & (distance_transform_edt(~marked) > 8)
    assert (labels.data[rim] > 0).mean() < 0.05


def test_an_area_too_small_to_lie_deep_is_used_as_it_is():
    included = np.zeros((40, 40), bool)
    included[18:22] = True
    pixels = picture(lines(3))[:40, :40]
    maps = Ridge(min_area=1).maps(Image(pixels, excluded=~included))
    assert np.isfinite(maps.foreground).all()


@pytest.mark.parametrize(
    ("chosen", "used"),
    [("auto", "green"), ("red", "red"), ("blue", "blue"), ("grey", "grey")],
)
def test_the_channel_is_the_chosen_one_or_green(chosen, used):
    coloured = np.stack([picture(lines(3, seed=seed)) for seed in range(3)], axis=-1)
    maps = Ridge(channel=chosen).maps(Image(coloured, axes="YXC"))
    assert maps.found["found_channel"] == used
    if chosen == "auto":
        assert auc(maps, lines(3, seed=1)) > 0.97


def test_a_stain_without_green_is_seen_in_its_own_channel():
    flat = np.full((SIDE, SIDE), 10, np.uint8)
    marked = lines(3)
    coloured = np.stack([picture(marked), flat, flat], axis=-1)
    maps = Ridge().maps(Image(coloured, axes="YXC"))
    assert maps.found["found_channel"] == "red"
    assert auc(maps, marked) > 0.97


def test_the_widest_is_not_below_the_narrowest():
    with pytest.raises(RecipeError, match="widest must not be below narrowest, 4 pixels"):
        Ridge(narrowest=4, widest=3)


def test_a_flat_picture_is_refused():
    with pytest.raises(PictureError, match="one flat value"):
        Ridge()(Image(np.full((30, 30), 9, np.uint8)))


def test_it_is_found_by_its_name():
    assert segmenter("ridge", widest="8").widest == 8


@pytest.mark.slow
def test_vessels_of_retinas_are_told_from_their_ground(data):
    folder, rankings, seconds = data("drive/train"), [], []
    for path in sorted((folder / "images").iterdir())[::5]:
        view = read(folder / "fov" / path.name).pixels > 0
        image = replace(read(path), excluded=~view)
        started = time.process_time()
        maps = Ridge().maps(image)
        seconds.append(time.process_time() - started)
        truth = read(folder / "masks" / path.name).pixels > 0
        rankings.append(rank_pixels(maps.foreground, truth, included=view))
    assert merge_rankings(rankings).auc_roc() > 0.94
    assert np.median(seconds) < 2
