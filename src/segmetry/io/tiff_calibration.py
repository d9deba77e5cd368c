"""The pixel size in a TIFF file, by the rules of each program that writes one.

Only fields that mean a length on the sample count. The standard resolution tags are a size
on paper (dots per inch); they are used for ImageJ files alone, whose description names the
unit that they are in.

Rules
-----
Zeiss : width of the field (ap_width) by width of the picture. The field called pixel size
    belongs to a store of 1024 pixels and is wrong by 2 in others.
FEI/Thermo : PixelWidth and PixelHeight of the scan. Rows below ResolutionY are the banner.
TVIPS : PixelSizeX and PixelSizeY, in nm.
Olympus SIS : the pixel size of the page, unless it is under 0.05 nm (see below).
Gatan : the scales and units that DigitalMicrograph writes into its exports.
JEOL : pixels per metre on the camera, by magnification.
ImageJ : pixels per unit, where the unit is a length.
OME : PhysicalSizeX and PhysicalSizeY.
Aperio : micrometres per pixel (MPP) of the slide's full size; its other pages have none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from segmetry.image import PixelSize
from segmetry.io.units import unit_of

__all__ = ["Found", "calibration_of"]

# No microscope resolves 0.05 nm; values under it are of test files, or are scaled wrongly.
_SMALLEST_SIS_M = 5e-11

# ImageJ turns a paper size in dots per cm into the unit "cm": these resolutions betray it.
_PRINT_DPI = (72, 75, 96, 100, 120, 150, 180, 200, 240, 300, 350, 360, 400, 600, 1200, 2400)


@dataclass(frozen=True)
class Found:
    """What a TIFF file says about its scale.

    Parameters
    ----------
    vendor : str
        Who wrote the fields; empty for a plain TIFF.
    pixel_size : PixelSize or None
    banner_top : int or None
        First row of the banner.
    notes : tuple of str
    """

    vendor: str = ""
    pixel_size: PixelSize | None = None
    banner_top: int | None = None
    notes: tuple[str, ...] = ()


def calibration_of(tif: Any, page: Any) -> Found:
    """Find the pixel size of a page of an open TIFF file.

    Parameters
    ----------
    tif : tifffile.TiffFile
    page : tifffile.TiffPage
        The page whose pixels are used.

    Returns
    -------
    Found
        Fields that are broken count as absent, with a note.
    """
    for rule in _RULES:
        try:
            found = rule(tif, page)
        except (
            ValueError,
            KeyError,
            TypeError,
            IndexError,
            ArithmeticError,
            ET.ParseError,
        ):
            return Found(notes=("fields about the scale are broken: pixel size unknown",))
        if found is not None:
            return found
    return Found()


def _zeiss(tif: Any, page: Any) -> Found | None:
    if not tif.is_sem:
        return None
    fields = tif.sem_metadata or {}
    if "ap_width" not in fields:
        return Found("Zeiss")
    _, width, spelling = fields["ap_width"]
    size = _square(float(width) / page.imagewidth, unit_of(spelling), "zeiss")
    return Found("Zeiss", size)


def _fei(tif: Any, page: Any) -> Found | None:
    if not tif.is_fei:
        return None
    fields = tif.fei_metadata or {}
    image = fields.get("Image", {})
    # A picture that was scaled after it was taken has lost the meaning of its fields.
    if image.get("ResolutionX", page.imagewidth) != page.imagewidth:
        note = "the picture has not the width that it was taken with: pixel size unknown"
        return Found("FEI", notes=(note,))
    rows = image.get("ResolutionY", page.imagelength)
    banner_top = rows if 0 < rows < page.imagelength else None
    beam = fields.get("Beam", {}).get("Scan") or "Scan"
    scan = fields.get("Scan") or fields.get(beam) or {}
    width, height = scan.get("PixelWidth"), scan.get("PixelHeight")
    if not width or not height:
        return Found("FEI", banner_top=banner_top)
    return Found("FEI", _size(height, width, "m", "fei"), banner_top)


def _tvips(tif: Any, page: Any) -> Found | None:  # noqa: ARG001
    if not tif.is_tvips:
        return None
    fields = tif.tvips_metadata or {}
    x, y = fields.get("PixelSizeX", 0.0), fields.get("PixelSizeY", 0.0)
    return Found("TVIPS", _size(y, x, "nm", "tvips"))


def _olympus(tif: Any, page: Any) -> Found | None:
    # The preview page of such a file has no fields; those of a page of the same size hold.
    for other in (page, *tif.pages):
        tag = other.tags.get(33560) if hasattr(other, "tags") else None
        if tag is None or other.shape[:2] != page.shape[:2]:
            continue
        x, y = tag.value["pixelsizex"], tag.value["pixelsizey"]
        if not x > 0 or not y > 0:
            return Found("Olympus SIS")
        if min(x, y) < _SMALLEST_SIS_M:
            note = f"its pixel size of {x:.3g} m is finer than any microscope: unknown"
            return Found("Olympus SIS", notes=(note,))
        return Found("Olympus SIS", _size(y, x, "m", "olympus"))
    return None


def _gatan(tif: Any, page: Any) -> Found | None:  # noqa: ARG001
    tags = tif.pages[0].tags
    if 65003 not in tags or 65009 not in tags:
        return None
    units = {unit_of(tags[code].value) for code in (65003, 65004)}
    x, y = tags[65009].value, tags[65010].value
    unit = units.pop() if len(units) == 1 else None
    return Found("Gatan", _size(y, x, unit, "gatan"))


def _jeol(tif: Any, page: Any) -> Found | None:
    description = tif.pages[0].description or ""
    if "<TemReporter" not in description:
        return None
    # A length of several lines behind the end of the document belongs to the program.
    root = ET.fromstring(description.strip().strip("\0"))  # noqa: S314
    picture = root.find("./Measurement/MeasurementFormat")
    if picture is None:
        return Found("JEOL")
    size = picture.find("./DrawImageInformation/ImageSize")
    per_metre = picture.find("./DrawImageInformation/PixelsPerMeter")
    taken = picture.find("./InstrumentsParameter")
    if size is None or per_metre is None or taken is None:
        return Found("JEOL")
    is_length = taken.findtext("Measurement_UnitType") == "UnitType_Length"
    if not is_length or int(size.findtext("Width", "0")) != page.imagewidth:
        return Found("JEOL")
    magnification = float(taken.findtext("SelectorValue", ""))
    x = 1e9 / (float(per_metre.findtext("Horizontal", "")) * magnification)
    y = 1e9 / (float(per_metre.findtext("Vertical", "")) * magnification)
    return Found("JEOL", _size(y, x, "nm", "jeol"))


def _ome(tif: Any, page: Any) -> Found | None:  # noqa: ARG001
    if not tif.is_ome:
        return None
    root = ET.fromstring(tif.ome_metadata)  # noqa: S314
    pixels = next((part for part in root.iter() if part.tag.endswith("}Pixels")), None)
    if pixels is None or "PhysicalSizeX" not in pixels.attrib:
        return Found("OME")
    lengths = {}
    for axis in "XYZ":
        value = pixels.get(f"PhysicalSize{axis}")
        unit = unit_of(pixels.get(f"PhysicalSize{axis}Unit", "µm"))
        if value is not None and unit is not None:
            lengths[axis] = PixelSize(float(value), float(value), unit, "ome")
    if "X" not in lengths or "Y" not in lengths:
        return Found("OME")
    x, y = lengths["X"], lengths["Y"]
    if x.unit != y.unit:
        x, y = x.in_um, y.in_um
    z = _in_unit(lengths.get("Z"), x.unit)
    return Found("OME", _size(y.y, x.x, x.unit, "ome", z=z))


def _aperio(tif: Any, page: Any) -> Found | None:
    if not tif.is_svs:
        return None
    fields = tif.pages.first.description.split("|")
    told = dict(part.split("=", 1) for part in fields if "=" in part)
    sides = {key.strip(): value.strip() for key, value in told.items()}
    if "MPP" not in sides or page.offset != tif.pages.first.offset:
        return Found("Aperio")
    return Found("Aperio", _square(float(sides["MPP"]), "um", "aperio"))


def _imagej(tif: Any, page: Any) -> Found | None:
    if not tif.is_imagej:
        return None
    fields = tif.imagej_metadata or {}
    unit = unit_of(str(fields.get("unit", "")))
    tags = tif.pages[0].tags
    if unit is None or "XResolution" not in tags or "YResolution" not in tags:
        return Found("ImageJ")
    x, y = (_per_unit(tags[name].value) for name in ("XResolution", "YResolution"))
    if x == 0 or y == 0:
        return Found("ImageJ")
    if unit == "cm" and any(abs(x * 2.54 / dpi - 1) < 1e-3 for dpi in _PRINT_DPI):
        note = f"{x * 2.54:.0f} dots per inch are a size on paper: pixel size unknown"
        return Found("ImageJ", notes=(note,))
    z = float(fields.get("spacing", 0)) if len(tif.series[0].shape) > page.ndim else 0.0
    return Found("ImageJ", _size(1 / y, 1 / x, unit, "imagej", z=abs(z) or None))


_RULES: tuple[Callable[[Any, Any], Found | None], ...] = (
    _zeiss,
    _fei,
    _tvips,
    _olympus,
    _gatan,
    _jeol,
    _ome,
    _aperio,
    _imagej,
)


def _square(side: float, unit: str | None, source: str) -> PixelSize | None:
    return _size(side, side, unit, source)


def _size(
    y: float, x: float, unit: str | None, source: str, *, z: float | None = None
) -> PixelSize | None:
    if unit is None or not y > 0 or not x > 0:
        return None
    size = PixelSize(y=float(y), x=float(x), unit=unit, source=source, z=z)
    return size.in_um if unit == "m" else size  # nobody thinks of pixels in metres


def _in_unit(length: PixelSize | None, unit: str) -> float | None:
    if length is None:
        return None
    if length.unit == unit:
        return length.x
    return length.in_um.x / PixelSize(1, 1, unit, "ome").in_um.x


def _per_unit(rational: tuple[int, int]) -> float:
    numerator, denominator = rational
    return numerator / denominator if denominator else 0.0
