"""Segmenters that run a trained network, without torch."""

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ModelError, RecipeError, SegmetryWarning
from segmetry.image import Image, Labels
from segmetry.models.card import Card, is_classifier
from segmetry.models.confidence import confidence_of, object_features
from segmetry.models.file import read_model
from segmetry.models.flips import over_flips
from segmetry.models.looks import (
    SCALE_POWERS,
    Evidence,
    Fitted,
    Picture,
    evidence,
    fitted,
)
from segmetry.models.network import Network, Precision
from segmetry.models.outputs import class_names, counted, cutoffs_of, named_maps
from segmetry.models.resampling import resampled_in
from segmetry.models.scale import allowed_factor, typical_diameter
from segmetry.models.scaling import scaling_in
from segmetry.models.sight import NetworkSurvey, Shown, View
from segmetry.models.store import find_model
from segmetry.models.suitability import doubts, unsure
from segmetry.models.tiling import Predict, blended_in, tile_sizes
from segmetry.segment.boundaries import cut_by_boundary
from segmetry.segment.flows import MARGIN, FlowFrame, follow_flows
from segmetry.segment.ground import ground_of
from segmetry.segment.objects import fill_holes, number_objects
from segmetry.segment.options import about
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.survey import Survey
from segmetry.segment.windows import Over, everywhere
from segmetry.tiled import TiledImage, Window

__all__ = ["NetworkSegmenter", "Nuclei", "Particles", "cutoffs_of"]

_MODEL = about("Name of a model that is shipped or was added, or a file NAME.segmodel.")
_MIN_AREA = 16  # pixels, where a card says nothing
_MOST_LOOKED_AT = 2**22  # pixels; in larger pictures nobody asks how large objects are
_TAPS = 2  # pixels that an interpolated one is made of lie within so many of it


@dataclass(frozen=True, kw_only=True)
class NetworkSegmenter(Segmenter):
    """Objects as a trained network sees them.

    Pictures are brought to the scale of the training by the size of their objects, and
    run at full resolution, tile by tile. Fails on objects of a kind that the model has
    not learned, and where it takes the parts of large objects for objects: type the
    diameter then. A model for counts tells how many objects there are, and finds none.

    Parameters
    ----------
    model : str
        Name of a model that is shipped or was added, or a file NAME.segmodel.
    diameter : float
        Typical diameter of the objects in pixels; 0 finds it in the picture.
    flips : bool
        Average over the picture and its mirror images: four times the work.
    precision : {"auto", "fp32", "bf16", "int8"}
        In which numbers the network computes. "auto" takes the fastest that was found
        to give the same objects when the model was made.
    cutoff : float
        Pixels more likely than this belong to an object; -1 takes the model's own choice.
    min_confidence : float
        Objects less likely than this to be true ones are dropped; -1 takes the model's
        own choice. Does nothing where the model does not know.
    min_area : int
        Smaller objects are dropped, in pixels; 0 takes the model's own choice.
    fill_holes : bool
        Fill background that an object encloses. Models that tell pixels or classes apart
        know holes themselves, and never do.
    waist : float
        Objects are cut where they are narrower than this share of the smaller one. Does
        nothing where the model tells the way to the middle of each object, as `nuclei`
        and `particles` do.
    **options
        The other options of every `Segmenter`.

    Raises
    ------
    RecipeError
        If no such model is there, its file is no model, or a value is not one that its
        option can take.
    """

    name: ClassVar[str] = "network"
    takes_tiles: ClassVar[bool] = True

    model: str = field(default="", metadata=_MODEL)
    diameter: float = field(
        default=0.0,
        metadata=about(
            "Typical diameter of the objects in pixels; 0 finds it in the picture.",
            low=0,
            high=10_000,
            tunable=(0, 8, 12, 18, 27, 40, 60, 90, 135),
        ),
    )
    flips: bool = field(
        default=False,
        metadata=about(
            "Average over mirror images: four times slower; no gain on nuclei.", tunable=()
        ),
    )
    precision: Precision = field(
        default="auto",
        metadata=about(
            "Numbers the network computes in; auto takes the fastest checked.", tunable=()
        ),
    )
    cutoff: float = field(
        default=-1.0,
        metadata=about(
            "Pixels more likely than this are of an object; -1 takes the model's choice.",
            low=-1,
            high=1,
            tunable=(-1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        ),
    )
    min_confidence: float = field(
        default=-1.0,
        metadata=about(
            "Objects less likely to be true ones are dropped; -1 takes the model's choice.",
            low=-1,
            high=1,
            tunable=(-1, 0, 0.2, 0.4, 0.6, 0.8),
        ),
    )
    min_area: int = field(
        default=0,
        metadata=about(
            "Smaller objects are dropped, in pixels; 0 takes the model's choice.",
            low=0,
            tunable=(0, 4, 16, 64, 256, 1024),
        ),
    )
    fill_holes: bool = field(
        default=True,
        metadata=about(
            "Fill background that an object encloses; models that tell pixels or classes "
            "apart know holes themselves, and never do."
        ),
    )
    waist: float = field(
        default=0.85,
        metadata=about(
            "Cut where two objects are narrower than this share of the smaller one. Models "
            "that know the way to each object's middle do not use it.",
            low=0,
            high=1,
        ),
    )

    def __post_init__(self) -> None:
        """Refuse values that an option cannot take, and models that are not there."""
        super().__post_init__()
        if not self.model:
            msg = "the segmenter 'network' needs a model: --set model=NAME or a file"
            raise RecipeError(msg)
        try:
            card = read_model(find_model(self.model)).card
        except ModelError as error:
            raise RecipeError(str(error)) from error
        if is_classifier(card):
            kind = card.architecture["kind"]
            msg = f"{self.model} is no network, but a model for the segmenter {kind!r}"
            raise RecipeError(msg)

    def survey(self, tiled: TiledImage, *, over: Over = map) -> NetworkSurvey:
        """Return what the network has to know of a whole picture, its scale above all.

        Raises
        ------
        PictureError
            If there is nothing to segment in the picture, or it is a stack.
        ModelError
            If the model's file is damaged, or cannot be run.
        """
        is_cut = ground_of(tiled, over=over).values.is_cut
        network = self._network()
        card = network.card
        scaling = scaling_in(tiled, card.normalization, channels=card.channels, over=over)
        shown = Shown(tiled, scaling, card.channels, is_cut)
        sight = self._sight(network, shown)
        for sentence in doubts(card, tiled, diameter=sight.diameter, factor=sight.factor):
            warnings.warn(sentence, SegmetryWarning, stacklevel=2)
        view, seen, found = shown.view(sight.factor), sight.found, _found(network, sight)
        if card.task == "counts":
            seen = self._seen(view) if seen is None else seen
            found |= counted(card.outputs, seen.values, view.included())
        return NetworkSurvey(
            scaling=scaling,
            grid=view.grid,
            values=None if seen is None else seen.values,
            objects=seen.objects if seen and view.grid == view.shape else None,
            found=found,
        )

    def maps_in(self, tiled: TiledImage, window: Window, survey: Survey) -> Maps:
        """Return the network's maps of a window; see `Segmenter`."""
        assert isinstance(survey, NetworkSurvey)  # noqa: S101 - for the type checker
        card, shape, grid = self._network().card, tiled.spatial_shape, survey.grid
        view = View(
            Shown(tiled, survey.scaling, card.channels), everywhere(shape), survey.grid
        )
        rows, columns = around = _around(window, shape, grid)
        if survey.values is None:
            values = self._run(view, around, survey.kept)
        else:
            values = survey.values[around]

        def bring(plane: NDArray[np.float32]) -> NDArray[np.float32]:
            def read(own: Window) -> NDArray[np.float32]:
                return plane[
                    own[0].start - rows.start : own[0].stop - rows.start,
                    own[1].start - columns.start : own[1].stop - columns.start,
                ]

            return resampled_in(read, grid, shape, window)

        cutoff = self.cutoff_for(card)
        maps = named_maps(card.outputs, values, cutoff=cutoff, bring=bring)
        frame = FlowFrame(
            shape,
            grid,
            (window[0].start, window[1].start),
            (rows.start, columns.start),
        )
        objects = survey.objects if window == everywhere(shape) else None
        return replace(maps, flow_frame=frame, objects=objects, found=survey.found)

    def settled(self, survey: Survey) -> tuple[Segmenter, Survey]:
        """Return the method with the choices that are left to its model."""
        return replace(
            self, fill_holes=self._fills_holes, min_area=self._least_area
        ), survey

    @property
    def judges_together(self) -> bool:
        """Whether it drops objects that are unlikely against all others."""
        return self._network().card.confidence is not None and self.min_confidence != 0

    @property
    def _fills_holes(self) -> bool:
        return self.fill_holes and self._network().card.task == "objects"

    @property
    def _least_area(self) -> int:
        usual = self._network().card.cutoffs.get("min_area", _MIN_AREA)
        return self.min_area or int(usual)

    def files(self) -> Mapping[str, str]:
        """Return the SHA-256 of the model's file, by its name.

        Raises
        ------
        ModelError
            If the file is damaged.
        """
        path = find_model(self.model)
        read_model(path).verify()
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}

    def labels_and_maps(self, image: Image) -> tuple[Labels, Maps]:
        """Return the objects of a picture, and the maps in which they were found.

        Where the model knows how sure each object is, `Maps.confidence` tells it.
        """
        card = self._network().card
        if self.fill_holes != self._fills_holes:
            return replace(self, fill_holes=False).labels_and_maps(image)
        labels, maps = super().labels_and_maps(image)
        if card.confidence is None:
            return labels, maps
        confidence = confidence_of(object_features(labels, maps), card.confidence)
        usual = card.cutoffs.get("min_confidence", 0.0)
        # The picture is judged, so it does not matter what a person wants to keep of it.
        if sentence := unsure(card, confidence, least=usual):
            warnings.warn(sentence, SegmetryWarning, stacklevel=2)
        keep = confidence >= (usual if self.min_confidence < 0 else self.min_confidence)
        names = np.zeros(len(keep) + 1, np.uint32)
        names[1:][keep] = np.arange(1, keep.sum() + 1)
        labels = replace(labels, data=names[labels.data])
        kinds = maps.object_classes
        kinds = None if kinds is None else kinds[keep]
        return labels, replace(maps, confidence=confidence[keep], object_classes=kinds)

    def cut(self, foreground: NDArray[np.bool_], maps: Maps) -> NDArray[np.uint32]:
        """Return the objects of a foreground, cut and cut apart where touching."""
        card, min_area = self._network().card, self._least_area
        if self.separate and maps.boundary is not None:
            return cut_by_boundary(foreground, maps.boundary, min_area=min_area)
        if not self.separate or maps.flows is None:
            return number_objects(
                foreground, min_area=min_area, separate=self.separate, waist=self.waist
            )
        return follow_flows(
            foreground,
            maps.flows,
            least=cutoffs_of(card).least,
            min_area=min_area,
            frame=maps.flow_frame,
        )

    def usual_factor(self, image: Image) -> float:
        """Return at which scale a model sees a picture that does not look for its own."""
        del image  # for segmenters that know their pictures
        return 1.0

    def cutoff_for(self, card: Card) -> float:
        """Return the probability over which a pixel belongs to an object."""
        return cutoffs_of(card).foreground if self.cutoff < 0 else self.cutoff

    def _network(self) -> Network:
        path = find_model(self.model)
        changed = path.stat()
        return _opened(path, (changed.st_mtime_ns, changed.st_size), self.precision)

    def _sight(self, network: Network, shown: Shown) -> "Fitted[_Seen]":
        """Return the scale at which the network sees the picture best."""
        card, shape = network.card, shown.tiled.spatial_shape
        n_pixels = shape[0] * shape[1]
        if self.diameter > 0:
            factor = allowed_factor(_diameter_px(card) / self.diameter, n_pixels)
            return Fitted(None, factor, self.diameter)
        if card.scale == "native":
            corner = shown.tiled.read((slice(0, 1), slice(0, 1)))
            factor = allowed_factor(self.usual_factor(corner), n_pixels)
            if n_pixels * factor**2 > _MOST_LOOKED_AT:
                return Fitted(None, factor, None)
            seen = self._seen(shown.view(factor))
            return Fitted(seen, factor, typical_diameter(seen.objects))

        def run(factor: float, window: Window) -> _Seen:
            return self._seen(shown.view(factor, window))

        def judge(seen: _Seen, factor: float, window: Window) -> Evidence:
            return evidence(
                seen.objects,
                seen.maps,
                wanted=_diameter_px(card),
                factor=factor,
                power=card.cutoffs.get("scale_power", SCALE_POWERS[0]),
                origin=(window[0].start, window[1].start),
            )

        picture = Picture(shape, run, judge, shown.liveliest)
        return fitted(picture, wanted=_diameter_px(card))

    def _seen(self, view: View) -> "_Seen":
        return _Seen(self, self._run(view, everywhere(view.grid)), view)

    def _run(
        self, view: View, window: Window, kept: Path | None = None
    ) -> NDArray[np.float32]:
        """Return the network's maps of a window of what it sees."""
        network = self._network()
        predict: Predict = network.predict
        if self.flips:
            predict = over_flips(predict, network.card.outputs)
        return blended_in(
            predict,
            view.pixels,
            view.grid,
            window,
            n_outputs=len(network.card.outputs),
            sizes=tile_sizes(network.card),
            kept=kept,
        )


@dataclass(frozen=True, eq=False)
class _Seen:
    """What a network gave at one scale, and the objects in it.

    Parameters
    ----------
    segmenter : NetworkSegmenter
    values : ndarray of float32, shape (Y', X', K)
    view : View
        What it was shown.
    """

    segmenter: NetworkSegmenter
    values: NDArray[np.float32]
    view: View

    @cached_property
    def maps(self) -> Maps:
        """Maps under their names, at the scale of the look."""
        card = self.segmenter._network().card  # noqa: SLF001 - a part of it
        return named_maps(card.outputs, self.values, cutoff=self.segmenter.cutoff_for(card))

    @cached_property
    def objects(self) -> NDArray[np.uint32]:
        """Objects at the scale of the look."""
        inside = self.view.included()
        foreground = (self.maps.foreground > self.maps.cutoff) & inside
        if self.segmenter.fill_holes:
            foreground = fill_holes(foreground) & inside
        return self.segmenter.cut_apart(foreground, self.maps)


@dataclass(frozen=True, kw_only=True)
class Nuclei(NetworkSegmenter):
    """Nuclei of cells, in fluorescence and in stained tissue, by the shipped model."""

    name: ClassVar[str] = "nuclei"

    model: str = field(default="nuclei", metadata=_MODEL)


@dataclass(frozen=True, kw_only=True)
class Particles(NetworkSegmenter):
    """Particles in electron micrographs, by the shipped model."""

    name: ClassVar[str] = "particles"

    model: str = field(default="particles", metadata=_MODEL)


@lru_cache(maxsize=2)
def _opened(path: Path, changed: tuple[int, int], precision: Precision) -> Network:
    """Open a network once for many pictures, and again when its file has changed."""
    del changed
    return Network.open(read_model(path), precision=precision)


def _around(window: Window, shape: tuple[int, int], grid: tuple[int, int]) -> Window:
    """Return what a network must see for a window, and for the flows around it."""
    rows, columns = (
        slice(
            max(side.start * n // length - MARGIN - _TAPS, 0),
            min(-(-side.stop * n // length) + MARGIN + _TAPS, n),
        )
        for side, length, n in zip(window, shape, grid, strict=True)
    )
    return rows, columns


def _diameter_px(card: Card) -> float:
    if card.diameter_px is None:
        msg = (
            f"the model {card.name} does not know how large its objects were; leave "
            "diameter at 0"
        )
        raise RecipeError(msg)
    return card.diameter_px


def _found(network: Network, sight: Fitted[_Seen]) -> dict[str, Any]:
    card = network.card
    classes = class_names(card)
    return {
        **({"classes": classes} if classes else {}),
        "found_model": card.name,
        "model_sha256": card.files["model.onnx"],
        "found_precision": network.precision,
        "found_diameter": None if sight.diameter is None else round(sight.diameter, 2),
        "scale": round(sight.factor, 4),
        "reason": f"Chosen: the model {card.name}.",
    }
