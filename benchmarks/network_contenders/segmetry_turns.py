"""Segmetry's turns: from pixels to the full table, in parts."""

import argparse
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import openvino
from turns import Clock, take_turns

import segmetry
from segmetry.image import Image
from segmetry.measure import measure
from segmetry.models.segmenter import NetworkSegmenter
from segmetry.segment import Maps


class _Timed(NetworkSegmenter):
    """The segmenter as it is, telling a clock how long its network takes."""

    name: ClassVar[str] = "timed"
    clock: ClassVar[Clock] = Clock()

    def maps(self, image: Image) -> Maps:
        with self.clock.part("network"):
            return super().maps(image)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    with np.load(options.picture) as drawn:
        pixels = drawn["picture"]
    segmenter = _Timed(model=options.model, precision=options.precision)

    def turn(clock: Clock) -> dict[str, Any]:
        _Timed.clock = clock
        with clock.part("pixels to objects"):
            labels, maps = segmenter.labels_and_maps(Image(pixels.copy(), axes="YX"))
        with clock.part("table"):
            table = measure(labels)
        np.save(options.labels, labels.data)
        return {**maps.found, "n_objects": len(table), "n_columns": table.shape[1]}

    about = {"segmetry": segmetry.__version__, "openvino": openvino.__version__}
    take_turns(turn, about=about)


if __name__ == "__main__":
    main()
