import json

import numpy as np
import onnx
import openvino
import pytest
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

from segmetry.errors import ModelError
from segmetry.models.contents import check_onnx, check_safetensors

PIXELS = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 1, 2, 2])
MAPS = helper.make_tensor_value_info("maps", TensorProto.FLOAT, [1, 1, 2, 2])


def elsewhere(place="secret.bin"):
    """Return a tensor of one number that lies in another file."""
    tensor = TensorProto(name="weight", data_type=TensorProto.FLOAT, dims=[1, 1, 1, 1])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": place, "offset": "0", "length": "4"}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


def here():
    return numpy_helper.from_array(np.full((1, 1, 1, 1), 3, np.float32), "weight")


def graph(*nodes, weights=()):
    conv = helper.make_node("Conv", ["pixels", "weight"], ["maps"])
    return helper.make_graph([*nodes, conv], "graph", [PIXELS], [MAPS], list(weights))


def network(graph_):
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph_, opset_imports=opset, ir_version=8)


def with_attribute(**values):
    return network(graph(helper.make_node("If", [], ["weight"], **values)))


def in_a_function():
    model = network(graph(weights=[here()]))
    node = helper.make_node("Constant", [], ["y"], value=elsewhere())
    opset = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("own", "f", [], ["y"], [node], opset))
    return model


def in_a_default_of_a_function():
    model = in_a_function()
    model.functions[0].ClearField("node")
    attribute = helper.make_attribute("value", elsewhere())
    model.functions[0].attribute_proto.append(attribute)
    return model


def in_training():
    model = network(graph(weights=[here()]))
    model.training_info.add().algorithm.CopyFrom(graph(weights=[elsewhere()]))
    return model


def sparse(weight):
    where = numpy_helper.from_array(np.zeros((1, 1), np.int64))
    return helper.make_sparse_tensor(weight, where, [1])


def in_sparse_weights():
    model = network(graph())
    model.graph.sparse_initializer.append(sparse_elsewhere())
    return model


def sparse_elsewhere():
    weight = elsewhere()
    weight.dims[:] = [1]
    return sparse(weight)


def deep_inside():
    inner = graph(weights=[elsewhere()])
    for _ in range(30):
        node = helper.make_node("If", ["c"], ["weight"], then_branch=inner)
        inner = graph(node)
    return network(inner)


PLACES = {
    "weights": lambda: network(graph(weights=[elsewhere()])),
    "a constant": lambda: network(
        graph(helper.make_node("Constant", [], ["weight"], value=elsewhere()))
    ),
    "a list of tensors": lambda: with_attribute(values=[elsewhere(), elsewhere()]),
    "a branch": lambda: with_attribute(then_branch=graph(weights=[elsewhere()])),
    "branches": lambda: with_attribute(branches=[graph(weights=[elsewhere()])] * 2),
    "a function": in_a_function,
    "a default of a function": in_a_default_of_a_function,
    "training": in_training,
    "sparse weights": in_sparse_weights,
    "a sparse constant": lambda: network(
        graph(helper.make_node("Constant", [], ["weight"], sparse_value=sparse_elsewhere()))
    ),
    "a list of sparse tensors": lambda: with_attribute(values=[sparse_elsewhere()] * 2),
    "thirty branches deep": deep_inside,
}


@pytest.mark.parametrize("place", PLACES)
def test_a_network_that_keeps_weights_in_another_file_is_refused(place):
    content = PLACES[place]().SerializeToString()
    with pytest.raises(ModelError, match=r"^model.onnx keeps weights in another file"):
        check_onnx(content, name="model.onnx")


def test_openvino_would_open_the_other_file(tmp_path, monkeypatch):
    # The reason of all this: if it fails one day, the check costs nothing all the same.
    monkeypatch.chdir(tmp_path)
    np.array([7], np.float32).tofile("secret.bin")
    content = network(graph(weights=[elsewhere()])).SerializeToString()
    core = openvino.Core()
    run = core.compile_model(core.read_model(content), "CPU")
    assert run(np.ones((1, 1, 2, 2), np.float32))[0].ravel().tolist() == [7] * 4


def test_a_network_that_holds_its_weights_passes():
    model = network(graph(weights=[here()]))
    check_onnx(model.SerializeToString(), name="model.onnx")
    model.graph.initializer[0].data_location = TensorProto.DEFAULT
    check_onnx(model.SerializeToString(), name="model.onnx")


def test_a_place_alone_is_refused_where_the_location_is_not_said():
    weight = elsewhere()
    weight.ClearField("data_location")
    content = network(graph(weights=[weight])).SerializeToString()
    with pytest.raises(ModelError, match="another file"):
        check_onnx(content, name="model.onnx")


def key(number, wire):
    return number << 3 | wire


@pytest.mark.parametrize(
    "content",
    {
        "empty": b"",
        "text": b"<?xml version='1.0'?><net/>",
        "no graph": b"\x08\x08",
        "no version": bytes([key(7, 2), 0]),
        "graph is a number": bytes([8, 8, key(7, 0), 0]),
        "longer than the file": bytes([8, 8, key(7, 2), 100]),
        "group": bytes([8, 8, key(7, 2), 0, key(9, 3)]),
        "field 0": bytes([8, 8, key(7, 2), 0, 0, 0]),
        "endless number": b"\x08" + b"\x80" * 11,
        "number cut off": b"\x08\x08\x80",
        "four bytes cut off": bytes([8, 8, key(7, 2), 0, key(9, 5), 0, 0]),
        "eight bytes cut off": bytes([8, 8, key(7, 2), 0, key(9, 1), 0, 0, 0, 0]),
        # Cut to 32 bits, this key would be that of a graph.
        "key above 32 bits": bytes([8, 8, key(7, 2), 0, 0x80 | key(7, 2)])
        + b"\x80\x80\x80\x10\x00",
        "pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00",
    }.items(),
    ids=lambda item: item[0],
)
def test_what_is_no_network_is_refused(content):
    with pytest.raises(ModelError, match=r"^model.onnx is no ONNX network; get it again$"):
        check_onnx(content[1], name="model.onnx")


def test_fixed_size_numbers_are_stepped_over():
    fixed = bytes([key(9, 5), *[0xFF] * 4, key(10, 1), *[0xFF] * 8])
    check_onnx(bytes([8, 8, key(7, 2), 0]) + fixed, name="model.onnx")


def test_more_fields_than_any_network_has_are_refused_soon():
    content = bytes([8, 8]) * 310_000 + bytes([key(7, 2), 0])
    with pytest.raises(ModelError, match="no ONNX network"):
        check_onnx(content, name="model.onnx")


def said_of(content):
    try:
        check_onnx(content, name="model.onnx")
    except ModelError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("seed", range(100))
def test_a_damaged_network_passes_or_is_refused_in_one_sentence(seed):
    rng = np.random.default_rng(seed)
    content = bytearray(deep_inside().SerializeToString())
    for position in rng.integers(0, len(content), rng.integers(1, 4)):
        content[position] = rng.integers(0, 256)
    said = said_of(bytes(content[: rng.integers(1, len(content))]))
    assert said == "" or said.startswith("model.onnx ")


def hides_a_file(content):
    """Whether onnx finds a weight that lies elsewhere in a network like "a branch"."""
    try:
        model = onnx.ModelProto.FromString(content)
    except DecodeError:
        return False
    branches = [a.g for node in model.graph.node for a in node.attribute]
    tensors = [tensor for branch in branches for tensor in branch.initializer]
    return any(tensor.data_location == TensorProto.EXTERNAL for tensor in tensors)


@pytest.mark.parametrize("seed", range(100))
def test_no_change_of_a_byte_hides_another_file(seed):
    rng = np.random.default_rng(seed)
    content = bytearray(PLACES["a branch"]().SerializeToString())
    assert hides_a_file(bytes(content))
    content[rng.integers(0, len(content))] = rng.integers(0, 256)
    assert said_of(bytes(content)) or not hides_a_file(bytes(content))


@pytest.mark.parametrize("seed", range(20))
def test_what_safetensors_writes_passes(seed):
    rng = np.random.default_rng(seed)
    kinds = [np.float32, np.float16, np.float64, np.int64, np.int32, np.uint8]
    tensors = {
        f"layer.{number}": np.zeros(
            rng.integers(0, 5, rng.integers(0, 4)), rng.choice(kinds)
        )
        for number in range(rng.integers(1, 8))
    }
    content = save(tensors, metadata={"note": "any"})
    check_safetensors(content, name="weights.safetensors")


def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def one(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"a": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


@pytest.mark.parametrize(
    "content",
    {
        "empty": b"",
        "huge header": (2**62).to_bytes(8, "little") + b"{}",
        "large header": safetensors(b"{" + b" " * 2**20 + b"}"),
        "no json": safetensors(b"{'a'"),
        "no text": safetensors(b"\xff\xfe"),
        "deep": safetensors(b"[" * 100_000),
        "a list": safetensors([]),
        "a number": safetensors({"a": 3}),
        "no offsets": safetensors({"a": {"dtype": "F32", "shape": [2]}}, bytes(8)),
        "unknown numbers": safetensors(one("OBJECT"), bytes(8)),
        "too short": safetensors(one(shape=(3,)), bytes(8)),
        "gap at first": safetensors(one(offsets=(1, 9)), bytes(9)),
        "rest at last": safetensors(one(), bytes(9)),
        "not all there": safetensors(one(), bytes(7)),
        "negative": safetensors(one(shape=(-1, -2)), bytes(8)),
        "no whole number": safetensors(one(shape=(2.0,)), bytes(8)),
        "three offsets": safetensors(one(offsets=(0, 8, 8)), bytes(8)),
        "text as offsets": safetensors(one(offsets="ab"), bytes(8)),
        "overlap": safetensors({**one(), "b": one()["a"]}, bytes(8)),
    }.items(),
    ids=lambda item: item[0],
)
def test_weights_that_do_not_fit_their_header_are_refused(content):
    said = r"^weights.safetensors is no proper safetensors file; get it again$"
    with pytest.raises(ModelError, match=said):
        check_safetensors(content[1], name="weights.safetensors")
