"""Whatever comes in: one sentence, the other pictures done, nothing half-written."""

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tifffile
from PIL import Image as PillowImage
from typer.testing import CliRunner

from segmetry.cli import app

QUICK = ["--segmenter", "threshold", "--no-scale-bar"]


def png(width, height, body=b""):
    def chunk(name, content):
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [
        chunk(b"IHDR", header),
        chunk(b"IDAT", zlib.compress(body)),
        chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def tiff_whose_directories_go_in_a_circle():
    entries = [
        *((256, 3, 1, 4), (257, 3, 1, 4), (258, 3, 1, 8), (259, 3, 1, 1)),
        *((262, 3, 1, 1), (273, 4, 1, 200), (277, 3, 1, 1), (278, 3, 1, 4)),
        (279, 4, 1, 16),
    ]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries)
    whole = b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", 8)
    return whole.ljust(200, b"\0") + bytes(range(16))


def save_tiff(path, pixels):
    tifffile.imwrite(path, pixels)


def save_pillow(path, pixels, mode=None):
    PillowImage.fromarray(pixels, mode=mode).save(path)


def truncated(path, keep):
    path.write_bytes(path.read_bytes()[:keep])


def noise(shape=(64, 64), dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 255, shape).astype(dtype)


def cut_png(path):
    save_pillow(path, noise())
    truncated(path, 2000)


def cut_tiff(path):
    save_tiff(path, noise())
    truncated(path, 300)


def with_nan(value):
    pixels = noise(dtype=np.float32)
    pixels[3, 5] = value
    return pixels


BAD = {
    "empty.png": lambda path: path.write_bytes(b""),
    "empty.tif": lambda path: path.write_bytes(b""),
    "cut.png": cut_png,
    "cut.tif": cut_tiff,
    "magic.tif": lambda path: path.write_bytes(b"NOT A TIFF AT ALL" * 9),
    "text.png": lambda path: path.write_text("This is a letter, not a picture."),
    "row.png": lambda path: save_pillow(path, noise((1, 200))),
    "black.png": lambda path: save_pillow(path, np.zeros((64, 64), np.uint8)),
    "white.png": lambda path: save_pillow(path, np.full((64, 64), 255, np.uint8)),
    "nan.tif": lambda path: save_tiff(path, with_nan(np.nan)),
    "inf.tif": lambda path: save_tiff(path, with_nan(np.inf)),
    "seven.tif": lambda path: tifffile.imwrite(
        path, np.zeros((2, 2, 2, 2, 2, 8, 8), np.uint8), metadata={"axes": "TZCQRYX"}
    ),
    "circle.tif": lambda path: path.write_bytes(tiff_whose_directories_go_in_a_circle()),
    "huge.png": lambda path: path.write_bytes(png(60_000, 60_000)),
    "cmyk.jpg": lambda path: PillowImage.new("CMYK", (64, 64)).save(path),
}


def run(*words):
    return CliRunner().invoke(app, ["run", *(str(word) for word in words)])


def rows(out):
    images = pd.read_csv(out / "images.csv", keep_default_na=False)
    return images.set_index("image")


@pytest.fixture
def good(tmp_path, discs):
    folder = tmp_path / "pictures"
    folder.mkdir()
    save_pillow(folder / "good.png", discs([9] * 12))
    return folder


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_one_sentence_and_the_rest_goes_on(good, tmp_path, name):
    BAD[name](good / name)
    done = run(good, "--out", tmp_path / "out", *QUICK)
    assert done.exit_code == 1, done.output
    images = rows(tmp_path / "out")
    bad, fine = images.loc[Path(name).stem], images.loc["good"]
    assert (bad["status"], fine["status"]) == ("failed", "done")
    assert fine["n_objects"] == 12
    assert 20 < len(bad["reason"]) < 300
    assert "\n" not in bad["reason"]
    assert "Traceback" not in bad["reason"]
    assert "fault in Segmetry" not in bad["reason"]
    left = {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()}
    assert left == {"good"}


def test_twelve_bits_in_sixteen_are_no_hindrance(good, tmp_path, discs):
    twelve = discs([9] * 12).astype(np.uint16) * 16
    save_tiff(good / "twelve.tif", twelve)
    done = run(good, "--out", tmp_path / "out", *QUICK)
    assert done.exit_code == 0
    images = rows(tmp_path / "out")
    assert images.loc["twelve", "n_objects"] == 12


@pytest.mark.parametrize("name", ["粒子第一张.png", "🔬 cells.png", "n" * 200 + ".png"])
def test_any_name_will_do(good, tmp_path, name):
    (good / "good.png").rename(good / name)
    done = run(good, "--out", tmp_path / "out", *QUICK)
    assert done.exit_code == 0, done.output
    stem = Path(name).stem
    assert (tmp_path / "out" / stem / "labels.tif").is_file()
    assert stem in (tmp_path / "out" / "objects.csv").read_text(encoding="utf-8")
    assert stem in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_folder_without_pictures_is_a_wrong_command(tmp_path):
    (tmp_path / "empty").mkdir()
    done = run(tmp_path / "empty", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_told(good, tmp_path):
    (tmp_path / "file").write_text("")
    done = run(good, "--out", tmp_path / "file" / "out", *QUICK)
    assert done.exit_code in (1, 2)
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux", reason="limits the size of files as Linux does"
)
def test_a_full_disk_leaves_nothing_half_written(good, tmp_path):
    import resource
    import signal
    import subprocess

    save_pillow(good / "large.png", noise((900, 1200)))
    out = tmp_path / "out"

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    words = ["run", str(good), "--out", str(out), *QUICK, "--jobs", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "segmetry", *words],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    unfinished = [path for path in out.rglob("*") if "unfinished" in path.name]
    assert unfinished == []
    assert not (out / "large").exists()
