"""A U-Net whose contracting half is an encoder with published ImageNet weights.

References
----------
.. [1] O. Ronneberger, P. Fischer, T. Brox, "U-Net: convolutional networks for biomedical
       image segmentation", MICCAI 2015. doi:10.1007/978-3-319-24574-4_28
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from segmetry.errors import ModelError
from segmetry.learn.encoders import build_encoder, initialize

__all__ = ["EncoderUNet"]

_WIDEST = 256  # channels: wider decoders cost much and gain little


class _Up(nn.Module):
    """Twice as fine, joined with the encoder's map of that size, and two convolutions."""

    def __init__(self, inputs: int, skip: int, outputs: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels in (inputs + skip, outputs):
            conv = nn.Conv2d(channels, outputs, 3, padding=1, bias=False)
            layers += [conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        finer = interpolate(coarse, scale_factor=2.0, mode="nearest")
        return self.layers(torch.cat([finer, fine], dim=1))


class EncoderUNet(nn.Module):
    """A U-Net [1]_ over a VGG16 or ResNet encoder.

    Parameters
    ----------
    encoder : {"vgg16", "vgg16_bn", "resnet18", "resnet50"}
    channels : {1, 3}
        Channels of the picture. A single one is repeated for the encoder, which needs 3.
    outputs : sequence of str
        Names of the maps, for instance foreground, flow_y and flow_x.
    base : int
        Channels of the decoder at full size; twice as many at each coarser size, up
        to 256.

    Raises
    ------
    ModelError
        If no encoder has that name, or channels is neither 1 nor 3.

    Attributes
    ----------
    multiple : int
        Height and width of a picture are multiples of this: 16 for VGG16, 32 for ResNet.

    Examples
    --------
    >>> network = EncoderUNet(channels=3, encoder="resnet18", outputs=["foreground"])
    >>> tuple(network(torch.zeros(1, 3, 32, 64)).shape)
    (1, 1, 32, 64)
    """

    def __init__(
        self, *, channels: int, encoder: str, outputs: Sequence[str], base: int = 32
    ) -> None:
        super().__init__()
        if channels not in (1, 3):
            msg = f"a network with an encoder takes 1 or 3 channels, got {channels}"
            raise ModelError(msg)
        self.encoder = build_encoder(encoder)
        self.multiple = self.encoder.multiple
        *skips, inputs = self.encoder.channels
        blocks = []
        for level, skip in reversed(list(enumerate(skips))):
            width = min(base * 2**level, max(base, _WIDEST))
            blocks.append(_Up(inputs, skip, width))
            inputs = width
        self.decoder = nn.ModuleList(blocks)
        self.head = nn.Conv2d(base, len(outputs), 1)
        self.decoder.apply(initialize)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return logits of each map at full size.

        Parameters
        ----------
        pictures : Tensor of float32, shape (N, C, Y, X)
            Values of about 0..1.

        Returns
        -------
        Tensor of float32, shape (N, K, Y, X)
        """
        *finer, x = self.encoder(pictures.expand(-1, 3, -1, -1))
        for block, fine in zip(self.decoder, reversed(finer), strict=True):
            x = block(x, fine)
        return self.head(x)
