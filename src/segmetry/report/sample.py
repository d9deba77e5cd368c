"""The diameters and weights behind a curve: which objects count, and how much."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.measure.edge_rules import EdgeRule, edge_weights

__all__ = ["SizeSample", "size_sample"]


@dataclass(frozen=True, eq=False)
class SizeSample:
    """Diameters of the objects that count, and their weights.

    Parameters
    ----------
    diameters : ndarray of float, shape (n,)
        Ascending, in the unit of the table: micrometres or pixels.
    weights : ndarray of float, shape (n,)
        1 where the edge rule gives no weights.
    """

    diameters: NDArray[np.float64]
    weights: NDArray[np.float64]

    def cumulative(self, *, power: int = 0) -> NDArray[np.float64]:
        """Return the share below each diameter, half of its own weight included.

        Parameters
        ----------
        power : int
            0 weights by number, 3 by volume of the equivalent sphere.

        Returns
        -------
        ndarray of float, shape (n,)
            From 0 to 1.
        """
        share = self.weights * self.diameters**power
        return np.asarray((np.cumsum(share) - share / 2) / share.sum())

    def density(self, at: NDArray[np.float64], *, power: int = 0) -> NDArray[np.float64]:
        """Return the smoothed density per unit of ln(diameter).

        Parameters
        ----------
        at : ndarray of float
            Diameters at which the density is wanted.
        power : int
            0 weights by number, 3 by volume of the equivalent sphere.

        Returns
        -------
        ndarray of float, shape of `at`
            A Gaussian kernel on ln(diameter), its width by Silverman's rule.
        """
        logs = np.log(self.diameters)
        share = self.weights * self.diameters**power
        share = share / share.sum()
        spread = np.sqrt(share @ (logs - share @ logs) ** 2)
        # The effective number: a few large objects hold most of the volume.
        width = max(1.06 * spread * (share @ share) ** 0.2, 0.02)
        distance = (np.log(at)[:, None] - logs) / width
        kernel = np.exp(-0.5 * distance**2) / (width * np.sqrt(2 * np.pi))
        return np.asarray(kernel @ share)


def size_sample(
    objects: pd.DataFrame, images: pd.DataFrame, *, edge_rule: EdgeRule
) -> SizeSample:
    """Return the objects that an edge rule lets count, with their weights.

    Parameters
    ----------
    objects, images : DataFrame
        Tables of a run.
    edge_rule : str
        Name of the rule, one of `segmetry.measure.edge_rules.EDGE_RULES`.
    """
    column = next((c for c in objects.columns if c.startswith("equivalent_diameter")), "")
    if not column or objects.empty:
        return SizeSample(np.empty(0), np.empty(0))
    diameters = objects[column].to_numpy(dtype=float)
    weights = _weights(objects, images, edge_rule)
    use = np.isfinite(diameters) & (diameters > 0) & (weights > 0)
    order = np.argsort(diameters[use], kind="stable")
    return SizeSample(diameters[use][order], weights[use][order])


def _weights(
    objects: pd.DataFrame, images: pd.DataFrame, edge_rule: EdgeRule
) -> NDArray[np.float64]:
    """Return a weight per object, 0 for those that the rule leaves out."""
    frames = images[images["n_objects"].notna() & images["frame_x_max_px"].notna()]
    frame = frames.set_index("image").loc[objects["image"]]
    far = [
        objects[f"bbox_{axis}_max_px"].to_numpy()
        >= frame[f"frame_{axis}_max_px"].to_numpy()
        for axis in "xy"
    ]
    scale = _scale(frame)
    return edge_weights(
        edge_rule,
        _sides(objects, "bbox") * scale,
        _sides(frames, "frame") * _scale(frames),
        touches=objects["touches_edge"].to_numpy(dtype=bool),
        touches_far=far[0] | far[1],
    )


def _sides(table: pd.DataFrame, box: str) -> NDArray[np.float64]:
    """Return the sides of boxes along x and y in pixels, shape (rows, 2)."""
    sides = [table[f"{box}_{axis}_max_px"] - table[f"{box}_{axis}_min_px"] for axis in "xy"]
    return np.stack([side.to_numpy(dtype=float) for side in sides], axis=1)


def _scale(images: pd.DataFrame) -> NDArray[np.float64]:
    """Return the size of a pixel along x and y, 1 where it is unknown."""
    sizes = images[["pixel_size", "pixel_size_y"]].astype(float).fillna(1.0)
    return sizes.to_numpy()
