"""Losses: how far a network's maps are from the wanted ones.

Every loss takes logits and targets of shape (N, K, Y, X) and weights of shape (N, 1, Y, X)
(0 where a pixel does not count), and gives one number.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from segmetry.models.outputs import FLOW_REACH

__all__ = [
    "LOSSES",
    "bce",
    "bce_cldice",
    "bce_dice",
    "class_entropy",
    "class_loss",
    "density_loss",
    "flow_loss",
    "focal_loss",
    "focal_tversky_loss",
    "soft_cldice",
    "soft_dice",
    "soft_skeleton",
    "tversky_loss",
    "weighted_bce",
    "weighted_mean",
]

_FLOW_WEIGHT = 12.5  # of the squared error of unit vectors; as in the paper
_LEAST = 1e-6  # of a loss to a power below 1, whose slope has no bound at 0


def weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """Return the mean of values over the pixels that count."""
    spread = weight.expand_as(values)
    return (values * spread).sum() / spread.sum().clamp(min=1.0)


def soft_dice(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return 1 - Dice of probabilities, averaged over pictures and maps.

    References
    ----------
    F. Milletari et al., 3DV 2016. doi:10.1109/3DV.2016.79
    """
    found = torch.sigmoid(logits)
    both = (found * targets * weight).sum(dim=(2, 3))
    total = ((found + targets) * weight).sum(dim=(2, 3))
    return (1 - (2 * both + 1) / (total + 1)).mean()


def bce(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return binary cross-entropy."""
    entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return weighted_mean(entropy, weight)


def weighted_bce(
    logits: Tensor, targets: Tensor, weight: Tensor, *, of_objects: float = 1.5
) -> Tensor:
    """Return binary cross-entropy in which a pixel of an object counts `of_objects` times.

    The mean is over the pixels that count at all, so that a picture of heavier pixels, as
    `segmetry.learn.crowding` gives them, costs more than one of light ones.

    References
    ----------
    R. Morelli et al., Scientific Reports 11, 2021. doi:10.1038/s41598-021-01929-5
    """
    entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    costs = (1 + (of_objects - 1) * targets) * weight * entropy
    counted = (weight > 0).expand_as(costs)
    return costs.sum() / counted.sum().clamp(min=1)


def bce_dice(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return binary cross-entropy plus soft Dice loss."""
    return bce(logits, targets, weight) + soft_dice(logits, targets, weight)


def soft_skeleton(maps: Tensor, *, n_erosions: int = 6) -> Tensor:
    """Return the centrelines of maps, in steps that have a gradient.

    What an opening takes away from a map, and from the map eroded again and again, is on
    its centrelines. Structures that reach the edge of a map do not end there.

    Parameters
    ----------
    maps : Tensor of float, shape (N, K, Y, X)
        Of values between 0 and 1.
    n_erosions : int
        Lines wider than twice as many pixels plus 2, or slanted ones than 1.4 times as
        many plus 2, get no centreline.

    Returns
    -------
    Tensor of float, shape (N, K, Y, X)
        Between 0 and `maps`. Of masks it is 0 or 1; a line of even width keeps two pixels.

    References
    ----------
    S. Shit et al., CVPR 2021. doi:10.1109/CVPR46437.2021.01629

    Examples
    --------
    >>> bar = torch.zeros(1, 1, 7, 4)
    >>> bar[..., 1:6, :] = 1
    >>> soft_skeleton(bar)[0, 0, :, 0].tolist()
    [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    """
    skeleton = torch.zeros_like(maps)
    for _ in range(n_erosions + 1):
        eroded = _eroded(maps)
        opened = functional.max_pool2d(eroded, 3, stride=1, padding=1)
        # Where a wider level is there already, a narrower one adds what is left to 1.
        skeleton = skeleton + (1 - skeleton) * functional.relu(maps - opened)
        maps = eroded
    return skeleton


def _eroded(maps: Tensor) -> Tensor:
    """Return the least of each pixel and its four neighbours."""
    across, down = (
        -functional.max_pool2d(-maps, size, stride=1, padding=(size[0] // 2, size[1] // 2))
        for size in ((1, 3), (3, 1))
    )
    return torch.minimum(across, down)


def soft_cldice(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return 1 - clDice of probabilities, averaged over pictures and maps.

    clDice is the harmonic mean of two shares: that of the found centrelines in the true
    mask, and that of the true centrelines in the found one. A gap in a thin line costs as
    much as one in a thick line, and edges cost nothing. As edges are free, it is meant
    beside another loss.

    Parameters
    ----------
    logits : Tensor of float, shape (N, K, Y, X)
        Half precision is computed in single.
    targets : Tensor of float, shape (N, K, Y, X)
        0 or 1.
    weight : Tensor of float, shape (N, 1, Y, X)
        Pixels of weight 0 are background in both.

    Returns
    -------
    Tensor of float32, shape ()

    References
    ----------
    S. Shit et al., CVPR 2021. doi:10.1109/CVPR46437.2021.01629

    Examples
    --------
    >>> line = torch.zeros(1, 1, 9, 9)
    >>> line[..., 4, :] = 1
    >>> soft_cldice(60 * line - 30, line, torch.ones_like(line)).item()
    0.0
    """
    logits, targets, weight = logits.float(), targets.float(), weight.float()
    known = (weight > 0).to(logits)
    found, true = torch.sigmoid(logits) * known, targets * known
    # One pixel more in each share gives pictures without lines a loss too.
    right, covered = (
        ((skeleton * mask * weight).sum(dim=(2, 3)) + 1)
        / ((skeleton * weight).sum(dim=(2, 3)) + 1)
        for skeleton, mask in ((soft_skeleton(found), true), (soft_skeleton(true), found))
    )
    return (1 - 2 * right * covered / (right + covered)).mean()


def bce_cldice(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return binary cross-entropy plus soft clDice loss."""
    entropy = bce(logits.float(), targets.float(), weight.float())
    return entropy + soft_cldice(logits, targets, weight)


def flow_loss(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return the loss of a foreground and of coded flows, in this order.

    Foreground: binary cross-entropy plus soft Dice; flows: mean squared error.

    References
    ----------
    C. Stringer et al., Nature Methods 18, 2021. doi:10.1038/s41592-020-01018-x
    """
    foreground = bce_dice(logits[:, :1], targets[:, :1], weight)
    error = (torch.sigmoid(logits[:, 1:]) - targets[:, 1:]) / FLOW_REACH
    return foreground + _FLOW_WEIGHT * weighted_mean(error**2, weight)


def focal_loss(
    logits: Tensor, targets: Tensor, weight: Tensor, *, gamma: float = 2.0
) -> Tensor:
    """Return binary cross-entropy in which pixels that are nearly right count little.

    Each pixel's cross-entropy is multiplied by its error to the power of `gamma`; 0 is
    plain cross-entropy, and values between 0 and 1 are not meant. Suits rare objects.
    Soft targets are met without loss too.

    References
    ----------
    T.-Y. Lin et al., ICCV 2017. doi:10.1109/ICCV.2017.324
    """
    entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    error = (torch.sigmoid(logits) - targets).abs()
    return weighted_mean(error**gamma * entropy, weight)


def tversky_loss(
    logits: Tensor, targets: Tensor, weight: Tensor, *, missed: float = 0.7
) -> Tensor:
    """Return 1 - Tversky index, averaged over pictures and maps.

    `missed` is the share of missed pixels in the penalty, the rest is that of invented
    ones: 0.5 is the Dice loss, above it finds more. Suits small and thin objects.

    References
    ----------
    S. S. M. Salehi et al., MLMI 2017. doi:10.1007/978-3-319-67389-9_44
    """
    found = torch.sigmoid(logits)
    right, n_missed, n_invented = (
        (each * weight).sum(dim=(2, 3))
        for each in (found * targets, (1 - found) * targets, found * (1 - targets))
    )
    penalty = missed * n_missed + (1 - missed) * n_invented
    return (penalty / (right + penalty + 0.5)).mean()


def focal_tversky_loss(
    logits: Tensor,
    targets: Tensor,
    weight: Tensor,
    *,
    missed: float = 0.7,
    power: float = 0.75,
) -> Tensor:
    """Return the Tversky loss to a power below 1, which keeps on pulling where it is small.

    References
    ----------
    N. Abraham, N. M. Khan, ISBI 2019. doi:10.1109/ISBI.2019.8759329
    """
    loss = tversky_loss(logits, targets, weight, missed=missed)
    return (loss + _LEAST) ** power - _LEAST**power


def density_loss(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return how far densities are from the wanted ones, as the divergence of chances.

    It is least where each pixel has the mean of what is wanted of pixels that look like it,
    so that sums over many pixels are right on average. Of targets that are 0 or 1 it is
    cross-entropy.
    """
    entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    own = torch.special.entr(targets) + torch.special.entr(1 - targets)
    return weighted_mean(entropy - own, weight)


def class_loss(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return the categorical cross-entropy of class maps plus their soft Dice loss.

    Entropy counts pixels, so that a rare class hardly matters; Dice counts each class that
    is in the batch alike.

    References
    ----------
    F. Milletari et al., 3DV 2016. doi:10.1109/3DV.2016.79
    """
    found = torch.softmax(logits, dim=1)
    true = (targets * weight).sum(dim=(0, 2, 3))
    both = (found * targets * weight).sum(dim=(0, 2, 3))
    total = ((found + targets) * weight).sum(dim=(0, 2, 3))
    is_there = (true > 0).to(logits.dtype)
    missed = (1 - (2 * both + 1) / (total + 1)) * is_there
    return class_entropy(logits, targets, weight) + missed.sum() / is_there.sum().clamp(
        min=1
    )


def class_entropy(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return the categorical cross-entropy of class maps.

    The classes of a pixel exclude each other: `targets` is 1 in the map of its class.
    """
    entropy = -(targets * torch.log_softmax(logits, dim=1)).sum(dim=1, keepdim=True)
    return weighted_mean(entropy, weight)


LOSSES: Mapping[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "flows": flow_loss,
    "bce": bce,
    "weighted_bce": weighted_bce,
    "dice": soft_dice,
    "bce_dice": bce_dice,
    "bce_cldice": bce_cldice,
    "focal": focal_loss,
    "tversky": tversky_loss,
    "focal_tversky": focal_tversky_loss,
    "density": density_loss,
    "classes": class_loss,
}
