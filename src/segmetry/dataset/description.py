"""What is in a set of pictures, before anything is learned from it."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segmetry.dataset.checks import (
    Finding,
    check_picture,
    content_digest,
    find_copies,
    find_lonely,
    refusal,
    unusable,
)
from segmetry.dataset.duplicates import (
    Fingerprint,
    NearDuplicate,
    fingerprint,
    near_duplicates,
)
from segmetry.dataset.origins import find_origins
from segmetry.dataset.pairs import AnnotatedPicture, Pairing
from segmetry.dataset.picture_types import (
    PictureTypes,
    bit_depth,
    color_features,
    find_types,
    type_name,
)
from segmetry.errors import DatasetError, SegmetryError
from segmetry.evaluate import equivalent_diameters, typical_of_set
from segmetry.io import read, read_labels
from segmetry.io.exchange import MaskOrigin
from segmetry.io.names import plain_stem

__all__ = ["Description", "PictureFacts", "describe"]

_SAMPLES = 6  # pictures that stand for a type
_QUANTILES = {"min": 0.0, "p05": 0.05, "median": 0.5, "p95": 0.95, "max": 1.0}


@dataclass(frozen=True, eq=False)
class PictureFacts:
    """What is known of one picture.

    Parameters
    ----------
    name : str
        Part and stem: "train/a", or "a" where there is but one part.
    part : str
    path : Path
    mask_path : Path or None
    shape : tuple of int
        Spatial shape.
    channels : int
    dtype : str
    bits : int
        Depth of the camera as the values tell it: 8, 10, 12, 14, 16, 32 or 64.
    fingerprint : Fingerprint
    colors : ndarray of float, shape (5,)
        See `color_features`.
    diameters : ndarray of float or None
        Diameter of the disc (in a stack, of the ball) of equal size of every object, in
        pixels. `None` where there is no mask that can be used.
    covered : float or None
        Share of the pixels that belong to objects.
    digests : (str, str)
        SHA-256 of the values of picture and mask; empty where there is no mask.
    origin : MaskOrigin or None
        Where the mask comes from; `None` where nobody wrote it down.
    """

    name: str
    part: str
    path: Path
    mask_path: Path | None
    shape: tuple[int, ...]
    channels: int
    dtype: str
    bits: int
    fingerprint: Fingerprint
    colors: NDArray[np.float64]
    diameters: NDArray[np.float64] | None = None
    covered: float | None = None
    digests: tuple[str, str] = ("", "")
    origin: MaskOrigin | None = None

    @property
    def n_objects(self) -> int | None:
        """Number of objects; `None` where there is no mask that can be used."""
        return None if self.diameters is None else len(self.diameters)

    @property
    def median_diameter(self) -> float | None:
        """Median diameter of its objects in pixels; `None` without any."""
        if self.diameters is None or not len(self.diameters):
            return None
        return float(np.median(self.diameters))


@dataclass(frozen=True, eq=False)
class Description:
    """What is in a set of pictures.

    Parameters
    ----------
    pictures : tuple of PictureFacts
        Those that can be read.
    types : PictureTypes
    samples : tuple of tuple of int
        Positions in `pictures` of some that stand for each type, from typical to odd.
    duplicates : tuple of NearDuplicate
        Positions are those in `pictures`.
    findings : tuple of Finding
    """

    pictures: tuple[PictureFacts, ...]
    types: PictureTypes
    samples: tuple[tuple[int, ...], ...]
    duplicates: tuple[NearDuplicate, ...]
    findings: tuple[Finding, ...]

    @property
    def typical_diameter(self) -> float | None:
        """Typical diameter of the objects in pixels, the one that a training goes by."""
        medians = [facts.median_diameter for facts in self.pictures]
        typical = typical_of_set([m for m in medians if m is not None])
        return None if math.isnan(typical) else typical

    @property
    def leaks(self) -> tuple[NearDuplicate, ...]:
        """Near-duplicates in different parts: what is learned from one is asked of both."""
        return tuple(pair for pair in self.duplicates if self._is_leak(pair))

    def to_json(self) -> dict[str, Any]:
        """Return all as JSON values, without paths."""
        known = [facts.diameters for facts in self.pictures]
        diameters = [sizes for sizes in known if sizes is not None]
        covered = [facts.covered for facts in self.pictures]
        return {
            "n_pictures": len(self.pictures),
            "n_annotated": len(diameters),
            "n_objects": sum(len(values) for values in diameters),
            "parts": list(self._parts()),
            "shapes": _tally((facts.shape for facts in self.pictures), "shape"),
            "channels": _tally((facts.channels for facts in self.pictures), "channels"),
            "values": _tally(
                (f"{f.dtype}, {f.bits} bits" for f in self.pictures), "values"
            ),
            "typical_diameter_px": self.typical_diameter,
            "diameter_px": _spread(np.concatenate([*diameters, np.empty(0)])),
            "objects_per_picture": _spread([len(values) for values in diameters]),
            "covered": _spread([share for share in covered if share is not None]),
            "mask_origins": _tally(self._origins(), "mask_origin"),
            "n_unchecked_drafts": sum(_is_unchecked(facts) for facts in self.pictures),
            "types": list(self._types()),
            "silhouette": self.types.silhouette,
            "near_duplicates": [
                {
                    "first": self.pictures[pair.first].name,
                    "second": self.pictures[pair.second].name,
                    "bits": pair.bits,
                    "between_parts": self._is_leak(pair),
                }
                for pair in self.duplicates
            ],
            "findings": [vars(finding) for finding in self.findings],
            "pictures": list(self._rows()),
        }

    def _is_leak(self, pair: NearDuplicate) -> bool:
        return self.pictures[pair.first].part != self.pictures[pair.second].part

    def _origins(self) -> list[str]:
        """Return where the masks come from; nothing where none is told."""
        masked = [facts.origin for facts in self.pictures if facts.mask_path is not None]
        if not any(masked):
            return []
        return [origin.kind if origin else "not told" for origin in masked]

    def _parts(self) -> Iterator[dict[str, Any]]:
        for part in dict.fromkeys(facts.part for facts in self.pictures):
            members = [facts for facts in self.pictures if facts.part == part]
            counts = [facts.n_objects or 0 for facts in members]
            yield {"part": part, "n_pictures": len(members), "n_objects": sum(counts)}

    def _types(self) -> Iterator[dict[str, Any]]:
        for number, positions in enumerate(self.samples):
            yield {
                "type": number + 1,
                "looks": type_name(self.types.centers[number]),
                "n_pictures": int((self.types.numbers == number).sum()),
                "samples": [self.pictures[position].name for position in positions],
            }

    def _rows(self) -> Iterator[dict[str, Any]]:
        for facts, number in zip(self.pictures, self.types.numbers, strict=True):
            yield {
                "picture": facts.name,
                "part": facts.part,
                "shape": list(facts.shape),
                "channels": facts.channels,
                "dtype": facts.dtype,
                "bits": facts.bits,
                "n_objects": facts.n_objects,
                "median_diameter_px": facts.median_diameter,
                "covered": facts.covered,
                "mask_origin": facts.origin.kind if facts.origin else None,
                "type": int(number) + 1,
            }


def describe(
    parts: Mapping[str, Pairing],
    *,
    seed: int = 0,
    on_picture: Callable[[int, int], None] | None = None,
) -> Description:
    """Read a set and say what is in it.

    Parameters
    ----------
    parts : mapping
        Pairing of each part by its name: what `find_parts` returns.
    seed : int
        For the search of picture types.
    on_picture : callable or None
        Called after each picture with the number done and the number of all.

    Returns
    -------
    Description

    Raises
    ------
    DatasetError
        If no picture can be read.
    ReadError
        If a table beside the masks that tells where they come from is none.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import write_png
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.png")
    ...     write_png(path, np.eye(4, dtype=np.uint8) * 200)
    ...     found = describe({"": Pairing((), images_alone=(path,))})
    >>> found.pictures[0].shape, found.pictures[0].bits, found.pictures[0].n_objects
    ((4, 4), 8, None)
    """
    todo = [(part, *files) for part, pairing in parts.items() for files in _files(pairing)]
    pictures: list[PictureFacts] = []
    findings = [
        replace(lonely, name=_key(part, lonely.name))
        for part, pairing in parts.items()
        if pairing.pairs
        for lonely in find_lonely(pairing)
    ]
    masks = [mask_path for _, _, mask_path in todo if mask_path is not None]
    origins = dict(zip(masks, find_origins(masks), strict=True))
    for done, (part, path, mask_path) in enumerate(todo, start=1):
        facts, found = _look(part, path, mask_path)
        if facts is not None:
            origin = None if mask_path is None else origins[mask_path]
            pictures.append(replace(facts, origin=origin))
        findings += found
        if on_picture is not None:
            on_picture(done, len(todo))
    if not pictures:
        msg = f"None of {len(todo)} pictures can be read; the first: {findings[0].sentence}"
        raise DatasetError(msg)
    findings += find_copies({facts.name: facts.digests for facts in pictures})
    colors = np.stack([facts.colors for facts in pictures])
    types = find_types(colors, seed=seed)
    samples = [types.samples(colors, number, _SAMPLES) for number in types.used]
    prints = [facts.fingerprint for facts in pictures]
    return Description(
        pictures=tuple(pictures),
        types=types,
        samples=tuple(tuple(positions) for positions in samples),
        duplicates=tuple(near_duplicates(prints)),
        findings=tuple(findings),
    )


def _files(pairing: Pairing) -> Iterator[tuple[Path, Path | None]]:
    yield from ((pair.image_path, pair.mask_path) for pair in pairing.pairs)
    yield from ((path, None) for path in pairing.images_alone)


def _key(part: str, name: str) -> str:
    return f"{part}/{name}" if part else name


def _look(
    part: str, path: Path, mask_path: Path | None
) -> tuple[PictureFacts | None, list[Finding]]:
    """Read a picture and its mask once, and return all that is to be known of them."""
    name = _key(part, plain_stem(path))
    try:
        image = read(path)
    except SegmetryError as error:
        return None, [refusal(name, error)]
    facts = PictureFacts(
        name=name,
        part=part,
        path=path,
        mask_path=mask_path,
        shape=image.spatial_shape,
        channels=image.pixels.shape[-1] if image.axes.endswith("C") else 1,
        dtype=str(image.pixels.dtype),
        bits=bit_depth(image.pixels),
        digests=(content_digest(image.pixels), ""),
        fingerprint=fingerprint(image),
        colors=color_features(image),
    )
    if mask_path is None:
        return facts, []
    try:
        labels = read_labels(mask_path, allow_empty=True)
        picture = AnnotatedPicture(image, labels, name, name)
    except SegmetryError as error:
        return facts, [refusal(name, error)]
    findings = check_picture(picture)
    if unusable(findings):
        return facts, findings
    facts = replace(
        facts,
        diameters=_diameters(labels),
        covered=float((labels > 0).mean()),
        digests=(facts.digests[0], content_digest(labels)),
    )
    return facts, findings


def _diameters(labels: NDArray[np.uint32]) -> NDArray[np.float64]:
    if labels.ndim == 2:
        return equivalent_diameters(labels)
    volumes = np.unique(labels[labels > 0], return_counts=True)[1]
    return np.asarray(np.cbrt(6 * volumes / np.pi))


def _is_unchecked(facts: PictureFacts) -> bool:
    """Return whether nobody has looked at a mask that a program made."""
    origin = facts.origin
    return origin is not None and origin.kind == "draft" and not origin.checked


def _tally(values: Iterable[Any], key: str) -> list[dict[str, Any]]:
    """Return how many pictures have each value, the most frequent first."""
    return [{key: value, "n_pictures": n} for value, n in Counter(values).most_common()]


def _spread(values: ArrayLike) -> dict[str, float] | None:
    """Return quantiles; `None` of nothing."""
    numbers = np.asarray(values, dtype=float)
    if not numbers.size:
        return None
    return {name: float(np.quantile(numbers, at)) for name, at in _QUANTILES.items()}
