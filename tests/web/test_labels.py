import uuid

import imagecodecs
import numpy as np
import pytest
import tifffile

from segmetry.edit import stroke_spans
from segmetry.measure import measure
from segmetry.recipe import Recipe
from segmetry.web.labels import difference


@pytest.fixture
def send(client, label):
    """Send a correction on the newest revision, and return the answer's JSON."""

    def post(kind, *, status=200, **values):
        base = client.get(f"/api/v1/labels/{label}").json()["rev"]
        body = {"op_id": str(uuid.uuid4()), "base": base, "kind": kind} | values
        answer = client.post(f"/api/v1/labels/{label}/ops", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    return post


@pytest.fixture
def walk(client, label):
    """Undo, redo or restore, and return the answer's JSON."""

    def post(way, **more):
        base = client.get(f"/api/v1/labels/{label}").json()["rev"]
        body = {"op_id": str(uuid.uuid4()), "base": base} | more
        return client.post(f"/api/v1/labels/{label}/{way}", json=body).json()

    return post


def pixels(client, label):
    answer = client.get(
        f"/api/v1/labels/{label}/tiles/0/0/0", headers={"Accept-Encoding": "identity"}
    )
    return np.frombuffer(answer.content, "<u4").reshape(200, 300)


def painted(data, patches):
    """Return labels with patches painted into them, as the client does."""
    data = data.copy()
    for patch in patches:
        box = data[patch["y"] :, patch["x"] :][: patch["height"], : patch["width"]]
        flat = np.concatenate([np.full(n, i) for i, n in patch["runs"]])
        flat = flat.reshape(box.shape)
        box[flat >= 0] = flat[flat >= 0]
    return data


def test_labels_tell_how_they_stand(client, label):
    told = client.get(f"/api/v1/labels/{label}").json()
    assert told == {
        "id": label,
        "rev": 0,
        "n_objects": 12,
        "undo": None,
        "redo": None,
        "pending": [],
        "accepted": [],
        "thin": False,
        "warnings": [],
    }


def test_what_a_run_had_to_say_is_told_with_its_labels(client, project, home, discs):
    scale = {"resolution": (2, 2), "metadata": {"unit": "um"}}
    tifffile.imwrite(home / "scaled.tif", discs([10] * 12), imagej=True, **scale)
    picture = project.pictures.add(home / "scaled.tif")
    sized = {"pixel_size": "3 nm", "choice": "typed", "scale_bar": False}
    parts = {"segmentation": {"name": "threshold"}, "calibration": sized}
    label = project.labels.run(picture, Recipe.model_validate(parts))
    told = client.get(f"/api/v1/labels/{label}").json()["warnings"]
    assert told == project.labels.record(label).run["remarks"]
    assert any("pixel size was chosen by hand" in sentence for sentence in told)
    assert client.get(f"/api/v1/images/{picture}").json()["warnings"] == told


def test_what_a_person_accepted_is_told_after_each_step_and_at_every_opening(
    client, label, send, walk
):
    def all_accepted():
        return client.get(f"/api/v1/labels/{label}").json()["accepted"]

    assert send("accept", ids=[2, 5])["accepted"] == [2, 5] == all_accepted()
    undone = walk("undo")
    ids = [row[0] for row in undone["rows"]["values"]]
    assert undone["rows"]["columns"][0] == "label"
    assert {2, 5} <= set(ids)
    assert undone["accepted"] == [] == all_accepted()
    assert walk("redo")["accepted"] == [2, 5]
    assert send("delete", ids=[2])["gone"] == [2]
    assert all_accepted() == [5]
    since = client.get(f"/api/v1/labels/{label}/ops", params={"since": 0}).json()
    assert since["accepted"] == [5]


def test_a_drawn_stroke_is_answered_with_its_pixels_and_its_row(client, label, send):
    before = pixels(client, label)
    answer = send("draw", points=[[4, 4], [10, 4]], width=3)
    expected = before.copy()
    for row, start, stop in stroke_spans(
        np.array([[4, 4], [10, 4]]), width=3, shape=(200, 300)
    ):
        expected[row, start:stop] = 13
    assert np.array_equal(painted(before, answer["patches"]), expected)
    assert np.array_equal(pixels(client, label), expected)
    rows = answer["rows"]
    mine = dict(zip(rows["columns"], rows["values"][-1], strict=True))
    assert (mine["label"], mine["origin"]) == (13, "drawn")
    assert mine["area_px"] == (expected == 13).sum()
    assert (answer["rev"], answer["n_objects"], answer["gone"]) == (1, 13, [])
    assert answer["undo"]["kind"] == "draw"


def test_rows_of_all_answers_add_up_to_the_whole_table(client, label, send, opened):
    table = client.get(f"/api/v1/labels/{label}/objects").json()
    rows = {row[0]: row for row in table["values"]}
    answers = [
        send("remove", points=[[25, 25]]),
        send("draw", points=[[2, 2], [2, 9]], width=2),
        send("merge", ids=[2, 3]),
        send("erase", points=[[0, 100], [299, 100]], width=5),
    ]
    for answer in answers:
        for gone in answer["gone"]:
            rows.pop(gone, None)
        rows |= {row[0]: row for row in answer["rows"]["values"]}
        assert answer["n_objects"] == len(rows)
    now = client.get(f"/api/v1/labels/{label}/objects").json()
    assert now["columns"] == table["columns"] == answers[0]["rows"]["columns"]
    assert sorted(rows.values()) == sorted(now["values"])
    anew = measure(opened.labels)
    areas = [row[now["columns"].index("area_px")] for row in now["values"]]
    assert areas == anew["area_px"].tolist()


def test_merging_what_does_not_touch_is_said(send):
    assert "do not touch" in send("merge", ids=[1, 12])["message"]
    assert send("draw", points=[[3, 3]], width=3)["message"] is None


def test_chunks_of_one_stroke_are_undone_together(client, label, send, walk):
    before = pixels(client, label)
    for x in (4, 10, 16):
        send("draw", points=[[x, 4], [x + 6, 4]], width=3, group="stroke-1")
    assert walk("undo")["n_objects"] == 12
    assert np.array_equal(pixels(client, label), before)
    again = walk("redo")
    assert (again["n_objects"], again["redo"], again["rev"]) == (13, None, 5)


def test_the_same_operation_sent_twice_is_made_once(client, label):
    body = {"op_id": str(uuid.uuid4()), "base": 0, "kind": "delete", "ids": [5]}
    first = client.post(f"/api/v1/labels/{label}/ops", json=body).json()
    second = client.post(f"/api/v1/labels/{label}/ops", json=body).json()
    assert first == second
    assert first["rev"] == 1


def test_an_edit_of_labels_that_have_changed_is_refused_and_can_catch_up(
    client, label, send
):
    send("delete", ids=[5])
    body = {"op_id": str(uuid.uuid4()), "base": 0, "kind": "delete", "ids": [6]}
    late = client.post(f"/api/v1/labels/{label}/ops", json=body)
    assert late.status_code == 409
    missed = client.get(f"/api/v1/labels/{label}/ops", params={"since": 0}).json()
    assert (missed["rev"], missed["gone"]) == (1, [5])
    body["base"] = missed["rev"]
    assert client.post(f"/api/v1/labels/{label}/ops", json=body).json()["rev"] == 2


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"kind": "draw"}, 422),
        ({"kind": "paint", "points": [[1, 1]]}, 422),
        ({"kind": "draw", "points": [[1, 1]], "colour": "red"}, 422),
        ({"kind": "draw", "points": [[1, 1]], "width": 900}, 422),
        ({"kind": "draw", "points": [[1.5, 1]]}, 422),
        ({"kind": "draw", "points": [[1, 1]] * 4097}, 413),
        ({"kind": "delete", "ids": [-4]}, 422),
        ({"kind": "delete", "ids": [1], "op_id": "x"}, 422),
    ],
)
def test_what_is_no_correction_is_refused_in_a_sentence(client, label, values, status):
    body = {"op_id": str(uuid.uuid4()), "base": 0} | values
    answer = client.post(f"/api/v1/labels/{label}/ops", json=body)
    assert answer.status_code == status
    assert len(answer.json()["error"]["message"]) > 20
    assert client.get(f"/api/v1/labels/{label}").json()["rev"] == 0


def test_every_answer_is_news_for_the_other_windows(application, label, send, walk):
    events = application.state.events
    heard = events.last
    send("delete", ids=[5])
    walk("undo")
    walk("redo")
    walk("restore", version=None)
    told = [(e.kind, e.content) for e in events.after(heard)]
    assert told == [("labels", {"label": label, "rev": rev}) for rev in (1, 2, 3, 4)]


def test_labels_that_are_not_there_are_missing(client):
    for name in ("01JD3M0XZ6W8RT5Q4N7YV2KCAB", "..%2F..%2Fetc"):
        assert client.get(f"/api/v1/labels/{name}").status_code == 404


def test_a_tile_is_sent_as_the_browser_takes_it(client, label):
    address = f"/api/v1/labels/{label}/tiles/0/0/0"
    plain = pixels(client, label)
    for accepted in ("zstd", "gzip", "gzip;q=1.0, zstd;q=0"):
        with client.stream("GET", address, headers={"Accept-Encoding": accepted}) as sent:
            packed = b"".join(sent.iter_raw())
        encoding = sent.headers["content-encoding"]
        assert encoding == ("zstd" if accepted == "zstd" else "gzip")
        unpack = imagecodecs.zstd_decode if encoding == "zstd" else imagecodecs.gzip_decode
        assert np.array_equal(np.frombuffer(unpack(packed), "<u4"), plain.ravel())


def test_a_coarse_tile_holds_every_second_pixel(client, label):
    answer = client.get(f"/api/v1/labels/{label}/tiles/1/0/0")
    coarse = np.frombuffer(answer.content, "<u4").reshape(100, 150)
    assert np.array_equal(coarse, pixels(client, label)[::2, ::2])


def test_a_tile_that_has_not_changed_is_not_sent_again(client, label, send):
    address = f"/api/v1/labels/{label}/tiles/0/0/0"
    tag = client.get(address).headers["etag"]
    same = client.get(address, headers={"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    rev = send("delete", ids=[5])["rev"]
    other = client.get(address, headers={"If-None-Match": tag})
    assert (other.status_code, other.headers["etag"]) == (200, f'"{rev}"')


def test_the_labels_of_before_are_sent_tile_by_tile(client, label, send):
    found = pixels(client, label)
    send("erase", points=[[22, 22], [60, 30]], width=9)
    client.post(f"/api/v1/labels/{label}/versions", json={"name": "cut"})
    cut = pixels(client, label)
    send("remove", points=[[22, 22]], width=1)
    address = f"/api/v1/labels/{label}/tiles/before"

    def before(place, **asked):
        answer = client.get(
            f"{address}/{place}", params=asked, headers={"Accept-Encoding": "identity"}
        )
        return np.frombuffer(answer.content, "<u4")

    assert np.array_equal(before("0/0/0"), found.ravel())
    assert np.array_equal(before("1/0/0"), found[::2, ::2].ravel())
    assert np.array_equal(before("0/0/0", version="cut"), cut.ravel())
    assert client.get(f"{address}/0/9/9").status_code == 404
    assert client.get(f"{address}/0/0/0", params={"version": "none"}).status_code == 409


def test_a_tile_outside_the_picture_is_missing(client, label):
    assert client.get(f"/api/v1/labels/{label}/tiles/0/9/9").status_code in {404, 409}
    assert client.get(f"/api/v1/labels/{label}/tiles/99/0/0").status_code == 404


def test_versions_stay_and_can_be_compared(client, label, send):
    address = f"/api/v1/labels/{label}"
    send("delete", ids=[5])
    kept = client.post(f"{address}/versions", json={"name": "checked"})
    assert kept.status_code == 201
    assert kept.json()["n_objects"] == 11
    send("draw", points=[[3, 3]], width=3)
    send("erase", points=[[25, 25]], width=3)
    assert client.get(f"{address}/versions").json() == [kept.json()]
    since = client.get(f"{address}/compare", params={"a": "checked"}).json()
    assert since == {"same": 10, "changed": [1], "added": [13], "removed": []}
    first = client.get(f"{address}/compare", params={"b": "checked"}).json()
    assert first == {"same": 11, "changed": [], "added": [], "removed": [5]}
    twice = client.post(f"{address}/versions", json={"name": "checked"})
    assert twice.status_code == 409


@pytest.mark.parametrize("seed", range(20))
def test_each_object_of_two_versions_is_told_once(seed):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 6, (9, 11)).astype(np.uint32)
    second = np.where(rng.random(first.shape) < 0.1, rng.integers(0, 9), first)
    told = difference(first, second.astype(np.uint32))
    changed = [i for i in range(1, 9) if ((first == i) != (second == i)).any()]
    both = set(first.ravel()) & set(second.ravel()) - {0}
    assert told["changed"] == sorted(both & set(changed))
    assert told["same"] == len(both - set(changed))
    assert set(told["added"]) == set(second.ravel()) - set(first.ravel()) - {0}
    assert set(told["removed"]) == set(first.ravel()) - set(second.ravel()) - {0}
