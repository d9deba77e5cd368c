"""Lines of labels as the client gets them: always of the labels of now."""

import uuid

import numpy as np
import pytest

from segmetry.measure import measure_thin
from segmetry.project import look_at
from segmetry.web.thin import paths_of

LENGTH = 160


@pytest.fixture
def ask(client, lines):
    def get(path="", **more):
        answer = client.get(f"/api/v1/labels/{lines}/thin{path}", **more)
        assert answer.status_code == 200, answer.text
        return answer

    return get


def points_of(answer):
    return np.frombuffer(answer.content, "<f4").reshape(-1, 3)


@pytest.mark.slow
def test_numbers_and_segments_are_of_the_labels_of_now(ask, client, lines):
    told = ask().json()
    assert (told["rev"], told["pixel_size_um"]) == (0, None)
    total = told["picture"]["total_length_px"]
    assert total["value"] == pytest.approx(LENGTH, rel=0.03)
    assert (total["unit"], total["n"], total["low"]) == ("px", 1, None)
    width = told["picture"]["width_mean_px"]
    assert width["value"] == pytest.approx(5, rel=0.02)
    columns, (row,) = told["segments"]["columns"], told["segments"]["values"]
    assert row[columns.index("segment")] == 1
    assert row[columns.index("length_px")] == pytest.approx(LENGTH, rel=0.03)

    body = {"op_id": str(uuid.uuid4()), "base": 0, "kind": "erase", "width": 20}
    body["points"] = [[100, 20], [100, 45]]
    assert client.post(f"/api/v1/labels/{lines}/ops", json=body).json()["rev"] == 1
    told = ask().json()
    assert told["rev"] == 1
    assert len(told["segments"]["values"]) == 2
    total = told["picture"]["total_length_px"]["value"]
    assert total == pytest.approx(LENGTH - 20, rel=0.03)
    assert ask("/paths").headers["x-revision"] == "1"


@pytest.mark.slow
def test_paths_run_along_the_lines_with_their_widths(ask, project, lines):
    plain = ask("/paths", headers={"Accept-Encoding": "identity"})
    points = points_of(plain)
    found = measure_thin(project.labels.open(lines).labels.data > 0)
    assert np.array_equal(points, paths_of(found), equal_nan=True)
    x, y, width = points[:-1].T
    assert np.isnan(points[-1]).all()
    assert (x.min(), x.max()) == (pytest.approx(19.5, abs=1), pytest.approx(179.5, abs=1))
    assert np.abs(y - 32).max() < 0.2
    assert np.nanmean(width) == pytest.approx(5, rel=0.02)
    packed = ask("/paths", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # unpacked by the client


@pytest.mark.parametrize("seed", range(10))
def test_there_is_a_path_for_each_segment_and_all_points_are_in_it(seed):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:80, :80]
    mask = np.zeros((80, 80), bool)
    for angle, shift in zip(rng.uniform(0, 3, 4), rng.uniform(-30, 30, 4), strict=True):
        across = (x - 40) * np.cos(angle) + (y - 40) * np.sin(angle) - shift
        mask |= np.abs(across) < 2
    found = measure_thin(mask)
    rows = paths_of(found)
    ends = np.flatnonzero(np.isnan(rows[:, 0]))
    assert len(ends) == len(found.segments)
    counts = np.diff(np.concatenate([[-1], ends])) - 1
    assert np.array_equal(counts, np.diff(found.lines.offsets))
    places = np.delete(rows[:, :2], ends, axis=0)
    assert np.allclose(places[:, ::-1], found.lines.points, atol=1e-4)


def test_no_lines_have_no_paths():
    assert paths_of(measure_thin(np.zeros((9, 9), bool))).shape == (0, 3)


@pytest.mark.slow
def test_lengths_are_in_the_unit_of_the_pixel_size_of_now(
    ask, client, project, lines, home, simple
):
    picture = project.labels.record(lines).picture
    project.pictures.keep_look(picture, look_at(home / "bar.png", simple))
    assert ask().json()["pixel_size_um"] is None
    typed = {"source": "typed", "pixel_size": 500, "unit": "nm"}
    client.put(f"/api/v1/images/{picture}/calibration", json=typed).raise_for_status()
    told = ask().json()
    assert told["pixel_size_um"] == pytest.approx(0.5)
    length = told["picture"]["total_length_um"]["value"]
    assert length == pytest.approx(LENGTH / 2, rel=0.03)


def test_labels_without_lines_are_refused_in_a_sentence(client, label):
    for path in ("", "/paths"):
        answer = client.get(f"/api/v1/labels/{label}/thin{path}")
        assert answer.status_code == 409
        assert "step Segment" in answer.json()["error"]["message"]


def test_labels_tell_whether_they_have_lines(client, label, lines):
    assert client.get(f"/api/v1/labels/{label}").json()["thin"] is False
    assert client.get(f"/api/v1/labels/{lines}").json()["thin"] is True
    missing = "/api/v1/labels/01JD3M0XZ6W8RT5Q4N7YV2KCAB/thin"
    assert client.get(missing).status_code == 404
