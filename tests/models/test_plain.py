import numpy as np
import pytest

from segmetry.errors import RecipeError
from segmetry.evaluate import dice
from segmetry.image import Image
from segmetry.models.plain import PlainConvolutions
from segmetry.segment import segmenter


def test_without_a_model_it_says_how_to_learn_one(annotated, tmp_path):
    picture, _ = annotated(seed=0)
    with pytest.raises(RecipeError, match="not learned yet.*--method cnn --model"):
        segmenter("cnn")(Image(picture))
    with pytest.raises(RecipeError, match="not learned yet"):
        segmenter("cnn").save(tmp_path / "a.segmodel")
    with pytest.raises(RecipeError, match="no model file"):
        PlainConvolutions(model="nowhere.segmodel")


@pytest.mark.slow
def test_it_learns_discs_and_runs_from_its_file(annotated, tmp_path):
    pytest.importorskip("torch")
    pairs = [annotated(seed=seed) for seed in range(2)]
    images = [Image(picture) for picture, _ in pairs]
    learned = PlainConvolutions(steps=40).fit(images, [labels for _, labels in pairs])
    picture, truth = annotated(seed=9)
    found = learned.maps(Image(picture))
    assert dice(found.foreground > found.cutoff, truth > 0) > 0.8
    learned.save(tmp_path / "plain.segmodel")
    again = segmenter(str(tmp_path / "plain.segmodel")).maps(Image(picture))
    assert np.array_equal(again.foreground, found.foreground)


def test_nothing_to_learn_from_is_refused(annotated):
    pytest.importorskip("torch")
    image = Image(annotated(seed=0)[0])
    with pytest.raises(RecipeError, match="a truth for each picture, got 0 for 1"):
        PlainConvolutions().fit([image], [])
    with pytest.raises(RecipeError, match="no truth marks any object"):
        PlainConvolutions().fit([image], [np.zeros(image.spatial_shape, int)])
