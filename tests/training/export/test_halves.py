"""Half the bytes; what is computed is computed as before."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from training.export.halves import FEWEST, write_halved

LENGTH = FEWEST + 96


def write_product(path: Path, weights: np.ndarray) -> None:  # type: ignore[type-arg]
    """Write a graph that multiplies its input by `weights` and adds a short constant."""
    nodes = [
        helper.make_node("Mul", ["given", "weights"], ["product"]),
        helper.make_node("Add", ["product", "one"], ["found"]),
    ]
    values = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, [LENGTH]) for n in ("given", "found")
    ]
    constants = [
        numpy_helper.from_array(weights.astype(np.float32), "weights"),
        numpy_helper.from_array(np.array([1 + 2**-20], np.float32), "one"),
    ]
    graph = helper.make_graph(nodes, "product", values[:1], values[1:], constants)
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
    onnx.save(model, path)


def run(path: Path) -> np.ndarray:  # type: ignore[type-arg]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"given": np.ones(LENGTH, np.float32)})
    return np.asarray(found)


def test_long_weights_are_rounded_to_half_precision_and_short_ones_kept(tmp_path: Path) -> None:
    weights = np.linspace(-3, 3, LENGTH)
    write_product(tmp_path / "wide.onnx", weights)

    write_halved(tmp_path / "wide.onnx", tmp_path / "half.onnx")

    expected = weights.astype(np.float16).astype(np.float32) + np.float32(1 + 2**-20)
    assert np.array_equal(run(tmp_path / "half.onnx"), expected)


def test_a_value_beyond_the_range_of_half_precision_stays_finite(tmp_path: Path) -> None:
    write_product(tmp_path / "wide.onnx", np.full(LENGTH, 1e9))

    write_halved(tmp_path / "wide.onnx", tmp_path / "half.onnx")

    assert np.isfinite(run(tmp_path / "half.onnx")).all()
