"""The types that flow: a picture, its pixel size, and the objects found in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LENGTH_IN_UM",
    "NOT_KNOWN",
    "Axes",
    "ClassMap",
    "Image",
    "Labels",
    "PixelSize",
    "Step",
]

Axes = Literal["YX", "YXC", "ZYX", "ZYXC"]

LENGTH_IN_UM: Mapping[str, float] = {
    "pm": 1e-6,
    "angstrom": 1e-4,
    "nm": 1e-3,
    "um": 1.0,
    "mm": 1e3,
    "cm": 1e4,
    "m": 1e6,
}


NOT_KNOWN = 255  # in a class map: excluded, or not annotated

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


@dataclass(frozen=True)
class PixelSize:
    """The physical size of one pixel, and how it is known.

    Parameters
    ----------
    y, x : float
        Height and width of a pixel, in `unit`. Positive.
    unit : str
        One of the keys of `LENGTH_IN_UM`: "pm", "angstrom", "nm", "um", "mm", "cm", "m".
    source : str
        Where the value comes from: "zeiss", "fei", "ome", "imagej", "dicom",
        "scale bar", "typed", ...
    uncertainty : float or None
        Relative standard uncertainty (0.01 is 1 %). `None` where the source states none.
    z : float or None
        Distance between slices, in `unit`. `None` for a single picture.

    Raises
    ------
    ValueError
        If a size is not positive and finite, or the unit is not known.

    Examples
    --------
    >>> PixelSize(y=12.5, x=12.5, unit="nm", source="typed").in_um.x
    0.0125
    """

    y: float
    x: float
    unit: str
    source: str
    uncertainty: float | None = None
    z: float | None = None

    def __post_init__(self) -> None:
        """Refuse sizes and units that mean nothing."""
        if self.unit not in LENGTH_IN_UM:
            msg = f"unit must be one of {', '.join(LENGTH_IN_UM)}, got {self.unit!r}"
            raise ValueError(msg)
        sizes = [self.y, self.x] + ([] if self.z is None else [self.z])
        if not all(np.isfinite(size) and size > 0 for size in sizes):
            msg = f"pixel sizes must be positive and finite, got {sizes} {self.unit}"
            raise ValueError(msg)
        if self.uncertainty is not None and not 0 <= self.uncertainty < 1:
            msg = f"uncertainty must be relative, from 0 to below 1, got {self.uncertainty}"
            raise ValueError(msg)

    @property
    def in_um(self) -> "PixelSize":
        """The same pixel size in micrometres."""
        factor = LENGTH_IN_UM[self.unit]
        z = None if self.z is None else self.z * factor
        return replace(self, y=self.y * factor, x=self.x * factor, z=z, unit="um")


@dataclass(frozen=True)
class Step:
    """One thing that the program or a person did, as JSON values.

    Parameters
    ----------
    name : str
        The function or action: "read", "exclude banner", "threshold".
    options : dict
        Its options, as JSON values.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Image:
    """A picture with its axes, its pixel size, and what was done to it.

    The arrays are made read-only: nothing downstream can change a picture in place.

    Parameters
    ----------
    pixels : ndarray
        Grey values of any integer, float or bool dtype, with the axes of `axes`.
    axes : {"YX", "YXC", "ZYX", "ZYXC"}
    pixel_size : PixelSize or None
        `None` means UNKNOWN; results are then in pixels.
    excluded : ndarray of bool or None
        True where a pixel is no part of the sample (banner, outside the field of view).
        Shape of the spatial axes. `None` means nothing is excluded.
    name : str
        What people call the picture, as a rule its file name.
    steps : tuple of Step
        History, oldest first.

    Raises
    ------
    ValueError
        If shapes and axes do not fit together, or the picture has no pixels.

    Examples
    --------
    >>> picture = Image(np.zeros((3, 4), np.uint8), name="blank.png")
    >>> picture.spatial_shape, picture.pixel_size is None
    ((3, 4), True)
    """

    pixels: NDArray[Any]
    axes: Axes = "YX"
    pixel_size: PixelSize | None = None
    excluded: NDArray[np.bool_] | None = None
    name: str = ""
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        """Check shapes and make the arrays read-only."""
        if self.axes not in get_args(Axes):
            msg = f"axes must be one of {get_args(Axes)}, got {self.axes!r}"
            raise ValueError(msg)
        if self.pixels.ndim != len(self.axes) or self.pixels.size == 0:
            msg = f"pixels of axes {self.axes} cannot have shape {self.pixels.shape}"
            raise ValueError(msg)
        object.__setattr__(self, "pixels", _read_only(self.pixels))
        if self.excluded is None:
            return
        if self.excluded.shape != self.spatial_shape or self.excluded.dtype != bool:
            msg = (
                f"excluded must be boolean of shape {self.spatial_shape}, "
                f"got {self.excluded.dtype} of shape {self.excluded.shape}"
            )
            raise ValueError(msg)
        object.__setattr__(self, "excluded", _read_only(self.excluded))

    @property
    def spatial_shape(self) -> tuple[int, ...]:
        """Shape without the channel axis."""
        return self.pixels.shape[: len(self.axes.replace("C", ""))]

    @property
    def included(self) -> NDArray[np.bool_]:
        """True where a pixel is part of the sample, of shape `spatial_shape`."""
        if self.excluded is None:
            return np.ones(self.spatial_shape, dtype=bool)
        return np.asarray(~self.excluded)

    @property
    def grey(self) -> NDArray[np.float32]:
        """Grey values as float32, of shape `spatial_shape`.

        Three channels are weighted as luma (ITU-R BT.601); any other number is averaged.
        """
        if not self.axes.endswith("C"):
            return self.pixels.astype(np.float32)
        # Channel by channel: a product of matrices may round a pixel otherwise where the
        # picture is cut otherwise.
        n_channels = self.pixels.shape[-1]
        shares = _LUMA if n_channels == 3 else (1 / n_channels,) * n_channels
        total = np.zeros(self.spatial_shape, np.float32)
        for channel, share in enumerate(shares):
            total += self.pixels[..., channel].astype(np.float32) * np.float32(share)
        return total

    def after(self, step: Step, **changes: Any) -> "Image":
        """Return a new image with `changes` made and `step` added to its history."""
        return replace(self, steps=(*self.steps, step), **changes)


@dataclass(frozen=True, eq=False)
class Labels:
    """Numbered objects of a picture.

    Parameters
    ----------
    data : ndarray of integers, shape of the picture's spatial axes
        0 is background. Kept as uint32 and made read-only. Numbers are join keys: they
        need not be consecutive and are never changed.
    image : Image
        The picture in which the objects were found.
    steps : tuple of Step
        How the objects were found and edited, oldest first.

    Raises
    ------
    ValueError
        If the shape is not the picture's, or numbers are negative, too large or broken.

    Examples
    --------
    >>> picture = Image(np.zeros((2, 3), np.uint8))
    >>> Labels(np.array([[0, 1, 1], [0, 0, 7]]), picture).ids
    array([1, 7], dtype=uint32)
    """

    data: NDArray[np.uint32]
    image: Image
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        """Check the numbers and make the array read-only."""
        if self.data.shape != self.image.spatial_shape:
            msg = (
                f"labels must have the picture's shape {self.image.spatial_shape}, "
                f"got {self.data.shape}"
            )
            raise ValueError(msg)
        if self.data.dtype.kind not in "biu":
            msg = f"labels must be integers, got {self.data.dtype}"
            raise ValueError(msg)
        if self.data.dtype.kind == "i" and self.data.min() < 0:
            msg = f"labels must not be negative, got {self.data.min()}"
            raise ValueError(msg)
        if self.data.dtype.itemsize > 4 and self.data.max() > np.iinfo(np.uint32).max:
            msg = f"labels must fit 32 bits, got {self.data.max()}"
            raise ValueError(msg)
        data = self.data.astype(np.uint32, copy=False)
        object.__setattr__(self, "data", _read_only(data))

    @property
    def ids(self) -> NDArray[np.uint32]:
        """The numbers in use, ascending, without 0."""
        ids = np.unique(self.data)
        return ids[ids > 0]


@dataclass(frozen=True, eq=False)
class ClassMap:
    """The class of each pixel of a picture: tissue, organ, phase.

    Parameters
    ----------
    data : ndarray of uint8, shape of the picture's spatial axes
        Numbers of classes; 255 (`NOT_KNOWN`) where the picture is excluded, or nobody
        knows. Made read-only.
    image : Image
    names : tuple of str
        What the classes are called, in the order of their numbers.

    Raises
    ------
    ValueError
        If the shape is not the picture's, the numbers are not uint8, or one has no name.

    Examples
    --------
    >>> picture = Image(np.zeros((1, 3), np.uint8))
    >>> ClassMap(np.uint8([[0, 1, 255]]), picture, ("ground", "vessel")).known.tolist()
    [[True, True, False]]
    """

    data: NDArray[np.uint8]
    image: Image
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check the numbers and make the array read-only."""
        if self.data.shape != self.image.spatial_shape or self.data.dtype != np.uint8:
            msg = (
                f"a class map must be uint8 of the picture's shape "
                f"{self.image.spatial_shape}, got {self.data.dtype} of {self.data.shape}"
            )
            raise ValueError(msg)
        if len(self.names) > NOT_KNOWN:
            msg = f"a class map has at most {NOT_KNOWN} classes, got {len(self.names)}"
            raise ValueError(msg)
        highest = int(self.data[self.known].max(initial=0))
        if highest >= len(self.names):
            msg = (
                f"each class needs a name, got {len(self.names)} names and the class "
                f"{highest}"
            )
            raise ValueError(msg)
        object.__setattr__(self, "data", _read_only(self.data))

    @property
    def known(self) -> NDArray[np.bool_]:
        """True where the class of a pixel is known."""
        return np.asarray(self.data != NOT_KNOWN)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
