"""A plain convolutional network: the smallest that learns its own features."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

__all__ = ["PLAIN", "PlainNetwork", "receptive_field"]

PLAIN: Mapping[str, int] = {"width": 24, "layers": 6}  # 26,000 parameters

_WIDEST, _DEEPEST = 512, 20  # a model's card comes from anywhere, and could ask for more


class PlainNetwork(nn.Module):
    """Convolutions of 3 x 3 pixels with rectifiers, and a last one of 1 x 1.

    After the first two, pixels are halved once, by the largest of 2 x 2, so that the others
    see twice as far; before the last one they are doubled again, between pixels linearly,
    and joined by the sharp features of the first two.

    Parameters
    ----------
    channels : int
        Channels of the picture.
    outputs : sequence of str
        Names of the maps.
    width : int
        Features of each layer.
    layers : int
        Convolutions of 3 x 3, at least three.

    Raises
    ------
    ValueError
        If sizes are not possible.

    Attributes
    ----------
    multiple : int
        Height and width of a picture are multiples of this.

    Examples
    --------
    >>> net = PlainNetwork(channels=3, outputs=["foreground"], width=4, layers=4)
    >>> tuple(net(torch.zeros(2, 3, 16, 24)).shape)
    (2, 1, 16, 24)
    """

    multiple = 2

    def __init__(
        self, *, channels: int, outputs: Sequence[str], width: int, layers: int
    ) -> None:
        super().__init__()
        sizes = (channels, len(outputs), width)
        if min(sizes) < 1 or max(sizes) > _WIDEST or not 3 <= layers <= _DEEPEST:
            msg = (
                f"expected 1 to {_WIDEST} channels, outputs and features and 3 to "
                f"{_DEEPEST} layers, got {channels}, {len(outputs)}, {width} and {layers}"
            )
            raise ValueError(msg)
        self.fine = nn.Sequential(*_layer(channels, width), *_layer(width, width))
        deeper = [part for _ in range(layers - 2) for part in _layer(width, width)]
        self.coarse = nn.Sequential(nn.MaxPool2d(2), *deeper)
        self.widen = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        self.head = nn.Conv2d(2 * width, len(outputs), kernel_size=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits of all maps, (N, K, Y, X)."""
        fine = self.fine(pictures)
        return self.head(torch.cat([fine, self.widen(self.coarse(fine))], dim=1))


def receptive_field(*, layers: int, width: int = 1) -> int:
    """Return how many pixels across the network sees around a pixel, at most.

    Two layers of 3 x 3 see 5 pixels; halving adds 1; each further layer adds 2 pixels of
    the halved picture, 4 of the whole; and doubling takes each pixel from two halved ones,
    which adds 2. So it is 5 + 1 + 4 (layers - 2) + 2.

    Parameters
    ----------
    layers : int
        Convolutions of 3 x 3.
    width : int
        Of no matter.

    Examples
    --------
    >>> receptive_field(layers=6)
    24
    """
    del width
    return 5 + 1 + 4 * (layers - 2) + 2


def _layer(before: int, after: int) -> list[nn.Module]:
    return [
        nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    ]
