"""What columns mean of the tables of lines, of regions and of classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["CLASSES", "REGIONS", "THIN", "Column"]

Type = Literal["string", "integer", "number", "boolean", "any"]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : str
    type : {"string", "integer", "number", "boolean", "any"}
        As in the Frictionless Table Schema.
    unit : str
        "um", "um2", "px", "px2", "degree", "grey value"; empty without one.
    description : str
    """

    name: str
    type: Type
    unit: str
    description: str


def _of_widths(where: str, *, names: Mapping[str, str]) -> dict[str, str]:
    """Return lengths that tell the widths of lines, from the mask and from grey values."""
    return {
        f"width{source}_{name}": f"{told} {where}, {said}"
        for source, said in (("", "from the mask"), ("_grey", "from the grey values"))
        for name, told in names.items()
    }


def _in_both_units(stems: Mapping[str, str]) -> list[Column]:
    return [
        Column(f"{stem}_{unit}", "number", unit, told)
        for unit in ("um", "px")
        for stem, told in stems.items()
    ]


_PERCENTILES = {
    "p5": "5th percentile of the",
    "median": "Median",
    "p95": "95th percentile of the",
}
THIN: Mapping[str, tuple[Column, ...]] = {
    "segments": (
        Column("image", "string", "", "Picture, as in the table of pictures"),
        Column("segment", "integer", "", "Number of the line between two nodes"),
        Column("start_node", "integer", "", "Node it begins at; 0 for a closed line"),
        Column("end_node", "integer", "", "Node it ends at; 0 for a closed line"),
        Column("start_x_px", "number", "px", "Its start, from the left"),
        Column("start_y_px", "number", "px", "Its start, from the top"),
        Column("end_x_px", "number", "px", "Its end, from the left"),
        Column("end_y_px", "number", "px", "Its end, from the top"),
        Column("tortuosity", "number", "", "Length by chord; 1 is a straight line"),
        Column("n_sections", "integer", "", "Places where the mask told the width"),
        Column("n_sections_grey", "integer", "", "Places where grey values told the width"),
        Column(
            "orientation_deg",
            "number",
            "degree",
            "Mean direction from the x axis, counter-clockwise",
        ),
        Column(
            "touches_edge", "boolean", "", "Whether the frame or excluded pixels cut it"
        ),
        *_in_both_units(
            {
                "length": "Length along the centreline",
                "chord": "Straight distance between both ends",
                **_of_widths(
                    "width along it",
                    names={"mean": "Mean", "sd": "Standard deviation of the"}
                    | _PERCENTILES,
                ),
            }
        ),
    ),
    "nodes": (
        Column("image", "string", "", "Picture, as in the table of pictures"),
        Column("node", "integer", "", "Number of the place where lines meet or end"),
        Column("x_px", "number", "px", "Its place, from the left"),
        Column("y_px", "number", "px", "Its place, from the top"),
        Column("degree", "integer", "", "Ends of lines that meet there; 1 is a free end"),
        Column("touches_edge", "boolean", "", "Whether it is at the frame of the sample"),
    ),
    "widths": (
        Column("segment", "integer", "", "Segment that the point lies on"),
        Column("x_px", "number", "px", "Place of the point, from the left"),
        Column("y_px", "number", "px", "Place of the point, from the top"),
        *_in_both_units(
            {
                "distance": "Length of the centreline from its start to the point",
                "width": "Width there, from the mask; empty where it was not measured",
                "width_grey": "Width there, from the grey values; likewise",
            }
        ),
    ),
    "images": (
        Column("n_segments", "integer", "", "Lines between two nodes"),
        Column("n_branch_points", "integer", "", "Nodes where three or more lines meet"),
        Column("n_end_points", "integer", "", "Free ends of lines inside the picture"),
        Column("n_cut_ends", "integer", "", "Ends that the edge of the sample cuts"),
        Column("n_specks", "integer", "", "Pieces that are no lines, and not measured"),
        *_in_both_units(
            {"total_length": "Length of all centrelines"}
            | _of_widths("width, weighted by length", names={"mean": "Mean"} | _PERCENTILES)
        ),
        Column("length_density_per_um", "number", "1/um", "Total length by included area"),
        Column("length_density_per_px", "number", "1/px", "Total length by included area"),
        Column("tortuosity_mean", "number", "", "Mean tortuosity, weighted by length"),
        Column("fractal_dimension", "number", "", "Of the centrelines, by box counting"),
        Column("fractal_dimension_standard_error", "number", "", "Of the line's slope"),
        Column("fractal_dimension_r_squared", "number", "", "How straight the line is"),
        Column("fractal_dimension_box_min_px", "number", "px", "Smallest box counted"),
        Column("fractal_dimension_box_max_px", "number", "px", "Largest box counted"),
        Column("blur_px", "number", "px", "Standard deviation of the picture's blur"),
    ),
}
_BY_RULE = (
    "Objects that count by the edge rule of the statistics, with their weights, by area "
    "(for truncated-log-normal, by that of Miles and Lantuéjoul)"
)
_MEAN_BY_RULE = "Mean over the same objects, with the same weights; empty without any"
_BY_REGION = (
    Column("n_objects", "integer", "", "Objects that count there; 0 where there are none"),
    Column("area_px", "number", "px2", "Area of its outlines, without what is excluded"),
    Column("area_mm2", "number", "mm2", "The same in square millimetres"),
    Column("density_per_mm2", "number", "1/mm2", "Objects by area"),
    Column("density_per_px2", "number", "1/px2", "Objects by area"),
    *_in_both_units(
        {"mean_equivalent_diameter": "Mean over its objects; empty without any"}
    ),
    Column("n_objects_abercrombie", "number", "", "Objects, corrected for the section"),
    Column("density_abercrombie_per_mm2", "number", "1/mm2", "Those by area"),
    Column("density_abercrombie_per_px2", "number", "1/px2", "Those by area"),
)
REGIONS: Mapping[str, tuple[Column, ...]] = {
    "regions": (
        Column("image", "string", "", "Picture, as in the table of pictures"),
        Column("region", "string", "", "Name of the region"),
        Column("classification", "string", "", "Its class, where QuPath tells one"),
        Column("rule", "string", "", "What counts: centroid, or counting frame"),
        *_BY_REGION,
    ),
    "animals": (
        Column("animal", "string", "", "Animal, as in the sheet"),
        Column("region", "string", "", "Name of the region"),
        Column("n_pictures", "integer", "", "Pictures of the animal with the region"),
        *_BY_REGION,
    ),
    "images": (
        Column("density_per_mm2", "number", "1/mm2", _BY_RULE),
        Column("density_per_px2", "number", "1/px2", _BY_RULE),
        *_in_both_units({"mean_equivalent_diameter": _MEAN_BY_RULE}),
    ),
}
CLASSES: tuple[Column, ...] = (
    Column("image", "string", "", "Picture, as in the table of pictures"),
    Column("class_number", "integer", "", "Number of the class in classes.tif"),
    Column("class", "string", "", "Name of the class"),
    Column("area_px", "integer", "px2", "Pixels of the class"),
    Column("area_um2", "number", "um2", "Area of the class"),
    Column("area_percent", "number", "%", "Its share of the sample: of all known pixels"),
    Column("volume_px", "integer", "px3", "Pixels of the class in a volume"),
    Column("volume_um3", "number", "um3", "Volume of the class"),
    Column("volume_percent", "number", "%", "Its share of the sample in a volume"),
)
