"""A banner is found where there is one, to the row, and nowhere else."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from segmetry.calibrate import Banner, banner, find_banner
from segmetry.image import Image
from segmetry.io import read

INK = {0: 255, 255: 0, 90: 255, 200: 0, 40: 230}


def texture(rng, shape, *, low=60, high=190):
    smooth = gaussian_filter(rng.normal(size=shape), rng.uniform(1, 4))
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    return (low + (high - low) * smooth + rng.normal(0, 4, shape)).clip(0, 255)


def strip(rng, shape, level, *, framed=False):
    """Draw a banner with a line or two of instrument text."""
    height, width = shape
    rows = np.full(shape, level, np.uint8)
    ink = INK[level]
    lines = 2 if height >= 44 and rng.random() < 0.5 else 1
    scale = 0.4 if lines == 2 or height < 30 else 0.55
    for line in range(lines):
        base = int(height * (line + 1) / (lines + 1)) + 5
        text = "EHT = 5.00 kV   WD = 3.9 mm   Mag = 50.00 K X"
        cv2.putText(rows, text, (12, base), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 1)
    if framed:
        cv2.rectangle(rows, (0, 0), (width - 1, height - 1), int(ink), 1)
    return rows


def with_banner(seed):
    """Return a picture, and the rows of its banner."""
    rng = np.random.default_rng(seed)
    height, width = int(rng.integers(200, 500)), int(rng.integers(400, 800))
    tall = int(rng.integers(24, 80))
    level = int(rng.choice(list(INK)))
    low, high = (110, 250) if level in (0, 40, 90) else (10, 160)
    field = texture(rng, (height, width), low=low, high=high)
    banner = strip(rng, (tall, width), level, framed=bool(rng.random() < 0.5))
    if rng.random() < 0.5:
        return Image(np.vstack([banner, field]).astype(np.uint8)), Banner(0, tall)
    pixels = np.vstack([field, banner]).astype(np.uint8)
    return Image(pixels), Banner(height, height + tall)


@pytest.mark.parametrize("seed", range(60))
def test_a_drawn_banner_is_found_to_the_row(seed):
    image, truth = with_banner(seed)
    found = find_banner(image)
    assert found is not None
    assert abs(found.top - truth.top) <= 1
    assert abs(found.bottom - truth.bottom) <= 1


@pytest.mark.parametrize("seed", range(60))
def test_a_picture_without_a_banner_has_none(seed):
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(100, 400)), int(rng.integers(100, 500))
    low = int(rng.integers(0, 200))
    pixels = texture(rng, shape, low=low, high=min(255, low + int(rng.integers(5, 150))))
    assert find_banner(Image(pixels.astype(np.uint8))) is None


@pytest.mark.parametrize("level", [0, 90, 255])
def test_a_flat_picture_with_objects_has_no_banner(level):
    pixels = np.full((300, 400), level, np.uint8)
    for x in range(40, 400, 60):
        cv2.circle(pixels, (x, 280 - x // 4), 14, 150, -1)
    assert find_banner(Image(pixels)) is None


def test_text_written_onto_the_picture_is_no_banner():
    pixels = texture(np.random.default_rng(1), (300, 500)).astype(np.uint8)
    cv2.putText(
        pixels, "5.0kV x10.0k 2 um", (20, 285), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 255, 2
    )
    assert find_banner(Image(pixels)) is None


def test_a_flat_strip_without_text_is_no_banner():
    pixels = texture(np.random.default_rng(2), (300, 500)).astype(np.uint8)
    pixels[260:] = 0
    assert find_banner(Image(pixels)) is None


def test_a_banner_taller_than_what_is_left_is_found():
    rng = np.random.default_rng(3)
    field = texture(rng, (60, 500))
    pixels = np.vstack([field, strip(rng, (90, 500), 255)]).astype(np.uint8)
    assert find_banner(Image(pixels)) == Banner(60, 150)


def test_a_frame_parts_a_black_banner_from_a_black_picture():
    rng = np.random.default_rng(4)
    pixels = np.zeros((300, 500), np.uint8)
    pixels[260:] = strip(rng, (40, 500), 0, framed=True)
    assert find_banner(Image(pixels)) == Banner(260, 300)


@pytest.mark.parametrize(
    ("rows", "banner"),
    [
        (slice(80, None), Banner(80, 100)),
        (slice(0, 12), Banner(0, 12)),
        (slice(40, 50), None),
    ],
)
def test_rows_that_the_file_excludes_are_the_banner(rows, banner):
    excluded = np.zeros((100, 120), bool)
    excluded[rows] = True
    pixels = np.zeros((100, 120), np.uint8)
    assert find_banner(Image(pixels, excluded=excluded)) == banner


@pytest.mark.parametrize("shape", [(1, 50), (31, 400), (400, 63), (5, 5)])
def test_tiny_pictures_have_no_banner(shape):
    assert find_banner(Image(np.zeros(shape, np.uint8))) is None


def test_a_wholly_excluded_picture_has_no_banner():
    image = Image(np.zeros((50, 80), np.uint8), excluded=np.ones((50, 80), bool))
    assert find_banner(image) is None


def test_a_stack_has_no_banner():
    assert find_banner(Image(np.zeros((3, 40, 40), np.uint8), axes="ZYX")) is None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["uint16", "float", "colour", "jpeg"])
def test_the_kind_of_pixels_does_not_matter(seed, kind):
    image, truth = with_banner(seed)
    pixels = image.pixels
    if kind == "jpeg":
        coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
        pixels = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    other = {
        "uint16": Image(pixels.astype(np.uint16) * 16),
        "float": Image(pixels / 255.0),
        "colour": Image(np.repeat(pixels[..., None], 3, axis=2), axes="YXC"),
        "jpeg": Image(pixels),
    }[kind]
    found = find_banner(other)
    assert found is not None
    assert abs(found.top - truth.top) <= 1
    assert abs(found.bottom - truth.bottom) <= 1


@pytest.mark.parametrize(
    ("name", "top", "bottom"),
    [
        ("sem_raw/zeiss_1k.tif", 691, 768),
        ("sem_raw/zeiss_512.tif", 350, 384),
        ("sem_raw/fei_helios_ebeam_8bit.tif", 442, 471),
        ("sem_raw/fei_helios_ebeam_16bit.tif", 442, 471),
        ("sem_scalebar/100 um.png", 480, 512),
    ],
)
def test_banners_of_real_pictures_are_found(data, name, top, bottom):
    assert find_banner(read(data(name))) == Banner(top, bottom)


@pytest.mark.parametrize("folder", ["saemi_sem/test", "ampis_powder/train"])
def test_real_pictures_without_a_banner_have_none(data, folder):
    for path in sorted((data(folder) / "images").iterdir()):
        assert find_banner(read(path)) is None, path.name


@pytest.mark.parametrize("seed", range(20))
def test_a_banner_is_the_same_however_many_rows_are_looked_at_first(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    height, strip = int(rng.integers(200, 700)), int(rng.integers(12, 130))
    pixels = rng.integers(0, 256, (height, 120), dtype=np.uint8)
    pixels[:strip] = 0
    pixels[3 : strip - 3, 10:60:4] = 128
    quick = find_banner(Image(pixels))
    monkeypatch.setattr(banner, "_FIRST_LOOK", height)
    assert find_banner(Image(pixels)) == quick == Banner(0, strip)
