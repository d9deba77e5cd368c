"""Losses: how far a network's maps are from the wanted ones.

Every loss takes logits and targets of shape (N, K, Y, X) and weights of shape (N, 1, Y, X)
(0 where a pixel does not count), and gives one number.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["LOSSES", "bce_dice", "object_loss", "weighted_mean"]

_DISTANCE_WEIGHT = 2.0
_BORDER_WEIGHT = 2.0  # of a border pixel: there are few


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
    found = torch.sigmoid(logits) * weight
    wanted = targets * weight
    both = (found * wanted).sum(dim=(2, 3))
    total = found.sum(dim=(2, 3)) + wanted.sum(dim=(2, 3))
    return (1 - (2 * both + 1) / (total + 1)).mean()


def bce_dice(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return binary cross-entropy plus soft Dice loss."""
    entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return weighted_mean(entropy, weight) + soft_dice(logits, targets, weight)


def object_loss(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return the loss of foreground, border and distance maps, in this order.

    Foreground: binary cross-entropy plus soft Dice; border: binary cross-entropy in which
    border pixels count twice; distance: mean absolute error.
    """
    foreground = bce_dice(logits[:, :1], targets[:, :1], weight)
    border = functional.binary_cross_entropy_with_logits(
        logits[:, 1:2],
        targets[:, 1:2],
        pos_weight=torch.tensor(_BORDER_WEIGHT),
        reduction="none",
    )
    distance = (torch.sigmoid(logits[:, 2:3]) - targets[:, 2:3]).abs()
    return (
        foreground
        + weighted_mean(border, weight)
        + _DISTANCE_WEIGHT * weighted_mean(distance, weight)
    )


LOSSES: Mapping[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "objects": object_loss,
    "bce_dice": bce_dice,
}
