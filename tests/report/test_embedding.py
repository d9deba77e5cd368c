import base64

import cv2
import numpy as np
import pytest

from segmetry.report.embedding import jpeg_uri


def decoded(uri):
    encoded = base64.b64decode(uri.partition(",")[2], validate=True)
    pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    return pixels[..., ::-1]


def noise(shape=(300, 400), seed=0):
    return np.random.default_rng(seed).integers(0, 255, (*shape, 3), np.uint8)


def shrunk(picture, side):
    return jpeg_uri(picture, side=side, max_bytes=10**6)


@pytest.mark.parametrize("shape", [(300, 400), (400, 300), (900, 1), (1, 900)])
def test_a_large_picture_is_reduced_and_keeps_its_proportions(shape):
    height, width = decoded(shrunk(noise(shape), 100)).shape[:2]
    assert max(height, width) == 100
    assert min(height, width) == max(1, round(100 * min(shape) / max(shape)))
    assert (height > width) == (shape[0] > shape[1])


def test_a_small_picture_keeps_its_size():
    assert decoded(shrunk(noise((20, 30)), 100)).shape == (20, 30, 3)


def test_a_jpeg_looks_like_its_picture():
    picture = np.full((50, 60, 3), (255, 150, 0), np.uint8)
    uri = jpeg_uri(picture, side=900, max_bytes=10**6)
    assert uri.startswith("data:image/jpeg;base64,")
    assert np.abs(decoded(uri).astype(int) - picture).max() <= 4


def test_a_line_of_color_one_pixel_wide_survives():
    picture = np.full((64, 64, 3), 90, np.uint8)
    picture[:, 31] = (255, 150, 0)
    shown = decoded(jpeg_uri(picture, side=900, max_bytes=10**6)).astype(int)
    assert (shown[:, 31, 0] - shown[:, 31, 2] > 120).all()


@pytest.mark.parametrize("max_bytes", [200_000, 60_000, 20_000])
def test_noise_is_squeezed_into_the_room_there_is(max_bytes):
    assert len(jpeg_uri(noise((700, 900)), side=900, max_bytes=max_bytes)) <= max_bytes


def test_no_room_at_all_still_gives_a_small_picture():
    assert max(decoded(jpeg_uri(noise(), side=900, max_bytes=1)).shape) == 120


def test_a_file_is_read_whatever_its_name(tmp_path):
    picture = noise((8, 9))
    path = tmp_path / "粉末 ✨.png"
    path.write_bytes(cv2.imencode(".png", picture[..., ::-1])[1].tobytes())
    assert shrunk(path, 100) == shrunk(picture, 100)


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_a_file_that_is_no_picture_gives_nothing(tmp_path, content):
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    assert jpeg_uri(path, side=900, max_bytes=1000) is None


def test_the_same_picture_gives_the_same_uri():
    uris = {jpeg_uri(noise(), side=200, max_bytes=50_000) for _ in range(2)}
    assert len(uris) == 1
