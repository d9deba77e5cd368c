"""One picture that cannot be added keeps no other away."""

import os
import sys
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from segmetry import Image, PixelSize
from segmetry.errors import PictureError
from segmetry.io import read, write_ome_tiff, write_ome_zarr
from segmetry.tiled import InMemory
from segmetry.web.local import add_pictures
from segmetry.web.serving import _opened

linux = pytest.mark.skipif(sys.platform != "linux", reason="such names are Linux's only")


@pytest.fixture
def odd(home):
    """A picture in `home` whose name is no text."""
    path = Path(os.fsdecode(os.fsencode(home) + b"/odd\xff.png"))
    path.write_bytes((home / "a.png").read_bytes())
    return path


@linux
def test_a_name_that_is_no_text_is_passed_over_and_shown_as_far_as_it_can_be(
    project, home, odd, caplog
):
    (added,), (told,) = add_pictures(project, [home])
    assert project.pictures.record(added).name == "a.png"
    assert told == "The name of odd?.png is no text; give the file another name."
    assert told in caplog.text
    with pytest.raises(PictureError, match=r"odd\?\.png"):
        add_pictures(project, [odd])


@linux
def test_the_app_opens_such_a_folder(store, home, odd, caplog):
    assert odd.is_file()
    identifier = _opened(store, home)
    assert [one.name for one in store.project(identifier).pictures.records()] == ["a.png"]
    assert "odd?.png" in caplog.text
    (home / "a.png").unlink()
    odd.rename(home / "odd.txt")
    assert _opened(store, home) == identifier  # a folder without pictures is opened too


@linux
def test_a_client_is_told_what_was_passed_over(client, store, home, odd):
    assert odd.is_file()
    address = f"/api/v1/projects/{store.create('Powder')}/local"
    told = client.post(address, json={"paths": [str(home)]}).json()
    assert [shown["name"] for shown in told["pictures"]] == ["a.png"]
    assert len(told["passed_over"]) == 1


def test_a_folder_of_ome_zarr_and_a_slide_are_shown_as_pictures(
    client, store, home, tmp_path
):
    whole = read(home / "a.png")
    pixel_size = PixelSize(0.5, 0.5, "um", "typed")
    picture = InMemory(Image(whole.pixels, pixel_size=pixel_size))
    write_ome_zarr(tmp_path / "slide.ome.zarr", picture, chunk=64)
    write_ome_tiff(tmp_path / "slide.svs", picture, tile=64)
    address = f"/api/v1/projects/{store.create('Slides')}/local"
    paths = [str(tmp_path / name) for name in ("slide.ome.zarr", "slide.svs")]
    told = client.post(address, json={"paths": paths}).json()
    assert [shown["name"] for shown in told["pictures"]] == ["slide.ome.zarr", "slide.svs"]
    for picture in (shown["id"] for shown in told["pictures"]):
        end = time.monotonic() + 120
        while (shown := client.get(f"/api/v1/images/{picture}").json())["status"] == (
            "reading"
        ):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert shown["status"] == "ready", shown
        tile = client.get(f"/api/v1/images/{picture}/tiles/0/0/0").content
        drawn = np.asarray(Pillow.open(BytesIO(tile))).astype(float)
        assert np.corrcoef(drawn.ravel(), whole.pixels.ravel())[0, 1] > 0.98
