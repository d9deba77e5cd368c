"""The whole journey on drawn particles of known size, from files to a referee's numbers."""

import json

import cv2
import numpy as np
import pandas as pd
import pytest
import tifffile
from typer.testing import CliRunner

from segmetry.cli import app

MEDIAN_NM, GSD, PIXEL_NM = 60.0, 1.35, 2.5
SIDE = 800  # pixels


def draw_particles(seed):
    """Log-normal discs at random places that do not touch, some cut by the frame."""
    rng = np.random.default_rng(seed)
    room = np.zeros((SIDE, SIDE), np.uint8)
    picture = np.full((SIDE, SIDE), 50, np.float32)
    for _ in range(90):
        radius = MEDIAN_NM * np.exp(np.log(GSD) * rng.standard_normal()) / PIXEL_NM / 2
        for _ in range(40):
            x, y = rng.uniform(-30, SIDE + 30, 2)
            here = np.zeros_like(room)
            cv2.circle(here, (round(x), round(y)), round(radius) + 4, 1, -1)
            if not (room & here).any():
                break
        else:
            continue
        room |= here
        centre, size = (round(x * 16), round(y * 16)), round(radius * 16)
        cv2.circle(picture, centre, size, 180, -1, lineType=cv2.LINE_AA, shift=4)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8) + rng.normal(0, 8, picture.shape)
    return picture.clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("particles")
    per_micrometre = 1000 / PIXEL_NM
    for number in range(6):
        tifffile.imwrite(
            folder / f"p{number}.tif",
            draw_particles(number),
            imagej=True,
            resolution=(per_micrometre, per_micrometre),
            metadata={"unit": "um"},
        )
    sheet = "image,time_h\n" + "".join(f"p{n}.tif,{n // 3}\n" for n in range(6))
    (folder / "samples.csv").write_text(sheet)
    words = ["run", str(folder), "--out", str(folder / "out"), "--no-scale-bar"]
    done = CliRunner().invoke(app, [*words, "--sheet", str(folder / "samples.csv")])
    assert done.exit_code == 0, done.output
    return folder / "out"


def test_the_interval_holds_the_truth_and_is_narrow(results):
    number = json.loads((results / "summary.json").read_text())["pooled"]["number"]
    d50 = number["d50"]
    truth = MEDIAN_NM / 1000
    assert d50["value"] == pytest.approx(truth, rel=0.05)
    assert d50["low"] < truth < d50["high"]
    assert d50["high"] - d50["low"] < 0.2 * truth
    assert number["gsd"]["value"] == pytest.approx(GSD, rel=0.04)


def test_the_frame_hides_large_particles_and_the_rule_brings_them_back(results):
    rule = json.loads((results / "summary.json").read_text())["pooled"]["edge_rule"]
    assert rule["name"] == "miles-lantuejoul"
    assert rule["n_touching"] > 10
    assert -0.2 < rule["bias_removed"]["mean"] < 0


def test_sizes_are_in_micrometres_and_know_their_source(results):
    images = pd.read_csv(results / "images.csv")
    assert images["pixel_size"].to_numpy() == pytest.approx(np.full(6, 0.0025))
    assert set(images["calibration_source"]) == {"imagej"}
    objects = pd.read_csv(results / "objects.csv")
    area = objects["area_px"] * 0.0025**2
    assert objects["area_um2"].to_numpy() == pytest.approx(area.to_numpy())


def test_a_log_normal_sample_is_not_refused(results):
    fit = json.loads((results / "summary.json").read_text())["pooled"]["fit"]
    assert fit["accepted"], fit["reason"]
    assert fit["gsd"]["value"] == pytest.approx(GSD, rel=0.05)


def test_the_report_tells_the_same_numbers(results):
    text = (results / "report.html").read_text(encoding="utf-8")
    assert len(text) < 5_000_000
    assert "D50" in text
    assert "Miles" in text or "miles-lantuejoul" in text
    assert "time_h" in text
    assert " nm" in text
