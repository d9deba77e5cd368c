"""Cellpose where it is installed, with a network of random weights: what it finds is noise.

Whether Cellpose finds cells is Cellpose's affair; here its objects must come out as it
gave them.
"""

import json

import numpy as np
import pytest

pytest.importorskip("cellpose", reason="Cellpose is no part of Segmetry")

from segmetry import segment
from segmetry.adapters.cellpose import Cellpose
from segmetry.errors import RecipeError
from segmetry.image import Image

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    import torch
    from cellpose.models import CellposeModel

    if segment.find_spec("cellpose.resnet_torch") is None:
        pytest.skip("networks of Cellpose 4 are too large to draw at random")
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("cellpose") / "random"
    CellposeModel(gpu=False, pretrained_model=None, diam_mean=20.0).net.save_model(
        str(path)
    )
    return path


def test_its_objects_come_out_as_it_gave_them(weights, discs):
    from cellpose.models import CellposeModel

    picture = discs([9, 11, 12])
    find = Cellpose(model=str(weights), flow_threshold=0, probability=-6.0, min_area=4)
    labels, maps = find.labels_and_maps(Image(picture))
    model = CellposeModel(gpu=False, pretrained_model=str(weights))
    expected = model.eval(
        picture.astype(np.float32),
        channels=[0, 0],
        flow_threshold=0,
        cellprob_threshold=-6.0,
        min_size=4,
    )[0]
    assert len(labels.ids) == expected.max()
    pairs = np.unique(np.stack([labels.data.ravel(), expected.ravel()]), axis=1)
    assert pairs.shape[1] == expected.max() + (expected == 0).any()
    assert maps.foreground.shape == picture.shape
    assert labels.steps[0].options["found_model"] == "random"
    assert list(find.files()) == ["random"]


def test_nothing_is_fetched(monkeypatch, tmp_path, discs):
    import socket

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("asked the network"))
    monkeypatch.setenv("CELLPOSE_LOCAL_MODELS_PATH", str(tmp_path))
    with pytest.raises(
        RecipeError, match="not on this machine, and Segmetry fetches nothing"
    ):
        Cellpose()(Image(discs([9])))


def test_a_file_that_is_no_model_is_told_in_one_sentence(tmp_path, discs):
    (tmp_path / "a").write_text(json.dumps({}))
    with pytest.raises(RecipeError, match="Cellpose cannot open a") as error:
        Cellpose(model=str(tmp_path / "a"))(Image(discs([9])))
    assert "\n" not in str(error.value)
