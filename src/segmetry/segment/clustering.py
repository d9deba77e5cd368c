"""The base of the methods that sort a picture into groups, some of which are objects."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.segment.clusters import Clusters, sort_clusters
from segmetry.segment.grey import grey_for_edges
from segmetry.segment.options import DENOISE, FLATTEN, POLARITY, Edges, Polarity, about
from segmetry.segment.segmenter import Segmenter
from segmetry.segment.spaces import Space, in_space

__all__ = ["SAMPLE", "SEED", "Clustering"]

SAMPLE = about(
    "Number of pixels drawn to find the groups; 0 takes all and is slow.",
    low=0,
    high=100_000_000,
)
SEED = about("Beginning of the random numbers; the same gives the same.", low=0, high=2**31)


@dataclass(frozen=True, kw_only=True)
class Clustering(Segmenter):
    """Base of the methods that sort a picture into groups.

    Parameters
    ----------
    clusters : int
        Number of groups, from 2 to 8; fewer where the picture has fewer different values.
        They are numbered by brightness, from the darkest.
    taken : int
        How many groups are objects, the brightest or the darkest ones.
    space : {"grey", "rgb", "hsv", "lab", "features"}
        See `segmetry.segment.spaces.in_space`.
    polarity : {"auto", "bright", "dark"}
    flatten, denoise : float
        See `segmetry.segment.grey_for_segmenting`. In pixels.
    **options
        The options of every `Segmenter`.

    Raises
    ------
    RecipeError
        If all groups are taken for objects, or a value is not one that its option can
        take.
    """

    clusters: int = field(
        default=2,
        metadata=about("Number of groups into which the pixels fall.", low=2, high=8),
    )
    taken: int = field(
        default=1,
        metadata=about(
            "How many of the groups are objects: the brightest or the darkest ones.",
            low=1,
            high=7,
        ),
    )
    space: Space = field(
        default="grey",
        metadata=about(
            "By what pixels are compared: grey value, colour, or their surroundings."
        ),
    )
    polarity: Polarity = field(default="auto", metadata=POLARITY)
    denoise: float = field(default=1.0, metadata=DENOISE)
    flatten: float = field(default=0, metadata=FLATTEN)

    def __post_init__(self) -> None:
        """Refuse values that an option cannot take."""
        super().__post_init__()
        if self.taken >= self.clusters:
            msg = (
                "taken must be below the number of clusters, "
                f"{self.clusters}, or nothing is left as background; got {self.taken}"
            )
            raise RecipeError(msg)

    def values(self, image: Image) -> NDArray[np.float32]:
        """Return the values by which pixels are compared, shape (Y, X, C)."""
        return in_space(image, self.space, flatten=self.flatten, denoise=self.denoise)

    def sorted_groups(self, classes: NDArray[np.float32], image: Image) -> Clusters:
        """Return groups, of shape (Y, X, K), by brightness, with those that are objects."""
        return sort_clusters(classes, image, polarity=self.polarity, taken=self.taken)

    def edge_grey(
        self, image: Image, groups: Clusters, edges: Edges
    ) -> NDArray[np.float32] | None:
        """Return grey values to place edges in; `None` leaves them where groups meet."""
        if edges == "cutoff" or self.space != "grey":
            return None
        return grey_for_edges(image, polarity=groups.polarity, denoise=self.denoise)
