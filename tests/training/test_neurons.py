"""The file of `neurons` says what taught it, and under which licence it goes on."""

import sys
from dataclasses import replace

import neurons as script
import numpy as np
import pytest
from drawn_slices import EXAM, EXAM_DISTANCE_PX, drawn_slice
from sets import in_one_channel

from segmetry import segmenter
from segmetry.evaluate import match_centres, object_centres
from segmetry.image import Image
from segmetry.learn.examples import Example
from segmetry.learn.networks import build
from segmetry.learn.plan import Schedule
from segmetry.models import find_model, read_model


def examples(*kinds):
    return [
        Example(Image(np.eye(9)), np.eye(9, dtype=np.uint32), kind=kind) for kind in kinds
    ]


@pytest.fixture
def sets_of_files(tmp_path, monkeypatch):
    for name in ("dsb2018", "fluocells"):
        (tmp_path / name / "train").mkdir(parents=True)
        (tmp_path / name / "train" / "1.png").write_bytes(name.encode())
    monkeypatch.setattr(script, "DATA", tmp_path)


@pytest.mark.usefixtures("sets_of_files")
def test_the_card_says_how_few_real_neurons_taught():
    taught = examples("fluo_small", "fluo_large", "neurons", "drawn", "drawn", "drawn")
    nuclei, neurons, drawn = script.told_data((taught, examples("neurons", "drawn")))
    assert [one.n_pictures for one in (nuclei, neurons, drawn)] == [2, 2, 3]
    assert "all the real neurons" in neurons.name
    assert neurons.split.startswith("2 pictures, 188 marks;")
    assert neurons.license == "CC BY-SA 4.0"
    assert len({one.sha256 for one in (nuclei, neurons, drawn)}) == 3


def sure(confidences, centres, true, kind="drawn"):
    return script.Sure(np.array(confidences), np.array(centres), np.array(true), kind)


CELLS = [(10.0, 10.0), (60.0, 60.0)]


def test_what_is_not_sure_enough_is_neither_right_nor_wrong():
    one = sure([0.9, 0.4, 0.2], [(10, 12), (60, 60), (99, 5)], CELLS)
    told = [script.worth([one], least) for least in (0.0, 0.3, 0.5, 0.95)]
    assert [f1 for f1, _ in told] == pytest.approx([4 / 5, 1, 2 / 3, 0])
    assert [error for _, error in told] == pytest.approx([1 / 2, 0, 1 / 2, 1])


@pytest.mark.parametrize(("kind", "near"), [("drawn", 15), ("neurons", 50)])
def test_centres_are_near_by_the_distance_of_their_kind(kind, near):
    true = [(100.0, 100.0)]
    scores = [
        script.worth([sure([1.0], [(100.0, 100 + way)], true, kind)], 0)[0]
        for way in (near, near + 1)
    ]
    assert scores == [1, 0]


def test_slices_of_a_kind_are_scored_together():
    many = sure([0.5] * 2, CELLS, CELLS)
    none = sure([0.5] * 2, [(200, 200), (300, 300)], [(0.0, 0.0)])
    assert script.worth([many, none], 0) == pytest.approx((4 / 7, 1 / 3))


def test_cells_count_from_where_both_kinds_together_are_found_and_counted_best():
    drawn = sure([0.9, 0.3, 0.12], [*CELLS, (99, 5)], CELLS)
    real = sure([0.9, 0.62, 0.52], [CELLS[0], (400, 5), (5, 400)], CELLS[:1], "neurons")
    card, said = read_model(find_model("neurons")).card, []
    chosen = script.counting_right(card, [drawn, real], said.append)
    # From 0.65 on the drawn slice loses a cell, which costs less than two inventions.
    assert chosen.cutoffs["min_confidence"] == 0.65
    assert chosen.cutoffs == {**card.cutoffs, "min_confidence": 0.65}
    assert len(said) == len(script.CONFIDENCES)
    alone = script.counting_right(card, [drawn], said.append)
    assert alone.cutoffs["min_confidence"] == 0.15


@pytest.mark.slow
def test_a_model_tells_how_sure_it_is_of_every_cell():
    pixels, labels, _ = drawn_slice(40_000, settings=replace(EXAM, shape=(300, 300)))
    image = Image(pixels, axes="YX" if pixels.ndim == 2 else "YXC")
    one = Example(image, labels, kind="drawn")
    told = script.looked(find_model("neurons"), one)
    assert len(told.confidences) == len(told.centres) > 0
    assert ((told.confidences >= 0) & (told.confidences <= 1)).all()
    assert (told.true == object_centres(labels)).all()
    assert script.worth([told], 0)[0] > 0.7


def small(seed, kind):
    settings = replace(EXAM, shape=(96, 96), cells=(4, 6), empty=0, packed=0)
    pixels, labels, _ = drawn_slice(seed, settings=settings)
    image, name = Image(pixels, axes="YX" if pixels.ndim == 2 else "YXC"), f"{kind} {seed}"
    return in_one_channel(Example(image, labels, name=name, group=name, kind=kind))


@pytest.mark.slow
@pytest.mark.usefixtures("sets_of_files")
@pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning")
def test_no_network_is_asked_of_a_slice_that_taught_it(tmp_path, monkeypatch, capsys):
    kinds = ("fluo_small", "neurons", "drawn")
    taught = [small(seed, kind) for seed in range(2) for kind in kinds]
    held = [small(seed, kind) for seed in (5,) for kind in kinds]
    shape = {**script.NETWORK, "base": 4, "levels": 2}
    shape = {
        name: shape[name] for name in ("kind", "channels", "outputs", "base", "levels")
    }
    schedule = Schedule(steps=2, warm_up=1, validate_every=2)
    plan = replace(script.PLAN, architecture=shape, side=32, batch=2, schedule=schedule)
    plan = replace(plan, precision="float32")
    for name, value in {
        "NETWORK": shape,
        "PLAN": plan,
        "GENTLE": replace(plan, loss="flows"),
        "HELD_OUT_NEURONS": "neurons 5",
        "neurons": lambda: (taught, held),
        "COUNT_SEEDS": (5,),
        "drawn_example": lambda seed, _: small(seed, "drawn"),
        "weights_of": lambda *_: build(shape).state_dict(),
    }.items():
        monkeypatch.setattr(script, name, value)
    asked, taught_by = [], {}
    looked, second = script.looked, script.Teaching.second

    def noted(self, name, reds, *rest):
        taught_by[name] = {one.group for one in reds}
        return second(self, name, reds, *rest)

    def seen(path, one):
        asked.append(one.group)
        return looked(path, one)

    monkeypatch.setattr(script.Teaching, "second", noted)
    monkeypatch.setattr(script, "looked", seen)
    monkeypatch.setattr(sys, "argv", ["neurons.py", "--runs", f"{tmp_path}/runs"])
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--out", str(tmp_path)])
    script.main()
    reds = {"neurons 0", "neurons 1", "neurons 5"}
    assert taught_by == {"2": reds} | {f"2 without {one}": reds - {one} for one in reds}
    assert sorted(asked) == sorted([*reds, "drawn 5"])
    model = read_model(tmp_path / "neurons.segmodel")
    model.verify()
    assert model.read("LICENSE.txt").decode() == script.LICENSE
    assert model.card.scores_on == script.BEFORE_LAST
    assert model.card.training.steps == 4
    assert "from a confidence of 0.9 on" in capsys.readouterr().out


@pytest.fixture(scope="module")
def model():
    return read_model(find_model("neurons"))


def test_the_shipped_file_holds_its_licence_and_names_its_data(model):
    assert model.read("LICENSE.txt").decode() == script.LICENSE
    licences = [one.license for one in model.card.data]
    assert licences == ["CC0-1.0", "CC BY-SA 4.0", "BSD-3-Clause"]
    assert "each validated a network without it" in model.card.data[1].split
    assert (model.card.channels, model.card.diameter_px) == (1, 24)
    assert model.card.training.started_from == "nuclei"


def found_and_true(seed, settings=EXAM):
    pixels, labels, _ = drawn_slice(seed, settings=settings)
    image = Image(pixels, axes="YX" if pixels.ndim == 2 else "YXC")
    return object_centres(segmenter("neurons")(image).data), object_centres(labels)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The model neurons:segmetry.errors.SegmetryWarning")
def test_drawn_cells_are_found_in_every_colour():
    n_both = n_found = n_true = 0
    for seed in range(40_000, 40_016):  # neither of the training nor of the exam
        found, true = found_and_true(seed)
        n_both += len(match_centres(found, true, max_distance=EXAM_DISTANCE_PX))
        n_found, n_true = n_found + len(found), n_true + len(true)
    assert 2 * n_both / (n_found + n_true) > 0.9
    assert abs(n_found / n_true - 1) < 0.1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The model neurons:segmetry.errors.SegmetryWarning")
def test_more_than_255_cells_of_one_slice_are_found():
    found, true = found_and_true(40_000, replace(EXAM, packed=1, empty=0))
    assert min(len(found), len(true)) > 255
    n_both = len(match_centres(found, true, max_distance=8))
    assert 2 * n_both / (len(found) + len(true)) > 0.9
