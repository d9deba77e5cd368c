import json
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmetry.archive import archive, checking, verify
from segmetry.archive.zips import unpack, write_zip
from segmetry.batch.inputs import file_hash
from segmetry.batch.manifest import write_manifest
from segmetry.errors import ReadError


@pytest.fixture
def results(tmp_path):
    out = tmp_path / "out"
    (out / "a" / "labels.ome.zarr" / "0").mkdir(parents=True)
    (out / "objects.csv").write_text("label\n1\n")
    (out / "a" / "labels.tif").write_bytes(b"labels")
    (out / "a" / "labels.ome.zarr" / "0" / "0.0").write_bytes(b"chunk")
    (out / "run.log").write_text("now")
    write_manifest(out, [{"path": "../a.tif", "sha256": "12"}], ["a"])
    return out


def test_an_untouched_folder_verifies(results):
    assert verify(results).findings == ()
    (results / "run.log").write_text("later")
    assert verify(str(results)).findings == ()
    assert verify(results).seal is None


def test_what_changed_and_what_is_missing_is_told(results):
    (results / "objects.csv").write_text("label\n2\n")
    (results / "a" / "labels.tif").unlink()
    (results / "a" / "labels.ome.zarr" / "0" / "0.0").write_bytes(b"other")
    found = verify(results)
    assert found.findings == (
        "a/labels.tif is missing.",
        "a/labels.ome.zarr/0/0.0 has changed since the run.",
        "objects.csv has changed since the run.",
    )
    assert found.as_json()["missing"] == ("a/labels.tif",)


def test_what_the_run_did_not_write_is_named_and_no_fault(results):
    (results / "mine.txt").write_text("not of the run")
    (results / ".segmetry").mkdir()
    (results / ".segmetry" / "project.db").write_text("what the program remembers")
    (results / "a" / "labels.ome.zarr" / "0" / "0.1").write_bytes(b"another chunk")
    found = verify(results)
    assert found.findings == ()
    assert found.additional == ("a/labels.ome.zarr/0/0.1", "mine.txt")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"outputs": []}',
        "no json",
        '{"outputs": {}}',
        b"\xff",
        "[" * 100_000,
    ],
)
def test_a_folder_without_a_manifest_is_told(tmp_path, text):
    content = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(ReadError, match="no readable manifest"):
        verify(tmp_path)


@pytest.mark.parametrize("name", ["../a.txt", "/etc/hostname", "c:/a", "a/../../b"])
def test_a_manifest_that_names_files_elsewhere_is_refused(results, name):
    kept = json.loads((results / "manifest.json").read_text())
    kept["outputs"][name] = "12"
    (results / "manifest.json").write_text(json.dumps(kept))
    with pytest.raises(ReadError, match="is no file that a run writes"):
        verify(results)


@pytest.mark.parametrize("value", [12, None, ["a"]])
@pytest.mark.parametrize(
    "change",
    [
        lambda value: {"outputs": {"objects.csv": value}},
        lambda value: {"inputs": [{"path": value, "sha256": "12"}]},
        lambda value: {"inputs": [{"path": "a", "sha256": value}]},
        lambda value: {"packages": {"numpy": value}},
        lambda value: {"segmetry": value},
    ],
)
def test_paths_hashes_and_versions_are_texts(results, change, value):
    kept = json.loads((results / "manifest.json").read_text())
    (results / "manifest.json").write_text(json.dumps(kept | change(value)))
    with pytest.raises(ReadError, match="must be texts"):
        verify(results)


@pytest.mark.parametrize("part", ["outputs", "inputs", "packages"])
@pytest.mark.parametrize("value", [None, 1, "a", [1], [[]], {"a": {}}])
def test_a_manifest_of_other_parts_is_refused(results, part, value):
    kept = json.loads((results / "manifest.json").read_text())
    (results / "manifest.json").write_text(json.dumps(kept | {part: value}))
    with pytest.raises(ReadError, match=r"refused|no readable"):
        verify(results)


def test_a_picture_beside_the_results_is_checked_as_well(results):
    (results / "in.png").write_bytes(b"picture")
    wanted = [{"path": "in.png", "sha256": file_hash(results / "in.png")}]
    write_manifest(results, wanted, ["a"])
    assert verify(results).findings == verify(results).additional == ()
    (results / "in.png").write_bytes(b"other")
    assert verify(results).changed == ("in.png",)


def test_a_manifest_without_end_is_not_read(results, monkeypatch):
    verify(results)
    monkeypatch.setattr(checking, "_MOST_BYTES", 100)
    with pytest.raises(ReadError, match=r"no readable manifest\.json"):
        verify(results)


def test_a_zip_of_another_program_is_checked_by_its_manifest(results, tmp_path):
    made = shutil.make_archive(str(tmp_path / "made"), "zip", results)
    assert verify(made).findings == ()
    assert verify(made).seal == "none"
    (results / "objects.csv").unlink()
    made = shutil.make_archive(str(tmp_path / "made"), "zip", results)
    assert verify(made).missing == ("objects.csv",)
    made = shutil.make_archive(str(tmp_path / "made"), "zip", results.parent, results.name)
    assert verify(made).missing == ("objects.csv",)


def test_a_zip_that_is_changed_beside_its_files_is_told(tmp_path, archived):
    content = archived.read_bytes()
    place = content.index(b"PK\1\2") + 12  # its time, which nothing else looks at
    changed = tmp_path / "a.zip"
    changed.write_bytes(content[:place] + b"\1" + content[place + 1 :])
    found = verify(changed)
    assert (found.missing, found.changed) == ((), ())
    assert found.findings[0].startswith("The zip itself has changed")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_byte_that_changes_in_an_archive_is_found(tmp_path, archived, data):
    content = bytearray(archived.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    changed = tmp_path / "changed.zip"
    changed.write_bytes(content)
    try:
        found = verify(changed).findings
    except ReadError:
        return
    assert found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_file_of_an_unpacked_archive_that_changes_is_named(tmp_path, archived, data):
    folder = tmp_path / "unpacked"
    if not folder.exists():
        unpack(archived, folder)
    names = sorted(
        {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
        - {"manifest.json", "run.log", "ro-crate-metadata.json"}
        - {"inputs/pictures/broken.png"}  # which the run could not read, so has no hash of
    )
    name = data.draw(st.sampled_from(names))
    before = (folder / name).read_bytes()
    content = bytearray(before)
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    (folder / name).write_bytes(content)
    assert verify(folder).changed == (name,)
    (folder / name).write_bytes(before)
    assert verify(folder).findings == ()


def test_an_archive_in_which_a_file_was_replaced_and_sealed_anew_is_found(
    tmp_path, archived
):
    folder = tmp_path / "unpacked"
    unpack(archived, folder)
    (folder / "objects.csv").write_text("made up")
    names = sorted(one for one in folder.rglob("*") if one.is_file())
    forged = tmp_path / "forged.zip"
    write_zip(forged, [(one.relative_to(folder).as_posix(), one) for one in names])
    assert verify(forged).changed == ("objects.csv",)
    assert verify(forged).seal == "whole"


def test_an_archive_has_nothing_that_its_run_has_not(run, tmp_path):
    (run / "mine.txt").write_text("mine")
    made = archive(run, tmp_path / "a.zip")
    assert verify(made.path).additional == verify(made.path).findings == ()
