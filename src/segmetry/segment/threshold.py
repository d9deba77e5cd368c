"""One cutoff for the whole picture.

Each automatic cutoff is computed from the histogram of the pixels that are not excluded,
which takes microseconds where scikit-image's functions go through the picture.

References
----------
N. Otsu, IEEE Trans. Syst. Man Cybern. 9, 1979. doi:10.1109/TSMC.1979.4310076
C. H. Li and P. K. S. Tam, Pattern Recognit. Lett. 19, 1998.
doi:10.1016/S0167-8655(98)00057-9
G. W. Zack, W. E. Rogers and S. A. Latt, J. Histochem. Cytochem. 25, 1977.
doi:10.1177/25.7.70454
J.-C. Yen, F.-J. Chang and S. Chang, IEEE Trans. Image Process. 4, 1995.
doi:10.1109/83.366472
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.segment.edge_grey import EdgesSeen, contrast_of, edges_seen
from segmetry.segment.grey import how_bright
from segmetry.segment.ground import N_BINS, Smooth, bins_of, ground_of
from segmetry.segment.histogram import Bins, binned
from segmetry.segment.options import (
    DENOISE,
    EDGES,
    FLATTEN,
    POLARITY,
    Edges,
    Polarity,
    about,
)
from segmetry.segment.polarity import polarity_in
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.survey import Survey
from segmetry.segment.volumes import grey_of_volume
from segmetry.segment.windows import Over, part_of
from segmetry.tiled import TiledImage, Window

__all__ = ["Method", "Threshold", "ThresholdSurvey", "cutoff_in", "cutoff_of"]

Method = Literal["otsu", "li", "triangle", "yen", "manual"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ThresholdSurvey(Survey):
    """What one cutoff has to know of a whole picture.

    Parameters
    ----------
    smooth : Smooth
        How grey values are smoothed.
    cutoff : float
    polarity : {"bright", "dark"}
    span : float
        The range of the smoothed grey values.
    edges : EdgesSeen or None
        How edges are seen, where they are placed halfway.
    contrast : float or None
        How much brighter objects are than the ground; `None` where one of them is not.
    """

    smooth: Smooth
    cutoff: float
    polarity: Polarity
    span: float
    edges: EdgesSeen | None
    contrast: float | None


@dataclass(frozen=True, kw_only=True)
class Threshold(Segmenter):
    """Objects are where the grey value is above (or below) one cutoff.

    Fails where the light is uneven (try `flatten` or the segmenter "local") and where
    objects have both brighter and darker parts than the background. In a volume, "auto"
    takes the smaller part for objects, and edges lie at the cutoff.

    Parameters
    ----------
    method : {"otsu", "li", "triangle", "yen", "manual"}
    level : float
        The cutoff of the method "manual", in grey values of the picture. Not used by
        the other methods.
    polarity : {"auto", "bright", "dark"}
    flatten, denoise : float
        See `segmetry.segment.grey_for_segmenting`. In pixels.
    edges : {"halfway", "cutoff"}
        Where an edge lies; see `segmetry.segment.edges`. The method "manual" always
        puts it at its cutoff.
    **options
        The options of every `Segmenter`.

    Examples
    --------
    >>> pixels = np.full((40, 40), 30, np.uint8)
    >>> pixels[10:20, 10:20] = 200
    >>> labels = Threshold(denoise=0)(Image(pixels))
    >>> labels.ids, labels.steps[0].options["found_polarity"]
    (array([1], dtype=uint32), 'bright')
    """

    name: ClassVar[str] = "threshold"
    takes_volumes: ClassVar[bool] = True
    takes_tiles: ClassVar[bool] = True

    method: Method = field(
        default="otsu",
        metadata=about(
            "How the cutoff is found.", tunable=("otsu", "li", "triangle", "yen")
        ),
    )
    level: float = field(
        default=128.0,
        metadata=about("The cutoff of the method manual, as a grey value.", tunable=()),
    )
    polarity: Polarity = field(default="auto", metadata=POLARITY)
    denoise: float = field(default=1.0, metadata=DENOISE)
    flatten: float = field(default=0, metadata=FLATTEN)
    edges: Edges = field(default="halfway", metadata=EDGES)

    def maps(self, image: Image) -> Maps:
        """Return the foreground map of a picture or volume, of axes YX, YXC or ZYX."""
        if image.axes.startswith("Z"):
            return self._in_volume(image)
        return super().maps(image)

    def survey(self, tiled: TiledImage, *, over: Over = map) -> "ThresholdSurvey":
        """Return what this method has to know of a whole picture.

        Parameters
        ----------
        tiled : TiledImage
        over : callable
            `map`, or what does the same in several processes.

        Raises
        ------
        PictureError
            If there is nothing to segment in the picture.
        """
        ground = ground_of(tiled, flatten=self.flatten, over=over)
        smooth = Smooth(ground, self.denoise)
        bins = bins_of(tiled, smooth, over=over)
        cutoff = self.level
        if self.method != "manual":
            cutoff = cutoff_in(bins, self.method)
        polarity = self.polarity
        if polarity == "auto":
            polarity = polarity_in(tiled, smooth, cutoff, over=over)
        edges = None
        if self.edges == "halfway" and self.method != "manual":
            edges = edges_seen(
                tiled, ground, polarity=polarity, denoise=self.denoise, over=over
            )
        survey = ThresholdSurvey(
            smooth=smooth,
            cutoff=cutoff,
            polarity=polarity,
            span=bins.high - bins.low,
            edges=edges,
            contrast=bins.contrast(cutoff),
            found={"found_threshold": round(cutoff, 6), "found_polarity": polarity},
        )
        if edges is None or ground.light is None:
            return survey
        # Edges are placed in grey values with the uneven light that the bins are without.
        return replace(survey, contrast=contrast_of(self, tiled, survey, over=over))

    def maps_in(self, tiled: TiledImage, window: Window, survey: Survey) -> Maps:
        """Return the maps of a window, those of the whole picture to the last bit.

        Parameters
        ----------
        tiled : TiledImage
        window : Window
        survey : Survey
            Of the same picture.
        """
        assert isinstance(survey, ThresholdSurvey)  # noqa: S101 - for the type checker
        edges = survey.edges
        reach = max(survey.smooth.reach, 0 if edges is None else edges.reach)
        part = part_of(tiled, window, reach)
        foreground = how_bright(
            survey.smooth.of(part),
            survey.cutoff,
            polarity=survey.polarity,
            span=survey.span,
        )
        return Maps(
            foreground,
            edge_grey=None if edges is None else edges.of(part),
            contrast=survey.contrast,
            found=survey.found,
        )

    def _in_volume(self, image: Image) -> Maps:
        """Return the foreground map of a volume; edges lie at the cutoff there."""
        if self.flatten:
            msg = "flatten is for single pictures; leave it 0 in a volume"
            raise PictureError(msg)
        grey = grey_of_volume(image, denoise=self.denoise)
        cutoff = self.level
        if self.method != "manual":
            cutoff = cutoff_of(grey[image.included], method=self.method)
        polarity = self.polarity
        if polarity == "auto":
            # Most of a volume is ground; the score of regular shapes is one of pictures.
            share = float((grey > cutoff)[image.included].mean())
            polarity = "bright" if share <= 0.5 else "dark"
        found = {"found_threshold": round(cutoff, 6), "found_polarity": polarity}
        return Maps(how_bright(grey, cutoff, polarity=polarity), found=found)


def cutoff_of(
    values: NDArray[np.floating], *, method: Literal["otsu", "li", "triangle", "yen"]
) -> float:
    """Return the grey value between background and objects.

    Parameters
    ----------
    values : ndarray of float
        Grey values, at least two different ones.
    method : {"otsu", "li", "triangle", "yen"}

    Returns
    -------
    float
        Centre of one of 1024 bins from the smallest to the largest value.

    Examples
    --------
    >>> 10 < cutoff_of(np.array([9.0, 10.0, 10.0, 50.0, 52.0]), method="otsu") < 50
    True
    """
    low, high = float(values.min()), float(values.max())
    return cutoff_in(Bins(binned(values, low, high, n_bins=N_BINS), low, high), method)


def cutoff_in(bins: Bins, method: Literal["otsu", "li", "triangle", "yen"]) -> float:
    """Return the grey value between background and objects; see `cutoff_of`."""
    return float(bins.centres[_CUTOFFS[method](bins.counts.astype(np.float64))])


def _otsu(counts: NDArray[np.float64]) -> int:
    """Maximise the variance between the two classes."""
    below = np.cumsum(counts)
    moment = np.cumsum(counts * np.arange(counts.size))
    n, total = below[-1], moment[-1]
    lower, upper = below[:-1], n - below[:-1]
    between = (total * lower - n * moment[:-1]) ** 2 / (lower * upper)
    best = np.flatnonzero(between == between.max())  # all of the gap between two classes
    return int(best.mean())


def _li(counts: NDArray[np.float64]) -> int:
    """Minimise the cross entropy between the picture and its two-valued version."""
    grey = np.arange(counts.size) + 0.5  # above 0, as the logarithm asks
    cutoff, previous = float(np.average(grey, weights=counts)), -1.0
    while abs(cutoff - previous) > 0.5:
        previous = cutoff
        upper = grey > cutoff
        dark = np.average(grey[~upper], weights=counts[~upper])
        bright = np.average(grey[upper], weights=counts[upper])
        cutoff = float((bright - dark) / (np.log(bright) - np.log(dark)))
    return int(cutoff)


def _triangle(counts: NDArray[np.float64]) -> int:
    """Find the bin farthest below the line from the peak to the end of the long tail."""
    peak = int(np.argmax(counts))
    falls_left = peak > counts.size - 1 - peak
    tail = counts[: peak + 1][::-1] if falls_left else counts[peak:]
    steps = np.arange(tail.size)
    height = counts[peak] * (1 - steps / max(tail.size - 1, 1)) - tail
    farthest = int(np.argmax(height))
    return peak - farthest if falls_left else peak + farthest


def _yen(counts: NDArray[np.float64]) -> int:
    """Maximise the correlation of Yen, Chang and Chang."""
    share = counts / counts.sum()
    below = np.cumsum(share)[:-1]
    squares = np.cumsum(share**2)[:-1]
    squares_above = np.cumsum(share[::-1] ** 2)[::-1][1:]
    return int(np.argmax(2 * np.log(below * (1 - below)) - np.log(squares * squares_above)))


_CUTOFFS: Mapping[str, Callable[[NDArray[np.float64]], int]] = {
    "otsu": _otsu,
    "li": _li,
    "triangle": _triangle,
    "yen": _yen,
}
