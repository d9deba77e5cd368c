"""What a package says is done before and after its network, in our terms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from segmetry.errors import ModelError
from segmetry.models.bioimageio.graph import Arithmetic
from segmetry.models.card import Normalization

__all__ = ["Before", "after_network", "before_network"]

_LOWEST, _HIGHEST = (float(end) for end in (np.finfo("f4").min, np.finfo("f4").max))
_WIDE = {"float32", "float64"}
_OTHER_WAYS = {
    "stardist_postprocessing": "StarDist itself runs it: --segmenter stardist",
    "stardist_postprocessing_2d": "StarDist itself runs it: --segmenter stardist",
    "cellpose_flow_dynamics": "Cellpose itself runs it: --segmenter cellpose",
}


@dataclass(frozen=True)
class Before:
    """What is done with grey values before a network sees them.

    Parameters
    ----------
    normalization : Normalization
        What has to know the whole picture.
    steps : tuple of Arithmetic
        What is done next, with each value alone.
    """

    normalization: Normalization
    steps: tuple[Arithmetic, ...] = field(default=())


def before_network(steps: Sequence[Any], *, own: str, file: str) -> Before:
    """Return the preprocessing of a package in our terms.

    Parameters
    ----------
    steps : sequence
        As `bioimageio.spec` has them.
    own : str
        Name of the input.
    file : str
        For messages.

    Returns
    -------
    Before

    Raises
    ------
    ModelError
        If a step is not supported, named in the message.
    """
    normalization = Normalization(kind="none")
    found: list[Arithmetic] = []
    for step in steps:
        if step.id in {"scale_range", "zero_mean_unit_variance"}:
            # bioimageio.core measures the picture as it was before all steps, other
            # programs as it is at this one: nobody knows what the network learned with.
            if normalization.kind != "none" or found:
                raise _unsupported(step.id, file, "after another step that changes values")
            normalization = _of_the_whole(step, own=own, file=file)
        else:
            found += _alone(step, file)
    return Before(normalization, tuple(found))


def after_network(steps: Sequence[Any], *, file: str) -> tuple[list[Arithmetic], float]:
    """Return the postprocessing of a package in our terms, and the cutoff of foreground.

    Raises
    ------
    ModelError
        If a step is not supported, named in the message.
    """
    found: list[Arithmetic] = []
    cutoff = 0.5
    for step in steps:
        if step.id == "binarize":
            threshold = step.kwargs.threshold
            if step is not steps[-1] or not isinstance(threshold, float | int):
                raise _unsupported(step.id, file, "but as a last step with one threshold")
            cutoff = float(threshold)
        elif step.id == "sigmoid":
            found.append(Arithmetic("sigmoid"))
        elif step.id == "softmax" and str(step.kwargs.axis) == "channel":
            found.append(Arithmetic("softmax"))
        else:
            found += _alone(step, file)
    return found, cutoff


def _of_the_whole(step: Any, *, own: str, file: str) -> Normalization:
    kwargs = step.kwargs
    axes = None if kwargs.axes is None else {str(axis) for axis in kwargs.axes}
    if axes is not None and not {"y", "x"} <= axes:
        raise _unsupported(step.id, file, "of single rows or columns")
    reference = getattr(kwargs, "reference_tensor", None)
    if reference is not None and str(reference) != own:
        raise _unsupported(step.id, file, "by another tensor")
    values: dict[str, Any] = {
        "per_channel": axes is not None and "channel" not in axes,
        "epsilon": float(kwargs.eps),
    }
    if step.id == "zero_mean_unit_variance":
        return Normalization(kind="mean", **values)
    low, high = float(kwargs.min_percentile), float(kwargs.max_percentile)
    return Normalization(kind="range", low=low, high=high, **values)


def _alone(step: Any, file: str) -> list[Arithmetic]:
    """Return a step that treats each value alone."""
    if step.id == "ensure_dtype":
        if step.kwargs.dtype not in _WIDE:
            raise _unsupported(step.id, file, f"to {step.kwargs.dtype}")
        return []
    if step.id == "clip":
        return [_clip(step.kwargs, file)]
    if step.id == "scale_linear":
        _check_axis(step, file)
        return [Arithmetic("linear", _each(step.kwargs.gain), _each(step.kwargs.offset))]
    if step.id == "fixed_zero_mean_unit_variance":
        _check_axis(step, file)
        means, stds = np.array(_each(step.kwargs.mean)), np.array(_each(step.kwargs.std))
        gains = 1 / (stds + 1e-6)  # as bioimageio.core has it
        return [
            Arithmetic("linear", tuple(gains.tolist()), tuple((-means * gains).tolist()))
        ]
    raise _unsupported(step.id, file, "")


def _clip(kwargs: Any, file: str) -> Arithmetic:
    if any(
        getattr(kwargs, f"{end}_percentile", None) is not None for end in ("min", "max")
    ):
        step = "clip"
        raise _unsupported(step, file, "at percentiles")
    least = _LOWEST if kwargs.min is None else float(kwargs.min)
    most = _HIGHEST if kwargs.max is None else float(kwargs.max)
    return Arithmetic("clip", (least,), (most,))


def _check_axis(step: Any, file: str) -> None:
    if str(getattr(step.kwargs, "axis", None) or "channel") != "channel":
        raise _unsupported(step.id, file, "along an axis of the picture")


def _each(value: Any) -> tuple[float, ...]:
    return tuple(float(each) for each in np.atleast_1d(value))


def _unsupported(step: str, file: str, how: str) -> ModelError:
    hint = _OTHER_WAYS.get(step, "ask its authors for a network without it")
    msg = f"{file} asks for '{step}' {how}".rstrip()
    return ModelError(f"{msg}, which Segmetry cannot do; {hint}")
