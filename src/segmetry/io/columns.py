"""What columns of the tables mean; those of some are in `segmetry.io.further_columns`."""

from collections.abc import Iterable

from segmetry.io.further_columns import CLASSES, REGIONS, THIN, Column

__all__ = [
    "CLASS_COLUMNS",
    "COUNT_COLUMN",
    "IMAGE_COLUMNS",
    "REGION_COLUMNS",
    "THIN_COLUMNS",
    "THIN_IMAGE_COLUMNS",
    "VOLUME_IMAGE_COLUMNS",
    "Column",
    "column",
    "described_columns",
    "schema",
]

# Lengths and areas: the unit is the end of the column's name, "_um" or "_px".
_LENGTHS = {
    "equivalent_diameter": "Diameter of the disc of the same area; in volumes, of the ball",
    "axis_middle_length": "Middle axis of the ellipsoid of the same second moments",
    "axis_major_length": "Long axis of the ellipse of the same second moments",
    "axis_minor_length": "Short axis of the ellipse of the same second moments",
    "feret_diameter_max": "Largest distance between two parallel tangents of the object",
    "feret_diameter_min": "Smallest distance between two parallel tangents of the object",
    "perimeter": "Length of the outline, after Vossepoel and Smeulders",
    "perimeter_crofton": "Length of the outline, after Crofton in four directions",
    "perimeter_imagej": "Length of the outline, as ImageJ defines it",
    "perimeter_skimage": "Length of the outline, as scikit-image defines it",
}
_AREAS = {"area": "Area of the object", "surface_area": "Surface, after Crofton"}

_OBJECTS: tuple[Column, ...] = (
    Column("image", "string", "", "Picture, as in the table of pictures"),
    Column("label", "integer", "", "Number of the object in labels.tif"),
    Column("class", "string", "", "Class of the object, where the method tells several"),
    Column("area_px", "integer", "px2", "Number of pixels of the object"),
    Column("centroid_x_px", "number", "px", "Centre of the object, from the left"),
    Column("centroid_y_px", "number", "px", "Centre of the object, from the top"),
    Column("centroid_z_px", "number", "px", "Centre of the object, from the first slice"),
    Column("bbox_x_min_px", "integer", "px", "First column of the object"),
    Column("bbox_y_min_px", "integer", "px", "First row of the object"),
    Column("bbox_x_max_px", "integer", "px", "Column behind the last of the object"),
    Column("bbox_y_max_px", "integer", "px", "Row behind the last of the object"),
    Column("volume_px", "integer", "px3", "Number of voxels of the object"),
    Column("volume_um3", "number", "um3", "Volume of the object"),
    Column("volume_ml", "number", "ml", "Volume of the object in millilitres"),
    Column("surface_area_px", "number", "px2", "Surface in faces of voxels, after Crofton"),
    Column("sphericity", "number", "", "Surface of the ball of that volume by its own"),
    Column("bbox_z_min_px", "integer", "px", "First slice of the object"),
    Column("bbox_z_max_px", "integer", "px", "Slice behind the last of the object"),
    Column("orientation_deg", "number", "degree", "Direction of the long axis"),
    Column(
        "eccentricity", "number", "", "Of the ellipse of the same moments; 0 is a circle"
    ),
    Column("circularity", "number", "", "4 pi area / perimeter squared; 1 is a disc"),
    Column("aspect_ratio", "number", "", "Smallest by largest Feret diameter (ISO 9276-6)"),
    Column("solidity", "number", "", "Area by area of the convex hull"),
    Column("extent", "number", "", "Area by area of the bounding box"),
    Column("euler_number", "integer", "", "Number of parts minus number of holes"),
    Column("intensity_mean", "number", "grey value", "Mean of the picture in the object"),
    Column("intensity_std", "number", "grey value", "Standard deviation in the object"),
    Column("intensity_min", "number", "grey value", "Smallest value in the object"),
    Column("intensity_max", "number", "grey value", "Largest value in the object"),
    Column(
        "intensity_mean_above_background",
        "number",
        "grey value",
        "Mean in the object minus that of the background of the picture",
    ),
    *(
        Column(
            f"optical_density_{stain}_mean",
            "number",
            "",
            f"Mean optical density of {told} in the object; only where stains are told",
        )
        for stain, told in (
            ("haematoxylin", "haematoxylin"),
            ("eosin", "eosin"),
            ("dab", "DAB"),
        )
    ),
    Column(
        "touches_edge", "boolean", "", "Whether the frame or the banner cuts the object"
    ),
    Column(
        "too_small_for_shape", "boolean", "", "Under about 10 px across: shape is noise"
    ),
    Column(
        "confidence",
        "number",
        "",
        "Probability that the object is a true one, where the model tells it",
    ),
    Column(
        "region",
        "string",
        "",
        "Regions that count it, joined by “; ”; empty where none does",
    ),
    Column(
        "origin",
        "string",
        "",
        "Where it comes from: found, edited or drawn; told once a person corrected any",
    ),
)
_IMAGES: tuple[Column, ...] = (
    Column("image", "string", "", "Name of the picture, unique in the run"),
    Column("path", "string", "", "Where the picture lies"),
    Column("status", "string", "", "done or failed"),
    Column("reason", "string", "", "Why it failed"),
    Column("n_objects", "integer", "", "Number of objects found"),
    Column("width_px", "integer", "px", "Width of the picture"),
    Column("height_px", "integer", "px", "Height of the picture as it was measured"),
    Column("frame_x_min_px", "integer", "px", "First column of the frame that is measured"),
    Column("frame_y_min_px", "integer", "px", "First row of the frame that is measured"),
    Column("frame_x_max_px", "integer", "px", "Column behind the last of the frame"),
    Column("frame_y_max_px", "integer", "px", "Row behind the last of the frame"),
    Column("included_area_px", "integer", "px2", "Pixels that are part of the sample"),
    Column("pixel_size", "number", "um", "Width of a pixel; empty if unknown"),
    Column("pixel_size_y", "number", "um", "Height of a pixel; empty if unknown"),
    Column("unit", "string", "", "Unit of the pixel size: um, or empty if unknown"),
    Column("calibration_source", "string", "", "Where the pixel size comes from"),
    Column("calibration_uncertainty", "number", "", "Relative standard uncertainty of it"),
    Column("calibration_note", "string", "", "What to know about the pixel size"),
    Column("scale_bar_text", "string", "", "Text beside the scale bar"),
    Column("scale_bar_px", "number", "px", "Length of the scale bar"),
    Column("banner_rows", "string", "", "Rows of the banner, FIRST:STOP, from the top"),
    Column(
        "field_of_view",
        "string",
        "",
        "All outside is left out: found in the picture, or name of a mask; else empty",
    ),
    Column("segmenter", "string", "", "Method that found the objects"),
    Column("segmenter_reason", "string", "", "Why this method was chosen"),
    Column("threshold", "number", "grey value", "Where the method cut this picture"),
    Column(
        "mask_origin",
        "string",
        "",
        "Who made the mask: draft (a program), corrected, or from nothing (by hand)",
    ),
    Column("foreground_fraction", "number", "", "Area of the objects by the included area"),
    Column(
        "expected_wrong_fraction",
        "number",
        "",
        "Share of its objects that the model expects to be wrong; empty if it tells none",
    ),
    Column("verdict", "string", "", "Whether it is fit to be pooled: pass, look or fail"),
    Column("verdict_reason", "string", "", "Why not, against the other pictures"),
    Column("edge_blur_px", "number", "px", "Blur of the strongest edges, as a sd"),
    Column("brightness", "number", "grey value", "Median of the picture"),
    Column("contrast", "number", "grey value", "From the 1st to the 99th percentile"),
    Column("clipped_low_fraction", "number", "", "Share of pixels at the least grey value"),
    Column("clipped_high_fraction", "number", "", "Share at the greatest that can be told"),
    Column(
        "clipped_objects_fraction", "number", "", "Share at either of the objects' pixels"
    ),
)
IMAGE_COLUMNS = tuple(part.name for part in _IMAGES)
_COUNTED = Column(
    "count_regressed",
    "number",
    "",
    "Number of objects by a model that counts without finding; n_objects is then empty",
)
_VOLUMES: tuple[Column, ...] = (
    Column("depth_px", "integer", "px", "Number of slices; empty for a single picture"),
    Column("pixel_size_z", "number", "um", "Distance of the slices; empty if unknown"),
    Column("included_volume_px", "integer", "px3", "Voxels that are part of the sample"),
)
VOLUME_IMAGE_COLUMNS = tuple(part.name for part in _VOLUMES)  # where a run has volumes
COUNT_COLUMN = _COUNTED.name  # there where a model of the run counts so
_UNITS = {"_um2": "um2", "_um": "um", "_px": "px"}


CLASS_COLUMNS = tuple(part.name for part in CLASSES)
REGION_COLUMNS = {
    name: tuple(part.name for part in parts) for name, parts in REGIONS.items()
}
THIN_IMAGE_COLUMNS = tuple(part.name for part in THIN["images"])
THIN_COLUMNS = {name: tuple(part.name for part in parts) for name, parts in THIN.items()}
_KNOWN = {part.name: part for part in (*_IMAGES, *_VOLUMES, _COUNTED, *_OBJECTS)}
_KNOWN_FURTHER = {
    name: {one.name: one for one in (*THIN.get(name, ()), *REGIONS.get(name, ()))}
    for name in (*THIN, *REGIONS)
} | {"classes": {one.name: one for one in CLASSES}}


def column(name: str, *, table: str = "objects") -> Column:
    """Describe a column of the tables.

    Parameters
    ----------
    name : str
    table : str
        Name of its file without the ending: "segments", "nodes", "widths", "regions",
        "animals" and "classes" have columns of their own, and "images" has further ones.

    Returns
    -------
    Column
        A name that is none of ours is a condition of the user's own sheet.

    Examples
    --------
    >>> column("perimeter_um")
    Column(name='perimeter_um', type='number', unit='um', \
description='Length of the outline, after Vossepoel and Smeulders')
    """
    if name in _KNOWN_FURTHER.get(table, ()):
        return _KNOWN_FURTHER[table][name]
    if name in _KNOWN:
        return _KNOWN[name]
    for suffix, unit in _UNITS.items():
        stem = name.removesuffix(suffix)
        if stem == name:
            continue
        if stem in _LENGTHS and unit != "um2":
            return Column(name, "number", unit, _LENGTHS[stem])
        if stem in _AREAS and unit != "um":
            return Column(name, "number", unit, _AREAS[stem])
    return Column(name, "any", "", "Condition from the sheet of the user")


def described_columns() -> tuple[str, ...]:
    """Return the names of all columns that have a description.

    Returns
    -------
    tuple of str
    """
    lengths = [f"{stem}_{unit}" for stem in _LENGTHS for unit in ("um", "px")]
    return (*_KNOWN, "area_um2", "surface_area_um2", *lengths)


def schema(columns: Iterable[str], *, table: str = "objects") -> dict[str, object]:
    """Describe a table as a Frictionless Table Schema.

    Parameters
    ----------
    columns : iterable of str
        Names, or a table whose iteration gives them.
    table : str
        As in `column`.

    Returns
    -------
    dict
        JSON-ready: "fields" with name, type, unit and description, and "missingValues".

    References
    ----------
    .. [1] Frictionless Data, "Table Schema", https://specs.frictionlessdata.io/table-schema/

    Examples
    --------
    >>> schema(["label"])["fields"]
    [{'name': 'label', 'type': 'integer', 'unit': '', \
'description': 'Number of the object in labels.tif'}]
    """
    fields = [
        {
            "name": part.name,
            "type": part.type,
            "unit": part.unit,
            "description": part.description,
        }
        for part in (column(name, table=table) for name in columns)
    ]
    return {"fields": fields, "missingValues": [""]}
