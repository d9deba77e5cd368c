"""The page on tracking names every column that is written."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from segmetry.image import Image, Labels
from segmetry.measure import measure
from segmetry.tracking import Motion, track_objects
from segmetry.tracking.series import (
    Clock,
    growth_table,
    in_time,
    times_table,
    tracks_table,
)

PAGE = Path(__file__).parents[2] / "docs" / "time.md"


def test_every_column_is_on_the_page():
    clock = Clock("time_h", "h")
    labels = np.pad(np.ones((9, 9), np.uint32), 5)
    objects = measure(Labels(labels, Image(np.zeros(labels.shape, np.uint8))))
    names = ["a", "b", "c"]
    images = pd.DataFrame({"image": names, "time_h": [0, 1, 2]})
    pictures = in_time(images, clock, series=None)
    objects = pd.concat([objects.assign(image=name) for name in names])
    motions = [Motion()] * 2
    tracks = tracks_table(track_objects([labels] * 3), pictures, objects, motions, clock)
    times = times_table(tracks, pictures, motions, clock)
    growth = growth_table(tracks, times, clock, level=0.95)
    told = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    told |= {name.replace("_um2", "_px") for name in told}
    told |= {name.replace("_um", "_px") for name in told} | {"curve", "time_h"}
    for table in (tracks, times, growth):
        assert set(table.columns) <= told, set(table.columns) - told
