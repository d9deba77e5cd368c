"""The routes of volumes."""

import gzip
from io import BytesIO
from zipfile import ZipFile

import imagecodecs
import nibabel
import numpy as np
import pytest

from segmetry.project import look_at
from segmetry.project.checkpoints import Checkpoint
from segmetry.recipe import Recipe
from segmetry.web.readings import volume_folder
from segmetry.web.volumes import VolumeDrawing, draw_volume

SHAPE = (6, 20, 30)


@pytest.fixture
def values():
    """A box of 1000 in -1000, a ramp along Z in one corner."""
    values = np.full(SHAPE, -1000, np.int16)
    values[1:4, 2:7, 3:10] = 1000
    values[:, 0, 0] = range(6)
    return values


@pytest.fixture
def seen(home, look, values):
    """Identifier of a drawn volume, voxels of 3 x 2 x 2.5 mm, that was looked at."""
    affine = np.diag([-2.5, -2, 3, 1.0])
    drawn = nibabel.Nifti1Image(values.T, affine)
    drawn.header.set_xyzt_units("mm")
    nibabel.save(drawn, home / "drawn.nii.gz")
    return look(home / "drawn.nii.gz")


@pytest.fixture
def volume(project, home, seen):
    """The same with its values drawn, which takes no process of its own."""
    draw_volume(VolumeDrawing(home / "drawn.nii.gz", volume_folder(project, seen)))
    return seen


@pytest.fixture
def found(project, volume, values):
    """Identifier of labels of the box."""
    data = (values == 1000).astype(np.uint32) * 3
    row = {"n_objects": 1, "included_area_px": data.size, "segmenter": "threshold"}
    facts = {"row": row, "remarks": [], "pixel_size": None, "banner": None}
    facts |= {"image_steps": [], "steps": []}
    order = project.labels.order(volume, Recipe())
    return project.labels.keep(order, Checkpoint(data, facts))


@pytest.fixture
def run(project, volume):
    """Identifier of labels of the box that a threshold found."""
    parts = {"segmentation": {"name": "threshold"}, "statistics": {"resamples": 200}}
    return project.labels.run(volume, Recipe.model_validate(parts))


@pytest.mark.slow
def test_a_volume_tells_its_size_its_lie_and_its_values(client, seen):
    volume = seen
    told = client.get(f"/api/v1/images/{volume}/volume").json()
    assert told["shape"] == list(SHAPE)
    assert told["spacing_mm"] == pytest.approx([3, 2, 2.5])
    assert told["orientation"] == "LPS"
    assert (told["slope"], told["intercept"]) == (1, 0)
    assert (told["low"], told["high"]) == (-1000, 1000)
    assert told["window"][0] < told["window"][1]
    shown = client.get(f"/api/v1/images/{volume}").json()
    assert (shown["n_slices"], shown["status"]) == (6, "ready")


def test_the_three_sides_of_a_voxel_are_typed(client, seen):
    def put(picture, size):
        body = {"source": "typed", "pixel_size": size, "unit": "mm"}
        return client.put(f"/api/v1/images/{picture}/calibration", json=body)

    refused = put(seen, 0.7)
    assert refused.status_code == 422
    assert "slices, rows and columns" in refused.json()["error"]["message"]
    shown = put(seen, [5, 0.7, 0.8]).json()
    assert (shown["status"], shown["message"]) == ("ready", None)
    told = client.get(f"/api/v1/images/{seen}/volume").json()
    assert told["spacing_mm"] == pytest.approx([5, 0.7, 0.8])


def test_a_single_picture_has_no_three_sides(client, squares):
    body = {"source": "typed", "pixel_size": [5, 1, 1], "unit": "mm"}
    refused = client.put(f"/api/v1/images/{squares}/calibration", json=body)
    assert refused.status_code == 422
    assert "one pixel size, got three" in refused.json()["error"]["message"]


def test_a_voxel_is_not_shared_with_pictures(client, seen, squares):
    body = {"source": "typed", "pixel_size": [5, 0.7, 0.8], "unit": "mm"}
    client.put(f"/api/v1/images/{seen}/calibration", json=body)
    shared = client.post(f"/api/v1/images/{seen}/calibration/shared").json()
    assert (shared["n_used"], shared["unread"]) == (0, [])
    calibration = client.get(f"/api/v1/images/{squares}").json()["calibration"]
    assert calibration["pixel_size"] is None


@pytest.mark.parametrize("axis", ["z", "y", "x"])
def test_slices_are_those_of_the_file(client, volume, values, axis):
    number = "zyx".index(axis)
    for index in (0, SHAPE[number] - 1):
        answer = client.get(f"/api/v1/images/{volume}/volume/{axis}/{index}")
        sent = np.frombuffer(answer.content, "<i2")
        assert np.array_equal(sent, values.take(index, number).ravel())
        assert "immutable" in answer.headers["cache-control"]
    mark = {"If-None-Match": answer.headers["etag"]}
    again = client.get(f"/api/v1/images/{volume}/volume/{axis}/{index}", headers=mark)
    assert (again.status_code, again.content) == (304, b"")
    beyond = client.get(f"/api/v1/images/{volume}/volume/{axis}/{SHAPE[number]}")
    assert beyond.status_code == 404
    assert f"across {axis}" in beyond.json()["error"]["message"]


@pytest.mark.parametrize(
    ("coding", "unpacked"),
    [("zstd", imagecodecs.zstd_decode), ("gzip", gzip.decompress), ("identity", bytes)],
)
def test_slices_come_as_the_browser_takes_them(client, volume, values, coding, unpacked):
    path = f"/api/v1/images/{volume}/volume/z/2"
    with client.stream("GET", path, headers={"Accept-Encoding": coding}) as answer:
        content = b"".join(answer.iter_raw())
    assert np.array_equal(np.frombuffer(unpacked(content), "<i2"), values[2].ravel())


@pytest.mark.parametrize("axis", ["z", "y", "x"])
def test_labels_have_slices_too(client, found, values, axis):
    number = "zyx".index(axis)
    answer = client.get(f"/api/v1/labels/{found}/volume/{axis}/3")
    sent = np.frombuffer(answer.content, "<u4")
    assert np.array_equal(sent, 3 * (values.take(3, number) == 1000).ravel())
    beyond = client.get(f"/api/v1/labels/{found}/volume/{axis}/99")
    assert beyond.status_code in {404, 409, 422}
    assert "99" in beyond.json()["error"]["message"]


def test_what_is_no_volume_has_no_slices(client, squares, label):
    for path in (f"images/{squares}/volume", f"images/{squares}/volume/z/0"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 404
        assert "single picture" in answer.json()["error"]["message"]
    assert client.get(f"/api/v1/labels/{label}/volume/z/0").status_code == 404


def test_a_volume_is_not_corrected(client, found):
    edit = {"op_id": "a-first-edit", "base": 0, "kind": "draw", "points": [[1, 1]]}
    answer = client.post(f"/api/v1/labels/{found}/ops", json=edit)
    assert answer.status_code in {409, 422}
    assert "not corrected here yet" in answer.json()["error"]["message"]
    told = client.get(f"/api/v1/labels/{found}").json()
    assert (told["rev"], told["n_objects"], told["pending"]) == (0, 1, [])


def test_removing_a_volume_removes_its_values(client, project, volume):
    place = volume_folder(project, volume)
    assert place.is_dir()
    assert client.delete(f"/api/v1/images/{volume}").status_code == 204
    assert not place.exists()


def test_diameters_of_a_volume_have_numbers_and_other_columns_a_reason(client, run):
    told = client.get(f"/api/v1/labels/{run}/summary?measure=equivalent_diameter_um")
    volume = 105 * 3 * 2 * 2.5 * 1e9  # µm³
    assert told.json()["values"]["mean"]["value"] == pytest.approx(
        (6 * volume / np.pi) ** (1 / 3)
    )
    assert told.json()["n"] == 1
    other = client.get(f"/api/v1/labels/{run}/summary?measure=volume_ml")
    assert other.status_code == 409
    assert "diameters only" in other.json()["error"]["message"]


def test_all_pictures_together_leave_volumes_out_and_say_so(client, store, project, run):
    assert run
    asked = f"/api/v1/projects/{store.identifier_of(project)}/statistics"
    told = client.get(asked).json()
    assert (told["pooled"]["n"], told["n_objects"]) == (0, 1)
    assert any("1 of these are volumes" in remark for remark in told["remarks"])


def test_a_volume_is_given_out_with_sections_and_on_its_scan(client, run):
    def given(kind):
        answer = client.get(f"/api/v1/labels/{run}/export?fmt={kind}")
        assert answer.status_code == 200, kind
        return answer.content

    assert given("overlay").startswith(b"\x89PNG")
    assert b"volume_ml" in given("csv")
    with ZipFile(BytesIO(given("folder"))) as file:
        assert "drawn/labels.nii.gz" in file.namelist()
        assert "drawn/overlay.png" in file.namelist()


@pytest.mark.slow
def test_a_folder_of_dicom_slices_is_one_volume_in_hounsfield_units(
    client, store, dicom_series
):
    stored = np.arange(5 * 6 * 8, dtype=np.int16).reshape(5, 6, 8)
    folder = dicom_series(stored, spacing=(2.5, 0.7, 0.8))
    asked = client.post("/api/v1/projects/open", json={"folder": str(folder)}).json()
    project = store.project(asked["id"])
    body = {"paths": [str(folder)]}
    (added,) = client.post(f"/api/v1/projects/{asked['id']}/local", json=body).json()[
        "pictures"
    ]
    assert added["name"] == folder.name
    (record,) = project.pictures.records()
    project.pictures.keep_look(record.id, look_at(record.path, Recipe()))
    told = client.get(f"/api/v1/images/{record.id}/volume").json()
    assert (told["shape"], told["orientation"], told["unit"]) == ([5, 6, 8], "LPS", "HU")
    assert told["spacing_mm"] == pytest.approx([2.5, 0.7, 0.8])
    sent = client.get(f"/api/v1/images/{record.id}/volume/z/3").content
    assert np.array_equal(np.frombuffer(sent, "<i2"), (stored[3] - 1024).ravel())
    page = client.get(f"/api/v1/projects/{asked['id']}")
    assert "Secret" not in page.text
