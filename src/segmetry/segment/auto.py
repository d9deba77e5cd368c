"""The method that a picture asks for, and why.

Each candidate is tried on a reduced copy of the picture, and the one whose objects look
most like objects is run on the picture itself; see `segmetry.segment.quality`. Candidates
and weights were chosen on the training parts of two sets of electron micrographs of
particles. Other pictures (networks, tissue, layers) may need a choice by hand.
"""

import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from itertools import product
from typing import Any, ClassVar

import numpy as np

from segmetry.errors import SegmetryWarning
from segmetry.image import Image, Labels, Step
from segmetry.segment.ground import Ground, filled, ground_of
from segmetry.segment.local import Local
from segmetry.segment.objects import fill_holes, large_objects, number_objects
from segmetry.segment.options import EDGES, POLARITY, Edges, Polarity, about
from segmetry.segment.polarity import reduction
from segmetry.segment.quality import Traits, object_sums, score, traits
from segmetry.segment.reducing import Patch, patch, reduced_shape, whole
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.survey import Survey
from segmetry.segment.threshold import Method, Threshold
from segmetry.segment.values import in_memory
from segmetry.segment.windows import Over, blocks, everywhere, part_of
from segmetry.tiled import TiledImage, Window

__all__ = ["Auto", "AutoSurvey", "Trial"]

_FLATTEN = 0.5  # of the shorter side: light, not objects
_SHARES = (0.0, 0.02, 0.08)  # of the typical area; below it are specks
_SMALLEST = 4  # pixels of the reduced picture
_AROUND = 3  # pixels around a sample that is not reduced: the least that has two sides
_ENOUGH = 1000  # pixels of the reduced picture that belong to the sample
# Of 84 train pictures, 5 of the 7 with an F1 below 0.3 lie below, 8 of the 64 above 0.6.
_RAGGED = 0.945  # how well objects fill their ellipses; a rectangle has 0.955
_LI_BONUS = 0.04  # Li's cutoff was right more often than its traits tell

_NAMES = {
    "otsu": "Otsu's cutoff",
    "li": "Li's cutoff",
    "triangle": "the triangle cutoff",
    "mean": "the mean of the surroundings",
    "sauvola": "Sauvola's local cutoff",
}


@dataclass(frozen=True)
class Trial:
    """One candidate, and how its objects look on the reduced picture.

    Parameters
    ----------
    segmenter : Segmenter
        The candidate, with options in pixels of the full picture.
    found : Traits or None
        `None` where it finds no objects.
    score : float
        Higher is better, within one picture.
    """

    segmenter: Threshold | Local
    found: Traits | None
    score: float


@dataclass(frozen=True, kw_only=True, eq=False)
class AutoSurvey(Survey):
    """Which candidate is chosen for a picture, and what that has to know of it.

    Parameters
    ----------
    chosen : Segmenter
    survey : Survey
        Of the picture, by the chosen one.
    """

    chosen: Threshold | Local
    survey: Survey


@dataclass(frozen=True, kw_only=True)
class Auto(Segmenter):
    """Choose method, polarity, flattening and smallest object for a picture.

    Fails where objects are as irregular as their background, of which a warning tells
    mostly, and drops small objects where it takes them for specks; the reason in the
    result's history says so.

    Parameters
    ----------
    polarity : {"auto", "bright", "dark"}
    edges : {"halfway", "cutoff"}
        Where an edge lies; see `segmetry.segment.edges`.
    min_share : float
        As in every `Segmenter`, but -1 lets the picture decide between 0, 2 and 8 %.
    **options
        The other options of every `Segmenter`.

    Examples
    --------
    >>> pixels = np.full((40, 40), 200, np.uint8)
    >>> pixels[10:20, 10:20] = 30
    >>> step = Auto()(Image(pixels)).steps[0]
    >>> step.options["chosen"]["polarity"]
    'dark'
    """

    name: ClassVar[str] = "auto"
    takes_tiles: ClassVar[bool] = True

    polarity: Polarity = field(default="auto", metadata=POLARITY)
    edges: Edges = field(default="halfway", metadata=EDGES)
    min_share: float = field(
        default=-1.0,
        metadata=about(
            "Objects below this share of the typical area are dropped as specks; "
            "-1 lets the picture decide.",
            low=-1,
            high=1,
            tunable=(-1, 0, 0.02, 0.05, 0.1, 0.2),
        ),
    )

    def survey(self, tiled: TiledImage, *, over: Over = map) -> "AutoSurvey":
        """Return which candidate is chosen for a picture, and what that has to know of it.

        Warns
        -----
        SegmetryWarning
            If its objects are as ragged as where it failed on pictures with known objects.
        """
        best, second = _best_two(self._trials_of(tiled, over))
        if doubt := _doubt(best.found):
            warnings.warn(doubt, SegmetryWarning, stacklevel=2)
        survey = best.segmenter.survey(tiled, over=over)
        found = {
            **survey.found,
            "reason": _reason(best, second),
            "chosen": {
                "segmenter": best.segmenter.name,
                **_non_defaults(best.segmenter),
            },
        }
        return AutoSurvey(chosen=best.segmenter, survey=survey, found=found)

    def settled(self, survey: Survey) -> tuple[Segmenter, Survey]:
        """Return the chosen candidate and its own survey; see `Segmenter`."""
        assert isinstance(survey, AutoSurvey)  # noqa: S101 - for the type checker
        return survey.chosen, survey.survey

    def maps_in(self, tiled: TiledImage, window: Window, survey: Survey) -> Maps:
        """Return the maps of a window by the chosen candidate; see `Segmenter`."""
        method, its_survey = self.settled(survey)
        maps = method.maps_in(tiled, window, its_survey)
        return replace(maps, found=survey.found)

    def labels_and_maps(self, image: Image) -> tuple[Labels, Maps]:
        """Return the objects that the chosen candidate finds, and its maps.

        Warns
        -----
        SegmetryWarning
            If they are as ragged as where it failed on pictures with known objects.
        """
        if image.axes.startswith("Z"):
            return super().labels_and_maps(image)
        tiled = in_memory(image)
        survey = self.survey(tiled)
        maps = self.maps_in(tiled, everywhere(tiled.spatial_shape), survey)
        labels, maps = self.settled(survey)[0].found_in(image, maps)
        step = Step(self.name, {**asdict(self), **survey.found})
        return replace(labels, steps=(step,)), maps

    def trials(self, image: Image) -> list[Trial]:
        """Try all candidates on a reduced copy of a picture.

        Parameters
        ----------
        image : Image
            Axes YX or YXC.

        Returns
        -------
        list of Trial

        Raises
        ------
        PictureError
            If there is nothing to segment in the picture, or it is a stack.
        """
        return self._trials_of(in_memory(image), map)

    def _trials_of(self, tiled: TiledImage, over: Over) -> list[Trial]:
        small = _reduced(tiled, over)
        return [
            trial
            for candidate in self._candidates()
            for trial in self._tried(candidate, tiled.spatial_shape, small)
        ]

    def _candidates(self) -> Iterator[Threshold | Local]:
        """Yield all candidates; their `flatten` is 1 where it stands for a scale."""
        shared: dict[str, Any] = {
            option: getattr(self, option)
            for option in ("min_area", "fill_holes", "separate", "waist", "edges")
        }
        polarities: list[Polarity] = ["bright", "dark"]
        methods: tuple[Method, ...] = ("otsu", "li", "triangle")
        for polarity in polarities if self.polarity == "auto" else [self.polarity]:
            both = {**shared, "polarity": polarity, "denoise": 2.0}
            for method, flatten in product(methods, (0, 1)):
                yield Threshold(method=method, flatten=flatten, **both)
                yield Threshold(method=method, flatten=flatten, **{**both, "denoise": 1.0})
            yield Local(method="mean", sensitivity=0, **both)
            yield Local(method="sauvola", **both)

    def _tried(
        self, candidate: Threshold | Local, shape: tuple[int, int], small: "_Small"
    ) -> Iterator[Trial]:
        """Yield the candidate with each share of the typical area that it may drop."""
        factor = small.factor
        on_small = replace(
            candidate,
            denoise=candidate.denoise / factor,
            flatten=candidate.flatten * _FLATTEN * min(small.image.spatial_shape),
            edges="cutoff",
        )
        on_full = replace(candidate, flatten=candidate.flatten * _FLATTEN * min(shape))
        included = small.image.included
        foreground = (on_small.maps(small.image).foreground > 0.5) & included
        filled = fill_holes(foreground) & included if self.fill_holes else foreground
        labels = number_objects(
            filled,
            min_area=max(round(self.min_area / factor**2), _SMALLEST),
            separate=self.separate,
            waist=self.waist,
        )
        objects = object_sums(
            labels, small.image.grey, before_filling=foreground, included=included
        )
        bonus = _LI_BONUS if candidate.method == "li" else 0.0
        for share in _SHARES if self.min_share < 0 else (self.min_share,):
            found = traits(objects, large_objects(objects.area, share))
            yield Trial(replace(on_full, min_share=share), found, score(found) + bonus)


@dataclass(frozen=True)
class _Small:
    """A reduced copy of a picture.

    Parameters
    ----------
    image : Image
    factor : float
        Pixels of the picture that are one of the copy.
    """

    image: Image
    factor: float


def _reduced(tiled: TiledImage, over: Over) -> _Small:
    shape = tiled.spatial_shape
    ground, factor = ground_of(tiled, over=over), reduction(shape)
    if factor > 1:
        small = reduced_shape(shape, factor)
        work = partial(_grey_and_included, tiled, ground, small)
        pairs = list(over(work, blocks(shape)))
        grey, share = (whole((pair[k] for pair in pairs), small) for k in (0, 1))
        included = share >= 0.5
        if not ground.values.is_cut or np.sum(included) >= _ENOUGH:
            return _Small(Image(grey, excluded=~included), factor)
    # Too little of a reduced copy would be left to choose by: take the sample as it is.
    rows, columns = ground.values.rows or (0, 0), ground.values.columns or (0, 0)
    box = slice(rows[0], rows[1] + 1), slice(columns[0], columns[1] + 1)
    part = part_of(tiled, box, _AROUND)
    return _Small(Image(filled(part, ground), excluded=part.image.excluded), 1.0)


def _grey_and_included(
    tiled: TiledImage, ground: Ground, small: tuple[int, int], window: Window
) -> tuple[Patch, Patch]:
    part = part_of(tiled, window, 0)
    grey, shape = filled(part, ground), tiled.spatial_shape
    included = part.image.included
    return patch(grey, window, shape, small), patch(included, window, shape, small)


def _best_two(trials: list[Trial]) -> tuple[Trial, Trial | None]:
    """Return the best trial, and the best of the other methods or polarities."""
    best = max(trials, key=lambda trial: trial.score)
    kind = (best.segmenter.method, best.segmenter.polarity)
    others = [
        trial
        for trial in trials
        if (trial.segmenter.method, trial.segmenter.polarity) != kind and trial.found
    ]
    return best, max(others, key=lambda trial: trial.score, default=None)


def _reason(best: Trial, second: Trial | None) -> str:
    """Say in one sentence what was chosen and what spoke for it."""
    if best.found is None:
        return f"No candidate finds objects that stand out; {_told(best)} was run."
    traits_told = (
        f"its objects are regular (they fill {100 * best.found.regular:.0f} % of their "
        f"ellipses) and its background even ({100 * best.found.uneven:.0f} % of the "
        "picture's spread)"
    )
    rival = f"; next came {_told(second)}" if second else ""
    return f"Chosen: {_told(best)}, because {traits_told}{rival}."


def _doubt(found: Traits | None) -> str:
    """Return a warning where objects look as they do where the choice mostly failed."""
    if found is None or found.regular >= _RAGGED:
        return ""
    return (
        "The method auto is in doubt: its objects are ragged, as they are where it mostly "
        "fails; look at the overlay, and choose another method where it is wrong."
    )


def _told(trial: Trial) -> str:
    chosen = trial.segmenter
    text = f"{_NAMES[chosen.method]} for {chosen.polarity} objects"
    if chosen.flatten:
        text += " after flattening the light"
    if chosen.min_share:
        text += f", without specks below {100 * chosen.min_share:.0f} % of the typical area"
    return text


def _non_defaults(segmenter: Threshold | Local) -> dict[str, Any]:
    return {
        item.name: getattr(segmenter, item.name)
        for item in fields(segmenter)
        if getattr(segmenter, item.name) != item.default
    }
