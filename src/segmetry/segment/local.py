"""A cutoff for each pixel, from its surroundings.

References
----------
J. Sauvola and M. Pietikäinen, Pattern Recognit. 33, 2000.
doi:10.1016/S0031-3203(99)00055-2
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.segment.edge_grey import EdgesSeen, contrast_of, edges_seen
from segmetry.segment.grey import how_bright
from segmetry.segment.ground import Ground, Smooth, bins_of, ground_of, light_of
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
from segmetry.segment.surroundings import Around, Surroundings, surroundings_of
from segmetry.segment.survey import Survey
from segmetry.segment.threshold import cutoff_in
from segmetry.segment.windows import Over, part_of
from segmetry.tiled import TiledImage, Window

__all__ = ["Local", "LocalSurvey"]

_SMALLEST_WINDOW = 15
_TINY = float(np.finfo(np.float32).tiny)
_WINDOWS_PER_SIDE = 8  # window 0: an eighth of the picture's shorter side


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalSurvey(Survey):
    """What a local cutoff has to know of a whole picture.

    Parameters
    ----------
    smooth : Smooth
        How grey values are smoothed.
    surroundings : Surroundings
    polarity : {"bright", "dark"}
    low, high, spread : float
        Smallest, largest and standard deviation of the smoothed grey values.
    edges : EdgesSeen or None
        How edges are seen, where they are placed halfway.
    contrast : float or None
        How much brighter objects are than the ground; `None` where edges need it not.
    """

    smooth: Smooth
    surroundings: Surroundings
    polarity: Polarity
    low: float
    high: float
    spread: float
    edges: EdgesSeen | None
    contrast: float | None


@dataclass(frozen=True, kw_only=True)
class Local(Segmenter):
    """Objects are brighter (or darker) than their surroundings.

    Follows uneven light. Fails inside objects larger than the window, which come out
    hollow, and finds noise where there are no objects.

    Parameters
    ----------
    method : {"sauvola", "mean", "gauss"}
        Sauvola's cutoff rises with the contrast of the surroundings; "mean" and "gauss"
        compare with the plain or Gauss-weighted mean of the surroundings.
    window : int
        Width of the surroundings in pixels; 0 is an eighth of the shorter side. What is
        wider than 256 is looked up in a reduced copy of the picture.
    sensitivity : float
        Sauvola's k, from 0 to 1; for "mean" and "gauss" how far above the surroundings
        an object is, in standard deviations of the picture.
    polarity : {"auto", "bright", "dark"}
    flatten, denoise : float
        See `segmetry.segment.grey_for_segmenting`. In pixels.
    edges : {"halfway", "cutoff"}
        Where an edge lies; see `segmetry.segment.edges`.
    **options
        The options of every `Segmenter`.

    Examples
    --------
    >>> from segmetry.image import Image
    >>> pixels = np.tile(np.arange(100.0) / 4, (100, 1))
    >>> pixels[40:60, 10:20] += 60
    >>> pixels[40:60, 70:80] += 60
    >>> len(Local(window=45, min_area=60)(Image(pixels)).ids)
    2
    """

    name: ClassVar[str] = "local"
    takes_tiles: ClassVar[bool] = True

    method: Literal["sauvola", "mean", "gauss"] = field(
        default="mean", metadata=about("How the cutoff follows the surroundings.")
    )
    window: int = field(
        default=0,
        metadata=about(
            "Width of the surroundings, in pixels; 0 is an eighth of the shorter side.",
            tunable=(0, 15, 31, 61, 121, 241),
            low=0,
            high=10_001,
        ),
    )
    sensitivity: float = field(
        default=0.2,
        metadata=about(
            "How far above its surroundings an object is.", low=0, high=5, tunable=(0, 1)
        ),
    )
    polarity: Polarity = field(default="auto", metadata=POLARITY)
    denoise: float = field(default=1.0, metadata=DENOISE)
    flatten: float = field(default=0, metadata=FLATTEN)
    edges: Edges = field(default="halfway", metadata=EDGES)

    def survey(self, tiled: TiledImage, *, over: Over = map) -> "LocalSurvey":
        """Return what this method has to know of a whole picture; see `Segmenter`."""
        ground = ground_of(tiled, flatten=self.flatten, over=over)
        smooth = Smooth(ground, self.denoise)
        polarity = self.polarity
        if polarity == "auto":
            polarity = self._polarity(tiled, ground, over)
        bins = bins_of(tiled, smooth, over=over)
        width = self.window or max(
            _SMALLEST_WINDOW, min(tiled.spatial_shape) // _WINDOWS_PER_SIDE
        )
        width |= 1  # odd, so that it has a centre
        surroundings = surroundings_of(
            tiled,
            smooth,
            bins,
            width=width,
            weights="gauss" if self.method == "gauss" else "even",
            with_spread=self.method == "sauvola",
            over=over,
        )
        edges = None
        if self.edges == "halfway":
            edges = edges_seen(
                tiled, ground, polarity=polarity, denoise=self.denoise, over=over
            )
        survey = LocalSurvey(
            smooth=smooth,
            surroundings=surroundings,
            polarity=polarity,
            low=bins.low,
            high=bins.high,
            spread=bins.spread,
            edges=edges,
            contrast=None,
            found={"found_window": width, "found_polarity": polarity},
        )
        if edges is None:
            return survey
        return replace(survey, contrast=contrast_of(self, tiled, survey, over=over))

    def _polarity(
        self, tiled: TiledImage, ground: Ground, over: Over
    ) -> Literal["bright", "dark"]:
        """Return which objects there are by one cutoff, without uneven light."""
        if ground.light is None:
            scale = min(tiled.spatial_shape) / 2
            light = light_of(tiled, Smooth(ground, 0), scale=scale, over=over)
            ground = replace(ground, light=light)
        even = Smooth(ground, self.denoise)
        cutoff = cutoff_in(bins_of(tiled, even, over=over), "otsu")
        return polarity_in(tiled, even, cutoff, over=over)

    def maps_in(self, tiled: TiledImage, window: Window, survey: Survey) -> Maps:
        """Return the maps of a window, those of the whole picture; see `Segmenter`."""
        assert isinstance(survey, LocalSurvey)  # noqa: S101 - for the type checker
        edges, smooth, surroundings = survey.edges, survey.smooth, survey.surroundings
        reach = max(smooth.reach + surroundings.reach, 0 if edges is None else edges.reach)
        part = part_of(tiled, window, reach)
        grey = smooth.of_all(part)
        foreground = how_bright(
            grey[part.inner],
            self._cutoff(surroundings.of(grey, part), survey),
            polarity=survey.polarity,
            span=survey.high - survey.low,
        )
        return Maps(
            foreground,
            edge_grey=None if edges is None else edges.of(part),
            contrast=survey.contrast,
            found=survey.found,
        )

    def _cutoff(self, around: Around, survey: "LocalSurvey") -> NDArray[np.float32]:
        sign = np.float32(-1 if survey.polarity == "dark" else 1)
        if around.spread is None:
            away = np.float32(self.sensitivity * survey.spread)
            return np.asarray(around.mean + sign * away)
        # Sauvola's is for dark letters on bright paper: grey values are counted from the
        # brightest of the picture down, or where objects are dark from the darkest up.
        paper = np.float32(survey.low if survey.polarity == "dark" else survey.high)
        half_range = np.float32(max((survey.high - survey.low) / 2, _TINY))
        share = 1 + np.float32(self.sensitivity) * (around.spread / half_range - 1)
        return np.asarray(paper - (paper - around.mean) * share)
