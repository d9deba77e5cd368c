"""The figures of a report: histogram, distribution, cumulative curves, trends.

Every function returns a matplotlib figure that stands on its own: axes with units, what
the curve is weighted by, and the number of objects behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.wording import count_of
from segmetry.report.bins import is_wide, log_edges
from segmetry.report.canvas import blank_figure, drawing_style
from segmetry.report.palette import ACCENT, SERIES
from segmetry.report.reading import ReadingUnit, number_text
from segmetry.report.sample import SizeSample

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "bar_tooltips",
    "condition_histograms",
    "cumulative_curves",
    "distribution_curves",
    "size_histogram",
    "trend_plot",
]

_FIT = SERIES[1]
_VOLUME = SERIES[2]
_MIDDLE = (0.001, 0.999)  # quantiles between which a curve is drawn
_MOST_BINS = 200  # one object far from all others must not make the bars invisible
_CHART = "equivalent diameter"


def size_histogram(group: Mapping[str, Any], unit: ReadingUnit) -> "Figure":
    """Return the histogram of a group with bin width, mean, median and sd above it.

    Parameters
    ----------
    group : mapping
        "pooled" or one of the "groups" of a summary, or the same keys about another
        "quantity". The fit is drawn where it was accepted.
    unit : ReadingUnit
        Its name is empty where the quantity has none.

    Returns
    -------
    Figure
        The bar of bin i has the gid "bar-i".
    """
    edges = np.asarray(group["histogram"]["edges"], dtype=float) * unit.factor
    counts = _bin_counts(group)
    weighted = np.any(counts != np.asarray(group["histogram"]["counts"], dtype=float))
    with drawing_style():
        figure, axes = blank_figure()
        if counts.size:
            bars = axes.bar(
                edges[:-1], counts, np.diff(edges), align="edge", color="#9cc3dc"
            )
            for index, bar in enumerate(bars):
                bar.set(gid=f"bar-{index}", edgecolor="#ffffff", linewidth=0.6)
            _draw_fit(axes, group.get("fit"), edges, counts, unit.factor)
        axes.grid(axis="x", visible=False)
        if "bins_per_decade" in group["histogram"]:
            _log_axis(axes, unit)
        axes.set_xlabel(_axis_title(group, unit))
        axes.set_ylabel("objects per bin" + (", edge-weighted" if weighted else ""))
        axes.set_title(f"Histogram, number-weighted, n = {group['n_used']}", pad=22)
        _draw_numbers(axes, group, unit)
    return figure


def bar_tooltips(group: Mapping[str, Any], unit: ReadingUnit) -> dict[str, str]:
    """Return the exact limits and count of every bar of `size_histogram`, by its gid.

    Parameters
    ----------
    group : mapping
        "pooled" or one of the "groups" of a summary.
    unit : ReadingUnit
    """
    edges = np.asarray(group["histogram"]["edges"], dtype=float) * unit.factor
    seen = group["histogram"]["counts"]
    weighted = _bin_counts(group)
    limits = [f"{edge:.5g}".replace("-", "−") for edge in edges]
    tooltips = {}
    for index, count in enumerate(seen):
        between = f"{limits[index]} to {limits[index + 1]} {unit.name}"
        text = f"{between}: {count_of(count, 'object')}"
        if weighted[index] != count:
            text += f", edge-weighted {weighted[index]:.1f}"
        tooltips[f"bar-{index}"] = text
    return tooltips


def distribution_curves(
    sample: SizeSample, group: Mapping[str, Any], unit: ReadingUnit
) -> "Figure":
    """Return the smoothed density per ln(diameter), by number and by volume.

    Parameters
    ----------
    sample : SizeSample
        At least two different sizes.
    group : mapping
        Says whether volume statistics are refused and whether the fit was accepted.
    unit : ReadingUnit
    """
    low, high = sample.diameters[0] * 0.8, sample.diameters[-1] * 1.25
    at = np.geomspace(low, high, 240)
    with drawing_style():
        figure, axes = blank_figure()
        for power, name, color in _weightings(group):
            density = sample.density(at, power=power)
            peak = number_text(float(at[density.argmax()]), factor=unit.factor)[0]
            label = f"{name}, peak at {peak} {unit.name}"
            axes.plot(at * unit.factor, density, color=color, label=label)
            axes.fill_between(at * unit.factor, density, color=color, alpha=0.08, lw=0)
        fit = group.get("fit") or {}
        if fit.get("accepted"):
            curve = _log_normal(at, fit) * at
            label = f"{fit['family']} fit (number)"
            axes.plot(at * unit.factor, curve, color=_FIT, ls=(0, (4, 2)), label=label)
        _log_axis(axes, unit)
        axes.margins(y=0.3)  # for the legend
        axes.set_ylim(bottom=0)
        axes.set_ylabel("density per unit of ln(diameter)")
        axes.set_title(f"Distribution, n = {sample.diameters.size}")
        axes.legend(loc="best")
    return figure


def cumulative_curves(
    sample: SizeSample, group: Mapping[str, Any], unit: ReadingUnit
) -> "Figure":
    """Return the cumulative curves by number and by volume with D10, D50 and D90.

    Parameters
    ----------
    sample : SizeSample
        At least two different sizes.
    group : mapping
        Holds D10, D50 and D90 with their intervals, drawn as horizontal bars.
    unit : ReadingUnit
    """
    with drawing_style():
        figure, axes = blank_figure()
        for power, name, color in _weightings(group):
            share = 100 * sample.cumulative(power=power)
            axes.plot(sample.diameters * unit.factor, share, color=color, label=name)
            _draw_quantiles(axes, group[name.removeprefix("by ")], unit, color)
        _log_axis(axes, unit)
        axes.set_ylim(0, 100)
        axes.set_yticks([0, 10, 25, 50, 75, 90, 100])
        axes.set_ylabel("share below this diameter / %")
        axes.set_title(f"Cumulative curve, n = {sample.diameters.size}")
        axes.legend(loc="upper left")
    return figure


def condition_histograms(samples: Mapping[str, SizeSample], unit: ReadingUnit) -> "Figure":
    """Return the histograms of several groups over each other, as shares of each group.

    Parameters
    ----------
    samples : mapping
        One sample per condition, by name.
    unit : ReadingUnit
    """
    filled = {name: sample for name, sample in samples.items() if sample.diameters.size}
    with drawing_style():
        figure, axes = blank_figure(height=3.7)
        edges = _common_edges(list(filled.values()))
        for index, (name, sample) in enumerate(filled.items()):
            counts, _ = np.histogram(sample.diameters, edges, weights=sample.weights)
            share = 100 * counts / sample.weights.sum()
            label = f"{_legend_name(name)} (n = {sample.diameters.size})"
            color, style = _series(index)
            axes.stairs(
                share, edges * unit.factor, color=color, ls=style, lw=1.8, label=label
            )
            axes.stairs(share, edges * unit.factor, color=color, fill=True, alpha=0.10)
        if filled and _is_wide(filled.values()):
            _log_axis(axes, unit)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(f"{_CHART} / {unit.name}")
        axes.set_ylabel("share of the objects per bin / %")
        axes.set_title("Histograms by condition, number-weighted")
        if filled:
            axes.legend(loc="best")
    return figure


def trend_plot(trend: Mapping[str, Any], unit: ReadingUnit) -> "Figure":
    """Return median and mean size against a condition, with their intervals.

    Parameters
    ----------
    trend : mapping
        One of the "trends" of a summary. Points without a number "x" are evenly spaced
        and carry their label.
    unit : ReadingUnit
    """
    points: Sequence[Mapping[str, Any]] = trend["points"]
    numeric = all(isinstance(point.get("x"), (int, float)) for point in points)
    x = np.array([point["x"] if numeric else i for i, point in enumerate(points)], float)
    with drawing_style():
        figure, axes = blank_figure(height=3.3)
        shift = 0.012 * (np.ptp(x) if x.size > 1 and np.ptp(x) > 0 else 1.0)
        for key, name, color, marker, side in (
            ("d50", "D50 (number)", ACCENT, "o", -shift),
            ("mean", "mean", _FIT, "s", shift),
        ):
            values, errors = _with_errors([point[key] for point in points], unit)
            axes.errorbar(
                x + side, values, errors, color=color, marker=marker, ms=5, lw=1.2,
                elinewidth=1.4, capsize=3, label=name,
            )  # fmt: skip
        if not numeric or x.size <= 8:
            labels = [f"{point['label']}\nn = {point['n_objects']}" for point in points]
            axes.set_xticks(x, labels)
        axes.margins(x=0.08)
        axes.set_xlabel(str(trend["condition"]))
        axes.set_ylabel(f"{_CHART} / {unit.name}")
        axes.set_title(f"Size against {trend['condition']}, number-weighted")
        axes.legend(loc="best")
    return figure


def _axis_title(group: Mapping[str, Any], unit: ReadingUnit) -> str:
    quantity = str(group.get("quantity", _CHART)).replace("_", " ")
    return f"{quantity} / {unit.name}" if unit.name else quantity


def _bin_counts(group: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the height of the bars: sums of edge weights where there are any."""
    histogram = group["histogram"]
    return np.asarray(histogram.get("weighted_counts", histogram["counts"]), dtype=float)


def _draw_fit(
    axes: "Axes",
    fit: Mapping[str, Any] | None,
    edges: NDArray[np.float64],
    counts: NDArray[np.float64],
    factor: float,
) -> None:
    if not fit or not fit.get("accepted"):
        return
    even = np.isclose(edges[-1] - edges[-2], edges[1] - edges[0])
    spaced = np.linspace if even else np.geomspace
    at = spaced(max(edges[0], edges[-1] / 1000) if even else edges[0], edges[-1], 300)
    width = edges[1] - edges[0] if even else at * np.log(edges[1] / edges[0])
    expected = _log_normal(at / factor, fit) / factor * counts.sum() * width
    axes.plot(at, expected, color=_FIT, label=f"{fit['family']} fit")
    axes.legend(loc="best")


def _draw_numbers(axes: "Axes", group: Mapping[str, Any], unit: ReadingUnit) -> None:
    """Write what must be known of a histogram above it, where no bar can be."""
    number = group.get("number") or {}
    width = group["histogram"].get("bin_width")
    bin_text = "–" if width is None else f"{width * unit.factor:.4g} {unit.name}".rstrip()
    decade = group["histogram"].get("bins_per_decade")
    lines = [f"{decade} bins per decade" if decade else f"bin width {bin_text}"]
    for key in ("mean", "median", "sd"):
        text = number_text(number.get(key), factor=unit.factor)[0]
        lines.append(f"{key} {text} {unit.name}".rstrip() if text != "–" else f"{key} –")
    axes.text(0, 1.025, ", ".join(lines), transform=axes.transAxes, va="bottom", fontsize=9)


def _draw_quantiles(
    axes: "Axes", values: Mapping[str, Any], unit: ReadingUnit, color: str
) -> None:
    for key, share in (("d10", 10), ("d50", 50), ("d90", 90)):
        value, error = _with_errors([values.get(key)], unit)
        axes.errorbar(
            value, [share], xerr=error, color=color, marker="o", ms=5, capsize=3, lw=0,
            elinewidth=1.4, mfc="white", mew=1.4, zorder=3,
        )  # fmt: skip


def _weightings(group: Mapping[str, Any]) -> list[tuple[int, str, str]]:
    """Return the power, name and colour of each weighting that means something."""
    by_number = (0, "by number", ACCENT)
    volume = group.get("volume") or {"refused": ""}
    return [by_number] if "refused" in volume else [by_number, (3, "by volume", _VOLUME)]


def _log_normal(at: NDArray[np.float64], fit: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the density of the fit per unit of diameter."""
    median, sigma = _value(fit["median"]), np.log(_value(fit["gsd"]))
    scaled = np.log(at / median) / sigma
    return np.asarray(np.exp(-0.5 * scaled**2) / (at * sigma * np.sqrt(2 * np.pi)))


def _value(estimate: Any) -> float:
    return float(estimate["value"] if isinstance(estimate, Mapping) else estimate)


def _log_axis(axes: "Axes", unit: ReadingUnit) -> None:
    """Make the diameter's axis logarithmic, with plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    low, high = axes.get_xlim()
    dense = high / low < 300
    subs = (1, 1.5, 2, 3, 5, 7) if high / low < 8 else (1, 2, 5) if dense else (1,)
    axes.xaxis.set_major_locator(LogLocator(subs=subs, numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(f"{_CHART} / {unit.name}")


def _legend_name(name: str) -> str:
    """Return a name that the legend shows: one with a leading underscore is left out."""
    return f" {name}" if name.startswith("_") else name


def _is_wide(samples: Iterable[SizeSample]) -> bool:
    return is_wide(np.concatenate([sample.diameters for sample in samples]))


def _common_edges(samples: list[SizeSample]) -> NDArray[np.float64]:
    """Return bins that suit all groups: about 24 from the smallest to the largest size."""
    if not samples:
        return np.array([0.0, 1.0])
    pooled = np.concatenate([sample.diameters for sample in samples])
    if is_wide(pooled):
        return log_edges(pooled)
    low, high = np.quantile(pooled, _MIDDLE)
    step = (high - low) / 24 or high / 24
    step = max(step, np.ptp(pooled) / _MOST_BINS)
    return np.asarray(np.arange(pooled.min() - step / 2, pooled.max() + step, step))


def _series(index: int) -> tuple[str, str]:
    """Return colour and line style of a group: styles tell groups of one colour apart."""
    styles = ("-", "--", ":", "-.")
    return SERIES[index % len(SERIES)], styles[index // len(SERIES) % len(styles)]


def _with_errors(
    estimates: Sequence[Mapping[str, Any] | None], unit: ReadingUnit
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values and their distances to both ends of the interval; NaN where none."""
    table = np.array(
        [[_number(item, key) for key in ("value", "low", "high")] for item in estimates]
    ).reshape(-1, 3)
    value, low, high = table.T * unit.factor
    errors = np.nan_to_num(np.stack([value - low, high - value]), nan=0.0)
    return value, np.maximum(errors, 0.0)


def _number(estimate: Mapping[str, Any] | None, key: str) -> float:
    value = (estimate or {}).get(key)
    return np.nan if value is None else float(value)
