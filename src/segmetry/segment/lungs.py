"""The lungs in a CT scan of the chest, by rules that a person can follow.

Air is dark, the body around it is not. What is left of the air inside the body, without the
windpipe and the gas of the bowel, is cut into a right and a left lung, and closed over the
vessels. All lengths are in mm. A method of this kind, with the steps in another order, is
that of Hu and others [1]_. It knows nothing of disease: a lung that is full of water or
tumour is not dark and is left out.

References
----------
.. [1] S. Hu, E. A. Hoffman and J. M. Reinhardt, "Automatic lung segmentation for accurate
       quantitation of volumetric X-ray CT images", IEEE Trans. Med. Imaging 20, 2001.
       doi:10.1109/42.929615
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import LENGTH_IN_UM, Image
from segmetry.segment.lung_parts import (
    airways,
    closed,
    enclosed_air,
    gas,
    large_parts,
    small_holes_filled,
    two_lungs,
)
from segmetry.segment.options import about
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.working_grid import enlarged, reduced

__all__ = ["Lungs"]

_LOWEST, _HIGHEST = -1000.0, 600.0  # HU: beyond lie padding and metal
_NO_AIR = -300.0  # HU: a CT scan of a chest has much below, other volumes have not
_GRID = 2.0  # mm: a finer grid costs minutes and moves no outline by as much as noise does
_NO_LUNG = (
    "no lung was found: there is no large space of air inside the body; check that this is "
    "a CT scan of the chest in Hounsfield units, and the option threshold"
)
_SIDES = {"R": "right", "L": "left"}


@dataclass(frozen=True, kw_only=True)
class Lungs(Segmenter):
    """Both lungs in a CT scan of the chest in Hounsfield units, the airways left out.

    Object 1 is the right lung of the patient and 2 the left where the file tells how the
    scan lies; else 1 is the one at the smaller columns. Where both cannot be told apart,
    they are one object.

    Parameters
    ----------
    threshold : float
        Air is below it. In Hounsfield units.
    airways : bool
        Leave out the windpipe, the main bronchi and the gas of the bowel.
    closing : float
        Gaps in the outline are closed that are up to twice as wide: vessels at the wall. In
        mm.
    hilum : float
        The same beside the main bronchi, where large vessels enter a lung. In mm; 0 leaves
        vessels there outside.
    smoothing : float
        Standard deviation of the blur of the outline, in mm.
    **options
        Those of every `Segmenter`; of them, only `min_area` changes anything.

    Examples
    --------
    >>> from segmetry.image import PixelSize
    >>> z, y, x = np.ogrid[:24, :60, :80]
    >>> body = (y - 30) ** 2 / 26**2 + (x - 40) ** 2 / 36**2 < 1
    >>> chest = np.broadcast_to(np.where(body, 40, -1000), (24, 60, 80)).copy()
    >>> for middle in (24, 56):
    ...     lung = (y - 30) ** 2 / 17**2 + (x - middle) ** 2 / 11**2 + (z - 12) ** 2 / 9**2
    ...     chest[lung < 1] = -850
    >>> size = PixelSize(z=8, y=5, x=5, unit="mm", source="typed")
    >>> labels = Lungs()(Image(chest, axes="ZYX", pixel_size=size))
    >>> labels.ids, labels.steps[0].options["found_sides"]
    (array([1, 2], dtype=uint32), 'not known')
    """

    name: ClassVar[str] = "lungs"
    takes_volumes: ClassVar[bool] = True

    threshold: float = field(
        default=-400.0,
        metadata=about(
            "Air is below it, in Hounsfield units.", low=-1000, high=0, tunable=(-500, -300)
        ),
    )
    airways: bool = field(
        default=True,
        metadata=about("Leave out windpipe, main bronchi and the gas of the bowel."),
    )
    closing: float = field(
        default=6.0,
        metadata=about(
            "Radius of the closing over vessels, in mm.", low=0, high=50, tunable=(3, 12)
        ),
    )
    hilum: float = field(
        default=20.0,
        metadata=about(
            "The same beside the main bronchi, in mm.", low=0, high=60, tunable=(10, 30)
        ),
    )
    smoothing: float = field(
        default=3.0,
        metadata=about("Blur of the outline, in mm.", low=0, high=20, tunable=(1, 5)),
    )

    def maps(self, image: Image) -> Maps:
        """Return how likely each voxel of a volume lies in a lung.

        Raises
        ------
        PictureError
            If it is no volume, its voxel size is unknown, or no lung is found in it.
        """
        spacing = _spacing_in_mm(image)
        values = np.clip(image.grey, _LOWEST, _HIGHEST)
        if image.excluded is not None:
            values = np.where(image.excluded, np.float32(_HIGHEST), values)
        if not (values < _NO_AIR).any() or values.max() < self.threshold:
            msg = (
                f"lungs are looked for in Hounsfield units, and the values here are "
                f"{image.grey.min():g} to {image.grey.max():g}; read the scan from DICOM "
                "or NIfTI, which keep them"
            )
            raise PictureError(msg)
        factors = tuple(max(1, round(_GRID / side)) for side in spacing)
        coarse = reduced(values, factors, fill=_LOWEST)
        sides = tuple(side * n for side, n in zip(spacing, factors, strict=True))
        lungs = self._lungs(coarse, sides)
        if not lungs:
            raise PictureError(_NO_LUNG)
        likely = [
            enlarged(_smooth(one, self.smoothing, sides), factors, values.shape)
            for one in lungs
        ]
        return _numbered(likely, image, self.min_area)

    def _lungs(
        self, values: NDArray[np.float32], sides: tuple[float, ...]
    ) -> list[NDArray[np.bool_]]:
        """Return the mask of each lung, on the working grid."""
        air = enclosed_air(values < self.threshold)
        pure = gas(values, air, sides) if self.airways else np.zeros_like(air)
        tubes, near = airways(pure, air, sides)
        parts = two_lungs(large_parts(air & ~tubes), sides)
        found = []
        for one in parts:
            whole = closed(one, self.closing, sides)
            if self.hilum and near.any():
                whole = whole | (closed(one, self.hilum, sides) & near)
            others = np.zeros_like(one)
            for other in parts:
                if other is not one:
                    others |= other
            found.append(small_holes_filled(whole & ~tubes & ~others, sides) & ~others)
        return found


def _spacing_in_mm(image: Image) -> tuple[float, float, float]:
    if image.axes != "ZYX":
        msg = (
            "lungs are looked for in a CT volume, and this is one picture; give the folder "
            "of the DICOM series, or a NIfTI file"
        )
        raise PictureError(msg)
    size = image.pixel_size
    if size is None or size.z is None:
        msg = (
            "lungs are found by lengths in mm, and the voxel size is not known; type it, "
            'as --pixel-size "5 x 0.7 x 0.7 mm" (slices, rows, columns)'
        )
        raise PictureError(msg)
    factor = LENGTH_IN_UM[size.unit] / LENGTH_IN_UM["mm"]
    return (size.z * factor, size.y * factor, size.x * factor)


def _smooth(
    mask: NDArray[np.bool_], smoothing: float, sides: tuple[float, ...]
) -> NDArray[np.float32]:
    from scipy.ndimage import gaussian_filter

    likely = mask.astype(np.float32)
    if not smoothing:
        return likely
    return np.asarray(gaussian_filter(likely, [smoothing / side for side in sides]))


def _numbered(likely: list[NDArray[np.float32]], image: Image, min_volume: int) -> Maps:
    """Return the lungs with their numbers, the patient's right one first."""
    total = np.clip(np.sum(likely, axis=0, dtype=np.float32), 0, 1)
    inside = (total > 0.5) & image.included
    owner = np.argmax(likely, axis=0)
    masks = [inside & (owner == k) for k in range(len(likely))]
    masks = [mask for mask in masks if np.count_nonzero(mask) >= min_volume]
    if not masks:
        raise PictureError(_NO_LUNG)
    masks, names = _by_side(masks, image)
    objects = np.zeros(inside.shape, np.uint32)
    for number, mask in enumerate(masks, 1):
        objects[mask] = number
    classes = None
    if len(masks) == 2 and "lung" not in names:
        classes = np.array([1, 2], np.uint8)
    found = {"found_sides": ", ".join(names) if classes is not None else "not known"}
    return Maps(
        total,
        objects=objects,
        class_names=("background", *names) if classes is not None else (),
        object_classes=classes,
        found=found,
    )


def _by_side(
    masks: list[NDArray[np.bool_]], image: Image
) -> tuple[list[NDArray[np.bool_]], tuple[str, ...]]:
    """Order lungs by side: the right one first, or that at the smaller columns."""
    known = [step.options.get("orientation", "") for step in image.steps]
    letters = next((told for told in known if told), "")
    place = next((k for k, letter in enumerate(letters) if letter in _SIDES), 0)
    axis = 2 - place  # letters are in the order of columns, rows, slices
    middles = [float(np.nonzero(mask.any(axis=_others(axis)))[0].mean()) for mask in masks]
    order = np.argsort(middles)
    if letters and letters[place] == "R":
        order = order[::-1]
    ordered = [masks[k] for k in order]
    if not letters or len(masks) != 2:
        return ordered, ("lung",) * len(masks)
    return ordered, ("right lung", "left lung")


def _others(axis: int) -> tuple[int, ...]:
    return tuple(other for other in range(3) if other != axis)
