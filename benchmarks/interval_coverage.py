"""How often the intervals hold the truth, on simulated log-normal particles.

Discs of log-normal diameter lie at random in an endless plane; square frames are cut out
of it, and only discs wholly inside a frame are seen. Each trial looks at some frames and
estimates the distribution with 95 % intervals. The table tells the bias of each number
and in how many trials its interval held the true one.

Run it with `python benchmarks/interval_coverage.py`; `--write` puts the tables into
docs/statistics.md between its two marks.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.edge_rules import miles_lantuejoul_weights
from segmetry.measure.estimates import by_number, by_volume, density
from segmetry.measure.fitted import (
    fitted_estimates,
    log_normal_resamples,
    log_normal_values,
)
from segmetry.measure.intervals import Estimate, resample
from segmetry.measure.log_normal import (
    FailedFit,
    LogNormal,
    fit_truncated_log_normal,
    seen_share,
)

Floats = NDArray[np.float64]

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
MARKS = (
    "<!-- coverage: begin (benchmarks/interval_coverage.py) -->\n",
    "<!-- coverage: end -->\n",
)


@dataclass(frozen=True)
class Scene:
    """What is simulated; lengths in pixels."""

    median: float = 100.0
    gsd: float = 1.5
    frame: float = 1000.0
    seen_per_image: float = 24.0
    between_images: float = 0.0  # sd of the images' own shifts of ln x

    @property
    def truth(self) -> LogNormal:
        """The distribution that the discs of all possible images have together."""
        sigma = np.hypot(np.log(self.gsd), self.between_images)
        return LogNormal(float(np.log(self.median)), float(sigma))

    @property
    def per_area(self) -> float:
        """Discs per square pixel of the plane."""
        frames = np.array([[self.frame, self.frame]])
        share = seen_share(self.truth, frames, shape=(1, 1))[0]
        return float(self.seen_per_image / share / self.frame**2)


def seen_discs(
    scene: Scene, n_images: int, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.intp]]:
    """Return the diameters of the discs wholly inside the frames, and their images."""
    counts = rng.poisson(scene.per_area * scene.frame**2, n_images)
    image = np.repeat(np.arange(n_images), counts)
    shift = scene.between_images * rng.standard_normal(n_images)
    spread = np.log(scene.gsd) * rng.standard_normal(image.size)
    diameters = scene.median * np.exp(spread + shift[image])
    # A disc whose centre lies outside the frame is cut or unseen, so these are all.
    centres = rng.uniform(0, scene.frame, (image.size, 2))
    room = np.minimum(centres, scene.frame - centres).min(axis=1)
    inside = room > diameters / 2
    return diameters[inside], image[inside]


def true_numbers(scene: Scene) -> dict[str, float]:
    """Return the true value of every number, named as `one_trial` names them."""
    truth = scene.truth
    values = log_normal_values(np.array([truth.mu]), np.array([truth.sigma]))
    numbers = {
        f"{block}.{key}": float(number[0])
        for block in ("number", "volume")
        for key, number in values[block].items()
    }
    return {**numbers, "density": scene.per_area}


def one_trial(
    scene: Scene, n_images: int, rng: np.random.Generator, *, truncated: bool = False
) -> dict[str, Estimate]:
    """Return all estimates from newly simulated frames."""
    diameters, image = seen_discs(scene, n_images, rng)
    frames = np.full((n_images, 2), scene.frame)
    resampling = resample(
        image, n_images=n_images, resamples=1000, seed=int(rng.integers(1 << 30))
    )
    if truncated:
        fit = fit_truncated_log_normal(diameters, frames, image=image)
        if isinstance(fit, FailedFit):
            return {}
        drawn = log_normal_resamples(
            fit,
            diameters,
            frames=frames,
            resampling=resampling,
            image=image,
            shape=(1, 1),
        )
        blocks = fitted_estimates(fit, drawn, resampling=resampling)
        return _flat(blocks)
    boxes = np.stack([diameters, diameters], axis=1)
    weights = miles_lantuejoul_weights(boxes, frames)
    blocks = {
        "number": by_number(diameters, weights, resampling=resampling),
        "volume": by_volume(diameters, weights, resampling=resampling),
    }
    areas = frames.prod(axis=1)
    return {**_flat(blocks), "density": density(weights, areas, resampling=resampling)}


@dataclass(frozen=True)
class Score:
    """What the trials show of one number; all are shares of 1."""

    bias: float
    scatter: float
    half_width: float
    coverage: float


def score_trials(
    scene: Scene, n_images: int, *, trials: int, seed: int = 0, truncated: bool = False
) -> dict[str, Score]:
    """Return bias, scatter, width of the interval and coverage of every number."""
    rng = np.random.default_rng(seed)
    found = [one_trial(scene, n_images, rng, truncated=truncated) for _ in range(trials)]
    scores = {}
    for key, true in true_numbers(scene).items():
        rows = [f[key] for f in found if key in f and f[key].low is not None]
        if not rows:
            continue
        value, low, high = np.array([(r.value, r.low, r.high) for r in rows]).T
        scores[key] = Score(
            bias=float(value.mean() / true - 1),
            scatter=float(value.std() / true),
            half_width=float((high - low).mean() / (2 * true)),
            coverage=float(np.mean((low <= true) & (true <= high))),
        )
    return scores


SHOWN = {
    "number.mean": "mean",
    "number.d10": "D10 by number",
    "number.d50": "D50 by number",
    "number.d90": "D90 by number",
    "number.mode": "mode",
    "number.sd": "sd",
    "number.gsd": "GSD",
    "number.span": "span by number",
    "number.skewness": "skewness",
    "volume.d50": "D50 by volume",
    "volume.d32": "D[3,2]",
    "volume.d43": "D[4,3]",
    "density": "number per area",
}


def percentile_coverage(
    scene: Scene, n_images: int, *, trials: int, seed: int = 0
) -> float:
    """Return how often the mean's percentile interval, which is not used, would hold."""
    rng = np.random.default_rng(seed)
    true, hits = scene.truth.moment_ratio(1, 0), 0
    for _ in range(trials):
        x, image = seen_discs(scene, n_images, rng)
        w = (1 - x / scene.frame) ** -2
        drawn = resample(
            image, n_images=n_images, resamples=1000, seed=int(rng.integers(1 << 30))
        )
        weighted, total = drawn.totals(np.stack([w * x, w], axis=1)).T
        low, high = np.quantile(weighted / total, [0.025, 0.975])
        hits += low <= true <= high
    return hits / trials


def table(scene: Scene, *, images: list[int], trials: int, truncated: bool) -> str:
    """Return a Markdown table: one row per number, two columns per number of images."""
    rule = "truncated log-normal" if truncated else "Miles-Lantuejoul"
    per_k = {k: score_trials(scene, k, trials=trials, truncated=truncated) for k in images}
    caption = (
        f"Edge rule {rule}; median {scene.median:g} px, GSD {scene.gsd:g}, frame "
        f"{scene.frame:g} px, about {scene.seen_per_image:g} whole discs an image, "
        f"sizes {_unlike(scene)}, {trials} trials each."
    )
    heads = [f"{k} images: bias, coverage" for k in images]
    lines = [
        caption,
        "",
        f"| number | {' | '.join(heads)} |",
        "|---|" + "---|" * len(images),
    ]
    for key, name in SHOWN.items():
        if any(key in scores for scores in per_k.values()):
            cells = " | ".join(_cell(per_k[k].get(key)) for k in images)
            lines.append(f"| {name} | {cells} |")
    if not truncated:
        shares = [percentile_coverage(scene, k, trials=trials) for k in images]
        cells = " | ".join(f"{100 * share:.1f} %" for share in shares)
        lines.append(f"| mean, by percentiles instead | {cells} |")
    return "\n".join([*lines, ""])


def _unlike(scene: Scene) -> str:
    if not scene.between_images:
        return "alike in all images"
    return f"shifted by {100 * scene.between_images:g} % (sd) from image to image"


def _cell(score: Score | None) -> str:
    if score is None:
        return "-"
    return f"{100 * score.bias:+.1f} %, {100 * score.coverage:.1f} %"


def _flat(blocks: dict[str, dict[str, Estimate]]) -> dict[str, Estimate]:
    return {
        f"{block}.{key}": number
        for block, numbers in blocks.items()
        for key, number in numbers.items()
    }


def _tables(trials: int) -> Iterator[str]:
    images = [5, 8, 20]
    for truncated in (False, True):
        yield table(Scene(), images=images, trials=trials, truncated=truncated)
    unlike = Scene(median=50.0, between_images=0.15)
    yield table(unlike, images=images, trials=trials, truncated=False)


def write_tables(page: Path, text: str) -> None:
    """Replace what stands between the marks of a page."""
    begin, end = MARKS
    before, rest = page.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def main() -> None:
    """Print the tables, and write them into the documentation if asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = "\n".join(_tables(options.trials))
    print(text)
    if options.write:
        write_tables(PAGE, text)


if __name__ == "__main__":
    main()
