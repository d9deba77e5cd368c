"""What the app remembers: pictures, labels and every correction, in SQLite and files.

Nothing needs saving: every correction is in the journal before it is answered, and a
program that is killed loses none of them.
"""

from segmetry.project.answer import Answer
from segmetry.project.archive import open_archive, write_archive
from segmetry.project.identifiers import new_identifier
from segmetry.project.label_sets import LabelSetRecord, LabelSets
from segmetry.project.looks import Look, look_at, pixel_size_of, recalibrated
from segmetry.project.open_labels import OpenLabels
from segmetry.project.pictures import PictureRecord, Pictures, now
from segmetry.project.previews import (
    Preview,
    PreviewOrder,
    check_window,
    prepare,
    preview,
)
from segmetry.project.project import Project, glance, holds, projects_folder
from segmetry.project.runs import Order, carry_out
from segmetry.project.saved import Version
from segmetry.project.strokes import PixelClass, Stroke

__all__ = [
    "Answer",
    "LabelSetRecord",
    "LabelSets",
    "Look",
    "OpenLabels",
    "Order",
    "PictureRecord",
    "Pictures",
    "PixelClass",
    "Preview",
    "PreviewOrder",
    "Project",
    "Stroke",
    "Version",
    "carry_out",
    "check_window",
    "glance",
    "holds",
    "look_at",
    "new_identifier",
    "now",
    "open_archive",
    "pixel_size_of",
    "prepare",
    "preview",
    "projects_folder",
    "recalibrated",
    "write_archive",
]
