from dataclasses import replace

import numpy as np
import pytest

from segmetry.image import Image, PixelSize
from segmetry.learn.choices import configure
from segmetry.learn.examples import Example
from segmetry.learn.networks import build
from segmetry.learn.options import TrainingOptions
from segmetry.learn.plan import plan_from_json
from segmetry.learn.recipes import NEURONS_2021, oversampled, recipe_plan

FULL = (1200, 1600)
OPTIONS = TrainingOptions(recipe="neurons-2021")
OUTPUTS = ("foreground",)


def example(shape=FULL, *, pixel_um=None, colour=True):
    pixels = np.zeros((*shape, 3) if colour else shape, np.uint8)
    size = pixel_um and PixelSize(y=pixel_um, x=pixel_um, unit="um", source="typed")
    image = Image(pixels, axes="YXC" if colour else "YX", pixel_size=size)
    return Example(image, np.zeros(shape, np.uint32), name="a")


def planned(examples, options=OPTIONS):
    return recipe_plan(examples, options, outputs=OUTPUTS)


def test_the_values_are_those_of_the_paper():
    plan, _ = planned([example()])
    assert plan.architecture == {
        "kind": "c_resunet",
        "channels": 3,
        "outputs": ["foreground"],
        "base": 16,
    }
    assert (plan.side, plan.stride, plan.batch, plan.loss) == (512, 400, 4, "weighted_bce")
    schedule = plan.schedule
    assert (schedule.learning_rate, schedule.slower_by, schedule.slower_after) == (
        1e-3,
        0.7,
        5,
    )
    assert (schedule.patience, schedule.weight_decay, schedule.averaging) == (20, 0, 0)
    assert (plan.crowding.width, plan.crowding.reach, plan.crowding.inside) == (
        25,
        100,
        1.5,
    )
    assert (plan.crowding.min_area, plan.crowding.min_hole) == (100, 200)
    assert plan.crowding.divisor == 3.8177538
    assert plan.cutoffs == tuple(np.arange(0.5, 1.0, 0.025)[:20].round(3))
    assert plan.min_area == 200
    assert OPTIONS.held_out_share == 0.3
    assert OPTIONS.task == plan.task.name == "pixels"
    assert plan.task.choices["foreground"] == plan.cutoffs


def test_hard_pictures_and_crops_are_drawn_more_often():
    plain = oversampled(example(), NEURONS_2021, by_hand=False, artefacts=())
    hard = oversampled(example(), NEURONS_2021, by_hand=True, artefacts=())
    odd = oversampled(example(), NEURONS_2021, by_hand=False, artefacts=(0, 9))
    assert plain.draws == (5,) * 12
    assert hard.draws == (11,) * 12
    assert odd.draws == (129, *[5] * 8, 129, 5, 5)


def test_a_round_draws_every_crop_that_teaches_as_often_as_it_says():
    some = [
        oversampled(example(), NEURONS_2021, by_hand=k < 2, artefacts=()) for k in range(10)
    ]
    plan, told = planned(some)
    of_crops = 12 * (2 * 11 + 8 * 5) * 0.7
    assert plan.schedule.validate_every == round(of_crops / 4)
    assert plan.schedule.steps == 200 * round(of_crops / 4)
    assert "at most 200, or 20 without a better score" in told[1]


@pytest.mark.parametrize("pixel_um", [0.315, 0.63, 0.1])
def test_least_areas_are_the_same_in_square_micrometres(pixel_um):
    plan, told = planned([example((64, 64), pixel_um=pixel_um)])
    assert plan.min_area * pixel_um**2 == pytest.approx(200 * 0.315**2, rel=0.02)
    assert f"a bell of {25 * 0.315 / pixel_um:.3g} px, by their pixel size" in told[2]


def test_pixels_of_unknown_size_are_taken_as_published():
    mixed = [example((64, 64), pixel_um=0.63), example((64, 64))]
    plan, told = planned(mixed)
    assert plan.min_area == 200
    assert "a bell of 25 px)" in told[2]


def test_crops_are_no_larger_than_the_pictures():
    plan, _ = planned([example((64, 90))])
    assert plan.side == 96
    assert plan.side % build(plan.architecture).multiple == 0


def test_grey_pictures_get_a_network_of_one_channel():
    assert planned([example((64, 64), colour=False)])[0].architecture["channels"] == 1


def test_what_a_person_says_is_kept():
    options = replace(
        OPTIONS,
        loss="focal_tversky",
        steps=7,
        learning_rate=1e-4,
        augmentation=False,
        seed=3,
    )
    plan, _ = planned([example((64, 64))], options)
    assert (plan.loss, plan.schedule.steps, plan.seed) == ("focal_tversky", 7, 3)
    assert plan.schedule.learning_rate == 1e-4
    assert not plan.geometry.flips
    assert plan.appearance.contrast == 0


def test_the_recipe_is_what_configure_chooses_and_it_can_be_stored():

    chosen = configure([example((64, 64))], OPTIONS, outputs=OUTPUTS)
    assert chosen.plan == planned([example((64, 64))])[0]
    stored = chosen.plan.as_json()
    assert plan_from_json(stored) == chosen.plan


def test_a_usual_training_is_as_before():
    one = example((64, 64))
    marked = replace(one, labels=np.pad(np.ones((20, 20), np.uint32), 22))
    usual = configure([marked], TrainingOptions(steps=9)).plan
    assert (usual.stride, usual.crowding, usual.cutoffs, usual.min_area) == (
        None,
        None,
        (),
        16,
    )
    assert usual.schedule.slower_after == 0
