"""What was taught becomes a model file without pickle, that finds the same everywhere."""

import zipfile

import numpy as np
import pytest

from segmetry import io
from segmetry.io import write_png
from segmetry.models import read_model
from segmetry.project import Stroke, look_at
from segmetry.project.taught import lesson_of, taught_classifier
from segmetry.project.taught_models import keep_classifier
from segmetry.recipe import run
from segmetry.segment import segmenter


@pytest.fixture(autouse=True)
def _own_models(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMETRY_MODELS", str(tmp_path / "models"))


@pytest.fixture
def taught(project, home, discs, simple):
    """A project with a picture of discs, lines of strokes on them and between them."""
    project.set_recipe(simple)
    pixels = discs([10] * 12)
    write_png(home / "discs.png", pixels)
    place = project.pictures.add(home / "discs.png")
    rng = np.random.default_rng(1)
    for class_id, truth in ((1, pixels < 100), (2, pixels > 150)):
        for number, (y, x) in enumerate(rng.choice(np.argwhere(truth), 25)):
            spot = ((int(x), int(y)),)
            project.strokes.draw(place, Stroke(f"{class_id}/{number}", class_id, 1, spot))
    return project


@pytest.fixture
def keep(taught):
    def keep(name):
        lesson = lesson_of(taught)
        return keep_classifier(taught, lesson, taught_classifier(lesson), name)

    return keep


def test_a_run_of_the_model_file_finds_the_discs(keep, taught, simple, home):
    kept = keep("My discs")
    assert kept.name == "my-discs"
    chosen = simple.model_copy(
        update={
            "segmentation": simple.segmentation.model_copy(update={"name": str(kept.path)})
        }
    )
    result = run(chosen, io.read(home / "discs.png"))
    assert len(result.objects) == 12
    assert segmenter(str(kept.path)).name == "boosted"
    # The app's ordinary run of it is the same.
    (picture,) = taught.pictures.records()
    labels = taught.labels.open(taught.labels.run(picture.id, chosen))
    assert np.array_equal(labels.labels.data, result.labels.data)


def test_the_file_holds_no_pickle_and_says_from_what_it_learned(keep):
    kept = keep("discs")
    with zipfile.ZipFile(kept.path) as file:
        assert sorted(file.namelist()) == ["classifier.safetensors", "model.json"]
    card = read_model(kept.path).card
    assert card.architecture["class_names"] == ["background", "objects"]
    assert (card.data[0].name, card.data[0].n_pictures) == ("Powder batch 7", 1)
    assert card.training.options == {"strokes": 50}
    assert card.pixel_size_um is None


def test_the_same_is_kept_once_and_another_one_gets_a_number(keep, taught):
    first = keep("discs")
    assert keep("discs") == first
    (picture,) = taught.pictures.records()
    taught.strokes.draw(picture.id, Stroke("more", 1, 9, ((4, 4),)))
    second = keep("discs")
    assert (second.name, first.path.exists()) == ("discs-2", True)
    assert keep("discs") == second


def test_a_long_name_has_room_for_a_number(keep, taught):
    first = keep("d" * 100)
    (picture,) = taught.pictures.records()
    taught.strokes.draw(picture.id, Stroke("more", 1, 9, ((4, 4),)))
    second = keep("d" * 100)
    assert second.name == f"{'d' * 48}-2"
    assert first.path != second.path


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "涂画", ".."])
def test_no_name_leaves_the_folder_of_models(keep, tmp_path, name):
    assert keep(name).path.parent == tmp_path / "models"


def test_no_model_takes_the_name_of_one_that_is_shipped(keep):
    assert keep("nuclei").name == "nuclei-2"


def test_a_known_pixel_size_is_told_to_who_runs_it_elsewhere(keep, taught):
    (picture,) = taught.pictures.records()
    taught.pictures.choose(picture.id, {"calibration": {"pixel_size": "500 nm"}})
    recipe = taught.pictures.recipe(picture.id, taught.recipe)
    taught.pictures.keep_look(picture.id, look_at(picture.path, recipe))
    assert read_model(keep("sized").path).card.pixel_size_um == 0.5
