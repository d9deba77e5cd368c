"""Which of a network's maps help to cut touching nuclei, and what each costs.

Cuts the same maps of the model `nuclei` in several ways, on its validation pictures.
Writes docs/heads.md.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from making import ROOT
from numpy.typing import NDArray
from scipy import ndimage
from sets import nuclei, summary
from skimage.feature import peak_local_max
from skimage.segmentation import watershed

from segmetry.evaluate import dsb_score, match_objects, mean_score, paired_difference
from segmetry.models import find_model, read_model
from segmetry.models.outputs import cutoffs_of
from segmetry.models.segmenter import NetworkSegmenter
from segmetry.segment import Maps
from segmetry.segment.hills import cut_hills
from segmetry.segment.objects import fill_holes, number_objects

MIN_AREA = 16
CARD = read_model(find_model("nuclei")).card

Cut = Callable[[NDArray[np.bool_], Maps], NDArray[np.integer]]


def scikit_image(foreground: NDArray[np.bool_], _: Maps) -> NDArray[np.integer]:
    """Peaks of the distance to the background, and scikit-image's watershed."""
    distance = ndimage.distance_transform_edt(foreground)
    peaks = peak_local_max(distance, min_distance=5, labels=ndimage.label(foreground)[0])
    markers = np.zeros(foreground.shape, np.int32)
    markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    return watershed(-distance, markers, mask=foreground)


CUTS: Mapping[str, Cut] = {
    "foreground, touching ones joined": lambda mask, _: number_objects(
        mask, min_area=MIN_AREA, separate=False
    ),
    "foreground, scikit-image's peaks and watershed": scikit_image,
    "foreground, our flood of the distance to the background": lambda mask, _: (
        number_objects(mask, min_area=MIN_AREA)
    ),
    "foreground and distance": lambda mask, maps: cut_hills(
        mask, maps.distance, cutoffs=cutoffs_of(CARD), min_area=MIN_AREA
    ),
    "foreground, distance and border": lambda mask, maps: cut_hills(
        mask, maps.distance, maps.border, cutoffs=cutoffs_of(CARD), min_area=MIN_AREA
    ),
}
CHOSEN = "foreground, distance and border"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "heads.md")
    options = parser.parse_args()
    _, validation = nuclei()
    segmenter = NetworkSegmenter(model="nuclei")
    scores: dict[str, list[float]] = {name: [] for name in CUTS}
    seconds = dict.fromkeys(CUTS, 0.0)
    for one in validation:
        maps = segmenter.maps(one.image)
        foreground = fill_holes(maps.foreground > maps.cutoff)
        for name, cut in CUTS.items():
            cut(foreground, maps)  # warm
            started = time.process_time()
            found = cut(foreground, maps)
            seconds[name] += time.process_time() - started
            scores[name].append(dsb_score(match_objects(found, one.labels)))
    megapixels = sum(one.labels.size for one in validation) / 1e6
    clusters = [one.group for one in validation]
    lines = []
    for name, of_pictures in scores.items():
        score = mean_score(of_pictures, clusters=clusters)
        row = f"| {name} | {score.value:.3f} ({score.low:.3f} to {score.high:.3f}) |"
        if name == CHOSEN:
            row += " |"
        else:
            apart = paired_difference(of_pictures, scores[CHOSEN], clusters=clusters)
            row += f" {apart.value:+.3f} ({apart.low:+.3f} to {apart.high:+.3f}) |"
        lines.append(f"{row} {1000 * seconds[name] / megapixels:.0f} |")
    text = TEMPLATE.format(held=summary(validation), rows="\n".join(lines))
    options.out.write_text(text, encoding="utf-8")


TEMPLATE = """# Which maps of a network help to cut

Made by `python training/heads.py`: the same maps of the model `nuclei`, on its validation
pictures ({held}), cut in several ways. The score is `dsb_score`; intervals are 95 %, with
pictures of one group resampled together. The border's weight was chosen on these
pictures, so its row is a little too good. Confidence is not used here.

| maps and cut | dsb_score | against the last row, paired | CPU ms per megapixel |
|---|---|---|---|
{rows}

Other heads were not trained: polygons (StarDist) are wrong for needles and vessels, and
following flows (Cellpose) costs more than the network itself; [how fast it
is](benchmarks_networks.md) has both in one race. A net whose objects are no hills needs
no new cutter to be added as a segmenter of its own.
"""

if __name__ == "__main__":
    main()
