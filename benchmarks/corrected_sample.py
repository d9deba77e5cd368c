"""How often intervals from a few corrected pictures hold the true total, by estimator.

Pictures with known counts are drawn, automatic counts are made from them by missing some
objects and inventing others, and some pictures are corrected. The tables tell in how many
trials the 95 % interval held the total of all pictures, and how wide it was.

Run it with `python benchmarks/corrected_sample.py`; `--write` puts the tables and the
figure into docs/corrected_sample.md and docs/figures. Where the annotated nuclei of the
2018 Data Science Bowl lie in the data folder (SEGMETRY_DATA), `--real` asks the same of
real pictures and real mistakes.
"""

import argparse
import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from segmetry import read, segmenter
from segmetry.evaluate import corrected_sample
from segmetry.evaluate.corrected_sample import METHODS, Method, totals
from segmetry.report.canvas import blank_figure, drawing_style, to_png
from segmetry.report.palette import SERIES

Floats = NDArray[np.float64]

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "corrected_sample.md"
FIGURE = DOCS / "figures" / "corrected_sample.png"
MARKS = (
    "<!-- trials: begin (benchmarks/corrected_sample.py) -->\n",
    "<!-- trials: end -->\n",
)
REAL_MARKS = ("<!-- real: begin -->\n", "<!-- real: end -->\n")
DATA = Path(os.environ.get("SEGMETRY_DATA", DOCS.parents[1] / "shared" / "data"))
AS_PUBLISHED = "PPI++ as published"


@dataclass(frozen=True)
class World:
    """How pictures and automatic counts come about.

    Parameters
    ----------
    says : str
        For the table.
    mean, over : float
        True objects a picture; their variance is `over` times the mean.
    recall, recall_sd : float
        Share that is found, and how it varies from picture to picture.
    false : float
        Invented objects a picture (Poisson).
    empty : float
        Share of pictures without true objects.
    debris : float
        Share of pictures with a hundred invented objects.
    found : callable or None
        Makes automatic counts of true ones in another way.
    """

    says: str
    mean: float = 30.0
    over: float = 4.0
    recall: float = 0.88
    recall_sd: float = 0.06
    false: float = 2.0
    empty: float = 0.0
    debris: float = 0.0
    found: Callable[[Floats, np.random.Generator], Floats] | None = None

    def draw(
        self, trials: int, n_pictures: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Return true and automatic counts, each of shape (trials, n_pictures)."""
        shape = (trials, n_pictures)
        true = over_dispersed(self.mean, self.over, shape, rng)
        true *= rng.random(shape) >= self.empty
        if self.found is not None:
            return true, self.found(true, rng)
        if self.recall_sd:
            size = self.recall * (1 - self.recall) / self.recall_sd**2 - 1
            share = rng.beta(self.recall * size, (1 - self.recall) * size, shape)
        else:
            share = np.full(shape, self.recall)
        found = rng.binomial(true.astype(int), share) + rng.poisson(self.false, shape)
        return true, found + 100.0 * (rng.random(shape) < self.debris)


def over_dispersed(
    mean: float, over: float, shape: tuple[int, ...], rng: np.random.Generator
) -> Floats:
    """Return counts whose variance is so many times their mean; 1 is Poisson."""
    rate = mean if over <= 1 else rng.gamma(mean / (over - 1), over - 1, shape)
    return rng.poisson(rate, shape).astype(float)


def _unrelated(true: Floats, rng: np.random.Generator) -> Floats:
    return over_dispersed(30, 4, true.shape, rng)


def _unrelated_thrice(true: Floats, rng: np.random.Generator) -> Floats:
    return over_dispersed(90, 12, true.shape, rng)


def _doubled(true: Floats, rng: np.random.Generator) -> Floats:
    return 2.0 * rng.binomial(true.astype(int), 0.9) + rng.poisson(4, true.shape)


WORLDS = (
    World("Poisson counts", over=1),
    World("variance 4 x the mean"),
    World("the same, recall 0.80 ± 0.15", recall=0.8, recall_sd=0.15, false=4),
    World("variance 20 x the mean", over=20),
    World("few objects: 3 a picture", mean=3, over=1, false=0.3),
    World("few, variance 4 x the mean", mean=3, false=0.3),
    World("half of the objects found", recall=0.5, recall_sd=0.1),
    World("as many invented as true", recall=0.9, recall_sd=0.05, false=30),
    World("every object found twice", found=_doubled),
    World("nearly perfect", recall=0.99, recall_sd=0, false=0.1),
    World("useless automatic counts", found=_unrelated),
    World("useless, and thrice as large", found=_unrelated_thrice),
    World("7 of 10 pictures empty", mean=20, empty=0.7, false=0.5),
    World("9 of 10 pictures empty", mean=20, empty=0.9, false=0.1),
    World("debris in 1 of 20 pictures: 100 invented", debris=0.05),
)


@dataclass(frozen=True)
class Score:
    """How often the interval held the total, and its mean half-width over the total."""

    coverage: float
    half_width: float
    bias: float


def score(
    true: Floats, found: Floats, n: int, method: str, *, level: float = 0.95
) -> Score:
    """Return how an estimator did; the first n pictures of each trial are corrected."""
    n_pictures = true.shape[1]
    total = true.sum(axis=1)
    if method == AS_PUBLISHED:
        mean, error = published(found, found[:, :n], true[:, :n])
        half = error * float(ndtri((1 + level) / 2))
        value, low, high = n_pictures * np.stack([mean, mean - half, mean + half])
    else:
        known: Method = method  # type: ignore[assignment]
        value, low, high = totals(
            found, found[:, :n], true[:, :n], method=known, level=level
        )
    told = np.isfinite(value)
    held = (low <= total) & (total <= high) & told
    return Score(
        coverage=float(held.mean()),
        half_width=float((high - low)[told].mean() / 2 / total.mean()),
        bias=float((value - total)[told].mean() / total.mean()),
    )


def published(
    everything: Floats, automatic: Floats, corrected: Floats
) -> tuple[Floats, Floats]:
    """Return PPI++ as its paper has it: lambda from the sample, normal quantiles.

    The same numbers as `ppi_mean_ci` of ppi-python 0.2.3 (MIT), which is not installed with
    Segmetry: it needs statsmodels and gdown.

    A. N. Angelopoulos, J. C. Duchi, T. Zrnic, "PPI++: Efficient prediction-powered
    inference", 2023. arXiv:2311.01453. The pictures that were not corrected are the
    unlabelled sample; the share of the corrected ones is not allowed for.
    """
    n, rest = corrected.shape[-1], everything[..., corrected.shape[-1] :]
    more = rest.shape[-1]
    x = automatic - automatic.mean(axis=-1, keepdims=True)
    y = corrected - corrected.mean(axis=-1, keepdims=True)
    spread = everything.var(axis=-1, ddof=1) * (1 + n / more)
    slope = np.clip((x * y).mean(axis=-1) / spread, 0, 1)
    mean = corrected.mean(axis=-1) + slope * (rest.mean(axis=-1) - automatic.mean(axis=-1))
    residual = (corrected - slope[..., None] * automatic).var(axis=-1) / n
    of_rest = slope**2 * rest.var(axis=-1) / more
    return mean, np.sqrt(residual + of_rest)


def by_estimator(trials: int, *, n: int = 6, n_pictures: int = 60) -> Iterator[str]:
    """Yield a Markdown table: worlds by estimators."""
    names = [*METHODS, AS_PUBLISHED]
    yield f"{n} of {n_pictures} pictures corrected, {trials} trials a line. Each cell:"
    yield "how often (%) the 95 % interval held the true total, and its mean half-width."
    yield ""
    yield f"| pictures | {' | '.join(names)} |"
    yield "|---|" + "---|" * len(names)
    for world in WORLDS:
        drawn = world.draw(trials, n_pictures, np.random.default_rng(1))
        cells = [_cell(score(*drawn, n, name)) for name in names]
        yield f"| {world.says} | {' | '.join(cells)} |"


def by_size(trials: int) -> Iterator[str]:
    """Yield a Markdown table: how many are corrected, of how many."""
    worlds = (WORLDS[0], WORLDS[1], WORLDS[3], WORLDS[5], WORLDS[12], WORLDS[14])
    yield f"The estimator in use, {trials} trials a line, other numbers of pictures."
    yield ""
    yield f"| corrected | {' | '.join(world.says for world in worlds)} |"
    yield "|---|" + "---|" * len(worlds)
    for n, n_pictures in (
        (3, 12),
        (3, 60),
        (6, 20),
        (12, 60),
        (30, 60),
        (6, 500),
        (20, 500),
    ):
        cells = [
            _cell(
                score(
                    *world.draw(trials, n_pictures, np.random.default_rng(2)),
                    n,
                    "prediction-powered",
                )
            )
            for world in worlds
        ]
        yield f"| {n} of {n_pictures} | {' | '.join(cells)} |"


def real_counts() -> dict[str, tuple[Floats, Floats]]:
    """Return true and automatic counts of nuclei in fluorescence, by kind of picture."""
    folder, find = DATA / "dsb2018", segmenter("threshold")
    counts: dict[str, list[tuple[int, int]]] = {"fluo_small": [], "fluo_large": []}
    with (folder / "train.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["class"] in counts:
                found = find(read(folder / "train" / "images" / row["file"]))
                n_found = np.count_nonzero(np.unique(found.data))
                counts[row["class"]].append((int(row["nuclei"]), n_found))
    tables = {kind: np.array(rows, np.float64) for kind, rows in counts.items()}
    tables["both"] = np.concatenate(list(tables.values()))
    return {kind: (table[:, 0], table[:, 1]) for kind, table in tables.items()}


def by_real(trials: int) -> Iterator[str]:
    """Yield a Markdown table: 60 real pictures, drawn anew in each trial."""
    names = [*METHODS, AS_PUBLISHED]
    says = {"fluo_small": "small nuclei", "fluo_large": "large nuclei", "both": "both"}
    yield f"| pictures | corrected | {' | '.join(names)} |"
    yield "|---|---|" + "---|" * len(names)
    for kind, (true, found) in real_counts().items():
        rng = np.random.default_rng(0)
        drawn = np.stack([rng.permutation(true.size)[:60] for _ in range(trials)])
        what = f"{says[kind]} ({true.size})"
        for n in (6, 12):
            cells = [_cell(score(true[drawn], found[drawn], n, name)) for name in names]
            yield f"| {what} | {n} of 60 | {' | '.join(cells)} |"


def by_pull(trials: int) -> Iterator[str]:
    """Yield a Markdown table: how strongly lambda is drawn towards 1."""
    pulls = (1e-9, 1.0, 2.0, 4.0, 8.0)
    worlds = (*WORLDS[:4], *WORLDS[8:13])
    yield "How strongly lambda is drawn towards 1, as by so many more pictures of slope 1."
    yield ""
    yield f"| pictures | {' | '.join(f'{pull:.0f}' for pull in pulls)} |"
    yield "|---|" + "---|" * len(pulls)
    for world in worlds:
        drawn = world.draw(trials, 60, np.random.default_rng(3))
        cells = []
        for pull in pulls:
            with patch.object(corrected_sample, "_PRIOR_PICTURES", pull):
                cells.append(_cell(score(*drawn, 6, "prediction-powered")))
        yield f"| {world.says} | {' | '.join(cells)} |"


def figure(trials: int) -> bytes:
    """Return a picture of how the interval narrows as more pictures are corrected."""
    steps = [3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60]
    drawn = WORLDS[1].draw(trials, 60, np.random.default_rng(4))
    with drawing_style():
        drawing, axes = blank_figure()
        for index, method in enumerate(("prediction-powered", "corrected alone")):
            widths = [100 * score(*drawn, n, method).half_width for n in steps]
            axes.plot(steps, widths, color=SERIES[index], label=method, marker="o", ms=4)
        axes.set_ylim(0, 45)
        axes.set_xlabel("corrected pictures, of 60")
        axes.set_ylabel("mean half-width of the interval / %")
        axes.set_title("What correcting more gains")
        axes.legend()
    return to_png(drawing, dpi=120)


def _cell(one: Score) -> str:
    return f"{100 * one.coverage:.1f}, ±{100 * one.half_width:.1f} %"


def tables(trials: int) -> str:
    """Return all tables as Markdown."""
    parts = (by_estimator(trials), by_size(trials), by_pull(trials))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def main() -> None:
    """Print the tables, and write them into the documentation if asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--real", action="store_true")
    options = parser.parse_args()
    text = "\n".join(by_real(5000)) + "\n" if options.real else tables(options.trials)
    print(text)
    if not options.write:
        return
    begin, end = REAL_MARKS if options.real else MARKS
    before, rest = PAGE.read_text(encoding="utf-8").split(begin)
    page = f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}"
    PAGE.write_text(page, encoding="utf-8")
    if not options.real:
        FIGURE.write_bytes(figure(2000))


if __name__ == "__main__":
    main()
