"""A method is looked at before it is run; nothing is kept of it."""

import imagecodecs
import numpy as np
import pytest

from segmetry import io
from segmetry.recipe import changed, run

WINDOW = {"x": 0, "y": 0, "width": 120, "height": 80}


@pytest.fixture
def _quick(project, simple):
    project.set_recipe(simple)


@pytest.fixture
def ask(client, squares, _quick):
    def post(status=200, *, headers=None, segmenter="threshold", **more):
        body = {"segmenter": segmenter, "window": WINDOW} | more
        address = f"/api/v1/images/{squares}/preview"
        answer = client.post(address, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer

    return post


def data_of(answer, shape=(80, 120)):
    return np.frombuffer(answer.content, "<u4").reshape(shape)


@pytest.mark.slow
def test_a_picture_is_made_ready_before_the_first_preview(ask, client, squares):
    answer = client.post(f"/api/v1/images/{squares}/preview/ready")
    assert (answer.status_code, answer.json()) == (202, None)
    assert ask().headers["x-objects"] == "3"


@pytest.mark.slow
def test_objects_of_the_window_are_those_of_the_recipe_and_nothing_is_kept(
    ask, client, project, squares, simple, home
):
    kept = client.get(f"/api/v1/images/{squares}").json()
    answer = ask(headers={"Accept-Encoding": "gzip"})
    expected = run(simple, io.read(home / "squares.png")).labels.data
    assert np.array_equal(data_of(answer), expected)
    assert answer.headers["x-objects"] == "3"
    assert float(answer.headers["x-seconds"]) >= 0
    assert answer.headers["content-encoding"] == "gzip"
    part = ask(window={"x": 40, "y": 10, "width": 40, "height": 40})
    assert np.unique(data_of(part, (40, 40))).tolist() == [0, 1]
    none = ask(params={"min_area": 500}).headers["x-objects"]
    assert none == "0"
    assert client.get(f"/api/v1/images/{squares}").json() == kept
    assert project.labels.records(squares) == []
    assert project.recipe == simple


@pytest.mark.slow
def test_the_map_is_sent_behind_the_objects_where_it_is_asked_for(ask, simple, home):
    answer = ask(with_map=True, segmenter="ridge", params={"sensitivity": 1})
    content = np.frombuffer(answer.content, np.uint8)
    n_pixels = 80 * 120
    assert content.size == 5 * n_pixels
    likely = content[4 * n_pixels :].reshape(80, 120)
    chosen = {"segmentation": {"name": "ridge", "options": {"sensitivity": 1}}}
    expected = run(changed(simple, chosen), io.read(home / "squares.png"))
    assert np.array_equal(likely, np.rint(255 * expected.maps.foreground))
    data = content[: 4 * n_pixels].view("<u4").reshape(80, 120)
    assert np.array_equal(data, expected.labels.data)
    assert float(answer.headers["x-cutoff"]) == expected.maps.cutoff == 0.5
    assert (likely[data > 0] > 127).all()


@pytest.mark.slow
@pytest.mark.usefixtures("_quick")
def test_excluded_areas_count_and_zstd_is_sent_where_it_is_taken(client, squares):
    box = {"x": 0, "y": 0, "width": 40, "height": 80}
    client.put(f"/api/v1/images/{squares}/roi", json={"banner": None, "rectangles": [box]})
    with client.stream(
        "POST",
        f"/api/v1/images/{squares}/preview",
        json={"segmenter": "threshold", "window": WINDOW},
        headers={"Accept-Encoding": "zstd"},
    ) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["x-objects"] == "2"
    data = np.frombuffer(imagecodecs.zstd_decode(packed), "<u4").reshape(80, 120)
    assert not data[:, :40].any()
    assert len(np.unique(data)) == 3


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        ({"segmenter": "magic"}, "recipe", "magic"),
        ({"params": {"min_area": -1}}, "recipe", "min_area"),
        ({"window": WINDOW | {"x": 1}}, "recipe", "inside the picture of 120 x 80"),
        ({"window": WINDOW | {"width": 0}}, "invalid", "width"),
        ({"window": WINDOW | {"more": 1}}, "invalid", "more"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_in_a_sentence(ask, body, code, word):
    error = ask(422, **body).json()["error"]
    assert error["code"] == code
    assert word in error["message"]


def test_a_picture_that_is_not_read_yet_has_to_wait(client, picture):
    body = {"segmenter": "threshold", "window": WINDOW}
    for answer in (
        client.post(f"/api/v1/images/{picture}/preview", json=body),
        client.post(f"/api/v1/images/{picture}/preview/ready"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "picture")
