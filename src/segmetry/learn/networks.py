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

__all__ = ["OBJECT_OUTPUTS", "SIZES", "UNet", "build"]

OBJECT_OUTPUTS = ("foreground", "border", "distance")

_WIDEST, _DEEPEST = 2048, 8  # a model's card comes from anywhere, and could ask for more

SIZES: Mapping[str, Mapping[str, int]] = {
    "small": {"base": 16, "levels": 4},  # 0.5 million parameters
    "medium": {"base": 32, "levels": 4},  # 1.9 million
    "large": {"base": 32, "levels": 5},  # 7.8 million
}


class UNet(nn.Module):
    """The U-Net, with batch normalisation and padded convolutions.

    Parameters
    ----------
    channels : int
        Channels of the picture.
    outputs : sequence of str
        Names of the maps.
    base : int
        Features at full resolution; each level below has twice as many.
    levels : int
        Resolutions, full one included.

    Raises
    ------
    ValueError
        If there are none of one of them, more than 8 levels, or more than 2048 features
        at the coarsest.

    Attributes
    ----------
    multiple : int
        Height and width of a picture are multiples of this.

    References
    ----------
    O. Ronneberger et al., MICCAI 2015. doi:10.1007/978-3-319-24574-4_28

    Examples
    --------
    >>> net = UNet(channels=1, outputs=OBJECT_OUTPUTS, base=4, levels=3)
    >>> tuple(net(torch.zeros(2, 1, 16, 24)).shape)
    (2, 3, 16, 24)
    """

    def __init__(
        self, *, channels: int, outputs: Sequence[str], base: int, levels: int
    ) -> None:
        super().__init__()
        _check_sizes(channels, len(outputs), base, levels)
        self.multiple = 2 ** (levels - 1)
        widths = [base * 2**level for level in range(levels)]
        self.down = nn.ModuleList(
            _double(before, after)
            for before, after in zip([channels, *widths], widths, strict=False)
        )
        self.widen = nn.ModuleList(
            nn.ConvTranspose2d(below, width, kernel_size=2, stride=2)
            for width, below in pairwise(widths)
        )
        self.up = nn.ModuleList(_double(2 * width, width) for width in widths[:-1])
        self.head = nn.Conv2d(base, len(outputs), kernel_size=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits of all maps, (N, K, Y, X)."""
        features = pictures
        passed = []
        for level, block in enumerate(self.down):
            features = block(functional.max_pool2d(features, 2) if level else features)
            passed.append(features)
        passed.pop()
        for widen, block in zip(reversed(self.widen), reversed(self.up), strict=True):
            features = block(torch.cat([passed.pop(), widen(features)], dim=1))
        return self.head(features)


def _check_sizes(channels: int, n_outputs: int, base: int, levels: int) -> None:
    sizes = (channels, n_outputs, base, levels)
    too_small, too_deep = min(sizes) < 1, levels > _DEEPEST
    if too_small or too_deep or max(channels, base * 2 ** (levels - 1)) > _WIDEST:
        msg = (
            f"expected 1 to {_DEEPEST} levels and 1 to {_WIDEST} features at each, got "
            f"{levels} levels, {base} features at the first, {channels} channels and "
            f"{n_outputs} outputs"
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
        "unet" takes the options of `UNet`, "encoder_unet" those of
        `segmetry.learn.encoder_unet.EncoderUNet`.

    Raises
    ------
    ModelError
        If the kind is not known, or its options do not fit.

    Examples
    --------
    >>> maps = {"channels": 3, "outputs": OBJECT_OUTPUTS}
    >>> network = build({"kind": "unet", **maps, **SIZES["small"]})
    >>> sum(values.numel() for values in network.parameters())
    482771
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
}
