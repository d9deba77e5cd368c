"""Folders of pictures and masks, read and checked for training."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label

from segmetry.dataset import (
    AnnotatedPicture,
    Finding,
    Fingerprint,
    Pair,
    Pairing,
    check_picture,
    find_lonely,
    find_pairs,
    fingerprint,
    join_groups,
    near_duplicates,
    read_column,
    read_pair,
)
from segmetry.dataset.checks import refusal
from segmetry.errors import DatasetError, ReadError, SegmetryError
from segmetry.image import NOT_KNOWN
from segmetry.io import Coding, find_coding, read, read_class_map
from segmetry.io.reading import read_stored
from segmetry.learn.examples import Example
from segmetry.segment.grey import check_picture as refuse_featureless

__all__ = ["Annotated", "annotated", "read_annotated", "without_shown"]

_ABOUT_OBJECTS = {"specks", "covers all"}  # of no matter where pixels are told apart


@dataclass(frozen=True, eq=False)
class Annotated:
    """A set of annotated pictures, and what is odd about it.

    Parameters
    ----------
    examples : tuple of Example
        Those that can be learned from.
    fingerprints : tuple of Fingerprint
        One for each of them, by which near-duplicates are told.
    findings : tuple of Finding
        What a person should look at.
    sha256 : str
        Over the sorted hashes of all files.
    coding : Coding or None
        How masks tell classes, where they do.
    """

    examples: tuple[Example, ...]
    fingerprints: tuple[Fingerprint, ...]
    findings: tuple[Finding, ...]
    sha256: str
    coding: Coding | None = None


def read_annotated(
    images: Path,
    masks: Path,
    *,
    groups: Path | None = None,
    task: str = "objects",
    coding: Coding | None = None,
) -> Annotated:
    """Read pictures and masks; a bad pair becomes a finding and does not stop the others.

    Pictures that show the same thing are put into one group, so that no split parts them.

    Parameters
    ----------
    images, masks : Path
        Folders, paired by name. Masks may have any encoding.
    groups : Path or None
        Sheet with the columns image and group; `None` makes each picture its own group.
    task : {"objects", "pixels", "classes", "counts"}
        For "classes", the labels are the numbers of classes; 255 is not known.
    coding : Coding or None
        How masks tell classes; `None` looks in all of them.

    Returns
    -------
    Annotated

    Raises
    ------
    DatasetError
        If nothing pairs, no pair can be learned from, or the sheet lacks a picture.
    """
    pairing = find_pairs(images, masks)
    if groups is None:
        return annotated(pairing, task=task, coding=coding)

    def stated(usable: Sequence[str]) -> list[str]:
        found = read_column(groups, usable, "group")
        return [found[name] for name in usable]

    return annotated(pairing, groups=stated, task=task, coding=coding)


def annotated(
    pairing: Pairing,
    *,
    groups: Callable[[Sequence[str]], Sequence[str]] = tuple,
    task: str = "objects",
    coding: Coding | None = None,
) -> Annotated:
    """Read pairs of pictures and masks, as `read_annotated` does.

    Parameters
    ----------
    pairing : Pairing
    groups : callable
        Of the names of usable pictures: the group of each. As a rule each is its own.
    task : {"objects", "pixels", "classes", "counts"}
    coding : Coding or None
        How masks tell classes; `None` looks in all of them.

    Returns
    -------
    Annotated

    Raises
    ------
    DatasetError
        If no pair can be learned from.
    MaskError
        If masks tell classes in different ways.
    """
    if task == "classes" and coding is None:
        coding = _coding(pairing.pairs)
    findings = find_lonely(pairing)
    pictures, marks = [], []
    for pair in pairing.pairs:
        picture, found = _checked(pair, task, coding)
        findings += found
        if picture is not None:
            pictures.append(picture)
            marks.append(fingerprint(picture.image))
    if not pictures:
        reason = next((finding.sentence for finding in findings), "")
        msg = f"No pair of picture and mask can be learned from. The first: {reason}"
        raise DatasetError(msg)
    if not any(picture.labels.any() for picture in pictures):
        msg = "No mask marks any object, so there is nothing to learn; check the masks."
        raise DatasetError(msg)
    names = [picture.name for picture in pictures]
    joined = _groups(groups(names), names, marks)
    findings += joined[1]
    return Annotated(
        examples=tuple(
            Example(
                picture.image,
                picture.labels,
                name=picture.name,
                group=group,
                unknown=_unknown(picture, task),
            )
            for picture, group in zip(pictures, joined[0], strict=True)
        ),
        fingerprints=tuple(marks),
        findings=tuple(findings),
        sha256=_digest(pairing.pairs),
        coding=coding,
    )


def without_shown(
    training: Annotated, held_out: Annotated
) -> tuple[Annotated, list[Finding]]:
    """Leave out of the training what shows the same as a held-out picture.

    Parameters
    ----------
    training, held_out : Annotated

    Returns
    -------
    Annotated
        The training without those pictures.
    list of Finding
        Why each of them was left out.

    Raises
    ------
    DatasetError
        If nothing is left.
    """
    n_held = len(held_out.examples)
    pairs = near_duplicates([*held_out.fingerprints, *training.fingerprints])
    shown = {
        pair.second - n_held: held_out.examples[pair.first].name
        for pair in pairs
        if pair.first < n_held <= pair.second
    }
    if len(shown) == len(training.examples):
        msg = (
            "Every training picture shows the same as a validation picture; the two sets "
            "must differ, so give other pictures."
        )
        raise DatasetError(msg)
    kept = [k for k in range(len(training.examples)) if k not in shown]
    findings = [
        Finding(
            training.examples[k].name,
            "same picture",
            f"It shows the same as {name} of the validation; it is not trained on.",
        )
        for k, name in sorted(shown.items())
    ]
    return replace(
        training,
        examples=tuple(training.examples[k] for k in kept),
        fingerprints=tuple(training.fingerprints[k] for k in kept),
    ), findings


def _checked(
    pair: Pair, task: str, coding: Coding | None
) -> tuple[AnnotatedPicture | None, list[Finding]]:
    try:
        picture = _of_classes(pair, coding) if task == "classes" else read_pair(pair)
        if not picture.image.axes.startswith("Z"):
            refuse_featureless(picture.image)
    except SegmetryError as error:
        return None, [refusal(pair.stem, error)]
    if picture.image.axes.startswith("Z"):
        sentence = "The picture is a stack; training takes single pictures."
        return None, [Finding(pair.stem, "shape", sentence, usable=False)]
    if task == "objects":
        findings = check_picture(picture)
    else:
        marked = label(picture.labels > 0).astype(np.uint32)
        findings = [
            finding
            for finding in check_picture(replace(picture, labels=marked))
            if finding.kind not in _ABOUT_OBJECTS
        ]
    usable = all(finding.usable for finding in findings)
    return picture if usable else None, findings


def _coding(pairs: Sequence[Pair]) -> Coding:
    """Look how masks tell classes, in all that can be read: the others are told later."""
    paths = []
    for pair in pairs:
        with suppress(ReadError):
            read_stored(pair.mask_path)
            paths.append(pair.mask_path)
    return find_coding(paths)


def _unknown(picture: AnnotatedPicture, task: str) -> NDArray[np.bool_] | None:
    return picture.labels == NOT_KNOWN if task == "classes" else None


def _of_classes(pair: Pair, coding: Coding | None) -> AnnotatedPicture:
    classes = read_class_map(pair.mask_path, coding).astype(np.uint32)
    return AnnotatedPicture(read(pair.image_path), classes, pair.stem, pair.stem)


def _groups(
    groups: Sequence[str], names: Sequence[str], marks: Sequence[Fingerprint]
) -> tuple[tuple[str, ...], list[Finding]]:
    pairs = near_duplicates(marks)
    earliest: dict[int, int] = {}  # of a film of n frames a line each, not n squared
    for pair in pairs:
        earliest.setdefault(pair.second, pair.first)
    findings = [
        Finding(
            names[second],
            "same picture",
            f"It shows the same as {names[first]}; both are kept in one part.",
        )
        for second, first in sorted(earliest.items())
    ]
    return join_groups(groups, pairs), findings


def _digest(pairs: Sequence[Pair]) -> str:
    hashes = []
    for pair in pairs:
        for path in (pair.image_path, pair.mask_path):
            with path.open("rb") as file:
                hashes.append(hashlib.file_digest(file, "sha256").hexdigest())
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()
