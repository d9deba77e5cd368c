import numpy as np
import pytest

from segmetry.errors import PictureError, RecipeError
from segmetry.evaluate import dice, f1_at, match_objects
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.segment.template import Template
from segmetry.segment.threshold import Threshold


def crosses(seed=0, n=5, shape=(120, 200)):
    """Crosses and squares of the same grey value, and the middles of the crosses."""
    rng = np.random.default_rng(seed)
    pixels, middles = np.full(shape, 40.0), []
    for number in range(n):
        row, column = 30 + 60 * (number % 2), 20 + 35 * number
        pixels[row - 10 : row + 11, column - 3 : column + 4] = 160
        pixels[row - 3 : row + 4, column - 10 : column + 11] = 160
        middles.append((row, column))
        other = 120 - row
        pixels[other - 8 : other + 9, column - 8 : column + 9] = 160
    return pixels + rng.normal(0, 6, shape), middles


def middles_of(labels):
    return {
        tuple(np.argwhere(labels == number).mean(axis=0).round().astype(int))
        for number in range(1, labels.max() + 1)
    }


def test_a_piece_of_the_picture_finds_what_is_like_it_and_nothing_else():
    pixels, middles = crosses()
    row, column = middles[0]
    found = Template(at=f"{row - 14},{column - 14},29,29")(Image(pixels)).data
    assert middles_of(found) == set(middles)


def test_inverted_contrast_gives_the_same_objects():
    pixels, middles = crosses()
    row, column = middles[0]
    at = f"{row - 14},{column - 14},29,29"
    found, other = (Template(at=at)(Image(one)).data for one in (pixels, 255 - pixels))
    assert np.array_equal(found, other)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_and_template_give_the_turned_objects(turns):
    pixels, middles = crosses()
    row, column = middles[0]
    found = Template(at=f"{row - 14},{column - 14},29,29")(Image(pixels)).data
    window = np.zeros(pixels.shape, bool)
    window[row - 14 : row + 15, column - 14 : column + 15] = True
    corner = np.argwhere(np.rot90(window, turns)).min(axis=0)
    turned = Template(at=f"{corner[0]},{corner[1]},29,29")(
        Image(np.rot90(pixels, turns).copy())
    ).data
    assert np.array_equal(np.rot90(found > 0, turns), turned > 0)


@pytest.mark.parametrize("seed", range(3))
def test_touching_discs_on_a_slope_of_light_are_found_one_by_one(seed):
    y, x = np.mgrid[:100, :200]
    truth = np.zeros((100, 200), np.uint32)
    for number, (row, column) in enumerate([(30, 40), (30, 63), (53, 52), (60, 150)], 1):
        truth[np.hypot(y - row, x - column) < 12] = number
    pixels = 40.0 * (truth > 0) + x + np.random.default_rng(seed).normal(0, 4, truth.shape)
    found = Template()(Image(pixels)).data
    assert f1_at(match_objects(found, truth), threshold=0.7) == 1
    assert dice(Threshold()(Image(pixels)).data > 0, truth > 0) < 0.6


@pytest.mark.parametrize("polarity", ["auto", "bright", "dark"])
@pytest.mark.parametrize("shape", ["disc", "ring"])
def test_white_noise_holds_no_objects(shape, polarity):
    image = Image(np.random.default_rng(0).normal(100, 10, (150, 200)))
    assert not Template(shape=shape, polarity=polarity)(image).data.any()


def test_rings_are_found_as_objects_with_their_hole():
    y, x = np.mgrid[:80, :160]
    pixels = np.full((80, 160), 40.0)
    for column in (40, 110):
        away = np.hypot(y - 40, x - column)
        pixels[(away < 20) & (away > 12)] = 200
    pixels += np.random.default_rng(0).normal(0, 5, pixels.shape)
    found = Template(shape="ring", edges="cutoff")(Image(pixels)).data
    assert found.max() == 2
    assert found[40, 40] == 1
    assert (found > 0).sum() == pytest.approx(2 * np.pi * 20**2, rel=0.1)


def test_discs_outside_the_range_of_diameters_are_left(discs):
    image = Image(discs([8, 20, 8, 20]))
    small, large = (
        Template(smallest=low, largest=high)(image).data
        for low, high in ((12, 22), (32, 50))
    )
    assert small.max() == large.max() == 2
    assert not ((small > 0) & (large > 0)).any()


def test_the_template_gives_the_outline_if_asked_for(discs):
    image = Image(discs([12, 15, 9]))
    drawn, moved = (Template(edges=edges)(image).data for edges in ("cutoff", "halfway"))
    truth = discs([12, 15, 9], noise=0) > 120
    assert dice(moved > 0, truth) > 0.99
    assert 0.9 < dice(drawn > 0, truth) < dice(moved > 0, truth)


def test_the_map_is_the_likeness(discs):
    image = Image(discs([12, 15, 9]))
    maps = Template(likeness=0.8).maps(image)
    inside = maps.foreground[maps.objects > 0]
    assert inside.min() >= 0.9
    assert inside.max() <= 1
    assert not maps.foreground[maps.objects == 0].any()


def test_a_disc_that_the_frame_cuts_in_half_is_found():
    y, x = np.mgrid[:80, :120]
    pixels = np.where(np.hypot(y - 40, x) < 15, 200.0, 40)
    found = Template()(Image(pixels + np.random.default_rng(0).normal(0, 4, pixels.shape)))
    assert found.data.max() == 1
    assert (found.data > 0).sum() == pytest.approx(np.pi * 15**2 / 2, rel=0.1)


@pytest.mark.parametrize(
    "at", ["1,2,3", "a,b,c,d", "1,2,30,-4", "-1,0,9,9", "0,0,2,9", "1;2"]
)
def test_what_is_no_rectangle_is_refused(at):
    with pytest.raises(RecipeError, match="must be four whole numbers y,x,height,width"):
        Template(at=at)


def test_a_range_of_diameters_the_wrong_way_round_is_refused():
    with pytest.raises(RecipeError, match="smallest must be no larger than largest, 10"):
        Template(smallest=20, largest=10)


def test_a_rectangle_beyond_the_picture_or_on_flat_ground_is_refused(discs):
    pixels = discs([12, 15, 9])
    with pytest.raises(
        PictureError, match="beyond the picture of 200 rows and 300 columns"
    ):
        Template(at="190,0,20,20")(Image(pixels))
    pixels[:20, :20] = 40
    with pytest.raises(PictureError, match="is flat; choose one that shows an object"):
        Template(at="0,0,20,20")(Image(pixels))


@pytest.mark.slow
def test_nuclei_in_a_real_picture_are_found(data):
    folder = data("dsb2018/train")
    truth = read_labels(folder / "masks" / "b3bfd873fca7ff9b.png")
    found = Template(largest=80)(read(folder / "images" / "b3bfd873fca7ff9b.png")).data
    assert f1_at(match_objects(found, truth), threshold=0.5) > 0.85
