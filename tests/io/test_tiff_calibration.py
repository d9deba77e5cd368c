import csv
import io
import struct

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from segmetry.io import read
from segmetry.io.tiff_calibration import calibration_of

PICTURE = np.zeros((40, 50), np.uint8)
ZEISS, FEI, JEOL_DATA = 34118, 34682, 65027


def size_in_um(picture):
    size = picture.pixel_size
    return None if size is None else (size.in_um.y, size.in_um.x)


def zeiss(*lines):
    text = "\r\n".join(["0", "1", "2.5e-08", *lines, ""])
    return {"extratags": [(ZEISS, 2, None, text.encode("cp1252"), True)]}


def fei(text):
    return {"extratags": [(FEI, 2, None, text.replace("\n", "\r\n"), True)]}


def test_zeiss_is_width_of_the_field_by_width_of_the_picture(as_tiff):
    # "Pixel Size" is of a store of 1024 pixels: wrong here, as in real files.
    lines = ["AP_PIXEL_SIZE", "Pixel Size = 5.825 nm", "AP_WIDTH", "Width = 6.000 µm"]
    picture = read(as_tiff(PICTURE, **zeiss(*lines)))
    assert size_in_um(picture) == pytest.approx((0.12, 0.12))
    assert picture.pixel_size.source == "zeiss"
    assert picture.steps[0].options["format"] == "TIFF (Zeiss)"


@pytest.mark.parametrize(
    ("width", "pixel_um"), [("6.000 mm", 120), ("6.000 nm", 1.2e-4), ("6000 pm", 1.2e-4)]
)
def test_zeiss_units_are_understood(as_tiff, width, pixel_um):
    path = as_tiff(PICTURE, **zeiss("AP_WIDTH", f"Width = {width}"))
    assert size_in_um(read(path))[0] == pytest.approx(pixel_um)


def test_zeiss_without_a_width_is_unknown(as_tiff):
    path = as_tiff(PICTURE, **zeiss("AP_MAG", "Mag = 50.00 K X"))
    assert read(path).pixel_size is None


def test_zeiss_overlay_colours_leave_the_picture_grey(as_tiff):
    table = np.stack([np.arange(256, dtype=np.uint16) * 257] * 3)
    table[:, 18] = 0, 65_535, 0
    pixels = np.full((40, 50), 18, np.uint8)
    options = zeiss("AP_WIDTH", "Width = 6.000 µm")
    path = as_tiff(pixels, photometric="palette", colormap=table, **options)
    assert np.array_equal(read(path).pixels, pixels)


FEI_TEXT = """[User]
Date=01/01/2026
[Beam]
Scan=EScan
[{scan}]
PixelWidth={width}
PixelHeight={height}
[Image]
ResolutionX=50
ResolutionY=36
"""


@pytest.mark.parametrize("scan", ["Scan", "EScan"])
def test_fei_has_a_pixel_size_and_says_where_its_banner_is(as_tiff, scan):
    text = FEI_TEXT.format(scan=scan, width="2e-009", height="3e-009")
    picture = read(as_tiff(PICTURE, **fei(text)))
    assert size_in_um(picture) == pytest.approx((3e-3, 2e-3))
    assert picture.pixel_size.source == "fei"
    assert picture.excluded[36:].all()
    assert not picture.excluded[:36].any()


def test_fei_without_a_scale_is_unknown_but_keeps_its_banner(as_tiff):
    text = FEI_TEXT.format(scan="Scan", width="", height="")
    picture = read(as_tiff(PICTURE, resolution=(96, 96), resolutionunit=2, **fei(text)))
    assert picture.pixel_size is None
    assert picture.excluded.sum() == 4 * 50


def test_fei_without_a_banner_excludes_nothing(as_tiff):
    text = FEI_TEXT.format(scan="Scan", width="2e-9", height="2e-9").replace("36", "40")
    assert read(as_tiff(PICTURE, **fei(text))).excluded is None


def test_fei_that_was_scaled_afterwards_is_unknown(as_tiff):
    text = FEI_TEXT.format(scan="Scan", width="2e-9", height="2e-9")
    picture = read(as_tiff(PICTURE[:, ::2], **fei(text)))
    assert (picture.pixel_size, picture.excluded) == (None, None)
    assert "not the width" in picture.steps[0].options["notes"][0]


def gatan(x=0.25, y=0.5, x_unit="µm", y_unit="µm"):
    return {
        "extratags": [
            (65003, 2, None, x_unit.encode(), True),
            (65004, 2, None, y_unit.encode(), True),
            (65009, 12, 1, x, True),
            (65010, 12, 1, y, True),
        ]
    }


def test_gatan_exports_have_scales_and_units(as_tiff):
    picture = read(as_tiff(PICTURE, resolution=(72, 72), resolutionunit=2, **gatan()))
    assert size_in_um(picture) == (0.5, 0.25)
    assert picture.pixel_size.source == "gatan"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_gatan_units_are_understood_in_old_and_new_encodings(as_tiff, encoding):
    options = gatan()
    for number in (0, 1):
        options["extratags"][number] = (
            65003 + number,
            2,
            None,
            "µm".encode(encoding),
            True,
        )
    assert size_in_um(read(as_tiff(PICTURE, **options))) == (0.5, 0.25)


@pytest.mark.parametrize(
    "options", [{"x_unit": "1/nm", "y_unit": "1/nm"}, {"x_unit": "nm"}, {"x": 0.0}]
)
def test_gatan_exports_that_are_no_picture_of_lengths_are_unknown(as_tiff, options):
    assert read(as_tiff(PICTURE, **gatan(**options))).pixel_size is None


JEOL = """<?xml version="1.0"?>
<TemReporter><Measurement><MeasurementFormat>
<DrawImageInformation><ImageSize><Width>50</Width><Height>40</Height></ImageSize>
<PixelsPerMeter><Horizontal>4000</Horizontal><Vertical>2000</Vertical></PixelsPerMeter>
</DrawImageInformation><InstrumentsParameter>
<Measurement_UnitType>UnitType_Length</Measurement_UnitType>
<SelectorValue>100000</SelectorValue></InstrumentsParameter>
</MeasurementFormat></Measurement></TemReporter>"""


def test_jeol_is_pixels_on_the_camera_by_magnification(as_tiff):
    picture = read(as_tiff(PICTURE, description=JEOL, metadata=None))
    # 1 m / 4000 / 100,000 = 2.5 nm
    assert size_in_um(picture) == pytest.approx((5e-3, 2.5e-3))
    assert picture.pixel_size.source == "jeol"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("UnitType_Length", "UnitType_Angle"),
        ("<Width>50<", "<Width>99<"),
        ("InstrumentsParameter", "Other"),
        ("MeasurementFormat", "Other"),
    ],
)
def test_jeol_of_another_picture_or_of_diffraction_is_unknown(as_tiff, old, new):
    path = as_tiff(PICTURE, description=JEOL.replace(old, new), metadata=None)
    assert read(path).pixel_size is None


@pytest.mark.parametrize("broken", [JEOL[:-9], JEOL.replace("100000", "many")])
def test_broken_fields_are_unknown_and_noted(as_tiff, broken):
    picture = read(as_tiff(PICTURE, description=broken, metadata=None))
    assert picture.pixel_size is None
    assert "fields about the scale are broken" in picture.steps[0].options["notes"][0]


@given(
    st.sampled_from(["nm", "um", "micron", "mm", "\\u00B5m"]),
    st.floats(1e-3, 1e3),
    st.floats(1e-3, 1e3),
)
def test_imagej_is_pixels_by_unit(unit, x, y):
    buffer = io.BytesIO()
    options = {"imagej": True, "metadata": {"unit": unit}, "resolution": (1 / x, 1 / y)}
    tifffile.imwrite(buffer, PICTURE, **options)
    buffer.seek(0)
    with tifffile.TiffFile(buffer) as tif:
        size = calibration_of(tif, tif.pages.first).pixel_size
    assert size.x == pytest.approx(x, rel=1e-4)
    assert size.y == pytest.approx(y, rel=1e-4)
    assert size.source == "imagej"


@pytest.mark.parametrize("unit", ["pixel", "inch", "", "sec"])
def test_imagej_units_that_are_no_length_are_unknown(as_tiff, unit):
    path = as_tiff(PICTURE, imagej=True, metadata={"unit": unit}, resolution=(300, 300))
    assert read(path).pixel_size is None


def test_imagej_without_a_resolution_is_unknown(as_tiff):
    description = "ImageJ=1.54f\nunit=um\n"
    path = as_tiff(PICTURE, description=description, metadata=None, resolution=None)
    content = path.read_bytes()
    with tifffile.TiffFile(path) as tif:
        at = tif.pages.first.tags["XResolution"].valueoffset
    path.write_bytes(content[:at] + bytes(8) + content[at + 8 :])
    assert read(path).pixel_size is None


@pytest.mark.parametrize("dpi", [72, 96, 300, 600])
def test_centimetres_that_imagej_made_of_a_paper_size_are_unknown(as_tiff, dpi):
    per_cm = dpi / 2.54
    path = as_tiff(
        PICTURE, imagej=True, metadata={"unit": "cm"}, resolution=(per_cm, per_cm)
    )
    picture = read(path)
    assert picture.pixel_size is None
    assert f"{dpi} dots per inch" in picture.steps[0].options["notes"][0]


def test_centimetres_that_a_person_typed_are_used(as_tiff):
    path = as_tiff(PICTURE, imagej=True, metadata={"unit": "cm"}, resolution=(50, 50))
    assert size_in_um(read(path)) == pytest.approx((200, 200))


def test_imagej_slices_have_a_distance(as_tiff):
    path = as_tiff(
        np.zeros((3, 40, 50), np.uint8),
        imagej=True,
        metadata={"axes": "ZYX", "unit": "um", "spacing": 0.7},
        resolution=(4, 5),
    )
    size = read(path).pixel_size
    assert (size.z, size.y, size.x) == pytest.approx((0.7, 0.2, 0.25))
    assert read(path, page=1).pixel_size.z is None


def ome(**fields):
    return {"ome": True, "metadata": {"axes": "ZYX", **fields}}


def test_ome_sizes_may_differ_in_their_units(as_tiff):
    fields = ome(
        PhysicalSizeX=108.0,
        PhysicalSizeXUnit="nm",
        PhysicalSizeY=0.2,
        PhysicalSizeYUnit="µm",
        PhysicalSizeZ=0.5,
    )
    size = read(as_tiff(np.zeros((2, 40, 50), np.uint8), **fields)).pixel_size
    assert (size.z, size.y, size.x, size.unit) == pytest.approx((0.5, 0.2, 0.108, "um"))
    assert size.source == "ome"


def test_ome_distance_of_slices_is_turned_into_the_unit_of_the_pixels(as_tiff):
    fields = ome(
        PhysicalSizeX=100.0,
        PhysicalSizeXUnit="nm",
        PhysicalSizeY=100.0,
        PhysicalSizeYUnit="nm",
        PhysicalSizeZ=0.5,
        PhysicalSizeZUnit="µm",
    )
    size = read(as_tiff(np.zeros((2, 40, 50), np.uint8), **fields)).pixel_size
    assert (size.z, size.x, size.unit) == (500, 100, "nm")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"PhysicalSizeX": 0.1},
        {
            "PhysicalSizeX": 1.0,
            "PhysicalSizeXUnit": "pixel",
            "PhysicalSizeY": 1.0,
            "PhysicalSizeYUnit": "pixel",
        },
    ],
)
def test_ome_without_both_lengths_is_unknown(as_tiff, fields):
    path = as_tiff(np.zeros((2, 40, 50), np.uint8), **ome(**fields))
    assert read(path).pixel_size is None


@pytest.mark.parametrize("unit", [2, 3])
@given(per_unit=st.floats(1, 1e6))
def test_dots_per_inch_or_centimetre_are_never_a_pixel_size(unit, per_unit):
    buffer = io.BytesIO()
    resolution = (per_unit, per_unit)
    tifffile.imwrite(buffer, PICTURE, resolution=resolution, resolutionunit=unit)
    buffer.seek(0)
    with tifffile.TiffFile(buffer) as tif:
        assert calibration_of(tif, tif.pages.first).pixel_size is None


def expected_sizes(data):
    with data("sem_raw/expected_pixel_size.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_real_file_is_right_within_1_percent_or_unknown(data):
    factors = {"um": 1.0, "nm": 1e-3}
    rows = expected_sizes(data)
    assert len(rows) == 13
    for row in rows:
        found = size_in_um(read(data(f"sem_raw/{row['file']}")))
        if not row["pixel_size"]:
            assert found is None, row["file"]
            continue
        expected = float(row["pixel_size"]) * factors[row["unit"]]
        assert found == pytest.approx((expected, expected), rel=0.01), row["file"]


@pytest.mark.parametrize(
    ("name", "rows"),
    [("ebeam_8bit", 29), ("ebeam_16bit", 29), ("navcam_no_scale", 39)],
)
def test_the_banner_of_real_fei_files_is_excluded(data, name, rows):
    picture = read(data(f"sem_raw/fei_helios_{name}.tif"))
    excluded_rows = picture.excluded.all(axis=1)
    assert excluded_rows.sum() == rows
    assert excluded_rows[-rows:].all()


@pytest.mark.parametrize("page", [None, 0, 1])
def test_the_implausible_size_of_the_olympus_file_is_unknown_and_noted(data, page):
    picture = read(data("sem_raw/olympus_sis.tif"), page=page)
    assert picture.pixel_size is None
    assert (
        "2.39e-11 m is finer than any microscope" in picture.steps[0].options["notes"][-1]
    )


def with_sis(path, exponent, x, y):
    """Append the structure of Olympus SIS to a TIFF file that has a tag for it."""
    content = bytearray(path.read_bytes())
    at = content.index(struct.pack("<HHI", 33560, 4, 1)) + 8
    start = len(content)
    struct.pack_into("<I", content, at, start)
    content += struct.pack("<4s6xhhhhh6x32sH", b"SIS0", 0, 0, 1, 1, 100, b"", 1)
    content += struct.pack("<hhI", 1, 1, start + 68)
    content += struct.pack("<10xhdd8xd2x34s32s", exponent, x, y, 100.0, b"", b"")
    path.write_bytes(content)
    return path


SIS_TAG = {"extratags": [(33560, 4, 1, 0, True)], "metadata": None}


def test_olympus_has_a_pixel_size_in_metres(as_tiff):
    picture = read(with_sis(as_tiff(PICTURE, **SIS_TAG), -9, 2.5, 5.0))
    assert size_in_um(picture) == pytest.approx((5e-3, 2.5e-3))
    assert picture.pixel_size.source == "olympus"


@pytest.mark.parametrize("size", [0.0, -1.0, np.nan])
def test_olympus_without_a_size_is_unknown(as_tiff, size):
    assert read(with_sis(as_tiff(PICTURE, **SIS_TAG), -9, size, size)).pixel_size is None


def test_olympus_finer_than_any_microscope_is_unknown_and_noted(as_tiff):
    picture = read(with_sis(as_tiff(PICTURE, **SIS_TAG), -12, 24.0, 24.0))
    assert picture.pixel_size is None
    assert "2.4e-11 m is finer" in picture.steps[0].options["notes"][0]


def test_a_damaged_structure_of_olympus_is_unknown(as_tiff):
    path = with_sis(as_tiff(PICTURE, **SIS_TAG), -9, 2.5, 5.0)
    path.write_bytes(path.read_bytes().replace(b"SIS0", b"SIS?"))
    assert read(path).pixel_size is None
