"""A file of objects that another program edited is taken into the labels of a picture."""

import json

import numpy as np
import pytest

from segmetry.io.exchange import Annotation, write_cellpose_seg, write_roi_zip

pytestmark = pytest.mark.slow
AS_FILE = {"content-type": "application/octet-stream"}


@pytest.fixture
def take(client, label):
    def sent(path, *, base=0, op_id="01JD3M0XZ6W8RT5Q4N7YV2KCAB-1", **changed):
        told = {"name": path.name, "op_id": op_id, "base": base} | changed
        address = f"/api/v1/labels/{label}/edited"
        content = path.read_bytes()
        return client.post(address, params=told, content=content, headers=AS_FILE)

    return sent


def test_edits_are_one_step_that_can_be_undone(client, label, opened, take, tmp_path):
    before = opened.labels.data.copy()
    edited = np.where(before == 3, 0, before)
    edited[:2, :3] = 900
    write_roi_zip(tmp_path / "RoiSet.zip", Annotation("a", edited))
    answer = take(tmp_path / "RoiSet.zip")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["rev"], told["gone"], told["undo"]["kind"]) == (1, [3], "take over")
    new = int(before.max()) + 1
    assert np.array_equal(opened.labels.data, np.where(edited == 900, new, edited))
    assert opened.history()[-1]["edit"]["source"] == "RoiSet.zip"
    walk = {"op_id": "01JD3M0XZ6W8RT5Q4N7YV2KCAB-2", "base": 1}
    client.post(f"/api/v1/labels/{label}/undo", json=walk)
    assert np.array_equal(opened.labels.data, before)


def test_what_nobody_edited_is_no_step(opened, take, tmp_path):
    write_roi_zip(tmp_path / "a.zip", Annotation("a", opened.labels.data))
    assert take(tmp_path / "a.zip").json()["rev"] == 0


def test_what_a_person_should_know_is_told(opened, take, tmp_path):
    features = [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for ring in ([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]],) * 2
    ]
    (tmp_path / "a.geojson").write_text(json.dumps(features))
    answer = take(tmp_path / "a.geojson").json()
    assert answer["message"].startswith("Objects overlap in 16 pixels")
    assert "1 objects cover no pixel" in answer["message"]
    assert opened.n_objects == 1


def test_what_cannot_be_taken_is_told_and_changes_nothing(opened, take, tmp_path):
    write_cellpose_seg(tmp_path / "a_seg.npy", Annotation("a", opened.labels.data))
    (tmp_path / "a.zip").write_bytes(b"no zip")
    for name, told in (("a_seg.npy", "could run any program"), ("a.zip", "not a zip")):
        answer = take(tmp_path / name)
        assert answer.status_code == 409, answer.text
        assert told in answer.json()["error"]["message"]
    write_roi_zip(tmp_path / "b.zip", Annotation("a", opened.labels.data * 0))
    assert take(tmp_path / "b.zip", op_id="?").status_code == 422
    assert opened.rev == 0


def test_who_began_with_older_labels_is_refused(opened, take, tmp_path):
    write_roi_zip(tmp_path / "a.zip", Annotation("a", opened.labels.data * 0))
    take(tmp_path / "a.zip")
    again = take(tmp_path / "a.zip", op_id="01JD3M0XZ6W8RT5Q4N7YV2KCAB-9")
    assert again.status_code == 409
