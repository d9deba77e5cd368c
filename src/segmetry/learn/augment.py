"""Changes of brightness, colour, sharpness and noise, for a whole batch at once.

Each picture of the batch gets its own random change. Values are around 0 to 1.
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["Appearance", "vary"]

_BLUR_RADIUS = 4


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """How far the look of crops may be changed.

    Parameters
    ----------
    brightness, contrast : float
        Greatest shift, and greatest relative change of the spread.
    gamma : float
        Greatest change of the exponent, in powers of two.
    colour : float
        Greatest relative change of one channel against the others; grey pictures stay grey.
    shuffle, invert, blur, noise : float
        Share of the pictures whose channels are shuffled, whose values are inverted, that
        are blurred (standard deviation up to 1.5 px) and that get noise.
    noise_sd : float
        Greatest standard deviation of the noise.
    """

    brightness: float = 0.15
    contrast: float = 0.3
    gamma: float = 0.7
    colour: float = 0.2
    shuffle: float = 0.2
    invert: float = 0.1
    blur: float = 0.25
    noise: float = 0.3
    noise_sd: float = 0.08

    @classmethod
    def none(cls) -> "Appearance":
        """Change nothing."""
        return cls(**{option.name: 0.0 for option in fields(cls)})


def vary(pictures: Tensor, appearance: Appearance, random: torch.Generator) -> Tensor:
    """Return the pictures of a batch, each with its own change of look.

    Parameters
    ----------
    pictures : Tensor, shape (N, C, Y, X)
        Y and X are at least 5.
    appearance : Appearance
    random : torch Generator

    Returns
    -------
    Tensor, same shape

    Examples
    --------
    >>> batch = torch.rand(2, 3, 8, 8)
    >>> same = vary(batch, Appearance.none(), torch.Generator().manual_seed(0))
    >>> bool(torch.allclose(same, batch))
    True
    """
    draw = _Draw(len(pictures), random)
    pictures = _recoloured(pictures, appearance, draw)
    pictures = torch.where(draw.happens(appearance.invert), 1 - pictures, pictures)
    power = 2.0 ** draw.between(appearance.gamma)
    pictures = pictures.sign() * pictures.abs().clamp(min=1e-6) ** power
    mean = pictures.mean(dim=(1, 2, 3), keepdim=True)
    spread = 1 + draw.between(appearance.contrast)
    pictures = (pictures - mean) * spread + mean + draw.between(appearance.brightness)
    pictures = _blurred(pictures, appearance, draw)
    return _noisy(pictures, appearance, draw)


class _Draw:
    """Random numbers for a batch, one a picture."""

    def __init__(self, n: int, random: torch.Generator) -> None:
        self.n, self.random = n, random

    def uniform(self) -> Tensor:
        return torch.rand(self.n, 1, 1, 1, generator=self.random)

    def between(self, reach: float) -> Tensor:
        return (2 * self.uniform() - 1) * reach

    def happens(self, share: float) -> Tensor:
        return self.uniform() < share


def _recoloured(pictures: Tensor, appearance: Appearance, draw: _Draw) -> Tensor:
    channels = pictures.shape[1]
    if channels == 1:
        return pictures
    is_grey = (pictures == pictures[:, :1]).all(dim=1, keepdim=True)
    is_grey = is_grey.all(dim=2, keepdim=True).all(dim=3, keepdim=True)
    shape = (draw.n, channels, 1, 1)
    gain = 1 + (2 * torch.rand(shape, generator=draw.random) - 1) * appearance.colour
    order = torch.rand(draw.n, channels, generator=draw.random).argsort(dim=1)
    shuffled = torch.gather(pictures, 1, order[..., None, None].expand_as(pictures))
    mixed = torch.where(draw.happens(appearance.shuffle), shuffled, pictures) * gain
    return torch.where(is_grey, pictures, mixed)


def _blurred(pictures: Tensor, appearance: Appearance, draw: _Draw) -> Tensor:
    chosen = draw.happens(appearance.blur)
    width = 0.3 + 1.2 * draw.uniform()
    if not bool(chosen.any()):
        return pictures
    n, channels = pictures.shape[:2]
    offsets = torch.arange(-_BLUR_RADIUS, _BLUR_RADIUS + 1, dtype=pictures.dtype)
    kernel = torch.exp(-0.5 * (offsets / width.reshape(n, 1)) ** 2)
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).repeat_interleave(channels, dim=0)
    flat = pictures.reshape(1, n * channels, *pictures.shape[2:])
    for shape, pad in (
        ((-1, 1, 1, 9), (_BLUR_RADIUS, _BLUR_RADIUS, 0, 0)),
        ((-1, 1, 9, 1), (0, 0, _BLUR_RADIUS, _BLUR_RADIUS)),
    ):
        padded = functional.pad(flat, pad, mode="reflect")
        flat = functional.conv2d(padded, kernel.reshape(shape), groups=n * channels)
    return torch.where(chosen, flat.reshape(pictures.shape), pictures)


def _noisy(pictures: Tensor, appearance: Appearance, draw: _Draw) -> Tensor:
    size = draw.happens(appearance.noise) * draw.uniform() * appearance.noise_sd
    if not bool(size.any()):
        return pictures
    n, _, height, width = pictures.shape
    # One field for all channels keeps grey pictures grey.
    field = torch.randn(n, 1, height, width, generator=draw.random)
    return pictures + size * field
