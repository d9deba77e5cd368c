"""Tiles of a picture over HTTP."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Pillow

from segmetry.io import read
from segmetry.project import look_at
from segmetry.web.pyramid import Drawing, draw_pyramid
from segmetry.web.readings import pyramid_folder


@pytest.fixture
def seen(project, picture, home, simple):
    """The picture of discs, looked at, with its pyramid."""
    look = look_at(home / "a.png", simple)
    project.pictures.keep_look(picture, look)
    folder = pyramid_folder(project, picture)
    draw_pyramid(
        Drawing(home / "a.png", None, look.facts["low"], look.facts["high"], folder)
    )
    return picture


def test_a_tile_shows_the_picture_and_is_kept_by_the_browser(client, seen, home):
    answer = client.get(f"/api/v1/images/{seen}/tiles/0/0/0")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    tile = np.asarray(Pillow.open(BytesIO(answer.content))).astype(float)
    pixels = read(home / "a.png").pixels
    assert tile.shape == pixels.shape
    assert np.corrcoef(tile.ravel(), pixels.ravel())[0, 1] > 0.98
    known = {"If-None-Match": answer.headers["ETag"]}
    again = client.get(f"/api/v1/images/{seen}/tiles/0/0/0", headers=known)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "tile", ["0/0/1", "0/1/0", "1/0/0", "0/0/0?ch=0", "0/0/-1", "32/0/0", "a/0/0", "0/0"]
)
def test_what_is_not_there_is_missing(client, seen, tile):
    assert client.get(f"/api/v1/images/{seen}/tiles/{tile}").status_code in {404, 422}


def test_each_channel_has_tiles_with_a_contrast_of_its_own(client, two_channels):
    address = f"/api/v1/images/{two_channels}/tiles/0/0/0"
    both, nuclei, walls = (
        np.asarray(Pillow.open(BytesIO(client.get(address + asked).content)))
        for asked in ("", "?ch=0", "?ch=1")
    )
    # Squares of 3000 in the first channel, a bar of 40 in the second: white in its own.
    assert (nuclei[20:40, 10:30] == 255).all()
    assert (nuclei[60:70] == 0).all()
    assert (walls[60:70] == 255).all()
    assert (walls[20:40, 10:30] == 0).all()
    assert both[65, 20] < 10  # hardly seen beside what is 75 times as bright
    assert client.get(f"{address}?ch=2").status_code == 404


def test_a_picture_that_is_not_read_has_no_tiles(client, picture):
    answer = client.get(f"/api/v1/images/{picture}/tiles/0/0/0")
    assert answer.status_code == 409
    assert "still being read" in answer.json()["error"]["message"]
