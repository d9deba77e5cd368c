import sys
from pathlib import Path

import pytest

import segmetry
from segmetry.errors import ModelError, WriteError
from segmetry.models import store
from segmetry.models.file import read_model
from segmetry.models.store import (
    add_model,
    find_model,
    installed_models,
    models_folder,
    remove_model,
)


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """An empty folder of shipped models, and no folder of added ones."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    monkeypatch.setattr(store, "_SHIPPED", shipped)
    monkeypatch.setenv("SEGMETRY_MODELS", str(tmp_path / "added" / "deep"))
    return shipped, tmp_path / "added" / "deep"


@pytest.fixture
def ship(folders, make_model):
    def shipped(name):
        path = folders[0] / f"{name}.segmodel"
        return make_model(name=name).path.replace(path)

    return shipped


def told():
    return [(model.name, model.shipped) for model in installed_models()]


def test_an_added_model_is_found_by_its_name(make_model, folders):
    model = make_model(name="cells")
    added = add_model(model.path)
    assert added.path == find_model("cells") == folders[1] / "cells.segmodel"
    assert added.path.read_bytes() == model.path.read_bytes()
    assert told() == [("cells", False)]


def test_it_has_the_name_on_its_card_whatever_its_file_was_called(make_model):
    path = make_model(name="cells").path
    assert add_model(path.rename(path.with_name("other.segmodel"))).name == "cells"


def test_models_are_told_by_name_and_shipped_ones_first(ship, make_model):
    for name in ("zebra", "bark"):
        ship(name)
        add_model(make_model(name=f"my-{name}").path)
    assert told() == [
        ("bark", True),
        ("zebra", True),
        ("my-bark", False),
        ("my-zebra", False),
    ]


def test_without_models_there_are_none():
    assert installed_models() == []


def test_the_name_of_a_shipped_model_cannot_be_taken(ship, make_model, folders):
    ship("nuclei")
    with pytest.raises(ModelError, match="name of a model of Segmetry's own"):
        add_model(make_model(name="nuclei").path)
    assert not folders[1].exists()


def test_a_shipped_model_comes_before_an_older_added_one_of_its_name(ship, make_model):
    added = add_model(make_model(name="nuclei").path)
    shipped = ship("nuclei")
    assert find_model("nuclei") == shipped
    assert told() == [("nuclei", True), ("nuclei", False)]
    assert remove_model("nuclei") == added
    assert told() == [("nuclei", True)]


def test_a_model_is_not_replaced_unasked(make_model):
    add_model(make_model(name="cells").path)
    before = find_model("cells").read_bytes()
    with pytest.raises(ModelError, match="first: segmetry models remove cells"):
        add_model(make_model(name="cells", multiple=4).path)
    assert find_model("cells").read_bytes() == before


def test_a_damaged_file_is_not_added(make_model, folders):
    model = make_model(name="cells")
    content = bytearray(model.path.read_bytes())
    content[content.index(b"logits")] ^= 1
    model.path.write_bytes(content)
    read_model(model.path)  # its card is whole
    with pytest.raises(ModelError, match="damaged"):
        add_model(model.path)
    assert not folders[1].exists()


def test_a_folder_that_cannot_be_made_is_told(make_model, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SEGMETRY_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(WriteError, match="set SEGMETRY_MODELS to a folder"):
        add_model(make_model().path)


def test_a_removed_model_is_gone(make_model, folders):
    add_model(make_model(name="cells").path)
    assert remove_model("cells").name == "cells"
    assert list(folders[1].iterdir()) == []
    with pytest.raises(ModelError, match=r"no model 'cells'; no model is installed"):
        remove_model("cells")


def test_a_shipped_model_cannot_be_removed(ship):
    path = ship("nuclei")
    with pytest.raises(ModelError, match="comes with Segmetry and cannot be removed"):
        remove_model("nuclei")
    assert path.exists()


@pytest.mark.parametrize("name", ["../outside", "deep/../../outside", "", ".", "*"])
def test_only_names_are_removed_never_paths(make_model, folders, name):
    add_model(make_model().path)
    outside = folders[1].parent / "outside.segmodel"
    outside.write_bytes(b"mine")
    with pytest.raises(ModelError, match="There is no model"):
        remove_model(name)
    assert outside.exists()


def test_a_file_that_cannot_be_removed_is_told(make_model, monkeypatch):
    added = add_model(make_model(name="cells").path)

    def refuse(_):
        raise PermissionError

    monkeypatch.setattr(type(added.path), "unlink", refuse)
    with pytest.raises(WriteError, match="cannot be removed"):
        remove_model("cells")


def test_a_file_is_found_by_its_path(make_model, monkeypatch):
    path = make_model(name="cells").path
    monkeypatch.chdir(path.parent)
    assert find_model(path) == path
    assert find_model("cells.segmodel") == Path("cells.segmodel")
    assert find_model("./cells.segmodel").exists()
    assert path.rename("cells.zip").exists()
    assert find_model("cells.zip") == Path("cells.zip")


def test_a_file_in_the_current_folder_never_stands_for_a_model(
    ship, make_model, monkeypatch, tmp_path
):
    shipped = ship("nuclei")
    monkeypatch.chdir(tmp_path)
    make_model(name="nuclei").path.rename("nuclei")
    assert find_model("nuclei") == shipped


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nucle", "There is no model 'nucle'; did you mean 'nuclei'?"),
        ("bark", "There is no model 'bark'; known are nuclei, or name a .segmodel file"),
        ("a/nuclei", "There is no model file a/nuclei; check its name and folder"),
        ("cells.segmodel", "There is no model file cells.segmodel; check its name"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(ship, text, said):
    ship("nuclei")
    with pytest.raises(ModelError) as error:
        find_model(text)
    assert said in str(error.value)


def test_without_the_variable_each_user_has_a_folder_of_data(monkeypatch, tmp_path):
    monkeypatch.setenv("SEGMETRY_MODELS", "")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert models_folder() == tmp_path / "segmetry" / "models"
    assert models_folder().parts[-2:] == ("segmetry", "models")
    assert models_folder().is_absolute()


def test_every_shipped_model_is_whole(monkeypatch):
    folder = Path(segmetry.__file__).parent / "models" / "shipped"
    monkeypatch.setattr(store, "_SHIPPED", folder)
    paths = [model.path for model in installed_models() if model.shipped]
    for path in paths:
        model = read_model(path)
        model.verify()
        assert model.card.name == path.stem
    assert sum(path.stat().st_size for path in paths) < 60e6
