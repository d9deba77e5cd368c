import json
import math
from dataclasses import asdict

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from segmetry.errors import ModelError, RecipeError, WriteError
from segmetry.learn.checkpoint import State, Stopped, load_state, save_state
from segmetry.learn.networks import UNet, build
from segmetry.learn.plan import Plan, plan_from_json

ABOUT = {"seed": 3, "plan": {"side": 16, "outputs": ["a", "b"]}}
SMALL = {"kind": "unet", "channels": 1, "outputs": ["a", "b"], "base": 2, "levels": 2}


def new(seed=0):
    torch.manual_seed(seed)
    return State.new(build(SMALL), weight_decay=0.01)


def step(state, number):
    """One step of learning something from random numbers."""
    random = torch.Generator().manual_seed(number)
    pictures = torch.rand((2, 1, 8, 8), generator=random)
    pictures = pictures.to(memory_format=torch.channels_last)
    state.network.train()
    state.optimizer.zero_grad()
    (state.network(pictures) - 0.3).square().mean().backward()
    state.optimizer.step()
    state.step += 1
    state.average(0.9)


def trained(n_steps=3):
    state = new()
    for number in range(n_steps):
        step(state, number)
    state.seconds = 12.75
    state.losses = [0.1, 1 / 3, 1e-17]
    state.curve = [{"step": 2, "loss": 0.1 + 0.2, "score": 0.25}]
    state.best = state.curve[0]
    state.best_weights = {
        name: value.clone() for name, value in state.averaged.state_dict().items()
    }
    return state


def everything(state):
    """All tensors of a state by name."""
    moments = state.optimizer.state_dict()["state"]
    return {
        **{f"network {k}": v for k, v in state.network.state_dict().items()},
        **{f"averaged {k}": v for k, v in state.averaged.state_dict().items()},
        **{f"best {k}": v for k, v in state.best_weights.items()},
        **{f"{i} {k}": v for i, values in moments.items() for k, v in values.items()},
    }


def same(one, other):
    first, second = everything(one), everything(other)
    return first.keys() == second.keys() and all(
        torch.equal(first[name], second[name]) for name in first
    )


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "run.checkpoint"
    save_state(path, trained(), about=ABOUT)
    return path


def test_a_stored_state_comes_back_to_the_last_bit(stored):
    state, expected = new(seed=1), trained()
    load_state(stored, state, about=ABOUT)
    assert same(state, expected)
    for name in ("step", "seconds", "losses", "curve", "best"):
        assert getattr(state, name) == getattr(expected, name)


@pytest.mark.parametrize("n_steps", [0, 1, 5])
def test_going_on_is_as_if_there_had_been_no_stop(tmp_path, n_steps):
    unbroken = trained(n_steps)
    save_state(tmp_path / "a", unbroken, about=ABOUT)
    resumed = new(seed=9)
    load_state(tmp_path / "a", resumed, about=ABOUT)
    for number in range(10, 15):
        step(unbroken, number)
        step(resumed, number)
    assert same(unbroken, resumed)


def test_moments_lie_in_memory_as_their_weights_do(stored):
    state = new()
    load_state(stored, state, about=ABOUT)
    for weights, moments in state.optimizer.state.items():
        assert moments["exp_avg"].stride() == weights.stride()
    assert any(
        weights.ndim == 4 and not weights.is_contiguous()
        for weights in state.network.parameters()
    )


def test_a_loaded_state_does_not_hang_on_its_file(stored):
    state, expected = new(), trained()
    load_state(stored, state, about=ABOUT)
    stored.write_bytes(bytes(stored.stat().st_size))
    stored.unlink()
    assert same(state, expected)


def test_a_state_before_its_first_step_has_no_moments_and_no_best(tmp_path):
    save_state(tmp_path / "a", new(), about={})
    state = trained()
    load_state(tmp_path / "a", state, about={})
    assert state.step == 0
    assert state.best == {}
    assert state.best_weights == {}
    assert state.optimizer.state_dict()["state"] == {}


def test_a_file_holds_tensors_and_json_alone(stored):
    with safe_open(stored, framework="pt") as file:
        plain = json.loads(file.metadata()["state"])
        names = set(file.keys())
    assert plain["about"] == ABOUT
    assert plain["losses"] == [0.1, 1 / 3, 1e-17]
    assert {name.split(".")[0] for name in names} == {
        "network",
        "averaged",
        "best",
        "optimizer",
    }
    assert b"pickle" not in stored.read_bytes()


def test_values_that_json_writes_alike_are_the_same_options(stored):
    alike = {"seed": 3, "plan": {"side": 16, "outputs": ("a", "b")}}
    load_state(stored, new(), about=alike)


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({**ABOUT, "seed": 4}, "(seed)"),
        ({**ABOUT, "seed": 4, "plan": {}}, "(seed, plan)"),
        ({**ABOUT, "pictures": ["new.png"]}, "(pictures)"),
        ({"plan": ABOUT["plan"]}, "(seed)"),
    ],
)
def test_a_run_with_other_options_is_refused_and_they_are_named(stored, about, told):
    state, before = new(), new()
    with pytest.raises(ModelError) as caught:
        load_state(stored, state, about=about)
    assert told in str(caught.value)
    assert "use the same ones to go on, or delete it to start anew" in str(caught.value)
    assert same(state, before)
    assert state.step == 0


def without_metadata(path):
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    save_file(tensors, path)


def rewritten(path, change, drop=""):
    """Store a state again, with its JSON values changed or tensors left out."""
    with safe_open(path, framework="pt") as file:
        plain = json.loads(file.metadata()["state"])
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    kept = {name: value for name, value in tensors.items() if not drop or drop not in name}
    save_file(kept, path, metadata={"state": json.dumps(change(plain))})


DAMAGE = {
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-10]),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "no header": lambda path: path.write_bytes(b"\xff" * 200),
    "a text": lambda path: path.write_text("not a checkpoint at all, but long enough"),
    "a picture": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "no values": without_metadata,
    "a list": lambda path: rewritten(path, lambda _: [1, 2]),
    "about a number": lambda path: rewritten(path, lambda plain: plain | {"about": 4}),
    "no step": lambda path: rewritten(
        path, lambda plain: {k: v for k, v in plain.items() if k != "step"}
    ),
    "a weight gone": lambda path: rewritten(path, lambda plain: plain, "network.head"),
    "a mean gone": lambda path: rewritten(path, lambda plain: plain, "averaged.head"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_refused_in_one_sentence(stored, damage):
    damage(stored)
    with pytest.raises(ModelError) as caught:
        load_state(stored, new(), about=ABOUT)
    assert str(caught.value).startswith("run.checkpoint is no checkpoint that can be read")
    assert str(caught.value).endswith("delete it to start anew.")


@pytest.mark.parametrize("change", ["fewer", "another shape"])
def test_moments_of_another_network_are_refused(stored, change):
    state = State.new(
        build({**SMALL, "base": 3 if change == "fewer" else 4}), weight_decay=0
    )
    with pytest.raises(ModelError, match="no checkpoint that can be read"):
        load_state(stored, state, about=ABOUT)


def test_a_folder_or_a_missing_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(ModelError, match="delete it to start anew"):
            load_state(path, new(), about=ABOUT)


def test_a_state_that_cannot_be_written_leaves_the_old_file(stored):
    before = stored.read_bytes()
    with pytest.raises(TypeError):
        save_state(stored, trained(0), about={"seed": object()})
    assert stored.read_bytes() == before
    with pytest.raises(WriteError):
        save_state(stored.parent / "absent" / "a", new(), about=ABOUT)
    assert [path.name for path in stored.parent.iterdir()] == [stored.name]


def test_a_file_is_replaced_by_the_newer_state(stored):
    save_state(stored, trained(5), about=ABOUT)
    state = new()
    load_state(stored, state, about=ABOUT)
    assert state.step == 5
    assert [path.name for path in stored.parent.iterdir()] == [stored.name]


def test_averaged_weights_start_as_the_networks_and_follow_them():
    state = new()
    assert torch.equal(state.averaged.head.weight, state.network.head.weight)
    with torch.no_grad():
        state.network.head.weight += 1.0
    state.step = 10**6
    before = state.averaged.head.weight.clone()
    state.average(0.9)
    assert torch.allclose(state.averaged.head.weight - before, torch.tensor(0.1))


@pytest.mark.parametrize("done", [1, 5, 100])
def test_early_averages_are_shorter(done):
    state = new()
    with torch.no_grad():
        state.averaged.head.bias.zero_()
        state.network.head.bias.fill_(1.0)
    state.step = done
    state.average(0.999)
    expected = 1 - min(0.999, (1 + done) / (10 + done))
    assert state.averaged.head.bias[0].item() == pytest.approx(expected, rel=1e-4)


def test_counts_are_copied_and_running_statistics_averaged():
    state = new()
    step(state, 0)
    averages = [m for m in state.averaged.modules() if isinstance(m, nn.BatchNorm2d)]
    currents = [m for m in state.network.modules() if isinstance(m, nn.BatchNorm2d)]
    for average, current in zip(averages, currents, strict=True):
        assert average.num_batches_tracked == current.num_batches_tracked == 1
        share = (1 + 1) / (10 + 1)
        expected = (1 - share) * current.running_mean
        assert torch.allclose(average.running_mean, expected, atol=1e-6)


def test_the_averaged_network_is_for_judging_and_learns_nothing():
    state = new()
    assert not state.averaged.training
    assert not any(weights.requires_grad for weights in state.averaged.parameters())
    assert isinstance(state.averaged, UNet)
    decays = {group["weight_decay"] for group in state.optimizer.param_groups}
    assert decays == {0.01}


def test_not_a_number_survives_the_file(tmp_path):
    state = trained()
    state.losses = [math.nan, math.inf]
    save_state(tmp_path / "a", state, about={})
    load_state(tmp_path / "a", state, about={})
    assert math.isnan(state.losses[0])
    assert state.losses[1] == math.inf


IDENTITY = {"options": {"seed": 0}, "pictures": "abc"}
CHOICES = {
    "plan": asdict(Plan(seed=4, diameter=None)),
    "timetable": {"training": 1.0},
    "start": None,
    "sentences": ["a"],
}
NEW = {"resume": False, "overwrite": False}


@pytest.fixture
def stopped(tmp_path):
    return Stopped(tmp_path / "cells.checkpoint")


def test_a_new_training_leaves_no_folder_before_it_has_chosen(stopped):
    assert stopped.begin(IDENTITY, **NEW) is None
    assert not stopped.folder.exists()


def test_the_choices_are_taken_up_again(stopped):
    stopped.keep(IDENTITY, CHOICES)
    found = stopped.begin(IDENTITY, resume=True, overwrite=False)
    assert plan_from_json(found["plan"]) == Plan(seed=4, diameter=None)
    assert found["sentences"] == ["a"]


def test_there_may_be_nothing_to_go_on_with(stopped):
    assert stopped.begin(IDENTITY, resume=True, overwrite=False) is None


def test_a_stopped_training_is_not_lost_by_accident(stopped):
    stopped.keep(IDENTITY, CHOICES)
    with pytest.raises(RecipeError, match="--resume goes on with it, --overwrite begins"):
        stopped.begin(IDENTITY, **NEW)
    assert stopped.folder.is_dir()
    assert stopped.begin(IDENTITY, resume=False, overwrite=True) is None
    assert not stopped.folder.exists()


def test_other_options_or_pictures_cannot_go_on(stopped):
    stopped.keep(IDENTITY, CHOICES)
    other = {**IDENTITY, "pictures": "xyz"}
    with pytest.raises(RecipeError, match=r"other options or pictures \(pictures\)"):
        stopped.begin(other, resume=True, overwrite=False)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        json.dumps({"identity": IDENTITY, "choices": {"plan": {"side": 3}}}),
        json.dumps({"identity": 3, "choices": CHOICES}),
        json.dumps({"identity": IDENTITY, "choices": {**CHOICES, "timetable": 3}}),
    ],
)
def test_a_damaged_folder_is_told(stopped, content):
    stopped.keep(IDENTITY, CHOICES)
    (stopped.folder / "choices.json").write_text(content)
    with pytest.raises(ModelError, match="damaged"):
        stopped.begin(IDENTITY, resume=True, overwrite=False)


def test_only_its_own_files_are_removed(stopped):
    stopped.keep(IDENTITY, CHOICES)
    stopped.state("fold 1 of 3").write_bytes(b"state")
    mine = stopped.folder / "my notes.txt"
    mine.write_text("mine")
    stopped.remove()
    assert [path.name for path in stopped.folder.iterdir()] == ["my notes.txt"]
    mine.unlink()
    stopped.remove()
    assert not stopped.folder.exists()


def test_a_file_in_the_place_of_the_folder_is_told(stopped):
    stopped.folder.write_text("")
    with pytest.raises(WriteError, match="cannot be made"):
        stopped.keep(IDENTITY, CHOICES)


def test_each_training_has_a_state_of_its_own(stopped):
    names = {stopped.state(f"fold {k} of 3").name for k in range(3)}
    assert len(names) == 3
    assert all(" " not in name for name in names)
