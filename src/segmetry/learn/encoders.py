"""Encoders whose ImageNet weights are published: VGG16, ResNet-18 and ResNet-50.

Their parameters carry the names and shapes of torchvision's, so that its weight files fit
(see `segmetry.learn.encoder_weights`), without torchvision being installed. In the
bottleneck of ResNet-50 the stride is in the 3x3 convolution, as in those files; the paper
has it in the first 1x1.

An encoder takes pictures with values of about 0..1, a tensor of float32 of the shape
(N, 3, Y, X), and gives a list of feature maps, finest first. Its `channels` are those of
each map; height and width of a picture must be multiples of its `multiple`.

References
----------
.. [1] K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image
       recognition", ICLR 2015. arXiv:1409.1556
.. [2] K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition",
       CVPR 2016. doi:10.1109/CVPR.2016.90
.. [3] K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015.
       doi:10.1109/ICCV.2015.123
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from segmetry.errors import ModelError

__all__ = ["ENCODERS", "VGG16", "ResNet", "build_encoder", "initialize"]

_VGG_STAGES = ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3)
_IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of red, green and blue, where white is 1
_IMAGENET_STD = (0.229, 0.224, 0.225)


def initialize(module: nn.Module) -> None:
    """Draw a convolution's weights so that signals keep their size through ReLUs [3]_.

    Meant for `nn.Module.apply`. Without it the plain VGG16 does not learn from scratch.
    """
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class _ImageNetScale(nn.Module):
    """Pictures from about 0..1 to the scale of the pictures that ImageNet weights saw."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        # Not persistent: these are constants, and weight files do not have them.
        for name, values in (("mean", _IMAGENET_MEAN), ("std", _IMAGENET_STD)):
            column = torch.tensor(values).reshape(1, 3, 1, 1)
            self.register_buffer(name, column, persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        return (pictures - self.mean) / self.std


class VGG16(nn.Module):
    """Thirteen 3x3 convolutions in five stages (configuration D of [1]_).

    Parameters
    ----------
    batch_norm : bool
        Normalize after each convolution: learns more easily from scratch.

    Examples
    --------
    >>> maps = VGG16()(torch.zeros(1, 3, 32, 48))
    >>> [tuple(each.shape[1:]) for each in maps]
    [(64, 32, 48), (128, 16, 24), (256, 8, 12), (512, 4, 6), (512, 2, 3)]
    """

    channels = (64, 128, 256, 512, 512)
    multiple = 16

    def __init__(self, *, batch_norm: bool = False) -> None:
        super().__init__()
        self.scale = _ImageNetScale()
        layers: list[nn.Module] = []
        inputs = 3
        for stage in _VGG_STAGES:
            for outputs in stage:
                layers.append(nn.Conv2d(inputs, outputs, 3, padding=1))
                layers += [nn.BatchNorm2d(outputs)] if batch_norm else []
                layers.append(nn.ReLU(inplace=True))
                inputs = outputs
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers[:-1])  # nothing follows the last pooling
        self.apply(initialize)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Return the map of each stage: at full size, 1/2, 1/4, 1/8 and 1/16 of it."""
        maps = []
        x = self.scale(pictures)
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                maps.append(x)
            x = layer(x)
        return [*maps, x]


class _Residual(nn.Module):
    """A block that adds to its input: two 3x3 convolutions, or 1x1, 3x3 and 1x1."""

    def __init__(
        self, inputs: int, width: int, *, kernels: tuple[int, ...], stride: int
    ) -> None:
        super().__init__()
        outputs = _block_outputs(width, kernels)
        sizes = [inputs, *[width] * (len(kernels) - 1), outputs]
        for i, kernel in enumerate(kernels):
            step = stride if i == kernels.index(3) else 1
            conv = nn.Conv2d(
                sizes[i], sizes[i + 1], kernel, step, padding=kernel // 2, bias=False
            )
            self.add_module(f"conv{i + 1}", conv)
            self.add_module(f"bn{i + 1}", nn.BatchNorm2d(sizes[i + 1]))
        self.n_convolutions = len(kernels)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        for number in range(1, self.n_convolutions + 1):
            x = getattr(self, f"bn{number}")(getattr(self, f"conv{number}")(x))
            if number < self.n_convolutions:
                x = torch.relu(x)
        return torch.relu(x + shortcut)


def _block_outputs(width: int, kernels: tuple[int, ...]) -> int:
    return 4 * width if len(kernels) == 3 else width


class ResNet(nn.Module):
    """A residual network [2]_.

    Parameters
    ----------
    blocks : tuple of int
        Number of blocks in each of the four stages.
    kernels : tuple of int
        Kernel sizes in a block: (3, 3), or (1, 3, 1) with four times the channels.

    Examples
    --------
    >>> maps = ResNet((2, 2, 2, 2), kernels=(3, 3))(torch.zeros(1, 3, 64, 64))
    >>> [(each.shape[1], each.shape[2]) for each in maps]
    [(3, 64), (64, 32), (64, 16), (128, 8), (256, 4), (512, 2)]
    """

    multiple = 32

    def __init__(self, blocks: tuple[int, ...], *, kernels: tuple[int, ...]) -> None:
        super().__init__()
        self.scale = _ImageNetScale()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        channels = [3, 64]
        for stage, n_blocks in enumerate(blocks):
            inputs, width = channels[-1], 64 * 2**stage
            outputs = _block_outputs(width, kernels)
            stride = 1 if stage == 0 else 2
            first = _Residual(inputs, width, kernels=kernels, stride=stride)
            others = [
                _Residual(outputs, width, kernels=kernels, stride=1)
                for _ in range(n_blocks - 1)
            ]
            self.add_module(f"layer{stage + 1}", nn.Sequential(first, *others))
            channels.append(outputs)
        self.channels = tuple(channels)
        self.apply(initialize)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Return the normalized pictures, and maps at 1/2, 1/4, 1/8, 1/16 and 1/32."""
        scaled = self.scale(pictures)
        first = torch.relu(self.bn1(self.conv1(scaled)))
        maps = [scaled, first]
        x = self.maxpool(first)
        for stage in range(1, len(self.channels) - 1):
            x = getattr(self, f"layer{stage}")(x)
            maps.append(x)
        return maps


ENCODERS: dict[str, Callable[[], VGG16 | ResNet]] = {
    "vgg16": VGG16,
    "vgg16_bn": lambda: VGG16(batch_norm=True),
    "resnet18": lambda: ResNet((2, 2, 2, 2), kernels=(3, 3)),
    "resnet50": lambda: ResNet((3, 4, 6, 3), kernels=(1, 3, 1)),
}


def build_encoder(name: str) -> VGG16 | ResNet:
    """Return an encoder with random weights.

    Parameters
    ----------
    name : {"vgg16", "vgg16_bn", "resnet18", "resnet50"}

    Returns
    -------
    VGG16 or ResNet

    Raises
    ------
    ModelError
        If no encoder has that name.

    Examples
    --------
    >>> build_encoder("resnet18").multiple
    32
    """
    if name not in ENCODERS:
        msg = f"encoder must be one of {', '.join(ENCODERS)}, got {name!r}"
        raise ModelError(msg)
    return ENCODERS[name]()
