"""Pieces of a picture joined step by step to a few groups: agglomerative clustering.

The picture is divided into superpixels. Bottom up, the two groups are joined whose union
has the least added spread (Ward [1]_), until as many are left as asked for.

References
----------
.. [1] J. H. Ward, "Hierarchical grouping to optimize an objective function", J. Am. Stat.
       Assoc. 58, 1963. doi:10.1080/01621459.1963.10500845
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.segment.clustering import Clustering
from segmetry.segment.clusters import n_groups
from segmetry.segment.segmenter import Maps
from segmetry.segment.superpixels import SUPERPIXELS, means_of_pieces, superpixels

__all__ = ["Hierarchical"]


@dataclass(frozen=True, kw_only=True)
class Hierarchical(Clustering):
    """Small pieces of the picture are joined, the most alike first, to a few groups.

    Bears more noise than clusters of single pixels. Fails for objects smaller than a
    piece, and rounds off thin parts; a large picture needs more `superpixels`.

    Parameters
    ----------
    clusters : int
        Number of groups, from 2 to 8; fewer where the pieces have fewer different means.
        They are numbered by brightness, from the darkest.
    taken : int
        How many groups are objects, the brightest or the darkest ones.
    superpixels : int
        Number of pieces, at most 5000.
    **options
        Those of `segmetry.segment.clustering.Clustering`.

    Examples
    --------
    >>> pixels = np.full((40, 40), 30, np.uint8)
    >>> pixels[10:20, 10:20] = 200
    >>> labels = Hierarchical(denoise=0)(Image(pixels))
    >>> int((labels.data > 0).sum())
    100
    """

    name: ClassVar[str] = "hierarchical"

    superpixels: int = field(default=2000, metadata=SUPERPIXELS)

    def maps(self, image: Image) -> Maps:
        """Return the group of each pixel, and whether it is one of objects."""
        values = self.values(image)
        pieces = superpixels(values, image.included, self.superpixels)
        means = means_of_pieces(values, pieces, image.included)
        groups, n = _joined(means, self.clusters)
        if n < 2:  # one piece holds all that counts
            foreground = np.zeros(image.spatial_shape, np.float32)
            return Maps(foreground, found={"found_clusters": n})
        classes = (groups[pieces][..., None] == np.arange(n)).astype(np.float32)
        ordered = self.sorted_groups(classes, image)
        foreground = ordered.classes[..., ordered.taken].sum(axis=-1)
        return Maps(foreground, classes=ordered.classes, found=ordered.found)


def _joined(means: NDArray[np.float64], clusters: int) -> tuple[NDArray[np.intp], int]:
    """Return the group of each piece, -1 where none of it counts, and their number."""
    from scipy.cluster.hierarchy import fcluster, linkage

    counts = ~np.isnan(means[:, 0])
    groups = np.full(len(means), -1, np.intp)
    groups[counts] = 0
    n = n_groups(means[counts], clusters)
    if n < 2:
        return groups, n
    tree = linkage(means[counts], method="ward")
    names, numbers = np.unique(fcluster(tree, n, criterion="maxclust"), return_inverse=True)
    groups[counts] = numbers
    return groups, len(names)
