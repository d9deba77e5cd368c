"""Annotated sets: pictures with their masks, checked, grouped, split and described."""

from segmetry.dataset.checks import (
    Finding,
    check_pairs,
    check_picture,
    find_lonely,
    unusable,
)
from segmetry.dataset.description import Description, PictureFacts, describe
from segmetry.dataset.duplicates import (
    Fingerprint,
    NearDuplicate,
    fingerprint,
    join_groups,
    near_duplicates,
)
from segmetry.dataset.layout import find_parts
from segmetry.dataset.pairs import (
    AnnotatedPicture,
    Pair,
    Pairing,
    find_pairs,
    read_pair,
    read_pairs,
)
from segmetry.dataset.sheet import read_column
from segmetry.dataset.split import k_folds, leave_one_out, split_by_group

__all__ = [
    "AnnotatedPicture",
    "Description",
    "Finding",
    "Fingerprint",
    "NearDuplicate",
    "Pair",
    "Pairing",
    "PictureFacts",
    "check_pairs",
    "check_picture",
    "describe",
    "find_lonely",
    "find_pairs",
    "find_parts",
    "fingerprint",
    "join_groups",
    "k_folds",
    "leave_one_out",
    "near_duplicates",
    "read_column",
    "read_pair",
    "read_pairs",
    "split_by_group",
    "unusable",
]
