import json

import pytest
import torch

from segmetry.image import Image
from segmetry.learn import chosen as module
from segmetry.learn.chosen import SHARES, Chosen, choices_as_json, choose, n_trainings
from segmetry.learn.encoders import build_encoder
from segmetry.learn.fitting import Plan
from segmetry.learn.networks import OBJECT_OUTPUTS
from segmetry.learn.options import TrainingOptions
from segmetry.learn.prepared import Example
from segmetry.learn.training import _encoder_weights, _first_weights
from segmetry.models import InstalledModel

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def examples(annotated):
    drawn = [annotated(seed=seed) for seed in range(4)]
    return [Example(Image(p), labels, name=f"d{k}") for k, (p, labels) in enumerate(drawn)]


@pytest.fixture
def shipped(disc_model, monkeypatch):
    """Let the trained discs be the only shipped model."""

    def ship(*, shipped=True):
        found = [InstalledModel("discs", disc_model, shipped=shipped)]
        monkeypatch.setattr(module, "installed_models", lambda: found)

    ship()
    return ship


def test_a_small_set_starts_from_the_best_shipped_model(examples, shipped):
    found = choose(examples, None, TrainingOptions(steps=5), None)
    assert found.start.card.name == "discs"
    assert any("discs, which of the shipped models" in told for told in found.sentences)
    # What has to beat its start is not stopped by the pictures that judge.
    assert found.plan.schedule.patience == 0
    shipped(shipped=False)
    assert (
        choose(examples, None, TrainingOptions(steps=5, size="small"), None).start is None
    )


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("repeats", "options"), [(13, {}), (1, {"start": "none"}), (1, {"size": "small"})]
)
def test_large_sets_and_networks_of_their_own_start_from_none(examples, repeats, options):
    start, told = module._start(
        examples * repeats, TrainingOptions(**options), OBJECT_OUTPUTS
    )
    assert start is None
    assert told == []


def test_the_time_is_shared_by_all_trainings(examples, disc_model):
    options = TrainingOptions(start=str(disc_model), minutes=1e-3)
    found = choose(examples, None, options, None)
    assert found.plan.schedule.steps == 10  # the fewest
    assert len(found.parts) == 4
    assert found.in_folds
    assert "5 trainings of 10 steps" in found.sentences[-1]


def test_choices_are_taken_up_as_they_were_stored(examples, disc_model):
    options = TrainingOptions(start=str(disc_model), steps=5)
    first = choose(examples, None, options, None)
    stored = json.loads(json.dumps(choices_as_json(first)))
    second = choose(examples, None, options, stored)
    assert second.plan == first.plan
    assert second.sentences == first.sentences
    assert second.start.card == first.start.card


@pytest.mark.parametrize(
    ("n_parts", "with_curve", "n"),
    [(1, False, 1), (3, False, 4), (1, True, 4), (3, True, 13)],
)
def test_trainings_are_counted(n_parts, with_curve, n):
    assert len(SHARES) == 3
    options = TrainingOptions(learning_curve=with_curve)
    assert n_trainings([None] * n_parts, options) == n


def test_weights_of_an_encoder_are_put_under_a_decoder_from_the_seed(tmp_path):
    torch.manual_seed(5)
    published = build_encoder("resnet18").state_dict()
    torch.save(published, tmp_path / "weights.pth")
    options = TrainingOptions(encoder="resnet18", encoder_weights=tmp_path / "weights.pth")
    architecture = {"kind": "encoder_unet", "encoder": "resnet18", "channels": 1}
    plan = Plan(architecture={**architecture, "outputs": ["foreground"]}, seed=3)
    made = [
        _first_weights(
            Chosen(plan=plan, start=None, parts=(), sentences=()), _encoder_weights(options)
        )
        for _ in range(2)
    ]
    for key, value in published.items():
        assert torch.equal(made[0][f"encoder.{key}"], value)
    assert all(torch.equal(made[0][key], made[1][key]) for key in made[0])
