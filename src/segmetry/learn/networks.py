"""The networks that can be trained, each built from a few JSON values.

A network takes pictures (N, C, Y, X) and gives one map per output, as logits of the same
height and width. Sides must be multiples of its `multiple`.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from segmetry.errors import ModelError
from segmetry.learn.encoder_unet import EncoderUNet
from segmetry.learn.plain_network import PlainNetwork
from segmetry.learn.residual_unet import ResidualUNet
from segmetry.models.card import FLOWS

__all__ = ["FLOW_OUTPUTS", "SIZES", "UNet", "build"]

FLOW_OUTPUTS = ("foreground", *FLOWS)

_WIDEST, _DEEPEST = 2048, 8  # a model's card comes from anywhere, and could ask for more

SIZES: Mapping[str, Mapping[str, int]] = {
    "small": {"base": 16, "levels": 4, "fold": 2},  # 0.5 million parameters
    "medium": {"base": 32, "levels": 4, "fold": 2},  # 1.9 million
    "large": {"base": 64, "levels": 4, "fold": 2},  # 7.7 million
}


class UNet(nn.Module):
    """The U-Net [1]_, with batch normalisation and padded convolutions.

    Parameters
    ----------
    channels : int
        Channels of the picture.
    outputs : sequence of str
        Names of the maps.
    base : int
        Features at full resolution; each level below has twice as many.
    levels : int
        Resolutions, the first one included.
    fold : int
        The first resolution is that of blocks of so many pixels a side: the pixels of a
        block become channels before the first convolution, and the last one gives the maps
        of all pixels of a block [2]_. Of 2, the network has the same weights and sees
        twice as far in a third of the time; of 1, it is the U-Net as published.

    Raises
    ------
    ValueError
        If there are none of one of them, more than 8 levels, a fold above 8, or more than
        2048 features at the coarsest.

    Attributes
    ----------
    multiple : int
        Height and width of a picture are multiples of this.

    References
    ----------
    .. [1] O. Ronneberger et al., MICCAI 2015. doi:10.1007/978-3-319-24574-4_28
    .. [2] W. Shi et al., CVPR 2016. doi:10.1109/CVPR.2016.207

    Examples
    --------
    >>> net = UNet(channels=1, outputs=FLOW_OUTPUTS, base=4, levels=3)
    >>> tuple(net(torch.zeros(2, 1, 16, 24)).shape)
    (2, 3, 16, 24)
    """

    def __init__(
        self,
        *,
        channels: int,
        outputs: Sequence[str],
        base: int,
        levels: int,
        fold: int = 1,
    ) -> None:
        super().__init__()
        _check_sizes(channels, len(outputs), base, levels, fold)
        self.fold = fold
        self.multiple = fold * 2 ** (levels - 1)
        widths = [base * 2**level for level in range(levels)]
        self.down = nn.ModuleList(
            _double(before, after)
            for before, after in zip([channels * fold**2, *widths], widths, strict=False)
        )
        self.widen = nn.ModuleList(
            nn.ConvTranspose2d(below, width, kernel_size=2, stride=2)
            for width, below in pairwise(widths)
        )
        self.up = nn.ModuleList(_double(2 * width, width) for width in widths[:-1])
        self.head = nn.Conv2d(base, len(outputs) * fold**2, kernel_size=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits of all maps, (N, K, Y, X)."""
        features = functional.pixel_unshuffle(pictures, self.fold)
        passed = []
        for level, block in enumerate(self.down):
            features = block(functional.max_pool2d(features, 2) if level else features)
            passed.append(features)
        passed.pop()
        for widen, block in zip(reversed(self.widen), reversed(self.up), strict=True):
            features = block(torch.cat([passed.pop(), widen(features)], dim=1))
        return functional.pixel_shuffle(self.head(features), self.fold)


def _check_sizes(channels: int, n_outputs: int, base: int, levels: int, fold: int) -> None:
    sizes = (channels, n_outputs, base, levels, fold)
    too_small, too_deep = min(sizes) < 1, max(levels, fold) > _DEEPEST
    ends = max(channels, n_outputs) * fold**2
    if too_small or too_deep or max(ends, base * 2 ** (levels - 1)) > _WIDEST:
        msg = (
            f"expected 1 to {_DEEPEST} levels and 1 to {_WIDEST} features at each, got "
            f"{levels} levels, {base} features at the first, {channels} channels, "
            f"{n_outputs} outputs and a fold of {fold} (1 to {_DEEPEST})"
        )
        raise ValueError(msg)


def _double(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(*_convolution(before, after), *_convolution(after, after))


def _convolution(before: int, after: int) -> list[nn.Module]:
    return [
        nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    ]


def build(architecture: Mapping[str, Any]) -> nn.Module:
    """Return a new network with random weights.

    Its weights lie in memory channels last, in which order processors compute fastest.

    Parameters
    ----------
    architecture : mapping
        "kind" and the options of that kind, as a model's card stores them. The kind
        "unet" takes the options of `UNet`, "cnn" those of
        `segmetry.learn.plain_network.PlainNetwork`, "encoder_unet" those of
        `segmetry.learn.encoder_unet.EncoderUNet`, "c_resunet" those of
        `segmetry.learn.residual_unet.ResidualUNet`.

    Raises
    ------
    ModelError
        If the kind is not known, or its options do not fit.

    Examples
    --------
    >>> maps = {"channels": 3, "outputs": FLOW_OUTPUTS}
    >>> network = build({"kind": "unet", **maps, **SIZES["small"]})
    >>> sum(values.numel() for values in network.parameters())
    484220
    """
    options = dict(architecture)
    kind = options.pop("kind", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        msg = (
            f"expected a network of kind {', '.join(_KINDS)}, got {kind!r}; a newer "
            "Segmetry may know it"
        )
        raise ModelError(msg)
    try:
        network = _KINDS[kind](**options)
    except (TypeError, ValueError) as error:
        msg = f"options {sorted(options)} do not fit a network of kind {kind}: {error}"
        raise ModelError(msg) from error
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # PyTorch's types lack it


_KINDS: Mapping[str, Callable[..., nn.Module]] = {
    "unet": UNet,
    "encoder_unet": EncoderUNet,
    "c_resunet": ResidualUNet,
    "cnn": PlainNetwork,
}
