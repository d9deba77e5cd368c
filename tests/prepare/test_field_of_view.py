import cv2
import numpy as np
import pytest

from segmetry import read
from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.prepare import exclude_outside, find_field_of_view

SIDE = 300


def disc(centre=(150, 150), radius=130, *, shape=(SIDE, SIDE)):
    y, x = np.mgrid[: shape[0], : shape[1]]
    return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2


def retina(view, *, bright=150, seed=0, jpeg=None, surround=4):
    """A red disc that is darker to its rim, with vessels, on a noisy dark surround."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[: view.shape[0], : view.shape[1]]
    middle = [float(axis[view].mean()) for axis in (y, x)]
    far = np.hypot(y - middle[0], x - middle[1]) / max(view.shape)
    light = bright * (1 - 0.8 * far**2)
    light[(np.abs(y - x * 0.7 - 20) < 4) | (np.abs(y + x - 320) < 3)] *= 0.6
    light = np.where(view, light, surround)
    pixels = light[..., None] * [1, 0.5, 0.3] + random.normal(0, 1.5, (*view.shape, 3))
    pixels = np.clip(pixels, 0, 255).astype(np.uint8)
    if jpeg:
        pixels = cv2.imdecode(
            cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, jpeg])[1],
            cv2.IMREAD_COLOR,
        )
    return Image(pixels, axes="YXC")


def overlap(found, view):
    return 2 * (found & view).sum() / (found.sum() + view.sum())


@pytest.mark.parametrize("bright", [35, 90, 150, 250])
@pytest.mark.parametrize("jpeg", [None, 60])
def test_the_disc_is_found_in_dark_and_bright_pictures(bright, jpeg):
    view = disc()
    found = find_field_of_view(retina(view, bright=bright, jpeg=jpeg))
    assert overlap(found, view) > 0.985


@pytest.mark.parametrize("seed", range(6))
def test_the_disc_may_lie_anywhere_and_be_cut_off_by_lines_and_the_frame(seed):
    random = np.random.default_rng(seed)
    centre = random.uniform(130, 170, 2)
    radius = random.uniform(110, 160)
    y, x = np.mgrid[:SIDE, :SIDE]
    angle = random.uniform(0, np.pi)
    height = np.cos(angle) * (y - centre[0]) + np.sin(angle) * (x - centre[1])
    view = disc(centre, radius) & (np.abs(height) < 0.8 * radius)
    found = find_field_of_view(retina(view, seed=seed))
    assert overlap(found, view) > 0.985


@pytest.mark.parametrize("scale", [0.4, 1.7, 2.5])
def test_a_larger_or_smaller_picture_shows_the_same_disc(scale):
    side = round(SIDE * scale)
    view = disc((150 * scale, 150 * scale), 125 * scale, shape=(side, side))
    found = find_field_of_view(retina(view))
    assert overlap(found, view) > 0.985


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_has_a_turned_field_of_view(turns):
    view = disc((140, 160), 120)
    view[:60] = False
    image = retina(view)
    turned = Image(np.rot90(image.pixels, turns), axes="YXC")
    found = np.rot90(find_field_of_view(image), turns)
    assert overlap(find_field_of_view(turned), found) > 0.995


def test_a_grey_picture_will_do():
    view = disc()
    found = find_field_of_view(Image(retina(view).pixels[..., 1]))
    assert overlap(found, view) > 0.99


def test_a_marker_beside_the_disc_is_no_part_of_it():
    view = disc()
    pixels = retina(view).pixels.copy()
    pixels[140:148, 278:292] = 150
    found = find_field_of_view(Image(pixels, axes="YXC"))
    assert overlap(found, view) > 0.985


def test_what_is_excluded_already_is_not_looked_at():
    view = disc()
    image = retina(view)
    banner = np.zeros((SIDE, SIDE), bool)
    banner[290:] = True
    pixels = image.pixels.copy()
    pixels[banner] = 255
    found = find_field_of_view(Image(pixels, axes="YXC", excluded=banner))
    assert overlap(found, view) > 0.985


def pictures_without():
    random = np.random.default_rng(1)
    y, x = np.mgrid[:SIDE, :SIDE]
    noise = random.normal(0, 2, (SIDE, SIDE))
    square = np.where((abs(y - 150) < 120) & (abs(x - 150) < 120), 150.0, 4.0)
    grid = np.where((y // 25 + x // 25) % 2 == 0, 180.0, 5.0)
    return {
        "no surround": 120 + noise,
        "a slope of light": x / 2 + noise,
        "a square": square + noise,
        "a small disc": np.where(disc(radius=40), 150.0, 4.0) + noise,
        "two discs": 150.0 * (disc((80, 80), 70) | disc((220, 220), 70)) + noise,
        "a chessboard": grid + noise,
        "nothing but noise": 10 + 5 * noise,
        "a flat picture": np.full((SIDE, SIDE), 7.0),
        "a bright surround": np.where(disc(), 20.0, 200.0) + noise,
        "tiny": noise[:9, :9],
    }


@pytest.mark.parametrize("name", list(pictures_without()))
def test_a_picture_without_a_disc_on_a_dark_surround_has_none(name):
    pixels = pictures_without()[name].astype(np.float32)
    assert find_field_of_view(Image(pixels)) is None


def test_a_stack_has_none():
    assert find_field_of_view(Image(np.zeros((3, 40, 40)), axes="ZYX")) is None


def test_the_camera_s_own_masks_are_found(data):
    folder = data("drive/train")
    for path in sorted((folder / "images").iterdir())[::4]:
        found = find_field_of_view(read(path))
        assert overlap(found, read(folder / "fov" / path.name).pixels > 0) > 0.99


def test_all_beyond_the_view_is_excluded_besides_what_was():
    banner = np.zeros((4, 5), bool)
    banner[3] = True
    view = np.ones((4, 5), bool)
    view[:, 0] = False
    image = exclude_outside(
        Image(np.ones((4, 5)), excluded=banner), view, source="mask.png"
    )
    assert np.array_equal(image.excluded, banner | ~view)
    assert image.steps[-1].options == {
        "source": "mask.png",
        "share": 0.6,
        "extent_px": 4,
    }


@pytest.mark.parametrize("seed", range(10))
def test_the_extent_is_that_of_the_view_whatever_else_is_excluded(seed):
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:90, :120]
    radius = random.integers(20, 40)
    view = np.hypot(y - 45, x - 60) <= radius
    excluded = random.random(view.shape) < 0.9
    excluded[:, : random.integers(10, 60)] = True
    excluded[45, 61] = False
    image = exclude_outside(Image(np.ones(view.shape), excluded=excluded), view)
    assert image.steps[-1].options["extent_px"] == 2 * radius + 1


def test_a_view_of_another_picture_is_refused():
    with pytest.raises(PictureError, match=r"height and width, \(4, 5\), got \(5, 4\)"):
        exclude_outside(Image(np.ones((4, 5))), np.ones((5, 4), bool))


def test_a_view_that_leaves_nothing_is_refused():
    with pytest.raises(PictureError, match="leaves nothing of the picture"):
        exclude_outside(Image(np.ones((4, 5))), np.zeros((4, 5), bool))
