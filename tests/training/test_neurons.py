"""The file of `neurons` says what taught it, and under which licence it goes on."""

import shutil

import neurons as script
import numpy as np
import pytest

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
