"""The probe of one package for another: how pictures are stored does not depend on the segmenter.

A probe first shrinks what its package's model is given to `SIDE`; a package with another input size
needs the same weights behind another shrinking.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx

from service.inference.manifest import read_package
from service.inference.session import Segmenter
from training.gates.export import FILE, PARITY, state_hash
from training.gates.network import SIDE


def take_probe(giver: Path, package: Path) -> Path:
    """Put the giver's probe into a package, with its hash; returns its file.

    Raises ValueError for a giver without one, for a size that is no multiple of `SIDE`, and where
    both probes differ by more than `PARITY` on the same picture.
    """
    theirs = read_package(giver)
    if theirs.storing_path is None:
        raise ValueError(f"{giver} has no probe")
    size = read_package(package).manifest.input.size
    graph = onnx.load(theirs.storing_path)
    shrink_from(graph, size)
    onnx.save(graph, package / FILE)
    state_hash(package / "manifest.yaml", package / FILE)
    _check_same(giver, package)
    return package / FILE


def shrink_from(model: onnx.ModelProto, size: int) -> None:
    """Change what a probe is given to (1, 1, size, size); raises ValueError."""
    if size % SIDE:
        raise ValueError(f"the probe shrinks by whole numbers: {size} is no multiple of {SIDE}")
    (pooling,) = (node for node in model.graph.node if node.op_type == "AveragePool")
    for attribute in pooling.attribute:
        if attribute.name in {"kernel_shape", "strides"}:
            attribute.ints[:] = [size // SIDE] * 2
    for axis in (2, 3):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_value = size
    onnx.checker.check_model(onnx.shape_inference.infer_shapes(model, strict_mode=True))


def _check_same(giver: Path, package: Path) -> None:
    small = np.random.default_rng(0).random((1, 1, SIDE, SIDE), dtype=np.float32)
    difference = float(np.abs(_answer(giver, small) - _answer(package, small)).max())
    if difference > PARITY:
        raise ValueError(f"the probes differ by {difference:.2e}, more than {PARITY:.0e}")


def _answer(home: Path, small: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    segmenter = Segmenter(read_package(home), ["CPUExecutionProvider"])
    times = segmenter.package.manifest.input.size // SIDE
    found = segmenter.storing(small.repeat(times, -1).repeat(times, -2))
    if found is None:
        raise ValueError(f"{home} has no probe")
    return found
