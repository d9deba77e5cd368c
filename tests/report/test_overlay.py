import time
import tracemalloc

import numpy as np
import pytest

from segmetry.errors import PictureError
from segmetry.image import Image, Labels
from segmetry.report.overlay import _outline_colors, draw_overlay, shown_picture
from segmetry.report.palette import OUTLINES, SPARE_OUTLINES


def grey_image(shape, value=100, **options):
    return Image(np.full(shape, value, np.uint8), **options)


def shown_grey(image):
    shown = shown_picture(image)
    assert (shown == shown[..., :1]).all()
    return shown[..., 0]


def beside(mask):
    """The background within a step, up, down, left or right, of a mask."""
    padded = np.pad(mask, 1)
    around = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    return np.any(around, axis=0) & ~mask


def colors_in(overlay, where):
    return {tuple(color) for color in overlay[where].tolist()} & set(OUTLINES)


@pytest.mark.parametrize("seed", range(20))
def test_only_rims_and_the_ground_beside_change_and_every_object_has_one(seed, discs):
    labels = discs((60, 70), 15, seed)
    noise = np.random.default_rng(seed).integers(0, 255, labels.shape, np.uint8)
    overlay = draw_overlay(Labels(labels, Image(noise)))
    changed = (overlay != noise[..., None]).any(axis=2)
    ground = beside(labels > 0)
    assert not (changed & (labels == 0) & ~ground).any()
    assert (overlay[ground] <= noise[ground][:, None]).all()
    padded = np.pad(labels, 1, mode="edge")
    around = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    interior = np.all([side == labels for side in around], axis=0)
    assert not (changed & interior).any()
    for number in np.unique(labels[labels > 0]):
        if not interior[labels == number].all():
            assert changed[labels == number].any()


def test_outline_is_the_rim_of_a_square():
    square = np.zeros((7, 7), np.uint8)
    square[1:6, 1:6] = 1
    overlay = draw_overlay(Labels(square, grey_image((7, 7))))
    rim = square.astype(bool)
    rim[2:5, 2:5] = False
    ground = beside(square.astype(bool))
    assert (overlay[rim] == OUTLINES[0]).all()
    assert (overlay[ground] == 30).all()
    assert (overlay[~rim & ~ground] == 100).all()


def test_a_wider_outline_grows_inward():
    square = np.zeros((11, 11), np.uint8)
    square[1:10, 1:10] = 1
    overlay = draw_overlay(Labels(square, grey_image((11, 11))), thickness=3)
    inner = (overlay == 100).all(axis=2) & (square > 0)
    expected = np.zeros_like(inner)
    expected[4:7, 4:7] = True
    assert np.array_equal(inner, expected)


def test_outlines_of_a_large_picture_are_wider():
    square = np.zeros((30, 2000), np.uint8)
    square[:, 100:200] = 1
    overlay = draw_overlay(Labels(square, grey_image(square.shape)))
    assert (overlay[15, 100:104] == OUTLINES[0]).all()
    assert (overlay[15, 104] == 100).all()
    assert (overlay[15, 97:100, 0] == [100, 30, 30]).all()


def test_outlines_of_small_objects_in_a_large_picture_leave_their_inside_seen():
    labels = np.zeros((30, 2000), np.uint32)
    for number in range(40):
        labels[10:20, 50 * number + 5 : 50 * number + 15] = number + 1
    overlay = draw_overlay(Labels(labels, grey_image(labels.shape)))
    inside = (overlay == 100).all(axis=2) & (labels > 0)
    assert inside.sum() == 40 * 64


@pytest.mark.parametrize("ground", [0, 60, 128, 200, 255])
def test_outlines_stand_out_on_a_ground_of_any_brightness(ground):
    labels = np.zeros((40, 200), np.uint32)
    for number in range(6):
        labels[10:30, 30 * number + 5 : 30 * number + 25] = number + 1
    overlay = draw_overlay(Labels(labels, grey_image(labels.shape, ground))).astype(int)
    for number in range(1, 7):
        rim = overlay[15, np.flatnonzero(labels[15] == number)[0] - 1 :][:2]
        # Either the line or the shade beside it is far from the ground.
        assert np.abs(rim - ground).max() >= 100


@pytest.mark.parametrize(
    "color",
    [(200, 20, 20), (30, 180, 60), (120, 60, 160), (40, 90, 220), (220, 200, 40)],
)
def test_outlines_are_never_of_the_hue_of_the_picture(color):
    shown = np.full((20, 30, 3), color, np.uint8)
    used = {tuple(one) for one in _outline_colors(shown).tolist()}
    assert len(used) == len(OUTLINES)
    assert used <= {*OUTLINES, *SPARE_OUTLINES}
    own = np.array(color) - np.mean(color)

    def likeness(other):
        hue = np.array(other) - np.mean(other)
        return hue @ own / max(np.linalg.norm(hue) * np.linalg.norm(own), 1)

    left_out = {*OUTLINES, *SPARE_OUTLINES} - used
    assert min(map(likeness, left_out)) >= max(map(likeness, used)) - 1e-9
    assert max(map(likeness, used)) < 0.9


def test_outlines_of_a_grey_picture_are_always_the_same():
    shown = np.random.default_rng(0).integers(0, 255, (30, 30, 1)).repeat(3, axis=2)
    assert _outline_colors(shown.astype(np.uint8)).tolist() == [list(c) for c in OUTLINES]


def test_the_edge_of_the_picture_is_no_rim():
    whole = np.ones((5, 6), np.uint8)
    assert (draw_overlay(Labels(whole, grey_image((5, 6)))) == 100).all()


@pytest.mark.parametrize("other", [2, 7, 257, 65_537, 2**24 + 1, 2**32 - 1])
def test_touching_objects_have_different_colors_whatever_their_numbers(other):
    halves = np.full((8, 10), 1, np.uint32)
    halves[:, 5:] = other
    overlay = draw_overlay(Labels(halves, grey_image((8, 10))))
    left = colors_in(overlay, halves == 1)
    right = colors_in(overlay, halves == other)
    assert len(left) == len(right) == 1
    assert left != right


@pytest.mark.parametrize("seed", range(10))
def test_squares_side_by_side_never_share_a_color(seed):
    order = np.random.default_rng(seed).permutation(36) + 1
    tiles = order.reshape(6, 6).repeat(5, axis=0).repeat(5, axis=1)
    overlay = draw_overlay(Labels(tiles, grey_image(tiles.shape)))
    color = {n: colors_in(overlay, tiles == n) for n in order.tolist()}
    grid = order.reshape(6, 6)
    for first, second in (
        *zip(grid[:, 1:].ravel(), grid[:, :-1].ravel(), strict=True),
        *zip(grid[1:].ravel(), grid[:-1].ravel(), strict=True),
    ):
        assert color[int(first)] != color[int(second)]


def test_objects_that_nearly_touch_have_different_colors():
    labels = np.zeros((9, 20), np.uint32)
    labels[2:7, 2:8] = 1
    labels[2:7, 10:16] = 1 + len(OUTLINES)  # the same colour, were they far apart
    overlay = draw_overlay(Labels(labels, grey_image(labels.shape)))
    assert colors_in(overlay, labels == 1) != colors_in(overlay, labels == labels.max())


def test_more_neighbors_than_colors_still_get_an_outline():
    labels = np.ones((24, 24), np.uint32)
    labels[10:14, 10:14] = 2
    angle = np.arctan2(*(np.indices(labels.shape) - 11.5))
    ring = labels == 1
    labels[ring] = 3 + np.floor((angle[ring] + np.pi) / (2 * np.pi) * 7.999).astype(
        np.uint32
    )
    overlay = draw_overlay(Labels(labels, grey_image(labels.shape)))
    for number in np.unique(labels):
        assert len(colors_in(overlay, labels == number)) == 1


@pytest.mark.parametrize("level", [0, 30, 128, 255])
def test_the_excluded_area_is_tinted_and_hatched_on_any_ground(level):
    excluded = np.zeros((60, 80), bool)
    excluded[40:] = True
    picture = grey_image((60, 80), level, excluded=excluded)
    overlay = draw_overlay(Labels(np.zeros((60, 80), np.uint8), picture)).astype(int)
    assert (overlay[:40] == level).all()
    assert (np.abs(overlay[40:] - level).max(axis=2) >= 40).all()
    assert len(np.unique(overlay[40:].reshape(-1, 3), axis=0)) == 2


def test_only_excluded_pixels_are_tinted_whatever_their_shape():
    y, x = np.indices((50, 50))
    excluded = np.hypot(y - 25, x - 25) > 20
    picture = grey_image((50, 50), 90, excluded=excluded)
    overlay = draw_overlay(Labels(np.zeros((50, 50), np.uint8), picture))
    assert np.array_equal((overlay != 90).any(axis=2), excluded)


def test_a_mask_that_excludes_nothing_changes_nothing():
    picture = grey_image((6, 6), excluded=np.zeros((6, 6), bool))
    assert (draw_overlay(Labels(np.zeros((6, 6), np.uint8), picture)) == 100).all()


def test_sixteen_bits_fill_the_range_of_the_eye():
    ramp = np.linspace(3000, 4000, 400).reshape(20, 20).astype(np.uint16)
    grey = shown_grey(Image(ramp))
    assert (grey.min(), grey.max()) == (0, 255)
    assert (np.diff(grey.ravel().astype(int)) >= 0).all()


def test_a_hot_pixel_does_not_set_the_contrast():
    picture = np.tile(np.linspace(100, 200, 50), (50, 1)).astype(np.uint16)
    picture[0, 0] = 65_535
    grey = shown_grey(Image(picture))
    assert np.ptp(grey[1:].astype(int)) > 240


def test_the_excluded_area_does_not_set_the_contrast():
    picture = np.tile(np.linspace(100, 200, 50), (50, 1)).astype(np.float32)
    picture[40:] = 10_000
    excluded = np.zeros((50, 50), bool)
    excluded[40:] = True
    assert np.ptp(shown_grey(Image(picture, excluded=excluded))[:40].astype(int)) > 240


def test_values_that_are_no_number_become_black():
    picture = np.tile(np.linspace(1, 2, 30), (30, 1)).astype(np.float32)
    picture[:2] = [[np.nan], [-np.inf]]
    grey = shown_grey(Image(picture))
    assert (grey[:2] == 0).all()
    assert grey[2:].max() == 255


@pytest.mark.parametrize("value", [0.0, 7.0, -3.0, np.nan, np.inf])
def test_a_picture_of_one_value_is_drawn(value):
    grey = shown_grey(Image(np.full((4, 5), value, np.float64)))
    assert np.unique(grey).size == 1


def test_two_values_with_few_bright_pixels_keep_their_contrast():
    picture = np.zeros((100, 100), np.uint16)
    picture[3, 3] = 900
    grey = shown_grey(Image(picture))
    assert (grey[3, 3], grey[0, 0]) == (255, 0)


def test_a_color_picture_keeps_its_colors():
    color = np.random.default_rng(0).integers(0, 255, (40, 40, 3)).astype(np.uint8)
    overlay = draw_overlay(Labels(np.zeros((40, 40), np.uint8), Image(color, axes="YXC")))
    assert np.array_equal(overlay, color)


def test_a_color_picture_of_16_bits_is_stretched_and_keeps_its_hue():
    ramp = np.linspace(0, 4000, 900).reshape(30, 30, 1)
    shown = shown_picture(Image((ramp * [1, 0.5, 0.25]).astype(np.uint16), axes="YXC"))
    assert shown.max() == 255
    bright = shown[20, 20].astype(float)
    assert bright / bright[0] == pytest.approx([1, 0.5, 0.25], abs=0.01)


def test_a_dim_color_picture_is_brightened_and_keeps_its_hue():
    purple = np.full((20, 20, 3), (30, 10, 40), np.uint8)
    purple[:10] = 0
    shown = shown_picture(Image(purple, axes="YXC"))
    assert shown[15, 0].tolist() == [191, 64, 255]
    assert not shown[0].any()


@pytest.mark.parametrize("side", [300, 448, 512, 520])
@pytest.mark.parametrize("channel", [0, 1, 2])
def test_the_contrast_of_a_color_picture_is_that_of_all_its_channels(side, channel):
    stained = np.zeros((side, side, 3), np.uint16)
    stained[..., channel] = np.random.default_rng(0).integers(0, 4000, (side, side))
    shown = shown_picture(Image(stained, axes="YXC"))[..., channel]
    assert np.median(shown) == pytest.approx(127, abs=4)
    dim = shown_picture(Image((stained // 100).astype(np.uint8), axes="YXC"))
    assert dim.max() == 255


def test_a_large_color_picture_needs_no_numbers_of_its_own():
    picture = np.random.default_rng(0).integers(0, 255, (1000, 1200, 3), np.uint8)
    image = Image(picture, axes="YXC")
    tracemalloc.start()
    try:
        shown = shown_picture(image)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.array_equal(shown, picture)
    assert not np.shares_memory(shown, image.pixels)
    assert peak < 15_000_000 + 2 * picture.nbytes  # what samples its contrast, and itself


def test_a_pale_color_picture_is_left_as_it_is():
    pale = np.full((20, 20, 3), (190, 170, 200), np.uint8)
    pale[5:9, 5:9] = (160, 130, 180)
    assert np.array_equal(shown_picture(Image(pale, axes="YXC")), pale)


def test_a_picture_of_two_channels_is_shown_in_grey():
    pixels = np.random.default_rng(0).integers(0, 255, (30, 30, 2)).astype(np.uint8)
    assert shown_grey(Image(pixels, axes="YXC")).shape == (30, 30)


def test_a_mask_is_shown_in_black_and_white():
    mask = np.eye(6, dtype=bool)
    assert np.array_equal(shown_grey(Image(mask)), np.eye(6, dtype=np.uint8) * 255)


@pytest.mark.parametrize("shape", [(1, 9), (9, 1), (1, 1)])
def test_thin_pictures_are_drawn(shape):
    labels = np.zeros(shape, np.uint8)
    labels.flat[0] = 1
    overlay = draw_overlay(Labels(labels, grey_image(shape)), thickness=2)
    assert overlay.shape == (*shape, 3)
    assert overlay.dtype == np.uint8
    assert set(overlay[labels == 0].ravel().tolist()) <= {30, 100}


def test_a_picture_without_objects_is_its_grey_self():
    picture = Image(10 * np.arange(20, dtype=np.uint8).reshape(4, 5))
    overlay = draw_overlay(Labels(np.zeros((4, 5), np.uint8), picture))
    assert np.array_equal(overlay, np.repeat(picture.pixels[..., None], 3, axis=2))


def test_dim_pictures_are_stretched_for_the_eye_and_flat_ones_are_not():
    labels = np.zeros((4, 5), np.uint8)
    dim = np.arange(20, dtype=np.uint8).reshape(4, 5)
    shown = draw_overlay(Labels(labels, Image(dim)))[..., 0]
    assert (shown.min(), shown.max()) == (0, 255)
    assert (np.diff(shown.astype(int).ravel()) > 0).all()
    flat = np.full((4, 5), 30, np.uint8)
    assert (draw_overlay(Labels(labels, Image(flat))) == 30).all()


def test_a_stack_is_refused():
    stack = Image(np.zeros((2, 3, 4), np.uint8), axes="ZYX")
    with pytest.raises(PictureError, match="choose one slice"):
        draw_overlay(Labels(np.zeros((2, 3, 4), np.uint8), stack))


def test_the_same_labels_give_the_same_bytes(discs):
    labels = Labels(discs((80, 90), 30, 4), grey_image((80, 90)))
    assert draw_overlay(labels).tobytes() == draw_overlay(labels).tobytes()


def test_drawing_costs_less_than_60_ms_on_a_usual_picture(discs):
    labels = np.tile(discs((128, 128), 20, 1), (6, 8)).astype(np.uint32)
    tile = np.arange(48, dtype=np.uint32).reshape(6, 8).repeat(128, 0).repeat(128, 1)
    labels = np.where(labels > 0, labels + 20 * tile, 0)
    excluded = np.zeros((768, 1024), bool)
    excluded[700:] = True
    pixels = np.random.default_rng(0).integers(0, 4096, (768, 1024), np.uint16)
    found = Labels(labels, Image(pixels, excluded=excluded))
    costs = []
    for _ in range(5):
        start = time.thread_time()
        draw_overlay(found)
        costs.append(time.thread_time() - start)
    assert min(costs) < 0.06
