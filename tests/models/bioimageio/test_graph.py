"""A network with other ways in and out computes what it should."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, load_from_string
from onnx.reference import ReferenceEvaluator

from segmetry.errors import ModelError
from segmetry.models.bioimageio.graph import Arithmetic, adapted, ports_of

AXES = ("batch", "channel", "y", "x")
ORDERS = st.permutations(AXES)
NUMBERS = st.floats(-3, 3, width=32)


def same(*, opset=17, kind=TensorProto.FLOAT, shape=(None,) * 4, names=("p", "q")):
    """ONNX of a network that gives what it takes."""
    ports = [
        helper.make_tensor_value_info(
            name, kind, [side or f"s{k}" for k, side in enumerate(shape)]
        )
        for name in names
    ]
    node = helper.make_node("Identity", [names[0]], [names[1]])
    graph = helper.make_graph([node], "same", ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    return model.SerializeToString()


def run(content, values):
    model = load_from_string(content)
    with np.errstate(all="ignore"):  # the reference warns of great numbers
        (result,) = ReferenceEvaluator(model).run(None, {model.graph.input[0].name: values})
    return result


def values(seed=0, channels=3):
    shape = (2, channels, 4, 5)
    return np.random.default_rng(seed).normal(0, 2, shape).astype(np.float32)


def steps(channels):
    each = st.tuples(*[NUMBERS] * channels)
    limits = st.tuples(NUMBERS, NUMBERS).map(sorted)
    return st.one_of(
        st.builds(Arithmetic, st.just("linear"), each, each),
        st.builds(lambda a: Arithmetic("clip", (a[0],), (a[1],)), limits),
        st.just(Arithmetic("sigmoid")),
        st.just(Arithmetic("softmax")),
        st.builds(Arithmetic, st.just("mix"), st.tuples(*[each] * channels), each),
    )


@settings(max_examples=40, deadline=None)
@given(
    before=st.lists(steps(3), max_size=3),
    after=st.lists(steps(3), max_size=3),
    axes_in=ORDERS,
    seed=st.integers(0, 99),
)
def test_the_network_computes_what_the_steps_say(before, after, axes_in, seed):
    content = adapted(
        same(), name="a", before=before, after=after, axes_in=axes_in, axes_out=axes_in
    )
    expected = values(seed)
    for step in [*before, *after]:
        expected = step.applied(expected)
    np.testing.assert_allclose(run(content, values(seed)), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_other_numbers_are_converted(kind):
    result = run(adapted(same(kind=kind), name="a"), values())
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, values(), atol=2e-3)


@pytest.mark.parametrize("opset", [9, 11, 13, 20])
def test_old_and_new_operators_do_the_same(opset):
    after = [Arithmetic("softmax"), Arithmetic("clip", (0.1,), (0.9,))]
    expected = after[1].applied(after[0].applied(values()))
    found = run(adapted(same(opset=opset), name="a", after=after), values())
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_names_of_ours_that_are_taken_do_no_harm():
    names = ("segmetry_1", "segmetry_2")
    content = adapted(same(names=names), name="a", before=[Arithmetic("sigmoid")])
    np.testing.assert_allclose(
        run(content, values()), 1 / (1 + np.exp(-values())), atol=1e-6
    )


def test_sizes_that_a_network_insists_on_are_kept():
    content = same(shape=(1, None, 48, 48))
    ports = ports_of(content, name="a")
    assert ports.sides == (1, None, 48, 48)
    assert ports.opset == 17
    assert ports_of(adapted(content, name="a"), name="a").sides == (1, None, 48, 48)


def test_what_is_no_network_is_refused():
    with pytest.raises(ModelError, match="a.onnx is no ONNX network"):
        ports_of(b"\xff" * 20, name="a.onnx")
    with pytest.raises(ModelError, match="a.onnx is no ONNX network"):
        ports_of(same().replace(b"\x01p", b"\x01\xff"), name="a.onnx")
    several = load_from_string(same())
    several.graph.output.append(several.graph.output[0])
    with pytest.raises(ModelError, match="1 inputs and 2 outputs"):
        ports_of(several.SerializeToString(), name="a.onnx")
    wrong = load_from_string(same())
    wrong.graph.node[0].input[0] = "nobody"
    with pytest.raises(ModelError, match="no proper ONNX network"):
        adapted(wrong.SerializeToString(), name="a.onnx")
