"""All knowledge of file formats: reading pictures and masks, writing results.

Nothing heavy is loaded with this package: each reader and writer loads what it needs.
"""

from segmetry.io.class_masks import Coding, find_coding, read_class_map
from segmetry.io.columns import (
    CLASS_COLUMNS,
    COUNT_COLUMN,
    IMAGE_COLUMNS,
    REGION_COLUMNS,
    THIN_COLUMNS,
    THIN_IMAGE_COLUMNS,
    VOLUME_IMAGE_COLUMNS,
    Column,
    column,
    described_columns,
    schema,
)
from segmetry.io.formats import Format, supported_formats
from segmetry.io.masks import read_classes, read_labels
from segmetry.io.ome_zarr_labels import LabelsWriter, write_ome_zarr_labels
from segmetry.io.ome_zarr_writing import write_ome_zarr
from segmetry.io.pictures import (
    write_class_map,
    write_labels,
    write_picture,
    write_png,
    write_probability,
)
from segmetry.io.reading import read
from segmetry.io.tables import write_parquet, write_table
from segmetry.io.tiff_pyramid import write_ome_tiff
from segmetry.io.tiled_files import is_tiled, open_tiled
from segmetry.io.writing import write_bytes, write_json, write_text

__all__ = [
    "CLASS_COLUMNS",
    "COUNT_COLUMN",
    "IMAGE_COLUMNS",
    "REGION_COLUMNS",
    "THIN_COLUMNS",
    "THIN_IMAGE_COLUMNS",
    "VOLUME_IMAGE_COLUMNS",
    "Coding",
    "Column",
    "Format",
    "LabelsWriter",
    "column",
    "described_columns",
    "find_coding",
    "is_tiled",
    "open_tiled",
    "read",
    "read_class_map",
    "read_classes",
    "read_labels",
    "schema",
    "supported_formats",
    "write_bytes",
    "write_class_map",
    "write_json",
    "write_labels",
    "write_ome_tiff",
    "write_ome_zarr",
    "write_ome_zarr_labels",
    "write_parquet",
    "write_picture",
    "write_png",
    "write_probability",
    "write_table",
    "write_text",
]
