"""Corrections by hand: strokes to pixels, operations, changes that can be undone.

Open a label image, draw, undo, and measure what was drawn:

>>> import tempfile
>>> from pathlib import Path
>>> import numpy as np
>>> from segmetry.image import Image, Labels
>>> from segmetry.io import read_labels, write_labels
>>> from segmetry.measure import measure_some
>>> found = np.zeros((60, 80), dtype=np.uint32)
>>> found[10:30, 10:30] = 1
>>> path = Path(tempfile.mkdtemp()) / "labels.tif"
>>> write_labels(path, found)

>>> labels = read_labels(path)
>>> picture = Image(np.zeros(labels.shape, np.uint8))
>>> canvas = Canvas.of(Labels(labels, picture))
>>> drawn = canvas.apply(Edit("draw", points=((50, 20), (60, 20)), width=9))
>>> drawn.created, canvas.labels().ids.tolist()
((2,), [1, 2])
>>> measure_some(canvas.labels(), drawn.created)["area_px"].tolist()
[159]
>>> undone = canvas.revert(drawn)
>>> undone.gone, canvas.labels().ids.tolist()
((2,), [1])
"""

from segmetry.edit.act import Edit
from segmetry.edit.canvas import Canvas
from segmetry.edit.change import Change
from segmetry.edit.raster import stroke_spans

__all__ = ["Canvas", "Change", "Edit", "stroke_spans"]
