import numpy as np
import pytest

from segmetry import io
from segmetry.dataset import describe, find_parts
from segmetry.edit import Edit
from segmetry.errors import ProjectError
from segmetry.io.exchange import EXCHANGE_FORMATS, read_coco, read_origins
from segmetry.project.annotated import mark_checked
from segmetry.project.exchange import export_annotated, export_objects


@pytest.fixture
def both(project, picture, home, discs, simple):
    """Open labels of two pictures, `a.png` and `b.png`, of which one was corrected."""
    io.write_png(home / "b.png", discs([12] * 6))
    found = [
        project.labels.run(project.pictures.add(path), simple)
        for path in (picture, home / "b.png")
    ]
    labels = [project.labels.open(one) for one in found]
    labels[0].edit(Edit("delete", ids=(3,)), op_id="a", base=0)
    return labels


@pytest.mark.parametrize("name", EXCHANGE_FORMATS)
@pytest.mark.usefixtures("both")
def test_all_pictures_are_given_out_in_every_format(project, tmp_path, name):
    paths = export_objects(project, tmp_path / "out", to=name)
    assert all(path.stat().st_size for path in paths)
    if not EXCHANGE_FORMATS[name].is_of_set:
        stems = {path.name[0] for path in paths if path.suffix != ".csv"}
        assert stems == {"a", "b"}


def test_objects_are_those_of_now_with_their_numbers(project, both, tmp_path):
    (path,) = export_objects(project, tmp_path / "out", to="coco")
    for one, labels in zip(read_coco(path), both, strict=True):
        assert np.array_equal(one.labels, labels.labels.data)
    assert [one.file_name for one in read_coco(path)] == ["a.png", "b.png"]


def test_beside_masks_lies_what_a_person_did(project, both, tmp_path):
    export_objects(project, tmp_path / "out", to="masks")
    origins = read_origins(tmp_path / "out")
    assert [one.kind for one in origins.values()] == ["corrected", "draft"]
    assert [one.checked for one in origins.values()] == [False, False]
    assert len(origins["a"].objects) == both[0].n_objects == 11


def test_measurements_go_with_objects_to_qupath(project, both, tmp_path):
    paths = export_objects(project, tmp_path, to="qupath")
    assert '"area_px": ' in paths[0].read_text(encoding="utf-8")
    assert len(both) == len(paths)


def test_chosen_labels_are_given_out_alone(project, both, tmp_path):
    chosen = project.labels.records(project.pictures.records()[1].id)[0].id
    (path,) = export_objects(project, tmp_path, to="voc", labels=[chosen])
    assert path.name == "b.xml"
    assert len(both) == 2


def test_a_project_without_labels_has_nothing_to_give(project, tmp_path):
    with pytest.raises(ProjectError, match="no picture was segmented"):
        export_objects(project, tmp_path, to="masks")


def test_the_annotated_set_holds_what_a_person_looked_at(project, both, tmp_path):
    picture = project.pictures.records()[1].id
    mark_checked(project, picture, project.labels.records(picture)[0].id)
    assert export_annotated(project, tmp_path) == 2
    (pairing,) = find_parts(tmp_path).values()
    assert [pair.stem for pair in pairing.pairs] == ["a", "b"]
    for pair, labels in zip(pairing.pairs, both, strict=True):
        assert np.array_equal(io.read_labels(pair.mask_path), labels.labels.data)
        assert np.array_equal(io.read(pair.image_path).pixels, labels.labels.image.pixels)
    origins = read_origins(tmp_path / "masks")
    told = {name: (one.kind, one.checked) for name, one in origins.items()}
    assert told == {"a": ("corrected", False), "b": ("draft", True)}
    assert describe({"": pairing}).to_json()["n_objects"] == 17


def test_without_any_annotated_picture_there_is_no_set(project, labels, tmp_path):
    assert labels.n_objects == 12
    with pytest.raises(ProjectError, match="no annotated picture yet"):
        export_annotated(project, tmp_path)
