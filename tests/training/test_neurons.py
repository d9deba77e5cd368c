"""The file of `neurons` says what taught it, and under which licence it goes on."""

import shutil
from dataclasses import replace

import neurons as script
import numpy as np
import pytest
from drawn_slices import EXAM, EXAM_DISTANCE_PX, drawn_slice

from segmetry import segmenter
from segmetry.evaluate import match_centres, object_centres
from segmetry.image import Image
from segmetry.learn.examples import Example
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
    assert [one.n_pictures for one in (nuclei, neurons, drawn)] == [2, 1, 3]
    assert "all the real neurons" in neurons.name
    assert "188 marks, 1 taught and 1 validated" in neurons.split
    assert neurons.license == "CC BY-SA 4.0"
    assert len({one.sha256 for one in (nuclei, neurons, drawn)}) == 3


def test_the_licence_goes_into_the_file_and_nothing_else_changes(tmp_path):
    path = tmp_path / "copy.segmodel"
    shutil.copy(find_model("vessels"), path)
    before = read_model(path).card
    script.licensed(path)
    model = read_model(path)
    model.verify()
    assert model.read("LICENSE.txt").decode() == script.LICENSE
    without = {key: one for key, one in model.card.files.items() if key != "LICENSE.txt"}
    assert model.card.model_copy(update={"files": without}) == before
    again = path.read_bytes()
    script.licensed(path)
    assert path.read_bytes() == again


@pytest.fixture(scope="module")
def model():
    return read_model(find_model("neurons"))


def test_the_shipped_file_holds_its_licence_and_names_its_data(model):
    assert model.read("LICENSE.txt").decode() == script.LICENSE
    licences = [one.license for one in model.card.data]
    assert licences == ["CC0-1.0", "CC BY-SA 4.0", "BSD-3-Clause"]
    assert "3 taught and 1 validated" in model.card.data[1].split
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
    for seed in range(40_000, 40_006):  # neither of the training nor of the exam
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
