"""StarDist where it is installed, with a network of random weights: it finds noise."""

import numpy as np
import pytest

pytest.importorskip("stardist", reason="StarDist is no part of Segmetry")

from segmetry.adapters.stardist import StarDist
from segmetry.errors import RecipeError
from segmetry.image import Image

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    import keras
    from stardist.models import Config2D, StarDist2D

    keras.utils.set_random_seed(0)
    base = tmp_path_factory.mktemp("stardist")
    config = Config2D(n_rays=8, grid=(2, 2), unet_n_depth=1, unet_n_filter_base=4)
    model = StarDist2D(config, name="random", basedir=str(base))
    model.keras_model.save_weights(str(base / "random" / "weights_best.weights.h5"))
    model.keras_model.save_weights(str(base / "random" / "weights_best.h5"))
    return base / "random"


def test_its_objects_come_out_as_it_gave_them(folder, discs):
    from stardist.models import StarDist2D

    picture = discs([9, 11, 12]).astype(np.float32)
    find = StarDist(model=str(folder), probability=0.5, overlap=0.3, min_area=1)
    labels = find(Image(picture))
    low, high = np.percentile(picture, [1, 99.8])
    model = StarDist2D(None, name="random", basedir=str(folder.parent))
    expected, _ = model.predict_instances(
        (picture - low) / (high - low), prob_thresh=0.5, nms_thresh=0.3
    )
    assert len(labels.ids) == len(np.unique(expected)) - 1
    assert np.array_equal(labels.data > 0, expected > 0)
    assert labels.steps[0].options["found_model"] == "random"
    assert "config.json" in find.files()


def test_nothing_is_fetched(monkeypatch, tmp_path, discs):
    import socket

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("asked the network"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(
        RecipeError, match="not on this machine, and Segmetry fetches nothing"
    ):
        StarDist()(Image(discs([9])))


def test_a_folder_that_is_no_model_is_told_in_one_sentence(tmp_path, discs):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(RecipeError, match="has no weights"):
        StarDist(model=str(tmp_path))(Image(discs([9])))
    (tmp_path / "weights_best.h5").write_bytes(b"none")
    with pytest.raises(RecipeError, match="StarDist cannot open") as error:
        StarDist(model=str(tmp_path))(Image(discs([9])))
    assert "\n" not in str(error.value)
