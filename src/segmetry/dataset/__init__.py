"""Annotated sets: pictures with their masks, checked, grouped and split."""

from segmetry.dataset.duplicates import (
    NEAR_BITS,
    NearDuplicate,
    join_groups,
    near_duplicates,
    picture_hash,
)
from segmetry.dataset.pairs import (
    AnnotatedPicture,
    Pair,
    Pairing,
    find_pairs,
    read_pair,
    read_pairs,
)
from segmetry.dataset.split import k_folds, leave_one_out, split_by_group

__all__ = [
    "NEAR_BITS",
    "AnnotatedPicture",
    "NearDuplicate",
    "Pair",
    "Pairing",
    "find_pairs",
    "join_groups",
    "k_folds",
    "leave_one_out",
    "near_duplicates",
    "picture_hash",
    "read_pair",
    "read_pairs",
    "split_by_group",
]
