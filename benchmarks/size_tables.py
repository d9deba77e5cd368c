"""What the edge takes away, and how many particles a number needs, by simulation.

Run it with `python benchmarks/size_tables.py`; `--write` puts the tables into
docs/statistics.md between its marks.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.distribution import mean, moment_ratio, quantile, volume_weights
from segmetry.measure.edge_rules import miles_lantuejoul_weights
from segmetry.measure.log_normal import LogNormal, fit_truncated_log_normal
from segmetry.measure.planner import log_normal_half_width, refuse_volume

Floats = NDArray[np.float64]

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
FRAME = 1000.0
NAMES = {
    "mean": "mean",
    "d50": "D50 number",
    "d90": "D90 number",
    "d43": "D[4,3]",
    "d50v": "D50 volume",
}


def plain_numbers(x: Floats, w: Floats) -> dict[str, float]:
    """Return the numbers of the tables from objects and weights."""
    d50, d90 = quantile(x, [0.5, 0.9], weights=w)
    return {
        "mean": mean(x, weights=w),
        "d50": float(d50),
        "d90": float(d90),
        "d43": moment_ratio(x, 4, 3, weights=w),
        "d50v": float(quantile(x, 0.5, weights=volume_weights(x, weights=w))),
    }


def fitted_numbers(fit: LogNormal) -> dict[str, float]:
    """Return the numbers of the tables from a log-normal."""
    return {
        "mean": fit.moment_ratio(1, 0),
        "d50": fit.median,
        "d90": fit.quantile(0.9),
        "d43": fit.moment_ratio(4, 3),
        "d50v": fit.quantile(0.5, r=3),
    }


def clipped_discs(
    truth: LogNormal, n_images: int, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return sizes of discs as frames show them, and which of them the edge cuts."""
    margin = truth.quantile(0.9999)
    side = FRAME + 2 * margin
    n = rng.poisson(30 * n_images * (side / FRAME) ** 2)
    d = np.exp(truth.mu + truth.sigma * rng.standard_normal(n))
    centre = rng.uniform(-margin, FRAME + margin, (n, 2))
    low, high = centre - d[:, np.newaxis] / 2, centre + d[:, np.newaxis] / 2
    cut = ((low <= 0) | (high >= FRAME)).any(axis=1)
    area = np.where(cut, 0.0, np.pi / 4 * d**2)
    area[cut] = [_visible(c, r) for c, r in zip(centre[cut], d[cut] / 2, strict=True)]
    seen = area > 0
    return 2 * np.sqrt(area[seen] / np.pi), cut[seen]


def _visible(centre: Floats, radius: float, slices: int = 200) -> float:
    """Return the area of a disc inside the frame, by thin slices."""
    left, right = np.clip([centre[0] - radius, centre[0] + radius], 0, FRAME)
    x = left + (np.arange(slices) + 0.5) * (right - left) / slices
    half = np.sqrt(np.maximum(radius**2 - (x - centre[0]) ** 2, 0))
    top, bottom = np.clip([centre[1] - half, centre[1] + half], 0, FRAME)
    return float((bottom - top).sum() * (right - left) / slices)


def edge_table(images: int = 1500) -> str:
    """Return the bias of each edge rule in very many frames, as Markdown."""
    lines = [
        f"Log-normal discs, frames of {FRAME:g} px, {images} frames pooled; error in %.",
        "",
        f"| median, GSD | rule | {' | '.join(NAMES.values())} |",
        "|---|---|" + "---|" * len(NAMES),
    ]
    for median, gsd in ((30, 1.5), (100, 1.5), (200, 1.5), (150, 1.8)):
        truth = LogNormal(float(np.log(median)), float(np.log(gsd)))
        x, cut = clipped_discs(truth, images, np.random.default_rng(0))
        whole, frames = x[~cut], np.array([[FRAME, FRAME]])
        weights = miles_lantuejoul_weights(np.stack([whole, whole], axis=1), frames)
        fit = fit_truncated_log_normal(whole, frames)
        found = {
            "keep": plain_numbers(x, np.ones(x.size)),
            "drop": plain_numbers(whole, np.ones(whole.size)),
            "miles-lantuejoul": plain_numbers(whole, weights),
            "truncated-log-normal": fitted_numbers(fit)
            if isinstance(fit, LogNormal)
            else {},
        }
        for rule, numbers in found.items():
            true = fitted_numbers(truth)
            cells = [f"{100 * (numbers[k] / true[k] - 1):+.1f}" for k in NAMES]
            lines.append(f"| {median} px, {gsd} | {rule} | {' | '.join(cells)} |")
    return "\n".join(lines)


def number_table(trials: int = 400) -> str:
    """Return the half-widths that n objects give, as Markdown."""
    shown = ["mean", "d50", "d90", "d43", "d50v"]
    heads = [NAMES[key] for key in shown]
    caption = (
        f"95 % half-width in %, from {trials} samples each without any edge; the last "
        "columns are the log-normal formula for D[4,3] and what Segmetry does."
    )
    lines = [
        caption,
        "",
        f"| GSD | n | {' | '.join(heads)} | fit, D[4,3] | by volume |",
        "|---|---|" + "---|" * (len(shown) + 2),
    ]
    rng = np.random.default_rng(1)
    for gsd in (1.2, 1.4, 1.6, 2.0):
        for n in (300, 1000, 6000):
            rows = [
                plain_numbers(np.exp(np.log(gsd) * rng.standard_normal(n)), np.ones(n))
                for _ in range(trials)
            ]
            half = {
                k: 1.96 * np.std([r[k] for r in rows]) / np.median([r[k] for r in rows])
                for k in shown
            }
            cells = " | ".join(f"{100 * half[k]:.1f}" for k in shown)
            fit = f"{100 * log_normal_half_width(gsd, n, c=3.5):.1f}"
            verdict = refuse_volume(n, gsd, half_width=float(half["d43"]))
            told = "shown" if verdict is None else "refused"
            lines.append(f"| {gsd} | {n} | {cells} | {fit} | {told} |")
    return "\n".join(lines)


def put(page: str, name: str, text: str) -> str:
    """Return a page with the text between the marks of a table replaced."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    before, rest = page.split(begin)
    return f"{before}{begin}\n{text}\n\n{end}{rest.split(end)[1]}"


def main() -> None:
    """Print the tables, and write them into the documentation if asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    for name, make in (("edges", edge_table), ("numbers", number_table)):
        text = make()
        print(text, end="\n\n")
        if write:
            page = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(put(page, name, text), encoding="utf-8")


if __name__ == "__main__":
    main()
