"""Preprocessing in our terms gives what bioimageio.core gives."""

import numpy as np
import pytest

from segmetry.image import Image
from segmetry.models.bioimageio.processing import after_network, before_network
from segmetry.models.normalization import normalized

# bioimageio.core 0.11 always adds 1e-6 to what it divides by, whatever is described.
JOINT, EACH = ["channel", "y", "x"], ["y", "x"]
RANGE = {"min_percentile": 1.0, "max_percentile": 97.0, "eps": 1e-6}
CHAINS = [
    [("scale_range", {"axes": JOINT, **RANGE})],
    [("scale_range", {"axes": EACH, **RANGE}), ("clip", {"min": 0.0, "max": 1.0})],
    [("zero_mean_unit_variance", {"axes": EACH, "eps": 1e-6})],
    [
        ("zero_mean_unit_variance", {"axes": JOINT, "eps": 1e-6}),
        ("scale_linear", {"gain": 2.0, "offset": 0.5}),
    ],
    [("scale_linear", {"axis": "channel", "gain": [1, 2, 3], "offset": [3, 2, 1]})],
    [("fixed_zero_mean_unit_variance", {"mean": 100.0, "std": 50.0})],
    [("ensure_dtype", {"dtype": "float32"}), ("clip", {"min": 30.0})],
]


def by_core(tensor_description, pixels):
    operators = pytest.importorskip("bioimageio.core.proc_ops")
    from bioimageio.core.sample import Sample
    from bioimageio.core.stat_calculators import compute_measures
    from bioimageio.core.tensor import Tensor

    tensor = Tensor(pixels, dims=("batch", "channel", "y", "x"))
    for step in tensor_description.preprocessing:
        operator = operators.get_proc(step, tensor_description)
        sample = Sample(members={"raw": tensor}, stat={}, id=None)
        sample.stat = compute_measures(operator.required_measures, [sample])
        operator(sample)
        tensor = sample.members["raw"]
    return np.asarray(tensor.data)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: "+".join(s[0] for s in chain))
def test_grey_values_become_what_they_become_elsewhere(describe, chain):
    from bioimageio.spec import ValidationContext
    from bioimageio.spec.model.v0_5 import ModelDescr

    told = describe(
        taken=("batch", ["r", "g", "b"], "y", "x"),
        before=[{"id": name, "kwargs": kwargs} for name, kwargs in chain],
    )
    context = ValidationContext(perform_io_checks=False, log_warnings=False)
    model = ModelDescr.load(told, context=context)
    steps = model.inputs[0].preprocessing
    pixels = np.random.default_rng(0).gamma(2, 40, (1, 3, 20, 30)).astype(np.float32)
    before = before_network(steps, own="raw", file="a")
    image = Image(np.moveaxis(pixels[0], 0, -1), axes="YXC")
    values = normalized(image, channels=3, **before.normalization.model_dump())
    found = np.moveaxis(values, -1, 0)[None]
    for step in before.steps:
        found = step.applied(found)
    expected = by_core(model.inputs[0], pixels)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_without_postprocessing_the_cutoff_is_a_half():
    assert after_network([], file="a") == ([], 0.5)
