"""Boosted trees, a random forest and a support vector machine as segmenters."""

from dataclasses import dataclass, field
from typing import ClassVar

from segmetry.models.pixel_fit import Kind
from segmetry.models.pixel_segmenter import PixelSegmenter
from segmetry.segment.options import about

__all__ = ["Boosted", "Forest", "SupportVectors"]

_TREES = about("Number of trees.", low=2, high=5000, tunable=(30, 100, 300))
_LEAVES = about("Most leaves of a tree.", low=2, high=64, tunable=(8, 15, 31, 64))


@dataclass(frozen=True, kw_only=True)
class Boosted(PixelSegmenter):
    """Pixels by their surroundings, as boosted trees (LightGBM) learned from examples.

    Each tree mends what those before got wrong. As a rule the best of the three, and fast
    enough to paint with. Fails on textures unlike those that it learned from, and on
    objects that only a look from further away than four times `coarsest` tells apart.

    Parameters
    ----------
    trees, leaves : int
        Number of trees, and most leaves of each.
    **options
        Those of `PixelSegmenter`.
    """

    name: ClassVar[str] = "boosted"
    kind: ClassVar[Kind] = "boosted"

    trees: int = field(default=100, metadata=_TREES)
    leaves: int = field(default=31, metadata=_LEAVES)

    def sizes(self) -> dict[str, int]:
        """Return how large the classifier is to be."""
        return {"trees": self.trees, "leaves": self.leaves}


@dataclass(frozen=True, kw_only=True)
class Forest(PixelSegmenter):
    """Pixels by their surroundings, as a random forest learned from examples.

    Many trees, each from other points and features, vote. Robust with few or wrongly
    painted points. Fails as "boosted" does.

    Parameters
    ----------
    trees, leaves : int
        Number of trees, and most leaves of each.
    **options
        Those of `PixelSegmenter`.
    """

    name: ClassVar[str] = "forest"
    kind: ClassVar[Kind] = "forest"

    trees: int = field(default=100, metadata=_TREES)
    leaves: int = field(default=64, metadata=_LEAVES)

    def sizes(self) -> dict[str, int]:
        """Return how large the classifier is to be."""
        return {"trees": self.trees, "leaves": self.leaves}


@dataclass(frozen=True, kw_only=True)
class SupportVectors(PixelSegmenter):
    """Pixels by their surroundings, as a support vector machine learned from examples.

    A smooth border between the classes, as far as can be from the points of both. Good
    with few points. Fails where a class is made of many different things.

    Parameters
    ----------
    landmarks : int
        Points to which others are compared.
    **options
        Those of `PixelSegmenter`.
    """

    name: ClassVar[str] = "svm"
    kind: ClassVar[Kind] = "svm"

    landmarks: int = field(
        default=300,
        metadata=about(
            "Points to which others are compared.",
            low=2,
            high=5000,
            tunable=(100, 300, 1000),
        ),
    )

    def sizes(self) -> dict[str, int]:
        """Return how large the classifier is to be."""
        return {"landmarks": self.landmarks}
