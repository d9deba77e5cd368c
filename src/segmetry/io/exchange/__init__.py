"""Objects in the files of other programs, exact to the pixel: one file for each format.

Outlines run along the corners of pixels, so what is written and read again is the same
label image, with the same numbers. `EXCHANGE_FORMATS` lists the formats.
"""

from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.cellpose import (
    SEG_ENDING,
    read_cellpose_seg,
    write_cellpose_masks,
    write_cellpose_png,
    write_cellpose_seg,
)
from segmetry.io.exchange.cellprofiler import write_cellprofiler
from segmetry.io.exchange.coco import read_coco, write_coco, write_coco_rle
from segmetry.io.exchange.filling import fill_polygons
from segmetry.io.exchange.formats import (
    EXCHANGE_FORMATS,
    ExchangeFormat,
    write_annotations,
    written_paths,
)
from segmetry.io.exchange.geojson import (
    read_geojson,
    write_geojson,
    write_geojson_annotations,
)
from segmetry.io.exchange.kaggle import read_rle, write_rle, write_submission
from segmetry.io.exchange.masks import (
    read_mask_image,
    write_black_and_white,
    write_label_array,
    write_label_image,
    write_label_png,
)
from segmetry.io.exchange.nifti import write_nifti_labels
from segmetry.io.exchange.ome_zarr import (
    read_label_zarr,
    write_label_zarr,
    write_label_zarr_05,
)
from segmetry.io.exchange.origins import (
    MASKS_TABLE,
    MaskKind,
    MaskOrigin,
    read_origins,
    write_origins,
)
from segmetry.io.exchange.outlines import Polygon, Ring, trace_outlines
from segmetry.io.exchange.roi_zip import read_roi_zip, write_roi_zip
from segmetry.io.exchange.tables import write_boxes, write_counts, write_dots
from segmetry.io.exchange.voc import write_voc

__all__ = [
    "EXCHANGE_FORMATS",
    "MASKS_TABLE",
    "SEG_ENDING",
    "Annotation",
    "ExchangeFormat",
    "MaskKind",
    "MaskOrigin",
    "Polygon",
    "Ring",
    "fill_polygons",
    "read_cellpose_seg",
    "read_coco",
    "read_geojson",
    "read_label_zarr",
    "read_mask_image",
    "read_origins",
    "read_rle",
    "read_roi_zip",
    "trace_outlines",
    "write_annotations",
    "write_black_and_white",
    "write_boxes",
    "write_cellpose_masks",
    "write_cellpose_png",
    "write_cellpose_seg",
    "write_cellprofiler",
    "write_coco",
    "write_coco_rle",
    "write_counts",
    "write_dots",
    "write_geojson",
    "write_geojson_annotations",
    "write_label_array",
    "write_label_image",
    "write_label_png",
    "write_label_zarr",
    "write_label_zarr_05",
    "write_nifti_labels",
    "write_origins",
    "write_rle",
    "write_roi_zip",
    "write_submission",
    "write_voc",
    "written_paths",
]
