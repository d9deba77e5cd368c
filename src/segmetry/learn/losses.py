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
    "bce_dice",
    "class_loss",
    "flow_loss",
    "focal_loss",
    "soft_dice",
    "tversky_loss",
    "weighted_mean",
]

_FLOW_WEIGHT = 12.5  # of the squared error of unit vectors; as in the paper


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


def bce_dice(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return binary cross-entropy plus soft Dice loss."""
    return bce(logits, targets, weight) + soft_dice(logits, targets, weight)


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


def class_loss(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return the categorical cross-entropy of class maps.

    The classes of a pixel exclude each other: `targets` is 1 in the map of its class.
    """
    entropy = -(targets * torch.log_softmax(logits, dim=1)).sum(dim=1, keepdim=True)
    return weighted_mean(entropy, weight)


LOSSES: Mapping[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "flows": flow_loss,
    "bce": bce,
    "bce_dice": bce_dice,
    "focal": focal_loss,
    "tversky": tversky_loss,
    "classes": class_loss,
}
