"""Pixels sorted into a few groups, each round its mean: k-means.

Starts are those of k-means++ [2]_, the best of four. Means are found from a sample of the
pixels (see `segmetry.segment.sampling`), which changes next to nothing and takes a
fraction of the time; then every pixel goes to the nearest mean.

References
----------
.. [1] S. P. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28, 1982.
       doi:10.1109/TIT.1982.1056489
.. [2] D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding",
       Proc. 18th ACM-SIAM Symposium on Discrete Algorithms, 2007.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.segment.clustering import SAMPLE, SEED, Clustering
from segmetry.segment.clusters import n_groups, over_picture
from segmetry.segment.options import EDGES, Edges
from segmetry.segment.sampling import weighted_points
from segmetry.segment.segmenter import Maps

__all__ = ["KMeans", "means_of_groups"]

_STARTS = 4  # one start in some tens ends in a poor place
_STILL = 1e-9  # of the variance: stopped sooner, Dice to the end was down to 0.96


@dataclass(frozen=True, kw_only=True)
class KMeans(Clustering):
    """Pixels are sorted into groups of alike colour, and one group is the objects.

    Fails where the groups differ much in size or spread (a few bright objects on a wide
    ground: try "gmm"), where light is uneven (try `flatten`), and in noise, for it looks
    at each pixel alone: `denoise` helps.

    Parameters
    ----------
    sample : int
        Number of pixels drawn to find the groups; 0 takes all.
    seed : int
    edges : {"halfway", "cutoff"}
        Where an edge lies; see `segmetry.segment.edges`. In spaces other than grey it is
        where the groups meet.
    **options
        Those of `segmetry.segment.clustering.Clustering`.

    Examples
    --------
    >>> pixels = np.full((40, 40), 30, np.uint8)
    >>> pixels[10:20, 10:20] = 200
    >>> labels, maps = KMeans(denoise=0).labels_and_maps(Image(pixels))
    >>> labels.ids, maps.found["found_brightness"]
    (array([1], dtype=uint32), [30.0, 200.0])
    """

    name: ClassVar[str] = "kmeans"

    edges: Edges = field(default="halfway", metadata=EDGES)
    sample: int = field(default=20_000, metadata=SAMPLE)
    seed: int = field(default=0, metadata=SEED)

    def maps(self, image: Image) -> Maps:
        """Return how near each pixel is to the objects' means, and the group of each."""
        values = self.values(image)
        points, weights = weighted_points(
            values, image.included, sample=self.sample, clusters=self.clusters
        )
        n = n_groups(points, self.clusters)
        means = means_of_groups(points, weights, n, self.seed)
        away = over_picture(values, lambda some: _distances(some, means))
        nearest = away.argmin(axis=-1)
        classes = (nearest[..., None] == np.arange(len(means))).astype(np.float32)
        ordered = self.sorted_groups(classes, image)
        away = away[..., ordered.order]
        to_objects = away[..., ordered.taken].min(axis=-1)
        to_others = away[..., ~ordered.taken].min(axis=-1)
        foreground = to_others / (to_objects + to_others)
        edge_grey = self.edge_grey(image, ordered, self.edges)
        return Maps(
            foreground, classes=ordered.classes, edge_grey=edge_grey, found=ordered.found
        )


def means_of_groups(
    points: NDArray[np.float64], weights: NDArray[np.float64], n: int, seed: int
) -> NDArray[np.float64]:
    """Return the means of groups into which points fall.

    Parameters
    ----------
    points : ndarray of float64, shape (N, C)
    weights : ndarray of float64, shape (N,)
        How much each counts.
    n : int
        Number of groups; there are at least as many different points.
    seed : int

    Returns
    -------
    ndarray of float64, shape (n, C)

    Examples
    --------
    >>> points = np.array([[0.0], [2.0], [10.0], [12.0]])
    >>> sorted(means_of_groups(points, np.ones(4), 2, seed=0).ravel().tolist())
    [1.0, 11.0]
    """
    from sklearn.cluster import KMeans as Lloyd
    from threadpoolctl import threadpool_limits

    # On one thread: sums in another order would give other last digits.
    with threadpool_limits(limits=1):
        model = Lloyd(n_clusters=n, n_init=_STARTS, tol=_STILL, random_state=seed)
        model.fit(points, sample_weight=weights)
    return np.asarray(model.cluster_centers_)


def _distances(
    points: NDArray[np.float64], means: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the distance of each point to each mean, shape (N, K)."""
    away = [np.sqrt(((points - mean) ** 2).sum(axis=1)) for mean in means]
    return np.stack(away, axis=1)
