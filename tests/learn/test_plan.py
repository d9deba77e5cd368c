from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import RecipeError
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.crowding import Crowding
from segmetry.learn.networks import FLOW_OUTPUTS, build
from segmetry.learn.plan import Plan, Schedule, plan_from_json


@pytest.mark.parametrize(("name", "value"), [("loss", "hinge"), ("precision", "float16")])
def test_choices_that_are_not_there_are_refused(name, value):
    with pytest.raises(RecipeError, match=f"{name} must be one of .*, got '{value}'"):
        replace(Plan(), **{name: value})


def test_the_usual_plan_can_be_built():
    plan = Plan()
    network = build(plan.architecture)
    assert plan.side % network.multiple == 0
    assert network.head.out_channels == 4 * len(FLOW_OUTPUTS)  # for 2 x 2 pixels
    assert plan.loss == "flows"


@pytest.mark.parametrize("loss", ["flows", "classes", "density"])
def test_a_loss_for_other_maps_is_refused(loss):
    with pytest.raises(RecipeError, match="is not for a network of these maps"):
        Plan(architecture={**Plan().architecture, "outputs": ["foreground"]}, loss=loss)


@pytest.mark.parametrize(
    ("outputs", "loss"), [(FLOW_OUTPUTS, "flows"), (("foreground",), "bce_dice")]
)
def test_the_loss_is_that_of_the_task_unless_another_is_asked_for(outputs, loss):
    architecture = {**Plan().architecture, "outputs": list(outputs)}
    assert Plan(architecture=architecture).loss == loss
    assert Plan(architecture=architecture, loss="focal").loss == "focal"


@pytest.mark.parametrize(
    "plan",
    [
        Plan(),
        Plan(diameter=None, schedule=Schedule(steps=7, patience=3), seed=5),
        Plan(geometry=Geometry.none(), appearance=Appearance.none(), precision="bfloat16"),
        Plan(stride=400, crowding=Crowding(width=9.5), cutoffs=(0.5, 0.7), min_area=200),
    ],
)
def test_a_plan_comes_back_from_json_as_it_was(plan):
    assert plan_from_json(plan.as_json()) == plan


def test_a_task_follows_from_the_outputs():
    architecture = {**Plan().architecture, "outputs": ["foreground"]}
    assert Plan().task.name == "objects"
    assert Plan(architecture=architecture).task.name == "pixels"


POSITIVE = st.floats(1e-6, 1e6)


@given(
    st.builds(
        Schedule,
        steps=st.integers(1, 10**6),
        learning_rate=POSITIVE,
        averaging=st.floats(0, 1),
        patience=st.integers(0, 99),
    ),
    st.none() | POSITIVE,
    st.sampled_from(["", "flows", "bce_dice", "focal", "tversky", "bce_cldice"]),
    st.integers(0, 2**63),
)
def test_any_plan_comes_back_from_json_as_it_was(schedule, diameter, loss, seed):
    plan = Plan(schedule=schedule, diameter=diameter, loss=loss, seed=seed)
    assert plan_from_json(plan.as_json()) == plan


def test_a_stored_plan_with_a_choice_that_is_not_known_is_not_taken_for_another():
    values = Plan().as_json()
    with pytest.raises(TypeError, match="surprise"):
        plan_from_json({**values, "surprise": 1})
    with pytest.raises(TypeError, match="surprise"):
        plan_from_json({**values, "schedule": {**values["schedule"], "surprise": 1}})


@pytest.mark.parametrize(
    ("outputs", "name"),
    [
        (FLOW_OUTPUTS, "objects"),
        (("foreground",), "pixels"),
        (("class:background", "class:3"), "classes"),
    ],
)
def test_every_task_has_a_plan_with_a_loss_of_its_own(outputs, name):
    architecture = {**Plan().architecture, "outputs": list(outputs)}
    plan = Plan(architecture=architecture)
    assert plan.task.name == name
    assert plan.loss == plan.task.loss
    assert Plan(architecture=architecture, loss=plan.loss) == plan


def test_a_plan_of_before_there_were_grids_is_still_read():
    stored = Plan(seed=4).as_json()
    for name in ("stride", "crowding", "cutoffs", "min_area"):
        del stored[name]
    for name in ("slower_after", "slower_by"):
        del stored["schedule"][name]
    assert plan_from_json(stored) == Plan(seed=4)


def test_cutoffs_of_a_plan_are_those_that_its_task_tries():
    usual = Plan().task.choices
    chosen = Plan(cutoffs=(0.5, 0.9)).task.choices
    assert chosen["foreground"] == (0.5, 0.9)
    assert chosen["least"] == usual["least"]
    assert Plan().task.choices["foreground"] != (0.5, 0.9)
