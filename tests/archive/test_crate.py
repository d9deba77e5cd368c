import json
import warnings
import zipfile

import pytest

from segmetry.archive import archive
from segmetry.archive.crate import Described, crate_of

rocrate = pytest.importorskip("rocrate.rocrate", reason="needs rocrate")


@pytest.fixture(scope="session")
def crate(archived, tmp_path_factory):
    """The archive as another program reads it."""
    folder = tmp_path_factory.mktemp("crate")
    with zipfile.ZipFile(archived) as packed:
        packed.extractall(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return rocrate.ROCrate(folder)


def test_the_archive_is_read_by_the_library_of_the_standard(crate):
    assert crate.name == "results"
    assert crate.metadata["conformsTo"] == "https://w3id.org/ro/crate/1.1"
    assert crate.root_dataset["conformsTo"].id.startswith(
        "https://w3id.org/ro/wfrun/process"
    )


def test_every_file_but_the_description_is_described_as_it_is(crate, archived):
    with zipfile.ZipFile(archived) as packed:
        sizes = {one.filename: one.file_size for one in packed.infolist()}
    del sizes["ro-crate-metadata.json"]
    files = {one["name"]: one for one in crate.get_by_type("File")}
    assert {name: int(one["contentSize"]) for name, one in files.items()} == sizes
    assert all(len(one["sha256"]) == 64 for one in files.values())
    assert files["objects.csv"]["encodingFormat"] == "text/csv"
    parts = {one["name"] for one in crate.root_dataset["hasPart"]}
    assert parts == set(files)


def test_the_run_is_one_action_from_pictures_and_recipe_to_results(crate):
    (action,) = crate.get_by_type("CreateAction")
    assert crate.root_dataset["mentions"] == action
    assert action["instrument"]["name"] == "Segmetry"
    used = {one["name"] for one in action["object"]}
    assert used == {
        *("recipe.toml", "inputs/pictures/broken.png", "inputs/pictures/b.png"),
        *("inputs/pictures/day 1/ä 1.png", "inputs/sheet/sheet.csv"),
    }
    assert {one["name"] for one in action["result"]} >= {"objects.csv", "b/labels.tif"}
    assert "manifest.json" not in {one["name"] for one in action["result"]}
    assert len(action["endTime"]) == len("2026-01-31")


def test_pictures_that_are_not_in_it_are_known_by_their_hash(run):
    with zipfile.ZipFile(archive(run, crate=True).path) as packed:
        graph = json.loads(packed.read("ro-crate-metadata.json"))["@graph"]
    elsewhere = {one["name"]: one for one in graph if one["@id"].startswith("#inputs/")}
    assert set(elsewhere) == {"ä 1.png", "b.png", "broken.png"}
    assert len(elsewhere["b.png"]["sha256"]) == 64


def test_every_reference_leads_to_an_entity_or_into_the_world(archived):
    with zipfile.ZipFile(archived) as packed:
        graph = json.loads(packed.read("ro-crate-metadata.json"))["@graph"]
    known = {one["@id"] for one in graph}
    assert len(known) == len(graph)

    def references(value):
        if isinstance(value, list):
            return {one for item in value for one in references(item)}
        return {value["@id"]} if isinstance(value, dict) else set()

    named = {
        one for entity in graph for value in entity.values() for one in references(value)
    }
    assert {one for one in named - known if not one.startswith("https://")} == set()


def test_names_are_written_as_addresses_are():
    told = crate_of(
        Described(
            name="a run",
            finished="2026-01-31",
            manifest={"segmetry": "1", "packages": {}, "inputs": [], "outputs": {}},
            sizes={"a b/ü#1.tif": 3},
            hashes={"a b/ü#1.tif": "12"},
        )
    )
    (file,) = [one for one in told["@graph"] if one["@type"] == "File"]
    assert (file["@id"], file["name"]) == ("a%20b/%C3%BC%231.tif", "a b/ü#1.tif")
