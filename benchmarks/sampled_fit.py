"""Whether groups found from a sample of the pixels are those of all pixels, and the cost.

Run it with `python benchmarks/sampled_fit.py`; `--write docs/methods.md` puts the table
into that page. Pictures are those of the train parts; saemi_sem has a test part only, and
nothing is chosen by it here. Each fit runs on one thread.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate import dice
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.segment.clusters import n_groups
from segmetry.segment.gmm import Mixture, own_channels
from segmetry.segment.kmeans import KMeans, means_of_groups
from segmetry.segment.sampling import points_to_fit, weighted_points

DATA = Path(os.environ.get("SEGMETRY_DATA", "../shared/data"))
_START = "<!-- made by benchmarks/sampled_fit.py -->"
_END = "<!-- end of sampled_fit.py -->"

Method = KMeans | Mixture
# Objects are the brightest group; neurons are few, so it takes more groups to part them.
# In rgb, two of their channels hold next to nothing: the hardest case for bell curves.
CASES: tuple[tuple[str, Method], ...] = tuple(
    (folder, kind(polarity="bright", space=space, clusters=clusters))
    for folder, space, clusters in (
        ("saemi_sem/test", "grey", 2),
        ("ampis_powder/train", "grey", 2),
        ("fluocells/train", "grey", 2),
        ("fluocells/train", "grey", 4),
        ("fluocells/train", "rgb", 4),
        ("saemi_sem/test", "features", 2),
    )
    for kind in (KMeans, Mixture)
)


@dataclass(frozen=True)
class Row:
    """One picture: how alike the two results are, how true, and CPU s per megapixel."""

    alike: float
    change: float
    full: float
    sampled: float


def timed(work: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    start = time.process_time()
    result = work(*given)
    return time.process_time() - start, result


def foreground(method: Method, image: Image) -> NDArray[np.bool_]:
    return method.maps(image).foreground > 0.5


def fit_to_sample(method: Method, values: NDArray[np.float32], image: Image) -> None:
    drawn: Any = {"sample": method.sample, "clusters": method.clusters}
    if isinstance(method, KMeans):
        points, weights = weighted_points(values, image.included, **drawn)
        n = n_groups(points, method.clusters)
        means_of_groups(points, weights, n, method.seed)
    else:
        points = points_to_fit(values, image.included, **drawn)
        method.fitted(points[:, own_channels(points)])


def rows(folder: str, method: Method) -> Iterator[Row]:
    """Yield a row for each picture; a fit to all is what it costs more than one to few."""
    everything = replace(method, sample=0)
    for path in sorted((DATA / folder / "images").iterdir()):
        image = read(path)
        truth = read_labels(next((DATA / folder / "masks").glob(f"{path.stem}.*"))) > 0
        less, few = timed(foreground, method, image)
        more, many = timed(foreground, everything, image)
        values = method.values(image)
        sampled, _ = timed(fit_to_sample, method, values, image)
        megapixels = 1e-6 * truth.size
        yield Row(
            dice(few, many),
            dice(few, truth) - dice(many, truth),
            (more - less + sampled) / megapixels,
            sampled / megapixels,
        )


def table(names: set[str]) -> Iterator[str]:
    yield (
        "| pictures | method | space, groups | Dice of the two results: mean, worst | "
        "largest change of Dice to the truth | fit to all, s per MP | fit to 20,000 | "
        "times cheaper: mean, least |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for folder, method in CASES:
        if method.name not in names:
            continue
        found_rows = list(rows(folder, method))
        alike = [row.alike for row in found_rows]
        times = [row.full / row.sampled for row in found_rows]
        cells = [
            f"{folder.partition('/')[0]}, {len(found_rows)}",
            f"`{method.name}`",
            f"{method.space}, {method.clusters}",
            f"{np.mean(alike):.4f}, {min(alike):.4f}",
            f"{max(abs(row.change) for row in found_rows):.4f}",
            f"{np.mean([row.full for row in found_rows]):.3f}",
            f"{np.mean([row.sampled for row in found_rows]):.3f}",
            f"{np.mean(times):.0f}, {min(times):.0f}",
        ]
        yield f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="a page with the marks of this table")
    parser.add_argument("--methods", nargs="+", default=[KMeans.name, Mixture.name])
    asked = parser.parse_args()
    warm = Image(np.random.default_rng(0).random((50, 50)))
    for kind in (KMeans, Mixture):  # imports are no part of a fit
        kind().maps(warm)
    lines = []
    for line in table(set(asked.methods)):
        print(line, flush=True)
        lines.append(line)
    if asked.write:
        page = asked.write.read_text(encoding="utf-8")
        before, rest = page.split(_START)
        after = rest.split(_END)[1]
        made = "\n".join([_START, *lines, _END])
        asked.write.write_text(before + made + after, encoding="utf-8")


if __name__ == "__main__":
    main()
