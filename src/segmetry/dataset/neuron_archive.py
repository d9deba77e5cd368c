"""The archive Fluorescent Neuronal Cells, version 1: its folders, and what names tell.

283 pictures of slices of mouse brain, 1600 x 1200 pixels, each with a mask [1]_, [2]_. A
name such as Mar24bS1C2R3_LHl_200x_y tells the animal (24), the slide, column and row of the
section, the region of the brain and its side, and the magnification.

References
----------
.. [1] L. Clissa et al., "Fluorescent Neuronal Cells", AMS Acta, 2021.
       doi:10.6092/unibo/amsacta/6706
.. [2] R. Morelli, L. Clissa et al., "Automating cell counting in fluorescent microscopy
       through deep learning with c-ResUnet", Scientific Reports 11, 22920, 2021.
       doi:10.1038/s41598-021-01929-5
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from segmetry.dataset.pairs import Pair, Pairing, find_pairs
from segmetry.errors import DatasetError

__all__ = [
    "ARTEFACT_CROPS",
    "BY_HAND",
    "N_LEARNED_FROM",
    "TEST_PICTURES",
    "NeuronArchive",
    "animal_of",
    "read_neuron_archive",
    "section_of",
]

N_LEARNED_FROM = 213  # of 283; crops were numbered in these, 12 to a picture
ARTEFACT_CROPS = (300, 302, 1161, 1380, 1908, 2064)

# Magnification and filter, "_200x_y", are left out where they are these.
_TEST = """
39_y MAR38S1C3R1_LHR_20_o MAR55S1C5R3_DMR_20_o Mar19bS1C1R2_VLPAGr Mar19bS1C1R3_VLPAGl
Mar19bS1C2R3_VLPAGr Mar19bS1C3R2_VLPAGl Mar19bS1C3R2_VLPAGr Mar19bS1C4R1_VLPAGr
Mar19bS1C4R2_LHr Mar19bS1C4R3_DMr Mar19bS1C4R3_LHr Mar19bS1C5R2_DMl Mar19bS1C5R2_DMr
Mar19bS1C5R2_LHl Mar19bS1C5R3_DMr Mar19bS1C5R3_LHl Mar20bS1C1R3_VLPAGr
Mar20bS1C2R1_VLPAGl Mar20bS1C2R2_VLPAGl Mar20bS1C2R3_VLPAGr Mar20bS1C3R2_VLPAGl
Mar20bS1C4R1_DMr Mar20bS1C4R1_LHl Mar20bS1C4R3_DMl Mar20bS1C4R3_DMr Mar20bS2C1R1_LHl
Mar20bS2C1R3_DMl Mar20bS2C2R3_LHl Mar20bS2C2R3_LHr Mar21bS1C1R3_VLPAGr
Mar21bS1C2R1_VLPAGl Mar21bS1C2R2_VLPAGl Mar21bS1C2R3_VLPAGr Mar21bS2C1R1_LHr
Mar21bS2C1R2_LHl Mar21bS2C2R2_LHr Mar21bS2C2R3_LHl Mar22bS1C2R1_VLPAGl Mar22bS1C3R2_DMr
Mar22bS1C4R1_LHl Mar22bS1C4R2_LHr Mar22bS2C1R1_LHr Mar23bS1C1R4_VLPAGl Mar23bS1C6R1_DMr
Mar23bS2C1R1_LHl Mar24bS1C1R1_LHl Mar24bS1C1R2_DMr Mar24bS1C2R1_DMl Mar24bS1C2R2_LHl
Mar24bS1C3R1_LHr Mar24bS1C3R2_LHr Mar24bS2C2R3_VLPAGl Mar24bS2C4R3_DMr Mar26bS1C4R2_LHl
Mar26bS1C4R3_DMl Mar26bS2C1R1_DMr Mar26bS2C2R1_DMl Mar26bS2C2R2_DMr Mar26bS2C2R2_LHr
Mar27bS1C2R1_LHl Mar27bS1C3R1_LHr Mar31bS2C1R2_VLPAGr Mar31bS2C3R4_DMr Mar32bS2C2R2_DMl
Mar33bS1C4R2_DMl Mar33bS2C1R1_DMl Mar36bS1C6R2_DMr Mar42S2C2R2_DMr_200x_o
Mar42S2C4R2_VLPAGr_200x_o
"""
_HAND = """
MAR38S1C3R1_DML_20_o MAR38S1C3R1_DMR_20_o MAR38S1C3R1_LHR_20_o MAR39S2C2R2_DML_200x_o
MAR39S2C2R2_DMR_200x_o MAR44S4C3R2_VLPAGL_20_o MAR52S2C1R3_LHL_20_o MAR55S1C5R3_DMR_20_o
MAR55S3C2R2_VLPAGL_20_o MAR55S3C2R2_VLPAGR_20_o Mar31bS2C1R2_VLPAGr Mar31bS2C3R4_DMr
Mar32bS2C2R2_DMl Mar33bS1C4R2_DMl Mar33bS1C4R2_DMr Mar33bS2C1R1_DMl Mar36bS1C6R2_DMl
Mar36bS1C6R2_DMr Mar37S1C2R1_DMl_200x_o Mar37S1C2R1_DMr_200x_o Mar40S1C2R2_DMl_200x_o
Mar40S1C2R2_DMr_200x_o Mar40S3C4R2_VLPAGr_200x_o Mar41S3C1R1_DMl_200x_o
Mar41S3C1R1_DMr_200x_o Mar41S3C3R3_VLPAGl_200x_o Mar42S2C2R2_DMr_200x_o
Mar42S2C4R2_VLPAGr_200x_o Mar43S1C5R3_DMr_200x_o Mar43S2C3R1_VLPAGl_200x_o
Mar43S2C3R1_VLPAGr_200x_o
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(
        (word if word.endswith(("_o", "_y")) else f"{word}_200x_y").casefold()
        for word in text.split()
    )


TEST_PICTURES = _names(_TEST)  # as the paper's program lists them, in small letters
BY_HAND = _names(_HAND)  # drawn by a person from nothing, as those of the hardest pictures


def animal_of(name: str) -> str:
    """Return the animal of a picture, by its name; the name itself where it tells none.

    Examples
    --------
    >>> animal_of("Mar24bS1C2R3_LHl_200x_y"), animal_of("MAR38S1C3R1_LHR_20_o")
    ('animal 24', 'animal 38')
    """
    found = re.match(r"mar(\d+)", name.casefold())
    return f"animal {found[1]}" if found else name


def section_of(name: str) -> str:
    """Return the section of a picture, by its name; the name itself where it tells none.

    Examples
    --------
    >>> section_of("Mar24bS1C2R3_LHl_200x_y") == section_of("Mar24bS1C2R3_DMr_200x_y")
    True
    """
    return name.casefold().partition("_")[0] if animal_of(name) != name else name


@dataclass(frozen=True)
class NeuronArchive:
    """The pictures of the archive, parted as published.

    Parameters
    ----------
    learned_from, test : Pairing
        `test` are the 70 pictures that the paper names, as far as they are there.
    """

    learned_from: Pairing
    test: Pairing

    def n_shared(self, part: Callable[[str], str]) -> int:
        """Return how many test pictures are of an animal or section that is learned from.

        Parameters
        ----------
        part : callable
            `animal_of` or `section_of`.
        """
        known = {part(pair.stem) for pair in self.learned_from.pairs}
        return sum(part(pair.stem) in known for pair in self.test.pairs)


def read_neuron_archive(folder: Path) -> NeuronArchive:
    """Find the pictures and masks of the unpacked archive.

    Parameters
    ----------
    folder : Path
        That which holds `all_images` and `all_masks`.

    Returns
    -------
    NeuronArchive

    Raises
    ------
    DatasetError
        If the folders are not there, or nothing pairs.
    """
    images, masks = (
        _inner(folder, outer, inner)
        for outer, inner in (("all_images", "images"), ("all_masks", "masks"))
    )
    pairing = find_pairs(images, masks)

    def is_test(pair: Pair) -> bool:
        return pair.stem.casefold() in TEST_PICTURES

    rest = tuple(pair for pair in pairing.pairs if not is_test(pair))
    if not rest:
        msg = (
            f"All pictures in {folder.name} are test pictures, so none is left to learn "
            "from; unpack the whole archive."
        )
        raise DatasetError(msg)
    test = tuple(pair for pair in pairing.pairs if is_test(pair))
    learned_from = Pairing(rest, pairing.images_alone, pairing.masks_alone)
    return NeuronArchive(learned_from, Pairing(test))


def _inner(folder: Path, outer: str, inner: str) -> Path:
    for found in (folder / outer / inner, folder / outer):
        if found.is_dir():
            return found
    msg = (
        f"{folder.name} is not the unpacked archive Fluorescent Neuronal Cells: expected "
        f"the folder {outer}/{inner} in it; unpack the archive, or give a folder of "
        "pictures and one of masks."
    )
    raise DatasetError(msg)
