"""The formulas of sizes are those of torch, and the receptive field is what it says."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from segmetry.learn.sizes import (
    convolution_size,
    receptive_field,
    transposed_convolution_size,
)

VALUES = {
    "size": st.integers(1, 40),
    "kernel": st.integers(1, 7),
    "stride": st.integers(1, 4),
    "padding": st.integers(0, 4),
    "dilation": st.integers(1, 3),
}


@given(**VALUES)
@settings(deadline=None)
def test_a_convolution_has_the_size_that_torch_gives_it(
    size, kernel, stride, padding, dilation
):
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    assume(dilation * (kernel - 1) + 1 <= size + 2 * padding)
    made = nn.Conv1d(1, 1, kernel, **options)(torch.zeros(1, 1, size))
    assert made.shape[-1] == convolution_size(size, kernel, **options)


@given(**VALUES, output_padding=st.integers(0, 3))
@settings(deadline=None)
def test_a_transposed_convolution_has_the_size_that_torch_gives_it(
    size, kernel, stride, padding, dilation, output_padding
):
    assume(output_padding < max(stride, dilation))
    options = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "output_padding": output_padding,
    }
    made = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1
    assume(made >= 1)
    layer = nn.ConvTranspose1d(1, 1, kernel, **options)
    assert layer(torch.zeros(1, 1, size)).shape[-1] == transposed_convolution_size(
        size, kernel, **options
    )


@given(**VALUES)
def test_the_transposed_convolution_has_the_size_before_a_convolution(
    size, kernel, stride, padding, dilation
):
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    assume(dilation * (kernel - 1) + 1 <= size + 2 * padding)
    small = convolution_size(size, kernel, **options)
    lost = (size + 2 * padding - dilation * (kernel - 1) - 1) % stride
    back = transposed_convolution_size(small, kernel, **options, output_padding=lost)
    assert back == size


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 2)), min_size=1, max_size=4),
)
@settings(deadline=None, max_examples=40)
def test_so_many_pixels_change_an_answer_and_no_others(layers):
    field = receptive_field(layers)
    net = nn.Sequential(
        *(nn.Conv1d(1, 1, kernel, stride=stride, bias=False) for kernel, stride in layers)
    )
    for layer in net:
        nn.init.ones_(layer.weight)
    picture = torch.zeros(1, 1, field + 20, requires_grad=True)
    net(picture)[0, 0, 0].backward()
    touched = torch.nonzero(picture.grad[0, 0]).ravel()
    assert int(touched.min()) == 0
    # Strides wider than the kernels skip pixels inside, never at the ends.
    assert int(touched.max()) == field - 1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: convolution_size(4, 7), "reaches over 7 pixels does not fit into 4"),
        (lambda: convolution_size(0, 1), "size must be 1 or more, got 0"),
        (lambda: convolution_size(4, 3, padding=-1), "padding must be 0 or more, got -1"),
        (lambda: transposed_convolution_size(1, 1, padding=1), "takes away all pixels"),
        (
            lambda: transposed_convolution_size(4, 2, stride=2, output_padding=2),
            "output_padding must be 0 or more and below the stride",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(call, said):
    with pytest.raises(ValueError, match=said):
        call()
