"""How large the layers of a network make a picture, and how far one answer sees.

The formulas are those of the guide of Dumoulin and Visin [1]_ and hold for one axis.

References
----------
.. [1] V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning",
       2016. arXiv:1603.07285
"""

from collections.abc import Iterable

__all__ = ["convolution_size", "receptive_field", "transposed_convolution_size"]


def convolution_size(
    size: int, kernel: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Return how many pixels a convolution or a pooling leaves along an axis.

    Parameters
    ----------
    size : int
        Pixels along the axis before.
    kernel : int
        Width of the kernel, in pixels.
    stride : int
        Pixels from one place of the kernel to the next.
    padding : int
        Pixels put on at each end.
    dilation : int
        Pixels from one weight of the kernel to the next.

    Returns
    -------
    int
        floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.

    Raises
    ------
    ValueError
        If the kernel is wider than the padded picture, or a value is out of its range.

    Examples
    --------
    A kernel of 3 pixels with a padding of 1 keeps the size; a pooling of 2 halves it:

    >>> convolution_size(64, 3, padding=1), convolution_size(64, 2, stride=2)
    (64, 32)
    """
    _check(size, kernel, stride, padding, dilation)
    reach = dilation * (kernel - 1) + 1
    if reach > size + 2 * padding:
        msg = (
            f"a kernel that reaches over {reach} pixels does not fit into {size} pixels "
            f"with a padding of {padding}"
        )
        raise ValueError(msg)
    return (size + 2 * padding - reach) // stride + 1


def transposed_convolution_size(
    size: int,
    kernel: int,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
) -> int:
    """Return how many pixels a transposed convolution makes along an axis.

    It has the size that a convolution of the same kernel, stride and padding would turn
    into `size`. It does not undo that convolution: only the size comes back.

    Parameters
    ----------
    size : int
        Pixels along the axis before.
    kernel, stride, padding, dilation : int
        See `convolution_size`; a padding takes away here.
    output_padding : int
        Pixels put on at one end, less than the stride or the dilation: a convolution of
        stride 2 turns 7 as well as 8 pixels into 4, and this says which are meant.

    Returns
    -------
    int
        (size - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1.

    Raises
    ------
    ValueError
        If nothing would be left, or a value is out of its range.

    Examples
    --------
    >>> transposed_convolution_size(32, 2, stride=2)
    64
    >>> transposed_convolution_size(4, 3, stride=2, padding=1, output_padding=1)
    8
    """
    _check(size, kernel, stride, padding, dilation)
    if not 0 <= output_padding < max(stride, dilation):
        msg = (
            "output_padding must be 0 or more and below the stride or the dilation, got "
            f"{output_padding} with a stride of {stride} and a dilation of {dilation}"
        )
        raise ValueError(msg)
    made = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1
    if made < 1:
        msg = f"a padding of {padding} takes away all pixels that {size} would become"
        raise ValueError(msg)
    return made


def receptive_field(layers: Iterable[tuple[int, int]]) -> int:
    """Return how many pixels of a picture, along an axis, decide about one answer.

    Parameters
    ----------
    layers : iterable of (kernel, stride)
        From the picture on. A dilated kernel counts with the pixels that it reaches over.

    Returns
    -------
    int
        1 + the sum over layers of (kernel - 1) times the strides of all layers before.

    Examples
    --------
    Two convolutions of 3 see 5 pixels; with a pooling of 2 between them 8:

    >>> receptive_field([(3, 1), (3, 1)]), receptive_field([(3, 1), (2, 2), (3, 1)])
    (5, 8)
    """
    field, step = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * step
        step *= stride
    return field


def _check(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    values = {"size": size, "kernel": kernel, "stride": stride, "dilation": dilation}
    for name, value in values.items():
        if value < 1:
            msg = f"{name} must be 1 or more, got {value}"
            raise ValueError(msg)
    if padding < 0:
        msg = f"padding must be 0 or more, got {padding}"
        raise ValueError(msg)
