"""Text is read offline, without a trace, and only while it is wanted."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from segmetry.calibrate.ocr import Text, text_reader

GUARDED = """
import json, os, sys
seen = []
def watch(event, arguments):
    if event.startswith("socket.") or event in {"subprocess.Popen", "os.fork", "os.system"}:
        seen.append(event)
    if event == "open" and isinstance(arguments[2], int):
        if arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen.append(f"write {arguments[0]}")
sys.addaudithook(watch)
import cv2, numpy as np, psutil
from segmetry.calibrate import read_scale_bar
from segmetry.image import Image
loaded_early = "rapidocr" in sys.modules or "openvino" in sys.modules
pixels = np.full((300, 500), 90, np.uint8)
pixels[260:266, 300:410] = 255
cv2.putText(pixels, "2 um", (320, 250), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
bar = read_scale_bar(Image(pixels))
me = psutil.Process()
print(json.dumps({
    "text": bar.text,
    "seen": seen,
    "early": loaded_early,
    "children": len(me.children(recursive=True)),
    "connections": len(me.net_connections()),
}))
"""


def folders(root):
    return sorted(
        str(path) for path in Path(root).rglob("*") if "__pycache__" not in str(path)
    )


@pytest.mark.slow
def test_no_socket_no_process_no_file_and_no_word(tmp_path):
    import rapidocr

    home = tmp_path / "home"
    home.mkdir()
    package = Path(rapidocr.__file__).parent
    before = folders(package)
    where = {"HOME": str(home), "USERPROFILE": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", GUARDED],
        env={**os.environ, **where},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told == {
        "text": "2 µm",
        "seen": [],
        "early": False,
        "children": 0,
        "connections": 0,
    }
    assert done.stderr == ""
    assert folders(home) == []
    assert folders(package) == before


def written(text):
    crop = np.full((60, 240), 30, np.uint8)
    cv2.putText(crop, text, (20, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 2)
    return crop


@pytest.fixture(scope="module")
def read():
    with text_reader() as reader:
        yield reader


@pytest.mark.parametrize("text", ["200 nm", "5 um", "WD 8.1 mm"])
def test_text_is_read_with_its_place(read, text):
    (line,) = read(written(text))
    assert line.text.replace(" ", "") == text.replace(" ", "")
    assert line.score > 0.8
    assert line.x_min == pytest.approx(20, abs=12)
    assert line.y_min < 25
    assert line.y_max > 38


def test_a_crop_without_text_gives_no_lines(read):
    assert read(np.full((60, 200), 128, np.uint8)) == []


def test_reading_twice_gives_the_same(read):
    assert read(written("10 nm")) == read(written("10 nm"))


def test_the_reader_stops_working_when_it_is_released():
    with text_reader() as reader:
        assert reader(written("10 nm"))
    with pytest.raises(IndexError):
        reader(written("10 nm"))


def test_the_reader_says_nothing(read, caplog):
    with caplog.at_level(logging.DEBUG):
        read(np.zeros((40, 100), np.uint8))
    assert caplog.records == []


def test_a_line_knows_its_size():
    line = Text("1 nm", 0.9, 10, 20, 50, 34)
    assert (line.width, line.height) == (40, 14)
