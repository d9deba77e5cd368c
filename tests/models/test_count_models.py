"""Models that count without finding: a density whose sum is the number of objects."""

import numpy as np
import pytest
from pydantic import ValidationError

from segmetry.image import Image
from segmetry.models.outputs import (
    DENSITY_PEAK,
    density_spread,
    named_maps,
    regressed_count,
)
from segmetry.models.segmenter import NetworkSegmenter

RADIUS = 9
# A bell of this spread sums to as much as a disc of that radius.
SPREAD = round(np.sqrt(RADIUS**2 / (2 * DENSITY_PEAK)), 3)


def drawn(shape, *middles):
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = np.zeros(shape, np.float32)
    for row, column in middles:
        picture[np.hypot(y - row, x - column) <= RADIUS] = 1
    return picture


@pytest.fixture
def counting(make_model):
    model = make_model(task="counts", outputs=(f"density:{SPREAD}",), name="counts")
    return NetworkSegmenter(model=str(model.path))


FOUR = [(20, 20), (20, 60), (60, 20), (60, 60)]


def test_a_density_is_summed_and_no_object_is_found(counting):
    labels, maps = counting.labels_and_maps(Image(drawn((80, 90), *FOUR)))
    assert not labels.data.any()
    assert maps.foreground.max() <= 1
    told = labels.steps[-1].options
    assert told["count_regressed"] == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize("n", [1, 3])
def test_twice_the_discs_are_twice_the_count(counting, n):
    def count(middles):
        picture = drawn((80, 90), *middles)
        picture[0, 0] = 1  # the same brightest pixel in all
        return counting(Image(picture)).steps[-1].options["count_regressed"]

    assert count(FOUR[: n + 1]) - count(FOUR[:n]) == pytest.approx(1, rel=0.05)


def test_what_is_left_out_does_not_count(counting):
    excluded = np.zeros((80, 90), bool)
    excluded[:, 40:] = True
    image = Image(drawn((80, 90), *FOUR), excluded=excluded)
    assert counting(image).steps[-1].options["count_regressed"] == pytest.approx(
        2, rel=0.06
    )


def test_a_model_of_objects_tells_no_count(make_model):
    segmenter = NetworkSegmenter(model=str(make_model().path))
    step = segmenter(Image(drawn((80, 90), *FOUR))).steps[-1]
    assert "count_regressed" not in step.options


@pytest.mark.parametrize(
    "outputs",
    [
        ("foreground",),
        ("density:",),
        ("density:0",),
        ("density:0.0",),
        ("density:-3",),
        ("density:nan",),
        ("density:4", "foreground"),
        ("density:4.0 ",),
    ],
)
def test_a_card_for_counts_has_one_density_and_its_spread(make_model, outputs):
    with pytest.raises(ValidationError, match="a model for counts must have one output"):
        make_model(task="counts", outputs=outputs)


def test_a_density_belongs_to_counts_alone(make_model):
    with pytest.raises(ValidationError, match="must have the output 'foreground'"):
        make_model(task="pixels", outputs=("density:4.0",))


def test_the_spread_is_told_by_the_name_of_the_output():
    assert density_spread(("density:12.5",)) == 12.5
    assert density_spread(("class:1", "class:2")) is None


@pytest.mark.parametrize("seed", range(3))
def test_counts_add_up_over_parts_of_a_picture(seed):
    random = np.random.default_rng(seed)
    density = random.random((30, 40), np.float32)
    left = np.zeros(density.shape, bool)
    left[:, : int(random.integers(1, 39))] = True
    parts = [regressed_count(density, spread=3.0, included=part) for part in (left, ~left)]
    whole = regressed_count(density, spread=3.0, included=np.ones_like(left))
    assert sum(parts) == pytest.approx(whole)


def test_maps_of_a_density_have_nothing_over_their_cutoff():
    maps = named_maps(("density:3.0",), np.ones((4, 5, 1), np.float32), cutoff=0.1)
    assert not (maps.foreground > maps.cutoff).any()
    assert maps.flows is None
    assert maps.classes is None
