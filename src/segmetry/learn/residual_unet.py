"""The c-ResUnet: a small U-Net of residual blocks that first makes a grey picture [1]_.

References
----------
.. [1] R. Morelli, L. Clissa et al., "Automating cell counting in fluorescent microscopy
       through deep learning with c-ResUnet", Scientific Reports 11, 22920, 2021.
       doi:10.1038/s41598-021-01929-5
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

__all__ = ["ResidualUNet"]

_WIDEST = 256  # a model's card comes from anywhere, and could ask for more
_BOTTOM = 5  # pixels a side of the convolutions at the coarsest, which see farther


class ResidualUNet(nn.Module):
    """The c-ResUnet [1]_, which gives logits: losses and model files take the sigmoid.

    A convolution of one pixel learns to what grey value colours are mixed. Then come
    three resolutions of residual blocks, each half as fine and twice as wide, a bottom of
    two blocks of 5 x 5 convolutions, and the way back up.

    Parameters
    ----------
    channels : int
        Channels of the picture.
    outputs : sequence of str
        Names of the maps.
    base : int
        Features at full resolution: 16 as published, then 32, 64 and 128.

    Raises
    ------
    ValueError
        If there are none of one of them, or more than 256 features at full resolution.

    Attributes
    ----------
    multiple : int
        Height and width of a picture are multiples of this.

    References
    ----------
    .. [1] R. Morelli et al., Scientific Reports 11, 2021. doi:10.1038/s41598-021-01929-5

    Examples
    --------
    >>> network = ResidualUNet(channels=3, outputs=["foreground"])
    >>> sum(values.numel() for values in network.parameters())
    1707287
    """

    multiple = 8

    def __init__(self, *, channels: int, outputs: Sequence[str], base: int = 16) -> None:
        super().__init__()
        sizes = (channels, len(outputs), base)
        if min(sizes) < 1 or max(sizes) > _WIDEST:
            msg = (
                f"expected 1 to {_WIDEST} features at full resolution, got {base}, with "
                f"{channels} channels and {len(outputs)} outputs"
            )
            raise ValueError(msg)
        first, second, third, widest = (base * 2**level for level in range(4))
        self.grey = nn.Conv2d(channels, 1, kernel_size=1)
        self.first = _changes(1, first)
        self.down = nn.ModuleList([_Residual(first, second), _Residual(second, third)])
        self.bottom = nn.Sequential(
            _Residual(third, widest, side=_BOTTOM), _Residual(widest, widest, side=_BOTTOM)
        )
        pairs = ((widest, third), (third, second), (second, first))
        self.up = nn.ModuleList(_Up(below, width) for below, width in pairs)
        self.head = nn.Conv2d(first, len(outputs), kernel_size=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits of all maps, (N, K, Y, X)."""
        passed = [self.first(self.grey(pictures))]
        for block in self.down:
            passed.append(block(max_pool2d(passed[-1], 2)))
        features = self.bottom(max_pool2d(passed[-1], 2))
        for block, fine in zip(self.up, reversed(passed), strict=True):
            features = block(features, fine)
        return self.head(features)


def _changes(before: int, after: int, *, side: int = 3) -> nn.Sequential:
    """Return two convolutions, each after a normalisation and an ELU."""
    layers: list[nn.Module] = []
    for width in (before, after):
        conv = nn.Conv2d(width, after, side, padding=side // 2)
        nn.init.kaiming_normal_(conv.weight)
        layers += [nn.BatchNorm2d(width), nn.ELU(), conv]
    return nn.Sequential(*layers)


class _Residual(nn.Module):
    """Convolutions whose result is added to what came in."""

    def __init__(self, before: int, after: int, *, side: int = 3) -> None:
        super().__init__()
        self.changes = _changes(before, after, side=side)
        self.past = nn.Conv2d(before, after, 1) if before != after else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        return self.changes(features) + self.past(features)


class _Up(nn.Module):
    """Twice as fine, joined with the features of that size, and a residual block."""

    def __init__(self, below: int, width: int) -> None:
        super().__init__()
        self.widen = nn.ConvTranspose2d(below, width, kernel_size=2, stride=2)
        self.changes = _changes(2 * width, width)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        finer = self.widen(coarse)
        return self.changes(torch.cat([finer, fine], dim=1)) + finer
