"""What all segmenters share: options, and the way from maps to numbered objects."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RecipeError
from segmetry.image import Image, Labels, Step
from segmetry.segment.options import about, check, options_of
from segmetry.segment.survey import Survey
from segmetry.segment.windows import Over, everywhere
from segmetry.tiled import TiledImage, Window

if TYPE_CHECKING:
    from segmetry.segment.flows import FlowFrame

__all__ = ["Maps", "Segmenter"]


@dataclass(frozen=True, eq=False)
class Maps:
    """What a method knows about each pixel of a picture, and about each object.

    Parameters
    ----------
    foreground : ndarray of float32, shape (Y, X)
        From 0 (surely background) to 1 (surely object); objects are where it is over
        `cutoff`.
    flows : ndarray of float32, shape (Y', X', 2), or None
        Where the method knows it: rows and columns by which one moves towards the middle
        of the object, of length 1 where the method is certain. In pixels of its own
        grid, which covers the picture: a network sees pictures at a scale of its own.
    flow_frame : FlowFrame or None
        Where a window of the picture and of its flows lie; `None` where this is all.
    boundary : ndarray of float32, shape (Y, X), or None
        Where the method knows it: how likely a pixel lies where two objects meet.
    classes : ndarray of float32, shape (Y, X, C), or None
        Probability of each class; see `segmetry.segment.classes`.
    class_names : tuple of str
        What kinds of objects the method tells apart, one name for each class, the
        background first. Empty where classes are mere groups of pixels, without a name.
    edge_grey : ndarray of float32, shape (Y, X), or None
        Grey values in which objects are bright, where edges shall lie halfway between
        object and ground; `None` leaves them where the foreground is 0.5.
    contrast : float or None
        Of the whole picture in `edge_grey`: how much brighter objects are than the ground.
        `None` takes that of the objects that were found.
    cutoff : float
    objects : ndarray of uint32, shape (Y, X), or None
        Where the method had to cut the objects already: they are not cut again.
    confidence : ndarray of float32, shape (n_objects,), or None
        Where the method knows it: how likely each object is a true one, in the order of
        their numbers.
    object_classes : ndarray of uint8, shape (n_objects,), or None
        Where the method tells kinds of objects apart: the class of each, in the order of
        their numbers.
    found : dict
        What the method found in this picture, as JSON values: "threshold", "polarity",
        "reason".
    """

    foreground: NDArray[np.float32]
    flows: NDArray[np.float32] | None = None
    flow_frame: "FlowFrame | None" = None
    boundary: NDArray[np.float32] | None = None
    classes: NDArray[np.float32] | None = None
    class_names: tuple[str, ...] = ()
    edge_grey: NDArray[np.float32] | None = None
    contrast: float | None = None
    cutoff: float = 0.5
    objects: NDArray[np.uint32] | None = None
    confidence: NDArray[np.float32] | None = None
    object_classes: NDArray[np.uint8] | None = None
    found: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Segmenter:
    """Base of all methods that find objects: the options that each of them has.

    A method adds its own options and `maps`. Calling a segmenter gives the objects.

    Parameters
    ----------
    min_area : int
        Smaller objects are dropped, in pixels.
    min_share : float
        Objects below this share of the typical (area-weighted mean) area are dropped. It
        cuts off the small end of the size distribution, so it is 0 unless asked for.
    fill_holes : bool
        Fill background that an object encloses.
    separate : bool
        Cut objects that touch. `False` keeps fibres and vessels in one piece.
    waist : float
        Objects are cut where they are narrower than this share of the smaller one.

    Raises
    ------
    RecipeError
        If a value is not one that its option can take.
    """

    name: ClassVar[str] = ""
    has_field_of_view: ClassVar[bool] = False  # made for pictures of a fundus camera
    picks_channel: ClassVar[bool] = False  # of several it looks in one, unless told which
    takes_volumes: ClassVar[bool] = False  # others are for single pictures only
    takes_tiles: ClassVar[bool] = False  # has `survey` and `maps_in`

    min_area: int = field(
        default=16,
        metadata=about("Smaller objects are dropped, in pixels.", low=1, tunable=(4, 1000)),
    )
    min_share: float = field(
        default=0.0,
        metadata=about(
            "Objects below this share of the typical area are dropped as specks.",
            low=0,
            high=1,
            tunable=(0, 0.3),
        ),
    )
    fill_holes: bool = field(
        default=True, metadata=about("Fill background that an object encloses.")
    )
    separate: bool = field(
        default=True, metadata=about("Cut objects that touch; no for fibres and vessels.")
    )
    waist: float = field(
        default=0.85,
        metadata=about(
            "Cut where two objects are narrower than this share of the smaller one.",
            low=0,
            high=1,
            tunable=(0.5, 1),
        ),
    )

    def __post_init__(self) -> None:
        """Refuse values that an option cannot take."""
        for known in options_of(type(self)):
            check(known, getattr(self, known.name))

    def maps(self, image: Image) -> Maps:
        """Return what the method knows about each pixel.

        A method that takes tiles knows it by `survey` and `maps_in`; others have their
        own way, and look at the picture as a whole.
        """
        from segmetry.segment.values import in_memory

        if not self.takes_tiles:
            raise NotImplementedError
        tiled = in_memory(image)
        window = everywhere(tiled.spatial_shape)
        return self.maps_in(tiled, window, self.survey(tiled))

    def survey(self, tiled: TiledImage, *, over: Over = map) -> Survey:
        """Return what the method has to know of a whole picture to see any part of it.

        Parameters
        ----------
        tiled : TiledImage
            Read block by block; it may be larger than memory.
        over : callable
            `map`, or what does the same in several processes.

        Raises
        ------
        RecipeError
            If the method needs the whole picture at once.
        PictureError
            If there is nothing to segment in the picture.
        """
        del tiled, over
        raise RecipeError(self._needs_all())

    def maps_in(self, tiled: TiledImage, window: Window, survey: Survey) -> Maps:
        """Return the maps of a window: those of the whole picture, to the last bit.

        Parameters
        ----------
        tiled : TiledImage
        window : Window
            Of any size; what lies around it is read as far as it is needed.
        survey : Survey
            Of the same picture, by the same method.

        Raises
        ------
        RecipeError
            If the method needs the whole picture at once.
        """
        del tiled, window, survey
        raise RecipeError(self._needs_all())

    def settled(self, survey: Survey) -> "tuple[Segmenter, Survey]":
        """Return the method that a survey has settled on, and the survey by that one.

        It is this method, unless it chooses among others; then the options of the chosen
        one (`min_share`, `fill_holes`, ...) tell how objects come out of the maps.
        """
        return self, survey

    @property
    def judges_together(self) -> bool:
        """Whether objects are judged against all others of the picture, once found.

        Then they are not known tile by tile, even where the maps are.
        """
        return False

    def _needs_all(self) -> str:
        from segmetry.segment import segmenters_of_tiles

        return (
            f"the segmenter {self.name!r} needs the whole picture in memory; those that "
            f"work window by window are {', '.join(segmenters_of_tiles())}"
        )

    def files(self) -> Mapping[str, str]:
        """Return the SHA-256 of each file that decides what is found, by its name."""
        return {}

    def __call__(self, image: Image) -> Labels:
        """Return the objects of a picture.

        Parameters
        ----------
        image : Image
            Axes YX or YXC, of a method that takes volumes also ZYX. No object is found
            where it is excluded.

        Returns
        -------
        Labels
            Numbered 1 to n in reading order. Its step tells the name of the method, its
            options and what it found in the picture.

        Raises
        ------
        PictureError
            If there is nothing to segment in the picture, or it is a volume and the method
            is for pictures.
        """
        return self.labels_and_maps(image)[0]

    def labels_and_maps(self, image: Image) -> tuple[Labels, Maps]:
        """Return the objects of a picture and the maps in which they were found.

        Where the method tells kinds of objects apart, `Maps.object_classes` has them.
        """
        if image.axes.startswith("Z"):
            from segmetry.segment.volumes import objects_of_volume

            return objects_of_volume(self, image)
        return self.found_in(image, self.maps(image))

    def found_in(self, image: Image, maps: Maps) -> tuple[Labels, Maps]:
        """Return the objects of a picture whose maps are known, and these maps.

        Parameters
        ----------
        image : Image
            Axes YX or YXC.
        maps : Maps
            As `maps` gives them.
        """
        from segmetry.segment.classes import has_kinds, kinds_of, kinds_of_objects
        from segmetry.segment.objects import fill_holes, without_specks

        foreground = (maps.foreground > maps.cutoff) & image.included
        filled = fill_holes(foreground) & image.included if self.fill_holes else foreground
        data = self.cut_apart(filled, maps) if maps.objects is None else maps.objects
        data = without_specks(data, self.min_share)
        if maps.edge_grey is not None:
            data = self._placed(data, maps, image.included, filled & ~foreground)
        if has_kinds(maps):
            told = kinds_of_objects(data, kinds_of(filled, maps))
            maps = replace(maps, object_classes=told)
        step = Step(self.name, {**asdict(self), **maps.found})
        # What is left out holds no objects, whatever a method sees there.
        seen = np.where(image.included, maps.foreground, np.float32(0))
        return Labels(data, image, steps=(step,)), replace(maps, foreground=seen)

    def cut_apart(self, foreground: NDArray[np.bool_], maps: Maps) -> NDArray[np.uint32]:
        """Return the objects of a foreground, each of one class where they have classes."""
        from segmetry.segment.classes import cut_by_class, has_kinds, kinds_of

        if not has_kinds(maps):
            return self.cut(foreground, maps)
        return cut_by_class(kinds_of(foreground, maps), lambda own: self.cut(own, maps))

    def cut(self, foreground: NDArray[np.bool_], maps: Maps) -> NDArray[np.uint32]:
        """Return the objects of a foreground, touching ones cut apart."""
        from segmetry.segment.objects import number_objects

        del maps  # for methods whose maps know more than the foreground
        return number_objects(
            foreground, min_area=self.min_area, separate=self.separate, waist=self.waist
        )

    def _placed(
        self,
        data: NDArray[np.uint32],
        maps: Maps,
        included: NDArray[np.bool_],
        holes: NDArray[np.bool_],
    ) -> NDArray[np.uint32]:
        """Place the edges of objects, which must keep what the options promise."""
        from segmetry.segment.edges import place_edges
        from segmetry.segment.objects import fill_each, in_reading_order

        assert maps.edge_grey is not None  # noqa: S101 - for the type checker
        data = place_edges(
            data, maps.edge_grey, included, holes=holes, contrast=maps.contrast
        )
        if self.fill_holes:
            data = np.where(included, fill_each(data), 0)
        return in_reading_order(data, min_area=self.min_area)
